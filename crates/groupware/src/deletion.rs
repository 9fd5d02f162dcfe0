//! Soft deletion, and the mark of published appointments.

use crate::forms::form_type;
use crate::{InfoArea, Record, RecordSet, Rules};
use std::collections::BTreeMap;
use tandem_crm_interface::language::Operator;
use tandem_model::Kind;

/// Why a deletion does not reach the records.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct NotDeleted {
    /// A stable word: `deletion-off`, `no-deleted-mark`, `kept-in-crm`.
    pub reason: &'static str,
    /// In plain words.
    pub text: String,
}

/// Marks the item's records as deleted, as `forms.xml` allows and says how.
///
/// The mark is the record template `deleted` in the kind's options. Without one it follows from the filters: what the
/// `SyncHandler` `DeleteSync`, or else the kind's own filter, demands to be different (`ConnectorDeleted != true`).
/// Appointments need `delete_sync_process_410`, tasks a key like it. E-mails, persons and absences are the CRM's own and are kept, unless
/// their options have a `deleted` template.
pub fn mark_deleted(kind: Kind, set: &RecordSet, rules: &Rules) -> Result<RecordSet, NotDeleted> {
    let is_crms_own = matches!(kind, Kind::Mail | Kind::Contact | Kind::Absence);
    if is_crms_own && template(kind, rules).is_empty() {
        return Err(NotDeleted {
            reason: "kept-in-crm",
            text: format!("the {kind} stays in the CRM when it is deleted in Microsoft 365"),
        });
    }
    if !is_crms_own && !rules.deletes(kind) {
        let text = format!(
            "deletions do not reach the CRM: no key delete_sync_process_… of <{}> is true in forms.xml",
            form_type(kind)
        );
        return Err(NotDeleted { reason: "deletion-off", text });
    }
    let (marks, form) = (deleted_marks(kind, set.primary.info_area, rules), rules.forms.form(kind));
    let marks: BTreeMap<_, _> =
        marks.into_iter().filter(|(field, _)| form.exchanges(set.primary.info_area, field)).collect();
    if marks.is_empty() {
        return Err(NotDeleted {
            reason: "no-deleted-mark",
            text: format!("forms.xml lists no field that marks a deleted {kind}; add it to the form"),
        });
    }
    let mut deleted = set.clone();
    for record in std::iter::once(&mut deleted.primary).chain(&mut deleted.exceptions) {
        for (field, value) in &marks {
            record.set(field, value.as_str());
        }
    }
    Ok(deleted)
}

/// Whether the primary record carries the mark of a deleted one.
pub fn is_deleted(kind: Kind, set: &RecordSet, rules: &Rules) -> bool {
    carries(&set.primary, &deleted_marks(kind, set.primary.info_area, rules))
}

/// Whether an appointment came from an organiser who is not synchronised, and so is never sent back.
pub fn is_published(set: &RecordSet, rules: &Rules) -> bool {
    carries(&set.primary, &published_marks(rules))
}

/// What marks a published appointment.
pub(crate) fn published_marks(rules: &Rules) -> BTreeMap<String, String> {
    let own = rules.options(Kind::Appointment).map(|options| options.published.clone()).unwrap_or_default();
    if own.is_empty() { mark(Kind::Appointment, InfoArea::Activity, "Published", rules) } else { own }
}

fn carries(record: &Record, marks: &BTreeMap<String, String>) -> bool {
    !marks.is_empty() && marks.iter().all(|(field, value)| Operator::Equal.holds(record.get(field), value))
}

fn template(kind: Kind, rules: &Rules) -> BTreeMap<String, String> {
    rules.options(kind).map(|options| options.deleted.clone()).unwrap_or_default()
}

/// The field with a meaning set to true: the form's, or the built-in form's where that does not list one.
fn mark(kind: Kind, area: InfoArea, meaning: &str, rules: &Rules) -> BTreeMap<String, String> {
    let builtin = Rules::template().forms.form(kind);
    let field = rules.forms.form(kind).field(area, meaning).or_else(|| builtin.field(area, meaning));
    field.map(|field| (field.to_owned(), "true".to_owned())).into_iter().collect()
}

/// What marks a deleted record of a kind.
pub(crate) fn deleted_marks(kind: Kind, area: InfoArea, rules: &Rules) -> BTreeMap<String, String> {
    let own = template(kind, rules);
    if !own.is_empty() {
        return own;
    }
    let of_handler =
        rules.forms.handler("DeleteSync").map(|handler| demanded(handler, area)).unwrap_or_default();
    let of_filters =
        rules.forms.filters(kind).flat_map(|filter| demanded(filter, area)).collect::<BTreeMap<_, _>>();
    only_mark(&of_handler)
        .or_else(|| named_deleted(&of_filters))
        .unwrap_or_else(|| mark(kind, area, "Deleted", rules))
}

/// The mark among what the deletion's own handler demands: by its name, or because there is nothing else.
fn only_mark(demanded: &BTreeMap<String, String>) -> Option<BTreeMap<String, String>> {
    named_deleted(demanded).or_else(|| (demanded.len() == 1).then(|| demanded.clone()))
}

/// A filter demands other things too (the type of the activity): only what says so by its name is the mark.
fn named_deleted(demanded: &BTreeMap<String, String>) -> Option<BTreeMap<String, String>> {
    let mut named = demanded.clone();
    named.retain(|field, _| field.to_lowercase().contains("deleted"));
    (!named.is_empty()).then_some(named)
}

/// What a condition demands to be different, in a table.
fn demanded(condition: &crate::Condition, area: InfoArea) -> BTreeMap<String, String> {
    condition
        .comparisons()
        .into_iter()
        .filter(|(table, _, operator, value)| {
            *table == area.table_name() && *operator == Operator::NotEqual && !value.is_empty()
        })
        .map(|(_, field, _, value)| (field.to_owned(), value.to_owned()))
        .collect()
}
