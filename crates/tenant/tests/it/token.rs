//! Tokens: who gets one, what stands in it, and what happens without.

use crate::desk::{App, Desk, Expect};
use crate::support::{client, empty, text};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rsa::pkcs1v15::{Signature, VerifyingKey};
use rsa::signature::Verifier;
use rsa::{BoxedUint, PublicKey};
use serde_json::{Value, json};
use sha2::Sha256;
use tandem_tenant::Request;

/// A form with one value changed or, with an empty one, left out.
fn with<'a>(
    form: &[(&'static str, &'a str)],
    name: &'static str,
    value: &'a str,
) -> Vec<(&'static str, &'a str)> {
    let mut form: Vec<_> = form.iter().copied().filter(|(key, _)| *key != name).collect();
    if !value.is_empty() {
        form.push((name, value));
    }
    form
}

#[test]
fn refusals_name_their_code() {
    let mut desk = Desk::with_users(&["ada"]);
    let app = desk.first_app();
    let form = Desk::form(&app);
    let nobody = "11111111-1111-4111-8111-111111111111";
    let tenant = desk.tenant.tenant_id().to_owned();
    let own = tenant.as_str();
    let cases = [
        (own, with(&form, "client_secret", "guessed"), (401, "invalid_client", 7_000_215)),
        (own, with(&form, "client_secret", ""), (401, "invalid_client", 7_000_216)),
        (own, with(&form, "client_id", nobody), (400, "unauthorized_client", 700_016)),
        (nobody, form.clone(), (400, "invalid_request", 90002)),
        ("elsewhere.example", form.clone(), (400, "invalid_request", 90002)),
        ("common", form.clone(), (400, "invalid_request", 50059)),
        (own, with(&form, "scope", ""), (400, "invalid_request", 900_144)),
        (own, with(&form, "client_id", ""), (400, "invalid_request", 900_144)),
        (own, with(&form, "grant_type", ""), (400, "invalid_request", 900_144)),
        (own, with(&form, "grant_type", "password"), (400, "unsupported_grant_type", 70003)),
        (
            own,
            with(&form, "scope", "https://graph.microsoft.com/User.Read"),
            (400, "invalid_scope", 1_002_012),
        ),
        (own, with(&form, "scope", "/.default"), (400, "invalid_scope", 1_002_012)),
        (
            own,
            with(
                &form,
                "scope",
                "https://graph.microsoft.com/.default https://outlook.office365.com/.default",
            ),
            (400, "invalid_scope", 70011),
        ),
        (own, with(&form, "scope", "https://nobody.example/.default"), (400, "invalid_resource", 500_011)),
    ];
    for (directory, form, (status, error, code)) in cases {
        let answer = desk.ask(directory, &form);
        assert_eq!(answer.refusal(), (status, error.to_owned(), code));
        let words = text(&answer.value(), "error_description");
        assert!(!words.contains(&app.secret) && !words.contains("guessed"), "no secret in {words}");
    }
    let answer = desk.get(&format!("/{own}/oauth2/v2.0/token"));
    assert_eq!(answer.refusal(), (400, "invalid_request".to_owned(), 900_561));
    for directory in [own, "MERIDIAN.example"] {
        desk.ask(directory, &form).expect(200);
    }
}

#[test]
fn secrets_expire_and_applications_are_disabled() {
    let mut desk = Desk::new();
    let app = desk.app(&["Mail.Read"]);
    let directory = desk.tenant.tenant_id().to_owned();
    let path = format!("/apps/{}", app.id);
    let key = text(&desk.control("GET", &path, Value::Null).expect(200)["secrets"][0], "keyId");
    let end = json!({ "endDateTime": "2026-11-24T11:00:00Z" });
    desk.control("PATCH", &format!("{path}/secrets/{key}"), end).expect(200);
    desk.pass(3599);
    desk.ask(&directory, &Desk::form(&app)).expect(200);
    desk.pass(1);
    let refusal = desk.ask(&directory, &Desk::form(&app)).refusal();
    assert_eq!(refusal, (401, "invalid_client".to_owned(), 7_000_222));

    let given = json!({ "secretText": "another", "displayName": "second" });
    let second = desk.control("POST", &format!("{path}/secrets"), given).expect(201);
    let app = App { secret: "another".to_owned(), ..app };
    let token = desk.token(&app);
    desk.control("PATCH", &path, json!({ "accountEnabled": false })).expect(200);
    let refusal = desk.ask(&directory, &Desk::form(&app)).refusal();
    assert_eq!(refusal, (400, "unauthorized_client".to_owned(), 7_000_112));
    // What was handed out goes on until it expires.
    desk.graph(&token, "GET", "/users/nobody/messages", None).expect(404);
    desk.control("PATCH", &path, json!({ "accountEnabled": true })).expect(200);
    desk.token(&app);
    desk.control("DELETE", &format!("{path}/secrets/{}", text(&second, "keyId")), Value::Null).expect(204);
    assert_eq!(desk.ask(&directory, &Desk::form(&app)).refusal().2, 7_000_215);
    desk.control("DELETE", &path, Value::Null).expect(204);
    assert_eq!(desk.ask(&directory, &Desk::form(&app)).refusal().2, 700_016);
}

#[test]
fn a_token_is_verified_with_the_published_keys_and_says_whose_it_is() {
    let mut desk = Desk::new();
    let app = desk.first_app();
    let token = desk.token(&app);
    let parts: Vec<&str> = token.split('.').collect();
    let part =
        |at: usize| -> Value { serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[at]).unwrap()).unwrap() };
    let (header, claims) = (part(0), part(1));
    assert_eq!((&header["typ"], &header["alg"]), (&json!("JWT"), &json!("RS256")));
    assert_eq!(header["kid"], header["x5t"]);

    let tenant = desk.tenant.tenant_id().to_owned();
    let keys = desk.get(&format!("/{tenant}/discovery/v2.0/keys")).expect(200);
    let key = keys["keys"].as_array().unwrap().iter().find(|key| key["kid"] == header["kid"]).unwrap();
    let number = |name: &str| {
        let bytes = URL_SAFE_NO_PAD.decode(key[name].as_str().unwrap()).unwrap();
        BoxedUint::from_be_slice_vartime(&bytes)
    };
    let verifying = VerifyingKey::<Sha256>::new(PublicKey::new(number("n"), number("e")).unwrap());
    let holds = |signed: &str| {
        let signature = URL_SAFE_NO_PAD.decode(parts[2]).unwrap();
        verifying.verify(signed.as_bytes(), &Signature::try_from(&signature[..]).unwrap()).is_ok()
    };
    assert!(holds(&format!("{}.{}", parts[0], parts[1])));
    assert!(!holds(&format!("{}.{}x", parts[0], parts[1])));

    let now = desk.now.as_second();
    let expected = json!({
        "aud": "https://graph.microsoft.com",
        "iss": format!("https://sts.windows.net/{tenant}/"),
        "appid": app.id, "idtyp": "app", "tid": tenant, "ver": "1.0", "appidacr": "1",
        "iat": now - 300, "nbf": now - 300, "exp": now + 3599, "sub": claims["oid"],
        "roles": ["Calendars.ReadWrite", "Contacts.ReadWrite", "Mail.ReadWrite", "Tasks.ReadWrite.All", "User.Read.All"],
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&claims[name], value, "{name}");
    }
    assert!(claims["oid"].is_string() && claims["uti"].is_string());
}

#[test]
fn the_same_seed_signs_with_the_same_key() {
    let keys = |desk: &mut Desk| desk.get("/common/discovery/v2.0/keys").expect(200)["keys"].clone();
    assert_eq!(keys(&mut Desk::new()), keys(&mut Desk::new()));
}

#[test]
fn the_older_endpoint_and_basic_authentication_give_tokens_too() {
    let mut desk = Desk::with_users(&["ada"]);
    let app = desk.first_app();
    let tenant = desk.tenant.tenant_id().to_owned();
    let form = with(&Desk::form(&app), "scope", "");
    let path = format!("/{tenant}/oauth2/token");
    assert_eq!(desk.post_form(&path, &form).refusal().2, 900_144);
    let answer = desk.post_form(&path, &with(&form, "resource", "https://graph.microsoft.com")).expect(200);
    assert_eq!(
        (&answer["expires_in"], &answer["resource"]),
        (&json!("3599"), &json!("https://graph.microsoft.com"))
    );
    desk.graph(&text(&answer, "access_token"), "GET", "/users", None).expect(200);

    let basic = STANDARD.encode(format!("{}:{}", app.id, app.secret.replace('~', "%7E")));
    let request = Request {
        method: "POST".to_owned(),
        path: format!("/{tenant}/oauth2/v2.0/token"),
        headers: vec![("authorization".to_owned(), format!("Basic {basic}"))],
        body: "grant_type=client_credentials&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default".into(),
        ..Request::default()
    };
    desk.tenant.handle(&request, desk.now).expect(200);
}

#[test]
fn a_token_for_another_resource_does_not_open_graph() {
    let mut desk = Desk::new();
    let app = desk.first_app();
    let tenant = desk.tenant.tenant_id().to_owned();
    let form = with(&Desk::form(&app), "scope", "https://outlook.office365.com/.default");
    let token = text(&desk.ask(&tenant, &form).expect(200), "access_token");
    let answer = desk.graph(&token, "GET", "/users", None);
    assert_eq!((answer.status, answer.code()), (401, "InvalidAuthenticationToken".to_owned()));
    assert!(answer.value()["error"]["message"].as_str().unwrap().contains("audience"));
}

#[tokio::test]
async fn graph_wants_a_token_and_says_which_request_it_refused() {
    let site = empty().await;
    let url = format!("{}/v1.0/users", site.running.graph_url);
    for token in [None, Some("Bearer nonsense"), Some("Basic abc"), Some("Bearer a.b.c")] {
        let mut request = client().get(&url).header("client-request-id", "mine");
        if let Some(token) = token {
            request = request.header("authorization", token);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status().as_u16(), 401);
        assert_eq!(response.headers()["client-request-id"], "mine");
        let answer: Value = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
        assert_eq!(answer["error"]["code"], "InvalidAuthenticationToken");
        assert_eq!(answer["error"]["innerError"]["client-request-id"], "mine");
        assert!(answer["error"]["innerError"]["request-id"].is_string());
    }
    site.get("/users").await.expect(200);
    site.control("POST", "/reset", None).await.expect(204);
    assert_eq!(site.get("/users").await.code(401), "InvalidAuthenticationToken");
    site.stop().await;
}

#[test]
fn a_token_ends_after_an_hour_and_one_that_was_changed_never_holds() {
    let mut desk = Desk::new();
    let app = desk.first_app();
    let token = desk.token(&app);
    let changed = format!("{token}A");
    assert_eq!(desk.graph(&changed, "GET", "/users", None).status, 401);
    let none =
        format!("{}.{}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#), token.split('.').nth(1).unwrap());
    assert_eq!(desk.graph(&none, "GET", "/users", None).status, 401);
    desk.pass(3598);
    desk.graph(&token, "GET", "/users", None).expect(200);
    desk.pass(1);
    assert_eq!(desk.graph(&token, "GET", "/users", None).status, 401);
}
