//! A database that cannot be written.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use crate::support::Crm;
use crate::support::items::task;
use tandem_crm::Options;
use tandem_crm_interface::language::{Action, Request};
use tandem_crm_interface::sync::wire::{Addressing, Reply, read_response, write_request};
use tandem_crm_interface::sync::{Answer, Command, StatusCode, SyncRequest};
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
    let insert = Action::Insert(vec![crate::support::input("Company", &[("Company", "Acme")])]);
    let request = Request::new(crm.administrator(), [insert]);
    let (answers, response) = tokio::join!(ann.send(vec![add("one"), add("two")]), crm.request(&request));
    for answer in answers {
        let Answer::Status(status) = answer else { panic!("{answer:?}") };
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

#[tokio::test(flavor = "multi_thread")]
async fn who_is_still_being_served_is_already_active_and_nothing_is_done_twice() {
    let folder = tempfile::tempdir().unwrap();
    let db = folder.path().join("crm.db");
    let crm = Crm::with(Options { db: Some(db.clone()), ..Options::default() }).await;
    crm.add_rep("Ann", "Europe/Vienna").await;
    let request = |session_id: &str| {
        let add = Command::Add {
            key: "one".into(),
            item: Item::Task(task("Call", "2026-12-01")),
            published: false,
        };
        let request = SyncRequest { session: crm.rep("ann").session(), commands: vec![add] };
        let addressing = Addressing { session_id: session_id.to_owned(), target: "crm".to_owned() };
        write_request(&request, &addressing)
    };
    // The first message waits for the database as long as the CRM does, which is longer than the second waits for it.
    let other = rusqlite::Connection::open(&db).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let (first, second) = (request("1"), request("2"));
    let ((_, busy), (_, active)) = tokio::join!(crm.post(&first.body), crm.post(&second.body));
    let replies =
        [(busy, first), (active, second)].map(|(body, sent)| read_response(&body, &sent.envelope).unwrap());
    let refused = replies.iter().filter(|reply| match reply {
        Reply::Refused(status) => {
            status.code == StatusCode(417) && status.text.as_deref() == Some("User is already active")
        }
        Reply::Answers(_) => false,
    });
    assert_eq!(refused.count(), 1, "{replies:?}");
    other.execute_batch("ROLLBACK").unwrap();

    // A message that comes again is answered as before, not run again.
    let third = request("3");
    let (_, answer) = crm.post(&third.body).await;
    let (_, again) = crm.post(&third.body).await;
    assert_eq!(String::from_utf8_lossy(&answer), String::from_utf8_lossy(&again));
    let Reply::Answers(answers) = read_response(&again, &third.envelope).unwrap() else { panic!("refused") };
    let Answer::Status(status) = &answers.answers[0] else { panic!("{answers:?}") };
    assert_eq!(status.code, StatusCode::ADDED, "and not 208, as a second run would answer");
    assert_eq!(crm.all("Task").await.len(), 1);
    crm.stop().await;
}
