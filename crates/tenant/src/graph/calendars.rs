//! Calendars and their groups, and what leads to the events in them.

use super::{Call, render};
use crate::error::GraphError;
use crate::ids::{ItemId, ItemNo, Kind, MailboxNo};
use crate::mailbox::calendar::{Calendar, CalendarColor, CalendarGroup};
use crate::mailbox::changes::ChangeLog;
use crate::mailbox::content::Stamp;
use crate::wire::Response;
use serde_json::{Map, Value, json};

impl Call<'_> {
    /// All that begins with `calendar`, `calendars`, `calendarGroup`, `calendarGroups`, `calendarView` or `events`.
    pub(super) fn calendar_route(
        &mut self,
        mailbox: MailboxNo,
        names: &[&str],
    ) -> Result<Response, GraphError> {
        let store = self.tenant.mailbox(mailbox);
        match names {
            ["calendarGroups", rest @ ..] => self.calendar_groups_route(mailbox, rest),
            ["calendarGroup", "calendars", rest @ ..] => {
                let group = store.default_group();
                self.calendars_route(mailbox, Some(group), rest)
            }
            ["calendars", rest @ ..] => self.calendars_route(mailbox, None, rest),
            ["calendar", rest @ ..] => self.in_calendar(mailbox, store.default_calendar(), rest),
            ["calendarView", ..] => self.in_calendar(mailbox, store.default_calendar(), names),
            ["events", rest @ ..] => self.events_route(mailbox, None, rest),
            _ => Err(self.unsupported(names)),
        }
    }

    fn calendar_groups_route(&mut self, mailbox: MailboxNo, names: &[&str]) -> Result<Response, GraphError> {
        let method = self.method.clone();
        let (id, rest) = match (method.as_str(), names) {
            ("GET", []) => {
                let groups: Vec<_> = self.tenant.mailbox(mailbox).calendar_groups.iter().collect();
                return Ok(self.list("calendarGroups", groups, |group| self.calendar_group(mailbox, group)));
            }
            ("POST", []) => return self.create_calendar_group(mailbox),
            (_, [id, rest @ ..]) => (*id, rest),
            _ => return Err(self.unsupported(names)),
        };
        let no = self.item(mailbox, Kind::CalendarGroup, id)?.item;
        let store = self.tenant.mailbox(mailbox);
        let group = store.calendar_groups.iter().find(|group| group.no == no);
        let group = group.ok_or_else(GraphError::not_found)?;
        match (method.as_str(), rest) {
            ("GET", []) => Ok(self.single(200, "calendarGroups", self.calendar_group(mailbox, group))),
            ("PATCH", []) => self.rename_calendar_group(mailbox, no),
            ("DELETE", []) => {
                if no == store.default_group() {
                    return Err(distinguished());
                }
                if store.calendars.iter().any(|calendar| calendar.group == no) {
                    return Err(GraphError::new(
                        400,
                        "ErrorCalendarGroupNotEmpty",
                        "The calendar group holds calendars; only an empty one can be deleted.",
                    ));
                }
                self.tenant.mailbox_mut(mailbox).calendar_groups.retain(|group| group.no != no);
                Ok(Response::empty(204))
            }
            (_, ["calendars", rest @ ..]) => self.calendars_route(mailbox, Some(no), rest),
            _ => Err(self.unsupported(names)),
        }
    }

    fn create_calendar_group(&mut self, mailbox: MailboxNo) -> Result<Response, GraphError> {
        let name = named(&self.object()?)?;
        if self.tenant.mailbox(mailbox).calendar_groups.iter().any(|group| same_name(&group.name, &name)) {
            return Err(taken(&name));
        }
        let group = CalendarGroup {
            no: self.tenant.sequence.item(),
            name,
            class_id: self.tenant.sequence.guid().into(),
            stamp: Stamp::new(self.now, self.tenant.sequence.change()),
        };
        let answer = self.single(201, "calendarGroups", self.calendar_group(mailbox, &group));
        self.tenant.mailbox_mut(mailbox).calendar_groups.push(group);
        Ok(answer)
    }

    fn rename_calendar_group(&mut self, mailbox: MailboxNo, no: ItemNo) -> Result<Response, GraphError> {
        let name = named(&self.object()?)?;
        let (now, change) = (self.now, self.tenant.sequence.change());
        let groups = &mut self.tenant.mailbox_mut(mailbox).calendar_groups;
        if groups.iter().any(|group| group.no != no && same_name(&group.name, &name)) {
            return Err(taken(&name));
        }
        let group = groups.iter_mut().find(|group| group.no == no).ok_or_else(GraphError::not_found)?;
        group.name = name;
        group.stamp.touch(now, change);
        let group = group.clone();
        Ok(self.single(200, "calendarGroups", self.calendar_group(mailbox, &group)))
    }

    fn calendar_group(&self, mailbox: MailboxNo, group: &CalendarGroup) -> Map<String, Value> {
        render::object(json!({
            "id": self.constant(Kind::CalendarGroup, mailbox, group.no),
            "name": group.name,
            "classId": group.class_id,
            "changeKey": group.stamp.change_key(),
        }))
    }

    /// Calendars of all groups, or of one.
    fn calendars_route(
        &mut self,
        mailbox: MailboxNo,
        group: Option<ItemNo>,
        names: &[&str],
    ) -> Result<Response, GraphError> {
        let store = self.tenant.mailbox(mailbox);
        let belongs = |calendar: &&Calendar| group.is_none_or(|group| calendar.group == group);
        match (self.method.as_str(), names) {
            ("GET", []) => {
                let found: Vec<_> = store.calendars.iter().filter(belongs).collect();
                Ok(self.list("calendars", found, |calendar| self.calendar(mailbox, calendar)))
            }
            ("POST", []) => {
                let group = group.unwrap_or_else(|| store.default_group());
                self.create_calendar(mailbox, group)
            }
            (_, [id, rest @ ..]) => {
                let no = self.item(mailbox, Kind::Calendar, id)?.item;
                let calendar = store.calendar(no).filter(belongs).ok_or_else(GraphError::not_found)?;
                self.in_calendar(mailbox, calendar.no, rest)
            }
            _ => Err(self.unsupported(names)),
        }
    }

    fn in_calendar(
        &mut self,
        mailbox: MailboxNo,
        no: ItemNo,
        names: &[&str],
    ) -> Result<Response, GraphError> {
        let calendar = self.tenant.mailbox(mailbox).calendar(no).ok_or_else(GraphError::not_found)?;
        match (self.method.as_str(), names) {
            ("GET", []) => Ok(self.single(200, "calendars", self.calendar(mailbox, calendar))),
            ("PATCH", []) => self.change_calendar(mailbox, no),
            ("DELETE", []) => self.delete_calendar(mailbox, no),
            ("GET", ["calendarView"]) => self.calendar_view(mailbox, no),
            ("GET", ["calendarView", "delta" | "microsoft.graph.delta"]) => {
                self.calendar_view_delta(mailbox, no)
            }
            ("POST", ["getSchedule" | "microsoft.graph.getSchedule"]) => self.get_schedule(),
            (_, ["events", rest @ ..]) => self.events_route(mailbox, Some(no), rest),
            _ => Err(self.unsupported(names)),
        }
    }

    fn create_calendar(&mut self, mailbox: MailboxNo, group: ItemNo) -> Result<Response, GraphError> {
        let body = self.object()?;
        let name = named(&body)?;
        if self.tenant.mailbox(mailbox).calendars.iter().any(|calendar| same_name(&calendar.name, &name)) {
            return Err(taken(&name));
        }
        let calendar = Calendar {
            no: self.tenant.sequence.item(),
            group,
            name,
            color: color(&body)?.unwrap_or_default(),
            stamp: Stamp::new(self.now, self.tenant.sequence.change()),
            log: ChangeLog::default(),
        };
        let answer = self.single(201, "calendars", self.calendar(mailbox, &calendar));
        self.tenant.mailbox_mut(mailbox).calendars.push(calendar);
        Ok(answer)
    }

    fn change_calendar(&mut self, mailbox: MailboxNo, no: ItemNo) -> Result<Response, GraphError> {
        let body = self.object()?;
        let name = if body.contains_key("name") { Some(named(&body)?) } else { None };
        let color = color(&body)?;
        let (now, change) = (self.now, self.tenant.sequence.change());
        let store = self.tenant.mailbox_mut(mailbox);
        if let Some(name) = &name {
            let other = |calendar: &Calendar| calendar.no != no && same_name(&calendar.name, name);
            if store.calendars.iter().any(other) {
                return Err(taken(name));
            }
        }
        let calendar = store.calendar_mut(no).ok_or_else(GraphError::not_found)?;
        calendar.name = name.unwrap_or_else(|| calendar.name.clone());
        calendar.color = color.unwrap_or(calendar.color);
        calendar.stamp.touch(now, change);
        let calendar = calendar.clone();
        Ok(self.single(200, "calendars", self.calendar(mailbox, &calendar)))
    }

    /// Deletes a calendar with its events; nobody is told, as when a folder is deleted.
    fn delete_calendar(&mut self, mailbox: MailboxNo, no: ItemNo) -> Result<Response, GraphError> {
        let store = self.tenant.mailbox_mut(mailbox);
        if no == store.default_calendar() {
            return Err(distinguished());
        }
        let events: Vec<ItemNo> =
            store.events.values().filter(|event| event.calendar == no).map(|event| event.no).collect();
        for event in events {
            store.remove_event(event);
        }
        store.calendars.retain(|calendar| calendar.no != no);
        Ok(Response::empty(204))
    }

    /// The JSON of a calendar.
    pub(super) fn calendar(&self, mailbox: MailboxNo, calendar: &Calendar) -> Map<String, Value> {
        let store = self.tenant.mailbox(mailbox);
        let is_default = calendar.no == store.default_calendar();
        render::object(json!({
            "id": self.constant(Kind::Calendar, mailbox, calendar.no),
            "name": calendar.name,
            "color": calendar.color,
            "hexColor": "",
            "isDefaultCalendar": is_default,
            "changeKey": calendar.stamp.change_key(),
            "canShare": true,
            "canViewPrivateItems": true,
            "canEdit": true,
            "allowedOnlineMeetingProviders": ["teamsForBusiness"],
            "defaultOnlineMeetingProvider": "teamsForBusiness",
            // Answers are counted for meetings of the primary calendar only.
            "isTallyingResponses": is_default,
            "isRemovable": !is_default,
            "owner": { "name": store.user.display_name, "address": store.user.mail },
        }))
    }

    /// An id that is the same whatever the client prefers.
    fn constant(&self, kind: Kind, mailbox: MailboxNo, item: ItemNo) -> String {
        self.tenant.ids.encode(ItemId { kind, mailbox, item, day: 0, moves: None })
    }
}

fn named(body: &Map<String, Value>) -> Result<Box<str>, GraphError> {
    let name = body.get("name").and_then(Value::as_str).map(str::trim).filter(|name| !name.is_empty());
    name.map(Box::from)
        .ok_or_else(|| GraphError::new(400, "ErrorInvalidRequest", "The property 'name' is required."))
}

fn color(body: &Map<String, Value>) -> Result<Option<CalendarColor>, GraphError> {
    match body.get("color") {
        None | Some(Value::Null) => Ok(None),
        Some(value) => serde_json::from_value(value.clone())
            .map(Some)
            .map_err(|error| GraphError::body("calendar", &error)),
    }
}

/// Outlook compares the names of folders without regard to case.
fn same_name(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

fn taken(name: &str) -> GraphError {
    GraphError::new(
        409,
        "ErrorFolderExists",
        format!("A folder with the specified name already exists: '{name}'."),
    )
}

fn distinguished() -> GraphError {
    GraphError::new(400, "ErrorDeleteDistinguishedFolder", "Distinguished folders cannot be deleted.")
}
