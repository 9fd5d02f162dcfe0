//! Records, and the records that together are one item.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// An info area: a table of the CRM by its short name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InfoArea {
    /// FI, XML name `Company`.
    Company,
    /// KP, XML name `Person`: a person in a company.
    Person,
    /// MA, XML name `Contact`: an activity.
    Activity,
    /// MB, XML name `Participant`: a participant of an activity.
    Participant,
    /// A1, XML name `Task`.
    Task,
    /// TD, XML name `ToDo`: a participant's open answer.
    ToDo,
    /// A3, XML name `Absence`.
    Absence,
    /// D1, XML name `Document`.
    Document,
    /// D2, XML name `CustomerDocument`.
    CustomerDocument,
}

impl InfoArea {
    /// All of them.
    pub const ALL: [InfoArea; 9] = [
        InfoArea::Company,
        InfoArea::Person,
        InfoArea::Activity,
        InfoArea::Participant,
        InfoArea::Task,
        InfoArea::ToDo,
        InfoArea::Absence,
        InfoArea::Document,
        InfoArea::CustomerDocument,
    ];

    /// The short name, such as `MA`.
    pub fn as_str(self) -> &'static str {
        match self {
            InfoArea::Company => "FI",
            InfoArea::Person => "KP",
            InfoArea::Activity => "MA",
            InfoArea::Participant => "MB",
            InfoArea::Task => "A1",
            InfoArea::ToDo => "TD",
            InfoArea::Absence => "A3",
            InfoArea::Document => "D1",
            InfoArea::CustomerDocument => "D2",
        }
    }

    /// The table's name in the XML language and in `forms.xml`.
    pub fn table_name(self) -> &'static str {
        match self {
            InfoArea::Company => "Company",
            InfoArea::Person => "Person",
            InfoArea::Activity => "Contact",
            InfoArea::Participant => "Participant",
            InfoArea::Task => "Task",
            InfoArea::ToDo => "ToDo",
            InfoArea::Absence => "Absence",
            InfoArea::Document => "Document",
            InfoArea::CustomerDocument => "CustomerDocument",
        }
    }
}

impl fmt::Display for InfoArea {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A short name that is none of an item's info areas.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no info area that items are made of")]
pub struct UnknownInfoArea(pub String);

impl FromStr for InfoArea {
    type Err = UnknownInfoArea;

    fn from_str(short: &str) -> Result<Self, Self::Err> {
        InfoArea::ALL
            .into_iter()
            .find(|area| area.as_str() == short)
            .ok_or_else(|| UnknownInfoArea(short.to_owned()))
    }
}

/// A record: fields by their XML names, values as they stand on the wire. An absent field holds nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its table.
    pub info_area: InfoArea,
    /// Its record id; none before it is written for the first time.
    pub id: Option<u64>,
    /// What it holds.
    pub fields: BTreeMap<String, String>,
}

impl Record {
    /// An empty record that is not stored yet.
    pub fn new(info_area: InfoArea) -> Self {
        Self { info_area, id: None, fields: BTreeMap::new() }
    }

    /// A field's value; empty when it holds nothing.
    pub fn get(&self, field: &str) -> &str {
        self.fields.get(field).map_or("", String::as_str)
    }

    /// Whether a logical field is set.
    pub fn is(&self, field: &str) -> bool {
        matches!(self.get(field), "true" | "1")
    }

    /// Sets a field. An empty value is kept, for it clears the field in the CRM.
    pub fn set(&mut self, field: &str, value: impl Into<String>) {
        self.fields.insert(field.to_owned(), value.into());
    }

    /// A number field; none when empty or no number.
    pub fn number(&self, field: &str) -> Option<u64> {
        self.get(field).trim().parse().ok()
    }
}

/// All records of one item. In a set to be written, a record with an id is updated, one without is added, and one
/// that was in the existing set and is not in this one is deleted. The fields by which records of a set point to the
/// primary one (`ContactStatNo`, `ContactSeqNo`) are filled by who stores them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordSet {
    /// The record that *is* the item: MA, A1, KP (or FI) or A3.
    pub primary: Record,
    /// MB: everybody named by a mail or an appointment, in the item's order.
    pub participants: Vec<Record>,
    /// MA: the occurrences of a series that differ from it.
    pub exceptions: Vec<Record>,
    /// TD: open answers, one for each rep who takes part.
    pub todos: Vec<Record>,
    /// D1 or D2. In an existing set they need not carry their bytes; they are never deleted by being absent.
    pub documents: Vec<NewDocument>,
}

impl RecordSet {
    /// A set of one record.
    pub fn of(primary: Record) -> Self {
        Self {
            primary,
            participants: Vec::new(),
            exceptions: Vec::new(),
            todos: Vec::new(),
            documents: Vec::new(),
        }
    }
}

/// A file of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDocument {
    /// D1 or D2, as `settings.xml` says.
    pub info_area: InfoArea,
    /// File name as the sender gave it: nothing to be used as a path.
    pub name: String,
    /// Media type as the sender gave it.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
    /// Whether the text shows it in place.
    pub inline: bool,
    /// The content.
    pub bytes: Vec<u8>,
}
