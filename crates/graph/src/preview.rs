//! Graph's JSON and items without a mailbox: for people who want to see what a mapping does.

use crate::additional::{has_additional, read_additional, write_additional};
use crate::read::default_fields;
use crate::wire::{Fields, Lens, contact, event, task};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use tandem_mapping::Mapping;
use tandem_model::{EmailAddress, Item, Kind};

/// The item that Graph's JSON of a message, event, task or contact is, in the mailbox of the owner of these addresses.
/// Answers a reason where it is none.
pub fn item_of(
    kind: Kind,
    json: Value,
    owner: BTreeSet<EmailAddress>,
    mapping: &Mapping,
) -> Result<Item, String> {
    let lens = Lens { addresses: owner, mapping: mapping.clone(), ..Lens::default() };
    let whole = has_additional(&lens, kind).then(|| json.clone());
    let mut item = default_fields(&lens, kind, json, "")?.item;
    if let Some(json) = whole {
        read_additional(&lens, kind, &json, &mut item);
    }
    Ok(item)
}

/// What Graph would be told to make the item, without our key. E-mails are never written.
pub fn json_of(item: &Item, mapping: &Mapping) -> Result<Value, String> {
    let lens = Lens { mapping: mapping.clone(), ..Lens::default() };
    let mut body: Map<String, Value> = match item {
        Item::Mail(_) => return Err("e-mails travel to the CRM only".to_owned()),
        Item::Appointment(appointment) => event::write(appointment, Fields::All, true, &lens.zone),
        Item::Absence(absence) => event::write(&event::from_absence(absence), Fields::All, false, &lens.zone),
        Item::Task(task) => task::write(task, Fields::All),
        Item::Contact(contact) => contact::write(contact, Fields::All),
    };
    if let Some(additional) = item.additional() {
        write_additional(&lens, item.kind(), additional, Fields::All, &mut body)?;
    }
    Ok(Value::Object(body))
}
