//! The HTTP shell around the tenant: listeners, the lock, the ready line.

mod clock;
mod clock_api;
mod exchange;
mod postman;
mod site;

pub use clock::ClockMode;
pub use postman::{PostmanError, Receivers};

use crate::fill;
use crate::seed;
use crate::tenant::{Tenant, TenantSettings};
use crate::tls::{Tls, TlsError, TlsListener};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use clock::Clock;
use jiff::Timestamp;
use postman::Postman;
use site::Site;
use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Longest body of a request, in bytes.
const LARGEST_BODY: usize = 150 * 1024 * 1024;

/// How long open connections may finish after the shutdown was asked for.
const GRACE: std::time::Duration = std::time::Duration::from_secs(2);

/// How a tenant is to be served.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where Graph and the token endpoint listen. Port 0: any free one.
    pub listen: SocketAddr,
    /// Where the control API listens; must be a loopback address.
    pub control: SocketAddr,
    /// Seed of all ids and secrets.
    pub settings: TenantSettings,
    /// Who is there from the start.
    pub users: SeedUsers,
    /// Directory whose `.eml`, `.ics` and `.vcf` files fill the mailboxes.
    pub fill: Option<PathBuf>,
    /// HTTPS for Graph and the token endpoint; plain HTTP without.
    pub tls: Option<Tls>,
    /// How time runs.
    pub clock: ClockMode,
    /// To whom notifications may go.
    pub receivers: Receivers,
}

impl Default for Options {
    fn default() -> Self {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        Self {
            listen: any,
            control: any,
            settings: TenantSettings::default(),
            users: SeedUsers::Company,
            fill: None,
            tls: None,
            clock: ClockMode::default(),
            receivers: Receivers::default(),
        }
    }
}

/// Who is in a tenant from the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeedUsers {
    /// Nobody; users come by the control API.
    None,
    /// The 25 people of an invented company; with a few items each, unless files are filled in.
    Company,
}

/// Why a tenant cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum TenantError {
    /// The address is taken, or not one of this machine.
    #[error("cannot listen on {address}: {source}; choose another address or port 0")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The control API may do anything, so it is not opened to a network.
    #[error(
        "the control API would listen on {address}; only loopback addresses such as 127.0.0.1 are allowed"
    )]
    ControlNotLoopback {
        /// The address.
        address: SocketAddr,
    },
    /// Without TLS, tokens would be for a network to read.
    #[error(
        "the tenant would listen on {address} without TLS; give --tls-cert and --tls-key, or a loopback address such as 127.0.0.1"
    )]
    NotLoopback {
        /// The address.
        address: SocketAddr,
    },
    /// HTTPS cannot be served.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The files cannot be filled in.
    #[error("cannot fill mailboxes from {directory}: {why}")]
    Fill {
        /// The directory.
        directory: PathBuf,
        /// What was wrong.
        why: String,
    },
    /// Nothing could be sent to receivers of notifications.
    #[error(transparent)]
    Postman(#[from] PostmanError),
    /// The server stopped by itself.
    #[error("the server stopped: {0}")]
    Serve(#[from] std::io::Error),
}

/// A tenant that is being served. Dropping it stops it at once.
#[derive(Debug)]
pub struct Running {
    /// Base of Graph, without version.
    pub graph_url: String,
    /// Base of the token endpoint.
    pub login_url: String,
    /// Base of the control API.
    pub control_url: String,
    /// The tenant's id.
    pub tenant_id: String,
    /// The id of the registered application.
    pub client_id: String,
    /// The secret of the registered application; it opens nothing but this simulation.
    pub client_secret: String,
    /// What became of the files of `fill`.
    pub filled: Vec<fill::FileReport>,
    site: Arc<Site>,
    stop: watch::Sender<bool>,
    servers: JoinSet<std::io::Result<()>>,
}

impl Running {
    /// The line that tells others how to reach the tenant.
    pub fn ready_line(&self) -> String {
        serde_json::json!({
            "ready": "tenant",
            "graph": self.graph_url,
            "login": self.login_url,
            "control": self.control_url,
            "tenant_id": self.tenant_id,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
        })
        .to_string()
    }

    /// The tenant itself, for tests that look inside. Requests wait while the closure runs.
    pub fn with_tenant<T>(&self, look: impl FnOnce(&mut Tenant) -> T) -> T {
        self.site.look(look)
    }

    /// Stops listening, lets open requests finish for two seconds, and ends.
    pub async fn stop(mut self) -> Result<(), TenantError> {
        // Nobody may be listening any more, which is as good as stopped.
        let _ = self.stop.send(true);
        let finish = async {
            while let Some(ended) = self.servers.join_next().await {
                ended.map_err(std::io::Error::other)??;
            }
            Ok(())
        };
        tokio::time::timeout(GRACE, finish).await.unwrap_or(Ok(()))
    }
}

/// Serves a tenant until `shutdown`; `ready` gets the server once it answers.
pub async fn run(
    options: Options,
    ready: impl FnOnce(&Running),
    shutdown: impl Future<Output = ()>,
) -> Result<(), TenantError> {
    let mut running = serve(options).await?;
    ready(&running);
    tokio::select! {
        biased;
        () = shutdown => running.stop().await,
        ended = running.servers.join_next() => match ended {
            Some(ended) => Ok(ended.map_err(std::io::Error::other)??),
            None => Ok(()),
        },
    }
}

/// Starts to serve a tenant.
pub async fn serve(options: Options) -> Result<Running, TenantError> {
    let acceptor = options.tls.as_ref().map(Tls::acceptor).transpose()?;
    if acceptor.is_none() && !options.listen.ip().is_loopback() {
        return Err(TenantError::NotLoopback { address: options.listen });
    }
    if !options.control.ip().is_loopback() {
        return Err(TenantError::ControlNotLoopback { address: options.control });
    }
    let (graph_listener, graph_address) = bind(options.listen).await?;
    let (control_listener, control_address) = bind(options.control).await?;
    let graph_url =
        options.tls.as_ref().map_or(format!("http://{graph_address}"), |tls| tls.origin(graph_address));
    let postman = Postman::new(&options.receivers)?;
    let clock = Clock::new(options.clock);
    let mut tenant = Tenant::new(options.settings.clone());
    tenant.set_graph_url(&graph_url);
    let filled = furnish(&mut tenant, &options, clock.now())?;
    let (tenant_id, client_id) = (tenant.tenant_id().to_owned(), tenant.client_id().to_owned());
    let client_secret = tenant.client_secret().to_owned();
    let (stop, stopped) = watch::channel(false);
    let site = Site::new(tenant, clock, stopped.clone());
    let mut servers = JoinSet::new();
    let graph = Router::new().fallback(exchange::graph).with_state(site.clone());
    let control = Router::new().fallback(exchange::control).with_state(site.clone());
    match acceptor {
        Some(acceptor) => {
            servers.spawn(listen(TlsListener::new(graph_listener, acceptor), graph, stopped.clone()))
        }
        None => servers.spawn(listen(graph_listener, graph, stopped.clone())),
    };
    servers.spawn(listen(control_listener, control, stopped));
    let errands = site.clone();
    servers.spawn(async move {
        postman.work(errands).await;
        Ok(())
    });
    Ok(Running {
        login_url: graph_url.clone(),
        graph_url,
        control_url: format!("http://{control_address}"),
        tenant_id,
        client_id,
        client_secret,
        filled,
        site,
        stop,
        servers,
    })
}

/// Serves one listener until the stop.
async fn listen<L>(listener: L, router: Router, mut stopped: watch::Receiver<bool>) -> std::io::Result<()>
where
    L: axum::serve::Listener<Addr = SocketAddr>,
{
    axum::serve(listener, router.layer(DefaultBodyLimit::max(LARGEST_BODY)))
        .with_graceful_shutdown(async move {
            // An error means that the handle is gone: then too it is time to stop.
            let _ = stopped.wait_for(|stop| *stop).await;
        })
        .await
}

/// Brings in the people and items that are there from the start.
fn furnish(
    tenant: &mut Tenant,
    options: &Options,
    now: Timestamp,
) -> Result<Vec<fill::FileReport>, TenantError> {
    if options.users == SeedUsers::Company {
        seed::people(tenant, now);
        if options.fill.is_none() {
            seed::items(tenant, now);
        }
    }
    let Some(directory) = &options.fill else { return Ok(Vec::new()) };
    let order = fill::Order::for_all(tenant, directory);
    fill::run(tenant, &order, now)
        .map_err(|error| TenantError::Fill { directory: directory.clone(), why: error.message })
}

async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), TenantError> {
    let failed = |source| TenantError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}
