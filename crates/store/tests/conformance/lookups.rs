//! Finding links, objects and cursors.

use crate::fixture::*;
use tandem_model::Kind;
use tandem_store::{Commit, Cursor, Link, State, Store};

pub async fn links_are_found_by_copy_and_by_record(store: &dyn Store) {
    let epochs = claimed(store, &["ann", "bob"]).await;
    let (ann, bob) = (mailbox("ann"), mailbox("bob"));
    let writes = vec![
        write(link("ann", "g1"), Some(object(Some("k1"), Some("MA:1")))),
        write(link("ann", "g2"), Some(object(Some("k2"), Some("MA:2")))),
        write(link("ann", "g3"), None),
    ];
    store.commit(&ann, epochs[0], links(writes)).await.unwrap();
    let object = store.objects_by_key(Kind::Mail, &["k1".into()]).await.unwrap().remove(0);
    store.commit(&bob, epochs[1], links(vec![write(link("bob", "b1"), Some(again(&object)))])).await.unwrap();

    // In the store's order, nothing twice, strangers left out.
    let wanted = ["g3".into(), "g1".into(), "g1".into(), "b1".into(), "?".into()];
    let found = store.links_by_graph(&ann, Kind::Mail, &wanted).await.unwrap();
    assert_eq!(graphs(&found), ["g1", "g3"]);
    assert_eq!(found[0].object.as_ref().unwrap().version, 2);
    assert!(store.links_by_graph(&ann, Kind::Task, &wanted).await.unwrap().is_empty());

    let records = ["MA:2".into(), "MA:1".into(), "MA:1".into(), "MA:9".into()];
    assert_eq!(graphs(&store.links_by_record(&ann, Kind::Mail, &records).await.unwrap()), ["g1", "g2"]);
    assert_eq!(graphs(&store.links_by_record(&bob, Kind::Mail, &records).await.unwrap()), ["b1"]);
    assert!(store.links_by_record(&ann, Kind::Task, &records).await.unwrap().is_empty());
    assert!(store.links_by_graph(&ann, Kind::Mail, &[]).await.unwrap().is_empty());
}

pub async fn objects_are_found_by_key_and_by_record(store: &dyn Store) {
    let epoch = claimed(store, &["ann"]).await[0];
    let writes = vec![object(Some("k1"), Some("MA:1")), object(Some("k2"), None), object(None, Some("MA:3"))];
    store.commit(&mailbox("ann"), epoch, objects(writes)).await.unwrap();
    let keys =
        |found: Vec<tandem_store::Object>| found.into_iter().map(|object| object.key).collect::<Vec<_>>();
    let by_key = store
        .objects_by_key(Kind::Mail, &["k2".into(), "k1".into(), "k1".into(), "MA:1".into()])
        .await
        .unwrap();
    assert_eq!(keys(by_key), [Some("k1".to_owned()), Some("k2".to_owned())]);
    let by_record =
        store.objects_by_record(Kind::Mail, &["MA:3".into(), "MA:1".into(), "k2".into()]).await.unwrap();
    assert_eq!(keys(by_record), [Some("k1".to_owned()), None]);
    assert!(store.objects_by_key(Kind::Contact, &["k1".into()]).await.unwrap().is_empty());
}

pub async fn ids_that_differ_by_case_are_different(store: &dyn Store) {
    let epoch = claimed(store, &["ann"]).await[0];
    let ann = mailbox("ann");
    let writes = ["AAMkA=", "AAMka=", "aamka=", "ÄAMkA=", "äAMkA="]
        .map(|id| write(link("ann", id), Some(object(Some(id), Some(id)))));
    store.commit(&ann, epoch, links(writes.to_vec())).await.unwrap();
    assert_eq!(
        graphs(&store.links_by_graph(&ann, Kind::Mail, &["AAMka=".into()]).await.unwrap()),
        ["AAMka="]
    );
    assert_eq!(
        graphs(&store.links_by_record(&ann, Kind::Mail, &["äAMkA=".into()]).await.unwrap()),
        ["äAMkA="]
    );
    assert_eq!(graphs(&store.find("aamka=").await.unwrap()), ["aamka="]);
    // Nor do trailing blanks or wildcards count for nothing.
    for other in ["AAMkA= ", "aaMka=", "%", "AAMk_="] {
        assert!(store.find(other).await.unwrap().is_empty(), "{other}");
    }
}

pub async fn copies_are_those_of_all_mailboxes(store: &dyn Store) {
    let names = ["ann", "bob", "cyd"];
    let epochs = claimed(store, &names).await;
    store.commit(&mailbox("ann"), epochs[0], objects(vec![object(Some("k"), None)])).await.unwrap();
    for (name, epoch) in names.iter().zip(epochs) {
        let object = store.objects_by_key(Kind::Mail, &["k".into()]).await.unwrap().remove(0);
        store
            .commit(&mailbox(name), epoch, links(vec![write(link(name, name), Some(again(&object)))]))
            .await
            .unwrap();
        store.commit(&mailbox(name), epoch, links(vec![write(link(name, "alone"), None)])).await.unwrap();
    }
    let object = store.objects_by_key(Kind::Mail, &["k".into()]).await.unwrap().remove(0);
    assert_eq!(object.version, 4);
    assert_eq!(graphs(&store.copies(&object).await.unwrap()), names);
}

pub async fn pages_follow_each_other(store: &dyn Store) {
    let epochs = claimed(store, &["ann", "bob"]).await;
    for round in 0..5 {
        let mine = vec![write(link("ann", &format!("a{round}")), None)];
        store.commit(&mailbox("ann"), epochs[0], links(mine)).await.unwrap();
        let theirs = vec![write(link("bob", &format!("b{round}")), None)];
        store.commit(&mailbox("bob"), epochs[1], links(theirs)).await.unwrap();
        let task = Link { kind: Kind::Task, ..link("ann", &format!("t{round}")) };
        store.commit(&mailbox("ann"), epochs[0], links(vec![write(task, None)])).await.unwrap();
    }
    let (mut after, mut seen) = (None, Vec::new());
    loop {
        let page = store.links(&mailbox("ann"), Kind::Mail, after, 2).await.unwrap();
        assert!(page.len() <= 2);
        let Some(last) = page.last() else { break };
        after = last.link.id;
        seen.extend(page.iter().map(|one| one.link.graph.clone().unwrap().to_string()));
    }
    assert_eq!(seen, ["a0", "a1", "a2", "a3", "a4"]);
    assert!(store.links(&mailbox("ann"), Kind::Mail, None, 0).await.unwrap().is_empty());
}

pub async fn what_is_due_or_undone_comes_up(store: &dyn Store) {
    let epoch = claimed(store, &["ann"]).await[0];
    let ann = mailbox("ann");
    let writes = vec![
        write(Link { due: Some(at(20)), ..link("ann", "later") }, None),
        write(Link { due: Some(at(10)), ..link("ann", "now") }, None),
        write(link("ann", "never"), None),
        write(Link { todo: Some("move".into()), ..link("ann", "undone") }, None),
        write(Link { todo: Some("move".into()), due: Some(at(99)), ..link("ann", "both") }, None),
        write(Link { due: Some(at(-5)), ..link("ann", "overdue") }, None),
        write(Link { due: Some(at(-5)), kind: Kind::Task, ..link("ann", "task") }, None),
    ];
    store.commit(&ann, epoch, links(writes)).await.unwrap();
    let due = |now, after, limit| {
        let ann = ann.clone();
        async move { store.due(&ann, Kind::Mail, at(now), at(now + 1_000), after, limit).await.unwrap() }
    };
    assert_eq!(graphs(&due(10, None, 100).await), ["now", "undone", "both", "overdue"]);
    assert_eq!(graphs(&due(9, None, 100).await), ["undone", "both", "overdue"]);
    assert_eq!(graphs(&due(20, None, 2).await), ["later", "now"]);
    let last = due(20, None, 2).await[1].link.id;
    assert_eq!(graphs(&due(20, last, 2).await), ["undone", "both"]);

    let mut done = due(9, None, 1).await.remove(0).link;
    done.todo = None;
    store.commit(&ann, epoch, links(vec![write(done, None)])).await.unwrap();
    assert_eq!(graphs(&due(9, None, 100).await), ["both", "overdue"]);
}

pub async fn what_was_put_off_beyond_the_horizon_comes_up(store: &dyn Store) {
    let epoch = claimed(store, &["ann"]).await[0];
    let ann = mailbox("ann");
    let writes = vec![
        write(Link { due: Some(at(20)), state: State::Failed, ..link("ann", "failed") }, None),
        write(Link { due: Some(at(30)), state: State::Held, ..link("ann", "held") }, None),
        write(Link { due: Some(at(90_000)), state: State::Failed, ..link("ann", "failed ahead") }, None),
        write(Link { due: Some(at(90_000)), state: State::Held, ..link("ann", "held ahead") }, None),
        write(Link { due: Some(at(4_000_000_000)), ..link("ann", "never") }, None),
        write(Link { due: Some(at(90_000)), kind: Kind::Task, ..link("ann", "task") }, None),
        write(link("ann", "settled"), None),
    ];
    store.commit(&ann, epoch, links(writes)).await.unwrap();
    let due = |now, horizon, limit| {
        let ann = ann.clone();
        async move { store.due(&ann, Kind::Mail, at(now), at(horizon), None, limit).await.unwrap() }
    };
    // The horizon itself is possible.
    assert_eq!(graphs(&due(10, 30, 100).await), ["failed ahead", "held ahead", "never"]);
    assert_eq!(graphs(&due(10, 29, 100).await), ["held", "failed ahead", "held ahead", "never"]);
    assert_eq!(graphs(&due(20, 30, 2).await), ["failed", "failed ahead"]);
    // To the clock that noted them they are not due before their time.
    assert_eq!(graphs(&due(89_000, 90_000, 100).await), ["failed", "held", "never"]);
}

pub async fn cursors_are_kept_and_forgotten(store: &dyn Store) {
    let epochs = claimed(store, &["ann", "bob"]).await;
    let (ann, bob) = (mailbox("ann"), mailbox("bob"));
    let cursor = |collection: &str, position: Option<&str>| Cursor {
        collection: collection.into(),
        position: position.map(str::to_owned),
    };
    let cursors = |cursors| Commit { cursors, ..Commit::default() };
    let written = vec![
        cursor("mail:b", Some("1")),
        cursor("mail:a", Some("2")),
        cursor("mailbox", Some("3")),
        cursor("mail:", Some("")),
    ];
    store.commit(&ann, epochs[0], cursors(written)).await.unwrap();
    store.commit(&bob, epochs[1], cursors(vec![cursor("mail:z", Some("9"))])).await.unwrap();

    assert_eq!(store.cursor(&ann, "mail:b").await.unwrap().as_deref(), Some("1"));
    assert_eq!(store.cursor(&ann, "Mail:b").await.unwrap(), None);
    let of = |found: Vec<(String, String)>| {
        found.into_iter().map(|(collection, _)| collection).collect::<Vec<_>>()
    };
    assert_eq!(of(store.cursors(&ann, "mail:").await.unwrap()), ["mail:", "mail:a", "mail:b"]);
    assert_eq!(of(store.cursors(&ann, "").await.unwrap()).len(), 4);
    assert!(store.cursors(&ann, "mail_").await.unwrap().is_empty());

    let changed = vec![cursor("mail:b", None), cursor("mail:a", Some("7")), cursor("never there", None)];
    store.commit(&ann, epochs[0], cursors(changed)).await.unwrap();
    assert_eq!(
        store.cursors(&ann, "mail:").await.unwrap(),
        [("mail:".into(), String::new()), ("mail:a".into(), "7".into())]
    );
    assert_eq!(store.cursor(&bob, "mail:z").await.unwrap().as_deref(), Some("9"));
}
