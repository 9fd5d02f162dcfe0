//! The XML language of CRM.interface: requests with commands on tables, and their answers.
//!
//! What the reader does not understand of a command becomes [`Action::Invalid`], so that the server can answer that
//! command with an error and still run the others; what it does not understand of a session is an error of the whole,
//! because a request that runs with other rights than it asked for is worse than one that does not run.
//!
//! The language is namespace-neutral: elements are known by their local names. Which attributes and elements are
//! public and which are our reading stands in `docs/reference/crm-interface.md`.

mod attributes;
mod document;
mod flags;
mod operator;
mod options;
mod path;
mod query;
mod query_wire;
mod record_wire;
mod request;
mod request_wire;
mod response;
mod response_wire;

pub use attributes::{AttributeClass, Attributes, WriteError};
pub use document::Document;
pub use flags::CursorFlags;
pub use operator::{Operator, Pattern};
pub use options::{CatalogForm, DateOrder, Options};
pub use path::{Test, TestError};
pub use query::{Comparison, Condition, Direction, FieldRef, Query, Sort, Table, TableRef};
pub use request::{Action, Command, FieldInput, Linked, RecordInput, Request};
pub use request_wire::{read_request, write_request};
pub use response::{FieldValue, Record, Response, Return, ReturnKind, Returned, code};
pub use response_wire::{read_response, write_response};
