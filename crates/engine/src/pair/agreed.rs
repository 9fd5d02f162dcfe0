//! What both sides agree on: what they did when the cycle began, and what was written since.

use super::{M365Seen, Work};
use serde_json::Value;
use std::collections::BTreeSet;
use tandem_graph::Remote;
use tandem_model::Document;
use tandem_reconcile::{CrmWrite, Plan, Reason, is_same_moment};
use tandem_store::{Base, Role};

impl Work {
    /// What both sides agree on.
    pub(crate) fn base(&self) -> Option<&Base> {
        self.written.agreed.as_ref().or(self.link.base.as_ref())
    }

    /// The CRM holds what the plan wrote. Should the copy not follow, by a conflict or an error, these fields are agreed
    /// upon all the same: what the next plan finds different in them is somebody's edit.
    pub(crate) fn agree_in_crm(&mut self, plan: &Plan, held: Option<&Document>) {
        let (Some(CrmWrite::Replace { fields }), Some(base)) = (&plan.crm, self.base()) else { return };
        let Some(held) = held.or(plan.crm_document.as_ref()) else { return };
        let copy = self.remote().map(|remote| Document::of(&remote.item));
        let mut agreed = base.clone();
        let to_copy: BTreeSet<&str> = plan.m365_fields().collect();
        for field in fields.iter().filter(|field| !to_copy.contains(field.as_str())) {
            if let Some(copy) = &copy {
                agreed.m365.set(field, copy.get(field).clone());
            }
            agreed.crm.set(field, held.get(field).clone());
        }
        self.written.agreed = Some(agreed);
    }

    /// Ties it to a copy that was made earlier, by a create of which nobody heard the end. What was sent is what both
    /// sides agreed on, so that every difference from it is somebody's edit; whom it did not invite, the journal says. It
    /// stays to its object what it was made as.
    pub(crate) fn tie(&mut self, remote: Remote, sent: Option<Base>, role: Role) {
        let held = Document::of(&remote.item);
        let invites = |side: &Document| !side.get("attendees").is_null();
        if sent.as_ref().is_some_and(|sent| invites(&sent.crm) && !invites(&sent.m365)) {
            let silent = Reason::Silent;
            self.written.steps.push((silent.code().to_owned(), silent.to_string()));
        }
        let mut base = sent.unwrap_or_else(|| Base { m365: held.clone(), crm: held.clone() });
        as_it_arrived(&mut base.m365, &held);
        // What departs from a series' rule is written after the create: as far as it is missing, the record leads.
        for side in [&mut base.m365, &mut base.crm] {
            side.set("series", held.get("series").clone());
        }
        self.link.role = role;
        self.link.base = Some(base);
        self.link.graph = Some(remote.id.clone());
        self.link.place.clone_from(&remote.facts.folder);
        self.m365 = M365Seen::Present(Box::new(remote));
    }
}

/// What Exchange fills in where a create left it out; all other fields are sent, also where they are empty.
const FILLED_IN: &str = "organizer";

/// Turns what was sent into what arrived: Exchange writes some values in its own way, and that is nobody's edit.
fn as_it_arrived(sent: &mut Document, held: &Document) {
    let words =
        |value: &Value| value.as_str().map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
    // Exchange calls people by the names that it knows.
    let invited = |value: &Value| {
        let all = value.as_array()?.iter().filter_map(|one| one.get("address")?.as_str());
        Some(all.map(str::to_lowercase).collect::<BTreeSet<_>>())
    };
    for field in held.differences(sent) {
        let (is, was) = (held.get(&field), sent.get(&field));
        let same = field == FILLED_IN
            || (words(is).is_some() && words(is) == words(was))
            || is_same_moment(is, was)
            || (field == "attendees" && invited(is) == invited(was));
        if same {
            sent.set(&field, is.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may stop at the first surprise")]

    use super::*;
    use serde_json::json;

    fn document(value: Value) -> Document {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn what_exchange_writes_in_its_own_way_is_no_edit_and_what_somebody_wrote_is_one() {
        let timed = |start: &str, zone: &str| json!({"timed": {"start": start, "end": "2026-12-01T11:00:00Z", "zone": zone}});
        let mut sent = document(json!({
            "subject": "Plan", "location": "Graz", "text": "one\ntwo", "when": timed("2026-12-01T10:00:00Z", "Europe/Vienna"),
            "attendees": [{"address": "bob@own.example"}],
        }));
        let held = document(json!({
            "subject": "Second plan", "text": "one two", "when": timed("2026-12-01T10:00:00Z", "Europe/Berlin"),
            "attendees": [{"address": "Bob@own.example", "name": "Bob"}], "reminder_minutes": 120,
            "organizer": {"address": "ann@own.example"},
        }));
        as_it_arrived(&mut sent, &held);
        assert_eq!(
            held.differences(&sent),
            ["location", "reminder_minutes", "subject"].map(str::to_owned).into()
        );

        let moved = document(json!({"when": timed("2026-12-01T09:00:00Z", "Europe/Berlin")}));
        as_it_arrived(&mut sent, &moved);
        assert!(moved.differences(&sent).contains("when"));
    }
}
