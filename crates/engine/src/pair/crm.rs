//! Observe the CRM: what changed since the anchors.

use super::decide::UNTOLD;
use super::work::SUSPECT;
use super::{CrmSeen, M365Seen, Work};
use crate::worker::Worker;
use crate::{EngineError, policy};
use std::collections::{BTreeMap, BTreeSet};
use tandem_crm_port::{Answer, Change, ChangePage, Command, Outcome, RecordState, Window};
use tandem_model::{Kind, RecordId, Stamp};
use tandem_reconcile::Reason;
use tandem_store::{Cursor, Link, Linked, State};

/// Mark of a position within the first reading.
const FIRST: &str = "first";

/// Changes in one answer.
const PAGE: u32 = 50;

/// How far a kind's changes are read, and up to which end of the time frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Anchor {
    stamp: Stamp,
    frame_end: Option<jiff::Timestamp>,
    /// The CRM is read for the first time: what is found there is no deliberate change of today.
    first: bool,
    /// The CRM did not know the anchor: stamps that were noted count for nothing.
    anew: bool,
}

impl Anchor {
    fn parse(position: Option<&str>) -> Self {
        let mut parts = position.unwrap_or_default().split('|');
        let mut next = || parts.next().unwrap_or_default();
        let (stamp, end, first) = (next(), next(), next());
        Self {
            stamp: Stamp(stamp.parse().unwrap_or(0)),
            frame_end: end.parse().ok(),
            first: position.is_none() || first == FIRST,
            anew: false,
        }
    }

    fn position(self) -> String {
        let end = self.frame_end.map(|end| end.to_string()).unwrap_or_default();
        format!("{}|{end}|{}", self.stamp, if self.first { FIRST } else { "" })
    }
}

/// The name of a kind's anchor in the store. Stores hold these names: another one would read the CRM anew.
fn cursor_name(kind: Kind) -> String {
    let name = match kind {
        Kind::Mail => "application/x-mmRecord",
        Kind::Absence => "text/x-mmAbsences",
        Kind::Contact => "text/x-mmPerson",
        Kind::Task => "text/x-mmTasks",
        Kind::Appointment => "text/x-vevent",
    };
    format!("crm:{name}")
}

impl Worker {
    /// Asks for the changes of all these kinds at once and settles them, page by page.
    pub(crate) async fn observe_crm(&self, kinds: &BTreeSet<Kind>) -> Result<(), EngineError> {
        let mut open: BTreeMap<Kind, Anchor> = BTreeMap::new();
        for kind in kinds {
            let position = self.parts.store.cursor(self.id(), &cursor_name(*kind)).await?;
            let anchor = self.widened(*kind, Anchor::parse(position.as_deref())).await?;
            open.insert(*kind, anchor);
        }
        while !open.is_empty() {
            let asked: Vec<Kind> = open.keys().copied().collect();
            let commands =
                open.iter().map(|(kind, anchor)| self.changes(*kind, anchor.stamp, None)).collect();
            let answers = self.ask_crm(commands).await?;
            for (kind, answer) in asked.into_iter().zip(answers) {
                let Some(anchor) = open.get_mut(&kind) else { continue };
                let before = *anchor;
                if anchor.stamp > Stamp(0) && is_unknown_anchor(&answer) {
                    tracing::warn!(mailbox = %self.mailbox.seed.address, %kind, "the CRM does not know the anchor; all is read anew");
                    (anchor.stamp, anchor.anew) = (Stamp(0), true);
                    continue;
                }
                let page = page(answer)?;
                anchor.stamp = page.next;
                anchor.first &= page.more;
                let position = Some(anchor.position());
                let moved = before.position() != anchor.position();
                let cursors =
                    if moved { vec![Cursor { collection: cursor_name(kind), position }] } else { Vec::new() };
                if !page.more {
                    open.remove(&kind);
                }
                self.settle_changes(kind, page.changes, cursors, before).await?;
            }
        }
        Ok(())
    }

    /// When the time frame has moved on since the last time, what lies in the days that it gained is asked for from
    /// the beginning, for it may not have changed since it was left out.
    async fn widened(&self, kind: Kind, anchor: Anchor) -> Result<Anchor, EngineError> {
        let end = policy::window(&self.parts.settings, kind, self.now).map(|(_, to)| to);
        let widened = Anchor { frame_end: end, ..anchor };
        if let (Some(old), Some(new)) = (anchor.frame_end, end)
            && new > old
            && anchor.stamp > Stamp(0)
        {
            let mut since = Stamp(0);
            loop {
                let gained = Window { from: old, to: new };
                let answers = self.ask_crm(vec![self.changes(kind, since, Some(gained))]).await?;
                let answer = answers.into_iter().next().ok_or(EngineError::Answer { what: "Alert" })?;
                let page = page(answer)?;
                since = page.next;
                self.settle_changes(kind, page.changes, Vec::new(), anchor).await?;
                if !page.more {
                    break;
                }
            }
            let position = Some(widened.position());
            let cursor = Cursor { collection: cursor_name(kind), position };
            self.commit(tandem_store::Commit { cursors: vec![cursor], ..Default::default() }).await?;
        }
        Ok(widened)
    }

    fn changes(&self, kind: Kind, since: Stamp, gained: Option<Window>) -> Command {
        let frame =
            policy::window(&self.parts.settings, kind, self.now).map(|(from, to)| Window { from, to });
        Command::Changes { kind, since, window: gained.or(frame), limit: PAGE }
    }

    /// Whether the CRM was never read to the end for a kind.
    pub(crate) async fn is_first_reading(&self, kind: Kind) -> Result<bool, EngineError> {
        let position = self.parts.store.cursor(self.id(), &cursor_name(kind)).await?;
        Ok(Anchor::parse(position.as_deref()).first)
    }

    async fn settle_changes(
        &self,
        kind: Kind,
        changes: Vec<Change>,
        cursors: Vec<Cursor>,
        anchor: Anchor,
    ) -> Result<(), EngineError> {
        let policy = self.policy(kind);
        let records: Vec<RecordId> = changes.iter().map(|change| change.record.clone()).collect();
        let mut links = BTreeMap::new();
        if !records.is_empty() {
            for linked in self.parts.store.links_by_record(self.id(), kind, &records).await? {
                let record = linked.object.as_ref().and_then(|object| object.record.clone());
                if let Some(record) = record {
                    links.entry(record).or_insert_with(Vec::new).push(linked);
                }
            }
        }
        let objects = self.parts.store.objects_by_record(kind, &records).await?;
        let mut works = Vec::new();
        for change in changes {
            let known = links.remove(&change.record).unwrap_or_default();
            if known.is_empty() {
                let object =
                    objects.iter().find(|object| object.record.as_ref() == Some(&change.record)).cloned();
                let link = Work::fresh(self.id(), kind, None);
                works.extend(self.work_on(Linked { link, object }, change, anchor).await?);
                continue;
            }
            for linked in one_to_revive(known) {
                works.extend(self.work_on(linked, change.clone(), anchor).await?);
            }
        }
        self.settle(works, &policy, cursors).await
    }

    /// What a change means for a link; nothing when it is known already or nobody may bring it back.
    async fn work_on(
        &self,
        linked: Linked,
        change: Change,
        anchor: Anchor,
    ) -> Result<Option<Work>, EngineError> {
        if !anchor.anew && linked.link.stamp.is_some_and(|known| known >= change.stamp) {
            return Ok(None);
        }
        let mut work = Work::new(linked);
        let kind = work.link.kind;
        // What differs from an agreement was changed since, and is no old news.
        work.silent |= anchor.first && work.link.base.is_none();
        let removed_by_user =
            [Reason::RemovedByUser.code(), Reason::OwnerRemovedCopy.code(), Reason::BecamePrivate.code()];
        match work.link.state {
            State::Skipped if removed_by_user.contains(&work.link.reason.as_str()) => return Ok(None),
            // A deletion is suspected: what the copy is now has to be read, or the suspicion would be forgotten.
            State::Linked if work.link.todo.as_deref() == Some(SUSPECT) => self.refresh(&mut work).await?,
            // What nobody looked at so far has to be looked at on both sides.
            State::Linked if work.link.base.as_ref().is_some_and(|base| self.maps_more(kind, base)) => {
                self.refresh(&mut work).await?;
            }
            // Whether a meeting whose record is gone is its owner's own, the copy says: he may have been renamed since.
            State::Linked if change.state == RecordState::Deleted && self.is_of_others(&work) => {
                self.refresh(&mut work).await?;
            }
            // An attendee's copy that nobody leads any more speaks for the meeting: what does it say?
            State::Linked if !self.is_rooted(&work) => self.refresh(&mut work).await?,
            // The record is back, and lacks an answer that was given while it was gone.
            State::Linked if owes_an_answer(&work) => self.refresh(&mut work).await?,
            // What was agreed on with another copy since says nothing of this one: what does it hold?
            State::Linked if self.was_relieved(&work) => self.refresh(&mut work).await?,
            State::Linked => {}
            // What is left of a meeting that was called off says nothing of a record that somebody brought back since.
            state if state == State::Deleted || was_called_off(&work.link) => {
                if !matches!(change.state, RecordState::Present { .. }) {
                    return Ok(None);
                }
                // It was restored in the CRM: a new copy, for the old one is gone.
                work.forget_copy();
            }
            _ if work.link.graph.is_some() => self.refresh(&mut work).await?,
            _ => {}
        }
        if work.link.graph.is_none() {
            if !matches!(change.state, RecordState::Present { .. }) && work.link.id.is_none() {
                return Ok(None);
            }
            work.m365 = M365Seen::Absent;
        }
        work.crm = CrmSeen::Reported(Box::new(change));
        self.look_around(&mut work).await?;
        work.promised |= self.is_record_promised(&work).await?;
        Ok(Some(work))
    }
}

/// Of what is left of a record in this mailbox only one link may be tied to a new copy, and none where there is one.
fn one_to_revive(mut known: Vec<Linked>) -> Vec<Linked> {
    let is_left = |linked: &Linked| linked.link.state == State::Deleted || was_called_off(&linked.link);
    let mut taken = known.iter().any(|linked| !is_left(linked) && linked.link.graph.is_some());
    known.retain(|linked| !is_left(linked) || !std::mem::replace(&mut taken, true));
    known
}

/// Whether its copy is known to be what is left of a meeting that was called off.
fn was_called_off(link: &Link) -> bool {
    link.state == State::Skipped && link.reason == Reason::Cancelled.code()
}

/// Whether an attendee's copy could not tell its owner's answer, for there was no record.
fn owes_an_answer(work: &Work) -> bool {
    work.link.base.as_ref().is_some_and(|base| !base.m365.get(UNTOLD).is_null())
}

/// The CRM was restored from a backup, or is another one: what was read of it counts for nothing.
fn is_unknown_anchor(answer: &Answer) -> bool {
    matches!(answer, Answer::Status(status) if status.outcome == Outcome::AnchorUnknown)
}

fn page(answer: Answer) -> Result<ChangePage, EngineError> {
    match answer {
        Answer::Changes(page) => Ok(page),
        // A CRM that does not know the kind, or a rep who may not read it, has no changes to show.
        Answer::Status(status) if status.outcome == Outcome::Forbidden => Ok(ChangePage::default()),
        _ => Err(EngineError::Answer { what: "Alert" }),
    }
}
