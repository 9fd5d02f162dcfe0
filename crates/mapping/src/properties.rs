//! Graph's side as data: the properties that no default pair uses.

use std::sync::LazyLock;
use tandem_model::Kind;

const PROPERTIES: &str = include_str!("../data/properties.tsv");

/// A property of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Property {
    pub(crate) kind: Kind,
    pub(crate) name: &'static str,
    /// Graph's type (`Edm.` left out).
    pub(crate) of: &'static str,
    pub(crate) access: Access,
}

/// What may be done with a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Both,
    Read,
    /// Nothing, and why.
    No(&'static str),
}

impl Property {
    pub(crate) fn all() -> &'static [Property] {
        static ALL: LazyLock<Vec<Property>> = LazyLock::new(|| rows(PROPERTIES).filter_map(read).collect());
        &ALL
    }

    pub(crate) fn find(kind: Kind, name: &str) -> Option<&'static Property> {
        Self::all().iter().find(|property| property.kind == kind && property.name == name)
    }
}

fn read(columns: Vec<&'static str>) -> Option<Property> {
    let (&[kind, name, of, access], reason) = match columns.as_slice() {
        [four @ .., reason] if columns.len() == 5 => (<&[&str; 4]>::try_from(four).ok()?, *reason),
        four => (<&[&str; 4]>::try_from(four).ok()?, ""),
    };
    let access = match access {
        "both" => Access::Both,
        "read" => Access::Read,
        "no" if !reason.is_empty() => Access::No(reason),
        _ => return None,
    };
    Some(Property { kind: kind.parse().ok()?, name, of, access })
}

/// The rows of a table; the columns are parted by tabs.
pub(crate) fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| line.split('\t').collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DefaultPair;

    #[test]
    fn every_line_is_a_property_and_none_is_one_of_a_default_pair() {
        assert_eq!(Property::all().len(), PROPERTIES.lines().filter(|line| !line.starts_with('#')).count());
        for property in Property::all() {
            let mut pairs = DefaultPair::all().iter().filter(|pair| pair.kind == property.kind);
            let used = |graph: &str| graph.split(", ").any(|name| name == property.name);
            assert!(!pairs.any(|pair| used(pair.graph)), "{property:?}");
        }
    }
}
