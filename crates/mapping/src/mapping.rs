//! What holds for an installation beside the default pairs.

use crate::{DefaultPair, Flow, Target};
use std::collections::BTreeMap;
use tandem_model::{ADDITIONAL, Document, Kind};

/// The mapping of all kinds. The default one holds no more than the default pairs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mapping(BTreeMap<Kind, KindMapping>);

/// The mapping of a kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KindMapping {
    /// Additional fields by the ids of their targets, with their directions; those that are off are not among them.
    pub additional: BTreeMap<String, (Target, Flow)>,
    /// Default pairs that travel otherwise than they do by default, by the field of the item.
    pub changed: BTreeMap<String, Flow>,
}

impl Mapping {
    /// The mapping of a kind.
    pub fn of(&self, kind: Kind) -> &KindMapping {
        const NONE: &KindMapping = &KindMapping { additional: BTreeMap::new(), changed: BTreeMap::new() };
        self.0.get(&kind).unwrap_or(NONE)
    }

    /// Sets the mapping of a kind.
    pub fn set(&mut self, kind: Kind, mapping: KindMapping) {
        if mapping == KindMapping::default() {
            self.0.remove(&kind);
        } else {
            self.0.insert(kind, mapping);
        }
    }

    /// The kinds that have more than the default pairs.
    pub fn kinds(&self) -> impl Iterator<Item = (Kind, &KindMapping)> {
        self.0.iter().map(|(kind, mapping)| (*kind, mapping))
    }
}

impl KindMapping {
    /// Which way a field of the item (a name of `Document::fields`) travels; an additional one that is not mapped does
    /// not.
    pub fn flow(&self, kind: Kind, field: &str) -> Flow {
        if let Some(id) = field.strip_prefix(ADDITIONAL) {
            return self.additional.get(id).map_or(Flow::Off, |(_, flow)| *flow);
        }
        let default = || DefaultPair::all().iter().find(|pair| pair.kind == kind && pair.field == field);
        self.changed.get(field).copied().unwrap_or_else(|| default().map_or(Flow::Both, |pair| pair.flow))
    }

    /// Leaves out of a document what does not travel, so that nobody takes it for deleted.
    pub fn mask(&self, document: &mut Document) {
        document.retain(|field| match field.strip_prefix(ADDITIONAL) {
            Some(id) => self.additional.contains_key(id),
            None => self.changed.get(field) != Some(&Flow::Off),
        });
    }

    /// The fields that travel one way only though their kind may travel both.
    pub fn one_way(&self) -> impl Iterator<Item = (String, Flow)> {
        let additional = self.additional.iter().map(|(id, (_, flow))| (format!("{ADDITIONAL}{id}"), *flow));
        let changed = self.changed.iter().map(|(field, flow)| (field.clone(), *flow));
        additional.chain(changed).filter(|(_, flow)| matches!(flow, Flow::ToCrm | Flow::ToM365))
    }
}
