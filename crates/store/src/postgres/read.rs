//! Questions.

use super::fault::{Fault, Outcome};
use super::rows::{self, ENTRY, LINKED, MAILBOX, OBJECT};
use crate::instant::micros;
use crate::{JournalEntry, KindCounts, LinkId, Linked, MailboxStatus, Object, ObjectId, Pending, stored};
use deadpool_postgres::Transaction;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use tandem_model::{GraphId, Kind, MailboxId, RecordId};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

/// All rows of a query, in its order.
async fn all<T>(
    client: &Transaction<'_>,
    sql: &str,
    params: &[&(dyn ToSql + Sync)],
    read: impl Fn(&Row) -> Outcome<T>,
) -> Outcome<Vec<T>> {
    let statement = client.prepare_cached(sql).await?;
    client.query(&statement, params).await?.iter().map(read).collect()
}

/// Mailboxes by address, without counts.
pub(super) async fn mailboxes(client: &Transaction<'_>) -> Outcome<Vec<MailboxStatus>> {
    all(client, &format!("{MAILBOX} ORDER BY address, graph_user"), &[], rows::status).await
}

pub(super) async fn status(client: &Transaction<'_>) -> Outcome<Vec<MailboxStatus>> {
    let mut mailboxes = mailboxes(client).await?;
    let sql = "SELECT m.graph_user, l.kind, l.state, l.reason, count(*) FROM link l JOIN mailbox m ON m.id = l.mailbox \
               GROUP BY m.graph_user, l.kind, l.state, l.reason";
    let counts = all(client, sql, &[], |row| {
        let (user, reason): (String, String) = (row.try_get(0)?, row.try_get(3)?);
        let count = row.try_get::<_, i64>(4)?.cast_unsigned();
        Ok((user, stored::kind(row.try_get(1)?)?, stored::state(row.try_get(2)?)?, reason, count))
    })
    .await?;
    let mut of_user: BTreeMap<String, BTreeMap<Kind, KindCounts>> = BTreeMap::new();
    for (user, kind, state, reason, count) in counts {
        of_user.entry(user).or_default().entry(kind).or_default().add(state, &reason, count);
    }
    for mailbox in &mut mailboxes {
        mailbox.counts = of_user.remove(mailbox.mailbox.seed.id.as_str()).unwrap_or_default();
    }
    Ok(mailboxes)
}

pub(super) async fn cursor(
    client: &Transaction<'_>,
    mailbox: &MailboxId,
    collection: &str,
) -> Outcome<Option<String>> {
    let sql = "SELECT c.position FROM mailbox m JOIN cursor c ON c.mailbox = m.id \
               WHERE m.graph_user = $1 AND c.collection = $2";
    Ok(all(client, sql, &[&mailbox.as_str(), &collection], |row| Ok(row.try_get(0)?)).await?.pop())
}

pub(super) async fn cursors(
    client: &Transaction<'_>,
    mailbox: &MailboxId,
    prefix: &str,
) -> Outcome<Vec<(String, String)>> {
    let sql = "SELECT c.collection, c.position FROM mailbox m JOIN cursor c ON c.mailbox = m.id \
               WHERE m.graph_user = $1 AND starts_with(c.collection, $2) ORDER BY c.collection";
    all(client, sql, &[&mailbox.as_str(), &prefix], |row| Ok((row.try_get(0)?, row.try_get(1)?))).await
}

/// Condition for one mailbox and kind.
const OF_MAILBOX: &str = "l.mailbox = (SELECT id FROM mailbox WHERE graph_user = $1) AND l.kind = $2";

pub(super) async fn links_by_graph(
    client: &Transaction<'_>,
    mailbox: &MailboxId,
    kind: Kind,
    ids: &[GraphId],
) -> Outcome<Vec<Linked>> {
    let sql = format!("{LINKED} WHERE {OF_MAILBOX} AND l.graph = ANY($3) ORDER BY l.id");
    let ids: Vec<&str> = ids.iter().map(GraphId::as_str).collect();
    all(client, &sql, &[&mailbox.as_str(), &kind.as_str(), &ids], rows::linked).await
}

pub(super) async fn links_by_record(
    client: &Transaction<'_>,
    mailbox: &MailboxId,
    kind: Kind,
    records: &[RecordId],
) -> Outcome<Vec<Linked>> {
    let sql = format!(
        "{LINKED} WHERE {OF_MAILBOX} \
         AND l.object IN (SELECT id FROM object WHERE record = ANY($3) AND kind = $2) ORDER BY l.id"
    );
    let records: Vec<&str> = records.iter().map(RecordId::as_str).collect();
    all(client, &sql, &[&mailbox.as_str(), &kind.as_str(), &records], rows::linked).await
}

pub(super) async fn objects_by_key(
    client: &Transaction<'_>,
    kind: Kind,
    keys: &[String],
) -> Outcome<Vec<Object>> {
    let sql = format!("{OBJECT} WHERE o.key = ANY($1) AND o.kind = $2 ORDER BY o.id");
    all(client, &sql, &[&keys, &kind.as_str()], rows::object).await
}

pub(super) async fn objects_by_record(
    client: &Transaction<'_>,
    kind: Kind,
    records: &[RecordId],
) -> Outcome<Vec<Object>> {
    let sql = format!("{OBJECT} WHERE o.record = ANY($1) AND o.kind = $2 ORDER BY o.id");
    let records: Vec<&str> = records.iter().map(RecordId::as_str).collect();
    all(client, &sql, &[&records, &kind.as_str()], rows::object).await
}

pub(super) async fn copies(client: &Transaction<'_>, object: ObjectId) -> Outcome<Vec<Linked>> {
    let sql = format!("{LINKED} WHERE l.object = $1 ORDER BY l.id");
    all(client, &sql, &[&object.0], rows::linked).await
}

pub(super) async fn due(
    client: &Transaction<'_>,
    mailbox: &MailboxId,
    kind: Kind,
    now: Timestamp,
    horizon: Timestamp,
    after: Option<LinkId>,
    limit: usize,
) -> Outcome<Vec<Linked>> {
    let sql = format!(
        "{LINKED} WHERE {OF_MAILBOX} AND l.id > $3 AND (l.due IS NOT NULL OR l.todo IS NOT NULL) \
         AND (l.todo IS NOT NULL OR l.due <= $5 OR l.due > $6) ORDER BY l.id LIMIT $4"
    );
    let (start, count, now, horizon) = (start(after), count(limit), micros(now), micros(horizon));
    let page: [&(dyn ToSql + Sync); 6] = [&mailbox.as_str(), &kind.as_str(), &start, &count, &now, &horizon];
    all(client, &sql, &page, rows::linked).await
}

pub(super) async fn links(
    client: &Transaction<'_>,
    mailbox: &MailboxId,
    kind: Kind,
    after: Option<LinkId>,
    limit: usize,
) -> Outcome<Vec<Linked>> {
    let sql = format!("{LINKED} WHERE {OF_MAILBOX} AND l.id > $3 ORDER BY l.id LIMIT $4");
    let (start, count) = (start(after), count(limit));
    all(client, &sql, &[&mailbox.as_str(), &kind.as_str(), &start, &count], rows::linked).await
}

fn start(after: Option<LinkId>) -> i64 {
    after.map_or(0, |id| id.0)
}

fn count(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

pub(super) async fn outbox(client: &Transaction<'_>, mailbox: &MailboxId) -> Outcome<Vec<Pending>> {
    let sql = "SELECT p.key, p.kind, p.record, p.graph, p.place, p.at, p.sent_m365, p.sent_crm \
               FROM mailbox m JOIN outbox p ON p.mailbox = m.id \
               WHERE m.graph_user = $1 ORDER BY p.at, p.key";
    all(client, sql, &[&mailbox.as_str()], rows::pending).await
}

pub(super) async fn find(client: &Transaction<'_>, item: &str) -> Outcome<Vec<Linked>> {
    let sql = format!(
        "{LINKED} WHERE l.id IN (SELECT id FROM link WHERE graph = $1 UNION SELECT id FROM link WHERE object IN \
         (SELECT id FROM object WHERE key = $1 UNION SELECT id FROM object WHERE record = $1)) ORDER BY l.id"
    );
    all(client, &sql, &[&item], rows::linked).await
}

/// Names of the objects that a name belongs to: their keys, records and copies.
const NAMES: &str = "
WITH named (id) AS (
    SELECT id FROM object WHERE key = $1
    UNION SELECT id FROM object WHERE record = $1
    UNION SELECT object FROM link WHERE graph = $1 AND object IS NOT NULL
)
SELECT key FROM object WHERE id IN (SELECT id FROM named) AND key IS NOT NULL
UNION SELECT record FROM object WHERE id IN (SELECT id FROM named) AND record IS NOT NULL
UNION SELECT graph FROM link WHERE object IN (SELECT id FROM named) AND graph IS NOT NULL";

/// The story of one item: its names are collected until none is new, for a line names an object, the object names its
/// copies, and a copy's line names the key that the object had before.
pub(super) async fn story(client: &Transaction<'_>, item: &str) -> Outcome<Vec<JournalEntry>> {
    let by_name =
        format!("{ENTRY} WHERE key = $1 UNION {ENTRY} WHERE graph = $1 UNION {ENTRY} WHERE record = $1");
    let mut known = BTreeSet::from([item.to_owned()]);
    let mut open = vec![item.to_owned()];
    let mut lines = BTreeMap::new();
    while let Some(name) = open.pop() {
        let mut found: Vec<String> = all(client, NAMES, &[&name], |row| Ok(row.try_get(0)?)).await?;
        for line in all(client, &by_name, &[&name], rows::entry).await? {
            let entry = &line.entry;
            found.extend(entry.key.clone());
            found.extend(entry.graph.as_ref().map(ToString::to_string));
            found.extend(entry.record.as_ref().map(ToString::to_string));
            lines.insert(line.seq, line);
        }
        open.extend(found.into_iter().filter(|name| known.insert(name.clone())));
    }
    Ok(lines.into_values().collect())
}

/// The store's number of a mailbox, with its newest claim. The row stays locked until the transaction ends, so that
/// nobody claims the mailbox between the look and the commit.
pub(super) async fn locked_mailbox(client: &Transaction<'_>, mailbox: &MailboxId) -> Outcome<(i64, i64)> {
    let sql = "SELECT id, epoch FROM mailbox WHERE graph_user = $1 FOR UPDATE";
    let found =
        all(client, sql, &[&mailbox.as_str()], |row| Ok((row.try_get(0)?, row.try_get(1)?))).await?.pop();
    found.ok_or_else(|| Fault::Rule(crate::StoreError::UnknownMailbox(mailbox.clone())))
}
