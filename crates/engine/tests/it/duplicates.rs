//! Duplicates that exist already: found, merged when a person asks, and restored.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may stop at the first surprise")]

use crate::stage::{ANN, BEN, KARL, Stage};
use tandem_audit::Record;
use tandem_engine::dedupe::{DedupeError, Duplicate};
use tandem_model::Kind;

async fn found(stage: &Stage) -> Vec<Duplicate> {
    stage.connector.find_duplicates(&stage.roster).await.unwrap()
}

/// An appointment of ann's in the CRM.
async fn visit(stage: &Stage, number: &str, more: &[(&str, &str)]) {
    let day = stage.day(3);
    let fields =
        [("Subject", "Visit"), ("Date", &*day), ("Time", "10:00"), ("EndDate", &*day), ("EndTime", "11:00")];
    stage.schedules(1, number, &[&fields[..], more].concat(), &[]).await;
}

async fn kept(stage: &Stage, keep: &str) -> Record {
    let records = stage.records("Contact").await;
    records.into_iter().find(|record| record.name() == keep).unwrap()
}

async fn living(stage: &Stage) -> usize {
    stage.records("Contact").await.iter().filter(|record| !record.is("ConnectorDeleted")).count()
}

#[tokio::test]
async fn an_older_connectors_second_copy_goes_and_comes_back() {
    let stage = Stage::set().await;
    stage.enters("ann", stage.on(3, "10:00", "11:00", "Visit")).await;
    visit(&stage, "71", &[("A031Location", "Graz")]).await;
    stage.settle().await;
    assert_eq!((living(&stage).await, stage.events("ann").await.len()), (2, 2), "nobody migrated anything");

    let duplicates = found(&stage).await;
    let [duplicate] = duplicates.as_slice() else { panic!("{duplicates:#?}") };
    assert_eq!(duplicate.others.len(), 1);
    assert_eq!((living(&stage).await, stage.events("ann").await.len()), (2, 2), "finding changes nothing");
    let merged = stage.connector.merge_duplicate(&stage.roster, &duplicate.id).await.unwrap();
    assert_eq!(merged.deleted, [duplicate.others[0].name()]);
    stage.settle().await;
    assert_eq!((living(&stage).await, stage.events("ann").await.len()), (1, 1), "the copy follows");
    assert_eq!(stage.event("ann", "Visit").await["location"]["displayName"], "Graz");
    assert_eq!(found(&stage).await, []);
    let again = stage.connector.merge_duplicate(&stage.roster, &duplicate.id).await.unwrap();
    assert_eq!(again, merged, "once more changes nothing");
    stage.stays_quiet().await;
    stage.was(duplicate.others[0].name(), "merged").await;

    stage.connector.undo_merge(&stage.roster, &duplicate.id).await.unwrap();
    stage.settle().await;
    assert_eq!((living(&stage).await, stage.events("ann").await.len()), (2, 2));
    let undone = stage.connector.undo_merge(&stage.roster, &duplicate.id).await;
    assert!(matches!(undone, Err(DedupeError::NotMerged(_))), "{undone:?}");
    assert_eq!(stage.mails_sent().await, 0);
    stage.strike().await;
}

#[tokio::test]
async fn what_one_has_and_the_other_lacks_is_taken_over_and_given_back() {
    let stage = Stage::set().await;
    visit(&stage, "71", &[("Text", "Bring shoes")]).await;
    visit(&stage, "72", &[("A031Location", "Graz"), ("Text", "Bring boots")]).await;
    let duplicates = found(&stage).await;
    let [duplicate] = duplicates.as_slice() else { panic!("{duplicates:#?}") };
    let merged = stage.connector.merge_duplicate(&stage.roster, &duplicate.id).await.unwrap();
    assert_eq!(merged.fields, ["location"]);
    let record = kept(&stage, &merged.keep).await;
    assert_eq!((record.get("A031Location"), record.get("Text").trim()), ("Graz", "Bring shoes"));
    stage.connector.undo_merge(&stage.roster, &duplicate.id).await.unwrap();
    assert_eq!(kept(&stage, &merged.keep).await.get("A031Location"), "");
    assert_eq!(living(&stage).await, 2);
    stage.strike().await;
}

#[tokio::test]
async fn no_meeting_is_called_off_and_what_changed_meanwhile_is_left() {
    let stage = Stage::set().await;
    let mut meeting = stage.on(3, "10:00", "11:00", "Visit");
    meeting["attendees"] = Stage::attendees(&[BEN, KARL]);
    stage.enters("ann", meeting.clone()).await;
    stage.enters("ann", meeting).await;
    stage.settle().await;
    let mails = stage.mails_sent().await;
    let duplicates = found(&stage).await;
    let [duplicate] = duplicates.as_slice() else { panic!("{duplicates:#?}") };
    let refused = stage.connector.merge_duplicate(&stage.roster, &duplicate.id).await;
    assert!(matches!(refused, Err(DedupeError::ByHand { .. })), "{refused:?}");
    stage.settle().await;
    assert_eq!((stage.mails_sent().await, stage.events("ann").await.len()), (mails, 2));

    let unknown = stage.connector.merge_duplicate(&stage.roster, "0123").await;
    assert!(matches!(unknown, Err(DedupeError::Unknown(_))), "{unknown:?}");
    stage.strike().await;
}

#[tokio::test]
async fn a_meeting_that_was_noted_for_each_mailbox_is_one_record_afterwards() {
    let stage = Stage::set().await;
    let mut meeting = stage.on(3, "10:00", "11:00", "Visit");
    meeting["attendees"] = Stage::attendees(&[BEN]);
    stage.enters("ann", meeting).await;
    let (day, mails) = (stage.day(3), stage.mails_sent().await);
    let fields =
        [("Subject", "Visit"), ("Date", &*day), ("Time", "10:00"), ("EndDate", &*day), ("EndTime", "11:00")];
    for (who, rep, number) in [("ann", 1, "71"), ("ben", 2, "72")] {
        stage.schedules(rep, number, &fields, &[(ANN, "organizer"), (BEN, "required")]).await;
        let records = stage.records("Contact").await;
        let record = records.iter().find(|record| record.get("SeqNo") == number).unwrap().name();
        let event = stage.event(who, "Visit").await;
        let key = event["ewsId"].as_str().unwrap();
        stage.older_noted(Kind::Appointment, &record, key, Some(&rep.to_string())).await;
    }
    let plan = stage.connector.plan_migration(&stage.roster, &stage.roster.mailboxes).await.unwrap();
    stage.connector.apply_migration(&stage.roster, &plan).await.unwrap();
    stage.settle().await;
    assert_eq!(living(&stage).await, 2, "a migration deletes nothing");
    let duplicates = found(&stage).await;
    let [duplicate] = duplicates.as_slice() else { panic!("{duplicates:#?}") };
    assert_eq!(duplicate.keep.name(), plan.pair[0].record.as_str(), "the one that was taken over stays");
    stage.connector.merge_duplicate(&stage.roster, &duplicate.id).await.unwrap();
    stage.settle().await;
    assert_eq!(living(&stage).await, 1);
    assert_eq!((stage.events("ann").await.len(), stage.events("ben").await.len()), (1, 1));
    assert_eq!(stage.mails_sent().await, mails, "nobody is mailed");
    stage.strike().await;
}

/// Karl, his colleague's sharp-eyed entry of the same, an absence that was entered twice, and an e-mail that an older
/// connector brought twice.
async fn the_crms_own_twice(stage: &Stage) {
    let karl = [("PeGrp", "2"), ("PeNo", "102"), ("CoGrp", "2"), ("CoNo", "10"), ("Company", "Kunde GmbH")];
    let named = [("FirstName", "Karl"), ("LastName", "Kunde"), ("Email", KARL), ("Function", "Buyer")];
    stage.adds("Person", &[&karl[..], &named, &[("RepID", "1")]].concat()).await;
    let (from, to) = (stage.day(5), stage.day(7));
    for (number, text) in [("1", ""), ("2", "by the sea")] {
        let days =
            [("StartDate", &*from), ("EndDate", &*to), ("AllDay", "true"), ("TimeZone", "Europe/Vienna")];
        let more = [("RepID", "1"), ("Type", "Vacation"), ("StatNo", "2"), ("SeqNo", number), ("Text", text)];
        stage.adds("Absence", &[&days[..], &more].concat()).await;
    }
    let day = stage.day(-1);
    for number in ["81", "82"] {
        let mail = [("StatNo", "2"), ("SeqNo", number), ("Contact", "E-Mail"), ("Subject", "Offer")];
        let sent = [("Date", &*day), ("Time", "09:00"), ("RepID", "1"), ("MessageID", "<1@kunde.example>")];
        stage.adds("Contact", &[&mail[..], &sent].concat()).await;
        let records = stage.records("Contact").await;
        let record = records.iter().find(|record| record.get("SeqNo") == number).unwrap().name();
        stage.older_noted(Kind::Mail, &record, &format!("AAMkADgone{number}="), None).await;
    }
}

#[tokio::test]
async fn what_is_the_crms_own_is_found_and_left_to_a_person_who_is_told_why() {
    let stage = Stage::set().await;
    the_crms_own_twice(&stage).await;
    let duplicates = found(&stage).await;
    let kinds: Vec<Kind> = duplicates.iter().map(|duplicate| duplicate.kind).collect();
    assert_eq!(kinds, [Kind::Mail, Kind::Contact, Kind::Absence], "{duplicates:#?}");
    for duplicate in &duplicates {
        let refused = stage.connector.merge_duplicate(&stage.roster, &duplicate.id).await;
        let Err(DedupeError::ByHand { why, .. }) = refused else { panic!("{refused:?}") };
        assert!(why.contains("in the CRM"), "{why}");
        let undone = stage.connector.undo_merge(&stage.roster, &duplicate.id).await;
        assert!(matches!(undone, Err(DedupeError::NotMerged(_))), "{undone:?}");
    }
    let karl = stage.records("Person").await.into_iter().find(|person| person.get("PeNo") == "101").unwrap();
    assert_eq!(karl.get("Function"), "", "nothing was taken over");
    assert_eq!(found(&stage).await.len(), 3);
    stage.strike().await;
}

#[tokio::test]
async fn an_email_that_was_brought_twice_is_one_activity_where_forms_xml_says_how_to_delete_it() {
    let stage = Stage::set().await;
    stage.rewrites_forms(|forms| {
        let mark = "<deleted><Contact><ConnectorDeleted>true</ConnectorDeleted></Contact></deleted>";
        forms.replacen("<mmRecord>", &format!("<mmRecord>{mark}"), 1)
    });
    the_crms_own_twice(&stage).await;
    let duplicates = found(&stage).await;
    let [mail, _, _] = duplicates.as_slice() else { panic!("{duplicates:#?}") };
    assert_eq!((mail.kind, mail.why), (Kind::Mail, "it is the oldest"));
    let merged = stage.connector.merge_duplicate(&stage.roster, &mail.id).await.unwrap();
    assert_eq!((merged.fields.len(), merged.deleted.len(), living(&stage).await), (0, 1, 1));
    stage.settle().await;
    assert_eq!(found(&stage).await.len(), 2, "the persons, and the absences");
    stage.connector.undo_merge(&stage.roster, &mail.id).await.unwrap();
    stage.settle().await;
    assert_eq!(living(&stage).await, 2);
    stage.strike().await;
}

#[tokio::test]
async fn what_a_person_merges_in_the_crm_leaves_the_mailbox() {
    let stage = Stage::set().await;
    the_crms_own_twice(&stage).await;
    stage.settle().await;
    assert_eq!(stage.contacts("ann").await.len(), 2);
    let second =
        stage.records("Person").await.into_iter().find(|person| person.get("PeNo") == "102").unwrap();
    stage.edits("Person", &second, &[("Deleted", "true")]).await;
    let absence = stage.records("Absence").await.remove(1);
    stage.edits("Absence", &absence, &[("Deleted", "true")]).await;
    stage.settle().await;
    assert_eq!((stage.contacts("ann").await.len(), stage.events("ann").await.len()), (1, 1));
    let kinds: Vec<Kind> = found(&stage).await.iter().map(|duplicate| duplicate.kind).collect();
    assert_eq!(kinds, [Kind::Mail]);
    stage.strike().await;
}
