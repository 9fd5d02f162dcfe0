#![doc = include_str!("../README.md")]

mod configuration;
mod crm_interface;
mod files;
mod graph;
mod mutation;
mod records;
mod rules;

pub use mutation::Mutation;

/// An entrance for foreign bytes.
#[derive(Clone, Copy)]
pub struct Target {
    /// Its name: of the fuzz target and of the folder of its corpus.
    pub name: &'static str,
    /// Takes the bytes in.
    pub enter: fn(&[u8]),
}

/// All entrances.
pub const TARGETS: [Target; 12] = [
    Target { name: "xml_language", enter: crm_interface::language },
    Target { name: "syncml", enter: crm_interface::syncml },
    Target { name: "session", enter: crm_interface::session },
    Target { name: "forms_xml", enter: rules::forms },
    Target { name: "settings_xml", enter: rules::settings },
    Target { name: "tandem_toml", enter: configuration::settings },
    Target { name: "users_xml", enter: configuration::users },
    Target { name: "graph_json", enter: graph::answers },
    Target { name: "mime", enter: files::mime },
    Target { name: "icalendar", enter: files::icalendar },
    Target { name: "recurrence", enter: records::recurrence },
    Target { name: "html", enter: records::html },
];

/// Takes bytes in at the entrance of this name; nothing happens when there is none.
pub fn enter(name: &str, bytes: &[u8]) {
    if let Some(target) = TARGETS.iter().find(|target| target.name == name) {
        (target.enter)(bytes);
    }
}
