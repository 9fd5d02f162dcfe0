//! Who is synchronised: the CRM's reps, matched to the tenant's users by address.

use crate::fields::ToldFields;
use crate::known_as::KnownAs;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use tandem_crm_port::Rep;
use tandem_graph::User;
use tandem_model::{EmailAddress, Kind, MailboxId};
use tandem_settings::Settings;
use tandem_store::MailboxSeed;
use tokio::sync::Notify;

/// The present list of mailboxes.
#[derive(Debug, Clone, Default)]
pub struct Roster {
    /// Mailboxes to synchronise, by address.
    pub mailboxes: Vec<MailboxSeed>,
    /// Reps that are not synchronised though their flag is set, each with the reason.
    pub findings: Vec<Finding>,
    /// Whose mailboxes take part in appointments, by any of their addresses.
    calendars: BTreeMap<EmailAddress, MailboxId>,
    /// Mailboxes that take part in appointments.
    with_calendar: BTreeSet<MailboxId>,
    /// When the last cycle began in which a mailbox's calendar, and what the CRM has for it, was read completely.
    calendars_read: Arc<Mutex<BTreeMap<MailboxId, Timestamp>>>,
    /// Addresses of everybody who had a mailbox when the list was made.
    held: BTreeSet<EmailAddress>,
    /// Domains of the company.
    domains: BTreeSet<String>,
    /// When the list was asked for.
    made: Timestamp,
    /// Somebody met an address that may be new in the company.
    outdated: Arc<Notify>,
    /// By which address the CRM knows whom.
    pub(crate) known_as: KnownAs,
    /// Which fields travel.
    pub(crate) fields: Arc<ToldFields>,
}

/// Why an enabled rep is not synchronised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Login of the rep.
    pub rep: String,
    /// Why, and what to do.
    pub text: String,
}

impl Roster {
    /// Matches reps to users (setup guide, step 2: *Enable Connector settings* and a flag for each kind). `made` is when
    /// they were asked for.
    pub fn of(reps: &[Rep], users: &[User], settings: &Settings, made: Timestamp) -> Self {
        let by_address: BTreeMap<&EmailAddress, &User> =
            users.iter().flat_map(|user| user.addresses.iter().map(move |address| (address, user))).collect();
        let held = users.iter().flat_map(|user| user.addresses.iter().chain([&user.mail])).cloned().collect();
        let domains = settings.connection.address_spaces.iter().cloned().collect();
        let known_as = KnownAs::of(reps, users);
        let mut roster = Roster { held, domains, made, known_as, ..Roster::default() };
        let mut taken: BTreeMap<MailboxId, String> = BTreeMap::new();
        for rep in reps.iter().filter(|rep| rep.enabled && !rep.inactive) {
            match seed(rep, &by_address, settings) {
                Ok(seed) => {
                    if let Some(other) = taken.insert(seed.id.clone(), rep.login.clone()) {
                        let text = format!(
                            "mailbox {} belongs to rep {other} already; give each rep his own",
                            rep.email
                        );
                        roster.findings.push(Finding { rep: rep.login.clone(), text });
                        taken.insert(seed.id.clone(), other);
                    } else {
                        roster.mailboxes.push(seed);
                    }
                }
                Err(text) => roster.findings.push(Finding { rep: rep.login.clone(), text }),
            }
        }
        roster.mailboxes.sort_by(|a, b| a.address.cmp(&b.address));
        roster.calendars = roster
            .mailboxes
            .iter()
            .filter(|seed| seed.kinds.contains(&Kind::Appointment))
            .flat_map(|seed| seed.addresses.iter().map(|address| (address.clone(), seed.id.clone())))
            .collect();
        let synchronised = roster.mailboxes.iter().map(|seed| seed.address.domain().to_owned());
        roster.domains.extend(synchronised);
        roster.with_calendar = roster.calendars.values().cloned().collect();
        roster
    }

    /// Whether an address is one of the company's.
    pub(crate) fn is_own(&self, address: &EmailAddress) -> bool {
        self.domains.contains(address.domain())
    }

    /// Whether an address that was met at `since` may belong to somebody who has it since the list was made: a mailbox
    /// that was renamed, or is new.
    pub(crate) fn may_be_new(&self, address: &EmailAddress, since: Option<Timestamp>) -> bool {
        let made_since = since.is_some_and(|since| self.made > since);
        !made_since && self.is_own(address) && !self.held.contains(address)
    }

    /// The list should be made anew soon, for an address was met that may be new.
    pub(crate) fn note_outdated(&self) {
        self.outdated.notify_one();
    }

    /// Waits until somebody says that the list is outdated.
    pub(crate) async fn until_outdated(&self) {
        self.outdated.notified().await;
    }

    /// Whether a mailbox takes part in appointments.
    pub(crate) fn has_calendar(&self, mailbox: &MailboxId) -> bool {
        self.with_calendar.contains(mailbox)
    }

    /// Whether a mailbox's calendar was read completely in a cycle that began after `since`.
    pub(crate) fn read_since(&self, mailbox: &MailboxId, since: Timestamp) -> bool {
        let read = self.calendars_read.lock().unwrap_or_else(PoisonError::into_inner);
        read.get(mailbox).is_some_and(|began| *began > since)
    }

    /// Notes that a mailbox's calendar was read completely, and what the CRM has for it, in a cycle that began at `began`.
    pub(crate) fn calendar_was_read(&self, mailbox: &MailboxId, began: Timestamp) {
        let mut read = self.calendars_read.lock().unwrap_or_else(PoisonError::into_inner);
        read.insert(mailbox.clone(), began);
    }

    /// Forgets readings that began later than now: the clock went back, and what begins to wait now would look as if it
    /// had waited for them.
    pub(crate) fn forget_readings_after(&self, now: Timestamp) {
        let mut read = self.calendars_read.lock().unwrap_or_else(PoisonError::into_inner);
        read.retain(|_, began| *began <= now);
    }

    /// The mailbox whose appointments are synchronised and whose owner has this address.
    pub fn calendar_of(&self, address: &EmailAddress) -> Option<&MailboxId> {
        self.calendars.get(address)
    }
}

fn seed(
    rep: &Rep,
    users: &BTreeMap<&EmailAddress, &User>,
    settings: &Settings,
) -> Result<MailboxSeed, String> {
    if rep.email.as_str().is_empty() {
        return Err("the rep has no e-mail address; enter that of the Microsoft 365 mailbox".to_owned());
    }
    if !settings.in_address_space(&rep.email) {
        return Err(format!("{} does not belong to any configured mail address space", rep.email));
    }
    let allowed = &settings.connection.mailbox_allow_list;
    if !allowed.is_empty() && !allowed.contains(&rep.email) {
        return Err(format!("{} is not on the list of mailboxes that narrows the pilot", rep.email));
    }
    let user = users.get(&rep.email).ok_or_else(|| {
        format!(
            "Microsoft 365 has no user with the address {}; correct the rep's e-mail or create the mailbox",
            rep.email
        )
    })?;
    let flags = [
        (Kind::Mail, rep.emails),
        (Kind::Appointment, rep.appointments),
        (Kind::Absence, rep.appointments),
        (Kind::Task, rep.tasks),
        (Kind::Contact, rep.address_book),
    ];
    let kinds: BTreeSet<Kind> = flags
        .into_iter()
        .filter(|(kind, flag)| *flag && settings.enabled(*kind))
        .map(|(kind, _)| kind)
        .collect();
    if kinds.is_empty() {
        return Err(
            "no kind of item is switched on for the rep; tick at least one beside the connector flag"
                .to_owned(),
        );
    }
    Ok(MailboxSeed {
        id: user.id.clone(),
        address: user.mail.clone(),
        addresses: user.addresses.clone(),
        name: rep.name.clone(),
        rep: rep.login.clone(),
        kinds,
    })
}
