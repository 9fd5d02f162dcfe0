//! The connections of a store, and how work gets to them.

use super::fault::{Fault, Outcome};
use super::lock::Lock;
use super::schema;
use crate::StoreError;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;

/// Reading connections that are kept for later; more are opened when more read at once.
const KEPT_READERS: usize = 8;
/// How long to wait for a lock of another program, such as a backup.
const BUSY: Duration = Duration::from_secs(10);

type Work = Box<dyn FnOnce(&Connection) -> Outcome<u64> + Send>;
type Written = Result<u64, StoreError>;

/// A write: what it does, and whom it tells how it ended.
struct Job {
    work: Work,
    done: oneshot::Sender<Written>,
}

/// The connections of a store file. Fields are dropped in order: the writer, which tidies up the write-ahead log,
/// goes when the readers are closed, and the lock goes last.
pub(super) struct Connections {
    path: PathBuf,
    readers: Mutex<Vec<Connection>>,
    waiting: Mutex<Vec<Job>>,
    writer: Option<Mutex<Connection>>,
    /// Whether work is done on the caller's own thread.
    here: bool,
    _lock: Option<Lock>,
}

impl std::fmt::Debug for Connections {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connections").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Connections {
    pub(super) fn writing(path: &Path) -> Result<Self, StoreError> {
        let lock = Lock::take(path)?;
        let opened = |error: Fault| error.explain(path, "opened");
        make_private(path)?;
        let writer =
            open(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE).map_err(opened)?;
        schema::prepare(&writer, path).map_err(opened)?;
        Ok(Self::new(path, Some(writer), Some(lock), Vec::new()))
    }

    pub(super) fn reading(path: &Path) -> Result<Self, StoreError> {
        let reader = existing(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        Ok(Self::new(path, None, None, vec![reader]))
    }

    /// For one who writes beside a connector: a transaction waits for the connector's to end.
    pub(super) fn beside(path: &Path) -> Result<Self, StoreError> {
        let writer = existing(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        Ok(Self::new(path, Some(writer), None, Vec::new()))
    }

    fn new(path: &Path, writer: Option<Connection>, lock: Option<Lock>, readers: Vec<Connection>) -> Self {
        Self {
            path: path.to_owned(),
            readers: Mutex::new(readers),
            waiting: Mutex::new(Vec::new()),
            writer: writer.map(Mutex::new),
            here: false,
            _lock: lock,
        }
    }

    /// The same, working on the caller's own thread.
    pub(super) fn here(self) -> Self {
        Self { here: true, ..self }
    }

    fn reader(&self) -> Outcome<Connection> {
        match held(&self.readers).pop() {
            Some(connection) => Ok(connection),
            None => open(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY),
        }
    }

    /// Runs in one transaction, so that several queries see one state.
    fn run_read<T>(&self, work: impl FnOnce(&Connection) -> Outcome<T>) -> Result<T, StoreError> {
        let read = |error: Fault| error.explain(&self.path, "read");
        let connection = self.reader().map_err(read)?;
        let transaction = connection.unchecked_transaction().map_err(|error| read(error.into()))?;
        let result = work(&transaction).map_err(read);
        drop(transaction);
        let mut readers = held(&self.readers);
        if readers.len() < KEPT_READERS {
            readers.push(connection);
        }
        result
    }

    /// Runs whatever waits. Who gets here finds its own job done, by itself or by somebody who was here before.
    fn run_waiting(&self, writer: &Mutex<Connection>) {
        let connection = held(writer);
        if !connection.is_autocommit() {
            // A job panicked: what it left open is nobody's.
            let _ = connection.execute_batch("ROLLBACK");
        }
        let jobs = std::mem::take(&mut *held(&self.waiting));
        if jobs.is_empty() {
            return;
        }
        let mut ended = Vec::with_capacity(jobs.len());
        let result = self.run_together(&connection, jobs, &mut ended);
        if result.is_err() && !connection.is_autocommit() {
            // It can fail only where there is nothing to roll back any more.
            let _ = connection.execute_batch("ROLLBACK");
        }
        for (done, outcome) in ended {
            // What was rolled back with the group did not happen, however well it went by itself.
            let outcome = match (&result, outcome) {
                (Err(why), Ok(_)) => Err(why.again(&self.path)),
                (_, outcome) => outcome,
            };
            // Nobody listens when the caller was cancelled.
            let _ = done.send(outcome);
        }
    }

    /// All jobs in one transaction, each in a savepoint of its own: one that fails leaves nothing and harms nobody.
    fn run_together(
        &self,
        connection: &Connection,
        jobs: Vec<Job>,
        ended: &mut Vec<(oneshot::Sender<Written>, Written)>,
    ) -> Result<(), GroupFault> {
        let mut begun = connection.execute_batch("BEGIN IMMEDIATE").map_err(GroupFault::of);
        for Job { work, done } in jobs {
            let outcome = match &begun {
                Ok(()) => self.run_one(connection, work),
                Err(why) => Err(why.again(&self.path)),
            };
            ended.push((done, outcome));
            // On a full disk SQLite may roll the whole transaction back by itself.
            if begun.is_ok() && connection.is_autocommit() {
                begun = Err(GroupFault::Full);
            }
        }
        begun?;
        connection.execute_batch("COMMIT").map_err(GroupFault::of)
    }

    fn run_one(&self, connection: &Connection, work: Work) -> Written {
        let written = |error: Fault| error.explain(&self.path, "written");
        connection.execute_batch("SAVEPOINT job").map_err(|error| written(error.into()))?;
        let outcome = work(connection);
        if !connection.is_autocommit() {
            let end = if outcome.is_ok() { "RELEASE job" } else { "ROLLBACK TO job; RELEASE job" };
            connection.execute_batch(end).map_err(|error| written(error.into()))?;
        }
        outcome.map_err(written)
    }
}

/// Why a whole group of writes did not happen; told to each of them.
enum GroupFault {
    Full,
    Other(String),
}

impl GroupFault {
    fn of(error: rusqlite::Error) -> Self {
        match Fault::from(error).explain(Path::new(""), "written") {
            StoreError::Full { .. } => GroupFault::Full,
            StoreError::Database { why, .. } => GroupFault::Other(why),
            other => GroupFault::Other(other.to_string()),
        }
    }

    fn again(&self, path: &Path) -> StoreError {
        let path = path.display().to_string();
        match self {
            GroupFault::Full => StoreError::Full { path },
            GroupFault::Other(why) => StoreError::Database { path, action: "written", why: why.clone() },
        }
    }
}

/// Reads, on a thread where blocking is allowed.
pub(super) async fn read<T: Send + 'static>(
    connections: &Arc<Connections>,
    work: impl FnOnce(&Connection) -> Outcome<T> + Send + 'static,
) -> Result<T, StoreError> {
    if connections.here {
        return connections.run_read(work);
    }
    let shared = Arc::clone(connections);
    match tokio::task::spawn_blocking(move || shared.run_read(work)).await {
        Ok(result) => result,
        Err(_) => Err(interrupted(connections, "read")),
    }
}

/// Writes, on a thread where blocking is allowed, together with whatever else waits to be written.
pub(super) async fn write(
    connections: &Arc<Connections>,
    work: impl FnOnce(&Connection) -> Outcome<u64> + Send + 'static,
) -> Result<u64, StoreError> {
    let Some(writer) = &connections.writer else {
        let (path, why) = (connections.path.display().to_string(), "it is open for reading only".to_owned());
        return Err(StoreError::Database { path, action: "written", why });
    };
    let (done, told) = oneshot::channel();
    held(&connections.waiting).push(Job { work: Box::new(work), done });
    if connections.here {
        connections.run_waiting(writer);
    } else {
        let shared = Arc::clone(connections);
        let run = tokio::task::spawn_blocking(move || {
            if let Some(writer) = &shared.writer {
                shared.run_waiting(writer);
            }
        });
        // How it ended stands in the job's own answer.
        let _ = run.await;
    }
    told.await.unwrap_or_else(|_| Err(interrupted(connections, "written")))
}

fn interrupted(connections: &Connections, action: &'static str) -> StoreError {
    let path = connections.path.display().to_string();
    StoreError::Database { path, action, why: "the program is ending".to_owned() }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What a panic interrupted is rolled back by whoever comes next.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A connection to a store that has to be there.
fn existing(path: &Path, flags: OpenFlags) -> Result<Connection, StoreError> {
    let opened = |error: Fault| error.explain(path, "opened");
    let missing = |why: &str| StoreError::Database {
        path: path.display().to_string(),
        action: "opened",
        why: why.to_owned(),
    };
    if !path.exists() {
        return Err(missing("there is no such file; has the connector run with these settings?"));
    }
    if path.is_dir() {
        return Err(missing("it is a folder, not a file"));
    }
    let connection = open(path, flags).map_err(opened)?;
    schema::check(&connection, path).map_err(opened)?;
    Ok(connection)
}

fn open(path: &Path, flags: OpenFlags) -> Outcome<Connection> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(64);
    connection.pragma_update(None, "foreign_keys", true)?;
    // A statement is planned once, not whenever a bound value changes.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(connection)
}

/// The store holds the text of mails: nobody but its owner reads it. SQLite gives the files beside it the same rights.
fn make_private(path: &Path) -> Result<(), StoreError> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop).map_err(|error| StoreError::Database {
        path: path.display().to_string(),
        action: "opened",
        why: error.to_string(),
    })
}
