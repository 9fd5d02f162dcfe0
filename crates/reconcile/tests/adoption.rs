//! What an older connector left is paired without guessing.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use proptest::prelude::*;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use tandem_model::{Document, GraphId, Kind, RecordId};
use tandem_reconcile::{Adoption, Evidence, Fingerprint, LeftCopy, LeftRecord, adopt};

fn says(subject: &str, hour: u8, attendees: &[&str]) -> Fingerprint {
    let attendees: Vec<_> =
        attendees.iter().map(|address| json!({"address": address, "role": "required"})).collect();
    let when = json!({"timed": {
        "start": format!("2025-03-03T{hour:02}:00:00Z"), "end": format!("2025-03-03T{hour:02}:30:00Z"), "zone": "UTC"
    }});
    let document = json!({"subject": subject, "when": when, "attendees": attendees,
        "organizer": {"address": "ann@own.example"}});
    let document: Document = serde_json::from_value(document).unwrap();
    Fingerprint::of(&document.item(Kind::Appointment).unwrap())
}

fn undated(subject: &str) -> Fingerprint {
    let document: Document = serde_json::from_value(json!({"subject": subject})).unwrap();
    Fingerprint::of(&document.item(Kind::Task).unwrap())
}

fn record(id: &str, ids: &[&str], key: Option<&str>, fingerprint: Option<Fingerprint>) -> LeftRecord {
    let ids = ids.iter().copied().map(GraphId::new).collect();
    LeftRecord { record: RecordId::new(id), ids, key: key.map(str::to_owned), fingerprint }
}

fn copy(id: &str, key: Option<&str>, fingerprint: Option<Fingerprint>) -> LeftCopy {
    LeftCopy { graph: GraphId::new(id), key: key.map(str::to_owned), fingerprint }
}

fn pairs(adoption: &Adoption) -> Vec<(&str, &str, Evidence)> {
    adoption.pairs.iter().map(|pair| (pair.record.as_str(), pair.graph.as_str(), pair.by)).collect()
}

#[test]
fn the_strongest_evidence_decides() {
    let review = || Some(says("Review", 9, &["ben@own.example"]));
    let records = [
        record("MA:1", &["a"], Some("uid-b"), None),
        record("MA:2", &["gone"], Some("uid-c"), None),
        record("MA:3", &[], None, review()),
    ];
    let copies =
        [copy("a", Some("uid-a"), None), copy("c", Some("uid-c"), None), copy("d", Some("uid-d"), review())];
    let found = adopt(&records, &copies);
    assert_eq!(
        pairs(&found),
        [("MA:1", "a", Evidence::Id), ("MA:2", "c", Evidence::Key), ("MA:3", "d", Evidence::Fingerprint)]
    );
    assert_eq!(found.doubts, []);
}

#[test]
fn a_reconnect_that_added_everything_again_is_a_doubt() {
    let records = [
        record("MA:1", &["a"], Some("uid"), Some(says("Review", 9, &[]))),
        record("MA:2", &[], Some("uid"), Some(says("Review", 9, &[]))),
    ];
    let found = adopt(&records, &[copy("a", Some("uid"), Some(says("Review", 9, &[])))]);
    assert_eq!(pairs(&found), [("MA:1", "a", Evidence::Id)]);
    let [doubt] = found.doubts.as_slice() else { panic!("{found:?}") };
    assert_eq!((doubt.records.len(), doubt.copies.len(), doubt.by), (1, 0, Evidence::Key));
    assert_eq!(
        (doubt.records.first().unwrap().as_str(), doubt.like.first().unwrap().as_str()),
        ("MA:2", "MA:1")
    );
}

#[test]
fn two_records_that_name_one_copy_are_left_to_a_person() {
    let found = adopt(
        &[record("MA:1", &["a"], None, None), record("MA:2", &["a"], None, None)],
        &[copy("a", None, None)],
    );
    assert_eq!(pairs(&found), []);
    assert_eq!((found.doubts[0].records.len(), found.doubts[0].copies.len()), (2, 1));
}

#[test]
fn what_says_the_same_under_another_key_is_a_doubt() {
    let same = || Some(says("Review", 9, &["ben@own.example"]));
    let found = adopt(&[record("MA:1", &[], Some("old"), same())], &[copy("a", Some("new"), same())]);
    assert_eq!((pairs(&found), found.doubts.len()), (Vec::new(), 1));
}

#[test]
fn what_says_too_little_is_a_doubt() {
    let found = adopt(
        &[record("A1:1", &[], None, Some(undated("Call back")))],
        &[copy("a", None, Some(undated("Call back")))],
    );
    assert_eq!((pairs(&found), found.doubts.len()), (Vec::new(), 1));
    assert!(says("Call back", 9, &[]).is_telling());
}

#[test]
fn fingerprints_overlook_what_systems_write_differently() {
    assert_eq!(
        says("  Review of\tthe OFFER ", 9, &["Ben@own.example"]),
        says("review of the offer", 9, &["ben@own.example"])
    );
    // The organiser is among the attendees in one system only.
    assert_eq!(says("Review", 9, &["ann@own.example"]), says("Review", 9, &[]));
    assert_ne!(says("Review", 9, &[]), says("Review", 10, &[]));
    assert_ne!(says("Review", 9, &[]), says("Review", 9, &["ben@own.example"]));
}

fn anything() -> impl Strategy<Value = Option<Fingerprint>> {
    let subject = prop::sample::select(vec!["Review", "Call", ""]);
    prop::option::of((subject, 8u8..11).prop_map(|(subject, hour)| says(subject, hour, &[])))
}

fn a_key() -> impl Strategy<Value = Option<String>> {
    prop::option::of((0u8..6).prop_map(|key| format!("uid-{key}")))
}

prop_compose! {
    fn left()(
        records in prop::collection::btree_map(0u8..12, (prop::collection::btree_set(0u8..12, 0..3), a_key(), anything()), 0..9),
        copies in prop::collection::btree_map(0u8..12, (a_key(), anything()), 0..9),
    ) -> (Vec<LeftRecord>, Vec<LeftCopy>) {
        let records = records.into_iter().map(|(id, (ids, key, fingerprint))| LeftRecord {
            record: RecordId::new(format!("MA:{id}")),
            ids: ids.into_iter().map(|id| GraphId::new(format!("copy-{id}"))).collect(),
            key,
            fingerprint,
        });
        let copies = copies.into_iter().map(|(id, (key, fingerprint))| LeftCopy {
            graph: GraphId::new(format!("copy-{id}")), key, fingerprint,
        });
        (records.collect(), copies.collect())
    }
}

/// Whether evidence of any sort ties two records, a record and a copy, or two copies together.
fn marks_of(
    ids: &BTreeSet<GraphId>,
    key: &Option<String>,
    fingerprint: &Option<Fingerprint>,
) -> BTreeSet<String> {
    let ids = ids.iter().map(|id| format!("id {id}"));
    let says = fingerprint.iter().map(|says| format!("says {says:?}"));
    ids.chain(key.iter().map(|key| format!("key {key}"))).chain(says).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn pairs_are_a_matching_and_nobody_stands_twice((records, copies) in left()) {
        let found = adopt(&records, &copies);
        let (mut seen_records, mut seen_copies) = (BTreeSet::new(), BTreeSet::new());
        for record in found.pairs.iter().map(|pair| &pair.record).chain(found.doubts.iter().flat_map(|doubt| &doubt.records)) {
            prop_assert!(seen_records.insert(record), "{record} twice in {found:?}");
            prop_assert!(records.iter().any(|left| left.record == *record));
        }
        for graph in found.pairs.iter().map(|pair| &pair.graph).chain(found.doubts.iter().flat_map(|doubt| &doubt.copies)) {
            prop_assert!(seen_copies.insert(graph), "{graph} twice in {found:?}");
            prop_assert!(copies.iter().any(|left| left.graph == *graph));
        }
    }

    #[test]
    fn the_order_makes_no_difference(
        (records, copies, shuffled) in left().prop_flat_map(|(records, copies)| {
            let shuffled = (Just(records.clone()).prop_shuffle(), Just(copies.clone()).prop_shuffle());
            (Just(records), Just(copies), shuffled)
        })
    ) {
        prop_assert_eq!(adopt(&records, &copies), adopt(&shuffled.0, &shuffled.1));
    }

    #[test]
    fn what_is_left_alone_has_nothing_like_itself((records, copies) in left()) {
        let found = adopt(&records, &copies);
        let settled_records: BTreeSet<&RecordId> = found.pairs.iter().map(|pair| &pair.record)
            .chain(found.doubts.iter().flat_map(|doubt| &doubt.records)).collect();
        let settled_copies: BTreeSet<&GraphId> = found.pairs.iter().map(|pair| &pair.graph)
            .chain(found.doubts.iter().flat_map(|doubt| &doubt.copies)).collect();
        let doubted: BTreeSet<&RecordId> = found.doubts.iter().flat_map(|doubt| &doubt.records).collect();
        let doubted_copies: BTreeSet<&GraphId> = found.doubts.iter().flat_map(|doubt| &doubt.copies).collect();
        // A doubt takes its members out of the weaker evidence: only those who are not in doubt must differ.
        let mut holders: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for left in records.iter().filter(|left| !doubted.contains(&left.record)) {
            for mark in marks_of(&left.ids, &left.key, &left.fingerprint) {
                holders.entry(mark).or_default().push(left.record.to_string());
            }
        }
        for left in copies.iter().filter(|left| !doubted_copies.contains(&left.graph)) {
            for mark in marks_of(&BTreeSet::from([left.graph.clone()]), &left.key, &left.fingerprint) {
                holders.entry(mark).or_default().push(left.graph.to_string());
            }
        }
        let alone = records.iter().filter(|left| !settled_records.contains(&left.record)).map(|left| left.record.to_string())
            .chain(copies.iter().filter(|left| !settled_copies.contains(&left.graph)).map(|left| left.graph.to_string()));
        for name in alone {
            for (mark, holders) in holders.iter().filter(|(_, holders)| holders.contains(&name)) {
                prop_assert_eq!(holders.len(), 1, "{} is alone, and shares {} in {:?}", name, mark, found);
            }
        }
    }

    #[test]
    fn an_id_that_only_one_record_names_decides((records, copies) in left()) {
        let found = adopt(&records, &copies);
        for left in &records {
            let [id] = left.ids.iter().collect::<Vec<_>>()[..] else { continue };
            let named = records.iter().filter(|other| other.ids.contains(id)).count();
            if named == 1 && copies.iter().any(|copy| copy.graph == *id) {
                let pair = found.pairs.iter().find(|pair| pair.record == left.record);
                prop_assert_eq!(pair.map(|pair| (&pair.graph, pair.by)), Some((id, Evidence::Id)));
            }
        }
    }
}

#[test]
fn what_is_merely_alike_is_left_to_a_person() {
    let records = [record("MA:1", &[], None, Some(says("CRM: Review", 11, &[])))];
    let copies = [copy("a", Some("uid"), Some(says("Review", 9, &["ben@own.example"])))];
    let found = adopt(&records, &copies);
    assert_eq!(found.pairs, []);
    let [doubt] = found.doubts.as_slice() else { panic!("{found:?}") };
    assert_eq!((doubt.records.len(), doubt.copies.len(), doubt.by), (1, 1, Evidence::Likeness));
}

#[test]
fn the_next_meeting_of_the_same_name_is_no_doubt() {
    let review = |hour| Some(says("Review", hour, &[]));
    let records = [record("MA:1", &["a"], None, review(9))];
    let copies = [copy("a", Some("uid-a"), review(9)), copy("b", Some("uid-b"), review(14))];
    let found = adopt(&records, &copies);
    assert_eq!(pairs(&found), [("MA:1", "a", Evidence::Id)]);
    assert_eq!(found.doubts, []);
}
