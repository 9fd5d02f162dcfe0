//! A record as it is stored.

use jiff::Timestamp;
use std::collections::BTreeMap;
use std::fmt;
use tandem_model::{RecordId, Stamp};

/// Field values by field name; what is empty is left out.
pub type Fields = BTreeMap<String, String>;

/// The address of a record: info area and id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target {
    /// Short name of the info area.
    pub area: String,
    /// The decimal 64-bit id.
    pub id: i64,
}

impl Target {
    /// The record of that id in that info area.
    pub fn new(area: &str, id: i64) -> Self {
        Self { area: area.to_owned(), id }
    }

    /// Reads `MA:1042`.
    pub fn parse(record: &RecordId) -> Option<Self> {
        let (area, id) = record.as_str().split_once(':')?;
        Some(Self::new(area, id.parse().ok()?))
    }

    /// The address as others write it.
    pub fn record_id(&self) -> RecordId {
        RecordId::new(self.to_string())
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.area, self.id)
    }
}

/// Who writes: the acting rep or user, and through which installation of a client.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Author {
    /// `RepID` of the rep, or the login of a user who is none.
    pub principal: String,
    /// The client's id; empty for an ordinary session.
    pub client: String,
}

impl Author {
    /// The CRM itself.
    pub fn system() -> Self {
        Self { principal: "system".to_owned(), client: String::new() }
    }
}

/// A record with what the CRM knows about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Its address.
    pub target: Target,
    /// Change number of its last write.
    pub stamp: Stamp,
    /// When that was.
    pub modified: Timestamp,
    /// Who that was.
    pub author: Author,
    /// The last write by anybody else than `author` that `author` may not know of; zero when there is none.
    pub unseen: Stamp,
    /// Whether it was deleted; it stays readable by its address.
    pub deleted: bool,
    /// What it holds.
    pub fields: Fields,
}

impl Record {
    /// The value of a field; empty when it holds nothing.
    pub fn get(&self, field: &str) -> &str {
        self.fields.get(field).map_or("", String::as_str)
    }

    /// Whether a bool field is true.
    pub fn is(&self, field: &str) -> bool {
        self.get(field) == "true"
    }
}
