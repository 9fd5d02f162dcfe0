//! The command line.

mod dedupe;
mod migrate;

pub(crate) use dedupe::{Dedupe, OneDuplicate};
pub(crate) use migrate::{ApplyMigration, DecideMigration, Migrate, PlanMigration};

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Keeps Microsoft 365 mailboxes and a CRM in step.
#[derive(Debug, Parser)]
#[command(
    version,
    about,
    after_help = "Exit codes: 0 done; 1 done, but something needs a look (status, explain, demo --once); 2 wrong use, or \
                  it cannot be done.\nTANDEM_LOG says how much is logged: error, warn, info (default), debug."
)]
pub(crate) struct Cli {
    /// Write logs as JSON lines.
    #[arg(long, global = true)]
    pub log_json: bool,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Try everything: a simulated tenant, an embedded CRM and the connector, filled and alive.
    Demo(Demo),
    /// Run the connector until it is asked to stop.
    Run(WithConfig),
    /// Run one cycle of one mailbox now.
    Sync(Sync),
    /// List the mailboxes with counts, freshness and last error.
    Status(Report),
    /// Tell the story of one item: where it stands, and why.
    Explain(Explain),
    /// Show deletions that were held because they were too many at once, and allow them.
    #[command(subcommand)]
    Deletions(Deletions),
    /// Take over what an older connector left: plan, decide, apply.
    #[command(subcommand)]
    Migrate(Migrate),
    /// Find duplicates in the CRM, show, merge and restore them.
    #[command(subcommand)]
    Dedupe(Dedupe),
    /// Check and show the settings.
    #[command(subcommand)]
    Config(Config),
    /// Show and change the credentials in users.xml.
    Users(Users),
    /// Play simulated histories of tenant, CRM and connector, and examine how they end.
    World(World),
    /// Run the simulated Microsoft 365 tenant.
    Tenant(Tenant),
    /// Run the embedded CRM.
    Crm(Crm),
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Stop after both sides have converged, audit them, and answer by the exit code.
    #[arg(long)]
    pub once: bool,
    /// Print one JSON document at the end (with --once).
    #[arg(long, requires = "once")]
    pub json: bool,
    /// Fill mailboxes from DIR/eml, DIR/ics and DIR/vcf as well.
    #[arg(long, value_name = "DIR")]
    pub corpus: Option<PathBuf>,
    /// How many mailboxes the invented company has.
    #[arg(long, value_name = "N", default_value_t = 25, value_parser = clap::value_parser!(u32).range(3..=2000))]
    pub mailboxes: u32,
    /// Seed of the invented company and of its edits.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Keep databases, settings and logs in DIR instead of a temporary folder.
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct WithConfig {
    /// The settings file.
    #[arg(long, value_name = "FILE", env = "TANDEM_CONFIG", default_value = "tandem.toml")]
    pub config: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Sync {
    /// Address of the mailbox, for example ann@example.com.
    pub mailbox: String,
    #[command(flatten)]
    pub config: WithConfig,
}

#[derive(Debug, Args)]
pub(crate) struct Report {
    #[command(flatten)]
    pub config: WithConfig,
    /// Print one JSON document.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// A Graph id, an internetMessageId, an iCalUId or a CRM record id such as MA:1042.
    pub item: String,
    #[command(flatten)]
    pub report: Report,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Deletions {
    /// List the held deletions. Exit 1 when there are any.
    List(Report),
    /// Let the connector carry out what is held in one mailbox now; it may be running meanwhile.
    Allow {
        /// Address of the mailbox, for example ann@example.com.
        mailbox: String,
        /// Only this kind: appointment, task, contact or absence.
        #[arg(long, value_name = "KIND")]
        kind: Option<tandem_model::Kind>,
        #[command(flatten)]
        config: WithConfig,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Config {
    /// Check a settings file.
    Validate(WithConfig),
    /// Show every setting with its value and where that comes from.
    Show(Report),
    /// Print the reference of all settings as Markdown.
    Reference,
    /// Show which field of the CRM feeds which field of Microsoft 365, or what becomes of an item.
    Mapping(ShowMapping),
}

#[derive(Debug, Args)]
pub(crate) struct ShowMapping {
    /// The CRM's system folder with xml/forms.xml; without it the built-in forms hold.
    #[arg(long, value_name = "DIR")]
    pub system: Option<PathBuf>,
    /// Show what the CRM's record of this item would hold, and what Microsoft 365 would be told of that record. KIND is
    /// mail, appointment, task, contact or absence; the file holds the item's JSON as Graph shows it.
    #[arg(long, num_args = 2, value_names = ["KIND", "ITEM.json"])]
    pub preview: Option<Vec<String>>,
    /// Print one JSON document.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Users {
    /// The credentials file.
    #[arg(long, value_name = "FILE", default_value = "users.xml")]
    pub file: PathBuf,
    #[command(subcommand)]
    pub action: UsersAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum UsersAction {
    /// Enter the app registration of Microsoft Entra.
    SetApp {
        /// The administrator's address (no password is needed).
        #[arg(long)]
        admin_email: String,
        /// Directory (tenant) id.
        #[arg(long)]
        tenant_id: String,
        /// Application (client) id.
        #[arg(long)]
        client_id: String,
        /// File that holds the value of the client secret.
        #[arg(long, value_name = "FILE")]
        secret_file: PathBuf,
    },
    /// Enter the CRM's master user.
    SetMaster {
        /// Login, for example OCSU.
        #[arg(long)]
        login: String,
        /// File that holds the password.
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
    },
    /// Show the entries, without secrets.
    List,
}

#[derive(Debug, Args)]
pub(crate) struct Tenant {
    /// Where to serve Graph and Entra; without TLS a loopback address, port 0 means any free port.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// Where to serve the control API; a loopback address.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub control: SocketAddr,
    /// Fill the first mailbox from DIR/eml, DIR/ics and DIR/vcf.
    #[arg(long, value_name = "DIR")]
    pub fill: Option<PathBuf>,
    /// Begin without users.
    #[arg(long)]
    pub empty: bool,
    /// Serve Graph and Entra over HTTPS with this certificate (PEM, with those that signed it).
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// Key of the certificate (PEM).
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// Host name in the HTTPS addresses that the tenant hands out, for example login.example.test.
    #[arg(long, value_name = "NAME", requires = "tls_cert")]
    pub public_host: Option<String>,
    /// Seed of all ids, secrets and chances.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Play the faults of a TOML file: [[fault]], [behaviour], [limits].
    #[arg(long, value_name = "FILE")]
    pub fault: Option<PathBuf>,
    /// How time runs: "real", "virtual" (it stands still until the control API moves it), or the instant at which it
    /// stands still, for example 2026-06-01T08:00:00Z.
    #[arg(long, value_name = "MODE", default_value = "real", value_parser = clock)]
    pub clock: tandem_tenant::ClockMode,
    /// The limits of the service: 4 requests at once per mailbox or per application, or none at all.
    #[arg(long, value_name = "READING")]
    pub limits: Option<LimitsReading>,
    /// Send notifications to this receiver too, not only to loopback addresses (may be repeated).
    #[arg(long, value_name = "HOST:PORT")]
    pub receiver: Vec<String>,
    /// Believe receivers with certificates of this authority (PEM).
    #[arg(long, value_name = "FILE")]
    pub receiver_ca: Option<PathBuf>,
}

/// How the limits of the service are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LimitsReading {
    /// Four requests at once in each mailbox.
    PerMailbox,
    /// Four requests at once in all mailboxes together.
    PerApp,
    /// No limits, and no time that requests take.
    Off,
}

/// The clock that a word or an instant asks for.
fn clock(text: &str) -> Result<tandem_tenant::ClockMode, String> {
    match text {
        "real" => Ok(tandem_tenant::ClockMode::default()),
        "virtual" => Ok(tandem_tenant::ClockMode::Virtual { now: jiff::Timestamp::now() }),
        instant => match instant.parse() {
            Ok(now) => Ok(tandem_tenant::ClockMode::Virtual { now }),
            Err(error) => Err(format!("it is neither \"real\" nor \"virtual\" nor an instant: {error}")),
        },
    }
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Crm {
    #[command(subcommand)]
    pub action: Option<CrmAction>,
    #[command(flatten)]
    pub serve: ServeCrm,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CrmAction {
    /// List the catalog entries of the setup guide that a database lacks, or add them.
    Catalogs {
        /// The database.
        #[arg(long, value_name = "FILE")]
        db: PathBuf,
        /// Add what is missing; the CRM may serve meanwhile.
        #[arg(long)]
        add_missing: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ServeCrm {
    /// Where to listen; without TLS a loopback address, port 0 means any free port.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// Serve HTTPS with this certificate (PEM, with those that signed it).
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// Key of the certificate (PEM).
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// The database; without it everything is gone at the end.
    #[arg(long, value_name = "FILE")]
    pub db: Option<PathBuf>,
    /// Folder with settings.xml and xml/forms.xml; without it the built-in rules hold.
    #[arg(long, value_name = "DIR")]
    pub system: Option<PathBuf>,
    /// Folder with one JSON file for each table to fill.
    #[arg(long, value_name = "DIR")]
    pub fill: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct World {
    /// The seed of the first history. Without --runs and --json its trace is printed.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// How many histories; history number i has the seed SEED + i.
    #[arg(long, value_name = "N")]
    pub runs: Option<u64>,
    /// Print one JSON document.
    #[arg(long)]
    pub json: bool,
    /// Leave out what the fault needs not, act by act, and print what is left.
    #[arg(long, conflicts_with_all = ["runs", "json"])]
    pub shrink: bool,
    /// Begin no further history after so many seconds.
    #[arg(long, value_name = "SECONDS")]
    pub limit: Option<u64>,
    /// Begin no further history after the first that goes wrong.
    #[arg(long)]
    pub until_wrong: bool,
    /// Threads that play; as many as there are cores without.
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    /// Log what the connectors of the histories log.
    #[arg(long)]
    pub verbose: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::error::ErrorKind;
    use std::path::Path;

    /// Commands of a page: those in a block, without what is said about them there, and those in a sentence.
    fn commands(page: &str) -> Vec<String> {
        let block = page.lines().map(str::trim_start).filter(|line| line.starts_with("tandem "));
        let block = block.map(|line| line.split("  ").next().unwrap_or(line));
        let sentence = page.split('`').filter(|code| code.starts_with("tandem ") && !code.contains('\n'));
        block.chain(sentence).map(|command| command.replace(['[', ']'], "")).collect()
    }

    #[test]
    fn what_the_pages_say_can_be_typed() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut typed = 0;
        for page in [
            "README.md",
            "docs/guide.md",
            "docs/migrate.md",
            "docs/replaying-a-seed.md",
            "crates/crm/README.md",
            "crates/tenant/README.md",
            "crates/world/README.md",
        ] {
            let text = std::fs::read_to_string(root.join(page)).unwrap();
            for command in commands(&text).iter().filter(|command| !command.contains('…')) {
                match Cli::try_parse_from(command.split_whitespace()) {
                    Ok(_) => typed += 1,
                    // A sentence may name a command without what it is about.
                    Err(error) => assert!(
                        matches!(
                            error.kind(),
                            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
                                | ErrorKind::MissingRequiredArgument
                        ),
                        "{page}: {command}: {error}"
                    ),
                }
            }
        }
        assert!(typed > 30, "only {typed} commands were found");
    }
}
