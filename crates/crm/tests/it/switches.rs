//! Each switch of `settings.xml` by itself: the same happens in two CRMs that differ in this switch only, and what can be
//! seen from outside differs as the switch says.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use crate::support::items::{appointment, as_contact, attachment, contact, mail, task};
use crate::support::{Crm, settings, system_folder};
use std::collections::BTreeSet;
use std::path::Path;
use tandem_crm::Options;
use tandem_crm_interface::language::{Action, Query, Record, Request};
use tandem_crm_interface::sync::{Command, ContentType, RecordState};
use tandem_groupware::{AcceptedOnly, Switch};
use tandem_model::{Contact, EmailAddress, Item, Response, Stamp, Task};

/// What happens, and what is looked at.
#[derive(Debug, Clone, Copy)]
enum Scene {
    /// Who stands in Ann's address book.
    AddressBook,
    /// Whom the CRM takes an attendee for.
    Attendee(&'static str),
    /// How the attendees of a meeting answered, as their records say.
    Answers,
    /// What the meeting itself says about its attendees.
    Names,
    /// To-do records of a meeting with a colleague.
    ToDos,
    /// Who wins where both sides changed a field.
    Winner,
    /// Where the attachment of a mail is kept.
    Attachments,
    /// How much of a long subject is kept.
    LongSubject,
    /// What becomes of a contact whom nobody knows.
    UnknownContact,
    /// What becomes of a company that a contact names and nobody knows.
    UnknownCompany,
    /// How often the same attendee was looked up in the caches of attendees and of reps.
    Caches,
    /// What the journal says.
    Journal,
    /// How many records a task is that another connector wrote before.
    Migration,
    /// Which persons a rep reads who may only read his own.
    Reading,
    /// Whether messages are traced, and their passwords with them.
    Trace,
    /// Whether a login with user and password is taken.
    Login,
}

use Scene::*;

/// Switch, scene, what is seen when it is off, what when it is on.
const SCENARIOS: &[(&str, Scene, &str, &str)] = &[
    ("force_login_encryption", Login, "taken", "login-unencrypted"),
    ("company_if_unique", Attendee("office@acme.example"), "nobody", "company Acme"),
    ("person_if_unique", Attendee("carl@acme.example"), "nobody", "person Carl, company Acme"),
    ("do_not_generate_full_status", Answers, "bob accepted, carl declined", ""),
    ("generate_short_status", Names, "ann; bob; carl", "ann; bob (accepted); carl (declined)"),
    ("ignore_locked_records", Attendee("twin@acme.example"), "nobody", "person Tom"),
    (
        "use_fi_kp_from_rep",
        Attendee("bob@covote.example"),
        "rep Bob, person Bob",
        "rep Bob, person Carl, company Acme",
    ),
    ("crm_wins", Winner, "the later edit", "the CRM"),
    ("filter_by_favorites", AddressBook, "Acme, Ann, Bob, Carl, Dora, Tim, Tom", "Dora"),
    ("filter_by_rep", AddressBook, "Acme, Ann, Bob, Carl, Dora, Tim, Tom", "Carl"),
    ("filter_by_salesgroup", AddressBook, "Acme, Ann, Bob, Carl, Dora, Tim, Tom", "Tom"),
    (
        "synchronize_companies",
        AddressBook,
        "Ann, Bob, Carl, Dora, Tim, Tom",
        "Acme, Ann, Bob, Carl, Dora, Tim, Tom",
    ),
    (
        "synchronize_contact_persons",
        AddressBook,
        "Acme, Ann, Bob, Dora, Tim, Tom",
        "Acme, Ann, Bob, Carl, Dora, Tim, Tom",
    ),
    ("synchronize_persons", AddressBook, "Acme, Carl", "Acme, Ann, Bob, Carl, Dora, Tim, Tom"),
    ("cache_attendees", Caches, "attendees 0, reps 0", "attendees 2, reps 0"),
    ("cache_reps", Caches, "attendees 0, reps 0", "attendees 0, reps 2"),
    ("create_journal", Journal, "", "Add text/x-mmTasks 201; Delete text/x-mmTasks 404 record-unknown"),
    ("enable_migration_to_update_crm", Migration, "2 records, note", "1 records, note adopted"),
    ("enable_rights_when_reading_records", Reading, "Ann, Bob, Carl, Dora, Tim, Tom", "Carl"),
    ("generate_syncml_trace_information", Trace, "nothing", "a message, without its password"),
    ("create_companies", UnknownCompany, "1 companies, linked false", "2 companies, linked true"),
    ("create_persons", UnknownContact, "403", "201"),
    ("do_not_truncate", LongSubject, "255", "300"),
    ("generate_todo_records", ToDos, "", "accepted"),
    ("documents_in_d1", Attachments, "D1 0, D2 1", "D1 1, D2 0"),
    ("synchronize_rep_status", Answers, "carl declined", "bob accepted, carl declined"),
];

/// A CRM with one switch set, and people whom the scenes need.
async fn crm(key: &str, value: bool) -> (tempfile::TempDir, Crm) {
    let folder = system_folder(None, None);
    let crm = Crm::with(Options { system: Some(folder.path().to_owned()), ..Options::default() }).await;
    let ann = crm.add_rep("Ann", "Europe/Vienna").await;
    crm.add_rep("Bob", "Europe/Vienna").await;
    let rep = record(&crm, "Rep", "Login", "ann").await;
    crm.update(&rep.record_id().unwrap(), &[("SalesGroup", "South")]).await;
    crm.insert("Company", &[("Company", "Acme"), ("Email", "office@acme.example")]).await;
    let acme = record(&crm, "Company", "Company", "Acme").await;
    let (station, number) = (acme.field("CoGrp").unwrap(), acme.field("CoNo").unwrap());
    let employee = [
        ("Email", "carl@acme.example"),
        ("CoGrp", station),
        ("CoNo", number),
        ("Company", "Acme"),
        ("RepID", &ann),
    ];
    person(&crm, "Carl", &employee).await;
    person(&crm, "Dora", &[("Favorite", "true"), ("SalesGroup", "North")]).await;
    person(&crm, "Tim", &[("Email", "twin@acme.example"), ("Locked", "true")]).await;
    person(&crm, "Tom", &[("Email", "twin@acme.example"), ("SalesGroup", "South")]).await;
    std::fs::write(folder.path().join("settings.xml"), settings(&[(key, value)])).unwrap();
    (folder, crm)
}

async fn person(crm: &Crm, name: &str, fields: &[(&str, &str)]) {
    crm.insert("Person", &[&[("FirstName", name), ("LastName", "Customer")], fields].concat()).await;
}

async fn record(crm: &Crm, table: &str, field: &str, value: &str) -> Record {
    let records = crm.all(table).await;
    records
        .into_iter()
        .find(|record| record.field(field) == Some(value))
        .unwrap_or_else(|| panic!("no {value}"))
}

/// Plays a scene; answers what is seen.
async fn play(scene: Scene, crm: &Crm, folder: &Path) -> String {
    match scene {
        AddressBook => address_book(crm).await,
        Attendee(address) => attendee(crm, address).await,
        Answers => {
            meet(crm).await;
            let participants = crm.all("Participant").await;
            let answers = participants
                .iter()
                .filter(|record| !matches!(record.field("Status"), Some("" | "none") | None));
            let answers = answers.map(|record| {
                format!("{} {}", record.field("Name").unwrap(), record.field("Status").unwrap())
            });
            answers.collect::<Vec<_>>().join(", ")
        }
        Names => {
            meet(crm).await;
            crm.all("Contact").await[0].field("Participants").unwrap().to_owned()
        }
        ToDos => {
            meet(crm).await;
            let todos = crm.all("ToDo").await;
            todos.iter().map(|record| record.field("Status").unwrap()).collect::<Vec<_>>().join(", ")
        }
        Winner => winner(crm).await,
        Attachments => {
            let mut item = mail("<1@x>", "carl@acme.example", &["ann@covote.example"]);
            item.attachments = vec![attachment("plan.pdf", b"%PDF")];
            crm.rep("ann").add("<1@x>", Item::Mail(item)).await;
            format!("D1 {}, D2 {}", crm.all("Document").await.len(), crm.all("CustomerDocument").await.len())
        }
        LongSubject => {
            let item = Task { subject: "x".repeat(300), ..task("", "2026-12-01") };
            crm.rep("ann").add("t", Item::Task(item)).await;
            crm.all("Task").await[0].field("Subject").unwrap().len().to_string()
        }
        UnknownContact => {
            let status =
                crm.rep("ann").add("c", Item::Contact(contact("Zoe", "Far", "zoe@far.example"))).await;
            status.code.0.to_string()
        }
        UnknownCompany => unknown_company(crm).await,
        Caches => {
            for key in ["k1", "k2"] {
                let item = appointment(
                    "Board",
                    "2026-11-30T09:00:00Z",
                    "ann@covote.example",
                    &["carl@acme.example"],
                );
                crm.rep("ann").add(key, Item::Appointment(item)).await;
            }
            let caches = crm.ask("GET", "state").await["caches"].clone();
            format!("attendees {}, reps {}", caches["attendees"]["hits"], caches["reps"]["hits"])
        }
        Journal => journal(crm).await,
        Migration => migration(crm).await,
        Reading => reading(crm).await,
        Login => match crm.request(&Request::new(crm.administrator(), [Action::Nop])).await.refusal {
            Some(refused) => refused.text.split(':').next().unwrap().to_owned(),
            None => "taken".to_owned(),
        },
        Trace => {
            crm.rep("ann").add("t", Item::Task(task("Call", "2026-12-01"))).await;
            let Ok(text) = std::fs::read_to_string(folder.join("trace/syncml.log")) else {
                return "nothing".into();
            };
            assert!(text.contains("Call") && text.contains("=== "), "{text}");
            match text.contains("<Data>") && text.contains("syncml:auth-basic") {
                true => "a message and its password".into(),
                false => "a message, without its password".into(),
            }
        }
    }
}

async fn address_book(crm: &Crm) -> String {
    let page = crm.rep("ann").changes(ContentType::Person, Stamp(0)).await;
    let names = page.changes.iter().map(|change| match &change.state {
        RecordState::Present { item, .. } => match as_contact(item) {
            Contact { given_name, company, .. } if given_name.is_empty() => company.clone(),
            person => person.given_name.clone(),
        },
        other => panic!("{other:?}"),
    });
    names.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(", ")
}

async fn attendee(crm: &Crm, address: &str) -> String {
    // Bob's rep is linked to Carl's record, though Bob has one of his own.
    let (bob, carl) =
        (record(crm, "Rep", "Login", "bob").await, record(crm, "Person", "FirstName", "Carl").await);
    crm.update(&bob.record_id().unwrap(), &[("PeNo", carl.field("PeNo").unwrap())]).await;
    let item = appointment("Board", "2026-11-30T09:00:00Z", "ann@covote.example", &[address]);
    crm.rep("ann").add("k", Item::Appointment(item)).await;
    let found = record(crm, "Participant", "Email", address).await;
    let mut seen = Vec::new();
    for (what, key, table, name) in [
        ("rep", "RepID", "Rep", "Name"),
        ("person", "PeNo", "Person", "FirstName"),
        ("company", "CoNo", "Company", "Company"),
    ] {
        match found.field(key) {
            None | Some("") => {}
            Some(number) => {
                let target = record(crm, table, key, number).await;
                seen.push(format!("{what} {}", target.field(name).unwrap()));
            }
        }
    }
    if seen.is_empty() { "nobody".into() } else { seen.join(", ") }
}

/// Ann meets Bob, who accepted, and Carl, who declined.
async fn meet(crm: &Crm) {
    let mut item = appointment(
        "Board",
        "2026-11-30T09:00:00Z",
        "ann@covote.example",
        &["bob@covote.example", "carl@acme.example"],
    );
    item.responses.insert(EmailAddress::new("bob@covote.example"), Response::Accepted);
    item.responses.insert(EmailAddress::new("carl@acme.example"), Response::Declined);
    crm.rep("ann").add("k", Item::Appointment(item)).await;
}

async fn winner(crm: &Crm) -> String {
    let status = crm.rep("ann").add("t", Item::Task(task("Call", "2026-12-01"))).await;
    let change = crm.rep("ann").get(&status.record.unwrap(), ContentType::Tasks).await.unwrap();
    match change.state {
        RecordState::Present { wins: true, .. } => "the CRM".into(),
        _ => "the later edit".into(),
    }
}

async fn unknown_company(crm: &Crm) -> String {
    let carl = record(crm, "Person", "FirstName", "Carl").await.record_id().unwrap();
    let item = Contact { company: "Newco".into(), ..contact("Carl", "Customer", "carl@acme.example") };
    let fields = BTreeSet::from(["company".to_owned()]);
    let replace =
        Command::Replace { record: carl.clone(), item: Item::Contact(item), fields, if_stamp: None };
    crm.rep("ann").status(replace).await;
    let linked = !crm.record(&carl).await.field("CoNo").unwrap_or_default().is_empty();
    format!("{} companies, linked {linked}", crm.all("Company").await.len())
}

async fn journal(crm: &Crm) -> String {
    let ann = crm.rep("ann");
    ann.add("t", Item::Task(task("Call", "2026-12-01"))).await;
    let record = tandem_model::RecordId::new("A1:77");
    ann.status(Command::Delete { record, content_type: ContentType::Tasks, if_stamp: None }).await;
    ann.changes(ContentType::Tasks, Stamp(0)).await;
    let records = crm.all("Journal").await;
    let lines = records.iter().map(|record| {
        let fields =
            ["Command", "ContentType", "Code", "Reason"].map(|field| record.field(field).unwrap_or_default());
        fields.join(" ").trim().to_owned()
    });
    lines.collect::<Vec<_>>().join("; ")
}

async fn migration(crm: &Crm) -> String {
    let ann = record(crm, "Rep", "Login", "ann").await;
    let old = crm.insert("Task", &[("Subject", "Call"), ("RepID", ann.field("RepID").unwrap())]).await;
    let id = old.as_str().split_once(':').unwrap().1;
    let key = [
        ("ContentType", "text/x-mmTasks"),
        ("ExtSystem", "SyncML"),
        ("Key", "old-1"),
        ("TableShort", "A1"),
        ("RecordID", id),
    ];
    crm.insert("ExternalKey", &key).await;
    let status = crm.rep("ann").add("old-1", Item::Task(task("Call", "2026-12-01"))).await;
    let notes = status.notes.iter().map(|note| note.code.as_str()).collect::<Vec<_>>().join(" ");
    format!("{} records, note {notes}", crm.all("Task").await.len()).trim_end().to_owned()
}

async fn reading(crm: &Crm) -> String {
    crm.insert("Right", &[("Name", "CORE_OWN"), ("GroupwareConnector", "true")]).await;
    let rep = record(crm, "Rep", "Login", "ann").await.record_id().unwrap();
    crm.update(&rep, &[("Right", "CORE_OWN")]).await;
    let request = Request::new(crm.rep("ann").session(), [Action::Query(Query::all("Person"))]);
    let persons = &crm.request(&request).await.results[0].records;
    let names = persons.iter().map(|person| person.field("FirstName").unwrap()).collect::<BTreeSet<_>>();
    let by_language = names.into_iter().collect::<Vec<_>>().join(", ");
    // Her address book says the same, but for the company, which is nobody's.
    assert_eq!(address_book(crm).await.trim_start_matches("Acme, "), by_language);
    by_language
}

#[tokio::test]
async fn each_switch_does_what_it_says() {
    for (key, scene, off, on) in SCENARIOS {
        for (value, expected) in [(false, off), (true, on)] {
            let (folder, crm) = crm(key, value).await;
            let seen = play(*scene, &crm, folder.path()).await;
            assert_eq!(seen, *expected, "{key} = {value}, {scene:?}");
            crm.stop().await;
        }
        assert_ne!(off, on, "{key}");
    }
}

#[test]
fn every_switch_has_a_scenario_or_a_reason_why_it_has_none() {
    let played: BTreeSet<&str> = SCENARIOS.iter().map(|(key, ..)| *key).collect();
    let known: BTreeSet<&str> = Switch::ALL.iter().map(|switch| switch.key).collect();
    assert_eq!(played, known);
    assert!(AcceptedOnly::ALL.iter().all(|switch| switch.reason.len() > 20), "a reason is a sentence");
}
