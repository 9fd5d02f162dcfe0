//! Anchors and pages.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use crate::support::Crm;
use crate::support::items::task;
use tandem_crm_interface::sync::{Answer, Command, ContentType};
use tandem_model::{Item, Stamp};

const TASKS: ContentType = ContentType::Tasks;

#[tokio::test]
async fn pages_hold_everything_once_in_the_order_of_change() {
    let crm = Crm::start().await;
    let rep = crm.add_rep("Ann", "Europe/Vienna").await;
    let other = crm.add_rep("Bob", "Europe/Vienna").await;
    let mut expected = Vec::new();
    for number in 0..25 {
        let subject = format!("Task {number}");
        let fields = [("RepID", rep.as_str()), ("Subject", subject.as_str()), ("Status", "notStarted")];
        expected.push(crm.insert("Task", &fields).await);
        crm.insert("Task", &[("RepID", &other), ("Subject", "Another's")]).await;
    }
    crm.update(&expected[3], &[("Subject", "Task 3, again")]).await;
    let third = expected.remove(3);
    expected.push(third);
    let ann = crm.rep("ann");
    let mut found = Vec::new();
    let mut since = Stamp(0);
    loop {
        let page = ann.page(TASKS, since, None, 10).await;
        assert!(page.changes.len() <= 10);
        assert!(page.changes.windows(2).all(|pair| pair[0].stamp < pair[1].stamp));
        found.extend(page.changes.iter().map(|change| change.record.clone()));
        assert!(page.next > since);
        since = page.next;
        if !page.more {
            break;
        }
    }
    assert_eq!(found, expected);
    assert_eq!(since.0, crm.counters().await.0);
    let idle = ann.page(TASKS, since, None, 10).await;
    assert!(idle.changes.is_empty() && !idle.more && idle.next == since);
    crm.stop().await;
}

#[tokio::test]
async fn an_anchor_of_another_database_is_refused() {
    let crm = Crm::start().await;
    crm.add_rep("Ann", "Europe/Vienna").await;
    let ask = Command::Changes { content_type: TASKS, since: Stamp(1 << 40), window: None, limit: 10 };
    let status = crm.rep("ann").status(ask).await;
    assert_eq!((status.code.0, status.reason.as_deref()), (508, Some("anchor-unknown")));
    crm.stop().await;
}

#[tokio::test]
async fn a_message_sees_its_own_writes() {
    let crm = Crm::start().await;
    crm.add_rep("Ann", "Europe/Vienna").await;
    let ann = crm.rep("ann");
    let answers = ann.send(vec![
        Command::Add { key: "t1".into(), item: Item::Task(task("Call", "2026-12-01")), published: false },
        Command::Changes { content_type: TASKS, since: Stamp(0), window: None, limit: 10 },
    ]);
    let answers = answers.await;
    let (Answer::Status(status), Answer::Changes(page)) = (&answers[0], &answers[1]) else {
        panic!("{answers:?}")
    };
    assert!(page.changes.is_empty());
    assert!(page.next >= status.stamp.unwrap());
    crm.stop().await;
}

#[tokio::test]
async fn a_record_that_is_no_item_stops_nobody_else() {
    let crm = Crm::start().await;
    let rep = crm.add_rep("Ann", "Europe/Vienna").await;
    crm.insert("Contact", &[("RepID", &rep), ("Contact", "Appointment"), ("Subject", "Without a date")])
        .await;
    let fields = [
        ("RepID", rep.as_str()),
        ("Contact", "Appointment"),
        ("Subject", "Good"),
        ("Date", "2026-12-01"),
        ("Time", "10:00"),
    ];
    crm.insert("Contact", &fields).await;
    let page = crm.rep("ann").changes(ContentType::Vevent, Stamp(0)).await;
    assert_eq!(page.changes.len(), 1);
    crm.stop().await;
}
