//! Conditions, as queries of the XML language and the filters of `forms.xml` write them.

use crate::xml::{Element, XmlError};
use crate::{Record, RecordSet};
use tandem_crm_interface::language::Operator;

/// How the parts of a `lop` are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Join {
    And,
    Or,
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
        /// How it is compared: as in a query.
        operator: Operator,
        /// With what.
        value: String,
    },
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
                let word = element.required("op")?;
                let operator = Operator::parse(word).ok_or_else(|| {
                    let field = element.attribute("fieldname").unwrap_or_default();
                    let expected = Operator::EXPECTED;
                    XmlError::new(element.line, format!("<cond> of {field}: \"{word}\" is not {expected}"))
                })?;
                Ok(Self::Field {
                    table: element.required("tablename")?.to_owned(),
                    field: element.required("fieldname")?.to_owned(),
                    operator,
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
            Self::Field { table, field, operator, value } => {
                let mut records = records(set, table).peekable();
                records.peek()?;
                Some(records.any(|record| operator.holds(record.get(field), value)))
            }
        }
    }

    /// Every comparison in it.
    pub(crate) fn comparisons(&self) -> Vec<(&str, &str, Operator, &str)> {
        match self {
            Self::Group { parts, .. } => parts.iter().flat_map(Self::comparisons).collect(),
            Self::Field { table, field, operator, value } => vec![(table, field, *operator, value)],
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
        let unknown = reason("<cond tablename='Contact' fieldname='X' op='~' value='1'/>");
        assert_eq!(unknown, "<cond> of X: \"~\" is not an operator: = != <> < <= > >= () )( like");
        assert!(reason("<cond tablename='Contact' op='='/>").contains("fieldname"));
        assert!(reason("<field/>").contains("does not belong"));
    }
}
