//! Appointments, both ways.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use crate::support::items::{appointment, as_appointment, hour, series};
use crate::support::{Crm, held};
use std::collections::BTreeSet;
use tandem_crm_interface::sync::{ChangePage, Command, ContentType, RecordState, StatusCode, Window};
use tandem_model::{Appointment, EmailAddress, Item, RecordId, Response, Stamp};

const VEVENT: ContentType = ContentType::Vevent;
const KEY: &str = "040000008200E00074C5B7101A82E008";

async fn covote() -> Crm {
    let crm = Crm::start().await;
    crm.add_rep("Ann", "Europe/Vienna").await;
    crm.add_rep("Bob", "Europe/Vienna").await;
    crm
}

fn meeting() -> Appointment {
    appointment(
        "Board",
        "2026-11-30T09:00:00Z",
        "ann@covote.example",
        &["bob@covote.example", "zoe@far.example"],
    )
}

fn fields(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn items(page: &ChangePage) -> Vec<&Appointment> {
    let items = page.changes.iter().filter_map(|change| match &change.state {
        RecordState::Present { item, .. } => Some(as_appointment(item)),
        _ => None,
    });
    items.collect()
}

async fn added(crm: &Crm) -> (RecordId, Stamp) {
    let status = crm.rep("ann").add(KEY, Item::Appointment(meeting())).await;
    assert_eq!(status.code, StatusCode::ADDED);
    (status.record.unwrap(), status.stamp.unwrap())
}

#[tokio::test]
async fn a_meeting_comes_back_as_it_went_in() {
    let crm = covote().await;
    let status = crm.rep("ann").add(KEY, Item::Appointment(meeting())).await;
    assert_eq!(status.code, StatusCode::ADDED);
    let back = status.item.unwrap();
    let back = as_appointment(&back);
    assert_eq!(back.when, meeting().when);
    assert_eq!(back.subject, "Board");
    assert_eq!(back.location, "Room 1");
    assert_eq!(back.reminder_minutes, Some(15));
    let addresses = |appointment: &Appointment| {
        appointment.attendees.iter().map(|attendee| attendee.person.address.clone()).collect::<BTreeSet<_>>()
    };
    assert_eq!(addresses(back), addresses(&meeting()));
    crm.stop().await;
}

#[tokio::test]
async fn a_change_reaches_everybody_but_him_who_made_it() {
    let crm = covote().await;
    let (record, stamp) = added(&crm).await;
    let (ann, bob) = (crm.rep("ann"), crm.rep("bob"));
    let own = ann.changes(VEVENT, Stamp(0)).await;
    assert!(own.changes.is_empty());
    assert!(own.next >= stamp);
    let bobs = bob.changes(VEVENT, Stamp(0)).await;
    assert_eq!(bobs.changes[0].record, record);
    assert_eq!(bobs.changes[0].keys, [KEY]);
    assert_eq!(bobs.changes[0].stamp, stamp);
    // Another installation did not make it either.
    let elsewhere = crate::support::Connector { client: "connector-2".into(), ..crm.rep("ann") };
    assert_eq!(elsewhere.changes(VEVENT, Stamp(0)).await.changes.len(), 1);
    // In the CRM somebody moves it: now both are told.
    crm.update(&record, &[("Time", "15:00"), ("EndTime", "16:00")]).await;
    for (rep, since) in [(&ann, own.next), (&bob, bobs.next)] {
        let page = rep.changes(VEVENT, since).await;
        assert_eq!(items(&page)[0].when, hour("2026-11-30T14:00:00Z"));
        assert!(rep.changes(VEVENT, page.next).await.changes.is_empty());
    }
    crm.stop().await;
}

#[tokio::test]
async fn a_new_appointment_of_the_crm_travels_and_is_mapped() {
    let crm = covote().await;
    let ann = crm.rep("ann");
    let rep = crm.all("Rep").await[0].field("RepID").unwrap().to_owned();
    let fields = [
        ("Contact", "Appointment"),
        ("Subject", "Visit"),
        ("RepID", rep.as_str()),
        ("Date", "2026-12-01"),
        ("Time", "09:00"),
        ("EndDate", "2026-12-01"),
        ("EndTime", "10:00"),
        ("TimeZone", "Europe/Vienna"),
    ];
    let record = crm.insert("Contact", &fields).await;
    let page = ann.changes(VEVENT, Stamp(0)).await;
    assert_eq!(
        (items(&page)[0].subject.as_str(), &items(&page)[0].when),
        ("Visit", &hour("2026-12-01T08:00:00Z"))
    );
    assert!(page.changes[0].keys.is_empty());
    let map = || Command::Map { record: record.clone(), content_type: VEVENT, key: "made-from-it".into() };
    assert_eq!(ann.status(map()).await.code, StatusCode::OK);
    let again = crm.counters().await;
    assert_eq!(ann.status(map()).await.code, StatusCode::OK);
    assert_eq!(crm.counters().await, again);
    assert!(ann.changes(VEVENT, page.next).await.changes.is_empty(), "a new key is no change");
    assert_eq!(ann.get(&record, VEVENT).await.unwrap().keys, ["made-from-it"]);
    // Adding what is mapped finds it.
    let known = ann.add("made-from-it", Item::Appointment(meeting())).await;
    assert_eq!((known.code, known.record), (StatusCode::ALREADY_THERE, Some(record)));
    // The key belongs to one record only.
    let other = crm.insert("Contact", &fields).await;
    let taken =
        ann.status(Command::Map { record: other, content_type: VEVENT, key: "made-from-it".into() }).await;
    assert_eq!((taken.code, taken.reason.as_deref()), (StatusCode::CONFLICT, Some("key-taken")));
    crm.stop().await;
}

#[tokio::test]
async fn a_replace_takes_only_the_fields_it_names() {
    let crm = covote().await;
    let (record, stamp) = added(&crm).await;
    let item = Appointment { subject: "Council".into(), location: "Elsewhere".into(), ..meeting() };
    let replace = |if_stamp| Command::Replace {
        record: record.clone(),
        item: Item::Appointment(item.clone()),
        fields: fields(&["subject"]),
        if_stamp,
    };
    let ann = crm.rep("ann");
    let status = ann.status(replace(Some(stamp))).await;
    assert_eq!(status.code, StatusCode::OK);
    let back = status.item.unwrap();
    assert_eq!(
        (as_appointment(&back).subject.as_str(), as_appointment(&back).location.as_str()),
        ("Council", "Room 1")
    );
    assert!(status.stamp.unwrap() > stamp);
    // The answer was lost and the command comes again: its own work is no conflict.
    let again = crm.counters().await;
    let repeated = ann.status(replace(Some(stamp))).await;
    assert_eq!((repeated.code, repeated.stamp), (StatusCode::OK, status.stamp));
    assert_eq!(crm.counters().await, again);
    crm.stop().await;
}

#[tokio::test]
async fn a_replace_on_an_old_state_is_a_conflict_that_shows_the_new_one() {
    let crm = covote().await;
    let (record, stamp) = added(&crm).await;
    crm.update(&record, &[("A031Location", "Room 9")]).await;
    let before = crm.counters().await;
    let replace = Command::Replace {
        record: record.clone(),
        item: Item::Appointment(Appointment { subject: "Council".into(), ..meeting() }),
        fields: fields(&["subject"]),
        if_stamp: Some(stamp),
    };
    let status = crm.rep("ann").status(replace).await;
    assert_eq!((status.code, status.reason.as_deref()), (StatusCode::CONFLICT, Some("changed")));
    assert!(status.stamp.unwrap() > stamp);
    assert_eq!(as_appointment(&status.item.unwrap()).location, "Room 9");
    assert_eq!(crm.counters().await, before, "nothing of it was written");
    crm.stop().await;
}

#[tokio::test]
async fn an_edit_that_overlooked_anothers_is_told_of_it() {
    let crm = covote().await;
    let (record, _) = added(&crm).await;
    let ann = crm.rep("ann");
    let since = ann.changes(VEVENT, Stamp(0)).await.next;
    crm.update(&record, &[("A031Location", "Room 9")]).await;
    let answer = Command::Participation {
        record: record.clone(),
        address: EmailAddress::new("bob@covote.example"),
        response: Response::Accepted,
    };
    assert_eq!(ann.status(answer).await.code, StatusCode::OK);
    let page = ann.changes(VEVENT, since).await;
    assert_eq!(items(&page)[0].location, "Room 9");
    crm.stop().await;
}

#[tokio::test]
async fn whoever_never_heard_that_his_write_arrived_is_told_again_of_what_it_followed() {
    let crm = covote().await;
    let (record, stamp) = added(&crm).await;
    let ann = crm.rep("ann");
    let since = ann.changes(VEVENT, Stamp(0)).await.next;
    crm.update(&record, &[("A031Location", "Room 9")]).await;
    let replace = |if_stamp| Command::Replace {
        record: record.clone(),
        item: Item::Appointment(Appointment { subject: "Council".into(), ..meeting() }),
        fields: fields(&["subject"]),
        if_stamp: Some(if_stamp),
    };
    let seen = ann.status(replace(stamp)).await;
    assert_eq!(seen.code, StatusCode::CONFLICT);
    // It was read and written over, but the answer was lost, and with it all that was read.
    assert_eq!(ann.status(replace(seen.stamp.unwrap())).await.code, StatusCode::OK);
    assert_eq!(ann.status(replace(stamp)).await.code, StatusCode::CONFLICT, "Room 9 is not known yet");
    assert_eq!(items(&ann.changes(VEVENT, since).await)[0].location, "Room 9");
    crm.stop().await;
}

#[tokio::test]
async fn an_answer_is_noted_once() {
    let crm = covote().await;
    let (record, stamp) = added(&crm).await;
    let bob = crm.rep("bob");
    let answer = || Command::Participation {
        record: record.clone(),
        address: EmailAddress::new("bob@covote.example"),
        response: Response::Accepted,
    };
    let status = bob.status(answer()).await;
    assert_eq!(status.code, StatusCode::OK);
    assert!(status.stamp.unwrap() > stamp);
    let responses =
        |item: &Item| as_appointment(item).responses.get(&EmailAddress::new("bob@covote.example")).copied();
    assert_eq!(responses(&status.item.unwrap()), Some(Response::Accepted));
    let again = crm.counters().await;
    assert_eq!(bob.status(answer()).await.stamp, status.stamp);
    assert_eq!(crm.counters().await, again);
    let page = crm.rep("ann").changes(VEVENT, stamp).await;
    assert_eq!(page.changes.len(), 1, "the organiser learns of it");
    crm.stop().await;
}

#[tokio::test]
async fn a_deletion_in_outlook_is_a_mark_in_the_crm() {
    let crm = covote().await;
    let (record, stamp) = added(&crm).await;
    let ann = crm.rep("ann");
    let delete = || Command::Delete { record: record.clone(), content_type: VEVENT, if_stamp: Some(stamp) };
    assert_eq!(ann.status(delete()).await.code, StatusCode::OK);
    assert_eq!(held(&crm.record(&record).await)["ConnectorDeleted"], "true");
    let again = ann.status(delete()).await;
    assert_eq!((again.code, again.reason.as_deref()), (StatusCode::NOT_DELETED, Some("already-deleted")));
    let page = crm.rep("bob").changes(VEVENT, Stamp(0)).await;
    assert_eq!(page.changes[0].state, RecordState::Deleted);
    assert!(ann.changes(VEVENT, stamp).await.changes.is_empty());
    crm.stop().await;
}

#[tokio::test]
async fn a_deletion_in_the_crm_reaches_mailboxes_that_have_a_copy() {
    let crm = covote().await;
    let (record, stamp) = added(&crm).await;
    let rep = crm.all("Rep").await[0].field("RepID").unwrap().to_owned();
    let unknown =
        crm.insert("Contact", &[("Contact", "Appointment"), ("RepID", &rep), ("Date", "2026-12-01")]).await;
    crm.delete(&unknown).await;
    crm.delete(&record).await;
    let page = crm.rep("ann").changes(VEVENT, stamp).await;
    assert_eq!(page.changes.len(), 1, "what never was in the mailbox is not deleted there");
    assert_eq!((&page.changes[0].record, &page.changes[0].state), (&record, &RecordState::Deleted));
    let known = crm.rep("bob").add(KEY, Item::Appointment(meeting())).await;
    assert_eq!((known.code, known.reason.as_deref()), (StatusCode::ALREADY_THERE, Some("deleted")));
    crm.stop().await;
}

#[tokio::test]
async fn one_who_holds_a_copy_of_what_was_deleted_may_ask_for_it_and_bring_it_back() {
    let crm = covote().await;
    crm.add_rep("Eve", "Europe/Vienna").await;
    let (record, _) = added(&crm).await;
    crm.delete(&record).await;
    // Nobody named her: she has her copy by a distribution list.
    let eve = crm.rep("eve");
    assert!(eve.get(&record, VEVENT).await.is_none());
    let known = eve.add(KEY, Item::Appointment(meeting())).await;
    assert_eq!((known.code, known.reason.as_deref()), (StatusCode::ALREADY_THERE, Some("deleted")));
    let deleted = eve.get(&record, VEVENT).await.unwrap();
    assert_eq!(deleted.state, RecordState::Deleted);
    let restore = Command::Replace {
        record: record.clone(),
        item: Item::Appointment(meeting()),
        fields: fields(&["subject"]),
        if_stamp: Some(deleted.stamp),
    };
    assert_eq!(eve.status(restore).await.code, StatusCode::OK);
    assert!(matches!(eve.get(&record, VEVENT).await.unwrap().state, RecordState::Present { .. }));
    crm.stop().await;
}

#[tokio::test]
async fn an_edit_of_one_who_knows_of_the_deletion_brings_it_back() {
    let crm = covote().await;
    let (record, _) = added(&crm).await;
    crm.delete(&record).await;
    let ann = crm.rep("ann");
    let replace = |if_stamp| Command::Replace {
        record: record.clone(),
        item: Item::Appointment(Appointment { subject: "Council".into(), ..meeting() }),
        fields: fields(&["subject"]),
        if_stamp,
    };
    let gone = ann.status(replace(None)).await;
    assert_eq!((gone.code, gone.reason.as_deref()), (StatusCode::NOT_FOUND, Some("deleted")));
    let status = ann.status(replace(gone.stamp)).await;
    assert_eq!(status.code, StatusCode::OK);
    assert_eq!(held(&crm.record(&record).await)["Subject"], "Council");
    crm.stop().await;
}

#[tokio::test]
async fn a_series_is_one_item_with_its_exceptions() {
    let crm = covote().await;
    let ann = crm.rep("ann");
    let weekly = series("Weekly", "ann@covote.example");
    let status = ann.add(KEY, Item::Appointment(weekly.clone())).await;
    assert_eq!(status.code, StatusCode::ADDED, "{status:?}");
    assert_eq!(as_appointment(status.item.as_ref().unwrap()).series, weekly.series);
    assert_eq!(crm.all("Contact").await.len(), 2, "the series and one exception");
    // Somebody changes the exception in the CRM: the series has changed, and nothing else.
    let exception = crm
        .all("Contact")
        .await
        .into_iter()
        .find(|record| record.field("IsSerialContact") == Some("true"))
        .unwrap();
    crm.update(&exception.record_id().unwrap(), &[("A031Location", "Room 3")]).await;
    let page = ann.changes(VEVENT, status.stamp.unwrap()).await;
    assert_eq!(page.changes.len(), 1);
    assert_eq!(Some(&page.changes[0].record), status.record.as_ref());
    let changed = items(&page)[0].series.clone().unwrap();
    assert_eq!(changed.exceptions.values().next().unwrap().location, "Room 3");
    // An exception that is undone is gone.
    let mut undone = weekly;
    undone.series.as_mut().unwrap().exceptions.clear();
    let replaced = ann.status(Command::Replace {
        record: status.record.unwrap(),
        item: Item::Appointment(undone),
        fields: fields(&["series"]),
        if_stamp: Some(page.changes[0].stamp),
    });
    assert_eq!(replaced.await.code, StatusCode::OK);
    assert_eq!(crm.all("Contact").await.len(), 1);
    crm.stop().await;
}

#[tokio::test]
async fn a_window_lets_through_what_lies_in_it_and_what_is_known() {
    let crm = covote().await;
    let ann = crm.rep("ann");
    ann.add(
        "known",
        Item::Appointment(appointment(
            "Known",
            "2020-01-01T09:00:00Z",
            "ann@covote.example",
            &["bob@covote.example"],
        )),
    )
    .await;
    ann.add("series", Item::Appointment(series("Weekly", "ann@covote.example"))).await;
    let rep = crm.all("Rep").await[1].field("RepID").unwrap().to_owned();
    for (subject, date) in [("Past", "2026-11-01"), ("Now", "2026-12-20"), ("Future", "2027-06-01")] {
        let fields = [
            ("Contact", "Appointment"),
            ("Subject", subject),
            ("RepID", rep.as_str()),
            ("Date", date),
            ("Time", "09:00"),
            ("EndDate", date),
            ("EndTime", "10:00"),
        ];
        crm.insert("Contact", &fields).await;
    }
    let window = |from: &str, to: &str| Some(Window { from: from.parse().unwrap(), to: to.parse().unwrap() });
    let december = window("2026-12-18T00:00:00Z", "2026-12-25T00:00:00Z");
    let subjects = async |rep: &crate::support::Connector<'_>, window| {
        let page = rep.page(VEVENT, Stamp(0), window, 100).await;
        items(&page).iter().map(|item| item.subject.clone()).collect::<Vec<_>>()
    };
    assert_eq!(subjects(&crm.rep("bob"), december).await, ["Known", "Now"]);
    assert_eq!(subjects(&crm.rep("bob"), None).await, ["Known", "Past", "Now", "Future"]);
    let elsewhere = crate::support::Connector { client: "connector-2".into(), ..crm.rep("ann") };
    assert_eq!(subjects(&elsewhere, december).await, ["Known", "Weekly"]);
    crm.stop().await;
}

#[tokio::test]
async fn letters_and_published_appointments_are_not_sent_back() {
    let crm = covote().await;
    let ann = crm.rep("ann");
    let add = Command::Add {
        key: KEY.into(),
        item: Item::Appointment(appointment(
            "Fair",
            "2026-12-01T09:00:00Z",
            "zoe@far.example",
            &["ann@covote.example"],
        )),
        published: true,
    };
    let status = ann.status(add).await;
    assert_eq!(status.code, StatusCode::ADDED);
    let rep = crm.all("Rep").await[0].field("RepID").unwrap().to_owned();
    crm.insert(
        "Contact",
        &[("Contact", "Letter"), ("RepID", &rep), ("Date", "2026-12-01"), ("Subject", "Letter")],
    )
    .await;
    let record = status.record.unwrap();
    crm.update(&record, &[("A031Location", "Hall 4")]).await;
    assert!(ann.changes(VEVENT, Stamp(0)).await.changes.is_empty());
    let held = ann.get(&record, VEVENT).await.unwrap();
    assert!(matches!(held.state, RecordState::Present { published: true, .. }));
    crm.stop().await;
}

#[tokio::test]
async fn what_does_not_concern_a_rep_is_not_his_to_read_or_change() {
    let crm = covote().await;
    crm.add_rep("Eve", "Europe/Vienna").await;
    let (record, _) = added(&crm).await;
    let eve = crm.rep("eve");
    assert!(eve.get(&record, VEVENT).await.is_none());
    assert!(eve.changes(VEVENT, Stamp(0)).await.changes.is_empty());
    let replace = Command::Replace {
        record: record.clone(),
        item: Item::Appointment(meeting()),
        fields: fields(&["subject"]),
        if_stamp: None,
    };
    let delete = Command::Delete { record: record.clone(), content_type: VEVENT, if_stamp: None };
    for command in [replace, delete] {
        let status = eve.status(command).await;
        assert_eq!((status.code, status.reason.as_deref()), (StatusCode::FORBIDDEN, Some("not-allowed")));
    }
    let as_mail = Command::Delete { record, content_type: ContentType::Record, if_stamp: None };
    assert_eq!(crm.rep("ann").status(as_mail).await.code, StatusCode::NOT_FOUND);
    // One whose mailbox holds a copy by a distribution list is served though nobody named him.
    let status = eve.add(KEY, Item::Appointment(meeting())).await;
    assert_eq!(status.code, StatusCode::ALREADY_THERE);
    assert!(eve.get(status.record.as_ref().unwrap(), VEVENT).await.is_some());
    crm.stop().await;
}
