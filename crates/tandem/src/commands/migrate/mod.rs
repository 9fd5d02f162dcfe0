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
    let named = doubts(&args.doubt);
    if named.is_empty() {
        return Err(format!("{} names no doubt; say d3, d3,d5 or d7-d20", args.doubt).into());
    }
    for id in named {
        let Some(doubt) = plan.doubt.iter_mut().find(|doubt| doubt.id == id) else {
            return Err(format!("{} has no doubt {id}", args.plan.display()).into());
        };
        doubt.decision.clone_from(&args.decision);
        doubt.decided()?;
    }
    // Whoever changes a plan has not approved what it says now.
    plan.approved = false;
    file::write(&args.plan, &plan)?;
    let open = plan.doubt.iter().filter(|doubt| matches!(doubt.decided(), Ok(Decision::Open))).count();
    output::line(&format!("{}: {}; {open} doubts are undecided", args.doubt, args.decision));
    Ok(ExitCode::SUCCESS)
}

/// The doubts that a list such as `d3,d7-d9` names. What is no range is taken as a name.
fn doubts(list: &str) -> Vec<String> {
    let number = |name: &str| name.trim().strip_prefix('d')?.parse::<usize>().ok();
    let range = |part: &str| {
        let (first, last) = part.split_once('-')?;
        Some(number(first)?..=number(last)?)
    };
    let names = |part: &str| match range(part) {
        // A plan has no more doubts than that; a slip of the finger must not fill the memory.
        Some(range) => range.take(1_000_000).map(|at| format!("d{at}")).collect(),
        None => vec![part.trim().to_owned()],
    };
    list.split(',').flat_map(names).collect()
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

#[cfg(test)]
mod tests {
    use super::doubts;

    #[test]
    fn several_doubts_are_named_at_once() {
        assert_eq!(doubts("d3"), ["d3"]);
        assert_eq!(doubts("d1, d4-d6"), ["d1", "d4", "d5", "d6"]);
        assert_eq!(doubts("d6-d4,x-y"), ["x-y"], "a range that runs backwards names nothing");
    }
}
