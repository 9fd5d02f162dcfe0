//! Additional fields, each an element with its name and type.

use super::when::DATE;
use crate::xml::{Element, ReadError, Writer};
use tandem_model::{Additional, AdditionalValue};

/// The element.
pub(super) const ELEMENT: &str = "additional";

pub(super) fn write(w: &mut Writer, additional: &Additional) {
    for (name, value) in additional.iter() {
        let of = match value {
            AdditionalValue::Boolean(_) => "boolean",
            AdditionalValue::Integer(_) => "integer",
            AdditionalValue::Text(_) => "text",
            AdditionalValue::Date { .. } => "date",
            AdditionalValue::Decimal { .. } => "decimal",
        };
        w.start(ELEMENT).attribute("name", name).attribute("type", of).text(&value.to_string()).end();
    }
}

/// Reads one field to the others.
pub(super) fn read(element: Element<'_>, into: &mut Additional) -> Result<(), ReadError> {
    let name = element.require_attribute("name")?.to_owned();
    let value = match element.require_attribute("type")? {
        "boolean" => AdditionalValue::Boolean(element.parse("true or false")?),
        "integer" => AdditionalValue::Integer(element.parse("a whole number")?),
        "date" => AdditionalValue::Date { date: element.parse(DATE)? },
        "decimal" => AdditionalValue::Decimal { decimal: element.parse("a number")? },
        "text" => AdditionalValue::Text(element.into_text()),
        other => return Err(element.invalid(other, "boolean, integer, text, date or decimal")),
    };
    into.set(name, value);
    Ok(())
}
