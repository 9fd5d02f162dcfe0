//! Appointments: people, answers, publication, series, changes of single fields.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may stop at the first surprise")]

use std::collections::BTreeSet;
use tandem_groupware::{
    Change, InfoArea, Linked, Record, RecordSet, Rules, Written, answer, is_published, to_item, to_records,
};
use tandem_model::{
    Appointment, Attendee, Item, Kind, Occurrence, Pattern, Person, Response, Role, Series, SeriesEnd,
    ShowAs, Weekday, When, Zone,
};

mod world;
use world::{ME, add, codes, directory, linked, me, meeting, participant, stored, timed};

fn written(appointment: &Appointment) -> Written {
    add(&Item::Appointment(appointment.clone()), &Rules::builtin())
}

fn read(set: &RecordSet) -> Appointment {
    read_with(set, &Rules::builtin())
}

fn read_with(set: &RecordSet, rules: &Rules) -> Appointment {
    match to_item(Kind::Appointment, set, &me(), &linked(), rules) {
        Ok(Item::Appointment(appointment)) => appointment,
        other => panic!("{other:?}"),
    }
}

fn replace(appointment: &Appointment, fields: &[&str], existing: &RecordSet, rules: &Rules) -> RecordSet {
    let fields: BTreeSet<String> = fields.iter().map(|field| (*field).to_owned()).collect();
    let change = Change::Replace { fields: &fields, existing };
    to_records(&Item::Appointment(appointment.clone()), change, &me(), &directory(), rules).unwrap().set
}

fn weekly() -> Appointment {
    let mut appointment = meeting(&[("ann@acme.example", Role::Required)]);
    appointment.when = timed("2026-03-24T08:00:00Z", "2026-03-24T09:00:00Z", "Europe/Vienna");
    let moved = Occurrence {
        when: timed("2026-04-01T12:00:00Z", "2026-04-01T13:00:00Z", "Europe/Vienna"),
        subject: "Review, later".into(),
        location: "Room 2".into(),
        text: String::new(),
        show_as: ShowAs::Tentative,
    };
    appointment.series = Some(Series {
        pattern: Pattern::Weekly { interval: 1, days: [Weekday::Tuesday].into(), first_day: Weekday::Monday },
        start: "2026-03-24".parse().unwrap(),
        end: SeriesEnd::Count(10),
        zone: Zone::new("Europe/Vienna"),
        cancelled: ["2026-04-07".parse().unwrap()].into(),
        exceptions: [("2026-03-31".parse().unwrap(), moved)].into(),
    });
    appointment
}

#[test]
fn an_appointment_stands_at_its_owner_in_wall_time() {
    let set = written(&meeting(&[])).set;
    let get = |field: &str| set.primary.get(field);
    assert_eq!([get("Contact"), get("RepID"), get("PeNo"), get("Person")], ["Appointment", "7", "907", "Me"]);
    assert_eq!(
        [get("Date"), get("Time"), get("EndDate"), get("EndTime")],
        ["2026-07-01", "10:00", "2026-07-01", "11:30"]
    );
    assert_eq!([get("TimeZone"), get("Duration"), get("Unit")], ["Europe/Vienna", "90", "Minutes"]);
    assert_eq!([get("ReminderDur"), get("ReminderUnit"), get("ShowAs")], ["15", "Minutes", "busy"]);
    assert_eq!([get("Organizer"), get("OrganizerName")], [ME, "Me"]);
}

#[test]
fn whole_days_end_on_their_last_day() {
    let mut appointment = meeting(&[]);
    appointment.when =
        When::AllDay { start: "2026-12-24".parse().unwrap(), end: "2026-12-27".parse().unwrap() };
    let set = written(&appointment).set;
    let get = |field: &str| set.primary.get(field);
    assert_eq!(
        [get("AllDay"), get("Date"), get("EndDate"), get("Time")],
        ["true", "2026-12-24", "2026-12-26", ""]
    );
    assert_eq!(read(&set), appointment);
}

#[test]
fn the_hour_that_comes_twice_keeps_its_instant() {
    for (start, end) in [
        ("2026-10-25T00:30:00Z", "2026-10-25T00:45:00Z"),
        ("2026-10-25T01:30:00Z", "2026-10-25T01:45:00Z"),
        ("2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"),
        ("2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z"),
    ] {
        let mut appointment = meeting(&[]);
        appointment.when = timed(start, end, "Europe/Vienna");
        let When::Timed { start: read_start, end: read_end, .. } = read(&written(&appointment).set).when
        else {
            panic!()
        };
        assert_eq!((read_start.to_string(), read_end.to_string()), (start.to_owned(), end.to_owned()));
    }
}

#[test]
fn a_zone_that_nobody_knows_does_not_move_the_appointment() {
    let mut appointment = meeting(&[]);
    appointment.when = timed("2026-07-01T08:00:00Z", "2026-07-01T09:00:00Z", "tzone://Microsoft/Custom");
    let read = read(&written(&appointment).set);
    assert_eq!(read.when, timed("2026-07-01T08:00:00Z", "2026-07-01T09:00:00Z", "UTC"));
}

#[test]
fn attendees_keep_role_and_answer() {
    let mut appointment = meeting(&[
        ("ann@acme.example", Role::Required),
        ("bob@our.example", Role::Optional),
        ("room1@our.example", Role::Resource),
        ("stranger@far.example", Role::Required),
    ]);
    appointment.responses.insert("ann@acme.example".into(), Response::Accepted);
    appointment.responses.insert("stranger@far.example".into(), Response::Declined);
    let written = written(&appointment);
    let set = &written.set;
    let ann = participant(set, "ann@acme.example");
    assert_eq!([ann.get("PeNo"), ann.get("CoNo"), ann.get("Status")], ["1", "50", "accepted"]);
    assert_eq!(participant(set, "bob@our.example").get("RepID"), "8");
    assert_eq!(participant(set, "room1@our.example").get("Role"), "informational");
    assert_eq!(
        set.primary.get("MissingParticipants"),
        "Unassigned participants:\nTo: stranger@far.example\nBCC: room1@our.example"
    );
    assert!(set.primary.is("ConnectorMissingparticipants"));
    assert_eq!(codes(&written), ["participant-missing"]);
    assert_eq!(read(set), appointment, "nobody is lost, known or not");
}

#[test]
fn one_answer_is_noted_without_touching_the_rest() {
    let rules = Rules::builtin();
    let set = stored(
        written(&meeting(&[("ann@acme.example", Role::Required), ("bob@our.example", Role::Required)])).set,
    );
    let after = answer(&set, &"bob@our.example".into(), Response::Tentative, &linked(), &rules);
    assert_eq!(participant(&after, "bob@our.example").get("Status"), "tentative");
    assert_eq!(participant(&after, "ann@acme.example"), participant(&set, "ann@acme.example"));
    assert_eq!(after.primary, set.primary);
    assert_eq!(answer(&set, &"nobody@x".into(), Response::Accepted, &linked(), &rules), set);
    let mut off = rules.clone();
    off.switches.synchronize_rep_status = false;
    assert_eq!(answer(&set, &"bob@our.example".into(), Response::Accepted, &linked(), &off), set);
    assert_ne!(
        answer(&set, &"ann@acme.example".into(), Response::Accepted, &linked(), &off),
        set,
        "she is no rep"
    );
    off.switches.do_not_generate_full_status = true;
    assert_eq!(answer(&set, &"ann@acme.example".into(), Response::Accepted, &linked(), &off), set);
}

#[test]
fn reps_get_to_do_records_when_the_switch_is_on() {
    let appointment = meeting(&[("ann@acme.example", Role::Required), ("bob@our.example", Role::Required)]);
    assert!(written(&appointment).set.todos.is_empty());
    let mut rules = Rules::builtin();
    rules.switches.generate_todo_records = true;
    let set = stored(add(&Item::Appointment(appointment), &rules).set);
    let todos: Vec<(&str, &str)> =
        set.todos.iter().map(|todo| (todo.get("RepID"), todo.get("Status"))).collect();
    assert_eq!(todos, [("8", "open")]);
    assert!(set.primary.is("Todo"));
    let after = answer(&set, &"bob@our.example".into(), Response::Accepted, &linked(), &rules);
    assert_eq!(after.todos[0].get("Status"), "accepted");
    assert_eq!(after.todos[0].id, set.todos[0].id);
}

#[test]
fn a_published_appointment_is_an_info_and_marked() {
    let item = Item::Appointment(meeting(&[]));
    let rules = Rules::builtin();
    let written = to_records(&item, Change::Add { published: true }, &me(), &directory(), &rules).unwrap();
    assert_eq!(written.set.primary.get("Contact"), "Info");
    assert!(is_published(&written.set, &rules));
    assert_eq!(written.set.primary.get("PeNo"), "907");
}

#[test]
fn a_series_is_a_master_with_children() {
    let appointment = weekly();
    let set = written(&appointment).set;
    let get = |field: &str| set.primary.get(field);
    assert_eq!(get("Recurrence"), "FREQ=WEEKLY;INTERVAL=1;BYDAY=TU;WKST=MO;COUNT=10");
    assert_eq!([get("IsMasterContact"), get("CancelledDates"), get("Time")], ["true", "2026-04-07", "09:00"]);
    let child = &set.exceptions[0];
    let get = |field: &str| child.get(field);
    assert_eq!(
        [get("IsSerialContact"), get("OriginalDate"), get("Date"), get("Time")],
        ["true", "2026-03-31", "2026-04-01", "14:00"]
    );
    assert_eq!(
        [get("Subject"), get("Contact"), get("RepID"), get("PeNo")],
        ["Review, later", "Appointment", "7", "907"]
    );
    assert_eq!(read(&set), appointment);
}

#[test]
fn an_exception_keeps_its_record_and_goes_with_its_series() {
    let mut appointment = weekly();
    let set = stored(written(&appointment).set);
    let series = appointment.series.as_mut().unwrap();
    let original = "2026-03-31".parse().unwrap();
    series.exceptions.get_mut(&original).unwrap().subject = "Once more".into();
    let after = replace(&appointment, &["series"], &set, &Rules::builtin());
    assert_eq!(after.exceptions[0].id, set.exceptions[0].id);
    assert_eq!(after.exceptions[0].get("Subject"), "Once more");
    assert_eq!(read(&after), appointment);
    appointment.series = None;
    let single = replace(&appointment, &["series"], &after, &Rules::builtin());
    assert!(single.exceptions.is_empty());
    assert_eq!([single.primary.get("IsMasterContact"), single.primary.get("Recurrence")], ["false", ""]);
    assert_eq!(read(&single), appointment);
}

#[test]
fn only_the_named_fields_change() {
    let mut before =
        meeting(&[("ann@acme.example", Role::Required), ("stranger@far.example", Role::Optional)]);
    before.responses.insert("ann@acme.example".into(), Response::Accepted);
    let mut set = stored(written(&before).set);
    set.primary.set("FreeC4", "of the CRM");
    let mut after = before.clone();
    after.subject = "Other".into();
    after.location = "Elsewhere".into();
    after.attendees.clear();
    let changed = replace(&after, &["subject"], &set, &Rules::builtin());
    let mut expected = set.clone();
    expected.primary.set("Subject", "Other");
    assert_eq!(changed, expected);
}

#[test]
fn attendees_come_and_go_and_keep_what_they_answered() {
    let mut appointment =
        meeting(&[("ann@acme.example", Role::Required), ("stranger@far.example", Role::Optional)]);
    let mut set = stored(written(&appointment).set);
    set = answer(&set, &"ann@acme.example".into(), Response::Accepted, &linked(), &Rules::builtin());
    appointment.attendees.retain(|attendee| attendee.person.address.as_str() == "ann@acme.example");
    appointment
        .attendees
        .insert(Attendee { person: Person::new("", "bob@our.example"), role: Role::Required });
    let after = replace(&appointment, &["attendees"], &set, &Rules::builtin());
    let ann = participant(&after, "ann@acme.example");
    assert_eq!((ann.id, ann.get("Status")), (participant(&set, "ann@acme.example").id, "accepted"));
    assert!(participant(&after, "bob@our.example").id.is_none());
    assert_eq!(after.participants.len(), 3, "the organiser, Ann, Bob");
    assert_eq!(participant(&after, ME), participant(&set, ME));
    // Nobody is missing any more.
    assert_eq!(after.primary.get("MissingParticipants"), "");
    assert!(!after.primary.is("ConnectorMissingparticipants"));
}

#[test]
fn answers_alone_touch_nothing_but_the_answers() {
    let mut appointment =
        meeting(&[("ann@acme.example", Role::Required), ("stranger@far.example", Role::Optional)]);
    let set = stored(written(&appointment).set);
    appointment.responses.insert("ann@acme.example".into(), Response::Declined);
    let after = replace(&appointment, &["responses"], &set, &Rules::builtin());
    let mut expected = set.clone();
    for record in &mut expected.participants {
        if record.get("Email") == "ann@acme.example" {
            record.set("Status", "declined");
        }
    }
    assert_eq!(after, expected);
}

#[test]
fn somebody_assigned_by_hand_stays_assigned() {
    let appointment = meeting(&[("stranger@far.example", Role::Required)]);
    let mut set = stored(written(&appointment).set);
    for record in set.participants.iter_mut().filter(|record| record.get("Email") == "stranger@far.example") {
        record.set("PeGrp", "1");
        record.set("PeNo", "66");
    }
    let after = replace(&appointment, &["attendees"], &set, &Rules::builtin());
    assert_eq!(participant(&after, "stranger@far.example").get("PeNo"), "66");
    assert_eq!(after.primary.get("MissingParticipants"), "");
}

#[test]
fn a_list_appended_to_the_text_never_comes_back_as_text() {
    let forms = Rules::builtin_forms().replace(
        "<field fieldname=\"MissingParticipants\" mode=\"replace\"/>",
        "<field fieldname=\"Text\" mode=\"append\"/><separator>\n\n</separator>",
    );
    let rules = Rules::parse(&forms, Rules::builtin_settings()).unwrap();
    let mut appointment = meeting(&[("stranger@far.example", Role::Required)]);
    let set = stored(add(&Item::Appointment(appointment.clone()), &rules).set);
    assert_eq!(set.primary.get("Text"), "Agenda\n\nUnassigned participants:\nTo: stranger@far.example");
    assert_eq!(read_with(&set, &rules), appointment);
    appointment
        .attendees
        .insert(Attendee { person: Person::new("", "second@far.example"), role: Role::Optional });
    let after = replace(&appointment, &["attendees"], &set, &rules);
    assert_eq!(
        after.primary.get("Text"),
        "Agenda\n\nUnassigned participants:\nTo: stranger@far.example\nCC: second@far.example"
    );
    appointment.attendees.clear();
    let after = replace(&appointment, &["attendees"], &after, &rules);
    assert_eq!(after.primary.get("Text"), "Agenda");
}

#[test]
fn what_the_form_does_not_list_is_not_exchanged() {
    let forms = Rules::builtin_forms()
        .replace("<field fieldname=\"A031Location\" as=\"Location\" length=\"255\"/>", "")
        .replace("<field fieldname=\"Categories\" length=\"1000\"/>", "");
    let rules = Rules::parse(&forms, Rules::builtin_settings()).unwrap();
    let mut appointment = meeting(&[]);
    appointment.categories.insert("Red".into());
    let mut set = add(&Item::Appointment(appointment), &rules).set;
    assert!(
        !set.primary.fields.contains_key("A031Location") && !set.primary.fields.contains_key("Categories")
    );
    set.primary.set("A031Location", "known to the CRM only");
    let read = read_with(&set, &rules);
    assert!(read.location.is_empty() && read.categories.is_empty());
}

#[test]
fn the_guides_form_carries_meetings_and_series() {
    let rules = Rules::parse(include_str!("fixtures/isi-joined.xml"), Rules::builtin_settings()).unwrap();
    let mut appointment = weekly();
    let set = add(&Item::Appointment(appointment.clone()), &rules).set;
    assert!(!set.primary.fields.contains_key("Organizer"));
    // The organiser is known from the participants; what the form does not list is empty.
    appointment.categories.clear();
    assert_eq!(read_with(&set, &rules), appointment);
}

/// Made by hand in the CRM: only what a person fills in.
fn by_hand(fields: &[(&str, &str)]) -> RecordSet {
    let mut record = Record::new(InfoArea::Activity);
    record.set("RepID", "7");
    record.set("Date", "2026-07-01");
    for (field, value) in fields {
        record.set(field, *value);
    }
    RecordSet::of(record)
}

#[test]
fn appointments_made_by_hand_are_read_sensibly() {
    let when = |fields: &[(&str, &str)]| read(&by_hand(fields)).when;
    let vienna = |start: &str, end: &str| timed(start, end, "Europe/Vienna");
    assert_eq!(
        when(&[("Time", "10:00"), ("Duration", "2"), ("Unit", "Hours")]),
        vienna("2026-07-01T08:00:00Z", "2026-07-01T10:00:00Z")
    );
    assert_eq!(
        when(&[("Time", "10:00"), ("EndTime", "11:00")]),
        vienna("2026-07-01T08:00:00Z", "2026-07-01T09:00:00Z")
    );
    // Moved by its start alone: the end lies before it, the duration holds.
    assert_eq!(
        when(&[
            ("Time", "10:00"),
            ("EndDate", "2026-06-01"),
            ("EndTime", "11:00"),
            ("Duration", "30"),
            ("Unit", "Minutes")
        ]),
        vienna("2026-07-01T08:00:00Z", "2026-07-01T08:30:00Z")
    );
    assert_eq!(
        when(&[]),
        When::AllDay { start: "2026-07-01".parse().unwrap(), end: "2026-07-02".parse().unwrap() }
    );
    // The clock skips this time.
    let gap = &[("Date", "2026-03-29"), ("Time", "02:30"), ("EndTime", "03:30")];
    assert_eq!(when(gap), vienna("2026-03-29T01:30:00Z", "2026-03-29T01:30:00Z"));
    let mut set = by_hand(&[("Time", "10:00")]);
    set.primary.set("RepID", "8");
    let mut people = linked();
    people.zones.insert(8, Zone::new("America/New_York"));
    let Ok(Item::Appointment(far)) = to_item(Kind::Appointment, &set, &me(), &people, &Rules::builtin())
    else {
        panic!()
    };
    assert_eq!(far.when.start_in(&Zone::utc().time_zone()).to_string(), "2026-07-01T14:00:00Z");
}

#[test]
fn people_chosen_by_hand_are_found_by_their_records() {
    let mut set = by_hand(&[("Time", "10:00"), ("EndTime", "11:00")]);
    for (fields, role) in [
        (vec![("RepID", "7")], ""),
        (vec![("RepID", "8")], ""),
        (vec![("PeGrp", "1"), ("PeNo", "1")], "optional"),
    ] {
        let mut record = Record::new(InfoArea::Participant);
        fields.iter().for_each(|(field, value)| record.set(field, *value));
        record.set("Role", role);
        set.participants.push(record);
    }
    let read = read(&set);
    assert_eq!(read.organizer, Some(Person::new("Me", ME)), "the rep whose appointment it is");
    let attendees: Vec<(&str, Role)> =
        read.attendees.iter().map(|attendee| (attendee.person.address.as_str(), attendee.role)).collect();
    assert_eq!(attendees, [("ann@acme.example", Role::Optional), ("bob@our.example", Role::Required)]);
    // Written back, they are the same records.
    let set = stored(set);
    let after = replace(&read, &["attendees"], &set, &Rules::builtin());
    let ids = |set: &RecordSet| set.participants.iter().map(|record| record.id).collect::<BTreeSet<_>>();
    assert!(ids(&after).is_subset(&ids(&set)));
}

#[test]
fn nonsense_in_a_record_is_reported_with_its_field() {
    let field = |fields: &[(&str, &str)]| {
        let error =
            to_item(Kind::Appointment, &by_hand(fields), &me(), &Linked::default(), &Rules::builtin())
                .unwrap_err();
        assert!(error.to_string().contains(&error.field));
        error.field
    };
    assert_eq!(field(&[("Date", "")]), "Date");
    assert_eq!(field(&[("Date", "1.7.2026")]), "Date");
    assert_eq!(field(&[("Time", "noon")]), "Time");
    assert_eq!(field(&[("IsMasterContact", "true"), ("Recurrence", "FREQ=HOURLY")]), "Recurrence");
    assert_eq!(
        field(&[("IsMasterContact", "true"), ("Recurrence", "FREQ=DAILY"), ("CancelledDates", "x")]),
        "CancelledDates"
    );
}
