//! Conditions, as queries of the XML language and the filters of `forms.xml` write them.

use crate::xml::{Element, XmlError};
use crate::{Record, RecordSet};
use std::cmp::Ordering;

/// How the parts of a `lop` are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Join {
    And,
    Or,
}

/// The operator of a `cond`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    /// `*` stands for any text, `?` for one character.
    Like,
}

/// A condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// `lop`.
    Group {
        /// How its parts are joined.
        join: Join,
        /// Its parts.
        parts: Vec<Condition>,
    },
    /// `cond`.
    Field {
        /// The table's XML name.
        table: String,
        /// The field's XML name.
        field: String,
        /// How it is compared.
        comparison: Comparison,
        /// With what.
        value: String,
    },
}

impl Comparison {
    /// The operator as it stands in XML.
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word.trim() {
            "=" | "==" => Self::Equal,
            "!=" | "<>" => Self::NotEqual,
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            ">" => Self::Greater,
            ">=" => Self::GreaterOrEqual,
            word if word.eq_ignore_ascii_case("like") => Self::Like,
            _ => return None,
        })
    }

    /// Whether a field's value fulfils the comparison, as in a query: numbers compare as numbers, logical values as such
    /// (an empty one is false), everything else as text. `like` does not look at capitals, and neither do `=` and `!=`
    /// with `*` or `?` in the value, which are patterns as well (administrator guide of CRM.interface, *Cursor Flags*).
    /// What is empty is neither less nor greater than anything.
    pub fn holds(self, held: &str, value: &str) -> bool {
        let is_pattern = value.contains(['*', '?']) && matches!(self, Self::Equal | Self::NotEqual);
        if self == Self::Like || is_pattern {
            let lower = |text: &str| text.trim().to_lowercase().chars().collect::<Vec<_>>();
            return like(&lower(held), &lower(value)) == (self != Self::NotEqual);
        }
        let ranks = !matches!(self, Self::Equal | Self::NotEqual);
        if ranks && held.trim().is_empty() && !value.trim().is_empty() && logical(value.trim()).is_none() {
            return false;
        }
        let order = compare(held.trim(), value.trim());
        match self {
            Self::Equal => order == Ordering::Equal,
            Self::NotEqual => order != Ordering::Equal,
            Self::Less => order == Ordering::Less,
            Self::LessOrEqual => order != Ordering::Greater,
            Self::Greater => order == Ordering::Greater,
            Self::GreaterOrEqual => order != Ordering::Less,
            Self::Like => false,
        }
    }
}

fn compare(held: &str, value: &str) -> Ordering {
    let as_logical = logical(if held.is_empty() { "false" } else { held });
    if let (Some(held), Some(value)) = (as_logical, logical(value)) {
        return held.cmp(&value);
    }
    match (held.parse::<f64>(), value.parse::<f64>()) {
        (Ok(held), Ok(value)) => held.total_cmp(&value),
        _ => held.cmp(value),
    }
}

fn logical(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// Matches greedily with one point to fall back to, so that no pattern takes more than `text x pattern` steps.
fn like(text: &[char], pattern: &[char]) -> bool {
    let (mut at, mut in_pattern) = (0, 0);
    let mut fall_back: Option<(usize, usize)> = None;
    while at < text.len() {
        match pattern.get(in_pattern) {
            Some('*') => {
                in_pattern += 1;
                fall_back = Some((at, in_pattern));
            }
            Some(expected) if *expected == '?' || *expected == text[at] => {
                at += 1;
                in_pattern += 1;
            }
            _ => match &mut fall_back {
                Some((from, after_star)) => {
                    *from += 1;
                    (at, in_pattern) = (*from, *after_star);
                }
                None => return false,
            },
        }
    }
    pattern[in_pattern..].iter().all(|rest| *rest == '*')
}

impl Condition {
    /// The content of a `condition` element; several parts side by side are joined by and.
    pub(crate) fn read(element: &Element) -> Result<Self, XmlError> {
        let parts = element.children.iter().map(Self::read_part).collect::<Result<Vec<_>, _>>()?;
        Ok(Self::Group { join: Join::And, parts })
    }

    fn read_part(element: &Element) -> Result<Self, XmlError> {
        match element.name.as_str() {
            "lop" => {
                let join = match element.required("value")?.to_ascii_lowercase().as_str() {
                    "and" => Join::And,
                    "or" => Join::Or,
                    other => {
                        return Err(XmlError::new(
                            element.line,
                            format!("\"{other}\" joins nothing; known are and, or"),
                        ));
                    }
                };
                let parts = element.children.iter().map(Self::read_part).collect::<Result<Vec<_>, _>>()?;
                Ok(Self::Group { join, parts })
            }
            "cond" => {
                let operator = element.required("op")?;
                let comparison = Comparison::parse(operator).ok_or_else(|| {
                    XmlError::new(
                        element.line,
                        format!("\"{operator}\" is no comparison; known are =, !=, <, <=, >, >=, like"),
                    )
                })?;
                Ok(Self::Field {
                    table: element.required("tablename")?.to_owned(),
                    field: element.required("fieldname")?.to_owned(),
                    comparison,
                    value: element.attribute("value").unwrap_or_default().to_owned(),
                })
            }
            _ => Err(element.unexpected("condition")),
        }
    }

    /// Whether the records of an item fulfil it. A comparison with a table that the item has no record of says
    /// nothing, and a condition that says nothing is fulfilled. Of several participants one is enough.
    pub fn holds(&self, set: &RecordSet) -> bool {
        self.judge(set).unwrap_or(true)
    }

    fn judge(&self, set: &RecordSet) -> Option<bool> {
        match self {
            Self::Group { join, parts } => {
                let mut judged = parts.iter().filter_map(|part| part.judge(set)).peekable();
                judged.peek()?;
                Some(match join {
                    Join::And => judged.all(|part| part),
                    Join::Or => judged.any(|part| part),
                })
            }
            Self::Field { table, field, comparison, value } => {
                let mut records = records(set, table).peekable();
                records.peek()?;
                Some(records.any(|record| comparison.holds(record.get(field), value)))
            }
        }
    }

    /// Every comparison in it.
    pub(crate) fn comparisons(&self) -> Vec<(&str, &str, Comparison, &str)> {
        match self {
            Self::Group { parts, .. } => parts.iter().flat_map(Self::comparisons).collect(),
            Self::Field { table, field, comparison, value } => vec![(table, field, *comparison, value)],
        }
    }
}

/// Exceptions of a series are not judged: the series is one item.
fn records<'a>(set: &'a RecordSet, table: &'a str) -> impl Iterator<Item = &'a Record> {
    std::iter::once(&set.primary)
        .chain(&set.participants)
        .chain(&set.todos)
        .filter(move |record| record.info_area.table_name() == table)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::InfoArea;

    fn condition(text: &str) -> Condition {
        Condition::read(&Element::parse(&format!("<condition>{text}</condition>")).unwrap()).unwrap()
    }

    fn activity(fields: &[(&str, &str)]) -> RecordSet {
        let mut record = Record::new(InfoArea::Activity);
        for (field, value) in fields {
            record.set(field, *value);
        }
        RecordSet::of(record)
    }

    #[test]
    fn blocks_side_by_side_are_joined_by_and() {
        let both = condition(
            "<lop value='and'><cond tablename='Contact' fieldname='ConnectorDeleted' op='!=' value='true'/></lop>
             <lop value='and'><cond tablename='Contact' fieldname='ConnectorPublished' op='!=' value='true'/></lop>",
        );
        assert!(both.holds(&activity(&[])));
        assert!(both.holds(&activity(&[("ConnectorDeleted", "false")])));
        assert!(!both.holds(&activity(&[("ConnectorDeleted", "true")])));
        assert!(!both.holds(&activity(&[("ConnectorPublished", "true")])));
    }

    #[test]
    fn values_compare_by_what_they_are() {
        for (held, op, value, holds) in [
            ("10", ">", "9", true),
            ("", "=", "false", true),
            ("Letter", "=", "letter", false),
            ("Letter", "like", "letter", true),
            ("", "<", "10", false),
            ("", "!=", "10", true),
            ("2026-01-02", ">=", "2026-01-01", true),
            ("Board meeting", "like", "*MEET*", true),
            ("Board", "like", "B?ard", true),
            ("Board", "like", "B*x", false),
            ("update software", "=", "Update*", true),
            ("update software", "!=", "up?ate*", false),
            ("other", "!=", "update*", true),
            ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "like", "*a*a*a*a*a*a*c", false),
        ] {
            assert_eq!(Comparison::parse(op).unwrap().holds(held, value), holds, "{held} {op} {value}");
        }
    }

    #[test]
    fn other_tables_say_nothing() {
        let task = RecordSet::of(Record::new(InfoArea::Task));
        let or =
            condition("<lop value='or'><cond tablename='Contact' fieldname='X' op='=' value='1'/></lop>");
        assert!(or.holds(&task));
        assert!(!or.holds(&activity(&[])));
    }

    #[test]
    fn nonsense_is_refused() {
        let reason = |text: &str| {
            Condition::read(&Element::parse(&format!("<condition>{text}</condition>")).unwrap())
                .unwrap_err()
                .reason
        };
        assert!(reason("<lop value='xor'/>").contains("xor"));
        assert!(reason("<cond tablename='Contact' fieldname='X' op='~' value='1'/>").contains('~'));
        assert!(reason("<cond tablename='Contact' op='='/>").contains("fieldname"));
        assert!(reason("<field/>").contains("does not belong"));
    }
}
