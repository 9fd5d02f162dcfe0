//! What the tenant sends by itself, and answers that wait for it.

use crate::support::{empty, with};
use axum::Router;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tandem_tenant::{
    ClockMode, Content, Delivery, Options, Outcome, Receivers, Request, SeedUsers, Tenant, TenantSettings,
};
use tokio::net::TcpListener;

/// A receiver that answers one way; its address.
async fn receiver(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    format!("http://{address}/hook?validationToken=a%20b")
}

#[tokio::test]
async fn an_answer_waits_for_the_receiver_while_others_are_served() {
    let site = empty().await;
    let (go, wait) = tokio::sync::watch::channel(false);
    let url = receiver(Router::new().fallback(move |body: String| {
        let mut wait = wait.clone();
        async move {
            wait.wait_for(|go| *go).await.unwrap();
            ([("content-type", "text/plain")], format!("{body} there"))
        }
    }))
    .await;
    let probe = site.control("POST", "/outgoing", Some(json!({"url": url, "body": "who is"})));
    let others = async {
        site.get("/users").await.expect(200);
        go.send(true).unwrap();
    };
    let (answer, ()) = tokio::join!(probe, others);
    assert_eq!(
        answer.expect(200),
        json!({"status": 200, "contentType": "text/plain", "body": "who is there"})
    );
    site.stop().await;
}

#[tokio::test]
async fn redirections_are_not_followed_and_strangers_not_called() {
    let site = empty().await;
    let away = || async { (StatusCode::FOUND, [("location", "http://127.0.0.1:1/")]).into_response() };
    let url = receiver(Router::new().fallback(away)).await;
    let answer = site.control("POST", "/outgoing", Some(json!({"url": url}))).await.expect(200);
    assert_eq!(answer["status"], 302);
    for stranger in ["http://192.0.2.1/", "https://example.org/hook", "file:///etc/passwd", "nonsense"] {
        let answer = site.control("POST", "/outgoing", Some(json!({"url": stranger}))).await.expect(200);
        assert_eq!(answer["status"], Value::Null, "{answer}");
        assert!(answer["failed"].as_str().unwrap().contains(stranger), "{answer}");
    }
    let nobody = site.control("POST", "/outgoing", Some(json!({"url": "http://127.0.0.1:1/"}))).await;
    assert!(nobody.expect(200)["failed"].is_string());
    site.stop().await;
}

#[tokio::test]
async fn authorities_that_cannot_be_read_are_named() {
    let receivers = Receivers { authority: Some("/no/such/ca.pem".into()), ..Receivers::default() };
    let error = tandem_tenant::serve(Options { receivers, ..Options::default() }).await.unwrap_err();
    assert!(error.to_string().contains("/no/such/ca.pem"), "{error}");
}

#[test]
fn the_tenant_itself_never_waits() {
    let mut tenant = Tenant::new(TenantSettings::default());
    let now: Timestamp = "2026-06-01T08:00:00Z".parse().unwrap();
    let request = |path: &str, body: Value| Request {
        method: "POST".into(),
        path: path.into(),
        body: body.to_string().into(),
        ..Request::default()
    };
    let probe = request("/outgoing", json!({"url": "http://127.0.0.1/"}));
    let held = tenant.control(&probe, now);
    let Delivery::Held(number) = held.delivery else { panic!("{held:?}") };
    assert_eq!(tenant.deadline(), Some(now));
    let sent = tenant.due(now);
    assert_eq!(sent.iter().map(|one| one.number).collect::<Vec<_>>(), [number]);
    assert_eq!((tenant.due(now).len(), tenant.deadline()), (0, None), "handed out once");
    let outcome = Outcome::Answered { status: 202, media_type: None, body: "yes".into() };
    let answer = tenant.delivered(number, outcome.clone(), now).unwrap();
    let Content::Json(value) = answer.body else { panic!("no JSON") };
    assert_eq!((answer.delivery, &value["body"]), (Delivery::Prompt, &json!("yes")));
    assert!(tenant.delivered(number, outcome.clone(), now).is_none(), "told once");

    let held = tenant.control(&probe, now);
    let Delivery::Held(number) = held.delivery else { panic!("{held:?}") };
    tenant.due(now);
    tenant.reset();
    assert!(tenant.delivered(number, outcome, now).is_none(), "the tenant has forgotten");
}

#[tokio::test]
async fn virtual_time_moves_only_when_told() {
    let start: Timestamp = "2026-06-01T08:00:00Z".parse().unwrap();
    let clock = ClockMode::Virtual { now: start };
    let site = with(Options { users: SeedUsers::None, clock, ..Options::default() }).await;
    let answer = site.get("/users").await;
    assert_eq!(answer.headers["date"], "Mon, 01 Jun 2026 08:00:00 GMT");
    let shown = site.control("GET", "/clock", None).await.expect(200);
    assert_eq!(
        shown,
        json!({"mode": "virtual", "now": "2026-06-01T08:00:00Z", "offset": null, "deadline": null})
    );
    let turn = |body: Value| site.control("POST", "/clock", Some(body));
    assert_eq!(turn(json!({"advance": "PT59M"})).await.expect(200)["now"], "2026-06-01T08:59:00Z");
    site.get("/users").await.expect(200);
    turn(json!({"advance": "PT1M"})).await.expect(200);
    assert_eq!(site.get("/users").await.code(401), "InvalidAuthenticationToken");
    assert_eq!(turn(json!({"set": "2026-06-01T08:30:00Z"})).await.expect(200)["mode"], "virtual");
    site.get("/users").await.expect(200);
    for wrong in [
        json!({"advance": "ten minutes"}),
        json!({"set": "today"}),
        json!({"set": "2026-06-01T08:30:00Z", "advance": "PT1S"}),
        json!({"mode": "fast"}),
        json!({"offset": "PT1S"}),
        json!({"to": "tea"}),
        json!({"forward": "PT1S"}),
    ] {
        turn(wrong).await.expect(400);
    }
    site.control("DELETE", "/clock", None).await.expect(405);
    site.stop().await;
}

#[tokio::test]
async fn real_time_can_be_ahead() {
    let ahead = ClockMode::Real { offset: SignedDuration::from_hours(1000) };
    let site = with(Options { users: SeedUsers::None, clock: ahead, ..Options::default() }).await;
    let shown = site.control("GET", "/clock", None).await.expect(200);
    let now: Timestamp = shown["now"].as_str().unwrap().parse().unwrap();
    assert!(now > Timestamp::now() + SignedDuration::from_hours(999));
    site.get("/users").await.expect(200);
    let shown = site.control("POST", "/clock", Some(json!({"offset": "PT0S"}))).await.expect(200);
    assert_eq!((&shown["mode"], &shown["offset"]), (&json!("real"), &json!("PT0S")));
    let shown = site.control("POST", "/clock", Some(json!({"mode": "virtual"}))).await.expect(200);
    assert_eq!(shown["mode"], "virtual");
    site.stop().await;
}
