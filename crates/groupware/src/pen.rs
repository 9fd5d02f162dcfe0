//! Writing and reading fields as the form of the kind allows, and no longer than they may be.

use crate::{Change, Form, Note, Record, Rules, words};
use std::collections::BTreeSet;
use tandem_model::Kind;

/// How many characters of text the fields hold; fields that are not listed take any length.
const LENGTHS: &[(usize, &[&str])] = &[
    (20, &["ZipCode", "PrivateZipCode"]),
    (40, &["Title", "Phone", "Phone2", "Mobile", "PrivatePhone", "PrivatePhone2"]),
    (
        80,
        &[
            "FirstName",
            "LastName",
            "City",
            "State",
            "Country",
            "PrivateCity",
            "PrivateState",
            "PrivateCountry",
            "Type",
        ],
    ),
    (120, &["Company", "Function", "Department", "Street", "PrivateStreet", "Rep", "ContactBy"]),
    (160, &["Person", "Name", "OrganizerName"]),
    (255, &["Subject", "A031Location", "Document1", "Document2"]),
    (1_000, &["Categories"]),
    (4_000, &["ParticipantID"]),
    (32_000, &["Text", "Participants", "MissingParticipants"]),
];

/// The length of a field in characters.
pub(crate) fn length(field: &str) -> Option<usize> {
    LENGTHS.iter().find(|(_, fields)| fields.contains(&field)).map(|(length, _)| *length)
}

/// Writes fields, and remembers what there is to remark.
pub(crate) struct Pen<'a> {
    pub(crate) rules: &'a Rules,
    pub(crate) notes: Vec<Note>,
    form: &'a Form,
    fields: Option<&'a BTreeSet<String>>,
}

impl<'a> Pen<'a> {
    pub(crate) fn new(kind: Kind, change: Change<'a>, rules: &'a Rules) -> Self {
        let fields = match change {
            Change::Add { .. } => None,
            Change::Replace { fields, .. } => Some(fields),
        };
        Self { rules, notes: Vec::new(), form: rules.forms.form(kind), fields }
    }

    /// Whether the item is new.
    pub(crate) fn adds(&self) -> bool {
        self.fields.is_none()
    }

    /// Whether the item's field has to be written.
    pub(crate) fn wants(&self, field: &str) -> bool {
        self.fields.is_none_or(|fields| fields.contains(field))
    }

    /// Whether one of the item's fields has to be written.
    pub(crate) fn wants_any(&self, fields: &[&str]) -> bool {
        fields.iter().any(|field| self.wants(field))
    }

    pub(crate) fn exchanges(&self, record: &Record, field: &str) -> bool {
        self.form.exchanges(record.info_area, field)
    }

    /// Writes what somebody wrote; a cut is remarked.
    pub(crate) fn text(&mut self, record: &mut Record, field: &str, value: &str) {
        if !self.exchanges(record, field) {
            return;
        }
        let limit = length(field).filter(|_| !self.rules.switches.do_not_truncate);
        let kept = cut(value, limit);
        if kept.len() < value.len() {
            self.notes.push(Note::new(
                "text-truncated",
                format!(
                    "{field} was cut to {} of {} characters",
                    kept.chars().count(),
                    value.chars().count()
                ),
            ));
        }
        self.put(record, field, kept);
    }

    /// Writes what follows from something else; it is cut without a remark.
    pub(crate) fn put(&self, record: &mut Record, field: &str, value: &str) {
        let unchanged = value.is_empty() && !record.fields.contains_key(field);
        if self.exchanges(record, field) && !unchanged {
            let limit = length(field).filter(|_| !self.rules.switches.do_not_truncate);
            record.set(field, cut(value, limit));
        }
    }

    /// Writes a number, or empties the field.
    pub(crate) fn number(&self, record: &mut Record, field: &str, value: Option<u64>) {
        self.put(record, field, &value.map(|number| number.to_string()).unwrap_or_default());
    }

    /// Writes a logical value; `false` is not written where there was nothing.
    pub(crate) fn logical(&self, record: &mut Record, field: &str, value: bool) {
        if value || record.fields.contains_key(field) {
            self.put(record, field, words::logical(value));
        }
    }

    /// Writes categories.
    pub(crate) fn categories(&mut self, record: &mut Record, values: &BTreeSet<String>) {
        let limit =
            length("Categories").filter(|_| !self.rules.switches.do_not_truncate).unwrap_or(usize::MAX);
        let (text, complete) = crate::list::join(values, limit);
        if !complete && self.exchanges(record, "Categories") {
            self.notes.push(Note::new("text-truncated", "not all categories fit into Categories"));
        }
        self.put(record, "Categories", &text);
    }
}

fn cut(value: &str, limit: Option<usize>) -> &str {
    match limit.and_then(|limit| value.char_indices().nth(limit)) {
        Some((end, _)) => value[..end].trim_end(),
        None => value,
    }
}

/// Reads fields as far as the form exchanges them.
#[derive(Clone, Copy)]
pub(crate) struct Eye<'a> {
    pub(crate) rules: &'a Rules,
    form: &'a Form,
}

impl<'a> Eye<'a> {
    pub(crate) fn new(kind: Kind, rules: &'a Rules) -> Self {
        Self { rules, form: rules.forms.form(kind) }
    }

    /// A field's value, trimmed; empty when the form does not exchange it.
    pub(crate) fn get<'r>(&self, record: &'r Record, field: &str) -> &'r str {
        if self.form.exchanges(record.info_area, field) { record.get(field).trim() } else { "" }
    }

    pub(crate) fn owned(&self, record: &Record, field: &str) -> String {
        self.get(record, field).to_owned()
    }

    /// Text of several lines, which end in `\n`.
    pub(crate) fn lines(&self, record: &Record, field: &str) -> String {
        if !self.form.exchanges(record.info_area, field) {
            return String::new();
        }
        record.get(field).replace("\r\n", "\n").replace('\r', "\n").trim_end().to_owned()
    }

    pub(crate) fn is(&self, record: &Record, field: &str) -> bool {
        matches!(self.get(record, field), "true" | "1")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::InfoArea;

    #[test]
    fn long_text_is_cut_and_remarked_unless_that_is_switched_off() {
        let mut rules = Rules::builtin();
        let (mut task, long) = (Record::new(InfoArea::Task), "ä".repeat(300));
        let mut pen = Pen::new(Kind::Task, Change::Add { published: false }, &rules);
        pen.text(&mut task, "Subject", &long);
        assert_eq!(task.get("Subject").chars().count(), 255);
        assert_eq!(pen.notes[0].code, "text-truncated");
        assert_eq!(pen.notes[0].text, "Subject was cut to 255 of 300 characters");
        rules.switches.do_not_truncate = true;
        let mut pen = Pen::new(Kind::Task, Change::Add { published: false }, &rules);
        pen.text(&mut task, "Subject", &long);
        assert_eq!(task.get("Subject"), long);
        assert!(pen.notes.is_empty());
    }
}
