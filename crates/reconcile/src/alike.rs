//! Which items of one sort are one thing that is there several times.

use crate::Fingerprint;
use crate::fingerprint::{plain, times};
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use tandem_model::{EmailAddress, Item, Pattern, SeriesEnd};

/// The groups of items that are one thing, by their places in `items`; an item that is like no other stands in none.
///
/// E-mails are one by internetMessageId. Appointments by what their fingerprint says, series also by their rule.
/// Absences by their span, whatever they are called: nobody is away twice at once. Tasks by subject, days and text,
/// where an empty text contradicts none. Contacts by name and one common address.
pub fn alike(items: &[&Item]) -> Vec<Vec<usize>> {
    let mut groups: Vec<BTreeSet<usize>> = Vec::new();
    let mut at_mark: BTreeMap<Mark, usize> = BTreeMap::new();
    for (at, item) in items.iter().enumerate() {
        let marks = marks(item);
        let met: BTreeSet<usize> = marks.iter().filter_map(|mark| at_mark.get(mark).copied()).collect();
        // Marks of one item tie together what was apart until now; what the emptied groups were known by, too.
        let mut members = BTreeSet::new();
        for group in met {
            members.extend(groups.get_mut(group).map(std::mem::take).unwrap_or_default());
        }
        members.insert(at);
        let into = groups.len();
        let tied: Vec<Mark> =
            members.iter().filter_map(|at| items.get(*at)).flat_map(|item| self::marks(item)).collect();
        groups.push(members);
        at_mark.extend(tied.into_iter().map(|mark| (mark, into)));
    }
    let groups = groups.into_iter().flat_map(|members| by_text(items, members));
    let mut groups: Vec<Vec<usize>> = groups.filter(|members| members.len() > 1).collect();
    groups.sort();
    groups
}

/// What two items share when they are one thing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Mark {
    Message(String),
    Says(Fingerprint, Option<Rule>),
    Span(Option<Timestamp>, Option<Timestamp>),
    Task { subject: String, start: Option<Date>, due: Option<Date>, text: Option<String> },
    Person { name: String, address: EmailAddress },
}

/// The rule of a series, without what departs from it.
type Rule = (Pattern, Date, SeriesEnd);

fn marks(item: &Item) -> BTreeSet<Mark> {
    match item {
        Item::Mail(mail) => {
            let id = mail.message_id.as_str();
            (!id.is_empty()).then(|| Mark::Message(id.to_owned())).into_iter().collect()
        }
        Item::Appointment(appointment) => {
            let says = Fingerprint::of(item);
            let rule =
                appointment.series.as_ref().map(|series| (series.pattern.clone(), series.start, series.end));
            says.is_telling().then_some(Mark::Says(says, rule)).into_iter().collect()
        }
        Item::Absence(absence) => {
            let (start, end) = times(&absence.when);
            BTreeSet::from([Mark::Span(start, end)])
        }
        Item::Task(task) => {
            let (subject, text) = (plain(&task.subject), plain(&task.text));
            let dated = task.start.is_some() || task.due.is_some();
            // Two tasks "Call back" may well be two tasks, unless a day or a text tells them from all others.
            let telling = !subject.is_empty() && (dated || !text.is_empty());
            let text = (!dated).then_some(text);
            let mark = Mark::Task { subject, start: task.start, due: task.due, text };
            telling.then_some(mark).into_iter().collect()
        }
        Item::Contact(contact) => {
            let name = plain(&format!("{} {}", contact.given_name, contact.surname));
            let named = contact.emails.iter().filter(|_| !name.is_empty());
            named.map(|address| Mark::Person { name: name.clone(), address: address.clone() }).collect()
        }
    }
}

/// Tasks whose texts contradict each other are different ones; which of them one without a text belongs to, nobody
/// knows.
fn by_text(items: &[&Item], members: BTreeSet<usize>) -> Vec<Vec<usize>> {
    let mut texts: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for at in members {
        let text = match items.get(at) {
            Some(Item::Task(task)) => plain(&task.text),
            _ => String::new(),
        };
        texts.entry(text).or_default().push(at);
    }
    if texts.keys().filter(|text| !text.is_empty()).count() > 1 {
        return texts.into_values().collect();
    }
    let mut all: Vec<usize> = texts.into_values().flatten().collect();
    all.sort_unstable();
    vec![all]
}

#[cfg(test)]
mod tests {
    use super::*;
    use tandem_model::{Absence, Contact, ShowAs, When};

    fn task(subject: &str, due: Option<&str>, text: &str) -> Item {
        let value = serde_json::json!({ "subject": subject, "text": text, "due": due });
        Item::Task(serde_json::from_value(value).unwrap())
    }

    fn groups(items: &[Item]) -> Vec<Vec<usize>> {
        alike(&items.iter().collect::<Vec<_>>())
    }

    #[test]
    fn tasks_are_one_by_subject_days_and_text() {
        let day = Some("2026-11-02");
        let call = |text: &str| task("Call Karl", day, text);
        assert_eq!(groups(&[call(""), task("call  karl", day, "about it")]), [[0, 1]]);
        assert_eq!(groups(&[call("about this"), call(""), call("about that")]), Vec::<Vec<usize>>::new());
        assert_eq!(groups(&[call("one"), call("two"), call("one")]), [[0, 2]]);
        let undated = |text: &str| task("Call back", None, text);
        assert_eq!(groups(&[undated(""), undated(""), undated("x"), undated("x")]), [[2, 3]]);
    }

    #[test]
    fn contacts_are_one_by_name_and_a_common_address() {
        let contact = |surname: &str, emails: &[&str]| {
            let emails = emails.iter().map(|address| EmailAddress::new(address)).collect();
            Item::Contact(Contact { surname: surname.to_owned(), emails, ..Contact::default() })
        };
        let all = [
            contact("Kunde", &["karl@a.example"]),
            contact("kunde", &["K@b.example"]),
            contact("Kunde", &["k@b.example", "karl@a.example"]),
            contact("Meier", &["karl@a.example"]),
            contact("", &["karl@a.example"]),
            contact("Kunde", &[]),
        ];
        assert_eq!(groups(&all), [[0, 1, 2]], "two people may share an address, and a name");
    }

    #[test]
    fn absences_are_one_by_their_span() {
        let absence = |subject: &str, end: &str| {
            Item::Absence(Absence {
                subject: subject.to_owned(),
                text: String::new(),
                when: When::AllDay { start: "2026-11-02".parse().unwrap(), end: end.parse().unwrap() },
                show_as: ShowAs::Oof,
                additional: Default::default(),
            })
        };
        let all = [absence("Leave", "2026-11-05"), absence("", "2026-11-05"), absence("Leave", "2026-11-06")];
        assert_eq!(groups(&all), [[0, 1]]);
    }
}
