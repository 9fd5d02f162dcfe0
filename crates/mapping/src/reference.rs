//! The reference of default pairs and properties, as Markdown.

use crate::DefaultPair;
use crate::properties::{Access, Property};
use std::fmt::Write;
use tandem_model::Kind;

/// All default pairs and all properties that can be mapped, as tables.
pub fn reference() -> String {
    let mut text = String::new();
    for kind in Kind::ALL {
        // Writing to a string cannot fail.
        let _ = write!(text, "## {}\n\n", heading(kind));
        text.push_str(
            "| field | CRM | Graph | direction | can be changed |\n| --- | --- | --- | --- | --- |\n",
        );
        for pair in DefaultPair::all().iter().filter(|pair| pair.kind == kind) {
            let fields =
                pair.meanings.iter().map(|meaning| format!("`{meaning}`")).collect::<Vec<_>>().join(", ");
            let graph = pair.graph.split(", ").map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            let fixed = pair.fixed.map_or_else(|| "yes".to_owned(), |why| format!("no: {why}"));
            let _ = writeln!(
                text,
                "| {} | {}: {fields} | {graph} | {} | {fixed} |",
                pair.field, pair.table, pair.flow
            );
        }
        text.push('\n');
        let own: Vec<&Property> = Property::all().iter().filter(|property| property.kind == kind).collect();
        if own.is_empty() {
            continue;
        }
        text.push_str("| further property of Graph | type | |\n| --- | --- | --- |\n");
        for property in own {
            let access = match property.access {
                Access::Both => "can be mapped".to_owned(),
                Access::Read => "can be mapped, to the CRM only".to_owned(),
                Access::No(why) => format!("cannot be mapped: {why}"),
            };
            let _ = writeln!(text, "| `{}` | {} | {access} |", property.name, property.of);
        }
        text.push('\n');
    }
    text
}

fn heading(kind: Kind) -> &'static str {
    match kind {
        Kind::Mail => "E-mails",
        Kind::Appointment => "Appointments",
        Kind::Task => "Tasks",
        Kind::Contact => "Contacts",
        Kind::Absence => "Absences",
    }
}
