//! What people do in Outlook, and what they see there.

use super::{DOMAIN, Stage};
use serde_json::{Value, json};

/// Windows' name of the zone in which Nordwind works.
pub const ZONE: &str = "W. Europe Standard Time";

impl Stage {
    /// A call to the tenant's control API.
    pub async fn outlook(&self, method: &str, path: &str, body: Value) -> Value {
        let body = (!body.is_null()).then_some(&body);
        self.control.call(method, path, body).await.unwrap()
    }

    /// An event on a day, from one wall time to another.
    pub fn on(&self, day: i64, from: &str, to: &str, subject: &str) -> Value {
        let at = |time: &str| json!({"dateTime": format!("{}T{time}:00", self.day(day)), "timeZone": ZONE});
        json!({"subject": subject, "start": at(from), "end": at(to)})
    }

    /// Somebody enters an event into his calendar. Answers its id.
    pub async fn enters(&self, who: &str, event: Value) -> String {
        let created = self.outlook("POST", &format!("/users/{who}@{DOMAIN}/events"), event).await;
        created["id"].as_str().unwrap().to_owned()
    }

    /// Somebody changes an event.
    pub async fn changes(&self, who: &str, id: &str, patch: Value) {
        self.outlook("PATCH", &format!("/users/{who}@{DOMAIN}/events/{id}"), patch).await;
    }

    /// Somebody deletes an event.
    pub async fn deletes(&self, who: &str, id: &str) {
        self.outlook("DELETE", &format!("/users/{who}@{DOMAIN}/events/{id}"), Value::Null).await;
    }

    /// Somebody takes an event out of Deleted Items.
    pub async fn restores(&self, who: &str, id: &str) {
        self.outlook("POST", &format!("/users/{who}@{DOMAIN}/events/{id}/restore"), Value::Null).await;
    }

    /// Somebody answers an invitation.
    pub async fn answers(&self, who: &str, id: &str, response: &str) {
        let path = format!("/users/{who}@{DOMAIN}/events/{id}/respond");
        self.outlook("POST", &path, json!({ "response": response })).await;
    }

    /// A mailbox as it is.
    async fn mailbox(&self, who: &str) -> tandem_audit::MailboxDump {
        self.control.dump(&format!("{who}@{DOMAIN}")).await.unwrap()
    }

    /// All of somebody's events.
    pub async fn events(&self, who: &str) -> Vec<Value> {
        self.mailbox(who).await.events
    }

    /// Somebody's only event of this subject.
    pub async fn event(&self, who: &str, subject: &str) -> Value {
        let mut found = self.events(who).await;
        found.retain(|event| event["subject"] == subject);
        assert_eq!(found.len(), 1, "events {subject:?} of {who}: {found:#?}");
        found.remove(0)
    }

    /// The start of an event as wall time of Vienna, such as `2026-12-01 10:00`.
    pub fn begins(event: &Value) -> String {
        let utc: jiff::civil::DateTime = event["start"]["dateTime"].as_str().unwrap().parse().unwrap();
        let vienna = utc.in_tz("UTC").unwrap().in_tz("Europe/Vienna").unwrap();
        vienna.strftime("%Y-%m-%d %H:%M").to_string()
    }

    /// The id of an occurrence of a series, by its number from 0.
    pub async fn occurrence(&self, who: &str, master: &str, number: usize) -> String {
        let user = format!("{who}@{DOMAIN}");
        let window =
            format!("startDateTime={}T00:00:00Z&endDateTime={}T00:00:00Z", self.day(-60), self.day(90));
        let answer = self
            .graph(
                "GET",
                &format!("/v1.0/users/{user}/events/{master}/instances?{window}&$top=50"),
                Value::Null,
            )
            .await;
        let mut found = answer["value"].as_array().unwrap().clone();
        found.sort_by_key(|one| one["start"]["dateTime"].as_str().unwrap().to_owned());
        found[number]["id"].as_str().unwrap().to_owned()
    }

    /// A message lies in somebody's synchronisation folder. Answers its id.
    pub async fn receives(&self, who: &str, message_id: &str, from: &str, extra: Value) -> String {
        let address = |at: &str| json!({"emailAddress": {"name": at, "address": at}});
        let mut message = json!({
            "folder": "/Inbox/crm",
            "internetMessageId": message_id,
            "subject": format!("About {message_id}"),
            "from": address(from),
            "toRecipients": [address("ann@nordwind.example"), address("ben@nordwind.example")],
            "sentDateTime": format!("{}T08:00:00Z", self.day(-1)),
            "receivedDateTime": format!("{}T08:00:05Z", self.day(-1)),
            "body": {"contentType": "text", "content": "Good morning"},
        });
        for (name, value) in extra.as_object().cloned().unwrap_or_default() {
            message[name] = value;
        }
        let created = self.outlook("POST", &format!("/users/{who}@{DOMAIN}/messages"), message).await;
        created["id"].as_str().unwrap().to_owned()
    }

    /// The folder in which somebody's message lies.
    pub async fn folder_of(&self, who: &str, message_id: &str) -> String {
        self.message(who, message_id).await["folderPath"].as_str().unwrap().to_owned()
    }

    /// Somebody's only message of that internetMessageId.
    pub async fn message(&self, who: &str, message_id: &str) -> Value {
        let mut found = self.mailbox(who).await.messages;
        found.retain(|message| message["internetMessageId"] == message_id);
        assert_eq!(found.len(), 1, "messages {message_id} of {who}: {found:#?}");
        found.remove(0)
    }

    /// Somebody drags a message into a folder.
    pub async fn drags(&self, who: &str, message_id: &str, folder: &str) {
        let id = self.message(who, message_id).await["id"].as_str().unwrap().to_owned();
        let path = format!("/users/{who}@{DOMAIN}/messages/{id}/move");
        self.outlook("POST", &path, json!({ "folder": folder })).await;
    }

    /// All of somebody's tasks.
    pub async fn todos(&self, who: &str) -> Vec<Value> {
        self.mailbox(who).await.tasks
    }

    /// Somebody's only task of this title.
    pub async fn todo(&self, who: &str, title: &str) -> Value {
        let mut found = self.todos(who).await;
        found.retain(|task| task["title"] == title);
        assert_eq!(found.len(), 1, "tasks {title:?} of {who}: {found:#?}");
        found.remove(0)
    }

    /// All of somebody's contacts.
    pub async fn contacts(&self, who: &str) -> Vec<Value> {
        self.mailbox(who).await.contacts
    }

    /// Mails that the tenant sent because of meetings.
    pub async fn mails_sent(&self) -> usize {
        self.mails().await.len()
    }

    /// The same, one by one.
    pub async fn mails(&self) -> Vec<Value> {
        self.outlook("GET", "/mails", Value::Null).await.as_array().unwrap().clone()
    }

    /// A list of required attendees.
    pub fn attendees(addresses: &[&str]) -> Value {
        let one = |at: &&str| json!({"type": "required", "emailAddress": {"name": at, "address": at}});
        Value::Array(addresses.iter().map(one).collect())
    }

    /// The addresses that were mailed since `before` mails had been sent, in order.
    pub async fn mailed_since(&self, before: usize) -> Vec<String> {
        let mut to = Vec::new();
        for mail in self.mails().await.split_off(before) {
            to.extend(mail["to"].as_array().unwrap().iter().map(|at| at.as_str().unwrap().to_owned()));
        }
        to.sort();
        to
    }

    /// A draft in somebody's synchronisation folder.
    pub async fn drafts(&self, who: &str, subject: &str) {
        let folders = self.mailbox(who).await.folders;
        let folder = folders.iter().find(|folder| folder["path"] == "/Inbox/crm").unwrap();
        let path =
            format!("/v1.0/users/{who}@{DOMAIN}/mailFolders/{}/messages", folder["id"].as_str().unwrap());
        self.graph("POST", &path, json!({ "subject": subject })).await;
    }

    /// What an extended property of an item holds: `collection` is events, contacts or messages.
    pub async fn property(&self, who: &str, collection: &str, id: &str, property: &str) -> Option<String> {
        let expand = format!("singleValueExtendedProperties($filter=id eq '{property}')").replace(' ', "%20");
        let path = format!("/v1.0/users/{who}@{DOMAIN}/{collection}/{id}?$expand={expand}");
        let item = self.graph("GET", &path, Value::Null).await;
        item["singleValueExtendedProperties"][0]["value"].as_str().map(str::to_owned)
    }

    /// Extended properties as Graph takes them.
    pub fn properties(values: &[(&str, &str)]) -> Value {
        let all = values.iter().map(|(id, value)| json!({"id": id, "value": value})).collect();
        json!({ "singleValueExtendedProperties": Value::Array(all) })
    }
}
