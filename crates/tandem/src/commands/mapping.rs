//! `tandem config mapping`: which field of the CRM feeds which field of Microsoft 365.

use super::Failure;
use crate::cli::ShowMapping;
use crate::output;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::ExitCode;
use tandem_groupware::{
    ActingRep, Change, Directory, Linked, Pair, Record, RecordSet, Rules, to_item, to_records,
};
use tandem_mapping::Flow;
use tandem_model::{Document, EmailAddress, Kind, Zone};
use tandem_outside::bounded;

/// The address of a preview's mailbox.
const OWNER: &str = "owner@example.com";

/// Where the forms are in the CRM's system folder.
const FORMS: &str = "xml/forms.xml";

/// An item as Graph shows it; attachments are no part of it.
const LARGEST_ITEM: u64 = 16 << 20;

/// Shows the mapping, or what becomes of an item. A file that cannot be used: exit 2, with line and reason.
pub(crate) fn run(args: &ShowMapping) -> Result<ExitCode, Failure> {
    if let Some(folder) = args.system.as_deref().filter(|folder| !folder.join(FORMS).is_file()) {
        let shown = folder.display();
        return Err(format!("{shown} has no {FORMS}: --system names the CRM's system folder; without it the built-in forms are shown").into());
    }
    let rules = tandem_crm::rules(args.system.as_deref())?;
    match args.preview.as_deref() {
        Some([kind, file]) => preview(&rules, kind.parse()?, Path::new(file), args.json)?,
        _ => show(&rules, args.json),
    }
    Ok(ExitCode::SUCCESS)
}

fn show(rules: &Rules, json: bool) {
    let pairs = rules.pairs();
    if json {
        return output::document(&json!({ "pairs": pairs.iter().map(pair_json).collect::<Vec<_>>() }));
    }
    for kind in Kind::ALL {
        output::line(&format!("{kind}"));
        for pair in pairs.iter().filter(|pair| pair.kind == kind) {
            let crm = if pair.crm.is_empty() { "(not listed)".to_owned() } else { pair.crm.join(", ") };
            output::line(&format!("  {:11} {crm} {} {}", origin(pair), arrow(pair.flow), pair.graph));
        }
    }
}

fn origin(pair: &Pair) -> String {
    pair.line.map_or_else(|| "default".to_owned(), |line| format!("line {line}"))
}

fn arrow(flow: Flow) -> &'static str {
    match flow {
        Flow::Both => "<->",
        Flow::ToCrm => "<--",
        Flow::ToM365 => "-->",
        Flow::Off => " x ",
    }
}

fn pair_json(pair: &Pair) -> Value {
    json!({
        "kind": pair.kind.as_str(),
        "field": pair.field,
        "crm": pair.crm,
        "graph": pair.graph,
        "direction": pair.flow.as_str(),
        "from": if pair.line.is_some() { "file" } else { "default" },
        "line": pair.line,
        "fixed": pair.fixed,
    })
}

fn preview(rules: &Rules, kind: Kind, file: &Path, json: bool) -> Result<(), Failure> {
    let text = bounded::text(file, LARGEST_ITEM).map_err(|error| format!("{}: {error}", file.display()))?;
    let sample: Value =
        serde_json::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))?;
    let mapping = rules.forms.mapping();
    let unreadable = |why: String| format!("{}: {why}", file.display());
    let owner = BTreeSet::from([EmailAddress::new(OWNER)]);
    let item = tandem_graph::item_of(kind, sample, owner, &mapping).map_err(unreadable)?;
    // What travels to the CRM, as a new item.
    let mut sent = Document::of(&item);
    sent.retain(|field| mapping.of(kind).flow(kind, field).to_crm() || kind == Kind::Absence);
    let mut welcome = rules.clone();
    (welcome.switches.create_persons, welcome.switches.create_companies) = (true, false);
    let (rep, directory) = (rep(), Directory::default());
    let change = Change::Add { published: false };
    let written = to_records(&sent.item(kind)?, change, &rep, &directory, &welcome)?;
    // What the record says to Microsoft 365.
    let held = to_item(kind, &written.set, &rep, &Linked::default(), rules)?;
    let mut told = Document::of(&held);
    told.retain(|field| mapping.of(kind).flow(kind, field).to_m365());
    let answer = match kind {
        Kind::Mail => Err("e-mails travel to the CRM only".to_owned()),
        _ => told.item(kind).map_err(|error| error.to_string()),
    };
    let answer = answer.and_then(|item| tandem_graph::json_of(&item, &mapping));
    let notes: Vec<&str> = written.notes.iter().map(|note| note.text.as_str()).collect();
    let records = records(&written.set);
    if json {
        let (graph, why) = (answer.as_ref().ok(), answer.as_ref().err());
        output::document(&json!({ "crm": records, "graph": graph, "graph_not_told": why, "notes": notes }));
        return Ok(());
    }
    output::line("The CRM would hold:");
    for (table, fields) in
        records.iter().flat_map(|(table, all)| all.iter().map(move |fields| (table, fields)))
    {
        for (field, value) in fields {
            output::line(&format!("  {table}.{field} = {}", value.as_str().unwrap_or_default()));
        }
    }
    notes.iter().for_each(|note| output::line(&format!("  note: {note}")));
    match answer {
        Ok(graph) => {
            output::line("Microsoft 365 would be told of this record:");
            for (name, value) in graph.as_object().into_iter().flatten() {
                output::line(&format!("  {name} = {value}"));
            }
        }
        Err(why) => output::line(&format!("Microsoft 365 would be told nothing: {why}")),
    }
    Ok(())
}

/// The records by their tables; what holds nothing is left out.
fn records(set: &RecordSet) -> BTreeMap<&'static str, Vec<Map<String, Value>>> {
    let mut records: BTreeMap<&'static str, Vec<Map<String, Value>>> = BTreeMap::new();
    let all = std::iter::once(&set.primary).chain(&set.participants).chain(&set.exceptions).chain(&set.todos);
    for Record { info_area, fields, .. } in all {
        let fields = fields.iter().filter(|(_, value)| !value.is_empty());
        let fields = fields.map(|(field, value)| (field.clone(), Value::String(value.clone()))).collect();
        records.entry(info_area.table_name()).or_default().push(fields);
    }
    records
}

/// The rep of a preview.
fn rep() -> ActingRep {
    ActingRep {
        rep_id: 1,
        name: "Owner".to_owned(),
        address: EmailAddress::new(OWNER),
        person: None,
        language: "en".to_owned(),
        zone: Zone::utc(),
        sales_group: String::new(),
    }
}
