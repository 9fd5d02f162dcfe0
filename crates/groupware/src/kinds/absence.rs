//! Absences: records of A3.

use super::begin;
use crate::moments;
use crate::pen::{Eye, Pen};
use crate::{ActingRep, Change, InfoArea, RecordSet, Rules, Unreadable, Written};
use tandem_model::{Absence, Kind, ShowAs, Zone};

/// Absences are recorded in the CRM; this is for a CRM that takes them from elsewhere.
pub(super) fn write(absence: &Absence, change: Change<'_>, acting: &ActingRep, rules: &Rules) -> Written {
    let mut pen = Pen::new(Kind::Absence, change, rules);
    let mut set = begin(change, InfoArea::Absence);
    let record = &mut set.primary;
    if pen.adds() {
        pen.number(record, "RepID", Some(acting.rep_id));
    }
    if pen.wants("subject") {
        pen.text(record, "Type", &absence.subject);
    }
    if pen.wants("text") {
        pen.text(record, "Text", &absence.text);
    }
    if pen.wants("when") {
        moments::write(&pen, record, moments::ABSENCE, &absence.when, None);
    }
    pen.additional(record, &absence.additional);
    Written { set, new_people: Vec::new(), notes: pen.notes }
}

/// The subject is the type of absence, or the first line of the text where it has no type.
pub(super) fn read(eye: Eye<'_>, set: &RecordSet, zone: &Zone) -> Result<Absence, Unreadable> {
    let record = &set.primary;
    let text = eye.lines(record, "Text");
    let subject = match eye.get(record, "Type") {
        "" => text.lines().next().unwrap_or_default().trim().to_owned(),
        kind => kind.to_owned(),
    };
    let when = moments::read(eye, Kind::Absence, record, moments::ABSENCE, zone)?;
    Ok(Absence { subject, text, when, show_as: ShowAs::Oof, additional: eye.additional(record) })
}
