//! `tandem sync MAILBOX`: one cycle now.

use super::{Failure, connector};
use crate::cli::Sync;
use crate::output;
use std::process::ExitCode;
use tandem_model::EmailAddress;

/// Runs one cycle of one mailbox for all its kinds.
pub(crate) async fn run(args: &Sync) -> Result<ExitCode, Failure> {
    let connector = connector::assemble(&args.config.config).await?;
    let roster = connector.refresh().await?;
    let address = EmailAddress::new(&args.mailbox);
    let Some(seed) = roster.mailboxes.iter().find(|seed| seed.addresses.contains(&address)) else {
        let why = roster.findings.iter().find(|finding| finding.text.contains(address.as_str()));
        return Err(why
            .map_or_else(
                || {
                    format!(
                        "{address} is not synchronised: no rep with this address has the connector enabled in the CRM"
                    )
                },
                |finding| format!("{address} is not synchronised: {}", finding.text),
            )
            .into());
    };
    let writes = connector.cycle_once(&roster, &seed.id).await?;
    output::line(&format!("{address}: one cycle complete, {writes} writes"));
    Ok(ExitCode::SUCCESS)
}
