//! Meetings: whose copy leads, who may be mailed, what is left out.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop at the first surprise")]

mod look;

use jiff::Timestamp;
use look::{Look, facts, meeting, policy};
use serde_json::json;
use tandem_model::{EmailAddress, Response};
use tandem_reconcile::{
    CopyFacts, CopyRole, CrmWrite, Direction, M365Write, Organizer, Outcome, Peers, Plan, Policy, Reason,
    Side,
};

#[test]
fn the_organisers_copy_goes_in_and_leads() {
    let document = meeting("Kick-off", "2026-06-10", &["bob@own.example"]);
    let plan = Look::new_in_m365(&document, Organizer::Owner).plan();
    assert_eq!(plan.crm, Some(CrmWrite::Add { published: false }));
    assert_eq!((plan.role, plan.m365), (CopyRole::Lead, None));
}

#[test]
fn a_colleagues_copy_waits_for_the_organiser_and_then_leads_itself() {
    let document = meeting("Kick-off", "2026-06-10", &["ann@own.example"]);
    let mut look = Look::new_in_m365(&document, Organizer::Colleague);
    let plan = look.plan();
    assert_eq!((plan.outcome, plan.crm), (Outcome::Waiting, None));
    look.patience_over = true;
    assert_eq!(look.plan().crm, Some(CrmWrite::Add { published: true }));
}

#[test]
fn an_attendees_copy_tells_its_owners_answer_and_nothing_else() {
    let document = meeting("Kick-off", "2026-06-10", &["ann@own.example"]);
    let mut look = Look::new_in_m365(&document, Organizer::Colleague);
    look.peers = Peers::LeadInvites;
    assert!(!look.plan().writes(), "no answer, nothing to tell");
    look.facts.own_response = Response::Accepted;
    let plan = look.plan();
    let address = EmailAddress::new("ann@own.example");
    assert_eq!(plan.crm, Some(CrmWrite::Participation { address, response: Response::Accepted }));
    assert_eq!(plan.role, CopyRole::Attendee);
    look.facts.cancelled = true;
    assert!(!look.plan().writes(), "of what was called off nobody has to know who would have come");
    (look.role, look.base) = (Some(CopyRole::Attendee), Some(&document));
    assert!(!look.plan().writes(), "nor is it told of a copy that was known before");
}

#[test]
fn a_meeting_of_an_outsider_is_published_and_never_sent_back() {
    let document = meeting("Fair", "2026-06-10", &["ann@own.example"]);
    let plan = Look::new_in_m365(&document, Organizer::Outsider).plan();
    assert_eq!(plan.crm, Some(CrmWrite::Add { published: true }));
    let changed = meeting("Fair?", "2026-06-10", &["ann@own.example"]);
    let mut look = Look::linked(&document, Side::Unchanged, Side::Present(&changed));
    look.facts.organizer = Organizer::Outsider;
    let plan = look.plan();
    assert_eq!(plan.m365, None);
    assert_eq!(plan.crm, Some(CrmWrite::Replace { fields: ["subject".to_owned()].into() }));
}

#[test]
fn private_meetings_stay_out_and_leave_nothing() {
    let mut document = meeting("Doctor", "2026-06-10", &[]);
    document.set("private", json!(true));
    let plan = Look::new_in_m365(&document, Organizer::Owner).plan();
    assert_eq!((plan.outcome, plan.reasons), (Outcome::Skipped, vec![Reason::Private]));
    assert!(plan.document.is_empty());
}

#[test]
fn what_became_private_is_not_told_to_a_record_that_was_deleted() {
    let base = meeting("Doctor", "2026-06-10", &[]);
    let mut edited = meeting("Doctor, urgent", "2026-06-10", &[]);
    edited.set("private", json!(true));
    let plan = Look::linked(&base, Side::Present(&edited), Side::Gone).plan();
    assert_eq!((plan.outcome, plan.reasons.clone()), (Outcome::Skipped, vec![Reason::BecamePrivate]));
    assert!(!plan.writes());
}

#[test]
fn a_new_meeting_of_the_crm_invites_only_when_it_lies_ahead() {
    for (day, invite) in [("2026-06-10", true), ("2026-05-10", false)] {
        let document = meeting("Visit", day, &["bob@own.example", "eve@customer.example"]);
        let plan = Look::new_in_crm(&document, Organizer::Owner).plan();
        assert_eq!(plan.m365, Some(M365Write::Create { invite }), "{day}");
    }
}

#[test]
fn a_colleague_gets_a_silent_copy_only_when_the_organiser_invites_nobody() {
    let document = meeting("Visit", "2026-05-10", &["ann@own.example"]);
    let mut look = Look::new_in_crm(&document, Organizer::Colleague);
    assert_eq!(look.plan().outcome, Outcome::Waiting);
    look.peers = Peers::LeadInvites;
    assert_eq!((look.plan().outcome, look.plan().m365), (Outcome::Nothing, None));
    look.peers = Peers::LeadBehind;
    assert_eq!(look.plan().outcome, Outcome::Waiting, "he may be about to invite");
    look.patience_over = true;
    assert_eq!(look.plan().m365, Some(M365Write::Create { invite: false }));
    (look.peers, look.patience_over) = (Peers::LeadSilent, false);
    assert_eq!(
        look.plan().m365,
        Some(M365Write::Create { invite: false }),
        "he was told, and invites nobody"
    );
}

#[test]
fn a_moved_meeting_tells_its_attendees_but_a_corrected_text_does_not() {
    let base = meeting("Visit", "2026-06-10", &["bob@own.example"]);
    let moved = meeting("Visit", "2026-06-11", &["bob@own.example"]);
    let plan = Look::linked(&base, Side::Unchanged, Side::Present(&moved)).plan();
    assert_eq!(plan.m365, Some(M365Write::Update { fields: ["when".to_owned()].into() }));
    assert!(plan.reasons.contains(&Reason::Mails));

    let mut reworded = base.clone();
    reworded.set("text", json!("Agenda"));
    let plan = Look::linked(&base, Side::Unchanged, Side::Present(&reworded)).plan();
    assert_eq!(plan.m365, None);
    assert!(plan.reasons.contains(&Reason::NotMailed { fields: ["text".to_owned()].into() }));
}

#[test]
fn calling_off_a_past_meeting_mails_nobody() {
    let base = meeting("Visit", "2026-05-10", &["bob@own.example"]);
    let plan = Look::linked(&base, Side::Unchanged, Side::Gone).plan();
    assert_eq!((plan.m365, plan.outcome), (None, Outcome::Skipped));
    let base = meeting("Visit", "2026-06-10", &["bob@own.example"]);
    let plan = Look::linked(&base, Side::Unchanged, Side::Gone).plan();
    assert_eq!(plan.m365, Some(M365Write::Delete));
}

#[test]
fn attendees_are_never_added_to_a_silent_copy() {
    let base = meeting("Visit", "2026-05-10", &[]);
    let crm = meeting("Visit", "2026-05-10", &["bob@own.example"]);
    let plan = Look::linked(&base, Side::Unchanged, Side::Present(&crm)).plan();
    assert_eq!(plan.m365, None, "writing attendees would invite them to a meeting that is over");
}

#[test]
fn a_copy_that_led_steps_back_when_the_organisers_copy_leads() {
    let base = meeting("Kick-off", "2026-06-10", &["ann@own.example"]);
    let changed = meeting("Kick-off, moved", "2026-06-11", &["ann@own.example"]);
    let mut look = Look::linked(&base, Side::Present(&changed), Side::Unchanged);
    look.facts = CopyFacts { own_response: Response::Accepted, ..facts(Organizer::Colleague) };
    look.peers = Peers::LeadInvites;
    let plan = look.plan();
    assert_eq!(plan.role, CopyRole::Attendee);
    assert!(matches!(plan.crm, Some(CrmWrite::Participation { .. })), "{plan:?}");
    assert_eq!(plan.m365, None);
}

#[test]
fn an_answer_is_no_edit_that_a_deletion_has_to_give_way_to() {
    let base = meeting("Plan", "2026-06-10", &["bob@own.example"]);
    let mut answered = base.clone();
    answered.set("responses", json!({"bob@own.example": "declined"}));
    let plan = Look::linked(&base, Side::Present(&answered), Side::Gone).plan();
    assert_eq!((plan.m365, plan.outcome), (Some(M365Write::Delete), Outcome::Deleted));
    let plan = Look::linked(&base, Side::Gone, Side::Present(&answered)).plan();
    assert_eq!((plan.crm, plan.outcome), (Some(CrmWrite::Delete), Outcome::Deleted));
}

#[test]
fn an_answer_that_the_crm_lost_is_told_again_to_whom_it_still_names() {
    let base = meeting("Kick-off", "2026-06-10", &["bob@own.example", "eve@own.example"]);
    let mut answered = base.clone();
    answered.set("responses", json!({"bob@own.example": "accepted", "eve@own.example": "accepted"}));
    // The CRM was told that the answers went with the time, nobody heard that it was, and Bob answered as before. Eve
    // was taken out of the meeting in the CRM: of her it holds no answer.
    let crm = meeting("Kick-off", "2026-06-10", &["bob@own.example"]);
    let plan = Look::linked(&answered, Side::Present(&answered), Side::Present(&crm)).plan();
    let told = plan.crm_document.unwrap();
    assert_eq!(told.get("responses"), &json!({"bob@own.example": "accepted"}));
    assert_eq!(plan.crm, Some(CrmWrite::Replace { fields: ["responses".to_owned()].into() }));
}

#[test]
fn the_text_of_an_occurrence_is_a_text_too() {
    let occurrence = |place: &str, text: &str| {
        let when = json!({"timed": {
            "start": "2026-06-12T13:00:00Z", "end": "2026-06-12T14:00:00Z", "zone": "Europe/Vienna"
        }});
        json!({
            "pattern": {"daily": {"interval": 1}}, "start": "2026-06-10", "end": {"count": 5}, "zone": "Europe/Vienna",
            "exceptions": {"2026-06-12": {"when": when, "subject": "Visit", "location": place, "text": text}},
        })
    };
    let mut base = meeting("Visit", "2026-06-10", &["bob@own.example"]);
    base.set("series", occurrence("Room 2", "Agenda"));
    let mut reworded = base.clone();
    reworded.set("text", json!("New agenda"));
    reworded.set("series", occurrence("Room 2", "New agenda"));
    let plan = Look::linked(&base, Side::Unchanged, Side::Present(&reworded)).plan();
    assert_eq!(plan.m365, None);
    let withheld = ["series".to_owned(), "text".to_owned()].into();
    assert!(plan.reasons.contains(&Reason::NotMailed { fields: withheld }));
    let plan = Look::linked(&base, Side::Gone, Side::Present(&reworded)).plan();
    assert_eq!(plan.m365, Some(M365Write::Create { invite: false }), "it comes back without mail");
    reworded.set("series", occurrence("Room 3", "New agenda"));
    let plan = Look::linked(&base, Side::Unchanged, Side::Present(&reworded)).plan();
    assert!(plan.m365.is_some() && plan.reasons.contains(&Reason::Mails), "it takes place elsewhere");
}

#[test]
fn a_text_about_which_nobody_may_be_mailed_brings_its_meeting_back_without_mail() {
    let base = meeting("Plan", "2026-06-10", &["bob@own.example"]);
    let (mut text, mut place) = (base.clone(), base.clone());
    text.set("text", json!("Bring your own numbers"));
    place.set("location", json!("Graz"));
    let plan = Look::linked(&base, Side::Gone, Side::Present(&text)).plan();
    assert_eq!(plan.m365, Some(M365Write::Create { invite: false }));
    text.set("responses", json!({"bob@own.example": "accepted"}));
    let plan = Look::linked(&base, Side::Gone, Side::Present(&text)).plan();
    assert_eq!(plan.m365, Some(M365Write::Create { invite: false }), "an answer is no news for its giver");
    let plan = Look::linked(&base, Side::Gone, Side::Present(&place)).plan();
    assert_eq!(plan.m365, Some(M365Write::Create { invite: true }));
}

#[test]
fn an_attendees_copy_that_stands_in_keeps_its_owners_own_to_itself() {
    let record = meeting("Plan", "2026-06-10", &["ann@own.example"]);
    let mut copy = record.clone();
    copy.set("show_as", json!("tentative"));
    copy.set("location", json!("Graz"));
    let mut look = Look::new_in_m365(&copy, Organizer::Outsider);
    (look.crm, look.peers) = (Side::Present(&record), Peers::Orphaned);
    let plan = look.plan();
    assert_eq!(plan.role, CopyRole::Lead);
    assert_eq!(plan.crm, Some(CrmWrite::Replace { fields: ["location".to_owned()].into() }));
}

#[test]
fn how_an_attendees_calendar_shows_a_meeting_does_not_bring_back_what_was_deleted() {
    let base = meeting("Plan", "2026-06-10", &["ann@own.example"]);
    let (mut accepted, mut moved) = (base.clone(), meeting("Plan", "2026-06-11", &["ann@own.example"]));
    for copy in [&mut accepted, &mut moved] {
        copy.set("show_as", json!("busy"));
        copy.set("reminder_minutes", json!(15));
    }
    let mut look = Look::linked(&base, Side::Present(&accepted), Side::Gone);
    look.facts = facts(Organizer::Outsider);
    let plan = look.plan();
    assert_eq!((plan.outcome, plan.m365), (Outcome::Skipped, None), "a guest's copy is its organiser's");
    assert_eq!(plan.reasons, [Reason::KeptInOutlook]);
    look.m365 = Side::Present(&moved);
    assert!(matches!(look.plan().crm, Some(CrmWrite::Restore { .. })), "the organiser moved it");
    look.facts = facts(Organizer::Owner);
    look.m365 = Side::Present(&accepted);
    assert!(matches!(look.plan().crm, Some(CrmWrite::Restore { .. })), "the meeting is the owner's");
}

#[test]
fn what_stays_though_its_record_was_deleted_says_which_rule_keeps_it() {
    let base = meeting("Plan", "2026-06-10", &["ann@own.example"]);
    let mut look = Look::linked(&base, Side::Unchanged, Side::Gone);
    let reasons = |look: &Look<'_>, policy: &Policy| {
        let plan = look.plan_under(policy);
        assert_eq!((plan.outcome, plan.writes()), (Outcome::Skipped, false));
        plan.reasons
    };
    let to_crm = Policy { direction: Direction::ToCrm, ..policy() };
    assert_eq!(reasons(&look, &to_crm), [Reason::GoneInCrm, Reason::DirectionForbids]);
    let for_ever = Policy { deletions: false, ..policy() };
    assert_eq!(reasons(&look, &for_ever), [Reason::GoneInCrm, Reason::DeletionsOff { side: "the CRM" }]);
    look.record.published = true;
    assert_eq!(reasons(&look, &policy()), [Reason::KeptInOutlook]);
    look.record.reassigned = true;
    assert_eq!(reasons(&look, &policy()), [Reason::Reassigned]);
    let with_guests = meeting("Plan", "2026-06-10", &["bob@own.example"]);
    let mut handed_over = Look::linked(&with_guests, Side::Unchanged, Side::Gone);
    handed_over.record.reassigned = true;
    assert_eq!(
        reasons(&handed_over, &policy()),
        [Reason::Reassigned],
        "they would be told that it is called off"
    );
    (look.record.published, look.record.reassigned) = (false, false);
    assert_eq!(look.plan().reasons, [Reason::GoneInCrm], "nothing keeps it");
}

#[test]
fn a_copy_that_was_not_known_when_its_record_was_deleted_neither_revives_it_nor_goes() {
    let copy = meeting("Plan", "2026-06-10", &["ann@own.example", "bob@own.example"]);
    let deleted_at: Timestamp = "2026-05-20T00:00:00Z".parse().unwrap();
    let hours = |hours| Some(deleted_at + jiff::SignedDuration::from_hours(hours));
    let mut look = Look { crm: Side::Gone, ..Look::new_in_m365(&copy, Organizer::Owner) };
    look.record.modified = Some(deleted_at);
    look.facts.modified = hours(-1);
    let stays = |plan: Plan| {
        plan.outcome == Outcome::Skipped && !plan.writes() && plan.reasons == [Reason::StaysDeleted]
    };
    assert!(stays(look.plan()), "nobody changed it since");
    look.facts.modified = hours(1);
    assert!(matches!(look.plan().crm, Some(CrmWrite::Restore { .. })), "its organiser changed it since");

    look.facts = CopyFacts { modified: hours(1), ..facts(Organizer::Outsider) };
    assert!(stays(look.plan()), "a guest's copy changes by every answer");
    (look.record.modified, look.peers) = (None, Peers::LeadInvites);
    assert_eq!(
        look.plan().outcome,
        Outcome::Linked,
        "the rep may not see the record that his colleague's copy leads"
    );
    (look.record.modified, look.peers) = (Some(deleted_at), Peers::None);
    look.record.followed = true;
    let restored = look.plan().crm;
    assert!(
        matches!(restored, Some(CrmWrite::Restore { published: true, .. })),
        "only another copy was gone"
    );
}

#[test]
fn the_organisers_copy_claims_a_meeting_that_a_guests_copy_told_of() {
    let mut copy = meeting("Plan", "2026-06-10", &["ann@own.example", "bob@own.example"]);
    let record = copy.clone();
    copy.set("organizer", json!({"address": "ann@own.example", "name": "Ann"}));
    let mut look = Look { crm: Side::Present(&record), ..Look::new_in_m365(&copy, Organizer::Owner) };
    look.record.published = true;
    let plan = look.plan();
    assert_eq!(plan.role, CopyRole::Lead);
    assert!(plan.reasons.contains(&Reason::Claimed), "{:?}", plan.reasons);
    assert_eq!(plan.crm, Some(CrmWrite::Replace { fields: ["organizer".to_owned()].into() }));
    look.facts = facts(Organizer::Outsider);
    assert!(!look.plan().reasons.contains(&Reason::Claimed), "a guest's copy claims nothing");
}

#[test]
fn what_the_organiser_has_for_himself_replaces_what_a_guests_copy_told() {
    let mut copy = meeting("Plan", "2026-06-10", &["ann@own.example", "bob@own.example"]);
    let mut record = copy.clone();
    copy.set("organizer", json!({"address": "ann@own.example", "name": "Ann"}));
    copy.set("show_as", json!("busy"));
    record.set("show_as", json!("tentative"));
    record.set("private", json!(true));
    let mut look = Look { crm: Side::Present(&record), ..Look::new_in_m365(&copy, Organizer::Owner) };
    look.record.published = true;
    let plan = look.plan();
    let fields = ["organizer", "private", "show_as"].map(str::to_owned);
    assert_eq!(plan.crm, Some(CrmWrite::Replace { fields: fields.into() }));
    assert_eq!((plan.m365, plan.crm_document.unwrap().get("private")), (None, &json!(null)));
    let told = Reason::Overwrote { field: "private".to_owned(), winner: "Microsoft 365", loser: json!(true) };
    assert!(plan.reasons.contains(&told), "somebody may have entered it: {:?}", plan.reasons);
}

#[test]
fn an_answer_that_was_taken_back_is_corrected_where_the_copy_speaks_for_the_meeting() {
    let mut record = meeting("Plan", "2026-06-10", &["ann@own.example"]);
    let copy = record.clone();
    record.set("responses", json!({"ann@own.example": "accepted"}));
    let mut look = Look { crm: Side::Present(&record), ..Look::new_in_m365(&copy, Organizer::Outsider) };
    look.facts.told_response = Response::Accepted;
    let plan = look.plan();
    let address = EmailAddress::new("ann@own.example");
    assert!(plan.reasons.contains(&Reason::AnswerTold { address }), "{:?}", plan.reasons);
    let told = plan.crm_document.unwrap();
    assert!(told.get("responses").as_object().is_none_or(serde_json::Map::is_empty), "{told:?}");
}
