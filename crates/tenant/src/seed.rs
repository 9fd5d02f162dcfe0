//! The people of an invented company, and a few items for each.

use crate::calendar::Zone;
use crate::calendar::meeting::NewEvent;
use crate::error::GraphError;
use crate::graph::NewMessage;
use crate::ids::MailboxNo;
use crate::mailbox::User;
use crate::mailbox::content::{Body, BodyType, Recipient};
use crate::mailbox::message::MessageContent;
use crate::mailbox::patch::read;
use crate::tenant::Tenant;
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};

/// The domain of the company.
const DOMAIN: &str = "meridian.example";

/// Who works there. The first half lives in Vienna, the others in New York.
const PEOPLE: [&str; 25] = [
    "Anna Berger",
    "Bernhard Gruber",
    "Clara Huber",
    "David Steiner",
    "Elena Moser",
    "Florian Wagner",
    "Greta Pichler",
    "Hannes Leitner",
    "Ines Fuchs",
    "Jakob Eder",
    "Katharina Fischer",
    "Lukas Schmid",
    "Magdalena Winkler",
    "Nathan Brooks",
    "Olivia Carter",
    "Patrick Doyle",
    "Quinn Harper",
    "Rachel Kim",
    "Samuel Ortiz",
    "Teresa Walsh",
    "Ulysses Grant",
    "Victoria Chen",
    "William Hayes",
    "Ximena Lopez",
    "Yusuf Demir",
];

/// How many of them live in Vienna.
const IN_VIENNA: usize = 13;

/// Adds the 25 people.
pub fn people(tenant: &mut Tenant, now: Timestamp) {
    for (number, name) in PEOPLE.iter().enumerate() {
        let local = name.to_lowercase().replace(' ', ".");
        let short = name.split(' ').next().unwrap_or_default().to_lowercase();
        let mail = format!("{local}@{DOMAIN}");
        let zone = if number < IN_VIENNA { "Europe/Vienna" } else { "America/New_York" };
        let user = User {
            id: tenant.sequence.guid().into(),
            mail: mail.as_str().into(),
            user_principal_name: mail.as_str().into(),
            display_name: (*name).into(),
            zone: Zone::named(zone).unwrap_or_else(Zone::utc),
            proxy_addresses: vec![format!("SMTP:{mail}").into(), format!("smtp:{short}@{DOMAIN}").into()],
            details: None,
            gone: None,
        };
        tenant.add_user(user, now);
    }
}

/// Gives each of them mails, appointments, a series, a task and a contact.
pub fn items(tenant: &mut Tenant, now: Timestamp) {
    let all: Vec<MailboxNo> = tenant.mailboxes.iter().map(|mailbox| mailbox.no).collect();
    for (number, mailbox) in all.iter().enumerate() {
        let colleague = all[(number + 1) % all.len()];
        // Each of these is checked by a test; an item that cannot be made leaves the others as they are.
        let _ = tenant.silently(|tenant| furnish(tenant, *mailbox, colleague, number, now));
    }
}

fn furnish(
    tenant: &mut Tenant,
    mailbox: MailboxNo,
    colleague: MailboxNo,
    number: usize,
    now: Timestamp,
) -> Result<(), GraphError> {
    for mail in 0..3 {
        letter(tenant, mailbox, number * 3 + mail, now);
    }
    appointments(tenant, mailbox, colleague, number, now)?;
    let list = tenant.mailbox(mailbox).default_list();
    let due = local_day(tenant, mailbox, now, 3);
    let task = json!({
        "title": format!("Send offer {} to Northwind", 100 + number),
        "importance": if number.is_multiple_of(3) { "high" } else { "normal" },
        "dueDateTime": { "dateTime": format!("{due}T00:00:00"), "timeZone": "UTC" },
    });
    tenant.add_task(mailbox, list, object(task), now)?;
    let folder = tenant.mailbox(mailbox).default_contacts();
    let contact = json!({
        "givenName": "Petra",
        "surname": format!("Kunde {}", number + 1),
        "companyName": "Northwind Trading",
        "emailAddresses": [{ "name": "Petra Kunde", "address": format!("petra.kunde{}@northwind.example", number + 1) }],
        "businessPhones": [format!("+43 1 555 {:04}", number)],
    });
    tenant.add_contact(mailbox, folder, object(contact), None, now)?;
    Ok(())
}

fn letter(tenant: &mut Tenant, mailbox: MailboxNo, number: usize, now: Timestamp) {
    // Two of three lie where the connector looks; the third is the owner's own business.
    let path = if number % 3 == 2 { "/Inbox" } else { "/Inbox/crm" };
    let mut sequence = tenant.sequence.clone();
    let folder = tenant.mailbox_mut(mailbox).folder_at(path, &mut sequence);
    tenant.sequence = sequence;
    let hours = i64::try_from(number).unwrap_or(0) + 1;
    let received = now.checked_sub(hours.hours()).unwrap_or(now);
    let from = Recipient::new("Petra Kunde", &format!("petra.kunde{}@northwind.example", number % 25 + 1));
    let content = MessageContent {
        subject: Some(format!("Your offer {}", 1000 + number).into()),
        body: Body {
            content_type: BodyType::Html,
            content: format!(
                "<html><body><p>Good day,</p><p>thank you for offer <b>{}</b>.</p></body></html>",
                1000 + number
            )
            .into(),
        },
        sender: Some(from.clone()),
        from: Some(from),
        to_recipients: vec![tenant.owner(mailbox)],
        sent_date_time: Some(received),
        ..MessageContent::default()
    };
    tenant.add_message(
        mailbox,
        NewMessage { folder, content, received: Some(received), ..NewMessage::default() },
        now,
    );
}

fn appointments(
    tenant: &mut Tenant,
    mailbox: MailboxNo,
    colleague: MailboxNo,
    number: usize,
    now: Timestamp,
) -> Result<(), GraphError> {
    let zone = tenant.mailbox(mailbox).user.zone.name().to_owned();
    let at = |day: &str, time: &str| json!({ "dateTime": format!("{day}T{time}:00"), "timeZone": zone });
    let day = local_day(tenant, mailbox, now, i64::try_from(number % 10).unwrap_or(0) + 1);
    let next = local_day(tenant, mailbox, now, i64::try_from(number % 10).unwrap_or(0) + 2);
    let attendee = |who: Recipient| json!({ "type": "required", "emailAddress": who.email_address });
    let events = [
        json!({
            "subject": format!("Review of project {}", number + 1),
            "start": at(&day, "10:00"),
            "end": at(&day, "11:00"),
            "attendees": [
                attendee(tenant.owner(colleague)),
                attendee(Recipient::new("Petra Kunde", &format!("petra.kunde{}@northwind.example", number + 1))),
            ],
        }),
        json!({
            "subject": "Weekly planning",
            "start": at(&day, "09:00"),
            "end": at(&day, "09:30"),
            "recurrence": {
                "pattern": { "type": "weekly", "interval": 1, "daysOfWeek": ["monday", "wednesday"], "firstDayOfWeek": "monday" },
                "range": { "type": "numbered", "startDate": day, "numberOfOccurrences": 20 },
            },
        }),
        json!({
            "subject": "Trade fair",
            "isAllDay": true,
            "showAs": "free",
            "start": at(&day, "00:00"),
            "end": at(&next, "00:00"),
        }),
    ];
    for event in events {
        let content = read("event", object(event))?;
        tenant.create_event(mailbox, NewEvent::new(content), now)?;
    }
    Ok(())
}

/// A day at the owner's place, some days from now.
fn local_day(tenant: &Tenant, mailbox: MailboxNo, now: Timestamp, days: i64) -> String {
    let today = tenant.mailbox(mailbox).user.zone.rules().to_datetime(now).date();
    today.saturating_add(days.days()).to_string()
}

fn object(value: Value) -> serde_json::Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}
