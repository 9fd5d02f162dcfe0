//! When the list of mailboxes is read again while the connector runs
//! (docs/decisions/005-waiting-for-the-organizer.md).

#![allow(clippy::unwrap_used, reason = "tests may stop at the first surprise")]

use crate::stage::{ANN, BEN, Stage};
use serde_json::json;
use std::time::Duration;
use tandem_engine::EngineError;
use tandem_model::Kind;
use tandem_store::State;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// The request that reads the list.
const LIST: &str = "GET /v1.0/users";

/// A connector that runs.
struct Running {
    stop: watch::Sender<bool>,
    ended: JoinHandle<Result<(), EngineError>>,
}

impl Running {
    fn start(stage: &Stage) -> Self {
        let (stop, stopped) = watch::channel(false);
        let (connector, roster) = (stage.second_connector(), stage.roster.clone());
        Self { stop, ended: tokio::spawn(async move { connector.run(roster, stopped).await }) }
    }

    async fn stop(self) {
        self.stop.send(true).unwrap();
        self.ended.await.unwrap().unwrap();
    }
}

/// A stage on which everything is in step, and the list is read again in a day unless somebody asks for it.
async fn in_step() -> Stage {
    let day = Duration::from_secs(24 * 3600);
    let stage = Stage::set_with(|settings| {
        settings.connection.mailbox_refresh = day;
        // Cycles come from waiting for a colleague only, and what time cut off is tried again soon.
        for interval in [
            &mut settings.emails.interval,
            &mut settings.appointments.interval,
            &mut settings.contacts.interval,
            &mut settings.tasks.interval,
        ] {
            *interval = Duration::from_secs(60);
        }
        (settings.errors.retry_first, settings.errors.retry_max) =
            (Duration::from_millis(100), Duration::from_secs(1));
    })
    .await;
    stage.settle().await;
    stage
}

/// Ann's mailbox is renamed, and she invites Ben by her new address, which the list does not know.
async fn renamed_ann_invites_ben(stage: &Stage) {
    stage.outlook("POST", "/faults/mailbox-renamed/play", json!({ "mailbox": ANN })).await;
    let mut meeting = stage.on(3, "10:00", "11:00", "Review");
    meeting["attendees"] = Stage::attendees(&[BEN]);
    stage.outlook("POST", &format!("/users/renamed.{ANN}/events"), meeting).await;
}

/// Waits until something is so.
async fn until(what: &str, so: impl AsyncFn() -> bool) {
    let begun = std::time::Instant::now();
    while !so().await {
        assert!(begun.elapsed() < Duration::from_secs(60), "not yet: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn state_of_bens_copy(stage: &Stage) -> Option<State> {
    stage.links("ben", Kind::Appointment).await.first().map(|link| link.state)
}

#[tokio::test]
async fn an_address_that_may_be_new_in_the_company_has_the_list_read_again_after_five_minutes() {
    let stage = in_step().await;
    renamed_ann_invites_ben(&stage).await;
    let running = Running::start(&stage);
    until("Ben's copy waits", async || state_of_bens_copy(&stage).await == Some(State::Waiting)).await;
    let before = stage.line.asked(LIST);
    stage.passes(290).await;
    // Ben's copy is looked at again meanwhile, and the address asked for once more.
    let cycles = stage.line.asked("/calendarView/delta");
    until("another cycle", async || stage.line.asked("/calendarView/delta") > cycles).await;
    assert_eq!(stage.line.asked(LIST), before, "it was read before five minutes were over");
    stage.passes(20).await;
    until("the list is read again", async || stage.line.asked(LIST) > before).await;
    until("Ben's copy is linked", async || state_of_bens_copy(&stage).await == Some(State::Linked)).await;
    assert_eq!(stage.records("Contact").await.len(), 1);
    assert!(!stage.activity("Review").await.is("ConnectorPublished"), "it is the organiser's");
    running.stop().await;
    stage.strike().await;
}

#[tokio::test]
async fn without_such_an_address_the_list_is_read_again_when_the_settings_say() {
    let stage = in_step().await;
    let running = Running::start(&stage);
    let before = stage.line.asked(LIST);
    for _ in 0..6 {
        let cycles = stage.line.asked("/calendarView/delta");
        stage.passes(600).await;
        until("another cycle", async || stage.line.asked("/calendarView/delta") > cycles).await;
    }
    assert_eq!(stage.line.asked(LIST), before, "nobody asked for it");
    stage.passes(24 * 3600).await;
    until("the list is read again", async || stage.line.asked(LIST) > before).await;
    running.stop().await;
    stage.strike().await;
}
