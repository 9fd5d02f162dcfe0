//! The control API.

use crate::support::{client, empty};
use serde_json::{Value, json};
use tandem_tenant::{Options, TenantError};

#[tokio::test]
async fn the_ready_line_leads_to_a_living_tenant() {
    let site = empty().await;
    let line: Value = serde_json::from_str(&site.running.ready_line()).unwrap();
    assert_eq!(line["ready"], "tenant");
    for name in ["graph", "login", "control", "tenant_id", "client_id", "client_secret"] {
        assert!(line[name].is_string(), "{name}");
    }
    let url = format!("{}/health", line["control"].as_str().unwrap());
    assert!(client().get(url).send().await.unwrap().status().is_success());
    site.stop().await;
}

#[tokio::test]
async fn only_graph_is_counted() {
    let site = empty().await;
    let user = site.user("ada").await;
    site.get(&format!("/users/{user}/messages")).await.expect(200);
    site.post(&format!("/users/{user}/messages"), json!({"subject": "x"})).await.expect(201);
    site.dump(&user).await;
    let stats = site.control("GET", "/stats", None).await.expect(200);
    assert_eq!((stats["requests"].as_u64(), stats["writes"].as_u64()), (Some(2), Some(1)));
    assert_eq!(stats["by_method"], json!({"GET": 1, "POST": 1}));
    assert_eq!(stats["by_mailbox"][user.as_str()], 2);
    site.control("GET", "/nothing", None).await.expect(404);
    site.control("POST", "/users", Some(json!({"mail": "no address"}))).await.expect(400);
    site.stop().await;
}

#[tokio::test]
async fn the_same_seed_gives_the_same_ids() {
    let one = empty().await;
    let two = empty().await;
    assert_eq!(one.running.tenant_id, two.running.tenant_id);
    let (a, b) = (one.user("ada").await, two.user("ada").await);
    assert_eq!(one.dump(&a).await["folders"], two.dump(&b).await["folders"]);
    one.stop().await;
    two.stop().await;
}

#[tokio::test]
async fn what_cannot_be_served_is_said() {
    let open = Options { control: ([0, 0, 0, 0], 0).into(), ..Options::default() };
    assert!(matches!(tandem_tenant::serve(open).await, Err(TenantError::ControlNotLoopback { .. })));
    let open = Options { listen: ([0, 0, 0, 0], 0).into(), ..Options::default() };
    assert!(matches!(tandem_tenant::serve(open).await, Err(TenantError::NotLoopback { .. })));
    let site = empty().await;
    let taken = site.running.graph_url.trim_start_matches("http://").parse().unwrap();
    let error = tandem_tenant::serve(Options { listen: taken, ..Options::default() }).await.unwrap_err();
    assert!(error.to_string().contains("choose another address"), "{error}");
    let nowhere = Options { fill: Some("/no/such/directory".into()), ..Options::default() };
    let error = tandem_tenant::serve(nowhere).await.unwrap_err();
    assert!(error.to_string().contains("/no/such/directory"), "{error}");
    site.stop().await;
}

#[tokio::test]
async fn a_run_ends_when_it_is_told_to() {
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let (tell, told) = tokio::sync::oneshot::channel();
    let running = tokio::spawn(tandem_tenant::run(
        Options::default(),
        move |running| tell.send(running.control_url.clone()).unwrap(),
        async move {
            let _ = stopped.await;
        },
    ));
    let url = format!("{}/health", told.await.unwrap());
    assert!(client().get(&url).send().await.unwrap().status().is_success());
    stop.send(()).unwrap();
    running.await.unwrap().unwrap();
    assert!(client().get(&url).send().await.is_err());
}

#[tokio::test]
async fn a_crowd_is_made_by_one_request() {
    let site = empty().await;
    let order = json!({ "mailboxes": 3, "messages": 4, "events": 3, "contacts": 2, "tasks": 1 });
    let users = site.control("POST", "/populate", Some(order)).await.expect(201)["users"].clone();
    assert_eq!(users.as_array().unwrap().len(), 3);
    for user in users.as_array().unwrap() {
        let dump = site.dump(user.as_str().unwrap()).await;
        let count = |kind: &str| dump[kind].as_array().unwrap().len();
        assert_eq!([count("messages"), count("events"), count("contacts"), count("tasks")], [4, 3, 2, 1]);
    }
    let unknown = site.control("POST", "/populate", Some(json!({ "letters": 1 }))).await;
    assert_eq!(unknown.code(400), "BadRequest");
    // A second crowd is one of other people.
    let more = site.control("POST", "/populate", Some(json!({ "mailboxes": 1 }))).await.expect(201);
    assert!(!users.as_array().unwrap().contains(&more["users"][0]));
    site.stop().await;
}
