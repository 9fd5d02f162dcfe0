//! Why something was decided. Each reason has a stable word for machines and a sentence for people.

use std::collections::BTreeSet;
use std::fmt;
use tandem_model::EmailAddress;

/// A reason.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the sentences below say it")]
pub enum Reason {
    NewInM365,
    NewInCrm,
    InStep,
    ChangedInM365 { fields: BTreeSet<String> },
    ChangedInCrm { fields: BTreeSet<String> },
    Conflict { field: String, winner: &'static str, loser: serde_json::Value },
    Overwrote { field: String, winner: &'static str, loser: serde_json::Value },
    Adopted { fields: BTreeSet<String> },
    Restored { fields: BTreeSet<String>, side: &'static str },
    Private,
    BecamePrivate,
    Published,
    Draft,
    OwnerNotAmongRecipients,
    DirectionForbids,
    OnlyFromCrm,
    TooOld,
    OutsideWindow,
    Cancelled,
    WaitsForOrganizer,
    OrganizerNeverCame,
    TakesOver,
    Claimed,
    LeftToOrganizer,
    AnswerTold { address: EmailAddress },
    OwnerRemovedCopy,
    InvitedInstead,
    RemovedByUser,
    GoneInM365,
    GoneInCrm,
    KeptInOutlook,
    StaysDeleted,
    StaysCancelled { dates: BTreeSet<String> },
    GoesOn,
    GoneOnBoth,
    EditBeatsDelete { side: &'static str },
    DeletionsOff { side: &'static str },
    Reassigned,
    NotMailed { fields: BTreeSet<String> },
    Silent,
    Mails,
    NothingToLink,
}

impl Reason {
    /// The stable word.
    pub fn code(&self) -> &'static str {
        match self {
            Reason::NewInM365 => "new-in-m365",
            Reason::NewInCrm => "new-in-crm",
            Reason::InStep => "in-step",
            Reason::ChangedInM365 { .. } => "changed-in-m365",
            Reason::ChangedInCrm { .. } => "changed-in-crm",
            Reason::Conflict { .. } => "conflict",
            Reason::Overwrote { .. } => "overwrote",
            Reason::Adopted { .. } => "adopted",
            Reason::Restored { .. } => "restored",
            Reason::Private => "private",
            Reason::BecamePrivate => "became-private",
            Reason::Published => "published",
            Reason::Draft => "draft",
            Reason::OwnerNotAmongRecipients => "owner-not-among-recipients",
            Reason::DirectionForbids => "direction",
            Reason::OnlyFromCrm => "only-from-crm",
            Reason::TooOld => "too-old",
            Reason::OutsideWindow => "outside-time-frame",
            Reason::Cancelled => "cancelled",
            Reason::WaitsForOrganizer => "waits-for-organizer",
            Reason::OrganizerNeverCame => "organizer-never-came",
            Reason::TakesOver => "takes-over",
            Reason::Claimed => "claimed",
            Reason::LeftToOrganizer => "left-to-organizer",
            Reason::AnswerTold { .. } => "answer-told",
            Reason::OwnerRemovedCopy => "owner-removed-copy",
            Reason::InvitedInstead => "invited-instead",
            Reason::RemovedByUser => "removed-by-user",
            Reason::GoneInM365 => "gone-in-m365",
            Reason::GoneInCrm => "gone-in-crm",
            Reason::KeptInOutlook => "kept-in-outlook",
            Reason::StaysDeleted => "stays-deleted",
            Reason::StaysCancelled { .. } => "stays-cancelled",
            Reason::GoesOn => "goes-on",
            Reason::GoneOnBoth => "gone-on-both",
            Reason::EditBeatsDelete { .. } => "edit-beats-delete",
            Reason::DeletionsOff { .. } => "deletions-off",
            Reason::Reassigned => "reassigned",
            Reason::NotMailed { .. } => "not-mailed",
            Reason::Silent => "silent",
            Reason::Mails => "mails",
            Reason::NothingToLink => "nothing-to-link",
        }
    }

    /// The facts for machines.
    pub fn facts(&self) -> serde_json::Value {
        use serde_json::json;
        match self {
            Reason::ChangedInM365 { fields }
            | Reason::ChangedInCrm { fields }
            | Reason::Adopted { fields }
            | Reason::Restored { fields, .. }
            | Reason::NotMailed { fields } => json!({ "fields": fields }),
            Reason::StaysCancelled { dates } => json!({ "dates": dates }),
            Reason::Conflict { field, winner, loser } | Reason::Overwrote { field, winner, loser } => {
                json!({ "field": field, "winner": winner, "losing_value": loser })
            }
            _ => serde_json::Value::Null,
        }
    }
}

impl Reason {
    /// Whether it tells of a value that goes.
    pub fn has_loser(&self) -> bool {
        matches!(self, Reason::Conflict { .. } | Reason::Overwrote { .. })
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::NewInM365 => write!(f, "new in Microsoft 365"),
            Reason::NewInCrm => write!(f, "new in the CRM"),
            Reason::InStep => write!(f, "both sides agree"),
            Reason::ChangedInM365 { fields } => write!(f, "changed in Microsoft 365: {}", list(fields)),
            Reason::ChangedInCrm { fields } => write!(f, "changed in the CRM: {}", list(fields)),
            Reason::Conflict { field, winner, .. } => {
                write!(
                    f,
                    "{field} was changed on both sides; {winner} wins, the other value is kept with this line"
                )
            }
            Reason::Overwrote { field, winner, .. } => write!(
                f,
                "{field} held something else on the other side; {winner} wins, the other value is kept with this line"
            ),
            Reason::Adopted { fields } if fields.is_empty() => {
                write!(f, "both sides had it already; linked as it is")
            }
            Reason::Adopted { fields } => {
                write!(f, "both sides had it already; linked, and made equal in {}", list(fields))
            }
            Reason::Restored { fields, side } => {
                write!(f, "changed in {side}, but the other side leads for {}; put back", list(fields))
            }
            Reason::Private => {
                write!(f, "private, and private ones are left out (setting appointments.private)")
            }
            Reason::BecamePrivate => {
                write!(f, "became private; the CRM keeps what it has and learns nothing more")
            }
            Reason::Published => {
                write!(
                    f,
                    "its organiser is not synchronised: such a meeting goes into the CRM only (setting \
                     appointments.published), and nothing of it back to Outlook"
                )
            }
            Reason::Draft => write!(f, "a draft, not a message yet"),
            Reason::OwnerNotAmongRecipients => {
                write!(
                    f,
                    "the owner of the mailbox neither wrote it nor is among its recipients (setting \
                     emails.owner_not_recipient)"
                )
            }
            Reason::DirectionForbids => {
                write!(f, "this kind does not travel in this direction (setting direction)")
            }
            Reason::OnlyFromCrm => {
                write!(f, "new ones come from the CRM only (setting appointments.new_only_from_crm)")
            }
            Reason::TooOld => {
                write!(f, "made before the day from which items are synchronised (setting ignore_before)")
            }
            Reason::OutsideWindow => {
                write!(f, "outside the time frame (settings past_days and future_days)")
            }
            Reason::Cancelled => write!(f, "called off by its organiser"),
            Reason::WaitsForOrganizer => {
                write!(
                    f,
                    "waits for the organiser's own copy, which leads; after a day at most it goes on without"
                )
            }
            Reason::OrganizerNeverCame => {
                write!(f, "the organiser's own copy was not found in time; this copy leads instead")
            }
            Reason::TakesOver => write!(f, "the copy that led is gone; this one leads from now on"),
            Reason::Claimed => {
                write!(
                    f,
                    "so far known from a guest's copy only; the organiser's copy leads from now on, and it travels both \
                     ways"
                )
            }
            Reason::LeftToOrganizer => write!(f, "the organiser's copy leads; nothing to do here"),
            Reason::AnswerTold { address } => {
                write!(f, "{address} has another answer than the CRM holds; the CRM is told")
            }
            Reason::OwnerRemovedCopy => {
                write!(f, "the owner removed this copy; the meeting goes on without it")
            }
            Reason::InvitedInstead => write!(
                f,
                "the organiser has invited the owner since; the copy that was made without mail gives way to that one"
            ),
            Reason::RemovedByUser => {
                write!(
                    f,
                    "removed from the address book by its owner; the CRM's person stays, and is not sent again"
                )
            }
            Reason::GoneInM365 => write!(f, "deleted in Microsoft 365"),
            Reason::GoneInCrm => write!(f, "deleted in the CRM"),
            Reason::KeptInOutlook => {
                write!(
                    f,
                    "deleted in the CRM, but kept in Outlook: the CRM knew this meeting from a guest's calendar only, and \
                     calls nothing off for its organiser; restore the record to have it in step again"
                )
            }
            Reason::StaysDeleted => {
                write!(
                    f,
                    "its record was deleted in the CRM before this copy was known: it stays in Outlook only, until the \
                     record is restored or its organiser changes the meeting"
                )
            }
            Reason::StaysCancelled { dates } => write!(
                f,
                "cancelled in Microsoft 365, where an occurrence does not come back within its series; it stays cancelled: {}",
                list(dates)
            ),
            Reason::GoesOn => {
                write!(
                    f,
                    "its record was deleted because a guest removed his copy; the meeting goes on, and it is back"
                )
            }
            Reason::GoneOnBoth => write!(f, "deleted on both sides"),
            Reason::EditBeatsDelete { side } => {
                write!(f, "deleted on one side but edited in {side}: the edit wins")
            }
            Reason::DeletionsOff { side } => {
                write!(f, "deleted in {side}, but deletions do not travel (setting deletions)")
            }
            Reason::Reassigned => write!(f, "given to somebody else in the CRM"),
            Reason::NotMailed { fields } => {
                write!(
                    f,
                    "not written to Microsoft 365, for it would mail attendees whom the notification rules protect: {}",
                    list(fields)
                )
            }
            Reason::Silent => write!(f, "made without attendees, so that nobody is mailed"),
            Reason::Mails => write!(f, "the attendees are told by mail, as the notification rules allow"),
            Reason::NothingToLink => write!(f, "neither side holds it any more"),
        }
    }
}

fn list(fields: &BTreeSet<String>) -> String {
    fields.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}
