//! The company in which a history plays, and the processes of the connector.
//!
//! The company is Nordwind. Ann, Ben and Cleo (reps 1 to 3) are synchronised; Dora (rep 4) has a mailbox and is not.
//! Karl and Lena work at a customer. Everybody works in Vienna.

use crate::WorldError;
use crate::book::Book;
use crate::clock::{TrueTime, Watch};
use crate::dice::Dice;
use crate::fate::Fate;
use crate::hands::Hands;
use crate::incidents;
use crate::ledger::Ledger;
use crate::sides::Sides;
use crate::wire::{CRM, GRAPH, Wire};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tandem_crm::{ADMINISTRATOR, Embedded};
use tandem_crm_interface::client::{CrmClient, Endpoint, Master};
use tandem_crm_interface::session::Secret;
use tandem_crm_port::CrmPort;
use tandem_engine::{Connector, EngineError, Parts, Roster};
use tandem_graph::{App, ClientLimits, Cloud, Graph, Outside};
use tandem_groupware::Rules;
use tandem_settings::{Settings, SettingsFile};
use tandem_store::{MemoryStore, SqliteStore, Store};
use tandem_tenant::{Tenant, TenantSettings};

/// The domain of the company.
pub const DOMAIN: &str = "nordwind.example";
/// Who is synchronised, in the order of their `RepID`, from 1.
pub const PEOPLE: [&str; 3] = ["ann", "ben", "cleo"];
/// Everybody with a mailbox.
pub const USERS: [&str; 4] = ["ann", "ben", "cleo", "dora"];
/// The administrator's password in the CRM.
pub const PASSWORD: &str = "hush";

/// What is the same for all histories of a thread: the CRM's tables, with the company in them.
pub struct Ground {
    time: Arc<TrueTime>,
    crm: Embedded,
    /// Names of the tenant's faults.
    catalogue: Arc<[String]>,
}

impl Ground {
    /// Builds the CRM and enters the company into it.
    pub async fn build() -> Result<Self, WorldError> {
        let time = Arc::new(TrueTime::default());
        let mut rules = Rules::builtin();
        let mut switches = Rules::builtin_settings().to_owned();
        for (name, value) in [("filter_by_rep", true), ("synchronize_companies", false)] {
            let key = |value: bool| format!("<key name=\"{name}\" value=\"{value}\"/>");
            switches = switches.replace(&key(!value), &key(value));
        }
        rules.read_settings(&switches).map_err(|error| WorldError::Stage(error.to_string()))?;
        let crm = Embedded::open(time.clone(), rules, &Secret::new(PASSWORD))
            .await
            .map_err(|error| WorldError::Stage(error.to_string()))?;
        let mut ground = Self { time, crm, catalogue: Arc::default() };
        let hands = Hands::of(ground.sides(0, false, ""));
        hands.furnish_crm().await?;
        ground.catalogue = incidents::catalogue(&hands).into();
        ground.crm.keep().map_err(|error| WorldError::Stage(error.to_string()))?;
        Ok(ground)
    }

    fn sides(&self, seed: u64, traced: bool, bug: &'static str) -> Arc<Sides> {
        let mut tenant = Tenant::new(TenantSettings { seed, ..TenantSettings::default() });
        tenant.set_graph_url(GRAPH);
        tenant.set_signing_seed(1);
        tenant.spare_signatures();
        Arc::new(Sides {
            tenant: Mutex::new(tenant),
            crm: Mutex::new(self.crm.clone()),
            time: self.time.clone(),
            watch: Arc::new(Watch::new(self.time.clone())),
            dice: Dice::new(seed, 1),
            book: Book::new(traced),
            net: Mutex::default(),
            #[cfg(feature = "planted")]
            echoes: crate::planted::Echoes::default(),
            deletions: Mutex::default(),
            contests: Mutex::default(),
            bug,
            commits: Mutex::default(),
        })
    }
}

/// One process of the connector.
pub struct Process {
    /// When it dies.
    pub fate: Arc<Fate>,
    /// The engine.
    pub connector: Connector,
    /// Its list of mailboxes.
    pub roster: Roster,
}

/// The stage of one history.
pub struct Stage {
    /// Tenant, CRM, time.
    pub sides: Arc<Sides>,
    /// What people do.
    pub hands: Hands,
    /// Names of the tenant's faults.
    pub catalogue: Arc<[String]>,
    /// The settings in force.
    pub settings: Settings,
    /// The store, as it is on disk.
    pub store: Arc<dyn Store>,
    /// Entries of a page, so that some histories have many pages.
    page: u32,
    chance: Arc<Dice>,
    _folder: Option<tempfile::TempDir>,
}

impl Stage {
    /// The company as it is before anything is synchronised.
    pub async fn set(
        ground: &mut Ground,
        seed: u64,
        traced: bool,
        bug: &'static str,
    ) -> Result<Self, WorldError> {
        let stage_error = |error: &dyn std::fmt::Display| WorldError::Stage(error.to_string());
        ground.crm.rewind().map_err(|error| stage_error(&error))?;
        ground.time.begin();
        let sides = ground.sides(seed, traced, bug);
        let hands = Hands::of(sides.clone());
        hands.furnish_tenant()?;
        // One seed in thirty-two keeps its store in a file.
        let on_disk = seed % 32 == 7;
        let folder = if on_disk { Some(folder().map_err(|error| stage_error(&error))?) } else { None };
        let store: Arc<dyn Store> = match &folder {
            Some(folder) => {
                let path = folder.path().join("store.db");
                Arc::new(SqliteStore::open_here(&path).map_err(|error| stage_error(&error))?)
            }
            None => Arc::new(MemoryStore::new()),
        };
        let (settings, chance) = (settings()?, Arc::new(Dice::new(seed, 2)));
        let page = if seed.is_multiple_of(3) { 2 } else { 50 };
        let catalogue = ground.catalogue.clone();
        Ok(Self { sides, hands, catalogue, settings, store, page, chance, _folder: folder })
    }

    /// Starts a process: it knows nothing but the store and the settings.
    pub async fn start(&self) -> Result<Process, EngineError> {
        let fate = Arc::new(Fate::default());
        let wire = Arc::new(Wire::of(self.sides.clone(), fate.clone()));
        let outside =
            Outside { transport: wire.clone(), clock: self.sides.watch.clone(), chance: self.chance.clone() };
        let app = {
            let tenant = self.sides.tenant();
            App {
                tenant_id: tenant.tenant_id().to_owned(),
                client_id: tenant.client_id().to_owned(),
                secret: tandem_graph::Secret::new(tenant.client_secret()),
            }
        };
        let connection = &self.settings.connection;
        let cloud = Cloud { login: connection.login_url.clone(), graph: connection.graph_url.clone() };
        let crm = CrmClient::new(
            wire,
            self.chance.clone(),
            Endpoint { url: connection.crm_url.clone() },
            Master { user: ADMINISTRATOR.to_owned(), password: Secret::new(PASSWORD) },
            connection.installation.clone(),
            Duration::from_secs(60),
        );
        let limits = ClientLimits {
            messages_per_page: self.page,
            items_per_page: self.page,
            ..ClientLimits::default()
        };
        #[allow(unused_mut, reason = "planted bugs change it")]
        let mut settings = self.settings.clone();
        #[cfg(feature = "planted")]
        crate::planted::settings(self.sides.bug, &mut settings);
        let store = Ledger::new(self.store.clone(), self.sides.clone(), fate.clone());
        let crm: Arc<dyn CrmPort> = Arc::new(crm);
        #[cfg(feature = "planted")]
        let crm =
            Arc::new(crate::planted::Misled { inner: crm, store: self.store.clone(), bug: self.sides.bug });
        let connector = Connector::new(Parts {
            graph: Graph::new(outside, cloud, app, limits),
            crm,
            store: Arc::new(store),
            settings,
            clock: self.sides.watch.clone(),
            chance: self.chance.clone(),
        });
        let roster = connector.refresh().await?;
        Ok(Process { fate, connector, roster })
    }
}

/// A folder in memory where the machine has one: what a power cut does to files is no part of a history, and to wait for
/// a disk takes longer than the history.
fn folder() -> std::io::Result<tempfile::TempDir> {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir())
}

fn settings() -> Result<Settings, WorldError> {
    let text = format!(
        r#"
        [connection]
        address_spaces = ["{DOMAIN}"]
        crm_url = "{CRM}"
        graph_url = "{GRAPH}"
        login_url = "{GRAPH}"

        [appointments]
        past_days = 30
        future_days = 60
        published = true

        [tasks]
        past_days = 30
        future_days = 60
        "#
    );
    let file = SettingsFile::parse(&text, Path::new("world.toml"));
    Ok(file.map_err(|error| WorldError::Stage(error.to_string()))?.settings().clone())
}
