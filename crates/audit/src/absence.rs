//! Absences of the CRM, which are out-of-office events in Microsoft 365.

use crate::appointment::show_as;
use crate::pairing::{Handle, pair};
use crate::records::{CrmWorld, is_live};
use crate::report::{Difference, Finding, KindReport, Side};
use crate::when::{Place, Span, crm_span, graph_span, place};
use crate::{Kind, MailboxDump, Record, Scope};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const CONTENT_TYPE: &str = "text/x-mmAbsences";

struct Event<'a> {
    mailbox: &'a str,
    rep: &'a str,
    event: &'a Value,
}

impl Event<'_> {
    fn id(&self) -> &str {
        self.event["id"].as_str().unwrap_or_default()
    }

    fn place(&self) -> String {
        format!("{} in {}", self.id(), self.mailbox)
    }
}

/// What was found, and the ids of the events that belong to absences.
pub(crate) fn compare(
    dumps: &[(String, MailboxDump)],
    world: &CrmWorld,
    scope: &Scope,
) -> (KindReport, BTreeSet<String>) {
    let mut report = KindReport::default();
    let tied: BTreeSet<String> =
        world.absences.iter().flat_map(|record| world.keys_of(record, CONTENT_TYPE)).collect();
    let records: Vec<&Record> = world.absences.iter().filter(|record| is_live(record)).collect();
    let crm: Vec<Handle> = records.iter().map(|record| handle_of_record(world, record)).collect();
    let fingerprints: BTreeSet<&str> = crm.iter().map(|handle| handle.fingerprint.as_str()).collect();
    let is_absence = |handle: &Handle, event: &Value| {
        handle.keys.iter().any(|key| tied.contains(key))
            || (show_as(event["showAs"].as_str().unwrap_or("")) == "oof"
                && fingerprints.contains(handle.fingerprint.as_str()))
    };
    let (events, m365): (Vec<Event<'_>>, Vec<Handle>) = scope
        .mailboxes_of(Kind::Absence)
        .filter_map(|mailbox| Some((mailbox, dumps.iter().find(|(address, _)| *address == mailbox.address)?)))
        .flat_map(|(mailbox, (address, dump))| {
            dump.events.iter().map(|event| Event { mailbox: address, rep: &mailbox.rep, event })
        })
        .map(|event| {
            let handle = handle_of_event(&event);
            (event, handle)
        })
        .filter(|(event, handle)| is_absence(handle, event.event))
        .unzip();
    let pairing = pair(&m365, &crm);
    report.paired = pairing.pairs.len();
    for item in pairing.m365_only {
        let title = title(&events[item]);
        report.m365_only.push(Finding {
            title,
            place: events[item].place(),
            why: "its absence is no longer in the CRM".to_owned(),
        });
    }
    for index in pairing.crm_only {
        unpaired_record(records[index], scope, &mut report);
    }
    report.twice(Side::M365, &pairing.m365_twice, |item| (title(&events[item]), events[item].place()));
    for (item, record) in pairing.pairs {
        let fields = differences(&events[item], records[record]);
        if !fields.is_empty() {
            report.different.push(Difference {
                title: title(&events[item]),
                record: records[record].name(),
                place: events[item].place(),
                fields,
            });
        }
    }
    (report, events.iter().map(|event| event.id().to_owned()).collect())
}

fn title(event: &Event<'_>) -> String {
    event.event["subject"].as_str().unwrap_or_default().to_owned()
}

fn unpaired_record(record: &Record, scope: &Scope, report: &mut KindReport) {
    if !scope.mailboxes_of(Kind::Absence).any(|mailbox| mailbox.rep == record.get("RepID")) {
        return report.exclude("rep not synchronised");
    }
    let Some(span) = span_of_record(record) else { return report.exclude("no time") };
    match place(span.bounds(), scope.now, scope.appointment_past_days, scope.appointment_future_days) {
        Place::Inside => report.crm_only.push(Finding {
            title: format!("{} {}", record.get("Type"), span.text()),
            place: record.name(),
            why: "no out-of-office event in the rep's mailbox".to_owned(),
        }),
        Place::Edge => report.exclude("at the edge of the time frame"),
        Place::Outside => report.exclude("out of the time frame"),
    }
}

fn span_of_record(record: &Record) -> Option<Span> {
    let fields = ["StartDate", "StartTime", "EndDate", "EndTime"].map(|field| record.get(field));
    // An absence without times takes whole days.
    let all_day =
        record.is("AllDay") || (record.get("StartTime").is_empty() && record.get("EndTime").is_empty());
    crm_span(fields, all_day, record.get("TimeZone"))
}

fn handle_of_event(event: &Event<'_>) -> Handle {
    let mut keys = vec![event.id().to_owned()];
    keys.extend(event.event["iCalUId"].as_str().map(str::to_owned));
    let span = graph_span(event.event).map(|span| span.text()).unwrap_or_default();
    Handle { keys, fingerprint: format!("{} | {span}", event.rep), place: event.mailbox.to_owned() }
}

fn handle_of_record(world: &CrmWorld, record: &Record) -> Handle {
    let span = span_of_record(record).map(|span| span.text()).unwrap_or_default();
    Handle {
        keys: world.keys_of(record, CONTENT_TYPE),
        fingerprint: format!("{} | {span}", record.get("RepID")),
        place: String::new(),
    }
}

fn differences(event: &Event<'_>, record: &Record) -> BTreeMap<String, (String, String)> {
    let compared = [
        (
            "when",
            graph_span(event.event).map(|span| span.text()),
            span_of_record(record).map(|span| span.text()),
        ),
        (
            "show as",
            Some(show_as(event.event["showAs"].as_str().unwrap_or_default())),
            Some("oof".to_owned()),
        ),
    ];
    compared
        .into_iter()
        .filter(|(_, m365, crm)| m365 != crm)
        .map(|(name, m365, crm)| (name.to_owned(), (m365.unwrap_or_default(), crm.unwrap_or_default())))
        .collect()
}
