//! Bugs that are planted on purpose, at the seams between the engine and the world: they show that the examination can
//! fail. Only builds with the feature `planted` have them.
//!
//! A bug at a seam is as good as one in the engine: an engine that sends no `If-Match` and a network that takes it off the
//! request are the same to both sides. So the engine, the clients and the store stay as they are shipped.

mod misled;

pub use misled::Misled;

use bytes::Bytes;
use http::Method;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use tandem_settings::Settings;
use tandem_store::Commit;

/// All planted bugs, each with what it stands for.
pub const BUGS: [(&str, &str); 31] = [
    ("cursor-before-data", "a page's position is kept, its items are not"),
    ("crm-anchor-early", "the CRM's anchor is kept before what it brought"),
    ("echo-by-timestamp", "what was changed soon after a write is taken for that write's echo"),
    ("no-fence", "a worker that lost its mailbox goes on committing"),
    ("outbox-not-consulted", "creates that a crash interrupted are not looked up"),
    ("loser-not-in-journal", "what lost a conflict is written down nowhere"),
    ("wrong-side-wins", "the CRM wins what both sides changed, whoever should"),
    ("objects-by-mailbox", "what another mailbox brought already is not found"),
    ("base-forgotten", "the last common ground is not kept"),
    ("links-forgotten", "links are not found by the copy's id"),
    ("records-forgotten", "links are not found by their record"),
    ("retries-forgotten", "what failed is never tried again"),
    ("if-match-dropped", "updates overwrite whatever is there"),
    ("create-without-key", "creates carry no key"),
    ("zone-dropped", "wall times are sent as UTC"),
    ("all-day-as-instant", "whole days are read as midnights"),
    ("occurrences-lost", "exceptions of series are not read"),
    ("cancelled-occurrences-lost", "called-off occurrences are not read"),
    ("paging-stops-early", "only the first page of a delta is read"),
    ("removed-is-deleted", "a direct read of a suspect finds nothing"),
    ("throttling-is-failure", "429 is taken for a refusal"),
    ("private-stored", "private appointments are taken for others"),
    ("response-not-carried", "what attendees answered is not read"),
    ("attachment-lost", "attachments are not read"),
    ("place-lost", "the place is not written to Outlook"),
    ("deletion-not-sent", "deletions are believed done and are not sent"),
    ("record-not-written", "changes for the CRM are believed done and are not sent"),
    ("guard-off", "mass deletions pass"),
    ("mail-permission-ignored", "attendees are mailed though the rules protect them"),
    ("text-lost", "the text is not read"),
    ("attendees-lost", "attendees are not written to Outlook"),
];

/// When the connector wrote last to each mailbox: what an engine goes by that knows its echoes by time.
#[derive(Debug, Default)]
pub struct Echoes(Mutex<BTreeMap<String, Timestamp>>);

impl Echoes {
    /// Notes a write, and takes from a delta what was changed within two minutes of one.
    pub fn heed(&self, method: &Method, path: &str, now: Timestamp, answer: &mut http::Response<Bytes>) {
        let Some(mailbox) = path.split('/').nth(3) else { return };
        let mut writes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if *method != Method::GET {
            writes.insert(mailbox.to_owned(), now);
            return;
        }
        let (Some(wrote), true) = (writes.get(mailbox), path.ends_with("/delta")) else { return };
        let Ok(mut body) = serde_json::from_slice::<Value>(answer.body()) else { return };
        if let Some(items) = body["value"].as_array_mut() {
            items.retain(|item| {
                let at = item["lastModifiedDateTime"].as_str().and_then(|at| at.parse::<Timestamp>().ok());
                at.is_none_or(|at| at.duration_since(*wrote) > ECHO)
            });
            *answer.body_mut() = Bytes::from(body.to_string());
        }
    }
}

/// So long an echo may take.
const ECHO: SignedDuration = SignedDuration::from_mins(2);

/// What a settings file said and the engine does not heed.
pub fn settings(bug: &str, settings: &mut Settings) {
    match bug {
        "guard-off" => settings.errors.delete_guard_count = 100_000,
        "mail-permission-ignored" => {
            settings.notifications.external = true;
            settings.notifications.internal = true;
        }
        _ => {}
    }
}

/// What is left of a commit.
pub fn commit(bug: &str, commit: &mut Commit) {
    match bug {
        "cursor-before-data" if !commit.links.is_empty() && commit.journal.len() % 3 == 1 => {
            commit.links.clear();
            commit.objects.clear();
        }
        "loser-not-in-journal" => {
            commit.journal.retain(|line| !line.facts.to_string().contains("losing_value"));
        }
        "base-forgotten" => {
            for write in &mut commit.links {
                write.link.base = None;
            }
        }
        _ => {}
    }
}

/// A request as it goes out; none where it does not, and is answered as if it had.
pub fn request(
    bug: &str,
    mut request: http::Request<Bytes>,
) -> Result<http::Request<Bytes>, Box<http::Response<Bytes>>> {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    match bug {
        "if-match-dropped" => drop(request.headers_mut().remove("if-match")),
        "deletion-not-sent" if method == Method::DELETE => {
            let mut answer = http::Response::new(Bytes::new());
            *answer.status_mut() = http::StatusCode::NO_CONTENT;
            return Err(Box::new(answer));
        }
        "create-without-key" if method == Method::POST => change(&mut request, |body| {
            for name in ["transactionId", "singleValueExtendedProperties", "extensions"] {
                body.remove(name);
            }
        }),
        "record-not-written" if path.ends_with("/xml") => write_elsewhere(&mut request),
        "place-lost" => change(&mut request, |body| drop(body.remove("location"))),
        "attendees-lost" => change(&mut request, |body| drop(body.remove("attendees"))),
        "zone-dropped" if path.contains("/events") => change(&mut request, |body| {
            for name in ["start", "end"] {
                if let Some(zone) = body.get_mut(name).and_then(|when| when.get_mut("timeZone")) {
                    *zone = json!("UTC");
                }
            }
        }),
        _ => {}
    }
    Ok(request)
}

/// Lets the CRM take another field than those that were changed.
fn write_elsewhere(request: &mut http::Request<Bytes>) {
    let text = String::from_utf8_lossy(request.body()).into_owned();
    let mut parts = text.split("</x-mmField>");
    let mut changed = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        changed.truncate(changed.rfind('>').map_or(0, |end| end + 1));
        changed.push_str("importance</x-mmField>");
        changed.push_str(part);
    }
    *request.body_mut() = Bytes::from(changed);
}

fn change(request: &mut http::Request<Bytes>, change: impl FnOnce(&mut Map<String, Value>)) {
    if let Ok(Value::Object(mut body)) = serde_json::from_slice(request.body()) {
        change(&mut body);
        *request.body_mut() = Bytes::from(Value::Object(body).to_string());
    }
}

/// An answer of Graph as it is understood.
pub fn answer(bug: &str, method: &Method, path: &str, answer: &mut http::Response<Bytes>) {
    if bug == "throttling-is-failure" && answer.status() == http::StatusCode::TOO_MANY_REQUESTS {
        *answer.status_mut() = http::StatusCode::BAD_REQUEST;
        return;
    }
    let direct = method == Method::GET && path.rsplit('/').nth(1) == Some("events");
    if bug == "removed-is-deleted" && direct {
        *answer.status_mut() = http::StatusCode::NOT_FOUND;
        *answer.body_mut() = Bytes::from(r#"{"error":{"code":"ErrorItemNotFound","message":"planted"}}"#);
        return;
    }
    let touched = matches!(
        bug,
        "all-day-as-instant"
            | "occurrences-lost"
            | "cancelled-occurrences-lost"
            | "paging-stops-early"
            | "private-stored"
            | "response-not-carried"
            | "attachment-lost"
            | "text-lost"
    );
    if !touched {
        return;
    }
    if let Ok(mut body) = serde_json::from_slice::<Value>(answer.body()) {
        misread(bug, path, &mut body);
        *answer.body_mut() = Bytes::from(body.to_string());
    }
}

fn misread(bug: &str, path: &str, value: &mut Value) {
    match value {
        Value::Array(list) => {
            if bug == "occurrences-lost" {
                list.retain(|one| one["type"] != "exception" && one["type"] != "occurrence");
            }
            if bug == "attachment-lost" && path.ends_with("/attachments") {
                list.clear();
            }
            for one in list {
                misread(bug, path, one);
            }
        }
        Value::Object(map) => {
            match bug {
                "occurrences-lost" => drop(map.remove("exceptionOccurrences")),
                "cancelled-occurrences-lost" => drop(map.remove("cancelledOccurrences")),
                "all-day-as-instant" if map.contains_key("isAllDay") => {
                    map.insert("isAllDay".to_owned(), json!(false));
                }
                "private-stored" if map.contains_key("sensitivity") => {
                    map.insert("sensitivity".to_owned(), json!("normal"));
                }
                "response-not-carried" if map.contains_key("response") => {
                    map.insert("response".to_owned(), json!("none"));
                }
                "attachment-lost" if map.contains_key("hasAttachments") => {
                    map.insert("hasAttachments".to_owned(), json!(false));
                }
                "text-lost" if map.contains_key("content") && map.contains_key("contentType") => {
                    map.insert("content".to_owned(), json!(""));
                }
                "paging-stops-early" => {
                    if let Some(next) = map.remove("@odata.nextLink") {
                        map.insert("@odata.deltaLink".to_owned(), next);
                    }
                }
                _ => {}
            }
            for one in map.values_mut() {
                misread(bug, path, one);
            }
        }
        _ => {}
    }
}
