//! How answers reach a client over HTTP.

use crate::support::{Site, client, with};
use jiff::Timestamp;
use serde_json::{Value, json};
use tandem_tenant::{ClockMode, Options, SeedUsers};

async fn site() -> Site {
    let now: Timestamp = "2026-06-01T08:00:00Z".parse().unwrap();
    let clock = ClockMode::Virtual { now };
    with(Options { users: SeedUsers::None, clock, ..Options::default() }).await
}

async fn arm(site: &Site, rule: Value) {
    site.control("POST", "/faults", Some(rule)).await.expect(201);
}

/// Waits until a fault was played.
async fn played(site: &Site, fault: &str) {
    while site.running.with_tenant(|tenant| tenant.faults_played()[fault]) == 0 {
        tokio::task::yield_now().await;
    }
}

/// A request for users whose answer may never come.
async fn users(site: &Site) -> Result<(u16, Result<usize, reqwest::Error>), reqwest::Error> {
    let url = format!("{}/v1.0/users", site.running.graph_url);
    let request = client().get(url).header("authorization", format!("Bearer {}", site.token()));
    let response = request.send().await?;
    Ok((response.status().as_u16(), response.bytes().await.map(|bytes| bytes.len())))
}

#[tokio::test]
async fn an_answer_is_cut_short_or_never_begins() {
    let site = site().await;
    arm(&site, json!({"fault": "truncated", "nth": 1})).await;
    let (status, body) = users(&site).await.unwrap();
    assert_eq!(status, 200);
    assert!(body.is_err(), "the body breaks off");
    let (_, body) = users(&site).await.unwrap();
    assert!(body.is_ok());
    arm(&site, json!({"fault": "connection-broken", "nth": 1})).await;
    assert!(users(&site).await.is_err(), "not even a status");
    site.stop().await;
}

#[tokio::test]
async fn a_late_answer_waits_for_the_tenants_time() {
    let site = site().await;
    arm(&site, json!({"fault": "slow", "with": {"seconds": 3600}, "nth": 1})).await;
    let turn = async {
        // The answer is on its way as soon as it is the next thing to happen.
        loop {
            let clock = site.control("GET", "/clock", None).await.expect(200);
            if clock["deadline"] == "2026-06-01T09:00:00Z" {
                break;
            }
        }
        site.get("/users").await.expect(200);
        site.control("POST", "/clock", Some(json!({"to": "deadline"}))).await.expect(200)
    };
    let (answer, clock) = tokio::join!(users(&site), turn);
    assert_eq!(answer.unwrap().0, 200);
    assert_eq!(clock["now"], "2026-06-01T09:00:00Z");
    site.stop().await;
}

#[tokio::test]
async fn who_hangs_up_gives_his_place_back_and_a_stop_ends_the_wait() {
    let site = site().await;
    let user = site.user("ada").await;
    site.control("PATCH", "/limits", Some(json!({"concurrent": 1}))).await.expect(200);
    arm(&site, json!({"fault": "reply-lost", "nth": 1})).await;
    let path = format!("/users/{user}/messages");
    {
        let lost = site.get(&path);
        tokio::pin!(lost);
        tokio::select! {
            biased;
            answer = &mut lost => panic!("{answer:?}"),
            () = played(&site, "reply-lost") => {}
        }
        assert_eq!(site.get(&path).await.status, 429, "the place is taken");
    }
    while site.get(&path).await.status != 200 {}
    arm(&site, json!({"fault": "timeout", "nth": 1})).await;
    let url = format!("{}/v1.0{path}", site.running.graph_url);
    let request = client().get(url).header("authorization", format!("Bearer {}", site.token()));
    let waiting = tokio::spawn(request.send());
    played(&site, "timeout").await;
    site.stop().await;
    assert!(waiting.await.unwrap().is_err());
}
