//! Field mapping: `graph="…"` pairs a field with an additional field of Graph, `direction="…"` says which way a field
//! travels.

use super::form::{FIXED, Form};
use crate::xml::{Element, XmlError};
use std::collections::BTreeMap;
use tandem_mapping::{CrmType, DefaultPair, Flow, KindMapping, Target};
use tandem_model::{Additional, Kind};

/// Fields that the rules write themselves, by their meanings.
const RULED: &[&str] = &[
    "Deleted",
    "Published",
    "FromConnector",
    "ConnectorMissingparticipants",
    "MissingParticipants",
    "Status",
    "Person",
    "Rep",
    "ContactBy",
    "ContactByID",
    "CreatedByID",
    "Participants",
    "ParticipantID",
    "Document1",
    "Document2",
    "OriginalDate",
    "Percent",
    "Todo",
];

/// What a form says beside the default pairs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Mapped {
    /// By table and id of the target: the field.
    pub(super) fields: BTreeMap<String, BTreeMap<String, String>>,
    pub(super) mapping: KindMapping,
}

/// The tables whose records are items of a kind.
fn tables(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Mail | Kind::Appointment => &["Contact"],
        Kind::Task => &["Task"],
        Kind::Contact => &["Person", "Company"],
        Kind::Absence => &["Absence"],
    }
}

/// Reads the two attributes of a field.
pub(super) fn read(
    kind: Kind,
    table: &str,
    element: &Element,
) -> Result<(Option<Target>, Option<Flow>), XmlError> {
    let wrong = |text: String| XmlError::new(element.line, text);
    let attribute = |name| element.attribute(name).map(str::trim).filter(|text: &&str| !text.is_empty());
    let flow = attribute("direction").map(|word| word.parse::<Flow>()).transpose();
    let flow = flow.map_err(|error| wrong(error.to_string()))?;
    let target = attribute("graph").map(|text| Target::parse(kind, text)).transpose();
    let target = target.map_err(|error| wrong(error.to_string()))?;
    if let Some(target) = &target {
        if !tables(kind).contains(&table) {
            let known = tables(kind).join(" and ");
            return Err(wrong(format!(
                "\"{}\" belongs to the {kind} itself: only fields of {known} can feed it",
                target.id
            )));
        }
        if flow.is_some_and(|flow| !flow.is_within(target.flow)) {
            return Err(wrong(format!("\"{}\" of {kind}s travels {} only", target.id, target.flow)));
        }
    }
    Ok((target, flow))
}

/// Settles what a form says, when the meanings of its fields are known.
pub(super) fn settle(kind: Kind, form: &Form) -> Result<Mapped, XmlError> {
    let mut mapped = Mapped::default();
    for (table, fields) in &form.tables {
        for (name, field) in fields {
            let wrong = |text: String| XmlError::new(field.line, text);
            let meaning = form.meaning(table, name).unwrap_or_default();
            match (&field.target, field.flow) {
                (Some(target), flow) => {
                    free(kind, table, name, meaning).map_err(wrong)?;
                    mapped.pair(table, name, target, flow.unwrap_or(target.flow)).map_err(wrong)?;
                }
                (None, Some(flow)) => {
                    let pair = limited(kind, table, name, meaning, flow).map_err(wrong)?;
                    mapped.mapping.changed.insert(pair.field.to_owned(), flow);
                }
                (None, None) => {}
            }
            if mapped.mapping.additional.len() > Additional::MOST {
                return Err(wrong(format!(
                    "no more than {} additional fields can be read at once",
                    Additional::MOST
                )));
            }
        }
    }
    // What no field of the form stands for is not exchanged: its absence is no deletion.
    for pair in DefaultPair::all().iter().filter(|pair| pair.kind == kind && pair.fixed.is_none()) {
        if !pair.meanings.iter().any(|meaning| form.means(pair.table, meaning)) {
            mapped.mapping.changed.insert(pair.field.to_owned(), Flow::Off);
        }
    }
    mapped.mapping.additional.retain(|_, (_, flow)| *flow != Flow::Off);
    Ok(mapped)
}

/// Whether a field has no other use.
fn free(kind: Kind, table: &str, field: &str, meaning: &str) -> Result<(), String> {
    if let Some(pair) = DefaultPair::of_meaning(kind, table, meaning) {
        return Err(format!(
            "{table}.{field} is the {} of a {kind} already: it can feed one field of Graph only",
            pair.field
        ));
    }
    if FIXED.contains(&meaning) || RULED.contains(&meaning) || FIXED.contains(&field) {
        return Err(format!(
            "{table}.{field} is a key, or is written by the rules: it cannot feed a field of Graph"
        ));
    }
    Ok(())
}

/// The default pair that a field's direction is about.
fn limited(
    kind: Kind,
    table: &str,
    field: &str,
    meaning: &str,
    flow: Flow,
) -> Result<&'static DefaultPair, String> {
    let Some(pair) = DefaultPair::of_meaning(kind, table, meaning) else {
        return Err(format!("{table}.{field} belongs to no pair: a direction needs graph=\"…\" beside it"));
    };
    if let Some(why) = pair.fixed {
        return Err(format!("{} of {kind}s stays as it is: {why}", pair.field));
    }
    match pair.meanings.first() {
        Some(first) if *first != meaning => {
            Err(format!("the direction of {} stands at the field that means {first}", pair.field))
        }
        _ if !flow.is_within(pair.flow) => {
            Err(format!("{} of {kind}s travels {} only", pair.field, pair.flow))
        }
        _ => Ok(pair),
    }
}

impl Mapped {
    fn pair(&mut self, table: &str, field: &str, target: &Target, flow: Flow) -> Result<(), String> {
        let fields = self.fields.entry(table.to_owned()).or_default();
        if let Some(other) = fields.insert(target.id.clone(), field.to_owned()) {
            return Err(format!("both {other} and {field} of {table} feed \"{}\"", target.id));
        }
        match self.mapping.additional.insert(target.id.clone(), (target.clone(), flow)) {
            Some((_, other)) if other != flow => Err(format!(
                "\"{}\" travels {other} for persons and {flow} for companies: it has one direction",
                target.id
            )),
            _ => Ok(()),
        }
    }
}

impl Form {
    /// Refuses pairs whose field the CRM does not have, or whose values it cannot hold.
    pub(super) fn check(&self, types: &impl Fn(&str, &str) -> Option<CrmType>) -> Result<(), XmlError> {
        for (table, fields) in &self.tables {
            for (name, field) in fields {
                let Some(target) = &field.target else { continue };
                let text = match types(table, name) {
                    None => format!("the CRM has no field {table}.{name} to feed \"{}\"", target.id),
                    Some(of) if !target.value.fits(of) => {
                        format!(
                            "{table}.{name} cannot hold what \"{}\" does: {}",
                            target.id,
                            target.value.name()
                        )
                    }
                    Some(_) => continue,
                };
                return Err(XmlError::new(field.line, text));
            }
        }
        Ok(())
    }
}
