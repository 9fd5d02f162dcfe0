//! Tenant, CRM and connector: three processes of the same binary.

use crate::DemoError;
use crate::company::{Company, DOMAIN};
use crate::process::Process;
use crate::sides::TenantAccess;
use std::path::{Path, PathBuf};
use tandem_audit::CrmAccess;
use tandem_credentials::{AppRegistration, MasterUser, Protection, Secret, Users};
use tandem_groupware::Rules;

/// Time frames of the demonstration, in days.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frames {
    pub(crate) appointment_past: i64,
    pub(crate) appointment_future: i64,
    pub(crate) task_past: i64,
    pub(crate) task_future: i64,
}

/// What distinguishes one set-up from another.
#[derive(Debug, Clone)]
pub(crate) struct Setup {
    pub(crate) frames: Frames,
    /// The CRM may make persons, and mails travel though their recipients do not name the mailbox's owner:
    /// for other people's files.
    pub(crate) open: bool,
    /// Pause between two cycles.
    pub(crate) pause: &'static str,
}

impl Setup {
    /// For the company alone, or for other people's files too, whose calendars are up to forty years old.
    pub(crate) fn new(corpus: bool, once: bool) -> Self {
        let past = if corpus { 15_000 } else { 30 };
        Self {
            frames: Frames { appointment_past: past, appointment_future: 90, task_past: 30, task_future: 90 },
            open: corpus,
            pause: if once { "1s" } else { "2s" },
        }
    }
}

/// The two simulators.
pub(crate) struct Simulators {
    tenant: Process,
    crm: Process,
}

impl Simulators {
    /// Writes the CRM's rules and starts both.
    pub(crate) async fn start(binary: &Path, dir: &Path, setup: &Setup) -> Result<Self, DemoError> {
        write_rules(&dir.join("system"), setup)?;
        let tenant = ["tenant", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--empty"];
        let (tenant, crm) = tokio::join!(
            Process::start("tenant", binary, &tenant, dir.join("tenant.log")),
            start_crm(binary, dir, "127.0.0.1:0")
        );
        Ok(Self { tenant: tenant?, crm: crm? })
    }

    pub(crate) fn ready_lines(&self) -> [&serde_json::Value; 2] {
        [self.tenant.ready(), self.crm.ready()]
    }

    pub(crate) fn tenant_access(&self) -> TenantAccess {
        TenantAccess {
            graph: self.tenant.said("graph"),
            login: self.tenant.said("login"),
            control: self.tenant.said("control"),
            tenant_id: self.tenant.said("tenant_id"),
            client_id: self.tenant.said("client_id"),
            client_secret: self.tenant.said("client_secret"),
        }
    }

    pub(crate) fn crm_access(&self) -> CrmAccess {
        CrmAccess {
            interface: self.crm.said("interface"),
            user: self.crm.said("master_user"),
            password: self.crm.said("password"),
        }
    }

    /// Where the CRM's pages are, and how to sign in.
    pub(crate) fn pages(&self) -> String {
        let CrmAccess { user, password, .. } = self.crm_access();
        format!("{} (sign in as {user} with the password {password})", self.crm.said("web"))
    }

    pub(crate) fn check(&mut self) -> Result<(), DemoError> {
        self.tenant.check()?;
        self.crm.check()
    }

    /// Parts them, for those who end one before the other.
    pub(crate) fn into_parts(self) -> (Process, Process) {
        (self.tenant, self.crm)
    }

    pub(crate) async fn end(self) {
        tokio::join!(self.tenant.end(), self.crm.end());
    }
}

/// Starts the CRM on the rules and the database in `dir`.
pub(crate) async fn start_crm(binary: &Path, dir: &Path, listen: &str) -> Result<Process, DemoError> {
    let (db, system) = (text(&dir.join("crm.db")), text(&dir.join("system")));
    let crm = ["crm", "--listen", listen, "--db", &db, "--system", &system];
    Process::start("CRM", binary, &crm, dir.join("crm.log")).await
}

/// Writes the connector's settings and credentials, and starts it.
pub(crate) async fn start_connector(
    binary: &Path,
    dir: &Path,
    setup: &Setup,
    tenant: &TenantAccess,
    crm: &CrmAccess,
    company: &Company,
) -> Result<Process, DemoError> {
    let config = configure(dir, setup, tenant, crm, company)?;
    let mut connector = spawn_connector(binary, dir, &config)?;
    connector.get_ready().await?;
    Ok(connector)
}

/// Writes the connector's settings and credentials; answers the settings file.
pub(crate) fn configure(
    dir: &Path,
    setup: &Setup,
    tenant: &TenantAccess,
    crm: &CrmAccess,
    company: &Company,
) -> Result<PathBuf, DemoError> {
    let users = dir.join("users.xml");
    write_credentials(&users, tenant, crm, company)?;
    let config = settings_path(dir);
    std::fs::write(&config, settings(dir, setup, tenant, crm))
        .map_err(DemoError::file(&config, "written"))?;
    Ok(config)
}

/// Starts the connector and waits for nothing.
pub(crate) fn spawn_connector(binary: &Path, dir: &Path, config: &Path) -> Result<Process, DemoError> {
    Process::spawn("connector", binary, &["run", "--config", &text(config)], dir.join("connector.log"))
}

/// The connector's settings file in `dir`.
pub(crate) fn settings_path(dir: &Path) -> PathBuf {
    dir.join("tandem.toml")
}

/// Where the connector keeps what it knows.
pub(crate) fn store_path(dir: &Path) -> PathBuf {
    dir.join("tandem.db")
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn write_credentials(
    path: &Path,
    tenant: &TenantAccess,
    crm: &CrmAccess,
    company: &Company,
) -> Result<(), DemoError> {
    let mut users = Users::empty(path);
    users.set_app(AppRegistration {
        admin_email: company.colleagues[0].address.clone(),
        tenant_id: tenant.tenant_id.clone(),
        client_id: tenant.client_id.clone(),
        secret: Secret::new(tenant.client_secret.clone()),
    });
    users.set_master(MasterUser {
        login: crm.user.clone(),
        password: Some(Secret::new(crm.password.clone())),
    });
    Ok(users.save(Protection::AllowPlain)?)
}

/// The CRM's two files: the built-in template with the switches that the demonstration needs.
fn write_rules(system: &Path, setup: &Setup) -> Result<(), DemoError> {
    let folder = system.join("xml");
    std::fs::create_dir_all(&folder).map_err(DemoError::file(&folder, "made"))?;
    let mut switches = Rules::builtin_settings().to_owned();
    let create = setup.open;
    for (name, value) in [
        ("filter_by_rep", true),
        ("synchronize_companies", false),
        ("generate_todo_records", true),
        ("create_persons", create),
    ] {
        switches = switched(&switches, name, value);
    }
    for (path, content) in
        [(system.join("settings.xml"), switches.as_str()), (folder.join("forms.xml"), Rules::builtin_forms())]
    {
        std::fs::write(&path, content).map_err(DemoError::file(&path, "written"))?;
    }
    Ok(())
}

fn switched(settings: &str, name: &str, value: bool) -> String {
    let key = |value: bool| format!("<key name=\"{name}\" value=\"{value}\"/>");
    settings.replace(&key(!value), &key(value))
}

fn settings(dir: &Path, setup: &Setup, tenant: &TenantAccess, crm: &CrmAccess) -> String {
    let Setup { frames, open, pause } = setup;
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let path = |name: &str| quoted(&text(&dir.join(name)));
    format!(
        r#"# Written by `tandem demo`.
[connection]
address_spaces = ["{DOMAIN}"]
crm_url = {crm}
graph_url = {graph}
login_url = {login}
users_file = {users}
allow_plain_credentials = true
store = {store}
installation = "demo"

[emails]
interval = "{pause}"
owner_not_recipient = {open}

[appointments]
interval = "{pause}"
past_days = {past}
future_days = {future}

[contacts]
interval = "{pause}"

[tasks]
interval = "{pause}"
past_days = {task_past}
future_days = {task_future}

[errors]
retry_first = "1s"
retry_max = "10s"
"#,
        crm = quoted(&crm.interface),
        graph = quoted(&tenant.graph),
        login = quoted(&tenant.login),
        users = path("users.xml"),
        store = quoted(&text(&store_path(dir))),
        past = frames.appointment_past,
        future = frames.appointment_future,
        task_past = frames.task_past,
        task_future = frames.task_future,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn switches_of_the_template_can_be_turned() {
        let settings = Rules::builtin_settings();
        for (name, value) in [
            ("filter_by_rep", true),
            ("synchronize_companies", false),
            ("generate_todo_records", true),
            ("create_persons", true),
        ] {
            assert!(switched(settings, name, value) != settings, "{name}");
        }
    }

    #[test]
    fn the_settings_hold_no_secret() {
        let tenant = TenantAccess {
            graph: "http://127.0.0.1:1".into(),
            login: "http://127.0.0.1:2".into(),
            control: String::new(),
            tenant_id: "t".into(),
            client_id: "c".into(),
            client_secret: "hush".into(),
        };
        let crm = CrmAccess {
            interface: "http://127.0.0.1:3/CRMinterface/xml".into(),
            user: "OCSU".into(),
            password: "hush".into(),
        };
        let text = settings(Path::new("/tmp/a \"b\""), &Setup::new(false, true), &tenant, &crm);
        assert!(!text.contains("hush"));
        assert!(text.contains(r#"store = "/tmp/a \"b\"/tandem.db""#), "{text}");
    }
}
