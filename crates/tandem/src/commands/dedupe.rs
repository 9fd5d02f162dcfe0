//! `tandem dedupe`: duplicates in the CRM, found, shown, merged and restored.

use super::{Failure, connector};
use crate::cli::{Dedupe, OneDuplicate, Report};
use crate::output::{document, line};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::process::ExitCode;
use tandem_engine::dedupe::{DedupeError, Duplicate, Member, Merged};

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
        line("No duplicates.");
    } else {
        for duplicate in &duplicates {
            let others: Vec<&str> = duplicate.others.iter().map(|other| other.record.as_str()).collect();
            let keep = &duplicate.keep;
            line(&format!(
                "{}  {}  {:11}  {} stays, {} would go  \"{}\"",
                duplicate.id,
                keep.address,
                duplicate.kind.as_str(),
                keep.record,
                others.join(", "),
                keep.item.title()
            ));
        }
        line("");
        line(
            "`tandem dedupe show ID` shows what differs, `tandem dedupe merge ID` merges, `tandem dedupe undo ID` restores.",
        );
    }
    Ok(if duplicates.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
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
    for member in &members {
        let stays = if member.record == duplicate.keep.record { "stays" } else { "would go" };
        let linked = if member.linked { ", in step with a mailbox" } else { "" };
        line(&format!("{}  {stays}{linked}  ({})", member.record, member.address));
    }
    let documents: Vec<_> = members.iter().map(|member| member.document()).collect();
    let fields: BTreeSet<&str> = documents.iter().flat_map(|document| document.fields()).collect();
    for field in fields {
        let values: Vec<&Value> = documents.iter().map(|document| document.get(field)).collect();
        if values.windows(2).all(|two| two.first() == two.last()) {
            line(&format!("  {field}: {}", text(values.first().copied())));
            continue;
        }
        line(&format!("  {field} differs"));
        for (member, value) in members.iter().zip(values) {
            line(&format!("    {}: {}", member.record, text(Some(value))));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn text(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "-".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
    }
}

fn told(args: &OneDuplicate, merged: &Merged, done: &str) -> Result<ExitCode, Failure> {
    let records: Vec<&str> = merged.deleted.iter().map(|record| record.as_str()).collect();
    if args.report.json {
        let keep = merged.keep.as_str();
        document(&json!({ "id": args.id, "keep": keep, "fields": merged.fields, done: records }));
    } else {
        let fields = if merged.fields.is_empty() { "nothing".to_owned() } else { merged.fields.join(", ") };
        let moved = if done == "restored" { "given back" } else { "taken over" };
        line(&format!("{} stays, {} {done}; {moved}: {fields}", merged.keep, records.join(", ")));
    }
    Ok(ExitCode::SUCCESS)
}

fn as_json(duplicate: &Duplicate) -> Value {
    let member = |member: &Member| {
        json!({
            "record": member.record.as_str(), "mailbox": member.address.as_str(), "linked": member.linked,
            "content": member.document(),
        })
    };
    json!({
        "id": duplicate.id, "kind": duplicate.kind.as_str(), "keep": member(&duplicate.keep),
        "others": duplicate.others.iter().map(member).collect::<Vec<_>>(),
    })
}
