//! Find: records that say the same, seen by one rep.

use super::{Duplicate, Member};
use crate::migrate::reader;
use crate::worker::{PACKAGE, Worker};
use crate::{Connector, EngineError, Roster};
use std::collections::{BTreeMap, BTreeSet};
use tandem_crm_port::{Answer, Change, Command, CurrentRecord, Outcome, RecordState};
use tandem_model::{Kind, MailboxId, RecordId, Stamp};
use tandem_reconcile::Fingerprint;
use tandem_store::State;

/// Changes in one answer, and links in one page.
const PAGE: u32 = 200;

/// Kinds of which the CRM has one record each. E-mails are known by their id, persons and absences are the CRM's own.
const KINDS: [Kind; 2] = [Kind::Appointment, Kind::Task];

/// Things that say the same are one thing: a meeting whoever sees it, anything else in one mailbox.
type Alike = BTreeMap<(Option<MailboxId>, Fingerprint), BTreeMap<RecordId, Member>>;

impl Connector {
    /// All duplicates that the reps of these mailboxes see. Nothing is written anywhere.
    pub async fn find_duplicates(&self, roster: &Roster) -> Result<Vec<Duplicate>, EngineError> {
        let mut found = Vec::new();
        for kind in KINDS {
            let mut alike = Alike::new();
            for seed in roster.mailboxes.iter().filter(|seed| seed.kinds.contains(&kind)) {
                let worker = reader(&self.parts, roster, seed).await?;
                for member in worker.members(kind).await? {
                    sort_in(&mut alike, member);
                }
            }
            let several = alike.into_values().filter(|members| members.len() > 1);
            found.extend(several.filter_map(|members| duplicate(kind, members.into_values().collect())));
        }
        Ok(found)
    }
}

fn sort_in(alike: &mut Alike, member: Member) {
    let says = Fingerprint::of(&member.item);
    if !says.is_telling() {
        return;
    }
    let whose = (!member.has_attendees()).then(|| member.mailbox.clone());
    let members = alike.entry((whose, says)).or_default();
    let linked = member.linked;
    // A record that several reps see belongs to the one whose mailbox holds its copy.
    let known = members.entry(member.record.clone()).or_insert_with(|| member.clone());
    if linked && !known.linked {
        *known = member;
    }
}

fn duplicate(kind: Kind, mut members: Vec<Member>) -> Option<Duplicate> {
    let records: BTreeSet<&RecordId> = members.iter().map(|member| &member.record).collect();
    let id = name(kind, &records);
    // What a mailbox is in step with stays; then the older record.
    members.sort_by_cached_key(|member| (!member.linked, number(&member.record)));
    let mut members = members.into_iter();
    Some(Duplicate { id, kind, keep: members.next()?, others: members.collect() })
}

impl Worker {
    /// Every record of a kind that is there for the rep: those that the CRM reports, and those that we wrote ourselves,
    /// which it does not report back.
    async fn members(&self, kind: Kind) -> Result<Vec<Member>, EngineError> {
        let linked = self.linked_records(kind).await?;
        let mut members: BTreeMap<RecordId, Member> = BTreeMap::new();
        let mut since = Stamp(0);
        loop {
            let asked = Command::Changes { kind, since, window: None, limit: PAGE };
            let page = match self.ask_crm(vec![asked]).await?.pop() {
                Some(Answer::Changes(page)) => page,
                Some(Answer::Status(status)) if status.outcome == Outcome::Forbidden => break,
                _ => return Err(EngineError::Answer { what: "Changes" }),
            };
            since = page.next;
            members.extend(page.changes.into_iter().filter_map(|change| self.member(change, &linked)));
            if !page.more {
                break;
            }
        }
        let missing: Vec<&RecordId> = linked.keys().filter(|record| !members.contains_key(*record)).collect();
        for package in missing.chunks(PACKAGE) {
            let asked = package.iter().map(|record| Command::Get { record: (*record).clone(), kind });
            for answer in self.ask_crm(asked.collect()).await? {
                if let Answer::Record(CurrentRecord::Known(change)) = answer {
                    members.extend(self.member(change, &linked));
                }
            }
        }
        Ok(members.into_values().collect())
    }

    /// The records that the store knows of this mailbox, and whether the mailbox holds a copy of each.
    async fn linked_records(&self, kind: Kind) -> Result<BTreeMap<RecordId, bool>, EngineError> {
        let known = self.parts.store.mailboxes().await?;
        let (mut records, mut after) = (BTreeMap::new(), None);
        if known.iter().all(|mailbox| mailbox.seed.id != *self.id()) {
            return Ok(records);
        }
        loop {
            let page = self.parts.store.links(self.id(), kind, after, PAGE as usize).await?;
            let Some(last) = page.last() else { return Ok(records) };
            after = last.link.id;
            for linked in page {
                let Some(record) = linked.object.and_then(|object| object.record) else { continue };
                let holds = linked.link.state == State::Linked && linked.link.graph.is_some();
                *records.entry(record).or_insert(false) |= holds;
            }
        }
    }

    fn member(&self, change: Change, linked: &BTreeMap<RecordId, bool>) -> Option<(RecordId, Member)> {
        let RecordState::Present { item, .. } = change.state else { return None };
        let holds = linked.get(&change.record).copied().unwrap_or(false);
        let member = Member {
            record: change.record.clone(),
            mailbox: self.id().clone(),
            address: self.mailbox.seed.address.clone(),
            item: *item,
            stamp: change.stamp,
            linked: holds,
        };
        Some((change.record, member))
    }
}

/// The number in a record's id, by which older records come first.
fn number(record: &RecordId) -> (u64, RecordId) {
    let digits = record.as_str().rsplit(':').next().unwrap_or_default();
    (digits.parse().unwrap_or(u64::MAX), record.clone())
}

/// A short name that only these records have (FNV-1a, 64 bits).
fn name(kind: Kind, records: &BTreeSet<&RecordId>) -> String {
    let words = std::iter::once(kind.as_str()).chain(records.iter().map(|record| record.as_str()));
    let text = words.collect::<Vec<_>>().join(" ");
    let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    format!("{:016x}", text.bytes().fold(0xcbf2_9ce4_8422_2325, mix))
}
