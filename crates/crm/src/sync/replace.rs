//! `Replace`: fields of an item, or one participant's answer.

use super::status::{self, Outcome};
use super::{Context, add, people, set, view};
use crate::storage::{Fields, Reading, Record, StorageError, Target, Writing};
use std::collections::BTreeSet;
use tandem_crm_interface::sync::{ContentType, Status, StatusCode};
use tandem_groupware::{Change, Record as ItemRecord, RecordSet, Rules, answer, mark_deleted};
use tandem_model::{EmailAddress, Item, Kind, RecordId, Response, Stamp};

pub(super) fn replace(
    writing: &mut Writing<'_>,
    context: Context<'_>,
    id: &RecordId,
    item: &Item,
    fields: &BTreeSet<String>,
    if_stamp: Option<Stamp>,
) -> Result<Status, Outcome> {
    let content_type = ContentType::from(item.kind());
    let record = existing(writing, context, id, content_type)?;
    if content_type == ContentType::Absences {
        let text = "absences travel from the CRM to Microsoft 365 only; change them in the CRM";
        return Err(Status::failure(StatusCode::FORBIDDEN, "not-allowed", text).into());
    }
    let expected = if_stamp.is_none_or(|stamp| stamp == record.stamp);
    let mut before = set::read(writing, &record)?;
    let stale = if expected { None } else { Some(conflict(writing, context, content_type, &record)?) };
    if view::is_deleted(context, content_type, &record, &before) {
        // Only one who knows that it was deleted may bring it back: his edit beats the deletion.
        if if_stamp.is_none() || !expected {
            return Err(gone(&record).into());
        }
        restore(writing, context, content_type, &before, &record)?;
        before = set::read(writing, &writing.get(&record.target)?.unwrap_or(record.clone()))?;
    }
    let change = Change::Replace { fields, existing: &before };
    let (written, mut notes) = add::translate(writing, context, item, change)?;
    let after = set::write(writing, &written.set, Some(&before))?;
    // A repeated command finds its own work done: nothing is left to write, whatever the stamp.
    // But only if nobody else wrote since: his change would count as known to a caller who never saw it.
    let own = record.author == context.actor.author && if_stamp.is_none_or(|stamp| record.unseen <= stamp);
    if let Some(stale) = stale.filter(|_| after.stamp != record.stamp || !own) {
        return Err(stale.into());
    }
    notes.extend(status::notes(written.notes));
    let item = add::readback(writing, context, content_type, &after)?;
    Ok(Status { item, notes, ..status::about(StatusCode::OK, &after) })
}

pub(super) fn participation(
    writing: &mut Writing<'_>,
    context: Context<'_>,
    id: &RecordId,
    address: &EmailAddress,
    response: Response,
) -> Result<Status, Outcome> {
    let record = existing(writing, context, id, ContentType::Vevent)?;
    let before = set::read(writing, &record)?;
    if view::is_deleted(context, ContentType::Vevent, &record, &before) {
        return Err(gone(&record).into());
    }
    let linked = people::linked(writing, &before)?;
    let after = answer(&before, address, response, &linked, context.rules);
    let record = set::write(writing, &after, Some(&before))?;
    let item = add::readback(writing, context, ContentType::Vevent, &record)?;
    Ok(Status { item, ..status::about(StatusCode::OK, &record) })
}

/// The record, if it is of that kind and the acting rep's business.
pub(super) fn existing(
    reading: &Reading<'_>,
    context: Context<'_>,
    id: &RecordId,
    content_type: ContentType,
) -> Result<Record, Outcome> {
    let record = match Target::parse(id) {
        Some(target) if super::lives_in(content_type, &target.area) => reading.get(&target)?,
        _ => None,
    };
    let record = record.filter(|record| is_kind(record, content_type.kind(), context.rules));
    let Some(record) = record else {
        let text = format!("there is no {} with the record id {id}", content_type.kind());
        return Err(status::not_found(text).into());
    };
    // A task that was given to somebody else is still known to the old owner's mailbox.
    let keys = view::keys(reading, context, content_type, &record)?;
    let known = keys.iter().any(|key| key.rep == context.actor.rep_id);
    if known || view::concerns(reading, context, &record)? {
        Ok(record)
    } else {
        Err(status::not_allowed(&record).into())
    }
}

/// E-mails and appointments share a table; an exception is no item of its own.
pub(super) fn is_kind(record: &Record, kind: Kind, rules: &Rules) -> bool {
    match kind {
        Kind::Mail => rules.is_mail(record.get("Contact")),
        Kind::Appointment => !rules.is_mail(record.get("Contact")) && !record.is("IsSerialContact"),
        _ => true,
    }
}

pub(super) fn gone(record: &Record) -> Status {
    let failed = status::about(StatusCode::NOT_FOUND, record);
    status::because(failed, "deleted", format!("{} was deleted in the CRM", record.target))
}

/// The record changed meanwhile: what it is now is answered, so that the caller can decide again.
pub(super) fn conflict(
    writing: &Writing<'_>,
    context: Context<'_>,
    content_type: ContentType,
    record: &Record,
) -> Result<Status, Outcome> {
    let item = add::readback(writing, context, content_type, record)?;
    let failed = Status { item, ..status::about(StatusCode::CONFLICT, record) };
    Ok(status::because(failed, "changed", format!("{} was changed meanwhile; read it again", record.target)))
}

/// Takes the marks of deletion off an item.
fn restore(
    writing: &mut Writing<'_>,
    context: Context<'_>,
    content_type: ContentType,
    before: &RecordSet,
    record: &Record,
) -> Result<(), StorageError> {
    writing.undelete(&record.target)?;
    // What deleting an empty record would write is what marks a deleted one.
    let empty = RecordSet::of(ItemRecord::new(before.primary.info_area));
    let Ok(marked) = mark_deleted(content_type.kind(), &empty, context.rules) else { return Ok(()) };
    for record in std::iter::once(&before.primary).chain(&before.exceptions) {
        let marks = marked.primary.fields.iter().filter(|(field, value)| record.get(field) == value.as_str());
        let cleared = marks.map(|(field, _)| (field.clone(), String::new())).collect::<Fields>();
        if let Some(id) = record.id {
            writing.update(&set::target(record.info_area, id), &cleared)?;
        }
    }
    Ok(())
}
