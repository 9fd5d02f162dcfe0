//! `tandem status`: mailboxes with counts, freshness and last error.

use super::Failure;
use crate::cli::Report;
use crate::output;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::process::ExitCode;
use tandem_model::Kind;
use tandem_settings::SettingsFile;
use tandem_store::{KindCounts, MailboxStatus};

/// Shows every mailbox. Exit 1 when one of them is not healthy.
pub(crate) async fn run(args: &Report) -> Result<ExitCode, Failure> {
    let file = SettingsFile::load(&args.config.config)?;
    let store = super::store::look(file.settings()).await?;
    let mailboxes = store.status().await?;
    if args.json {
        output::document(&json!({ "mailboxes": mailboxes.iter().map(as_json).collect::<Vec<_>>() }));
    } else {
        show(&mailboxes, Timestamp::now());
    }
    let healthy = mailboxes.iter().all(|status| status.last_error.is_none());
    Ok(if healthy { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn as_json(status: &MailboxStatus) -> Value {
    let seed = &status.mailbox.seed;
    let counts: serde_json::Map<String, Value> =
        status.counts.iter().map(|(kind, counts)| (kind.to_string(), json!(counts))).collect();
    json!({
        "mailbox": seed.address.as_str(),
        "name": seed.name,
        "rep": seed.rep,
        "enabled": status.mailbox.enabled,
        "cycles": status.mailbox.cycles,
        "kinds": counts,
        "last_cycle": status.last_cycle.map(|at| at.to_string()),
        "last_success": status.last_success.map(|at| at.to_string()),
        "last_writes": status.last_writes,
        "last_error": status.last_error,
        "errors_in_a_row": status.errors_in_a_row,
    })
}

fn show(mailboxes: &[MailboxStatus], now: Timestamp) {
    if mailboxes.is_empty() {
        output::line("No mailbox yet: the connector has not run, or no rep is enabled.");
        return;
    }
    let width =
        mailboxes.iter().map(|status| status.mailbox.seed.address.as_str().len()).max().unwrap_or(7).max(7);
    let heads: Vec<String> = Kind::ALL.iter().map(|kind| format!("{:>12}", kind.as_str())).collect();
    output::line(&format!("{:width$}{}{:>9}{:>10}", "mailbox", heads.concat(), "cycles", "fresh"));
    for status in mailboxes {
        let cells: Vec<String> =
            Kind::ALL.iter().map(|kind| format!("{:>12}", cell(status.counts.get(kind)))).collect();
        let fresh = match status.last_success {
            _ if !status.mailbox.enabled => "off".to_owned(),
            Some(at) => age(now.duration_since(at).as_secs()),
            None => "never".to_owned(),
        };
        let address = status.mailbox.seed.address.as_str();
        output::line(&format!("{address:width$}{}{:>9}{fresh:>10}", cells.concat(), status.mailbox.cycles));
        if let Some(error) = &status.last_error {
            let failures = status.errors_in_a_row;
            output::line(&format!("{:width$}  not complete ({failures} in a row): {error}", ""));
        }
    }
    output::line("");
    output::line(
        "in step; +left out or refused by a rule; !failed, waiting or held. `tandem explain ITEM` tells why.",
    );
}

/// The counts of one kind in a few characters.
fn cell(counts: Option<&KindCounts>) -> String {
    let Some(counts) = counts else { return "-".to_owned() };
    let out: u64 = counts.skipped.values().chain(counts.refused.values()).sum();
    let open = counts.failed + counts.waiting + counts.held;
    let mut text = counts.linked.to_string();
    if out > 0 {
        text.push_str(&format!("+{out}"));
    }
    if open > 0 {
        text.push_str(&format!("!{open}"));
    }
    text
}

fn age(seconds: i64) -> String {
    match seconds {
        ..=119 => format!("{} s", seconds.max(0)),
        120..=7199 => format!("{} min", seconds / 60),
        7200..=172_799 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}
