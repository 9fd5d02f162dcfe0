//! `tandem demo`: everything together.

use super::Failure;
use crate::cli::Demo;
use crate::{output, stop};
use std::process::ExitCode;
use tandem_demo::DemoOptions;

/// Runs the demonstration. Exit 1 when an item has no terminal state or the audit finds something.
pub(crate) async fn run(args: Demo) -> Result<ExitCode, Failure> {
    let options = DemoOptions {
        once: args.once,
        json: args.json,
        corpus: args.corpus,
        mailboxes: args.mailboxes,
        seed: args.seed,
        dir: args.dir,
        binary: std::env::current_exe()?,
    };
    let outcome = tandem_demo::run(options, stop::asked_to_stop()).await?;
    if args.json {
        output::document(&outcome.json());
    }
    Ok(if outcome.is_clean() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}
