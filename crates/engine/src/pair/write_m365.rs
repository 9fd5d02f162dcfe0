//! Apply in Microsoft 365: one write to a copy at most, four copies at a time.

use super::Work;
use super::decide::kept_role;
use super::work::Ending;
use crate::EngineError;
use crate::worker::Worker;
use futures_util::StreamExt;
use futures_util::stream;
use std::borrow::Cow;
use tandem_graph::{Class, GraphError, Place, makes_one_of_a_key};
use tandem_model::{Document, Item, Kind};
use tandem_reconcile::M365Write;
use tandem_store::{Role, State};

/// Requests that Graph lets an application have under way in a mailbox.
const AT_ONCE: usize = 4;

/// A work whose write to Microsoft 365 failed.
type Failed = Box<(Work, GraphError)>;

impl Worker {
    /// Writes to Microsoft 365 what the plans say. Answers which works have to be planned again.
    pub(crate) async fn write_m365(&self, works: &mut [Work]) -> Result<Vec<usize>, EngineError> {
        let mut again = self.meet_copies(works).await?;
        // Whatever was reserved and not sent when a worker ends has to wait, where Exchange would make two items of one key.
        let at_once = |work: &Work| if makes_one_of_a_key(work.link.kind) { usize::MAX } else { AT_ONCE };
        let part = works.first().map_or(AT_ONCE, at_once);
        for (number, works) in works.chunks_mut(part).enumerate() {
            let first = number.saturating_mul(part);
            again.extend(self.write_part(works).await?.into_iter().map(|index| first + index));
        }
        Ok(again)
    }

    async fn write_part(&self, works: &mut [Work]) -> Result<Vec<usize>, EngineError> {
        self.reserve_creates(works).await?;
        let todo: Vec<usize> =
            (0..works.len()).filter(|index| works.get(*index).is_some_and(has_m365_write)).collect();
        let asked: Vec<(usize, Work)> =
            todo.iter().filter_map(|index| Some((*index, works.get(*index)?.clone()))).collect();
        let ended: Vec<(usize, Result<Work, Failed>)> = stream::iter(asked)
            .map(|(index, work)| async move { (index, self.write_one(work).await) })
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        let (mut again, mut fatal) = (Vec::new(), None);
        for (index, outcome) in ended {
            let Some(slot) = works.get_mut(index) else { continue };
            match outcome {
                Ok(mut work) => {
                    if std::mem::take(&mut work.written.tied) {
                        again.push(index);
                    }
                    *slot = work;
                }
                Err(failed) => {
                    let (work, error) = *failed;
                    *slot = work;
                    match error.class() {
                        Class::Changed | Class::Gone => again.push(index),
                        // What the others did has to be known all the same.
                        Class::Fatal | Class::Denied => fatal = Some(error.into()),
                        Class::Rejected => {
                            slot.ending = Some(Ending {
                                state: State::Refused,
                                reason: "refused-by-m365".to_owned(),
                                detail: error.to_string(),
                                due: None,
                            });
                        }
                        Class::Retry { after } => {
                            let mut ending = self.failed(slot, "m365-error", &error.to_string());
                            ending.due = Some(self.retry_at(slot.link.attempts, after));
                            slot.ending = Some(ending);
                        }
                        Class::Ambiguous | Class::Resync => {
                            slot.written.unused = false;
                            let mut ending = self.failed(slot, "m365-unclear", &error.to_string());
                            ending.due = self.tried_again(slot).or(ending.due);
                            slot.ending = Some(ending);
                        }
                    }
                }
            }
        }
        fatal.map_or(Ok(again), Err)
    }

    async fn write_one(&self, mut work: Work) -> Result<Work, Failed> {
        let Some(plan) = work.plan.clone() else { return Ok(work) };
        let Some(write) = &plan.m365 else { return Ok(work) };
        let item = match self.as_the_copy_says(&work, &plan.document).item(work.link.kind) {
            Ok(item) => Some(item),
            Err(_) if *write == M365Write::Delete => None,
            Err(error) => {
                work.ending = Some(self.failed(&work, "unreadable", &error.to_string()));
                return Ok(work);
            }
        };
        let outcome = match (write, item) {
            (M365Write::Create { invite }, Some(item)) => {
                Box::pin(self.create(&mut work, &item, *invite)).await
            }
            (M365Write::Update { fields }, Some(item)) => {
                Box::pin(self.update(&mut work, &item, fields)).await
            }
            _ => self.delete(&mut work).await,
        };
        match outcome {
            Ok(()) => Ok(work),
            Err(error) if error.class() == Class::Ambiguous && self.look_after(&mut work).await => Ok(work),
            Err(error) => Err(Box::new((work, error))),
        }
    }

    /// A document with people as the copy names them, where there is one.
    fn as_the_copy_says<'d>(&self, work: &Work, document: &'d Document) -> Cow<'d, Document> {
        let known_as = &self.roster.known_as;
        if known_as.is_empty() || work.link.kind != Kind::Appointment || work.link.graph.is_none() {
            return Cow::Borrowed(document);
        }
        let seen = work.remote().map(|remote| Document::of(&remote.item));
        match seen.or_else(|| work.link.base.as_ref().map(|base| base.m365.clone())) {
            Some(held) => Cow::Owned(known_as.as_in(document.clone(), &held)),
            None => Cow::Borrowed(document),
        }
    }

    /// Nobody heard what became of a write: what is there now? Answers whether it can be planned again with that. Where
    /// a create is not found it may still be under way, and only a later cycle tries it again.
    async fn look_after(&self, work: &mut Work) -> bool {
        let kind = work.link.kind;
        let creates =
            matches!(work.plan.as_ref().map(|plan| &plan.m365), Some(Some(M365Write::Create { .. })));
        if creates {
            let Some(key) = work.written.key.clone() else { return false };
            let Ok(Some(found)) = self.graph.find_by_key(kind, &key).await else { return false };
            work.tie(found, work.written.sent.clone(), planned_role(work));
        } else {
            let Some(id) = work.link.graph.clone() else { return false };
            if self.graph.read(kind, &id, work.link.place.as_deref()).await.is_err() {
                return false;
            }
        }
        work.written
            .steps
            .push(("unheard".to_owned(), "a write was not answered; looked what is there".to_owned()));
        work.written.tied = true;
        true
    }

    async fn create(&self, work: &mut Work, item: &Item, invite: bool) -> Result<(), GraphError> {
        let Some(key) = work.written.key.clone() else { return Ok(()) };
        let kind = work.link.kind;
        // A key that a crash left behind may have an item already.
        let found = if work.written.key_left { self.graph.find_by_key(kind, &key).await? } else { None };
        // What was looked for, and can arrive no more, was not made; an event may be the one of an earlier try.
        work.written.unused = !work.written.key_left || !makes_one_of_a_key(kind);
        if found.is_none() && !self.is_reserved_just_now(work) {
            let late = "requests before it took too long; it is tried again";
            work.ending = Some(self.failed(work, "m365-error", late));
            return Ok(());
        }
        let (remote, code, text) = match found {
            Some(found) => (found, "found-after-crash", "an earlier try had created it in Microsoft 365"),
            None => {
                let place = Place { container: None, invite };
                let remote = self.graph.create(item, &key, &place).await?;
                self.wrote(1);
                (remote, "created-in-m365", "created in Microsoft 365")
            }
        };
        work.written.steps.push((code.to_owned(), text.to_owned()));
        if work.written.key_left {
            // What was found, or came back under a key that was used before, may be what an earlier try wrote.
            work.written.earlier.extend(work.plan.iter().flat_map(|plan| plan.reasons.clone()));
            work.tie(remote, work.written.sent.clone(), planned_role(work));
            work.written.tied = true;
            return Ok(());
        }
        work.link.place.clone_from(&remote.facts.folder);
        work.written.m365 = Some(Box::new(remote));
        Ok(())
    }

    async fn update(
        &self,
        work: &mut Work,
        item: &Item,
        fields: &std::collections::BTreeSet<String>,
    ) -> Result<(), GraphError> {
        let Some(id) = work.link.graph.clone() else { return Ok(()) };
        let etag = work.remote().map(|remote| remote.etag.clone()).or_else(|| work.link.etag.clone());
        let stored = work.link.base.as_ref().and_then(|base| base.m365.item(work.link.kind).ok());
        let before = work.remote().map(|remote| remote.item.clone()).or(stored);
        let list = work.link.place.clone();
        let remote =
            self.graph.update(&id, etag.as_ref(), item, before.as_ref(), fields, list.as_deref()).await?;
        self.wrote(1);
        let names = fields.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        work.written.steps.push(("updated-in-m365".to_owned(), format!("updated in Microsoft 365: {names}")));
        work.written.m365 = Some(Box::new(remote));
        Ok(())
    }

    async fn delete(&self, work: &mut Work) -> Result<(), GraphError> {
        let Some(id) = work.link.graph.clone() else { return Ok(()) };
        let etag = work.remote().map(|remote| remote.etag.clone()).or_else(|| work.link.etag.clone());
        self.graph.delete(work.link.kind, &id, etag.as_ref(), work.link.place.as_deref()).await?;
        self.wrote(1);
        work.written.m365_deleted = true;
        work.written.steps.push(("deleted-in-m365".to_owned(), "deleted in Microsoft 365".to_owned()));
        Ok(())
    }
}

/// What a copy that is made is to its object.
fn planned_role(work: &Work) -> Role {
    work.plan.as_ref().map_or(work.link.role, |plan| kept_role(plan.role))
}

/// Whether something is still to be written to Microsoft 365.
pub(super) fn has_m365_write(work: &Work) -> bool {
    work.ending.is_none()
        && work.written.m365.is_none()
        && !work.written.m365_deleted
        && work.plan.as_ref().is_some_and(|plan| plan.m365.is_some())
}
