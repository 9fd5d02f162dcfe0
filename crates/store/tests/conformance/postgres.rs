//! What only the store in PostgreSQL can show: sessions, restarts of the server, writers that meet.

use crate::fixture::*;
use crate::server;
use serde_json::json;
use tandem_model::Kind;
use tandem_store::{Base, Commit, PostgresStore, Source, Store, StoreError};

/// Runs statements behind the store's back.
async fn tamper(address: &str, statements: &str) {
    let (client, connection) = tokio_postgres::connect(address, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute(statements).await.unwrap();
}

/// Opens a store whose lock may still be held for a moment by a session that was dropped.
async fn open_again(address: &str) -> Result<PostgresStore, StoreError> {
    for _ in 0..200 {
        match PostgresStore::open(address, None).await {
            Err(StoreError::InUse { .. }) => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
            other => return other,
        }
    }
    panic!("the store stays locked");
}

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
    open_again(&address).await.unwrap();
}

#[tokio::test]
async fn a_newer_store_needs_the_newer_program() {
    let address = server::database().await;
    drop(PostgresStore::open(&address, None).await.unwrap());
    tamper(&address, "INSERT INTO tandem.format (number) VALUES (99)").await;
    let opened = [
        open_again(&address).await,
        PostgresStore::open_read_only(&address, None).await,
        PostgresStore::open_beside(&address, None).await,
    ];
    for result in opened {
        let Err(error) = result else { panic!("a store of a newer format was opened") };
        assert!(matches!(error, StoreError::TooNew { found: 99, known: 3, .. }), "{error}");
        assert!(error.to_string().ends_with("use the newer program"), "{error}");
    }
    // It is as it was, and the lock went with the failed attempt.
    tamper(&address, "DELETE FROM tandem.format WHERE number = 99").await;
    open_again(&address).await.unwrap();
}

#[tokio::test]
async fn an_older_store_is_brought_up_to_date() {
    // What was about to be written is known from the second format on, what it is made from a copy from the third.
    const FORMAT_1: &str = "DROP TABLE tandem.outbox;
        CREATE TABLE tandem.outbox (mailbox BIGINT NOT NULL REFERENCES tandem.mailbox, key TEXT COLLATE \"C\" NOT NULL,
            kind TEXT COLLATE \"C\" NOT NULL, record TEXT COLLATE \"C\" NOT NULL, at BIGINT NOT NULL,
            PRIMARY KEY (mailbox, key));
        INSERT INTO tandem.outbox (mailbox, key, kind, record, at)
            SELECT id, 'k', 'task', 'A1:1', 7 FROM tandem.mailbox;
        DELETE FROM tandem.format WHERE number > 1;";
    const FORMAT_2: &str = "ALTER TABLE tandem.outbox ADD COLUMN sent_m365 TEXT, ADD COLUMN sent_crm TEXT;
        UPDATE tandem.outbox SET sent_m365 = '{\"subject\":\"a\"}', sent_crm = '{\"subject\":\"b\"}';
        INSERT INTO tandem.format (number) VALUES (2);";
    let subject = |text: &str| document(json!({ "subject": text }));
    for (older, sent) in [
        (FORMAT_1.to_owned(), None),
        (format!("{FORMAT_1}{FORMAT_2}"), Some(Base { m365: subject("a"), crm: subject("b") })),
    ] {
        let address = server::database().await;
        let store = PostgresStore::open(&address, None).await.unwrap();
        claimed(&store, &["ann"]).await;
        drop(store);
        tamper(&address, &older).await;
        for result in [
            PostgresStore::open_read_only(&address, None).await,
            PostgresStore::open_beside(&address, None).await,
        ] {
            let Err(StoreError::Database { why, .. }) = result else { panic!("it was opened as it is") };
            assert!(why.contains("start the connector once"), "{why}");
        }

        let store = open_again(&address).await.unwrap();
        let left = store.outbox(&mailbox("ann")).await.unwrap();
        let left: Vec<_> = left.into_iter().map(|row| (row.key, row.source, row.sent)).collect();
        assert_eq!(left, [("k".to_owned(), Source::Record("A1:1".into()), sent)]);
        // It takes what only the newest format holds.
        let epoch = store.claim(&mailbox("ann")).await.unwrap();
        let copy = pending("copy", 5);
        assert!(matches!(copy.source, Source::Copy { place: Some(_), .. }));
        store.reserve(&mailbox("ann"), epoch, std::slice::from_ref(&copy)).await.unwrap();
        assert!(store.outbox(&mailbox("ann")).await.unwrap().contains(&copy));
        drop(store);
        assert_eq!(
            PostgresStore::open_read_only(&address, None).await.unwrap().mailboxes().await.unwrap().len(),
            1
        );
    }
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
        let lost = one.and(other);
        assert!(matches!(lost, Err(StoreError::Conflict { .. })), "{lost:?}");
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
