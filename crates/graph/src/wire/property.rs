//! Where our own marks are kept: extended properties, and an open extension on tasks.

use serde::Deserialize;
use serde_json::{Value, json};

/// Name of the open extension on tasks, which have no extended properties.
pub(crate) const EXTENSION: &str = "net.tandem.link";
/// Name of the extended property that holds our idempotency key.
pub(crate) const KEY: &str = "TandemKey";

/// Id of a named text property in the public strings property set (`PS_PUBLIC_STRINGS`).
pub(crate) fn id(name: &str) -> String {
    format!("String {{00020329-0000-0000-C000-000000000046}} Name {name}")
}

/// Graph `singleValueLegacyExtendedProperty`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Property {
    id: String,
    value: Option<String>,
}

/// Our key among the extended properties. The property's name is case-sensitive, the GUID within it is not.
pub(crate) fn key(properties: Option<&Vec<Property>>) -> Option<String> {
    let wanted = id(KEY);
    let same = |id: &str| id.eq_ignore_ascii_case(&wanted) && id.ends_with(KEY);
    properties.into_iter().flatten().find(|property| same(&property.id))?.value.clone()
}

/// Extended properties that say `value`.
pub(crate) fn write(name: &str, value: &str) -> Value {
    json!([{ "id": id(name), "value": value }])
}

/// Graph `openTypeExtension`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Extension {
    id: String,
    extension_name: String,
    key: Option<String>,
}

/// Our key among the open extensions. The id is the bare name, or the name behind that of the extension's type.
pub(crate) fn extension_key(extensions: Option<&Vec<Extension>>) -> Option<String> {
    let ours = |extension: &&Extension| {
        extension.extension_name == EXTENSION
            || extension.id == EXTENSION
            || extension.id.strip_suffix(EXTENSION).is_some_and(|front| front.ends_with('.'))
    };
    extensions.into_iter().flatten().find(ours)?.key.clone()
}

/// The extension of a new task.
pub(crate) fn write_extension(key: &str) -> Value {
    json!([{ "@odata.type": "microsoft.graph.openTypeExtension", "extensionName": EXTENSION, "key": key }])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_marks_are_found_among_others() {
        let properties: Vec<Property> = serde_json::from_value(json!([
            {"id": "String {00020329-0000-0000-c000-000000000046} Name tandemkey", "value": "no"},
            {"id": "String {00020329-0000-0000-c000-000000000046} Name TandemKey", "value": "yes"},
        ]))
        .unwrap();
        assert_eq!(key(Some(&properties)).as_deref(), Some("yes"));
        for id in [EXTENSION.to_owned(), format!("microsoft.graph.openTypeExtension.{EXTENSION}")] {
            let found: Vec<Extension> = serde_json::from_value(json!([{"id": id, "key": "k"}])).unwrap();
            assert_eq!(extension_key(Some(&found)).as_deref(), Some("k"));
        }
        let other: Vec<Extension> =
            serde_json::from_value(json!([{"id": "x.net.tandem.link2", "key": "k"}])).unwrap();
        assert_eq!(extension_key(Some(&other)), None);
    }
}
