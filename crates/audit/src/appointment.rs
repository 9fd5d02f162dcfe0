//! Appointments, with their series.

mod face;
mod meeting;

use crate::pairing::{Handle, pair};
use crate::records::CrmWorld;
use crate::report::{Difference, Duplicate, Finding, KindReport, Side};
use crate::{MailboxDump, Record, Scope};
use face::{Face, face_of_event, face_of_record};
use meeting::{CANCELLED, Expectation, Meeting, expectation_of_record, live_appointments, meetings};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) use face::show_as;

const CONTENT_TYPE: &str = "text/x-vevent";

/// Compares all events but those with the given ids, which belong to absences.
pub(crate) fn compare(
    dumps: &[(String, MailboxDump)],
    world: &CrmWorld,
    scope: &Scope,
    absences: &BTreeSet<String>,
) -> KindReport {
    let mut report = KindReport::default();
    let mut meetings = meetings(dumps, scope, absences);
    // What was called off lies in calendars until its people take it out, and is nobody's appointment any more.
    meetings.retain(|meeting| {
        let off = meeting.expectation == Expectation::Optional(CANCELLED);
        if off {
            report.exclude(CANCELLED);
        }
        !off
    });
    let records = live_appointments(world, scope);
    let m365: Vec<Handle> = meetings.iter().map(handle_of_meeting).collect();
    let crm: Vec<Handle> = records.iter().map(|record| handle_of_record(world, record)).collect();
    let pairing = pair(&m365, &crm);
    report.paired = pairing.pairs.len();
    for item in pairing.m365_only {
        match meetings[item].expectation {
            Expectation::Required => {
                report.m365_only.push(finding(&meetings[item], "no activity for it in the CRM"));
            }
            Expectation::Forbidden(reason) | Expectation::Optional(reason) => report.exclude(reason),
        }
    }
    for record in pairing.crm_only {
        match expectation_of_record(world, records[record], scope) {
            Expectation::Required => report.crm_only.push(Finding {
                title: records[record].get("Subject").to_owned(),
                place: records[record].name(),
                why: "no event for it in any mailbox".to_owned(),
            }),
            Expectation::Forbidden(reason) | Expectation::Optional(reason) => report.exclude(reason),
        }
    }
    copies_twice(&meetings, &mut report);
    report.twice(Side::M365, &pairing.m365_twice, |item| (meetings[item].title(), meetings[item].place()));
    report.twice(Side::Crm, &pairing.crm_twice, |record| {
        (records[record].get("Subject").to_owned(), records[record].name())
    });
    for (item, record) in pairing.pairs {
        let (meeting, record) = (&meetings[item], records[record]);
        if let Expectation::Forbidden(reason) = meeting.expectation {
            let why = format!("must not be in the CRM: {reason}");
            report.crm_only.push(Finding { title: meeting.title(), place: record.name(), why });
        } else if let Some(difference) = differences(meeting, record, world, scope) {
            report.different.push(difference);
        }
    }
    report
}

fn finding(meeting: &Meeting<'_>, why: &str) -> Finding {
    Finding { title: meeting.title(), place: meeting.place(), why: why.to_owned() }
}

/// A mailbox may hold one copy of a meeting.
fn copies_twice(meetings: &[Meeting<'_>], report: &mut KindReport) {
    for meeting in meetings {
        let mut by_mailbox: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for copy in &meeting.copies {
            by_mailbox.entry(copy.mailbox).or_default().push(format!("{} in {}", copy.id(), copy.mailbox));
        }
        for places in by_mailbox.into_values().filter(|places| places.len() > 1) {
            report.duplicates.push(Duplicate { side: Side::M365, title: meeting.title(), places });
        }
    }
}

/// Content makes a handle only for a meeting without a twin by key; its place is the mailbox of the leading copy.
fn handle_of_meeting(meeting: &Meeting<'_>) -> Handle {
    let face = face_of_event(meeting.lead().event);
    let mut keys = vec![meeting.key.clone()];
    keys.extend(meeting.copies.iter().map(|copy| copy.id().to_owned()));
    Handle { keys, fingerprint: fingerprint(&face), place: meeting.lead().mailbox.to_owned() }
}

fn handle_of_record(world: &CrmWorld, record: &Record) -> Handle {
    Handle {
        keys: world.keys_of(record, CONTENT_TYPE),
        fingerprint: fingerprint(&face_of_record(world, record)),
        place: String::new(),
    }
}

fn fingerprint(face: &Face) -> String {
    ["subject", "when", "recurrence"]
        .iter()
        .map(|field| face.get(field).map_or("", String::as_str))
        .collect::<Vec<_>>()
        .join(" | ")
}

fn differences(
    meeting: &Meeting<'_>,
    record: &Record,
    world: &CrmWorld,
    scope: &Scope,
) -> Option<Difference> {
    let fields = face::compare(meeting, record, world, scope);
    (!fields.is_empty()).then(|| Difference {
        title: meeting.title(),
        record: record.name(),
        place: meeting.place(),
        fields,
    })
}
