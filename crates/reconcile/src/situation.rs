//! What is known of one object, seen from one mailbox.

use jiff::Timestamp;
use tandem_model::{Document, EmailAddress, Kind, Response};

/// What one side shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Side<'a> {
    /// It reported nothing new: it holds what the base says. A write that relies on this carries a precondition.
    Unchanged,
    /// It holds this now.
    Present(&'a Document),
    /// It had it, and a direct read says that it is gone. A mere absence from a list is never `Gone`.
    Gone,
    /// It never had it.
    Absent,
}

impl Side<'_> {
    /// Whether the side holds a copy.
    pub fn has_copy(&self) -> bool {
        matches!(self, Side::Unchanged | Side::Present(_))
    }
}

/// What each side held when both last agreed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BaseView<'a> {
    /// Microsoft 365.
    pub m365: &'a Document,
    /// The CRM.
    pub crm: &'a Document,
}

/// What a copy is to its object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopyRole {
    /// It speaks for the object.
    Lead,
    /// It contributes its owner's answer only.
    Attendee,
    /// One of several equal copies.
    Replica,
}

/// Who called a meeting, seen from the mailbox in question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Organizer {
    /// Its owner; also of entries without attendees.
    Owner,
    /// The owner of another synchronised mailbox.
    Colleague,
    /// Somebody whose mailbox is not synchronised.
    Outsider,
}

/// What is known of the other mailboxes' copies of the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peers {
    /// No mailbox has linked it yet.
    None,
    /// Another mailbox's copy leads, and invites the owner of this one by itself.
    LeadInvites,
    /// Another mailbox's copy leads, but without this one's owner among its attendees.
    LeadSilent,
    /// The same, and it was not told yet what the record says by now: it may be about to invite him.
    LeadBehind,
    /// Another mailbox's copy leads as its organiser's, and this one claims to be the organiser's too: a file that two
    /// people imported.
    LeadOrganizes,
    /// The leading copy is gone, or its mailbox takes part no longer; others than this one hold copies.
    Orphaned,
    /// The same, and this mailbox's copy is the last one.
    LastCopy,
    /// This mailbox holds another copy, which came by the organiser's invitation.
    Invited,
    /// This mailbox's copy leads, and no other holds one.
    Own,
    /// This mailbox's copy leads, and others hold copies too.
    OwnShared,
}

/// Facts about the copy in Microsoft 365 beside its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyFacts {
    /// Who called the meeting.
    pub organizer: Organizer,
    /// The owner's own answer.
    pub own_response: Response,
    /// The owner's own answer as the CRM was last told it.
    pub told_response: Response,
    /// The organiser called it off.
    pub cancelled: bool,
    /// It is a copy of an earlier meeting, which another one replaced: it says nothing of the object any more.
    pub replaced: bool,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// When it was changed last.
    pub modified: Option<Timestamp>,
}

/// Facts about the CRM's record beside its content.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CrmFacts {
    /// Came from an organiser who is not synchronised; never sent back.
    pub published: bool,
    /// The CRM's fields win where both sides changed.
    pub wins: bool,
    /// When it was changed last.
    pub modified: Option<Timestamp>,
    /// It is no longer this rep's.
    pub reassigned: bool,
    /// It was deleted by the connector, because a copy of it had gone.
    pub followed: bool,
    /// It was deleted before it was told what the organiser's copy, which becomes known only now, says: the copy that spoke for
    /// the meeting had told something else.
    pub behind: bool,
}

/// Everything `plan` looks at.
#[derive(Debug, Clone, PartialEq)]
pub struct Situation<'a> {
    /// Kind of the item.
    pub kind: Kind,
    /// Addresses of the mailbox's owner, the primary one first.
    pub owner: &'a [EmailAddress],
    /// Last agreement; none for what was never linked.
    pub base: Option<BaseView<'a>>,
    /// What the linked copy is to the object; none for what was never linked.
    pub role: Option<CopyRole>,
    /// Microsoft 365 now.
    pub m365: Side<'a>,
    /// Facts about the copy there; none when it is not there or not newly read.
    pub copy: Option<&'a CopyFacts>,
    /// The CRM now.
    pub crm: Side<'a>,
    /// Facts about the record.
    pub record: &'a CrmFacts,
    /// Other mailboxes' copies.
    pub peers: Peers,
    /// Whether it has waited long enough for its organiser's copy.
    pub patience_over: bool,
}
