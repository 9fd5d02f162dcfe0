//! Tables and indexes, in a schema of their own. The format's number stands in its table `format`.

use super::fault::{Fault, Outcome};
use crate::StoreError;
use tokio_postgres::Client;

/// One step per format: the first makes a new store, each further one brings a store of the format before up to date.
const STEPS: &[&str] = &[FORMAT_1, FORMAT_2, FORMAT_3];

/// Ids compare byte by byte (collation "C"): Graph ids that differ by case only are different.
const FORMAT_1: &str = r#"
CREATE TABLE mailbox (
    id              BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    graph_user      TEXT COLLATE "C" NOT NULL UNIQUE,
    address         TEXT COLLATE "C" NOT NULL,
    addresses       TEXT NOT NULL,           -- JSON
    name            TEXT NOT NULL,
    rep             TEXT NOT NULL,
    kinds           TEXT NOT NULL,           -- JSON
    enabled         BOOLEAN NOT NULL,
    epoch           BIGINT NOT NULL DEFAULT 0,
    cycles          BIGINT NOT NULL DEFAULT 0,
    last_success    BIGINT,                  -- microseconds since 1970, as all instants
    last_cycle      BIGINT,
    last_millis     BIGINT NOT NULL DEFAULT 0,
    last_writes     BIGINT NOT NULL DEFAULT 0,
    last_error      TEXT,
    errors_in_a_row BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE object (
    id      BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind    TEXT COLLATE "C" NOT NULL,
    key     TEXT COLLATE "C",
    record  TEXT COLLATE "C",
    lead    TEXT COLLATE "C",
    version BIGINT NOT NULL
);
CREATE UNIQUE INDEX object_key    ON object (key, kind)    WHERE key IS NOT NULL;
CREATE UNIQUE INDEX object_record ON object (record, kind) WHERE record IS NOT NULL;

CREATE TABLE link (
    id        BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    mailbox   BIGINT NOT NULL REFERENCES mailbox,
    kind      TEXT COLLATE "C" NOT NULL,
    graph     TEXT COLLATE "C",
    place     TEXT COLLATE "C",
    object    BIGINT REFERENCES object,
    role      TEXT NOT NULL,
    state     TEXT COLLATE "C" NOT NULL,
    reason    TEXT COLLATE "C" NOT NULL,
    detail    TEXT NOT NULL,
    etag      TEXT,
    stamp     BIGINT,
    todo      TEXT,
    due       BIGINT,
    attempts  BIGINT NOT NULL,
    base_m365 TEXT,                          -- JSON; null: no base
    base_crm  TEXT                           -- JSON; null: the same as base_m365
);
CREATE UNIQUE INDEX link_graph ON link (graph, mailbox, kind)         WHERE graph IS NOT NULL;
CREATE INDEX link_object       ON link (object)                       WHERE object IS NOT NULL;
CREATE INDEX link_due          ON link (mailbox, kind, id)            WHERE due IS NOT NULL OR todo IS NOT NULL;
CREATE INDEX link_page         ON link (mailbox, kind, id);
CREATE INDEX link_state        ON link (mailbox, kind, state, reason);

CREATE TABLE cursor (
    mailbox    BIGINT NOT NULL REFERENCES mailbox,
    collection TEXT COLLATE "C" NOT NULL,
    position   TEXT NOT NULL,
    PRIMARY KEY (mailbox, collection)
);

CREATE TABLE outbox (
    mailbox BIGINT NOT NULL REFERENCES mailbox,
    key     TEXT COLLATE "C" NOT NULL,
    kind    TEXT COLLATE "C" NOT NULL,
    record  TEXT COLLATE "C" NOT NULL,
    at      BIGINT NOT NULL,
    PRIMARY KEY (mailbox, key)
);

-- Lines name mailboxes and items as they were; they outlive what they tell of.
CREATE TABLE journal (
    seq     BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      BIGINT NOT NULL,
    mailbox TEXT COLLATE "C",
    kind    TEXT COLLATE "C",
    key     TEXT COLLATE "C",
    graph   TEXT COLLATE "C",
    record  TEXT COLLATE "C",
    step    TEXT NOT NULL,
    code    TEXT NOT NULL,
    text    TEXT NOT NULL,
    facts   TEXT                             -- JSON
);
CREATE INDEX journal_key    ON journal (key)    WHERE key IS NOT NULL;
CREATE INDEX journal_graph  ON journal (graph)  WHERE graph IS NOT NULL;
CREATE INDEX journal_record ON journal (record) WHERE record IS NOT NULL;
"#;

/// What a create was about to write: JSON, null where unknown; the second also where it is the same.
const FORMAT_2: &str = "ALTER TABLE outbox ADD COLUMN sent_m365 TEXT, ADD COLUMN sent_crm TEXT";

/// A create is made from a record or from a copy.
const FORMAT_3: &str = r#"
ALTER TABLE outbox ALTER COLUMN record DROP NOT NULL,
    ADD COLUMN graph TEXT COLLATE "C", ADD COLUMN place TEXT
"#;

/// Makes a new store, or brings an old one up to date: all of it or nothing.
pub(super) async fn prepare(session: &mut Client, name: &str) -> Outcome<()> {
    let transaction = session.transaction().await?;
    transaction
        .batch_execute(
            "CREATE SCHEMA IF NOT EXISTS tandem; CREATE TABLE IF NOT EXISTS format (number BIGINT NOT NULL);",
        )
        .await?;
    let found: i64 = transaction.query_one("SELECT coalesce(max(number), 0) FROM format", &[]).await?.get(0);
    known(found, name)?;
    for (number, step) in (1..).zip(STEPS).filter(|(number, _)| *number > found) {
        transaction.batch_execute(step).await?;
        transaction.execute("INSERT INTO format (number) VALUES ($1)", &[&number]).await?;
    }
    Ok(transaction.commit().await?)
}

/// Checks that the database holds a store of the newest format, for a reader, who cannot change it.
pub(super) async fn check(session: &Client, name: &str) -> Outcome<()> {
    let refuse = |why: &str| {
        let (path, why) = (name.to_owned(), why.to_owned());
        Err(Fault::Rule(StoreError::Database { path, action: "read", why }))
    };
    let table: Option<String> =
        session.query_one("SELECT to_regclass('tandem.format')::text", &[]).await?.get(0);
    if table.is_none() {
        return refuse("it holds no store; has the connector run with these settings?");
    }
    let found: i64 = session.query_one("SELECT coalesce(max(number), 0) FROM format", &[]).await?.get(0);
    known(found, name)?;
    if found < newest() {
        return refuse("it has an older format; start the connector once, which brings it up to date");
    }
    Ok(())
}

fn known(found: i64, name: &str) -> Outcome<()> {
    if found > newest() {
        return Err(Fault::Rule(StoreError::TooNew { path: name.to_owned(), found, known: newest() }));
    }
    Ok(())
}

fn newest() -> i64 {
    i64::try_from(STEPS.len()).unwrap_or(i64::MAX)
}
