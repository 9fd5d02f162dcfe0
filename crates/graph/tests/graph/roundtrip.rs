//! What is written comes back the same, through the JSON that we send and the JSON that Graph would answer.

use crate::scripted::*;
use jiff::civil::{Date, DateTime};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tandem_graph::{Place, zones};
use tandem_model::*;

/// Answers a create as Graph does, which repeats, normalises and adds.
fn answer(sent: &Sent) -> Played {
    let mut body = sent.body.clone();
    let object = body.as_object_mut().unwrap();
    object.remove("transactionId");
    object.remove("singleValueExtendedProperties");
    object.remove("extensions");
    object.insert("id".into(), json!("new"));
    object.insert("@odata.etag".into(), json!("W/\"1\""));
    if let Some(content) = body["body"]["content"].as_str() {
        body["body"]["content"] = json!(format!("{}\r\n", content.replace('\n', "\r\n")));
    }
    if sent.path.ends_with("/events") {
        answer_event(&mut body);
    } else if sent.path.ends_with("/tasks") {
        for name in ["startDateTime", "dueDateTime", "completedDateTime", "reminderDateTime"] {
            if let Some(time) = body[name]["dateTime"].as_str() {
                body[name]["dateTime"] = json!(format!("{time}.0000000"));
            }
        }
    } else {
        for email in body["emailAddresses"].as_array_mut().unwrap() {
            email["name"] = email["address"].clone();
        }
    }
    status(201, body)
}

fn answer_event(body: &mut Value) {
    body["originalStartTimeZone"] = body["start"]["timeZone"].clone();
    for end in ["start", "end"] {
        let local: DateTime = body[end]["dateTime"].as_str().unwrap().parse().unwrap();
        let zone = match body[end]["timeZone"].as_str().unwrap() {
            "W. Europe Standard Time" => "Europe/Vienna",
            "Eastern Standard Time" => "America/New_York",
            "India Standard Time" => "Asia/Kolkata",
            "UTC" => "UTC",
            other => panic!("{other}"),
        };
        // All-day events come back as midnight, said as UTC.
        let said = if body["isAllDay"] == true { "UTC" } else { zone };
        let instant = local.in_tz(said).unwrap().timestamp();
        let utc = jiff::tz::TimeZone::UTC.to_datetime(instant);
        body[end] =
            json!({"dateTime": format!("{}.0000000", utc.strftime("%Y-%m-%dT%H:%M:%S")), "timeZone": "UTC"});
    }
    let organizer = json!({"emailAddress": {"name": "Ann", "address": "Ann@example.com"}});
    body["organizer"] = organizer.clone();
    for attendee in body["attendees"].as_array_mut().into_iter().flatten() {
        attendee["status"] = json!({"response": "none", "time": "0001-01-01T00:00:00Z"});
        if attendee["emailAddress"].get("name").is_none() {
            attendee["emailAddress"]["name"] = attendee["emailAddress"]["address"].clone();
        }
    }
    if body.get("recurrence").is_some() {
        body["type"] = json!("seriesMaster");
        let unused = [
            ("month", json!(0)),
            ("dayOfMonth", json!(0)),
            ("firstDayOfWeek", json!("sunday")),
            ("index", json!("first")),
        ];
        for (name, value) in unused {
            let pattern = body["recurrence"]["pattern"].as_object_mut().unwrap();
            pattern.entry(name).or_insert(value);
        }
        let range = body["recurrence"]["range"].as_object_mut().unwrap();
        range.entry("endDate").or_insert(json!("0001-01-01"));
        range.entry("numberOfOccurrences").or_insert(json!(0));
    }
}

/// An hour that comes twice is said in UTC, and then belongs to UTC.
fn said_in_utc_if_ambiguous(when: &mut When) {
    if let When::Timed { start, zone, .. } = when {
        let clock = zone.time_zone().to_datetime(*start);
        if clock.in_tz(zone.as_str()).unwrap().timestamp() != *start {
            *zone = Zone::utc();
        }
    }
}

fn write(item: &Item, zone: &Zone, invite: bool) -> Item {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let (mailbox, _) = mailbox(answer);
        let place = Place { container: Some("place".into()), invite };
        mailbox.with_zone(zone.clone()).create(item, "key", &place).await.unwrap().item
    })
}

prop_compose! {
    fn text()(lines in prop::collection::vec("[ -~äß€]{0,12}", 0..4)) -> String {
        let lines: Vec<_> = lines.iter().map(|line| line.trim_end()).collect();
        lines.join("\n").trim_end().to_owned()
    }
}

fn line() -> impl Strategy<Value = String> {
    "[ -~äß€]{0,12}".prop_map(|text| text.trim().to_owned())
}

fn word() -> impl Strategy<Value = String> {
    "[a-zA-Zäß0-9]{1,8}"
}

fn address() -> impl Strategy<Value = EmailAddress> {
    "[a-z]{1,5}@[a-z]{1,5}\\.com".prop_map(|text| EmailAddress::new(&text))
}

fn day() -> impl Strategy<Value = Date> {
    (0..4000i64).prop_map(|days| Date::constant(2020, 1, 1) + SignedDuration::from_hours(24 * days))
}

fn minute() -> impl Strategy<Value = Timestamp> {
    (0..4_000_000i64).prop_map(|minutes| Timestamp::from_second(1_600_000_000 + minutes * 60).unwrap())
}

fn zone() -> impl Strategy<Value = Zone> {
    prop::sample::select(vec!["Europe/Vienna", "America/New_York", "Asia/Kolkata", "UTC"]).prop_map(Zone::new)
}

fn categories() -> impl Strategy<Value = BTreeSet<String>> {
    prop::collection::btree_set(word(), 0..3)
}

fn importance() -> impl Strategy<Value = Importance> {
    prop::sample::select(vec![Importance::Low, Importance::Normal, Importance::High])
}

fn when(zone: Zone) -> impl Strategy<Value = When> {
    prop_oneof![
        (day(), 1..5i64).prop_map(|(start, days)| When::AllDay {
            start,
            end: start + SignedDuration::from_hours(24 * days)
        }),
        (minute(), 0..3000i64).prop_map(move |(start, minutes)| When::Timed {
            start,
            end: start + SignedDuration::from_mins(minutes),
            zone: zone.clone()
        }),
    ]
}

fn days() -> impl Strategy<Value = BTreeSet<Weekday>> {
    use Weekday::*;
    prop::collection::btree_set(
        prop::sample::select(vec![Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday]),
        1..4,
    )
}

fn pattern() -> impl Strategy<Value = Pattern> {
    use RelativeIndex::*;
    let index = || prop::sample::select(vec![First, Second, Third, Fourth, Last]);
    let first_day = prop::sample::select(vec![Weekday::Monday, Weekday::Sunday, Weekday::Saturday]);
    prop_oneof![
        (1..9u32).prop_map(|interval| Pattern::Daily { interval }),
        (1..9u32, days(), first_day).prop_map(|(interval, days, first_day)| Pattern::Weekly {
            interval,
            days,
            first_day
        }),
        (1..9u32, 1..32u8).prop_map(|(interval, day)| Pattern::AbsoluteMonthly { interval, day }),
        (1..9u32, days(), index()).prop_map(|(interval, days, index)| Pattern::RelativeMonthly {
            interval,
            days,
            index
        }),
        (1..3u32, 1..13u8, 1..32u8).prop_map(|(interval, month, day)| Pattern::AbsoluteYearly {
            interval,
            month,
            day
        }),
        (1..3u32, 1..13u8, days(), index()).prop_map(|(interval, month, days, index)| {
            Pattern::RelativeYearly { interval, month, days, index }
        }),
    ]
}

fn series(zone: Zone, start: Date) -> impl Strategy<Value = Series> {
    let end = prop_oneof![
        Just(SeriesEnd::Never),
        day().prop_map(SeriesEnd::Until),
        (1..500u32).prop_map(SeriesEnd::Count)
    ];
    (pattern(), end).prop_map(move |(pattern, end)| Series {
        pattern,
        start,
        end,
        zone: zone.clone(),
        cancelled: BTreeSet::new(),
        exceptions: BTreeMap::new(),
    })
}

fn attendees() -> impl Strategy<Value = BTreeSet<Attendee>> {
    let role = prop::sample::select(vec![Role::Required, Role::Optional, Role::Resource]);
    prop::collection::btree_map(address(), (prop_oneof![Just(String::new()), word()], role), 0..4).prop_map(
        |people| {
            let attendee = |(address, (name, role))| Attendee { person: Person { name, address }, role };
            people.into_iter().map(attendee).collect()
        },
    )
}

/// When it takes place, and its series, in one zone.
fn time_and_series() -> impl Strategy<Value = (When, Option<Series>)> {
    zone().prop_flat_map(|zone| (when(zone.clone()), Just(zone))).prop_flat_map(|(when, zone)| {
        let series = series(zone, when.start_date());
        (Just(when), prop::option::of(series))
    })
}

fn show_as() -> impl Strategy<Value = ShowAs> {
    use ShowAs::*;
    prop::sample::select(vec![Free, Tentative, Busy, Oof, WorkingElsewhere])
}

prop_compose! {
    fn appointment()(
        time in time_and_series(), subject in line(), text in text(), location in line(), show_as in show_as(),
        private in any::<bool>(), importance in importance(), reminder_minutes in prop::option::of(0..20_000u32),
        categories in categories(), attendees in attendees()
    ) -> Appointment {
        let organizer = Some(Person::new("Ann", "ann@example.com"));
        let (when, series) = time;
        Appointment { subject, text, location, when, show_as, private, importance, reminder_minutes, categories,
                      organizer, attendees, responses: BTreeMap::new(), series, additional: Default::default() }
    }
}

prop_compose! {
    fn task()(
        subject in line(), text in text(), importance in importance(), start in prop::option::of(day()),
        due in prop::option::of(day()), completed in prop::option::of(day()), reminder in prop::option::of(minute()),
        categories in categories(),
        status in prop::sample::select(vec![TaskStatus::NotStarted, TaskStatus::InProgress, TaskStatus::Completed,
                                            TaskStatus::WaitingOnOthers, TaskStatus::Deferred])
    ) -> Task {
        let completed = completed.filter(|_| status == TaskStatus::Completed);
        Task { subject, text, status, importance, start, due, completed, reminder, categories }
    }
}

prop_compose! {
    fn postal()(street in text(), postal_code in line(), city in line(), state in line(), country in line()) -> PostalAddress {
        PostalAddress { street, postal_code, city, state, country }
    }
}

prop_compose! {
    fn contact()(
        names in prop::collection::vec(line(), 6), emails in prop::collection::vec(address(), 0..4),
        business_phones in prop::collection::vec(word(), 0..3), mobile_phone in line(),
        home_phones in prop::collection::vec(word(), 0..3), business_address in postal(), home_address in postal(),
        birthday in prop::option::of(day()), notes in text(), categories in categories()
    ) -> Contact {
        let [given_name, surname, title, company, job_title, department] = names.try_into().unwrap();
        Contact { given_name, surname, title, company, job_title, department, emails, business_phones, mobile_phone,
                  home_phones, business_address, home_address, birthday, notes, categories,
                  additional: Default::default() }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn appointments(wanted in appointment(), invite: bool) {
        let zone = wanted.series.as_ref().map(|series| series.zone.clone());
        let said = if let When::Timed { zone, .. } = &wanted.when { Some(zone.clone()) } else { zone };
        let mut expected = wanted.clone();
        if !invite {
            expected.attendees.clear();
        }
        said_in_utc_if_ambiguous(&mut expected.when);
        // In a mailbox of that zone, its own name for it comes back; elsewhere, the one that CLDR prefers.
        let mailbox_zone = said.unwrap_or_else(Zone::utc);
        prop_assert_eq!(write(&Item::Appointment(wanted), &mailbox_zone, invite), Item::Appointment(expected));
    }

    #[test]
    fn zones_in_a_mailbox_of_another_zone(start in minute(), zone in zone()) {
        let when = |zone: Zone| When::Timed { start, end: start + SignedDuration::from_mins(30), zone };
        let absence = |when: When| Item::Absence(Absence { subject: "x".into(), text: String::new(), when, show_as: ShowAs::Oof, additional: Default::default() });
        let Item::Absence(back) = write(&absence(when(zone.clone())), &Zone::new("Asia/Tokyo"), false) else { panic!() };
        let When::Timed { start: back_start, zone: back_zone, .. } = back.when else { panic!() };
        prop_assert_eq!(back_start, start);
        prop_assert!(back_zone == zones::canonical(&zone) || back_zone == Zone::utc());
    }

    #[test]
    fn absences(when in zone().prop_flat_map(when), subject in line(), text in text()) {
        let mut expected = when.clone();
        said_in_utc_if_ambiguous(&mut expected);
        let zone = if let When::Timed { zone, .. } = &when { zone.clone() } else { Zone::utc() };
        let item = |when| Item::Absence(Absence { subject: subject.clone(), text: text.clone(), when, show_as: ShowAs::Oof, additional: Default::default() });
        prop_assert_eq!(write(&item(when), &zone, false), item(expected));
    }

    #[test]
    fn tasks(task in task()) {
        let task = Item::Task(task);
        prop_assert_eq!(write(&task, &Zone::utc(), false), task);
    }

    #[test]
    fn contacts(contact in contact()) {
        let contact = Item::Contact(contact);
        prop_assert_eq!(write(&contact, &Zone::utc(), false), contact);
    }
}
