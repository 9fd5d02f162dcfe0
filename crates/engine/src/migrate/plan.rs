//! What a migration would do, as a person reads, edits and approves it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tandem_model::{EmailAddress, GraphId, Kind, RecordId};
use tandem_reconcile::Evidence;

/// The form of the plans that this program writes and takes.
pub const PLAN_VERSION: u32 = 1;

/// Pairs of records and copies that an older connector left, and what a person has to decide. Nothing of it is done
/// before it is approved and applied.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MigrationPlan {
    /// [`PLAN_VERSION`].
    pub version: u32,
    /// When it was made.
    pub made: Timestamp,
    /// Whether a person has read it and wants it carried out.
    pub approved: bool,
    /// What could not be read or compared, in plain words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub note: Vec<String>,
    /// What a person decides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubt: Vec<Doubted>,
    /// What is the same without doubt.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pair: Vec<Paired>,
}

impl MigrationPlan {
    /// Whether there is nothing to adopt and nothing to decide.
    pub fn is_empty(&self) -> bool {
        self.pair.is_empty() && self.doubt.is_empty()
    }
}

/// A record and a copy that are the same thing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paired {
    /// Whose mailbox holds the copy.
    pub mailbox: EmailAddress,
    /// Kind.
    pub kind: Kind,
    /// What speaks for it: `id`, `key` or `fingerprint`.
    pub by: String,
    /// The record.
    pub record: RecordId,
    /// The copy.
    pub copy: GraphId,
    /// The list or folder that holds the copy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    /// What the copy says; the pair is adopted only while it still does.
    pub copy_says: String,
    /// What the record says, where that is something else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record_says: Option<String>,
    /// In which fields the two differ; the first cycle settles them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differ: Vec<String>,
    /// A person may say `false`: then both are left alone until a later plan.
    pub take: bool,
}

/// Records and copies about which a person decides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Doubted {
    /// What `tandem migrate decide` calls it.
    pub id: String,
    /// Whose mailbox.
    pub mailbox: EmailAddress,
    /// Kind.
    pub kind: Kind,
    /// Why it is doubtful, in plain words.
    pub why: String,
    /// Empty while nobody has decided; else as [`Decision`](super::Decision) reads it.
    pub decision: String,
    /// Records that have their copy, and are like these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub like: Vec<RecordId>,
    /// Records.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub record: Vec<Candidate>,
    /// Copies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub copy: Vec<Candidate>,
}

/// A record or a copy in doubt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Candidate {
    /// What decisions call it: `r1`, `r2` … and `c1`, `c2` …
    pub name: String,
    /// Its id on its side.
    pub id: String,
    /// The list or folder that holds a copy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    /// What it says.
    pub says: String,
}

/// The word for a sort of evidence in plans.
pub(super) fn word(by: Evidence) -> &'static str {
    match by {
        Evidence::Id => "id",
        Evidence::Key => "key",
        Evidence::Fingerprint => "fingerprint",
        Evidence::Likeness => "likeness",
    }
}
