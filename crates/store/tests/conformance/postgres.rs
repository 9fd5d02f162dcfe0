//! What only the store in PostgreSQL can show: sessions, restarts of the server, writers that meet.

use crate::fixture::*;
use crate::server;
use tandem_model::Kind;
use tandem_store::{Commit, PostgresStore, Store, StoreError};

#[tokio::test]
async fn a_second_connector_is_refused_and_a_reader_is_not() {
    let address = server::database().await;
    let Err(StoreError::Database { why, .. }) = PostgresStore::open_read_only(&address, None).await else {
        panic!("there is no store yet");
    };
    assert!(why.contains("holds no store"), "{why}");
    let store = PostgresStore::open(&address, None).await.unwrap();
    claimed(&store, &["ann"]).await;
    assert!(matches!(PostgresStore::open(&address, None).await, Err(StoreError::InUse { .. })));
    let reader = PostgresStore::open_read_only(&address, None).await.unwrap();
    assert_eq!(reader.mailboxes().await.unwrap().len(), 1);
    assert!(reader.register(&[]).await.unwrap_err().to_string().contains("reading only"));
    // A person's decision is noted beside the connector, under the connector's own claim.
    let person = PostgresStore::open_beside(&address, None).await.unwrap();
    let known = person.mailboxes().await.unwrap().remove(0);
    let noted = links(vec![write(link("ann", "m1"), None)]);
    person.commit(&known.seed.id, known.epoch, noted).await.unwrap();
    store.commit(&known.seed.id, known.epoch, Commit::default()).await.unwrap();
    drop(store);
    // The lock goes with the session, which the server notices a moment later.
    for _ in 0..200 {
        if PostgresStore::open(&address, None).await.is_ok() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the store stays locked");
}

#[tokio::test]
async fn sessions_that_the_server_ends_are_made_anew() {
    let address = server::database().await;
    let store = PostgresStore::open(&address, None).await.unwrap();
    let epochs = claimed(&store, &["ann"]).await;
    store.commit(&mailbox("ann"), epochs[0], links(vec![write(link("ann", "m1"), None)])).await.unwrap();
    let (client, connection) = tokio_postgres::connect(&address, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client
        .batch_execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tandem' \
             AND datname = current_database()",
        )
        .await
        .unwrap();
    // What was lost tells of it at most once; the next claims go on, and take the lock again.
    for _ in 0..200 {
        let claimed = store.claim(&mailbox("ann")).await;
        let second = PostgresStore::open(&address, None).await;
        if let (Ok(epoch), Err(StoreError::InUse { .. })) = (&claimed, &second) {
            assert!(*epoch > epochs[0]);
            assert_eq!(all_links(&store, "ann").await.len(), 1);
            return;
        }
        drop(second);
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the store is not reached, or not locked, again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_writers_that_meet_on_one_object_one_wins() {
    let store = server::store().await;
    let names = ["ann", "bob", "cyd", "dan"];
    let epochs = claimed(&store, &names).await;
    let tasks: Vec<_> = names
        .into_iter()
        .zip(epochs)
        .map(|(name, epoch)| {
            let store = store.clone();
            tokio::spawn(async move {
                let made = write(link(name, "meeting"), Some(object(Some("uid-1"), None)));
                store.commit(&mailbox(name), epoch, links(vec![made])).await
            })
        })
        .collect();
    let mut won = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(()) => won += 1,
            Err(StoreError::Conflict { key, .. }) => assert_eq!(key, "uid-1"),
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(won, 1);
    let object = store.objects_by_key(Kind::Mail, &["uid-1".to_owned()]).await.unwrap().remove(0);
    assert_eq!(store.copies(&object).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_that_wait_for_each_other_get_through() {
    let store = server::store().await;
    let epochs = claimed(&store, &["ann", "bob"]).await;
    let both = objects(vec![object(Some("one"), None), object(Some("two"), None)]);
    store.commit(&mailbox("ann"), epochs[0], both).await.unwrap();
    for _ in 0..20 {
        let keys = ["one".to_owned(), "two".to_owned()];
        let found = store.objects_by_key(Kind::Mail, &keys).await.unwrap();
        let (there, back) =
            (vec![again(&found[0]), again(&found[1])], vec![again(&found[1]), again(&found[0])]);
        let (ann, bob) = (mailbox("ann"), mailbox("bob"));
        let (one, other) = tokio::join!(
            store.commit(&ann, epochs[0], objects(there)),
            store.commit(&bob, epochs[1], objects(back)),
        );
        // Whoever comes second finds the versions gone; nobody is told of a deadlock.
        assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
        assert!(matches!(one.and(other), Err(StoreError::Conflict { .. })));
    }
}

#[tokio::test]
async fn texts_for_people_may_hold_anything() {
    let store = server::store().await;
    let epochs = claimed(&store, &["ann"]).await;
    let mut told = line("odd");
    told.text = "a\0b \u{1f600} 'quoted' $1".to_owned();
    told.key = Some("odd-1".to_owned());
    let commit = Commit { journal: vec![told], ..Commit::default() };
    store.commit(&mailbox("ann"), epochs[0], commit).await.unwrap();
    assert_eq!(store.story("odd-1").await.unwrap()[0].entry.text, "a\u{fffd}b \u{1f600} 'quoted' $1");
}
