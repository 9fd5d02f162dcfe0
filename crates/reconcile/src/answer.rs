//! What the planner answers.

use crate::{CopyRole, Reason};
use std::collections::BTreeSet;
use tandem_model::{Document, EmailAddress, Response};

/// The write to the CRM.
#[derive(Debug, Clone, PartialEq)]
pub enum CrmWrite {
    /// Add the item.
    Add {
        /// Its organiser is not synchronised.
        published: bool,
    },
    /// Replace these fields.
    Replace {
        /// Field names of the document.
        fields: BTreeSet<String>,
    },
    /// Tell the owner's answer.
    Participation {
        /// The owner.
        address: EmailAddress,
        /// The answer.
        response: Response,
    },
    /// Bring a deleted record back with the content of the document.
    Restore {
        /// Its organiser is not synchronised.
        published: bool,
        /// Field names of the document, and of what was emptied since both sides agreed.
        fields: BTreeSet<String>,
    },
    /// Delete, softly.
    Delete,
}

/// The write to Microsoft 365.
#[derive(Debug, Clone, PartialEq)]
pub enum M365Write {
    /// Create the item.
    Create {
        /// Write the attendees too, so that Exchange invites them.
        invite: bool,
    },
    /// Update these fields.
    Update {
        /// Field names of the document.
        fields: BTreeSet<String>,
    },
    /// Delete the copy.
    Delete,
}

/// Where the link ends when the writes succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Both sides agree.
    Linked,
    /// A rule leaves it out; the last reason says which.
    Skipped,
    /// To be looked at again; the last reason says for what.
    Waiting,
    /// Gone on both sides.
    Deleted,
    /// Nothing to remember: there is no copy here and none is wanted.
    Nothing,
}

/// At most one write for each side. A deletion on one side never comes with a write of the other.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// What Microsoft 365 shall hold; of an item that is new on one side: its content there.
    pub document: Document,
    /// What the CRM shall hold, where that is not the same.
    pub crm_document: Option<Document>,
    /// What the copy is to the object from now on.
    pub role: CopyRole,
    /// The write to the CRM, if any.
    pub crm: Option<CrmWrite>,
    /// The write to Microsoft 365, if any.
    pub m365: Option<M365Write>,
    /// Where the link ends.
    pub outcome: Outcome,
    /// Why.
    pub reasons: Vec<Reason>,
}

impl Plan {
    /// Nothing to do and nothing to remember.
    pub fn nothing(role: CopyRole) -> Self {
        Self::rest(role, Outcome::Nothing, Reason::NothingToLink)
    }

    pub(crate) fn rest(role: CopyRole, outcome: Outcome, reason: Reason) -> Self {
        Self {
            document: Document::default(),
            crm_document: None,
            role,
            crm: None,
            m365: None,
            outcome,
            reasons: vec![reason],
        }
    }

    /// Whether it changes anything on either side.
    pub fn writes(&self) -> bool {
        self.crm.is_some() || self.m365.is_some()
    }

    /// The fields that it writes to a copy that is there.
    pub fn m365_fields(&self) -> impl Iterator<Item = &str> {
        let fields = match &self.m365 {
            Some(M365Write::Update { fields }) => Some(fields),
            _ => None,
        };
        fields.into_iter().flatten().map(String::as_str)
    }

    /// Whether it deletes on either side.
    pub fn deletes(&self) -> bool {
        self.crm == Some(CrmWrite::Delete) || self.m365 == Some(M365Write::Delete)
    }
}
