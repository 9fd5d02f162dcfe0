//! Additional fields: asked for by name, read from the whole answer, and written beside the others.
//!
//! Delta queries show none of them: that of a calendar takes neither `$select` nor `$expand`, and a link keeps the
//! `$select` with which it was made (Graph documentation: delta query overview). Where fields are mapped, what changed
//! is therefore read item by item, and so is what was written: the answer to a write expands nothing.

use crate::batch::{Part, Verdict};
use crate::read::default_fields;
use crate::transport::address::quoted;
use crate::transport::call::{IMMUTABLE_ID, IMMUTABLE_TEXT};
use crate::wire::property;
use crate::wire::{Fields, Lens, contact, event, message};
use crate::{Change, Class, GraphError, Mailbox, Remote};
use http::Method;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use tandem_mapping::{KindMapping, Target};
use tandem_model::{ADDITIONAL, Additional, GraphId, Item, Kind};

/// Where extended properties stand.
const EXTENDED: &str = "singleValueExtendedProperties";

impl Mailbox {
    fn mapped(&self, kind: Kind) -> &KindMapping {
        self.lens.mapping.of(kind)
    }

    /// Whether additional fields of a kind are exchanged.
    pub(crate) fn has_additional(&self, kind: Kind) -> bool {
        has_additional(&self.lens, kind)
    }

    /// The query with which an item that is no task is read whole.
    pub(crate) fn whole(&self, kind: Kind) -> Vec<(&'static str, String)> {
        let select = match kind {
            Kind::Mail => message::SELECT,
            Kind::Contact => contact::SELECT,
            Kind::Appointment | Kind::Absence | Kind::Task => event::SELECT,
        };
        let targets = || self.mapped(kind).additional.values().map(|(target, _)| target);
        let mut select = select.to_owned();
        for target in targets().filter(|target| !target.is_extended()) {
            select = format!("{select},{}", target.id);
        }
        let ours = (kind != Kind::Mail).then(|| property::id(property::KEY));
        let asked =
            ours.iter().chain(targets().filter(|target| target.is_extended()).map(|target| &target.id));
        let ids: Vec<String> = asked.map(|id| format!("id eq {}", quoted(id))).collect();
        let mut expand = Vec::new();
        if matches!(kind, Kind::Appointment | Kind::Absence) {
            expand.push("exceptionOccurrences".to_owned());
        }
        if !ids.is_empty() {
            expand.push(format!("{EXTENDED}($filter={})", ids.join(" or ")));
        }
        let mut query = vec![("$select", select)];
        if !expand.is_empty() {
            query.push(("$expand", expand.join(",")));
        }
        query
    }

    /// Adds the additional fields that Graph is to be told.
    pub(crate) fn write_additional(
        &self,
        kind: Kind,
        additional: &Additional,
        fields: Fields<'_>,
        body: &mut Map<String, Value>,
    ) -> Result<(), GraphError> {
        write_additional(&self.lens, kind, additional, fields, body)
            .map_err(|why| GraphError::NotWritable { what: self.what(&format!("writing {kind}")), why })
    }

    /// Reads anew what a page shows, with its additional fields.
    pub(crate) async fn with_additional(
        &self,
        kind: Kind,
        changes: Vec<Change>,
    ) -> Result<Vec<Change>, GraphError> {
        let present = |change: &Change| match change {
            Change::Present(remote) => Some(remote.id.clone()),
            _ => None,
        };
        let ids: Vec<GraphId> = changes.iter().filter_map(present).collect();
        if ids.is_empty() || !self.has_additional(kind) {
            return Ok(changes);
        }
        let mut read: BTreeMap<GraphId, Change> = BTreeMap::new();
        for (id, verdict) in ids.iter().zip(self.read_many(kind, &ids).await?) {
            let change = match verdict {
                Verdict::Done(json) => match self.remote(kind, json, "") {
                    Ok(remote) => Change::Present(Box::new(remote)),
                    Err(reason) => Change::Unreadable { id: id.clone(), etag: None, reason },
                },
                Verdict::Failed(error) if error.class() == Class::Gone => Change::Removed(id.clone()),
                Verdict::Failed(error) if error.class() == Class::Rejected => {
                    Change::Unreadable { id: id.clone(), etag: None, reason: error.to_string() }
                }
                Verdict::Failed(error) => return Err(error),
            };
            read.insert(id.clone(), change);
        }
        let anew = |change: Change| present(&change).and_then(|id| read.get(&id).cloned()).unwrap_or(change);
        Ok(changes.into_iter().map(anew).collect())
    }

    async fn read_many(&self, kind: Kind, ids: &[GraphId]) -> Result<Vec<Verdict>, GraphError> {
        let query = self.whole(kind);
        let query: Vec<(&str, &str)> = query.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let collection = match kind {
            Kind::Mail => "messages",
            Kind::Contact => "contacts",
            Kind::Appointment | Kind::Absence | Kind::Task => "events",
        };
        let prefer = if kind == Kind::Mail && self.lens.html { IMMUTABLE_ID } else { IMMUTABLE_TEXT };
        let part = |id: &GraphId| Part {
            what: self.what(&format!("reading {kind} {id}")),
            method: Method::GET,
            url: self.connection.relative(&["users", self.id().as_str(), collection, id.as_str()], &query),
            prefer,
            body: Value::Null,
        };
        self.batch(ids.iter().map(part).collect()).await
    }

    /// The item that Graph's JSON is.
    pub(crate) fn remote(&self, kind: Kind, json: Value, list: &str) -> Result<Remote, String> {
        let whole = self.has_additional(kind).then(|| json.clone());
        let mut remote = default_fields(&self.lens, kind, json, list)?;
        if let Some(json) = whole {
            read_additional(&self.lens, kind, &json, &mut remote.item);
        }
        Ok(remote)
    }
}

/// Whether additional fields of a kind are exchanged.
pub(crate) fn has_additional(lens: &Lens, kind: Kind) -> bool {
    !lens.mapping.of(kind).additional.is_empty()
}

/// Reads the additional fields of an item from Graph's answer.
pub(crate) fn read_additional(lens: &Lens, kind: Kind, json: &Value, item: &mut Item) {
    let Some(additional) = item.additional_mut() else { return };
    for (id, (target, _)) in &lens.mapping.of(kind).additional {
        if let Some(value) = value_in(json, target).and_then(|value| target.read(value)) {
            additional.set(id, value);
        }
    }
}

/// Adds the additional fields that Graph is to be told, or says which value it cannot hold.
pub(crate) fn write_additional(
    lens: &Lens,
    kind: Kind,
    additional: &Additional,
    fields: Fields<'_>,
    body: &mut Map<String, Value>,
) -> Result<(), String> {
    let new = matches!(fields, Fields::All);
    let mut extended = Vec::new();
    for (id, (target, flow)) in &lens.mapping.of(kind).additional {
        let value = additional.get(id);
        // A new item has nothing that would have to be cleared.
        if !flow.to_m365() || !fields.has(&format!("{ADDITIONAL}{id}")) || (new && value.is_none()) {
            continue;
        }
        let json = target.write(value).map_err(|error| format!("\"{id}\": {error}"))?;
        if target.is_extended() {
            extended.push(json!({ "id": id, "value": json }));
        } else {
            body.insert(id.clone(), json);
        }
    }
    if !extended.is_empty() {
        let all = body.entry(EXTENDED).or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(all) = all {
            all.extend(extended);
        }
    }
    Ok(())
}

fn value_in<'j>(json: &'j Value, target: &Target) -> Option<&'j Value> {
    if !target.is_extended() {
        return json.get(&target.id);
    }
    let all = json.get(EXTENDED)?.as_array()?;
    let found = all.iter().find(|property| property["id"].as_str().is_some_and(|id| target.is(id)));
    found.map(|property| &property["value"])
}
