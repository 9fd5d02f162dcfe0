//! The program: command line and wiring. What it does lives in the other crates.

mod cli;
mod commands;
mod logging;
mod output;
mod stop;

use clap::Parser;
use std::process::ExitCode;

/// Documents of XML and JSON are many small allocations; the system's own allocator takes a fifth of a cycle.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    logging::start(cli.log_json, usually_logged(&cli.command));
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return output::cannot(&format!("the machine gives no threads: {error}")),
    };
    let ended = runtime.block_on(commands::run(cli.command));
    // Whatever still runs in the background has nothing to say any more; every commit is all or nothing.
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    match ended {
        Ok(code) => code,
        Err(error) => output::cannot(&error.to_string()),
    }
}

/// How much a command logs where the environment does not say.
fn usually_logged(command: &cli::Command) -> &'static str {
    match command {
        // Histories go wrong on purpose: what their connectors log is told only to who asks for it.
        cli::Command::World(args) if !args.verbose => "off",
        // What these have to say stands in their answer.
        cli::Command::Status(_)
        | cli::Command::Explain(_)
        | cli::Command::Deletions(_)
        | cli::Command::Config(_)
        | cli::Command::Users(_)
        | cli::Command::Migrate(_)
        | cli::Command::Dedupe(_) => "warn",
        _ => "info",
    }
}
