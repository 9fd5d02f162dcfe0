//! `tandem crm`: the embedded CRM by itself.

use super::Failure;
use crate::cli::{Crm, CrmAction, ServeCrm};
use crate::{output, stop};
use std::path::Path;
use std::process::ExitCode;
use tandem_crm::{Options, Tls};

/// Serves until asked to stop, or looks after a database.
pub(crate) async fn run(args: Crm) -> Result<ExitCode, Failure> {
    match args.action {
        Some(CrmAction::Catalogs { db, add_missing }) => catalogs(&db, add_missing).await,
        None => serve(args.serve).await,
    }
}

async fn serve(args: ServeCrm) -> Result<ExitCode, Failure> {
    let options = Options {
        listen: args.listen,
        tls: args.tls_cert.zip(args.tls_key).map(|(cert, key)| Tls { cert, key }),
        db: args.db,
        system: args.system,
        fill: args.fill,
        password: None,
        password_rounds: None,
    };
    let running = tandem_crm::start(options).await?;
    output::line(&running.ready_line());
    stop::asked_to_stop().await;
    running.shutdown().await;
    Ok(ExitCode::SUCCESS)
}

/// One line an entry; something is missing still: exit code 1.
async fn catalogs(db: &Path, add: bool) -> Result<ExitCode, Failure> {
    let missing = tandem_crm::missing_catalogs(db, add).await?;
    let word = if missing.added { "added" } else { "missing" };
    for entry in &missing.entries {
        output::line(&format!("{word}: {entry}"));
    }
    if missing.entries.is_empty() {
        output::line("nothing is missing");
    }
    let open = !missing.added && !missing.entries.is_empty();
    Ok(if open { ExitCode::from(1) } else { ExitCode::SUCCESS })
}
