//! The tenant as a state machine: a request and the time go in, an answer comes out.

use crate::access::{Access, PermissionDelay};
use crate::control::{self, stats::Stats};
use crate::entra::{self, Bearers, Seal, apps::Apps};
use crate::faults::{self, FaultPlan, Faults};
use crate::fill::FileReport;
use crate::graph;
use crate::graph::sync_state::SyncStates;
use crate::ids::{IdKey, ItemNo, MailboxNo, Sequence, guid, mix};
use crate::limits::{Limits, SlotNo, Usage};
use crate::mailbox::{Mailbox, User};
use crate::outbox::{self, Outbox, Outcome, Outgoing, OutgoingNo};
use crate::subscriptions::Subscriptions;
use crate::wire::{Request, Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a tenant is made of.
#[derive(Debug, Clone)]
pub struct TenantSettings {
    /// From which all ids and secrets follow.
    pub seed: u64,
    /// Where documents of Graph disagree, which reading the tenant follows.
    pub behaviour: Behaviour,
    /// What an application may ask of a mailbox.
    pub limits: Limits,
    /// Faults that are played from the start.
    pub faults: FaultPlan,
}

impl Default for TenantSettings {
    fn default() -> Self {
        Self {
            seed: 1,
            behaviour: Behaviour::default(),
            limits: Limits::default(),
            faults: FaultPlan::default(),
        }
    }
}

/// Readings of Graph's documents that disagree; each can be played.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Behaviour {
    /// Whether the masters of series come with the delta of a calendar view.
    pub masters_in_delta: bool,
    /// Whether an organiser's change of categories, reminder, free/busy or extended properties alone sends mail.
    pub personal_changes_mail: bool,
    /// What a second creation with one `transactionId` gets.
    pub repeated_transaction: RepeatedTransaction,
    /// Whether a declined meeting leaves the calendar of him who declines.
    pub declined_leaves: bool,
    /// How many generations of a sync state live.
    pub sync_generations: u64,
    /// How many bytes a message or event may carry in attachments; administrators raise it up to 150 MB.
    pub largest_message: usize,
    /// Whether the answers of a batch come in an order of their own.
    pub batch_disorder: bool,
    /// Whether subject, text and people of messages that are no drafts are closed to Mail.ReadWrite, as from
    /// 2026-12-31 on.
    pub sent_messages_sealed: bool,
    /// Whether pages of deltas come in disorder: entries mixed and repeated, pages empty though others follow.
    pub untidy_delta: bool,
    /// Whether bodies in plain text are shown as HTML to clients that ask for neither.
    pub text_bodies_as_html: bool,
    /// Whether an update of a contact's names that leaves the display name out makes a new one.
    pub contacts_renamed: bool,
    /// Entries of a delta page when the client does not say.
    pub delta_page: usize,
    /// How long a change of permissions takes to act, if the change does not say.
    pub permission_delay: PermissionDelay,
    /// Longest life of a subscription to Outlook items without resource data, in minutes. Older texts say 4,230, live
    /// reports 10,070.
    pub subscription_minutes: i64,
    /// How long a notification waits for others that go with it, in milliseconds.
    pub notification_delay_ms: u64,
    /// Whether calendars other than the primary one have a delta, as live clients see and the documents do not say.
    pub secondary_delta: bool,
    /// Whether what calendars mail arrives in the Inboxes of those who have a mailbox here.
    pub event_messages: bool,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            masters_in_delta: true,
            personal_changes_mail: true,
            repeated_transaction: RepeatedTransaction::SameEvent,
            declined_leaves: false,
            sync_generations: 10,
            largest_message: 35 * 1024 * 1024,
            batch_disorder: true,
            sent_messages_sealed: true,
            untidy_delta: false,
            text_bodies_as_html: false,
            contacts_renamed: true,
            delta_page: 50,
            permission_delay: PermissionDelay::None,
            subscription_minutes: 10_080,
            notification_delay_ms: 500,
            secondary_delta: false,
            event_messages: true,
        }
    }
}

/// What a second creation with one `transactionId` gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RepeatedTransaction {
    /// The first event.
    SameEvent,
    /// 400.
    BadRequest,
    /// 409 `ErrorDuplicateTransactionId`.
    Conflict,
}

/// A simulated Microsoft 365 tenant.
#[derive(Debug)]
pub struct Tenant {
    pub(crate) settings: TenantSettings,
    pub(crate) tenant_id: String,
    pub(crate) apps: Apps,
    pub(crate) bearers: Bearers,
    pub(crate) access: Access,
    /// Where clients reach Graph; links of answers begin with it.
    pub(crate) graph_url: String,
    /// The seed of the key that signs tokens.
    pub(crate) signs_as: u64,
    pub(crate) seal: Seal,
    pub(crate) ids: IdKey,
    pub(crate) sequence: Sequence,
    pub(crate) mailboxes: Vec<Mailbox>,
    pub(crate) by_address: BTreeMap<String, MailboxNo>,
    pub(crate) users_log: crate::mailbox::changes::ChangeLog<ItemNo>,
    pub(crate) syncs: SyncStates,
    pub(crate) uploads: graph::UploadSessions,
    pub(crate) stats: Stats,
    pub(crate) mails: Vec<SentMail>,
    /// Whether calendars send nothing at present.
    pub(crate) silent: bool,
    pub(crate) filled: Vec<FileReport>,
    /// What goes wrong on purpose.
    pub(crate) faults: Faults,
    /// Who asks how much at present.
    pub(crate) usage: Usage,
    /// What goes out by itself.
    pub(crate) outbox: Outbox,
    pub(crate) subscriptions: Subscriptions,
    /// How often the tenant was reset; what was handed out before is worth nothing after.
    pub(crate) era: u64,
}

/// A mail that the service would have sent on behalf of a user.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SentMail {
    /// What it is about.
    pub kind: MailKind,
    /// Sender.
    pub from: String,
    /// Recipients.
    pub to: Vec<String>,
    /// Subject.
    pub subject: String,
    /// The meeting.
    pub ical_uid: String,
    /// The occurrence, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original_date: Option<jiff::civil::Date>,
    /// When it left.
    pub at: String,
}

/// Kinds of mails that calendars send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum MailKind {
    /// An invitation.
    Invitation,
    /// The organiser's change.
    Update,
    /// The organiser's cancellation.
    Cancellation,
    /// An attendee's answer.
    Response,
}

impl Tenant {
    /// A tenant without users.
    pub fn new(settings: TenantSettings) -> Self {
        let seed = settings.seed;
        let draw = |purpose: u64| mix(seed ^ mix(purpose));
        Self {
            tenant_id: guid(draw(1), draw(2)),
            apps: Apps::seeded(draw),
            bearers: Bearers::default(),
            access: Access::default(),
            graph_url: "http://localhost".to_owned(),
            signs_as: seed,
            seal: Seal::default(),
            ids: IdKey(draw(7)),
            sequence: Sequence::new(draw(8)),
            mailboxes: Vec::new(),
            by_address: BTreeMap::new(),
            users_log: crate::mailbox::changes::ChangeLog::default(),
            syncs: SyncStates::new(draw(9)),
            uploads: graph::UploadSessions::default(),
            stats: Stats::default(),
            mails: Vec::new(),
            silent: false,
            filled: Vec::new(),
            faults: Faults::of(&settings.faults),
            usage: Usage::default(),
            outbox: Outbox::default(),
            subscriptions: Subscriptions::default(),
            era: 0,
            settings,
        }
    }

    /// Where clients reach Graph, without version; links of answers begin with it.
    pub fn set_graph_url(&mut self, url: &str) {
        url.trim_end_matches('/').clone_into(&mut self.graph_url);
    }

    /// The tenant signs its tokens with the key of another seed than its own: primes take longer to find than a whole
    /// simulated history to play.
    pub fn set_signing_seed(&mut self, seed: u64) {
        self.signs_as = seed;
    }

    /// The tenant puts a digest under its tokens instead of a signature: where nobody but the tenant itself reads them,
    /// signing would cost a tenth of a simulated history. A digest does not hold against the key that is published.
    pub fn spare_signatures(&mut self) {
        self.seal = Seal::Digest;
    }

    /// Where Outlook's own host is reached. Upload URLs lead there, and clients send it no token of Graph; they tell
    /// it by its name. On loopback it is the other name of the same machine; elsewhere one host has to do for both.
    pub(crate) fn outlook_url(&self) -> String {
        let (own, other) = if self.graph_url.contains("://localhost") {
            ("://localhost", "://127.0.0.1")
        } else {
            ("://127.0.0.1", "://localhost")
        };
        self.graph_url.replacen(own, other, 1)
    }

    /// The tenant's id.
    pub fn tenant_id(&self) -> &str {
        &self.tenant_id
    }

    /// The id of the application that is registered from the start.
    pub fn client_id(&self) -> &str {
        self.apps.first_id()
    }

    /// The secret of the application that is registered from the start. It opens nothing but this simulation.
    pub fn client_secret(&self) -> &str {
        self.apps.first_secret()
    }

    /// Answers a request to Graph or to Entra.
    pub fn handle(&mut self, request: &Request, now: Timestamp) -> Response {
        if request.path.starts_with("/v1.0/") {
            let response = graph::handle(self, request, now);
            self.tell_changes(now);
            return response;
        }
        if request.path.starts_with("/api/v2.0/") {
            let response = graph::answer_upload(self, request, now);
            self.tell_changes(now);
            return response;
        }
        faults::around(self, request, now, |tenant, now| {
            entra::answer(tenant, request, now).unwrap_or_else(|| graph::handle(tenant, request, now))
        })
    }

    /// Answers a request to the control API.
    pub fn control(&mut self, request: &Request, now: Timestamp) -> Response {
        let response = control::handle(self, request, now);
        self.tell_changes(now);
        response
    }

    /// What is to be sent by now, oldest first. Each is handed out once; its outcome is told to
    /// [`delivered`](Self::delivered).
    pub fn due(&mut self, now: Timestamp) -> Vec<Outgoing> {
        self.access.pass(now);
        self.tend_subscriptions(now);
        self.outbox.take(now)
    }

    /// Learns what became of a request that the tenant sent. If an answer was [held](crate::Delivery::Held) for it, that
    /// is the answer.
    pub fn delivered(&mut self, number: OutgoingNo, outcome: Outcome, now: Timestamp) -> Option<Response> {
        outbox::delivered(self, number, outcome, now)
    }

    /// Lets an answer occupy its places until [`finished`](Self::finished) is told. Without this call it does so for
    /// [`Response::took`] and the delay of its delivery.
    pub fn keep(&mut self, slot: SlotNo) {
        self.usage.keep(slot);
    }

    /// Learns that an answer has reached its client, or that the client is gone.
    pub fn finished(&mut self, slot: SlotNo) {
        self.usage.finished(slot);
    }

    /// The next moment at which something happens that nobody asks for at that moment. It may lie in the past, if
    /// nobody looked. Each part of the tenant that keeps such moments adds its earliest here.
    pub fn deadline(&self) -> Option<Timestamp> {
        let parts = [self.outbox.earliest(), self.access.earliest(), self.subscriptions.deadline()];
        parts.into_iter().flatten().min()
    }

    /// Forgets all users and items, and all applications but the first, which is as it was in the beginning. Tokens and
    /// delta links of before are refused from now on.
    pub fn reset(&mut self) {
        self.era += 1;
        self.apps.reset();
        self.bearers.forget();
        self.access = Access::default();
        self.mailboxes.clear();
        self.by_address.clear();
        self.users_log = crate::mailbox::changes::ChangeLog::default();
        self.syncs.forget(self.era);
        self.uploads.clear();
        self.stats = Stats::default();
        self.mails.clear();
        self.filled.clear();
        self.faults = Faults::of(&self.settings.faults);
        self.usage.forget();
        self.outbox.forget();
        self.subscriptions = Subscriptions::default();
    }

    /// Adds a user and his mailbox.
    pub fn add_user(&mut self, user: User, now: Timestamp) -> MailboxNo {
        let no = MailboxNo(u32::try_from(self.mailboxes.len()).unwrap_or(u32::MAX));
        let mailbox = Mailbox::new(no, user, now, &mut self.sequence);
        let names = mailbox.user.names();
        for name in names {
            self.by_address.entry(name).or_insert(no);
        }
        self.mailboxes.push(mailbox);
        self.users_log.changed(ItemNo(u64::from(no.0)));
        no
    }

    /// Changes a user, and by which names he is found.
    pub(crate) fn change_user(&mut self, no: MailboxNo, change: impl FnOnce(&mut User)) {
        self.by_address.retain(|_, known| *known != no);
        let user = &mut self.mailbox_mut(no).user;
        change(user);
        let names = if user.gone.is_some() { Vec::new() } else { user.names() };
        for name in names {
            self.by_address.entry(name).or_insert(no);
        }
        self.users_log.changed(ItemNo(u64::from(no.0)));
    }

    /// The mailbox of a user's id or one of his addresses, in any case.
    pub fn find_user(&self, id_or_address: &str) -> Option<MailboxNo> {
        self.by_address.get(&id_or_address.to_lowercase()).copied()
    }

    pub(crate) fn mailbox(&self, no: MailboxNo) -> &Mailbox {
        &self.mailboxes[no.0 as usize]
    }

    pub(crate) fn mailbox_mut(&mut self, no: MailboxNo) -> &mut Mailbox {
        self.subscriptions.touch(no);
        &mut self.mailboxes[no.0 as usize]
    }

    /// How many mails the service would have sent so far.
    pub fn mails(&self) -> &[SentMail] {
        &self.mails
    }
}
