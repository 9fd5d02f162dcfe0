//! The journal: one line with a reason for every decision, so that each item's story can be told.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tandem_model::{GraphId, Kind, MailboxId, RecordId};

/// The room in which a line was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Step {
    /// A side showed something new.
    Observe,
    /// What was decided.
    Plan,
    /// What was done, and how it ended.
    Apply,
    /// What was noted.
    Record,
}

impl Step {
    /// All rooms, in the order in which an item passes them.
    pub const ALL: [Step; 4] = [Step::Observe, Step::Plan, Step::Apply, Step::Record];

    /// The word for it in stores and outputs.
    pub fn as_str(self) -> &'static str {
        match self {
            Step::Observe => "observe",
            Step::Plan => "plan",
            Step::Apply => "apply",
            Step::Record => "record",
        }
    }
}

/// A line to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEntry {
    /// When.
    pub at: Timestamp,
    /// In whose cycle; none for what concerns the whole installation.
    pub mailbox: Option<MailboxId>,
    /// Kind of the item.
    pub kind: Option<Kind>,
    /// Global key of its object.
    pub key: Option<String>,
    /// Copy in Microsoft 365.
    pub graph: Option<GraphId>,
    /// Record in the CRM.
    pub record: Option<RecordId>,
    /// Room.
    pub step: Step,
    /// What happened, as a stable word.
    pub code: String,
    /// What happened and why, in plain words. Never holds content of an item that policy excludes.
    pub text: String,
    /// Facts for machines: changed fields, losing values.
    pub facts: Value,
}

/// A line of the journal.
#[derive(Debug, Clone, PartialEq)]
pub struct JournalEntry {
    /// Number, in the order of commits.
    pub seq: i64,
    /// The line.
    pub entry: NewEntry,
}
