//! What an older connector left in one mailbox and in the CRM, read and never written.

use crate::pair::as_absence;
use crate::worker::Worker;
use crate::{EngineError, policy};
use futures_util::{StreamExt, stream};
use std::collections::{BTreeMap, BTreeSet};
use tandem_crm_port::{Answer, Change, Command, CurrentRecord, ForeignKey, Outcome, RecordState, Window};
use tandem_graph::{Class, Collection, ExchangeIdForm, Next, Remote};
use tandem_model::{GraphId, Item, Kind, RecordId, Stamp};
use tandem_store::State;

use super::{LEFT, UNDECIDED};
use crate::worker::PACKAGE;

/// Changes in one answer, and links in one page.
const PAGE: u32 = 200;

/// Everything of one kind that matters to a migration of one mailbox.
#[derive(Default)]
pub(super) struct Left {
    /// Records that are there, with their items.
    pub records: BTreeMap<RecordId, LeftItem>,
    /// Copies that are there.
    pub copies: BTreeMap<GraphId, Remote>,
    /// Which record a copy is linked to already.
    pub linked: BTreeMap<GraphId, RecordId>,
    /// Records and copies that an earlier migration left to a person who has not decided.
    pub undecided: (BTreeSet<RecordId>, BTreeSet<GraphId>),
    /// What a noted id is today.
    pub translated: BTreeMap<String, GraphId>,
    /// What could not be found out.
    pub notes: Vec<String>,
}

/// A record with what was noted about it.
pub(super) struct LeftItem {
    pub item: Item,
    /// Our own keys.
    pub keys: Vec<String>,
    /// Ids that other connectors noted.
    pub foreign: Vec<String>,
}

impl Worker {
    /// Reads one kind. `rep_id` is the rep's number in the CRM.
    pub(super) async fn left(&self, kind: Kind, rep_id: &str) -> Result<Left, EngineError> {
        let foreign = self.parts.crm.foreign_keys(rep_id, kind).await?;
        let mut left = Left::default();
        let known = self.read_links(kind, &mut left).await?;
        left.copies = self.present_copies(kind).await?;
        left.copies.retain(|id, _| !known.1.contains(id));
        left.records = self.present_records(kind, foreign).await?;
        left.records.retain(|id, _| !known.0.contains(id));
        let noted = left.records.values().flat_map(|record| record.foreign.iter().cloned()).collect();
        let (translated, note) = self.translate(kind, &noted).await?;
        left.translated = translated;
        left.notes.extend(note);
        Ok(left)
    }

    /// What the store says of the mailbox already. Answers the records and copies that are settled in any other way than
    /// by a link, which are no business of a migration.
    async fn read_links(
        &self,
        kind: Kind,
        left: &mut Left,
    ) -> Result<(BTreeSet<RecordId>, BTreeSet<GraphId>), EngineError> {
        let (mut records, mut copies) = (BTreeSet::new(), BTreeSet::new());
        if self.mailbox.epoch == tandem_store::Epoch::default() && !self.is_in_store().await? {
            return Ok((records, copies));
        }
        let mut after = None;
        loop {
            let page = self.parts.store.links(self.id(), kind, after, PAGE as usize).await?;
            let Some(last) = page.last() else { return Ok((records, copies)) };
            after = last.link.id;
            for linked in page {
                let (link, record) = (linked.link, linked.object.and_then(|object| object.record));
                match (link.state, link.reason.as_str()) {
                    (State::Skipped, UNDECIDED) => {
                        left.undecided.0.extend(record);
                        left.undecided.1.extend(link.graph);
                    }
                    (State::Skipped, LEFT) => {
                        records.extend(record);
                        copies.extend(link.graph);
                    }
                    _ => match (link.graph, record) {
                        (Some(graph), Some(record)) => {
                            left.linked.insert(graph, record);
                        }
                        (graph, record) => {
                            copies.extend(graph);
                            records.extend(record);
                        }
                    },
                }
            }
        }
    }

    pub(crate) async fn is_in_store(&self) -> Result<bool, EngineError> {
        let known = self.parts.store.mailboxes().await?;
        Ok(known.iter().any(|mailbox| mailbox.seed.id == *self.id()))
    }

    /// The copies of a kind that are in the mailbox, as far as policy lets them be seen.
    pub(crate) async fn present_copies(&self, kind: Kind) -> Result<BTreeMap<GraphId, Remote>, EngineError> {
        let collections = match kind {
            Kind::Mail => self.input_collections().await?,
            Kind::Absence => self.collections(Kind::Appointment).await?,
            kind => self.collections(kind).await?,
        };
        let mut copies = BTreeMap::new();
        for (_, collection) in collections {
            self.read_collection(&collection, &mut copies).await?;
        }
        let private = self.policy(kind).private;
        copies.retain(|_, remote| private || !is_private(&remote.item));
        Ok(match kind {
            Kind::Absence => {
                let absences = copies.into_values().filter_map(as_absence);
                absences.map(|remote| (remote.id.clone(), remote)).collect()
            }
            _ => copies,
        })
    }

    async fn read_collection(
        &self,
        collection: &Collection,
        copies: &mut BTreeMap<GraphId, Remote>,
    ) -> Result<(), EngineError> {
        let mut position = None;
        loop {
            let page = self.graph.delta(collection, position.as_deref()).await?;
            let seen = self.sort(page.changes).await?;
            copies.extend(seen.present.into_iter().map(|(id, remote)| (id, *remote)));
            match page.next {
                Next::More(next) => position = Some(next),
                Next::Done(_) => return Ok(()),
            }
        }
    }

    async fn present_records(
        &self,
        kind: Kind,
        foreign: Vec<ForeignKey>,
    ) -> Result<BTreeMap<RecordId, LeftItem>, EngineError> {
        let mut noted: BTreeMap<RecordId, Vec<String>> = BTreeMap::new();
        for key in foreign {
            noted.entry(key.record).or_default().push(key.key);
        }
        let mut records = BTreeMap::new();
        let mut since = Stamp(0);
        loop {
            let window =
                policy::window(&self.parts.settings, kind, self.now).map(|(from, to)| Window { from, to });
            let asked = Command::Changes { kind, since, window, limit: PAGE };
            let page = match self.ask_crm(vec![asked]).await?.pop() {
                Some(Answer::Changes(page)) => page,
                Some(Answer::Status(status)) if status.outcome == Outcome::Forbidden => break,
                _ => return Err(EngineError::Answer { what: "Changes" }),
            };
            since = page.next;
            records.extend(page.changes.into_iter().filter_map(|change| present(change, &noted)));
            if !page.more {
                break;
            }
        }
        // E-mails are never reported, nor is what lies outside the time frame: what was noted is asked for by its id.
        let missing: Vec<RecordId> =
            noted.keys().filter(|record| !records.contains_key(record)).cloned().collect();
        for package in missing.chunks(PACKAGE) {
            let asked = package.iter().map(|record| Command::Get { record: record.clone(), kind });
            for answer in self.ask_crm(asked.collect()).await? {
                if let Answer::Record(CurrentRecord::Known(change)) = answer {
                    records.extend(present(change, &noted));
                }
            }
        }
        Ok(records)
    }

    /// What the noted ids are today, and a note on what could not be found out. A tenant that does not let the
    /// application translate is no reason to give up: the items are looked for one by one, and the other evidence counts.
    pub(crate) async fn translate(
        &self,
        kind: Kind,
        noted: &BTreeSet<String>,
    ) -> Result<(BTreeMap<String, GraphId>, Option<String>), EngineError> {
        let ews: Vec<String> = noted.iter().filter(|id| is_ews(id)).cloned().collect();
        let entries: BTreeMap<String, String> = noted
            .iter()
            .filter(|id| is_entry(id))
            .filter_map(|id| Some((ExchangeIdForm::entry_id(id)?, id.clone())))
            .collect();
        let asked: Vec<String> = entries.keys().cloned().collect();
        let found = async {
            let mut found = self.graph.translate_ids(ExchangeIdForm::Ews, &ews).await?;
            let of_entries = self.graph.translate_ids(ExchangeIdForm::Entry, &asked).await?;
            found.extend(of_entries.into_iter().filter_map(|(id, to)| Some((entries.get(&id)?.clone(), to))));
            Ok::<_, tandem_graph::GraphError>(found)
        };
        match found.await {
            Ok(found) => Ok((found, None)),
            Err(error) if matches!(error.class(), Class::Denied | Class::Rejected) => {
                let found = self.look_for(kind, &ews).await?;
                let note = format!(
                    "{}: the application may not translate the ids that the older connector noted; {} of {} were found \
                     by reading the items, the rest is matched by global keys and by what items say: {error}",
                    self.mailbox.seed.address,
                    found.len(),
                    ews.len() + asked.len(),
                );
                Ok((found, Some(note)))
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn look_for(&self, kind: Kind, ews: &[String]) -> Result<BTreeMap<String, GraphId>, EngineError> {
        let looked =
            stream::iter(ews).map(|id| async move { (id, self.graph.find_by_ews_id(kind, id).await) });
        let looked: Vec<_> = looked.buffered(4).collect().await;
        let mut found = BTreeMap::new();
        for (id, graph) in looked {
            found.extend(graph?.map(|graph| (id.clone(), graph)));
        }
        Ok(found)
    }
}

fn present(change: Change, noted: &BTreeMap<RecordId, Vec<String>>) -> Option<(RecordId, LeftItem)> {
    let RecordState::Present { item, .. } = change.state else { return None };
    let foreign = noted.get(&change.record).cloned().unwrap_or_default();
    Some((change.record, LeftItem { item: *item, keys: change.keys, foreign }))
}

fn is_private(item: &Item) -> bool {
    matches!(item, Item::Appointment(appointment) if appointment.private)
}

/// Whether a noted id looks like one of Exchange Web Services, or like Graph's default form of the same.
pub(super) fn is_ews(id: &str) -> bool {
    let sign = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_');
    id.starts_with("AAMk") && id.bytes().all(sign)
}

/// Whether a noted id looks like a MAPI entry id: hexadecimal, beginning with four zero bytes of flags. (An iCalUId is
/// hexadecimal too and begins with `040000008200E00074C5B7101A82E008`.)
pub(super) fn is_entry(id: &str) -> bool {
    id.len() >= 40 && id.starts_with("00000000") && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_told_apart_by_their_form() {
        assert!(is_ews("AAMkADk3+a/b=") && !is_ews("<1@example.com>"));
        assert!(is_entry(&format!("00000000{}", "AB".repeat(20))));
        assert!(!is_entry("040000008200E00074C5B7101A82E00800000000"));
    }
}
