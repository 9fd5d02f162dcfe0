//! `Changes`: what changed since an anchor.

use super::replace::is_kind;
use super::status::Outcome;
use super::{Context, area, view, window};
use crate::storage::{Concern, Reading, Record, StorageError};
use tandem_crm_interface::sync::{Change, ChangePage, ContentType, Status, StatusCode, Window};
use tandem_model::Stamp;

/// At most so many records are looked at in one answer, so that filters that hide nearly everything do not keep
/// anybody waiting: the answer then says that there is more.
const MOST_LOOKED_AT: usize = 5_000;

/// The largest page.
const MOST_ANSWERED: u32 = 1_000;

pub(super) fn page(
    reading: &Reading<'_>,
    context: Context<'_>,
    content_type: ContentType,
    since: Stamp,
    window: Option<Window>,
    limit: u32,
) -> Result<ChangePage, Outcome> {
    let last = reading.last_stamp()?;
    if since > last {
        let text = format!(
            "the anchor {since} is newer than the last change {last}: it belongs to another database; ask from 0"
        );
        return Err(Status::failure(StatusCode::REFRESH_REQUIRED, "anchor-unknown", text).into());
    }
    // E-mails never travel back.
    if content_type == ContentType::Record {
        return Ok(ChangePage { changes: Vec::new(), next: last, more: false });
    }
    let limit = limit.clamp(1, MOST_ANSWERED) as usize;
    let mut page = ChangePage { changes: Vec::new(), next: since, more: false };
    let mut looked_at = 0;
    loop {
        let batch = limit.min(256);
        let concerns = concerns(reading, context, content_type, page.next, batch)?;
        let exhausted = concerns.len() < batch;
        for concern in concerns {
            if page.changes.len() == limit || looked_at == MOST_LOOKED_AT {
                page.more = true;
                return Ok(page);
            }
            looked_at += 1;
            page.changes.extend(look(reading, context, content_type, &concern, since, window)?);
            page.next = concern.stamp;
        }
        if exhausted {
            page.next = last;
            return Ok(page);
        }
    }
}

fn concerns(
    reading: &Reading<'_>,
    context: Context<'_>,
    content_type: ContentType,
    since: Stamp,
    limit: usize,
) -> Result<Vec<Concern>, StorageError> {
    match content_type {
        // A contact is a person or a company.
        ContentType::Person => {
            let mut concerns = reading.changed("KP", since, limit)?;
            concerns.extend(reading.changed("FI", since, limit)?);
            concerns.sort_by_key(|concern| concern.stamp);
            concerns.truncate(limit);
            Ok(concerns)
        }
        _ => reading.concerns(&context.actor.rep_id, area(content_type), since, limit),
    }
}

fn look(
    reading: &Reading<'_>,
    context: Context<'_>,
    content_type: ContentType,
    concern: &Concern,
    since: Stamp,
    window: Option<Window>,
) -> Result<Option<Change>, Outcome> {
    let Some(record) = reading.get(&concern.target)? else { return Ok(None) };
    if !is_kind(&record, content_type.kind(), context.rules) || is_echo(context, &record, since) {
        return Ok(None);
    }
    let keys = view::keys(reading, context, content_type, &record)?;
    if keys.is_empty() && window.is_some_and(|window| window::is_certainly_outside(&record, window)) {
        return Ok(None);
    }
    let state = match view::state(reading, context, content_type, &record, &keys) {
        Ok(state) => state,
        // One record that is no item must not stop all others; it is reported where somebody looks.
        Err(Outcome::Status(status)) => {
            tracing::warn!(record = %record.target, reason = status.text.as_deref(), "a record does not travel");
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    let inside = |state: &_| match window {
        Some(window) if keys.is_empty() => window::holds(state, window, &context.actor.rep.zone),
        _ => true,
    };
    let state = state.filter(inside);
    Ok(state.map(|state| view::change(&record, keys, state)))
}

/// The record's last write came from this rep through this client, and nobody else wrote it since the anchor. That the
/// client named somebody's stamp when it wrote proves nothing: the answer may have been lost, and with it all that the
/// client knew.
fn is_echo(context: Context<'_>, record: &Record, since: Stamp) -> bool {
    record.author == context.actor.author && record.unseen <= since
}
