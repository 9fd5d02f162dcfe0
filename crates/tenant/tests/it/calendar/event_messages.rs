//! What calendars mail, as it arrives in the Inboxes of colleagues; and what is done with an invitation.

use super::direct::Direct;
use super::event;
use crate::support::text;
use serde_json::{Value, json};
use tandem_tenant::{Behaviour, TenantSettings};

struct Meeting {
    site: Direct,
    /// Who invites, and who is invited.
    ada: String,
    bob: String,
    cem: String,
    /// Path of the organiser's event.
    path: String,
}

/// A meeting of ada with bob; cem has a mailbox too.
fn meeting(more: &Value) -> Meeting {
    let mut site = Direct::new(TenantSettings::default());
    let (ada, bob, cem) = (site.user("ada"), site.user("bob"), site.user("cem"));
    let mut body = event("Plan", "2026-10-19T10:00:00", "2026-10-19T11:00:00");
    body["attendees"] = attendees(&[&bob]);
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let made = site.post(&format!("/users/{ada}/events"), &body).expect(201);
    let path = format!("/users/{ada}/events/{}", text(&made, "id"));
    Meeting { site, ada, bob, cem, path }
}

fn attendees(addresses: &[&str]) -> Value {
    addresses.iter().map(|address| json!({"emailAddress": {"address": address}})).collect()
}

impl Meeting {
    /// Messages of an Inbox, the oldest first, with the events they lead to.
    fn inbox(&mut self, user: &str) -> Vec<Value> {
        let path =
            format!("/users/{user}/mailFolders/inbox/messages?$expand=microsoft.graph.eventMessage/event");
        let mut found = self.site.all(&path);
        found.reverse();
        found
    }

    /// The events of a calendar.
    fn events(&mut self, user: &str) -> Vec<Value> {
        self.site.all(&format!("/users/{user}/events"))
    }

    /// Occurrences of a series in the organiser's calendar.
    fn occurrences(&mut self) -> Vec<String> {
        let path = format!("{}/instances?startDateTime=2026-01-01&endDateTime=2027-12-31", self.path);
        self.site.all(&path).iter().map(|one| text(one, "id")).collect()
    }

    fn only(&mut self, user: &str) -> Value {
        let found = self.events(user);
        assert_eq!(found.len(), 1, "{found:?}");
        found[0].clone()
    }

    /// Does an action with the copy of an attendee.
    #[track_caller]
    fn act(&mut self, user: &str, action: &str, body: &Value, status: u16) -> Value {
        let id = text(&self.only(user), "id");
        self.site.post(&format!("/users/{user}/events/{id}/{action}"), body).expect(status)
    }
}

fn daily() -> Value {
    json!({"recurrence": {"pattern": {"type": "daily", "interval": 1},
        "range": {"type": "numbered", "startDate": "2026-10-19", "numberOfOccurrences": 4}}})
}

#[test]
fn an_invitation_lies_in_the_inbox_and_leads_to_the_event() {
    let mut at = meeting(&json!({"location": {"displayName": "Room 1"}}));
    let bob = at.bob.clone();
    let inbox = at.inbox(&bob);
    let message = &inbox[0];
    assert_eq!(message["@odata.type"], "#microsoft.graph.eventMessageRequest");
    assert_eq!(message["meetingMessageType"], "meetingRequest");
    assert_eq!(message["meetingRequestType"], "newMeetingRequest");
    assert_eq!(message["from"]["emailAddress"]["address"], at.ada.as_str());
    assert_eq!(message["startDateTime"]["dateTime"], "2026-10-19T08:00:00.0000000");
    let copy = at.only(&bob);
    assert_eq!(message["event"]["id"], copy["id"]);
    assert_eq!(message["event"]["showAs"], "tentative");
    let direct = format!("/users/{bob}/messages/{}/microsoft.graph.eventMessage/event", text(message, "id"));
    assert_eq!(at.site.get(&direct).expect(200)["id"], copy["id"]);
    // An update says what it changes.
    let path = at.path.clone();
    at.site.patch(&path, &json!({"location": {"displayName": "Room 2"}})).expect(200);
    let moved = json!({"start": {"dateTime": "2026-10-20T10:00:00", "timeZone": "UTC"},
        "end": {"dateTime": "2026-10-20T11:00:00", "timeZone": "UTC"}});
    at.site.patch(&path, &moved).expect(200);
    let inbox = at.inbox(&bob);
    assert_eq!(inbox[1]["meetingRequestType"], "informationalUpdate");
    assert_eq!(inbox[1]["previousLocation"]["displayName"], "Room 1");
    assert!(inbox[1]["previousStartDateTime"].is_null());
    assert_eq!(inbox[2]["meetingRequestType"], "fullUpdate");
    assert_eq!(inbox[2]["previousStartDateTime"]["dateTime"], "2026-10-19T08:00:00.0000000");
    // Called off: the copy stays and says so, the organiser's event is gone.
    at.site.post(&format!("{path}/cancel"), &json!({"Comment": "Not this week"})).expect(202);
    assert_eq!(at.site.get(&path).code(404), "ErrorItemNotFound");
    let last = at.inbox(&bob).pop().unwrap();
    assert_eq!(
        (&last["@odata.type"], &last["meetingMessageType"]),
        (&json!("#microsoft.graph.eventMessage"), &json!("meetingCancelled"))
    );
    assert_eq!(last["subject"], "Canceled: Plan");
    assert!(text(&last, "bodyPreview").starts_with("Not this week"));
    assert_eq!(last["event"]["isCancelled"], true);
}

#[test]
fn an_answer_arrives_with_its_comment_and_its_proposal() {
    let mut at = meeting(&json!({}));
    let (ada, bob) = (at.ada.clone(), at.bob.clone());
    let slot = json!({"start": {"dateTime": "2026-10-21T10:00:00", "timeZone": "UTC"},
        "end": {"dateTime": "2026-10-21T11:00:00", "timeZone": "UTC"}});
    at.act(&bob, "tentativelyAccept", &json!({"sendResponse": false, "proposedNewTime": slot}), 400);
    at.act(&bob, "accept", &json!({"proposedNewTime": slot}), 400);
    at.act(&bob, "tentativelyAccept", &json!({"Comment": "Later?", "proposedNewTime": slot}), 202);
    let inbox = at.inbox(&ada);
    let answer = &inbox[0];
    assert_eq!(answer["@odata.type"], "#microsoft.graph.eventMessageResponse");
    assert_eq!(answer["meetingMessageType"], "meetingTenativelyAccepted");
    assert_eq!(
        (&answer["responseType"], &answer["bodyPreview"]),
        (&json!("tentativelyAccepted"), &json!("Later?"))
    );
    assert_eq!(answer["subject"], "New Time Proposed: Plan");
    assert_eq!(answer["proposedNewTime"]["start"]["dateTime"], "2026-10-21T10:00:00.0000000");
    let original = at.only(&ada);
    assert_eq!(answer["event"]["id"], original["id"]);
    assert_eq!(original["attendees"][0]["proposedNewTime"]["end"]["dateTime"], "2026-10-21T11:00:00.0000000");
    at.act(&bob, "accept", &json!({}), 202);
    let original = at.only(&ada);
    assert_eq!(original["attendees"][0]["status"]["response"], "accepted");
    assert!(original["attendees"][0].get("proposedNewTime").is_none());
    assert_eq!(at.only(&bob)["attendees"][0]["status"]["response"], "accepted", "his own answer he sees");
    assert_eq!(at.inbox(&ada)[1]["subject"], "Accepted: Plan");
    let path = at.path.clone();
    at.site.patch(&path, &json!({"allowNewTimeProposals": false})).expect(200);
    at.act(&bob, "decline", &json!({"proposedNewTime": slot}), 400);
    at.act(&bob, "decline", &json!({}), 202);
    assert_eq!(at.inbox(&ada)[2]["meetingMessageType"], "meetingDeclined");
}

#[test]
fn who_is_invited_to_one_occurrence_has_no_series() {
    let mut at = meeting(&daily());
    let (ada, bob, cem) = (at.ada.clone(), at.bob.clone(), at.cem.clone());
    let occurrences = at.occurrences();
    let second = format!("/users/{ada}/events/{}", occurrences[1]);
    at.site.patch(&second, &json!({"attendees": attendees(&[&bob, &cem])})).expect(200);
    let master = at.only(&ada);
    let alone = at.only(&cem);
    assert_eq!((&alone["type"], &alone["seriesMasterId"]), (&json!("singleInstance"), &Value::Null));
    assert_ne!(alone["iCalUId"], master["iCalUId"]);
    assert_eq!(alone["iCalUId"], at.site.get(&second).expect(200)["iCalUId"]);
    assert_eq!(alone["start"]["dateTime"], "2026-10-20T08:00:00.0000000");
    // The clean global object id names the series all the same.
    let clean = "Binary {6ED8DA90-450B-101B-98DA-00AA003F1305} Id 0x23";
    let ask = format!("?$expand=singleValueExtendedProperties($filter=id eq '{clean}')");
    let of_alone = at.site.get(&format!("/users/{cem}/events/{}{ask}", text(&alone, "id"))).expect(200);
    let path = at.path.clone();
    let of_series = at.site.get(&format!("{path}{ask}")).expect(200);
    let value = &of_series["singleValueExtendedProperties"][0]["value"];
    assert_eq!(&of_alone["singleValueExtendedProperties"][0]["value"], value);
    let found = at.site.all(&format!(
        "/users/{cem}/events?$filter=singleValueExtendedProperties/Any(ep: ep/id eq '{clean}' and ep/value eq '{}')",
        value.as_str().unwrap().replace('+', "%2B"),
    ));
    assert_eq!(found.len(), 1);
    assert_eq!(at.inbox(&cem)[0]["event"]["id"], alone["id"]);
    // The answer reaches the occurrence, and what happens to it reaches the copy.
    at.act(&cem, "accept", &json!({}), 202);
    let seen = at.site.get(&second).expect(200);
    assert_eq!(seen["attendees"][1]["status"]["response"], "accepted");
    at.site.patch(&second, &json!({"subject": "Special"})).expect(200);
    assert_eq!(at.only(&cem)["subject"], "Special");
    assert_eq!(at.only(&cem)["responseStatus"]["response"], "accepted");
    at.site.delete(&second).expect(204);
    assert_eq!(at.only(&cem)["isCancelled"], true);
    assert_eq!(at.only(&bob)["isCancelled"], false);
}

#[test]
fn taken_out_of_one_occurrence_is_a_gap_and_new_people_join_the_exceptions() {
    let mut at = meeting(&daily());
    let (ada, bob, cem) = (at.ada.clone(), at.bob.clone(), at.cem.clone());
    let occurrences = at.occurrences();
    let second = format!("/users/{ada}/events/{}", occurrences[1]);
    at.site.patch(&second, &json!({"attendees": attendees(&["x@out.example"])})).expect(200);
    let window = "startDateTime=2026-01-01&endDateTime=2027-12-31";
    let view =
        |at: &mut Meeting, user: &str| at.site.all(&format!("/users/{user}/calendarView?{window}")).len();
    assert_eq!(view(&mut at, &bob), 3);
    let path = at.path.clone();
    at.site.patch(&path, &json!({"attendees": attendees(&[&bob, &cem])})).expect(200);
    assert_eq!(view(&mut at, &cem), 4, "with the changed one");
    let changed = at.site.get(&second).expect(200);
    let names: Vec<String> = changed["attendees"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| text(&one["emailAddress"], "address"))
        .collect();
    assert_eq!(names, ["x@out.example", cem.as_str()]);
}

#[test]
fn a_forwarded_invitation_adds_an_attendee() {
    let mut at = meeting(&json!({}));
    let (ada, bob, cem) = (at.ada.clone(), at.bob.clone(), at.cem.clone());
    at.act(&bob, "forward", &json!({}), 400);
    let to =
        json!({"ToRecipients": [{"EmailAddress": {"Address": cem, "Name": "Cem"}}], "Comment": "Come too"});
    at.act(&bob, "forward", &to, 202);
    assert_eq!(at.only(&cem)["organizer"]["emailAddress"]["address"], ada.as_str());
    let original = at.only(&ada);
    assert_eq!(original["attendees"][1]["emailAddress"]["address"], cem.as_str());
    let invitation = at.inbox(&cem).remove(0);
    assert_eq!(invitation["from"]["emailAddress"]["address"], bob.as_str());
    assert!(text(&invitation, "bodyPreview").starts_with("Come too"));
    assert_eq!(at.inbox(&ada)[0]["subject"], "Meeting Forward Notification: Plan");
    at.act(&cem, "accept", &json!({}), 202);
    assert_eq!(at.only(&ada)["attendees"][1]["status"]["response"], "accepted");
}

#[test]
fn reminders_are_put_off_and_away_without_a_mail() {
    let mut at = meeting(&json!({}));
    let bob = at.bob.clone();
    let before = at.only(&bob);
    at.act(&bob, "snoozeReminder", &json!({}), 400);
    let later = json!({"newReminderTime": {"dateTime": "2026-10-19T07:55:00", "timeZone": "UTC"}});
    at.act(&bob, "snoozeReminder", &later, 200);
    let snoozed = at.only(&bob);
    assert_ne!(snoozed["changeKey"], before["changeKey"]);
    assert_eq!(snoozed["isReminderOn"], true);
    at.act(&bob, "dismissReminder", &json!({}), 200);
    assert_eq!(at.only(&bob)["isReminderOn"], false);
    let path = at.path.clone();
    at.site.post(&format!("{path}/dismissReminder"), &json!({})).expect(200);
    assert_eq!(at.site.tenant.mails().len(), 1, "the invitation only");
}

#[test]
fn hidden_attendees_see_themselves_only() {
    let mut at = meeting(&json!({"hideAttendees": true}));
    let (bob, cem) = (at.bob.clone(), at.cem.clone());
    let path = at.path.clone();
    at.site.patch(&path, &json!({"attendees": attendees(&[&bob, &cem])})).expect(200);
    assert_eq!(at.site.get(&path).expect(200)["attendees"].as_array().unwrap().len(), 2);
    for who in [&bob, &cem] {
        let copy = at.only(who);
        assert_eq!(copy["attendees"].as_array().unwrap().len(), 1);
        assert_eq!(copy["attendees"][0]["emailAddress"]["address"], who.as_str());
    }
}

#[test]
fn inboxes_can_be_left_alone() {
    let behaviour = Behaviour { event_messages: false, ..Behaviour::default() };
    let mut site = Direct::new(TenantSettings { behaviour, ..TenantSettings::default() });
    let (ada, bob) = (site.user("ada"), site.user("bob"));
    let mut body = event("Plan", "2026-10-19T10:00:00", "2026-10-19T11:00:00");
    body["attendees"] = attendees(&[&bob]);
    site.post(&format!("/users/{ada}/events"), &body).expect(201);
    assert_eq!(site.tenant.mails().len(), 1);
    assert!(site.all(&format!("/users/{bob}/messages")).is_empty());
}
