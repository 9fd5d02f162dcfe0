//! Plans and their ends in words.

use crate::output::line;
use std::collections::BTreeMap;
use std::path::Path;
use tandem_engine::migrate::{Applied, Decision, MigrationPlan};

/// So many doubts and refusals are told one by one; all of them are in the plan.
const SHOWN: usize = 20;

pub(super) fn plan(plan: &MigrationPlan, mailboxes: usize) {
    for note in &plan.note {
        line(&format!("Note: {note}"));
    }
    if plan.is_empty() {
        line(&format!("{mailboxes} mailboxes looked at: there is nothing (more) to take over."));
        return;
    }
    let mut counts: BTreeMap<(&str, &str), (usize, usize)> = BTreeMap::new();
    for pair in &plan.pair {
        counts.entry((pair.mailbox.as_str(), pair.kind.as_str())).or_default().0 += 1;
    }
    for doubt in &plan.doubt {
        counts.entry((doubt.mailbox.as_str(), doubt.kind.as_str())).or_default().1 += 1;
    }
    let width = counts.keys().map(|(mailbox, _)| mailbox.len()).max().unwrap_or_default();
    for ((mailbox, kind), (pairs, doubts)) in counts {
        line(&format!(
            "{mailbox:width$}  {kind:11}  {}, {}",
            several(pairs, "pair"),
            several(doubts, "doubt")
        ));
    }
    line("");
    totals(plan);
    let open: Vec<_> =
        plan.doubt.iter().filter(|doubt| matches!(doubt.decided(), Ok(Decision::Open))).collect();
    if !open.is_empty() {
        line("");
        line("To be decided:");
    }
    for doubt in open.iter().take(SHOWN) {
        line(&format!("{:5} {} {}: {}", doubt.id, doubt.mailbox, doubt.kind, doubt.why));
        for candidate in doubt.record.iter().chain(&doubt.copy) {
            line(&format!("      {:3} {}", candidate.name, candidate.says));
        }
        if !doubt.like.is_empty() {
            let like: Vec<&str> = doubt.like.iter().map(|record| record.as_str()).collect();
            line(&format!("      like {}", like.join(", ")));
        }
    }
    if open.len() > SHOWN {
        line(&format!("and {} more in the plan", open.len() - SHOWN));
    }
}

fn several(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

/// What all of it amounts to.
fn totals(plan: &MigrationPlan) {
    let mut by: BTreeMap<&str, usize> = BTreeMap::new();
    plan.pair.iter().for_each(|pair| *by.entry(pair.by.as_str()).or_default() += 1);
    let by: Vec<String> = by.iter().map(|(by, count)| format!("{count} by {by}")).collect();
    let differ = plan.pair.iter().filter(|pair| !pair.differ.is_empty()).count();
    if !plan.pair.is_empty() {
        line(&format!(
            "{}, told by: {}. In {differ} of them the two sides differ; the first cycle settles that, and mails nobody.",
            several(plan.pair.len(), "pair"),
            by.join(", ")
        ));
    }
    if !plan.doubt.is_empty() {
        let decided = plan.doubt.iter().filter(|doubt| !doubt.decision.is_empty()).count();
        let open = plan.doubt.len() - decided;
        line(&format!(
            "{}: {open} to be decided by you, {decided} decided already (the plan says how, and you may change that).",
            several(plan.doubt.len(), "doubt")
        ));
    }
}

pub(super) fn next_steps(plan: &MigrationPlan, path: &Path) {
    let shown = path.display();
    line("");
    line(&format!("The plan is in {shown}; nothing was changed. Next:"));
    if plan.doubt.iter().any(|doubt| doubt.decision.is_empty()) {
        line(&format!(
            "  tandem migrate decide d1 r1=c1 --plan {shown}   (or leave, or separate; d1-d9 for several; or edit the file)"
        ));
    }
    line(&format!("  tandem migrate apply {shown} --approve"));
}

pub(super) fn applied(applied: &Applied) {
    line(&format!("{} taken over, {} were already", several(applied.adopted, "pair"), applied.already));
    if applied.kept_back > 0 {
        line(&format!(
            "{} records and copies are undecided and do not travel; `tandem migrate plan` shows them again",
            applied.kept_back
        ));
    }
    for refused in applied.refused.iter().take(SHOWN) {
        line(&format!("refused: {} {} {}: {}", refused.mailbox, refused.kind, refused.record, refused.why));
    }
    if applied.refused.len() > SHOWN {
        line(&format!("and {} more", applied.refused.len() - SHOWN));
    }
    if !applied.refused.is_empty() {
        line("What was refused does not travel either; `tandem migrate plan --force` looks at it afresh.");
    }
    line(
        "Next: `tandem run`, or one mailbox with `tandem sync`. What is in a mailbox or the CRM twice, `tandem dedupe find` lists.",
    );
}
