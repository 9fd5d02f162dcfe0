//! Rows to values and values to columns.

use super::fault::Outcome;
use crate::{
    Epoch, JournalEntry, Link, LinkId, Linked, Mailbox, MailboxSeed, MailboxStatus, NewEntry, Object,
    ObjectId, Pending, stored,
};
use rusqlite::Row;
use std::collections::BTreeMap;
use tandem_model::{EmailAddress, Etag, GraphId, Kind, MailboxId, RecordId, Stamp};

/// What [`linked`] reads. `m` is the link's mailbox, `o` its object.
pub(super) const LINKED: &str = "SELECT l.id, m.user, l.kind, l.graph, l.object, l.role, l.state, l.reason, l.detail, \
     l.etag, l.stamp, l.todo, l.due, l.attempts, l.base_m365, l.base_crm, l.place, o.id, o.kind, o.key, o.record, o.lead, \
     o.version FROM link l JOIN mailbox m ON m.id = l.mailbox LEFT JOIN object o ON o.id = l.object";

/// What [`object`] reads.
pub(super) const OBJECT: &str = "SELECT o.id, o.kind, o.key, o.record, o.lead, o.version FROM object o";

/// What [`status`] reads.
pub(super) const MAILBOX: &str = "SELECT user, address, addresses, name, rep, kinds, enabled, epoch, cycles, \
     last_success, last_cycle, last_writes, last_error, errors_in_a_row FROM mailbox";

/// What [`entry`] reads.
pub(super) const ENTRY: &str =
    "SELECT seq, at, mailbox, kind, key, graph, record, step, code, text, facts FROM journal";

pub(super) fn linked(row: &Row<'_>) -> Outcome<Linked> {
    let object: Option<i64> = row.get(17)?;
    let link = Link {
        id: Some(LinkId(row.get(0)?)),
        mailbox: MailboxId::new(row.get::<_, String>(1)?),
        kind: kind(row, 2)?,
        graph: row.get::<_, Option<String>>(3)?.map(GraphId::new),
        place: row.get(16)?,
        object: row.get::<_, Option<i64>>(4)?.map(ObjectId),
        role: stored::role(&row.get::<_, String>(5)?)?,
        state: stored::state(&row.get::<_, String>(6)?)?,
        reason: row.get(7)?,
        detail: row.get(8)?,
        etag: row.get::<_, Option<String>>(9)?.map(Etag::new),
        // The bits of the unsigned number; SQLite has signed ones only.
        stamp: row.get::<_, Option<i64>>(10)?.map(|stamp| Stamp(stamp.cast_unsigned())),
        todo: row.get(11)?,
        due: row.get::<_, Option<i64>>(12)?.map(stored::instant).transpose()?,
        attempts: row.get(13)?,
        base: stored::base(row.get(14)?, row.get(15)?)?,
    };
    Ok(Linked { link, object: object.map(|_| object_at(row, 17)).transpose()? })
}

pub(super) fn object(row: &Row<'_>) -> Outcome<Object> {
    object_at(row, 0)
}

fn object_at(row: &Row<'_>, first: usize) -> Outcome<Object> {
    Ok(Object {
        id: ObjectId(row.get(first)?),
        kind: kind(row, first + 1)?,
        key: row.get(first + 2)?,
        record: row.get::<_, Option<String>>(first + 3)?.map(RecordId::new),
        lead: row.get::<_, Option<String>>(first + 4)?.map(MailboxId::new),
        version: row.get::<_, i64>(first + 5)?.cast_unsigned(),
    })
}

/// A mailbox without its counts.
pub(super) fn status(row: &Row<'_>) -> Outcome<MailboxStatus> {
    let seed = MailboxSeed {
        id: MailboxId::new(row.get::<_, String>(0)?),
        address: EmailAddress::new(&row.get::<_, String>(1)?),
        addresses: stored::json("addresses of a mailbox", &row.get::<_, String>(2)?)?,
        name: row.get(3)?,
        rep: row.get(4)?,
        kinds: stored::json("kinds of a mailbox", &row.get::<_, String>(5)?)?,
    };
    let epoch = Epoch(row.get::<_, i64>(7)?.cast_unsigned());
    let cycles = row.get::<_, i64>(8)?.cast_unsigned();
    Ok(MailboxStatus {
        mailbox: Mailbox { seed, enabled: row.get(6)?, epoch, cycles },
        counts: BTreeMap::new(),
        last_success: row.get::<_, Option<i64>>(9)?.map(stored::instant).transpose()?,
        last_cycle: row.get::<_, Option<i64>>(10)?.map(stored::instant).transpose()?,
        last_writes: row.get::<_, i64>(11)?.cast_unsigned(),
        last_error: row.get(12)?,
        errors_in_a_row: row.get(13)?,
    })
}

pub(super) fn pending(row: &Row<'_>) -> Outcome<Pending> {
    Ok(Pending {
        key: row.get(0)?,
        kind: kind(row, 1)?,
        source: stored::source(row.get(2)?, row.get(3)?, row.get(4)?)?,
        at: stored::instant(row.get(5)?)?,
        sent: stored::base(row.get(6)?, row.get(7)?)?,
    })
}

pub(super) fn entry(row: &Row<'_>) -> Outcome<JournalEntry> {
    let kind = row.get::<_, Option<String>>(3)?.map(|word| stored::kind(&word)).transpose()?;
    let facts = row.get::<_, Option<String>>(10)?;
    let entry = NewEntry {
        at: stored::instant(row.get(1)?)?,
        mailbox: row.get::<_, Option<String>>(2)?.map(MailboxId::new),
        kind,
        key: row.get(4)?,
        graph: row.get::<_, Option<String>>(5)?.map(GraphId::new),
        record: row.get::<_, Option<String>>(6)?.map(RecordId::new),
        step: stored::step(&row.get::<_, String>(7)?)?,
        code: row.get(8)?,
        text: row.get(9)?,
        facts: facts
            .map_or(Ok(serde_json::Value::Null), |facts| stored::json("facts of a journal line", &facts))?,
    };
    Ok(JournalEntry { seq: row.get(0)?, entry })
}

pub(super) fn kind(row: &Row<'_>, column: usize) -> Outcome<Kind> {
    Ok(stored::kind(&row.get::<_, String>(column)?)?)
}
