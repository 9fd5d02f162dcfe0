//! The audit itself.

use crate::records::CrmWorld;
use crate::{
    AuditError, ControlApi, CrmAccess, CrmSession, Kind, MailboxDump, Report, Scope, absence, appointment,
    contact, mail, task,
};

/// The second opinion on whether two sides are in step.
#[derive(Debug, Clone, Copy)]
pub struct Audit;

impl Audit {
    /// Reads the tenant by its control API and the CRM by CRM.interface, and compares what `scope` says.
    pub async fn run(control: &str, crm: CrmAccess, scope: Scope) -> Result<Report, AuditError> {
        Self::between(&ControlApi::new(control)?, &CrmSession::new(crm)?, &scope).await
    }

    /// The same over connections that the caller has.
    pub async fn between(
        control: &ControlApi,
        crm: &CrmSession,
        scope: &Scope,
    ) -> Result<Report, AuditError> {
        let world = CrmWorld::read(crm).await?;
        let dumps = dumps(control, scope).await?;
        Ok(compare(&dumps, &world, scope))
    }
}

/// The synchronised mailboxes, by address.
async fn dumps(control: &ControlApi, scope: &Scope) -> Result<Vec<(String, MailboxDump)>, AuditError> {
    let mut dumps = Vec::with_capacity(scope.mailboxes.len());
    for mailbox in &scope.mailboxes {
        dumps.push((mailbox.address.clone(), control.dump(&mailbox.address).await?));
    }
    Ok(dumps)
}

fn compare(dumps: &[(String, MailboxDump)], world: &CrmWorld, scope: &Scope) -> Report {
    let mut report = Report::default();
    // Absences come first: their events are no appointments.
    let (absences, events) = absence::compare(dumps, world, scope);
    for kind in &scope.kinds {
        let found = match kind {
            Kind::Mail => mail::compare(dumps, world, scope),
            Kind::Appointment => appointment::compare(dumps, world, scope, &events),
            Kind::Task => task::compare(dumps, world, scope),
            Kind::Contact => contact::compare(dumps, world, scope),
            Kind::Absence => absences.clone(),
        };
        report.kinds.insert(*kind, found);
    }
    report
}
