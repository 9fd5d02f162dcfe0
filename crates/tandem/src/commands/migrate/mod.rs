//! `tandem migrate`: what an older connector left is taken over, after a person has read what that means.

mod file;
mod tell;

use super::{Failure, connector};
use crate::cli::{ApplyMigration, DecideMigration, Migrate, PlanMigration};
use crate::output;
use serde_json::json;
use std::process::ExitCode;
use tandem_engine::Roster;
use tandem_engine::migrate::Decision;
use tandem_model::EmailAddress;
use tandem_store::MailboxSeed;

/// Runs what was asked for.
pub(crate) async fn run(action: &Migrate) -> Result<ExitCode, Failure> {
    match action {
        Migrate::Plan(args) => plan(args).await,
        Migrate::Decide(args) => decide(args),
        Migrate::Apply(args) => apply(args).await,
    }
}

async fn plan(args: &PlanMigration) -> Result<ExitCode, Failure> {
    if !args.json && !args.force && args.out.exists() {
        let shown = args.out.display();
        return Err(format!(
            "there is a plan in {shown} already: apply it, or write over it with --force, or name another file with --out"
        )
        .into());
    }
    let connector = connector::assemble(&args.config.config).await?;
    let roster = connector.look_up_mailboxes().await?;
    let mailboxes = asked(&roster, &args.mailbox)?;
    let plan = connector.plan_migration(&roster, &mailboxes).await?;
    if args.json {
        output::document(&serde_json::to_value(&plan)?);
        return Ok(ExitCode::SUCCESS);
    }
    tell::plan(&plan, mailboxes.len());
    if !plan.is_empty() {
        file::write(&args.out, &plan)?;
        tell::next_steps(&plan, &args.out);
    }
    Ok(ExitCode::SUCCESS)
}

/// The mailboxes that were named, or all.
fn asked(roster: &Roster, named: &[String]) -> Result<Vec<MailboxSeed>, Failure> {
    if named.is_empty() {
        return Ok(roster.mailboxes.clone());
    }
    let find = |address: &String| {
        let address = EmailAddress::new(address);
        let found = roster.mailboxes.iter().find(|seed| seed.addresses.contains(&address)).cloned();
        found.ok_or_else(|| {
            format!(
                "{address} is not synchronised: no rep with this address has the connector enabled in the CRM"
            )
            .into()
        })
    };
    named.iter().map(find).collect()
}

fn decide(args: &DecideMigration) -> Result<ExitCode, Failure> {
    let mut plan = file::read(&args.plan)?;
    let Some(doubt) = plan.doubt.iter_mut().find(|doubt| doubt.id == args.doubt) else {
        return Err(format!("{} has no doubt {}", args.plan.display(), args.doubt).into());
    };
    doubt.decision.clone_from(&args.decision);
    doubt.decided()?;
    // Whoever changes a plan has not approved what it says now.
    plan.approved = false;
    file::write(&args.plan, &plan)?;
    let open = plan.doubt.iter().filter(|doubt| matches!(doubt.decided(), Ok(Decision::Open))).count();
    output::line(&format!("{}: {}; {open} doubts are undecided", args.doubt, args.decision));
    Ok(ExitCode::SUCCESS)
}

async fn apply(args: &ApplyMigration) -> Result<ExitCode, Failure> {
    let plan = file::read(&args.plan)?;
    let shown = args.plan.display();
    if !plan.approved && !args.approve {
        return Err(format!(
            "nobody has approved {shown}: read it, then say approved = true in it, or apply it with --approve"
        )
        .into());
    }
    for doubt in &plan.doubt {
        doubt.decided()?;
    }
    let connector = connector::assemble(&args.config.config).await?;
    let roster = connector.refresh().await?;
    let applied = connector.apply_migration(&roster, &plan).await?;
    if args.json {
        let refused = applied.refused.iter().map(|refused| {
            json!({
                "mailbox": refused.mailbox.as_str(), "kind": refused.kind.as_str(),
                "record": refused.record.as_str(), "copy": refused.copy.as_str(), "why": refused.why,
            })
        });
        output::document(&json!({
            "adopted": applied.adopted, "already": applied.already, "kept_back": applied.kept_back,
            "refused": refused.collect::<Vec<_>>(),
        }));
    } else {
        tell::applied(&applied);
    }
    let done = applied.refused.is_empty() && applied.kept_back == 0;
    Ok(if done { ExitCode::SUCCESS } else { ExitCode::from(1) })
}
