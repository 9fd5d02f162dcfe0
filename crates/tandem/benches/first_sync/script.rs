//! The fewest requests that the recorded work needs, ready to be sent to another stage of the same seed.
//!
//! Left out, because a first synchronisation could do without: polls after a collection's first delta link, what is
//! asked twice (folders, lists, items, records), reading back what was just written, adds of what another mailbox brought already, further tokens, and
//! packages that are not full (adds are packed anew, ten at a time). Ids that come into being on the way differ from
//! run to run with the order of arrival; the script says which answers they are taken from.

use super::recording::{Access, Exchange, Recording};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use tandem_crm_interface::sync::wire::{self, Addressing, Reply};
use tandem_crm_interface::sync::{Answer, Command, StatusCode, SyncRequest};
use tandem_model::{AttachmentContent, Item};

/// Commands in one package, as the connector has it, and bytes of attachments.
const PACKAGE: usize = 10;
const PACKAGE_BYTES: usize = 8 << 20;

/// What stands before and behind the number of a value that is taken from an answer. No text on the wire holds it.
pub const MARK: char = '\u{1}';

/// A request; its texts may hold marks.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Step {
    pub method: String,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
    /// Values that later steps need: their numbers, and where in the JSON of the answer they are.
    pub gives: Vec<(usize, String)>,
    /// How many requests it counts for.
    pub weight: usize,
    /// Whether rows are committed after it.
    pub commits: bool,
}

/// What a bare client sends: first the general part, then the mailboxes, several at a time.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Script {
    pub general: Vec<Step>,
    pub lanes: Vec<Vec<Step>>,
    /// How many values are taken from answers.
    pub values: usize,
    /// What the recorded run asked and this one does not, by reason.
    pub left_out: BTreeMap<String, usize>,
}

impl Script {
    pub fn requests(&self) -> usize {
        self.lanes.iter().flatten().chain(&self.general).map(|step| step.weight).sum()
    }
}

/// Makes the script for a stage.
pub fn script(recording: &Recording, target: &Access) -> Script {
    let mut writer = Writer::new(recording, target);
    for exchange in &recording.exchanges {
        writer.take(exchange);
    }
    writer.finish()
}

/// What one mailbox needs, by phase.
#[derive(Default)]
struct Lane {
    reads: Vec<Step>,
    adds: Vec<(SyncRequest, Command)>,
    changes: Vec<Step>,
    writes: Vec<Step>,
    maps: Vec<(SyncRequest, Command)>,
}

struct Writer<'a> {
    recording: &'a Recording,
    target: &'a Access,
    /// Values from answers, by their text in the recording.
    values: BTreeMap<String, usize>,
    /// Those that come from answers to writes.
    written: BTreeSet<usize>,
    general: Vec<Step>,
    lanes: BTreeMap<String, Lane>,
    asked: BTreeSet<String>,
    done: BTreeSet<String>,
    added: BTreeSet<(String, String)>,
    left_out: BTreeMap<String, usize>,
}

impl<'a> Writer<'a> {
    fn new(recording: &'a Recording, target: &'a Access) -> Self {
        Self {
            recording,
            target,
            values: BTreeMap::new(),
            written: BTreeSet::new(),
            general: Vec::new(),
            lanes: BTreeMap::new(),
            asked: BTreeSet::new(),
            done: BTreeSet::new(),
            added: BTreeSet::new(),
            left_out: BTreeMap::new(),
        }
    }

    fn take(&mut self, exchange: &Exchange) {
        let from = &self.recording.access;
        let url = exchange.request.uri().to_string();
        if url == from.crm() {
            return self.take_crm(exchange);
        }
        if url.starts_with(from.login()) && exchange.request.uri().path().ends_with("/token") {
            if self.asked.insert("token".to_owned()) {
                let mut step = self.step(exchange);
                step.gives = self.value(exchange, "/access_token").into_iter().collect();
                step.weight = 0;
                self.general.push(step);
            }
            return;
        }
        self.take_graph(exchange, &url);
    }

    fn take_graph(&mut self, exchange: &Exchange, url: &str) {
        let reading = exchange.request.method() == http::Method::GET;
        if reading && url.contains("deltatoken") {
            return self.leave_out(&format!("polls after the first delta link: {}", shape(url)));
        }
        if reading && !self.asked.insert(url.to_owned()) {
            return self.leave_out(&format!("asked twice: {}", shape(url)));
        }
        let mut step = self.step(exchange);
        let back = reading && self.reads_back(&step);
        if back && !url.contains("/instances") {
            return self.leave_out(&format!("read back after a write: {}", shape(url)));
        }
        if back {
            // Only now the occurrences of a new series have ids, by which the exceptions are written.
            let body: Value = serde_json::from_slice(exchange.answer.body()).unwrap_or_default();
            for index in 0..body["value"].as_array().map_or(0, Vec::len) {
                step.gives.extend(self.value(exchange, &format!("/value/{index}/id")));
            }
        } else if reading {
            step.gives.extend(self.value(exchange, "/@odata.nextLink"));
        } else if exchange.answer.status() == http::StatusCode::CREATED {
            for pointer in ["/id", "/iCalUId"] {
                let given = self.value(exchange, pointer);
                self.written.extend(given.iter().map(|(number, _)| *number));
                step.gives.extend(given);
            }
        }
        let user = mailbox_of(url).or_else(|| mailbox_of(&String::from_utf8_lossy(exchange.request.body())));
        match user {
            None => self.general.push(step),
            Some(user) => {
                let lane = self.lanes.entry(user).or_default();
                if reading && !back { lane.reads.push(step) } else { lane.writes.push(step) }
            }
        }
    }

    fn leave_out(&mut self, why: &str) {
        *self.left_out.entry(why.to_owned()).or_default() += 1;
    }

    /// Whether it reads what a write has just answered.
    fn reads_back(&self, step: &Step) -> bool {
        let numbers = step.url.split(MARK).skip(1).step_by(2);
        numbers.filter_map(|number| number.parse().ok()).any(|number: usize| self.written.contains(&number))
    }

    /// The number of a value in the answer, if it is there and new.
    fn value(&mut self, exchange: &Exchange, pointer: &str) -> Option<(usize, String)> {
        let body: Value = serde_json::from_slice(exchange.answer.body()).ok()?;
        let text = json_text(&body, pointer)?;
        let number = self.values.len();
        if self.values.contains_key(&text) {
            return None;
        }
        self.values.insert(text, number);
        Some((number, pointer.to_owned()))
    }

    /// The request for the other stage.
    fn step(&self, exchange: &Exchange) -> Step {
        let request = &exchange.request;
        let headers = request.headers().iter().filter(|(name, _)| *name != http::header::CONTENT_LENGTH);
        let text = |bytes: &[u8]| self.marked(&String::from_utf8_lossy(bytes));
        Step {
            method: request.method().to_string(),
            url: text(request.uri().to_string().as_bytes()),
            headers: headers.map(|(name, value)| (name.to_string(), text(value.as_bytes()))).collect(),
            body: text(request.body()),
            gives: Vec::new(),
            weight: super::recording::weight(request, self.recording.access.login()),
            commits: false,
        }
    }

    /// A text with marks instead of values from answers, and with the other stage's addresses and password.
    fn marked(&self, text: &str) -> String {
        let (from, to) = (&self.recording.access, self.target);
        let mut text = text.to_owned();
        for (value, number) in &self.values {
            if text.contains(value.as_str()) {
                text = text.replace(value.as_str(), &format!("{MARK}{number}{MARK}"));
            }
        }
        text.replace(from.graph(), to.graph())
            .replace(from.login(), to.login())
            .replace(from.crm(), to.crm())
            .replace(from.password(), to.password())
    }

    fn take_crm(&mut self, exchange: &Exchange) {
        let Ok(incoming) = wire::read_request(exchange.request.body()) else {
            // The list of reps, in the XML language.
            let step = self.step(exchange);
            self.general.push(step);
            return;
        };
        let request = incoming.request;
        let Ok(Reply::Answers(response)) = wire::read_response(exchange.answer.body(), &incoming.envelope)
        else {
            return;
        };
        let rep = request.session.principal.clone().unwrap_or_default();
        let user = self.recording.reps.get(&rep).cloned().unwrap_or(rep);
        let changes = request.commands.iter().all(|command| matches!(command, Command::Changes { .. }));
        if changes {
            if !self.done.contains(&user) {
                let step = self.package(&request.session_only(), request.commands.clone(), false);
                self.lanes.entry(user.clone()).or_default().changes.push(step);
                let open = |answer: &Answer| matches!(answer, Answer::Changes(page) if page.more);
                if !response.answers.iter().any(open) {
                    self.done.insert(user);
                }
            } else {
                self.leave_out("polls of the CRM after its last page");
            }
            return;
        }
        let session = request.session_only();
        if request.commands.iter().all(|command| matches!(command, Command::Get { .. } | Command::Fields)) {
            return self.leave_out("records of the CRM read directly");
        }
        for (command, answer) in request.commands.into_iter().zip(response.answers) {
            let known = matches!(&answer, Answer::Status(status) if status.code == StatusCode::ALREADY_THERE);
            let lane = self.lanes.entry(user.clone()).or_default();
            match &command {
                Command::Add { key, .. } => {
                    if !known && self.added.insert((user.clone(), key.clone())) {
                        lane.adds.push((session.clone(), command));
                    }
                }
                Command::Get { .. } | Command::Fields | Command::Changes { .. } => {}
                _ => lane.maps.push((session.clone(), command)),
            }
        }
    }

    fn package(&self, session: &SyncRequest, commands: Vec<Command>, marked: bool) -> Step {
        let mut request = session.clone();
        request.commands = commands;
        request.session.password = tandem_crm_interface::session::Secret::new(self.target.password());
        let addressing = Addressing {
            session_id: "00000000000000000000000000000001".to_owned(),
            target: self.target.crm().to_owned(),
        };
        let text = String::from_utf8_lossy(&wire::write_request(&request, &addressing).body).into_owned();
        Step {
            method: "POST".to_owned(),
            url: self.target.crm().to_owned(),
            headers: vec![
                ("content-type".to_owned(), "text/xml; charset=utf-8".to_owned()),
                ("accept".to_owned(), "text/xml".to_owned()),
            ],
            body: if marked { self.marked(&text) } else { text },
            gives: Vec::new(),
            weight: 1,
            commits: true,
        }
    }

    fn packages(&self, commands: Vec<(SyncRequest, Command)>, marked: bool) -> Vec<Step> {
        let mut steps = Vec::new();
        let (mut open, mut bytes): (Vec<Command>, usize) = (Vec::new(), 0);
        let Some(session) = commands.first().map(|(session, _)| session.clone()) else { return steps };
        for (_, command) in commands {
            let size = attached(&command);
            if open.len() == PACKAGE || (!open.is_empty() && bytes + size > PACKAGE_BYTES) {
                steps.push(self.package(&session, std::mem::take(&mut open), marked));
                bytes = 0;
            }
            bytes += size;
            open.push(command);
        }
        steps.push(self.package(&session, open, marked));
        steps
    }

    fn finish(mut self) -> Script {
        let lanes = std::mem::take(&mut self.lanes);
        let lanes = lanes.into_values().map(|lane| {
            let mut steps = lane.reads;
            // What is added was there before, so nothing in it comes from an answer.
            steps.extend(self.packages(lane.adds, false));
            steps.extend(lane.changes);
            steps.extend(lane.writes);
            steps.extend(self.packages(lane.maps, true));
            steps
        });
        let lanes = lanes.collect();
        Script { general: self.general, lanes, values: self.values.len(), left_out: self.left_out }
    }
}

/// Bytes of attachments.
fn attached(command: &Command) -> usize {
    let Command::Add { item: Item::Mail(mail), .. } = command else { return 0 };
    let held = mail.attachments.iter().map(|file| match &file.content {
        AttachmentContent::Bytes(bytes) => bytes.len(),
        _ => 0,
    });
    held.sum()
}

/// What a URL asks for: its path without ids.
fn shape(url: &str) -> String {
    let path = url.split('?').next().unwrap_or_default();
    let words = path.split('/').skip(4).filter(|part| part.len() < 30).collect::<Vec<_>>();
    words.join("/")
}

/// A text in JSON, unless it is too short to be unmistakable.
pub fn json_text(body: &Value, pointer: &str) -> Option<String> {
    body.pointer(pointer)?.as_str().filter(|text| text.len() >= 12).map(str::to_owned)
}

/// The id behind `/users/`.
fn mailbox_of(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("/users/")?;
    let id: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    (id.len() == 36).then_some(id)
}

/// A request without its commands.
trait SessionOnly {
    fn session_only(&self) -> SyncRequest;
}

impl SessionOnly for SyncRequest {
    fn session_only(&self) -> SyncRequest {
        SyncRequest { session: self.session.clone(), commands: Vec::new() }
    }
}
