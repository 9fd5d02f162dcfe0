//! The stage of the scenarios: the simulated tenant, the embedded CRM and the real engine between them, in one process.
//!
//! The company is Nordwind. Ann (rep 1) and Ben (rep 2) are synchronised; Dora (rep 3) has a mailbox and is not.
//! Karl works at a customer and is Ann's person in the CRM. Everybody works in Vienna.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may stop at the first surprise")]

mod line;
mod outlook;
mod records;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use line::Line;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tandem_audit::{ControlApi, CrmAccess, CrmSession};
use tandem_crm_interface::client::{CrmClient, Endpoint, Master};
use tandem_crm_port::CrmPort;
use tandem_engine::{Connector, EngineError, Parts, Roster};
use tandem_graph::{App, ClientLimits, Cloud, Graph, Outside};
use tandem_groupware::Rules;
use tandem_model::{Kind, MailboxId};
use tandem_outside::{Clock, SystemChance};
use tandem_settings::{Settings, SettingsFile};
use tandem_store::{JournalEntry, Link, MemoryStore, Store};

pub const DOMAIN: &str = "nordwind.example";
pub const ANN: &str = "ann@nordwind.example";
pub const BEN: &str = "ben@nordwind.example";
pub const DORA: &str = "dora@nordwind.example";
pub const KARL: &str = "karl@kunde.example";

/// Cycles of all mailboxes until which everything has to be quiet.
const ROUNDS: usize = 10;

const PASSWORD: &str = "hush";

/// The connector's clock: the real one, set forward by so many seconds.
#[derive(Default)]
pub struct Watch(AtomicI64);

impl Clock for Watch {
    fn now(&self) -> Timestamp {
        Timestamp::now() + SignedDuration::from_secs(self.0.load(Ordering::SeqCst))
    }
}

pub struct Stage {
    tenant: tandem_tenant::Running,
    running: Option<tandem_crm::Running>,
    control: ControlApi,
    session: CrmSession,
    pub store: Arc<MemoryStore>,
    pub line: Arc<Line>,
    watch: Arc<Watch>,
    settings: Settings,
    pub connector: Connector,
    pub roster: Roster,
    today: Date,
    folder: tempfile::TempDir,
}

impl Stage {
    /// Everybody is there, nothing has been synchronised.
    pub async fn set() -> Self {
        Self::set_with(|_| {}).await
    }

    /// The same with other settings.
    pub async fn set_with(adjust: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        write_rules(&folder.path().join("system"));
        let nobody = tandem_tenant::Options { users: tandem_tenant::SeedUsers::None, ..Default::default() };
        let tenant = tandem_tenant::serve(nobody).await.unwrap();
        let control = ControlApi::new(&tenant.control_url).unwrap();
        let running = start_crm(folder.path()).await;
        let session = session(&running);
        let mut settings = settings(&tenant, &running.interface());
        adjust(&mut settings);
        let (store, line, watch) =
            (Arc::new(MemoryStore::new()), Arc::new(Line::new()), Arc::new(Watch::default()));
        let connector = connector(&tenant, &settings, &store, &line, &watch);
        let mut stage = Self {
            tenant,
            running: Some(running),
            control,
            session,
            store,
            line,
            watch,
            settings,
            connector,
            roster: Roster::default(),
            today: jiff::tz::TimeZone::UTC.to_datetime(Timestamp::now()).date(),
            folder,
        };
        stage.furnish().await;
        stage.roster = stage.connector.refresh().await.unwrap();
        assert_eq!(stage.roster.mailboxes.len(), 2, "{:?}", stage.roster.findings);
        stage
    }

    async fn furnish(&self) {
        self.adds("Company", &[("CoGrp", "2"), ("CoNo", "1"), ("Company", "Nordwind")]).await;
        self.adds("Company", &[("CoGrp", "2"), ("CoNo", "10"), ("Company", "Kunde GmbH"), ("RepID", "1")])
            .await;
        for (number, name) in [("1", "ann"), ("2", "ben"), ("3", "dora")] {
            let address = format!("{name}@{DOMAIN}");
            self.outlook(
                "POST",
                "/users",
                json!({"mail": address, "displayName": name, "timeZone": "W. Europe Standard Time"}),
            )
            .await;
            let work = [("PeGrp", "2"), ("PeNo", number), ("CoGrp", "2"), ("CoNo", "1"), ("Email", &address)];
            self.adds("Person", &[&work[..], &[("FirstName", name), ("LastName", "Nord")]].concat()).await;
            let flag = if name == "dora" { "false" } else { "true" };
            self.adds(
                "Rep",
                &[
                    ("RepID", number),
                    ("Name", name),
                    ("Login", name),
                    ("Email", &address),
                    ("Inactive", "false"),
                    ("PeGrp", "2"),
                    ("PeNo", number),
                    ("ConnectorEnabled", flag),
                    ("SyncEmails", flag),
                    ("SyncAppointments", flag),
                    ("SyncTasks", flag),
                    ("SyncAddressBook", flag),
                    ("Language", "en"),
                    ("TimeZone", "Europe/Vienna"),
                ],
            )
            .await;
        }
        let karl =
            [("PeGrp", "2"), ("PeNo", "101"), ("CoGrp", "2"), ("CoNo", "10"), ("Company", "Kunde GmbH")];
        let named = [("FirstName", "Karl"), ("LastName", "Kunde"), ("Email", KARL), ("Phone", "+43 1 111")];
        self.adds("Person", &[&karl[..], &named, &[("RepID", "1")]].concat()).await;
    }

    /// The CRM's administrator changes forms.xml; the connector hears of it within a minute.
    pub fn rewrites_forms(&self, change: impl FnOnce(String) -> String) {
        let path = self.folder.path().join("system/xml/forms.xml");
        let changed = change(std::fs::read_to_string(&path).unwrap());
        std::fs::write(&path, changed).unwrap();
        self.later(61);
    }

    /// The CRM's administrator lists fields in a table of a form.
    pub fn lists(&self, form: &str, table: &str, fields: &str) {
        self.rewrites_forms(|forms| {
            let start = format!("<form type=\"{form}\">\n    <table tablename=\"{table}\">\n");
            assert!(forms.contains(&start), "{start}");
            forms.replace(&start, &format!("{start}{fields}\n"))
        });
    }

    /// A day, counted from today.
    pub fn day(&self, offset: i64) -> String {
        self.today.saturating_add(offset.days()).to_string()
    }

    /// The connector's clock goes forward.
    pub fn later(&self, seconds: i64) {
        self.watch.0.fetch_add(seconds, Ordering::SeqCst);
    }

    /// Time goes by for everybody who waits. It does so while no request is under way, whose answer would come too late.
    pub async fn passes(&self, seconds: u64) {
        while !self.line.is_idle() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(seconds)).await;
        tokio::time::resume();
        self.later(i64::try_from(seconds).unwrap());
    }

    /// The id of somebody's mailbox.
    pub fn id(&self, who: &str) -> MailboxId {
        let address = format!("{who}@{DOMAIN}");
        let renamed = format!("renamed.{address}");
        let mut mailboxes = self.roster.mailboxes.iter();
        let found = mailboxes.find(|mailbox| [&address, &renamed].contains(&&mailbox.address.to_string()));
        found.unwrap().id.clone()
    }

    /// One cycle of one mailbox.
    pub async fn cycle(&self, who: &str) -> Result<u64, EngineError> {
        self.connector.cycle_once(&self.roster, &self.id(who)).await
    }

    /// Cycles of all mailboxes until none of them writes any more, and two more that have to be idle.
    pub async fn settle(&self) {
        for _ in 0..ROUNDS {
            if self.round().await == 0 {
                return self.stays_quiet().await;
            }
        }
        panic!("still writing after {ROUNDS} rounds");
    }

    /// Two further cycles of each mailbox write nothing on either side.
    pub async fn stays_quiet(&self) {
        for _ in 0..2 {
            let written = self.round().await;
            assert_eq!(written, 0, "writes of an idle cycle");
        }
    }

    /// A cycle of each mailbox. Answers the writes that the two sides saw.
    async fn round(&self) -> u64 {
        let before = self.writes().await;
        for who in ["ann", "ben"] {
            self.cycle(who).await.unwrap();
        }
        self.writes().await - before
    }

    async fn writes(&self) -> u64 {
        let stats = self.outlook("GET", "/stats", Value::Null).await;
        stats["writes"].as_u64().unwrap() + self.session.writes().await.unwrap()
    }

    /// The journal of an item.
    pub async fn story(&self, item: &str) -> Vec<JournalEntry> {
        self.store.story(item).await.unwrap()
    }

    /// All reasons that the journal gives for an item, in order.
    pub async fn reasons(&self, item: &str) -> Vec<String> {
        let mut reasons = Vec::new();
        for line in self.story(item).await {
            let facts = line.entry.facts.as_array().cloned().unwrap_or_default();
            let more = facts.iter().filter_map(Value::as_object).flat_map(|fact| fact.keys().cloned());
            let more: Vec<String> = more.filter(|code| *code != line.entry.code).collect();
            reasons.push(line.entry.code);
            reasons.extend(more);
        }
        reasons
    }

    /// The journal of an item names this reason.
    pub async fn was(&self, item: &str, reason: &str) {
        let reasons = self.reasons(item).await;
        assert!(reasons.iter().any(|known| known == reason), "no {reason} in {reasons:?}");
    }

    /// The administrator changes the settings and starts the connector again.
    pub async fn restart_with(&mut self, adjust: impl FnOnce(&mut Settings)) {
        adjust(&mut self.settings);
        self.connector = self.second_connector();
        self.roster = self.connector.refresh().await.unwrap();
    }

    /// Another connector on the same store.
    pub fn second_connector(&self) -> Connector {
        connector(&self.tenant, &self.settings, &self.store, &self.line, &self.watch)
    }

    /// The port to the CRM, as the connector has it.
    pub fn port(&self) -> Arc<dyn CrmPort> {
        Arc::new(crm_client(&self.settings, &self.line))
    }

    /// The connector works with another CRM from now on.
    pub async fn replace_crm(&mut self, crm: Arc<dyn CrmPort>) {
        self.connector =
            connector_to(crm, &self.tenant, &self.settings, &self.store, &self.line, &self.watch);
        self.roster = self.connector.refresh().await.unwrap();
    }

    /// Ends the CRM, does something to its database file, and starts it again.
    pub async fn with_crm_stopped(&mut self, meanwhile: impl FnOnce(&Path)) {
        self.running.take().unwrap().shutdown().await;
        meanwhile(&self.folder.path().join("crm.db"));
        let running = start_crm(self.folder.path()).await;
        self.session = session(&running);
        let interface = running.interface();
        self.running = Some(running);
        self.restart_with(|settings| settings.connection.crm_url = interface.parse().unwrap()).await;
    }

    /// Asks Graph for what the control API does not show.
    async fn graph(&self, method: &str, path: &str, body: Value) -> Value {
        let form = format!(
            "grant_type=client_credentials&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default&client_id={}&client_secret={}",
            self.tenant.client_id, self.tenant.client_secret
        );
        let content = |media: &str| ("content-type".to_owned(), media.to_owned());
        let login = tandem_tenant::Request {
            method: "POST".into(),
            path: format!("/{}/oauth2/v2.0/token", self.tenant.tenant_id),
            headers: vec![content("application/x-www-form-urlencoded")],
            body: form.into(),
            ..Default::default()
        };
        let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
        self.tenant.with_tenant(|tenant| {
            let token = json_of(tenant.handle(&login, Timestamp::now()));
            let bearer = format!("Bearer {}", token["access_token"].as_str().unwrap());
            let request = tandem_tenant::Request {
                method: method.to_owned(),
                path: path.to_owned(),
                query: query.map(str::to_owned),
                headers: vec![("authorization".into(), bearer), content("application/json")],
                body: if body.is_null() { Vec::new().into() } else { body.to_string().into() },
            };
            json_of(tenant.handle(&request, Timestamp::now()))
        })
    }

    /// The links of a mailbox.
    pub async fn links(&self, who: &str, kind: Kind) -> Vec<Link> {
        let links = self.store.links(&self.id(who), kind, None, 1000).await.unwrap();
        links.into_iter().map(|linked| linked.link).collect()
    }

    /// The curtain falls.
    pub async fn strike(mut self) {
        self.running.take().unwrap().shutdown().await;
        self.tenant.stop().await.unwrap();
    }
}

fn json_of(response: tandem_tenant::Response) -> Value {
    match response.body {
        tandem_tenant::Content::Json(value) if response.status < 300 => value,
        _ => panic!("HTTP {}", response.status),
    }
}

/// The CRM's rules: the template, with persons of the rep's own only, and no companies, in address books.
fn write_rules(system: &Path) {
    std::fs::create_dir_all(system.join("xml")).unwrap();
    let mut switches = Rules::builtin_settings().to_owned();
    for (name, value) in [("filter_by_rep", true), ("synchronize_companies", false)] {
        let key = |value: bool| format!("<key name=\"{name}\" value=\"{value}\"/>");
        assert!(switches.contains(&key(!value)), "{name}");
        switches = switches.replace(&key(!value), &key(value));
    }
    std::fs::write(system.join("settings.xml"), switches).unwrap();
    std::fs::write(system.join("xml/forms.xml"), Rules::builtin_forms()).unwrap();
}

async fn start_crm(folder: &Path) -> tandem_crm::Running {
    let password = tandem_crm_interface::session::Secret::new(PASSWORD);
    let options = tandem_crm::Options {
        db: Some(folder.join("crm.db")),
        system: Some(folder.join("system")),
        password: Some(tandem_crm::Password(password)),
        ..Default::default()
    };
    tandem_crm::start(options).await.unwrap()
}

fn session(crm: &tandem_crm::Running) -> CrmSession {
    let access = CrmAccess {
        interface: crm.interface(),
        user: crm.master_user().to_owned(),
        password: PASSWORD.to_owned(),
    };
    CrmSession::new(access).unwrap()
}

fn settings(tenant: &tandem_tenant::Running, crm: &str) -> Settings {
    let text = format!(
        r#"
        [connection]
        address_spaces = ["{DOMAIN}"]
        crm_url = "{crm}"
        graph_url = "{}"
        login_url = "{}"

        [appointments]
        past_days = 30
        future_days = 60

        [tasks]
        past_days = 30
        future_days = 60
        "#,
        tenant.graph_url, tenant.login_url
    );
    SettingsFile::parse(&text, Path::new("tandem.toml")).unwrap().settings().clone()
}

fn connector(
    tenant: &tandem_tenant::Running,
    settings: &Settings,
    store: &Arc<MemoryStore>,
    line: &Arc<Line>,
    watch: &Arc<Watch>,
) -> Connector {
    connector_to(Arc::new(crm_client(settings, line)), tenant, settings, store, line, watch)
}

fn connector_to(
    crm: Arc<dyn CrmPort>,
    tenant: &tandem_tenant::Running,
    settings: &Settings,
    store: &Arc<MemoryStore>,
    line: &Arc<Line>,
    watch: &Arc<Watch>,
) -> Connector {
    let outside = Outside { transport: line.clone(), clock: watch.clone(), chance: Arc::new(SystemChance) };
    let app = App {
        tenant_id: tenant.tenant_id.clone(),
        client_id: tenant.client_id.clone(),
        secret: tandem_graph::Secret::new(&tenant.client_secret),
    };
    let cloud =
        Cloud { login: settings.connection.login_url.clone(), graph: settings.connection.graph_url.clone() };
    Connector::new(Parts {
        graph: Graph::new(outside, cloud, app, ClientLimits::default()),
        crm,
        store: store.clone(),
        settings: settings.clone(),
        clock: watch.clone(),
        chance: Arc::new(SystemChance),
    })
}

fn crm_client(settings: &Settings, line: &Arc<Line>) -> CrmClient {
    CrmClient::new(
        line.clone(),
        Arc::new(SystemChance),
        Endpoint { url: settings.connection.crm_url.clone() },
        Master {
            user: tandem_crm::ADMINISTRATOR.to_owned(),
            password: tandem_crm_interface::session::Secret::new(PASSWORD),
        },
        settings.connection.installation.clone(),
        Duration::from_secs(60),
    )
}
