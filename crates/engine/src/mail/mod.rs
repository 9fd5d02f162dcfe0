//! E-mails: from the synchronisation folder to the CRM, then into the success or failure folder.
//!
//! A message is an activity as soon as the CRM says so, and that is committed before the message moves: a crash in
//! between leaves a move to be done, never a second activity.

mod apply;
mod folders;
mod moves;
mod observe;
mod record;

use tandem_crm_port::Status;
use tandem_graph::Remote;
use tandem_model::Mail;
use tandem_store::{Link, Object};

/// A message on its way through a cycle.
#[derive(Debug, Clone)]
struct MailWork {
    /// Its link; a fresh one when it has none yet.
    link: Link,
    /// The e-mail, if another mailbox brought it already.
    object: Option<Object>,
    /// The message as it was read.
    remote: Remote,
    /// The message with its attachments.
    mail: Mail,
    /// What was decided.
    decision: Decision,
    /// Remarks on the way: stable word and sentence.
    notes: Vec<(String, String)>,
}

/// What becomes of a message.
#[derive(Debug, Clone)]
enum Decision {
    /// It is to be added to the CRM.
    Add,
    /// Another mailbox brought it already, and its owner takes part in that activity.
    Join,
    /// A rule leaves it out.
    Skip(tandem_reconcile::Reason),
    /// The CRM answered.
    Answered(Box<Status>),
    /// Microsoft 365 did not let it be read whole, and never will.
    Unread(String),
    /// Microsoft 365 did not let it be read whole this time.
    Later(String),
}
