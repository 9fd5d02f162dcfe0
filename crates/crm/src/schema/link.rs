//! Links between tables.

/// Which fields of one table equal which of another.
#[derive(Debug, Clone)]
pub struct Link {
    pub(super) tables: (String, String),
    pub(super) on: Vec<(LinkEnd, LinkEnd)>,
}

/// One end of an equation of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkEnd {
    /// A field.
    Field(String),
    /// The short name of the record's own info area.
    Area,
    /// The record's own id.
    Id,
}

impl LinkEnd {
    pub(super) fn parse(word: &str) -> Self {
        match word {
            "@area" => Self::Area,
            "@id" => Self::Id,
            field => Self::Field(field.to_owned()),
        }
    }
}

impl Link {
    /// The equations with the ends of `from` on the left, when this link is between the two.
    pub(super) fn between(&self, from: &str, to: &str) -> Option<Vec<(LinkEnd, LinkEnd)>> {
        if self.tables.0 == from && self.tables.1 == to {
            Some(self.on.clone())
        } else if self.tables.1 == from && self.tables.0 == to {
            Some(self.on.iter().map(|(left, right)| (right.clone(), left.clone())).collect())
        } else {
            None
        }
    }
}
