//! Graph's JSON, and `tandem_model`. Reading is lenient: Graph answers null, leaves properties out, and adds new
//! values to its enumerations. Every reader gives a plain reason when an item cannot be understood.

pub(crate) mod contact;
pub(crate) mod event;
pub(crate) mod html;
pub(crate) mod message;
pub(crate) mod person;
pub(crate) mod property;
pub(crate) mod recurrence;
pub(crate) mod series;
pub(crate) mod task;
pub(crate) mod text;
pub(crate) mod time;

use std::collections::BTreeSet;
use tandem_mapping::Mapping;
use tandem_model::{EmailAddress, GraphId, Importance, Zone};

/// What the owner of a mailbox adds to the meaning of its items.
#[derive(Debug, Clone)]
pub(crate) struct Lens {
    /// The owner's addresses.
    pub(crate) addresses: BTreeSet<EmailAddress>,
    /// The owner's time zone.
    pub(crate) zone: Zone,
    /// Whether the HTML of messages is wanted.
    pub(crate) html: bool,
    /// Which fields are exchanged beside the default ones.
    pub(crate) mapping: Mapping,
}

impl Default for Lens {
    fn default() -> Self {
        Self { addresses: BTreeSet::new(), zone: Zone::utc(), html: false, mapping: Mapping::default() }
    }
}

/// Which fields of an item are written.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fields<'a> {
    /// All that it has: a new item.
    All,
    /// These, by their name in the item's document.
    Only(&'a BTreeSet<String>),
}

impl Fields<'_> {
    pub(crate) fn has(self, field: &str) -> bool {
        match self {
            Fields::All => true,
            Fields::Only(fields) => fields.contains(field),
        }
    }
}

pub(crate) fn importance(text: Option<&str>) -> Importance {
    match text.unwrap_or_default().to_ascii_lowercase().as_str() {
        "low" => Importance::Low,
        "high" => Importance::High,
        _ => Importance::Normal,
    }
}

pub(crate) fn importance_name(importance: Importance) -> &'static str {
    match importance {
        Importance::Low => "low",
        Importance::Normal => "normal",
        Importance::High => "high",
    }
}

/// Categories as a set, without empty names.
pub(crate) fn categories(names: Option<&Vec<String>>) -> BTreeSet<String> {
    names.into_iter().flatten().filter(|name| !name.trim().is_empty()).cloned().collect()
}

pub(crate) fn text_or_empty(text: Option<&String>) -> String {
    text.cloned().unwrap_or_default()
}

pub(crate) fn id(text: &str) -> GraphId {
    GraphId::new(text)
}
