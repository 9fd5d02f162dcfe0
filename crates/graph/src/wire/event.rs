//! Events.

use super::contact::etag;
use super::person::{self, Address, Recipient};
use super::property::{self, Property};
use super::recurrence::{self, Recurrence};
use super::text::{self, ItemBody};
use super::time::{self, DateTimeTimeZone};
use super::{Fields, Lens, categories, importance, importance_name, series, text_or_empty};
use crate::{Facts, Remote, zones};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use tandem_model::{
    Absence, Appointment, Attendee, EmailAddress, GraphId, ICalUid, Item, Kind, Person, Response, Role,
    ShowAs, When, Zone,
};

/// What is asked for: `cancelledOccurrences` comes only when it is named, so everything else has to be named too.
pub(crate) const SELECT: &str = "id,changeKey,subject,body,location,start,end,originalStartTimeZone,isAllDay,showAs,\
                                 sensitivity,importance,isReminderOn,reminderMinutesBeforeStart,categories,organizer,\
                                 attendees,recurrence,type,seriesMasterId,originalStart,iCalUId,isOrganizer,\
                                 responseStatus,isCancelled,isDraft,hasAttachments,isOnlineMeeting,createdDateTime,\
                                 lastModifiedDateTime,cancelledOccurrences";

/// Graph `event`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct EventWire {
    pub(crate) id: String,
    #[serde(rename = "@odata.etag")]
    etag: Option<String>,
    change_key: Option<String>,
    pub(crate) r#type: Option<String>,
    pub(crate) subject: Option<String>,
    pub(crate) body: Option<ItemBody>,
    pub(crate) location: Option<Location>,
    pub(crate) start: Option<DateTimeTimeZone>,
    end: Option<DateTimeTimeZone>,
    original_start_time_zone: Option<String>,
    pub(crate) is_all_day: Option<bool>,
    pub(crate) show_as: Option<String>,
    sensitivity: Option<String>,
    importance: Option<String>,
    is_reminder_on: Option<bool>,
    reminder_minutes_before_start: Option<i64>,
    categories: Option<Vec<String>>,
    organizer: Option<Recipient>,
    attendees: Option<Vec<AttendeeWire>>,
    recurrence: Option<Recurrence>,
    pub(crate) series_master_id: Option<String>,
    pub(crate) original_start: Option<String>,
    pub(crate) occurrence_id: Option<String>,
    #[serde(rename = "iCalUId")]
    ical_uid: Option<String>,
    is_organizer: Option<bool>,
    response_status: Option<ResponseStatus>,
    is_cancelled: Option<bool>,
    is_draft: Option<bool>,
    has_attachments: Option<bool>,
    pub(crate) is_online_meeting: Option<bool>,
    pub(crate) created_date_time: Option<String>,
    last_modified_date_time: Option<String>,
    pub(crate) cancelled_occurrences: Option<Vec<Value>>,
    pub(crate) exception_occurrences: Option<Vec<EventWire>>,
    single_value_extended_properties: Option<Vec<Property>>,
}

/// Graph `location`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Location {
    pub(crate) display_name: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct AttendeeWire {
    email_address: Option<Address>,
    r#type: Option<String>,
    status: Option<ResponseStatus>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct ResponseStatus {
    response: Option<String>,
}

impl ResponseStatus {
    fn read(status: Option<&Self>) -> Response {
        match status.and_then(|status| status.response.as_deref()).unwrap_or_default() {
            text if text.eq_ignore_ascii_case("accepted") => Response::Accepted,
            text if text.eq_ignore_ascii_case("tentativelyAccepted") => Response::Tentative,
            text if text.eq_ignore_ascii_case("declined") => Response::Declined,
            _ => Response::None,
        }
    }

    fn is_organizer(status: Option<&Self>) -> bool {
        status
            .and_then(|status| status.response.as_deref())
            .is_some_and(|text| text.eq_ignore_ascii_case("organizer"))
    }
}

const SHOW_AS: [(&str, ShowAs); 5] = [
    ("free", ShowAs::Free),
    ("tentative", ShowAs::Tentative),
    ("busy", ShowAs::Busy),
    ("oof", ShowAs::Oof),
    ("workingElsewhere", ShowAs::WorkingElsewhere),
];

pub(crate) fn show_as(text: Option<&str>) -> ShowAs {
    let text = text.unwrap_or_default();
    SHOW_AS
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(text))
        .map(|(_, value)| *value)
        .unwrap_or_default()
}

pub(crate) fn show_as_name(value: ShowAs) -> &'static str {
    SHOW_AS.iter().find(|(_, known)| *known == value).map_or("busy", |(name, _)| name)
}

impl EventWire {
    /// Whether it belongs to a series: an occurrence or an exception, by its master.
    pub(crate) fn occurrence_of(&self) -> Option<&str> {
        self.series_master_id.as_deref().filter(|id| !id.is_empty())
    }

    /// Whether it is a series' master.
    pub(crate) fn is_master(&self) -> bool {
        self.r#type.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("seriesMaster"))
            || (self.recurrence.is_some() && self.occurrence_of().is_none())
    }

    pub(crate) fn key(&self) -> Option<String> {
        property::key(self.single_value_extended_properties.as_ref())
    }

    /// The item: an appointment, or an absence where one is asked for.
    pub(crate) fn remote(&self, kind: Kind, lens: &Lens) -> Result<Remote, String> {
        let appointment = self.appointment(lens)?;
        let item = match kind {
            Kind::Absence => Item::Absence(Absence {
                subject: appointment.subject,
                text: appointment.text,
                when: appointment.when,
                show_as: appointment.show_as,
                additional: appointment.additional,
            }),
            _ => Item::Appointment(appointment),
        };
        let etag = etag(self.etag.as_ref(), self.change_key.as_ref());
        Ok(Remote { id: GraphId::new(&self.id), etag, item, facts: self.facts(lens) })
    }

    fn facts(&self, lens: &Lens) -> Facts {
        Facts {
            ical_uid: self.ical_uid.as_deref().filter(|uid| !uid.is_empty()).map(ICalUid::from),
            is_organizer: self.is_organizer.unwrap_or_else(|| {
                self.organizer().is_none_or(|organizer| lens.addresses.contains(&organizer.address))
            }),
            own_response: ResponseStatus::read(self.response_status.as_ref()),
            is_cancelled: self.is_cancelled.unwrap_or_default(),
            is_draft: self.is_draft.unwrap_or_default(),
            has_attachments: self.has_attachments.unwrap_or_default(),
            created: time::instant(self.created_date_time.as_ref()),
            modified: time::instant(self.last_modified_date_time.as_ref()),
            folder: None,
            series_master: self.occurrence_of().map(GraphId::from),
            key: self.key(),
            online_meeting: self.is_online_meeting.unwrap_or_default(),
            custom_zone: self.named_zone(lens).is_some_and(|named| named.custom),
        }
    }

    pub(crate) fn appointment(&self, lens: &Lens) -> Result<Appointment, String> {
        let when = self.when(lens).ok_or("the event has no readable begin and end")?;
        let organizer = self.organizer();
        let (attendees, mut responses) = self.attendance(organizer.as_ref());
        // In a copy that is not the organiser's, only `responseStatus` knows what its owner answered.
        let own = ResponseStatus::read(self.response_status.as_ref());
        let owner =
            attendees.iter().map(|attendee| &attendee.person.address).find(|at| lens.addresses.contains(at));
        if let Some(owner) = owner.filter(|_| own != Response::None && self.is_organizer != Some(true)) {
            responses.insert(owner.clone(), own);
        }
        let mut appointment = Appointment {
            subject: text_or_empty(self.subject.as_ref()).trim().to_owned(),
            text: self.body.as_ref().map(ItemBody::text).unwrap_or_default(),
            location: self.place().unwrap_or_default(),
            when,
            show_as: show_as(self.show_as.as_deref()),
            private: matches!(self.sensitivity.as_deref(), Some("private" | "confidential")),
            importance: importance(self.importance.as_deref()),
            reminder_minutes: self.reminder(),
            categories: categories(self.categories.as_ref()),
            organizer,
            attendees,
            responses,
            series: None,
            additional: Default::default(),
        };
        if let Some(recurrence) = self.recurrence.as_ref().filter(|_| self.occurrence_of().is_none()) {
            appointment.series = Some(series::read(self, recurrence, &appointment, lens)?);
        }
        Ok(appointment)
    }

    /// Begin and end. An event that ends before it begins is given no length: Exchange refuses such events, calendars
    /// that were imported hold them.
    pub(crate) fn when(&self, lens: &Lens) -> Option<When> {
        let (start, end) = (self.start.as_ref()?, self.end.as_ref().or(self.start.as_ref())?);
        let zone = self.zone(lens);
        if self.is_all_day.unwrap_or_default() {
            let start = start.all_day_date(&zone)?;
            let next = start.tomorrow().ok()?;
            return Some(When::AllDay { start, end: end.all_day_date(&zone)?.max(next) });
        }
        let start = start.instant()?;
        Some(When::Timed { start, end: end.instant()?.max(start), zone })
    }

    fn named_zone(&self, lens: &Lens) -> Option<zones::Named> {
        let name = self.original_start_time_zone.as_deref().filter(|name| !name.is_empty())?;
        Some(zones::from_graph(name, &lens.zone))
    }

    /// The zone in which it was said; where the answer does not tell, that of the times.
    fn zone(&self, lens: &Lens) -> Zone {
        self.named_zone(lens).map(|named| named.zone).unwrap_or_else(|| {
            let name = self.start.as_ref().and_then(|start| start.time_zone.as_deref()).unwrap_or("UTC");
            zones::from_graph(name, &lens.zone).zone
        })
    }

    pub(crate) fn place(&self) -> Option<String> {
        Some(text_or_empty(self.location.as_ref()?.display_name.as_ref()).trim().to_owned())
    }

    fn reminder(&self) -> Option<u32> {
        let on = self.is_reminder_on.unwrap_or_default();
        on.then(|| u32::try_from(self.reminder_minutes_before_start.unwrap_or(15)).unwrap_or_default())
    }

    fn organizer(&self) -> Option<Person> {
        self.organizer.as_ref()?.person()
    }

    /// Who is invited, and what they answered. The organiser often stands among the attendees; not here.
    fn attendance(
        &self,
        organizer: Option<&Person>,
    ) -> (std::collections::BTreeSet<Attendee>, BTreeMap<EmailAddress, Response>) {
        let mut attendees = BTreeMap::new();
        let mut responses = BTreeMap::new();
        for attendee in self.attendees.iter().flatten() {
            let recipient = Recipient { email_address: attendee.email_address.clone() };
            let Some(person) = recipient.person() else { continue };
            let address = person.address.clone();
            let organizes = organizer.is_some_and(|organizer| {
                organizer.address == address
                    && (!address.as_str().is_empty() || organizer.name == person.name)
            });
            if organizes || ResponseStatus::is_organizer(attendee.status.as_ref()) {
                continue;
            }
            let response = ResponseStatus::read(attendee.status.as_ref());
            if response != Response::None && !address.as_str().is_empty() {
                responses.insert(address.clone(), response);
            }
            let role = match attendee.r#type.as_deref().unwrap_or_default().to_ascii_lowercase().as_str() {
                "optional" => Role::Optional,
                "resource" => Role::Resource,
                _ => Role::Required,
            };
            // The same address twice is one attendee.
            let key =
                if address.as_str().is_empty() { person.name.clone() } else { address.as_str().to_owned() };
            attendees.entry(key).or_insert(Attendee { person, role });
        }
        (attendees.into_values().collect(), responses)
    }
}

/// The JSON that writes an event. All-day events are written as midnight in `zone`. `invite` says whether a new
/// event gets its attendees, which makes Exchange mail them.
pub(crate) fn write(
    event: &Appointment,
    fields: Fields<'_>,
    invite: bool,
    zone: &Zone,
) -> Map<String, Value> {
    let new = matches!(fields, Fields::All);
    let mut body = Map::new();
    let mut set = |field: &str, name: &str, value: Value| {
        if fields.has(field) {
            body.insert(name.to_owned(), value);
        }
    };
    set("subject", "subject", json!(event.subject));
    set("text", "body", text::body(&event.text));
    set("location", "location", json!({ "displayName": event.location }));
    let all_day_zone = event.series.as_ref().map_or(zone, |series| &series.zone);
    let (start, end) = time::write_when(&event.when, all_day_zone);
    set("when", "start", start);
    set("when", "end", end);
    set("when", "isAllDay", json!(matches!(event.when, When::AllDay { .. })));
    set("show_as", "showAs", json!(show_as_name(event.show_as)));
    set("private", "sensitivity", json!(if event.private { "private" } else { "normal" }));
    set("importance", "importance", json!(importance_name(event.importance)));
    set("reminder_minutes", "isReminderOn", json!(event.reminder_minutes.is_some()));
    if let Some(minutes) = event.reminder_minutes {
        set("reminder_minutes", "reminderMinutesBeforeStart", json!(minutes));
    }
    set("categories", "categories", json!(event.categories));
    if !new || (invite && !event.attendees.is_empty()) {
        set("attendees", "attendees", event.attendees.iter().filter_map(write_attendee).collect());
    }
    let recurrence = event.series.as_ref().map_or(Value::Null, recurrence::write);
    if !new || !recurrence.is_null() {
        set("series", "recurrence", recurrence);
    }
    body
}

/// Somebody invited; Exchange takes nobody without an address.
fn write_attendee(attendee: &Attendee) -> Option<Value> {
    let role = match attendee.role {
        Role::Required => "required",
        Role::Optional => "optional",
        Role::Resource => "resource",
    };
    let reachable = !attendee.person.address.as_str().is_empty();
    reachable.then(|| json!({ "type": role, "emailAddress": person::address(&attendee.person) }))
}

/// An absence as the event that stands for it, without a reminder.
pub(crate) fn from_absence(absence: &Absence) -> Appointment {
    Appointment {
        subject: absence.subject.clone(),
        text: absence.text.clone(),
        location: String::new(),
        when: absence.when.clone(),
        show_as: absence.show_as,
        private: false,
        importance: Default::default(),
        reminder_minutes: None,
        categories: Default::default(),
        organizer: None,
        attendees: Default::default(),
        responses: Default::default(),
        series: None,
        additional: absence.additional.clone(),
    }
}
