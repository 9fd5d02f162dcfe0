//! The connector, wired from a settings file.

use super::Failure;
use std::path::Path;
use std::sync::Arc;
use tandem_credentials::{Protection, Users};
use tandem_crm_interface::client::{CrmClient, Endpoint, Master};
use tandem_engine::{Connector, Parts};
use tandem_graph::{App, ClientLimits, Cloud, Graph, Outside};
use tandem_outside::{Chance, Clock, Network, SystemChance, SystemClock, Transport};
use tandem_settings::{CrmLogin, Settings, SettingsFile};

/// Reads settings and credentials, takes the store, and makes a connector that has not started yet.
pub(crate) async fn assemble(config: &Path) -> Result<Connector, Failure> {
    let file = SettingsFile::load(config)?;
    let settings = file.settings().clone();
    let protection = if settings.connection.allow_plain_credentials {
        Protection::AllowPlain
    } else {
        Protection::RequireEncryption
    };
    let users = Users::load(&settings.connection.users_file, protection)?;
    let store = super::store::open(&settings).await?;
    let transport: Arc<dyn Transport> = Arc::new(Network::new()?);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let chance: Arc<dyn Chance> = Arc::new(SystemChance);
    let outside =
        Outside { transport: Arc::clone(&transport), clock: Arc::clone(&clock), chance: Arc::clone(&chance) };
    let graph = graph(outside, &settings, &users)?;
    let crm = crm(transport, Arc::clone(&clock), Arc::clone(&chance), &settings, &users)?;
    Ok(Connector::new(Parts { graph, crm: Arc::new(crm), store, settings, clock, chance }))
}

fn graph(outside: Outside, settings: &Settings, users: &Users) -> Result<Graph, Failure> {
    let entry = users.app()?;
    let app = App {
        tenant_id: entry.tenant_id.clone(),
        client_id: entry.client_id.clone(),
        secret: tandem_graph::Secret::new(entry.secret.expose()),
    };
    let cloud =
        Cloud { login: settings.connection.login_url.clone(), graph: settings.connection.graph_url.clone() };
    let limits = ClientLimits { timeout: settings.errors.graph_timeout, ..ClientLimits::default() };
    Ok(Graph::new(outside, cloud, app, limits))
}

fn crm(
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    chance: Arc<dyn Chance>,
    settings: &Settings,
    users: &Users,
) -> Result<CrmClient, Failure> {
    let entry = users.master()?;
    let password = entry.password.as_ref().map(|password| password.expose()).unwrap_or_default();
    let master =
        Master { user: entry.login.clone(), password: tandem_crm_interface::session::Secret::new(password) };
    let endpoint = Endpoint { url: settings.connection.crm_url.clone() };
    let installation = settings.connection.installation.clone();
    let client =
        CrmClient::new(transport, chance, endpoint, master, installation, settings.errors.crm_timeout);
    Ok(match settings.connection.crm_login {
        CrmLogin::Password => client,
        CrmLogin::Token => client.with_tokens(clock),
    })
}
