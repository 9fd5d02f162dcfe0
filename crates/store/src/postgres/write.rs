//! Changes. Each function runs inside a transaction, which is rolled back when it fails.

use super::fault::{Fault, Outcome, is_constraint};
use super::read;
use crate::commit::name_of;
use crate::instant::micros;
use crate::{
    Commit, Cursor, CycleOutcome, Epoch, Link, LinkWrite, MailboxSeed, NewEntry, ObjectId, ObjectWrite,
    Pending, StoreError, stored,
};
use deadpool_postgres::Transaction;
use jiff::Timestamp;
use std::borrow::Cow;
use tandem_model::{Etag, GraphId, Kind, MailboxId, RecordId};
use tokio_postgres::types::ToSql;

type Params<'a> = &'a [&'a (dyn ToSql + Sync)];

async fn execute(client: &Transaction<'_>, sql: &str, params: Params<'_>) -> Outcome<u64> {
    let statement = client.prepare_cached(sql).await?;
    Ok(client.execute(&statement, params).await?)
}

/// What a transaction is to change.
pub(super) enum Change<'a> {
    Register(&'a [MailboxSeed]),
    Claim(&'a MailboxId),
    Commit(&'a MailboxId, Epoch, &'a Commit),
    Reserve(&'a MailboxId, Epoch, &'a [Pending]),
    Finish(&'a MailboxId, Epoch, &'a CycleOutcome),
    PruneJournal(Timestamp),
}

impl Change<'_> {
    /// Does it. Answers the epoch of a claim and the number of lines that were forgotten, else 0.
    pub(super) async fn carry_out(&self, client: &Transaction<'_>) -> Outcome<u64> {
        match *self {
            Change::Register(seeds) => register(client, seeds).await.map(|()| 0),
            Change::Claim(mailbox) => claim(client, mailbox).await,
            Change::Commit(mailbox, epoch, rows) => commit(client, mailbox, epoch, rows).await.map(|()| 0),
            Change::Reserve(mailbox, epoch, rows) => reserve(client, mailbox, epoch, rows).await.map(|()| 0),
            Change::Finish(mailbox, epoch, outcome) => {
                finish(client, mailbox, epoch, outcome).await.map(|()| 0)
            }
            Change::PruneJournal(before) => prune_journal(client, before).await,
        }
    }
}

async fn register(client: &Transaction<'_>, seeds: &[MailboxSeed]) -> Outcome<()> {
    execute(client, "UPDATE mailbox SET enabled = false", &[]).await?;
    let sql = "INSERT INTO mailbox (graph_user, address, addresses, name, rep, kinds, enabled) \
               VALUES ($1, $2, $3, $4, $5, $6, true) \
               ON CONFLICT (graph_user) DO UPDATE SET address = excluded.address, addresses = excluded.addresses, \
               name = excluded.name, rep = excluded.rep, kinds = excluded.kinds, enabled = true";
    for seed in seeds {
        let addresses = stored::to_json("addresses of a mailbox", &seed.addresses)?;
        let kinds = stored::to_json("kinds of a mailbox", &seed.kinds)?;
        let (user, address) = (seed.id.as_str(), seed.address.as_str());
        let (name, rep) = (storable(&seed.name), storable(&seed.rep));
        execute(client, sql, &[&user, &address, &addresses, &name, &rep, &kinds]).await?;
    }
    Ok(())
}

async fn claim(client: &Transaction<'_>, mailbox: &MailboxId) -> Outcome<u64> {
    let (id, epoch) = read::locked_mailbox(client, mailbox).await?;
    execute(client, "UPDATE mailbox SET epoch = $2 WHERE id = $1", &[&id, &(epoch + 1)]).await?;
    Ok((epoch + 1).cast_unsigned())
}

async fn commit(client: &Transaction<'_>, mailbox: &MailboxId, epoch: Epoch, commit: &Commit) -> Outcome<()> {
    let number = fence(client, mailbox, epoch).await?;
    lock_objects(client, commit).await?;
    for object in &commit.objects {
        write_object(client, object).await?;
    }
    for LinkWrite { link, object } in &commit.links {
        let object = match object {
            Some(object) => Some(write_object(client, object).await?),
            None => link.object,
        };
        write_link(client, mailbox, number, link, object).await?;
    }
    for cursor in &commit.cursors {
        write_cursor(client, number, cursor).await?;
    }
    if !commit.settled.is_empty() {
        let sql = "DELETE FROM outbox WHERE mailbox = $1 AND key = ANY($2)";
        execute(client, sql, &[&number, &commit.settled]).await?;
    }
    for entry in &commit.journal {
        write_entry(client, entry).await?;
    }
    Ok(())
}

/// Takes the objects that are there already in one order, whatever the order in which they are written: of two workers that
/// meet on several of them one waits, where each would wait for the other, and again whenever it is repeated.
async fn lock_objects(client: &Transaction<'_>, commit: &Commit) -> Outcome<()> {
    let of_links = commit.links.iter().filter_map(|write| write.object.as_ref());
    let ids: Vec<i64> = commit.objects.iter().chain(of_links).filter_map(|write| Some(write.id?.0)).collect();
    if ids.len() > 1 {
        execute(client, "SELECT id FROM object WHERE id = ANY($1) ORDER BY id FOR UPDATE", &[&ids]).await?;
    }
    Ok(())
}

async fn reserve(
    client: &Transaction<'_>,
    mailbox: &MailboxId,
    epoch: Epoch,
    rows: &[Pending],
) -> Outcome<()> {
    let number = fence(client, mailbox, epoch).await?;
    let sql = "INSERT INTO outbox (mailbox, key, kind, record, graph, place, at, sent_m365, sent_crm) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
               ON CONFLICT (mailbox, key) DO UPDATE SET at = excluded.at";
    for row in rows {
        let (kind, at) = (row.kind.as_str(), micros(row.at));
        let (record, graph, place) = stored::source_columns(&row.source);
        let (m365, crm) = stored::base_columns(row.sent.as_ref())?;
        execute(client, sql, &[&number, &row.key, &kind, &record, &graph, &place, &at, &m365, &crm]).await?;
    }
    Ok(())
}

async fn finish(
    client: &Transaction<'_>,
    mailbox: &MailboxId,
    epoch: Epoch,
    outcome: &CycleOutcome,
) -> Outcome<()> {
    let number = fence(client, mailbox, epoch).await?;
    let sql = "UPDATE mailbox SET last_cycle = $2, last_millis = $3, last_writes = $4, last_error = $5, \
               cycles = cycles + CASE WHEN $6 THEN 1 ELSE 0 END, \
               last_success = CASE WHEN $6 THEN $2 ELSE last_success END, \
               errors_in_a_row = CASE WHEN $6 THEN 0 ELSE errors_in_a_row + 1 END WHERE id = $1";
    let (at, millis, writes) =
        (micros(outcome.at), outcome.millis.cast_signed(), outcome.writes.cast_signed());
    let (error, complete) = (outcome.error.as_deref().map(storable), outcome.error.is_none());
    execute(client, sql, &[&number, &at, &millis, &writes, &error, &complete]).await?;
    Ok(())
}

async fn prune_journal(client: &Transaction<'_>, before: Timestamp) -> Outcome<u64> {
    // Walks from the oldest line to the first that stays, and no further.
    let first_kept = "SELECT seq FROM journal WHERE at >= $1 ORDER BY seq LIMIT 1";
    let sql = format!("DELETE FROM journal WHERE seq < coalesce(({first_kept}), 9223372036854775807)");
    execute(client, &sql, &[&micros(before)]).await
}

/// The store's number of the mailbox, if the claim is still its newest.
async fn fence(client: &Transaction<'_>, mailbox: &MailboxId, epoch: Epoch) -> Outcome<i64> {
    match read::locked_mailbox(client, mailbox).await? {
        (number, newest) if newest.cast_unsigned() == epoch.0 => Ok(number),
        _ => Err(StoreError::Fenced { mailbox: mailbox.clone() }.into()),
    }
}

async fn write_object(client: &Transaction<'_>, write: &ObjectWrite) -> Outcome<ObjectId> {
    let conflict = || Fault::Rule(StoreError::Conflict { kind: write.kind, key: name_of(write) });
    let (kind, key) = (write.kind.as_str(), write.key.as_deref());
    let record = write.record.as_ref().map(RecordId::as_str);
    let lead = write.lead.as_ref().map(MailboxId::as_str);
    let (id, version) = (write.id.map(|id| id.0), write.version.cast_signed());
    let changed = if id.is_some() {
        let sql = "UPDATE object SET key = $2, record = $3, lead = $4, version = version + 1 \
                   WHERE id = $5 AND version = $6 AND kind = $1 RETURNING id";
        returned(client, sql, &[&kind, &key, &record, &lead, &id, &version]).await
    } else {
        let sql =
            "INSERT INTO object (kind, key, record, lead, version) VALUES ($1, $2, $3, $4, 1) RETURNING id";
        returned(client, sql, &[&kind, &key, &record, &lead]).await
    };
    match changed {
        Ok(Some(id)) => Ok(ObjectId(id)),
        Ok(None) => Err(conflict()),
        Err(error) if is_constraint(&error) => Err(conflict()),
        Err(error) => Err(error.into()),
    }
}

/// The number of the row that was written, if there was one.
async fn returned(
    client: &Transaction<'_>,
    sql: &str,
    params: Params<'_>,
) -> Result<Option<i64>, tokio_postgres::Error> {
    let statement = client.prepare_cached(sql).await?;
    client.query_opt(&statement, params).await?.map(|row| row.try_get(0)).transpose()
}

async fn write_link(
    client: &Transaction<'_>,
    mailbox: &MailboxId,
    number: i64,
    link: &Link,
    object: Option<ObjectId>,
) -> Outcome<()> {
    if link.mailbox != *mailbox {
        return Err(StoreError::Fenced { mailbox: link.mailbox.clone() }.into());
    }
    let conflict = || Fault::Rule(StoreError::Conflict { kind: link.kind, key: link.name() });
    let (m365, crm) = stored::base_columns(link.base.as_ref())?;
    let (kind, graph) = (link.kind.as_str(), link.graph.as_ref().map(GraphId::as_str));
    let (role, state) = (link.role.as_str(), link.state.as_str());
    let (reason, detail) = (storable(&link.reason), storable(&link.detail));
    let etag = link.etag.as_ref().map(Etag::as_str);
    let stamp = link.stamp.map(|stamp| stamp.0.cast_signed());
    let (due, attempts) = (link.due.map(micros), i64::from(link.attempts));
    let (id, object) = (link.id.map(|id| id.0), object.map(|id| id.0));
    let values: Params<'_> = &[
        &number,
        &kind,
        &graph,
        &object,
        &role,
        &state,
        &reason,
        &detail,
        &etag,
        &stamp,
        &link.todo,
        &due,
        &attempts,
        &m365,
        &crm,
        &link.place,
    ];
    let changed = if id.is_some() {
        let sql = "UPDATE link SET graph = $3, object = $4, role = $5, state = $6, reason = $7, detail = $8, \
                   etag = $9, stamp = $10, todo = $11, due = $12, attempts = $13, base_m365 = $14, base_crm = $15, \
                   place = $16 WHERE mailbox = $1 AND kind = $2 AND id = $17 RETURNING id";
        returned(client, sql, &[values, &[&id]].concat()).await
    } else {
        let sql = "INSERT INTO link (mailbox, kind, graph, object, role, state, reason, detail, etag, stamp, todo, \
                   due, attempts, base_m365, base_crm, place) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) RETURNING id";
        returned(client, sql, values).await
    };
    match changed {
        Ok(Some(_)) => Ok(()),
        Ok(None) => Err(conflict()),
        Err(error) if is_constraint(&error) => Err(conflict()),
        Err(error) => Err(error.into()),
    }
}

async fn write_cursor(client: &Transaction<'_>, mailbox: i64, cursor: &Cursor) -> Outcome<()> {
    match &cursor.position {
        Some(position) => {
            let sql = "INSERT INTO cursor (mailbox, collection, position) VALUES ($1, $2, $3) \
                       ON CONFLICT (mailbox, collection) DO UPDATE SET position = excluded.position";
            execute(client, sql, &[&mailbox, &cursor.collection, position]).await?
        }
        None => {
            let sql = "DELETE FROM cursor WHERE mailbox = $1 AND collection = $2";
            execute(client, sql, &[&mailbox, &cursor.collection]).await?
        }
    };
    Ok(())
}

async fn write_entry(client: &Transaction<'_>, entry: &NewEntry) -> Outcome<()> {
    let facts = if entry.facts.is_null() { None } else { Some(entry.facts.to_string()) };
    let sql = "INSERT INTO journal (at, mailbox, kind, key, graph, record, step, code, text, facts) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let mailbox = entry.mailbox.as_ref().map(MailboxId::as_str);
    let (kind, graph) = (entry.kind.map(Kind::as_str), entry.graph.as_ref().map(GraphId::as_str));
    let record = entry.record.as_ref().map(RecordId::as_str);
    let (at, step, text) = (micros(entry.at), entry.step.as_str(), storable(&entry.text));
    let values: Params<'_> =
        &[&at, &mailbox, &kind, &entry.key, &graph, &record, &step, &entry.code, &text, &facts];
    execute(client, sql, values).await?;
    Ok(())
}

/// The one character that PostgreSQL cannot hold in a text is shown as unknown; texts for people lose nothing by it.
fn storable(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { text.replace('\0', "\u{fffd}").into() } else { text.into() }
}
