//! Arguments of `tandem dedupe`.

use super::Report;
use clap::{Args, Subcommand};

/// Find duplicates in the CRM, and merge them when asked.
#[derive(Debug, Subcommand)]
pub(crate) enum Dedupe {
    /// List records that are one thing. Nothing is changed. Exit 1 when there are any.
    Find(Report),
    /// Show the records side by side, with what differs.
    Show(OneDuplicate),
    /// Keep one record, give it what it lacks, and delete the others softly; copies in mailboxes follow.
    Merge(OneDuplicate),
    /// Restore what a merge deleted, and give back what it took over.
    Undo(OneDuplicate),
}

#[derive(Debug, Args)]
pub(crate) struct OneDuplicate {
    /// Id that `tandem dedupe find` gives.
    pub id: String,
    #[command(flatten)]
    pub report: Report,
}
