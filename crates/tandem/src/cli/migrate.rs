//! Arguments of `tandem migrate`.

use super::WithConfig;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Take over what an older connector left, so that nothing is doubled.
#[derive(Debug, Subcommand)]
pub(crate) enum Migrate {
    /// Find out which records and which items of the mailboxes are the same, and write that into a plan. Nothing else
    /// is written anywhere.
    Plan(PlanMigration),
    /// Decide about a doubt of a plan; the file can be edited as well.
    Decide(DecideMigration),
    /// Carry out a plan that a person has approved. Exit 1 when something is left to look at.
    Apply(ApplyMigration),
}

#[derive(Debug, Args)]
pub(crate) struct PlanMigration {
    /// Only these mailboxes, by address (may be repeated).
    #[arg(long, value_name = "ADDRESS")]
    pub mailbox: Vec<String>,
    /// Where to write the plan.
    #[arg(long, value_name = "FILE", default_value = "migration.toml")]
    pub out: PathBuf,
    /// Write over a plan that is there already.
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    pub config: WithConfig,
    /// Print the plan as one JSON document instead of writing a file.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DecideMigration {
    /// Number of the doubt, such as d3; several with one decision: d3,d5 or d7-d20.
    pub doubt: String,
    /// leave (neither travels), separate (each travels by itself), or which record is which copy: r1=c1 or r1=c2,r2=c1.
    pub decision: String,
    /// The plan.
    #[arg(long, value_name = "FILE", default_value = "migration.toml")]
    pub plan: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct ApplyMigration {
    /// The plan.
    #[arg(value_name = "FILE", default_value = "migration.toml")]
    pub plan: PathBuf,
    /// Approve the plan as it is; otherwise it must say approved = true.
    #[arg(long)]
    pub approve: bool,
    #[command(flatten)]
    pub config: WithConfig,
    /// Print one JSON document.
    #[arg(long)]
    pub json: bool,
}
