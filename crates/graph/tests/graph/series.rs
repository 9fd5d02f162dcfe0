//! Series: read whole, written occurrence by occurrence.

use crate::scripted::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tandem_graph::Mailbox;
use tandem_model::*;

/// A weekly meeting in Vienna at 10, across the change to summer time on 29 March 2026.
fn master() -> Value {
    json!({
        "id": "s", "@odata.etag": "W/\"1\"", "type": "seriesMaster", "subject": "Weekly", "iCalUId": "U",
        "body": {"contentType": "text", "content": "Agenda"}, "location": {"displayName": "Room"}, "showAs": "busy",
        "start": {"dateTime": "2026-03-16T09:00:00.0000000", "timeZone": "UTC"},
        "end": {"dateTime": "2026-03-16T10:00:00.0000000", "timeZone": "UTC"},
        "originalStartTimeZone": "W. Europe Standard Time", "isAllDay": false,
        "recurrence": {
            "pattern": {"type": "weekly", "interval": 1, "month": 0, "dayOfMonth": 0, "daysOfWeek": ["monday"],
                        "firstDayOfWeek": "sunday", "index": "first"},
            "range": {"type": "numbered", "startDate": "2026-03-16", "endDate": "0001-01-01",
                      "recurrenceTimeZone": "W. Europe Standard Time", "numberOfOccurrences": 6},
        },
        "cancelledOccurrences": ["OID.AAMk.x=.2026-03-23"],
        "exceptionOccurrences": [
            {"id": "x30", "type": "exception", "seriesMasterId": "s", "subject": "Weekly, later",
             "originalStart": "2026-03-30T08:00:00Z",
             "start": {"dateTime": "2026-04-15T12:00:00.0000000", "timeZone": "UTC"},
             "end": {"dateTime": "2026-04-15T13:00:00.0000000", "timeZone": "UTC"}, "showAs": "tentative"},
            {"id": "x06", "type": "exception", "seriesMasterId": "s", "subject": "Weekly",
             "originalStart": "2026-04-06T08:00:00Z", "body": {"contentType": "text", "content": "Agenda\r\n"},
             "start": {"dateTime": "2026-04-06T08:00:00.0000000", "timeZone": "UTC"},
             "end": {"dateTime": "2026-04-06T09:00:00.0000000", "timeZone": "UTC"}},
        ],
    })
}

fn day(text: &str) -> jiff::civil::Date {
    text.parse().unwrap()
}

/// The mailbox, whose calendar answers with the master and its instances, and takes every write.
fn calendar() -> (Mailbox, std::sync::Arc<Script>) {
    let (mailbox, script) = mailbox(|sent| {
        let path = sent.path.strip_prefix("/v1.0/users/ann/events/").unwrap();
        let at = |id: &str, kind: &str, start: &str, original: Option<&str>| {
            json!({"id": id, "type": kind, "seriesMasterId": "s", "originalStart": original,
                   "start": {"dateTime": start, "timeZone": "UTC"}, "end": {"dateTime": start, "timeZone": "UTC"}})
        };
        match (sent.method.as_str(), path) {
            ("GET" | "PATCH", "s") => ok(master()),
            ("GET", "s/instances") => {
                let all = [
                    at("o16", "occurrence", "2026-03-16T09:00:00", None),
                    at("x30", "exception", "2026-04-15T12:00:00", Some("2026-03-30T08:00:00Z")),
                    at("x06", "exception", "2026-04-06T08:00:00", Some("2026-04-06T08:00:00Z")),
                    at("o13", "occurrence", "2026-04-13T08:00:00", Some("2026-04-13T08:00:00Z")),
                    at("o20", "occurrence", "2026-04-20T08:00:00", None),
                ];
                let (from, to) = (&sent.query["startDateTime"], &sent.query["endDateTime"]);
                let within = |event: &&Value| {
                    let start = format!("{}Z", event["start"]["dateTime"].as_str().unwrap());
                    from <= &start && &start < to
                };
                ok(json!({"value": all.iter().filter(within).collect::<Vec<_>>()}))
            }
            ("PATCH" | "DELETE", _) => ok(at(path, "exception", "2026-04-20T08:00:00", None)),
            other => panic!("{other:?}"),
        }
    });
    (mailbox.with_zone(Zone::new("Europe/Vienna")), script)
}

async fn read(mailbox: &Mailbox) -> Appointment {
    match mailbox.read(Kind::Appointment, &"s".into(), None).await.unwrap().unwrap().item {
        Item::Appointment(event) => event,
        other => panic!("{other:?}"),
    }
}

async fn update(mailbox: &Mailbox, before: &Appointment, wanted: &Appointment, fields: &[&str]) {
    let fields: BTreeSet<String> = fields.iter().map(|name| (*name).to_owned()).collect();
    let (wanted, before) = (Item::Appointment(wanted.clone()), Item::Appointment(before.clone()));
    mailbox.update(&"s".into(), None, &wanted, Some(&before), &fields, None).await.unwrap();
}

#[tokio::test]
async fn a_series_is_read_with_what_departs_from_it() {
    let (mailbox, script) = calendar();
    let event = read(&mailbox).await;
    let series = event.series.clone().unwrap();
    assert_eq!(
        series.pattern,
        Pattern::Weekly { interval: 1, days: [Weekday::Monday].into(), first_day: Weekday::Sunday }
    );
    assert_eq!((series.start, series.end), (day("2026-03-16"), SeriesEnd::Count(6)));
    assert_eq!(series.zone.as_str(), "Europe/Vienna", "the mailbox's own name for the Windows zone");
    assert_eq!(series.cancelled, BTreeSet::from([day("2026-03-23")]));
    let expected = Occurrence {
        when: When::Timed {
            start: "2026-04-15T12:00:00Z".parse().unwrap(),
            end: "2026-04-15T13:00:00Z".parse().unwrap(),
            zone: Zone::new("Europe/Vienna"),
        },
        subject: "Weekly, later".into(),
        location: "Room".into(),
        text: "Agenda".into(),
        show_as: ShowAs::Tentative,
    };
    // The exception of 6 April equals the series and is none: 10 o'clock in summer time is 8 UTC.
    assert_eq!(series.exceptions, BTreeMap::from([(day("2026-03-30"), expected)]));
    let sent = &script.graph()[0];
    assert!(sent.query["$select"].ends_with("cancelledOccurrences"));
    assert!(sent.query["$expand"].starts_with("exceptionOccurrences,"));
}

#[tokio::test]
async fn only_occurrences_that_changed_are_touched() {
    let (mailbox, script) = calendar();
    let before = read(&mailbox).await;
    let mut wanted = before.clone();
    let series = wanted.series.as_mut().unwrap();
    series.cancelled.insert(day("2026-04-13"));
    let mut moved = series.exceptions[&day("2026-03-30")].clone();
    moved.subject = "Weekly, much later".into();
    let mut later = moved.clone();
    later.when = When::Timed {
        start: "2026-04-20T09:00:00Z".parse().unwrap(),
        end: "2026-04-20T10:00:00Z".parse().unwrap(),
        zone: Zone::new("Europe/Vienna"),
    };
    series.exceptions.insert(day("2026-03-30"), moved);
    later.subject = "Weekly".into();
    later.show_as = ShowAs::Busy;
    series.exceptions.insert(day("2026-04-20"), later);
    update(&mailbox, &before, &wanted, &["series"]).await;
    let writes: Vec<_> = script.graph().into_iter().filter(|sent| sent.method != "GET").collect();
    let short: Vec<_> =
        writes.iter().map(|w| format!("{} {}", w.method, w.path.rsplit('/').next().unwrap())).collect();
    assert_eq!(short, ["DELETE o13", "PATCH x30", "PATCH o20"], "the master is not written");
    assert_eq!(writes[1].body, json!({"subject": "Weekly, much later"}), "only what differs");
    assert_eq!(
        writes[2].body,
        json!({
            "start": {"dateTime": "2026-04-20T11:00:00", "timeZone": "W. Europe Standard Time"},
            "end": {"dateTime": "2026-04-20T12:00:00", "timeZone": "W. Europe Standard Time"}, "isAllDay": false,
        })
    );
}

#[tokio::test(start_paused = true)]
async fn a_change_of_an_occurrence_is_never_repeated_after_an_unclear_answer_for_it_is_mailed() {
    let (mailbox, script) = crate::scripted::mailbox(|sent| match (sent.method.as_str(), &*sent.path) {
        ("GET", path) if path.ends_with("/s/instances") => ok(json!({"value": [
            {"id": "x30", "type": "exception", "originalStart": "2026-03-30T08:00:00Z",
             "start": {"dateTime": "2026-03-30T08:00:00", "timeZone": "UTC"}}]})),
        ("GET", _) => ok(master()),
        _ => refusal(504, ""),
    });
    let mailbox = mailbox.with_zone(Zone::new("Europe/Vienna"));
    let before = read(&mailbox).await;
    let mut wanted = before.clone();
    let exceptions = &mut wanted.series.as_mut().unwrap().exceptions;
    exceptions.get_mut(&day("2026-03-30")).unwrap().subject = "Weekly, much later".into();
    let (wanted, before) = (Item::Appointment(wanted), Item::Appointment(before));
    let fields = ["series".to_owned()].into();
    let ended = mailbox.update(&"s".into(), None, &wanted, Some(&before), &fields, None).await;
    assert_eq!(ended.unwrap_err().class(), tandem_graph::Class::Ambiguous);
    assert_eq!(script.lines().iter().filter(|line| line.starts_with("PATCH")).count(), 1);
}

#[tokio::test]
async fn the_same_times_under_another_name_of_the_zone_are_no_change() {
    let (mailbox, script) = calendar();
    let before = read(&mailbox).await;
    let berlin = |when: &mut When| {
        if let When::Timed { zone, .. } = when {
            *zone = Zone::new("Europe/Berlin");
        }
    };
    let mut wanted = before.clone();
    berlin(&mut wanted.when);
    let series = wanted.series.as_mut().unwrap();
    series.zone = Zone::new("Europe/Berlin");
    series.exceptions.values_mut().for_each(|occurrence| berlin(&mut occurrence.when));
    update(&mailbox, &before, &wanted, &["when", "series"]).await;
    assert!(script.graph().iter().all(|sent| sent.method == "GET"), "{:?}", script.lines());
}

#[tokio::test]
async fn an_exception_that_is_taken_back_becomes_regular() {
    let (mailbox, script) = calendar();
    let before = read(&mailbox).await;
    let mut wanted = before.clone();
    wanted.series.as_mut().unwrap().exceptions.clear();
    update(&mailbox, &before, &wanted, &["series"]).await;
    let writes: Vec<_> = script.graph().into_iter().filter(|sent| sent.method != "GET").collect();
    assert_eq!(writes.len(), 1);
    assert!(writes[0].path.ends_with("/x30"));
    assert_eq!(writes[0].body["start"]["dateTime"], "2026-03-30T10:00:00");
    assert_eq!((&writes[0].body["subject"], &writes[0].body["showAs"]), (&json!("Weekly"), &json!("busy")));
}

#[tokio::test]
async fn a_new_rule_is_written_to_the_master_and_exceptions_are_laid_out_again() {
    let (mailbox, script) = calendar();
    let before = read(&mailbox).await;
    let mut wanted = before.clone();
    let series = wanted.series.as_mut().unwrap();
    series.end = SeriesEnd::Until(day("2026-04-30"));
    series.cancelled.insert(day("2026-04-20"));
    update(&mailbox, &before, &wanted, &["series"]).await;
    let writes: Vec<_> = script.graph().into_iter().filter(|sent| sent.method != "GET").collect();
    assert_eq!(
        writes[0].body,
        json!({"recurrence": {
            "pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["monday"], "firstDayOfWeek": "sunday"},
            "range": {"type": "endDate", "startDate": "2026-03-16", "endDate": "2026-04-30",
                      "recurrenceTimeZone": "W. Europe Standard Time"},
        }})
    );
    assert!(writes[1].method == "DELETE" && writes[1].path.ends_with("/o20"));
    assert_eq!(writes.len(), 2);
}

#[tokio::test]
async fn a_new_series_gets_its_exceptions_and_an_accident_on_the_way_does_not_make_it_twice() {
    let (mailbox, _) = calendar();
    let mut wanted = read(&mailbox).await;
    wanted.series.as_mut().unwrap().cancelled.insert(day("2026-04-20"));
    let item = Item::Appointment(wanted);
    for works in [true, false] {
        let (mailbox, script) = crate::scripted::mailbox(move |sent| {
            let path = sent.path.strip_prefix("/v1.0/users/ann/events").unwrap();
            match (sent.method.as_str(), path) {
                ("POST", "") => {
                    let mut made = master();
                    made.as_object_mut().unwrap().remove("cancelledOccurrences");
                    made.as_object_mut().unwrap().remove("exceptionOccurrences");
                    status(201, made)
                }
                ("GET", "/s") => ok(master()),
                ("GET", "/s/instances") => ok(json!({"value": [
                    {"id": "o20", "type": "occurrence", "start": {"dateTime": "2026-04-20T08:00:00", "timeZone": "UTC"}}]})),
                ("DELETE", "/o20") if works => status(204, Value::Null),
                ("DELETE", "/o20") => refusal(403, "ErrorAccessDenied"),
                other => panic!("{other:?}"),
            }
        });
        let made =
            mailbox.with_zone(Zone::new("Europe/Vienna")).create(&item, "k", &Default::default()).await;
        assert!(script.lines().contains(&"DELETE /events/o20".to_owned()));
        match made {
            Ok(made) => assert_eq!((works, made.id.as_str()), (true, "s")),
            Err(error) => assert_eq!((works, error.class()), (false, tandem_graph::Class::Ambiguous)),
        }
    }
}

#[tokio::test]
async fn an_all_day_series_goes_by_days() {
    let (mailbox, _) = mailbox(|_| {
        let mut event = master();
        event["isAllDay"] = json!(true);
        event["start"]["dateTime"] = json!("2026-03-16T00:00:00.0000000");
        event["end"]["dateTime"] = json!("2026-03-17T00:00:00.0000000");
        event["exceptionOccurrences"] = json!([
            {"id": "x", "type": "exception", "isAllDay": true, "originalStart": "2026-03-29T22:00:00Z",
             "start": {"dateTime": "2026-03-31T00:00:00", "timeZone": "UTC"},
             "end": {"dateTime": "2026-04-01T00:00:00", "timeZone": "UTC"}}]);
        ok(event)
    });
    let event = read(&mailbox).await;
    assert_eq!(event.when, When::AllDay { start: day("2026-03-16"), end: day("2026-03-17") });
    let exceptions = event.series.unwrap().exceptions;
    assert_eq!(exceptions.keys().collect::<Vec<_>>(), [&day("2026-03-30")]);
    assert_eq!(exceptions[&day("2026-03-30")].when.start_date(), day("2026-03-31"));
}

#[tokio::test]
async fn an_occurrence_read_by_itself_names_its_series() {
    let (mailbox, _) = mailbox(|_| {
        ok(json!({"id": "o", "type": "occurrence", "seriesMasterId": "s", "subject": "Weekly",
                  "start": {"dateTime": "2026-03-16T09:00:00", "timeZone": "UTC"},
                  "end": {"dateTime": "2026-03-16T10:00:00", "timeZone": "UTC"},
                  "originalStartTimeZone": "tzone://Microsoft/Custom"}))
    });
    let read = mailbox.read(Kind::Appointment, &"o".into(), None).await.unwrap().unwrap();
    assert_eq!(read.facts.series_master, Some(GraphId::new("s")));
    assert!(read.facts.custom_zone);
    assert!(matches!(read.item, Item::Appointment(event) if event.series.is_none()));
}
