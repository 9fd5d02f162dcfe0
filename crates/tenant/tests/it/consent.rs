//! Permissions of applications: what each request needs, and what is said without.

use crate::desk::{Desk, Expect};
use crate::support::text;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// A line of the permission table, as the control API tells it.
struct Row {
    method: String,
    path: String,
    roles: Vec<String>,
    workload: String,
}

fn rows(desk: &mut Desk) -> Vec<Row> {
    let table = desk.control("GET", "/permissions", Value::Null).expect(200);
    let row = |row: &Value| Row {
        // Lines of any method stand below those of GET.
        method: text(row, "method").replace('*', "PATCH"),
        path: format!("/{}", text(row, "path").replacen("{}", "ada@meridian.example", 1))
            .replace("{}", "x")
            .replace("/**", ""),
        roles: row["roles"]
            .as_array()
            .unwrap()
            .iter()
            .map(|role| role.as_str().unwrap().to_owned())
            .collect(),
        workload: text(row, "workload"),
    };
    table.as_array().unwrap().iter().map(row).collect()
}

/// Whether an answer says that a permission is missing, in the words of the workload.
fn is_denied(row: &Row, answer: &tandem_tenant::Response) -> bool {
    let expected = match (row.workload.as_str(), row.method.as_str()) {
        ("directory", _) => (403, "Authorization_RequestDenied"),
        ("todo", "GET") => (401, "UnknownError"),
        _ => (403, "ErrorAccessDenied"),
    };
    (answer.status, answer.code().as_str()) == expected
}

#[test]
fn each_request_works_with_any_of_its_permissions_and_without_them_not() {
    let mut desk = Desk::with_users(&["ada"]);
    let rows = rows(&mut desk);
    assert!(rows.len() > 30, "the table is there");
    let known: BTreeSet<String> = rows.iter().flat_map(|row| row.roles.clone()).collect();
    let mut tokens: BTreeMap<&str, String> = BTreeMap::new();
    for role in &known {
        let app = desk.app(&[role]);
        tokens.insert(role, desk.token(&app));
    }
    for row in &rows {
        for role in &row.roles {
            let answer = desk.graph(&tokens[role.as_str()], &row.method, &row.path, Some(json!({})));
            assert!(!is_denied(row, &answer), "{role} is enough for {} {}", row.method, row.path);
            assert_ne!(answer.status, 401);
        }
        let others: Vec<&str> =
            known.iter().filter(|role| !row.roles.contains(role)).map(String::as_str).collect();
        let app = desk.app(&others);
        let token = desk.token(&app);
        let answer = desk.graph(&token, &row.method, &row.path, Some(json!({})));
        assert!(is_denied(row, &answer), "{} {}: {} {}", row.method, row.path, answer.status, answer.value());
    }
}

#[test]
fn the_connectors_permissions_open_neither_settings_nor_sending() {
    let mut desk = Desk::with_users(&["ada"]);
    let app = desk.first_app();
    let token = desk.token(&app);
    let user = "/users/ada@meridian.example";
    for path in ["/messages", "/events", "/contacts", "/todo/lists", ""] {
        desk.graph(&token, "GET", &format!("{user}{path}"), None).expect(200);
    }
    for (method, path) in [
        ("GET", "/mailboxSettings"),
        ("PATCH", "/mailboxSettings"),
        ("POST", "/sendMail"),
        ("POST", "/messages/x/send"),
    ] {
        let answer = desk.graph(&token, method, &format!("{user}{path}"), Some(json!({})));
        assert_eq!((answer.status, answer.code().as_str()), (403, "ErrorAccessDenied"), "{method} {path}");
    }
    let path = format!("/apps/{}", app.id);
    let more = json!({ "roles": ["MailboxSettings.Read"] });
    desk.control("PATCH", &path, more).expect(200);
    // A token keeps the roles with which it was made.
    assert_eq!(desk.graph(&token, "GET", &format!("{user}/mailboxSettings"), None).status, 403);
    let token = desk.token(&app);
    desk.graph(&token, "GET", &format!("{user}/mailboxSettings"), None).expect(200);
    assert_eq!(desk.graph(&token, "GET", &format!("{user}/messages"), None).status, 403);
}

#[test]
fn settings_are_no_cheaper_as_a_property_of_their_user() {
    let mut desk = Desk::with_users(&["ada"]);
    let path = "/users/ada@meridian.example?$select=id,mailboxSettings";
    let first = desk.first_app();
    let token = desk.token(&first);
    let answer = desk.graph(&token, "GET", path, None);
    assert_eq!((answer.status, answer.code().as_str()), (403, "ErrorAccessDenied"));
    let app = desk.app(&["User.Read.All", "MailboxSettings.Read"]);
    let token = desk.token(&app);
    let user = desk.graph(&token, "GET", path, None).expect(200);
    let settings = desk.graph(&token, "GET", "/users/ada@meridian.example/mailboxSettings", None).expect(200);
    assert_eq!(user["mailboxSettings"]["timeZone"], settings["timeZone"]);
    let user = desk.graph(&token, "GET", "/users/ada@meridian.example", None).expect(200);
    assert!(user.get("mailboxSettings").is_none(), "{user}");
}

#[test]
fn without_consent_there_is_a_token_that_opens_nothing() {
    let mut desk = Desk::with_users(&["ada"]);
    let app = desk.app(&[]);
    let token = desk.token(&app);
    assert_eq!(desk.graph(&token, "GET", "/users", None).code(), "Authorization_RequestDenied");
    let answer = desk.graph(&token, "GET", "/users/ada@meridian.example/messages", None);
    assert_eq!((answer.status, answer.code().as_str()), (403, "ErrorAccessDenied"));
    // Nor does it tell who is there.
    assert_eq!(desk.graph(&token, "GET", "/users/nobody@meridian.example/messages", None).status, 403);
    let answer = desk.graph(&token, "GET", "/me/messages", None);
    assert_eq!(answer.status, 400);
}

#[test]
fn in_a_batch_each_request_is_judged_by_itself() {
    let mut desk = Desk::with_users(&["ada"]);
    let app = desk.app(&["Mail.Read"]);
    let token = desk.token(&app);
    let part = |id: &str, url: &str| json!({ "id": id, "method": "GET", "url": url });
    let batch = json!({ "requests": [
        part("1", "/users/ada@meridian.example/messages"),
        part("2", "/users/ada@meridian.example/events"),
        part("3", "/users/ada@meridian.example/todo/lists"),
    ]});
    let answer = desk.graph(&token, "POST", "/$batch", Some(batch)).expect(200);
    // They come in any order.
    let parts = answer["responses"].as_array().unwrap();
    let statuses: BTreeMap<String, u64> =
        parts.iter().map(|one| (text(one, "id"), one["status"].as_u64().unwrap())).collect();
    assert_eq!(statuses.into_values().collect::<Vec<_>>(), [200, 403, 401]);
}

#[test]
fn a_subscription_needs_what_reading_needs() {
    let mut desk = Desk::with_users(&["ada"]);
    let app = desk.app(&["Mail.Read"]);
    let token = desk.token(&app);
    let mut subscribe = |resource: &str| {
        let answer = desk.graph(&token, "POST", "/subscriptions", Some(json!({ "resource": resource })));
        (answer.status, answer.code())
    };
    let denied = (403, "ErrorAccessDenied".to_owned());
    assert_eq!(subscribe("/users/ada@meridian.example/events"), denied);
    assert_eq!(subscribe("users('ada@meridian.example')/contacts?$select=id"), denied);
    assert_ne!(subscribe("users/ada@meridian.example/mailFolders('inbox')/messages"), denied);
}

#[test]
fn a_consent_acts_later_if_the_change_says_so() {
    let mut desk = Desk::with_users(&["ada"]);
    let app = desk.app(&["Mail.Read"]);
    let path = format!("/apps/{}", app.id);
    let wanted = json!({ "roles": ["Mail.Read", "Contacts.Read"], "after": 60 });
    desk.control("PATCH", &path, wanted).expect(200);
    let later = json!({ "roles": ["Contacts.Read"], "after": 120 });
    desk.control("PATCH", &path, later).expect(200);
    let mut held = |seconds: i64| {
        desk.pass(seconds);
        desk.control("GET", &path, Value::Null).expect(200)["roles"].clone()
    };
    assert_eq!(held(59), json!(["Mail.Read"]));
    assert_eq!(held(1), json!(["Contacts.Read", "Mail.Read"]));
    assert_eq!(held(60), json!(["Contacts.Read"]));
}
