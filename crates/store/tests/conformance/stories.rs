//! The journal, and finding what a name names.

use crate::fixture::*;
use serde_json::json;
use tandem_model::Kind;
use tandem_store::{Commit, JournalEntry, NewEntry, Step, Store};

fn journal(lines: Vec<NewEntry>) -> Commit {
    Commit { journal: lines, ..Commit::default() }
}

fn codes(story: &[JournalEntry]) -> Vec<&str> {
    story.iter().map(|line| line.entry.code.as_str()).collect()
}

pub async fn a_story_spans_mailboxes_and_names(store: &dyn Store) {
    let epochs = claimed(store, &["ann", "bob"]).await;
    let (ann, bob) = (mailbox("ann"), mailbox("bob"));
    let first = Commit {
        links: vec![write(link("ann", "ga"), Some(object(Some("k"), Some("MA:1"))))],
        journal: vec![NewEntry { graph: Some("ga".into()), mailbox: Some(ann.clone()), ..line("seen") }],
        ..Commit::default()
    };
    store.commit(&ann, epochs[0], first).await.unwrap();
    let object = store.objects_by_key(Kind::Mail, &["k".into()]).await.unwrap().remove(0);
    let second = Commit {
        links: vec![write(link("bob", "gb"), Some(again(&object)))],
        journal: vec![
            NewEntry { graph: Some("gb".into()), mailbox: Some(bob.clone()), ..line("joined") },
            NewEntry { graph: Some("other".into()), record: Some("MA:2".into()), ..line("stranger") },
            NewEntry { key: Some("k".into()), ..line("merged") },
            NewEntry { record: Some("MA:1".into()), ..line("written") },
            line("general"),
        ],
        ..Commit::default()
    };
    store.commit(&bob, epochs[1], second).await.unwrap();
    for name in ["ga", "gb", "k", "MA:1"] {
        assert_eq!(
            codes(&store.story(name).await.unwrap()),
            ["seen", "joined", "merged", "written"],
            "{name}"
        );
    }
    assert_eq!(codes(&store.story("MA:2").await.unwrap()), ["stranger"]);
    assert_eq!(codes(&store.story("other").await.unwrap()), ["stranger"]);
    for nothing in ["", "K", "ma:1", "G"] {
        assert!(store.story(nothing).await.unwrap().is_empty(), "{nothing}");
    }

    // A task that moved to another list has a new id; the old one is known from the journal only.
    let moved = vec![NewEntry { graph: Some("before".into()), record: Some("MA:1".into()), ..line("moved") }];
    store.commit(&ann, epochs[0], journal(moved)).await.unwrap();
    assert_eq!(
        codes(&store.story("before").await.unwrap()),
        ["seen", "joined", "merged", "written", "moved"]
    );
    // What nobody could read has no object, and still a story.
    let skipped = Commit {
        links: vec![write(link("ann", "secret"), None)],
        journal: vec![NewEntry { graph: Some("secret".into()), ..line("skipped") }],
        ..Commit::default()
    };
    store.commit(&ann, epochs[0], skipped).await.unwrap();
    assert_eq!(codes(&store.story("secret").await.unwrap()), ["skipped"]);
}

pub async fn a_story_has_the_order_of_commits(store: &dyn Store) {
    let epoch = claimed(store, &["ann"]).await[0];
    let full = NewEntry {
        at: at(9),
        mailbox: Some(mailbox("ann")),
        kind: None,
        key: Some("k".into()),
        graph: Some("g".into()),
        record: Some("MA:1".into()),
        step: Step::Apply,
        code: "first".into(),
        text: "Umlaute: äöü".into(),
        facts: json!({"fields": ["subject"], "losing": {"subject": "old"}, "n": 3}),
    };
    // The clock may go back; the order is that of the commits.
    let lines = vec![full.clone(), NewEntry { key: Some("k".into()), at: at(1), ..line("second") }];
    store.commit(&mailbox("ann"), epoch, journal(lines)).await.unwrap();
    let last = NewEntry { key: Some("k".into()), at: at(5), ..line("third") };
    store.commit(&mailbox("ann"), epoch, journal(vec![last])).await.unwrap();
    let story = store.story("k").await.unwrap();
    assert_eq!(codes(&story), ["first", "second", "third"]);
    assert!(story.windows(2).all(|pair| pair[0].seq < pair[1].seq));
    assert_eq!(story[0].entry, full);
}

pub async fn old_lines_are_forgotten(store: &dyn Store) {
    let epoch = claimed(store, &["ann"]).await[0];
    let lines = [1, 2, 5, 3, 9].map(|second| NewEntry {
        key: Some("k".into()),
        at: at(second),
        ..line(&second.to_string())
    });
    store.commit(&mailbox("ann"), epoch, journal(lines.to_vec())).await.unwrap();
    // The first line is not older than itself.
    assert_eq!(store.prune_journal(at(1)).await.unwrap(), 0);
    // Line 3 was written after line 5, so it goes with or after that.
    assert_eq!(store.prune_journal(at(4)).await.unwrap(), 2);
    assert_eq!(codes(&store.story("k").await.unwrap()), ["5", "3", "9"]);
    let last = store.story("k").await.unwrap()[2].seq;
    assert_eq!(store.prune_journal(at(100)).await.unwrap(), 3);
    assert!(store.story("k").await.unwrap().is_empty());
    // Numbers are never given twice.
    let fresh = NewEntry { key: Some("k".into()), ..line("fresh") };
    store.commit(&mailbox("ann"), epoch, journal(vec![fresh])).await.unwrap();
    assert!(store.story("k").await.unwrap()[0].seq > last);
}

pub async fn links_are_found_by_any_name(store: &dyn Store) {
    let epochs = claimed(store, &["ann", "bob"]).await;
    let mine = vec![
        write(link("ann", "ga"), Some(object(Some("k"), Some("MA:1")))),
        write(link("ann", "shared"), None),
    ];
    store.commit(&mailbox("ann"), epochs[0], links(mine)).await.unwrap();
    let object = store.objects_by_key(Kind::Mail, &["k".into()]).await.unwrap().remove(0);
    let theirs = vec![write(link("bob", "gb"), Some(again(&object))), write(link("bob", "shared"), None)];
    store.commit(&mailbox("bob"), epochs[1], links(theirs)).await.unwrap();
    assert_eq!(graphs(&store.find("k").await.unwrap()), ["ga", "gb"]);
    assert_eq!(graphs(&store.find("MA:1").await.unwrap()), ["ga", "gb"]);
    assert_eq!(graphs(&store.find("gb").await.unwrap()), ["gb"]);
    assert_eq!(store.find("gb").await.unwrap()[0].object.as_ref().unwrap().key.as_deref(), Some("k"));
    assert_eq!(ids(&store.find("shared").await.unwrap()).len(), 2);
    assert!(store.find("nothing").await.unwrap().is_empty());
    // A task that was born in Microsoft 365 has its own id as key: one link, named twice.
    let born = vec![write(
        link("ann", "T1"),
        Some(tandem_store::ObjectWrite { key: Some("T1".into()), ..crate::fixture::object(None, None) }),
    )];
    store.commit(&mailbox("ann"), epochs[0], links(born)).await.unwrap();
    assert_eq!(graphs(&store.find("T1").await.unwrap()), ["T1"]);
}
