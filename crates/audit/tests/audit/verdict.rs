//! What the audit finds in a world of which one thing was spoiled, and that it finds nothing in one that is in step.

use crate::worlds::{ANN, BEN, in_step, of};
use serde_json::json;
use tandem_audit::{Kind, Side};

#[tokio::test]
async fn a_world_in_step_is_clean() {
    let report = in_step().audit().await;
    assert!(report.is_clean(), "{report}");
    let paired = Kind::ALL.map(|kind| of(&report, kind).paired);
    assert_eq!(paired, [1, 2, 1, 1, 1], "{report:?}");
}

#[tokio::test]
async fn a_changed_subject_is_found_in_every_kind() {
    let spoils: [(&'static str, u32, &str, Kind, &str); 6] = [
        ("Contact", 10, "Subject", Kind::Mail, "subject"),
        ("Contact", 20, "Subject", Kind::Appointment, "subject"),
        ("Contact", 31, "Subject", Kind::Appointment, "exceptions"),
        ("Task", 40, "Subject", Kind::Task, "subject"),
        ("Person", 50, "LastName", Kind::Contact, "surname"),
        ("Absence", 60, "EndDate", Kind::Absence, "when"),
    ];
    for (table, id, field, kind, found) in spoils {
        let mut world = in_step();
        world.set(table, id, field, if field == "EndDate" { "2026-07-23" } else { "Spoiled" });
        let report = world.audit().await;
        let different = of(&report, kind).different;
        assert_eq!(different.len(), 1, "{table} {id}: {report}");
        assert_eq!(different[0].fields.keys().collect::<Vec<_>>(), [found]);
        assert_eq!(report.totals().different, 1, "{report}");
    }
}

#[tokio::test]
async fn a_missing_record_is_found_in_every_kind() {
    for (table, id, kind) in
        [("Contact", 10, Kind::Mail), ("Contact", 20, Kind::Appointment), ("Task", 40, Kind::Task)]
    {
        let mut world = in_step();
        world.remove(table, id);
        let report = world.audit().await;
        assert_eq!(of(&report, kind).m365_only.len(), 1, "{table}: {report}");
        assert!(of(&report, kind).crm_only.is_empty());
    }
}

#[tokio::test]
async fn a_missing_item_is_found_in_every_kind() {
    for (mailbox, list, id, kind) in [
        (ANN, "messages", "M1", Kind::Mail),
        (BEN, "events", "S1", Kind::Appointment),
        (ANN, "tasks", "T1", Kind::Task),
        (BEN, "contacts", "C1", Kind::Contact),
        (ANN, "events", "A1", Kind::Absence),
    ] {
        let mut world = in_step();
        world.items(mailbox, list).retain(|item| item["id"] != id);
        let report = world.audit().await;
        assert_eq!(of(&report, kind).crm_only.len(), 1, "{id}: {report}");
    }
}

#[tokio::test]
async fn a_deleted_record_whose_event_stays_is_found() {
    let mut world = in_step();
    world.set("Contact", 20, "ConnectorDeleted", "true");
    let report = world.audit().await;
    assert_eq!(of(&report, Kind::Appointment).m365_only.len(), 1, "{report}");
}

#[tokio::test]
async fn duplicate_records_are_found() {
    for (table, id, kind) in [
        ("Contact", 10, Kind::Mail),
        ("Contact", 20, Kind::Appointment),
        ("Task", 40, Kind::Task),
        ("Person", 50, Kind::Contact),
    ] {
        let mut world = in_step();
        world.repeat(table, id, 99);
        let report = world.audit().await;
        let duplicates = of(&report, kind).duplicates;
        assert_eq!(duplicates.len(), 1, "{table}: {report}");
        assert_eq!(duplicates[0].side, Side::Crm);
    }
}

#[tokio::test]
async fn duplicate_items_are_found() {
    for (mailbox, list, id, kind) in [
        (ANN, "events", "E1", Kind::Appointment),
        (ANN, "tasks", "T1", Kind::Task),
        (BEN, "contacts", "C1", Kind::Contact),
    ] {
        let mut world = in_step();
        let mut twin = world.item(mailbox, list, id).clone();
        twin["id"] = json!("TWIN");
        world.items(mailbox, list).push(twin);
        let report = world.audit().await;
        let duplicates = of(&report, kind).duplicates;
        assert_eq!(duplicates.len(), 1, "{list}: {report}");
        assert_eq!(duplicates[0].side, Side::M365);
    }
}

#[tokio::test]
async fn two_meetings_with_one_record_are_one_too_many() {
    let mut world = in_step();
    let mut twin = world.item(ANN, "events", "E1").clone();
    twin["id"] = json!("TWIN");
    twin["iCalUId"] = json!("UID-OTHER");
    world.items(ANN, "events").push(twin);
    world.key("text/x-vevent", "UID-OTHER", "MA:20");
    let report = world.audit().await;
    assert_eq!(of(&report, Kind::Appointment).duplicates.len(), 1, "{report}");
}

#[tokio::test]
async fn a_missing_or_changed_attachment_is_found() {
    let mut missing = in_step();
    missing.remove("Document", 12);
    let mut changed = in_step();
    changed.set("Document", 12, "Digest", "def");
    for world in [missing, changed] {
        let report = world.audit().await;
        let different = of(&report, Kind::Mail).different;
        assert_eq!(
            different.iter().flat_map(|one| one.fields.keys()).collect::<Vec<_>>(),
            ["attachments"],
            "{report}"
        );
    }
}

#[tokio::test]
async fn a_wrong_exception_and_a_wrong_gap_are_found() {
    let mut moved = in_step();
    moved.set("Contact", 31, "Time", "12:00");
    let mut gone = in_step();
    gone.remove("Contact", 31);
    for world in [moved, gone] {
        let report = world.audit().await;
        let different = of(&report, Kind::Appointment).different;
        assert_eq!(
            different.iter().flat_map(|one| one.fields.keys()).collect::<Vec<_>>(),
            ["exceptions"],
            "{report}"
        );
    }
    let mut gap = in_step();
    gap.set("Contact", 30, "CancelledDates", "");
    let report = gap.audit().await;
    assert!(of(&report, Kind::Appointment).different[0].fields.contains_key("cancelled"), "{report}");
}

#[tokio::test]
async fn people_and_answers_are_compared() {
    let mut lost = in_step();
    lost.remove("Participant", 22);
    assert!(of(&lost.audit().await, Kind::Appointment).different[0].fields.contains_key("attendees"));
    let mut invented = in_step();
    invented.record(
        "Participant",
        "MB",
        23,
        &[("ContactStatNo", "1"), ("ContactSeqNo", "20"), ("Name", "Eve"), ("Email", "eve@x.example")],
    );
    assert!(of(&invented.audit().await, Kind::Appointment).different[0].fields.contains_key("attendees"));
    let mut declined = in_step();
    declined.set("Participant", 22, "Status", "declined");
    assert!(of(&declined.audit().await, Kind::Appointment).different[0].fields.contains_key("responses"));
    let mut unlisted = in_step();
    unlisted.set("Contact", 10, "MissingParticipants", "");
    assert!(of(&unlisted.audit().await, Kind::Mail).different[0].fields.contains_key("participants"));
}

#[tokio::test]
async fn an_hour_off_is_found() {
    let mut world = in_step();
    world.set("Contact", 20, "TimeZone", "Europe/London");
    let report = world.audit().await;
    assert_eq!(of(&report, Kind::Appointment).different[0].fields.keys().collect::<Vec<_>>(), ["when"]);
}

#[tokio::test]
async fn a_record_that_names_no_zone_is_in_its_reps() {
    let mut world = in_step();
    world.set("Contact", 20, "TimeZone", "");
    world.set("Rep", 1, "TimeZone", "Europe/Vienna");
    // An occurrence is in the zone of its series, wherever its rep is.
    world.set("Contact", 31, "TimeZone", "");
    world.set("Rep", 2, "TimeZone", "Europe/Vienna");
    assert!(of(&world.audit().await, Kind::Appointment).different.is_empty());
    world.set("Rep", 1, "TimeZone", "Europe/London");
    let report = world.audit().await;
    assert_eq!(of(&report, Kind::Appointment).different[0].fields.keys().collect::<Vec<_>>(), ["when"]);
}

#[tokio::test]
async fn what_the_rules_leave_out_is_not_missed_but_must_not_be_there_either() {
    let mut world = in_step();
    let event = |id: &str, change: serde_json::Value| {
        let mut event = json!({
            "id": id, "iCalUId": id, "subject": id, "isOrganizer": true, "sensitivity": "normal", "attendees": [],
            "start": {"dateTime": "2026-07-18T08:00:00", "timeZone": "UTC"}, "end": {"dateTime": "2026-07-18T09:00:00", "timeZone": "UTC"},
        });
        for (name, value) in change.as_object().unwrap() {
            event[name] = value.clone();
        }
        event
    };
    let far = json!({"start": {"dateTime": "2027-07-18T08:00:00", "timeZone": "UTC"}, "end": {"dateTime": "2027-07-18T09:00:00", "timeZone": "UTC"}});
    let events = [
        event("far", far),
        event("private", json!({"sensitivity": "private"})),
        event("off", json!({"isCancelled": true})),
    ];
    world.items(ANN, "events").extend(events);
    let message = |id: &str, folder: &str, to: &str| {
        json!({"id": id, "internetMessageId": id, "folderPath": folder, "subject": id, "body": {"contentType": "text", "content": ""},
               "toRecipients": [{"emailAddress": {"address": to}}], "sentDateTime": "2026-07-14T08:05:31Z"})
    };
    let messages = [
        message("elsewhere", "/Inbox", ANN),
        message("similar", "/Inbox/crm2", ANN),
        message("failed", "/Inbox/crm/Sync_Failure/sub", ANN),
        message("list", "/Inbox/crm", "all@nordwind.example"),
    ];
    world.items(ANN, "messages").extend(messages);
    let report = world.audit().await;
    assert!(report.is_clean(), "{report}");
    assert_eq!(
        of(&report, Kind::Appointment).excluded.keys().collect::<Vec<_>>(),
        ["cancelled", "out of the time frame", "private"]
    );
    assert_eq!(of(&report, Kind::Mail).excluded.keys().collect::<Vec<_>>(), ["failed", "owner not named"]);

    world.repeat("Contact", 20, 70);
    world.set("Contact", 70, "Subject", "private");
    world.key("text/x-vevent", "private", "MA:70");
    let report = world.audit().await;
    let leaked = of(&report, Kind::Appointment).crm_only;
    assert_eq!(leaked.len(), 1, "{report}");
    assert!(leaked[0].why.contains("private"));
}

#[tokio::test]
async fn the_report_reads_well() {
    let mut world = in_step();
    world.set("Contact", 20, "Subject", "Spoiled");
    world.remove("Task", 40);
    let report = world.audit().await;
    insta::assert_snapshot!(report.to_string());
}

/// The event of an activity that was over before it was synchronised names nobody, or Exchange would invite them.
#[tokio::test]
async fn attendees_of_the_past_are_not_missed() {
    let mut world = in_step();
    for (mailbox, id) in [(ANN, "E1"), (BEN, "E2")] {
        let event = world.item(mailbox, "events", id);
        event["start"]["dateTime"] = json!("2026-07-14T08:00:00");
        event["end"]["dateTime"] = json!("2026-07-14T09:00:00");
        event["attendees"] = json!([]);
    }
    world.set("Contact", 20, "Date", "2026-07-14");
    world.set("Contact", 20, "EndDate", "2026-07-14");
    let report = world.audit().await;
    assert!(report.is_clean(), "{report}");
    // Of one that came from Microsoft 365 the same is a difference.
    world.items(BEN, "events").retain(|event| event["id"] != "E2");
    world.set("Contact", 20, "F5021", "true");
    assert_eq!(world.audit().await.totals().different, 1);
}

#[tokio::test]
async fn what_a_reader_does_not_call_an_attachment_may_stay_behind() {
    let mut world = in_step();
    let files = world.item(ANN, "messages", "M1")["attachments"].as_array_mut().unwrap();
    files.push(json!({"name": "logo.png", "sha256": "123", "isInline": true}));
    files.push(json!({"name": "Forwarded", "sha256": "456", "isInline": false}));
    world.record(
        "Document",
        "D1",
        13,
        &[("ContactStatNo", "1"), ("ContactSeqNo", "10"), ("Name", "Forwarded.eml"), ("Digest", "456")],
    );
    let report = world.audit().await;
    assert!(report.is_clean(), "{report}");
    world.record(
        "Document",
        "D1",
        14,
        &[("ContactStatNo", "1"), ("ContactSeqNo", "10"), ("Name", "more.pdf"), ("Digest", "789")],
    );
    assert!(of(&world.audit().await, Kind::Mail).different[0].fields.contains_key("attachments"));
}

#[tokio::test]
async fn another_reps_person_is_not_compared_and_not_missed() {
    let mut world = in_step();
    world.set("Person", 50, "RepID", "999");
    world.set("Person", 50, "Mobile", "+43 9");
    let report = world.audit().await;
    assert!(report.is_clean(), "{report}");
    assert_eq!(of(&report, Kind::Contact).excluded["another rep's person"], 1);
}
