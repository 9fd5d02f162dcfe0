//! Values for the cases.

use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tandem_model::{Document, EmailAddress, Kind, MailboxId, RecordId};
use tandem_store::{
    Base, Commit, Epoch, Link, LinkId, LinkWrite, Linked, MailboxSeed, NewEntry, Object, ObjectWrite,
    Pending, Role, Source, State, Step, Store, StoreError,
};

pub fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

pub fn mailbox(name: &str) -> MailboxId {
    MailboxId::from(name)
}

pub fn seed(name: &str) -> MailboxSeed {
    let address = EmailAddress::new(&format!("{name}@example.com"));
    MailboxSeed {
        id: mailbox(name),
        addresses: BTreeSet::from([address.clone(), EmailAddress::new(&format!("{name}.alias@example.com"))]),
        address,
        name: format!("The {name}"),
        rep: name.to_uppercase(),
        kinds: BTreeSet::from([Kind::Mail, Kind::Task]),
    }
}

/// Registers the mailboxes and claims each.
pub async fn claimed(store: &dyn Store, names: &[&str]) -> Vec<Epoch> {
    let seeds: Vec<MailboxSeed> = names.iter().map(|name| seed(name)).collect();
    store.register(&seeds).await.unwrap();
    let mut epochs = Vec::new();
    for name in names {
        epochs.push(store.claim(&mailbox(name)).await.unwrap());
    }
    epochs
}

pub fn document(fields: Value) -> Document {
    serde_json::from_value(fields).unwrap()
}

/// A plain link of a mail.
pub fn link(of: &str, graph: &str) -> Link {
    Link {
        id: None,
        mailbox: mailbox(of),
        kind: Kind::Mail,
        graph: Some(graph.into()),
        place: None,
        object: None,
        role: Role::Lead,
        state: State::Linked,
        reason: String::new(),
        detail: String::new(),
        base: Some(Base {
            m365: document(json!({"subject": graph})),
            crm: document(json!({"subject": graph})),
        }),
        etag: Some("W/\"1\"".into()),
        stamp: None,
        todo: None,
        due: None,
        attempts: 0,
    }
}

pub fn object(key: Option<&str>, record: Option<&str>) -> ObjectWrite {
    ObjectWrite {
        id: None,
        version: 0,
        kind: Kind::Mail,
        key: key.map(str::to_owned),
        record: record.map(RecordId::from),
        lead: None,
    }
}

/// A write that changes nothing of an object yet, at the version given.
pub fn again(object: &Object) -> ObjectWrite {
    ObjectWrite {
        id: Some(object.id),
        version: object.version,
        kind: object.kind,
        key: object.key.clone(),
        record: object.record.clone(),
        lead: object.lead.clone(),
    }
}

pub fn write(link: Link, object: Option<ObjectWrite>) -> LinkWrite {
    LinkWrite { link, object }
}

pub fn links(writes: Vec<LinkWrite>) -> Commit {
    Commit { links: writes, ..Commit::default() }
}

pub fn objects(writes: Vec<ObjectWrite>) -> Commit {
    Commit { objects: writes, ..Commit::default() }
}

pub fn line(code: &str) -> NewEntry {
    NewEntry {
        at: at(0),
        mailbox: None,
        kind: Some(Kind::Mail),
        key: None,
        graph: None,
        record: None,
        step: Step::Plan,
        code: code.to_owned(),
        text: format!("about {code}"),
        facts: Value::Null,
    }
}

pub fn pending(key: &str, second: i64) -> Pending {
    let document = |text: &str| serde_json::from_value(json!({ "subject": text })).unwrap();
    // Some know what they were about to write, on one side or on both.
    let sent = match second % 3 {
        0 => None,
        1 => Some(Base { m365: document(key), crm: document(key) }),
        _ => Some(Base { m365: document(key), crm: document("another") }),
    };
    // Some are made from a record, some from a copy.
    let source = match second % 2 {
        0 => Source::Record("A1:1".into()),
        _ => Source::Copy { graph: "AAMk1".into(), place: (second % 4 == 1).then(|| "list".to_owned()) },
    };
    Pending { key: key.to_owned(), kind: Kind::Task, source, at: at(second), sent }
}

/// All links of a mailbox's mails.
pub async fn all_links(store: &dyn Store, of: &str) -> Vec<Linked> {
    store.links(&mailbox(of), Kind::Mail, None, 1_000).await.unwrap()
}

pub fn ids(linked: &[Linked]) -> Vec<LinkId> {
    linked.iter().filter_map(|one| one.link.id).collect()
}

pub fn graphs(linked: &[Linked]) -> Vec<&str> {
    linked.iter().map(|one| one.link.graph.as_ref().map_or("", |id| id.as_str())).collect()
}

#[track_caller]
pub fn assert_conflict(result: Result<(), StoreError>, name: &str) {
    match result {
        Err(StoreError::Conflict { key, .. }) if key == name => {}
        other => panic!("expected a conflict about {name}, got {other:?}"),
    }
}

#[track_caller]
pub fn assert_fenced(result: Result<(), StoreError>, name: &str) {
    match result {
        Err(StoreError::Fenced { mailbox }) if mailbox.as_str() == name => {}
        other => panic!("expected {name} to be fenced, got {other:?}"),
    }
}
