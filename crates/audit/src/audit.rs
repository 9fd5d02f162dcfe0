//! The audit itself.

use crate::records::CrmWorld;
use crate::{
    AuditError, ControlApi, CrmAccess, CrmSession, Kind, MailboxDump, Record, Report, Scope, Tables, absence,
    appointment, contact, mail, task,
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
        let sight = Sight::of(dumps(control, scope).await?, crm).await?;
        Ok(Self::judge(&sight, scope))
    }

    /// Compares what the caller has read.
    pub fn judge(sight: &Sight, scope: &Scope) -> Report {
        compare(&sight.mailboxes, &sight.crm, scope)
    }
}

/// Both sides as they were read, for who looks at them more than once.
#[derive(Debug)]
pub struct Sight {
    mailboxes: Vec<(String, MailboxDump)>,
    crm: CrmWorld,
}

impl Sight {
    /// These mailboxes, by the addresses that the scope has for them, and what the CRM holds now.
    pub async fn of(mailboxes: Vec<(String, MailboxDump)>, crm: &impl Tables) -> Result<Self, AuditError> {
        Ok(Self { mailboxes, crm: CrmWorld::read(crm).await? })
    }

    /// The mailboxes, in the order in which they were given.
    pub fn mailboxes(&self) -> impl Iterator<Item = &MailboxDump> {
        self.mailboxes.iter().map(|(_, dump)| dump)
    }

    /// The CRM's activities, tasks, absences or persons, those that are marked as deleted included; nothing for any
    /// other table.
    pub fn table(&self, name: &str) -> &[Record] {
        match name {
            "Contact" => &self.crm.activities,
            "Task" => &self.crm.tasks,
            "Absence" => &self.crm.absences,
            "Person" => &self.crm.persons,
            _ => &[],
        }
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
