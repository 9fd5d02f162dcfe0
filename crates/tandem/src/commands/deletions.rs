//! `tandem deletions`: what the guard against mass deletions holds, and a person's consent to it.

use super::Failure;
use super::title::title;
use crate::cli::{Deletions, Report};
use crate::output;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use std::process::ExitCode;
use tandem_engine::HeldDeletion;
use tandem_model::{EmailAddress, When};
use tandem_settings::SettingsFile;
use tandem_store::Mailbox;

/// Runs what was asked for.
pub(crate) async fn run(action: &Deletions) -> Result<ExitCode, Failure> {
    match action {
        Deletions::List(args) => list(args).await,
        Deletions::Allow { mailbox, kind, config } => {
            let file = SettingsFile::load(&config.config)?;
            let store = super::store::beside(file.settings()).await?;
            let address = EmailAddress::new(mailbox);
            let mailboxes = store.mailboxes().await?;
            let Some(mailbox) = mailboxes.iter().find(|known| known.seed.addresses.contains(&address)) else {
                return Err(format!("no mailbox {address}; `tandem status` lists them").into());
            };
            let mut held = tandem_engine::held(&*store, mailbox).await?;
            held.retain(|deletion| kind.is_none_or(|kind| deletion.linked.link.kind == kind));
            let allowed = tandem_engine::allow(&*store, mailbox, &held, Timestamp::now()).await?;
            output::line(&match (allowed, mailbox.enabled) {
                (0, _) => format!("{address}: no deletion is held that was not allowed already"),
                (_, true) => {
                    format!("{address}: {allowed} deletions allowed; the next cycle carries them out")
                }
                (_, false) => format!("{address}: {allowed} deletions allowed; the mailbox is off"),
            });
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn list(args: &Report) -> Result<ExitCode, Failure> {
    let file = SettingsFile::load(&args.config.config)?;
    let store = super::store::look(file.settings()).await?;
    let (mut lines, mut any) = (Vec::new(), false);
    for mailbox in store.mailboxes().await? {
        for deletion in tandem_engine::held(&*store, &mailbox).await? {
            any |= !deletion.allowed;
            lines.push((mailbox.clone(), deletion));
        }
    }
    if args.json {
        let held: Vec<Value> = lines.iter().map(|(mailbox, deletion)| as_json(mailbox, deletion)).collect();
        output::document(&json!({ "held": held }));
    } else if lines.is_empty() {
        output::line("No deletion is held.");
    } else {
        lines.iter().for_each(|(mailbox, deletion)| output::line(&told(mailbox, deletion)));
        output::line("");
        output::line(
            "`tandem deletions allow MAILBOX` lets them pass; what was deleted by mistake is restored where",
        );
        output::line("it was deleted, and then it is no deletion any more.");
    }
    Ok(if any { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

fn told(mailbox: &Mailbox, deletion: &HeldDeletion) -> String {
    let link = &deletion.linked.link;
    let object = deletion.linked.object.as_ref();
    let record = object.and_then(|object| object.record.as_ref()).map_or("-", |record| record.as_str());
    let allowed = if deletion.allowed { ", allowed" } else { "" };
    let title = title(link).unwrap_or_default();
    let when = when(deletion);
    format!("{}  {:11}  {record:10}  {when}\"{title}\"{allowed}", mailbox.seed.address, link.kind.as_str())
}

/// The day of an appointment or an absence, in UTC, as far as it is known.
fn when(deletion: &HeldDeletion) -> String {
    let content = deletion.content();
    let day = match serde_json::from_value(content.get("when").clone()) {
        Ok(When::AllDay { start, .. }) => start,
        Ok(When::Timed { start, .. }) => TimeZone::UTC.to_datetime(start).date(),
        Err(_) => return String::new(),
    };
    format!("{day}  ")
}

fn as_json(mailbox: &Mailbox, deletion: &HeldDeletion) -> Value {
    let (link, object) = (&deletion.linked.link, deletion.linked.object.as_ref());
    json!({
        "mailbox": mailbox.seed.address.as_str(),
        "kind": link.kind.as_str(),
        "title": title(link),
        "graph_id": link.graph.as_ref().map(|id| id.as_str()),
        "record": object.and_then(|object| object.record.as_ref().map(ToString::to_string)),
        "allowed": deletion.allowed,
    })
}
