//! Duplicates within one mailbox: one stays, the others go, and nobody is mailed.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may stop at the first surprise")]

use crate::stage::{ANN, BEN, KARL, Stage};
use serde_json::{Value, json};
use tandem_engine::dedupe::{DedupeError, Duplicate};
use tandem_model::Kind;

async fn found(stage: &Stage) -> Vec<Duplicate> {
    stage.connector.find_duplicates(&stage.roster).await.unwrap()
}

/// The only duplicates that there are.
async fn only(stage: &Stage) -> Duplicate {
    let mut found = found(stage).await;
    assert_eq!(found.len(), 1, "{found:#?}");
    found.remove(0)
}

/// What an older connector left: a visit that is once in the CRM, and twice in ann's calendar; the older connector
/// noted the second one.
async fn visit_twice(stage: &Stage) -> String {
    let mut first = stage.on(3, "10:00", "11:00", "Visit");
    first["location"] = json!({"displayName": "Graz"});
    stage.enters("ann", first).await;
    let day = stage.day(3);
    let times = [("Date", &*day), ("Time", "10:00"), ("EndDate", &*day), ("EndTime", "11:00")];
    stage
        .schedules(1, "71", &[&[("Subject", "Visit"), ("Text", "Bring shoes")][..], &times].concat(), &[])
        .await;
    let second = stage.enters("ann", stage.on(3, "10:00", "11:00", "Visit")).await;
    let events = stage.events("ann").await;
    let event = events.iter().find(|event| event["id"] == *second).unwrap();
    let record = stage.activity("Visit").await.name();
    stage.older_noted(Kind::Appointment, &record, event["ewsId"].as_str().unwrap(), Some("1")).await;
    second
}

async fn living(stage: &Stage) -> usize {
    stage.records("Contact").await.iter().filter(|record| !record.is("ConnectorDeleted")).count()
}

#[tokio::test]
async fn the_copy_that_the_crm_knows_stays_and_takes_over_what_it_lacks() {
    let stage = Stage::set().await;
    let noted = visit_twice(&stage).await;
    let plan = stage.connector.plan_migration(&stage.roster, &stage.roster.mailboxes).await.unwrap();
    stage.connector.apply_migration(&stage.roster, &plan).await.unwrap();
    stage.settle().await;
    assert_eq!((living(&stage).await, stage.events("ann").await.len()), (1, 2), "{plan:#?}");

    let duplicate = only(&stage).await;
    assert!(duplicate.is_in_mailbox() && duplicate.by_hand.is_none(), "{duplicate:#?}");
    assert_eq!((duplicate.keep.name(), duplicate.why), (&*noted, "it is in step with the CRM"));
    let merged = stage.connector.merge_duplicate(&stage.roster, &duplicate.id).await.unwrap();
    assert_eq!((merged.fields.as_slice(), merged.deleted.len()), (&["location".to_owned()][..], 1));
    stage.settle().await;
    assert_eq!((living(&stage).await, stage.events("ann").await.len()), (1, 1));
    assert_eq!(stage.activity("Visit").await.get("A031Location"), "Graz", "what it took over travels");
    assert_eq!(found(&stage).await, []);
    let again = stage.connector.merge_duplicate(&stage.roster, &duplicate.id).await.unwrap();
    assert_eq!(again, merged, "once more changes nothing");
    stage.was(&merged.deleted[0], "merged").await;

    let undone = stage.connector.undo_merge(&stage.roster, &duplicate.id).await.unwrap();
    assert_eq!((undone.fields.as_slice(), undone.notes.len()), (&["location".to_owned()][..], 0));
    stage.settle().await;
    assert_eq!((living(&stage).await, stage.events("ann").await.len()), (1, 2), "it does not travel");
    let back = stage.events("ann").await.into_iter().find(|event| event["id"] != *noted).unwrap();
    assert_eq!(back["location"]["displayName"], "Graz");
    let undone = stage.connector.undo_merge(&stage.roster, &duplicate.id).await;
    assert!(matches!(undone, Err(DedupeError::NotMerged(_))), "{undone:?}");
    assert_eq!(stage.mails_sent().await, 0);
    stage.strike().await;
}

#[tokio::test]
async fn before_a_migration_the_noted_copy_stays_and_nothing_is_in_doubt_afterwards() {
    let stage = Stage::set().await;
    let noted = visit_twice(&stage).await;
    let duplicate = only(&stage).await;
    assert_eq!((duplicate.keep.name(), duplicate.why), (&*noted, "an older connector noted it in the CRM"));
    stage.connector.merge_duplicate(&stage.roster, &duplicate.id).await.unwrap();
    let plan = stage.connector.plan_migration(&stage.roster, &stage.roster.mailboxes).await.unwrap();
    assert_eq!((plan.pair.len(), plan.doubt.len()), (1, 0), "{plan:#?}");
    stage.connector.apply_migration(&stage.roster, &plan).await.unwrap();
    stage.settle().await;
    assert_eq!((living(&stage).await, stage.events("ann").await.len()), (1, 1));
    assert_eq!(stage.event("ann", "Visit").await["location"]["displayName"], "Graz");
    stage.strike().await;
}

#[tokio::test]
async fn tasks_and_contacts_that_are_there_twice_are_one_afterwards() {
    let stage = Stage::set().await;
    let due = json!({"dateTime": format!("{}T00:00:00", stage.day(4)), "timeZone": "UTC"});
    for text in ["", "about the fair"] {
        let task = json!({"title": "Call Karl", "dueDateTime": due, "body": {"contentType": "text", "content": text}});
        stage.outlook("POST", "/users/ann@nordwind.example/tasks", task).await;
    }
    for (address, phone) in [(KARL, "+43 2 222"), ("karl@home.example", "")] {
        let mut contact = json!({"givenName": "Karl", "surname": "Kunde"});
        let addresses =
            [json!({"address": KARL, "name": "Karl"}), json!({"address": address, "name": "Karl"})];
        contact["emailAddresses"] = Value::Array(addresses[usize::from(address == KARL)..].to_vec());
        contact["mobilePhone"] = json!(phone);
        stage.outlook("POST", &format!("/users/{ANN}/contacts"), contact).await;
    }
    let duplicates = found(&stage).await;
    let kinds: Vec<Kind> = duplicates.iter().map(|duplicate| duplicate.kind).collect();
    assert_eq!(kinds, [Kind::Task, Kind::Contact], "{duplicates:#?}");
    for duplicate in &duplicates {
        stage.connector.merge_duplicate(&stage.roster, &duplicate.id).await.unwrap();
    }
    assert!(
        stage.todo("ann", "Call Karl").await["body"]["content"].as_str().unwrap().contains("about the fair")
    );
    let contacts = stage.contacts("ann").await;
    assert_eq!(contacts.len(), 1, "{contacts:#?}");
    assert_eq!(contacts[0]["emailAddresses"].as_array().unwrap().len(), 2, "both addresses: {contacts:#?}");
    assert_eq!(contacts[0]["mobilePhone"], "+43 2 222");
    stage.settle().await;
    assert_eq!((stage.records("Task").await.len(), stage.contacts("ann").await.len()), (1, 1));
    for duplicate in &duplicates {
        stage.connector.undo_merge(&stage.roster, &duplicate.id).await.unwrap();
    }
    assert_eq!((stage.todos("ann").await.len(), stage.contacts("ann").await.len()), (2, 2));
    stage.strike().await;
}

#[tokio::test]
async fn an_absence_that_was_entered_twice_leaves_the_calendar_once() {
    let stage = Stage::set().await;
    let (from, to) = (stage.day(5), stage.day(7));
    let days = [("StartDate", &*from), ("EndDate", &*to), ("AllDay", "true"), ("TimeZone", "Europe/Vienna")];
    let more = [("RepID", "1"), ("Type", "Vacation"), ("StatNo", "2"), ("SeqNo", "1")];
    stage.adds("Absence", &[&days[..], &more].concat()).await;
    stage.settle().await;
    let away = stage.events("ann").await.remove(0);
    let mut twice = json!({"subject": away["subject"], "showAs": "oof", "isAllDay": true});
    (twice["start"], twice["end"]) = (away["start"].clone(), away["end"].clone());
    stage.enters("ann", twice).await;
    let duplicate = only(&stage).await;
    assert_eq!((duplicate.kind, duplicate.keep.name()), (Kind::Absence, away["id"].as_str().unwrap()));
    stage.connector.merge_duplicate(&stage.roster, &duplicate.id).await.unwrap();
    stage.settle().await;
    let events = stage.events("ann").await;
    assert_eq!((events.len(), &events[0]["id"]), (1, &away["id"]));
    assert!(stage.records("Contact").await.is_empty());
    stage.strike().await;
}

#[tokio::test]
async fn what_would_mail_people_or_lose_something_is_left_to_a_person() {
    let stage = Stage::set().await;
    let mut meeting = stage.on(3, "10:00", "11:00", "Visit");
    meeting["attendees"] = Stage::attendees(&[KARL]);
    for _ in 0..2 {
        stage.enters("ann", meeting.clone()).await;
    }
    let mails = stage.mails_sent().await;
    let duplicate = only(&stage).await;
    let why = duplicate.by_hand.clone().unwrap();
    assert!(why.contains("whom Microsoft 365 would mail a cancellation"), "{why}");
    let refused = stage.connector.merge_duplicate(&stage.roster, &duplicate.id).await;
    assert!(matches!(refused, Err(DedupeError::ByHand { .. })), "{refused:?}");
    assert_eq!((stage.events("ann").await.len(), stage.mails_sent().await), (2, mails));
    stage.strike().await;
}

#[tokio::test]
async fn a_guests_second_invitation_goes_without_a_word() {
    let stage = Stage::set().await;
    for _ in 0..2 {
        let mut meeting = stage.on(3, "10:00", "11:00", "Visit");
        meeting["attendees"] = Stage::attendees(&[BEN]);
        stage.enters("dora", meeting).await;
    }
    let mails = stage.mails_sent().await;
    let duplicate = only(&stage).await;
    assert_eq!(duplicate.by_hand, None);
    stage.connector.merge_duplicate(&stage.roster, &duplicate.id).await.unwrap();
    assert_eq!((stage.events("ben").await.len(), stage.events("dora").await.len()), (1, 2));
    let undone = stage.connector.undo_merge(&stage.roster, &duplicate.id).await.unwrap();
    assert!(undone.deleted.is_empty() && undone.notes[0].contains("Deleted Items"), "{undone:?}");
    assert_eq!(stage.mails_sent().await, mails, "neither the organiser nor anybody else is told");
    stage.strike().await;
}

#[tokio::test]
async fn a_copy_that_changed_since_then_is_not_touched() {
    let stage = Stage::set().await;
    visit_twice(&stage).await;
    let duplicate = only(&stage).await;
    let goes = duplicate.others[0].name().to_owned();
    stage.changes("ann", &goes, json!({"subject": "Another visit"})).await;
    let unknown = stage.connector.merge_duplicate(&stage.roster, &duplicate.id).await;
    assert!(matches!(unknown, Err(DedupeError::Unknown(_))), "{unknown:?}");
    assert_eq!(stage.events("ann").await.len(), 2);
    stage.strike().await;
}

#[tokio::test]
async fn a_merge_and_its_undoing_go_on_wherever_they_were_cut_off() {
    let stage = Stage::set().await;
    visit_twice(&stage).await;
    for place in ["Linz", "Wels"] {
        let mut event = stage.on(3, "10:00", "11:00", "Visit");
        event["location"] = json!({ "displayName": place });
        stage.enters("ann", event).await;
    }
    let id = only(&stage).await.id;
    let mut cut = 0;
    for write in 1.. {
        stage.line.dies_at_write(Some(write));
        let merged = stage.connector.merge_duplicate(&stage.roster, &id).await;
        stage.line.dies_at_write(None);
        match merged {
            Ok(merged) => {
                assert_eq!(
                    (merged.fields.as_slice(), merged.deleted.len()),
                    (&["location".to_owned()][..], 3)
                );
                break;
            }
            Err(_) => cut += 1,
        }
    }
    assert!(cut >= 4, "it was cut off {cut} times only");
    assert_eq!(
        stage.event("ann", "Visit").await["location"]["displayName"],
        "Graz",
        "the oldest has it first"
    );

    let mut cut = 0;
    for write in 1.. {
        stage.line.dies_at_write(Some(write));
        let undone = stage.connector.undo_merge(&stage.roster, &id).await;
        stage.line.dies_at_write(None);
        match undone {
            Ok(undone) => {
                assert_eq!(
                    (undone.fields.as_slice(), undone.deleted.len()),
                    (&["location".to_owned()][..], 3)
                );
                break;
            }
            Err(_) => cut += 1,
        }
    }
    assert!(cut >= 2, "it was cut off {cut} times only");
    let mut places: Vec<String> = Vec::new();
    for event in stage.events("ann").await {
        places.push(event["location"]["displayName"].as_str().unwrap_or_default().to_owned());
    }
    places.sort();
    assert_eq!(places, ["", "Graz", "Linz", "Wels"], "each once, and as it was");
    assert_eq!(stage.mails_sent().await, 0);
    stage.strike().await;
}

#[tokio::test]
async fn two_items_that_were_noted_with_one_record_are_one_after_a_person_decided() {
    let stage = Stage::set().await;
    let noted = visit_twice(&stage).await;
    let events = stage.events("ann").await;
    let other = events.iter().find(|event| event["id"] != *noted).unwrap();
    let record = stage.activity("Visit").await.name();
    stage.older_noted(Kind::Appointment, &record, other["ewsId"].as_str().unwrap(), Some("1")).await;
    let mut plan = stage.connector.plan_migration(&stage.roster, &stage.roster.mailboxes).await.unwrap();
    let [doubt] = plan.doubt.as_mut_slice() else { panic!("{plan:#?}") };
    assert_eq!((doubt.record.len(), doubt.copy.len()), (1, 2));
    doubt.decision = "r1=c2".to_owned();
    let stays = doubt.copy[1].id.clone();
    stage.connector.apply_migration(&stage.roster, &plan).await.unwrap();
    stage.settle().await;
    let duplicate = only(&stage).await;
    assert_eq!(duplicate.keep.name(), stays);
    stage.connector.merge_duplicate(&stage.roster, &duplicate.id).await.unwrap();
    stage.settle().await;
    assert_eq!((living(&stage).await, stage.events("ann").await.len()), (1, 1));
    assert_eq!(stage.event("ann", "Visit").await["id"], *stays);
    stage.strike().await;
}

#[tokio::test]
async fn series_are_one_by_their_rule_and_merged_where_nothing_departs_from_it_differently() {
    let stage = Stage::set().await;
    let mut masters = Vec::new();
    for times in [3, 3, 5] {
        let mut daily = stage.on(2, "09:00", "09:15", "Daily");
        daily["recurrence"] = json!({
            "pattern": {"type": "daily", "interval": 1},
            "range": {
                "type": "numbered", "numberOfOccurrences": times, "startDate": stage.day(2),
                "recurrenceTimeZone": "W. Europe Standard Time",
            },
        });
        masters.push(stage.enters("ann", daily).await);
    }
    let duplicate = only(&stage).await;
    assert_eq!(
        (duplicate.others.len(), duplicate.by_hand.as_deref()),
        (1, None),
        "the longer one is another"
    );
    let late = stage.occurrence("ann", &masters[1], 1).await;
    stage.changes("ann", &late, stage.on(3, "14:00", "14:15", "Daily")).await;
    let why = only(&stage).await.by_hand.unwrap();
    assert!(why.contains("their occurrences differ"), "{why}");
    let off = stage.occurrence("ann", &masters[0], 1).await;
    stage.changes("ann", &off, stage.on(3, "14:00", "14:15", "Daily")).await;
    let duplicate = only(&stage).await;
    stage.connector.merge_duplicate(&stage.roster, &duplicate.id).await.unwrap();
    assert_eq!(stage.events("ann").await.len(), 2);
    stage.settle().await;
    let whole = stage.records("Contact").await.into_iter().filter(|record| record.is("IsMasterContact"));
    assert_eq!(whole.count(), 2);
    stage.strike().await;
}

#[tokio::test]
async fn what_an_interrupted_merge_left_there_does_not_travel() {
    let stage = Stage::set().await;
    visit_twice(&stage).await;
    let duplicate = only(&stage).await;
    let goes = duplicate.others[0].name().to_owned();
    // It is known as what goes, and not deleted yet.
    stage.line.reject(&format!("/events/{goes}"));
    assert!(stage.connector.merge_duplicate(&stage.roster, &duplicate.id).await.is_err());
    assert!(stage.line.has_refused());
    let plan = stage.connector.plan_migration(&stage.roster, &stage.roster.mailboxes).await.unwrap();
    stage.connector.apply_migration(&stage.roster, &plan).await.unwrap();
    stage.settle().await;
    assert_eq!((living(&stage).await, stage.events("ann").await.len()), (1, 2), "{plan:#?}");
    let merged = stage.connector.merge_duplicate(&stage.roster, &duplicate.id).await.unwrap();
    assert_eq!(merged.deleted, [goes]);
    stage.settle().await;
    assert_eq!((living(&stage).await, stage.events("ann").await.len()), (1, 1));
    stage.strike().await;
}
