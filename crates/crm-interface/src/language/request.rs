//! A request and its commands.

use super::{Attributes, Document, Options, Query, Test};
use crate::session::Session;

/// A request: the session it runs in, and its commands in the order in which they are processed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Who asks.
    pub session: Session,
    /// What is asked.
    pub commands: Vec<Command>,
    /// `transaction`: what all commands write is kept, or nothing.
    pub transaction: bool,
    /// Custom attributes, copied to the answer.
    pub attributes: Attributes,
}

impl Request {
    /// A request without custom attributes.
    pub fn new(session: Session, commands: impl IntoIterator<Item = Action>) -> Self {
        let commands = commands.into_iter().map(Command::from).collect();
        Self { session, commands, transaction: false, attributes: Attributes::new() }
    }
}

/// A command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// What to do.
    pub action: Action,
    /// A session of its own, in place of the request's.
    pub session: Option<Session>,
    /// The forms of its values, and whether it is done wholly or not at all.
    pub options: Options,
    /// Custom attributes, copied to the answer.
    pub attributes: Attributes,
}

impl From<Action> for Command {
    fn from(action: Action) -> Self {
        Self { action, session: None, options: Options::default(), attributes: Attributes::new() }
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
    /// `link`: sets what `links` say of existing records, and nothing else. Ours: the guide's public pages show
    /// `links` in `import` only.
    Link(Vec<RecordInput>),
    /// `putdoc`: puts a document into the CRM.
    PutDoc(Document),
    /// `getdoc`: answers documents with their content. Ours.
    GetDoc(Vec<RecordInput>),
    /// `catalog`: answers the entries of the catalog of this number. Ours.
    Catalog(u32),
    /// `break`: the commands behind it are left undone if the condition holds for the answers so far. With
    /// [`Options::transaction`] what the request's transaction wrote is undone as well (our reading).
    Break(Test),
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
            Action::Link(_) => "link",
            Action::PutDoc(_) => "putdoc",
            Action::GetDoc(_) => "getdoc",
            Action::Catalog(_) => "catalog",
            Action::Break(_) => "break",
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
    /// `links`: existing records to which it belongs. A link to a record of its own table names the record itself.
    pub links: Vec<Linked>,
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

/// An existing record to which a written one belongs: `<link tablename="Company" id="4294967298"/>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Linked {
    /// XML name of its table.
    pub table: String,
    /// Its id; none is `$lastRecId`, the record that was written last before in the same request.
    pub id: Option<u64>,
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
    /// `extkey`: whether the value is the external key of a catalog entry, whatever the command says.
    pub by_key: bool,
}

impl FieldInput {
    /// A field with a value.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into(), ..Self::default() }
    }

    /// A field by which an existing record is found.
    pub fn matchup(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { matchup: true, ..Self::new(name, value) }
    }
}
