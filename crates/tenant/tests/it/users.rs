//! Users.

use crate::support::{empty, with};
use serde_json::json;
use tandem_tenant::Options;

#[tokio::test]
async fn a_company_of_25_works_in_two_zones_and_has_something_of_everything() {
    let site = with(Options::default()).await;
    let users = site.all("/users?$top=7&$select=id,mail,proxyAddresses").await;
    assert_eq!(users.len(), 25);
    let known = site.control("GET", "/users", None).await.expect(200);
    let zones: std::collections::BTreeSet<&str> =
        known.as_array().unwrap().iter().map(|user| user["timeZone"].as_str().unwrap()).collect();
    assert_eq!(zones.into_iter().collect::<Vec<_>>(), ["America/New_York", "Europe/Vienna"]);
    for user in known.as_array().unwrap() {
        let dump = site.dump(user["mail"].as_str().unwrap()).await;
        // His own three events, and one that a colleague invited him to.
        for (kind, least) in [("messages", 3), ("events", 4), ("tasks", 1), ("contacts", 1)] {
            assert!(dump[kind].as_array().unwrap().len() >= least, "{kind} of {}", user["mail"]);
        }
    }
    assert_eq!(site.control("GET", "/stats", None).await.expect(200)["mails_sent"], 0);
    site.stop().await;
}

#[tokio::test]
async fn a_user_is_found_by_id_and_by_every_address() {
    let site = empty().await;
    let user = json!({"mail": "Ada.L@meridian.example", "userPrincipalName": "ada@corp.example", "displayName": "Ada L",
        "proxyAddresses": ["SMTP:Ada.L@meridian.example", "smtp:ada@meridian.example"]});
    let user = site.control("POST", "/users", Some(user)).await.expect(201);
    for name in
        [user["id"].as_str().unwrap(), "ada.l@MERIDIAN.example", "ada@corp.example", "ada@meridian.example"]
    {
        assert_eq!(site.get(&format!("/users/{name}")).await.expect(200)["displayName"], "Ada L");
    }
    let found = site
        .get("/users?$filter=mail eq 'ada.l@meridian.example'&$select=id,proxyAddresses")
        .await
        .expect(200);
    assert_eq!(found["value"][0]["proxyAddresses"][1], "smtp:ada@meridian.example");
    assert!(found["value"][0].get("mail").is_none(), "only what was selected");
    let by_proxy = site
        .get(
            "/users?$filter=proxyAddresses/any(p:p eq 'smtp:ada@meridian.example')&$select=id,proxyAddresses",
        )
        .await;
    assert_eq!(by_proxy.expect(200)["value"].as_array().unwrap().len(), 1);
    assert_eq!(site.get("/users/nobody@meridian.example").await.code(404), "Request_ResourceNotFound");
    assert_eq!(site.get("/users/nobody@meridian.example/messages").await.code(404), "ErrorInvalidUser");
    assert_eq!(site.get("/me/messages").await.code(400), "BadRequest");
    assert_eq!(
        site.get("/users/ada@corp.example/onenote").await.code(501),
        "NotImplementedBySimulatedTenant"
    );
    let again = json!({"mail": "ada@meridian.example"});
    site.control("POST", "/users", Some(again)).await.expect(409);
    site.stop().await;
}
