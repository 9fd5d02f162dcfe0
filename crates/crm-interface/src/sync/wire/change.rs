//! A record in an answer: an item of a `Sync` or of `Results`.

use super::message::{location, meta_type, require_uri, uri};
use super::names::{KEY, MODIFIED, PAYLOAD_NAMESPACE, PUBLISH, STAMP, STATE, WINS};
use super::{ReadError, item, message};
use crate::sync::{Change, ContentType, RecordState};
use crate::xml::{Element, Problem, Writer};
use tandem_model::{RecordId, Stamp};

/// What `x-mmState` says of a record that the rep may not see or that is not there.
pub(super) const UNKNOWN: &str = "unknown";

const PRESENT: &str = "present";
const DELETED: &str = "deleted";
const REASSIGNED: &str = "reassigned";

/// The SyncML command by which a change travels: the groupware is told to add what it has no key for.
pub(super) fn command(change: &Change) -> &'static str {
    match change.state {
        RecordState::Present { .. } if change.keys.is_empty() => "Add",
        RecordState::Present { .. } => "Replace",
        RecordState::Deleted | RecordState::Reassigned => "Delete",
    }
}

pub(super) fn write(w: &mut Writer, change: &Change) {
    w.start("Item").plain_attribute(STAMP, change.stamp);
    if let Some(modified) = change.modified {
        w.plain_attribute(MODIFIED, modified);
    }
    match &change.state {
        RecordState::Present { published, wins, .. } => {
            w.attribute(STATE, PRESENT).flag(PUBLISH, *published).flag(WINS, *wins)
        }
        RecordState::Deleted => w.attribute(STATE, DELETED),
        RecordState::Reassigned => w.attribute(STATE, REASSIGNED),
    };
    let mut keys = change.keys.iter();
    if let Some(key) = keys.next() {
        location(w, "Target", key);
    }
    location(w, "Source", change.record.as_str());
    for key in keys {
        w.start(KEY).attribute("xmlns", PAYLOAD_NAMESPACE).text(key).end();
    }
    if let RecordState::Present { item, .. } = &change.state {
        message::content_type(w, ContentType::from(item.kind()));
        item::write(w, item);
    }
    w.end();
}

pub(super) fn read(mut element: Element<'_>) -> Result<Change, ReadError> {
    let record = RecordId::new(require_uri(&element, "Source")?);
    let stamp = element.parse_attribute(STAMP, "a change number")?;
    let stamp = Stamp(stamp.ok_or_else(|| element.error(Problem::Missing(STAMP)))?);
    let modified = element.parse_attribute(MODIFIED, "an instant such as 2026-03-29T08:00:00Z")?;
    let mut keys: Vec<String> = uri(&element, "Target").map(str::to_owned).into_iter().collect();
    keys.extend(
        element.children().iter().filter(|child| child.local() == KEY).map(|child| child.text().to_owned()),
    );
    let state = match element.require_attribute(STATE)? {
        PRESENT => present(&mut element)?,
        DELETED => RecordState::Deleted,
        REASSIGNED => RecordState::Reassigned,
        other => return Err(element.invalid(other, "present, deleted or reassigned")),
    };
    Ok(Change { record, keys, stamp, modified, state })
}

fn present(element: &mut Element<'_>) -> Result<RecordState, ReadError> {
    let content_type = meta_type(element)?.ok_or_else(|| element.error(Problem::Missing("Meta/Type")))?;
    let (published, wins) = (element.flag(PUBLISH)?, element.flag(WINS)?);
    let data = element.take("Data").ok_or_else(|| element.error(Problem::Missing("Data")))?;
    Ok(RecordState::Present { item: Box::new(item::read(data, content_type)?), published, wins })
}
