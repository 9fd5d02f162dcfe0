//! Who calls and who attends an event of a calendar file.

use crate::ids::MailboxNo;
use crate::mailbox::content::{EmailAddress, Recipient};
use crate::mailbox::event::{Attendee, AttendeeKind, Response, ResponseStatus};
use crate::tenant::Tenant;
use calcard::icalendar::{
    ICalendarComponent, ICalendarEntry, ICalendarParameterName as Parameter, ICalendarParameterValue,
    ICalendarParticipationRole as Role, ICalendarParticipationStatus as Status, ICalendarProperty,
    ICalendarUserTypes as UserType,
};

/// The people of an event.
#[derive(Debug, Default)]
pub struct People {
    organizer: Option<Recipient>,
    /// Attendees with their answers.
    pub attendees: Vec<Attendee>,
}

/// The people of an event of a file. Whoever has no mail address cannot be invited by Outlook and is left out.
pub fn read(event: &ICalendarComponent) -> People {
    let organizer = event.property(&ICalendarProperty::Organizer).and_then(recipient);
    let mut attendees: Vec<Attendee> = Vec::new();
    for entry in event.properties(&ICalendarProperty::Attendee) {
        let Some(who) = recipient(entry) else { continue };
        let key = who.email_address.key();
        if attendees.iter().any(|known| known.email_address.key() == key) {
            continue;
        }
        attendees.push(Attendee {
            kind: kind(entry),
            status: ResponseStatus::unasked(response(entry)),
            email_address: who.email_address,
            proposed_new_time: None,
        });
    }
    People { organizer, attendees }
}

impl People {
    /// Who called the event as the owner of a mailbox sees it, if it was not himself, and what he answered.
    pub fn seen_by(&self, tenant: &Tenant, mailbox: MailboxNo) -> (Option<Recipient>, Option<Response>) {
        let is_owner = |address: &EmailAddress| tenant.find_user(&address.key()) == Some(mailbox);
        let organizer = self.organizer.clone().filter(|organizer| !is_owner(&organizer.email_address));
        let own = self.attendees.iter().find(|attendee| is_owner(&attendee.email_address));
        let response = own.map(|own| own.status.response).filter(|response| *response != Response::None);
        (organizer, response)
    }
}

fn recipient(entry: &ICalendarEntry) -> Option<Recipient> {
    let parameter = |name: &Parameter| entry.parameter(name).and_then(|value| value.as_text());
    let address = parameter(&Parameter::Email).or_else(|| entry.calendar_address());
    let address = address.map(str::trim).filter(|address| address.contains('@'))?;
    let name = parameter(&Parameter::Cn).map(|name| name.trim_matches('"')).unwrap_or(address);
    Some(Recipient::new(name, address))
}

fn kind(entry: &ICalendarEntry) -> AttendeeKind {
    let is_thing = matches!(
        entry.parameter(&Parameter::Cutype),
        Some(ICalendarParameterValue::Cutype(UserType::Resource | UserType::Room))
    );
    match entry.parameter(&Parameter::Role) {
        _ if is_thing => AttendeeKind::Resource,
        Some(ICalendarParameterValue::Role(Role::OptParticipant | Role::NonParticipant)) => {
            AttendeeKind::Optional
        }
        _ => AttendeeKind::Required,
    }
}

fn response(entry: &ICalendarEntry) -> Response {
    match entry.parameter(&Parameter::Partstat) {
        Some(ICalendarParameterValue::Partstat(Status::Accepted)) => Response::Accepted,
        Some(ICalendarParameterValue::Partstat(Status::Declined)) => Response::Declined,
        Some(ICalendarParameterValue::Partstat(Status::Tentative)) => Response::TentativelyAccepted,
        _ => Response::None,
    }
}
