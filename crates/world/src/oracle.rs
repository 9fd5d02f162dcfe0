//! What has to hold when everything is at rest. The truth is asked of the two sides, and of what the audience saw people
//! do; of the connector's store only what it exists to tell people: states with their reasons, and the journal.

mod agreement;
mod mails;

use crate::acts::{Cast, Party};
use crate::ends::{Ends, Shelves};
use crate::hands::{PLACE, address};
use crate::items::{Item, Side, Sort, carries, in_crm, state_in_crm, state_in_outlook};
use crate::stage::{PEOPLE, Stage};
use crate::tables::Within;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::Value;
use std::sync::PoisonError;
use tandem_audit::{MailboxDump, Sight};
use tandem_model::Kind as Kept;
use tandem_store::State;

/// Examines the end of a history and writes down what does not hold.
pub async fn examine(stage: &Stage, cast: &mut Cast) {
    let sight = match sight(stage).await {
        Ok(sight) => sight,
        Err(error) => return stage.sides.book.wrong(format!("audit: {error}")),
    };
    let shelves = Shelves::of(&sight);
    agreement::examine(stage, cast, &sight, &shelves).await;
    states(stage).await;
    for item in &cast.items {
        let ends = shelves.ends(item);
        doubles(stage, item, &ends);
        edits(stage, item, &ends).await;
        guests(stage, item, &ends).await;
        secrets(stage, item, &ends);
    }
    let contests = std::mem::take(&mut *stage.sides.contests.lock().unwrap_or_else(PoisonError::into_inner));
    for contest in contests {
        contest.judge(&cast.items, &stage.sides.book);
    }
    mails::examine(stage, cast, &shelves).await;
}

/// Both sides as they are now.
async fn sight(stage: &Stage) -> Result<Sight, String> {
    let mut dumps = Vec::new();
    for who in 0..PEOPLE.len() {
        let dump = MailboxDump::read(stage.hands.dump(who)).map_err(|error| error.to_string())?;
        dumps.push((owner_address(stage, who), dump));
    }
    Sight::of(dumps, &Within(stage.sides.crm())).await.map_err(|error| error.to_string())
}

/// Whether nothing that is done to it in the CRM may reach Outlook, for it would mail somebody outside, or about a
/// meeting that is over.
fn is_protected(stage: &Stage, item: &Item) -> bool {
    // To a clock that is ahead a meeting is over.
    let past = item.meeting && stage.sides.book.has_reached("clock-jumps-ahead");
    past || (item.outsiders && !stage.settings.notifications.external)
}

fn owner_address(stage: &Stage, who: usize) -> String {
    stage.hands.owner(who).unwrap_or_else(|| address(who))
}

/// Every item is in a state that says why.
async fn states(stage: &Stage) {
    let Ok(mailboxes) = stage.store.mailboxes().await else { return };
    for mailbox in mailboxes {
        for kind in [Kept::Mail, Kept::Appointment, Kept::Task, Kept::Contact, Kept::Absence] {
            let links = stage.store.links(&mailbox.seed.id, kind, None, 1000).await.unwrap_or_default();
            for link in links.into_iter().map(|linked| linked.link) {
                let open = matches!(link.state, State::Failed | State::Waiting);
                let says = matches!(link.state, State::Linked | State::Deleted) || !link.reason.is_empty();
                if open || !says {
                    stage.sides.book.wrong(format!(
                        "state: {kind} {:?} is {:?} ({}: {}) at rest",
                        link.graph, link.state, link.reason, link.detail
                    ));
                }
            }
        }
    }
}

/// One record for each item, one copy in each mailbox, and no copy in a mailbox that it does not concern.
fn doubles(stage: &Stage, item: &Item, ends: &Ends<'_>) {
    let book = &stage.sides.book;
    if ends.records.len() > 1 {
        book.wrong(format!("double: {} has {} records", item.name, ends.records.len()));
    }
    for who in 0..PEOPLE.len() {
        let count = ends.copies.iter().filter(|(owner, _)| *owner == who).count();
        if count > 1 {
            book.wrong(format!("double: {} is {count} times in mailbox {who}", item.name));
        }
        if count > 0 && who != item.owner && !item.guests.contains(&who) {
            book.wrong(format!("isolation: {} is in mailbox {who}", item.name));
        }
    }
}

/// No value is lost: it is there, or somebody saw it go, or the journal keeps it.
async fn edits(stage: &Stage, item: &Item, ends: &Ends<'_>) {
    let book = &stage.sides.book;
    let gone = ends.records.is_empty() && ends.of_owner(item).is_none();
    if item.sort == Sort::Mail || item.sort == Sort::Absence || is_hidden(stage, item) {
        return;
    }
    let texts: Vec<String> = ends
        .of_owner(item)
        .map(Value::to_string)
        .into_iter()
        .chain(ends.records.iter().chain(&ends.deleted).map(|record| in_crm(record)))
        .collect();
    let mut journal: Option<String> = None;
    for write in item.writes.iter().filter(|write| !write.seen) {
        if !texts.is_empty() && texts.iter().any(|text| carries(text, &write.mark)) {
            continue;
        }
        if gone && item.deleted.is_none() {
            book.wrong(format!("lost: {} vanished though nobody deleted it", item.name));
            return;
        }
        if (gone && item.deleted == Some(write.side)) || item.gives_way(write, book.unheard()) {
            continue;
        }
        let story = match &mut journal {
            Some(story) => story,
            None => journal.insert(story(stage, item, ends).await),
        };
        if !carries(story, &write.mark) {
            book.wrong(format!(
                "lost: {} {} {} of {:?} is nowhere",
                item.name, write.field, write.mark, write.side
            ));
        } else {
            book.reach("loser-in-journal");
        }
    }
    moves(stage, item, ends, gone).await;
    // A person who is taken out of an address book stays in the CRM.
    if let Some(side) = item.deleted
        && item.sort != Sort::Person
        && !gone
        && item.writes.iter().all(|write| write.seen)
        // A value that is entered there once more, and is shown here all the time, is an edit that nobody saw here.
        && !item.writes.iter().any(|write| write.again && write.side != side)
        && !(book.unheard()
            // What was changed here, and brought over unheard, looks like an edit there.
            && (item.writes.len() > item.sort.fields().len()
                || item.writes.iter().any(|write| write.side != side)
                || item.turns.iter().any(|turn| turn.side != side)))
        && item.turns.iter().all(|turn| turn.seen)
        && !(side == Side::Crm && (is_protected(stage, item) || ends.only_in_outlook()))
        && !held(stage, ends).await
    {
        book.wrong(format!("undead: {} was deleted in {side:?} and is there", item.name));
    }
}

/// Whoever was invited takes part, and whoever was taken off does not, unless the journal says why he is not told. Of whom
/// several people decided, the last decision is not known to all.
async fn guests(stage: &Stage, item: &Item, ends: &Ends<'_>) {
    let Some(copy) = ends.of_owner(item).filter(|_| !is_hidden(stage, item)) else { return };
    for (party, side, joins) in &item.moves_of_guests {
        let decisions = item.moves_of_guests.iter().filter(|(other, ..)| other == party).count();
        // Whoever deletes it there, deletes what was decided there.
        if decisions > 1 || item.deleted == Some(*side) {
            continue;
        }
        let known = match party {
            Party::Rep(who) => owner_address(stage, *who),
            Party::Outsider(_) => party.address(),
        };
        let takes_part = copy["attendees"].as_array().into_iter().flatten().any(|attendee| {
            let at = attendee["emailAddress"]["address"].as_str().unwrap_or_default();
            at.eq_ignore_ascii_case(&known) || at.eq_ignore_ascii_case(&party.address())
        });
        if takes_part == *joins || is_protected(stage, item) {
            continue;
        }
        let story = story(stage, item, ends).await;
        if !["silent", "not-mailed", "claimed", "takes-over", "adopted", "restored", "overwrote"]
            .iter()
            .any(|code| carries(&story, code))
        {
            let what = if *joins { "joined" } else { "left" };
            stage.sides.book.wrong(format!(
                "guests: {} {what} {}, which is nowhere",
                party.address(),
                item.name
            ));
        }
    }
}

/// Nor is a time: an appointment takes place when somebody said, or the journal keeps when it was to.
async fn moves(stage: &Stage, item: &Item, ends: &Ends<'_>, gone: bool) {
    let outlook = ends.of_owner(item).map(state_in_outlook);
    let crm = ends.records.iter().chain(&ends.deleted).map(|record| state_in_crm(record));
    let states: Vec<String> = outlook.into_iter().chain(crm).collect();
    for turn in item.turns.iter().filter(|turn| !turn.seen) {
        let Some((shows, moment)) = turn.shows.as_ref().and_then(|shows| Some((shows, moment(shows)?)))
        else {
            continue;
        };
        if states.contains(shows) || (gone && item.deleted == Some(turn.side)) {
            continue;
        }
        if !story(stage, item, ends).await.contains(&moment.to_string()) {
            stage.sides.book.wrong(format!(
                "lost: {} was moved to {shows} in {:?}, which is nowhere",
                item.name, turn.side
            ));
        } else {
            stage.sides.book.reach("time-in-journal");
        }
    }
}

/// The moment that a day and a time of day in the company's zone are; none where they are no such.
fn moment(shows: &str) -> Option<Timestamp> {
    let local: DateTime = shows.parse().ok()?;
    TimeZone::get(PLACE).ok()?.to_timestamp(local).ok()
}

/// Whether the mass-deletion guard keeps it.
async fn held(stage: &Stage, ends: &Ends<'_>) -> bool {
    for record in &ends.records {
        let links = stage.store.find(&record.name()).await.unwrap_or_default();
        if links.iter().any(|linked| linked.link.state == State::Held) {
            return true;
        }
    }
    false
}

/// All that the journal says about an item.
async fn story(stage: &Stage, item: &Item, ends: &Ends<'_>) -> String {
    let mut all = String::new();
    let records = ends.records.iter().chain(&ends.deleted).map(|record| record.name());
    let ids = ends.of_owner(item).and_then(|copy| copy["id"].as_str().map(str::to_owned));
    for name in records.chain(ids).chain(item.id.clone()) {
        for line in stage.store.story(&name).await.unwrap_or_default() {
            let entry = &line.entry;
            all.push_str(&format!("{} {} {}\n", entry.code, entry.text, entry.facts));
        }
    }
    all
}

/// Whether its owner keeps it to himself, and the rules leave such appointments out.
fn is_hidden(stage: &Stage, item: &Item) -> bool {
    item.private_from.is_some() && !stage.settings.appointments.private
}

/// Of what is private and left out, the CRM knows nothing; of what became private, nothing of what was entered since.
fn secrets(stage: &Stage, item: &Item, ends: &Ends<'_>) {
    let Some(from) = item.private_from.filter(|_| is_hidden(stage, item) && item.made == Side::M365) else {
        return;
    };
    let known: Vec<String> = ends.records.iter().chain(&ends.deleted).map(|record| in_crm(record)).collect();
    if from == 0 && !known.is_empty() {
        stage.sides.book.wrong(format!("secret: {} is private and in the CRM", item.name));
    }
    for write in item.writes.iter().skip(from).filter(|write| write.side == Side::M365 && !write.again) {
        if known.iter().any(|text| carries(text, &write.mark)) {
            let Item { name, .. } = item;
            stage.sides.book.wrong(format!("secret: {name} {} is private and in the CRM", write.mark));
        }
    }
}
