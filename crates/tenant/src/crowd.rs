//! Many mailboxes with small items, quickly: for whoever wants to know how software bears a large company.

use crate::calendar::meeting::NewEvent;
use crate::calendar::{Zone, local_text};
use crate::error::GraphError;
use crate::graph::NewMessage;
use crate::ids::MailboxNo;
use crate::mailbox::User;
use crate::mailbox::content::{Body, BodyType, Recipient};
use crate::mailbox::message::MessageContent;
use crate::mailbox::patch::read;
use crate::tenant::Tenant;
use jiff::{Timestamp, ToSpan};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// The domain of the company.
const DOMAIN: &str = "meridian.example";

/// How many mailboxes are to be made, and how many items in each of them.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Crowd {
    /// Mailboxes.
    pub mailboxes: u32,
    /// Messages in each inbox.
    pub messages: u32,
    /// Single events in each calendar.
    pub events: u32,
    /// Contacts in each default contact folder.
    pub contacts: u32,
    /// Tasks in each default list.
    pub tasks: u32,
}

impl Tenant {
    /// Adds mailboxes with small items: messages of a few lines, appointments of an hour, contacts, tasks. Nobody is
    /// mailed. Users are named by number, so that each crowd brings others; answers their ids.
    pub(crate) fn populate(&mut self, crowd: &Crowd, now: Timestamp) -> Result<Vec<Box<str>>, GraphError> {
        let mut ids = Vec::with_capacity(crowd.mailboxes as usize);
        for _ in 0..crowd.mailboxes {
            let mailbox = self.add_numbered(now);
            ids.push(self.mailbox(mailbox).user.id.clone());
            for number in 0..crowd.messages {
                self.add_letter(mailbox, number, now);
            }
            for number in 0..crowd.events {
                let content = read("event", appointment(number, now))?;
                self.create_event(mailbox, NewEvent::new(content), now)?;
            }
            let folder = self.mailbox(mailbox).default_contacts();
            for number in 0..crowd.contacts {
                self.add_contact(mailbox, folder, acquaintance(number), None, now)?;
            }
            let list = self.mailbox(mailbox).default_list();
            for number in 0..crowd.tasks {
                self.add_task(mailbox, list, chore(number), now)?;
            }
        }
        Ok(ids)
    }

    /// Adds a user whose name says which one he is.
    fn add_numbered(&mut self, now: Timestamp) -> MailboxNo {
        let number = self.mailboxes.len() + 1;
        let mail = format!("employee.{number:05}@{DOMAIN}");
        let zone = if number.is_multiple_of(2) { "America/New_York" } else { "Europe/Vienna" };
        let user = User {
            id: self.sequence.guid().into(),
            user_principal_name: mail.as_str().into(),
            display_name: format!("Employee {number:05}").into(),
            zone: Zone::named(zone).unwrap_or_else(Zone::utc),
            proxy_addresses: vec![format!("SMTP:{mail}").into()],
            details: None,
            gone: None,
            mail: mail.into(),
        };
        self.add_user(user, now)
    }

    fn add_letter(&mut self, mailbox: MailboxNo, number: u32, now: Timestamp) {
        let received = now.checked_sub(i64::from(number).minutes()).unwrap_or(now);
        let from = Recipient::new("Petra Kunde", "petra.kunde@northwind.example");
        let content = MessageContent {
            subject: Some(format!("Your offer {number}").into()),
            body: Body {
                content_type: BodyType::Text,
                content: format!("Good day,\r\n\r\nthank you for offer {number}.\r\n\r\nPetra Kunde").into(),
            },
            sender: Some(from.clone()),
            from: Some(from),
            to_recipients: vec![self.owner(mailbox)],
            sent_date_time: Some(received),
            ..MessageContent::default()
        };
        let folder = self.mailbox(mailbox).well_known("inbox");
        let folder = folder.unwrap_or_else(|| self.mailbox(mailbox).root());
        let letter = NewMessage { folder, content, received: Some(received), ..NewMessage::default() };
        self.add_message(mailbox, letter, now);
    }
}

fn appointment(number: u32, now: Timestamp) -> Map<String, Value> {
    let at = |hours: u32| {
        let instant = now.checked_add(i64::from(hours).hours()).unwrap_or(now);
        json!({ "dateTime": local_text(Zone::utc().rules().to_datetime(instant)), "timeZone": "UTC" })
    };
    object(
        json!({ "subject": format!("Project {number}"), "start": at(24 * number), "end": at(24 * number + 1) }),
    )
}

fn acquaintance(number: u32) -> Map<String, Value> {
    object(json!({
        "givenName": "Petra",
        "surname": format!("Kunde {number}"),
        "companyName": "Northwind Trading",
        "emailAddresses": [{ "name": "Petra Kunde", "address": format!("petra.kunde{number}@northwind.example") }],
    }))
}

fn chore(number: u32) -> Map<String, Value> {
    object(json!({ "title": format!("Send offer {number} to Northwind") }))
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
