//! The device information: which fields travel beside, or otherwise than, those of the default pairs.
//!
//! `DevInf` and `CTCap` with its properties are public (OMA *SyncML Device Information DTD 1.1*); that a property is the
//! field of an item, or of Graph behind `additional.`, is our own definition.

use super::ReadError;
use super::message::{self, location};
use super::names::{DEVICE_INFORMATION, DEVICE_INFORMATION_TYPE, DIRECTION};
use crate::sync::ContentType;
use crate::xml::{Element, Problem, Writer};
use tandem_mapping::{Flow, KindMapping, Mapping, Target};
use tandem_model::ADDITIONAL;

const NAMESPACE: &str = "syncml:devinf";

/// Whether an item of a `Get` asks for the device information.
pub(super) fn asks(item: &Element<'_>) -> bool {
    message::uri(item, "Target") == Some(DEVICE_INFORMATION)
}

/// Writes what asks for it.
pub(super) fn write_question(w: &mut Writer) {
    w.start("Meta");
    message::meta(w, "Type", DEVICE_INFORMATION_TYPE);
    w.end().start("Item");
    location(w, "Target", DEVICE_INFORMATION);
    w.end();
}

/// Writes the item of a `Results`.
pub(super) fn write(w: &mut Writer, mapping: &Mapping) {
    w.start("Item");
    location(w, "Source", DEVICE_INFORMATION);
    w.start("Data").start("DevInf").attribute("xmlns", NAMESPACE);
    w.leaf("VerDTD", "1.1").leaf("DevID", "CRM.interface").leaf("DevTyp", "server");
    for (kind, fields) in mapping.kinds() {
        w.start("CTCap").leaf("CTType", ContentType::from(kind).as_str());
        for (id, (_, flow)) in &fields.additional {
            property(w, &format!("{ADDITIONAL}{id}"), *flow);
        }
        for (field, flow) in &fields.changed {
            property(w, field, *flow);
        }
        w.end();
    }
    w.end().end().end();
}

fn property(w: &mut Writer, name: &str, flow: Flow) {
    w.start("PropName").attribute(DIRECTION, flow.as_str()).text(name).end();
}

/// Whether the item of a `Results` is the device information.
pub(super) fn is_answer(item: &Element<'_>) -> bool {
    message::uri(item, "Source") == Some(DEVICE_INFORMATION)
}

/// Reads the item of a `Results`. A field that this version cannot map is passed over.
pub(super) fn read(mut item: Element<'_>) -> Result<Mapping, ReadError> {
    let missing = item.error(Problem::Missing("Data/DevInf"));
    let data = item.take("Data").and_then(|mut data| data.take("DevInf")).ok_or(missing)?;
    let mut mapping = Mapping::default();
    for capability in data.children().iter().filter(|child| child.local() == "CTCap") {
        let Some(content_type) = ContentType::parse(message::text(capability, "CTType").trim()) else {
            continue;
        };
        let kind = content_type.kind();
        let mut fields = KindMapping::default();
        for property in capability.children().iter().filter(|child| child.local() == "PropName") {
            let Ok(flow) = property.require_attribute(DIRECTION)?.parse::<Flow>() else { continue };
            match property.text().strip_prefix(ADDITIONAL) {
                Some(id) => {
                    if let Ok(target) = Target::parse(kind, id) {
                        fields.additional.insert(target.id.clone(), (target, flow));
                    }
                }
                None => {
                    fields.changed.insert(property.text().to_owned(), flow);
                }
            }
        }
        mapping.set(kind, fields);
    }
    Ok(mapping)
}
