//! What each command does.

mod config;
mod connector;
mod crm;
mod dedupe;
mod deletions;
mod demo;
mod explain;
mod mapping;
mod migrate;
mod run;
mod status;
mod store;
mod sync;
mod tenant;
mod title;
mod users;
mod world;

use crate::cli::Command;
use std::process::ExitCode;

/// Why a command cannot do its work; its text is for the person at the terminal.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Runs a command.
pub(crate) async fn run(command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Demo(args) => demo::run(args).await,
        Command::Run(args) => run::run(&args.config).await,
        Command::Sync(args) => sync::run(&args).await,
        Command::Status(args) => status::run(&args).await,
        Command::Explain(args) => explain::run(&args).await,
        Command::Deletions(action) => deletions::run(&action).await,
        Command::Dedupe(action) => dedupe::run(&action).await,
        Command::Migrate(action) => migrate::run(&action).await,
        Command::Config(args) => config::run(args),
        Command::Users(args) => users::run(&args),
        Command::World(args) => world::run(&args),
        Command::Tenant(args) => tenant::run(args).await,
        Command::Crm(args) => crm::run(args).await,
    }
}
