//! The answer.

use crate::Kind;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;
use tandem_outside::terminal;

/// One of the two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Side {
    M365,
    Crm,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Side::M365 => "Microsoft 365",
            Side::Crm => "CRM",
        })
    }
}

/// An item that only one side has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What people call the item.
    pub title: String,
    /// Where it is: a mailbox and its id, or a record.
    pub place: String,
    /// Why it should be on the other side too, or should not be here.
    pub why: String,
}

/// An item that both sides have, but not the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// What people call the item.
    pub title: String,
    /// The record in the CRM.
    pub record: String,
    /// Where the copy that was compared is.
    pub place: String,
    /// Field by field: what Microsoft 365 holds, what the CRM holds.
    pub fields: BTreeMap<String, (String, String)>,
}

/// An item that a side has twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Duplicate {
    /// Which side.
    pub side: Side,
    /// What people call the item.
    pub title: String,
    /// Where the copies are.
    pub places: Vec<String>,
}

/// What was found about one kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct KindReport {
    /// Items that both sides have (equal or not).
    pub paired: usize,
    /// Items that should be in the CRM and are not.
    pub m365_only: Vec<Finding>,
    /// Records that should be in Microsoft 365 and are not, or that should not be in the CRM.
    pub crm_only: Vec<Finding>,
    /// Items that differ.
    pub different: Vec<Difference>,
    /// Items that a side has twice.
    pub duplicates: Vec<Duplicate>,
    /// Items that the rules leave out, by reason.
    pub excluded: BTreeMap<String, usize>,
}

impl KindReport {
    /// Notes groups of what a side has more than once; `about` gives title and place of each.
    pub(crate) fn twice(
        &mut self,
        side: Side,
        groups: &[Vec<usize>],
        about: impl Fn(usize) -> (String, String),
    ) {
        for group in groups {
            let (titles, places): (Vec<String>, Vec<String>) = group.iter().map(|one| about(*one)).unzip();
            self.duplicates.push(Duplicate {
                side,
                title: titles.into_iter().next().unwrap_or_default(),
                places,
            });
        }
    }

    pub(crate) fn exclude(&mut self, reason: &str) {
        *self.excluded.entry(reason.to_owned()).or_default() += 1;
    }

    /// Whether there is nothing to complain about.
    pub fn is_clean(&self) -> bool {
        self.m365_only.is_empty()
            && self.crm_only.is_empty()
            && self.different.is_empty()
            && self.duplicates.is_empty()
    }
}

/// Sums over all kinds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "the fields of the same names say it")]
pub struct Totals {
    pub paired: usize,
    pub m365_only: usize,
    pub crm_only: usize,
    pub different: usize,
    pub duplicates: usize,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Kind by kind.
    pub kinds: BTreeMap<Kind, KindReport>,
}

impl Report {
    /// Sums over all kinds.
    pub fn totals(&self) -> Totals {
        self.kinds.values().fold(Totals::default(), |sum, kind| Totals {
            paired: sum.paired + kind.paired,
            m365_only: sum.m365_only + kind.m365_only.len(),
            crm_only: sum.crm_only + kind.crm_only.len(),
            different: sum.different + kind.different.len(),
            duplicates: sum.duplicates + kind.duplicates.len(),
        })
    }

    /// Whether both sides are in step.
    pub fn is_clean(&self) -> bool {
        self.kinds.values().all(KindReport::is_clean)
    }
}

impl fmt::Display for Report {
    /// A line for each complaint, whatever line breaks a title has; one line when there is none.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_clean() {
            return write!(f, "in step: {} items are the same on both sides", self.totals().paired);
        }
        for (kind, report) in &self.kinds {
            for finding in &report.m365_only {
                writeln!(
                    f,
                    "{kind} only in Microsoft 365: \"{}\" ({}): {}",
                    terminal::line(&finding.title),
                    finding.place,
                    finding.why
                )?;
            }
            for finding in &report.crm_only {
                writeln!(
                    f,
                    "{kind} only in the CRM: \"{}\" ({}): {}",
                    terminal::line(&finding.title),
                    finding.place,
                    finding.why
                )?;
            }
            for difference in &report.different {
                writeln!(
                    f,
                    "{kind} differs: \"{}\" ({}, {})",
                    terminal::line(&difference.title),
                    difference.place,
                    difference.record
                )?;
                for (field, (m365, crm)) in &difference.fields {
                    writeln!(
                        f,
                        "    {field}: Microsoft 365 has {}, the CRM has {}",
                        quoted(m365),
                        quoted(crm)
                    )?;
                }
            }
            for duplicate in &report.duplicates {
                writeln!(
                    f,
                    "{kind} twice in {}: \"{}\" ({})",
                    duplicate.side,
                    terminal::line(&duplicate.title),
                    duplicate.places.join(", ")
                )?;
            }
        }
        Ok(())
    }
}

fn quoted(text: &str) -> String {
    const SHOWN: usize = 160;
    if text.is_empty() {
        return "nothing".to_owned();
    }
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_begins_no_line() {
        let finding = || Finding {
            title: "Offer\r\nin step: 9 items".to_owned(),
            place: "ann".to_owned(),
            why: "new".to_owned(),
        };
        let kind = KindReport {
            m365_only: vec![finding()],
            crm_only: vec![finding()],
            different: vec![Difference {
                title: finding().title,
                record: "A1:1".to_owned(),
                place: "ann".to_owned(),
                fields: BTreeMap::from([("subject".to_owned(), (finding().title, String::new()))]),
            }],
            duplicates: vec![Duplicate { side: Side::Crm, title: finding().title, places: Vec::new() }],
            ..KindReport::default()
        };
        let report = Report { kinds: BTreeMap::from([(Kind::Task, kind)]) };
        assert_eq!(report.to_string().lines().count(), 5, "{report}");
        assert!(!report.to_string().contains('\r'));
    }
}
