//! Who takes part changes after a meeting was made, who looks after it, and what somebody has for himself in it.

#![allow(clippy::unwrap_used, reason = "tests may stop at the first surprise")]

use crate::stage::{ANN, BEN, KARL, Stage};
use serde_json::{Value, json};
use tandem_model::Kind;
use tandem_store::State;

/// Ann plans something in the CRM, with these people.
async fn plans(stage: &Stage, guests: &[&str]) {
    let day = stage.day(6);
    let fields =
        [("Date", &*day), ("EndDate", &day), ("Time", "10:00"), ("EndTime", "11:00"), ("Subject", "Plan")];
    let mut people = vec![(ANN, "organizer")];
    people.extend(guests.iter().map(|guest| (*guest, "required")));
    stage.schedules(1, "7", &fields, &people).await;
}

/// In the CRM Ben is picked from the list of reps.
async fn ben_joins(stage: &Stage) {
    let row = [
        ("ContactStatNo", "2"),
        ("ContactSeqNo", "7"),
        ("Role", "required"),
        ("Email", BEN),
        ("Name", BEN),
        ("RepID", "2"),
    ];
    stage.adds("Participant", &row).await;
}

/// In the CRM Ben is taken off.
async fn ben_leaves(stage: &Stage) {
    for row in stage.records("Participant").await {
        if row.get("Email") == BEN {
            stage.erases("Participant", &row).await;
        }
    }
}

/// A plan of Ann's that the CRM had before the first reading, and of which Ben has a copy that was made without mail.
async fn a_silent_copy_of_bens() -> Stage {
    let stage = Stage::set().await;
    plans(&stage, &[]).await;
    ben_joins(&stage).await;
    stage.settle().await;
    stage.later(600);
    stage.settle().await;
    stage
}

async fn counts(stage: &Stage) -> (usize, usize) {
    (stage.events("ann").await.len(), stage.events("ben").await.len())
}

#[tokio::test]
async fn a_colleague_whom_the_crm_adds_later_gets_the_meeting_once_by_invitation() {
    let stage = Stage::set().await;
    stage.settle().await;
    plans(&stage, &[KARL]).await;
    stage.settle().await;
    let before = stage.mails_sent().await;
    ben_joins(&stage).await;
    stage.cycle("ben").await.unwrap();
    let waiting = stage.links("ben", Kind::Appointment).await.remove(0);
    assert_eq!((waiting.state, waiting.reason.as_str()), (State::Waiting, "waits-for-organizer"));
    stage.settle().await;
    assert_eq!(counts(&stage).await, (1, 1));
    assert_eq!(stage.event("ben", "Plan").await["isOrganizer"], false);
    assert_eq!(stage.mailed_since(before).await, [BEN], "Karl was invited before");
    stage.strike().await;
}

#[tokio::test]
async fn a_silent_copy_gives_way_when_its_owner_is_invited() {
    let stage = a_silent_copy_of_bens().await;
    assert_eq!(counts(&stage).await, (1, 1), "made silently, for the CRM had it before the first reading");
    assert_eq!(stage.mails_sent().await, 0);
    let id = stage.event("ann", "Plan").await["id"].as_str().unwrap().to_owned();
    stage.changes("ann", &id, json!({"attendees": Stage::attendees(&[BEN])})).await;
    assert_eq!(counts(&stage).await, (1, 2), "Exchange knows nothing of the silent one");
    stage.settle().await;
    assert_eq!(counts(&stage).await, (1, 1));
    assert_eq!(stage.event("ben", "Plan").await["isOrganizer"], false);
    stage.was(&stage.activity("Plan").await.name(), "invited-instead").await;
    stage.strike().await;
}

#[tokio::test]
async fn a_silent_copy_that_its_owner_removed_and_restores_gives_way_as_well() {
    for at_once in [true, false] {
        let stage = a_silent_copy_of_bens().await;
        let silent = stage.event("ben", "Plan").await["id"].as_str().unwrap().to_owned();
        stage.deletes("ben", &silent).await;
        stage.settle().await;
        stage.restores("ben", &silent).await;
        if !at_once {
            stage.settle().await;
        }
        let id = stage.event("ann", "Plan").await["id"].as_str().unwrap().to_owned();
        stage.changes("ann", &id, json!({"attendees": Stage::attendees(&[BEN])})).await;
        stage.settle().await;
        assert_eq!(counts(&stage).await, (1, 1), "at once: {at_once}");
        assert_eq!(stage.event("ben", "Plan").await["isOrganizer"], false);
        stage.strike().await;
    }
}

#[tokio::test]
async fn a_colleague_whom_the_crm_takes_off_has_no_copy_any_more() {
    let stage = a_silent_copy_of_bens().await;
    assert_eq!(counts(&stage).await, (1, 1));
    ben_leaves(&stage).await;
    stage.settle().await;
    assert_eq!((counts(&stage).await, stage.mails_sent().await), ((1, 0), 0));
    stage.strike().await;
}

#[tokio::test]
async fn what_somebody_has_for_himself_in_a_silent_copy_stays_there() {
    let stage = a_silent_copy_of_bens().await;
    let id = stage.event("ben", "Plan").await["id"].as_str().unwrap().to_owned();
    let own = json!({"categories": ["mine"], "isReminderOn": true, "reminderMinutesBeforeStart": 30, "showAs": "free"});
    stage.changes("ben", &id, own).await;
    stage.settle().await;
    assert_eq!(stage.activity("Plan").await.get("ShowAs"), "busy");
    let organisers = stage.event("ann", "Plan").await;
    assert_eq!((&organisers["showAs"], &organisers["categories"]), (&json!("busy"), &json!([])));
    assert_eq!(stage.event("ben", "Plan").await["showAs"], "free");
    stage.changes("ben", &id, json!({"subject": "Plan B"})).await;
    stage.settle().await;
    assert_eq!(stage.event("ann", "Plan B").await["showAs"], "busy", "what the meeting is travels");
    stage.strike().await;
}

#[tokio::test]
async fn a_meeting_that_became_private_and_was_deleted_is_not_made_again() {
    let stage = Stage::set_with(|settings| settings.appointments.private = false).await;
    let mut meeting = stage.on(3, "10:00", "11:00", "Review");
    meeting["attendees"] = Stage::attendees(&[BEN]);
    let id = stage.enters("ann", meeting).await;
    stage.settle().await;
    stage.changes("ann", &id, json!({"sensitivity": "private"})).await;
    stage.settle().await;
    stage.deletes("ann", &id).await;
    let mails = stage.mails_sent().await;
    stage.settle().await;
    stage.edits("Contact", &stage.activity("Review").await, &[("A031Location", "Room 9")]).await;
    stage.settle().await;
    assert_eq!((stage.events("ann").await, stage.mails_sent().await), (Vec::<Value>::new(), mails));
    stage.strike().await;
}

#[tokio::test]
async fn a_meeting_that_the_crm_brings_back_is_not_called_off_by_what_its_guests_have_left() {
    let stage = Stage::set().await;
    let mut meeting = stage.on(3, "10:00", "11:00", "Review");
    meeting["attendees"] = Stage::attendees(&[BEN]);
    stage.enters("ann", meeting).await;
    stage.settle().await;
    let activity = stage.activity("Review").await;
    for seen_by_ben in [true, false] {
        stage.edits("Contact", &activity, &[("ConnectorDeleted", "true")]).await;
        stage.cycle("ann").await.unwrap();
        if seen_by_ben {
            stage.cycle("ben").await.unwrap();
        }
        stage.edits("Contact", &activity, &[("ConnectorDeleted", "false")]).await;
        stage.cycle("ben").await.unwrap();
        stage.later(3600 * 30);
        stage.cycle("ben").await.unwrap();
        stage.settle().await;
        assert!(!stage.activity("Review").await.is("ConnectorDeleted"), "seen {seen_by_ben}");
        assert_eq!(stage.events("ann").await.len(), 1, "seen {seen_by_ben}");
    }
    stage.strike().await;
}

#[tokio::test]
async fn what_was_entered_in_the_crm_before_a_deletion_that_an_edit_beats_is_on_neither_side() {
    let stage = Stage::set().await;
    stage.settle().await;
    plans(&stage, &[]).await;
    stage.settle().await;
    let activity = stage.activity("Plan").await;
    let row = [
        ("ContactStatNo", "2"),
        ("ContactSeqNo", "7"),
        ("Role", "required"),
        ("Email", KARL),
        ("Name", KARL),
    ];
    stage.adds("Participant", &row).await;
    stage.edits("Contact", &activity, &[("A031Location", "Room 9"), ("ConnectorDeleted", "true")]).await;
    let id = stage.event("ann", "Plan").await["id"].as_str().unwrap().to_owned();
    stage.changes("ann", &id, json!({"subject": "Plan B"})).await;
    stage.settle().await;
    stage.was(&activity.name(), "edit-beats-delete").await;
    let (record, event) = (stage.activity("Plan B").await, stage.event("ann", "Plan B").await);
    assert_eq!((record.get("A031Location"), &event["location"]["displayName"]), ("", &json!("")));
    let people = stage.records("Participant").await;
    assert!(people.iter().all(|row| row.get("Email") != KARL), "{people:#?}");
    stage.strike().await;
}

/// Switches somebody's appointments on or off.
async fn takes_part(stage: &mut Stage, who: &str, value: &str) {
    let rep = stage.records("Rep").await.into_iter().find(|rep| rep.get("Login") == who).unwrap();
    stage.edits("Rep", &rep, &[("ConnectorEnabled", "true"), ("SyncAppointments", value)]).await;
    stage.roster = stage.connector.refresh().await.unwrap();
}

#[tokio::test]
async fn a_guest_who_removes_his_copy_while_its_organiser_takes_no_part_calls_nothing_off() {
    let mut stage = Stage::set().await;
    let mut meeting = stage.on(3, "10:00", "11:00", "Review");
    meeting["attendees"] = Stage::attendees(&[BEN]);
    stage.enters("ann", meeting).await;
    stage.settle().await;
    let activity = stage.activity("Review").await;
    takes_part(&mut stage, "ann", "false").await;
    let bens = stage.event("ben", "Review").await["id"].as_str().unwrap().to_owned();
    stage.answers("ben", &bens, "accepted").await;
    stage.settle().await;
    stage.deletes("ben", &bens).await;
    stage.settle().await;
    let mails = stage.mails_sent().await;
    takes_part(&mut stage, "ann", "true").await;
    stage.settle().await;
    stage.event("ann", "Review").await;
    let now = stage.activity("Review").await;
    assert_eq!((now.name(), now.is("ConnectorDeleted")), (activity.name(), false));
    let reasons = stage.reasons(&activity.name()).await;
    assert!(!reasons.contains(&"deleted-in-crm".to_owned()), "not for a moment: {reasons:?}");
    assert_eq!(stage.mails_sent().await, mails);
    stage.strike().await;
}

#[tokio::test]
async fn whose_copy_took_the_record_along_is_not_forgotten_when_his_calendar_is_read_anew() {
    let mut stage = Stage::set().await;
    takes_part(&mut stage, "ann", "false").await;
    let mut meeting = stage.on(3, "10:00", "11:00", "Review");
    meeting["attendees"] = Stage::attendees(&[BEN]);
    let anns = stage.enters("ann", meeting).await;
    stage.settle().await;
    stage.changes("ann", &anns, json!({"attendees": []})).await;
    stage.settle().await;
    assert!(stage.activity("Review").await.is("ConnectorDeleted"), "Ben has nothing to do with it any more");
    stage.line.expire_position("/calendarView/");
    stage.settle().await;
    takes_part(&mut stage, "ann", "true").await;
    stage.settle().await;
    assert!(!stage.activity("Review").await.is("ConnectorDeleted"), "nobody in the CRM deleted it");
    stage.strike().await;
}

#[tokio::test]
async fn a_guest_who_takes_over_from_his_organiser_brings_back_nothing_that_he_did_not_change() {
    let mut stage = Stage::set_with(|settings| settings.notifications.external = false).await;
    let mut meeting = stage.on(3, "10:00", "11:00", "Review");
    meeting["attendees"] = Stage::attendees(&[BEN, KARL]);
    meeting["body"] = json!({"contentType": "text", "content": "Agenda"});
    stage.enters("ann", meeting).await;
    stage.settle().await;
    let activity = stage.activity("Review").await;
    stage.edits("Contact", &activity, &[("Text", "Minutes")]).await;
    stage.settle().await;
    stage.was(&activity.name(), "not-mailed").await;
    stage.edits("Contact", &activity, &[("ConnectorDeleted", "true")]).await;
    takes_part(&mut stage, "ann", "false").await;
    let bens = stage.event("ben", "Review").await["id"].as_str().unwrap().to_owned();
    stage.changes("ben", &bens, json!({"categories": ["mine"]})).await;
    stage.settle().await;
    assert!(stage.activity("Review").await.is("ConnectorDeleted"));
    stage.strike().await;
}

#[tokio::test]
async fn a_meeting_goes_on_for_the_others_when_its_organiser_takes_one_off_and_ends_with_the_last() {
    let stage = Stage::set().await;
    let mut meeting = stage.on(3, "10:00", "11:00", "Trade fair");
    meeting["attendees"] = Stage::attendees(&[ANN, BEN]);
    let doras = stage.enters("dora", meeting).await;
    stage.settle().await;
    let activity = stage.activity("Trade fair").await;
    stage.changes("dora", &doras, json!({"attendees": Stage::attendees(&[BEN])})).await;
    stage.settle().await;
    assert!(!stage.activity("Trade fair").await.is("ConnectorDeleted"), "Ben still goes there");
    assert!(
        !stage.reasons(&activity.name()).await.contains(&"deleted-in-crm".to_owned()),
        "not for a moment"
    );
    stage.deletes("dora", &doras).await;
    stage.settle().await;
    assert!(stage.activity("Trade fair").await.is("ConnectorDeleted"));
    stage.strike().await;
}

/// A meeting of Dora's, who takes no part, with Ann and Ben, whom the CRM knows of from Ann's copy.
async fn doras_meeting(stage: &Stage) -> String {
    let mut meeting = stage.on(3, "10:00", "11:00", "Trade fair");
    meeting["attendees"] = Stage::attendees(&[ANN, BEN]);
    let doras = stage.enters("dora", meeting).await;
    stage.settle().await;
    doras
}

#[tokio::test]
async fn a_meeting_that_is_called_off_goes_whichever_guest_hears_of_it_first() {
    for first in ["ann", "ben"] {
        let stage = Stage::set().await;
        let doras = doras_meeting(&stage).await;
        stage.deletes("dora", &doras).await;
        stage.cycle(first).await.unwrap();
        stage.settle().await;
        assert!(stage.activity("Trade fair").await.is("ConnectorDeleted"), "{first} first");
        stage.strike().await;
    }
}

#[tokio::test]
async fn a_meeting_that_was_called_off_goes_also_when_its_organiser_takes_part_by_then() {
    for first in ["ann", "ben"] {
        let mut stage = Stage::set().await;
        let doras = doras_meeting(&stage).await;
        stage.deletes("dora", &doras).await;
        takes_part(&mut stage, "dora", "true").await;
        stage.cycle("dora").await.unwrap();
        stage.cycle(first).await.unwrap();
        stage.settle().await;
        assert!(stage.activity("Trade fair").await.is("ConnectorDeleted"), "{first} first");
        stage.strike().await;
    }
}

/// A cycle stops where it is about to ask `then` after it has asked `first`, and goes on when another one has ended.
async fn cycle_around(stage: &Stage, [who, other]: [&str; 2], first: &str, then: &str) {
    let (arrived, go_on) = stage.line.hold(first);
    let others = async {
        arrived.await.unwrap();
        let (arrived, last) = stage.line.hold(then);
        go_on.send(()).unwrap();
        arrived.await.unwrap();
        stage.cycle(other).await.unwrap();
        last.send(()).unwrap();
    };
    let (ended, ()) = tokio::join!(stage.cycle(who), others);
    ended.unwrap();
}

#[tokio::test]
async fn of_two_guests_who_hear_at_once_that_a_meeting_is_off_one_takes_it_along() {
    let stage = Stage::set().await;
    let doras = doras_meeting(&stage).await;
    stage.deletes("dora", &doras).await;
    cycle_around(&stage, ["ben", "ann"], "/calendarView", "/CRMinterface").await;
    stage.settle().await;
    assert!(stage.activity("Trade fair").await.is("ConnectorDeleted"));
    stage.strike().await;
}

#[tokio::test]
async fn of_two_guests_who_remove_their_copies_at_once_one_takes_the_meeting_along() {
    let stage = Stage::set().await;
    doras_meeting(&stage).await;
    let mut copies = Vec::new();
    for who in ["ann", "ben"] {
        copies.push(stage.event(who, "Trade fair").await["id"].as_str().unwrap().to_owned());
        stage.deletes(who, copies.last().unwrap()).await;
    }
    cycle_around(&stage, ["ben", "ann"], "/calendarView", &format!("/events/{}", copies.last().unwrap()))
        .await;
    stage.settle().await;
    assert!(stage.activity("Trade fair").await.is("ConnectorDeleted"));
    stage.strike().await;
}

#[tokio::test]
async fn whose_mailbox_was_renamed_is_the_same_person_on_both_sides() {
    let mut stage = Stage::set().await;
    stage.settle().await;
    stage.outlook("POST", "/faults/mailbox-renamed/play", json!({ "mailbox": ANN })).await;
    let renamed = format!("renamed.{ANN}");
    let mut meeting = stage.on(3, "10:00", "11:00", "Review");
    meeting["attendees"] = Stage::attendees(&[&renamed, KARL]);
    stage.enters("ben", meeting).await;
    // The connector does not know yet whose address that is, and neither does the CRM.
    stage.cycle("ben").await.unwrap();
    stage.roster = stage.connector.refresh().await.unwrap();
    let anns = stage.event("renamed.ann", "Review").await;
    stage.answers("renamed.ann", anns["id"].as_str().unwrap(), "accepted").await;
    stage.settle().await;
    assert_eq!(stage.status_of("Review", ANN).await, "accepted");
    let before = stage.mails().await.len();
    for row in stage.records("Participant").await {
        if row.get("Email") == KARL {
            stage.erases("Participant", &row).await;
        }
    }
    stage.settle().await;
    assert_eq!(stage.mailed_since(before).await, [KARL], "Ann stays invited");
    stage.strike().await;
}

#[tokio::test]
async fn whom_a_silent_copy_leaves_out_stays_in_the_crm_though_his_own_copy_goes_at_that_moment() {
    let stage = Stage::set().await;
    let mut meeting = stage.on(3, "10:00", "11:00", "Review");
    meeting["attendees"] = Stage::attendees(&[BEN]);
    let anns = stage.enters("ann", meeting).await;
    stage.settle().await;
    stage.deletes("ann", &anns).await;
    stage.edits("Contact", &stage.activity("Review").await, &[("Text", "Bring shoes")]).await;
    let mails = stage.mails_sent().await;
    cycle_around(&stage, ["ann", "ben"], &format!("/events/{anns}"), "/events").await;
    stage.settle().await;
    assert_eq!(stage.status_of("Review", BEN).await, "none", "he takes part still");
    let event = stage.event("ann", "Review").await;
    assert_eq!((&event["attendees"], stage.mails_sent().await), (&json!([]), mails), "nobody is invited");
    stage.strike().await;
}
