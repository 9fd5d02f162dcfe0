//! What was cancelled in Microsoft 365, and does not come back there.

use super::Merge;
use crate::policy::Ways;
use crate::{Reason, series};
use serde_json::Value;
use tandem_model::Document;

impl Merge {
    /// What was cancelled in Microsoft 365 stays so in its series, unless that gets another rule. Also where it moves to another
    /// time of day, which would lay all out anew: how it ends must not depend on which change is seen first.
    pub(crate) fn keep_cancelled(&mut self, m365: &Document, crm: &Document, ways: Ways<'_>) {
        let again = series::taking_place_again(m365, &self.document);
        if again.is_empty() {
            return;
        }
        self.document
            .set(series::FIELD, series::without_dates(self.document.get(series::FIELD), again.keys()));
        if self.document.get(series::FIELD) == m365.get(series::FIELD) {
            self.to_m365.remove(series::FIELD);
            self.reasons.retain_mut(|reason| !is_untrue_of_series(reason));
        }
        self.reasons.push(Reason::StaysCancelled { dates: again.keys().cloned().collect() });
        if ways.to_crm(series::FIELD) {
            let lost: serde_json::Map<String, Value> = again.clone().into_iter().collect();
            self.note_overwritten(series::FIELD, "Microsoft 365", &Value::Object(lost));
            let held = series::without_dates(self.crm_document.get(series::FIELD), again.keys());
            self.tell_crm(series::FIELD, held, crm);
        }
    }
}

/// Takes the series out of a reason that says it was written to Microsoft 365. Whether nothing is left of that.
fn is_untrue_of_series(reason: &mut Reason) -> bool {
    match reason {
        Reason::ChangedInCrm { fields } | Reason::Restored { fields, side: "Microsoft 365" } => {
            fields.remove(series::FIELD) && fields.is_empty()
        }
        Reason::Overwrote { field, winner, .. } | Reason::Conflict { field, winner, .. } => {
            field == series::FIELD && *winner == "the CRM"
        }
        _ => false,
    }
}
