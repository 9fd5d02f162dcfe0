//! Whose mailboxes are to be synchronised.

use tandem_model::EmailAddress;

/// A rep, as far as the connector needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rep {
    /// Rep id.
    pub rep_id: String,
    /// Login, under which the connector acts for the rep.
    pub login: String,
    /// Name.
    pub name: String,
    /// E-mail address, by which the mailbox is found.
    pub email: EmailAddress,
    /// Left or locked.
    pub inactive: bool,
    /// The connector works for the rep at all.
    pub enabled: bool,
    /// E-mails are synchronised.
    pub emails: bool,
    /// Appointments are synchronised.
    pub appointments: bool,
    /// Tasks are synchronised.
    pub tasks: bool,
    /// Contacts are synchronised.
    pub address_book: bool,
    /// The rep's own settings of the connector, as stored; empty if there are none.
    pub user_settings: String,
}
