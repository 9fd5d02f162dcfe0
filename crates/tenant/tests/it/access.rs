//! Who may reach which mailbox: consent, RBAC for Applications and application access policies together.

use crate::desk::{App, Desk, Expect};
use crate::support::text;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tandem_tenant::{Behaviour, PermissionDelay, Tenant, TenantSettings};

const NAMES: [&str; 3] = ["ada", "bob", "eve"];

/// Whose messages, and whose task lists, a token reads.
fn reached(desk: &mut Desk, token: &str, what: &str) -> Vec<&'static str> {
    NAMES
        .into_iter()
        .filter(|name| {
            let answer = desk.graph(token, "GET", &format!("/users/{name}@meridian.example/{what}"), None);
            match answer.status {
                200 => true,
                403 => {
                    assert_eq!(answer.code(), "ErrorAccessDenied");
                    false
                }
                other => panic!("{other}: {}", answer.value()),
            }
        })
        .collect()
}

fn grant(desk: &mut Desk, app: &App, body: Value) -> Value {
    desk.control("POST", &format!("/apps/{}/rbac", app.id), body).expect(201)
}

fn policy(desk: &mut Desk, app: &App, right: &str, names: &[&str]) -> String {
    let mailboxes: Vec<String> = names.iter().map(|name| format!("{name}@meridian.example")).collect();
    let body = json!({ "appId": app.id, "accessRight": right, "mailboxes": mailboxes });
    text(&desk.control("POST", "/access-policies", body).expect(201), "id")
}

#[test]
fn rbac_adds_scoped_access_that_no_token_shows() {
    let mut desk = Desk::with_users(&NAMES);
    let app = desk.app(&[]);
    let token = desk.token(&app);
    assert!(reached(&mut desk, &token, "messages").is_empty());
    let one = json!({ "role": "Application Mail.Read", "mailboxes": ["ADA@meridian.example"] });
    let held = grant(&mut desk, &app, one);
    assert_eq!(held["role"], "Mail.Read");
    assert_eq!(reached(&mut desk, &token, "messages"), ["ada"]);
    assert!(reached(&mut desk, &token, "events").is_empty());
    let path = "/users/ada@meridian.example/messages";
    assert_eq!(desk.graph(&token, "POST", path, Some(json!({ "subject": "x" }))).status, 403);
    grant(&mut desk, &app, json!({ "role": "Mail.ReadWrite", "mailboxes": ["bob@meridian.example"] }));
    assert_eq!(reached(&mut desk, &token, "messages"), ["ada", "bob"]);
    let path = "/users/bob@meridian.example/messages";
    desk.graph(&token, "POST", path, Some(json!({ "subject": "x" }))).expect(201);
    grant(&mut desk, &app, json!({ "role": "Calendars.Read" }));
    assert_eq!(reached(&mut desk, &token, "events"), NAMES);

    let fresh = desk.token(&app);
    let claims = fresh.split('.').nth(1).unwrap();
    let claims = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, claims).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    assert!(claims.get("roles").is_none(), "{claims}");
    let path = format!("/apps/{}/rbac/{}", app.id, text(&held, "id"));
    desk.control("DELETE", &path, Value::Null).expect(204);
    assert_eq!(reached(&mut desk, &token, "messages"), ["bob"]);
}

#[test]
fn with_consent_a_scope_restricts_nothing() {
    let mut desk = Desk::with_users(&NAMES);
    let app = desk.app(&["Mail.Read"]);
    grant(&mut desk, &app, json!({ "role": "Mail.Read", "mailboxes": ["ada@meridian.example"] }));
    let token = desk.token(&app);
    assert_eq!(reached(&mut desk, &token, "messages"), NAMES);
}

#[test]
fn policies_restrict_consent_but_neither_rbac_nor_tasks() {
    let mut desk = Desk::with_users(&NAMES);
    let app = desk.app(&["Mail.Read", "Calendars.Read", "Contacts.Read", "Tasks.ReadWrite.All"]);
    let token = desk.token(&app);
    let first = policy(&mut desk, &app, "RestrictAccess", &["ada"]);
    for what in ["messages", "events", "contacts"] {
        assert_eq!(reached(&mut desk, &token, what), ["ada"], "{what}");
    }
    let path = "/users/bob@meridian.example/messages";
    let answer = desk.graph(&token, "GET", path, None).value();
    assert_eq!(answer["error"]["message"], "Access to OData is disabled.");
    assert_eq!(reached(&mut desk, &token, "todo/lists"), NAMES);
    policy(&mut desk, &app, "RestrictAccess", &["bob"]);
    assert_eq!(reached(&mut desk, &token, "messages"), ["ada", "bob"]);
    let denial = policy(&mut desk, &app, "DenyAccess", &["ada", "eve"]);
    assert_eq!(reached(&mut desk, &token, "messages"), ["bob"]);
    grant(&mut desk, &app, json!({ "role": "Mail.Read", "mailboxes": ["eve@meridian.example"] }));
    assert_eq!(reached(&mut desk, &token, "messages"), ["bob", "eve"]);
    assert_eq!(desk.control("GET", "/access-policies", Value::Null).expect(200).as_array().unwrap().len(), 3);
    desk.control("DELETE", &format!("/access-policies/{denial}"), Value::Null).expect(204);
    assert_eq!(reached(&mut desk, &token, "contacts"), ["ada", "bob"]);
    desk.control("DELETE", &format!("/access-policies/{first}"), Value::Null).expect(204);
    assert_eq!(reached(&mut desk, &token, "contacts"), ["bob"]);
    // The other application is not meant.
    let other = desk.first_app();
    let token = desk.token(&other);
    assert_eq!(reached(&mut desk, &token, "messages"), NAMES);
}

#[test]
fn a_denial_alone_leaves_the_others_open() {
    let mut desk = Desk::with_users(&NAMES);
    let app = desk.app(&["Mail.Read"]);
    policy(&mut desk, &app, "DenyAccess", &["eve"]);
    let token = desk.token(&app);
    assert_eq!(reached(&mut desk, &token, "messages"), ["ada", "bob"]);
}

#[test]
fn changes_act_when_their_time_has_come_and_name_it() {
    let mut desk = Desk::with_users(&NAMES);
    let app = desk.app(&[]);
    let token = desk.token(&app);
    let start = desk.now;
    let at = |seconds: i64| start.checked_add(SignedDuration::from_secs(seconds)).unwrap();
    assert_eq!(desk.tenant.deadline(), None);
    let held = grant(&mut desk, &app, json!({ "role": "Mail.Read", "after": 1800 }));
    assert_eq!(text(&held, "from"), at(1800).to_string());
    assert_eq!(desk.tenant.deadline(), Some(at(1800)));
    desk.pass(1799);
    assert!(reached(&mut desk, &token, "messages").is_empty());
    desk.pass(1);
    assert_eq!(reached(&mut desk, &token, "messages"), NAMES);
    desk.tenant.due(desk.now);
    assert_eq!(desk.tenant.deadline(), None);
    let path = format!("/apps/{}/rbac/{}", app.id, text(&held, "id"));
    desk.control("DELETE", &path, json!({ "after": 600 })).expect(204);
    assert_eq!(desk.tenant.deadline(), Some(at(2400)));
    desk.pass(599);
    assert_eq!(reached(&mut desk, &token, "messages"), NAMES);
    desk.pass(1);
    assert!(reached(&mut desk, &token, "messages").is_empty());
}

#[test]
fn the_real_delay_is_between_half_an_hour_and_two_hours() {
    let behaviour = Behaviour { permission_delay: PermissionDelay::Real, ..Behaviour::default() };
    let mut desk = Desk::with_users(&NAMES);
    let app = desk.app(&[]);
    let asked: Vec<String> = (0..20)
        .map(|_| text(&grant(&mut desk, &app, json!({ "role": "Mail.Read", "after": "real" })), "from"))
        .collect();
    desk.tenant = Tenant::new(TenantSettings { behaviour, ..Desk::settings() });
    let app = desk.first_app();
    let usual: Vec<String> =
        (0..20).map(|_| text(&grant(&mut desk, &app, json!({ "role": "Mail.Read" })), "from")).collect();
    for from in asked.iter().chain(&usual) {
        let from: Timestamp = from.parse().unwrap();
        let delay = from.duration_since(desk.now).as_secs();
        assert!((1800..=7200).contains(&delay), "{delay}");
    }
    assert!(asked.windows(2).any(|pair| pair[0] != pair[1]), "delays differ");
}

#[test]
fn what_exchange_cannot_grant_is_refused() {
    let mut desk = Desk::with_users(&NAMES);
    let app = desk.app(&[]);
    let path = format!("/apps/{}/rbac", app.id);
    let cases = [
        ("POST", path.as_str(), json!({ "role": "Tasks.ReadWrite.All" }), 400),
        ("POST", &path, json!({ "role": "Mail.Read", "mailbox": "ada" }), 400),
        ("POST", &path, json!({ "role": "Mail.Read", "after": "soon" }), 400),
        ("POST", "/apps/nobody/rbac", json!({ "role": "Mail.Read" }), 404),
        ("DELETE", &format!("{path}/nothing"), Value::Null, 404),
        (
            "POST",
            "/access-policies",
            json!({ "appId": app.id, "accessRight": "Allow", "mailboxes": [] }),
            400,
        ),
        (
            "POST",
            "/access-policies",
            json!({ "appId": "x", "accessRight": "DenyAccess", "mailboxes": [] }),
            404,
        ),
        ("DELETE", "/access-policies/nothing", Value::Null, 404),
        ("PATCH", "/apps/nobody", json!({}), 404),
    ];
    for (method, path, body, status) in cases {
        desk.control(method, path, body).expect(status);
    }
}

#[test]
fn a_reset_leaves_the_first_application_as_it_was() {
    let mut desk = Desk::with_users(&NAMES);
    let first = desk.first_app();
    desk.app(&["Mail.Read"]);
    policy(&mut desk, &first, "DenyAccess", &["ada"]);
    desk.control("PATCH", &format!("/apps/{}", first.id), json!({ "accountEnabled": false })).expect(200);
    desk.control("POST", "/reset", Value::Null).expect(204);
    let apps = desk.control("GET", "/apps", Value::Null).expect(200);
    assert_eq!(apps.as_array().unwrap().len(), 1);
    assert_eq!((&apps[0]["appId"], &apps[0]["accountEnabled"]), (&json!(first.id), &json!(true)));
    assert_eq!(desk.control("GET", "/access-policies", Value::Null).expect(200), json!([]));
    desk.token(&first);
}
