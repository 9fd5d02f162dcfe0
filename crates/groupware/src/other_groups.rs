//! The groups of `settings.xml` besides the groupware page: read, kept, and but for our switches not used here.

use crate::Switch;
use crate::switches::{is_groupware, page_of, plain};
use crate::xml::Element;

/// A group of the configurator that has no effect here. Its keys stay in the file: [`crate::with_switch`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherGroup {
    /// Its name: one of the configurator's, or what the file calls it.
    pub name: String,
    /// Its line in the file, from 1.
    pub line: usize,
    /// What it holds: name and value.
    pub keys: Vec<(String, String)>,
    /// Why it is not used.
    pub reason: &'static str,
}

impl OtherGroup {
    /// The configurator's groups (setup guide, part B, step 3) but for the groupware page, and why no other of their options
    /// is needed than those that are switches.
    pub const KNOWN: [(&str, &str); 7] = GROUPS;
}

const GROUPS: [(&str, &str); 7] = [
    (
        "General",
        "address, database and log are given to the program that serves the interface, not in a file",
    ),
    (
        "Inbound Transformations",
        "requests are read as they come: no style sheet is run, and forms.xml says which field has which meaning",
    ),
    (
        "Outbound Transformations",
        "answers are sent as they are: no style sheet is run, and forms.xml says which field has which meaning",
    ),
    ("Output Encoding", "every answer is UTF-8, which every XML reader has to understand"),
    (
        "Advanced I",
        "its options tune the original server's threads and sessions; there are none of them here",
    ),
    (
        "Advanced II",
        "its options tune the original server's threads and sessions; there are none of them here",
    ),
    ("Catalogs", "catalog values are answered by their text; external keys are in the table Catalog"),
];

/// The groups beside the groupware page.
pub(crate) fn read(root: &Element) -> Vec<OtherGroup> {
    root.children
        .iter()
        .filter(|element| !is_groupware(element) && element.children.iter().all(|child| !is_groupware(child)))
        .filter(|element| {
            element.children.is_empty() || !element.children.iter().all(|key| is_switch(element, key))
        })
        .map(group)
        .collect()
}

fn is_switch(group: &Element, key: &Element) -> bool {
    let name = plain(key.attribute("name").unwrap_or_default());
    let named = |switch: &&Switch| plain(switch.key) == name || plain(switch.label) == name;
    Switch::ALL.iter().filter(named).any(|switch| page_of(group) == Some(switch.page))
}

fn group(element: &Element) -> OtherGroup {
    let given = match element.attribute("name").filter(|_| element.name == "group") {
        Some(name) => name,
        None => &element.name,
    };
    let known = GROUPS.iter().find(|(name, _)| plain(name) == plain(given));
    let (name, reason) =
        known.map_or((given, "the configurator has no such group"), |(name, reason)| (*name, *reason));
    let keys = element.children.iter().filter(|key| !is_switch(element, key)).map(|key| {
        let name = key.attribute("name").unwrap_or(&key.name).to_owned();
        (name, key.attribute("value").unwrap_or(&key.text).trim().to_owned())
    });
    OtherGroup { name: name.to_owned(), line: element.line, keys: keys.collect(), reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_kept_with_their_keys_and_explained() {
        let root = Element::parse(
            "<root>\n<general><key name='Log' value='C:\\log'/><key name='Force login encryption'/></general><groupware/>\n<group name='Advanced I'/><x><y>1</y></x></root>",
        )
        .unwrap();
        let groups = read(&root);
        let names: Vec<_> = groups.iter().map(|group| (group.name.as_str(), group.line)).collect();
        assert_eq!(names, [("General", 2), ("Advanced I", 3), ("x", 3)]);
        assert_eq!(groups[0].keys, [("Log".to_owned(), "C:\\log".to_owned())]);
        assert_eq!(groups[2].keys, [("y".to_owned(), "1".to_owned())]);
        assert!(groups[2].reason.contains("no such group"));
    }

    #[test]
    fn every_group_of_the_configurator_is_known() {
        for (name, reason) in GROUPS {
            let element = Element {
                name: "group".into(),
                attributes: vec![("name".into(), name.to_uppercase())],
                ..Element::default()
            };
            assert_eq!((group(&element).name.as_str(), group(&element).reason), (name, reason));
        }
    }
}
