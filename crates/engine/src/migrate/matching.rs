//! Plan: which records and copies are the same, by the pure rules of `reconcile`.

use super::left::{Left, LeftItem, is_entry, is_ews};
use super::plan::{Candidate, Doubted, Paired, word};
use crate::pair::key_of;
use std::collections::{BTreeMap, BTreeSet};
use tandem_graph::Remote;
use tandem_model::{Document, EmailAddress, GraphId, Item, Kind, RecordId};
use tandem_reconcile::{Adoption, Doubt, Evidence, Fingerprint, LeftCopy, LeftRecord, Pair, adopt};

/// What was found out about one kind in one mailbox.
pub(super) struct Matched {
    pub mailbox: EmailAddress,
    pub kind: Kind,
    pub pairs: Vec<Candidates>,
    pub doubts: Vec<Doubted>,
}

/// A pair that nothing speaks against in its own mailbox.
pub(super) struct Candidates {
    pub paired: Paired,
    /// The global key of its copy.
    pub key: String,
    /// Whether the copy is its organiser's.
    pub organizes: bool,
}

/// Matches what was left of a kind in a mailbox.
pub(super) fn matched(mailbox: &EmailAddress, kind: Kind, left: &Left) -> Matched {
    let copy_keys: BTreeSet<String> = left.copies.values().map(|remote| global_key(kind, remote)).collect();
    let records: Vec<LeftRecord> =
        left.records.iter().map(|(id, item)| left_record(id, item, left, &copy_keys)).collect();
    let copies: Vec<LeftCopy> = left.copies.values().map(|remote| left_copy(kind, remote)).collect();
    let found = adopt(&records, &copies);
    let with_ids: BTreeSet<&RecordId> = records
        .iter()
        .filter(|record| left.records.get(&record.record).is_some_and(|item| !item.foreign.is_empty()))
        .map(|record| &record.record)
        .collect();
    Matched {
        mailbox: mailbox.clone(),
        kind,
        pairs: new_pairs(mailbox, kind, left, &found),
        doubts: doubts(mailbox, kind, left, &found, &with_ids),
    }
}

fn left_record(id: &RecordId, left_item: &LeftItem, left: &Left, copy_keys: &BTreeSet<String>) -> LeftRecord {
    let noted = || left_item.foreign.iter().chain(&left_item.keys);
    let linked = left.linked.iter().filter(|(_, record)| *record == id).map(|(graph, _)| graph.clone());
    let mut ids: BTreeSet<GraphId> = linked.collect();
    ids.extend(noted().filter_map(|noted| left.translated.get(noted).cloned()));
    ids.extend(noted().map(GraphId::new).filter(|id| left.copies.contains_key(id)));
    let known = noted().find(|key| copy_keys.contains(*key));
    let global = || noted().find(|key| !is_ews(key) && !is_entry(key));
    // A task's or a contact's own key is a Graph id, which is no global key.
    let has_global = matches!(left_item.item.kind(), Kind::Mail | Kind::Appointment);
    let said = match &left_item.item {
        Item::Mail(mail) => Some(mail.message_id.to_string()).filter(|id| !id.is_empty()),
        _ => None,
    };
    let key = if has_global { known.or_else(global).cloned().or(said) } else { None };
    LeftRecord { record: id.clone(), ids, key, fingerprint: Some(Fingerprint::of(&left_item.item)) }
}

fn left_copy(kind: Kind, remote: &Remote) -> LeftCopy {
    let key = matches!(kind, Kind::Mail | Kind::Appointment).then(|| global_key(kind, remote));
    LeftCopy { graph: remote.id.clone(), key, fingerprint: Some(Fingerprint::of(&remote.item)) }
}

/// The key under which the CRM will know the item.
pub(super) fn global_key(kind: Kind, remote: &Remote) -> String {
    match &remote.item {
        Item::Mail(mail) => mail.message_id.to_string(),
        _ => key_of(kind, remote),
    }
}

/// Pairs that are not linked already.
fn new_pairs(mailbox: &EmailAddress, kind: Kind, left: &Left, found: &Adoption) -> Vec<Candidates> {
    let fresh = found.pairs.iter().filter(|pair| left.linked.get(&pair.graph) != Some(&pair.record));
    let candidates = fresh.filter_map(|pair| {
        let (record, remote) = (left.records.get(&pair.record)?, left.copies.get(&pair.graph)?);
        Some(Candidates {
            paired: paired(mailbox, kind, pair, record, remote),
            key: global_key(kind, remote),
            organizes: remote.facts.is_organizer,
        })
    });
    candidates.collect()
}

fn paired(mailbox: &EmailAddress, kind: Kind, pair: &Pair, record: &LeftItem, remote: &Remote) -> Paired {
    let (copy_says, record_says) = (says(&remote.item), says(&record.item));
    let differ = Document::of(&remote.item).differences(&Document::of(&record.item));
    Paired {
        mailbox: mailbox.clone(),
        kind,
        by: word(pair.by).to_owned(),
        record: pair.record.clone(),
        copy: pair.graph.clone(),
        folder: remote.facts.folder.clone(),
        record_says: (record_says != copy_says).then_some(record_says),
        copy_says,
        // An e-mail never travels back, and the older connector's text of it stays.
        differ: if kind == Kind::Mail { Vec::new() } else { differ.into_iter().collect() },
        take: true,
    }
}

/// What an item says, as plans show and compare it.
pub(super) fn says(item: &Item) -> String {
    Fingerprint::of(item).to_string()
}

fn doubts(
    mailbox: &EmailAddress,
    kind: Kind,
    left: &Left,
    found: &Adoption,
    with_ids: &BTreeSet<&RecordId>,
) -> Vec<Doubted> {
    // Copies that are like each other and like no record are not the older connector's.
    let of_records = found.doubts.iter().filter(|doubt| !doubt.records.is_empty() || !doubt.like.is_empty());
    let mut doubts: Vec<Doubted> =
        of_records.map(|doubt| doubted(mailbox, kind, left, doubt, why(doubt))).collect();
    let mut named: BTreeSet<RecordId> = found.pairs.iter().map(|pair| pair.record.clone()).collect();
    named.extend(found.doubts.iter().flat_map(|doubt| doubt.records.iter().cloned()));
    let mut copies: BTreeSet<GraphId> = found.pairs.iter().map(|pair| pair.graph.clone()).collect();
    copies.extend(found.doubts.iter().flat_map(|doubt| doubt.copies.iter().cloned()));
    for record in left.records.keys().filter(|record| !named.contains(*record)) {
        // An e-mail is never made again; anything else that had a copy once must not get a second one unasked.
        let lost = with_ids.contains(record) && kind != Kind::Mail;
        if lost || left.undecided.0.contains(record) {
            let why = "the older connector noted an id with this record, and nothing in the mailbox answers to it: it was \
                       deleted there, or moved, or changed beyond recognition";
            doubts.push(doubted(mailbox, kind, left, &alone(Some(record), None), why.to_owned()));
        }
    }
    for copy in left.copies.keys().filter(|copy| !copies.contains(*copy)) {
        if left.undecided.1.contains(copy) && !left.linked.contains_key(copy) {
            let why = "nobody has decided about this copy yet".to_owned();
            doubts.push(doubted(mailbox, kind, left, &alone(None, Some(copy)), why));
        }
    }
    doubts
}

fn alone(record: Option<&RecordId>, copy: Option<&GraphId>) -> Doubt {
    Doubt {
        records: record.into_iter().cloned().collect(),
        copies: copy.into_iter().cloned().collect(),
        like: BTreeSet::new(),
        by: Evidence::Id,
    }
}

fn why(doubt: &Doubt) -> String {
    let alike = match doubt.by {
        Evidence::Id => "the same id is noted with them",
        Evidence::Key => "they have the same global key",
        Evidence::Fingerprint => "they say the same",
        Evidence::Likeness => "they say nearly the same",
    };
    let (records, copies) = (doubt.records.len(), doubt.copies.len());
    match (records, copies, doubt.like.is_empty()) {
        (1, 1, true) => format!("{alike}, but that is not enough to be sure"),
        (0, _, false) => format!("{alike} as a copy that has its record: perhaps the same thing twice"),
        (_, 0, false) => format!("{alike} as a record that has its copy: perhaps the same thing twice"),
        (_, 0, true) => format!("{alike}: {records} records, and no copy in the mailbox"),
        _ => format!("{alike}: {records} records and {copies} copies"),
    }
}

/// A doubt without its number.
pub(super) fn doubted(
    mailbox: &EmailAddress,
    kind: Kind,
    left: &Left,
    doubt: &Doubt,
    why: String,
) -> Doubted {
    let records = doubt.records.iter().enumerate().filter_map(|(at, id)| {
        let says = says(&left.records.get(id)?.item);
        Some(Candidate { name: format!("r{}", at + 1), id: id.to_string(), folder: None, says })
    });
    let copies = doubt.copies.iter().enumerate().filter_map(|(at, id)| {
        let remote = left.copies.get(id)?;
        let (says, folder) = (says(&remote.item), remote.facts.folder.clone());
        Some(Candidate { name: format!("c{}", at + 1), id: id.to_string(), folder, says })
    });
    Doubted {
        id: String::new(),
        mailbox: mailbox.clone(),
        kind,
        why,
        decision: String::new(),
        like: doubt.like.iter().cloned().collect(),
        record: records.collect(),
        copy: copies.collect(),
    }
}

/// One meeting has one record, whatever the number of mailboxes: where an older connector made one for each, the
/// organiser's pair counts, else the first. The other copies find that record by themselves in their first cycle, and
/// the other records are duplicates, which are left.
pub(super) fn one_record_each(all: &mut [Matched]) {
    let mut owners: BTreeMap<(Kind, String), (bool, RecordId)> = BTreeMap::new();
    for (kind, candidates) in all.iter().flat_map(|found| found.pairs.iter().map(|pair| (found.kind, pair))) {
        let this = (candidates.organizes, candidates.paired.record.clone());
        let slot = owners.entry((kind, candidates.key.clone())).or_insert_with(|| this.clone());
        // The organiser's before others', then the older record.
        if (this.0, std::cmp::Reverse(&this.1)) > (slot.0, std::cmp::Reverse(&slot.1)) {
            *slot = this;
        }
    }
    for found in all.iter_mut().filter(|found| matches!(found.kind, Kind::Mail | Kind::Appointment)) {
        let kind = found.kind;
        let owner = |candidates: &Candidates| {
            owners.get(&(kind, candidates.key.clone())).map(|(_, record)| record.clone())
        };
        let (keep, double): (Vec<_>, Vec<_>) =
            std::mem::take(&mut found.pairs).into_iter().partition(|candidates| {
                owner(candidates).is_none_or(|record| record == candidates.paired.record)
            });
        found.pairs = keep;
        for candidates in double {
            let says = candidates.paired.record_says.clone().unwrap_or(candidates.paired.copy_says.clone());
            found.doubts.push(Doubted {
                id: String::new(),
                mailbox: found.mailbox.clone(),
                kind,
                why:
                    "the same thing as another mailbox's, noted once for each mailbox; a second record of it"
                        .to_owned(),
                decision: "leave".to_owned(),
                like: owner(&candidates).into_iter().collect(),
                record: vec![Candidate {
                    name: "r1".to_owned(),
                    id: candidates.paired.record.to_string(),
                    folder: None,
                    says,
                }],
                copy: Vec::new(),
            });
        }
    }
}
