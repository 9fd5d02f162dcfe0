//! The pairs that hold without anybody's doing.

use crate::Flow;
use std::sync::LazyLock;
use tandem_model::Kind;

const PAIRS: &str = include_str!("../data/pairs.tsv");

/// A pair of the template: a field of an item, where the CRM keeps it, and where Graph does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefaultPair {
    /// The kind.
    pub kind: Kind,
    /// The field of the item (a name of `tandem_model::Document::fields`).
    pub field: &'static str,
    /// The XML name of the CRM's table.
    pub table: &'static str,
    /// The fields of the CRM by their meanings, the leading one first: it is the one that bears the direction.
    pub meanings: Vec<&'static str>,
    /// Properties of Graph.
    pub graph: &'static str,
    /// Which way it travels at most.
    pub flow: Flow,
    /// Why it can neither be switched off nor be given another direction; none where it can.
    pub fixed: Option<&'static str>,
}

impl DefaultPair {
    /// All of them, kind by kind.
    pub fn all() -> &'static [DefaultPair] {
        static ALL: LazyLock<Vec<DefaultPair>> =
            LazyLock::new(|| crate::properties::rows(PAIRS).filter_map(read).collect());
        &ALL
    }

    /// The pair of which a meaning of a table is a part.
    pub fn of_meaning(kind: Kind, table: &str, meaning: &str) -> Option<&'static DefaultPair> {
        // Persons and companies share the meanings of their fields.
        let same = |own: &str| own == table || (own == "Person" && table == "Company");
        Self::all()
            .iter()
            .find(|pair| pair.kind == kind && same(pair.table) && pair.meanings.contains(&meaning))
    }
}

fn read(columns: Vec<&'static str>) -> Option<DefaultPair> {
    let &[kind, field, table, meanings, graph, flow, fixed] = columns.as_slice() else { return None };
    Some(DefaultPair {
        kind: kind.parse().ok()?,
        field,
        table,
        meanings: meanings.split(',').collect(),
        graph,
        flow: flow.parse().ok()?,
        fixed: (!fixed.is_empty()).then_some(fixed),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_a_pair_and_no_field_has_two() {
        let lines = PAIRS.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(DefaultPair::all().len(), lines);
        let mut names: Vec<_> = DefaultPair::all().iter().map(|pair| (pair.kind, pair.field)).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), lines);
    }
}
