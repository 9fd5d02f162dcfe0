//! What an older connector left: which records and which copies of a mailbox are the same thing.
//!
//! Sorts of evidence, the strongest first: an id of the mailbox that stands with the record, the global key of the item
//! (internetMessageId, iCalUId), and what the item says (its fingerprint). Whatever one of these says of exactly one
//! record and one copy is a pair. Everything that would need a guess is a doubt, for a person; so is what is left and
//! merely alike.

use crate::Fingerprint;
use std::collections::{BTreeMap, BTreeSet};
use tandem_model::{GraphId, RecordId};

/// A record that may have a copy in the mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftRecord {
    /// Which record.
    pub record: RecordId,
    /// The ids in this mailbox that the older connector noted with it, as Graph writes them today.
    pub ids: BTreeSet<GraphId>,
    /// Its global key, if one was noted.
    pub key: Option<String>,
    /// What it says.
    pub fingerprint: Option<Fingerprint>,
}

/// A copy in the mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftCopy {
    /// Its id.
    pub graph: GraphId,
    /// Its global key, if it has one.
    pub key: Option<String>,
    /// What it says.
    pub fingerprint: Option<Fingerprint>,
}

/// What speaks for it that things are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Evidence {
    /// The record names the copy's id.
    Id,
    /// Both have the same global key.
    Key,
    /// Both say the same.
    Fingerprint,
    /// Both say nearly the same, and neither has found anybody else. Never a pair, only a doubt: for an older connector
    /// put words before subjects, shifted times and shortened lists.
    Likeness,
}

/// A record and a copy that are the same thing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pair {
    /// The record.
    pub record: RecordId,
    /// The copy.
    pub graph: GraphId,
    /// Why.
    pub by: Evidence,
}

/// Records and copies that seem to be the same thing in more than one way, or that are more than two.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Doubt {
    /// Records in doubt; none of them is in a pair.
    pub records: BTreeSet<RecordId>,
    /// Copies in doubt; none of them is in a pair.
    pub copies: BTreeSet<GraphId>,
    /// Records that are like these, and have a copy already.
    pub like: BTreeSet<RecordId>,
    /// What makes them alike.
    pub by: Evidence,
}

/// Who belongs to whom. Each record and each copy stands in at most one pair or doubt; who stands in none has nothing
/// like itself on either side.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Adoption {
    /// Pairs, by record.
    pub pairs: Vec<Pair>,
    /// Doubts.
    pub doubts: Vec<Doubt>,
}

/// Finds out who belongs to whom. The order of the arguments' elements makes no difference.
pub fn adopt(records: &[LeftRecord], copies: &[LeftCopy]) -> Adoption {
    let mut adopting = Adopting {
        records: records.iter().map(|left| (&left.record, left)).collect(),
        copies: copies.iter().map(|left| (&left.graph, left)).collect(),
        paired: BTreeMap::new(),
        owners: BTreeMap::new(),
        doubted: (BTreeSet::new(), BTreeSet::new()),
        found: Adoption::default(),
    };
    for by in [Evidence::Id, Evidence::Key, Evidence::Fingerprint, Evidence::Likeness] {
        for alike in adopting.alike(by) {
            adopting.judge(alike, by);
        }
    }
    let mut found = adopting.found;
    found.pairs.sort();
    found.doubts.sort();
    found
}

/// Records and copies that one sort of evidence ties together, directly or over others.
#[derive(Debug, Default)]
struct Alike<'l> {
    records: BTreeSet<&'l RecordId>,
    copies: BTreeSet<&'l GraphId>,
}

struct Adopting<'l> {
    records: BTreeMap<&'l RecordId, &'l LeftRecord>,
    copies: BTreeMap<&'l GraphId, &'l LeftCopy>,
    /// Copies of the records that are in a pair.
    paired: BTreeMap<&'l RecordId, &'l GraphId>,
    /// The same the other way round.
    owners: BTreeMap<&'l GraphId, &'l RecordId>,
    doubted: (BTreeSet<&'l RecordId>, BTreeSet<&'l GraphId>),
    found: Adoption,
}

/// One thing that evidence of a sort can be about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Mark<'l> {
    Id(&'l GraphId),
    Key(&'l str),
    Says(&'l Fingerprint),
    Like(String),
}

impl<'l> Adopting<'l> {
    /// The groups that evidence of a sort makes of everything that is not in doubt yet.
    fn alike(&self, by: Evidence) -> Vec<Alike<'l>> {
        let mut groups: Vec<(BTreeSet<Mark<'l>>, Alike<'l>)> = Vec::new();
        let mut at: BTreeMap<Mark<'l>, usize> = BTreeMap::new();
        let (records, copies) = (self.records.values(), self.copies.values());
        // A likeness of what has found its other half says nothing: the next meeting of the same name is like it too.
        let lonely = by == Evidence::Likeness;
        let records = records.filter(|left| !self.doubted.0.contains(&left.record));
        let records = records.filter(|left| !lonely || !self.paired.contains_key(&left.record));
        let copies = copies.filter(|left| !self.doubted.1.contains(&left.graph));
        let copies = copies.filter(|left| !lonely || !self.owners.contains_key(&left.graph));
        let members = records
            .map(|left| (marks_of_record(left, by), Ok(&left.record)))
            .chain(copies.map(|left| (marks_of_copy(left, by), Err(&left.graph))));
        for (marks, member) in members.filter(|(marks, _)| !marks.is_empty()) {
            let met: BTreeSet<usize> = marks.iter().filter_map(|mark| at.get(mark).copied()).collect();
            let into = met.first().copied().unwrap_or_else(|| {
                groups.push(Default::default());
                groups.len() - 1
            });
            let mut whole = (marks, Alike::default());
            match member {
                Ok(record) => whole.1.records.insert(record),
                Err(graph) => whole.1.copies.insert(graph),
            };
            for index in met {
                let (marks, alike) = groups.get_mut(index).map(std::mem::take).unwrap_or_default();
                whole.0.extend(marks);
                whole.1.records.extend(alike.records);
                whole.1.copies.extend(alike.copies);
            }
            at.extend(whole.0.iter().map(|mark| (mark.clone(), into)));
            if let Some(slot) = groups.get_mut(into) {
                *slot = whole;
            }
        }
        groups.into_iter().map(|(_, alike)| alike).collect()
    }

    fn judge(&mut self, alike: Alike<'l>, by: Evidence) {
        let paired = alike.records.iter().filter(|record| self.paired.contains_key(**record));
        let owners = alike.copies.iter().filter_map(|graph| self.owners.get(*graph));
        let like: BTreeSet<RecordId> = paired.chain(owners).map(|record| (*record).clone()).collect();
        let records: Vec<_> =
            alike.records.iter().copied().filter(|record| !self.paired.contains_key(*record)).collect();
        let copies: Vec<_> =
            alike.copies.iter().copied().filter(|graph| !self.owners.contains_key(*graph)).collect();
        if let ([record], [graph]) = (records.as_slice(), copies.as_slice())
            && like.is_empty()
            && self.is_certain(record, graph, by)
        {
            self.paired.insert(record, graph);
            self.owners.insert(graph, record);
            self.found.pairs.push(Pair { record: (*record).clone(), graph: (*graph).clone(), by });
            return;
        }
        let unlike_others = like.is_empty() && records.len() + copies.len() < 2;
        let one_sided = by == Evidence::Likeness && (records.is_empty() || copies.is_empty());
        if unlike_others || one_sided || (records.is_empty() && copies.is_empty()) {
            return;
        }
        self.doubted.0.extend(records.iter().copied());
        self.doubted.1.extend(copies.iter().copied());
        let (records, copies) =
            (records.into_iter().cloned().collect(), copies.into_iter().cloned().collect());
        self.found.doubts.push(Doubt { records, copies, like, by });
    }

    /// What both say does not make a pair when their keys contradict it, or when they say too little.
    fn is_certain(&self, record: &RecordId, graph: &GraphId, by: Evidence) -> bool {
        match by {
            Evidence::Id | Evidence::Key => return true,
            Evidence::Likeness => return false,
            Evidence::Fingerprint => {}
        }
        let (record, copy) = (self.records.get(record), self.copies.get(graph));
        let telling = record.and_then(|left| left.fingerprint.as_ref()).is_some_and(Fingerprint::is_telling);
        let contradicted =
            record.is_some_and(|left| left.key.is_some()) && copy.is_some_and(|left| left.key.is_some());
        telling && !contradicted
    }
}

fn marks_of_record(left: &LeftRecord, by: Evidence) -> BTreeSet<Mark<'_>> {
    match by {
        Evidence::Id => left.ids.iter().map(Mark::Id).collect(),
        Evidence::Key => left.key.iter().map(|key| Mark::Key(key)).collect(),
        Evidence::Fingerprint => left.fingerprint.iter().map(Mark::Says).collect(),
        Evidence::Likeness => {
            left.fingerprint.iter().flat_map(Fingerprint::likeness).map(Mark::Like).collect()
        }
    }
}

fn marks_of_copy(left: &LeftCopy, by: Evidence) -> BTreeSet<Mark<'_>> {
    match by {
        Evidence::Id => BTreeSet::from([Mark::Id(&left.graph)]),
        Evidence::Key => left.key.iter().map(|key| Mark::Key(key)).collect(),
        Evidence::Fingerprint => left.fingerprint.iter().map(Mark::Says).collect(),
        Evidence::Likeness => {
            left.fingerprint.iter().flat_map(Fingerprint::likeness).map(Mark::Like).collect()
        }
    }
}
