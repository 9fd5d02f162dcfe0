//! Replacing, and its precondition.

use super::Site;
use super::asking::{Asking, appointment, ensure, replace, subject, task};
use crate::{Command, Outcome};
use tandem_model::{Item, Kind, Person, Response, Stamp};

pub(super) async fn only_listed_fields(site: &dyn Site) -> Result<(), String> {
    let asking = Asking::first(site).await?;
    let (record, stamp) = asking.add("only-listed-fields:key", task("Before", "The text")).await?;
    let after = replace(&record, task("After", "Another text"), &["subject"], Some(stamp));
    let status = asking.write(after).await?;
    ensure(status.outcome == Outcome::Done, || format!("{status:?}"))?;
    match asking.item(Kind::Task, &record).await? {
        Item::Task(task) if task.subject == "After" && task.text.trim() == "The text" => Ok(()),
        other => Err(format!("{other:?}")),
    }
}

pub(super) async fn twice_is_harmless(site: &dyn Site) -> Result<(), String> {
    let asking = Asking::first(site).await?;
    let (record, stamp) = asking.add("twice-is-harmless:key", task("Before", "")).await?;
    let command = replace(&record, task("After", ""), &["subject"], Some(stamp));
    let first = asking.write(command.clone()).await?;
    let second = asking.write(command).await?;
    let settled = matches!(second.outcome, Outcome::Done | Outcome::Conflict);
    ensure(first.outcome == Outcome::Done && settled, || format!("{first:?}, then {second:?}"))?;
    let item = asking.item(Kind::Task, &record).await?;
    ensure(subject(&item) == "After", || format!("{item:?}"))
}

pub(super) async fn stale_stamps_change_nothing(site: &dyn Site) -> Result<(), String> {
    let asking = Asking::first(site).await?;
    let (record, stamp) = asking.add("stale-stamps-change-nothing:key", task("Ours", "")).await?;
    site.edit(Kind::Task, &record, "The user's").await;
    let status = asking.write(replace(&record, task("Ours again", ""), &["subject"], Some(stamp))).await?;
    ensure(status.outcome == Outcome::Conflict, || format!("{status:?}"))?;
    let item = asking.item(Kind::Task, &record).await?;
    ensure(subject(&item) == "The user's", || format!("{item:?}"))?;
    let current = asking.get(Kind::Task, &record).await?.stamp;
    let status = asking.write(replace(&record, task("Ours again", ""), &["subject"], Some(current))).await?;
    ensure(status.outcome == Outcome::Done, || format!("with the stamp that was read: {status:?}"))
}

pub(super) async fn answers_are_noted(site: &dyn Site) -> Result<(), String> {
    let asking = Asking::first(site).await?;
    let guest = Person { name: "A guest".to_owned(), address: site.person() };
    let meeting = appointment("Meeting", &asking.rep, std::slice::from_ref(&guest))?;
    let (record, _) = asking.add("answers-are-noted:key", meeting).await?;
    let (address, response) = (guest.address.clone(), Response::Accepted);
    let status = asking.write(Command::Participation { record: record.clone(), address, response }).await?;
    ensure(status.outcome == Outcome::Done, || format!("{status:?}"))?;
    match asking.item(Kind::Appointment, &record).await? {
        Item::Appointment(now)
            if now.subject == "Meeting" && now.responses.get(&guest.address) == Some(&Response::Accepted) =>
        {
            Ok(())
        }
        other => Err(format!("{other:?}")),
    }
}

pub(super) async fn stamps_grow(site: &dyn Site) -> Result<(), String> {
    let asking = Asking::first(site).await?;
    let (first, one) = asking.add("stamps-grow:first", task("First", "")).await?;
    let (second, two) = asking.add("stamps-grow:second", task("Second", "")).await?;
    let status = asking.write(replace(&first, task("Changed", ""), &["subject"], Some(one))).await?;
    let three = status.stamp.unwrap_or_default();
    site.edit(Kind::Task, &second, "Edited").await;
    let four = asking.get(Kind::Task, &second).await?.stamp;
    let stamps = [Stamp(0), one, two, three, four];
    ensure(stamps.is_sorted_by(|a, b| a < b), || format!("{stamps:?}"))
}
