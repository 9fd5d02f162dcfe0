//! One meeting with all its copies, and whether it should be in step.

use super::CONTENT_TYPE;
use crate::occurrences::any_between;
use crate::records::{CrmWorld, is_live};
use crate::recurrence::Rule;
use crate::when::{Place, Span, crm_span, graph_span, place};
use crate::{Kind, MailboxDump, Record, Scope};
use jiff::{Timestamp, ToSpan};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Whether the other side should have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expectation {
    Required,
    /// It may be there: why it need not.
    Optional(&'static str),
    /// It must not be there: why.
    Forbidden(&'static str),
}

/// A mailbox's copy.
pub(super) struct Copy<'a> {
    pub(super) mailbox: &'a str,
    pub(super) addresses: &'a BTreeSet<String>,
    pub(super) event: &'a Value,
}

impl Copy<'_> {
    pub(super) fn id(&self) -> &str {
        self.event["id"].as_str().unwrap_or_default()
    }

    pub(super) fn is_organizer(&self) -> bool {
        self.event["isOrganizer"].as_bool() == Some(true)
    }
}

/// A meeting: the leading copy first. There is always one.
pub(super) struct Meeting<'a> {
    pub(super) key: String,
    pub(super) copies: Vec<Copy<'a>>,
    pub(super) expectation: Expectation,
}

impl<'a> Meeting<'a> {
    pub(super) fn lead(&self) -> &Copy<'a> {
        &self.copies[0]
    }

    pub(super) fn title(&self) -> String {
        self.lead().event["subject"].as_str().unwrap_or_default().to_owned()
    }

    pub(super) fn place(&self) -> String {
        let mailboxes: Vec<&str> = self.copies.iter().map(|copy| copy.mailbox).collect();
        format!("{} in {}", self.key, mailboxes.join(", "))
    }
}

/// Why a meeting is not expected that its organiser called off.
pub(super) const CANCELLED: &str = "cancelled";

/// All meetings of the synchronised mailboxes, apart from events that belong to absences.
pub(super) fn meetings<'a>(
    dumps: &'a [(String, MailboxDump)],
    scope: &Scope,
    absences: &BTreeSet<String>,
) -> Vec<Meeting<'a>> {
    let synchronised: BTreeSet<&str> =
        scope.mailboxes_of(Kind::Appointment).map(|mailbox| mailbox.address.as_str()).collect();
    let mut groups: BTreeMap<String, Vec<Copy<'a>>> = BTreeMap::new();
    for (mailbox, dump) in dumps.iter().filter(|(mailbox, _)| synchronised.contains(mailbox.as_str())) {
        let addresses = dump.owner();
        for event in &dump.events {
            let id = event["id"].as_str().unwrap_or_default();
            if absences.contains(id) {
                continue;
            }
            let key = event["iCalUId"].as_str().filter(|key| !key.is_empty()).unwrap_or(id);
            groups.entry(key.to_owned()).or_default().push(Copy { mailbox, addresses, event });
        }
    }
    groups.into_iter().map(|(key, copies)| meeting(key, copies, scope)).collect()
}

fn meeting<'a>(key: String, mut copies: Vec<Copy<'a>>, scope: &Scope) -> Meeting<'a> {
    copies.sort_by_key(|copy| (!copy.is_organizer(), copy.mailbox));
    let expectation = expectation(&copies, scope);
    Meeting { key, copies, expectation }
}

fn expectation(copies: &[Copy<'_>], scope: &Scope) -> Expectation {
    let is = |copy: &Copy<'_>, flag: &str| copy.event[flag].as_bool() == Some(true);
    let private =
        |copy: &Copy<'_>| matches!(copy.event["sensitivity"].as_str(), Some("private" | "confidential"));
    if copies.iter().all(|copy| is(copy, "isCancelled")) {
        return Expectation::Optional(CANCELLED);
    }
    if !scope.private && copies.iter().all(private) {
        return Expectation::Forbidden("private");
    }
    if !scope.private && copies.iter().any(private) {
        return Expectation::Optional("private to some");
    }
    if copies.iter().all(|copy| is(copy, "isDraft")) {
        return Expectation::Optional("draft");
    }
    let lead = copies[0].event;
    let Some(span) = graph_span(lead) else { return Expectation::Optional("no time") };
    in_frame(&span, Rule::of_graph(&lead["recurrence"]).as_ref(), scope)
}

/// Judges by the time frame; a series belongs to it when one of its occurrences does.
fn in_frame(span: &Span, rule: Option<&Rule>, scope: &Scope) -> Expectation {
    let (past, future) = (scope.appointment_past_days, scope.appointment_future_days);
    let found = match rule {
        None => place(span.bounds(), scope.now, past, future),
        Some(rule) => series_place(span.bounds().0, rule, scope),
    };
    match found {
        Place::Inside => Expectation::Required,
        Place::Edge => Expectation::Optional("at the edge of the time frame"),
        Place::Outside => Expectation::Optional("out of the time frame"),
    }
}

fn series_place(first: Timestamp, rule: &Rule, scope: &Scope) -> Place {
    let day = |instant: Timestamp, days: i64| {
        let date = jiff::tz::TimeZone::UTC.to_datetime(instant).date();
        date.checked_add(days.days()).unwrap_or(date)
    };
    let start = day(first, 0);
    let (past, future) = (scope.appointment_past_days, scope.appointment_future_days);
    if any_between(rule, start, day(scope.now, 2 - past), day(scope.now, future - 2)) {
        Place::Inside
    } else if any_between(rule, start, day(scope.now, -past - 2), day(scope.now, future + 2)) {
        Place::Edge
    } else {
        Place::Outside
    }
}

/// The activities that stand for appointments: those of a type that travels, and those that came from one.
/// Exceptions of a series are parts of its master.
pub(super) fn live_appointments<'a>(world: &'a CrmWorld, scope: &Scope) -> Vec<&'a Record> {
    world
        .activities
        .iter()
        .filter(|record| is_live(record) && !record.is("IsSerialContact"))
        .filter(|record| {
            scope.appointment_types.contains(record.get("Contact"))
                || !world.keys_of(record, CONTENT_TYPE).is_empty()
        })
        .collect()
}

/// Whether a mailbox should have an event for an activity that has none.
pub(super) fn expectation_of_record(world: &CrmWorld, record: &Record, scope: &Scope) -> Expectation {
    if record.is("Private") && !scope.private {
        return Expectation::Optional("private");
    }
    let owned = scope.mailboxes_of(Kind::Appointment).any(|mailbox| mailbox.rep == record.get("RepID"));
    let came_from_m365 = !world.keys_of(record, CONTENT_TYPE).is_empty();
    if !came_from_m365 && (!owned || record.is("ConnectorPublished")) {
        return Expectation::Optional("rep not synchronised");
    }
    let Some(span) = span_of_record(record) else { return Expectation::Optional("no time") };
    in_frame(&span, rule_of_record(record, &span).as_ref(), scope)
}

pub(super) fn span_of_record(record: &Record) -> Option<Span> {
    let fields = ["Date", "Time", "EndDate", "EndTime"].map(|field| record.get(field));
    crm_span(fields, record.is("AllDay"), record.get("TimeZone"))
}

pub(super) fn rule_of_record(record: &Record, span: &Span) -> Option<Rule> {
    let start = crate::when::crm_date(record.get("Date"))
        .unwrap_or_else(|| jiff::tz::TimeZone::UTC.to_datetime(span.bounds().0).date());
    Some(record.get("Recurrence"))
        .filter(|text| !text.is_empty())
        .and_then(|text| Rule::of_rrule(text, start, record.get("TimeZone")))
}
