//! A record as the acting rep sees it.

use super::{Context, key_per_mailbox, people, set, status::Outcome};
use crate::storage::{ExternalKey, Reading, Record, StorageError};
use tandem_crm_interface::sync::{Change, ContentType, RecordState};
use tandem_groupware::{RecordSet, is_published, to_item, visible};
use tandem_model::Item;

/// The item that records are.
pub(super) fn item(
    reading: &Reading<'_>,
    context: Context<'_>,
    content_type: ContentType,
    set: &RecordSet,
) -> Result<Item, Outcome> {
    let linked = people::linked(reading, set)?;
    Ok(to_item(content_type.kind(), set, &context.actor.rep, &linked, context.rules)?)
}

/// The groupware ids of a record that mean something to the acting rep's mailbox.
pub(super) fn keys(
    reading: &Reading<'_>,
    context: Context<'_>,
    content_type: ContentType,
    record: &Record,
) -> Result<Vec<ExternalKey>, StorageError> {
    let mut keys = reading.keys_of(content_type, &record.target)?;
    if key_per_mailbox(content_type) {
        keys.retain(|key| key.rep == context.actor.rep_id);
    }
    Ok(keys)
}

/// Whether the record was deleted: by the CRM, or by the mark that `forms.xml` sets.
pub(super) fn is_deleted(
    context: Context<'_>,
    content_type: ContentType,
    record: &Record,
    set: &RecordSet,
) -> bool {
    record.deleted || tandem_groupware::is_deleted(content_type.kind(), set, context.rules)
}

/// Whether the record is the acting rep's business: his own, one that he takes part in, or one whose copy his
/// mailbox is known to hold. Persons are everybody's business unless rights
/// hide them; `visible` says which of them travel.
pub(super) fn concerns(
    reading: &Reading<'_>,
    context: Context<'_>,
    record: &Record,
) -> Result<bool, StorageError> {
    let rep = &context.actor.rep_id;
    if matches!(record.target.area.as_str(), "KP" | "FI") {
        return Ok(!context.actor.hides_others(context.rules) || record.get("RepID") == rep);
    }
    Ok(record.get("RepID") == rep
        || reading.holds(rep, &record.target)?
        || reading.concerned(record)?.contains(rep))
}

/// What a record is now for the acting rep; nothing when it is none of his business and was never in his mailbox.
pub(super) fn state(
    reading: &Reading<'_>,
    context: Context<'_>,
    content_type: ContentType,
    record: &Record,
    keys: &[ExternalKey],
) -> Result<Option<RecordState>, Outcome> {
    let known = !keys.is_empty();
    let set = set::read(reading, record)?;
    if is_deleted(context, content_type, record, &set) {
        // What was handed over before it was deleted went from this rep before.
        let one_rep = matches!(content_type, ContentType::Tasks | ContentType::Absences);
        let moved = one_rep && !concerns(reading, context, record)?;
        return Ok(known.then_some(if moved { RecordState::Reassigned } else { RecordState::Deleted }));
    }
    if !concerns(reading, context, record)? {
        let moved = content_type != ContentType::Person && known;
        return Ok(moved.then_some(RecordState::Reassigned));
    }
    if !visible(content_type.kind(), &set, &context.actor.rep, context.rules) {
        return Ok(None);
    }
    present(reading, context, content_type, &set).map(Some)
}

pub(super) fn present(
    reading: &Reading<'_>,
    context: Context<'_>,
    content_type: ContentType,
    set: &RecordSet,
) -> Result<RecordState, Outcome> {
    Ok(RecordState::Present {
        item: Box::new(item(reading, context, content_type, set)?),
        published: is_published(set, context.rules),
        wins: context.rules.switches.crm_wins,
    })
}

/// A record and its state as a change.
pub(super) fn change(record: &Record, keys: Vec<ExternalKey>, state: RecordState) -> Change {
    Change {
        record: record.target.record_id(),
        keys: keys.into_iter().map(|key| key.key).collect(),
        stamp: record.stamp,
        modified: Some(record.modified),
        state,
    }
}
