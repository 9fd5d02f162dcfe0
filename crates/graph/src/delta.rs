//! Observing: one page of changes at a time ("Graph documentation: delta query overview").

use crate::paging::Page;
use crate::read::parse;
use crate::transport::call::{Call, IMMUTABLE_ID, TEXT_BODY};
use crate::wire::contact::{self, ContactWire};
use crate::wire::event::EventWire;
use crate::wire::id;
use crate::wire::message::{self, MessageWire};
use crate::wire::task::TaskWire;
use crate::{Change, Collection, DeltaPage, GraphError, Mailbox, Next, Remote, Trail};
use serde_json::Value;
use tandem_model::{Etag, Kind};

impl Mailbox {
    /// One page of what changed in a collection since `position`, which is a link that an earlier page gave; without
    /// it, the first page of all that the collection holds. Fails with [`GraphError::ResyncRequired`] when the
    /// position is no longer known there.
    pub async fn delta(
        &self,
        collection: &Collection,
        position: Option<&str>,
    ) -> Result<DeltaPage, GraphError> {
        let call = self.delta_call(collection, position)?;
        let what = call.what.clone();
        let page: Page<Value> = self.send(call).await?.json()?;
        let next = match (page.next, page.delta) {
            (Some(link), _) => Next::More(link),
            (None, Some(link)) => Next::Done(link),
            (None, None) => {
                return Err(GraphError::Unreadable {
                    what,
                    why: "the page says neither how it goes on nor that it is the last".into(),
                });
            }
        };
        let (Next::More(link) | Next::Done(link)) = &next;
        self.connection.link(link, &what)?;
        let mut changes = Vec::with_capacity(page.value.len());
        for entry in page.value {
            changes.push(self.change(collection, entry).await?);
        }
        let kind = match collection {
            Collection::MailFolder(_) => Kind::Mail,
            Collection::Calendar(_) => Kind::Appointment,
            Collection::TaskList(_) => Kind::Task,
            Collection::ContactFolder(_) => Kind::Contact,
        };
        Ok(DeltaPage { changes: self.with_additional(kind, changes).await?, next })
    }

    /// The way through the pages of a collection: whoever goes on to a page by [`Next::More`] says so to it, and is
    /// stopped where the service links in a circle.
    pub fn trail(&self, collection: &Collection) -> Trail {
        Trail::new(self.what(collection.reading()))
    }

    fn delta_call(&self, collection: &Collection, position: Option<&str>) -> Result<Call, GraphError> {
        let limits = &self.connection.limits;
        let (from, to);
        let (path, query): (Vec<&str>, Vec<(&str, &str)>) = match collection {
            Collection::MailFolder(folder) => {
                let path = vec!["mailFolders", folder, "messages", "delta"];
                (path, vec![("$select", message::SELECT)])
            }
            Collection::Calendar(window) => {
                (from, to) = (window.from.to_string(), window.to.to_string());
                let query = vec![("startDateTime", from.as_str()), ("endDateTime", to.as_str())];
                (vec!["calendarView", "delta"], query)
            }
            Collection::TaskList(list) => (vec!["todo", "lists", list, "tasks", "delta"], Vec::new()),
            Collection::ContactFolder(folder) => {
                let path = vec!["contactFolders", folder, "contacts", "delta"];
                (path, vec![("$select", contact::SELECT)])
            }
        };
        let mut call = self.get(&path, &query, collection.reading());
        if let Some(position) = position {
            call.url = self.connection.link(position, &call.what)?;
        }
        let size = match collection {
            Collection::MailFolder(_) => limits.messages_per_page,
            _ => limits.items_per_page,
        };
        // The preferences count per request: they are not part of the links.
        let call = call.prefer(IMMUTABLE_ID).prefer(format!("odata.maxpagesize={}", size.max(1)));
        let html = matches!(collection, Collection::MailFolder(_)) && self.lens.html;
        Ok(if html { call } else { call.prefer(TEXT_BODY) })
    }

    async fn change(&self, collection: &Collection, entry: Value) -> Result<Change, GraphError> {
        let entry_id = id(entry["id"].as_str().unwrap_or_default());
        if entry.get("@removed").is_some() {
            return Ok(Change::Removed(entry_id));
        }
        let etag = entry["@odata.etag"].as_str().map(Etag::from);
        let read = match collection {
            Collection::MailFolder(_) => match parse::<MessageWire>(entry) {
                // Some changes of state come without the message: fetch it.
                Ok(message) if message.is_partial() => {
                    return Ok(match self.read(Kind::Mail, &entry_id, None).await? {
                        Some(remote) => Change::Present(Box::new(remote)),
                        None => Change::Removed(entry_id),
                    });
                }
                message => message.and_then(|message| message.remote(&self.lens)),
            },
            Collection::Calendar(_) => match parse::<EventWire>(entry) {
                Ok(event) if event.is_master() => {
                    return Ok(Change::Occurrence { master: entry_id.clone(), id: entry_id });
                }
                Ok(event) => match event.occurrence_of() {
                    Some(master) => return Ok(Change::Occurrence { master: id(master), id: entry_id }),
                    None => event.remote(Kind::Appointment, &self.lens),
                },
                Err(reason) => Err(reason),
            },
            Collection::TaskList(list) => parse::<TaskWire>(entry).and_then(|task| task.remote(list)),
            Collection::ContactFolder(_) => {
                parse::<ContactWire>(entry).and_then(|contact| contact.remote(&self.lens))
            }
        };
        Ok(found(read, entry_id, etag))
    }
}

impl Collection {
    /// What is done when its changes are read, for messages.
    fn reading(&self) -> &'static str {
        match self {
            Self::MailFolder(_) => "reading changes of messages",
            Self::Calendar(_) => "reading changes of the calendar",
            Self::TaskList(_) => "reading changes of tasks",
            Self::ContactFolder(_) => "reading changes of contacts",
        }
    }
}

fn found(read: Result<Remote, String>, id: tandem_model::GraphId, etag: Option<Etag>) -> Change {
    match read {
        Ok(remote) => Change::Present(Box::new(remote)),
        Err(reason) => Change::Unreadable { id, etag, reason },
    }
}
