//! Adding, and keys.

use super::Site;
use super::asking::{Asking, add, appointment, ensure, replace, subject, task};
use crate::{Answer, Command, CurrentRecord, Outcome};
use std::collections::BTreeMap;
use tandem_model::Kind;

pub(super) async fn answers_in_order(site: &dyn Site) -> Result<(), String> {
    let asking = Asking::first(site).await?;
    let (missing, kind) = (site.missing(), Kind::Task);
    let answers = asking
        .ask(vec![
            replace(&missing, task("Nowhere", ""), &["subject"], None),
            add("answers-in-order:first", task("First", "")),
            Command::Get { record: missing, kind },
            add("answers-in-order:second", task("Second", "")),
        ])
        .await?;
    let outcome = |answer: &Answer| match answer {
        Answer::Status(status) => Some(status.outcome),
        _ => None,
    };
    let outcomes: Vec<_> = answers.iter().map(outcome).collect();
    let unknown = matches!(answers.get(2), Some(Answer::Record(CurrentRecord::Unknown)))
        || outcomes.get(2) == Some(&Some(Outcome::NotFound));
    let others =
        [outcomes.first(), outcomes.get(1), outcomes.get(3)].map(|outcome| outcome.copied().flatten());
    let expected = [Outcome::NotFound, Outcome::Added, Outcome::Added].map(Some);
    ensure(unknown && others == expected, || format!("{answers:?}"))
}

pub(super) async fn twice_is_once(site: &dyn Site) -> Result<(), String> {
    let asking = Asking::first(site).await?;
    let (record, stamp) = asking.add("twice-is-once:key", task("As it was", "")).await?;
    let again = asking.write(add("twice-is-once:key", task("Something else", ""))).await?;
    ensure(again.outcome == Outcome::AlreadyThere && again.record.as_ref() == Some(&record), || {
        format!("{record} under the same key: {again:?}")
    })?;
    let now = asking.get(Kind::Task, &record).await?;
    ensure(now.stamp == stamp, || format!("the stamp went from {stamp} to {}", now.stamp))?;
    let item = asking.item(Kind::Task, &record).await?;
    ensure(subject(&item) == "As it was", || format!("{item:?}"))
}

pub(super) async fn keys_belong_to_a_kind(site: &dyn Site) -> Result<(), String> {
    let asking = Asking::first(site).await?;
    let (first, _) = asking.add("keys-belong-to-a-kind:same", task("A task", "")).await?;
    let (second, _) =
        asking.add("keys-belong-to-a-kind:same", appointment("An appointment", &asking.rep, &[])?).await?;
    ensure(first != second, || format!("both are {first}"))
}

pub(super) async fn mapped_keys_are_known(site: &dyn Site) -> Result<(), String> {
    let asking = Asking::first(site).await?;
    let (record, _) = asking.add("mapped-keys-are-known:old", task("Named twice", "")).await?;
    let map = Command::Map {
        record: record.clone(),
        kind: Kind::Task,
        key: "mapped-keys-are-known:new".to_owned(),
    };
    for _ in 0..2 {
        let status = asking.write(map.clone()).await?;
        ensure(status.outcome.is_success(), || format!("Map: {status:?}"))?;
    }
    let again = asking.write(add("mapped-keys-are-known:new", task("Named twice", ""))).await?;
    ensure(again.outcome == Outcome::AlreadyThere && again.record == Some(record), || format!("{again:?}"))
}

pub(super) async fn records_are_found(site: &dyn Site) -> Result<(), String> {
    let asking = Asking::first(site).await?;
    let key = |name: &str| format!("records-are-found:{name}");
    let (added, _) = asking.add(&key("added"), task("Added", "")).await?;
    let (mapped, _) = asking.add(&key("old"), task("Named twice", "")).await?;
    let map = Command::Map { record: mapped.clone(), kind: Kind::Task, key: key("new") };
    asking.write(map).await?;
    let (deleted, _) = asking.add(&key("deleted"), task("Deleted", "")).await?;
    site.delete(Kind::Task, &deleted).await;
    let keys = ["added", "new", "deleted", "unknown"].map(key);
    let find = async |kind| site.port().records_by_key(kind, &keys).await.map_err(|error| error.to_string());
    let found = find(Kind::Task).await?;
    let expected = [(key("added"), added), (key("new"), mapped), (key("deleted"), deleted)];
    ensure(found == BTreeMap::from(expected), || format!("{found:?}"))?;
    let others = find(Kind::Appointment).await?;
    ensure(others.is_empty(), || format!("keys of tasks are known as keys of appointments: {others:?}"))
}
