//! Changing and deleting items.

use crate::wire::{Fields, contact, event, html, task, time};
use crate::{Answer, Class, GraphError, Mailbox, Remote, zones};
use http::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use tandem_model::{Appointment, Etag, GraphId, Item, Kind};

impl Mailbox {
    /// Writes fields of an item, named as in its document, and gives the item as Microsoft 365 now holds it. With an
    /// etag, a change that came meanwhile makes it fail with [`GraphError::Changed`]. `before` is the item as it was
    /// last read; of a series, only occurrences that differ from it are touched. `list` is the To Do list of a task;
    /// none for the default one. Fields that cannot be written (the organiser, the answers of others) are passed over; so is
    /// that an occurrence which was cancelled takes place again, and an exception on such a date is refused.
    pub async fn update(
        &self,
        id: &GraphId,
        etag: Option<&Etag>,
        item: &Item,
        before: Option<&Item>,
        fields: &BTreeSet<String>,
        list: Option<&str>,
    ) -> Result<Remote, GraphError> {
        match item {
            Item::Mail(_) => Err(GraphError::NotWritable {
                what: self.what(&format!("changing mail {id}")),
                why: "mail is never changed, only moved and marked".into(),
            }),
            Item::Appointment(wanted) => {
                let before = match before {
                    Some(Item::Appointment(before)) => Some(before),
                    _ => None,
                };
                self.update_event(Kind::Appointment, id, etag, wanted, before, fields).await
            }
            Item::Absence(absence) => {
                let wanted = event::from_absence(absence);
                self.update_event(Kind::Absence, id, etag, &wanted, None, fields).await
            }
            Item::Task(wanted) => {
                let list = self.task_list(list).await?;
                let body = task::write(wanted, Fields::Only(fields));
                let path = ["todo", "lists", &list, "tasks", id.as_str()];
                self.patch(Kind::Task, &path, id, etag, body, &list).await
            }
            Item::Contact(wanted) => {
                let mut body = contact::write(wanted, Fields::Only(fields));
                self.write_additional(Kind::Contact, &wanted.additional, Fields::Only(fields), &mut body)?;
                self.patch(Kind::Contact, &["contacts", id.as_str()], id, etag, body, "").await
            }
        }
    }

    /// Deletes an item; one that is gone already is a success. Deleting an event of which the owner is the organiser
    /// makes Exchange mail a cancellation to its attendees. `list` as in [`Mailbox::update`].
    pub async fn delete(
        &self,
        kind: Kind,
        id: &GraphId,
        etag: Option<&Etag>,
        list: Option<&str>,
    ) -> Result<(), GraphError> {
        let list = match kind {
            Kind::Task => self.task_list(list).await?,
            _ => String::new(),
        };
        let path: Vec<&str> = match kind {
            Kind::Mail => vec!["messages", id.as_str()],
            Kind::Appointment | Kind::Absence => vec!["events", id.as_str()],
            Kind::Task => vec!["todo", "lists", &list, "tasks", id.as_str()],
            Kind::Contact => vec!["contacts", id.as_str()],
        };
        let call = self.call(Method::DELETE, &path, &[], &format!("deleting {kind} {id}")).etag(etag);
        match self.send(self.in_our_form(kind, call)).await {
            Err(error) if error.class() != Class::Gone => Err(error),
            _ => Ok(()),
        }
    }

    /// Sends changed properties. What is gone is [`GraphError::Gone`]; nothing to send is a mere reading.
    pub(crate) async fn patch(
        &self,
        kind: Kind,
        path: &[&str],
        id: &GraphId,
        etag: Option<&Etag>,
        body: Map<String, Value>,
        list: &str,
    ) -> Result<Remote, GraphError> {
        if body.is_empty() {
            let found = self.read_existing(kind, id, list).await?;
            return match etag {
                Some(etag) if *etag != found.etag => {
                    Err(GraphError::Changed(self.refused_here(kind, id, 412)))
                }
                _ => Ok(found),
            };
        }
        let call = self.call(Method::PATCH, path, &[], &format!("changing {kind} {id}")).etag(etag);
        // Without a version to hold it to, the same change of a meeting would be mailed once more.
        let call = if kind == Kind::Appointment && etag.is_none() { call.once() } else { call };
        let reply = self.send(self.in_our_form(kind, call).body(Value::Object(body))).await?;
        if reply.body.is_empty() || self.has_additional(kind) {
            self.read_existing(kind, id, list).await
        } else {
            self.item(kind, &reply, list)
        }
    }

    pub(crate) async fn read_existing(
        &self,
        kind: Kind,
        id: &GraphId,
        list: &str,
    ) -> Result<Remote, GraphError> {
        let list = (!list.is_empty()).then_some(list);
        let found = self.read(kind, id, list).await?;
        found.ok_or_else(|| GraphError::Gone(self.refused_here(kind, id, 404)))
    }

    /// What Graph would have answered, had it been asked in one request instead of two.
    fn refused_here(&self, kind: Kind, id: &GraphId, status: u16) -> Answer {
        let (code, message) = match status {
            404 => ("ErrorItemNotFound", "it was deleted meanwhile"),
            _ => ("ErrorIrresolvableConflict", "its version is another"),
        };
        Answer {
            what: self.what(&format!("changing {kind} {id}")),
            status,
            code: code.to_owned(),
            message: message.to_owned(),
            request_id: String::new(),
        }
    }

    async fn update_event(
        &self,
        kind: Kind,
        id: &GraphId,
        etag: Option<&Etag>,
        wanted: &Appointment,
        before: Option<&Appointment>,
        fields: &BTreeSet<String>,
    ) -> Result<Remote, GraphError> {
        let mut body = event::write(wanted, Fields::Only(fields), true, &self.lens.zone);
        self.write_additional(kind, &wanted.additional, Fields::Only(fields), &mut body)?;
        let rule_changed = rule_changed(wanted, before);
        // To write a recurrence that is the same anyway would make Exchange forget the exceptions, and to write the
        // same time under another name of its zone would mail everybody.
        if !rule_changed {
            body.remove("recurrence");
        }
        let moves =
            fields.contains("when") && !before.is_some_and(|b| time::same_when(&b.when, &wanted.when));
        if !moves {
            for name in ["start", "end", "isAllDay"] {
                body.remove(name);
            }
        }
        if kind == Kind::Absence && moves {
            body.insert("showAs".into(), json!(event::show_as_name(wanted.show_as)));
        }
        if fields.contains("text") {
            self.keep_join_block(id, &wanted.text, &mut body).await?;
        }
        let moved = moves || (rule_changed && fields.contains("series"));
        let patched = !body.is_empty();
        let path = ["events", id.as_str()];
        let own_etag = match own_of(&mut body) {
            Some(own) => Some(self.patch(kind, &path, id, etag, own, "").await?.etag),
            None => None,
        };
        let changed = self.patch(kind, &path, id, own_etag.as_ref().or(etag), body, "").await?;
        match &wanted.series {
            Some(_) if fields.contains("series") || moved => {
                let known = before.filter(|_| !moved);
                self.settle_series(kind, id, wanted, known).await
            }
            // The answer to a PATCH shows a series without its exceptions.
            Some(_) if patched => self.read_existing(kind, id, "").await,
            _ => Ok(changed),
        }
    }

    /// Changes the text of an online meeting in front of the block by which people join it: without the block,
    /// Exchange makes it an ordinary meeting.
    async fn keep_join_block(
        &self,
        id: &GraphId,
        text: &str,
        body: &mut Map<String, Value>,
    ) -> Result<(), GraphError> {
        let query = [("$select", "isOnlineMeeting,body")];
        let call = self.get(&["events", id.as_str()], &query, &format!("reading the text of event {id}"));
        let current: Online = self.send(call.prefer(crate::transport::call::IMMUTABLE_ID)).await?.json()?;
        if !current.is_online_meeting.unwrap_or_default() {
            return Ok(());
        }
        match join_block(&current.body.content) {
            Some(block) => {
                let own = html::from_text(without_join_block(text));
                let content = format!("<html><body><div>{own}</div>{block}</body></html>");
                body.insert("body".into(), json!({ "contentType": "html", "content": content }));
            }
            // A meeting that people can join is worth more than our text.
            None => {
                body.remove("body");
            }
        }
        Ok(())
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Online {
    is_online_meeting: Option<bool>,
    body: OnlineBody,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct OnlineBody {
    content: String,
}

/// Teams begins its block with a line of underscores.
const RULE: &str = "________________________________";

/// The block from the element that holds the line of underscores to the end of the body.
fn join_block(html: &str) -> Option<&str> {
    let rule = html.find(RULE)?;
    let before = html.get(..rule)?;
    let start = before.rfind("<div").or_else(|| before.rfind("<p")).unwrap_or(rule);
    let end = html.rfind("</body>").filter(|end| *end > rule).unwrap_or(html.len());
    html.get(start..end)
}

/// The text in front of the line of underscores.
fn without_join_block(text: &str) -> &str {
    text.find(RULE).and_then(|rule| text.get(..rule)).unwrap_or(text).trim_end()
}

/// Whether the pattern, range or zone of a series differs, or there is or was none.
fn rule_changed(wanted: &Appointment, before: Option<&Appointment>) -> bool {
    let Some(before) = before else { return true };
    match (&wanted.series, &before.series) {
        (None, None) => false,
        (Some(wanted), Some(before)) => {
            (&wanted.pattern, wanted.start, wanted.end) != (&before.pattern, before.start, before.end)
                || !zones::same(&wanted.zone, &before.zone)
        }
        _ => true,
    }
}

/// Properties that each participant has for himself, of which nobody is told.
const OWN: [&str; 4] = ["categories", "isReminderOn", "reminderMinutesBeforeStart", "showAs"];

/// Takes the owner's own out of a change of the attendees. A request that changes nothing but them is mailed only to those
/// whom it concerns; any other tells all (Graph documentation: update event).
fn own_of(body: &mut Map<String, Value>) -> Option<Map<String, Value>> {
    let apart = |name: &str| name == "attendees" || OWN.contains(&name);
    if !body.contains_key("attendees") || body.len() == 1 || !body.keys().all(|name| apart(name)) {
        return None;
    }
    let attendees = body.remove("attendees")?;
    let own = std::mem::take(body);
    body.insert("attendees".to_owned(), attendees);
    Some(own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_join_block_is_found_and_kept_apart() {
        let html =
            format!("<html><body><div>Agenda</div><div>{RULE}____</div><a href=\"x\">Join</a></body></html>");
        assert_eq!(join_block(&html), Some(format!("<div>{RULE}____</div><a href=\"x\">Join</a>").as_str()));
        assert_eq!(join_block("<p>none</p>"), None);
        assert_eq!(without_join_block(&format!("New agenda\n\n{RULE}\nJoin")), "New agenda");
    }
}
