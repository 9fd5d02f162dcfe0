//! Writing and reading fields as the form of the kind allows, and no longer than they may be.

use crate::{Change, Form, Note, Record, Rules, words};
use std::collections::BTreeSet;
use tandem_model::{ADDITIONAL, Additional, Kind};

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
        let travels = self.form.mapping().changed.get(field).is_none_or(|flow| flow.to_crm());
        travels && self.fields.is_none_or(|fields| fields.contains(field))
    }

    /// Whether one of the item's fields has to be written.
    pub(crate) fn wants_any(&self, fields: &[&str]) -> bool {
        fields.iter().any(|field| self.wants(field))
    }

    /// Writes the additional fields that are paired with fields of the record's table.
    pub(crate) fn additional(&mut self, record: &mut Record, additional: &Additional) {
        let form = self.form;
        for (id, field) in form.additional(record.info_area) {
            let travels = form.mapping().additional.get(id).is_some_and(|(_, flow)| flow.to_crm());
            if travels && self.wants(&format!("{ADDITIONAL}{id}")) {
                let value = additional.get(id).map(ToString::to_string).unwrap_or_default();
                let listed =
                    form.tables.get(record.info_area.table_name()).and_then(|fields| fields.get(field));
                let limit =
                    listed.and_then(|field| field.length).filter(|_| !self.rules.switches.do_not_truncate);
                let kept = self.cut(field, &value, limit);
                if !kept.is_empty() || record.fields.contains_key(field) {
                    record.set(field, kept);
                }
            }
        }
    }

    /// Whether the form exchanges the field with a meaning.
    pub(crate) fn exchanges(&self, record: &Record, meaning: &str) -> bool {
        self.form.field(record.info_area, meaning).is_some()
    }

    /// What the field with a meaning holds.
    pub(crate) fn get<'r>(&self, record: &'r Record, meaning: &str) -> &'r str {
        self.form.field(record.info_area, meaning).map_or("", |field| record.get(field))
    }

    /// How many characters the field with a meaning takes.
    pub(crate) fn limit(&self, record: &Record, meaning: &str) -> Option<usize> {
        self.form.length(record.info_area, meaning).filter(|_| !self.rules.switches.do_not_truncate)
    }

    /// Writes what somebody wrote; a cut is remarked.
    pub(crate) fn text(&mut self, record: &mut Record, meaning: &str, value: &str) {
        let Some(field) = self.form.field(record.info_area, meaning) else { return };
        let kept = self.cut(field, value, self.limit(record, meaning));
        self.put(record, meaning, kept);
    }

    /// What of a text fits into a field; a cut is remarked.
    fn cut<'v>(&mut self, field: &str, value: &'v str, limit: Option<usize>) -> &'v str {
        let kept = cut(value, limit);
        if kept.len() < value.len() {
            let (kept, all) = (kept.chars().count(), value.chars().count());
            let text = format!("{field} was cut to {kept} of {all} characters");
            self.notes.push(Note::new("text-truncated", text));
        }
        kept
    }

    /// Writes what follows from something else; it is cut without a remark.
    pub(crate) fn put(&self, record: &mut Record, meaning: &str, value: &str) {
        let Some(field) = self.form.field(record.info_area, meaning) else { return };
        if !value.is_empty() || record.fields.contains_key(field) {
            record.set(field, cut(value, self.limit(record, meaning)));
        }
    }

    /// Writes a number, or empties the field.
    pub(crate) fn number(&self, record: &mut Record, meaning: &str, value: Option<u64>) {
        self.put(record, meaning, &value.map(|number| number.to_string()).unwrap_or_default());
    }

    /// Writes a logical value; `false` is not written where there was nothing.
    pub(crate) fn logical(&self, record: &mut Record, meaning: &str, value: bool) {
        let Some(field) = self.form.field(record.info_area, meaning) else { return };
        if value || record.fields.contains_key(field) {
            self.put(record, meaning, words::logical(value));
        }
    }

    /// Writes categories.
    pub(crate) fn categories(&mut self, record: &mut Record, values: &BTreeSet<String>) {
        let limit = self.limit(record, "Categories").unwrap_or(usize::MAX);
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

    /// What the field with a meaning holds, trimmed; empty when the form does not exchange it.
    pub(crate) fn get<'r>(&self, record: &'r Record, meaning: &str) -> &'r str {
        self.raw(record, meaning).trim()
    }

    /// The field with a meaning; what no field is called where none is exchanged.
    pub(crate) fn name(&self, record: &Record, meaning: &'a str) -> &'a str {
        self.form.field(record.info_area, meaning).unwrap_or_default()
    }

    fn raw<'r>(&self, record: &'r Record, meaning: &str) -> &'r str {
        self.form.field(record.info_area, meaning).map_or("", |field| record.get(field))
    }

    pub(crate) fn owned(&self, record: &Record, meaning: &str) -> String {
        self.get(record, meaning).to_owned()
    }

    /// Text of several lines, which end in `\n`.
    pub(crate) fn lines(&self, record: &Record, meaning: &str) -> String {
        self.raw(record, meaning).replace("\r\n", "\n").replace('\r', "\n").trim_end().to_owned()
    }

    /// The additional fields that are paired with fields of the record's table.
    pub(crate) fn additional(&self, record: &Record) -> Additional {
        let mut additional = Additional::default();
        for (id, field) in self.form.additional(record.info_area) {
            let Some((target, _)) = self.form.mapping().additional.get(id) else { continue };
            // The types were compared when the form was read: what does not fit is not there.
            if let Ok(Some(value)) = target.value.read_crm(record.get(field)) {
                additional.set(id, value);
            }
        }
        additional
    }

    pub(crate) fn is(&self, record: &Record, meaning: &str) -> bool {
        matches!(self.get(record, meaning), "true" | "1")
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
