//! One item on its way through a cycle.

use super::decide::OFF;
use jiff::Timestamp;
use tandem_crm_port::{Change, RecordState};
use tandem_graph::Remote;
use tandem_model::{Document, GraphId, Item, Kind, RecordId, Stamp};
use tandem_reconcile::{Peers, Plan, Reason};
use tandem_store::{Base, Link, Linked, Object, Role, State};

/// What a waiting link has to do: it remembers since when it waits.
pub(crate) const WAITS: &str = "waits-since:";

/// What a link has to do when its copy was reported as removed: a direct read has to confirm it.
pub(crate) const SUSPECT: &str = "suspect";

/// What a failed or adopted link has to remember: nobody may be mailed when it is tried again, by whichever way.
pub(crate) const SILENT: &str = "silent";

/// What a held link has to do: a person consented to the deletion.
pub(crate) const CONSENTED: &str = "consented";

/// What Microsoft 365 shows of an item.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum M365Seen {
    /// Nothing new was reported.
    Unchanged,
    /// It was read.
    Present(Box<Remote>),
    /// A direct read found nothing.
    Gone,
    /// There never was a copy.
    Absent,
}

/// What the CRM shows of an item.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum CrmSeen {
    /// Nothing new was reported.
    Unchanged,
    /// It was read, or reported as changed.
    Reported(Box<Change>),
    /// There is no such record any more.
    Gone,
    /// There never was a record.
    Absent,
}

impl CrmSeen {
    /// The item of a record that is there.
    pub(crate) fn item(&self) -> Option<&Item> {
        match self {
            CrmSeen::Reported(change) => match &change.state {
                RecordState::Present { item, .. } => Some(item),
                RecordState::Deleted | RecordState::Reassigned => None,
            },
            _ => None,
        }
    }
}

/// What was written, so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Written {
    /// The record, its stamp, and what the CRM holds now.
    pub crm: Option<WrittenRecord>,
    /// The copy as Microsoft 365 holds it now.
    pub m365: Option<Box<Remote>>,
    /// The copy was deleted.
    pub m365_deleted: bool,
    /// The outbox key under which the copy was created.
    pub key: Option<String>,
    /// The copy has another id than the CRM was told.
    pub renamed: bool,
    /// That key was in the outbox already: an earlier create may have happened.
    pub key_left: bool,
    /// What that earlier create was about to write.
    pub sent: Option<Base>,
    /// The outbox key under which the record is added.
    pub added: Option<String>,
    /// The copy is known by now, but not what became of it since it was written: it has to be planned again.
    pub tied: bool,
    /// What both sides agree on since the CRM was written to, where the copy has yet to follow.
    pub agreed: Option<Base>,
    /// Why earlier plans of this cycle wrote what they wrote, as far as the last one does not say it.
    pub earlier: Vec<Reason>,
    /// Values that go, and of which the journal tells already.
    pub told: Vec<Reason>,
    /// Its copy takes the place of one that is gone.
    pub replaced: bool,
    /// The link that this copy had until then.
    pub retired: Option<Link>,
    /// Nothing was made under its key, by no request: it finds nothing, now or later.
    pub unused: bool,
    /// When its key was put into the outbox.
    pub reserved: Option<Timestamp>,
    /// What was done, for the journal: stable word and sentence.
    pub steps: Vec<(String, String)>,
}

/// A record after a write.
#[derive(Debug, Clone)]
pub(crate) struct WrittenRecord {
    /// Which.
    pub record: Option<RecordId>,
    /// Its stamp.
    pub stamp: Option<Stamp>,
    /// What it holds; none when the CRM did not say.
    pub document: Option<Document>,
}

/// How an item ended that did not end as planned.
#[derive(Debug, Clone)]
pub(crate) struct Ending {
    /// State of the link.
    pub state: State,
    /// Stable word.
    pub reason: String,
    /// In plain words.
    pub detail: String,
    /// When to try again.
    pub due: Option<Timestamp>,
}

/// One item on its way through a cycle.
#[derive(Debug, Clone)]
pub(crate) struct Work {
    /// Its link; a fresh one when it has none yet.
    pub link: Link,
    /// Its object, if known.
    pub object: Option<Object>,
    /// Microsoft 365 now.
    pub m365: M365Seen,
    /// The CRM now.
    pub crm: CrmSeen,
    /// Other mailboxes' copies.
    pub peers: Peers,
    /// The record is deleted, and it was a copy that went first.
    pub followed: bool,
    /// The record is deleted, and another mailbox's copy had told it something else than what this one says.
    pub behind: bool,
    /// Its organiser's mailbox was about to get it when it stopped taking part.
    pub promised: bool,
    /// What was decided last.
    pub plan: Option<Plan>,
    /// What was written.
    pub written: Written,
    /// How it ended, if not as planned.
    pub ending: Option<Ending>,
    /// Nobody is mailed because of it, whatever the rules: the CRM is read for the first time, or the link says so.
    pub silent: bool,
}

/// Whether the connector deleted the record because this copy went, or said that it was called off.
pub(super) fn took_its_record_along(link: &Link) -> bool {
    link.state == State::Deleted && link.reason.is_empty()
}

/// Whether an attendee's copy was known to say that the meeting is off for him.
pub(crate) fn is_off(link: &Link) -> bool {
    link.role == Role::Attendee && link.base.as_ref().is_some_and(|base| *base.m365.get(OFF) == true)
}

impl Work {
    /// Work on an item; a missing link is made up.
    pub(crate) fn new(linked: Linked) -> Self {
        let silent = linked.link.todo.as_deref() == Some(SILENT);
        Self {
            link: linked.link,
            object: linked.object,
            m365: M365Seen::Unchanged,
            crm: CrmSeen::Unchanged,
            peers: Peers::None,
            followed: false,
            behind: false,
            promised: false,
            plan: None,
            written: Written::default(),
            ending: None,
            silent,
        }
    }

    /// A link that is not in the store yet.
    pub(crate) fn fresh(mailbox: &tandem_model::MailboxId, kind: Kind, graph: Option<GraphId>) -> Link {
        Link {
            id: None,
            mailbox: mailbox.clone(),
            kind,
            graph,
            place: None,
            object: None,
            role: Role::Lead,
            state: State::Waiting,
            reason: String::new(),
            detail: String::new(),
            base: None,
            etag: None,
            stamp: None,
            todo: None,
            due: None,
            attempts: 0,
        }
    }

    /// The CRM's record, as far as anybody knows it.
    pub(crate) fn record(&self) -> Option<&RecordId> {
        let written = self.written.crm.as_ref().and_then(|written| written.record.as_ref());
        let reported = match &self.crm {
            CrmSeen::Reported(change) => Some(&change.record),
            _ => None,
        };
        written.or(reported).or_else(|| self.object.as_ref().and_then(|object| object.record.as_ref()))
    }

    /// Whether a person consented to its deletion.
    pub(crate) fn is_consented(&self) -> bool {
        self.link.todo.as_deref() == Some(CONSENTED)
    }

    /// Whether all that was planned was written, something was, and the CRM knows the key of what was created.
    pub(crate) fn is_carried_out(&self) -> bool {
        let Some(plan) = self.plan.as_ref().filter(|plan| plan.writes() && self.ending.is_none()) else {
            return false;
        };
        let in_crm = plan.crm.is_none() || self.written.crm.is_some();
        let in_m365 = plan.m365.is_none() || self.written.m365.is_some() || self.written.m365_deleted;
        in_crm && in_m365 && self.written.key.is_none() && !self.written.renamed
    }

    /// It is planned again: what the plan replaced on one side stays to be told.
    pub(crate) fn plan_again(&mut self) {
        let plan = self.plan.take();
        let reasons = plan.into_iter().flat_map(|plan| plan.reasons);
        self.written.earlier.extend(reasons.filter(Reason::has_loser));
    }

    /// Whether its owner has no part in the meeting any more: the copy is gone, or says that it was called off for him.
    pub(crate) fn is_out(&self) -> bool {
        match &self.m365 {
            M365Seen::Present(remote) => remote.facts.is_cancelled,
            M365Seen::Gone => true,
            M365Seen::Unchanged | M365Seen::Absent => false,
        }
    }

    /// Whether an attendee's copy is found just now to hold the meeting no more. Who leads it may look at that very moment
    /// whether others hold it: one of the two has to see the other.
    pub(crate) fn drops_out(&self) -> bool {
        let link = &self.link;
        self.is_out() && link.role == Role::Attendee && link.state == State::Linked && !is_off(link)
    }

    /// The copy is gone, and so is what was agreed on with it: what the record says by now is new to the mailbox.
    pub(crate) fn forget_copy(&mut self) {
        (self.link.graph, self.link.base) = (None, None);
        self.m365 = M365Seen::Absent;
    }

    /// Since when it waits for somebody else's copy. A moment that has not come yet was noted by a clock that was ahead:
    /// the wait begins anew.
    pub(crate) fn waits_since(&self, now: Timestamp) -> Option<Timestamp> {
        let since = self.link.todo.as_deref()?.strip_prefix(WAITS)?.parse().ok()?;
        (since <= now).then_some(since)
    }

    /// The copy as it was read in this cycle.
    pub(crate) fn remote(&self) -> Option<&Remote> {
        match &self.m365 {
            M365Seen::Present(remote) => Some(remote),
            _ => None,
        }
    }

    /// The global key of the object: what is stored, else what the copy says.
    pub(crate) fn key(&self) -> Option<String> {
        let stored = self.object.as_ref().and_then(|object| object.key.clone());
        stored.or_else(|| {
            self.written.m365.as_deref().or(self.remote()).map(|remote| key_of(self.link.kind, remote))
        })
    }
}

/// The global key that a copy in Microsoft 365 gives its object: the iCalUId of an appointment, the id of anything else.
pub(crate) fn key_of(kind: Kind, remote: &Remote) -> String {
    match (&remote.facts.ical_uid, kind) {
        (Some(uid), Kind::Appointment) => uid.to_string(),
        _ => remote.id.to_string(),
    }
}
