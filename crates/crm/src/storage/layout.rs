//! Connections and tables of the database.

use super::{StorageError, pattern};
use crate::schema::{FieldType, Schema, Table};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

/// Marks a SQLite file as ours (`PRAGMA application_id`): "TCRM".
const APPLICATION_ID: i64 = 0x5443_524D;

/// What is not a field: identity, change number, time and author of the last write, the last write by others,
/// soft deletion.
const SYSTEM_COLUMNS: &str = "_id INTEGER PRIMARY KEY AUTOINCREMENT, _stamp INTEGER NOT NULL, \
    _modified INTEGER NOT NULL, _by TEXT NOT NULL, _client TEXT NOT NULL, _unseen INTEGER NOT NULL DEFAULT 0, \
    _deleted INTEGER NOT NULL DEFAULT 0";

pub(super) fn connect(path: &Path) -> Result<Connection, StorageError> {
    let open = |source| StorageError::Open { path: path.to_owned(), source };
    let connection = Connection::open(path).map_err(open)?;
    tune(&connection).map_err(open)?;
    Ok(connection)
}

pub(super) fn connect_memory() -> Result<Connection, StorageError> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_in_memory_with_flags(flags)?;
    equip(&connection)?;
    Ok(connection)
}

pub(super) fn connect_reader(path: &Path) -> Result<Connection, StorageError> {
    let open = |source| StorageError::Open { path: path.to_owned(), source };
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(open)?;
    connection.busy_timeout(Duration::from_secs(5)).map_err(open)?;
    equip(&connection).map_err(open)?;
    Ok(connection)
}

/// What every connection has: our function for patterns, and statements that are prepared once. Without the stability
/// guarantee SQLite plans a statement anew whenever a bound value changes (it compares statistics with it); that took a
/// third of the time of small requests, and no plan of ours depends on a value.
fn equip(connection: &Connection) -> rusqlite::Result<()> {
    pattern::register(connection)?;
    connection.set_prepared_statement_cache_capacity(256);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

fn tune(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(Duration::from_secs(5))?;
    equip(connection)?;
    // FULL: what was acknowledged survives a power cut. Sharing transactions makes it affordable.
    connection
        .execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;")
}

/// Creates what is missing. Fields that the data model has gained become columns.
pub(super) fn prepare(connection: &Connection, schema: &Schema, path: &Path) -> Result<(), StorageError> {
    let foreign = |text: &str| StorageError::Open {
        path: path.to_owned(),
        source: rusqlite::Error::InvalidParameterName(text.to_owned()),
    };
    let id: i64 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if id != APPLICATION_ID && (id != 0 || tables != 0) {
        return Err(foreign("it is a database of another program"));
    }
    let transaction = connection.unchecked_transaction()?;
    transaction.execute_batch(&format!("PRAGMA application_id = {APPLICATION_ID}; {FIXED_TABLES}"))?;
    for table in schema.tables() {
        prepare_table(&transaction, table)?;
    }
    transaction.commit()?;
    Ok(())
}

/// Besides the info areas: counters and marks, blobs by digest, addresses of people, and what concerns which rep.
const FIXED_TABLES: &str = "
    CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;
    INSERT OR IGNORE INTO meta VALUES ('laststamp', 0), ('writes', 0);
    CREATE TABLE IF NOT EXISTS login (name TEXT PRIMARY KEY COLLATE NOCASE, salt BLOB NOT NULL, rounds INTEGER NOT NULL,
        hash BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS sequence (area TEXT PRIMARY KEY, next INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS blob (digest TEXT PRIMARY KEY, content BLOB NOT NULL);
    CREATE TABLE IF NOT EXISTS address (address TEXT NOT NULL, area TEXT NOT NULL, record INTEGER NOT NULL,
        PRIMARY KEY (address, area, record)) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS address_of ON address (record, area);
    CREATE TABLE IF NOT EXISTS company_name (name TEXT NOT NULL, record INTEGER PRIMARY KEY);
    CREATE INDEX IF NOT EXISTS company_by_name ON company_name (name);
    CREATE TABLE IF NOT EXISTS feed (rep TEXT NOT NULL, area TEXT NOT NULL, record INTEGER NOT NULL,
        stamp INTEGER NOT NULL, held INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (rep, area, record)) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS feed_order ON feed (rep, area, stamp);
    CREATE INDEX IF NOT EXISTS feed_record ON feed (record, area);";

fn prepare_table(connection: &Connection, table: &Table) -> Result<(), StorageError> {
    let area = &table.area;
    connection.execute_batch(&format!("CREATE TABLE IF NOT EXISTS \"{area}\" ({SYSTEM_COLUMNS})"))?;
    let present = columns(connection, area)?;
    for field in table.fields.iter().filter(|field| field.kind != FieldType::Blob) {
        if !present.contains(&field.name) {
            connection
                .execute_batch(&format!("ALTER TABLE \"{area}\" ADD COLUMN \"{}\" TEXT", field.name))?;
        }
    }
    connection
        .execute_batch(&format!("CREATE INDEX IF NOT EXISTS \"{area}_stamp\" ON \"{area}\" (_stamp)"))?;
    for fields in &table.indexes {
        index(connection, area, fields, "INDEX", "")?;
    }
    for fields in &table.unique {
        index(connection, area, fields, "UNIQUE INDEX", " WHERE _deleted = 0")?;
    }
    Ok(())
}

fn index(
    connection: &Connection,
    area: &str,
    fields: &[String],
    kind: &str,
    end: &str,
) -> rusqlite::Result<()> {
    let columns = fields.iter().map(|field| format!("\"{field}\"")).collect::<Vec<_>>().join(", ");
    let name = fields.join("_");
    connection.execute_batch(&format!(
        "CREATE {kind} IF NOT EXISTS \"{area}_{name}\" ON \"{area}\" ({columns}){end}"
    ))
}

fn columns(connection: &Connection, area: &str) -> rusqlite::Result<BTreeSet<String>> {
    let mut statement = connection.prepare(&format!("PRAGMA table_info(\"{area}\")"))?;
    let names = statement.query_map([], |row| row.get::<_, String>(1))?;
    names.collect()
}
