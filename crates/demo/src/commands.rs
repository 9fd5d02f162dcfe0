//! CRM.interface commands in the XML language.

use crate::company::Fields;
use tandem_audit::escape;

/// Adds a record.
pub(crate) fn insert(table: &str, fields: &Fields) -> String {
    format!("<insert><fields><{table}>{}</{table}></fields></insert>", inner(fields))
}

/// Changes a record.
pub(crate) fn update(table: &str, id: &str, fields: &Fields) -> String {
    format!("<update><fields><{table} id=\"{}\">{}</{table}></fields></update>", escape(id), inner(fields))
}

/// Deletes a record.
pub(crate) fn delete(table: &str, id: &str) -> String {
    format!("<delete><fields><{table} id=\"{}\"/></fields></delete>", escape(id))
}

fn inner(fields: &Fields) -> String {
    fields.iter().map(|(name, value)| format!("<{name}>{}</{name}>", escape(value))).collect()
}
