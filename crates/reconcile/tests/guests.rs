//! Who takes part in a meeting changes, and who looks after it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop at the first surprise")]

mod look;

use look::{Look, facts, meeting};
use serde_json::json;
use tandem_model::Document;
use tandem_reconcile::{CopyFacts, CopyRole, CrmWrite, M365Write, Organizer, Outcome, Peers, Reason, Side};

#[test]
fn what_was_handed_over_goes_where_nobody_is_told() {
    let base = meeting("Plan", "2026-06-10", &[]);
    let mut look = Look::linked(&base, Side::Unchanged, Side::Unchanged);
    look.record.reassigned = true;
    assert_eq!((look.plan().m365, look.plan().reasons), (Some(M365Write::Delete), vec![Reason::Reassigned]));
    let mut named = base.clone();
    named.set("organizer", json!({"address": "bob@own.example"}));
    let mut look =
        Look { role: Some(CopyRole::Replica), ..Look::linked(&named, Side::Unchanged, Side::Unchanged) };
    look.facts = facts(Organizer::Colleague);
    look.record.reassigned = true;
    assert_eq!(look.plan().m365, Some(M365Write::Delete), "a colleague who takes part no longer");
}

#[test]
fn a_silent_copy_gives_way_to_an_invitation_unless_its_owner_wrote_into_it() {
    let base = meeting("Plan", "2026-06-10", &[]);
    let edited = meeting("Plan, and who brings what", "2026-06-10", &[]);
    let mut look =
        Look { role: Some(CopyRole::Replica), ..Look::linked(&base, Side::Unchanged, Side::Unchanged) };
    look.facts = facts(Organizer::Colleague);
    assert_eq!(look.plan().m365, None);
    look.peers = Peers::Invited;
    for seen in [Side::Unchanged, Side::Present(&base)] {
        look.m365 = seen;
        let plan = look.plan();
        assert_eq!((plan.m365, plan.outcome), (Some(M365Write::Delete), Outcome::Deleted));
        assert_eq!(plan.reasons, [Reason::InvitedInstead]);
    }
    let invites = meeting("Plan", "2026-06-10", &["bob@own.example"]);
    let own =
        Look { role: Some(CopyRole::Replica), ..Look::linked(&invites, Side::Unchanged, Side::Unchanged) };
    let own = Look { facts: facts(Organizer::Colleague), peers: Peers::Invited, ..own };
    assert_eq!(own.plan().m365, None, "Bob would be told that it is off");
    look.m365 = Side::Present(&edited);
    assert!(matches!(look.plan().crm, Some(CrmWrite::Replace { .. })), "what he wrote reaches the CRM first");
    look.m365 = Side::Gone;
    assert!(!look.plan().writes(), "he removed it himself");
}

/// A guest's copy of a meeting that its organiser, who takes no part, called off for him.
fn called_off() -> CopyFacts {
    CopyFacts { cancelled: true, ..facts(Organizer::Outsider) }
}

#[test]
fn a_guests_copy_that_says_called_off_takes_along_what_a_guest_told_and_nobody_else_holds() {
    let base = meeting("Plan", "2026-06-10", &["ann@own.example"]);
    let mut look = Look::linked(&base, Side::Present(&base), Side::Present(&base));
    look.facts = called_off();
    look.record.published = true;
    assert_eq!(look.plan().crm, Some(CrmWrite::Delete));
    look.peers = Peers::OwnShared;
    assert_eq!((look.plan().crm, look.plan().outcome), (None, Outcome::Deleted), "others go there");
    (look.peers, look.record.published) = (Peers::Own, false);
    let plan = look.plan();
    assert_eq!((plan.crm, plan.outcome), (None, Outcome::Skipped), "the record is its organiser's own");
    assert_eq!(plan.reasons, [Reason::Cancelled]);
    look.m365 = Side::Gone;
    assert_eq!((look.plan().crm, look.plan().reasons), (None, vec![Reason::OwnerRemovedCopy]));
    look.record.published = true;
    assert_eq!(look.plan().crm, Some(CrmWrite::Delete));
}

#[test]
fn what_was_entered_in_a_record_that_goes_with_a_guests_copy_is_told() {
    let base = meeting("Plan", "2026-06-10", &["ann@own.example"]);
    let edited = meeting("Plan B", "2026-06-10", &["ann@own.example"]);
    let told =
        Reason::Overwrote { field: "subject".to_owned(), winner: "Microsoft 365", loser: json!("Plan B") };
    let mut look = Look::linked(&base, Side::Present(&base), Side::Present(&edited));
    (look.facts, look.record.published) = (called_off(), true);
    assert!(look.plan().reasons.contains(&told), "{:?}", look.plan());
    look.m365 = Side::Gone;
    assert!(look.plan().reasons.contains(&told), "{:?}", look.plan());
}

#[test]
fn a_record_that_went_with_a_guests_copy_is_back_with_its_organisers_and_not_with_a_silent_one() {
    let base = meeting("Plan", "2026-06-10", &["bob@own.example"]);
    let mut look = Look::linked(&base, Side::Present(&base), Side::Gone);
    look.record.followed = true;
    let plan = look.plan();
    assert!(matches!(plan.crm, Some(CrmWrite::Restore { .. })), "{plan:?}");
    assert_eq!(plan.reasons, [Reason::GoesOn]);
    look.role = Some(CopyRole::Replica);
    assert_eq!(look.plan().m365, Some(M365Write::Delete), "its owner is a guest");
}

#[test]
fn what_its_owner_removed_while_it_was_left_out_is_not_made_again() {
    let document = meeting("Plan", "2026-06-10", &["bob@own.example"]);
    let look = Look { m365: Side::Gone, ..Look::new_in_crm(&document, Organizer::Owner) };
    let plan = look.plan();
    assert_eq!((plan.m365, plan.outcome), (None, Outcome::Skipped));
}

#[test]
fn a_restored_record_holds_nothing_that_was_entered_before_its_deletion_only() {
    let mut base = meeting("Plan", "2026-06-10", &[]);
    base.set("attendees", json!(null));
    let mut silent = base.clone();
    silent.set("attendees", json!([{"address": "bob@own.example", "role": "required"}]));
    let mut edited = base.clone();
    edited.set("subject", json!("Plan B"));
    let restored = |crm: &Document| {
        let mut look = Look::linked(&base, Side::Present(&edited), Side::Gone);
        look.base_in_crm = Some(crm.clone());
        match look.plan().crm {
            Some(CrmWrite::Restore { fields, .. }) => fields,
            other => panic!("{other:?}"),
        }
    };
    assert!(restored(&base).contains("attendees") && restored(&base).contains("location"));
    assert!(!restored(&silent).contains("attendees"), "of whom only the CRM knows stays there");
}

#[test]
fn a_copy_that_was_not_known_brings_its_record_back_without_what_only_the_record_held() {
    let copy = meeting("Plan", "2026-06-10", &[]);
    let look = Look { crm: Side::Gone, ..Look::new_in_m365(&copy, Organizer::Owner) };
    match look.plan().crm {
        Some(CrmWrite::Restore { fields, .. }) => {
            assert!(fields.contains("subject") && fields.contains("reminder_minutes"), "{fields:?}");
        }
        other => panic!("{other:?}"),
    }
}
