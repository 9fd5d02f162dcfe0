//! Changing one switch of `settings.xml` and nothing else: comments, other groups and unknown keys stay as they are.

use crate::switches::{page_of, plain};
use crate::xml::{Element, XmlError};
use crate::{RulesError, Source, Switch};
use std::ops::Range;

/// The text with the switch set, or why the text or the key cannot be used.
pub fn with_switch(settings_xml: &str, key: &str, value: bool) -> Result<String, RulesError> {
    let error = |error: XmlError| error.of(Source::Settings);
    let root = Element::parse(settings_xml).map_err(error)?;
    let switch = Switch::ALL
        .iter()
        .find(|switch| plain(switch.key) == plain(key))
        .ok_or_else(|| error(XmlError::new(root.line, format!("there is no switch \"{key}\""))))?;
    let group = page(&root, switch.page);
    let named = |element: &&Element| {
        let name = element.attribute("name").map(plain).unwrap_or_default();
        name == plain(switch.key) || name == plain(switch.label)
    };
    let keys: Vec<&Element> = group.iter().flat_map(|group| group.children.iter().filter(named)).collect();
    let tag = format!("<key name=\"{}\" value=\"{value}\"/>", switch.key);
    // Of several the last one counts.
    let (at, text) = match (keys.last(), group) {
        (Some(element), _) => (element.span.clone(), tag),
        (None, Some(group)) => inserted(settings_xml, group, &tag),
        (None, None) => {
            let name = plain(switch.page);
            inserted(settings_xml, &root, &format!("<{name}>{tag}</{name}>"))
        }
    };
    let changed = format!("{}{text}{}", &settings_xml[..at.start], &settings_xml[at.end..]);
    Element::parse(&changed).map_err(error)?;
    Ok(changed)
}

/// Where a new child of an element goes, and how it stands there: before the end tag, on a line of its own.
fn inserted(text: &str, parent: &Element, child: &str) -> (Range<usize>, String) {
    let whole = &text[parent.span.clone()];
    match whole.rfind("</") {
        Some(end) => {
            let at = parent.span.start + end;
            (at..at, format!("  {child}\n"))
        }
        // `<groupware/>`: it is opened and closed around the child.
        None => {
            let open = whole.trim_end_matches('>').trim_end_matches('/').trim_end();
            let name = open.trim_start_matches('<').split_whitespace().next().unwrap_or_default();
            (parent.span.clone(), format!("{open}>\n{child}\n</{name}>"))
        }
    }
}

fn page<'e>(element: &'e Element, wanted: &str) -> Option<&'e Element> {
    if page_of(element) == Some(wanted) {
        Some(element)
    } else {
        element.children.iter().find_map(|child| page(child, wanted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rules;

    fn set(text: &str, key: &str, value: bool) -> String {
        let changed = with_switch(text, key, value).unwrap();
        let mut rules = Rules::builtin();
        rules.read_settings(&changed).unwrap();
        let list = rules.switches.list();
        assert!(list.iter().any(|(name, _, now)| *name == key && *now == value), "{changed}");
        changed
    }

    #[test]
    fn nothing_but_the_switch_changes() {
        let before = Rules::builtin_settings();
        let after = set(before, "create_persons", true);
        let differ: Vec<_> = before.lines().zip(after.lines()).filter(|(old, new)| old != new).collect();
        assert_eq!(differ.len(), 1);
        assert_eq!(differ[0].1.trim(), "<key name=\"create_persons\" value=\"true\"/>");
        assert_eq!(set(&after, "create_persons", false), before);
    }

    #[test]
    fn unknown_groups_and_keys_stay() {
        let text = "<root>\n<general><key name='x' value='&lt;1'/></general><!-- ü -->\n<group name='Groupware'>\n<key name='Create new Persons' value='False'></key>\n</group></root>";
        let after = set(text, "create_persons", true);
        assert!(after.contains("value='&lt;1'") && after.contains("<!-- ü -->"), "{after}");
        assert_eq!(after.matches("<key").count(), 2);
        let added = set(&after, "crm_wins", true);
        assert_eq!(added.matches("<key").count(), 3);
    }

    #[test]
    fn a_switch_that_is_not_there_is_added() {
        for text in [
            "<root/>",
            "<root>\n</root>",
            "<root><groupware/></root>",
            "<root><groupware>\n</groupware></root>",
        ] {
            let once = set(text, "crm_wins", true);
            assert_eq!(set(&once, "crm_wins", true), once);
            let twice = set(&once, "force_login_encryption", true);
            assert!(twice.contains("<general><key name=\"force_login_encryption\""), "{twice}");
            assert_eq!(set(&twice, "force_login_encryption", false).matches("<key").count(), 2);
        }
    }

    #[test]
    fn what_is_no_switch_is_refused() {
        assert!(with_switch("<root/>", "no_such", true).unwrap_err().reason.contains("no_such"));
        assert_eq!(with_switch("<root>\n<groupware>", "crm_wins", true).unwrap_err().line, 2);
    }
}
