//! The one thread that writes.

use super::writing::Counters;
use super::{Author, StorageError, Writing};
use crate::schema::Schema;
use jiff::Timestamp;
use rusqlite::Connection;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use tandem_outside::Clock;
use tokio::sync::oneshot;

/// At most so many jobs share a transaction, so that the first need not wait long for the last.
const JOBS_PER_TRANSACTION: usize = 64;

/// Runs when the outcome of the transaction is known.
type Finish = Box<dyn FnOnce(Result<(), StorageError>)>;
/// Does the work and leaves how to answer.
type Job = Box<dyn FnOnce(&Connection, &Schema, &mut Counters) -> Finish + Send>;

/// Hands jobs to the thread.
#[derive(Clone)]
pub(super) struct Writer {
    clock: Arc<dyn Clock>,
    jobs: Arc<Mutex<Option<Sender<Job>>>>,
    thread: Arc<Mutex<Option<JoinHandle<()>>>>,
}

impl Writer {
    pub(super) fn start(
        connection: Connection,
        schema: Arc<Schema>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, StorageError> {
        let (jobs, queue) = channel();
        let mut counters = Counters::load(&connection)?;
        let thread = std::thread::Builder::new()
            .name("crm-writer".to_owned())
            .spawn(move || work(&connection, &schema, &mut counters, &queue))
            .map_err(|error| StorageError::Interrupted(error.to_string()))?;
        Ok(Self { clock, jobs: Arc::new(Mutex::new(Some(jobs))), thread: Arc::new(Mutex::new(Some(thread))) })
    }

    pub(super) async fn run<T, F>(&self, author: Author, job: F) -> Result<T, StorageError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Writing<'_>) -> Result<T, StorageError> + Send + 'static,
    {
        let gone = || StorageError::Interrupted("the CRM is shutting down".to_owned());
        let (answer, answered) = oneshot::channel();
        let clock = Arc::clone(&self.clock);
        let job: Job = Box::new(move |connection, schema, counters| {
            let result = run_job(connection, schema, counters, author, clock.now(), job);
            Box::new(move |committed| {
                // Whoever asked may be gone; what was written stays.
                let _ = answer.send(outcome(committed, result));
            })
        });
        {
            let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
            jobs.as_ref().ok_or_else(gone)?.send(job).map_err(|_| gone())?;
        }
        answered.await.map_err(|_| gone())?
    }

    pub(super) fn stop(&self) {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).take();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the CRM's writer ended in a panic");
        }
    }
}

fn work(connection: &Connection, schema: &Schema, counters: &mut Counters, queue: &Receiver<Job>) {
    while let Ok(first) = queue.recv() {
        let before = *counters;
        if let Err(error) = connection.execute_batch("BEGIN IMMEDIATE") {
            refuse(first, connection, schema, counters, &StorageError::from(error));
            continue;
        }
        let mut finishes = vec![first(connection, schema, counters)];
        while finishes.len() < JOBS_PER_TRANSACTION && !connection.is_autocommit() {
            let Ok(job) = queue.try_recv() else { break };
            finishes.push(job(connection, schema, counters));
        }
        let outcome = commit(connection, before, counters);
        if outcome.is_err() {
            *counters = before;
        }
        for finish in finishes {
            finish(outcome.as_ref().copied().map_err(StorageError::shared));
        }
    }
    if let Err(error) = connection.execute_batch("PRAGMA optimize") {
        tracing::debug!(%error, "the CRM database was not optimised");
    }
}

/// What to answer: a job's own failure tells more than that of the transaction which it took down.
fn outcome<T>(
    committed: Result<(), StorageError>,
    result: Result<T, StorageError>,
) -> Result<T, StorageError> {
    match (committed, result) {
        (Ok(()), result) => result,
        (Err(_), Err(own @ (StorageError::Full | StorageError::Busy | StorageError::Sqlite(_)))) => Err(own),
        (Err(error), _) => Err(error),
    }
}

/// A job that found no transaction runs in none: it is told so by a connection that is not in one.
fn refuse(job: Job, connection: &Connection, schema: &Schema, counters: &mut Counters, error: &StorageError) {
    job(connection, schema, counters)(Err(error.shared()));
}

fn commit(connection: &Connection, before: Counters, counters: &Counters) -> Result<(), StorageError> {
    if connection.is_autocommit() {
        // SQLite rolled back by itself (full disk, input/output error): what was written before is gone as well.
        return Err(StorageError::Interrupted("the transaction was rolled back".to_owned()));
    }
    let result = if *counters == before {
        connection.execute_batch("COMMIT").map_err(StorageError::from)
    } else {
        counters.save(connection).and_then(|()| Ok(connection.execute_batch("COMMIT")?))
    };
    if result.is_err() && !connection.is_autocommit() {
        let _ = connection.execute_batch("ROLLBACK");
    }
    result
}

/// Runs a job in a savepoint; a job that fails or panics leaves nothing behind.
pub(super) fn run_job<T>(
    connection: &Connection,
    schema: &Schema,
    counters: &mut Counters,
    author: Author,
    now: Timestamp,
    job: impl FnOnce(&mut Writing<'_>) -> Result<T, StorageError>,
) -> Result<T, StorageError> {
    if connection.is_autocommit() {
        return Err(StorageError::Interrupted("there is no transaction".to_owned()));
    }
    let mut writing = Writing::new(connection, schema, counters, author, now);
    let result = catch_unwind(AssertUnwindSafe(|| writing.step(job)));
    result.unwrap_or_else(|_| {
        if !connection.is_autocommit() {
            let _ = connection.execute_batch("ROLLBACK TO step0; RELEASE step0");
        }
        Err(StorageError::Interrupted("a defect of the CRM, see its log".to_owned()))
    })
}
