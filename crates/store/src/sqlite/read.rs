//! Questions.

use super::fault::{Fault, Outcome};
use super::rows::{self, LINKED, MAILBOX, OBJECT};
use crate::instant::micros;
use crate::{LinkId, Linked, MailboxStatus, Object, ObjectId, Pending};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Params, Row, params};
use std::collections::BTreeMap;
use tandem_model::{GraphId, Kind, MailboxId, RecordId};

/// All rows of a query, in its order.
pub(super) fn all<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    read: impl Fn(&Row<'_>) -> Outcome<T>,
) -> Outcome<Vec<T>> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut values = Vec::new();
    while let Some(row) = rows.next()? {
        values.push(read(row)?);
    }
    drop(rows);
    #[cfg(test)]
    super::plans::note(sql, &statement);
    Ok(values)
}

/// Journal lines behind a number, oldest first.
pub(super) fn journal_after(
    connection: &Connection,
    seq: i64,
    limit: u32,
) -> Outcome<Vec<crate::JournalEntry>> {
    let sql = format!("{} WHERE seq > ?1 ORDER BY seq LIMIT ?2", rows::ENTRY);
    all(connection, &sql, params![seq, limit], rows::entry)
}

/// The number of the newest journal line.
pub(super) fn newest_line(connection: &Connection) -> Outcome<i64> {
    Ok(connection.query_row("SELECT coalesce(max(seq), 0) FROM journal", [], |row| row.get(0))?)
}

/// Mailboxes by address, without counts.
pub(super) fn mailboxes(connection: &Connection) -> Outcome<Vec<MailboxStatus>> {
    all(connection, &format!("{MAILBOX} ORDER BY address, user"), [], rows::status)
}

pub(super) fn status(connection: &Connection) -> Outcome<Vec<MailboxStatus>> {
    let mut mailboxes = mailboxes(connection)?;
    let sql = "SELECT m.user, l.kind, l.state, l.reason, count(*) FROM link l JOIN mailbox m ON m.id = l.mailbox \
               GROUP BY l.mailbox, l.kind, l.state, l.reason";
    let counts = all(connection, sql, [], |row| {
        let (user, reason): (String, String) = (row.get(0)?, row.get(3)?);
        let count = row.get::<_, i64>(4)?.cast_unsigned();
        Ok((user, rows::kind(row, 1)?, crate::stored::state(&row.get::<_, String>(2)?)?, reason, count))
    })?;
    let mut of_user: BTreeMap<String, BTreeMap<Kind, crate::KindCounts>> = BTreeMap::new();
    for (user, kind, state, reason, count) in counts {
        of_user.entry(user).or_default().entry(kind).or_default().add(state, &reason, count);
    }
    for mailbox in &mut mailboxes {
        mailbox.counts = of_user.remove(mailbox.mailbox.seed.id.as_str()).unwrap_or_default();
    }
    Ok(mailboxes)
}

pub(super) fn cursor(
    connection: &Connection,
    mailbox: &MailboxId,
    collection: &str,
) -> Outcome<Option<String>> {
    let sql = "SELECT c.position FROM mailbox m JOIN cursor c ON c.mailbox = m.id WHERE m.user = ?1 AND c.collection = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_row(params![mailbox.as_str(), collection], |row| row.get(0)).optional()?)
}

pub(super) fn cursors(
    connection: &Connection,
    mailbox: &MailboxId,
    prefix: &str,
) -> Outcome<Vec<(String, String)>> {
    let sql = "SELECT c.collection, c.position FROM mailbox m JOIN cursor c ON c.mailbox = m.id \
               WHERE m.user = ?1 AND c.collection >= ?2 ORDER BY c.collection";
    let mut found =
        all(connection, sql, params![mailbox.as_str(), prefix], |row| Ok((row.get(0)?, row.get(1)?)))?;
    found.retain(|(collection, _): &(String, String)| collection.starts_with(prefix));
    Ok(found)
}

pub(super) fn links_by_graph(
    connection: &Connection,
    mailbox: &MailboxId,
    kind: Kind,
    ids: &[GraphId],
) -> Outcome<Vec<Linked>> {
    let sql = format!(
        "{LINKED} WHERE l.graph = ?1 AND l.mailbox = (SELECT id FROM mailbox WHERE user = ?2) AND l.kind = ?3"
    );
    links_of_each(connection, &sql, ids.iter().map(GraphId::as_str), mailbox, kind)
}

pub(super) fn links_by_record(
    connection: &Connection,
    mailbox: &MailboxId,
    kind: Kind,
    records: &[RecordId],
) -> Outcome<Vec<Linked>> {
    let sql = format!(
        "{LINKED} WHERE l.object = (SELECT id FROM object WHERE record = ?1 AND kind = ?3) \
         AND l.mailbox = (SELECT id FROM mailbox WHERE user = ?2) AND l.kind = ?3"
    );
    links_of_each(connection, &sql, records.iter().map(RecordId::as_str), mailbox, kind)
}

fn links_of_each<'a>(
    connection: &Connection,
    sql: &str,
    names: impl Iterator<Item = &'a str>,
    mailbox: &MailboxId,
    kind: Kind,
) -> Outcome<Vec<Linked>> {
    let mut found = BTreeMap::new();
    for name in names {
        for linked in all(connection, sql, params![name, mailbox.as_str(), kind.as_str()], rows::linked)? {
            found.insert(linked.link.id, linked);
        }
    }
    Ok(found.into_values().collect())
}

pub(super) fn objects_by_key<'a>(
    connection: &Connection,
    kind: Kind,
    keys: impl Iterator<Item = &'a str>,
) -> Outcome<Vec<Object>> {
    objects_of_each(connection, &format!("{OBJECT} WHERE o.key = ?1 AND o.kind = ?2"), kind, keys)
}

pub(super) fn objects_by_record<'a>(
    connection: &Connection,
    kind: Kind,
    records: impl Iterator<Item = &'a str>,
) -> Outcome<Vec<Object>> {
    objects_of_each(connection, &format!("{OBJECT} WHERE o.record = ?1 AND o.kind = ?2"), kind, records)
}

fn objects_of_each<'a>(
    connection: &Connection,
    sql: &str,
    kind: Kind,
    names: impl Iterator<Item = &'a str>,
) -> Outcome<Vec<Object>> {
    let mut found = BTreeMap::new();
    for name in names {
        for object in all(connection, sql, params![name, kind.as_str()], rows::object)? {
            found.insert(object.id, object);
        }
    }
    Ok(found.into_values().collect())
}

pub(super) fn copies(connection: &Connection, object: ObjectId) -> Outcome<Vec<Linked>> {
    all(connection, &format!("{LINKED} WHERE l.object = ?1 ORDER BY l.id"), params![object.0], rows::linked)
}

pub(super) fn due(
    connection: &Connection,
    mailbox: &MailboxId,
    kind: Kind,
    now: Timestamp,
    horizon: Timestamp,
    after: Option<LinkId>,
    limit: usize,
) -> Outcome<Vec<Linked>> {
    // The first half of the condition repeats the index's own, or SQLite would not use it.
    let sql = format!(
        "{LINKED} WHERE (l.due IS NOT NULL OR l.todo IS NOT NULL) \
         AND (l.todo IS NOT NULL OR l.due <= ?5 OR l.due > ?6) AND {PAGE}"
    );
    let (start, count, now, horizon) = (start(after), count(limit), micros(now), micros(horizon));
    let page = params![mailbox.as_str(), kind.as_str(), start, count, now, horizon];
    all(connection, &sql, page, rows::linked)
}

pub(super) fn links(
    connection: &Connection,
    mailbox: &MailboxId,
    kind: Kind,
    after: Option<LinkId>,
    limit: usize,
) -> Outcome<Vec<Linked>> {
    let page = params![mailbox.as_str(), kind.as_str(), start(after), count(limit)];
    all(connection, &format!("{LINKED} WHERE {PAGE}"), page, rows::linked)
}

const PAGE: &str = "l.mailbox = (SELECT id FROM mailbox WHERE user = ?1) AND l.kind = ?2 AND l.id > ?3 ORDER BY l.id LIMIT ?4";

fn start(after: Option<LinkId>) -> i64 {
    after.map_or(0, |id| id.0)
}

fn count(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

pub(super) fn outbox(connection: &Connection, mailbox: &MailboxId) -> Outcome<Vec<Pending>> {
    let sql = "SELECT p.key, p.kind, p.record, p.graph, p.place, p.at, p.sent_m365, p.sent_crm \
               FROM mailbox m JOIN outbox p ON p.mailbox = m.id \
               WHERE m.user = ?1 ORDER BY p.at, p.key";
    all(connection, sql, params![mailbox.as_str()], rows::pending)
}

pub(super) fn find(connection: &Connection, item: &str) -> Outcome<Vec<Linked>> {
    let sql = format!(
        "{LINKED} WHERE l.id IN (SELECT id FROM link WHERE graph = ?1 UNION \
         SELECT id FROM link WHERE object IN (SELECT id FROM object WHERE key = ?1 UNION SELECT id FROM object WHERE record = ?1)) \
         ORDER BY l.id"
    );
    all(connection, &sql, params![item], rows::linked)
}

/// The store's number of a mailbox, with its newest claim.
pub(super) fn mailbox(connection: &Connection, mailbox: &MailboxId) -> Outcome<(i64, i64)> {
    let mut statement = connection.prepare_cached("SELECT id, epoch FROM mailbox WHERE user = ?1")?;
    let found = statement.query_row([mailbox.as_str()], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    found.ok_or_else(|| Fault::Rule(crate::StoreError::UnknownMailbox(mailbox.clone())))
}
