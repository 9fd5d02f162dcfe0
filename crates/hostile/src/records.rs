//! Text on its way between items and records: rules of series, HTML.

use std::collections::BTreeSet;
use tandem_groupware::{ActingRep, Change, Directory, Linked, RecordSet, Rules, to_item, to_records};
use tandem_model::{
    Appointment, Body, Direction, Document, Importance, Item, Kind, Mail, Person, ShowAs, When, Zone,
};

/// A rule as a record may hold it (RFC 5545 RRULE).
pub(crate) fn recurrence(bytes: &[u8]) {
    if let Some(item) = series_of(&String::from_utf8_lossy(bytes)) {
        let again = Document::of(&item).item(Kind::Appointment);
        assert!(again.is_ok(), "what was read can be stored: {again:?}");
        let _ = records(&item);
    }
}

/// The series of a record with this rule, if it is one that can be read.
fn series_of(rule: &str) -> Option<Item> {
    let mut set = records(&Item::Appointment(appointment()))?;
    set.primary.fields.insert("IsMasterContact".to_owned(), "true".to_owned());
    set.primary.fields.insert("Recurrence".to_owned(), rule.to_owned());
    to_item(Kind::Appointment, &set, &rep(), &Linked::default(), &Rules::builtin()).ok()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_of_a_record_and_the_text_of_a_mail_are_really_read() {
        let read = series_of("FREQ=DAILY;COUNT=3").unwrap();
        assert!(matches!(&read, Item::Appointment(read) if read.series.is_some()), "{read:?}");
        assert!(series_of("FREQ=SOMETIMES").is_none());
        let set = records(&Item::Mail(mail("<p>one &amp; two</p>".to_owned()))).unwrap();
        assert_eq!(set.primary.get("Text"), "one & two");
    }
}
