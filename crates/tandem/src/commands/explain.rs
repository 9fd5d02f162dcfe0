//! `tandem explain ITEM`: the story of one item.

use super::Failure;
use super::title::title;
use crate::cli::Explain;
use crate::output;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::process::ExitCode;
use tandem_model::MailboxId;
use tandem_settings::SettingsFile;
use tandem_store::{JournalEntry, Link, Linked, State, Step};

/// Tells where the item stands and how it came there. Exit 1 when nobody ever saw it.
pub(crate) async fn run(args: &Explain) -> Result<ExitCode, Failure> {
    let file = SettingsFile::load(&args.report.config.config)?;
    let store = super::store::look(file.settings()).await?;
    let (mut item, mut links, mut story) = (args.item.trim().to_owned(), Vec::new(), Vec::new());
    for spelling in spellings(&item) {
        (links, story) = (store.find(&spelling).await?, store.story(&spelling).await?);
        if !links.is_empty() || !story.is_empty() {
            item = spelling;
            break;
        }
    }
    let names: BTreeMap<MailboxId, String> = store
        .mailboxes()
        .await?
        .into_iter()
        .map(|mailbox| (mailbox.seed.id, mailbox.seed.address.to_string()))
        .collect();
    if args.report.json {
        let links: Vec<Value> = links.iter().map(|linked| link_json(linked, &names)).collect();
        let story: Vec<Value> = story.iter().map(|entry| entry_json(entry, &names)).collect();
        output::document(&json!({ "item": item, "copies": links, "story": story }));
    } else {
        show(&item, &links, &story, &names);
    }
    let known = !links.is_empty() || !story.is_empty();
    Ok(if known { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// The item as it was typed, and as it may have been meant: a message id without its angle brackets, a record id in
/// small letters.
fn spellings(item: &str) -> Vec<String> {
    let mut spellings = vec![item.to_owned()];
    if item.contains('@') && !item.starts_with('<') {
        spellings.push(format!("<{item}>"));
    }
    if item.contains(':') {
        spellings.push(item.to_uppercase());
    }
    spellings
}

fn show(item: &str, links: &[Linked], story: &[JournalEntry], names: &BTreeMap<MailboxId, String>) {
    if links.is_empty() && story.is_empty() {
        output::line(&format!(
            "{item}: never seen under this id. Is its mailbox synchronised (`tandem status` lists them),"
        ));
        output::line(
            "is the item in a folder or calendar that is read, and within the time frame of its kind",
        );
        output::line(
            "(`tandem config show`)? Items are found by Graph id, internetMessageId, iCalUId and record id.",
        );
        return;
    }
    let now = Timestamp::now();
    let title = links.iter().find_map(|linked| title(&linked.link));
    output::line(&title.map_or_else(|| item.to_owned(), |title| format!("{item} \"{title}\"")));
    for linked in links {
        let link = &linked.link;
        let record = linked.object.as_ref().and_then(|object| object.record.as_ref());
        let record = record.map_or_else(String::new, |record| format!(", record {record}"));
        let mailbox = names.get(&link.mailbox).map_or(link.mailbox.as_str(), String::as_str);
        output::line(&format!("  {} of {mailbox}{record}: {}", link.kind, standing(link, now)));
    }
    output::line("");
    let mailbox = |entry: &JournalEntry| {
        entry.entry.mailbox.as_ref().and_then(|id| names.get(id)).map_or("-", String::as_str).to_owned()
    };
    let width = story.iter().map(|entry| mailbox(entry).chars().count()).max().unwrap_or_default();
    for line in story {
        let entry = &line.entry;
        let at = entry.at.strftime("%Y-%m-%d %H:%M:%S");
        output::line(&format!("  {at}Z  {:8} {:width$}  {}", step(entry.step), mailbox(line), entry.text));
        for (field, value) in losers(&entry.facts) {
            output::line(&format!("  {:21}  {:8} {:width$}  the other {field} was: {value}", "", "", ""));
        }
    }
}

/// The fields of which a line says that one side's value went, with these values.
fn losers(facts: &Value) -> impl Iterator<Item = (&str, &Value)> {
    facts.as_array().into_iter().flatten().filter_map(|fact| {
        let conflict = fact.get("conflict").or_else(|| fact.get("overwrote"))?;
        Some((conflict.get("field")?.as_str()?, conflict.get("losing_value")?))
    })
}

/// Where a copy stands, and why, as a word and in words, and when that is looked at again.
fn standing(link: &Link, now: Timestamp) -> String {
    let mut text = match link.state {
        State::Linked => "in step".to_owned(),
        other => other.as_str().to_owned(),
    };
    if !link.reason.is_empty() {
        text.push_str(&format!(" ({})", link.reason));
    }
    if !link.detail.is_empty() {
        text.push_str(&format!(": {}", link.detail));
    }
    match (link.state, link.due) {
        (State::Failed | State::Waiting, Some(due)) if due > now => {
            text.push_str(&format!("; looked at again at {}Z", due.strftime("%Y-%m-%d %H:%M:%S")));
        }
        (State::Failed | State::Waiting, _) => text.push_str("; looked at again with every cycle"),
        _ => {}
    }
    text
}

fn step(step: Step) -> &'static str {
    match step {
        Step::Observe => "observed",
        Step::Plan => "decided",
        Step::Apply => "done",
        Step::Record => "noted",
    }
}

fn link_json(linked: &Linked, names: &BTreeMap<MailboxId, String>) -> Value {
    let (link, object) = (&linked.link, linked.object.as_ref());
    json!({
        "mailbox": names.get(&link.mailbox),
        "kind": link.kind.as_str(),
        "title": title(link),
        "graph_id": link.graph.as_ref().map(|id| id.as_str()),
        "key": object.and_then(|object| object.key.clone()),
        "record": object.and_then(|object| object.record.as_ref().map(ToString::to_string)),
        "role": link.role,
        "state": link.state,
        "reason": link.reason,
        "detail": link.detail,
        "due": link.due.map(|due| due.to_string()),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_may_be_typed_as_it_is_seen_elsewhere() {
        assert_eq!(spellings("a@mail.example"), ["a@mail.example", "<a@mail.example>"]);
        assert_eq!(spellings("<a@mail.example>"), ["<a@mail.example>"]);
        assert_eq!(spellings("ma:7"), ["ma:7", "MA:7"]);
    }

    #[test]
    fn where_a_copy_stands_is_told_with_word_reason_and_time() {
        let now: Timestamp = "2026-11-26T12:00:00Z".parse().unwrap();
        let mut link = Link {
            id: None,
            mailbox: "ann".into(),
            kind: tandem_model::Kind::Appointment,
            graph: None,
            place: None,
            object: None,
            role: tandem_store::Role::Lead,
            state: State::Waiting,
            reason: "waits-for-organizer".to_owned(),
            detail: "waits for the organiser".to_owned(),
            base: None,
            etag: None,
            stamp: None,
            todo: None,
            due: Some(now),
            attempts: 1,
        };
        let told = standing(&link, now);
        assert_eq!(
            told,
            "waiting (waits-for-organizer): waits for the organiser; looked at again with every cycle"
        );
        link.due = Some("2026-11-26T12:05:00Z".parse().unwrap());
        assert!(standing(&link, now).ends_with("; looked at again at 2026-11-26 12:05:00Z"));
        (link.state, link.reason, link.detail) = (
            State::Skipped,
            "kept-in-outlook".to_owned(),
            "deleted in the CRM, but kept in Outlook".to_owned(),
        );
        assert_eq!(
            standing(&link, now),
            "skipped (kept-in-outlook): deleted in the CRM, but kept in Outlook"
        );
    }

    #[test]
    fn the_losing_value_of_each_field_is_told() {
        let facts = json!([
            { "changed-in-m365": { "fields": ["subject"] } },
            { "conflict": { "field": "subject", "winner": "the CRM", "losing_value": "Old" } },
            { "conflict": { "field": "location", "winner": "the CRM", "losing_value": null } },
            { "overwrote": { "field": "text", "winner": "the CRM", "losing_value": "Mine" } },
        ]);
        let told: Vec<_> = losers(&facts).collect();
        assert_eq!(told, [("subject", &json!("Old")), ("location", &Value::Null), ("text", &json!("Mine"))]);
        assert_eq!(losers(&Value::Null).count(), 0);
    }
}
