//! What official libraries ask before they ask for a token.

use crate::desk::{Desk, Expect};
use crate::support::text;
use serde_json::json;

#[test]
fn the_discovery_document_names_endpoints_that_answer() {
    let mut desk = Desk::with_users(&["ada"]);
    desk.tenant.set_graph_url("https://login.example.test:8443");
    let tenant = desk.tenant.tenant_id().to_owned();
    let app = desk.first_app();
    for directory in [tenant.as_str(), "meridian.example"] {
        let document = desk.get(&format!("/{directory}/v2.0/.well-known/openid-configuration")).expect(200);
        let base = format!("https://login.example.test:8443/{tenant}");
        assert_eq!(document["issuer"], json!(format!("{base}/v2.0")));
        assert_eq!(document["token_endpoint"], json!(format!("{base}/oauth2/v2.0/token")));
        assert_eq!(document["authorization_endpoint"], json!(format!("{base}/oauth2/v2.0/authorize")));
        let path = |name: &str| text(&document, name).replace("https://login.example.test:8443", "");
        assert_eq!(desk.get(&path("jwks_uri")).expect(200)["keys"][0]["kty"], "RSA");
        desk.post_form(&path("token_endpoint"), &Desk::form(&app)).expect(200);
    }
    let older = desk.get(&format!("/{tenant}/.well-known/openid-configuration")).expect(200);
    assert_eq!(older["issuer"], json!(format!("https://sts.windows.net/{tenant}/")));
    assert!(text(&older, "token_endpoint").ends_with(&format!("/{tenant}/oauth2/token")));
    desk.get(&format!("/{tenant}/discovery/keys")).expect(200);
}

#[test]
fn any_directory_has_a_document_and_an_unknown_one_has_none() {
    let mut desk = Desk::new();
    let document = desk.get("/common/v2.0/.well-known/openid-configuration").expect(200);
    assert_eq!(document["issuer"], json!("http://localhost/{tenantid}/v2.0"));
    assert_eq!(document["token_endpoint"], json!("http://localhost/common/oauth2/v2.0/token"));
    let answer = desk.get("/elsewhere.example/v2.0/.well-known/openid-configuration");
    assert_eq!(answer.refusal(), (400, "invalid_request".to_owned(), 90002));
    assert_eq!(desk.get("/elsewhere.example/discovery/v2.0/keys").refusal().2, 90002);
}

#[test]
fn instances_are_known_or_not() {
    let mut desk = Desk::new();
    desk.tenant.set_graph_url("https://login.example.test:8443");
    let mut ask = |endpoint: &str, version: &str| {
        desk.get(&format!(
            "/common/discovery/instance?api-version={version}&authorization_endpoint={}",
            endpoint.replace(':', "%3A").replace('/', "%2F")
        ))
    };
    let own = ask("https://login.example.test:8443/some/oauth2/v2.0/authorize", "1.1").expect(200);
    assert_eq!(
        text(&own, "tenant_discovery_endpoint"),
        "https://login.example.test:8443/some/v2.0/.well-known/openid-configuration"
    );
    let is_own = |entry: &&serde_json::Value| {
        entry["aliases"] == json!(["login.example.test:8443", "login.example.test"])
    };
    let entry = own["metadata"].as_array().unwrap().iter().find(is_own).unwrap();
    assert_eq!(entry["preferred_network"], "login.example.test:8443");
    // msal for Python leaves the port out.
    ask("https://login.example.test/some/oauth2/v2.0/authorize", "1.1").expect(200);
    ask("https://login.microsoftonline.com/common/oauth2/v2.0/authorize", "1.1").expect(200);
    let older = ask("https://login.example.test:8443/some/oauth2/authorize", "1.0").expect(200);
    assert!(older.get("metadata").is_none());
    assert!(text(&older, "tenant_discovery_endpoint").ends_with("/some/.well-known/openid-configuration"));
    let answer = ask("https://login.nobody.test/common/oauth2/v2.0/authorize", "1.1");
    assert_eq!(answer.refusal(), (400, "invalid_instance".to_owned(), 50049));
    assert_eq!(desk.get("/common/discovery/instance?api-version=1.1").refusal().2, 50050);
}
