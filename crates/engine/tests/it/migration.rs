//! What an older connector left is taken over: nothing doubled, nothing lost, nothing done unasked.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may stop at the first surprise")]

use crate::stage::{ANN, BEN, KARL, Stage};
use serde_json::{Value, json};
use tandem_engine::migrate::{Applied, MigrationPlan};
use tandem_model::Kind;
use tandem_store::State;

/// The id under which an older connector knew somebody's event, task or contact.
fn ews_id(item: &Value) -> &str {
    item["ewsId"].as_str().unwrap()
}

async fn plan(stage: &Stage) -> MigrationPlan {
    stage.connector.plan_migration(&stage.roster, &stage.roster.mailboxes).await.unwrap()
}

async fn apply(stage: &Stage, plan: &MigrationPlan) -> Applied {
    stage.connector.apply_migration(&stage.roster, plan).await.unwrap()
}

/// Ann's review of the third day, which an older connector brought into the CRM under the id of Exchange Web Services.
async fn review(stage: &Stage, subject: &str, fields: &[(&str, &str)]) -> String {
    let mut event = stage.on(3, "10:00", "11:30", subject);
    event["body"] = json!({"contentType": "text", "content": "Bring the numbers of the last quarter."});
    stage.enters("ann", event).await;
    let day = stage.day(3);
    let mut all = vec![
        ("Subject", subject),
        ("Date", &*day),
        ("Time", "10:00"),
        ("EndDate", &*day),
        ("EndTime", "11:30"),
    ];
    for (name, value) in fields {
        all.retain(|(known, _)| known != name);
        all.push((name, value));
    }
    stage.schedules(1, "70", &all, &[]).await;
    let subject = all.iter().find(|(name, _)| *name == "Subject").unwrap().1;
    stage.activity(subject).await.name()
}

#[tokio::test]
async fn a_pair_that_the_older_connector_noted_becomes_one_link() {
    let stage = Stage::set().await;
    let record = review(&stage, "Review", &[]).await;
    let event = stage.event("ann", "Review").await;
    stage.older_noted(Kind::Appointment, &record, ews_id(&event), Some("1")).await;
    let made = plan(&stage).await;
    assert_eq!((made.pair.len(), made.doubt.len()), (1, 0), "{made:#?}");
    assert_eq!((made.pair[0].by.as_str(), made.pair[0].record.as_str()), ("id", &*record));
    assert!(stage.links("ann", Kind::Appointment).await.is_empty(), "a plan writes nothing");
    let applied = apply(&stage, &made).await;
    assert_eq!((applied.adopted, applied.refused.len()), (1, 0), "{applied:?}");
    assert!(plan(&stage).await.is_empty());
    assert_eq!(apply(&stage, &made).await.already, 1, "once more changes nothing");
    stage.settle().await;
    assert_eq!(stage.records("Contact").await.len(), 1);
    assert_eq!(stage.events("ann").await.len(), 1);
    assert_eq!(stage.links("ann", Kind::Appointment).await[0].state, State::Linked);
    stage.was(&record, "migrated").await;
    assert_eq!(stage.mails_sent().await, 0);
    assert!(plan(&stage).await.is_empty());
    stage.strike().await;
}

#[tokio::test]
async fn what_the_older_connector_wore_down_is_mended_and_real_edits_are_kept() {
    let stage = Stage::set().await;
    let worn = [
        ("Subject", "CRM: Review"),
        ("Time", "09:00"),
        ("EndTime", "10:30"),
        ("Text", "Bring the numbers"),
        ("A031Location", "Graz"),
    ];
    let record = review(&stage, "Review", &worn).await;
    let event = stage.event("ann", "Review").await;
    stage.older_noted(Kind::Appointment, &record, ews_id(&event), Some("1")).await;
    apply(&stage, &plan(&stage).await).await;
    stage.settle().await;
    let (activity, event) = (stage.activity("Review").await, stage.event("ann", "Review").await);
    assert_eq!(Stage::starts(&activity), format!("{} 10:00", stage.day(3)));
    assert_eq!(Stage::begins(&event), format!("{} 10:00", stage.day(3)));
    assert!(activity.get("Text").contains("last quarter"), "{activity:?}");
    assert_eq!(event["location"]["displayName"], "Graz", "what only the CRM knew");
    let told = stage.story(&record).await;
    let facts = told.iter().find(|line| line.entry.code == "migrated").unwrap().entry.facts.to_string();
    assert!(facts.contains("CRM: Review") && facts.contains("Bring the numbers"), "{facts}");
    stage.strike().await;
}

#[tokio::test]
async fn ids_that_name_nothing_any_more_do_not_matter_where_both_say_the_same() {
    let stage = Stage::set().await;
    let record = review(&stage, "Review", &[]).await;
    stage.older_noted(Kind::Appointment, &record, "AAMkADgone=", Some("1")).await;
    let made = plan(&stage).await;
    assert_eq!(made.pair.len(), 1, "{made:#?}");
    assert_eq!(made.pair[0].by, "fingerprint");
    apply(&stage, &made).await;
    stage.settle().await;
    assert_eq!((stage.records("Contact").await.len(), stage.events("ann").await.len()), (1, 1));
    stage.strike().await;
}

/// Ann's review is in the CRM under another subject, so that nothing but the id that an older connector noted says what
/// it is. Answers the record and the event.
async fn review_under_another_name(stage: &Stage) -> (String, Value) {
    let record =
        review(stage, "Review", &[("Subject", "Quarter"), ("Time", "15:00"), ("EndTime", "16:00")]).await;
    (record, stage.event("ann", "Review").await)
}

#[tokio::test]
async fn where_the_application_may_not_translate_items_tell_their_ids_and_the_plan_says_so() {
    let stage = Stage::set().await;
    let (record, event) = review_under_another_name(&stage).await;
    stage.older_noted(Kind::Appointment, &record, ews_id(&event), Some("1")).await;
    stage.older_noted(Kind::Appointment, &record, "AAMkADgone=", Some("1")).await;
    stage.line.deny("translateExchangeIds");
    stage.line.reads_by_ews_id(ews_id(&event), event["id"].as_str().unwrap());
    let made = plan(&stage).await;
    assert!(stage.line.has_refused());
    assert_eq!((made.pair.len(), made.doubt.len()), (1, 0), "{made:#?}");
    assert_eq!((made.pair[0].by.as_str(), made.pair[0].record.as_str()), ("id", &*record));
    let [note] = &made.note[..] else { panic!("{:?}", made.note) };
    for words in [ANN, "may not translate", "1 of 2 were found by reading the items", "403"] {
        assert!(note.contains(words), "{words:?} is missing in: {note}");
    }
    assert_eq!(apply(&stage, &made).await.adopted, 1);
    stage.settle().await;
    assert_eq!((stage.records("Contact").await.len(), stage.events("ann").await.len()), (1, 1));
    stage.strike().await;
}

#[tokio::test]
async fn where_the_application_may_not_translate_entry_ids_other_evidence_counts() {
    let stage = Stage::set().await;
    let record = review(&stage, "Review", &[]).await;
    // Graph has no way to ask for an item by the id that MAPI has for it.
    let entry = format!("00000000{}", "AB".repeat(20));
    stage.older_noted(Kind::Appointment, &record, &entry, Some("1")).await;
    stage.line.deny("translateExchangeIds");
    let made = plan(&stage).await;
    assert!(stage.line.has_refused());
    assert_eq!((made.pair.len(), made.pair[0].by.as_str()), (1, "fingerprint"), "{made:#?}");
    assert!(made.note[0].contains("0 of 1 were found"), "{:?}", made.note);
    stage.strike().await;
}

#[tokio::test]
async fn one_request_that_the_service_does_not_take_keeps_no_id_from_being_translated() {
    let stage = Stage::set().await;
    let (record, event) = review_under_another_name(&stage).await;
    stage.older_noted(Kind::Appointment, &record, ews_id(&event), Some("1")).await;
    stage.older_noted(Kind::Appointment, &record, "AAMkADgone=", Some("1")).await;
    stage.line.reject("translateExchangeIds");
    let made = plan(&stage).await;
    assert!(stage.line.has_refused());
    assert_eq!((made.pair.len(), made.doubt.len()), (1, 0), "{made:#?}");
    assert_eq!((made.pair[0].by.as_str(), made.pair[0].record.as_str()), ("id", &*record));
    assert!(made.note.is_empty(), "{:?}", made.note);
    stage.strike().await;
}

#[tokio::test]
async fn what_is_doubtful_does_not_travel_until_a_person_decides() {
    let stage = Stage::set().await;
    review(&stage, "Review", &[("Subject", "CRM: Review"), ("Time", "08:00"), ("EndTime", "09:30")]).await;
    let mut made = plan(&stage).await;
    assert_eq!((made.pair.len(), made.doubt.len()), (0, 1), "{made:#?}");
    let applied = apply(&stage, &made).await;
    assert_eq!((applied.adopted, applied.kept_back), (0, 2));
    stage.settle().await;
    assert_eq!((stage.records("Contact").await.len(), stage.events("ann").await.len()), (1, 1));
    made = plan(&stage).await;
    assert_eq!(made.doubt.len(), 1, "it is asked again: {made:#?}");
    made.doubt[0].decision = "r1=c1".to_owned();
    let applied = apply(&stage, &made).await;
    assert_eq!((applied.adopted, applied.refused.len()), (1, 0), "{applied:?}");
    stage.settle().await;
    assert_eq!(Stage::starts(&stage.activity("Review").await), format!("{} 10:00", stage.day(3)));
    assert_eq!(stage.events("ann").await.len(), 1);
    assert!(plan(&stage).await.is_empty());
    stage.strike().await;
}

#[tokio::test]
async fn separate_things_travel_each_by_itself() {
    let stage = Stage::set().await;
    review(&stage, "Review", &[("Subject", "CRM: Review"), ("Time", "08:00"), ("EndTime", "09:30")]).await;
    let mut made = plan(&stage).await;
    apply(&stage, &made).await;
    made.doubt[0].decision = "separate".to_owned();
    apply(&stage, &made).await;
    stage.settle().await;
    assert_eq!((stage.records("Contact").await.len(), stage.events("ann").await.len()), (2, 2));
    assert!(plan(&stage).await.is_empty());
    stage.strike().await;
}

#[tokio::test]
async fn a_plan_that_is_no_longer_true_is_refused_pair_by_pair() {
    let stage = Stage::set().await;
    let record = review(&stage, "Review", &[]).await;
    let event = stage.event("ann", "Review").await;
    stage.older_noted(Kind::Appointment, &record, ews_id(&event), Some("1")).await;
    let made = plan(&stage).await;
    stage.changes("ann", event["id"].as_str().unwrap(), json!({"subject": "Something else"})).await;
    let applied = apply(&stage, &made).await;
    assert_eq!((applied.adopted, applied.refused.len()), (0, 1));
    assert!(applied.refused[0].why.contains("something else"), "{applied:?}");
    stage.settle().await;
    assert_eq!((stage.records("Contact").await.len(), stage.events("ann").await.len()), (1, 1), "kept back");
    let applied = apply(&stage, &plan(&stage).await).await;
    assert_eq!(applied.adopted, 1, "a new plan takes it: {applied:?}");
    stage.settle().await;
    assert_eq!((stage.records("Contact").await.len(), stage.events("ann").await.len()), (1, 1));
    stage.strike().await;
}

#[tokio::test]
async fn a_meeting_that_was_noted_once_for_each_mailbox_becomes_one_link_for_each() {
    let stage = Stage::set().await;
    let mut meeting = stage.on(3, "10:00", "11:00", "Kick-off");
    meeting["attendees"] = Stage::attendees(&[BEN, KARL]);
    stage.enters("ann", meeting).await;
    let mails = stage.mails_sent().await;
    let day = stage.day(3);
    let fields = [
        ("Subject", "Kick-off"),
        ("Date", &*day),
        ("Time", "10:00"),
        ("EndDate", &*day),
        ("EndTime", "11:00"),
    ];
    stage.schedules(1, "71", &fields, &[(ANN, "organizer"), (BEN, "required")]).await;
    stage.schedules(2, "72", &fields, &[(ANN, "organizer"), (BEN, "required")]).await;
    let mut records = stage.records("Contact").await;
    records.sort_by_key(|record| record.get("SeqNo").to_owned());
    for (who, rep, record) in [("ann", "1", &records[0]), ("ben", "2", &records[1])] {
        let event = stage.event(who, "Kick-off").await;
        stage.older_noted(Kind::Appointment, &record.name(), ews_id(&event), Some(rep)).await;
    }
    let made = plan(&stage).await;
    assert_eq!(made.pair.len(), 1, "{made:#?}");
    assert_eq!(made.pair[0].record.as_str(), records[0].name(), "the organiser's");
    assert!(made.doubt.iter().any(|doubt| doubt.decision == "leave"), "{made:#?}");
    apply(&stage, &made).await;
    stage.settle().await;
    assert_eq!(stage.records("Contact").await.len(), 2, "no third one");
    assert_eq!((stage.events("ann").await.len(), stage.events("ben").await.len()), (1, 1));
    assert_eq!(stage.mails_sent().await, mails, "nobody is mailed");
    stage.strike().await;
}

#[tokio::test]
async fn an_email_that_lies_in_the_folder_still_is_no_second_activity() {
    let stage = Stage::set().await;
    stage.receives("ann", "<1@kunde.example>", KARL, Value::Null).await;
    let day = stage.day(-1);
    let mail =
        [("StatNo", "2"), ("SeqNo", "73"), ("Contact", "E-Mail"), ("Subject", "About <1@kunde.example>")];
    let sent = [("Date", &*day), ("Time", "09:00"), ("RepID", "1"), ("MessageID", "<1@kunde.example>")];
    stage.adds("Contact", &[&mail[..], &sent].concat()).await;
    let record = stage.activity("About <1@kunde.example>").await.name();
    stage.older_noted(Kind::Mail, &record, "AAMkADgone=", None).await;
    let made = plan(&stage).await;
    assert_eq!(made.pair.len(), 1, "{made:#?}");
    assert_eq!((made.pair[0].kind, made.pair[0].by.as_str()), (Kind::Mail, "key"));
    apply(&stage, &made).await;
    stage.settle().await;
    assert_eq!(stage.records("Contact").await.len(), 1);
    assert_eq!(stage.folder_of("ann", "<1@kunde.example>").await, "/Inbox/crm/Sync_Success");
    stage.strike().await;
}

#[tokio::test]
async fn tasks_and_contacts_are_taken_over_too() {
    let stage = Stage::set().await;
    stage.outlook("POST", "/users/ann@nordwind.example/tasks", json!({"title": "Call Karl"})).await;
    stage.outlook("POST", "/users/ann@nordwind.example/contacts", json!({
        "givenName": "Karl", "surname": "Kunde", "emailAddresses": [{"address": KARL, "name": "Karl"}],
    })).await;
    stage.adds("Task", &[("Subject", "Call Karl"), ("RepID", "1"), ("Status", "notStarted")]).await;
    let task = stage.record("Task", "Call Karl").await.name();
    let mut made = plan(&stage).await;
    let doubt = made.doubt.iter_mut().find(|doubt| doubt.kind == Kind::Task).unwrap();
    assert_eq!(doubt.record[0].id, task, "two tasks without a date may be two tasks");
    doubt.decision = "r1=c1".to_owned();
    assert!(made.pair.iter().any(|pair| pair.kind == Kind::Contact), "{made:#?}");
    let applied = apply(&stage, &made).await;
    assert_eq!(applied.refused, []);
    stage.settle().await;
    assert_eq!((stage.records("Task").await.len(), stage.todos("ann").await.len()), (1, 1));
    assert_eq!(stage.contacts("ann").await.len(), 1);
    stage.strike().await;
}
