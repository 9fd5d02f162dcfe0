//! Two sides that had an item independently: nothing was agreed on yet.

use super::{Merge, Precedence};
use crate::policy::{Ways, is_origin, is_overlay, is_set, owned_by_m365};
use crate::{Reason, entries};
use serde_json::Value;
use tandem_model::{Document, Kind};

/// Equal fields stay, empty ones are filled, and where they differ `precedence` decides.
pub(super) fn adopt(
    kind: Kind,
    m365: &Document,
    crm: &Document,
    ways: Ways<'_>,
    precedence: Precedence,
) -> Merge {
    let (mut result, mut losers) = (Merge::of(m365, crm), Vec::new());
    for field in m365.differences(crm).into_iter().filter(|field| !is_origin(field)) {
        let (mine, theirs) = (m365.get(&field), crm.get(&field));
        let crm_may = ways.to_m365(&field) && !owned_by_m365(kind, &field) && !theirs.is_null();
        let m365_may = ways.to_crm(&field) && !mine.is_null();
        if is_overlay(&field) {
            if m365_may {
                result.tell_crm(&field, entries::overlaid(theirs, &Value::Null, mine), crm);
            }
        } else if is_set(&field) {
            if crm_may {
                result.tell_m365(&field, entries::with_changes(mine, &Value::Null, theirs), m365);
            }
            if m365_may {
                result.tell_crm(&field, entries::with_changes(theirs, &Value::Null, mine), crm);
            }
        } else if crm_may && m365_may {
            let (winner, value, loser) = precedence.of(mine.clone(), theirs.clone());
            result.tell_m365(&field, value.clone(), m365);
            result.tell_crm(&field, value, crm);
            losers.push(Reason::Conflict { field, winner, loser });
        } else if crm_may {
            result.note_overwritten(&field, "the CRM", mine);
            result.tell_m365(&field, theirs.clone(), m365);
        } else if m365_may {
            result.note_overwritten(&field, "Microsoft 365", theirs);
            result.tell_crm(&field, mine.clone(), crm);
        }
    }
    let changed = result.to_crm.union(&result.to_m365).cloned().collect();
    result.reasons.push(Reason::Adopted { fields: changed });
    result.reasons.extend(losers);
    result
}
