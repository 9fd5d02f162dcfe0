//! On PostgreSQL: killed again and again while people go on working, and nothing is lost and nothing is doubled.

#[path = "../../../store/tests/conformance/server.rs"]
mod server;

use super::stage::{answers_soon, count, in_step, pause, set, store_in};
use super::{COMPANY, Dice, seed};
use serde_json::json;
use std::time::Duration;
use tandem_demo::Stage;

/// Longest life of a connector: some die before they are ready, some in the midst of their cycles.
const LONGEST_LIFE: Duration = Duration::from_millis(800);

#[tokio::test(flavor = "multi_thread")]
async fn a_connector_that_is_killed_again_and_again_loses_and_doubles_nothing() {
    let (seed, kills) = (seed(), count("TANDEM_KILLS", 5));
    println!("PostgreSQL: TANDEM_KILL_SEED={seed} TANDEM_KILLS={kills}");
    let name = format!("PostgreSQL, killed {kills} times (TANDEM_KILL_SEED={seed})");
    let dir = tempfile::tempdir().unwrap();
    let stage = set(dir.path(), &COMPANY).await;
    store_in(&server::database().await, &stage);
    answers_soon(&stage);
    let mut dice = Dice(seed);
    for number in 0..kills {
        let mut connector = stage.start_connector().unwrap();
        works(&stage, number).await;
        pause(u64::try_from(dice.below(LONGEST_LIFE).as_millis()).unwrap()).await;
        connector.check().unwrap();
        connector.kill().await;
    }
    let mut connector = stage.start_connector().unwrap();
    connector.get_ready().await.unwrap();
    let paired = in_step(&name, &stage, &mut connector).await;
    assert!(paired > kills, "{name}: {paired} pairs");
    println!("{name}: {paired} pairs");
    connector.end().await;
    stage.strike().await;
}

/// Somebody enters a task, ticks it off, and enters another one.
async fn works(stage: &Stage, number: usize) {
    let mailboxes: Vec<&str> = stage.mailboxes().collect();
    let tasks = format!("/users/{}/tasks", mailboxes[number % mailboxes.len()]);
    let post = async |title: String| {
        stage.control("POST", &tasks, Some(&json!({ "title": title }))).await.unwrap()["id"].clone()
    };
    let id = post(format!("Errand {number}")).await;
    let done = json!({"status": "completed"});
    stage.control("PATCH", &format!("{tasks}/{}", id.as_str().unwrap()), Some(&done)).await.unwrap();
    post(format!("Call {number}")).await;
}
