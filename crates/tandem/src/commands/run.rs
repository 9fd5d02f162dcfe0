//! `tandem run`: the connector as a service.

use super::{Failure, connector};
use crate::{output, stop};
use serde_json::json;
use std::path::Path;
use std::process::ExitCode;
use tokio::sync::watch;

/// Runs until asked to stop. Wrong settings, wrong credentials, or a side that is away at the start: exit 2.
pub(crate) async fn run(config: &Path) -> Result<ExitCode, Failure> {
    let connector = connector::assemble(config).await?;
    let roster = connector.refresh().await?;
    output::line(&json!({ "ready": "connector", "console": null }).to_string());
    let (tell, told) = watch::channel(false);
    let running = connector.run(roster, told);
    tokio::pin!(running);
    tokio::select! {
        biased;
        () = stop::asked_to_stop() => {
            let _ = tell.send(true);
            running.await?;
        }
        ended = &mut running => ended?,
    }
    Ok(ExitCode::SUCCESS)
}
