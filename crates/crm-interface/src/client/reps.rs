//! The reps of the CRM: whose mailboxes are to be synchronised.

use super::{CrmClient, CrmError};
use crate::language::{Query, Record};
use std::collections::BTreeMap;
use tandem_crm_port::Rep;
use tandem_model::EmailAddress;

/// How many reps are fetched with one request.
const PAGE: u32 = 500;

impl CrmClient {
    /// All reps, in the order of their ids.
    pub async fn reps(&self) -> Result<Vec<Rep>, CrmError> {
        let records = self.records(&Query::all("Rep"), PAGE, "list the reps").await?;
        // A rep who is added or removed between two pages shifts the others; none is given twice.
        let reps: BTreeMap<String, Rep> =
            records.iter().map(rep).map(|rep| (rep.rep_id.clone(), rep)).collect();
        Ok(reps.into_values().collect())
    }
}

fn rep(record: &Record) -> Rep {
    let text = |name| record.field(name).unwrap_or_default().to_owned();
    let flag = |name| matches!(record.field(name).map(str::trim), Some("true" | "1"));
    Rep {
        rep_id: text("RepID"),
        login: text("Login"),
        name: text("Name"),
        email: EmailAddress::new(record.field("Email").unwrap_or_default()),
        inactive: flag("Inactive"),
        enabled: flag("ConnectorEnabled"),
        emails: flag("SyncEmails"),
        appointments: flag("SyncAppointments"),
        tasks: flag("SyncTasks"),
        address_book: flag("SyncAddressBook"),
        user_settings: text("UserSettings"),
    }
}
