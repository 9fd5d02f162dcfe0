//! Fields that the rules write and that no form lists: what would mark a record marks nothing.

use crate::deletion::{deleted_marks, published_marks};
use crate::{InfoArea, Rules};
use std::collections::BTreeSet;
use tandem_model::Kind;

/// A field that a rule needs and that the form of its kind does not list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unlisted {
    /// The kind.
    pub kind: Kind,
    /// The field; empty where no field has the meaning.
    pub field: String,
    /// What it is for, in plain words.
    pub purpose: &'static str,
}

impl Rules {
    /// Every such field.
    pub fn unlisted(&self) -> BTreeSet<Unlisted> {
        let mut unlisted = BTreeSet::new();
        let mut look = |kind: Kind, area, fields: Vec<String>, purpose| {
            let missing = fields.into_iter().filter(|field| !self.forms.form(kind).exchanges(area, field));
            unlisted.extend(missing.map(|field| Unlisted { kind, field, purpose }));
        };
        let names = |marks: std::collections::BTreeMap<String, String>| marks.into_keys().collect::<Vec<_>>();
        let activity = InfoArea::Activity;
        let published = names(published_marks(self));
        look(
            Kind::Appointment,
            activity,
            published,
            "marks appointments of organisers who are not synchronised",
        );
        for (kind, area) in [(Kind::Appointment, activity), (Kind::Task, InfoArea::Task)] {
            if self.deletes(kind) {
                look(
                    kind,
                    area,
                    names(deleted_marks(kind, area, self)),
                    "marks what was deleted in Microsoft 365",
                );
            }
        }
        for kind in [Kind::Appointment, Kind::Mail] {
            let Some(rule) = self.missing_attendees(kind) else { continue };
            look(
                kind,
                activity,
                rule.marks.keys().cloned().collect(),
                "marks records that name unknown people",
            );
            let targets = rule.targets.iter().map(|target| target.field.clone()).collect();
            look(kind, activity, targets, "lists unknown people");
        }
        unlisted
    }
}
