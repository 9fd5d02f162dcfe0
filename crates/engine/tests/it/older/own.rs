//! What is the CRM's own, as the older connector brought it into mailboxes: persons as contacts, absences as events.

use super::{Flaw, Older};
use crate::stage::Stage;
use serde_json::{Value, json};
use tandem_model::Kind;

/// What it does on its way into a mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OwnFlaw {
    /// Nothing: a copy whose id it noted.
    None,
    /// It died between copy and key.
    NoKey,
    /// With each update it deletes the copy and makes it again; once it did not get to the key.
    StaleId,
    /// It made the copy again without deleting the old one, and noted the last.
    Twice,
    /// It died between two copies, and noted none.
    TwiceUnnoted,
    /// It cut things off: of a contact all but name and address; an absence began and ended an hour before.
    Worn,
    /// It never came to it.
    Missed,
}

pub const OWN_FLAWS: [OwnFlaw; 7] = [
    OwnFlaw::None,
    OwnFlaw::NoKey,
    OwnFlaw::StaleId,
    OwnFlaw::Twice,
    OwnFlaw::TwiceUnnoted,
    OwnFlaw::Worn,
    OwnFlaw::Missed,
];

impl OwnFlaw {
    fn copies(self) -> usize {
        match self {
            OwnFlaw::Missed => 0,
            OwnFlaw::Twice | OwnFlaw::TwiceUnnoted => 2,
            _ => 1,
        }
    }

    /// How it notes the last copy.
    fn noted(self) -> Flaw {
        match self {
            OwnFlaw::NoKey | OwnFlaw::TwiceUnnoted => Flaw::NoKey,
            OwnFlaw::StaleId => Flaw::StaleId,
            _ => Flaw::None,
        }
    }
}

impl Older<'_> {
    /// A person of ann's.
    pub(super) async fn person(&mut self, flaw: OwnFlaw) {
        let number = self.next();
        let (surname, address) = (format!("Kunde{number}"), format!("k{number}@kunde.example"));
        let of =
            [("PeGrp", "2"), ("PeNo", &*number), ("CoGrp", "2"), ("CoNo", "10"), ("Company", "Kunde GmbH")];
        let named =
            [("FirstName", "Kim"), ("LastName", &*surname), ("Email", &*address), ("Phone", "+43 1 222")];
        self.stage.adds("Person", &[&of[..], &named, &[("RepID", "1")]].concat()).await;
        let record = self.newest("Person").await;
        let subject = format!("Kim {surname}");
        let mut contact = json!({
            "givenName": "Kim", "surname": surname,
            "emailAddresses": [{"address": address, "name": subject}],
        });
        if flaw != OwnFlaw::Worn {
            contact["businessPhones"] = json!(["+43 1 222"]);
            contact["companyName"] = json!("Kunde GmbH");
        }
        let path = "/users/ann@nordwind.example/contacts";
        let mut last = Value::Null;
        for _ in 0..flaw.copies() {
            let made = self.stage.outlook("POST", path, contact.clone()).await;
            let contacts = self.stage.contacts("ann").await;
            last = contacts.into_iter().find(|known| known["id"] == made["id"]).unwrap();
        }
        self.brought(Kind::Contact, &subject, record, last, flaw).await;
    }

    /// An absence of ann's.
    pub(super) async fn absence(&mut self, day: i64, flaw: OwnFlaw) {
        let number = self.next();
        let subject = format!("Leave {number}");
        let (from, to, after) = (self.stage.day(day), self.stage.day(day + 1), self.stage.day(day + 2));
        let days =
            [("StartDate", &*from), ("EndDate", &*to), ("AllDay", "true"), ("TimeZone", "Europe/Vienna")];
        let more = [("RepID", "1"), ("Type", &*subject), ("StatNo", "2"), ("SeqNo", &*number)];
        self.stage.adds("Absence", &[&days[..], &more].concat()).await;
        let record = self.newest("Absence").await;
        let at = |day: &str| json!({"dateTime": format!("{day}T00:00:00"), "timeZone": "UTC"});
        let mut event = json!({"subject": subject, "showAs": "oof", "isAllDay": true});
        (event["start"], event["end"]) = (at(&from), at(&after));
        if flaw == OwnFlaw::Worn {
            event["isAllDay"] = json!(false);
            for side in ["start", "end"] {
                event[side]["timeZone"] = json!("W. Europe Standard Time");
            }
        }
        let mut last = Value::Null;
        for _ in 0..flaw.copies() {
            let made = self.stage.enters("ann", event.clone()).await;
            last = self.stage.events("ann").await.into_iter().find(|known| known["id"] == *made).unwrap();
        }
        self.brought(Kind::Absence, &subject, record, last, flaw).await;
    }

    async fn brought(&mut self, kind: Kind, subject: &str, record: String, last: Value, flaw: OwnFlaw) {
        if flaw == OwnFlaw::Missed {
            match kind {
                Kind::Contact => self.truth.contacts_missed += 1,
                _ => self.truth.crm_only += 1,
            }
            return;
        }
        self.note(kind, "ann", subject, &last, record, flaw.noted()).await;
    }
}

/// The names of all contacts and absences that somebody's mailbox holds, in order.
pub async fn names(stage: &Stage, who: &str) -> Vec<String> {
    let contacts = stage.contacts(who).await.into_iter().filter_map(|contact| {
        let name = |part: &str| contact[part].as_str().map(str::to_owned);
        Some(format!("{} {}", name("givenName")?, name("surname")?))
    });
    let events = stage.events(who).await.into_iter();
    let away = events.filter_map(|event| Some(event["subject"].as_str()?.to_owned()));
    let mut names: Vec<String> = contacts.chain(away.filter(|name| name.starts_with("Leave"))).collect();
    names.sort();
    names
}
