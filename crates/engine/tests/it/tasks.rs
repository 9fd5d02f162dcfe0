//! Tasks travel both ways.

#![allow(clippy::unwrap_used, reason = "tests may stop at the first surprise")]

use crate::stage::{ANN, Stage};
use serde_json::{Value, json};
use tandem_model::Kind;
use tandem_store::{State, Store};

/// Ann enters a task into To Do.
async fn jots(stage: &Stage, title: &str) {
    let due = json!({"dateTime": format!("{}T00:00:00", stage.day(5)), "timeZone": "UTC"});
    let task = json!({"title": title, "importance": "high", "dueDateTime": due, "body": {"contentType": "text", "content": "soon"}});
    stage.outlook("POST", &format!("/users/{ANN}/tasks"), task).await;
}

/// Ann does something to her task.
async fn does(stage: &Stage, method: &str, title: &str, rest: &str, body: Value) {
    let id = stage.todo("ann", title).await["id"].as_str().unwrap().to_owned();
    stage.outlook(method, &format!("/users/{ANN}/tasks/{id}{rest}"), body).await;
}

#[tokio::test]
async fn a_task_of_to_do_goes_to_the_crm_and_is_completed_there() {
    let stage = Stage::set().await;
    jots(&stage, "Offer").await;
    stage.settle().await;
    let task = stage.record("Task", "Offer").await;
    assert_eq!((task.get("DueDate"), task.get("Priority"), task.get("RepID")), (&*stage.day(5), "high", "1"));
    assert_eq!((task.get("Text"), task.get("Status")), ("soon", "notStarted"));
    stage.was(&task.name(), "new-in-m365").await;

    let done = [("Status", "completed"), ("Percent", "100"), ("CompletedDate", &*stage.day(0))];
    stage.edits("Task", &task, &done).await;
    stage.settle().await;
    assert_eq!(stage.todo("ann", "Offer").await["status"], "completed");
    stage.strike().await;
}

#[tokio::test]
async fn a_task_of_the_crm_goes_to_to_do_and_is_completed_there() {
    let stage = Stage::set().await;
    let due = stage.day(2);
    let fields = [
        ("RepID", "1"),
        ("CreatedByID", "1"),
        ("Subject", "Call back"),
        ("DueDate", &*due),
        ("Status", "notStarted"),
    ];
    stage.adds("Task", &fields).await;
    stage.settle().await;
    let todo = stage.todo("ann", "Call back").await;
    assert!(todo["dueDateTime"]["dateTime"].as_str().unwrap().starts_with(&due), "{todo:#?}");
    assert!(stage.todos("ben").await.is_empty());

    does(&stage, "PATCH", "Call back", "", json!({"status": "completed"})).await;
    stage.settle().await;
    assert_eq!(stage.record("Task", "Call back").await.get("Status"), "completed");
    stage.strike().await;
}

#[tokio::test]
async fn deletions_travel_both_ways() {
    let stage = Stage::set().await;
    for title in ["One", "Two"] {
        jots(&stage, title).await;
    }
    stage.settle().await;
    does(&stage, "DELETE", "One", "", Value::Null).await;
    let two = stage.record("Task", "Two").await;
    stage.edits("Task", &two, &[("Deleted", "true")]).await;
    stage.settle().await;
    let one = stage.record("Task", "One").await;
    assert!(one.is("Deleted"));
    assert!(stage.todos("ann").await.is_empty());
    stage.was(&one.name(), "gone-in-m365").await;
    stage.was(&two.name(), "gone-in-crm").await;
    stage.strike().await;
}

#[tokio::test]
async fn a_task_that_moves_to_another_list_stays_the_same_record() {
    let stage = Stage::set().await;
    jots(&stage, "Offer").await;
    stage.settle().await;
    let before = stage.record("Task", "Offer").await;
    does(&stage, "POST", "Offer", "/move", json!({"list": "Later"})).await;
    stage.settle().await;
    let after = stage.record("Task", "Offer").await;
    assert_eq!(after.id, before.id);
    assert!(!after.is("Deleted"));
    assert_eq!(stage.todo("ann", "Offer").await["listName"], "Later");

    stage.edits("Task", &after, &[("Subject", "Offer 2")]).await;
    stage.settle().await;
    assert_eq!(stage.todo("ann", "Offer 2").await["listName"], "Later");
    stage.strike().await;
}

#[tokio::test]
async fn of_tasks_made_at_one_moment_each_is_followed_to_its_own_list() {
    let stage = Stage::set().await;
    let titles = ["Call Karl", "Call Eve", "Call Lena"];
    stage.outlook("POST", "/clock", json!({"mode": "virtual"})).await;
    for title in titles {
        jots(&stage, title).await;
    }
    stage.outlook("POST", "/clock", json!({"mode": "real"})).await;
    stage.settle().await;
    let [karl, eve, lena] = [0, 1, 2].map(|at| stage.record("Task", titles[at]));
    let (karl, eve, lena) = (karl.await, eve.await, lena.await);
    // The first one goes while the others get new ids; all of them have the same date of creation.
    does(&stage, "DELETE", "Call Karl", "", Value::Null).await;
    does(&stage, "PATCH", "Call Lena", "", json!({"title": "Call Lena again"})).await;
    for title in ["Call Lena again", "Call Eve"] {
        does(&stage, "POST", title, "/move", json!({"list": "Later"})).await;
    }
    stage.settle().await;
    assert_eq!(stage.record("Task", "Call Eve").await.name(), eve.name());
    assert_eq!(stage.record("Task", "Call Lena again").await.name(), lena.name());
    let gone = stage.record("Task", "Call Karl").await;
    assert_eq!((gone.name(), gone.is("Deleted")), (karl.name(), true));
    assert_eq!(stage.todos("ann").await.len(), 2);
    stage.strike().await;
}

#[tokio::test]
async fn a_task_that_is_moved_and_edited_on_both_sides_in_between_stays_one() {
    let stage = Stage::set().await;
    jots(&stage, "Offer").await;
    stage.settle().await;
    let task = stage.record("Task", "Offer").await;
    stage.edits("Task", &task, &[("Text", "as soon as can be")]).await;
    does(&stage, "PATCH", "Offer", "", json!({"title": "Second offer"})).await;
    does(&stage, "POST", "Second offer", "/move", json!({"list": "Later"})).await;
    stage.settle().await;
    let same = stage.record("Task", "Second offer").await;
    assert_eq!((same.name(), same.get("Text")), (task.name(), "as soon as can be"));
    assert_eq!(stage.todos("ann").await.len(), 1);
    assert_eq!(stage.todo("ann", "Second offer").await["body"]["content"], "as soon as can be");
    stage.was(&task.name(), "moved-in-m365").await;
    stage.strike().await;
}

/// The CRM has a task for Ann, who was in step until then.
async fn gets_a_task(stage: &Stage) {
    stage.settle().await;
    stage.adds("Task", &[("RepID", "1"), ("CreatedByID", "1"), ("Subject", "Call back")]).await;
}

/// In the end there is one, on both sides.
async fn has_one_task(stage: &Stage) {
    stage.settle().await;
    stage.later(3600);
    stage.settle().await;
    stage.todo("ann", "Call back").await;
    assert_eq!((stage.todos("ann").await.len(), stage.records("Task").await.len()), (1, 1));
}

/// The CRM has a task for Ann, and a worker is about to make it in To Do, when another one takes the mailbox over. The request
/// arrives after that, or never.
async fn is_taken_over_while_a_task_is_made(stage: &Stage, arrives: bool) {
    gets_a_task(stage).await;
    let (other, id) = (stage.second_connector(), stage.id("ann"));
    let (arrived, go_on) = stage.line.hold("POST /v1.0/users");
    let older = stage.connector.cycle_once(&stage.roster, &id);
    let newer = async {
        arrived.await.unwrap();
        other.cycle_once(&stage.roster, &id).await.unwrap();
        assert!(stage.todos("ann").await.is_empty(), "the first request may still arrive");
        if arrives {
            go_on.send(()).unwrap();
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        ended = older => assert!(ended.unwrap_err().is_fenced()),
        () = newer => {}
    }
}

#[tokio::test]
async fn a_task_whose_request_arrives_after_its_worker_lost_the_mailbox_is_made_once() {
    let stage = Stage::set().await;
    is_taken_over_while_a_task_is_made(&stage, true).await;
    has_one_task(&stage).await;
    stage.strike().await;
}

#[tokio::test]
async fn a_task_whose_request_never_arrives_is_made_when_it_no_longer_can() {
    let stage = Stage::set().await;
    is_taken_over_while_a_task_is_made(&stage, false).await;
    stage.settle().await;
    let task = stage.record("Task", "Call back").await;
    stage.was(&task.name(), "m365-unclear").await;
    assert!(stage.todos("ann").await.is_empty());
    stage.later(3600);
    stage.settle().await;
    assert_eq!(stage.todos("ann").await.len(), 1);
    stage.strike().await;
}

#[tokio::test]
async fn a_task_that_arrives_while_the_next_worker_reads_is_made_once() {
    let stage = Stage::set().await;
    gets_a_task(&stage).await;
    let (other, id) = (stage.second_connector(), stage.id("ann"));
    let (sent, go_on) = stage.line.hold("POST /v1.0/users");
    let older = stage.connector.cycle_once(&stage.roster, &id);
    let newer = async {
        sent.await.unwrap();
        let (reads, read_on) = stage.line.hold("/tasks/delta");
        let arrives = async {
            reads.await.unwrap();
            go_on.send(()).unwrap();
            while stage.todos("ann").await.is_empty() {
                tokio::task::yield_now().await;
            }
            read_on.send(()).unwrap();
        };
        tokio::join!(arrives, other.cycle_once(&stage.roster, &id)).1
    };
    let (older, newer) = tokio::join!(older, newer);
    newer.unwrap();
    assert!(older.unwrap_err().is_fenced());
    has_one_task(&stage).await;
    stage.strike().await;
}

#[tokio::test]
async fn a_task_that_was_turned_away_is_made_as_soon_as_the_server_allows() {
    let stage = Stage::set().await;
    gets_a_task(&stage).await;
    let throttled =
        json!({"fault": "throttled", "method": "POST", "resource": "tasks", "with": {"retry_after": 200}});
    stage.outlook("POST", "/faults", throttled).await;
    stage.cycle("ann").await.unwrap();
    let link = stage.links("ann", Kind::Task).await.remove(0);
    assert_eq!((link.state, &*link.reason), (State::Failed, "m365-error"));
    assert!(stage.store.outbox(&stage.id("ann")).await.unwrap().is_empty(), "nothing can arrive");
    stage.outlook("DELETE", "/faults", Value::Null).await;
    stage.passes(240).await;
    stage.settle().await;
    assert_eq!(stage.todos("ann").await.len(), 1);
    stage.strike().await;
}
