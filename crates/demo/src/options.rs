//! What the demonstration is asked to do.

use std::path::PathBuf;

/// Options of `tandem demo`.
#[derive(Debug, Clone)]
pub struct DemoOptions {
    /// End after convergence, with an outcome.
    pub once: bool,
    /// Standard output belongs to the outcome: everything else goes to standard error.
    pub json: bool,
    /// Folder with `eml`, `ics` and `vcf`, laid into the mailboxes as well.
    pub corpus: Option<PathBuf>,
    /// How many mailboxes are synchronised.
    pub mailboxes: u32,
    /// What the company and its life are made from.
    pub seed: u64,
    /// Where databases and logs go and stay; none means a temporary folder.
    pub dir: Option<PathBuf>,
    /// The program that is tenant, CRM and connector.
    pub binary: PathBuf,
}
