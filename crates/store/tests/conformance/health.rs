//! The list of mailboxes, and what is known of their health.

use crate::fixture::*;
use std::collections::BTreeMap;
use tandem_model::Kind;
use tandem_store::{CycleOutcome, Epoch, KindCounts, Link, State, Store};

pub async fn the_list_of_mailboxes_is_as_registered(store: &dyn Store) {
    let epoch = claimed(store, &["cyd", "ann", "bob"]).await[1];
    let addresses = |list: &[tandem_store::Mailbox]| {
        list.iter().map(|one| one.seed.address.to_string()).collect::<Vec<_>>()
    };
    let first = store.mailboxes().await.unwrap();
    assert_eq!(addresses(&first), ["ann@example.com", "bob@example.com", "cyd@example.com"]);
    assert_eq!(first[0].seed, seed("ann"));
    assert!(first.iter().all(|one| one.enabled));

    // Ann married, Bob left, Dan came.
    store.commit(&mailbox("bob"), Epoch(1), links(vec![write(link("bob", "b"), None)])).await.unwrap();
    let mut married = seed("ann");
    married.address = "zoe@example.com".into();
    married.kinds.clear();
    store.register(&[married.clone(), seed("cyd"), seed("dan")]).await.unwrap();
    let second = store.mailboxes().await.unwrap();
    assert_eq!(
        addresses(&second),
        ["bob@example.com", "cyd@example.com", "dan@example.com", "zoe@example.com"]
    );
    assert_eq!(second.iter().map(|one| one.enabled).collect::<Vec<_>>(), [false, true, true, true]);
    assert_eq!((&second[3].seed, second[3].epoch), (&married, epoch));
    // He keeps his links, and gets them back.
    assert_eq!(all_links(store, "bob").await.len(), 1);
    store.register(&[seed("bob")]).await.unwrap();
    assert_eq!(store.mailboxes().await.unwrap().iter().filter(|one| one.enabled).count(), 1);
    store.register(&[]).await.unwrap();
    assert!(store.mailboxes().await.unwrap().iter().all(|one| !one.enabled));
}

pub async fn cycles_and_errors_are_counted(store: &dyn Store) {
    let epoch = claimed(store, &["ann"]).await[0];
    let finish = |second, writes, error: Option<&str>| {
        let outcome = CycleOutcome { at: at(second), millis: 12, writes, error: error.map(str::to_owned) };
        async move { store.finish(&mailbox("ann"), epoch, &outcome).await.unwrap() }
    };
    let status = || async { store.status().await.unwrap().remove(0) };
    assert_eq!((status().await.last_cycle, status().await.mailbox.cycles), (None, 0));

    finish(1, 7, None).await;
    let good = status().await;
    assert_eq!((good.last_success, good.last_cycle, good.last_writes), (Some(at(1)), Some(at(1)), 7));
    assert_eq!((good.mailbox.cycles, good.errors_in_a_row, good.last_error), (1, 0, None));

    finish(2, 1, Some("the CRM is away")).await;
    finish(3, 0, Some("the CRM is still away")).await;
    let bad = status().await;
    assert_eq!((bad.last_success, bad.last_cycle, bad.last_writes), (Some(at(1)), Some(at(3)), 0));
    assert_eq!((bad.mailbox.cycles, bad.errors_in_a_row), (1, 2));
    assert_eq!(bad.last_error.as_deref(), Some("the CRM is still away"));

    finish(4, 0, None).await;
    let good = status().await;
    assert_eq!((good.mailbox.cycles, good.errors_in_a_row, good.last_error), (2, 0, None));
}

pub async fn links_are_counted_by_state_and_reason(store: &dyn Store) {
    let epochs = claimed(store, &["ann", "bob"]).await;
    let mut writes = Vec::new();
    for (number, state) in State::ALL.into_iter().enumerate() {
        for copy in 0..=number {
            let reason = if copy % 2 == 0 { "private" } else { "draft" };
            writes.push(write(
                Link { state, reason: reason.into(), ..link("ann", &format!("{number}-{copy}")) },
                None,
            ));
        }
    }
    writes.push(write(Link { kind: Kind::Contact, ..link("ann", "c") }, None));
    store.commit(&mailbox("ann"), epochs[0], links(writes)).await.unwrap();

    let status = store.status().await.unwrap();
    let reasons =
        |pairs: &[(&str, u64)]| pairs.iter().map(|(k, v)| ((*k).to_owned(), *v)).collect::<BTreeMap<_, _>>();
    let mails = KindCounts {
        linked: 1,
        waiting: 2,
        skipped: reasons(&[("private", 2), ("draft", 1)]),
        refused: reasons(&[("private", 2), ("draft", 2)]),
        failed: 5,
        held: 6,
        deleted: 7,
    };
    let contacts = KindCounts { linked: 1, ..KindCounts::default() };
    assert_eq!(status[0].counts, BTreeMap::from([(Kind::Mail, mails), (Kind::Contact, contacts)]));
    assert!(status[1].counts.is_empty());

    let mut link = all_links(store, "ann").await.remove(0).link;
    link.state = State::Deleted;
    store.commit(&mailbox("ann"), epochs[0], links(vec![write(link, None)])).await.unwrap();
    let counts = &store.status().await.unwrap()[0].counts[&Kind::Mail];
    assert_eq!((counts.linked, counts.deleted), (0, 8));
}
