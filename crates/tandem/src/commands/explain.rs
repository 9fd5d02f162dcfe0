//! `tandem explain ITEM`: the story of one item.

use super::Failure;
use crate::cli::Explain;
use crate::output;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::process::ExitCode;
use tandem_model::MailboxId;
use tandem_settings::SettingsFile;
use tandem_store::{JournalEntry, Linked, SqliteStore, Step, Store};

/// Tells where the item stands and how it came there. Exit 1 when nobody ever saw it.
pub(crate) async fn run(args: &Explain) -> Result<ExitCode, Failure> {
    let file = SettingsFile::load(&args.report.config.config)?;
    let store = SqliteStore::open_read_only(&file.settings().connection.store)?;
    let (links, story) = (store.find(&args.item).await?, store.story(&args.item).await?);
    let names: BTreeMap<MailboxId, String> = store
        .mailboxes()
        .await?
        .into_iter()
        .map(|mailbox| (mailbox.seed.id, mailbox.seed.address.to_string()))
        .collect();
    if args.report.json {
        let links: Vec<Value> = links.iter().map(|linked| link_json(linked, &names)).collect();
        let story: Vec<Value> = story.iter().map(|entry| entry_json(entry, &names)).collect();
        output::document(&json!({ "item": args.item, "copies": links, "story": story }));
    } else {
        show(&args.item, &links, &story, &names);
    }
    let known = !links.is_empty() || !story.is_empty();
    Ok(if known { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn show(item: &str, links: &[Linked], story: &[JournalEntry], names: &BTreeMap<MailboxId, String>) {
    if links.is_empty() && story.is_empty() {
        output::line(&format!(
            "{item}: never seen. Is its mailbox synchronised, and is the item in a folder or"
        ));
        output::line("calendar that is read? `tandem status` lists the mailboxes.");
        return;
    }
    output::line(item);
    for linked in links {
        let link = &linked.link;
        let mailbox = names.get(&link.mailbox).map_or(link.mailbox.as_str(), String::as_str);
        let record = linked.object.as_ref().and_then(|object| object.record.as_ref());
        let record = record.map_or_else(String::new, |record| format!(", record {record}"));
        let why = if link.detail.is_empty() { String::new() } else { format!(": {}", link.detail) };
        output::line(&format!("  {} of {mailbox}{record}: {}{why}", link.kind, word(&json!(link.state))));
    }
    output::line("");
    for JournalEntry { entry, .. } in story {
        let mailbox = entry.mailbox.as_ref().and_then(|id| names.get(id)).map_or("-", String::as_str);
        let at = entry.at.strftime("%Y-%m-%d %H:%M:%S");
        output::line(&format!("  {at}Z  {:8} {mailbox:32} {}", step(entry.step), entry.text));
    }
}

fn step(step: Step) -> &'static str {
    match step {
        Step::Observe => "observed",
        Step::Plan => "decided",
        Step::Apply => "done",
        Step::Record => "noted",
    }
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn link_json(linked: &Linked, names: &BTreeMap<MailboxId, String>) -> Value {
    let (link, object) = (&linked.link, linked.object.as_ref());
    json!({
        "mailbox": names.get(&link.mailbox),
        "kind": link.kind.as_str(),
        "graph_id": link.graph.as_ref().map(|id| id.as_str()),
        "key": object.and_then(|object| object.key.clone()),
        "record": object.and_then(|object| object.record.as_ref().map(ToString::to_string)),
        "role": link.role,
        "state": link.state,
        "reason": link.reason,
        "detail": link.detail,
    })
}

fn entry_json(entry: &JournalEntry, names: &BTreeMap<MailboxId, String>) -> Value {
    let JournalEntry { seq, entry } = entry;
    json!({
        "seq": seq,
        "at": entry.at.to_string(),
        "mailbox": entry.mailbox.as_ref().and_then(|id| names.get(id)),
        "step": entry.step,
        "code": entry.code,
        "text": entry.text,
        "graph_id": entry.graph.as_ref().map(|id| id.as_str()),
        "record": entry.record.as_ref().map(ToString::to_string),
        "facts": entry.facts,
    })
}
