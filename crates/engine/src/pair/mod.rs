//! Items that travel as pairs of a copy in Microsoft 365 and a record in the CRM: appointments, tasks, contacts and
//! absences.

mod agreed;
mod awaited;
mod batch;
mod crm;
mod decide;
mod doubled;
mod due;
mod m365;
mod met;
mod moved;
mod own_writes;
mod peers;
mod record;
mod reread;
mod reserve;
mod seen;
mod suspects;
mod windows;
mod work;
mod write_crm;
mod write_m365;

pub(crate) use decide::{kept_role, organizer_in};
pub(crate) use due::due;
pub(crate) use record::entry;
pub(crate) use seen::as_absence;
pub(crate) use work::{CONSENTED, CrmSeen, M365Seen, SILENT, SUSPECT, Work, key_of};
