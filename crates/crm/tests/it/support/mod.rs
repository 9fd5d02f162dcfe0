//! A CRM on a free port, and clients that speak to it over HTTP.
#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

pub mod browser;
pub mod items;

use base64::Engine as _;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use tandem_crm::{Options, Running, start};
use tandem_crm_interface::language::{
    Action, FieldInput, Query, Record, RecordInput, Request, Response, Returned, read_response, write_request,
};
use tandem_crm_interface::session::{Secret, Session};
use tandem_crm_interface::sync::wire::{
    Addressing, Reply, read_response as read_sync, write_request as write_sync,
};
use tandem_crm_interface::sync::{
    Answer, Change, ChangePage, Command, ContentType, CurrentRecord, Status, SyncRequest, Window,
};
use tandem_model::{Item, RecordId, Stamp};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A CRM that serves.
pub struct Crm {
    running: Running,
    password: String,
}

/// A connector that speaks for a rep.
pub struct Connector<'a> {
    pub crm: &'a Crm,
    pub principal: String,
    pub client: String,
}

impl Crm {
    pub async fn start() -> Self {
        Self::with(Options::default()).await
    }

    pub async fn with(options: Options) -> Self {
        let given = options.password.clone().map(|password| password.0.reveal().to_owned());
        // Tests are built without optimisation, which makes a slow hash unbearable.
        let rounds = options.password_rounds.or(Some(1_000));
        let running = start(Options { password_rounds: rounds, ..options }).await.unwrap();
        let password =
            running.password().map(|password| password.reveal().to_owned()).or(given).unwrap_or_default();
        Self { running, password }
    }

    pub fn address(&self) -> SocketAddr {
        self.running.address()
    }

    pub fn password(&self) -> &str {
        &self.password
    }

    pub fn running(&self) -> &Running {
        &self.running
    }

    pub fn ready_line(&self) -> String {
        self.running.ready_line()
    }

    pub fn remember_password(&mut self, password: &str) {
        self.password = password.to_owned();
    }

    pub async fn stop(self) {
        self.running.shutdown().await;
    }

    pub fn administrator(&self) -> Session {
        session("OCSU", &self.password)
    }

    pub fn rep(&self, principal: &str) -> Connector<'_> {
        Connector { crm: self, principal: principal.to_owned(), client: "connector-1".to_owned() }
    }

    /// Runs a command as administrator and insists that it succeeds.
    pub async fn run(&self, action: Action) -> Returned {
        let response = self.request(&Request::new(self.administrator(), [action])).await;
        let returned =
            response.results.into_iter().next().unwrap_or_else(|| panic!("{:?}", response.refusal));
        assert_eq!(returned.error(), None);
        returned
    }

    /// Runs a command as administrator that must fail; answers what it says.
    pub async fn fails(&self, action: Action) -> String {
        let response = self.request(&Request::new(self.administrator(), [action])).await;
        response.results[0].error().expect("the command must fail").text.clone()
    }

    pub async fn request(&self, request: &Request) -> Response {
        let (status, body) = self.post(&write_request(request).unwrap()).await;
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
        read_response(&body).unwrap()
    }

    pub async fn query(&self, query: Query) -> Vec<Record> {
        self.run(Action::Query(query)).await.records
    }

    /// All records of a table.
    pub async fn all(&self, table: &str) -> Vec<Record> {
        self.query(Query::all(table)).await
    }

    /// Adds a record; answers its id.
    pub async fn insert(&self, table: &str, fields: &[(&str, &str)]) -> RecordId {
        let returned = self.run(Action::Insert(vec![input(table, fields)])).await;
        returned.written().remove(0)
    }

    pub async fn update(&self, record: &RecordId, fields: &[(&str, &str)]) {
        let (area, id) = record.as_str().split_once(':').unwrap();
        let mut input = input(area, fields);
        input.id = Some(id.parse().unwrap());
        self.run(Action::Update(vec![input])).await;
    }

    pub async fn delete(&self, record: &RecordId) {
        let (area, id) = record.as_str().split_once(':').unwrap();
        self.run(Action::Delete(vec![RecordInput::by_id(area, id.parse().unwrap())])).await;
    }

    /// A rep whom the connector serves, with a person record of his own; answers his `RepID`.
    pub async fn add_rep(&self, name: &str, zone: &str) -> String {
        let address = format!("{}@covote.example", name.to_lowercase());
        let person =
            self.insert("Person", &[("FirstName", name), ("LastName", "Rep"), ("Email", &address)]).await;
        let number = person.as_str().split_once(':').unwrap().1;
        let fields = [
            ("Name", name),
            ("Login", &name.to_lowercase()),
            ("Email", &address),
            ("PeGrp", "1"),
            ("PeNo", number),
            ("ConnectorEnabled", "true"),
            ("SyncEmails", "true"),
            ("SyncAppointments", "true"),
            ("SyncTasks", "true"),
            ("SyncAddressBook", "true"),
            ("Language", "en"),
            ("TimeZone", zone),
        ];
        let rep = self.insert("Rep", &fields).await;
        self.record(&rep).await.field("RepID").unwrap().to_owned()
    }

    /// A record with all its fields.
    pub async fn record(&self, record: &RecordId) -> Record {
        let (area, id) = record.as_str().split_once(':').unwrap();
        let found = self.all(area).await.into_iter().find(|found| found.id == id.parse().ok());
        found.unwrap_or_else(|| panic!("{record} is gone"))
    }

    /// Change number and number of writes.
    pub async fn counters(&self) -> (u64, u64) {
        let response = self.request(&Request::new(self.administrator(), [Action::Nop])).await;
        let number = |name: &str| response.attributes[name].parse().unwrap();
        (number("laststamp"), number("writes"))
    }

    /// Asks as administrator; answers JSON.
    pub async fn ask(&self, method: &str, path: &str) -> serde_json::Value {
        let (status, value) = self.ask_with(method, path, Some(("OCSU", &self.password))).await;
        assert_eq!(status, 200, "{value}");
        value
    }

    /// Asks with a login and its password, or without; answers HTTP status and JSON.
    pub async fn ask_with(
        &self,
        method: &str,
        path: &str,
        login: Option<(&str, &str)>,
    ) -> (u16, serde_json::Value) {
        let authorization = login.map_or_else(String::new, |(user, password)| {
            let encoded = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
            format!("Authorization: Basic {encoded}\r\n")
        });
        let (status, body) =
            self.exchange(&format!("{method} /CRMinterface/{path}"), &authorization, b"").await;
        (status, serde_json::from_slice(&body).unwrap())
    }

    /// Sends a text as administrator; answers JSON.
    pub async fn ask_about(&self, method: &str, path: &str, text: &str) -> serde_json::Value {
        let login = base64::engine::general_purpose::STANDARD.encode(format!("OCSU:{}", self.password));
        let headers = format!("Authorization: Basic {login}\r\nContent-Type: text/xml\r\n");
        let (_, body) =
            self.exchange(&format!("{method} /CRMinterface/{path}"), &headers, text.as_bytes()).await;
        serde_json::from_slice(&body).unwrap()
    }

    /// Posts a document; answers HTTP status and body.
    pub async fn post(&self, body: &[u8]) -> (u16, Vec<u8>) {
        self.exchange("POST /CRMinterface/xml", "Content-Type: text/xml\r\n", body).await
    }

    pub async fn exchange(&self, what: &str, headers: &str, body: &[u8]) -> (u16, Vec<u8>) {
        let mut stream = TcpStream::connect(self.address()).await.unwrap();
        let head = format!(
            "{what} HTTP/1.1\r\nHost: {}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n",
            self.address(),
            body.len()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(body).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
        let head = String::from_utf8_lossy(&answer[..end]).into_owned();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, answer[end + 4..].to_vec())
    }
}

impl Connector<'_> {
    pub fn session(&self) -> Session {
        Session {
            client: Some("GraphApi".to_owned()),
            principal: Some(self.principal.clone()),
            client_id: Some(self.client.clone()),
            ..self.crm.administrator()
        }
    }

    pub async fn reply(&self, commands: Vec<Command>) -> Reply {
        reply(self.crm, self.session(), commands).await
    }

    pub async fn send(&self, commands: Vec<Command>) -> Vec<Answer> {
        match self.reply(commands).await {
            Reply::Answers(response) => response.answers,
            Reply::Refused(status) => panic!("refused: {status:?}"),
        }
    }

    pub async fn status(&self, command: Command) -> Status {
        match self.send(vec![command]).await.remove(0) {
            Answer::Status(status) => status,
            other => panic!("no status: {other:?}"),
        }
    }

    pub async fn add(&self, key: &str, item: Item) -> Status {
        self.status(Command::Add { key: key.to_owned(), item, published: false }).await
    }

    /// Everything that changed since an anchor, whatever its date.
    pub async fn changes(&self, content_type: ContentType, since: Stamp) -> ChangePage {
        self.page(content_type, since, None, 500).await
    }

    pub async fn page(
        &self,
        content_type: ContentType,
        since: Stamp,
        window: Option<Window>,
        limit: u32,
    ) -> ChangePage {
        match self.send(vec![Command::Changes { content_type, since, window, limit }]).await.remove(0) {
            Answer::Changes(page) => page,
            other => panic!("no changes: {other:?}"),
        }
    }

    pub async fn get(&self, record: &RecordId, content_type: ContentType) -> Option<Change> {
        match self.send(vec![Command::Get { record: record.clone(), content_type }]).await.remove(0) {
            Answer::Record(CurrentRecord::Known(change)) => Some(change),
            Answer::Record(CurrentRecord::Unknown) => None,
            Answer::Status(status) if status.code.0 == 404 => None,
            other => panic!("no record: {other:?}"),
        }
    }
}

/// A system folder with its files; what is not given is built in.
pub fn system_folder(forms: Option<&str>, settings: Option<&str>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("xml")).unwrap();
    for (name, text) in [("xml/forms.xml", forms), ("settings.xml", settings)] {
        if let Some(text) = text {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
    }
    folder
}

/// `settings.xml` with these switches: key and value.
pub fn settings(switches: &[(&str, bool)]) -> String {
    let set = |text: String, (key, value): &(&str, bool)| {
        tandem_groupware::with_switch(&text, key, *value).unwrap()
    };
    switches.iter().fold("<root/>".to_owned(), set)
}

pub async fn reply(crm: &Crm, session: Session, commands: Vec<Command>) -> Reply {
    let request = SyncRequest { session, commands };
    // A message is a session of its own: one that comes again with its ids is not run twice.
    static SESSIONS: AtomicU64 = AtomicU64::new(0);
    let session_id = SESSIONS.fetch_add(1, Ordering::Relaxed).to_string();
    let outgoing = write_sync(&request, &Addressing { session_id, target: "crm".to_owned() });
    let (status, body) = crm.post(&outgoing.body).await;
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
    read_sync(&body, &outgoing.envelope).unwrap()
}

pub fn session(user: &str, password: &str) -> Session {
    Session { user: user.to_owned(), password: Secret::new(password), ..Session::default() }
}

pub fn input(table: &str, fields: &[(&str, &str)]) -> RecordInput {
    RecordInput::new(table, fields.iter().map(|(name, value)| FieldInput::new(*name, *value)))
}

/// The fields of a record that hold something.
pub fn held(record: &Record) -> BTreeMap<&str, &str> {
    let fields = record.fields.iter().map(|field| (field.name.as_str(), field.value.as_str()));
    fields.filter(|(_, value)| !value.is_empty() && *value != "false").collect()
}
