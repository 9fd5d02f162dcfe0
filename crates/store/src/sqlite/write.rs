//! Changes. Each function runs inside a savepoint and leaves nothing when it fails.

use super::fault::{Fault, Outcome, is_constraint};
use super::read;
use crate::commit::name_of;
use crate::instant::micros;
use crate::stored;
use crate::{
    Commit, Cursor, CycleOutcome, Epoch, Link, LinkId, LinkWrite, MailboxSeed, NewEntry, ObjectId,
    ObjectWrite, Pending, StoreError,
};
use jiff::Timestamp;
use rusqlite::{Connection, params};
use tandem_model::{Etag, GraphId, Kind, MailboxId, RecordId};

pub(super) fn register(connection: &Connection, seeds: &[MailboxSeed]) -> Outcome<u64> {
    connection.execute("UPDATE mailbox SET enabled = 0", [])?;
    let mut statement = connection.prepare_cached(
        "INSERT INTO mailbox (user, address, addresses, name, rep, kinds, enabled) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1) \
         ON CONFLICT (user) DO UPDATE SET address = excluded.address, addresses = excluded.addresses, \
         name = excluded.name, rep = excluded.rep, kinds = excluded.kinds, enabled = 1",
    )?;
    for seed in seeds {
        let (addresses, kinds) = (
            stored::to_json("addresses of a mailbox", &seed.addresses)?,
            stored::to_json("kinds of a mailbox", &seed.kinds)?,
        );
        statement.execute(params![
            seed.id.as_str(),
            seed.address.as_str(),
            addresses,
            seed.name,
            seed.rep,
            kinds
        ])?;
    }
    Ok(0)
}

pub(super) fn claim(connection: &Connection, mailbox: &MailboxId) -> Outcome<u64> {
    let (id, epoch) = read::mailbox(connection, mailbox)?;
    connection
        .prepare_cached("UPDATE mailbox SET epoch = ?2 WHERE id = ?1")?
        .execute(params![id, epoch + 1])?;
    Ok((epoch + 1).cast_unsigned())
}

pub(super) fn commit(
    connection: &Connection,
    mailbox: &MailboxId,
    epoch: Epoch,
    commit: &Commit,
) -> Outcome<u64> {
    let number = fence(connection, mailbox, epoch)?;
    for object in &commit.objects {
        write_object(connection, object)?;
    }
    for LinkWrite { link, object } in &commit.links {
        let object = object.as_ref().map(|object| write_object(connection, object)).transpose()?;
        write_link(connection, mailbox, number, link, object.or(link.object))?;
    }
    for cursor in &commit.cursors {
        write_cursor(connection, number, cursor)?;
    }
    for key in &commit.settled {
        connection
            .prepare_cached("DELETE FROM outbox WHERE mailbox = ?1 AND key = ?2")?
            .execute(params![number, key])?;
    }
    for entry in &commit.journal {
        write_entry(connection, entry)?;
    }
    Ok(0)
}

pub(super) fn reserve(
    connection: &Connection,
    mailbox: &MailboxId,
    epoch: Epoch,
    rows: &[Pending],
) -> Outcome<u64> {
    let number = fence(connection, mailbox, epoch)?;
    let mut statement = connection.prepare_cached(
        "INSERT INTO outbox (mailbox, key, kind, record, graph, place, at, sent_m365, sent_crm) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) \
         ON CONFLICT (mailbox, key) DO UPDATE SET at = excluded.at",
    )?;
    for row in rows {
        let (m365, crm) = stored::base_columns(row.sent.as_ref())?;
        let (record, graph, place) = stored::source_columns(&row.source);
        statement.execute(params![
            number,
            row.key,
            row.kind.as_str(),
            record,
            graph,
            place,
            micros(row.at),
            m365,
            crm
        ])?;
    }
    Ok(0)
}

pub(super) fn finish(
    connection: &Connection,
    mailbox: &MailboxId,
    epoch: Epoch,
    outcome: &CycleOutcome,
) -> Outcome<u64> {
    let number = fence(connection, mailbox, epoch)?;
    let complete = outcome.error.is_none();
    connection
        .prepare_cached(
            "UPDATE mailbox SET last_cycle = ?2, last_millis = ?3, last_writes = ?4, last_error = ?5, \
             cycles = cycles + ?6, last_success = iif(?6, ?2, last_success), \
             errors_in_a_row = iif(?6, 0, errors_in_a_row + 1) WHERE id = ?1",
        )?
        .execute(params![
            number,
            micros(outcome.at),
            outcome.millis.cast_signed(),
            outcome.writes.cast_signed(),
            outcome.error,
            complete
        ])?;
    Ok(0)
}

pub(super) fn prune_journal(connection: &Connection, before: Timestamp) -> Outcome<u64> {
    // Walks from the oldest line to the first that stays, and no further.
    let first_kept = "SELECT seq FROM journal WHERE at >= ?1 ORDER BY seq LIMIT 1";
    let sql = format!("DELETE FROM journal WHERE seq < coalesce(({first_kept}), 9223372036854775807)");
    Ok(connection.prepare_cached(&sql)?.execute(params![micros(before)])? as u64)
}

pub(super) fn limit_size(connection: &Connection, bytes: u64) -> Outcome<u64> {
    let page: i64 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
    let pages = i64::try_from(bytes / page.cast_unsigned().max(1)).unwrap_or(i64::MAX).max(1);
    // SQLite never goes below what the file has already.
    Ok(connection
        .pragma_update_and_check(None, "max_page_count", pages, |row| row.get::<_, i64>(0))?
        .cast_unsigned())
}

/// The store's number of the mailbox, if the claim is still its newest.
fn fence(connection: &Connection, mailbox: &MailboxId, epoch: Epoch) -> Outcome<i64> {
    match read::mailbox(connection, mailbox)? {
        (number, newest) if newest.cast_unsigned() == epoch.0 => Ok(number),
        _ => Err(StoreError::Fenced { mailbox: mailbox.clone() }.into()),
    }
}

fn write_object(connection: &Connection, write: &ObjectWrite) -> Outcome<ObjectId> {
    let conflict = || Fault::Rule(StoreError::Conflict { kind: write.kind, key: name_of(write) });
    let (kind, key) = (write.kind.as_str(), write.key.as_deref());
    let (record, lead) =
        (write.record.as_ref().map(RecordId::as_str), write.lead.as_ref().map(MailboxId::as_str));
    let changed = match write.id {
        None => connection
            .prepare_cached(
                "INSERT INTO object (kind, key, record, lead, version) VALUES (?1, ?2, ?3, ?4, 1)",
            )?
            .execute(params![kind, key, record, lead]),
        Some(id) => connection
            .prepare_cached(
                "UPDATE object SET key = ?2, record = ?3, lead = ?4, version = version + 1 \
                 WHERE id = ?5 AND version = ?6 AND kind = ?1",
            )?
            .execute(params![kind, key, record, lead, id.0, write.version.cast_signed()]),
    };
    match changed {
        Ok(0) => Err(conflict()),
        Ok(_) => Ok(write.id.unwrap_or_else(|| ObjectId(connection.last_insert_rowid()))),
        Err(error) if is_constraint(&error) => Err(conflict()),
        Err(error) => Err(error.into()),
    }
}

fn write_link(
    connection: &Connection,
    mailbox: &MailboxId,
    number: i64,
    link: &Link,
    object: Option<ObjectId>,
) -> Outcome<()> {
    if link.mailbox != *mailbox {
        return Err(StoreError::Fenced { mailbox: link.mailbox.clone() }.into());
    }
    let conflict = || Fault::Rule(StoreError::Conflict { kind: link.kind, key: link.name() });
    let sql = if link.id.is_some() {
        "UPDATE link SET graph = ?4, object = ?5, role = ?6, state = ?7, reason = ?8, detail = ?9, etag = ?10, \
         stamp = ?11, todo = ?12, due = ?13, attempts = ?14, base_m365 = ?15, base_crm = ?16, place = ?17 \
         WHERE id = ?1 AND mailbox = ?2 AND kind = ?3"
    } else {
        "INSERT INTO link (id, mailbox, kind, graph, object, role, state, reason, detail, etag, stamp, todo, due, \
         attempts, base_m365, base_crm, place) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)"
    };
    let (m365, crm) = stored::base_columns(link.base.as_ref())?;
    let changed = connection.prepare_cached(sql)?.execute(params![
        link.id.map(|LinkId(id)| id),
        number,
        link.kind.as_str(),
        link.graph.as_ref().map(GraphId::as_str),
        object.map(|ObjectId(id)| id),
        link.role.as_str(),
        link.state.as_str(),
        link.reason,
        link.detail,
        link.etag.as_ref().map(Etag::as_str),
        link.stamp.map(|stamp| stamp.0.cast_signed()),
        link.todo,
        link.due.map(micros),
        link.attempts,
        m365,
        crm,
        link.place,
    ]);
    match changed {
        Ok(0) => Err(conflict()),
        Ok(_) => Ok(()),
        Err(error) if is_constraint(&error) => Err(conflict()),
        Err(error) => Err(error.into()),
    }
}

fn write_cursor(connection: &Connection, mailbox: i64, cursor: &Cursor) -> Outcome<()> {
    match &cursor.position {
        Some(position) => connection
            .prepare_cached(
                "INSERT INTO cursor (mailbox, collection, position) VALUES (?1, ?2, ?3) \
                 ON CONFLICT DO UPDATE SET position = excluded.position",
            )?
            .execute(params![mailbox, cursor.collection, position])?,
        None => connection
            .prepare_cached("DELETE FROM cursor WHERE mailbox = ?1 AND collection = ?2")?
            .execute(params![mailbox, cursor.collection])?,
    };
    Ok(())
}

fn write_entry(connection: &Connection, entry: &NewEntry) -> Outcome<()> {
    let facts = if entry.facts.is_null() { None } else { Some(entry.facts.to_string()) };
    connection
        .prepare_cached(
            "INSERT INTO journal (at, mailbox, kind, key, graph, record, step, code, text, facts) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute(params![
            micros(entry.at),
            entry.mailbox.as_ref().map(MailboxId::as_str),
            entry.kind.map(Kind::as_str),
            entry.key,
            entry.graph.as_ref().map(GraphId::as_str),
            entry.record.as_ref().map(RecordId::as_str),
            entry.step.as_str(),
            entry.code,
            entry.text,
            facts,
        ])?;
    Ok(())
}
