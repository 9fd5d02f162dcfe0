//! Months of an older connector, a migration, and the engine's cycles: nothing doubled, nothing lost, nobody mailed.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may stop at the first surprise")]

use crate::older::{Older, Truth, own, series};
use crate::stage::Stage;
use std::collections::BTreeMap;
use tandem_engine::migrate::{Candidate, Doubted, MigrationPlan};
use tandem_model::Kind;
use tandem_store::State;

/// What there is on both sides.
#[derive(Debug, PartialEq, Eq)]
struct Counts {
    activities: usize,
    tasks: usize,
    persons: usize,
    absences: usize,
    events: [usize; 2],
    todos: [usize; 2],
    contacts: [usize; 2],
}

async fn counts(stage: &Stage) -> Counts {
    // What departs from a series is a part of it.
    let whole = stage.records("Contact").await.into_iter().filter(|record| !record.is("IsSerialContact"));
    Counts {
        activities: whole.count(),
        tasks: stage.records("Task").await.len(),
        persons: stage.records("Person").await.len(),
        absences: stage.records("Absence").await.len(),
        events: [stage.events("ann").await.len(), stage.events("ben").await.len()],
        todos: [stage.todos("ann").await.len(), stage.todos("ben").await.len()],
        contacts: [stage.contacts("ann").await.len(), stage.contacts("ben").await.len()],
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
            let free = |record: &&Candidate| !pairs.values().any(|taken| *taken == record.name);
            let good = records.iter().find_map(|id| doubt.record.iter().find(|record| record.id == *id));
            let good = good.filter(free);
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
    // Some days of the running connector.
    for _ in 0..3 {
        stage.settle().await;
        stage.later(24 * 60 * 60);
    }

    // What had no other half got one, and nothing else was made.
    let after = counts(&stage).await;
    let news = |before: usize, after: usize| after - before;
    let in_crm = news(before.activities, after.activities) + news(before.tasks, after.tasks);
    assert_eq!(in_crm, truth.missed, "seed {seed}: records for what the older connector missed, no more");
    let in_mailboxes = news(before.events[0], after.events[0]) + news(before.events[1], after.events[1]);
    assert_eq!(in_mailboxes, truth.crm_only, "seed {seed}: events for what only the CRM had, no more");
    assert_eq!(
        (before.todos, before.persons, before.absences),
        (after.todos, after.persons, after.absences),
        "seed {seed}"
    );
    let contacts = [news(before.contacts[0], after.contacts[0]), news(before.contacts[1], after.contacts[1])];
    assert_eq!(
        contacts,
        [truth.contacts_missed + 1, 0],
        "seed {seed}: Karl, whom nobody brought, and the missed"
    );
    assert_eq!(stage.mails_sent().await, mails, "seed {seed}: nobody is mailed");
    let again = plan(&stage).await;
    assert!(again.is_empty(), "seed {seed}: a plan after the first cycles finds {again:#?}");
    every_good_record_is_linked(&stage, &truth, seed).await;
    every_series_is_whole(&stage, &truth, seed).await;
    what_is_left_is_merged(&stage, mails, seed).await;
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

/// A series is one record with its rule and what departs from it, whatever the older connector had made of it.
async fn every_series_is_whole(stage: &Stage, truth: &Truth, seed: u64) {
    let activities = stage.records("Contact").await;
    for ((who, subject), records) in
        truth.records.iter().filter(|((_, subject), _)| subject.starts_with("Daily"))
    {
        let mut whole = 0;
        for record in activities.iter().filter(|record| records.contains(&record.name())) {
            let found = tandem_store::Store::find(&*stage.store, &record.name()).await.unwrap();
            if !found.iter().any(|linked| linked.link.state == State::Linked) {
                continue;
            }
            let (rule, exceptions) = series::told(stage, record).await;
            assert!(rule.contains("COUNT=4"), "seed {seed}: {subject} of {who}: {record:?}");
            assert_eq!(exceptions, 1, "seed {seed}: {subject} of {who}");
            whole += 1;
        }
        assert_eq!(whole, 1, "seed {seed}: {subject} of {who}");
    }
}

/// What the older connector had made twice is found and merged; then each thing is there once, and nobody was mailed.
async fn what_is_left_is_merged(stage: &Stage, mails: usize, seed: u64) {
    let duplicates = stage.connector.find_duplicates(&stage.roster).await.unwrap();
    let in_mailbox = duplicates.iter().filter(|duplicate| duplicate.is_in_mailbox());
    let mut kinds: Vec<Kind> = in_mailbox.map(|duplicate| duplicate.kind).collect();
    kinds.sort();
    let twice = [Kind::Contact, Kind::Contact, Kind::Absence, Kind::Absence];
    assert_eq!(kinds, twice, "seed {seed}: {duplicates:#?}");
    for duplicate in duplicates.iter().filter(|duplicate| duplicate.by_hand.is_none()) {
        stage.connector.merge_duplicate(&stage.roster, &duplicate.id).await.unwrap();
    }
    stage.settle().await;
    let left = stage.connector.find_duplicates(&stage.roster).await.unwrap();
    assert!(left.iter().all(|duplicate| duplicate.by_hand.is_some()), "seed {seed}: {left:#?}");
    let names = own::names(stage, "ann").await;
    let mut once = names.clone();
    once.dedup();
    assert_eq!((once.len(), &once), (2 * own::OWN_FLAWS.len() + 1, &names), "seed {seed}: each, and Karl");
    assert_eq!(stage.mails_sent().await, mails, "seed {seed}: nobody is mailed");
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
