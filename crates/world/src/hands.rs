//! Hands on both sides: what any user's click comes down to. They see what the two sides show, never the store.

use crate::WorldError;
use crate::items::Sort;
use crate::sides::Sides;
use crate::stage::{DOMAIN, PASSWORD, PEOPLE, USERS};
use crate::wire::{CRM, Wire};
use serde_json::{Value, json};
use std::sync::Arc;
use tandem_audit::{CrmAccess, CrmSession, Record, escape};
use tandem_outside::Clock;
use tandem_tenant::{Content, Request};

/// Windows' name of the zone in which Nordwind works.
pub const ZONE: &str = "W. Europe Standard Time";

/// The same as the CRM calls it.
pub const PLACE: &str = "Europe/Vienna";

/// Fields by their XML names.
pub type Fields<'a> = [(&'a str, &'a str)];

/// Somebody's hands in Outlook and in the CRM.
#[derive(Clone)]
pub struct Hands {
    sides: Arc<Sides>,
    /// The audience's view of the CRM.
    pub session: CrmSession,
}

impl Hands {
    /// Hands on these sides.
    pub fn of(sides: Arc<Sides>) -> Self {
        let wire = Arc::new(Wire::quiet(sides.clone()));
        let access = CrmAccess {
            interface: CRM.to_owned(),
            user: tandem_crm::ADMINISTRATOR.to_owned(),
            password: PASSWORD.to_owned(),
        };
        Self { sides, session: CrmSession::over(access, wire) }
    }

    /// A call to the tenant's control API; none where it is refused.
    pub fn outlook(&self, method: &str, path: &str, body: &Value) -> Option<Value> {
        let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
        let request = Request {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.map(str::to_owned),
            body: if body.is_null() { Vec::new().into() } else { body.to_string().into() },
            ..Request::default()
        };
        let now = self.sides.time.now();
        let response = self.sides.tenant().control(&request, now);
        match response.body {
            _ if response.status >= 300 => None,
            Content::Json(value) => Some(value),
            _ => Some(Value::Null),
        }
    }

    /// The same for something in somebody's mailbox.
    pub fn mailbox(&self, who: usize, method: &str, path: &str, body: &Value) -> Option<Value> {
        self.outlook(method, &format!("/users/{}{path}", address(who)), body)
    }

    /// Everything in somebody's mailbox.
    pub fn dump(&self, who: usize) -> Value {
        self.mailbox(who, "GET", "/dump", &Value::Null).unwrap_or_default()
    }

    /// One collection of somebody's mailbox, such as `events`.
    pub fn collection(&self, who: usize, name: &str) -> Vec<Value> {
        let shown = self.mailbox(who, "GET", &format!("/dump?only={name}"), &Value::Null);
        match shown.unwrap_or_default()[name].take() {
            Value::Array(all) => all,
            _ => Vec::new(),
        }
    }

    /// Somebody's address, as his mailbox has it now.
    pub fn owner(&self, who: usize) -> Option<String> {
        let shown = self.mailbox(who, "GET", "/dump?only=", &Value::Null)?;
        shown["user"]["mail"].as_str().map(str::to_lowercase)
    }

    /// How many mails calendars have sent so far, and those from `from` on.
    pub fn mails(&self, from: usize) -> Vec<Value> {
        let tenant = self.sides.tenant();
        let rest = tenant.mails().get(from..).unwrap_or_default();
        rest.iter().map(|mail| serde_json::to_value(mail).unwrap_or_default()).collect()
    }

    /// How many mails calendars have sent so far.
    pub fn mailed(&self) -> usize {
        self.sides.tenant().mails().len()
    }

    /// Commands in the CRM; whether they were carried out.
    pub async fn crm(&self, commands: &str) -> bool {
        match self.session.send("the users' hands", commands).await {
            Ok(_) => true,
            Err(error) => {
                self.sides.book.line(|| format!("  refused by the CRM: {error}"));
                false
            }
        }
    }

    /// Somebody adds a record.
    pub async fn adds(&self, table: &str, fields: &Fields<'_>) -> bool {
        self.crm(&format!("<insert><fields><{table}>{}</{table}></fields></insert>", inner(fields))).await
    }

    /// Somebody changes a record.
    pub async fn edits(&self, table: &str, record: &str, fields: &Fields<'_>) -> bool {
        let inner = inner(fields);
        self.crm(&format!("<update><fields><{table} id=\"{record}\">{inner}</{table}></fields></update>"))
            .await
    }

    /// Somebody removes a record.
    pub async fn removes(&self, table: &str, record: &str) -> bool {
        self.crm(&format!("<delete><fields><{table} id=\"{record}\"/></fields></delete>")).await
    }

    /// All records of a table.
    pub async fn records(&self, table: &str) -> Vec<Record> {
        self.session.all(table).await.unwrap_or_default()
    }

    /// The records of a sort's table in which this name stands in one of the fields that may hold it.
    pub async fn records_with(&self, sort: Sort, name: &str) -> Vec<Record> {
        let table = sort.table();
        let conditions: String = sort
            .names()
            .iter()
            .map(|field| {
                format!(r#"<cond tablename="{table}" fieldname="{field}" op="()" value="{}"/>"#, escape(name))
            })
            .collect();
        let condition = format!(r#"<condition><lop value="or">{conditions}</lop></condition>"#);
        self.session.those(table, &condition).await.unwrap_or_default()
    }

    /// Everybody gets a mailbox.
    pub fn furnish_tenant(&self) -> Result<(), WorldError> {
        for (number, name) in USERS.iter().enumerate() {
            let user = json!({
                "id": format!("00000000-0000-4000-8000-00000000000{number}"), "mail": address(number),
                "displayName": name, "timeZone": ZONE,
            });
            let added = self.outlook("POST", "/users", &user);
            added.ok_or_else(|| WorldError::Stage(format!("no mailbox for {name}")))?;
        }
        Ok(())
    }

    /// The company, its customer, and its reps.
    pub async fn furnish_crm(&self) -> Result<(), WorldError> {
        self.must("Company", &[("CoGrp", "2"), ("CoNo", "1"), ("Company", "Nordwind")]).await?;
        let customer = [("CoGrp", "2"), ("CoNo", "10"), ("Company", "Kunde GmbH"), ("RepID", "1")];
        self.must("Company", &customer).await?;
        for (index, name) in USERS.iter().enumerate() {
            let (number, address) = ((index + 1).to_string(), address(index));
            let work =
                [("PeGrp", "2"), ("PeNo", &*number), ("CoGrp", "2"), ("CoNo", "1"), ("Email", &*address)];
            self.must("Person", &[&work[..], &[("FirstName", *name), ("LastName", "Nord")]].concat()).await?;
            let flag = if index < PEOPLE.len() { "true" } else { "false" };
            let rep = [
                ("RepID", &*number),
                ("Name", *name),
                ("Login", *name),
                ("Email", &*address),
                ("Inactive", "false"),
                ("PeGrp", "2"),
                ("PeNo", &*number),
                ("ConnectorEnabled", flag),
                ("SyncEmails", flag),
                ("SyncAppointments", flag),
                ("SyncTasks", flag),
                ("SyncAddressBook", flag),
                ("Language", "en"),
                ("TimeZone", PLACE),
            ];
            self.must("Rep", &rep).await?;
        }
        for (number, first, rep) in [("101", "Karl", "1"), ("102", "Lena", "2")] {
            let address = format!("{}@kunde.example", first.to_lowercase());
            let person = [
                ("PeGrp", "2"),
                ("PeNo", number),
                ("CoGrp", "2"),
                ("CoNo", "10"),
                ("Company", "Kunde GmbH"),
                ("FirstName", first),
                ("LastName", "Kunde"),
                ("Email", &*address),
                ("RepID", rep),
            ];
            self.must("Person", &person).await?;
        }
        Ok(())
    }

    async fn must(&self, table: &str, fields: &Fields<'_>) -> Result<(), WorldError> {
        let command = format!("<insert><fields><{table}>{}</{table}></fields></insert>", inner(fields));
        let sent = self.session.send("the stage", &command);
        sent.await.map(drop).map_err(|error| WorldError::Stage(error.to_string()))
    }
}

/// Somebody's address, by his number.
pub fn address(who: usize) -> String {
    format!("{}@{DOMAIN}", USERS.get(who).copied().unwrap_or("nobody"))
}

fn inner(fields: &Fields<'_>) -> String {
    fields.iter().map(|(name, value)| format!("<{name}>{}</{name}>", escape(value))).collect()
}
