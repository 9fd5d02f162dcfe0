//! Small hand-made worlds: a tenant's control API and a CRM.interface that answer from values, served on loopback.

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::{get, post};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use tandem_audit::{
    Audit, CrmAccess, Element, Kind, KindReport, Report, Scope, ScopedMailbox, escape, snapshot,
};

/// Both sides, as values that a test may spoil.
#[derive(Debug, Clone, Default)]
pub struct World {
    /// Dumps by address.
    pub mailboxes: BTreeMap<String, Value>,
    /// Records by table: info area and rows of id and fields.
    pub tables: BTreeMap<&'static str, (&'static str, Vec<Row>)>,
}

/// A record.
#[derive(Debug, Clone)]
pub struct Row {
    pub id: u32,
    pub fields: BTreeMap<String, String>,
}

pub const ANN: &str = "ann@nordwind.example";
pub const BEN: &str = "ben@nordwind.example";

impl World {
    /// Adds a record.
    pub fn record(&mut self, table: &'static str, area: &'static str, id: u32, fields: &[(&str, &str)]) {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.tables.entry(table).or_insert((area, Vec::new())).1.push(Row { id, fields });
    }

    /// Ties a record to its groupware id.
    pub fn key(&mut self, content_type: &str, key: &str, record: &str) {
        let (area, id) = record.split_once(':').unwrap();
        let number = 9000 + u32::try_from(self.rows("ExternalKey").len()).unwrap();
        self.record(
            "ExternalKey",
            "XK",
            number,
            &[
                ("ContentType", content_type),
                ("ExtSystem", "GraphApi"),
                ("Key", key),
                ("TableShort", area),
                ("RecordID", id),
            ],
        );
    }

    /// The rows of a table.
    pub fn rows(&self, table: &str) -> Vec<Row> {
        self.tables.get(table).map(|(_, rows)| rows.clone()).unwrap_or_default()
    }

    /// Sets a field of a record.
    pub fn set(&mut self, table: &str, id: u32, field: &str, value: &str) {
        let row = self.tables.get_mut(table).unwrap().1.iter_mut().find(|row| row.id == id).unwrap();
        row.fields.insert(field.to_owned(), value.to_owned());
    }

    /// Takes a record away.
    pub fn remove(&mut self, table: &str, id: u32) {
        self.tables.get_mut(table).unwrap().1.retain(|row| row.id != id);
    }

    /// Repeats a record under another id and number.
    pub fn repeat(&mut self, table: &str, id: u32, new: u32) {
        let rows = &mut self.tables.get_mut(table).unwrap().1;
        let mut row = rows.iter().find(|row| row.id == id).unwrap().clone();
        row.id = new;
        row.fields.insert("SeqNo".to_owned(), new.to_string());
        rows.push(row);
    }

    /// An item of a mailbox, by its id.
    pub fn item(&mut self, mailbox: &str, list: &str, id: &str) -> &mut Value {
        let items = self.mailboxes.get_mut(mailbox).unwrap()[list].as_array_mut().unwrap();
        items.iter_mut().find(|item| item["id"] == id).unwrap()
    }

    /// The items of a mailbox.
    pub fn items(&mut self, mailbox: &str, list: &str) -> &mut Vec<Value> {
        self.mailboxes.get_mut(mailbox).unwrap()[list].as_array_mut().unwrap()
    }

    /// Serves both sides and audits them.
    pub async fn audit(&self) -> Report {
        let (control, crm) = self.clone().serve().await;
        Audit::run(&control, crm, scope()).await.unwrap()
    }

    /// Serves both sides and takes a snapshot.
    pub async fn snapshot(&self) -> Value {
        let (control, crm) = self.clone().serve().await;
        snapshot(&control, crm).await.unwrap()
    }

    async fn serve(self) -> (String, CrmAccess) {
        let router = Router::new()
            .route("/users", get(users))
            .route("/users/{user}/dump", get(dump))
            .route("/CRMinterface/xml", post(interface))
            .with_state(Arc::new(self));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let access = CrmAccess {
            interface: format!("{base}/CRMinterface/xml"),
            user: "OCSU".into(),
            password: "x".into(),
        };
        (base, access)
    }
}

async fn users(State(world): State<Arc<World>>) -> String {
    Value::from(world.mailboxes.values().map(|dump| dump["user"].clone()).collect::<Vec<_>>()).to_string()
}

async fn dump(State(world): State<Arc<World>>, Path(user): Path<String>) -> String {
    world.mailboxes[&user].to_string()
}

async fn interface(State(world): State<Arc<World>>, body: String) -> String {
    let request = Element::parse(&body).unwrap();
    let table = request.descendants().into_iter().find(|element| element.name == "table").unwrap().clone();
    let (skip, limit): (usize, usize) =
        (table.attribute("skip").parse().unwrap(), table.attribute("maxrecords").parse().unwrap());
    let name = table.attribute("tablename");
    let Some((area, rows)) = world.tables.get(name) else {
        return "<response><query/></response>".to_owned();
    };
    let rows: String = rows
        .iter()
        .skip(skip)
        .take(limit)
        .map(|row| {
            let fields: String = row
                .fields
                .iter()
                .map(|(field, value)| format!("<{field}>{}</{field}>", escape(value)))
                .collect();
            format!("<{name} tableshort=\"{area}\" id=\"{}\">{fields}</{name}>", row.id)
        })
        .collect();
    format!("<response><query>{rows}</query></response>")
}

/// Noon of a day in July, two mailboxes.
pub fn scope() -> Scope {
    let mailbox = |address: &str, rep: &str| ScopedMailbox {
        address: address.to_owned(),
        rep: rep.to_owned(),
        kinds: Kind::ALL.into(),
    };
    let now = "2026-07-15T12:00:00Z".parse().unwrap();
    Scope { appointment_future_days: 30, ..Scope::new(now, vec![mailbox(ANN, "101"), mailbox(BEN, "102")]) }
}

/// What the audit says about one kind.
pub fn of(report: &Report, kind: Kind) -> KindReport {
    report.kinds[&kind].clone()
}

/// One of everything, in step.
pub fn in_step() -> World {
    let mut world = World::default();
    people(&mut world);
    mail(&mut world);
    meeting(&mut world);
    series(&mut world);
    task(&mut world);
    contact(&mut world);
    absence(&mut world);
    world
}

fn people(world: &mut World) {
    for (address, name, rep, id) in [(ANN, "Ann Gruber", "101", 1), (BEN, "Ben Novak", "102", 2)] {
        let user = json!({"id": address, "mail": address, "displayName": name, "proxyAddresses": [format!("SMTP:{address}")]});
        let dump =
            json!({"user": user, "folders": [], "messages": [], "events": [], "tasks": [], "contacts": []});
        world.mailboxes.insert(address.to_owned(), dump);
        world.record("Person", "KP", id, &[("PeGrp", "2"), ("PeNo", rep), ("Email", address)]);
        world.record(
            "Rep",
            "ID",
            id,
            &[("RepID", rep), ("Name", name), ("Email", address), ("PeGrp", "2"), ("PeNo", rep)],
        );
    }
}

fn mail(world: &mut World) {
    world.items(ANN, "messages").push(json!({
        "id": "M1", "internetMessageId": "<1@x.example>", "folderPath": "/Inbox/crm/Sync_Success", "isDraft": false,
        "subject": "Offer", "body": {"contentType": "html", "content": "<p>Gr&uuml;&szlig;e <b>Tom</b></p>"},
        "from": {"emailAddress": {"name": "Tom", "address": "tom@customer.example"}},
        "toRecipients": [{"emailAddress": {"name": "Ann", "address": ANN}}],
        "ccRecipients": [{"emailAddress": {"address": "nobody@stranger.example"}}],
        "sentDateTime": "2026-07-14T08:05:31Z",
        "attachments": [{"name": "a.pdf", "size": 3, "sha256": "abc"}],
    }));
    world.record(
        "Contact",
        "MA",
        10,
        &[
            ("StatNo", "1"),
            ("SeqNo", "10"),
            ("Contact", "E-Mail"),
            ("Subject", "Offer"),
            ("Text", "Grüße Tom"),
            ("Date", "2026-07-14"),
            ("Time", "10:05"),
            ("TimeZone", "Europe/Vienna"),
            ("MessageID", "<1@x.example>"),
            ("RepID", "101"),
            ("MissingParticipants", "CC: nobody@stranger.example"),
        ],
    );
    world.record(
        "Participant",
        "MB",
        11,
        &[("ContactStatNo", "1"), ("ContactSeqNo", "10"), ("Name", "Tom"), ("Email", "tom@customer.example")],
    );
    world.record(
        "Document",
        "D1",
        12,
        &[
            ("ContactStatNo", "1"),
            ("ContactSeqNo", "10"),
            ("Name", "a.pdf"),
            ("Digest", "ABC"),
            ("Size", "3"),
        ],
    );
    world.key("application/x-mmRecord", "<1@x.example>", "MA:10");
}

/// Ann invites Ben; he accepted.
fn meeting(world: &mut World) {
    let copy = |id: &str, organizer: bool, answer: &str| {
        json!({
            "id": id, "iCalUId": "UID-1", "subject": "Review", "body": {"contentType": "text", "content": "Agenda\r\nPoint 1"},
            "location": {"displayName": "Room 1"}, "isAllDay": false, "showAs": "busy", "sensitivity": "normal", "isReminderOn": true,
            "reminderMinutesBeforeStart": 15, "isOrganizer": organizer, "isCancelled": false,
            "start": {"dateTime": "2026-07-16T08:00:00.0000000", "timeZone": "UTC"}, "end": {"dateTime": "2026-07-16T09:00:00.0000000", "timeZone": "UTC"},
            "organizer": {"emailAddress": {"address": ANN}}, "responseStatus": {"response": answer},
            "attendees": [{"emailAddress": {"address": BEN}, "type": "required", "status": {"response": "accepted"}}],
        })
    };
    world.items(ANN, "events").push(copy("E1", true, "organizer"));
    world.items(BEN, "events").push(copy("E2", false, "accepted"));
    world.record(
        "Contact",
        "MA",
        20,
        &[
            ("StatNo", "1"),
            ("SeqNo", "20"),
            ("Contact", "Appointment"),
            ("Subject", "Review"),
            ("Text", "Agenda\nPoint 1"),
            ("A031Location", "Room 1"),
            ("Date", "2026-07-16"),
            ("Time", "10:00"),
            ("EndDate", "2026-07-16"),
            ("EndTime", "11:00"),
            ("TimeZone", "Europe/Vienna"),
            ("ShowAs", "busy"),
            ("ReminderDur", "15"),
            ("ReminderUnit", "minutes"),
            ("RepID", "101"),
        ],
    );
    for (id, rep, role, status) in [(21, "101", "organizer", "accepted"), (22, "102", "required", "accepted")]
    {
        let fields = [
            ("ContactStatNo", "1"),
            ("ContactSeqNo", "20"),
            ("RepID", rep),
            ("Role", role),
            ("Status", status),
        ];
        world.record("Participant", "MB", id, &fields);
    }
    world.key("text/x-vevent", "UID-1", "MA:20");
}

/// Ben's weekly series over the end of nothing: one occurrence cancelled, one moved.
fn series(world: &mut World) {
    world.items(BEN, "events").push(json!({
        "id": "S1", "iCalUId": "UID-2", "subject": "Weekly", "body": {"contentType": "text", "content": ""}, "location": {"displayName": ""},
        "isAllDay": false, "showAs": "tentative", "sensitivity": "normal", "isReminderOn": false, "isOrganizer": true, "attendees": [],
        "organizer": {"emailAddress": {"address": BEN}}, "originalStartTimeZone": "Eastern Standard Time",
        "start": {"dateTime": "2026-07-06T13:00:00", "timeZone": "UTC"}, "end": {"dateTime": "2026-07-06T13:30:00", "timeZone": "UTC"},
        "recurrence": {
            "pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["monday"], "firstDayOfWeek": "sunday"},
            "range": {"type": "numbered", "numberOfOccurrences": 6, "startDate": "2026-07-06", "recurrenceTimeZone": "Eastern Standard Time"},
        },
        "cancelledOccurrences": ["OID.S1.2026-07-13"],
        "exceptionOccurrences": [
            {"originalStart": "2026-07-20T13:00:00Z", "subject": "Weekly, later", "location": {"displayName": ""},
             "start": {"dateTime": "2026-07-20T15:00:00", "timeZone": "UTC"}, "end": {"dateTime": "2026-07-20T15:30:00", "timeZone": "UTC"}},
            // Differs in nothing that the CRM keeps.
            {"originalStart": "2026-07-27T13:00:00Z", "subject": "Weekly", "location": {"displayName": ""},
             "start": {"dateTime": "2026-07-27T13:00:00", "timeZone": "UTC"}, "end": {"dateTime": "2026-07-27T13:30:00", "timeZone": "UTC"}},
        ],
    }));
    let common = [
        ("StatNo", "1"),
        ("Contact", "Appointment"),
        ("TimeZone", "America/New_York"),
        ("ShowAs", "tentative"),
        ("RepID", "102"),
    ];
    let master = [
        ("SeqNo", "30"),
        ("Subject", "Weekly"),
        ("Date", "2026-07-06"),
        ("Time", "09:00"),
        ("EndDate", "2026-07-06"),
        ("EndTime", "09:30"),
        ("IsMasterContact", "true"),
        ("Recurrence", "FREQ=WEEKLY;COUNT=6;BYDAY=MO"),
        ("CancelledDates", "2026-07-13"),
    ];
    let exception = [
        ("SeqNo", "31"),
        ("Subject", "Weekly, later"),
        ("Date", "2026-07-20"),
        ("Time", "11:00"),
        ("EndDate", "2026-07-20"),
        ("EndTime", "11:30"),
        ("IsSerialContact", "true"),
        ("ContactStatNo", "1"),
        ("ContactSeqNo", "30"),
        ("OriginalDate", "2026-07-20"),
    ];
    world.record("Contact", "MA", 30, &[&common[..], &master[..]].concat());
    world.record("Contact", "MA", 31, &[&common[..], &exception[..]].concat());
    world.key("text/x-vevent", "UID-2", "MA:30");
}

fn task(world: &mut World) {
    world.items(ANN, "tasks").push(json!({
        "id": "T1", "title": "Call", "body": {"contentType": "text", "content": "soon"}, "status": "inProgress", "importance": "high",
        "dueDateTime": {"dateTime": "2026-07-17T00:00:00", "timeZone": "UTC"},
    }));
    world.record(
        "Task",
        "A1",
        40,
        &[
            ("RepID", "101"),
            ("Subject", "Call"),
            ("Text", "soon"),
            ("Status", "inProgress"),
            ("Priority", "high"),
            ("DueDate", "2026-07-17"),
        ],
    );
    world.key("text/x-mmTasks", "T1", "A1:40");
}

fn contact(world: &mut World) {
    world.items(BEN, "contacts").push(json!({
        "id": "C1", "displayName": "Tom Lindner", "givenName": "Tom", "surname": "Lindner", "companyName": "Customer", "mobilePhone": "+43 1",
        "emailAddresses": [{"address": "tom@customer.example"}], "businessPhones": ["+43 2"], "homePhones": [], "birthday": "1980-02-03T11:59:00Z",
        "businessAddress": {"street": "Ring 1", "postalCode": "1010", "city": "Wien", "countryOrRegion": "Austria"}, "homeAddress": {},
    }));
    world.record(
        "Person",
        "KP",
        50,
        &[
            ("PeGrp", "2"),
            ("PeNo", "50"),
            ("FirstName", "Tom"),
            ("LastName", "Lindner"),
            ("Company", "Customer"),
            ("Mobile", "+43 1"),
            ("Email", "tom@customer.example"),
            ("Phone", "+43 2"),
            ("Birthday", "1980-02-03"),
            ("Street", "Ring 1"),
            ("ZipCode", "1010"),
            ("City", "Wien"),
            ("Country", "Austria"),
            ("RepID", "102"),
        ],
    );
    world.key("text/x-mmPerson", "C1", "KP:50");
}

fn absence(world: &mut World) {
    world.items(ANN, "events").push(json!({
        "id": "A1", "iCalUId": "UID-3", "subject": "Vacation", "isAllDay": true, "showAs": "oof", "isOrganizer": true, "sensitivity": "normal",
        "start": {"dateTime": "2026-07-20T00:00:00", "timeZone": "UTC"}, "end": {"dateTime": "2026-07-22T00:00:00", "timeZone": "UTC"},
    }));
    world.record(
        "Absence",
        "A3",
        60,
        &[
            ("RepID", "101"),
            ("StartDate", "2026-07-20"),
            ("EndDate", "2026-07-21"),
            ("AllDay", "true"),
            ("Type", "Vacation"),
        ],
    );
    world.key("text/x-mmAbsences", "UID-3", "A3:60");
}
