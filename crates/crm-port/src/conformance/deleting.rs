//! Deleting, from either side.

use super::Site;
use super::asking::{Asking, add, appointment, ensure, replace, subject, task, two_reps};
use crate::{Command, Outcome, RecordState};
use tandem_model::Kind;

pub(super) async fn deletions_are_reported(site: &dyn Site) -> Result<(), String> {
    let asking = Asking::first(site).await?;
    let (record, _) = asking.add("deletions-are-reported:key", task("Deleted soon", "")).await?;
    let since = asking.anchor(Kind::Task).await?;
    site.delete(Kind::Task, &record).await;
    let page = asking.page(Kind::Task, since, None, 50).await?;
    let reported = page.changes.iter().find(|change| change.record == record);
    ensure(reported.is_some_and(|change| change.state == RecordState::Deleted), || format!("{page:?}"))?;
    let current = asking.get(Kind::Task, &record).await?;
    ensure(current.state == RecordState::Deleted, || format!("{current:?}"))?;
    let again = asking.write(add("deletions-are-reported:key", task("Deleted soon", ""))).await?;
    ensure(again.outcome == Outcome::AlreadyThere && again.record == Some(record), || {
        format!("added again under its key: {again:?}")
    })
}

pub(super) async fn is_shown_to_who_adds_it(site: &dyn Site) -> Result<(), String> {
    let [first, second] = two_reps(site).await?;
    let (one, other) = (Asking { site, rep: first }, Asking { site, rep: second });
    let (key, kind) = ("is-shown-to-who-adds-it:key", Kind::Appointment);
    let (record, _) = one.add(key, appointment("Imported by two", &one.rep, &[])?).await?;
    site.delete(kind, &record).await;
    let again = other.write(add(key, appointment("Imported by two", &other.rep, &[])?)).await?;
    ensure(again.outcome == Outcome::AlreadyThere && again.record.as_ref() == Some(&record), || {
        format!("added by another rep: {again:?}")
    })?;
    let shown = other.get(kind, &record).await?;
    ensure(shown.state == RecordState::Deleted, || format!("{shown:?}"))
}

pub(super) async fn is_soft_and_conditional(site: &dyn Site) -> Result<(), String> {
    let (asking, kind) = (Asking::first(site).await?, Kind::Task);
    let (record, stale) = asking.add("is-soft-and-conditional:key", task("Before", "")).await?;
    site.edit(kind, &record, "Edited").await;
    let delete = |if_stamp| Command::Delete { record: record.clone(), kind, if_stamp };
    let status = asking.write(delete(Some(stale))).await?;
    ensure(status.outcome == Outcome::Conflict, || format!("with a stale stamp: {status:?}"))?;
    let stamp = asking.get(kind, &record).await?.stamp;
    let status = asking.write(delete(Some(stamp))).await?;
    if status.outcome == Outcome::NotDeleted {
        let item = asking.item(kind, &record).await?;
        return ensure(subject(&item) == "Edited", || format!("not deleted, but {item:?}"));
    }
    ensure(status.outcome == Outcome::Done, || format!("{status:?}"))?;
    let deleted = asking.get(kind, &record).await?;
    ensure(deleted.state == RecordState::Deleted, || format!("{deleted:?}"))?;
    let back = replace(&record, task("Back", ""), &["subject"], Some(deleted.stamp));
    let status = asking.write(back).await?;
    ensure(status.outcome == Outcome::Done, || format!("restored: {status:?}"))?;
    let item = asking.item(kind, &record).await?;
    ensure(subject(&item) == "Back", || format!("{item:?}"))
}
