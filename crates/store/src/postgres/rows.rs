//! Rows to values.

use super::fault::Outcome;
use crate::{
    Epoch, JournalEntry, Link, LinkId, Linked, Mailbox, MailboxSeed, MailboxStatus, NewEntry, Object,
    ObjectId, Pending, stored,
};
use std::collections::BTreeMap;
use tandem_model::{EmailAddress, Etag, GraphId, MailboxId, RecordId, Stamp};
use tokio_postgres::Row;

/// What [`linked`] reads. `m` is the link's mailbox, `o` its object.
pub(super) const LINKED: &str = "SELECT l.id, m.graph_user, l.kind, l.graph, l.object, l.role, l.state, l.reason, \
     l.detail, l.etag, l.stamp, l.todo, l.due, l.attempts, l.base_m365, l.base_crm, l.place, o.id, o.kind, o.key, \
     o.record, o.lead, o.version FROM link l JOIN mailbox m ON m.id = l.mailbox LEFT JOIN object o ON o.id = l.object";

/// What [`object`] reads.
pub(super) const OBJECT: &str = "SELECT o.id, o.kind, o.key, o.record, o.lead, o.version FROM object o";

/// What [`status`] reads.
pub(super) const MAILBOX: &str = "SELECT graph_user, address, addresses, name, rep, kinds, enabled, epoch, cycles, \
     last_success, last_cycle, last_writes, last_error, errors_in_a_row FROM mailbox";

/// What [`entry`] reads.
pub(super) const ENTRY: &str =
    "SELECT seq, at, mailbox, kind, key, graph, record, step, code, text, facts FROM journal";

pub(super) fn linked(row: &Row) -> Outcome<Linked> {
    let object: Option<i64> = row.try_get(17)?;
    let link = Link {
        id: Some(LinkId(row.try_get(0)?)),
        mailbox: MailboxId::new(row.try_get::<_, String>(1)?),
        kind: stored::kind(row.try_get(2)?)?,
        graph: row.try_get::<_, Option<String>>(3)?.map(GraphId::new),
        object: row.try_get::<_, Option<i64>>(4)?.map(ObjectId),
        role: stored::role(row.try_get(5)?)?,
        state: stored::state(row.try_get(6)?)?,
        reason: row.try_get(7)?,
        detail: row.try_get(8)?,
        etag: row.try_get::<_, Option<String>>(9)?.map(Etag::new),
        // The bits of the unsigned number; the database has signed ones only.
        stamp: row.try_get::<_, Option<i64>>(10)?.map(|stamp| Stamp(stamp.cast_unsigned())),
        todo: row.try_get(11)?,
        due: row.try_get::<_, Option<i64>>(12)?.map(stored::instant).transpose()?,
        attempts: small(row.try_get(13)?),
        base: stored::base(row.try_get(14)?, row.try_get(15)?)?,
        place: row.try_get(16)?,
    };
    Ok(Linked { link, object: object.map(|_| object_at(row, 17)).transpose()? })
}

pub(super) fn object(row: &Row) -> Outcome<Object> {
    object_at(row, 0)
}

fn object_at(row: &Row, first: usize) -> Outcome<Object> {
    Ok(Object {
        id: ObjectId(row.try_get(first)?),
        kind: stored::kind(row.try_get(first + 1)?)?,
        key: row.try_get(first + 2)?,
        record: row.try_get::<_, Option<String>>(first + 3)?.map(RecordId::new),
        lead: row.try_get::<_, Option<String>>(first + 4)?.map(MailboxId::new),
        version: row.try_get::<_, i64>(first + 5)?.cast_unsigned(),
    })
}

/// A mailbox without its counts.
pub(super) fn status(row: &Row) -> Outcome<MailboxStatus> {
    let seed = MailboxSeed {
        id: MailboxId::new(row.try_get::<_, String>(0)?),
        address: EmailAddress::new(row.try_get(1)?),
        addresses: stored::json("addresses of a mailbox", row.try_get(2)?)?,
        name: row.try_get(3)?,
        rep: row.try_get(4)?,
        kinds: stored::json("kinds of a mailbox", row.try_get(5)?)?,
    };
    let epoch = Epoch(row.try_get::<_, i64>(7)?.cast_unsigned());
    let cycles = row.try_get::<_, i64>(8)?.cast_unsigned();
    Ok(MailboxStatus {
        mailbox: Mailbox { seed, enabled: row.try_get(6)?, epoch, cycles },
        counts: BTreeMap::new(),
        last_success: row.try_get::<_, Option<i64>>(9)?.map(stored::instant).transpose()?,
        last_cycle: row.try_get::<_, Option<i64>>(10)?.map(stored::instant).transpose()?,
        last_writes: row.try_get::<_, i64>(11)?.cast_unsigned(),
        last_error: row.try_get(12)?,
        errors_in_a_row: small(row.try_get(13)?),
    })
}

pub(super) fn pending(row: &Row) -> Outcome<Pending> {
    Ok(Pending {
        key: row.try_get(0)?,
        kind: stored::kind(row.try_get(1)?)?,
        source: stored::source(row.try_get(2)?, row.try_get(3)?, row.try_get(4)?)?,
        at: stored::instant(row.try_get(5)?)?,
        sent: stored::base(row.try_get(6)?, row.try_get(7)?)?,
    })
}

pub(super) fn entry(row: &Row) -> Outcome<JournalEntry> {
    let facts: Option<&str> = row.try_get(10)?;
    let entry = NewEntry {
        at: stored::instant(row.try_get(1)?)?,
        mailbox: row.try_get::<_, Option<String>>(2)?.map(MailboxId::new),
        kind: row.try_get::<_, Option<&str>>(3)?.map(stored::kind).transpose()?,
        key: row.try_get(4)?,
        graph: row.try_get::<_, Option<String>>(5)?.map(GraphId::new),
        record: row.try_get::<_, Option<String>>(6)?.map(RecordId::new),
        step: stored::step(row.try_get(7)?)?,
        code: row.try_get(8)?,
        text: row.try_get(9)?,
        facts: match facts {
            Some(facts) => stored::json("facts of a journal line", facts)?,
            None => serde_json::Value::Null,
        },
    };
    Ok(JournalEntry { seq: row.try_get(0)?, entry })
}

fn small(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
