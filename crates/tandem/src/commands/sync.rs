//! `tandem sync MAILBOX`: one cycle now.

use super::{Failure, connector};
use crate::cli::Sync;
use crate::output;
use std::process::ExitCode;
use tandem_model::EmailAddress;

/// Runs one cycle of one mailbox for all its kinds.
pub(crate) async fn run(args: &Sync) -> Result<ExitCode, Failure> {
    let connector = connector::assemble(&args.config.config)?;
    let roster = connector.refresh().await?;
    let address = EmailAddress::new(&args.mailbox);
    let Some(seed) = roster.mailboxes.iter().find(|seed| seed.addresses.contains(&address)) else {
        let why = roster.findings.iter().map(|finding| format!("\n  {}: {}", finding.rep, finding.text));
        return Err(format!("{address} is not synchronised.{}", why.collect::<String>()).into());
    };
    let writes = connector.cycle_once(&roster, &seed.id).await?;
    output::line(&format!("{address}: one cycle complete, {writes} writes"));
    Ok(ExitCode::SUCCESS)
}
