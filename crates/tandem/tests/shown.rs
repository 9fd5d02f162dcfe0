//! What strangers wrote steers no terminal and begins no line of what the program prints.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops at the first surprise")]

mod stage;

use jiff::Timestamp;
use serde_json::{Value, json};
use stage::tandem;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use tandem_model::{Document, EmailAddress, Kind, MailboxId, RecordId};
use tandem_store::{
    Base, Commit, CycleOutcome, Link, LinkWrite, MailboxSeed, NewEntry, ObjectWrite, Role, SqliteStore,
    State, Step, Store,
};

/// A subject whose author thought of terminals.
const SUBJECT: &str = "Offer\r\n  task of all: in step\u{1b}]0;title\u{7}\u{1b}[2J\u{9b}2J\u{202e}fdp";
/// What it may not come out as.
const FORGED: &str = "  task of all: in step";

fn document(subject: &str) -> Document {
    serde_json::from_value(json!({ "subject": subject })).unwrap()
}

/// A store in which everything that a stranger can write holds the subject. Answers the settings that name it.
async fn filled(dir: &Path) -> PathBuf {
    let (store, mailbox) = (SqliteStore::open(&dir.join("tandem.db")).unwrap(), MailboxId::from("ann"));
    let address = EmailAddress::new("ann@nordwind.example");
    let seed = MailboxSeed {
        id: mailbox.clone(),
        addresses: BTreeSet::from([address.clone()]),
        address,
        name: SUBJECT.to_owned(),
        rep: "ANN".to_owned(),
        kinds: BTreeSet::from([Kind::Task]),
    };
    store.register(&[seed]).await.unwrap();
    let epoch = store.claim(&mailbox).await.unwrap();
    let object = ObjectWrite {
        id: None,
        version: 0,
        kind: Kind::Task,
        key: None,
        record: Some(RecordId::from("A1:7")),
        lead: None,
    };
    let link = Link {
        id: None,
        mailbox: mailbox.clone(),
        kind: Kind::Task,
        graph: Some("AAMk7".into()),
        place: None,
        object: None,
        role: Role::Lead,
        state: State::Held,
        reason: "held".to_owned(),
        detail: format!("the CRM says: {SUBJECT}"),
        base: Some(Base { m365: document(SUBJECT), crm: document(SUBJECT) }),
        etag: None,
        stamp: None,
        todo: None,
        due: None,
        attempts: 0,
    };
    let entry = NewEntry {
        at: Timestamp::UNIX_EPOCH,
        mailbox: Some(mailbox.clone()),
        kind: Some(Kind::Task),
        key: None,
        graph: Some("AAMk7".into()),
        record: Some(RecordId::from("A1:7")),
        step: Step::Plan,
        code: "conflict".to_owned(),
        text: format!("both changed {SUBJECT}"),
        facts: json!([{ "conflict": { "field": "subject", "winner": "the CRM", "losing_value": SUBJECT } }]),
    };
    let links = vec![LinkWrite { link, object: Some(object) }];
    let commit = Commit { links, journal: vec![entry], ..Commit::default() };
    store.commit(&mailbox, epoch, commit).await.unwrap();
    let outcome = CycleOutcome {
        at: Timestamp::UNIX_EPOCH,
        millis: 1,
        writes: 0,
        error: Some(format!("the CRM says: {SUBJECT}")),
    };
    store.finish(&mailbox, epoch, &outcome).await.unwrap();
    let settings = format!(
        "[connection]\naddress_spaces = [\"nordwind.example\"]\ncrm_url = \"http://127.0.0.1:9/CRMinterface/xml\"\n\
         users_file = {:?}\nstore = {:?}\n",
        dir.join("users.xml"),
        dir.join("tandem.db"),
    );
    let config = dir.join("tandem.toml");
    std::fs::write(&config, settings).unwrap();
    config
}

#[tokio::test]
async fn a_subject_steers_no_terminal_and_forges_no_line() {
    let dir = tempfile::tempdir().unwrap();
    let config = filled(dir.path()).await;
    let config = config.to_str().unwrap();
    for command in [&["status"][..], &["explain", "A1:7"], &["deletions", "list"]] {
        let mut arguments = command.to_vec();
        arguments.extend(["--config", config]);
        let text = String::from_utf8(tandem(&arguments).await.stdout).unwrap();
        assert!(text.contains("Offer\\r\\n"), "{command:?} shows no subject: {text:?}");
        let steers = |character: char| {
            (character.is_control() && character != '\n') || ('\u{202a}'..='\u{202e}').contains(&character)
        };
        assert!(!text.contains(steers), "{command:?}: {text:?}");
        assert!(!text.lines().any(|line| line.starts_with(FORGED)), "{command:?}: {text}");

        arguments.push("--json");
        let text = String::from_utf8(tandem(&arguments).await.stdout).unwrap();
        assert!(!text.contains(steers), "{command:?}: {text:?}");
        let document: Value = serde_json::from_str(&text).unwrap();
        assert!(document.to_string().contains(Value::from(SUBJECT).to_string().trim_matches('"')));
    }
}
