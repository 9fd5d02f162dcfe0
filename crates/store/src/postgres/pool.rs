//! The connections of a store, and the lock that keeps a second connector away.

use super::access::Access;
use super::fault::{Fault, Outcome};
use super::schema;
use crate::StoreError;
use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime};
use rustls::ClientConfig;
use rustls_platform_verifier::ConfigVerifierExt;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio_postgres::{Client, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Connections at most; each worker uses one at a time.
const CONNECTIONS: usize = 16;

/// Longest wait for a free connection.
const PATIENCE: Duration = Duration::from_secs(30);

/// Number of the advisory lock that a connector holds on its database ("Tandem").
const LOCK: i64 = 0x5461_6e64_656d;

/// So often the lock is tried. The server holds the lock of a connector that was killed until it notices, which is a moment
/// later, or when the statement under way has ended.
const LOCK_TRIES: u32 = 50;

/// Pause between two tries.
const LOCK_PAUSE: Duration = Duration::from_millis(100);

/// The connections of a store.
pub(super) struct Connections {
    access: Access,
    pool: Pool,
    /// The session that holds the lock; none for one who is no connector.
    lock: Option<Mutex<Client>>,
    writes: bool,
}

impl std::fmt::Debug for Connections {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connections").field("database", &self.access.name).finish_non_exhaustive()
    }
}

impl Connections {
    /// For a connector: takes the lock, makes the tables or brings them up to date.
    pub(super) async fn writing(access: Access) -> Result<Self, StoreError> {
        let opened = |fault: Fault| fault.explain(&access.name, "opened");
        let mut session = session(&access).await.map_err(opened)?;
        take_lock(&session, &access.name).await.map_err(opened)?;
        schema::prepare(&mut session, &access.name).await.map_err(opened)?;
        let pool = pool(&access).map_err(opened)?;
        Ok(Self { access, pool, lock: Some(Mutex::new(session)), writes: true })
    }

    /// For one who looks on.
    pub(super) async fn reading(access: Access) -> Result<Self, StoreError> {
        Self::existing(access, false).await
    }

    /// For one who writes beside a connector.
    pub(super) async fn beside(access: Access) -> Result<Self, StoreError> {
        Self::existing(access, true).await
    }

    async fn existing(access: Access, writes: bool) -> Result<Self, StoreError> {
        let opened = |fault: Fault| fault.explain(&access.name, "opened");
        let session = session(&access).await.map_err(opened)?;
        schema::check(&session, &access.name).await.map_err(opened)?;
        let pool = pool(&access).map_err(opened)?;
        Ok(Self { access, pool, lock: None, writes })
    }

    /// What people call the database.
    pub(super) fn name(&self) -> &str {
        &self.access.name
    }

    /// Refuses one who only looks on.
    pub(super) fn must_write(&self) -> Outcome<()> {
        match self.writes {
            true => Ok(()),
            false => Err(Fault::Rule(StoreError::Database {
                path: self.access.name.clone(),
                action: "written",
                why: "it is open for reading only".to_owned(),
            })),
        }
    }

    /// A connection.
    pub(super) async fn get(&self) -> Outcome<Object> {
        Ok(self.pool.get().await?)
    }

    /// The server may have been restarted, and the lock been lost with its session: it is taken again, or somebody
    /// else has the store now.
    pub(super) async fn keep_lock(&self) -> Outcome<()> {
        let Some(lock) = &self.lock else { return Ok(()) };
        let mut held = lock.lock().await;
        if held.is_closed() {
            let session = session(&self.access).await?;
            take_lock(&session, &self.access.name).await?;
            *held = session;
        }
        Ok(())
    }
}

async fn take_lock(session: &Client, name: &str) -> Outcome<()> {
    for tries_left in (0..LOCK_TRIES).rev() {
        let free: bool = session.query_one("SELECT pg_try_advisory_lock($1)", &[&LOCK]).await?.get(0);
        if free {
            return Ok(());
        }
        if tries_left > 0 {
            tokio::time::sleep(LOCK_PAUSE).await;
        }
    }
    Err(Fault::Rule(StoreError::InUse { path: name.to_owned() }))
}

/// A session beside the pool.
async fn session(access: &Access) -> Outcome<Client> {
    if access.remote {
        let (client, connection) = access.config.connect(tls()?).await?;
        tokio::spawn(connection);
        return Ok(client);
    }
    let (client, connection) = access.config.connect(NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

fn pool(access: &Access) -> Outcome<Pool> {
    let config = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = if access.remote {
        Manager::from_config(access.config.clone(), tls()?, config)
    } else {
        Manager::from_config(access.config.clone(), NoTls, config)
    };
    let built = Pool::builder(manager)
        .max_size(CONNECTIONS)
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(PATIENCE))
        .create_timeout(Some(PATIENCE))
        .recycle_timeout(Some(PATIENCE))
        .build();
    built.map_err(|error| {
        let (path, why) = (access.name.clone(), error.to_string());
        Fault::Rule(StoreError::Database { path, action: "opened", why })
    })
}

/// TLS with the certificates that this machine trusts.
fn tls() -> Outcome<MakeRustlsConnect> {
    let config = ClientConfig::with_platform_verifier().map_err(|error| {
        let why = format!("the certificates of this machine cannot be read: {error}");
        Fault::Rule(StoreError::Database { path: "PostgreSQL".to_owned(), action: "opened", why })
    })?;
    Ok(MakeRustlsConnect::new(config))
}
