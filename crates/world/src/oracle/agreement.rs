//! Both sides say the same.

use super::{is_hidden, is_protected, owner_address, story};
use crate::acts::Cast;
use crate::ends::Shelves;
use crate::items::{Item, Side, carries};
use crate::stage::{PEOPLE, Stage};
use tandem_audit::{Audit, Kind, Report, Scope, ScopedMailbox, Sight};
use tandem_outside::Clock;

/// Both sides agree on everything that travels, field by field, and nothing is there twice.
pub(super) async fn examine(stage: &Stage, cast: &Cast, sight: &Sight, shelves: &Shelves<'_>) {
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
            // The CRM keeps what it had when it became private.
            if is_hidden(stage, item) {
                difference.fields.clear();
            }
            // Of an answer that the CRM was told unheard, or by a guest's copy, while the meeting moved, the organiser's copy
            // cannot say to which time it was given.
            let told_otherwise = stage.sides.book.unheard() || carries(&story, "adopted");
            let outdated = told_otherwise && !item.turns.is_empty();
            let silent = |field: &str| {
                field == "text"
                    || (field == "responses" && outdated)
                    || (field == "attendees" && uninvited)
                    || is_kept_after_crash(&story, field)
            };
            difference
                .fields
                .retain(|field, _| !(is_protected(stage, item) || (item.meeting && silent(field))));
        }
        appointments.different.retain(|difference| !difference.fields.is_empty());
    }
    if let Some(appointments) = report.kinds.get_mut(&Kind::Appointment) {
        appointments.crm_only.retain(|one| !of(&one.title).is_some_and(|item| is_hidden(stage, item)));
        for one in std::mem::take(&mut appointments.m365_only) {
            let stays = match of(&one.title).filter(|item| item.deleted == Some(Side::Crm)) {
                Some(item) => stays_in_outlook(stage, item, shelves).await,
                None => false,
            };
            if !stays {
                appointments.m365_only.push(one);
            }
        }
    }
    if let Some(contacts) = report.kinds.get_mut(&Kind::Contact) {
        contacts.crm_only.retain(|one| of(&one.title).is_none_or(|item| item.deleted != Some(Side::M365)));
    }
    report
}

/// Whether something that was deleted in the CRM stays in Outlook: to delete it would call it off before outsiders, or it is
/// one of two copies, which its owner took out of Deleted Items.
async fn stays_in_outlook(stage: &Stage, item: &Item, shelves: &Shelves<'_>) -> bool {
    let ends = shelves.ends(item);
    is_protected(stage, item)
        || ends.only_in_outlook()
        || (item.restored && carries(&story(stage, item, &ends).await, "has-copy"))
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
