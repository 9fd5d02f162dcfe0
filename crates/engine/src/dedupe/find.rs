//! Find: records that are one thing, seen by the reps.

use super::{Duplicate, Member, Thing};
use crate::migrate::reader;
use crate::worker::{PACKAGE, Worker};
use crate::{Connector, EngineError, Roster};
use std::collections::BTreeMap;
use tandem_crm_port::{Answer, Change, Command, CurrentRecord, Outcome, RecordState};
use tandem_model::{Item, Kind, MailboxId, RecordId, Stamp};
use tandem_reconcile::alike;
use tandem_store::State;

/// Changes in one answer, and links in one page.
pub(super) const PAGE: u32 = 200;

/// Records that may be one thing: of a mailbox, or of all.
type Seen = BTreeMap<Option<MailboxId>, BTreeMap<RecordId, Member>>;

impl Connector {
    /// All duplicates that the reps of these mailboxes see, and those within their mailboxes. Nothing is written
    /// anywhere.
    ///
    /// # Errors
    /// When either side or the store cannot be asked.
    pub async fn find_duplicates(&self, roster: &Roster) -> Result<Vec<Duplicate>, EngineError> {
        let reps = self.parts.crm.reps().await?;
        let rep_ids: BTreeMap<&str, &str> =
            reps.iter().map(|rep| (rep.login.as_str(), rep.rep_id.as_str())).collect();
        let rep_id = |rep: &str| rep_ids.get(rep).copied().unwrap_or_default();
        let mut found = Vec::new();
        for kind in Kind::ALL {
            let mut seen = Seen::new();
            for seed in roster.mailboxes.iter().filter(|seed| seed.kinds.contains(&kind)) {
                let worker = reader(&self.parts, roster, seed).await?;
                for member in worker.members(kind, rep_id(&seed.rep)).await? {
                    sort_in(&mut seen, member);
                }
            }
            for records in seen.into_values() {
                found.extend(duplicates(kind, records.into_values().collect()));
            }
        }
        for seed in &roster.mailboxes {
            let worker = reader(&self.parts, roster, seed).await?;
            found.append(&mut worker.doubled_copies(rep_id(&seed.rep)).await?);
        }
        Ok(found)
    }
}

/// Meetings, e-mails and persons are the same whoever sees them; anything else is one rep's.
fn sort_in(seen: &mut Seen, member: Member) {
    let Thing::Record { record, .. } = &member.thing else { return };
    let everybodys = matches!(member.item, Item::Mail(_) | Item::Contact(_)) || member.attendees() > 0;
    let whose = (!everybodys).then(|| member.mailbox.clone());
    // A record that several reps see belongs to the one whose mailbox holds its copy.
    let known = seen.entry(whose).or_default().entry(record.clone()).or_insert_with(|| member.clone());
    if member.linked && !known.linked {
        *known = member;
    }
}

fn duplicates(kind: Kind, members: Vec<Member>) -> Vec<Duplicate> {
    let items: Vec<&Item> = members.iter().map(|member| &member.item).collect();
    let groups = alike(&items).into_iter();
    let groups =
        groups.map(|group| group.into_iter().filter_map(|at| members.get(at).cloned()).collect::<Vec<_>>());
    groups.filter_map(|group| duplicate(kind, group)).collect()
}

fn duplicate(kind: Kind, mut members: Vec<Member>) -> Option<Duplicate> {
    let id = name(kind, &members);
    // What a mailbox is in step with stays; then the older record.
    members.sort_by_cached_key(|member| (!member.linked, number(member.name())));
    let mut members = members.into_iter();
    let keep = members.next()?;
    let why = if keep.linked { "a mailbox is in step with it" } else { "it is the oldest" };
    let others: Vec<Member> = members.collect();
    let by_hand = hindrance(kind, &others);
    Some(Duplicate { id, kind, keep, why, others, by_hand })
}

/// Why only a person can merge these.
fn hindrance(kind: Kind, others: &[Member]) -> Option<String> {
    if kind == Kind::Absence {
        let why = "absences are the CRM's own, and the connector writes none. Delete one of them in the CRM; its copy \
                   leaves the calendar";
        return Some(why.to_owned());
    }
    if kind == Kind::Contact {
        // CRM.interface answers the deletion of a person by forgetting whose contact it is.
        let why = "persons are the CRM's own, and the connector deletes none. Merge them in the CRM itself; the contact of \
                   the one that goes leaves the address books";
        return Some(why.to_owned());
    }
    let meeting = others.iter().find(|other| other.linked && other.attendees() > 0)?;
    Some(format!(
        "{} has a copy in a mailbox, and attendees: with the copy the meeting would be called off. Delete one of the two \
         by hand, without sending a cancellation",
        meeting.name()
    ))
}

impl Worker {
    /// Every record of a kind that is there for the rep: those that the CRM reports, those that we wrote ourselves,
    /// which it does not report back, and those that another connector wrote.
    async fn members(&self, kind: Kind, rep_id: &str) -> Result<Vec<Member>, EngineError> {
        let mut linked = self.linked_records(kind).await?;
        let mut members = self.reported(kind, &linked).await?;
        // E-mails are never reported: those that an older connector brought are known by what it noted.
        for noted in self.parts.crm.foreign_keys(rep_id, kind).await? {
            linked.entry(noted.record).or_insert(false);
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

    async fn reported(
        &self,
        kind: Kind,
        linked: &BTreeMap<RecordId, bool>,
    ) -> Result<BTreeMap<RecordId, Member>, EngineError> {
        let mut members: BTreeMap<RecordId, Member> = BTreeMap::new();
        let mut since = Stamp(0);
        loop {
            let asked = Command::Changes { kind, since, window: None, limit: PAGE };
            let page = match self.ask_crm(vec![asked]).await?.pop() {
                Some(Answer::Changes(page)) => page,
                Some(Answer::Status(status)) if status.outcome == Outcome::Forbidden => return Ok(members),
                _ => return Err(EngineError::Answer { what: "Changes" }),
            };
            since = page.next;
            members.extend(page.changes.into_iter().filter_map(|change| self.member(change, linked)));
            if !page.more {
                return Ok(members);
            }
        }
    }

    /// The records that the store knows of this mailbox, and whether the mailbox holds a copy of each.
    async fn linked_records(&self, kind: Kind) -> Result<BTreeMap<RecordId, bool>, EngineError> {
        let (mut records, mut after) = (BTreeMap::new(), None);
        if !self.is_in_store().await? {
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
            thing: Thing::Record { record: change.record.clone(), stamp: change.stamp },
            mailbox: self.id().clone(),
            address: self.mailbox.seed.address.clone(),
            item: *item,
            linked: holds,
        };
        Some((change.record, member))
    }
}

/// The number in a record's id, by which older records come first.
fn number(record: &str) -> (u64, String) {
    let digits = record.rsplit(':').next().unwrap_or_default();
    (digits.parse().unwrap_or(u64::MAX), record.to_owned())
}

/// A short name that only these things have (FNV-1a, 64 bits).
pub(super) fn name(kind: Kind, members: &[Member]) -> String {
    let mut names: Vec<&str> = members.iter().map(Member::name).collect();
    names.sort_unstable();
    let words: Vec<&str> = std::iter::once(kind.as_str()).chain(names).collect();
    let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    format!("{:016x}", words.join(" ").bytes().fold(0xcbf2_9ce4_8422_2325, mix))
}
