//! Custom attributes: what the language does not know, it copies to the answer.

use crate::xml::{clean, is_name};
use std::collections::BTreeMap;

/// Custom attributes by name. They travel through the interface unchanged, so that a client can tell answers apart.
pub type Attributes = BTreeMap<String, String>;

/// What the guide says of an attribute's name (administrator guide of CRM.interface, *Custom attributes*).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttributeClass {
    /// Unknown to the language, copied to the answer.
    Custom,
    /// Belongs to the language, not copied.
    Internal,
    /// Its use as a custom attribute is an error.
    Protected,
}

/// Attributes that a session is made of, on `<request>` or on a command. Never copied: one of them is the password.
pub(super) const SESSION: [&str; 10] =
    ["user", "pwd", "client", "Principal", "ClientID", "lang", "xml:lang", "domain", "auth", "impersonate"];

/// Attributes of `<request>` that the interface acts on itself.
pub(super) const PROCESSING: [&str; 7] =
    ["xslt", "ixslt", "oxslt", "log", "logmode", "noerrorlog", "transaction"];

/// Attributes that any command takes (*Command attributes*), and those of its answer.
pub(super) const COMMAND: [&str; 12] = [
    "__iflags",
    "catbynum",
    "catexkeys",
    "catformat",
    "dateformatin",
    "dateformatout",
    "if",
    "maxrecords",
    "skip",
    "catno",
    "count",
    "transaction",
];

const INTERNAL: [&str; 9] =
    ["tablename", "table", "tid", "fieldname", "field", "fields", "fid", "fnr", "name"];
const PROTECTED: [&str; 7] = ["text", "code", "value", "label", "upd", "null", "locked"];

impl AttributeClass {
    /// What the guide says of this name.
    pub fn of(name: &str) -> Self {
        if PROTECTED.contains(&name) {
            AttributeClass::Protected
        } else if INTERNAL.contains(&name) || SESSION.contains(&name) || PROCESSING.contains(&name) {
            AttributeClass::Internal
        } else {
            AttributeClass::Custom
        }
    }
}

/// Something that cannot be said in the language.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// A name that XML does not allow, or that cannot stand in a list.
    #[error("\"{0}\" cannot be the name of a table, field or attribute")]
    Name(String),
    /// A custom attribute with a name of the language's own.
    #[error("\"{0}\" belongs to the language and cannot be a custom attribute")]
    NotCustom(String),
    /// Something that the language has no way to say.
    #[error("{0}")]
    Incomplete(&'static str),
}

/// Lets a name pass that can be an element or attribute.
pub(super) fn checked_name(name: &str) -> Result<&str, WriteError> {
    if is_name(name) { Ok(name) } else { Err(WriteError::Name(clean(name).into_owned())) }
}

/// Lets custom attributes pass; `taken` names those of the element that they stand on.
pub(super) fn checked<'a>(
    attributes: &'a Attributes,
    taken: &'a [&'a str],
) -> impl Iterator<Item = Result<(&'a str, &'a str), WriteError>> {
    attributes.iter().map(|(name, value)| {
        checked_name(name)?;
        if AttributeClass::of(name) != AttributeClass::Custom || taken.contains(&name.as_str()) {
            return Err(WriteError::NotCustom(name.clone()));
        }
        Ok((name.as_str(), value.as_str()))
    })
}
