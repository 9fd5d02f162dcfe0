//! Tokens: who gets one, and what happens without.

use crate::support::{client, empty};
use serde_json::Value;

#[tokio::test]
async fn refusals_name_their_code() {
    let site = empty().await;
    let (id, secret) = (site.running.client_id.clone(), site.running.client_secret.clone());
    let scope = "https%3A%2F%2Fgraph.microsoft.com%2F.default";
    let whole = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}&scope={scope}");
    let tenant = site.running.tenant_id.clone();
    let cases = [
        (tenant.as_str(), whole.replace(&secret, "wrong"), 401, 7_000_215),
        (tenant.as_str(), whole.replace(&id, "11111111-1111-4111-8111-111111111111"), 400, 700_016),
        ("22222222-2222-4222-8222-222222222222", whole.clone(), 400, 90002),
        (tenant.as_str(), whole.replace("scope=", "other="), 400, 900_144),
        (tenant.as_str(), whole.replace(scope, "User.Read"), 400, 1_002_012),
    ];
    for (tenant, form, status, code) in cases {
        let url = format!("{}/{tenant}/oauth2/v2.0/token", site.running.login_url);
        let response = client().post(url).body(form).send().await.unwrap();
        assert_eq!(response.status().as_u16(), status, "{code}");
        let answer: Value = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
        assert_eq!(answer["error_codes"][0], code);
        let text = answer["error_description"].as_str().unwrap();
        assert!(text.starts_with(&format!("AADSTS{code}: ")), "{text}");
        assert!(!text.contains(&secret) && !text.contains("wrong"), "no secret in {text}");
    }
    site.stop().await;
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
fn a_token_ends_after_an_hour() {
    use tandem_tenant::{Request, Tenant, TenantSettings};
    let mut tenant = Tenant::new(TenantSettings::default());
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}&scope=x/.default",
        tenant.client_id(),
        tenant.client_secret()
    );
    let start: jiff::Timestamp = "2026-11-24T10:00:00Z".parse().unwrap();
    let request = Request {
        method: "POST".to_owned(),
        path: format!("/{}/oauth2/v2.0/token", tenant.tenant_id()),
        body: form.into(),
        ..Request::default()
    };
    let answer = tenant.handle(&request, start).value();
    assert_eq!(answer["expires_in"], 3599);
    let ask = Request {
        method: "GET".to_owned(),
        path: "/v1.0/users".to_owned(),
        headers: vec![(
            "authorization".to_owned(),
            format!("Bearer {}", answer["access_token"].as_str().unwrap()),
        )],
        ..Request::default()
    };
    let after = |seconds: i64| start.checked_add(jiff::SignedDuration::from_secs(seconds)).unwrap();
    assert_eq!(tenant.handle(&ask, after(3598)).status, 200);
    assert_eq!(tenant.handle(&ask, after(3599)).status, 401);
}
