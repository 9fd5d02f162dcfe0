//! What only a file can do: be locked, be full, be old, be somebody else's, survive.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may stop at the first surprise")]

#[path = "conformance/fixture.rs"]
#[allow(dead_code, reason = "shared with the conformance suite")]
mod fixture;

use fixture::*;
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use tandem_model::Kind;
use tandem_store::{Commit, NewEntry, Source, SqliteStore, Store, StoreError};
use tempfile::TempDir;

fn place() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store.db");
    (directory, path)
}

fn why(error: &StoreError) -> String {
    error.to_string()
}

#[tokio::test]
async fn what_was_committed_is_there_after_reopening() {
    let (_directory, path) = place();
    let store = SqliteStore::open(&path).unwrap();
    let epoch = claimed(&store, &["ann"]).await[0];
    let commit = Commit {
        links: vec![write(link("ann", "g"), Some(object(Some("k"), Some("MA:1"))))],
        journal: vec![NewEntry { key: Some("k".into()), ..line("seen") }],
        ..Commit::default()
    };
    store.commit(&mailbox("ann"), epoch, commit).await.unwrap();
    let before =
        (all_links(&store, "ann").await, store.story("k").await.unwrap(), store.status().await.unwrap());
    drop(store);

    let store = SqliteStore::open(&path).unwrap();
    let after =
        (all_links(&store, "ann").await, store.story("k").await.unwrap(), store.status().await.unwrap());
    assert_eq!(before, after);
    // Claims of the run before are over.
    let next = store.claim(&mailbox("ann")).await.unwrap();
    assert!(next > epoch);
    assert_fenced(store.commit(&mailbox("ann"), epoch, Commit::default()).await, "ann");
}

#[tokio::test]
async fn a_second_connector_is_refused() {
    let (_directory, path) = place();
    let first = SqliteStore::open(&path).unwrap();
    let error = SqliteStore::open(&path).unwrap_err();
    assert!(matches!(&error, StoreError::InUse { path: named } if Path::new(named) == path), "{error}");
    // A clone is the same connector, and as long as one is left the store is in use.
    let clone = first.clone();
    drop(first);
    assert!(matches!(SqliteStore::open(&path), Err(StoreError::InUse { .. })));
    drop(clone);
    SqliteStore::open(&path).unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn another_name_is_the_same_store() {
    let (directory, path) = place();
    let link = directory.path().join("link.db");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let _first = SqliteStore::open(&path).unwrap();
    assert!(matches!(SqliteStore::open(&link), Err(StoreError::InUse { .. })));
    let dotted = directory.path().join(".").join("store.db");
    assert!(matches!(SqliteStore::open(&dotted), Err(StoreError::InUse { .. })));
}

#[tokio::test]
async fn a_decision_is_noted_beside_a_connector_and_takes_nothing_from_it() {
    let (_directory, path) = place();
    assert!(SqliteStore::open_beside(&path).is_err(), "there is no store yet");
    let connector = SqliteStore::open(&path).unwrap();
    let epoch = claimed(&connector, &["ann"]).await[0];
    let person = SqliteStore::open_beside(&path).unwrap();
    let known = person.mailboxes().await.unwrap().remove(0);
    assert_eq!(known.epoch, epoch);
    let noted = links(vec![write(link("ann", "m1"), None)]);
    person.commit(&known.seed.id, known.epoch, noted).await.unwrap();
    connector.commit(&mailbox("ann"), epoch, links(vec![write(link("ann", "m2"), None)])).await.unwrap();
    assert_eq!(all_links(&connector, "ann").await.len(), 2);
    assert!(matches!(SqliteStore::open(&path), Err(StoreError::InUse { .. })));
}

#[tokio::test]
async fn readers_look_on_while_a_connector_works() {
    let (_directory, path) = place();
    let missing = SqliteStore::open_read_only(&path).unwrap_err();
    assert!(why(&missing).contains("there is no such file"), "{missing}");
    assert!(!path.exists(), "looking makes nothing");

    let store = SqliteStore::open(&path).unwrap();
    let reader = SqliteStore::open_read_only(&path).unwrap();
    let epoch = claimed(&store, &["ann"]).await[0];
    for round in 0..3 {
        store
            .commit(&mailbox("ann"), epoch, links(vec![write(link("ann", &round.to_string()), None)]))
            .await
            .unwrap();
        assert_eq!(all_links(&reader, "ann").await, all_links(&store, "ann").await);
        assert_eq!(all_links(&reader, "ann").await.len(), round + 1);
    }
    assert_eq!(reader.status().await.unwrap(), store.status().await.unwrap());

    let error = reader.claim(&mailbox("ann")).await.unwrap_err();
    assert!(why(&error).contains("cannot be written: it is open for reading only"), "{error}");
    drop(store);
    // And when nobody works.
    assert_eq!(all_links(&SqliteStore::open_read_only(&path).unwrap(), "ann").await.len(), 3);
    SqliteStore::open(&path).unwrap();
}

#[tokio::test]
async fn the_journal_can_be_followed() {
    let (_directory, path) = place();
    let store = SqliteStore::open(&path).unwrap();
    let reader = SqliteStore::open_read_only(&path).unwrap();
    assert_eq!(reader.newest_line().await.unwrap(), 0);
    let epoch = claimed(&store, &["ann"]).await[0];
    let commit = Commit { journal: ["a", "b", "c"].map(line).to_vec(), ..Commit::default() };
    store.commit(&mailbox("ann"), epoch, commit).await.unwrap();
    let codes =
        |lines: Vec<tandem_store::JournalEntry>| lines.into_iter().map(|l| l.entry.code).collect::<Vec<_>>();
    let first = reader.journal_after(0, 2).await.unwrap();
    let seen = first.last().unwrap().seq;
    assert_eq!(codes(first), ["a", "b"]);
    assert_eq!(codes(reader.journal_after(seen, 9).await.unwrap()), ["c"]);
    let newest = reader.newest_line().await.unwrap();
    assert!(reader.journal_after(newest, 9).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_full_disk_loses_nothing_and_passes() {
    let (_directory, path) = place();
    let store = SqliteStore::open(&path).unwrap();
    let epochs = claimed(&store, &["ann", "bob"]).await;
    let big = |of: &str, number: usize| {
        let mut entry = line(&"x".repeat(20_000));
        entry.graph = Some(format!("{of}{number}").as_str().into());
        Commit {
            links: vec![write(link(of, &format!("{of}{number}")), None)],
            journal: vec![entry],
            ..Commit::default()
        }
    };
    store.limit_size(1_000_000).await.unwrap();
    let mut written = 0;
    let error = loop {
        match store.commit(&mailbox("ann"), epochs[0], big("ann", written)).await {
            Ok(()) => written += 1,
            Err(error) => break error,
        }
        assert!(written < 200, "the disk never gets full");
    };
    assert!(matches!(&error, StoreError::Full { path: named } if Path::new(named) == path), "{error}");
    assert!(written > 10);
    // Also when several meet at the full disk; each is told, nothing of any is kept.
    let (ann, bob) = (mailbox("ann"), mailbox("bob"));
    let (one, two) = tokio::join!(
        store.commit(&ann, epochs[0], big("ann", written)),
        store.commit(&bob, epochs[1], big("bob", 0))
    );
    assert!(matches!(one, Err(StoreError::Full { .. })) && matches!(two, Err(StoreError::Full { .. })));
    assert_eq!(all_links(&store, "ann").await.len(), written);
    assert!(all_links(&store, "bob").await.is_empty());
    assert_eq!(store.find(&format!("ann{written}")).await.unwrap(), []);

    // Somebody makes room, and it goes on by itself.
    store.limit_size(u64::MAX).await.unwrap();
    store.commit(&ann, epochs[0], big("ann", written)).await.unwrap();
    assert_eq!(all_links(&store, "ann").await.len(), written + 1);
    assert_eq!(store.story(&format!("ann{written}")).await.unwrap().len(), 1);
}

#[tokio::test]
async fn strangers_files_stay_as_they_are() {
    let (_directory, path) = place();
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch("CREATE TABLE recipe (name TEXT); PRAGMA user_version = 1").unwrap();
    drop(connection);
    let before = std::fs::read(&path).unwrap();
    for result in [SqliteStore::open(&path), SqliteStore::open_read_only(&path)] {
        assert!(why(&result.unwrap_err()).contains("a database of another program"));
    }
    assert_eq!(std::fs::read(&path).unwrap(), before);

    std::fs::write(&path, "This is a letter, and not a short one, to whom it may concern. ".repeat(20))
        .unwrap();
    for result in [SqliteStore::open(&path), SqliteStore::open_read_only(&path)] {
        assert!(why(&result.unwrap_err()).contains("no database"));
    }
    assert!(std::fs::read_to_string(&path).unwrap().starts_with("This is a letter"));
}

#[tokio::test]
async fn a_newer_store_needs_the_newer_program() {
    let (_directory, path) = place();
    drop(SqliteStore::open(&path).unwrap());
    Connection::open(&path).unwrap().execute_batch("PRAGMA user_version = 99").unwrap();
    for result in
        [SqliteStore::open(&path), SqliteStore::open_read_only(&path), SqliteStore::open_beside(&path)]
    {
        let error = result.unwrap_err();
        assert!(matches!(error, StoreError::TooNew { found: 99, known: 3, .. }), "{error}");
        assert!(error.to_string().ends_with("use the newer program"), "{error}");
    }
    // The lock went with the failed attempt.
    Connection::open(&path).unwrap().execute_batch("PRAGMA user_version = 3").unwrap();
    SqliteStore::open(&path).unwrap();
}

#[tokio::test]
async fn an_older_store_is_brought_up_to_date() {
    let (_directory, path) = place();
    let store = SqliteStore::open(&path).unwrap();
    claimed(&store, &["ann"]).await;
    drop(store);
    let older = "
        DROP TABLE outbox;
        CREATE TABLE outbox (mailbox INTEGER NOT NULL REFERENCES mailbox, key TEXT NOT NULL, kind TEXT NOT NULL,
            record TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (mailbox, key)) STRICT, WITHOUT ROWID;
        INSERT INTO outbox (mailbox, key, kind, record, at) SELECT id, 'k', 'task', 'A1:1', 7 FROM mailbox;
        PRAGMA user_version = 1;";
    Connection::open(&path).unwrap().execute_batch(older).unwrap();
    assert!(matches!(SqliteStore::open_read_only(&path), Err(StoreError::Database { .. })));
    drop(SqliteStore::open(&path).unwrap());
    let left = SqliteStore::open_read_only(&path).unwrap().outbox(&mailbox("ann")).await.unwrap();
    let sources: Vec<_> = left.into_iter().map(|row| (row.key, row.source, row.sent)).collect();
    assert_eq!(sources, [("k".to_owned(), Source::Record("A1:1".into()), None)]);
}

#[tokio::test]
async fn an_empty_file_is_no_store_yet() {
    let (_directory, path) = place();
    std::fs::write(&path, "").unwrap();
    assert!(SqliteStore::open_read_only(&path).is_err());
    SqliteStore::open(&path).unwrap();
    SqliteStore::open_read_only(&path).unwrap();
}

#[tokio::test]
async fn a_directory_that_is_not_there_is_named() {
    let (directory, _) = place();
    let path = directory.path().join("no/such/store.db");
    let error = SqliteStore::open(&path).unwrap_err();
    assert!(
        why(&error).contains("no/such/store.db") && why(&error).contains("there is no folder"),
        "{error}"
    );
}

#[tokio::test]
async fn damaged_content_is_named_without_repeating_it() {
    let (_directory, path) = place();
    let store = SqliteStore::open(&path).unwrap();
    let epoch = claimed(&store, &["ann"]).await[0];
    store.commit(&mailbox("ann"), epoch, links(vec![write(link("ann", "g"), None)])).await.unwrap();
    drop(store);
    Connection::open(&path)
        .unwrap()
        .execute("UPDATE link SET base_m365 = '{\"subject\": private words'", [])
        .unwrap();
    let store = SqliteStore::open(&path).unwrap();
    let error = store.links(&mailbox("ann"), Kind::Mail, None, 10).await.unwrap_err();
    assert!(matches!(&error, StoreError::Damaged { what: "base", .. }), "{error}");
    assert!(!why(&error).contains("private"), "{error}");
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_reads_it() {
    use std::os::unix::fs::PermissionsExt;
    let (directory, path) = place();
    let store = SqliteStore::open(&path).unwrap();
    claimed(&store, &["ann"]).await;
    let mut seen = 0;
    for file in std::fs::read_dir(directory.path()).unwrap().map(Result::unwrap) {
        let mode = file.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{file:?}");
        seen += 1;
    }
    assert!(seen >= 3, "the database, its log and its lock");
}

/// Workers of many mailboxes commit at once: each gets its own answer, the failing ones harm nobody.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn workers_that_meet_get_their_own_answers() {
    let (_directory, path) = place();
    let store = SqliteStore::open(&path).unwrap();
    let names: Vec<String> = (0..16).map(|number| format!("m{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let epochs = claimed(&store, &names).await;
    let mut tasks = tokio::task::JoinSet::new();
    for (name, epoch) in names.iter().zip(epochs) {
        let (store, name) = (store.clone(), (*name).to_owned());
        tasks.spawn(async move {
            let mut won = 0;
            for round in 0..20 {
                // All want the same object; one gets it.
                let shared = write(
                    link(&name, &format!("shared{round}")),
                    Some(object(Some(&format!("k{round}")), None)),
                );
                match store.commit(&mailbox(&name), epoch, links(vec![shared])).await {
                    Ok(()) => won += 1,
                    Err(StoreError::Conflict { .. }) => {}
                    Err(other) => panic!("{other}"),
                }
                let own = write(link(&name, &format!("own{round}")), None);
                store.commit(&mailbox(&name), epoch, links(vec![own])).await.unwrap();
                // What is committed can be read at once.
                assert_eq!(
                    store
                        .find(&format!("own{round}"))
                        .await
                        .unwrap()
                        .iter()
                        .filter(|l| l.link.mailbox.as_str() == name)
                        .count(),
                    1
                );
            }
            won
        });
    }
    let won: usize = tasks.join_all().await.into_iter().sum();
    assert_eq!(won, 20);
    for name in names {
        let links = all_links(&store, name).await;
        assert_eq!(
            links.iter().filter(|one| one.link.graph.as_ref().unwrap().as_str().starts_with("own")).count(),
            20
        );
    }
}

/// A commit that nobody waits for any more is whole or not there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_commit_harms_nobody() {
    let (_directory, path) = place();
    let store = SqliteStore::open(&path).unwrap();
    let epoch = claimed(&store, &["ann"]).await[0];
    for round in 0..20 {
        let commit = links((0..10).map(|n| write(link("ann", &format!("{round}-{n}")), None)).collect());
        let (work, ann) = (store.clone(), mailbox("ann"));
        let task = tokio::spawn(async move { work.commit(&ann, epoch, commit).await });
        tokio::task::yield_now().await;
        task.abort();
        let _ = task.await;
    }
    store.commit(&mailbox("ann"), epoch, links(vec![write(link("ann", "last"), None)])).await.unwrap();
    assert_eq!(all_links(&store, "ann").await.len() % 10, 1);
}
