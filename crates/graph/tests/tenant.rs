//! The client against the simulated tenant, in one process and without a network. The two share no code.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may stop at the first surprise")]

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use tandem_graph::{
    App, AttachmentLimits, Change, Class, ClientLimits, Cloud, Collection, ExchangeIdForm, Graph, Mailbox,
    Next, Outside, Place, Remote, Secret, Window,
};
use tandem_mapping::{Flow, KindMapping, Mapping, Target};
use tandem_model::*;
use tandem_outside::{Chance, Clock, Limits, Transport, TransportError};
use tandem_tenant::{Content, Request, Tenant, TenantSettings};

const BASE: &str = "https://graph.microsoft.com";

/// Hands requests to the tenant.
struct InProcess {
    tenant: Mutex<Tenant>,
}

impl Clock for InProcess {
    fn now(&self) -> Timestamp {
        "2026-06-01T08:00:00Z".parse().unwrap()
    }
}

struct Counting(Mutex<u64>);

impl Chance for Counting {
    fn bits(&self) -> u64 {
        let mut next = self.0.lock().unwrap();
        *next += 1;
        *next
    }
}

#[async_trait]
impl Transport for InProcess {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        limits: Limits,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let headers = request.headers().iter();
        let request = Request {
            method: request.method().to_string(),
            path: request.uri().path().to_owned(),
            query: request.uri().query().map(str::to_owned),
            headers: headers
                .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
                .collect(),
            body: request.body().clone(),
        };
        let answer = {
            let mut tenant = self.tenant.lock().unwrap();
            let answer = tenant.handle(&request, self.now());
            // The clock stands still, but the answer is there.
            answer.slot.into_iter().for_each(|slot| tenant.finished(slot));
            answer
        };
        let mut response = http::Response::builder().status(answer.status);
        for (name, value) in &answer.headers {
            response = response.header(*name, value);
        }
        let body = match answer.body {
            Content::Empty => Bytes::new(),
            Content::Json(value) => Bytes::from(value.to_string()),
            Content::Bytes { bytes, .. } => bytes,
        };
        if body.len() > limits.max_body {
            return Err(TransportError::TooLarge { url: request.path, limit: limits.max_body });
        }
        Ok(response.body(body).unwrap())
    }
}

struct Setup {
    graph: Graph,
    inside: Arc<InProcess>,
}

fn setup() -> Setup {
    let mut tenant = Tenant::new(TenantSettings::default());
    tenant.set_graph_url(BASE);
    let app = App {
        tenant_id: tenant.tenant_id().to_owned(),
        client_id: tenant.client_id().to_owned(),
        secret: Secret::new(tenant.client_secret()),
    };
    let inside = Arc::new(InProcess { tenant: Mutex::new(tenant) });
    let outside = Outside {
        transport: inside.clone(),
        clock: inside.clone(),
        chance: Arc::new(Counting(Mutex::default())),
    };
    let cloud =
        Cloud { login: "https://login.microsoftonline.com".parse().unwrap(), graph: BASE.parse().unwrap() };
    let setup = Setup { graph: Graph::new(outside, cloud, app, ClientLimits::default()), inside };
    for (name, zone) in [("ann", "Europe/Vienna"), ("ben", "America/New_York")] {
        let mail = format!("{name}@example.com");
        setup.control("/users", json!({ "id": name, "mail": mail, "displayName": name, "timeZone": zone }));
    }
    setup
}

impl Setup {
    fn ann(&self) -> Mailbox {
        self.graph
            .mailbox(&MailboxId::new("ann"))
            .with_addresses(BTreeSet::from([EmailAddress::new("ann@example.com")]))
            .with_zone(Zone::new("Europe/Vienna"))
    }
    /// What happens in the tenant without us, by its control API.
    fn control(&self, path: &str, body: Value) {
        let request = Request {
            method: "POST".into(),
            path: path.into(),
            body: Bytes::from(body.to_string()),
            ..Request::default()
        };
        let answer = self.inside.tenant.lock().unwrap().control(&request, self.inside.now());
        assert!(answer.status < 300, "{path}: {answer:?}");
    }

    fn mails_sent(&self) -> usize {
        self.inside.tenant.lock().unwrap().mails().len()
    }
}

async fn all(mailbox: &Mailbox, collection: &Collection, from: Option<&str>) -> (Vec<Change>, String) {
    let (mut changes, mut position) = (Vec::new(), from.map(str::to_owned));
    loop {
        let page = mailbox.delta(collection, position.as_deref()).await.unwrap();
        changes.extend(page.changes);
        match page.next {
            Next::More(link) => position = Some(link),
            Next::Done(link) => return (changes, link),
        }
    }
}

fn fields(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn event() -> Appointment {
    Appointment {
        subject: "Weekly".into(),
        text: "Agenda\nand more".into(),
        location: "Room".into(),
        when: When::Timed {
            start: "2026-03-16T09:00:00Z".parse().unwrap(),
            end: "2026-03-16T10:00:00Z".parse().unwrap(),
            zone: Zone::new("Europe/Vienna"),
        },
        show_as: ShowAs::Busy,
        private: true,
        importance: Importance::High,
        reminder_minutes: Some(30),
        categories: BTreeSet::from(["CRM".to_owned()]),
        organizer: Some(Person::new("ann", "ann@example.com")),
        attendees: BTreeSet::new(),
        responses: BTreeMap::new(),
        series: None,
        additional: Default::default(),
    }
}

fn weekly() -> Appointment {
    let mut event = event();
    let at = |date: &str, hour: i8| {
        let start = Zone::new("Europe/Vienna")
            .time_zone()
            .to_ambiguous_timestamp(day(date).at(hour, 0, 0, 0))
            .compatible()
            .unwrap();
        When::Timed {
            start,
            end: start + jiff::SignedDuration::from_hours(1),
            zone: Zone::new("Europe/Vienna"),
        }
    };
    event.series = Some(Series {
        pattern: Pattern::Weekly { interval: 1, days: [Weekday::Monday].into(), first_day: Weekday::Monday },
        start: day("2026-03-16"),
        end: SeriesEnd::Count(10),
        zone: Zone::new("Europe/Vienna"),
        cancelled: [day("2026-03-23")].into(),
        exceptions: [(
            day("2026-03-30"),
            Occurrence {
                when: at("2026-03-31", 14),
                subject: "Weekly, moved".into(),
                location: "Elsewhere".into(),
                text: "Agenda\nand more".into(),
                show_as: ShowAs::Tentative,
            },
        )]
        .into(),
    });
    event
}

fn appointment(remote: &Remote) -> Appointment {
    match &remote.item {
        Item::Appointment(event) => event.clone(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn users() {
    let users = setup().graph.users().await.unwrap();
    assert_eq!(
        users.iter().map(|u| u.mail.as_str()).collect::<Vec<_>>(),
        ["ann@example.com", "ben@example.com"]
    );
}

#[tokio::test]
async fn events_are_written_and_read_back_the_same() {
    let setup = setup();
    let ann = setup.ann();
    for wanted in [event(), weekly(), {
        let mut all_day = event();
        all_day.when = When::AllDay { start: day("2026-07-01"), end: day("2026-07-03") };
        all_day
    }] {
        let key = format!("k{}", setup.graph.requests());
        let made = ann.create(&Item::Appointment(wanted.clone()), &key, &Place::default()).await.unwrap();
        assert_eq!(appointment(&made), wanted);
        assert!(made.facts.is_organizer && made.facts.ical_uid.is_some());
        let read = ann.read(Kind::Appointment, &made.id, None).await.unwrap().unwrap();
        assert_eq!(read.item, made.item);
        assert_eq!(read.facts.key.as_deref(), Some(key.as_str()));
        let again = ann.create(&Item::Appointment(wanted.clone()), &key, &Place::default()).await.unwrap();
        assert_eq!((again.id, &again.item), (made.id.clone(), &made.item));
        let found = ann.find_by_key(Kind::Appointment, &key).await.unwrap().unwrap();
        assert_eq!((found.id, &found.item), (made.id.clone(), &made.item));
        let uid = made.facts.ical_uid.as_ref().unwrap().to_string();
        let found = ann.find_by_ical_uid(&uid).await.unwrap().unwrap();
        assert_eq!((found.id, found.item), (made.id, made.item));
    }
    assert_eq!(ann.find_by_ical_uid("none").await.unwrap(), None);
    assert_eq!(ann.find_by_key(Kind::Appointment, "none").await.unwrap(), None);
    assert_eq!(setup.mails_sent(), 0);
}

#[tokio::test]
async fn a_series_is_changed_occurrence_by_occurrence() {
    let setup = setup();
    let ann = setup.ann();
    let made = ann.create(&Item::Appointment(weekly()), "k", &Place::default()).await.unwrap();
    let mut wanted = appointment(&made);
    let series = wanted.series.as_mut().unwrap();
    series.cancelled.insert(day("2026-04-13"));
    series.exceptions.clear();
    let mut other = weekly().series.unwrap().exceptions.remove(&day("2026-03-30")).unwrap();
    other.when = When::Timed {
        start: "2026-04-21T07:00:00Z".parse().unwrap(),
        end: "2026-04-21T08:30:00Z".parse().unwrap(),
        zone: Zone::new("Europe/Vienna"),
    };
    series.exceptions.insert(day("2026-04-20"), other);
    let changed = ann
        .update(
            &made.id,
            Some(&made.etag),
            &Item::Appointment(wanted.clone()),
            Some(&made.item),
            &fields(&["series"]),
            None,
        )
        .await
        .unwrap();
    assert_eq!(appointment(&changed), wanted);
    // A new rule.
    let before = changed;
    let series = wanted.series.as_mut().unwrap();
    series.end = SeriesEnd::Until(day("2026-05-31"));
    let changed = ann
        .update(
            &made.id,
            Some(&before.etag),
            &Item::Appointment(wanted.clone()),
            Some(&before.item),
            &fields(&["series"]),
            None,
        )
        .await
        .unwrap();
    assert_eq!(appointment(&changed), wanted);
}

#[tokio::test]
async fn a_calendar_is_observed() {
    let setup = setup();
    let ann = setup.ann();
    let single = ann.create(&Item::Appointment(event()), "k1", &Place::default()).await.unwrap();
    let series = ann.create(&Item::Appointment(weekly()), "k2", &Place::default()).await.unwrap();
    let window =
        Window { from: "2026-03-01T00:00:00Z".parse().unwrap(), to: "2026-05-01T00:00:00Z".parse().unwrap() };
    let calendar = Collection::Calendar(window);
    let (changes, position) = all(&ann, &calendar, None).await;
    let masters: BTreeSet<_> = changes
        .iter()
        .filter_map(
            |change| if let Change::Occurrence { master, .. } = change { Some(master.clone()) } else { None },
        )
        .collect();
    assert_eq!(masters, BTreeSet::from([series.id.clone()]));
    let present: Vec<_> = changes
        .iter()
        .filter_map(
            |change| if let Change::Present(remote) = change { Some(remote.item.clone()) } else { None },
        )
        .collect();
    assert_eq!(present, std::slice::from_ref(&single.item));
    let (changes, position) = all(&ann, &calendar, Some(&position)).await;
    assert_eq!(changes, []);
    ann.delete(Kind::Appointment, &single.id, Some(&single.etag), None).await.unwrap();
    ann.delete(Kind::Appointment, &single.id, None, None).await.unwrap();
    let (changes, _) = all(&ann, &calendar, Some(&position)).await;
    assert_eq!(changes, [Change::Removed(single.id.clone())]);
    assert_eq!(ann.read(Kind::Appointment, &single.id, None).await.unwrap(), None);
    let garbage = position.replace("deltatoken=", "deltatoken=x");
    assert_eq!(ann.delta(&calendar, Some(&garbage)).await.unwrap_err().class(), Class::Resync);
}

#[tokio::test]
async fn inviting_mails_and_staying_silent_does_not() {
    let setup = setup();
    let ann = setup.ann();
    let mut meeting = event();
    meeting.attendees =
        [Attendee { person: Person::new("ben", "ben@example.com"), role: Role::Optional }].into();
    let silent = ann.create(&Item::Appointment(meeting.clone()), "k1", &Place::default()).await.unwrap();
    assert_eq!((appointment(&silent).attendees.len(), setup.mails_sent()), (0, 0));
    let invited = ann
        .create(&Item::Appointment(meeting.clone()), "k2", &Place { invite: true, container: None })
        .await
        .unwrap();
    assert_eq!(appointment(&invited), meeting);
    assert_eq!(setup.mails_sent(), 1);
    let ben = setup.graph.mailbox(&MailboxId::new("ben"));
    let window =
        Window { from: "2026-03-01T00:00:00Z".parse().unwrap(), to: "2026-05-01T00:00:00Z".parse().unwrap() };
    let (changes, _) = all(&ben, &Collection::Calendar(window), None).await;
    let Change::Present(copy) = &changes[0] else { panic!("{changes:?}") };
    assert!(!copy.facts.is_organizer);
    assert_eq!(copy.facts.ical_uid, invited.facts.ical_uid);
    assert_eq!(appointment(copy).attendees, meeting.attendees);
    // The same time under another name of its zone mails nobody.
    let mut berlin = meeting.clone();
    if let When::Timed { zone, .. } = &mut berlin.when {
        *zone = Zone::new("Europe/Berlin");
    }
    ann.update(
        &invited.id,
        Some(&invited.etag),
        &Item::Appointment(berlin),
        Some(&invited.item),
        &fields(&["when"]),
        None,
    )
    .await
    .unwrap();
    assert_eq!(setup.mails_sent(), 1);
}

#[tokio::test]
async fn tasks_and_contacts() {
    let setup = setup();
    let ann = setup.ann();
    let task = Task {
        subject: "Call".into(),
        text: "line\ntwo".into(),
        status: TaskStatus::Completed,
        importance: Importance::Low,
        start: Some(day("2026-05-01")),
        due: Some(day("2026-05-04")),
        completed: Some(day("2026-05-03")),
        reminder: Some("2026-05-04T06:30:00Z".parse().unwrap()),
        categories: BTreeSet::from(["a".to_owned()]),
    };
    let contact = Contact {
        given_name: "Zoë".into(),
        surname: "Lee".into(),
        title: "Dr.".into(),
        company: "Acme".into(),
        emails: vec![EmailAddress::new("z@x.y"), EmailAddress::new("zoe@x.y")],
        business_phones: vec!["+43 1".into()],
        mobile_phone: "+43 2".into(),
        home_phones: vec!["+43 3".into()],
        business_address: PostalAddress {
            city: "Graz".into(),
            street: "A 1\nB".into(),
            ..PostalAddress::default()
        },
        birthday: Some(day("1980-02-29")),
        notes: "n".into(),
        ..Contact::default()
    };
    let lists = ann.task_lists().await.unwrap();
    let folders = ann.contact_folders().await.unwrap();
    let list = lists.iter().find(|list| list.default).unwrap();
    let cases = [
        (Item::Task(task.clone()), Collection::TaskList(list.id.clone())),
        (Item::Contact(contact.clone()), Collection::ContactFolder(folders[0].id.clone())),
    ];
    for (wanted, collection) in cases {
        let made = ann.create(&wanted, "k", &Place::default()).await.unwrap();
        assert_eq!(made.item, wanted);
        let found = ann.find_by_key(wanted.kind(), "k").await.unwrap().unwrap();
        assert_eq!((&found.id, &found.item, found.facts.key.as_deref()), (&made.id, &wanted, Some("k")));
        let (changes, position) = all(&ann, &collection, None).await;
        let Change::Present(seen) = &changes[0] else { panic!() };
        assert_eq!((changes.len(), &seen.id, &seen.item, &seen.etag), (1, &made.id, &wanted, &made.etag));
        let (changed, names) = match &wanted {
            Item::Task(task) => {
                let task = Task {
                    status: TaskStatus::InProgress,
                    completed: None,
                    reminder: None,
                    due: None,
                    ..task.clone()
                };
                (Item::Task(task), fields(&["status", "completed", "reminder", "due"]))
            }
            Item::Contact(contact) => {
                let contact = Contact {
                    birthday: None,
                    mobile_phone: String::new(),
                    emails: Vec::new(),
                    ..contact.clone()
                };
                (Item::Contact(contact), fields(&["birthday", "mobile_phone", "emails"]))
            }
            other => panic!("{other:?}"),
        };
        let updated =
            ann.update(&made.id, Some(&made.etag), &changed, Some(&wanted), &names, None).await.unwrap();
        assert_eq!(updated.item, changed);
        let stale = ann.update(&made.id, Some(&made.etag), &wanted, None, &names, None).await.unwrap_err();
        assert_eq!(stale.class(), Class::Changed, "{stale}");
        let (changes, position) = all(&ann, &collection, Some(&position)).await;
        let Change::Present(seen) = &changes[0] else { panic!() };
        assert_eq!(&seen.item, &changed);
        ann.delete(wanted.kind(), &made.id, Some(&updated.etag), None).await.unwrap();
        let (changes, _) = all(&ann, &collection, Some(&position)).await;
        assert_eq!(changes, [Change::Removed(made.id)]);
    }
}

#[tokio::test]
async fn messages_are_observed_moved_and_marked() {
    let setup = setup();
    let ann = setup.ann();
    let folder = ann.ensure_folder("/Inbox/crm").await.unwrap();
    let done = ann.ensure_folder("/Posteingang/CRM/Sync_Success").await.unwrap();
    let paths: Vec<_> =
        ann.mail_folders("/Inbox/crm", false).await.unwrap().into_iter().map(|f| f.path).collect();
    assert_eq!(paths, ["/Inbox/crm", "/Inbox/crm/Sync_Success"]);
    for n in 0..30 {
        let from = if n == 0 { "ann@example.com" } else { "z@x.y" };
        let attached = json!([{ "name": "a.txt", "contentType": "text/plain", "contentBytes": "aGVsbG8=" }]);
        let message = json!({
            "folder": "/Inbox/crm", "subject": format!("m{n}"), "internetMessageId": format!("<{n}@x>"),
            "from": { "emailAddress": { "address": from } },
            "toRecipients": [{ "emailAddress": { "address": "ben@example.com", "name": "Ben" } }],
            "body": { "contentType": "html", "content": "<p>Hello</p>" },
            "attachments": if n == 1 { attached } else { json!([]) },
        });
        setup.control("/users/ann/messages", message);
    }
    let collection = Collection::MailFolder(folder.id.clone());
    let (changes, position) = all(&ann, &collection, None).await;
    assert_eq!(changes.len(), 30);
    let mut moves = Vec::new();
    for change in &changes {
        let Change::Present(remote) = change else { panic!("{change:?}") };
        let Item::Mail(mail) = &remote.item else { panic!() };
        assert_eq!(mail.body.text, "Hello");
        assert_eq!(mail.direction == Direction::Out, mail.subject == "m0");
        if mail.subject == "m1" {
            let attachments = ann.attachments(&remote.id, AttachmentLimits::default()).await.unwrap();
            assert_eq!(attachments[0].content, AttachmentContent::Bytes(b"hello".to_vec()));
        }
        moves.push((remote.id.clone(), done.id.clone()));
    }
    let moved = ann.move_messages(&moves).await.unwrap();
    for (moved, (id, _)) in moved.iter().zip(&moves) {
        assert_eq!(moved.as_ref().unwrap(), id, "immutable");
    }
    let (changes, _) = all(&ann, &collection, Some(&position)).await;
    assert!(changes.len() == 30 && changes.iter().all(|change| matches!(change, Change::Removed(_))));
    let (changes, _) = all(&ann, &Collection::MailFolder(done.id), None).await;
    assert_eq!(changes.len(), 30);
    ann.set_message_property(&moves[0].0, "mmSyncStatus", "why").await.unwrap();
}

#[tokio::test]
async fn additional_fields_are_asked_for_by_name_and_written_beside_the_others() {
    const COST: &str = "String {00020329-0000-0000-c000-000000000046} Name CostCentre";
    let setup = setup();
    let mut mapping = Mapping::default();
    let pair = |id: &str, flow| (id.to_owned(), (Target::parse(Kind::Contact, id).unwrap(), flow));
    let additional =
        [pair("nickName", Flow::Both), pair(COST, Flow::Both), pair("manager", Flow::ToCrm)].into();
    mapping.set(Kind::Contact, KindMapping { additional, ..KindMapping::default() });
    let ann = setup.ann().with_mapping(mapping);
    let text = |text: &str| AdditionalValue::Text(text.to_owned());
    let with = |fields: &[(&str, &str)]| {
        let additional = fields.iter().map(|(id, value)| ((*id).to_owned(), text(value))).collect();
        Item::Contact(Contact { surname: "Lee".into(), additional, ..Contact::default() })
    };
    let wanted = with(&[("nickName", "Zo"), (COST, "K-7"), ("manager", "nobody is told")]);
    let made = ann.create(&wanted, "k", &Place::default()).await.unwrap();
    assert_eq!(made.item, with(&[("nickName", "Zo"), (COST, "K-7")]));
    setup.control("/users/ann/contacts", json!({"surname": "Ray", "manager": "Zo"}));

    let folders = ann.contact_folders().await.unwrap();
    let folder = Collection::ContactFolder(folders[0].id.clone());
    let (changes, position) = all(&ann, &folder, None).await;
    let seen = changes.iter().map(|change| match change {
        Change::Present(remote) => remote.item.additional().unwrap().clone(),
        other => panic!("{other:?}"),
    });
    let seen: Vec<Additional> = seen.collect();
    assert_eq!(seen.len(), 2);
    assert!(seen.contains(made.item.additional().unwrap()));
    assert!(seen.contains(&[("manager".to_owned(), text("Zo"))].into_iter().collect()));

    let names = fields(&["additional.nickName", &format!("additional.{COST}")]);
    let changed =
        ann.update(&made.id, Some(&made.etag), &with(&[(COST, "K-8")]), None, &names, None).await.unwrap();
    assert_eq!(changed.item, with(&[(COST, "K-8")]));
    let (changes, _) = all(&ann, &folder, Some(&position)).await;
    let Change::Present(seen) = &changes[0] else { panic!() };
    assert_eq!((changes.len(), &seen.item, &seen.etag), (1, &changed.item, &changed.etag));
}

#[tokio::test]
async fn ids_of_exchange_web_services_lead_to_the_items_they_name() {
    let setup = setup();
    let ann = setup.ann();
    let at = |time: &str| json!({ "dateTime": time, "timeZone": "UTC" });
    let event =
        json!({ "subject": "e", "start": at("2026-06-02T08:00:00"), "end": at("2026-06-02T09:00:00") });
    setup.control("/users/ann/events", event);
    let dump = Request { method: "GET".into(), path: "/users/ann/dump".into(), ..Request::default() };
    let answer = setup.inside.tenant.lock().unwrap().control(&dump, setup.inside.now());
    let Content::Json(dump) = answer.body else { panic!("{}", answer.status) };
    let (ews, id) = (dump["events"][0]["ewsId"].as_str().unwrap(), dump["events"][0]["id"].as_str().unwrap());
    let asked = [ews.to_owned(), "AAMkADnothing=".to_owned()];
    let found = ann.translate_ids(ExchangeIdForm::Ews, &asked).await.unwrap();
    assert_eq!(found, BTreeMap::from([(ews.to_owned(), GraphId::new(id))]));
}
