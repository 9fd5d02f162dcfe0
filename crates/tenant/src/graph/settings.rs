//! `mailboxSettings`, categories, and what time zones and languages a mailbox may have.

use super::{Call, render};
use crate::calendar::{Zone, representatives, windows_name};
use crate::error::GraphError;
use crate::ids::{ItemId, Kind, MailboxNo};
use crate::mailbox::patch::read;
use crate::mailbox::personal::Category;
use crate::wire::Response;
use serde_json::{Map, Value, json};

/// What the owner may change.
const WRITABLE: [&str; 7] = [
    "automaticRepliesSetting",
    "dateFormat",
    "delegateMeetingMessageDeliveryOptions",
    "language",
    "timeFormat",
    "timeZone",
    "workingHours",
];

/// Languages of mailboxes.
const LANGUAGES: [(&str, &str); 5] = [
    ("en-US", "English (United States)"),
    ("en-GB", "English (United Kingdom)"),
    ("de-AT", "German (Austria)"),
    ("de-DE", "German (Germany)"),
    ("fr-FR", "French (France)"),
];

/// The categories that Outlook begins with.
const CATEGORIES: [(&str, &str); 6] = [
    ("Red category", "preset0"),
    ("Orange category", "preset1"),
    ("Yellow category", "preset3"),
    ("Green category", "preset4"),
    ("Blue category", "preset7"),
    ("Purple category", "preset8"),
];

impl Call<'_> {
    /// `mailboxSettings`; `names` is what follows it.
    pub(super) fn settings_route(
        &mut self,
        mailbox: MailboxNo,
        names: &[&str],
    ) -> Result<Response, GraphError> {
        match (self.method.as_str(), names) {
            ("GET", []) => Ok(self.single(200, "mailboxSettings", self.mailbox_settings(mailbox))),
            ("PATCH", []) => {
                let body = self.object()?;
                self.change_settings(mailbox, body)?;
                Ok(self.single(200, "mailboxSettings", self.mailbox_settings(mailbox)))
            }
            ("GET", [name]) => {
                let context = self.context(&format!("mailboxSettings/{name}"));
                let value = self.mailbox_settings(mailbox).remove(*name);
                let mut shown = match value.ok_or_else(|| self.unsupported(&["mailboxSettings", name]))? {
                    Value::Object(map) => map,
                    other => Map::from_iter([("value".to_owned(), other)]),
                };
                shown.insert("@odata.context".to_owned(), context);
                Ok(Response::json(200, Value::Object(shown)))
            }
            _ => Err(self.unsupported(names)),
        }
    }

    pub(super) fn mailbox_settings(&self, mailbox: MailboxNo) -> Map<String, Value> {
        let store = self.tenant.mailbox(mailbox);
        let zone = windows_name(store.user.zone.name()).unwrap_or(store.user.zone.name());
        let locale = store.user.language();
        let language = LANGUAGES.iter().find(|(known, _)| known.eq_ignore_ascii_case(locale));
        let unset = json!({ "dateTime": "1601-01-01T00:00:00.0000000", "timeZone": "UTC" });
        let archive = store.well_known("archive").map(|no| self.folder_id(mailbox, no));
        let mut settings = render::object(json!({
            "archiveFolder": archive,
            "automaticRepliesSetting": {
                "status": "disabled",
                "externalAudience": "none",
                "scheduledStartDateTime": unset,
                "scheduledEndDateTime": unset,
                "internalReplyMessage": "",
                "externalReplyMessage": "",
            },
            "timeZone": zone,
            "language": { "locale": locale, "displayName": language.map_or(locale, |(_, name)| name) },
            "workingHours": {
                "daysOfWeek": ["monday", "tuesday", "wednesday", "thursday", "friday"],
                "startTime": "08:00:00.0000000",
                "endTime": "17:00:00.0000000",
                "timeZone": { "name": zone },
            },
            "userPurpose": { "value": "user" },
            "dateFormat": "yyyy-MM-dd",
            "timeFormat": "HH:mm",
            "delegateMeetingMessageDeliveryOptions": "sendToDelegateOnly",
        }));
        if let Some(personal) = &store.personal {
            settings.extend(personal.settings.clone());
        }
        settings
    }

    fn change_settings(&mut self, mailbox: MailboxNo, body: Map<String, Value>) -> Result<(), GraphError> {
        let now = self.mailbox_settings(mailbox);
        let mut changes = Map::new();
        for (name, value) in body.into_iter().filter(|(name, _)| !name.contains('@')) {
            if !WRITABLE.contains(&name.as_str()) {
                return Err(GraphError::new(
                    400,
                    "RequestBodyRead",
                    format!(
                        "The property '{name}' does not exist on type 'microsoft.graph.mailboxSettings', or is read-only."
                    ),
                ));
            }
            // Complex settings are merged: what is not named stays as it is.
            let merged = match (now.get(&name), value) {
                (Some(Value::Object(old)), Value::Object(new)) => {
                    let mut all = old.clone();
                    all.extend(new.into_iter().filter(|(name, _)| !name.contains('@')));
                    Value::Object(all)
                }
                (_, value) => value,
            };
            changes.insert(name, merged);
        }
        check_replies(changes.get("automaticRepliesSetting"))?;
        let zone = match changes.get("timeZone") {
            None => None,
            Some(name) => {
                let name = name.as_str().unwrap_or_default();
                let unknown = || {
                    GraphError::new(
                        400,
                        "TimeZoneNotSupportedException",
                        format!("The time zone '{name}' is not supported."),
                    )
                };
                Some(Zone::named(name).ok_or_else(unknown)?)
            }
        };
        let store = self.tenant.mailbox_mut(mailbox);
        if let Some(zone) = zone {
            store.user.zone = zone;
        }
        store.personal.get_or_insert_default().settings.extend(changes);
        Ok(())
    }

    /// `outlook`: `masterCategories`, `supportedTimeZones` and `supportedLanguages`.
    pub(super) fn outlook_route(
        &mut self,
        mailbox: MailboxNo,
        names: &[&str],
    ) -> Result<Response, GraphError> {
        match (self.method.as_str(), names) {
            (_, ["masterCategories", rest @ ..]) => self.categories_route(mailbox, rest),
            ("GET", [function]) if function.starts_with("supportedTimeZones") => {
                let iana = function.to_ascii_lowercase().contains("'iana'");
                let mut zones: Vec<&str> = representatives().collect();
                if !iana {
                    zones = zones.into_iter().filter_map(windows_name).collect();
                }
                zones.sort_unstable();
                zones.dedup();
                let page = self.query.top.unwrap_or(usize::MAX);
                Ok(self.list_of("Collection(microsoft.graph.timeZoneInformation)", zones, page, |zone| {
                    render::object(json!({ "alias": zone, "displayName": zone }))
                }))
            }
            ("GET", [function]) if function.starts_with("supportedLanguages") => {
                let all = LANGUAGES.to_vec();
                Ok(self.list("Collection(microsoft.graph.localeInfo)", all, |(locale, name)| {
                    render::object(json!({ "locale": locale, "displayName": name }))
                }))
            }
            _ => Err(self.unsupported(names)),
        }
    }

    fn categories_route(&mut self, mailbox: MailboxNo, names: &[&str]) -> Result<Response, GraphError> {
        let mut all = self.categories(mailbox);
        let place = |all: &[Category], id: &str| {
            all.iter().position(|one| one.id.eq_ignore_ascii_case(id)).ok_or_else(GraphError::not_found)
        };
        match (self.method.as_str(), names) {
            ("GET", []) => Ok(self.list("masterCategories", all, shown)),
            ("GET", [id]) => {
                let at = place(&all, id)?;
                Ok(self.single(200, "masterCategories", shown(&all[at])))
            }
            ("POST", []) => {
                let mut new: Category = read("outlookCategory", self.object()?)?;
                check_colour(&new.color)?;
                if all.iter().any(|one| one.display_name.to_lowercase() == new.display_name.to_lowercase()) {
                    return Err(GraphError::new(
                        409,
                        "CategoryNameDuplicate",
                        format!("There is a category '{}' already.", new.display_name),
                    ));
                }
                new.id = self.tenant.sequence.guid().into();
                let answer = self.single(201, "masterCategories", shown(&new));
                all.push(new);
                self.tenant.mailbox_mut(mailbox).personal.get_or_insert_default().categories = Some(all);
                Ok(answer)
            }
            ("PATCH", [id]) => {
                let at = place(&all, id)?;
                let body = self.object()?;
                if body.contains_key("displayName") {
                    return Err(GraphError::invalid(
                        "The displayName of a category cannot be changed; its color can.",
                    ));
                }
                if let Some(colour) = body.get("color").and_then(Value::as_str) {
                    check_colour(colour)?;
                    all[at].color = colour.into();
                }
                let answer = self.single(200, "masterCategories", shown(&all[at]));
                self.tenant.mailbox_mut(mailbox).personal.get_or_insert_default().categories = Some(all);
                Ok(answer)
            }
            ("DELETE", [id]) => {
                let at = place(&all, id)?;
                all.remove(at);
                self.tenant.mailbox_mut(mailbox).personal.get_or_insert_default().categories = Some(all);
                Ok(Response::empty(204))
            }
            _ => Err(self.unsupported(names)),
        }
    }

    fn categories(&self, mailbox: MailboxNo) -> Vec<Category> {
        let personal = self.tenant.mailbox(mailbox).personal.as_ref();
        personal.and_then(|personal| personal.categories.clone()).unwrap_or_else(|| {
            let one = |(place, (name, colour)): (usize, &(&str, &str))| {
                let item = crate::ids::ItemNo(place as u64);
                let id =
                    self.tenant.ids.encode(ItemId { kind: Kind::Folder, mailbox, item, day: 0, moves: None });
                let bits = id.bytes().fold(0, |sum, byte| crate::ids::mix(sum ^ u64::from(byte)));
                let id = crate::ids::guid(bits, crate::ids::mix(bits)).into();
                Category { id, display_name: (*name).into(), color: (*colour).into() }
            };
            CATEGORIES.iter().enumerate().map(one).collect()
        })
    }
}

fn shown(category: &Category) -> Map<String, Value> {
    crate::mailbox::patch::as_map(category)
}

fn check_colour(colour: &str) -> Result<(), GraphError> {
    let preset = colour.strip_prefix("preset").and_then(|number| number.parse::<u8>().ok());
    if colour == "none" || preset.is_some_and(|number| number < 25) {
        return Ok(());
    }
    Err(GraphError::invalid(format!("'{colour}' is no categoryColor: none, or preset0 to preset24.")))
}

fn check_replies(replies: Option<&Value>) -> Result<(), GraphError> {
    let Some(replies) = replies else { return Ok(()) };
    let allowed = [
        ("status", ["disabled", "alwaysEnabled", "scheduled"]),
        ("externalAudience", ["none", "contactsOnly", "all"]),
    ];
    for (name, values) in allowed {
        let value = replies.get(name).and_then(Value::as_str).unwrap_or_default();
        if !values.iter().any(|known| known.eq_ignore_ascii_case(value)) {
            return Err(GraphError::invalid(format!("'{value}' is no {name} of automatic replies.")));
        }
    }
    Ok(())
}
