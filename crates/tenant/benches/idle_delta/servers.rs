//! What is measured: the tenant, and the floor.

use crate::process::resident;
use axum::Router;
use axum::extract::State;
use bytes::Bytes;
use serde_json::{Value, json};
use std::io::Read;
use std::sync::Arc;
use std::time::Instant;
use tandem_tenant::{Options, Request, Running, SeedUsers};
use tokio::net::TcpListener;

/// Says what mailboxes without items weigh.
pub async fn empty(mailboxes: u32) {
    let (_running, _, bytes) = filled(mailboxes, 0).await;
    println!("{}", json!({ "bytes": bytes }));
}

/// Serves a tenant until nobody talks to this process any more.
pub async fn tenant(mailboxes: u32, items: u32) {
    let begun = Instant::now();
    let (running, users, bytes) = filled(mailboxes, items).await;
    println!(
        "{}",
        json!({
            "address": running.graph_url.trim_start_matches("http://"),
            "tenant": running.tenant_id,
            "client": running.client_id,
            "secret": running.client_secret,
            "users": users,
            "bytes": bytes,
            "seconds": begun.elapsed().as_secs_f64(),
        })
    );
    silence().await;
    running.stop().await.expect("an end");
}

/// A served tenant, the ids of its users, and how much more memory is in use than before they were there.
async fn filled(mailboxes: u32, items: u32) -> (Running, Value, u64) {
    let options = Options { users: SeedUsers::None, ..Options::default() };
    let running = tandem_tenant::serve(options).await.expect("a tenant");
    let before = resident();
    // Of ten items six are messages, two events, one a contact and one a task.
    let share = |tenths: u32| items * tenths / 10;
    let order = json!({
        "mailboxes": mailboxes,
        "messages": items - share(2) - 2 * share(1),
        "events": share(2),
        "contacts": share(1),
        "tasks": share(1),
    });
    let request = Request {
        method: "POST".to_owned(),
        path: "/populate".to_owned(),
        body: Bytes::from(order.to_string()),
        ..Request::default()
    };
    let answer = running.with_tenant(|tenant| tenant.control(&request, jiff::Timestamp::now()));
    assert_eq!(answer.status, 201, "{answer:?}");
    let users = answer.value()["users"].take();
    (running, users, resident() - before)
}

/// Answers a POST with the bytes of one file and a GET with those of the other.
pub async fn floor(batch: &str, single: &str) {
    let read = |path: &str| Bytes::from(std::fs::read(path).expect("an answer"));
    let answers = Arc::new((read(batch), read(single)));
    let router = Router::new()
        .fallback(
            |State(answers): State<Arc<(Bytes, Bytes)>>, method: http::Method, body: Bytes| async move {
                drop(body);
                if method == http::Method::POST { answers.0.clone() } else { answers.1.clone() }
            },
        )
        .with_state(answers);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    println!("{}", json!({ "address": listener.local_addr().expect("an address").to_string() }));
    tokio::select! {
        biased;
        () = silence() => {}
        ended = axum::serve(listener, router) => ended.expect("a server"),
    }
}

/// Waits until the input ends.
async fn silence() {
    let read = || std::io::stdin().read_to_end(&mut Vec::new());
    tokio::task::spawn_blocking(read).await.expect("a thread").expect("an input");
}
