//! `tandem crm`: the embedded CRM by itself.

use super::Failure;
use crate::cli::Crm;
use crate::{output, stop};
use std::process::ExitCode;

/// Serves until asked to stop.
pub(crate) async fn run(args: Crm) -> Result<ExitCode, Failure> {
    let options = tandem_crm::Options {
        listen: args.listen,
        db: args.db,
        system: args.system,
        fill: args.fill,
        password: None,
    };
    let running = tandem_crm::start(options).await?;
    output::line(&running.ready_line());
    stop::asked_to_stop().await;
    running.shutdown().await;
    Ok(ExitCode::SUCCESS)
}
