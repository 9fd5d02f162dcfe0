//! Changes since an anchor.

use super::Site;
use super::asking::{Asking, add, appointment, ensure, hour, person, replace, subject, task, two_reps};
use crate::{Answer, Change, Command, Outcome, RecordState, Window};
use tandem_model::{Kind, Stamp};

fn subject_of(change: &Change) -> &str {
    match &change.state {
        RecordState::Present { item, .. } => subject(item),
        _ => "",
    }
}

pub(super) async fn edits_are_reported(site: &dyn Site) -> Result<(), String> {
    let asking = Asking::first(site).await?;
    let (record, _) = asking.add("edits-are-reported:key", task("Before", "")).await?;
    let since = asking.anchor(Kind::Task).await?;
    site.edit(Kind::Task, &record, "Once").await;
    site.edit(Kind::Task, &record, "Twice").await;
    for round in ["first", "second"] {
        let page = asking.page(Kind::Task, since, None, 50).await?;
        let [change] = page.changes.as_slice() else {
            return Err(format!("two edits of one record, asked for the {round} time: {page:?}"));
        };
        ensure(change.record == record && subject_of(change) == "Twice" && change.stamp > since, || {
            format!("{change:?}")
        })?;
        ensure(change.keys == ["edits-are-reported:key"], || format!("its keys are {:?}", change.keys))?;
        let rest = asking.page(Kind::Task, page.next, None, 50).await?;
        ensure(rest.changes.is_empty() && !rest.more, || format!("behind the last anchor: {rest:?}"))?;
    }
    Ok(())
}

pub(super) async fn own_writes_do_not_echo(site: &dyn Site) -> Result<(), String> {
    let asking = Asking::first(site).await?;
    let since = asking.anchor(Kind::Task).await?;
    let (record, stamp) = asking.add("own-writes-do-not-echo:key", task("Ours", "")).await?;
    asking.write(replace(&record, task("Still ours", ""), &["subject"], Some(stamp))).await?;
    let page = asking.page(Kind::Task, since, None, 50).await?;
    ensure(page.changes.is_empty(), || format!("{page:?}"))
}

pub(super) async fn colleagues_see_it(site: &dyn Site) -> Result<(), String> {
    let [rep, colleague] = two_reps(site).await?;
    let (asking, other) = (Asking { site, rep }, Asking { site, rep: colleague });
    let since = other.anchor(Kind::Appointment).await?;
    let meeting = appointment("Together", &asking.rep, &[person(&other.rep)])?;
    let (record, _) = asking.add("colleagues-see-it:key", meeting.clone()).await?;
    let page = other.page(Kind::Appointment, since, None, 50).await?;
    let [change] = page.changes.as_slice() else { return Err(format!("{page:?}")) };
    ensure(change.record == record && subject_of(change) == "Together", || format!("{change:?}"))?;
    let status = other.write(add("colleagues-see-it:key", meeting)).await?;
    ensure(status.outcome == Outcome::AlreadyThere && status.record == Some(record), || {
        format!("the colleague adds the same meeting: {status:?}")
    })
}

pub(super) async fn pages_are_complete(site: &dyn Site) -> Result<(), String> {
    let asking = Asking::first(site).await?;
    let mut expected = Vec::new();
    for number in 0..5 {
        expected.push(asking.add(&format!("pages-are-complete:{number}"), task("Before", "")).await?.0);
    }
    let mut since = asking.anchor(Kind::Task).await?;
    for record in &expected {
        site.edit(Kind::Task, record, "After").await;
    }
    let (mut found, mut more) = (Vec::new(), true);
    while more {
        let page = asking.page(Kind::Task, since, None, 2).await?;
        ensure(page.changes.len() <= 2, || format!("more than the limit: {page:?}"))?;
        ensure(page.next > since || !page.more, || format!("no progress from {since}: {page:?}"))?;
        let stamps: Vec<Stamp> = page.changes.iter().map(|change| change.stamp).collect();
        ensure(stamps.is_sorted(), || format!("not in the order of stamps: {stamps:?}"))?;
        found.extend(page.changes.into_iter().map(|change| change.record));
        (since, more) = (page.next, page.more);
    }
    ensure(found == expected, || format!("{found:?} instead of {expected:?}"))
}

pub(super) async fn keys_beat_windows(site: &dyn Site) -> Result<(), String> {
    let asking = Asking::first(site).await?;
    let (record, _) = asking.add("keys-beat-windows:key", appointment("Before", &asking.rep, &[])?).await?;
    let since = asking.anchor(Kind::Appointment).await?;
    site.edit(Kind::Appointment, &record, "After").await;
    let window = Window { from: hour(20)?, to: hour(21)? };
    let page = asking.page(Kind::Appointment, since, Some(window), 50).await?;
    ensure(page.changes.iter().any(|change| change.record == record), || format!("{page:?}"))
}

pub(super) async fn foreign_anchors_are_refused(site: &dyn Site) -> Result<(), String> {
    let asking = Asking::first(site).await?;
    let since = Stamp(asking.anchor(Kind::Task).await?.0 + 1_000_000);
    let command = Command::Changes { kind: Kind::Task, since, window: None, limit: 50 };
    let answers = asking.ask(vec![command]).await?;
    match answers.as_slice() {
        [Answer::Status(status)] if status.outcome == Outcome::AnchorUnknown => Ok(()),
        other => Err(format!("{other:?}")),
    }
}
