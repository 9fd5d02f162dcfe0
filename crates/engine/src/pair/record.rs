//! Record: what a transaction writes about an item.

use super::decide::{OFF, TOLD, UNTOLD, kept_role};
use super::work::{CONSENTED, Ending, SILENT, WAITS, key_of, took_its_record_along};
use super::{CrmSeen, M365Seen, Work};
use crate::EngineError;
use crate::worker::Worker;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tandem_model::{ADDITIONAL, Document, Kind};
use tandem_reconcile::{CopyRole, CrmWrite, M365Write, Outcome, Plan, Reason};
use tandem_store::{Base, Commit, Link, LinkWrite, NewEntry, ObjectWrite, Role, State, Step};

/// The field of a document that holds what attendees answered.
pub(super) const RESPONSES: &str = "responses";

impl Worker {
    /// An end for now: it is tried again later.
    pub(crate) fn failed(&self, work: &Work, reason: &str, detail: &str) -> Ending {
        Ending {
            state: State::Failed,
            reason: reason.to_owned(),
            detail: detail.to_owned(),
            due: Some(self.retry_at(work.link.attempts, None)),
        }
    }

    /// Adds what became of an item to a transaction.
    pub(crate) fn note(&self, work: &Work, commit: &mut Commit) {
        // Where the CRM has answered, it is known what became of the record.
        if work.ending.as_ref().is_none_or(|ending| ending.state != State::Failed) {
            commit.settled.extend(work.written.added.clone());
        }
        let Some(plan) = &work.plan else { return };
        if work.ending.is_none() && plan.outcome == Outcome::Nothing && work.link.id.is_none() {
            // No copy and none wanted: the decision is told, but there is nothing to keep.
            self.note_journal(work, plan, &work.link, false, commit);
            return;
        }
        let link = self.link_after(work, plan);
        let changed = link.id.is_none() || work.link != link;
        let excluded = link.state == State::Skipped && link.object.is_none() && work.object.is_none();
        let object = if excluded { None } else { self.object_after(work, &link) };
        let quiet = !plan.writes() && work.written.steps.is_empty() && work.ending.is_none();
        // Whoever waits looks in each cycle; that he still does is no news.
        let same = (&link.state, &link.reason) == (&work.link.state, &work.link.reason);
        let waits_on = quiet && same && link.state == State::Waiting;
        if (!quiet || changed || object.is_some()) && !waits_on {
            self.note_journal(work, plan, &link, excluded, commit);
        }
        let refused = work.ending.as_ref().is_some_and(|ending| ending.state == State::Refused);
        // A link may name the copy that was deleted before: a create that failed has made none.
        let made = work.written.m365.is_some() || (work.ending.is_none() && link.graph.is_some());
        if let Some(key) = work.written.key.as_ref().filter(|_| made || refused || work.written.unused) {
            commit.settled.push(key.clone());
        }
        if changed || object.is_some() {
            let retired = work.written.retired.clone();
            commit.links.extend(retired.map(|link| LinkWrite { link, object: None }));
            commit.links.push(LinkWrite { link, object });
        }
    }

    fn link_after(&self, work: &Work, plan: &Plan) -> Link {
        let mut link = work.link.clone();
        link.todo = None;
        if let Some(object) = &work.object {
            link.object = Some(object.id);
        }
        if let Some(remote) = work.written.m365.as_deref().or(work.remote()) {
            link.graph = Some(remote.id.clone());
            link.etag = Some(remote.etag.clone());
            if remote.facts.folder.is_some() {
                link.place.clone_from(&remote.facts.folder);
            }
        }
        if let Some(ending) = &work.ending {
            link.state = ending.state;
            link.reason.clone_from(&ending.reason);
            link.detail.clone_from(&ending.detail);
            link.due = ending.due;
            link.attempts = work.link.attempts.saturating_add(1);
            link.base = work.base().cloned();
            link.todo = match ending.state {
                // Consent outlives a CRM that is away just then.
                State::Failed if work.is_consented() => Some(CONSENTED.to_owned()),
                State::Failed if work.silent => Some(SILENT.to_owned()),
                _ => None,
            };
            return link;
        }
        if took_its_record_along(&work.link) && !plan.writes() && plan.reasons == [Reason::Cancelled] {
            // It is read once more, and says what it said: who deleted the record is not forgotten for that.
            return link;
        }
        link.role = kept_role(plan.role);
        if work.link.role == Role::Attendee && link.role != Role::Attendee {
            // Of an attendee's copy only the answer is kept that was told: on what the meeting says it agreed with nobody.
            link.base = None;
        }
        (link.reason, link.detail) = (String::new(), String::new());
        (link.due, link.attempts) = (None, 0);
        let last = plan.reasons.last();
        match plan.outcome {
            Outcome::Linked => {
                link.state = State::Linked;
                link.base = base_after(work, plan);
                if let Some(base) = link.base.as_mut().filter(|_| plan.role != CopyRole::Attendee) {
                    self.note_known(work.link.kind, base);
                    if work.link.kind == Kind::Task {
                        let seen = work.written.m365.as_deref().or(work.remote());
                        let before = work.link.base.as_ref().and_then(Self::made_at);
                        Self::note_made(base, seen.and_then(|remote| remote.facts.created).or(before));
                    }
                }
                link.stamp = stamp_after(work);
            }
            Outcome::Skipped | Outcome::Nothing => {
                link.state = State::Skipped;
                link.reason = last.map(|reason| reason.code().to_owned()).unwrap_or_default();
                link.detail = last.map(ToString::to_string).unwrap_or_default();
                if last == Some(&Reason::BecamePrivate) {
                    // Of what policy excludes nothing but its id is kept.
                    link.base = None;
                }
            }
            Outcome::Waiting => {
                self.waits_for_others(work.link.kind);
                link.state = State::Waiting;
                link.reason = last.map(|reason| reason.code().to_owned()).unwrap_or_default();
                link.detail = last.map(ToString::to_string).unwrap_or_default();
                link.attempts = work.link.attempts.saturating_add(1);
                link.todo = Some(work.waits_since(self.now).map_or_else(
                    || format!("{WAITS}{}", self.now),
                    |_| work.link.todo.clone().unwrap_or_default(),
                ));
                link.due = Some(self.now);
            }
            Outcome::Deleted => {
                link.state = State::Deleted;
                // What was deleted along with its record did not take the record along.
                let went_along = plan.m365 == Some(M365Write::Delete);
                link.stamp = if went_along { None } else { stamp_after(work) };
                // Nor did one that only its owner removed: that one says why it went.
                link.reason = match plan.crm {
                    Some(CrmWrite::Delete) => String::new(),
                    _ => last.map(|reason| reason.code().to_owned()).unwrap_or_default(),
                };
                // What is gone agrees with nothing: should it come back, it is new.
                link.base = None;
            }
        }
        link
    }

    fn object_after(&self, work: &Work, link: &Link) -> Option<ObjectWrite> {
        let leads =
            link.role == Role::Lead && link.state == State::Linked && work.link.kind == Kind::Appointment;
        let record = work.record().cloned();
        let key = work.key();
        let renewed = work.written.key.is_some() || work.written.replaced;
        let created = renewed && link.role == Role::Lead;
        match &work.object {
            Some(object) => {
                let out = link.state == State::Deleted || (link.state == State::Skipped && work.is_out());
                let left = out && object.lead.as_ref() == Some(self.id());
                let lead = match (leads, left) {
                    (true, _) => Some(self.id().clone()),
                    (false, true) => None,
                    (false, false) => object.lead.clone(),
                };
                // What was created again, or takes its place, has another iCalUId than what is gone.
                let made = work.written.m365.as_deref().or(work.remote()).filter(|_| created);
                let new_key = made.map(|remote| key_of(object.kind, remote));
                let write = ObjectWrite {
                    id: Some(object.id),
                    version: object.version,
                    kind: object.kind,
                    key: new_key.or_else(|| object.key.clone()).or(key),
                    record: record.or_else(|| object.record.clone()),
                    lead,
                };
                let same =
                    write.key == object.key && write.record == object.record && write.lead == object.lead;
                (!same || work.drops_out()).then_some(write)
            }
            // Without a record nobody else could find it: an item that waits or was refused needs no object.
            None if record.is_some() => Some(ObjectWrite {
                id: None,
                version: 0,
                kind: work.link.kind,
                key,
                record,
                lead: leads.then(|| self.id().clone()),
            }),
            None => None,
        }
    }

    /// Puts into the journal which values go, before anything is written: whoever is interrupted after that finds both
    /// sides equal, and no trace of the value that went.
    pub(crate) async fn tell_losers(
        &self,
        works: &mut [Work],
        open: &BTreeSet<usize>,
    ) -> Result<(), EngineError> {
        let mut commit = Commit::default();
        for index in open {
            let Some(work) = works.get_mut(*index) else { continue };
            let Some(plan) = work.plan.as_ref().filter(|plan| work.ending.is_none() && plan.writes()) else {
                continue;
            };
            let told = &work.written.told;
            let losers = plan.reasons.iter().filter(|reason| reason.has_loser() && !told.contains(reason));
            let losers: Vec<Reason> = losers.cloned().collect();
            let Some(first) = losers.first() else { continue };
            let (text, facts) = told_of(losers.iter());
            let mut line = entry(self, work.link.kind, Step::Plan, first.code(), text, facts);
            line.graph.clone_from(&work.link.graph);
            (line.key, line.record) = (work.key(), work.record().cloned());
            commit.journal.push(line);
            work.written.told.extend(losers);
        }
        Ok(self.commit(commit).await?)
    }

    fn note_journal(&self, work: &Work, plan: &Plan, link: &Link, excluded: bool, commit: &mut Commit) {
        let mut line = |step, code: &str, text: String, facts| {
            let mut entry = entry(self, work.link.kind, step, code, text, facts);
            entry.graph.clone_from(&link.graph);
            if !excluded {
                entry.key = work.key();
                entry.record = work.record().cloned();
            }
            commit.journal.push(entry);
        };
        let mut reasons: Vec<&Reason> = work.written.earlier.iter().collect();
        reasons.retain(|reason| !plan.reasons.contains(reason));
        // That both sides agree after what was done is no news.
        let is_first = reasons.is_empty();
        reasons.extend(plan.reasons.iter().filter(|reason| is_first || **reason != Reason::InStep));
        reasons.retain(|reason| !work.written.told.contains(reason));
        if let Some(first) = reasons.first() {
            let (text, facts) = told_of(reasons.iter().copied());
            line(Step::Plan, first.code(), text, facts);
        }
        for (code, text) in &work.written.steps {
            line(Step::Apply, code, text.clone(), Value::Null);
        }
        if let Some(ending) = &work.ending {
            line(Step::Record, &ending.reason, ending.detail.clone(), Value::Null);
        }
    }
}

/// Reasons in plain words, and their facts.
fn told_of<'a>(reasons: impl Iterator<Item = &'a Reason> + Clone) -> (String, Value) {
    let text = reasons.clone().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    (text, Value::Array(reasons.map(|reason| json!({ reason.code(): reason.facts() })).collect()))
}

/// A journal line about a kind, in this worker's mailbox.
pub(crate) fn entry(
    worker: &Worker,
    kind: Kind,
    step: Step,
    code: &str,
    text: String,
    facts: Value,
) -> NewEntry {
    NewEntry {
        at: worker.parts.clock.now(),
        mailbox: Some(worker.id().clone()),
        kind: Some(kind),
        key: None,
        graph: None,
        record: None,
        step,
        code: code.to_owned(),
        text,
        facts,
    }
}

/// What both sides hold after the writes.
pub(super) fn base_after(work: &Work, plan: &Plan) -> Option<Base> {
    let old = work.base().cloned().unwrap_or_default();
    if plan.role == CopyRole::Attendee {
        // The organiser's copy holds the content; of this one only the answer that was told matters.
        let mut told = Document::default();
        match &plan.crm {
            Some(CrmWrite::Participation { response, .. }) => told.set(TOLD, json!(response)),
            _ => {
                told.set(TOLD, old.m365.get(TOLD).clone());
                told.set(UNTOLD, untold(work, &old));
            }
        }
        let off = work.remote().map_or_else(
            || old.m365.get(OFF).clone(),
            |remote| remote.facts.is_cancelled.then_some(true).into(),
        );
        told.set(OFF, off);
        return Some(Base { m365: told, crm: Document::default() });
    }
    let created = matches!(plan.m365, Some(M365Write::Create { .. }));
    let m365 = match (&work.written.m365, &work.m365) {
        (Some(remote), _) if created => {
            let mut made = Document::of(&remote.item);
            if plan.m365 == Some(M365Write::Create { invite: true }) {
                // Who is invited anew has not answered: that is news to a CRM that knows an answer.
                made.set(RESPONSES, plan.document.get(RESPONSES).clone());
            }
            // What Microsoft 365 made up by itself, such as a link, is news to the CRM.
            made.retain(|field| !field.starts_with(ADDITIONAL) || !plan.document.get(field).is_null());
            made
        }
        (Some(written), seen) => {
            // Only what was written is agreed upon. What Exchange changed along with it (it forgets the answers when a
            // meeting is moved, and tells exceptions the subject of their series) is news to the CRM.
            let after = Document::of(&written.item);
            let mut agreed = match seen {
                M365Seen::Present(remote) => Document::of(&remote.item),
                _ => old.m365,
            };
            for field in plan.m365_fields() {
                agreed.set(field, after.get(field).clone());
            }
            if plan.m365_fields().any(|field| field == "series") {
                agreed.set("series", as_asked(&after, plan.document.get("series")));
            }
            agreed
        }
        (None, M365Seen::Present(remote)) => Document::of(&remote.item),
        _ => old.m365,
    };
    let crm = match &work.written.crm {
        Some(written) => written
            .document
            .clone()
            .unwrap_or_else(|| plan.crm_document.clone().unwrap_or_else(|| plan.document.clone())),
        None => work.crm.item().map_or(old.crm, Document::of),
    };
    Some(Base { m365, crm })
}

/// A series as it was written: what its occurrences are called since, because it was handed down to them along with that, is
/// news to the CRM.
fn as_asked(after: &Document, asked: &Value) -> Value {
    let mut series = after.get("series").clone();
    let exceptions = series.get_mut("exceptions").and_then(Value::as_object_mut);
    for (date, occurrence) in exceptions.into_iter().flatten() {
        let asked = asked.get("exceptions").and_then(|all| all.get(date));
        let (Some(asked), Some(occurrence)) = (asked, occurrence.as_object_mut()) else { continue };
        for name in ["location", "subject"] {
            let handed_down = occurrence.get(name) == Some(after.get(name));
            if let Some(was) = asked.get(name).filter(|_| handed_down) {
                occurrence.insert(name.to_owned(), was.clone());
            }
        }
    }
    series
}

/// The answer that a copy would tell if its record were there; null where there is none.
fn untold(work: &Work, old: &Base) -> Value {
    match work.remote() {
        Some(remote) if json!(remote.facts.own_response) == *old.m365.get(TOLD) => Value::Null,
        Some(remote) => json!(remote.facts.own_response),
        None => old.m365.get(UNTOLD).clone(),
    }
}

fn stamp_after(work: &Work) -> Option<tandem_model::Stamp> {
    let written = work.written.crm.as_ref().and_then(|written| written.stamp);
    let reported = match &work.crm {
        CrmSeen::Reported(change) => Some(change.stamp),
        _ => None,
    };
    written.or(reported).or(work.link.stamp)
}
