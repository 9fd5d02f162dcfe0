//! The answer to a request.

use super::Attributes;
use tandem_model::{RecordId, Stamp};

/// The answer to a request: what came of each command, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Response {
    /// What came of the commands. Empty if the request was refused as a whole.
    pub results: Vec<Returned>,
    /// Why the request was refused as a whole.
    pub refusal: Option<Return>,
    /// The request's custom attributes.
    pub attributes: Attributes,
}

/// What came of a command.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Returned {
    /// Name of the command's element.
    pub command: String,
    /// The records that were asked for. What a command wrote stands in `returns`.
    pub records: Vec<Record>,
    /// How many there are, for `count`; for a `query` with `maxrecords`, how many there are without it.
    pub count: Option<u64>,
    /// What became of the records that a command wrote, in their order, errors and remarks.
    pub returns: Vec<Return>,
    /// Whether the command was to be done wholly or not at all.
    pub transaction: bool,
    /// The command's custom attributes.
    pub attributes: Attributes,
}

impl Returned {
    /// The first error, of the command or of one of its records.
    pub fn error(&self) -> Option<&Return> {
        self.returns.iter().find(|returned| returned.kind == ReturnKind::Error)
    }

    /// The ids of the records that the command wrote or matched, in their order, with their info areas as in `MA:1042`.
    pub fn written(&self) -> Vec<RecordId> {
        let done = self.returns.iter().filter(|returned| returned.kind != ReturnKind::Error);
        done.filter_map(|returned| Some(RecordId::new(format!("{}:{}", returned.info_area, returned.id?))))
            .collect()
    }
}

/// A record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// Name of its element: the table's XML name or its alias.
    pub table: String,
    /// Short name of its info area, such as `MA`.
    pub info_area: String,
    /// Record id; none for one that stands for several.
    pub id: Option<u64>,
    /// Its change number. Ours: the guide does not name such an attribute.
    pub stamp: Option<Stamp>,
    /// Its fields, in the order of the query.
    pub fields: Vec<FieldValue>,
    /// Records that hang on it.
    pub linked: Vec<Record>,
    /// Custom attributes.
    pub attributes: Attributes,
}

impl Record {
    /// The record's id with its info area, as in `MA:1042`.
    pub fn record_id(&self) -> Option<RecordId> {
        self.id.map(|id| RecordId::new(format!("{}:{id}", self.info_area)))
    }

    /// The value of a field; nothing if it was not answered.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|field| field.name == name).map(|field| field.value.as_str())
    }
}

/// A field of a record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldValue {
    /// XML name.
    pub name: String,
    /// Value as text.
    pub value: String,
    /// Custom attributes of the query's field.
    pub attributes: Attributes,
}

impl FieldValue {
    /// A field with a value.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into(), attributes: Attributes::new() }
    }
}

/// What a command says of itself or of a record: `<return table="FI" tablename="Company" id="…" type="insert"/>`, in
/// errors with `<ecode>`, `<etext>` and, where one is to blame, `<field>` (administrator guide of CRM.interface, *Working
/// with transactions*).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Return {
    /// Of which kind it is.
    pub kind: ReturnKind,
    /// XML name of the record's table; empty if it is about no record.
    pub table: String,
    /// Short name of its info area.
    pub info_area: String,
    /// Its id; none for a record that was not made.
    pub id: Option<u64>,
    /// Number or word that tells cases apart; empty when there is nothing to tell.
    pub code: String,
    /// In plain words.
    pub text: String,
    /// XML name of the field that is to blame.
    pub field: Option<String>,
    /// The record's custom attributes.
    pub attributes: Attributes,
}

impl Return {
    /// About the command as a whole.
    pub fn new(kind: ReturnKind, code: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            kind,
            table: String::new(),
            info_area: String::new(),
            id: None,
            code: code.into(),
            text: text.into(),
            field: None,
            attributes: Attributes::new(),
        }
    }

    /// An error.
    pub fn error(code: impl Into<String>, text: impl Into<String>) -> Self {
        Self::new(ReturnKind::Error, code, text)
    }
}

/// Codes of errors that are public (the guide's example of a transaction).
pub mod code {
    /// A field is not in the data dictionary.
    pub const FIELD_NOT_FOUND: &str = "-10027";
    /// The transaction was rolled back.
    pub const ROLLBACK: &str = "-10089";
}

/// The kind of a return. The guide shows `insert` and `error`; the others are our reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReturnKind {
    /// The command or record failed.
    Error,
    /// A record was made.
    Insert,
    /// A record was changed.
    Update,
    /// A record was found.
    Match,
    /// A record was deleted.
    Delete,
    /// Something else.
    Other(String),
}

impl ReturnKind {
    /// As it stands in the attribute `type`.
    pub fn as_str(&self) -> &str {
        match self {
            ReturnKind::Error => "error",
            ReturnKind::Insert => "insert",
            ReturnKind::Update => "update",
            ReturnKind::Match => "match",
            ReturnKind::Delete => "delete",
            ReturnKind::Other(word) => word,
        }
    }

    /// The kind of that name.
    pub fn parse(word: &str) -> Self {
        match word {
            "error" => ReturnKind::Error,
            "insert" => ReturnKind::Insert,
            "update" => ReturnKind::Update,
            "match" => ReturnKind::Match,
            "delete" => ReturnKind::Delete,
            other => ReturnKind::Other(other.to_owned()),
        }
    }
}
