//! Months of an older connector, a migration, and the engine's cycles: nothing doubled, nothing lost, nobody mailed.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may stop at the first surprise")]

mod older;
mod stage;

use older::{Older, Truth};
use stage::Stage;
use std::collections::BTreeMap;
use tandem_engine::migrate::{Doubted, MigrationPlan};
use tandem_store::State;

/// What there is on both sides.
#[derive(Debug, PartialEq, Eq)]
struct Counts {
    activities: usize,
    tasks: usize,
    events: [usize; 2],
    todos: [usize; 2],
}

async fn counts(stage: &Stage) -> Counts {
    Counts {
        activities: stage.records("Contact").await.len(),
        tasks: stage.records("Task").await.len(),
        events: [stage.events("ann").await.len(), stage.events("ben").await.len()],
        todos: [stage.todos("ann").await.len(), stage.todos("ben").await.len()],
    }
}

async fn plan(stage: &Stage) -> MigrationPlan {
    stage.connector.plan_migration(&stage.roster, &stage.roster.mailboxes).await.unwrap()
}

/// A person who knows what the older connector did decides.
fn decide(truth: &Truth, doubt: &mut Doubted) {
    if !doubt.decision.is_empty() {
        return;
    }
    let who = doubt.mailbox.as_str().split('@').next().unwrap().to_owned();
    let mut pairs: BTreeMap<&str, &str> = BTreeMap::new();
    for copy in &doubt.copy {
        let named = truth.records.iter().filter(|((mailbox, _), _)| *mailbox == who);
        for (_, records) in
            named.filter(|((_, subject), _)| copy.says.split(" | ").next() == Some(&*subject.to_lowercase()))
        {
            let good = records.iter().find_map(|id| doubt.record.iter().find(|record| record.id == *id));
            good.map(|record| pairs.entry(&copy.name).or_insert(&record.name));
        }
    }
    let pairs: Vec<String> = pairs.iter().map(|(copy, record)| format!("{record}={copy}")).collect();
    doubt.decision = if pairs.is_empty() { "leave".to_owned() } else { pairs.join(", ") };
}

async fn migrated(seed: u64) {
    let stage = Stage::set().await;
    let mut older = Older::new(&stage, seed);
    older.ran_for_months().await;
    let truth = std::mem::take(&mut older.truth);
    let (before, mails) = (counts(&stage).await, stage.mails_sent().await);

    let mut made = plan(&stage).await;
    assert_eq!(counts(&stage).await, before, "seed {seed}: a plan changes nothing");
    for doubt in &mut made.doubt {
        decide(&truth, doubt);
    }
    let applied = stage.connector.apply_migration(&stage.roster, &made).await.unwrap();
    assert_eq!((applied.refused.as_slice(), applied.kept_back), (&[][..], 0), "seed {seed}: {made:#?}");
    let again = plan(&stage).await;
    assert!(again.is_empty(), "seed {seed}: a second plan finds {again:#?}");
    stage.settle().await;

    // What had no other half got one, and nothing else was made.
    let after = counts(&stage).await;
    let news = |before: usize, after: usize| after - before;
    let in_crm = news(before.activities, after.activities) + news(before.tasks, after.tasks);
    assert_eq!(in_crm, truth.missed, "seed {seed}: records for what the older connector missed, no more");
    let in_mailboxes = news(before.events[0], after.events[0]) + news(before.events[1], after.events[1]);
    assert_eq!(in_mailboxes, truth.crm_only, "seed {seed}: events for what only the CRM had, no more");
    assert_eq!(before.todos, after.todos, "seed {seed}");
    assert_eq!(stage.mails_sent().await, mails, "seed {seed}: nobody is mailed");
    let again = plan(&stage).await;
    assert!(again.is_empty(), "seed {seed}: a plan after the first cycles finds {again:#?}");
    every_good_record_is_linked(&stage, &truth, seed).await;
    stage.strike().await;
}

/// The record that belongs to an item is in step with it, and says what the item says.
async fn every_good_record_is_linked(stage: &Stage, truth: &Truth, seed: u64) {
    for ((who, subject), records) in &truth.records {
        let mut in_step = 0;
        for record in records {
            let found = tandem_store::Store::find(&*stage.store, record).await.unwrap();
            in_step += found.iter().filter(|linked| linked.link.state == State::Linked).count();
        }
        let doubled = subject.starts_with("Round") && who == "ben";
        // A colleague's copy belongs to the organiser's record; his own is the duplicate that was left.
        assert_eq!(in_step > 0, !doubled, "seed {seed}: {subject} of {who}, records {records:?}");
    }
    let cut = "Bring the numbers of";
    for activity in
        stage.records("Contact").await.iter().filter(|record| record.get("Subject").starts_with("Visit"))
    {
        assert_ne!(activity.get("Text").trim(), cut, "seed {seed}: a text stays cut");
    }
}

#[tokio::test]
async fn months_of_an_older_connector_are_taken_over() {
    migrated(1).await;
}

#[tokio::test]
async fn whatever_it_did_nothing_is_doubled_and_nothing_is_lost() {
    let worlds = std::env::var("TANDEM_OLDER_WORLDS").map_or(2, |text| text.parse().unwrap());
    for seed in 2..2 + worlds {
        migrated(seed).await;
    }
}

/// What this is all about: without a migration the same months come a second time.
#[tokio::test]
async fn without_a_migration_everything_comes_twice() {
    let stage = Stage::set().await;
    let mut older = Older::new(&stage, 1);
    older.ran_for_months().await;
    let before = counts(&stage).await;
    stage.settle().await;
    let after = counts(&stage).await;
    assert!(after.tasks > before.tasks + older.truth.missed, "{before:?} {after:?}");
    assert!(
        after.events.iter().sum::<usize>() > before.events.iter().sum::<usize>() + 10,
        "{before:?} {after:?}"
    );
    stage.strike().await;
}
