//! What has to hold when everything is at rest. The truth is asked of the two sides, and of what the audience saw people
//! do; of the connector's store only what it exists to tell people: states with their reasons, and the journal.

use crate::acts::Cast;
use crate::ends::{Ends, Shelves};
use crate::hands::{PLACE, address};
use crate::items::{Item, Side, Sort, carries, in_crm, state_in_crm, state_in_outlook};
use crate::stage::{PEOPLE, Stage};
use crate::tables::Within;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::PoisonError;
use tandem_audit::{Audit, Kind, MailboxDump, Report, Scope, ScopedMailbox, Sight};
use tandem_model::Kind as Kept;
use tandem_outside::Clock;
use tandem_store::State;

/// Mails about occurrences follow that about their series within this time.
const ALONG: SignedDuration = SignedDuration::from_secs(30);

/// Examines the end of a history and writes down what does not hold.
pub async fn examine(stage: &Stage, cast: &mut Cast) {
    let sight = match sight(stage).await {
        Ok(sight) => sight,
        Err(error) => return stage.sides.book.wrong(format!("audit: {error}")),
    };
    let shelves = Shelves::of(&sight);
    audit(stage, cast, &sight, &shelves).await;
    states(stage).await;
    for item in &cast.items {
        let ends = shelves.ends(item);
        doubles(stage, item, &ends);
        edits(stage, item, &ends).await;
        secrets(stage, item, &ends);
    }
    let contests = std::mem::take(&mut *stage.sides.contests.lock().unwrap_or_else(PoisonError::into_inner));
    for contest in contests {
        contest.judge(&cast.items, &stage.sides.book);
    }
    mails(stage, cast, &shelves).await;
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

/// Both sides agree on everything that travels, field by field, and nothing is there twice.
async fn audit(stage: &Stage, cast: &Cast, sight: &Sight, shelves: &Shelves<'_>) {
    let mailbox = |(index, _): (usize, &&str)| ScopedMailbox {
        address: owner_address(stage, index),
        rep: (index + 1).to_string(),
        kinds: [Kind::Mail, Kind::Appointment, Kind::Task, Kind::Contact].into(),
    };
    let settings = &stage.settings;
    let mut scope = Scope::new(stage.sides.time.now(), PEOPLE.iter().enumerate().map(mailbox).collect());
    scope.appointment_past_days = settings.appointments.past_days.into();
    scope.appointment_future_days = settings.appointments.future_days.into();
    scope.task_past_days = settings.tasks.past_days.into();
    scope.task_future_days = settings.tasks.future_days.into();
    scope.private = settings.appointments.private;
    let report = allowed(Audit::judge(sight, &scope), stage, cast, shelves).await;
    if !report.is_clean() {
        stage.sides.book.line(|| report.to_string());
        for line in report.to_string().lines().filter(|line| !line.starts_with("    ")) {
            stage.sides.book.wrong(format!("audit: {line}"));
        }
    }
}

/// The report without what the rules intend: texts and attendees that the notification rules keep from being sent, and
/// persons whom their rep took out of his address book.
async fn allowed(mut report: Report, stage: &Stage, cast: &Cast, shelves: &Shelves<'_>) -> Report {
    let of = |title: &str| cast.items.iter().find(|item| title.split(' ').any(|word| word == item.name));
    if let Some(appointments) = report.kinds.get_mut(&Kind::Appointment) {
        for difference in &mut appointments.different {
            let Some(item) = of(&difference.title) else { continue };
            let story = story(stage, item, &shelves.ends(item)).await;
            // Whom the rules keep from being invited, the journal says so of.
            let uninvited = ["silent", "not-mailed"].iter().any(|code| carries(&story, code));
            let silent = |field: &str| {
                field == "text" || (field == "attendees" && uninvited) || is_kept_after_crash(&story, field)
            };
            difference
                .fields
                .retain(|field, _| !(is_protected(stage, item) || (item.meeting && silent(field))));
        }
        appointments.different.retain(|difference| !difference.fields.is_empty());
    }
    if let Some(appointments) = report.kinds.get_mut(&Kind::Appointment) {
        // What would call a meeting off before outsiders stays in Outlook.
        let kept = |item: &Item| {
            let ends = shelves.ends(item);
            item.deleted == Some(Side::Crm) && (is_protected(stage, item) || ends.only_in_outlook())
        };
        appointments.m365_only.retain(|one| !of(&one.title).is_some_and(kept));
    }
    if let Some(contacts) = report.kinds.get_mut(&Kind::Contact) {
        contacts.crm_only.retain(|one| of(&one.title).is_none_or(|item| item.deleted != Some(Side::M365)));
    }
    report
}

/// Whether the journal says that a field is not written to Outlook, and that the record was found after a crash. What was
/// changed in the CRM while a first reading was interrupted mails nobody: its key may be one that an older connector noted,
/// and its values nobody's edit of today.
fn is_kept_after_crash(story: &str, field: &str) -> bool {
    let kept = story.split("\"not-mailed\":{\"fields\":[").skip(1);
    let names =
        |rest: &str| rest.split(']').next().is_some_and(|fields| fields.contains(&format!("\"{field}\"")));
    carries(story, "found-after-crash") && kept.into_iter().any(names)
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
    let hidden = item.private && !stage.settings.appointments.private;
    if item.sort == Sort::Mail || item.sort == Sort::Absence || hidden {
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

/// Of what is private and left out, the CRM knows nothing.
fn secrets(stage: &Stage, item: &Item, ends: &Ends<'_>) {
    if item.private && !stage.settings.appointments.private && item.made == Side::M365 {
        let known = ends.records.len() + ends.deleted.len();
        if known > 0 {
            stage.sides.book.wrong(format!("secret: {} is private and in the CRM", item.name));
        }
    }
}

/// Every mail about a meeting was sent by its people in Outlook, or follows a change that they made in the CRM.
async fn mails(stage: &Stage, cast: &mut Cast, shelves: &Shelves<'_>) {
    let own = cast.own_mails.clone();
    // One change of a series is told in several mails, one after the other: of the series, and of each occurrence that
    // departs from it.
    let mut told: BTreeMap<(String, String), Timestamp> = BTreeMap::new();
    for (number, mail) in stage.hands.mails(0).iter().enumerate() {
        if own.contains(&number) {
            continue;
        }
        let subject = mail["subject"].as_str().unwrap_or_default();
        let to = mail["to"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let outside = to.filter(|at| !at.to_lowercase().ends_with(crate::stage::DOMAIN)).count();
        if outside > 0 && !stage.settings.notifications.external {
            stage
                .sides
                .book
                .wrong(format!("mail: outsiders are mailed though the rules protect them: {mail}"));
        }
        let about = cast.items.iter_mut().find(|item| {
            let mut words = subject.split(' ');
            words.any(|word| word == item.name)
        });
        let Some(item) = about else {
            stage.sides.book.wrong(format!("mail: {mail} is about nothing that anybody made"));
            continue;
        };
        let at: Timestamp = mail["at"].as_str().and_then(|at| at.parse().ok()).unwrap_or_default();
        let before = told.insert((mail["icalUid"].to_string(), mail["to"].to_string()), at);
        let along = before.is_some_and(|before| at.duration_since(before) < ALONG);
        if !along || mail["originalDate"].is_null() {
            item.told += 1;
        }
        if item.told > item.tellable
            && !(item.told == item.tellable + 1 && came_back(stage, item, shelves).await)
        {
            stage.sides.book.wrong(format!(
                "mail: {} mails about {} after {} changes in the CRM: {mail}",
                item.told, item.name, item.tellable
            ));
        }
    }
}

/// Whether it was deleted in Outlook and brought back by what the connector knows as open, for it did not hear that it was
/// through, an edit or the making of it: its people are invited once more.
async fn came_back(stage: &Stage, item: &Item, shelves: &Shelves<'_>) -> bool {
    if item.deleted != Some(Side::M365) || !stage.sides.book.unheard() {
        return false;
    }
    let story = story(stage, item, &shelves.ends(item)).await;
    carries(&story, "edit-beats-delete") || (item.made == Side::Crm && carries(&story, "new-in-crm"))
}
