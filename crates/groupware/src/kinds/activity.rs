//! What mails and appointments have in common: they are activities (MA).

use crate::missing::MissingAttendees;
use crate::participants::{self, link};
use crate::pen::Pen;
use crate::people::{Party, People};
use crate::{NewDocument, Record, RecordSet};

/// Fills the fields of a new activity that say what it is, whose it is and where it stands.
pub(super) fn head(pen: &Pen<'_>, record: &mut Record, sort: &str, place: &Party, people: People<'_>) {
    pen.put(record, "Contact", sort);
    owner(pen, record, people);
    pen.logical(record, "FromConnector", true);
    link(pen, record, place);
    pen.put(record, "Person", place.person.as_ref().map_or("", |person| &person.name));
    pen.put(record, "Company", place.company.as_ref().map_or("", |company| &company.name));
}

/// Makes an activity the acting rep's.
pub(super) fn owner(pen: &Pen<'_>, record: &mut Record, people: People<'_>) {
    let acting = people.acting;
    pen.number(record, "RepID", Some(acting.rep_id));
    pen.put(record, "Rep", &acting.name);
    pen.number(record, "ContactByID", Some(acting.rep_id));
    pen.put(record, "ContactBy", &acting.name);
}

/// Takes the list of missing people off the texts to which it was appended, so that it can be written anew.
pub(super) fn detach_list(rule: Option<&MissingAttendees>, set: &mut RecordSet) {
    let Some(rule) = rule else { return };
    let missing = participants::missing(&set.participants);
    for target in rule.targets.iter().filter(|target| target.append) {
        let text = rule.strip(&target.field, set.primary.get(&target.field), &missing).to_owned();
        if text != set.primary.get(&target.field) {
            set.primary.set(&target.field, text);
        }
    }
}

/// Text without the list of missing people.
pub(super) fn own_text(
    rule: Option<&MissingAttendees>,
    field: &str,
    text: String,
    set: &RecordSet,
) -> String {
    match rule {
        Some(rule) => {
            rule.strip(field, &text, &participants::missing(&set.participants)).trim_end().to_owned()
        }
        None => text,
    }
}

/// Names the first documents on the activity itself.
pub(super) fn name_documents(pen: &Pen<'_>, record: &mut Record, documents: &[NewDocument]) {
    for (field, document) in
        ["Document1", "Document2"].iter().zip(documents.iter().filter(|document| !document.inline))
    {
        pen.put(record, field, &document.name);
    }
}
