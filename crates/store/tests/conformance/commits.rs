//! What a commit writes, and when it refuses.

use crate::fixture::*;
use serde_json::json;
use tandem_model::{Kind, Stamp};
use tandem_store::{
    Base, Commit, Cursor, CycleOutcome, Epoch, Link, LinkId, ObjectId, Pending, Role, State, Store,
    StoreError,
};

pub async fn a_link_comes_back_as_it_was_written(store: &dyn Store) {
    let epoch = claimed(store, &["ann"]).await[0];
    let full = Link {
        place: Some("list/1".into()),
        role: Role::Replica,
        state: State::Refused,
        reason: "too-large".into(),
        detail: "It is larger than 25 MB.".into(),
        base: Some(Base {
            m365: document(json!({"subject": "a", "list": [1, {"x": "ü"}]})),
            crm: document(json!({})),
        }),
        stamp: Some(Stamp(u64::MAX)),
        todo: Some("move".into()),
        due: Some(at(5)),
        attempts: 3,
        ..link("ann", "g1")
    };
    let bare = Link { graph: None, base: None, etag: None, ..link("ann", "") };
    let same = link("ann", "g2");
    let writes = vec![
        write(full.clone(), Some(object(Some("k"), Some("MA:1")))),
        write(bare.clone(), None),
        write(same.clone(), None),
    ];
    store.commit(&mailbox("ann"), epoch, links(writes)).await.unwrap();

    let stored = all_links(store, "ann").await;
    let object = stored[0].object.clone().unwrap();
    assert_eq!(
        (object.key.as_deref(), object.record.as_ref().map(|r| r.as_str()), object.version),
        (Some("k"), Some("MA:1"), 1)
    );
    let expected = [Link { object: Some(object.id), ..full }, bare, same];
    for (stored, expected) in stored.iter().zip(expected) {
        assert!(stored.link.id.is_some());
        assert_eq!(stored.link, Link { id: stored.link.id, ..expected });
    }
    assert_eq!(stored[1].object, None);
}

pub async fn only_the_newest_claim_writes(store: &dyn Store) {
    let first = claimed(store, &["ann"]).await[0];
    let second = store.claim(&mailbox("ann")).await.unwrap();
    assert!(second > first);
    let ann = mailbox("ann");
    let outcome = CycleOutcome { at: at(0), millis: 1, writes: 0, error: None };
    assert_fenced(store.commit(&ann, first, links(vec![write(link("ann", "g"), None)])).await, "ann");
    assert_fenced(store.reserve(&ann, first, &[pending("p", 0)]).await, "ann");
    assert_fenced(store.reserve(&ann, first, &[]).await, "ann");
    assert_fenced(store.finish(&ann, first, &outcome).await, "ann");
    // An epoch that nobody was given yet is no better.
    assert_fenced(store.commit(&ann, Epoch(second.0 + 1), Commit::default()).await, "ann");
    assert!(all_links(store, "ann").await.is_empty());
    assert!(store.outbox(&ann).await.unwrap().is_empty());
    assert_eq!(store.status().await.unwrap()[0].last_cycle, None);
    store.commit(&ann, second, links(vec![write(link("ann", "g"), None)])).await.unwrap();
    assert_eq!(all_links(store, "ann").await.len(), 1);
}

pub async fn an_unknown_mailbox_is_told(store: &dyn Store) {
    let nobody = mailbox("nobody");
    let outcome = CycleOutcome { at: at(0), millis: 1, writes: 0, error: None };
    assert!(matches!(store.claim(&nobody).await, Err(StoreError::UnknownMailbox(who)) if who == nobody));
    assert!(matches!(
        store.commit(&nobody, Epoch(0), Commit::default()).await,
        Err(StoreError::UnknownMailbox(_))
    ));
    assert!(matches!(store.reserve(&nobody, Epoch(0), &[]).await, Err(StoreError::UnknownMailbox(_))));
    assert!(matches!(store.finish(&nobody, Epoch(0), &outcome).await, Err(StoreError::UnknownMailbox(_))));
    assert!(all_links(store, "nobody").await.is_empty());
    assert_eq!(store.cursor(&nobody, "mail").await.unwrap(), None);
}

pub async fn a_changed_version_is_a_conflict(store: &dyn Store) {
    let epochs = claimed(store, &["ann", "bob"]).await;
    let (ann, bob) = (mailbox("ann"), mailbox("bob"));
    store
        .commit(&ann, epochs[0], links(vec![write(link("ann", "a"), Some(object(Some("k"), None)))]))
        .await
        .unwrap();
    let read = store.objects_by_key(Kind::Mail, &["k".into()]).await.unwrap().remove(0);

    let mut change = again(&read);
    change.record = Some("MA:7".into());
    store.commit(&bob, epochs[1], links(vec![write(link("bob", "b"), Some(change.clone()))])).await.unwrap();
    let now = store.objects_by_key(Kind::Mail, &["k".into()]).await.unwrap().remove(0);
    assert_eq!(
        (now.id, now.version, now.record.as_ref().map(|r| r.as_str())),
        (read.id, read.version + 1, Some("MA:7"))
    );

    // Both read the same version; the second to write has to plan again.
    assert_conflict(store.commit(&ann, epochs[0], objects(vec![change.clone()])).await, "k");
    // So has he who writes twice in one commit, and he who takes it for another kind.
    assert_conflict(store.commit(&ann, epochs[0], objects(vec![again(&now), again(&now)])).await, "k");
    let other_kind = tandem_store::ObjectWrite { kind: Kind::Task, ..again(&now) };
    assert_conflict(store.commit(&ann, epochs[0], objects(vec![other_kind])).await, "k");
    let mut no_such = again(&now);
    no_such.id = Some(ObjectId(999));
    no_such.key = None;
    no_such.record = None;
    assert_conflict(store.commit(&ann, epochs[0], objects(vec![no_such])).await, "number 999");
    assert_eq!(store.objects_by_key(Kind::Mail, &["k".into()]).await.unwrap(), [now]);
}

pub async fn a_key_or_record_belongs_to_one_object_of_a_kind(store: &dyn Store) {
    let epoch = claimed(store, &["ann"]).await[0];
    let ann = mailbox("ann");
    store
        .commit(&ann, epoch, objects(vec![object(Some("k"), None), object(None, Some("MA:1"))]))
        .await
        .unwrap();
    // A link that brings its object with it, as when two mailboxes meet on one meeting.
    assert_conflict(
        store.commit(&ann, epoch, links(vec![write(link("ann", "g"), Some(object(Some("k"), None)))])).await,
        "k",
    );
    assert_conflict(store.commit(&ann, epoch, objects(vec![object(None, Some("MA:1"))])).await, "MA:1");
    assert_conflict(store.commit(&ann, epoch, objects(vec![object(Some("new"), Some("MA:1"))])).await, "new");
    // An existing object cannot take over either.
    let first = store.objects_by_key(Kind::Mail, &["k".into()]).await.unwrap().remove(0);
    let mut change = again(&first);
    change.record = Some("MA:1".into());
    assert_conflict(store.commit(&ann, epoch, objects(vec![change])).await, "k");
    // Another kind can, and many objects have neither.
    let task = tandem_store::ObjectWrite { kind: Kind::Task, ..object(Some("k"), Some("MA:1")) };
    store.commit(&ann, epoch, objects(vec![task, object(None, None), object(None, None)])).await.unwrap();
    // What was let go of can be taken.
    let mut without = again(&first);
    without.key = None;
    store.commit(&ann, epoch, objects(vec![without, object(Some("k"), None)])).await.unwrap();
    assert_ne!(store.objects_by_key(Kind::Mail, &["k".into()]).await.unwrap()[0].id, first.id);
}

pub async fn a_copy_has_one_link_in_a_mailbox(store: &dyn Store) {
    let epochs = claimed(store, &["ann", "bob"]).await;
    let ann = mailbox("ann");
    store.commit(&ann, epochs[0], links(vec![write(link("ann", "g"), None)])).await.unwrap();
    assert_conflict(store.commit(&ann, epochs[0], links(vec![write(link("ann", "g"), None)])).await, "g");
    let task = Link { kind: Kind::Task, ..link("ann", "g") };
    store.commit(&ann, epochs[0], links(vec![write(task, None)])).await.unwrap();
    store.commit(&mailbox("bob"), epochs[1], links(vec![write(link("bob", "g"), None)])).await.unwrap();
    // Two intentions to make a copy do not get into each other's way.
    let intention = Link { graph: None, ..link("ann", "") };
    store
        .commit(&ann, epochs[0], links(vec![write(intention.clone(), None), write(intention, None)]))
        .await
        .unwrap();
    assert_eq!(all_links(store, "ann").await.len(), 3);
}

pub async fn a_link_of_another_mailbox_is_out_of_reach(store: &dyn Store) {
    let epochs = claimed(store, &["ann", "bob"]).await;
    store.commit(&mailbox("bob"), epochs[1], links(vec![write(link("bob", "b"), None)])).await.unwrap();
    let theirs = all_links(store, "bob").await.remove(0).link;
    let stolen = Link { state: State::Deleted, ..theirs.clone() };
    assert_fenced(
        store.commit(&mailbox("ann"), epochs[0], links(vec![write(stolen.clone(), None)])).await,
        "bob",
    );
    let disguised = Link { mailbox: mailbox("ann"), ..stolen };
    assert_conflict(store.commit(&mailbox("ann"), epochs[0], links(vec![write(disguised, None)])).await, "b");
    assert_eq!(all_links(store, "bob").await[0].link, theirs);
}

pub async fn a_link_needs_its_object_and_itself(store: &dyn Store) {
    let epoch = claimed(store, &["ann"]).await[0];
    let ann = mailbox("ann");
    let dangling = Link { object: Some(ObjectId(77)), ..link("ann", "g") };
    assert_conflict(store.commit(&ann, epoch, links(vec![write(dangling, None)])).await, "g");
    let missing = Link { id: Some(LinkId(5)), graph: None, ..link("ann", "") };
    assert_conflict(store.commit(&ann, epoch, links(vec![write(missing, None)])).await, "link 5");
    assert!(all_links(store, "ann").await.is_empty());
}

pub async fn a_failed_commit_leaves_nothing(store: &dyn Store) {
    let epoch = claimed(store, &["ann"]).await[0];
    let ann = mailbox("ann");
    store.reserve(&ann, epoch, &[pending("p", 0)]).await.unwrap();
    let cursor = |position: &str| Cursor { collection: "mail".into(), position: Some(position.into()) };
    let first = Commit {
        links: vec![write(link("ann", "a"), Some(object(Some("k"), Some("MA:1"))))],
        cursors: vec![cursor("one")],
        ..Commit::default()
    };
    store.commit(&ann, epoch, first).await.unwrap();
    let before = all_links(store, "ann").await;

    let mut changed = before[0].link.clone();
    changed.graph = Some("a2".into());
    changed.state = State::Failed;
    let mut renamed = again(before[0].object.as_ref().unwrap());
    renamed.key = Some("k2".into());
    let failing = Commit {
        objects: vec![object(Some("fresh"), None), renamed],
        links: vec![
            write(changed, None),
            write(link("ann", "b"), Some(object(Some("k"), None))),
            write(link("ann", "b"), None),
        ],
        cursors: vec![cursor("two")],
        settled: vec!["p".into()],
        journal: vec![tandem_store::NewEntry { graph: Some("a".into()), ..line("lost") }],
    };
    assert_conflict(store.commit(&ann, epoch, failing).await, "b");

    assert_eq!(all_links(store, "ann").await, before);
    assert_eq!(
        store.links_by_graph(&ann, Kind::Mail, &["a".into(), "a2".into(), "b".into()]).await.unwrap(),
        before
    );
    let objects = store.objects_by_key(Kind::Mail, &["k".into(), "k2".into(), "fresh".into()]).await.unwrap();
    assert_eq!(objects, [before[0].object.clone().unwrap()]);
    assert_eq!(store.cursor(&ann, "mail").await.unwrap().as_deref(), Some("one"));
    assert_eq!(store.outbox(&ann).await.unwrap().len(), 1);
    assert!(store.story("a").await.unwrap().is_empty());
    // And nothing of it is in the way of the next one.
    store
        .commit(&ann, epoch, links(vec![write(link("ann", "b"), Some(object(Some("k2"), None)))]))
        .await
        .unwrap();
    assert_eq!(graphs(&all_links(store, "ann").await), ["a", "b"]);
}

pub async fn objects_come_before_links(store: &dyn Store) {
    let epoch = claimed(store, &["ann"]).await[0];
    let ann = mailbox("ann");
    store.commit(&ann, epoch, objects(vec![object(Some("k"), None)])).await.unwrap();
    let old = store.objects_by_key(Kind::Mail, &["k".into()]).await.unwrap().remove(0);
    let mut without_key = again(&old);
    without_key.key = None;
    let handed_over = Commit {
        objects: vec![without_key],
        links: vec![write(link("ann", "g"), Some(object(Some("k"), None)))],
        ..Commit::default()
    };
    store.commit(&ann, epoch, handed_over).await.unwrap();
    assert_ne!(all_links(store, "ann").await[0].link.object, Some(old.id));
}

pub async fn the_outbox_is_settled_with_what_was_made(store: &dyn Store) {
    let epochs = claimed(store, &["ann", "bob"]).await;
    let (ann, bob) = (mailbox("ann"), mailbox("bob"));
    let rows = [pending("late", 9), pending("b", 1), pending("a", 1)];
    store.reserve(&ann, epochs[0], &rows).await.unwrap();
    // Of a key that is there only the time is renewed.
    store.reserve(&ann, epochs[0], &[pending("late", 12)]).await.unwrap();
    let late = Pending { at: at(12), ..pending("late", 9) };
    store.reserve(&bob, epochs[1], &[pending("a", 3)]).await.unwrap();
    assert_eq!(store.outbox(&ann).await.unwrap(), [pending("a", 1), pending("b", 1), late.clone()]);
    let settling = Commit {
        links: vec![write(link("ann", "made"), None)],
        settled: vec!["a".into(), "never reserved".into()],
        ..Commit::default()
    };
    store.commit(&ann, epochs[0], settling).await.unwrap();
    assert_eq!(store.outbox(&ann).await.unwrap(), [pending("b", 1), late]);
    assert_eq!(store.outbox(&bob).await.unwrap(), [pending("a", 3)]);
}

pub async fn a_link_can_let_go_of_everything(store: &dyn Store) {
    let epoch = claimed(store, &["ann"]).await[0];
    let ann = mailbox("ann");
    let rich =
        Link { todo: Some("move".into()), due: Some(at(1)), stamp: Some(Stamp(4)), ..link("ann", "g") };
    store.commit(&ann, epoch, links(vec![write(rich, Some(object(Some("k"), None)))])).await.unwrap();
    let bare = Link {
        graph: None,
        object: None,
        base: None,
        etag: None,
        stamp: None,
        todo: None,
        due: None,
        ..all_links(store, "ann").await.remove(0).link
    };
    store.commit(&ann, epoch, links(vec![write(bare.clone(), None)])).await.unwrap();
    assert_eq!(all_links(store, "ann").await[0].link, bare);
    assert!(store.links_by_graph(&ann, Kind::Mail, &["g".into()]).await.unwrap().is_empty());
    assert!(store.due(&ann, Kind::Mail, at(100), at(100), None, 10).await.unwrap().is_empty());
    store.commit(&ann, epoch, links(vec![write(link("ann", "g"), None)])).await.unwrap();
}
