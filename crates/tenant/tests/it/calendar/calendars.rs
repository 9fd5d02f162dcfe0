//! Several calendars, and the groups that they stand in.

use super::direct::Direct;
use super::event;
use crate::support::text;
use serde_json::{Value, json};
use tandem_tenant::{Behaviour, TenantSettings};

fn site() -> (Direct, String) {
    let mut site = Direct::new(TenantSettings::default());
    let user = site.user("ada");
    (site, user)
}

fn subjects(events: &[Value]) -> Vec<String> {
    let mut found: Vec<String> = events.iter().map(|event| text(event, "subject")).collect();
    found.sort();
    found
}

#[test]
fn calendars_are_made_renamed_and_deleted_with_what_is_in_them() {
    let (mut site, user) = site();
    let calendars = format!("/users/{user}/calendars");
    let default = site.get(&format!("/users/{user}/calendar")).expect(200);
    assert_eq!(
        (&default["isDefaultCalendar"], &default["isTallyingResponses"]),
        (&json!(true), &json!(true))
    );
    let made = site.post(&calendars, &json!({"name": "Travel", "color": "lightTeal"})).expect(201);
    assert_eq!((&made["color"], &made["isRemovable"]), (&json!("lightTeal"), &json!(true)));
    assert_eq!(site.post(&calendars, &json!({"name": "TRAVEL"})).code(409), "ErrorFolderExists");
    let path = format!("{calendars}/{}", text(&made, "id"));
    site.post(&format!("{path}/events"), &event("Flight", "2026-10-05T10:00:00", "2026-10-05T11:00:00"))
        .expect(201);
    site.post(&format!("/users/{user}/events"), &event("Call", "2026-10-05T10:00:00", "2026-10-05T11:00:00"))
        .expect(201);
    let window = "startDateTime=2026-10-01&endDateTime=2026-11-01";
    let seen = |site: &mut Direct, path: &str| subjects(&site.all(path));
    assert_eq!(seen(&mut site, &format!("{path}/events")), ["Flight"]);
    assert_eq!(seen(&mut site, &format!("{path}/calendarView?{window}")), ["Flight"]);
    assert_eq!(seen(&mut site, &format!("/users/{user}/calendar/events")), ["Call"]);
    assert_eq!(seen(&mut site, &format!("/users/{user}/calendarView?{window}")), ["Call"]);
    assert_eq!(
        seen(&mut site, &format!("/users/{user}/events")),
        ["Call", "Flight"],
        "events of all calendars"
    );
    let flight = text(&site.all(&format!("{path}/events"))[0], "id");
    let elsewhere = format!("/users/{user}/calendar/events/{flight}");
    assert_eq!(site.get(&elsewhere).code(404), "ErrorItemNotFound");
    let of = site.get(&format!("/users/{user}/events/{flight}/calendar")).expect(200);
    assert_eq!(of["id"], made["id"]);
    let renamed = site.patch(&path, &json!({"name": "Trips"})).expect(200);
    assert_eq!((&renamed["name"], &renamed["color"]), (&json!("Trips"), &json!("lightTeal")));
    site.delete(&path).expect(204);
    assert_eq!(site.get(&path).code(404), "ErrorItemNotFound");
    assert_eq!(seen(&mut site, &format!("/users/{user}/events")), ["Call"]);
    let distinguished = format!("{calendars}/{}", text(&default, "id"));
    assert_eq!(site.delete(&distinguished).code(400), "ErrorDeleteDistinguishedFolder");
}

#[test]
fn calendars_stand_in_groups() {
    let (mut site, user) = site();
    let groups = format!("/users/{user}/calendarGroups");
    let first = site.all(&groups);
    assert_eq!(text(&first[0], "name"), "My Calendars");
    let made = site.post(&groups, &json!({"name": "Projects"})).expect(201);
    let path = format!("{groups}/{}", text(&made, "id"));
    let calendar = site.post(&format!("{path}/calendars"), &json!({"name": "Bridge"})).expect(201);
    assert_eq!(site.all(&format!("{path}/calendars")).len(), 1);
    assert_eq!(site.all(&format!("/users/{user}/calendars")).len(), 2);
    assert_eq!(site.all(&format!("/users/{user}/calendarGroup/calendars")).len(), 1);
    let events = format!("{path}/calendars/{}/events", text(&calendar, "id"));
    site.post(&events, &event("Pylon", "2026-10-05T10:00:00", "2026-10-05T11:00:00")).expect(201);
    assert_eq!(subjects(&site.all(&events)), ["Pylon"]);
    assert_eq!(site.delete(&path).status, 400, "a group that holds calendars stays");
    assert_eq!(site.patch(&path, &json!({"name": "My calendars"})).code(409), "ErrorFolderExists");
    site.patch(&path, &json!({"name": "Sites"})).expect(200);
    site.delete(&format!("/users/{user}/calendars/{}", text(&calendar, "id"))).expect(204);
    site.delete(&path).expect(204);
    let own = format!("{groups}/{}", text(&first[0], "id"));
    assert_eq!(site.delete(&own).code(400), "ErrorDeleteDistinguishedFolder");
}

#[test]
fn only_the_primary_calendar_has_a_delta_unless_told_otherwise() {
    for (secondary, status) in [(false, 400), (true, 200)] {
        let behaviour = Behaviour { secondary_delta: secondary, ..Behaviour::default() };
        let mut site = Direct::new(TenantSettings { behaviour, ..TenantSettings::default() });
        let user = site.user("ada");
        let made = site.post(&format!("/users/{user}/calendars"), &json!({"name": "Other"})).expect(201);
        let path = format!("/users/{user}/calendars/{}", text(&made, "id"));
        let body = event("There", "2026-10-05T10:00:00", "2026-10-05T11:00:00");
        site.post(&format!("{path}/events"), &body).expect(201);
        let delta = "calendarView/delta?startDateTime=2026-10-01&endDateTime=2026-11-01";
        let answer = site.get(&format!("{path}/{delta}")).expect(status);
        if secondary {
            assert_eq!(subjects(answer["value"].as_array().unwrap()), ["There"]);
        }
        let primary = site.get(&format!("/users/{user}/{delta}")).expect(200);
        assert!(primary["value"].as_array().unwrap().is_empty());
    }
}
