//! Starting and ending the CRM.

use crate::admin::catalogs;
use crate::crm::Crm;
use crate::error::CrmError;
use crate::options::Options;
use crate::password::{self, Passwords};
use crate::schema::Schema;
use crate::storage::{Author, Storage};
use crate::system::System;
use crate::tls::Tls;
use crate::{fill, pages, server};
use serde_json::json;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tandem_crm_interface::session::Secret;
use tandem_web::Route;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// The administrator who is there from the start.
pub const ADMINISTRATOR: &str = "OCSU";

/// How long answers under way may take when the CRM ends.
const GRACE: Duration = Duration::from_secs(3);

/// How often the system folder is looked at when nobody asks.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A CRM that serves. Dropping it leaves it serving; end it with [`Running::shutdown`].
pub struct Running {
    address: SocketAddr,
    /// Scheme, host and port as clients name them.
    origin: String,
    master_user: String,
    password: Option<Secret>,
    storage: Storage,
    routes: Vec<Route>,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

/// Opens the database, reads the rules, fills what is to be filled, and serves.
pub async fn start(options: Options) -> Result<Running, CrmError> {
    let acceptor = options.tls.as_ref().map(Tls::acceptor).transpose()?;
    if acceptor.is_none() && !options.listen.ip().is_loopback() {
        return Err(CrmError::NotLoopback(options.listen));
    }
    let schema = Arc::new(Schema::builtin()?);
    let system = System::load(options.system.as_deref(), Arc::clone(&schema))?;
    let storage = Storage::open(options.db.as_deref(), schema)?;
    storage.write(Author::system(), catalogs::add_missing).await?;
    if let Some(folder) = &options.fill {
        let added = fill::fill(&storage, folder).await?;
        tracing::info!(added, folder = %folder.display(), "filled");
    }
    let passwords = Passwords::new(storage.clone())?.with_rounds(options.password_rounds);
    let master_user = system.master_user().unwrap_or_else(|| ADMINISTRATOR.to_owned());
    let given = options.password.map(|password| password.0);
    let password = set_passwords(&passwords, &master_user, given).await?;

    let listen = |source| CrmError::Listen { address: options.listen, source };
    let listener = TcpListener::bind(options.listen).await.map_err(listen)?;
    let address = listener.local_addr().map_err(listen)?;
    let origin = acceptor.as_ref().map_or_else(|| format!("http://{address}"), |_| Tls::origin(address));
    let (stop, stopped) = watch::channel(false);
    let crm = Crm::new(storage.clone(), passwords, system.clone());
    let (pages, routes) = pages::pages(&crm, acceptor.is_some())?;
    tokio::spawn(watch_system(system, stop.subscribe()));
    let task = tokio::spawn(server::serve(listener, acceptor, crm, pages, stopped));
    Ok(Running { address, origin, master_user, password, storage, routes, stop, task })
}

/// Requests look at the files of the system folder by themselves; this is so that the log tells of a bad one even when
/// nobody asks.
async fn watch_system(system: System, mut stopped: watch::Receiver<bool>) {
    let mut ticks = tokio::time::interval(LOOK_EVERY);
    loop {
        tokio::select! {
            _ = ticks.tick() => system.files(),
            _ = stopped.changed() => return,
        };
    }
}

/// A given password holds for administrator and master user; else those who have none yet get one that is made up.
/// Answers the password where it is known.
async fn set_passwords(
    passwords: &Passwords,
    master_user: &str,
    given: Option<Secret>,
) -> Result<Option<Secret>, CrmError> {
    let made = given.is_none();
    let password = match given {
        Some(password) => password,
        None => password::make()?,
    };
    let mut set = false;
    for user in std::collections::BTreeSet::from([ADMINISTRATOR, master_user]) {
        if !made || !passwords.knows(user).await? {
            passwords.set(user, &password, made).await?;
            set = set || user == master_user;
        }
    }
    Ok(set.then_some(password))
}

impl Running {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where CRM.interface is.
    pub fn interface(&self) -> String {
        format!("{}{}", self.origin, server::INTERFACE_PATH)
    }

    /// The addresses of its pages, and who may ask for them.
    pub fn pages(&self) -> &[Route] {
        &self.routes
    }

    /// Login of the master user for the client type `GraphApi`.
    pub fn master_user(&self) -> &str {
        &self.master_user
    }

    /// The master user's password; none where an earlier run set it, since it is kept as a hash only.
    pub fn password(&self) -> Option<&Secret> {
        self.password.as_ref()
    }

    /// The line for standard output that says that the CRM is ready: the one place that shows the password.
    pub fn ready_line(&self) -> String {
        json!({
            "ready": "crm",
            "interface": self.interface(),
            "web": format!("{}/", self.origin),
            "master_user": self.master_user,
            "password": self.password.as_ref().map(Secret::reveal),
        })
        .to_string()
    }

    /// Ends in order: what is under way is answered, what is written is on disk.
    pub async fn shutdown(mut self) {
        let _ = self.stop.send(true);
        if tokio::time::timeout(GRACE, &mut self.task).await.is_err() {
            self.task.abort();
        }
        let storage = self.storage.clone();
        // Waits for the writing thread, which may wait for the disk.
        let _ = tokio::task::spawn_blocking(move || storage.close()).await;
    }
}
