//! Tasks (both ways) and absences (out of the CRM).
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use crate::support::items::{as_task, task};
use crate::support::{Crm, held};
use std::collections::BTreeSet;
use tandem_crm_interface::sync::{Command, ContentType, RecordState, StatusCode};
use tandem_model::{Absence, Item, Stamp, Task, TaskStatus, When};

const TASKS: ContentType = ContentType::Tasks;

#[tokio::test]
async fn a_task_travels_both_ways() {
    let crm = Crm::start().await;
    let rep = crm.add_rep("Ann", "Europe/Vienna").await;
    let ann = crm.rep("ann");
    let status = ann.add("todo-1", Item::Task(task("Call Carl", "2026-12-01"))).await;
    assert_eq!(status.code, StatusCode::ADDED);
    let record = status.record.unwrap();
    let fields = crm.record(&record).await;
    assert_eq!((held(&fields)["Subject"], held(&fields)["DueDate"]), ("Call Carl", "2026-12-01"));
    assert_eq!(held(&fields)["RepID"], rep);
    crm.update(&record, &[("Status", "completed"), ("CompletedDate", "2026-11-30")]).await;
    let page = ann.changes(TASKS, status.stamp.unwrap()).await;
    let RecordState::Present { item, .. } = &page.changes[0].state else { panic!("{page:?}") };
    assert_eq!(as_task(item).status, TaskStatus::Completed);
    assert_eq!(page.changes[0].keys, ["todo-1"]);
    let replace = Command::Replace {
        record: record.clone(),
        item: Item::Task(Task { subject: "Call Carl again".into(), ..task("", "2026-12-01") }),
        fields: BTreeSet::from(["subject".to_owned()]),
        if_stamp: Some(page.changes[0].stamp),
    };
    assert_eq!(ann.status(replace).await.code, StatusCode::OK);
    assert_eq!(held(&crm.record(&record).await)["Status"], "completed");
    crm.stop().await;
}

#[tokio::test]
async fn a_task_given_to_somebody_else_leaves_one_and_reaches_the_other() {
    let crm = Crm::start().await;
    crm.add_rep("Ann", "Europe/Vienna").await;
    let bob = crm.add_rep("Bob", "Europe/Vienna").await;
    let status = crm.rep("ann").add("todo-1", Item::Task(task("Call", "2026-12-01"))).await;
    let record = status.record.unwrap();
    crm.update(&record, &[("RepID", &bob)]).await;
    let anns = crm.rep("ann").changes(TASKS, status.stamp.unwrap()).await;
    assert_eq!(
        (&anns.changes[0].state, anns.changes[0].keys.as_slice()),
        (&RecordState::Reassigned, &["todo-1".to_owned()][..])
    );
    let bobs = crm.rep("bob").changes(TASKS, Stamp(0)).await;
    assert!(matches!(bobs.changes[0].state, RecordState::Present { .. }));
    assert!(bobs.changes[0].keys.is_empty(), "the key is that of Ann's mailbox");
    let map = Command::Map { record: record.clone(), content_type: TASKS, key: "todo-2".into() };
    assert_eq!(crm.rep("bob").status(map).await.code, StatusCode::OK);
    assert_eq!(crm.rep("bob").get(&record, TASKS).await.unwrap().keys, ["todo-2"]);
    crm.stop().await;
}

#[tokio::test]
async fn a_task_that_got_a_new_id_keeps_its_record() {
    let crm = Crm::start().await;
    crm.add_rep("Ann", "Europe/Vienna").await;
    let ann = crm.rep("ann");
    let record = ann.add("todo-1", Item::Task(task("Call", "2026-12-01"))).await.record.unwrap();
    let map = Command::Map { record: record.clone(), content_type: TASKS, key: "todo-moved".into() };
    assert_eq!(ann.status(map).await.code, StatusCode::OK);
    assert_eq!(ann.get(&record, TASKS).await.unwrap().keys, ["todo-moved"]);
    crm.stop().await;
}

#[tokio::test]
async fn a_deleted_task_is_marked_and_stays() {
    let crm = Crm::start().await;
    crm.add_rep("Ann", "Europe/Vienna").await;
    let ann = crm.rep("ann");
    let record = ann.add("todo-1", Item::Task(task("Call", "2026-12-01"))).await.record.unwrap();
    let delete = || Command::Delete { record: record.clone(), content_type: TASKS, if_stamp: None };
    assert_eq!(ann.status(delete()).await.code, StatusCode::OK);
    assert_eq!(held(&crm.record(&record).await)["Deleted"], "true");
    assert_eq!(ann.status(delete()).await.code, StatusCode::NOT_DELETED);
    crm.stop().await;
}

#[tokio::test]
async fn absences_leave_the_crm_and_never_enter_it() {
    let crm = Crm::start().await;
    let rep = crm.add_rep("Ann", "Europe/Vienna").await;
    let fields = [
        ("RepID", rep.as_str()),
        ("Type", "Holiday"),
        ("StartDate", "2026-12-24"),
        ("EndDate", "2026-12-26"),
        ("AllDay", "true"),
    ];
    let record = crm.insert("Absence", &fields).await;
    let ann = crm.rep("ann");
    let page = ann.changes(ContentType::Absences, Stamp(0)).await;
    let RecordState::Present { item, .. } = &page.changes[0].state else { panic!("{page:?}") };
    let Item::Absence(absence) = item.as_ref() else { panic!("{item:?}") };
    let date = |text: &str| text.parse().unwrap();
    assert_eq!(absence.when, When::AllDay { start: date("2026-12-24"), end: date("2026-12-27") });
    let map =
        Command::Map { record: record.clone(), content_type: ContentType::Absences, key: "oof-1".into() };
    assert_eq!(ann.status(map).await.code, StatusCode::OK);
    crm.delete(&record).await;
    let page = ann.changes(ContentType::Absences, page.next).await;
    assert_eq!(page.changes[0].state, RecordState::Deleted);
    let item = Item::Absence(Absence { subject: "Mine".into(), ..absence.clone() });
    let refused = ann.add("oof-2", item).await;
    assert_eq!((refused.code, refused.reason.as_deref()), (StatusCode::FORBIDDEN, Some("not-allowed")));
    crm.stop().await;
}
