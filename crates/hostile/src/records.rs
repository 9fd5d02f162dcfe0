//! Text on its way between items and records: rules of series, HTML.

use std::collections::BTreeSet;
use tandem_groupware::{ActingRep, Change, Directory, Linked, RecordSet, Rules, to_item, to_records};
use tandem_model::{
    Appointment, Body, Direction, Document, Importance, Item, Kind, Mail, Person, ShowAs, When, Zone,
};

/// A rule as a record may hold it (RFC 5545 RRULE).
pub(crate) fn recurrence(bytes: &[u8]) {
    let Some(mut set) = records(&Item::Appointment(appointment())) else { return };
    set.primary.fields.insert("Recurrence".to_owned(), String::from_utf8_lossy(bytes).into_owned());
    let read = to_item(Kind::Appointment, &set, &rep(), &Linked::default(), &Rules::builtin());
    if let Ok(item) = read {
        let again = Document::of(&item).item(Kind::Appointment);
        assert!(again.is_ok(), "what was read can be stored: {again:?}");
        let _ = records(&item);
    }
}

/// The text of an e-mail, which becomes the plain text of an activity.
pub(crate) fn html(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let Some(set) = records(&Item::Mail(mail(text))) else { return };
    let plain = set.primary.get("Text");
    let controls = |character: char| character.is_control() && !matches!(character, '\n' | '\t');
    let foreign = String::from_utf8_lossy(bytes).chars().any(controls);
    assert!(foreign || !plain.chars().any(controls), "no control character comes out of an entity");
}

fn records(item: &Item) -> Option<RecordSet> {
    let (add, directory) = (Change::Add { published: false }, Directory::default());
    to_records(item, add, &rep(), &directory, &Rules::builtin()).ok().map(|written| written.set)
}

fn rep() -> ActingRep {
    ActingRep {
        rep_id: 7,
        name: "Me".into(),
        address: "me@own.example".into(),
        person: None,
        language: "en".into(),
        zone: Zone::new("Europe/Vienna"),
        sales_group: String::new(),
    }
}

fn mail(html: String) -> Mail {
    Mail {
        message_id: "<1@own.example>".into(),
        subject: html.chars().take(80).collect(),
        from: Some(Person::new("Me", "me@own.example")),
        to: Vec::new(),
        cc: Vec::new(),
        bcc: Vec::new(),
        sent_at: jiff::Timestamp::UNIX_EPOCH,
        direction: Direction::Out,
        importance: Importance::Normal,
        categories: BTreeSet::new(),
        body: Body { html: true, text: html, truncated: false },
        attachments: Vec::new(),
        additional: Default::default(),
    }
}

fn appointment() -> Appointment {
    let start = jiff::Timestamp::UNIX_EPOCH;
    Appointment {
        subject: "Series".into(),
        text: String::new(),
        location: String::new(),
        when: When::Timed { start, end: start, zone: Zone::new("Europe/Vienna") },
        show_as: ShowAs::Busy,
        private: false,
        importance: Importance::Normal,
        reminder_minutes: None,
        categories: BTreeSet::new(),
        organizer: Some(Person::new("Me", "me@own.example")),
        attendees: BTreeSet::new(),
        responses: std::collections::BTreeMap::new(),
        series: None,
        additional: Default::default(),
    }
}
