//! A copy that spoke for its meeting until its mailbox took no part, while another mailbox's copy speaks for it.
//!
//! What such a copy and the CRM agreed on is long outdated: everything that the other copy told the CRM since would look
//! like an edit that somebody made in the CRM, beat the organiser's own edits and deletions, and mail his guests.

use crate::BaseView;
use crate::personal;
use crate::policy::{is_origin, is_overlay};
use tandem_model::Document;

/// What a copy and the CRM agree on, Microsoft 365's document and the CRM's, after another copy spoke for the meeting:
/// whatever that one and the CRM agree on. What each participant has for himself, and who answered what, stays as this
/// copy had it; so does what the other one and the CRM do not hold alike, for nobody told this copy of it. Where the record
/// holds what its owner had for himself, it was made anew from that copy: nobody in the CRM said so.
pub fn caught_up(own: BaseView<'_>, leading: BaseView<'_>) -> (Document, Document) {
    let (mut m365, mut crm) = (own.m365.clone(), own.crm.clone());
    let told = personal::without(leading.m365, leading.crm);
    let mut fields: Vec<&str> = told.fields().chain(leading.crm.fields()).chain(own.crm.fields()).collect();
    fields.retain(|field| !is_overlay(field) && !is_origin(field) && !personal::is_personal(field));
    for field in fields {
        let value = told.get(field);
        if value == leading.crm.get(field) {
            m365.set(field, value.clone());
            crm.set(field, value.clone());
        }
    }
    for field in personal::FIELDS {
        let value = leading.crm.get(field);
        if value == leading.m365.get(field) && value != own.crm.get(field) {
            m365.set(field, value.clone());
            crm.set(field, value.clone());
        }
    }
    (m365, crm)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may stop at the first surprise")]

    use super::*;
    use serde_json::{Value, json};

    fn document(value: Value) -> Document {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn what_another_copy_told_the_crm_is_agreed_upon() {
        let before =
            document(json!({"subject": "Plan", "location": "Graz", "text": "one", "show_as": "busy"}));
        let own = BaseView { m365: &before, crm: &before };
        let copy = document(json!({"subject": "Plan B", "text": "two", "show_as": "tentative"}));
        let record = document(json!({"subject": "Plan B", "text": "three", "show_as": "busy"}));
        let (m365, crm) = caught_up(own, BaseView { m365: &copy, crm: &record });
        let expected = document(json!({"subject": "Plan B", "text": "one", "show_as": "busy"}));
        assert_eq!(m365, expected, "the place was emptied, and the text differs");
        assert_eq!(crm, expected);
    }

    #[test]
    fn a_record_that_was_made_anew_from_a_guests_copy_says_how_the_guest_has_it() {
        let organisers = document(json!({"subject": "Plan", "show_as": "busy"}));
        let guests = document(json!({"subject": "Plan", "show_as": "tentative"}));
        let agreed = BaseView { m365: &guests, crm: &guests };
        let (m365, crm) = caught_up(BaseView { m365: &organisers, crm: &organisers }, agreed);
        assert_eq!((m365, crm), (guests.clone(), guests), "so that the organiser's goes into the record");
    }
}
