//! `Map` and `Get`: which groupware id a record has, and what it is.

use super::status::{self, Outcome};
use super::{Context, key_per_mailbox, replace, set, view};
use crate::storage::{Reading, Writing};
use tandem_crm_interface::sync::{ContentType, CurrentRecord, RecordState, Status, StatusCode};
use tandem_model::RecordId;

pub(super) fn map(
    writing: &mut Writing<'_>,
    context: Context<'_>,
    id: &RecordId,
    content_type: ContentType,
    key: &str,
) -> Result<Status, Outcome> {
    if key.is_empty() {
        return Err(status::incomplete("the command names no groupware id").into());
    }
    let record = replace::existing(writing, context, id, content_type)?;
    if let Some(known) = writing.key(content_type, key)? {
        if known.target == record.target {
            return Ok(status::about(StatusCode::OK, &record));
        }
        let failed = Status { record: Some(known.target.record_id()), ..Status::new(StatusCode::CONFLICT) };
        let text = format!("the groupware id belongs to {} already", known.target);
        return Err(status::because(failed, "key-taken", text).into());
    }
    if key_per_mailbox(content_type) {
        // One item in each mailbox: the new id takes the place of the old one (a task that moved between lists).
        for old in view::keys(writing, context, content_type, &record)? {
            writing.delete(&old.row)?;
        }
    }
    writing.add_key(content_type, key, &record.target, &context.actor.rep_id)?;
    Ok(status::about(StatusCode::OK, &record))
}

pub(super) fn get(
    reading: &Reading<'_>,
    context: Context<'_>,
    id: &RecordId,
    content_type: ContentType,
) -> Result<CurrentRecord, Outcome> {
    let record = match replace::existing(reading, context, id, content_type) {
        Ok(record) => record,
        Err(Outcome::Status(_)) => return Ok(CurrentRecord::Unknown),
        Err(error) => return Err(error),
    };
    let keys = view::keys(reading, context, content_type, &record)?;
    let state = match view::state(reading, context, content_type, &record, &keys)? {
        Some(state) => state,
        // One who asks for it by its id is told that it is gone, though no key leads to it.
        None if view::is_deleted(context, content_type, &record, &set::read(reading, &record)?) => {
            RecordState::Deleted
        }
        // A filter hides it from changes, but the mailbox holds its copy, whichever connector brought it there.
        None if !keys.is_empty() || reading.is_noted(content_type, &record.target)? => {
            view::present(reading, context, content_type, &set::read(reading, &record)?)?
        }
        None => return Ok(CurrentRecord::Unknown),
    };
    Ok(CurrentRecord::Known(view::change(&record, keys, state)))
}
