//! Creating items, each with a key by which it is found again.

use crate::wire::{Fields, contact, event, property, task};
use crate::{GraphError, Mailbox, Place, Remote};
use http::Method;
use serde_json::{Map, Value, json};
use tandem_model::{Appointment, Item, Kind, Task};

/// How Exchange says that it has seen a `transactionId`, with 400 or 409.
const DUPLICATE: &str = "ErrorDuplicateTransactionId";

/// Whether Exchange makes one item only of two creates with the same key, also where both are under way: events carry it
/// as their `transactionId`; tasks and contacts have nothing of that sort.
pub fn makes_one_of_a_key(kind: Kind) -> bool {
    matches!(kind, Kind::Appointment | Kind::Absence)
}

impl Mailbox {
    /// Creates an item and gives it as Microsoft 365 now holds it. `key` is kept with the item and finds it again by
    /// [`Mailbox::find_by_key`]: after [`GraphError::Ambiguous`], look there before creating again. Attendees are
    /// written, and thereby invited by mail, only when `place` says so. Messages are never created.
    pub async fn create(&self, item: &Item, key: &str, place: &Place) -> Result<Remote, GraphError> {
        match item {
            Item::Mail(_) => Err(GraphError::NotWritable {
                what: self.what("creating a mail"),
                why: "mail travels from Microsoft 365 to the CRM only".into(),
            }),
            Item::Appointment(appointment) => {
                self.create_event(Kind::Appointment, appointment, key, place).await
            }
            Item::Absence(absence) => {
                self.create_event(Kind::Absence, &event::from_absence(absence), key, place).await
            }
            Item::Task(task) => {
                let list = self.task_list(place.container.as_deref()).await?;
                self.create_task(task, key, &list).await
            }
            Item::Contact(contact) => {
                let mut body = contact::write(contact, Fields::All);
                body.insert("singleValueExtendedProperties".into(), property::write(property::KEY, key));
                self.write_additional(Kind::Contact, &contact.additional, Fields::All, &mut body)?;
                match place.container.as_deref() {
                    Some(folder) => {
                        self.post(Kind::Contact, &["contactFolders", folder, "contacts"], body, key, "").await
                    }
                    None => self.post(Kind::Contact, &["contacts"], body, key, "").await,
                }
            }
        }
    }

    /// Tasks carry their key in an open extension. Whether an application may write it is documented in two ways: a
    /// tenant that refuses it is asked without, once for good, and its tasks have no key by which to find them.
    async fn create_task(&self, task: &Task, key: &str, list: &str) -> Result<Remote, GraphError> {
        let path = ["todo", "lists", list, "tasks"];
        let plain = task::write(task, Fields::All);
        if self.connection.keeps_task_keys() {
            let mut marked = plain.clone();
            marked.insert("extensions".into(), property::write_extension(key));
            match self.post(Kind::Task, &path, marked, key, list).await {
                Err(GraphError::Rejected(at)) => tracing::debug!(%at, "trying a task without extension"),
                created => return created,
            }
        }
        let mut created = self.post(Kind::Task, &path, plain, key, list).await?;
        if self.connection.keeps_task_keys() {
            tracing::warn!(
                "this tenant refuses open extensions on tasks: after a lost answer a task may come twice"
            );
            self.connection.give_up_task_keys();
        }
        created.facts.key = None;
        Ok(created)
    }

    async fn create_event(
        &self,
        kind: Kind,
        wanted: &Appointment,
        key: &str,
        place: &Place,
    ) -> Result<Remote, GraphError> {
        let mut body = event::write(wanted, Fields::All, place.invite, &self.lens.zone);
        body.insert("transactionId".into(), json!(key));
        body.insert("singleValueExtendedProperties".into(), property::write(property::KEY, key));
        self.write_additional(kind, &wanted.additional, Fields::All, &mut body)?;
        let path = match place.container.as_deref() {
            Some(calendar) => vec!["calendars", calendar, "events"],
            None => vec!["events"],
        };
        let created = match self.post(kind, &path, body, key, "").await {
            Err(error) if is_duplicate(&error) => self.made_before(kind, key).await?.ok_or(error)?,
            created => created?,
        };
        let departs =
            wanted.series.as_ref().is_some_and(|s| !s.cancelled.is_empty() || !s.exceptions.is_empty());
        if !departs {
            return Ok(created);
        }
        // The master exists from here on. Whatever fails now, the caller must not create it again.
        self.settle_series(kind, &created.id, wanted, None).await.map_err(|error| GraphError::Ambiguous {
            what: self.what("creating a series"),
            why: format!("the series was made, its exceptions were not: {error}"),
        })
    }

    /// What an earlier try made, as Exchange says that there is one.
    async fn made_before(&self, kind: Kind, key: &str) -> Result<Option<Remote>, GraphError> {
        self.find_by_key(kind, key).await.map_err(|error| GraphError::Ambiguous {
            what: self.what(&format!("creating {kind} with key {key}")),
            why: format!("an earlier try had made it, but it could not be found again: {error}"),
        })
    }

    async fn post(
        &self,
        kind: Kind,
        path: &[&str],
        body: Map<String, Value>,
        key: &str,
        list: &str,
    ) -> Result<Remote, GraphError> {
        let call = self.call(Method::POST, path, &[], &format!("creating {kind} with key {key}")).once();
        let reply = self.send(self.in_our_form(kind, call).body(Value::Object(body))).await?;
        let mut created = self.item(kind, &reply, list).map_err(|error| GraphError::Ambiguous {
            what: reply.what.clone(),
            why: format!("it was made, but the answer does not read: {error}"),
        })?;
        created.facts.key.get_or_insert_with(|| key.to_owned());
        if !self.has_additional(kind) {
            return Ok(created);
        }
        // It exists from here on: whatever fails now, the caller must not create it again.
        let whole =
            self.read_existing(kind, &created.id, list).await.map_err(|error| GraphError::Ambiguous {
                what: reply.what.clone(),
                why: format!("it was made, but could not be read again: {error}"),
            })?;
        created.item = whole.item;
        created.etag = whole.etag;
        Ok(created)
    }
}

fn is_duplicate(error: &GraphError) -> bool {
    matches!(error, GraphError::Changed(at) | GraphError::Rejected(at) if at.code == DUPLICATE)
}
