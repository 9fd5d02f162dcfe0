//! A database that cannot be written.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use support::Crm;
use support::items::task;
use tandem_crm::Options;
use tandem_crm_interface::language::{Action, Request};
use tandem_crm_interface::sync::{Command, StatusCode};
use tandem_model::Item;

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_database_answers_511_and_the_same_message_works_later() {
    let folder = tempfile::tempdir().unwrap();
    let db = folder.path().join("crm.db");
    let crm = Crm::with(Options { db: Some(db.clone()), ..Options::default() }).await;
    crm.add_rep("Ann", "Europe/Vienna").await;
    let other = rusqlite::Connection::open(&db).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();

    let add = |key: &str| Command::Add {
        key: key.to_owned(),
        item: Item::Task(task("Call", "2026-12-01")),
        published: false,
    };
    let ann = crm.rep("ann");
    let insert = Action::Insert(vec![support::input("Company", &[("Company", "Acme")])]);
    let request = Request::new(crm.administrator(), [insert]);
    let (answers, response) = tokio::join!(ann.send(vec![add("one"), add("two")]), crm.request(&request));
    for answer in answers {
        let tandem_crm_interface::sync::Answer::Status(status) = answer else { panic!("{answer:?}") };
        assert_eq!(status.code, StatusCode::SERVER_FAILURE);
        assert!(status.text.unwrap().contains("locked by another program"));
    }
    assert_eq!(response.results[0].error().unwrap().code, "511");
    // Reading goes on meanwhile.
    assert!(crm.all("Task").await.is_empty());

    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(ann.status(add("one")).await.code, StatusCode::ADDED);
    assert_eq!(ann.status(add("two")).await.code, StatusCode::ADDED);
    assert_eq!(crm.all("Task").await.len(), 2);
    crm.stop().await;
}
