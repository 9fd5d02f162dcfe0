//! Meetings: one record however many copies, and no mail that nobody asked for.

#![allow(clippy::unwrap_used, reason = "tests may stop at the first surprise")]

use crate::stage::{ANN, BEN, DORA, KARL, Stage};
use serde_json::{Value, json};
use tandem_model::Kind;
use tandem_store::{Role, State};

/// Ann invites in Outlook.
async fn invites(stage: &Stage, who: &[&str]) -> String {
    let mut meeting = stage.on(3, "10:00", "11:00", "Review");
    meeting["attendees"] = Stage::attendees(who);
    stage.enters("ann", meeting).await
}

/// Ann plans a meeting with Ben and Karl in the CRM.
async fn plans(stage: &Stage, number: &str, subject: &str) {
    let day = stage.day(6);
    let when = [("Date", &*day), ("EndDate", &day), ("Time", "10:00"), ("EndTime", "11:00")];
    let people = [(ANN, "organizer"), (BEN, "required"), (KARL, "required")];
    stage.schedules(1, number, &[&when[..], &[("Subject", subject)]].concat(), &people).await;
}

/// Who planned meetings in the CRM picked Ben from the list of reps, and did not type his address in.
async fn names_ben_as_rep(stage: &Stage) {
    for participant in stage.records("Participant").await {
        if participant.get("Email") == BEN {
            stage.edits("Participant", &participant, &[("RepID", "2")]).await;
        }
    }
}

/// Switches somebody's appointments on or off.
async fn takes_part(stage: &mut Stage, login: &str, value: &str) {
    let rep = stage.records("Rep").await.into_iter().find(|rep| rep.get("Login") == login).unwrap();
    stage.edits("Rep", &rep, &[("SyncAppointments", value)]).await;
    stage.roster = stage.connector.refresh().await.unwrap();
}

#[tokio::test]
async fn a_colleagues_copy_waits_and_is_linked_to_the_same_record() {
    let stage = Stage::set().await;
    invites(&stage, &[BEN]).await;
    let mails = stage.mails_sent().await;
    stage.cycle("ben").await.unwrap();
    let waiting = stage.links("ben", Kind::Appointment).await.remove(0);
    assert_eq!((waiting.state, waiting.reason.as_str()), (State::Waiting, "waits-for-organizer"));
    assert!(stage.records("Contact").await.is_empty());

    stage.settle().await;
    let activity = stage.activity("Review").await;
    assert_eq!(activity.get("Organizer"), ANN);
    let (anns, bens) = (
        stage.links("ann", Kind::Appointment).await.remove(0),
        stage.links("ben", Kind::Appointment).await.remove(0),
    );
    assert_eq!((anns.role, bens.role), (Role::Lead, Role::Attendee));
    assert_eq!((bens.state, bens.object), (State::Linked, anns.object));
    assert_eq!(stage.mails_sent().await, mails);
    stage.strike().await;
}

#[tokio::test]
async fn an_attendees_answer_reaches_the_crm() {
    let stage = Stage::set().await;
    invites(&stage, &[BEN, KARL]).await;
    stage.settle().await;
    assert_eq!(stage.status_of("Review", BEN).await, "none");
    let copy = stage.event("ben", "Review").await["id"].as_str().unwrap().to_owned();
    stage.answers("ben", &copy, "accepted").await;
    let mails = stage.mails_sent().await;
    stage.settle().await;
    assert_eq!(stage.status_of("Review", BEN).await, "accepted");
    assert_eq!(stage.status_of("Review", KARL).await, "none");
    assert_eq!(stage.mails_sent().await, mails);
    stage.strike().await;
}

#[tokio::test]
async fn a_meeting_of_an_outsider_stays_while_somebody_holds_a_copy() {
    let stage = Stage::set().await;
    let mut meeting = stage.on(3, "10:00", "11:00", "Trade fair");
    meeting["organizer"] = json!({"emailAddress": {"name": "Karl", "address": KARL}});
    meeting["iCalUId"] = "outside-1".into();
    meeting["attendees"] = Stage::attendees(&[ANN, BEN]);
    let anns = stage.enters("ann", meeting).await;
    stage.event("ben", "Trade fair").await;
    let mails = stage.mails_sent().await;
    stage.settle().await;
    let activity = stage.activity("Trade fair").await;
    assert!(activity.is("ConnectorPublished"));
    assert_eq!(activity.get("Organizer"), KARL);

    stage.deletes("ann", &anns).await;
    stage.settle().await;
    assert!(!stage.activity("Trade fair").await.is("ConnectorDeleted"));
    stage.event("ben", "Trade fair").await;
    stage.was(&activity.name(), "owner-removed-copy").await;
    assert_eq!(stage.mails_sent().await, mails);
    stage.strike().await;
}

/// An outsider's meeting with Ann and Ben, of which Ann's copy leads; the ids of both copies.
async fn trade_fair(stage: &Stage) -> (String, String) {
    let mut meeting = stage.on(3, "10:00", "11:00", "Trade fair");
    meeting["organizer"] = json!({"emailAddress": {"name": "Karl", "address": KARL}});
    meeting["iCalUId"] = "outside-1".into();
    meeting["attendees"] = Stage::attendees(&[ANN, BEN]);
    let anns = stage.enters("ann", meeting).await;
    let bens = stage.event("ben", "Trade fair").await["id"].as_str().unwrap().to_owned();
    stage.settle().await;
    assert_eq!(stage.links("ann", Kind::Appointment).await.remove(0).role, Role::Lead);
    (anns, bens)
}

#[tokio::test]
async fn another_copy_takes_over_when_the_leading_one_is_gone() {
    let stage = Stage::set().await;
    let (anns, bens) = trade_fair(&stage).await;
    let before = stage.activity("Trade fair").await.name();
    stage.deletes("ann", &anns).await;
    stage.settle().await;
    stage.changes("ben", &bens, json!({"subject": "Trade fair, hall 7"})).await;
    stage.settle().await;
    let activity = stage.activity("Trade fair, hall 7").await;
    assert_eq!(activity.name(), before);
    assert_eq!(stage.links("ben", Kind::Appointment).await.remove(0).role, Role::Lead);
    stage.was(&activity.name(), "takes-over").await;
    stage.strike().await;
}

#[tokio::test]
async fn another_copy_takes_over_when_the_leading_mailbox_takes_part_no_longer() {
    let mut stage = Stage::set().await;
    let (_, bens) = trade_fair(&stage).await;
    let rep = stage.records("Rep").await.into_iter().find(|rep| rep.get("Login") == "ann").unwrap();
    stage.edits("Rep", &rep, &[("SyncAppointments", "false")]).await;
    stage.roster = stage.connector.refresh().await.unwrap();
    stage.changes("ben", &bens, json!({"subject": "Trade fair, hall 7"})).await;
    stage.settle().await;
    stage.activity("Trade fair, hall 7").await;
    stage.strike().await;
}

#[tokio::test]
async fn the_last_copy_of_an_outsiders_meeting_takes_the_record_along() {
    let stage = Stage::set().await;
    let (anns, bens) = trade_fair(&stage).await;
    stage.deletes("ann", &anns).await;
    stage.settle().await;
    assert!(!stage.activity("Trade fair").await.is("ConnectorDeleted"));
    stage.deletes("ben", &bens).await;
    stage.settle().await;
    assert!(stage.activity("Trade fair").await.is("ConnectorDeleted"));
    stage.strike().await;
}

#[tokio::test]
async fn a_colleague_without_connector_is_an_outsider() {
    let stage = Stage::set().await;
    let mut meeting = stage.on(3, "10:00", "11:00", "Works council");
    meeting["attendees"] = Stage::attendees(&[ANN, BEN]);
    stage.enters("dora", meeting).await;
    stage.settle().await;
    let activity = stage.activity("Works council").await;
    assert!(activity.is("ConnectorPublished"));
    assert_eq!(activity.get("Organizer"), DORA);
    stage.strike().await;
}

#[tokio::test]
async fn an_organiser_who_is_switched_on_later_gets_his_meeting_back() {
    let mut stage = Stage::set().await;
    takes_part(&mut stage, "ann", "false").await;
    invites(&stage, &[BEN]).await;
    stage.settle().await;
    let before = stage.activity("Review").await;
    assert!(before.is("ConnectorPublished"));

    takes_part(&mut stage, "ann", "true").await;
    let mails = stage.mails_sent().await;
    stage.settle().await;
    let activity = stage.activity("Review").await;
    assert_eq!(activity.name(), before.name());
    assert!(!activity.is("ConnectorPublished"), "its organiser speaks for it");
    assert_eq!(activity.get("RepID"), "1", "it is Ann's");
    stage.was(&activity.name(), "claimed").await;
    assert_eq!(stage.mails_sent().await, mails);
    stage.edits("Contact", &activity, &[("A031Location", "Room 9")]).await;
    stage.settle().await;
    assert_eq!(stage.event("ann", "Review").await["location"]["displayName"], "Room 9");
    stage.strike().await;
}

#[tokio::test]
async fn what_the_crm_deletes_while_its_organiser_takes_no_part_stays_with_everybody_in_outlook() {
    let mut stage = Stage::set().await;
    takes_part(&mut stage, "ann", "false").await;
    invites(&stage, &[BEN]).await;
    stage.settle().await;
    let activity = stage.activity("Review").await;
    assert!(activity.is("ConnectorPublished"));
    stage.edits("Contact", &activity, &[("ConnectorDeleted", "true")]).await;
    stage.settle().await;
    stage.was(&activity.name(), "kept-in-outlook").await;
    let link = stage.links("ben", Kind::Appointment).await.remove(0);
    assert_eq!((link.state, link.reason.as_str()), (State::Skipped, "kept-in-outlook"));
    stage.event("ben", "Review").await;

    let mails = stage.mails_sent().await;
    takes_part(&mut stage, "ann", "true").await;
    stage.settle().await;
    assert!(stage.activity("Review").await.is("ConnectorDeleted"), "nobody changed it since");
    let link = stage.links("ann", Kind::Appointment).await.remove(0);
    assert_eq!((link.state, link.reason.as_str()), (State::Skipped, "stays-deleted"));

    let id = stage.event("ann", "Review").await["id"].as_str().unwrap().to_owned();
    stage.changes("ann", &id, json!({"location": {"displayName": "Room 9"}})).await;
    stage.settle().await;
    let back = stage.activity("Review").await;
    assert_eq!(back.name(), activity.name());
    assert_eq!((back.is("ConnectorDeleted"), back.get("A031Location")), (false, "Room 9"));
    assert_eq!(stage.mails_sent().await, mails + 1, "Exchange tells Ben of the room");
    stage.strike().await;
}

#[tokio::test]
async fn what_the_organiser_changed_and_the_crm_was_not_told_of_beats_its_deletion_there() {
    let mut stage = Stage::set().await;
    takes_part(&mut stage, "ann", "false").await;
    let id = invites(&stage, &[BEN]).await;
    stage.settle().await;
    let activity = stage.activity("Review").await;
    stage.changes("ann", &id, json!({"location": {"displayName": "Room 9"}})).await;
    stage.edits("Contact", &activity, &[("ConnectorDeleted", "true")]).await;
    takes_part(&mut stage, "ann", "true").await;
    let mails = stage.mails_sent().await;
    stage.cycle("ann").await.unwrap();
    stage.settle().await;
    let back = stage.activity("Review").await;
    assert_eq!((back.name(), back.get("A031Location")), (activity.name(), "Room 9"));
    assert_eq!(
        (back.is("ConnectorDeleted"), back.is("ConnectorPublished"), back.get("RepID")),
        (false, false, "1")
    );
    stage.was(&back.name(), "edit-beats-delete").await;
    assert_eq!(stage.mails_sent().await, mails);
    stage.strike().await;
}

#[tokio::test]
async fn what_the_crm_deletes_is_not_brought_back_by_a_copy_that_becomes_known_later() {
    let stage = Stage::set().await;
    let mut meeting = stage.on(3, "10:00", "11:00", "Review");
    meeting["iCalUId"] = "file-1".into();
    stage.enters("ann", meeting.clone()).await;
    stage.settle().await;
    let activity = stage.activity("Review").await;
    stage.edits("Contact", &activity, &[("ConnectorDeleted", "true")]).await;
    stage.settle().await;
    assert!(stage.events("ann").await.is_empty(), "the connector deleted it, but nobody in Outlook did");

    meeting["organizer"] = json!({"emailAddress": {"name": "Ann", "address": ANN}});
    meeting["attendees"] = Stage::attendees(&[BEN]);
    stage.enters("ben", meeting).await;
    stage.settle().await;
    stage.later(2 * 24 * 3600);
    stage.settle().await;
    assert!(stage.activity("Review").await.is("ConnectorDeleted"));
    assert!(stage.events("ann").await.is_empty());
    let link = stage.links("ben", Kind::Appointment).await.remove(0);
    assert_eq!((link.state, link.reason.as_str()), (State::Skipped, "stays-deleted"));
    stage.strike().await;
}

/// A meeting of Ann's with Ben. His copy told the CRM of another room while her mailbox was switched off.
async fn moved_while_switched_off() -> (Stage, String) {
    let mut stage = Stage::set().await;
    let id = invites(&stage, &[BEN]).await;
    stage.settle().await;
    takes_part(&mut stage, "ann", "false").await;
    stage.changes("ann", &id, json!({"location": {"displayName": "Room 9"}})).await;
    stage.settle().await;
    assert_eq!(stage.activity("Review").await.get("A031Location"), "Room 9");
    takes_part(&mut stage, "ann", "true").await;
    (stage, id)
}

#[tokio::test]
async fn what_a_guests_copy_told_the_crm_is_no_edit_that_beats_the_organisers_deletion() {
    let (stage, id) = moved_while_switched_off().await;
    stage.deletes("ann", &id).await;
    let mails = stage.mails_sent().await;
    stage.settle().await;
    assert!(stage.events("ann").await.is_empty());
    assert!(stage.activity("Review").await.is("ConnectorDeleted"));
    assert_eq!(stage.mails_sent().await, mails, "nobody is invited anew");
    stage.strike().await;
}

#[tokio::test]
async fn what_the_crm_changes_after_a_guests_copy_told_it_reaches_the_organiser() {
    let (stage, id) = moved_while_switched_off().await;
    let activity = stage.activity("Review").await;
    stage.edits("Contact", &activity, &[("A031Location", "Room 10")]).await;
    stage.changes("ann", &id, json!({"subject": "Review 2"})).await;
    stage.settle().await;
    let (event, activity) = (stage.event("ann", "Review 2").await, stage.activity("Review 2").await);
    assert_eq!(event["location"]["displayName"], "Room 10", "an edit of the CRM alone");
    assert_eq!(activity.get("A031Location"), "Room 10");
    stage.strike().await;
}

/// Ann's meeting was called off by her and brought back by an edit in the CRM: Ben has what is left of the old one.
#[tokio::test]
async fn what_is_left_of_a_meeting_that_was_made_anew_does_not_call_off_the_new_one() {
    let mut stage = Stage::set().await;
    let id = invites(&stage, &[BEN]).await;
    stage.settle().await;
    let activity = stage.activity("Review").await;
    stage.edits("Contact", &activity, &[("A031Location", "Room 9")]).await;
    stage.deletes("ann", &id).await;
    stage.settle().await;
    stage.was(&activity.name(), "edit-beats-delete").await;
    takes_part(&mut stage, "ann", "false").await;
    stage.settle().await;
    assert!(!stage.activity("Review").await.is("ConnectorDeleted"));
    stage.strike().await;
}

#[tokio::test]
async fn of_what_is_private_nothing_is_kept() {
    let stage = Stage::set_with(|settings| settings.appointments.private = false).await;
    let mut private = stage.on(3, "10:00", "11:00", "Psychiatrist");
    private["sensitivity"] = "private".into();
    private["location"] = json!({"displayName": "Berggasse 19"});
    private["attendees"] = Stage::attendees(&["doctor@clinic.example"]);
    let id = stage.enters("ann", private).await;
    stage.settle().await;
    stage.changes("ann", &id, json!({"subject": "Psychiatrist again"})).await;
    stage.settle().await;
    assert!(stage.records("Contact").await.is_empty());
    let link = stage.links("ann", Kind::Appointment).await.remove(0);
    assert_eq!((link.state, link.reason.as_str()), (State::Skipped, "private"));
    let kept = format!("{:?}", stage.store);
    for word in ["Psychiatrist", "Berggasse", "clinic.example"] {
        assert!(!kept.contains(word), "{word} is in the store");
    }
    stage.strike().await;
}

#[tokio::test]
async fn a_meeting_that_the_crm_had_before_the_first_reading_invites_nobody() {
    let stage = Stage::set().await;
    plans(&stage, "7", "Old plan").await;
    stage.settle().await;
    let event = stage.event("ann", "Old plan").await;
    assert_eq!(event["attendees"], json!([]));
    assert_eq!(stage.mails().await, Vec::<Value>::new());
    let activity = stage.activity("Old plan").await;
    stage.was(&activity.name(), "silent").await;
    assert_eq!(stage.status_of("Old plan", KARL).await, "none", "the CRM keeps its participants");
    stage.strike().await;
}

#[tokio::test]
async fn a_new_meeting_of_the_crm_invites_everybody_once() {
    let stage = Stage::set().await;
    stage.settle().await;
    plans(&stage, "7", "Kick-off").await;
    stage.settle().await;
    assert_eq!(stage.mailed_since(0).await, [BEN, KARL]);
    let activity = stage.activity("Kick-off").await;
    stage.was(&activity.name(), "mails").await;
    assert_eq!(stage.event("ann", "Kick-off").await["isOrganizer"], json!(true));
    assert_eq!(stage.event("ben", "Kick-off").await["isOrganizer"], json!(false));

    // Another text is no news to the attendees.
    stage.edits("Contact", &activity, &[("Text", "Please bring the contract.")]).await;
    stage.settle().await;
    assert_eq!(stage.mails_sent().await, 1, "one invitation to both");
    stage.was(&activity.name(), "not-mailed").await;
    assert_eq!(stage.activity("Kick-off").await.get("Text"), "Please bring the contract.");

    // Another time is.
    stage.edits("Contact", &activity, &[("Time", "14:00"), ("EndTime", "15:00")]).await;
    stage.settle().await;
    assert_eq!(stage.mailed_since(1).await, [BEN, KARL]);
    assert_eq!(Stage::begins(&stage.event("ben", "Kick-off").await), format!("{} 14:00", stage.day(6)));
    stage.strike().await;
}

#[tokio::test]
async fn a_meeting_that_its_organiser_calls_off_is_deleted_in_the_crm() {
    let stage = Stage::set().await;
    let id = invites(&stage, &[BEN, KARL]).await;
    stage.settle().await;
    stage.deletes("ann", &id).await;
    let mails = stage.mails_sent().await;
    stage.settle().await;
    assert!(stage.activity("Review").await.is("ConnectorDeleted"));
    assert!(stage.events("ann").await.is_empty());
    assert_eq!(stage.mails_sent().await, mails, "Outlook told them already");
    stage.strike().await;
}

#[tokio::test]
async fn a_meeting_that_is_called_off_in_the_crm_is_cancelled_once() {
    let stage = Stage::set().await;
    stage.settle().await;
    plans(&stage, "7", "Kick-off").await;
    stage.settle().await;
    let invited = stage.mails_sent().await;
    stage.edits("Contact", &stage.activity("Kick-off").await, &[("ConnectorDeleted", "true")]).await;
    stage.settle().await;
    assert!(stage.events("ann").await.is_empty());
    assert_eq!(stage.mailed_since(invited).await, [BEN, KARL]);
    stage.strike().await;
}

#[tokio::test]
async fn an_attendee_who_removes_his_copy_does_not_remove_the_meeting() {
    let stage = Stage::set().await;
    invites(&stage, &[BEN, KARL]).await;
    stage.settle().await;
    let copy = stage.event("ben", "Review").await["id"].as_str().unwrap().to_owned();
    stage.deletes("ben", &copy).await;
    stage.settle().await;
    assert!(!stage.activity("Review").await.is("ConnectorDeleted"));
    stage.event("ann", "Review").await;
    stage.strike().await;
}

#[tokio::test]
async fn a_meeting_of_a_renamed_organiser_waits_until_the_list_of_mailboxes_is_read_again() {
    let mut stage = Stage::set().await;
    stage.settle().await;
    stage.outlook("POST", "/faults/mailbox-renamed/play", json!({ "mailbox": ANN })).await;
    let mut meeting = stage.on(3, "10:00", "11:00", "Review");
    meeting["attendees"] = Stage::attendees(&[BEN]);
    stage.outlook("POST", &format!("/users/renamed.{ANN}/events"), meeting).await;
    for _ in 0..3 {
        stage.cycle("ben").await.unwrap();
        let waiting = stage.links("ben", Kind::Appointment).await.remove(0);
        assert_eq!((waiting.state, waiting.reason.as_str()), (State::Waiting, "waits-for-organizer"));
        stage.later(600);
    }
    assert!(stage.records("Contact").await.is_empty());
    stage.restart_with(|_| {}).await;
    for _ in 0..3 {
        for mailbox in &stage.roster.mailboxes {
            stage.connector.cycle_once(&stage.roster, &mailbox.id).await.unwrap();
        }
        stage.later(120);
    }
    assert_eq!(stage.records("Contact").await.len(), 1);
    assert!(!stage.activity("Review").await.is("ConnectorPublished"), "it is the organiser's");
    stage.strike().await;
}

#[tokio::test]
async fn who_has_no_mailbox_in_the_company_after_all_is_an_outsider() {
    let mut stage = Stage::set().await;
    let mut meeting = stage.on(3, "10:00", "11:00", "Review");
    meeting["attendees"] = Stage::attendees(&[BEN]);
    meeting["organizer"] =
        json!({"emailAddress": {"address": "room.list@nordwind.example", "name": "Rooms"}});
    stage.enters("ben", meeting).await;
    stage.cycle("ben").await.unwrap();
    assert_eq!(stage.links("ben", Kind::Appointment).await[0].state, State::Waiting);
    stage.later(60);
    stage.restart_with(|settings| settings.appointments.published = true).await;
    stage.settle().await;
    assert_eq!(stage.links("ben", Kind::Appointment).await[0].state, State::Linked);
    assert_eq!(stage.records("Contact").await.len(), 1);
    stage.strike().await;
}

#[tokio::test]
async fn a_meeting_that_its_organiser_was_about_to_get_waits_while_his_mailbox_is_switched_off() {
    let mut stage = Stage::set_with(|settings| settings.appointments.published = true).await;
    stage.settle().await;
    let day = stage.day(6);
    let fields = [("Date", &*day), ("EndDate", &day), ("Time", "10:00"), ("EndTime", "11:00")];
    let fields = [&fields[..], &[("Subject", "Review")]].concat();
    stage.schedules(1, "77", &fields, &[(ANN, "organizer"), (BEN, "required")]).await;
    names_ben_as_rep(&stage).await;
    stage.line.hears_nothing_of(Some("/events"));
    let _ = stage.cycle("ann").await;
    stage.line.hears_nothing_of(None);
    assert_eq!(stage.events("ben").await.len(), 1, "the invitation was sent all the same");
    let rep = stage.records("Rep").await.into_iter().find(|rep| rep.get("Email") == ANN).unwrap();
    stage.edits("Rep", &rep, &[("SyncAppointments", "false")]).await;
    stage.restart_with(|_| {}).await;
    for _ in 0..3 {
        stage.cycle("ben").await.unwrap();
        let waiting = stage.links("ben", Kind::Appointment).await.remove(0);
        assert_eq!((waiting.state, waiting.reason.as_str()), (State::Waiting, "waits-for-organizer"));
        assert_eq!(stage.events("ben").await.len(), 1, "the CRM's record is that meeting");
        stage.later(600);
    }
    stage.edits("Rep", &rep, &[("SyncAppointments", "true")]).await;
    stage.restart_with(|_| {}).await;
    stage.settle().await;
    assert_eq!(stage.records("Contact").await.len(), 1);
    assert!(!stage.activity("Review").await.is("ConnectorPublished"), "it is the organiser's");
    assert_eq!(stage.events("ben").await.len(), 1);
    assert_eq!(stage.links("ann", Kind::Appointment).await[0].state, State::Linked);
    stage.strike().await;
}

#[tokio::test]
async fn a_colleague_whom_the_crm_names_gets_one_copy_whoever_of_the_two_is_looked_at_first() {
    let stage = Stage::set().await;
    stage.settle().await;
    plans(&stage, "7", "Plan").await;
    names_ben_as_rep(&stage).await;
    for _ in 0..2 {
        stage.cycle("ben").await.unwrap();
        let waiting = stage.links("ben", Kind::Appointment).await.remove(0);
        assert_eq!((waiting.state, waiting.reason.as_str()), (State::Waiting, "waits-for-organizer"));
        stage.later(600);
    }
    let reasons = stage.reasons("MA:1").await;
    let waits = reasons.iter().filter(|reason| *reason == "waits-for-organizer").count();
    assert_eq!(waits, 1, "that it still waits is no news: {reasons:?}");
    stage.settle().await;
    assert_eq!((stage.events("ann").await.len(), stage.events("ben").await.len()), (1, 1));
    stage.strike().await;
}

#[tokio::test]
async fn an_organiser_who_is_switched_on_later_invites_nobody_who_has_a_copy() {
    let mut stage = Stage::set().await;
    takes_part(&mut stage, "ann", "false").await;
    stage.settle().await;
    plans(&stage, "7", "Plan").await;
    names_ben_as_rep(&stage).await;
    stage.settle().await;
    assert_eq!(stage.events("ben").await.len(), 1, "a copy of his own");
    let mails = stage.mails_sent().await;
    takes_part(&mut stage, "ann", "true").await;
    stage.settle().await;
    assert_eq!((stage.events("ann").await.len(), stage.events("ben").await.len()), (1, 1));
    let activity = stage.activity("Plan").await;
    stage.was(&activity.name(), "silent").await;

    stage.edits("Contact", &activity, &[("A031Location", "Room 9")]).await;
    let id = stage.event("ann", "Plan").await["id"].as_str().unwrap().to_owned();
    stage.deletes("ann", &id).await;
    stage.settle().await;
    stage.was(&activity.name(), "edit-beats-delete").await;
    assert_eq!((stage.events("ann").await.len(), stage.events("ben").await.len()), (1, 1));
    assert_eq!(stage.mails_sent().await, mails);
    stage.strike().await;
}

#[tokio::test]
async fn a_file_that_a_second_person_imports_after_its_record_was_deleted_brings_that_back_once() {
    let stage = Stage::set().await;
    let mut file = stage.on(5, "10:00", "11:00", "Review");
    file["iCalUId"] = "file-1".into();
    stage.enters("ann", file.clone()).await;
    stage.settle().await;
    let activity = stage.activity("Review").await;
    stage.edits("Contact", &activity, &[("ConnectorDeleted", "true")]).await;
    stage.settle().await;
    assert!(stage.events("ann").await.is_empty());

    // Nobody in the CRM named Ben: he may not ask for the record before he says that he holds a copy.
    stage.enters("ben", file).await;
    stage.settle().await;
    let link = stage.links("ben", Kind::Appointment).await.remove(0);
    assert_eq!((link.state, link.reason.as_str()), (State::Linked, ""), "{}", link.detail);
    let back = stage.activity("Review").await;
    assert_eq!(back.name(), activity.name());
    assert!(!back.is("ConnectorDeleted"));
    stage.strike().await;
}
