//! Every pair that holds, with where it comes from: for people who look at the mapping.

use crate::{Form, InfoArea, Rules};
use tandem_mapping::{DefaultPair, Flow};
use tandem_model::Kind;

/// A pair of fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// Of which kind.
    pub kind: Kind,
    /// The field of the item; `additional` for one that no default pair has.
    pub field: String,
    /// The fields of the CRM, as in `Contact.Subject`; none where the form lists none.
    pub crm: Vec<String>,
    /// The fields of Graph.
    pub graph: String,
    /// Which way it travels.
    pub flow: Flow,
    /// Why it can neither be switched off nor be given another direction; none where it can.
    pub fixed: Option<&'static str>,
    /// The line of `forms.xml` that says it; none where the built-in forms do.
    pub line: Option<usize>,
}

impl Rules {
    /// Every pair, kind by kind; additional ones behind the default ones.
    pub fn pairs(&self) -> Vec<Pair> {
        let template = Self::template();
        let mut pairs = Vec::new();
        for kind in Kind::ALL {
            let (form, builtin) = (self.forms.form(kind), template.forms.form(kind));
            for pair in DefaultPair::all().iter().filter(|pair| pair.kind == kind) {
                let (mut now, before) = (default(form, pair), default(builtin, pair));
                // What a file says as the template does is no change.
                now.line =
                    now.line.filter(|_| Pair { line: None, ..now.clone() } != Pair { line: None, ..before });
                pairs.push(now);
            }
            pairs.extend(additional(kind, form));
        }
        pairs
    }
}

fn default(form: &Form, pair: &DefaultPair) -> Pair {
    let area = InfoArea::ALL.into_iter().find(|area| area.table_name() == pair.table);
    let listed: Vec<&str> = area
        .iter()
        .flat_map(|area| pair.meanings.iter().filter_map(|meaning| form.field(*area, meaning)))
        .collect();
    let fields = form.tables.get(pair.table);
    let lines = listed.iter().filter_map(|field| Some(fields?.get(*field)?.line));
    Pair {
        kind: pair.kind,
        field: pair.field.to_owned(),
        crm: listed.iter().map(|field| format!("{}.{field}", pair.table)).collect(),
        graph: pair.graph.to_owned(),
        flow: form.mapping().flow(pair.kind, pair.field),
        fixed: pair.fixed,
        line: lines.min(),
    }
}

fn additional(kind: Kind, form: &Form) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for (table, fields) in &form.tables {
        for (name, field) in fields {
            let Some(target) = &field.target else { continue };
            pairs.push(Pair {
                kind,
                field: "additional".to_owned(),
                crm: vec![format!("{table}.{name}")],
                graph: target.id.clone(),
                flow: field.flow.unwrap_or(target.flow),
                fixed: None,
                line: Some(field.line),
            });
        }
    }
    pairs
}
