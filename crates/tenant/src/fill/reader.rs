//! The properties of one event of a calendar file.

use super::{rule, zones};
use crate::calendar::{WallTime, Zone, midnight};
use crate::mailbox::content::{Attachment, AttachmentContent, Body, BodyType, Importance};
use crate::mailbox::event::{EventContent, Location, Sensitivity, ShowAs};
use crate::tenant::Tenant;
use calcard::common::PartialDateTime;
use calcard::icalendar::{
    ICalendar, ICalendarClassification, ICalendarComponent, ICalendarComponentType, ICalendarDuration,
    ICalendarEntry, ICalendarParameterName, ICalendarProperty as Property, ICalendarStatus,
    ICalendarTransparency, ICalendarValue, Uri,
};
use jiff::civil::{Date, DateTime};
use jiff::{Span, Timestamp};
use std::collections::BTreeSet;

/// A time of a file.
#[derive(Debug, Clone)]
pub struct When {
    /// The time.
    pub wall: WallTime,
    /// Whether it is a whole day.
    pub is_date: bool,
}

/// Reads the properties of one event.
pub struct Reader<'a> {
    /// The calendar it stands in.
    pub calendar: &'a ICalendar,
    /// The event.
    pub event: &'a ICalendarComponent,
    /// The zone of times that name none.
    pub home: &'a Zone,
}

impl Reader<'_> {
    /// The time of a property, if there is one.
    pub fn time(&self, property: &Property) -> Result<Option<When>, String> {
        let Some(entry) = self.event.property(property) else { return Ok(None) };
        let name = property.as_str();
        let value = entry.values.first().ok_or_else(|| format!("{name} is empty"))?;
        match value.as_partial_date_time() {
            Some(partial) => self.when(entry, partial).map(Some),
            None => Err(format!("{name} '{}' is no date", value.as_text().unwrap_or_default())),
        }
    }

    fn when(&self, entry: &ICalendarEntry, partial: &PartialDateTime) -> Result<When, String> {
        let name = entry.name.as_str();
        let (Some(year), Some(month), Some(day)) = (partial.year, partial.month, partial.day) else {
            return Err(format!("{name} has no full date"));
        };
        let small = |value: u8| i8::try_from(value).unwrap_or(-1);
        let date = Date::new(i16::try_from(year).unwrap_or(-1), small(month), small(day))
            .map_err(|error| format!("{name} is no date: {error}"))?;
        let Some(hour) = partial.hour else {
            let wall = WallTime { local: midnight(date), zone: self.home.clone() };
            return Ok(When { wall, is_date: true });
        };
        // A leap second has no place in wall time.
        let second = partial.second.unwrap_or(0).min(59);
        let time = jiff::civil::Time::new(small(hour), small(partial.minute.unwrap_or(0)), small(second), 0)
            .map_err(|error| format!("{name} is no time: {error}"))?;
        let local = date.to_datetime(time);
        Ok(When { wall: self.placed(entry, partial, local)?, is_date: false })
    }

    /// A local time in the zone that the entry names.
    fn placed(
        &self,
        entry: &ICalendarEntry,
        partial: &PartialDateTime,
        local: DateTime,
    ) -> Result<WallTime, String> {
        if let Some(hours) = partial.tz_hour {
            let ahead = i64::from(hours) * 60 + i64::from(partial.tz_minute.unwrap_or(0));
            let ahead = if partial.tz_minus { -ahead } else { ahead };
            let local = local.saturating_sub(Span::new().try_minutes(ahead).unwrap_or_default());
            return Ok(WallTime { local, zone: Zone::utc() });
        }
        let tzid = entry.parameter(&ICalendarParameterName::Tzid).and_then(|value| value.as_text());
        let zone = match tzid {
            Some(tzid) => zones::resolve(tzid, self.calendar).ok_or_else(|| {
                format!("the time zone '{tzid}' is none that Outlook knows, by its name or by its rules")
            })?,
            None => self.home.clone(),
        };
        Ok(WallTime { local, zone })
    }

    /// When the event ends: by DTEND, by DURATION, or by its start.
    pub fn end(&self, start: &When) -> Result<WallTime, String> {
        if let Some(end) = self.time(&Property::Dtend)? {
            if end.is_date != start.is_date {
                return Err("DTSTART and DTEND are not both dates or both times".to_owned());
            }
            let nothing = start.is_date && end.wall.local == start.wall.local;
            return Ok(if nothing { start.wall.shifted(1) } else { end.wall });
        }
        let duration = self.event.property(&Property::Duration).and_then(|entry| entry.values.first());
        match duration {
            Some(ICalendarValue::Duration(duration)) => after(&start.wall, duration),
            Some(other) => Err(format!("DURATION '{}' is none", other.as_text().unwrap_or_default())),
            None if start.is_date => Ok(start.wall.shifted(1)),
            None => Ok(start.wall.clone()),
        }
    }

    fn text(&self, property: &Property) -> Option<String> {
        let entry = self.event.property(property)?;
        let parts: Vec<&str> = entry.values.iter().filter_map(|value| value.as_text()).collect();
        (!parts.is_empty()).then(|| parts.join(","))
    }

    fn other(&self, name: &str) -> Option<String> {
        self.text(&Property::Other(name.to_owned()))
    }

    /// What the event says, without people and recurrence.
    pub fn content(&self, start: &When, end: WallTime) -> Result<EventContent, String> {
        let body = match self.other("X-ALT-DESC") {
            Some(html) if html.contains('<') => Body { content_type: BodyType::Html, content: html.into() },
            _ => {
                let text = self.text(&Property::Description).unwrap_or_default();
                Body { content_type: BodyType::Text, content: text.into() }
            }
        };
        let mut content: EventContent = serde_json::from_value(serde_json::json!({
            "start": start.wall.json(),
            "end": end.json(),
            "isAllDay": start.is_date,
            "isReminderOn": false,
        }))
        .map_err(|error| error.to_string())?;
        content.subject = self.text(&Property::Summary).map(Into::into);
        content.body = body;
        content.location = Location {
            display_name: self.text(&Property::Location).unwrap_or_default().into(),
            ..Location::default()
        };
        content.sensitivity = self.sensitivity();
        content.show_as = self.show_as();
        content.importance = self.importance();
        content.categories = self.categories();
        if let Some(minutes) = self.reminder(&start.wall) {
            content.is_reminder_on = true;
            content.reminder_minutes_before_start = minutes;
        }
        Ok(content)
    }

    fn sensitivity(&self) -> Sensitivity {
        let value = self.event.property(&Property::Class).and_then(|entry| entry.values.first());
        match value {
            Some(ICalendarValue::Classification(ICalendarClassification::Private)) => Sensitivity::Private,
            Some(ICalendarValue::Classification(ICalendarClassification::Confidential)) => {
                Sensitivity::Confidential
            }
            _ => Sensitivity::Normal,
        }
    }

    fn show_as(&self) -> ShowAs {
        match self.other("X-MICROSOFT-CDO-BUSYSTATUS").unwrap_or_default().to_ascii_uppercase().as_str() {
            "FREE" => return ShowAs::Free,
            "TENTATIVE" => return ShowAs::Tentative,
            "OOF" => return ShowAs::Oof,
            "WORKINGELSEWHERE" => return ShowAs::WorkingElsewhere,
            _ => {}
        }
        if self.event.transparency() == Some(&ICalendarTransparency::Transparent) {
            ShowAs::Free
        } else if self.event.status() == Some(&ICalendarStatus::Tentative) {
            ShowAs::Tentative
        } else {
            ShowAs::Busy
        }
    }

    fn importance(&self) -> Importance {
        let value =
            self.event.property(&Property::Priority).and_then(|entry| entry.values.first()?.as_integer());
        match value {
            Some(1..=4) => Importance::High,
            Some(6..=9) => Importance::Low,
            _ => Importance::Normal,
        }
    }

    fn categories(&self) -> Vec<Box<str>> {
        let mut categories: Vec<Box<str>> = Vec::new();
        for entry in self.event.properties(&Property::Categories) {
            for value in entry.values.iter().filter_map(|value| value.as_text()) {
                if !value.is_empty() && !categories.iter().any(|known| **known == *value) {
                    categories.push(value.into());
                }
            }
        }
        categories
    }

    /// Minutes between the first alarm and the start.
    fn reminder(&self, start: &WallTime) -> Option<i32> {
        let alarms = self
            .event
            .component_ids
            .iter()
            .filter_map(|id| self.calendar.component_by_id(*id))
            .filter(|part| part.component_type == ICalendarComponentType::VAlarm);
        let minutes = alarms.filter_map(|alarm| {
            let entry = alarm.property(&Property::Trigger)?;
            match entry.values.first()? {
                ICalendarValue::Duration(duration) => Some(-duration.as_seconds() / 60),
                ICalendarValue::PartialDateTime(partial) => {
                    let at = self.when(entry, partial).ok()?.wall.instant();
                    Some((start.instant().as_second() - at.as_second()) / 60)
                }
                _ => None,
            }
        });
        minutes.filter(|minutes| *minutes >= 0).filter_map(|minutes| i32::try_from(minutes).ok()).next()
    }

    /// Its recurrence, if it recurs in a way that Outlook knows.
    pub fn recurrence(&self, start: &When) -> Result<Option<crate::calendar::Recurrence>, String> {
        let mut rules = self.event.properties(&Property::Rrule);
        let Some(entry) = rules.next() else { return Ok(None) };
        if rules.next().is_some() {
            return Err("it has several RRULEs; Outlook takes one".to_owned());
        }
        let rule = match entry.values.first() {
            Some(ICalendarValue::RecurrenceRule(rule)) => rule,
            Some(other) => {
                return Err(format!("RRULE '{}' cannot be read", other.as_text().unwrap_or_default()));
            }
            None => return Err("RRULE is empty".to_owned()),
        };
        let until = match &rule.until {
            Some(until) => {
                let when = self.when(entry, until).map_err(|reason| format!("UNTIL of {reason}"))?;
                let last = WallTime {
                    local: when.wall.local.date().at(23, 59, 59, 0),
                    zone: start.wall.zone.clone(),
                };
                let floating = until.tz_hour.is_none();
                Some(match (when.is_date, floating) {
                    (true, _) => last,
                    (false, true) => WallTime { local: when.wall.local, zone: start.wall.zone.clone() },
                    (false, false) => when.wall,
                })
            }
            None => None,
        };
        let recurrence = rule::recurrence(rule, &start.wall, until)
            .map_err(|reason| format!("RRULE has no equal in Outlook: {reason}"))?;
        Ok(Some(recurrence))
    }

    /// Original dates of its deleted occurrences.
    pub fn cancelled(&self, start: &When) -> Result<BTreeSet<Date>, String> {
        let mut dates = BTreeSet::new();
        for entry in self.event.properties(&Property::Exdate) {
            for value in &entry.values {
                let partial = value
                    .as_partial_date_time()
                    .ok_or_else(|| format!("EXDATE '{}' is no date", value.as_text().unwrap_or_default()))?;
                let when = self.when(entry, partial)?;
                let local =
                    if when.is_date { when.wall.local } else { when.wall.in_zone(&start.wall.zone).local };
                dates.insert(local.date());
            }
        }
        Ok(dates)
    }

    /// What is attached to it.
    pub fn attachments(&self, tenant: &mut Tenant, now: Timestamp) -> Vec<Attachment> {
        let entries = self.event.properties(&Property::Attach).enumerate();
        entries
            .filter_map(|(number, entry)| {
                let name =
                    entry.parameter(&ICalendarParameterName::Filename).and_then(|value| value.as_text());
                let media =
                    entry.parameter(&ICalendarParameterName::Fmttype).and_then(|value| value.as_text());
                let content = match entry.values.first()? {
                    ICalendarValue::Binary(bytes) => AttachmentContent::File(bytes.clone().into()),
                    ICalendarValue::Uri(Uri::Data(data)) => AttachmentContent::File(data.data.clone().into()),
                    other => AttachmentContent::Reference(other.as_text()?.into()),
                };
                Some(Attachment {
                    no: tenant.sequence.item(),
                    content,
                    name: name.map_or_else(|| format!("attachment-{}", number + 1), str::to_owned).into(),
                    content_type: media.map(Box::from),
                    is_inline: false,
                    content_id: None,
                    modified: now,
                })
            })
            .collect()
    }
}

/// A time some while after another: days by the calendar, the rest by the clock.
fn after(start: &WallTime, duration: &ICalendarDuration) -> Result<WallTime, String> {
    if duration.neg {
        return Err("DURATION is negative".to_owned());
    }
    let days = i64::from(duration.weeks) * 7 + i64::from(duration.days);
    let seconds =
        i64::from(duration.hours) * 3600 + i64::from(duration.minutes) * 60 + i64::from(duration.seconds);
    let span = Span::new().try_seconds(seconds).map_err(|error| format!("DURATION is too long: {error}"))?;
    let day = start.shifted(days);
    if seconds == 0 {
        return Ok(day);
    }
    let instant =
        day.instant().checked_add(span).map_err(|error| format!("DURATION is too long: {error}"))?;
    Ok(WallTime::of(instant, start.zone.clone()))
}
