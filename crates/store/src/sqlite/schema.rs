//! Tables and indexes. The format's number is the file's `user_version`.

use super::fault::{Fault, Outcome};
use crate::StoreError;
use rusqlite::Connection;
use std::path::Path;

/// Tells our files from other programs' ("Tndm").
const APPLICATION: i32 = 0x546e_646d;

/// One step per format: the first makes a new store, each further one brings a store of the format before up to date.
const STEPS: &[&str] = &[FORMAT_1, FORMAT_2, FORMAT_3];

/// Ids compare byte by byte (SQLite's BINARY): Graph ids that differ by case only are different.
const FORMAT_1: &str = "
CREATE TABLE mailbox (
    id              INTEGER PRIMARY KEY,
    user            TEXT NOT NULL UNIQUE,
    address         TEXT NOT NULL,
    addresses       TEXT NOT NULL,           -- JSON
    name            TEXT NOT NULL,
    rep             TEXT NOT NULL,
    kinds           TEXT NOT NULL,           -- JSON
    enabled         INTEGER NOT NULL,
    epoch           INTEGER NOT NULL DEFAULT 0,
    cycles          INTEGER NOT NULL DEFAULT 0,
    last_success    INTEGER,                 -- microseconds since 1970, as all instants
    last_cycle      INTEGER,
    last_millis     INTEGER NOT NULL DEFAULT 0,
    last_writes     INTEGER NOT NULL DEFAULT 0,
    last_error      TEXT,
    errors_in_a_row INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE object (
    id      INTEGER PRIMARY KEY,
    kind    TEXT NOT NULL,
    key     TEXT,
    record  TEXT,
    lead    TEXT,
    version INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX object_key    ON object (key, kind)    WHERE key IS NOT NULL;
CREATE UNIQUE INDEX object_record ON object (record, kind) WHERE record IS NOT NULL;

CREATE TABLE link (
    id        INTEGER PRIMARY KEY,
    mailbox   INTEGER NOT NULL REFERENCES mailbox,
    kind      TEXT NOT NULL,
    graph     TEXT,
    place     TEXT,
    object    INTEGER REFERENCES object,
    role      TEXT NOT NULL,
    state     TEXT NOT NULL,
    reason    TEXT NOT NULL,
    detail    TEXT NOT NULL,
    etag      TEXT,
    stamp     INTEGER,
    todo      TEXT,
    due       INTEGER,
    attempts  INTEGER NOT NULL,
    base_m365 TEXT,                          -- JSON; null: no base
    base_crm  TEXT                           -- JSON; null: the same as base_m365
) STRICT;
CREATE UNIQUE INDEX link_graph ON link (graph, mailbox, kind)         WHERE graph IS NOT NULL;
CREATE INDEX link_object       ON link (object)                       WHERE object IS NOT NULL;
CREATE INDEX link_due          ON link (mailbox, kind)                WHERE due IS NOT NULL OR todo IS NOT NULL;
CREATE INDEX link_page         ON link (mailbox, kind);
CREATE INDEX link_state        ON link (mailbox, kind, state, reason);

CREATE TABLE cursor (
    mailbox    INTEGER NOT NULL REFERENCES mailbox,
    collection TEXT NOT NULL,
    position   TEXT NOT NULL,
    PRIMARY KEY (mailbox, collection)
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (
    mailbox INTEGER NOT NULL REFERENCES mailbox,
    key     TEXT NOT NULL,
    kind    TEXT NOT NULL,
    record  TEXT NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (mailbox, key)
) STRICT, WITHOUT ROWID;

-- Lines name mailboxes and items as they were; they outlive what they tell of.
CREATE TABLE journal (
    seq     INTEGER PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,
    mailbox TEXT,
    kind    TEXT,
    key     TEXT,
    graph   TEXT,
    record  TEXT,
    step    TEXT NOT NULL,
    code    TEXT NOT NULL,
    text    TEXT NOT NULL,
    facts   TEXT                             -- JSON
) STRICT;
CREATE INDEX journal_key    ON journal (key)    WHERE key IS NOT NULL;
CREATE INDEX journal_graph  ON journal (graph)  WHERE graph IS NOT NULL;
CREATE INDEX journal_record ON journal (record) WHERE record IS NOT NULL;
";

/// What a create was about to write.
const FORMAT_2: &str = "
ALTER TABLE outbox ADD COLUMN sent_m365 TEXT;  -- JSON; null: unknown
ALTER TABLE outbox ADD COLUMN sent_crm  TEXT;  -- JSON; null: the same as sent_m365
";

/// A create is made from a record or from a copy. What a table requires of a column is written anew with the table.
const FORMAT_3: &str = "
CREATE TABLE pending (
    mailbox   INTEGER NOT NULL REFERENCES mailbox,
    key       TEXT NOT NULL,
    kind      TEXT NOT NULL,
    record    TEXT,
    graph     TEXT,
    place     TEXT,
    at        INTEGER NOT NULL,
    sent_m365 TEXT,                          -- JSON; null: unknown
    sent_crm  TEXT,                          -- JSON; null: the same as sent_m365
    PRIMARY KEY (mailbox, key)
) STRICT, WITHOUT ROWID;
INSERT INTO pending (mailbox, key, kind, record, at, sent_m365, sent_crm)
    SELECT mailbox, key, kind, record, at, sent_m365, sent_crm FROM outbox;
DROP TABLE outbox;
ALTER TABLE pending RENAME TO outbox;
";

/// Makes a new store, or brings an old one up to date.
pub(super) fn prepare(connection: &Connection, path: &Path) -> Outcome<()> {
    // A new file has neither tables nor a mark. Anybody else's database stays as it is.
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if tables > 0 {
        known_format(connection, path)?;
    }
    // FULL: with WAL a lesser setting may lose the last commits in a power failure, and with them the outbox.
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864;",
    )?;
    let format = format_of(connection)?;
    for (number, step) in (1..).zip(STEPS).filter(|(number, _)| *number > format) {
        connection.execute_batch(&format!(
            "BEGIN IMMEDIATE; {step} PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {number}; COMMIT;"
        ))?;
    }
    Ok(())
}

/// Checks that the file is a store of the newest format, for a reader, who cannot change it.
pub(super) fn check(connection: &Connection, path: &Path) -> Outcome<()> {
    known_format(connection, path)?;
    if format_of(connection)? < newest() {
        let why = "it has an older format; start the connector once, which brings it up to date".to_owned();
        return Err(StoreError::Database { path: path.display().to_string(), action: "read", why }.into());
    }
    Ok(())
}

fn known_format(connection: &Connection, path: &Path) -> Outcome<()> {
    let path = path.display().to_string();
    let application: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if application != APPLICATION {
        let why = "it is a database of another program".to_owned();
        return Err(Fault::Rule(StoreError::Database { path, action: "opened", why }));
    }
    let found = format_of(connection)?;
    if found > newest() {
        return Err(Fault::Rule(StoreError::TooNew { path, found, known: newest() }));
    }
    Ok(())
}

fn format_of(connection: &Connection) -> Outcome<i64> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

fn newest() -> i64 {
    i64::try_from(STEPS.len()).unwrap_or(i64::MAX)
}
