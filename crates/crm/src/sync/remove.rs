//! `Delete`: soft, as `forms.xml` allows.

use super::status::{self, Outcome};
use super::{Context, replace, set, view};
use crate::storage::{Record, Writing};
use tandem_crm_interface::sync::{ContentType, Status, StatusCode};
use tandem_groupware::mark_deleted;
use tandem_model::{RecordId, Stamp};

pub(super) fn remove(
    writing: &mut Writing<'_>,
    context: Context<'_>,
    id: &RecordId,
    content_type: ContentType,
    if_stamp: Option<Stamp>,
) -> Result<Status, Outcome> {
    let record = replace::existing(writing, context, id, content_type)?;
    if content_type == ContentType::Person {
        return forget_person(writing, context, &record);
    }
    let before = set::read(writing, &record)?;
    if view::is_deleted(context, content_type, &record, &before) {
        let answer = status::about(StatusCode::NOT_DELETED, &record);
        return Ok(status::because(
            answer,
            "already-deleted",
            format!("{} was deleted before", record.target),
        ));
    }
    if if_stamp.is_some_and(|stamp| stamp != record.stamp) {
        return Err(replace::conflict(writing, context, content_type, &record)?.into());
    }
    let marked = match mark_deleted(content_type.kind(), &before, context.rules) {
        Ok(marked) => marked,
        Err(why) => return Ok(status::not_deleted(&record, why)),
    };
    let record = set::write(writing, &marked, Some(&before))?;
    Ok(status::about(StatusCode::OK, &record))
}

/// A person belongs to the CRM, not to a mailbox: the mailbox forgets it, the record stays.
fn forget_person(
    writing: &mut Writing<'_>,
    context: Context<'_>,
    record: &Record,
) -> Result<Status, Outcome> {
    for key in view::keys(writing, context, ContentType::Person, record)? {
        writing.delete(&key.row)?;
    }
    let text = format!("{} stays in the CRM; it is only no longer linked to this mailbox", record.target);
    Ok(status::because(status::about(StatusCode::NOT_DELETED, record), "person-kept", text))
}
