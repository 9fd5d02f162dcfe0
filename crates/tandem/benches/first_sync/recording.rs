//! The connector's own traffic in a first synchronisation, recorded once: the engine runs in this process, and its
//! transport keeps what passes.

use super::{PATIENCE, set};
use async_trait::async_trait;
use bytes::Bytes;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tandem_credentials::{Protection, Users};
use tandem_crm_interface::client::{CrmClient, Endpoint, Master};
use tandem_engine::{Connector, Parts};
use tandem_graph::{App, ClientLimits, Cloud, Graph, Outside};
use tandem_outside::{Chance, Clock, Limits, Network, SystemChance, SystemClock, Transport, TransportError};
use tandem_settings::{Settings, SettingsFile};
use tandem_store::SqliteStore;
use tokio::sync::watch;

/// One request with its answer.
#[derive(Debug, Clone)]
pub struct Exchange {
    pub request: http::Request<Bytes>,
    pub answer: http::Response<Bytes>,
}

/// What a connector on a stage is told: settings and credentials.
pub struct Access {
    pub settings: Settings,
    pub users: Users,
}

impl Access {
    pub fn of(config: &Path) -> Self {
        let file = SettingsFile::load(config).expect("settings");
        let settings = file.settings().clone();
        let users =
            Users::load(&settings.connection.users_file, Protection::AllowPlain).expect("credentials");
        Self { settings, users }
    }

    pub fn graph(&self) -> &str {
        self.settings.connection.graph_url.as_str().trim_end_matches('/')
    }

    pub fn login(&self) -> &str {
        self.settings.connection.login_url.as_str().trim_end_matches('/')
    }

    pub fn crm(&self) -> &str {
        self.settings.connection.crm_url.as_str()
    }

    pub fn password(&self) -> &str {
        let master = self.users.master().expect("the master user");
        master.password.as_ref().expect("his password").expose()
    }
}

/// Everything that passed until the first synchronisation was done.
pub struct Recording {
    pub exchanges: Vec<Exchange>,
    pub access: Access,
    /// The connector's store as it was then.
    pub store: PathBuf,
    /// Mailbox ids by rep.
    pub reps: BTreeMap<String, String>,
}

impl Recording {
    /// Requests, those in a batch one by one, without those for a token.
    pub fn requests(&self) -> usize {
        self.exchanges.iter().map(|exchange| weight(&exchange.request, self.access.login())).sum()
    }

    pub fn told(&self) -> String {
        let crm = self.exchanges.iter().filter(|one| *one.request.uri() == self.access.crm()).count();
        format!("recorded {} requests, {crm} of them to the CRM", self.requests())
    }
}

/// How many requests a message counts for.
pub fn weight(request: &http::Request<Bytes>, login: &str) -> usize {
    if request.uri().path().ends_with("/$batch") {
        let body: serde_json::Value = serde_json::from_slice(request.body()).unwrap_or_default();
        return body["requests"].as_array().map_or(1, Vec::len);
    }
    usize::from(!(request.uri().to_string().starts_with(login) && request.uri().path().ends_with("/token")))
}

struct Recorder {
    network: Network,
    kept: Mutex<Vec<Exchange>>,
}

#[async_trait]
impl Transport for Recorder {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        limits: Limits,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let copy = request.clone();
        let answer = self.network.send(request, limits).await?;
        self.kept.lock().expect("lock").push(Exchange { request: copy, answer: answer.clone() });
        Ok(answer)
    }
}

/// Records a first synchronisation.
pub async fn record(dir: &Path, mailboxes: usize) -> Recording {
    std::fs::create_dir_all(dir).expect("a folder");
    let stage = set(dir, mailboxes).await;
    let access = Access::of(stage.config());
    let recorder = Arc::new(Recorder { network: Network::new().expect("a network"), kept: Mutex::default() });
    let connector = assemble(&access, Arc::clone(&recorder) as Arc<dyn Transport>);
    let roster = connector.refresh().await.expect("the roster");
    let reps = roster.mailboxes.iter().map(|seed| (seed.rep.to_string(), seed.id.to_string())).collect();
    let (stop, stopped) = watch::channel(false);
    let running = tokio::spawn(async move { connector.run(roster, stopped).await });
    let begun = Instant::now();
    while let Some(open) = stage.unsettled().await.expect("the store") {
        assert!(begun.elapsed() < PATIENCE, "not settled: {open}");
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    let exchanges = std::mem::take(&mut *recorder.kept.lock().expect("lock"));
    let _ = stop.send(true);
    running.await.expect("the engine").expect("the engine");
    let store = stage.store();
    stage.strike().await;
    Recording { exchanges, access, store, reps }
}

fn assemble(access: &Access, transport: Arc<dyn Transport>) -> Connector {
    let Access { settings, users } = access;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let chance: Arc<dyn Chance> = Arc::new(SystemChance);
    let (app, master) = (users.app().expect("the app"), users.master().expect("the master user"));
    let outside =
        Outside { transport: Arc::clone(&transport), clock: Arc::clone(&clock), chance: Arc::clone(&chance) };
    let cloud =
        Cloud { login: settings.connection.login_url.clone(), graph: settings.connection.graph_url.clone() };
    let app = App {
        tenant_id: app.tenant_id.clone(),
        client_id: app.client_id.clone(),
        secret: tandem_graph::Secret::new(app.secret.expose()),
    };
    let graph = Graph::new(outside, cloud, app, ClientLimits::default());
    let password = tandem_crm_interface::session::Secret::new(access.password());
    let crm = CrmClient::new(
        transport,
        Arc::clone(&chance),
        Endpoint { url: settings.connection.crm_url.clone() },
        Master { user: master.login.clone(), password },
        settings.connection.installation.clone(),
        settings.errors.crm_timeout,
    );
    let store = Arc::new(SqliteStore::open(&settings.connection.store).expect("the store"));
    Connector::new(Parts { graph, crm: Arc::new(crm), store, settings: settings.clone(), clock, chance })
}
