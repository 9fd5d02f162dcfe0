//! `tandem dedupe`: duplicates in the CRM and within mailboxes, found, shown, merged and restored.

use super::{Failure, connector};
use crate::cli::{Dedupe, OneDuplicate, Report};
use crate::output::{document, line};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::process::ExitCode;
use tandem_engine::dedupe::{DedupeError, Duplicate, Member, Merged, Thing};

/// Runs what was asked for.
pub(crate) async fn run(action: &Dedupe) -> Result<ExitCode, Failure> {
    match action {
        Dedupe::Find(args) => find(args).await,
        Dedupe::Show(args) => show(args).await,
        Dedupe::Merge(args) => {
            let connector = connector::assemble(&args.report.config.config).await?;
            let roster = connector.refresh().await?;
            told(args, &connector.merge_duplicate(&roster, &args.id).await?, "deleted")
        }
        Dedupe::Undo(args) => {
            let connector = connector::assemble(&args.report.config.config).await?;
            let roster = connector.refresh().await?;
            told(args, &connector.undo_merge(&roster, &args.id).await?, "restored")
        }
    }
}

async fn found(args: &Report) -> Result<Vec<Duplicate>, Failure> {
    let connector = connector::assemble(&args.config.config).await?;
    let roster = connector.look_up_mailboxes().await?;
    Ok(connector.find_duplicates(&roster).await?)
}

async fn find(args: &Report) -> Result<ExitCode, Failure> {
    let duplicates = found(args).await?;
    if args.json {
        let all: Vec<Value> = duplicates.iter().map(as_json).collect();
        document(&json!({ "duplicates": all }));
    } else if duplicates.is_empty() {
        line("No duplicates, neither in the CRM nor within a mailbox.");
    } else {
        let (copies, records): (Vec<_>, Vec<_>) =
            duplicates.iter().partition(|duplicate| duplicate.is_in_mailbox());
        list("Records of the CRM that are one thing:", &records);
        list("Items of one mailbox that are one thing:", &copies);
        line("Nothing was changed. Next, with the ID from the first column:");
        line("  tandem dedupe show ID     what differs, and what a merge would do");
        line("  tandem dedupe merge ID    does it");
        line("  tandem dedupe undo ID     takes that back");
    }
    Ok(if duplicates.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn list(title: &str, duplicates: &[&Duplicate]) {
    if duplicates.is_empty() {
        return;
    }
    line(title);
    for duplicate in duplicates {
        let keep = &duplicate.keep;
        let names = names(duplicate);
        let (stays, go) =
            names.split_first().map_or(("", &[][..]), |(first, others)| (first.as_str(), others));
        line(&format!(
            "  {}  {}  {:11}  {}",
            duplicate.id,
            keep.address,
            duplicate.kind.as_str(),
            keep.says()
        ));
        let would = if go.len() == 1 { "would go" } else { "would all go" };
        line(&format!("      {stays} stays, for {}; {} {would}", duplicate.why, go.join(", ")));
        if let Some(why) = &duplicate.by_hand {
            line(&format!("      left to you: {why}"));
        }
    }
    line("");
}

/// What the members are called: records by their ids; items of a mailbox by numbers, for their ids are long.
fn names(duplicate: &Duplicate) -> Vec<String> {
    let members = std::iter::once(&duplicate.keep).chain(&duplicate.others).enumerate();
    let name = |(at, member): (usize, &Member)| match duplicate.is_in_mailbox() {
        true => format!("c{}", at + 1),
        false => member.name().to_owned(),
    };
    members.map(name).collect()
}

async fn show(args: &OneDuplicate) -> Result<ExitCode, Failure> {
    let duplicates = found(&args.report).await?;
    let duplicate = duplicates.iter().find(|duplicate| duplicate.id == args.id);
    let duplicate = duplicate.ok_or_else(|| DedupeError::Unknown(args.id.clone()))?;
    if args.report.json {
        document(&as_json(duplicate));
        return Ok(ExitCode::SUCCESS);
    }
    let members: Vec<&Member> = std::iter::once(&duplicate.keep).chain(&duplicate.others).collect();
    let names = names(duplicate);
    for (at, (member, name)) in members.iter().zip(&names).enumerate() {
        let stays = if at == 0 { format!("stays, for {}", duplicate.why) } else { "would go".to_owned() };
        line(&format!("{name}  {stays}  ({}, {})", member.address, whereabouts(member)));
    }
    line("");
    let documents: Vec<_> = members.iter().map(|member| member.document()).collect();
    let fields: BTreeSet<&str> = documents.iter().flat_map(|document| document.fields()).collect();
    for field in fields {
        let values: Vec<&Value> = documents.iter().map(|document| document.get(field)).collect();
        if values.windows(2).all(|two| two.first() == two.last()) {
            line(&format!("  {field}: {}", text(values.first().copied())));
            continue;
        }
        line(&format!("  {field} differs"));
        for (name, value) in names.iter().zip(values) {
            line(&format!("    {name}: {}", text(Some(value))));
        }
    }
    line("");
    would(duplicate, &names);
    Ok(ExitCode::SUCCESS)
}

/// What a merge would do, as long as nothing changes.
fn would(duplicate: &Duplicate, names: &[String]) {
    if let Some(why) = &duplicate.by_hand {
        line(&format!("`tandem dedupe merge` leaves this to you: {why}"));
        return;
    }
    line(&format!("`tandem dedupe merge {}` would", duplicate.id));
    let (before, after) = (duplicate.keep.document(), duplicate.merged());
    let first = names.first().map_or("", String::as_str);
    for field in after.differences(&before) {
        line(&format!("  give {first} {field}: {}", text(Some(after.get(&field)))));
    }
    for name in names.iter().skip(1) {
        let undone = match duplicate.is_in_mailbox() {
            true => "undo makes it again, without what the connector does not carry",
            false => "undo restores it",
        };
        line(&format!("  delete {name} ({undone})"));
    }
    line(
        "and mail nobody. Where both hold something different, what stays keeps its own; the other value is in the journal.",
    );
}

/// Where a member lies, and with what it is in step.
fn whereabouts(member: &Member) -> String {
    match &member.thing {
        Thing::Record { .. } if member.linked => "in step with a mailbox".to_owned(),
        Thing::Record { .. } => "in step with no mailbox".to_owned(),
        Thing::Copy(copy) => match &copy.record {
            Some(record) => format!("in step with {record}, item {}", copy.graph),
            None => format!("belongs to no record, item {}", copy.graph),
        },
    }
}

/// A value as people read it.
fn text(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "-".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(values)) => {
            let each: Vec<String> = values.iter().map(|value| text(Some(value))).collect();
            each.join(", ")
        }
        Some(value) => moment(value).or_else(|| person(value)).unwrap_or_else(|| value.to_string()),
    }
}

/// A time: two instants and the zone in which they were said, or the first day and the day after the last.
fn moment(value: &Value) -> Option<String> {
    let part = |of: &Value, name: &str| Some(of.get(name)?.as_str()?.to_owned());
    if let Some(timed) = value.get("timed") {
        let (start, end, zone) = (part(timed, "start")?, part(timed, "end")?, part(timed, "zone")?);
        return Some(format!("{start} - {end} (said in {zone})"));
    }
    let days = value.get("allDay")?;
    Some(format!("all day from {}, until before {}", part(days, "start")?, part(days, "end")?))
}

/// A person: address, and role where there is one.
fn person(value: &Value) -> Option<String> {
    let address = value.get("address")?.as_str()?;
    let role = value.get("role").and_then(Value::as_str);
    Some(role.map_or_else(|| address.to_owned(), |role| format!("{address} ({role})")))
}

fn told(args: &OneDuplicate, merged: &Merged, done: &str) -> Result<ExitCode, Failure> {
    if args.report.json {
        document(&json!({
            "id": args.id, "keep": merged.keep, "fields": merged.fields, done: merged.deleted, "notes": merged.notes,
        }));
        return Ok(ExitCode::SUCCESS);
    }
    let fields = if merged.fields.is_empty() { "nothing".to_owned() } else { merged.fields.join(", ") };
    let moved = if done == "restored" { "given back" } else { "taken over" };
    let others = if merged.deleted.is_empty() { "nothing".to_owned() } else { merged.deleted.join(", ") };
    line(&format!("{} stays, {others} {done}; {moved}: {fields}", merged.keep));
    for note in &merged.notes {
        line(&format!("Note: {note}"));
    }
    if done == "deleted" {
        line(&format!("`tandem dedupe undo {}` takes it back as long as the journal remembers it.", args.id));
    }
    Ok(ExitCode::SUCCESS)
}

fn as_json(duplicate: &Duplicate) -> Value {
    let member = |member: &Member| {
        let (what, record) = match &member.thing {
            Thing::Record { record, .. } => ("record", Some(record)),
            Thing::Copy(copy) => ("item", copy.record.as_ref()),
        };
        let mut value = json!({
            "mailbox": member.address.as_str(), "linked": member.linked, "content": member.document(),
            "record": record.map(|record| record.as_str()),
        });
        value[what] = member.name().into();
        value
    };
    let takes_over = duplicate.merged().differences(&duplicate.keep.document());
    json!({
        "id": duplicate.id, "kind": duplicate.kind.as_str(),
        "side": if duplicate.is_in_mailbox() { "mailbox" } else { "crm" },
        "keep": member(&duplicate.keep), "why": duplicate.why, "takes_over": takes_over,
        "others": duplicate.others.iter().map(member).collect::<Vec<_>>(),
        "by_hand": duplicate.by_hand,
    })
}
