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
    /// The records: those that a query found, or those that a command wrote.
    pub records: Vec<Record>,
    /// How many there are, for `count`; for a `query` with `maxrecords`, how many there are without it.
    pub count: Option<u64>,
    /// Errors and remarks about the command as a whole.
    pub returns: Vec<Return>,
    /// The command's custom attributes.
    pub attributes: Attributes,
}

impl Returned {
    /// The first error, of the command or of one of its records.
    pub fn error(&self) -> Option<&Return> {
        fn of(records: &[Record]) -> Option<&Return> {
            records.iter().find_map(|record| first(&record.returns).or_else(|| of(&record.linked)))
        }
        fn first(returns: &[Return]) -> Option<&Return> {
            returns.iter().find(|returned| returned.kind == ReturnKind::Error)
        }
        first(&self.returns).or_else(|| of(&self.records))
    }
}

/// A record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// Name of its element: the table's XML name or its alias.
    pub table: String,
    /// Short name of its info area, such as `MA`.
    pub info_area: String,
    /// Record id; none for a record that a failed command did not make.
    pub id: Option<u64>,
    /// Its change number. Ours: the guide does not name such an attribute.
    pub stamp: Option<Stamp>,
    /// Its fields, in the order of the query.
    pub fields: Vec<FieldValue>,
    /// Records that hang on it.
    pub linked: Vec<Record>,
    /// What a writing command did with it.
    pub returns: Vec<Return>,
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

/// What a command says of itself: `<return type="error" code="…" text="…"/>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Return {
    /// Of which kind it is.
    pub kind: ReturnKind,
    /// Number or word that tells cases apart.
    pub code: String,
    /// In plain words.
    pub text: String,
}

impl Return {
    /// An error.
    pub fn error(code: impl Into<String>, text: impl Into<String>) -> Self {
        Self { kind: ReturnKind::Error, code: code.into(), text: text.into() }
    }
}

/// The kind of a return. The guide shows `error`; the others are our reading.
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
