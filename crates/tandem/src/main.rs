//! The program: command line and wiring. What it does lives in the other crates.

mod cli;
mod commands;
mod logging;
mod output;
mod stop;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    logging::start(cli.log_json);
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
