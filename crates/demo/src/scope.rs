//! What the audit is told: the company's own facts and the connector's settings, as its administrator knows them.

use crate::company::Company;
use crate::fleet::Setup;
use jiff::Timestamp;
use tandem_audit::{Kind, Scope, ScopedMailbox};

/// `imported_until` is the end of the first synchronisation.
pub(crate) fn scope(company: &Company, setup: &Setup, now: Timestamp, imported_until: Timestamp) -> Scope {
    let mailboxes = company
        .synchronised()
        .map(|(_, colleague)| ScopedMailbox {
            address: colleague.address.clone(),
            rep: colleague.rep.to_string(),
            kinds: Kind::ALL.into(),
        })
        .collect();
    Scope {
        appointment_past_days: setup.frames.appointment_past,
        appointment_future_days: setup.frames.appointment_future,
        task_past_days: setup.frames.task_past,
        task_future_days: setup.frames.task_future,
        owner_may_be_missing: setup.open,
        create_persons: setup.open,
        persons_of_rep: true,
        imported_until: Some(imported_until),
        ..Scope::new(now, mailboxes)
    }
}
