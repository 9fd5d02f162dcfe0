//! A request and its commands.

use super::{Attributes, Query};
use crate::session::Session;

/// A request: the session it runs in, and its commands in the order in which they are processed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Who asks.
    pub session: Session,
    /// What is asked.
    pub commands: Vec<Command>,
    /// Custom attributes, copied to the answer.
    pub attributes: Attributes,
}

impl Request {
    /// A request without custom attributes.
    pub fn new(session: Session, commands: impl IntoIterator<Item = Action>) -> Self {
        let commands = commands.into_iter().map(Command::from).collect();
        Self { session, commands, attributes: Attributes::new() }
    }
}

/// A command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// What to do.
    pub action: Action,
    /// A session of its own, in place of the request's.
    pub session: Option<Session>,
    /// Custom attributes, copied to the answer.
    pub attributes: Attributes,
}

impl From<Action> for Command {
    fn from(action: Action) -> Self {
        Self { action, session: None, attributes: Attributes::new() }
    }
}

/// What a command does.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Action {
    /// `query`: answers records.
    Query(Query),
    /// `count`: answers how many records there are. Our reading: the guide's public pages do not show its answer.
    Count(Query),
    /// `insert`: makes new records.
    Insert(Vec<RecordInput>),
    /// `update`: changes the records that the ids, or the fields marked `matchup`, name.
    Update(Vec<RecordInput>),
    /// `import`: changes the record that the fields marked `matchup` name, or makes it.
    Import(Vec<RecordInput>),
    /// `match`: answers the record that the fields marked `matchup` name.
    Match(Vec<RecordInput>),
    /// `delete`: deletes records.
    Delete(Vec<RecordInput>),
    /// `nop`: nothing.
    Nop,
    /// A command that was not understood; the server answers it with an error.
    Invalid {
        /// Name of the command's element.
        name: String,
        /// What was not understood.
        why: String,
    },
}

impl Action {
    /// Name of the command's element.
    pub fn name(&self) -> &str {
        match self {
            Action::Query(_) => "query",
            Action::Count(_) => "count",
            Action::Insert(_) => "insert",
            Action::Update(_) => "update",
            Action::Import(_) => "import",
            Action::Match(_) => "match",
            Action::Delete(_) => "delete",
            Action::Nop => "nop",
            Action::Invalid { name, .. } => name,
        }
    }
}

/// A record as a writing command gives it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordInput {
    /// XML name of its table.
    pub table: String,
    /// Which record, where it is known: the decimal record id.
    pub id: Option<u64>,
    /// Its fields.
    pub fields: Vec<FieldInput>,
    /// Records that hang on it and are written with it.
    pub linked: Vec<RecordInput>,
    /// Custom attributes, copied to the record's element in the answer.
    pub attributes: Attributes,
}

impl RecordInput {
    /// A record with fields.
    pub fn new(table: impl Into<String>, fields: impl IntoIterator<Item = FieldInput>) -> Self {
        Self { table: table.into(), fields: fields.into_iter().collect(), ..Self::default() }
    }

    /// The record with this id.
    pub fn by_id(table: impl Into<String>, id: u64) -> Self {
        Self { table: table.into(), id: Some(id), ..Self::default() }
    }
}

/// A field as a writing command gives it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldInput {
    /// XML name.
    pub name: String,
    /// Value; empty clears the field.
    pub value: String,
    /// Whether an existing record is found by it.
    pub matchup: bool,
}

impl FieldInput {
    /// A field with a value.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into(), matchup: false }
    }

    /// A field by which an existing record is found.
    pub fn matchup(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { matchup: true, ..Self::new(name, value) }
    }
}
