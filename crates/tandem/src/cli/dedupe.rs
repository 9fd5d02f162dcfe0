//! Arguments of `tandem dedupe`.

use super::Report;
use clap::{Args, Subcommand};

/// Find what is there twice, in the CRM or within a mailbox, and merge it when asked.
#[derive(Debug, Subcommand)]
pub(crate) enum Dedupe {
    /// List records, and items of one mailbox, that are one thing. Nothing is changed. Exit 1 when there are any.
    Find(Report),
    /// Show them side by side, with what differs, and what a merge would do. Nothing is changed.
    Show(OneDuplicate),
    /// Keep one, give it what it lacks, and delete the others; of records the copies in mailboxes follow. Mails nobody:
    /// what would is left to you.
    Merge(OneDuplicate),
    /// Restore what a merge deleted, and give back what it took over; items of a mailbox are made again.
    Undo(OneDuplicate),
}

#[derive(Debug, Args)]
pub(crate) struct OneDuplicate {
    /// Id that `tandem dedupe find` gives.
    pub id: String,
    #[command(flatten)]
    pub report: Report,
}
