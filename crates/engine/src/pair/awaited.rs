//! Whether a guest's copy of a meeting has to wait for its organiser's, and for how long
//! (docs/decisions/005-waiting-for-the-organizer.md).

use super::Work;
use super::decide::organizer_in;
use crate::EngineError;
use crate::worker::Worker;
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use tandem_model::{Appointment, EmailAddress, Item, Kind, MailboxId, RecordId};
use tandem_reconcile::Organizer;
use tandem_store::{Base, Pending, Source};

/// An attendee's copy waits at least so long for the organiser's copy, and until his calendar was read completely …
const PATIENCE: SignedDuration = SignedDuration::from_secs(60);

/// … but no longer than this: a mailbox that cannot be read must not keep its colleagues waiting for ever.
const LAST_PATIENCE: SignedDuration = SignedDuration::from_hours(24);

impl Worker {
    /// Whether an item has waited long enough for its organiser's copy: that mailbox was read completely since, and
    /// some time has passed.
    pub(super) fn patience_over(&self, work: &Work) -> bool {
        let Some(since) = work.waits_since(self.now) else { return false };
        let waited = self.now.duration_since(since);
        if waited >= LAST_PATIENCE {
            return true;
        }
        let item = work.remote().map(|remote| &remote.item).or_else(|| work.crm.item());
        let organizer = item.and_then(organizer_in);
        if work.promised || organizer.is_some_and(|address| self.may_be_colleague(work, address)) {
            return false;
        }
        let mailbox = organizer.and_then(|address| self.roster.calendar_of(address));
        waited >= PATIENCE && mailbox.is_none_or(|mailbox| self.roster.read_since(mailbox, since))
    }

    /// Who called a meeting of which a guest's copy tells. Who may be a colleague is taken for one as long as patience
    /// lasts: a record of the meeting may be there, and what the guest's copy would make is a second one.
    pub(super) fn caller(&self, work: &Work, address: Option<&EmailAddress>) -> Organizer {
        match (self.classify(address), address) {
            (Organizer::Outsider, Some(address)) if self.may_be_colleague(work, address) => {
                Organizer::Colleague
            }
            (organizer, _) => organizer,
        }
    }

    /// Whether somebody who is no colleague as far as the list of mailboxes knows may be one after all.
    fn may_be_colleague(&self, work: &Work, address: &EmailAddress) -> bool {
        // What both sides agreed on once has its record.
        if work.link.base.is_some() || work.remote().is_none() {
            return false;
        }
        let is_new = self.roster.may_be_new(address, work.waits_since(self.now));
        if is_new {
            self.roster.note_outdated();
        }
        is_new || work.promised
    }

    /// Whether a guest's copy may be the meeting that its organiser's mailbox was about to get from the CRM when it
    /// stopped taking part: the outbox still holds that create.
    pub(super) async fn is_promised(&self, work: &Work) -> Result<bool, EngineError> {
        let unknown =
            work.link.kind == Kind::Appointment && work.link.base.is_none() && work.object.is_none();
        let Some(remote) = work.remote().filter(|remote| unknown && !remote.facts.is_organizer) else {
            return Ok(false);
        };
        let Some(address) = organizer_in(&remote.item).filter(|address| self.roster.is_own(address)) else {
            return Ok(false);
        };
        let Some(mailbox) = self.former().await?.get(address) else { return Ok(false) };
        let Item::Appointment(seen) = &remote.item else { return Ok(false) };
        let may_be = |row: &Pending| row.sent.as_ref().is_none_or(|sent| may_be(sent, seen));
        self.is_about_to_get(mailbox, |row, _| may_be(row)).await
    }

    /// Whether the organiser's mailbox is about to get a record's meeting, or was when it stopped taking part: whom he
    /// invited may hold a copy of it by now, and what would be made of the record here is a second one.
    pub(super) async fn is_record_promised(&self, work: &Work) -> Result<bool, EngineError> {
        let new =
            work.link.kind == Kind::Appointment && work.link.base.is_none() && work.link.graph.is_none();
        let organizer = work.crm.item().filter(|_| new).and_then(organizer_in);
        let (Some(address), Some(record)) = (organizer, work.record()) else { return Ok(false) };
        let mailbox = match self.roster.calendar_of(address) {
            Some(mailbox) => Some(mailbox),
            None if self.roster.is_own(address) => self.former().await?.get(address),
            None => None,
        };
        let Some(mailbox) = mailbox.filter(|mailbox| *mailbox != self.id()) else { return Ok(false) };
        self.is_about_to_get(mailbox, |_, of| of == record).await
    }

    /// Whether a mailbox's outbox holds the create of such an appointment, and of such a record.
    async fn is_about_to_get(
        &self,
        mailbox: &MailboxId,
        such: impl Fn(&Pending, &RecordId) -> bool,
    ) -> Result<bool, EngineError> {
        let outbox = self.parts.store.outbox(mailbox).await?;
        Ok(outbox.iter().filter(|row| row.kind == Kind::Appointment).any(|row| match &row.source {
            Source::Record(record) => such(row, record),
            Source::Copy { .. } => false,
        }))
    }

    /// Mailboxes that took part in appointments once and do not now.
    async fn former(&self) -> Result<&BTreeMap<EmailAddress, MailboxId>, EngineError> {
        self.former
            .get_or_try_init(async || {
                let known = self.parts.store.mailboxes().await?;
                let former = known.into_iter().filter(|known| !self.roster.has_calendar(&known.seed.id));
                let addresses = former.flat_map(|known| {
                    let id = known.seed.id;
                    known.seed.addresses.into_iter().map(move |address| (address, id.clone()))
                });
                Ok(addresses.collect())
            })
            .await
    }
}

/// Whether what was sent arrived as this copy, which its organiser may have renamed or moved since.
fn may_be(sent: &Base, seen: &Appointment) -> bool {
    match sent.m365.item(Kind::Appointment) {
        Ok(Item::Appointment(sent)) => {
            sent.subject == seen.subject
                || sent.when.start_in(&TimeZone::UTC) == seen.when.start_in(&TimeZone::UTC)
        }
        _ => true,
    }
}
