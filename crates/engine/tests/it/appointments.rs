//! Appointments travel both ways, whatever their shape.

#![allow(clippy::unwrap_used, reason = "tests may stop at the first surprise")]

use crate::stage::{ANN, BEN, KARL, Stage};
use serde_json::{Value, json};

#[tokio::test]
async fn a_single_appointment_goes_to_the_crm() {
    let stage = Stage::set().await;
    stage.enters("ann", stage.on(3, "10:00", "11:30", "Review")).await;
    stage.settle().await;
    let activity = stage.activity("Review").await;
    assert_eq!(Stage::starts(&activity), format!("{} 10:00", stage.day(3)));
    assert_eq!((activity.get("EndTime"), activity.get("TimeZone")), ("11:30", "Europe/Berlin"));
    assert_eq!((activity.get("Contact"), activity.get("RepID")), ("Appointment", "1"));
    stage.was(&activity.name(), "new-in-m365").await;
    assert_eq!(stage.mails_sent().await, 0);
    stage.strike().await;
}

#[tokio::test]
async fn whole_days_stay_whole_days() {
    let stage = Stage::set().await;
    let mut fair = stage.on(4, "00:00", "00:00", "Trade fair");
    fair["isAllDay"] = true.into();
    fair["end"]["dateTime"] = format!("{}T00:00:00", stage.day(6)).into();
    stage.enters("ann", fair).await;
    stage.settle().await;
    let activity = stage.activity("Trade fair").await;
    assert!(activity.is("AllDay"));
    assert_eq!((activity.get("Date"), activity.get("EndDate")), (&*stage.day(4), &*stage.day(5)));
    stage.strike().await;
}

/// Ann's daily stand-up of five days from the day after tomorrow; the second is late, the fourth is called off.
async fn stand_up(stage: &Stage) -> String {
    let mut standup = stage.on(2, "09:00", "09:15", "Stand-up");
    standup["recurrence"] = json!({
        "pattern": {"type": "daily", "interval": 1},
        "range": {
            "type": "numbered",
            "numberOfOccurrences": 5,
            "startDate": stage.day(2),
            "recurrenceTimeZone": "W. Europe Standard Time",
        },
    });
    let master = stage.enters("ann", standup).await;
    let late = stage.occurrence("ann", &master, 1).await;
    stage.changes("ann", &late, stage.on(3, "14:00", "14:15", "Stand-up, late")).await;
    let off = stage.occurrence("ann", &master, 3).await;
    stage.deletes("ann", &off).await;
    stage.settle().await;
    master
}

#[tokio::test]
async fn a_series_is_one_activity_with_its_exceptions() {
    let stage = Stage::set().await;
    let master = stand_up(&stage).await;
    let series = stage.activity("Stand-up").await;
    assert!(series.is("IsMasterContact"));
    assert!(series.get("Recurrence").contains("FREQ=DAILY"), "{series:#?}");
    assert_eq!(Stage::starts(&series), format!("{} 09:00", stage.day(2)));
    assert_eq!(series.get("CancelledDates"), stage.day(5));
    let exception = stage.activity("Stand-up, late").await;
    assert!(exception.is("IsSerialContact"));
    assert_eq!(exception.get("ContactSeqNo"), series.get("SeqNo"));
    assert_eq!((exception.get("OriginalDate"), exception.get("Time")), (&*stage.day(3), "14:00"));
    assert_eq!(stage.records("Contact").await.len(), 2);

    // The whole series ends in Outlook.
    stage.deletes("ann", &master).await;
    stage.settle().await;
    assert!(stage.activity("Stand-up").await.is("ConnectorDeleted"));
    stage.strike().await;
}

#[tokio::test]
async fn different_occurrences_that_both_sides_change_both_survive() {
    let stage = Stage::set().await;
    let master = stand_up(&stage).await;
    let off = stage.occurrence("ann", &master, 3).await;
    stage.deletes("ann", &off).await;
    let late = stage.activity("Stand-up, late").await;
    stage.edits("Contact", &late, &[("Time", "15:00"), ("EndTime", "15:15")]).await;
    stage.settle().await;
    let series = stage.activity("Stand-up").await;
    assert_eq!(series.get("CancelledDates"), format!("{},{}", stage.day(5), stage.day(6)));
    assert_eq!(stage.activity("Stand-up, late").await.get("Time"), "15:00");
    let event = stage.event("ann", "Stand-up").await;
    assert_eq!(event["cancelledOccurrences"].as_array().unwrap().len(), 2);
    assert_eq!(Stage::begins(&event["exceptionOccurrences"][0]), format!("{} 15:00", stage.day(3)));
    assert_eq!(event["id"], json!(master), "changed in place");
    stage.strike().await;
}

#[tokio::test]
async fn what_was_cancelled_in_outlook_does_not_come_back_within_its_series_and_mails_nobody() {
    let stage = Stage::set().await;
    let master = stand_up(&stage).await;
    stage.changes("ann", &master, json!({"attendees": Stage::attendees(&[KARL])})).await;
    stage.settle().await;
    let (series, mails) = (stage.activity("Stand-up").await, stage.mails_sent().await);
    stage.edits("Contact", &series, &[("CancelledDates", "")]).await;
    stage.settle().await;
    assert_eq!(stage.activity("Stand-up").await.get("CancelledDates"), stage.day(5));
    assert_eq!(stage.event("ann", "Stand-up").await["cancelledOccurrences"].as_array().unwrap().len(), 1);
    stage.was(&series.name(), "stays-cancelled").await;
    assert_eq!(stage.mails_sent().await, mails);

    // What is changed besides reaches Outlook all the same.
    let late = stage.activity("Stand-up, late").await;
    stage.edits("Contact", &stage.activity("Stand-up").await, &[("CancelledDates", "")]).await;
    stage.edits("Contact", &late, &[("Time", "15:00"), ("EndTime", "15:15")]).await;
    stage.settle().await;
    let event = stage.event("ann", "Stand-up").await;
    assert_eq!(Stage::begins(&event["exceptionOccurrences"][0]), format!("{} 15:00", stage.day(3)));
    assert_eq!(event["cancelledOccurrences"].as_array().unwrap().len(), 1);
    stage.strike().await;
}

#[tokio::test]
async fn a_series_that_was_moved_in_the_crm_and_of_which_nobody_may_be_told_is_not_torn() {
    let stage = Stage::set_with(|settings| settings.notifications.external = false).await;
    let master = stand_up(&stage).await;
    stage.changes("ann", &master, json!({"attendees": Stage::attendees(&[KARL])})).await;
    stage.settle().await;
    let (series, next_week) = (stage.activity("Stand-up").await, stage.day(9));
    stage.erases("Contact", &stage.activity("Stand-up, late").await).await;
    let moved = [("Date", &*next_week), ("EndDate", &next_week), ("CancelledDates", "")];
    stage.edits("Contact", &series, &moved).await;
    stage.settle().await;
    stage.was(&series.name(), "not-mailed").await;
    assert_eq!(Stage::starts(&stage.activity("Stand-up").await), format!("{next_week} 09:00"));
    assert_eq!(Stage::begins(&stage.event("ann", "Stand-up").await), format!("{} 09:00", stage.day(2)));

    let third = stage.occurrence("ann", &master, 2).await;
    stage.changes("ann", &third, stage.on(4, "15:00", "15:15", "Stand-up, afternoon")).await;
    stage.settle().await;
    assert_eq!(Stage::starts(&stage.activity("Stand-up").await), format!("{} 09:00", stage.day(2)));
    assert_eq!(stage.activity("Stand-up, afternoon").await.get("OriginalDate"), stage.day(4));
    stage.was(&series.name(), "overwrote").await;
    stage.strike().await;
}

#[tokio::test]
async fn an_appointment_of_the_crm_goes_to_outlook() {
    let stage = Stage::set().await;
    let day = stage.day(5);
    let when = [("Date", &*day), ("EndDate", &day), ("Time", "08:30"), ("EndTime", "09:00")];
    stage.schedules(1, "7", &[&when[..], &[("Subject", "Visit")]].concat(), &[(ANN, "organizer")]).await;
    stage.settle().await;
    let event = stage.event("ann", "Visit").await;
    assert_eq!(Stage::begins(&event), format!("{day} 08:30"));
    assert!(stage.events("ben").await.is_empty());
    stage.was("MA:1", "new-in-crm").await;
    stage.strike().await;
}

#[tokio::test]
async fn what_is_moved_in_outlook_moves_in_the_crm_and_back() {
    let stage = Stage::set().await;
    let id = stage.enters("ann", stage.on(3, "10:00", "11:00", "Review")).await;
    stage.settle().await;
    stage.changes("ann", &id, stage.on(4, "13:00", "14:00", "Review")).await;
    stage.settle().await;
    let activity = stage.activity("Review").await;
    assert_eq!(Stage::starts(&activity), format!("{} 13:00", stage.day(4)));
    stage.was(&activity.name(), "changed-in-m365").await;

    let day = stage.day(8);
    stage
        .edits(
            "Contact",
            &activity,
            &[("Date", &day), ("EndDate", &day), ("Time", "15:00"), ("EndTime", "16:00")],
        )
        .await;
    stage.settle().await;
    assert_eq!(Stage::begins(&stage.event("ann", "Review").await), format!("{day} 15:00"));
    stage.was(&activity.name(), "changed-in-crm").await;
    assert_eq!(stage.mails_sent().await, 0);
    stage.strike().await;
}

#[tokio::test]
async fn what_is_moved_out_of_the_time_frame_is_not_deleted() {
    let stage = Stage::set().await;
    let id = stage.enters("ann", stage.on(3, "10:00", "11:00", "Review")).await;
    stage.settle().await;
    stage.changes("ann", &id, stage.on(200, "10:00", "11:00", "Review")).await;
    stage.settle().await;
    let activity = stage.activity("Review").await;
    assert!(!activity.is("ConnectorDeleted"));
    assert_eq!(Stage::starts(&activity), format!("{} 10:00", stage.day(200)));

    stage.changes("ann", &id, stage.on(6, "10:00", "11:00", "Review")).await;
    stage.settle().await;
    assert_eq!(Stage::starts(&stage.activity("Review").await), format!("{} 10:00", stage.day(6)));
    stage.event("ann", "Review").await;
    stage.strike().await;
}

#[tokio::test]
async fn occurrences_that_moved_one_behind_the_other_are_made_again_wherever_the_series_goes() {
    let stage = Stage::set().await;
    let mut stand_up = stage.on(2, "09:00", "09:15", "Stand-up");
    stand_up["recurrence"] = json!({
        "pattern": {"type": "daily", "interval": 1},
        "range": {"type": "numbered", "startDate": stage.day(2), "numberOfOccurrences": 5},
    });
    let master = stage.enters("ann", stand_up).await;
    // The later one makes room for the one before it.
    for number in [4, 3] {
        let occurrence = stage.occurrence("ann", &master, number).await;
        let day = i64::try_from(number).unwrap() + 3;
        let moved = stage.on(day, "01:00", "01:15", "Stand-up");
        stage.changes("ann", &occurrence, json!({"start": moved["start"], "end": moved["end"]})).await;
    }
    stage.settle().await;
    let records = stage.records("Contact").await;
    let activity = records.iter().find(|record| record.is("IsMasterContact")).unwrap();
    stage.edits("Contact", activity, &[("RepID", "2")]).await;
    stage.settle().await;
    let copy = stage.event("ben", "Stand-up").await["id"].as_str().unwrap().to_owned();
    for number in [3, 4] {
        let occurrence = stage.occurrence("ben", &copy, number).await;
        let day = stage.day(i64::try_from(number).unwrap() + 3);
        let found = stage.outlook("GET", &format!("/users/{BEN}/events/{occurrence}"), Value::Null).await;
        assert!(Stage::begins(&found).starts_with(&day), "{found:#?}");
    }
    stage.strike().await;
}
