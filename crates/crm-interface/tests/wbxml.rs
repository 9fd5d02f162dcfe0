//! Our SyncML messages in an independent tool: Debian's libwbxml2-utils turns them into WBXML and back.
//!
//! WBXML knows SyncML's elements by tokens; what it does not know travels by name. Elements, their order and their texts
//! must survive. libwbxml has no attributes in SyncML and leaves ours (`x-mm…`, and those of payloads) out: a channel
//! that speaks WBXML is none for this language, and the CRM speaks XML.
//!
//! `cargo xtask test` provides the tool and turns on the feature without which this test is not built.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use std::collections::BTreeSet;
use std::io::Write;
use std::process::{Command as Process, Stdio};
use tandem_crm_interface::session::{Secret, Session};
use tandem_crm_interface::sync::wire::{
    Addressing, read_request, write_refusal, write_request, write_response,
};
use tandem_crm_interface::sync::{
    Answer, Change, ChangePage, Command, ContentType, Note, RecordState, Status, StatusCode, SyncRequest,
    SyncResponse,
};
use tandem_crm_interface::xml::{Element, parse};
use tandem_model::{Importance, Item, RecordId, Stamp, Task, TaskStatus};

/// Runs a message through a converter.
fn run(program: &str, input: &[u8]) -> Vec<u8> {
    let mut child = Process::new(program)
        .args(["-k", "-o", "-", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| panic!("{program}: {error}; install libwbxml2-utils"));
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{program} failed");
    output.stdout
}

/// Elements and texts, without attributes: `(name text children)`.
fn shape(element: &Element<'_>) -> String {
    let children: String = element.children().iter().map(shape).collect();
    format!("({} {:?}{children})", element.local(), element.text())
}

fn survives(message: &[u8]) {
    let binary = run("xml2wbxml", message);
    // Version 1.3 and the public id of SyncML 1.1 (WAP-192-WBXML; OMA: 0xFD3).
    assert_eq!(binary[..3], [0x03, 0x9F, 0x53]);
    assert!(binary.len() < message.len());
    let text = String::from_utf8(run("wbxml2xml", &binary)).unwrap();
    // Our reader takes no document type.
    let without_type: String = text.lines().filter(|line| !line.starts_with("<!DOCTYPE")).collect();
    assert_eq!(shape(&parse(without_type.as_bytes()).unwrap()), shape(&parse(message).unwrap()));
}

fn commands(record: &str) -> Vec<Command> {
    let task = Task {
        subject: "Ring & <ask>".into(),
        text: "Straße 7".into(),
        status: TaskStatus::default(),
        importance: Importance::default(),
        start: None,
        due: None,
        completed: None,
        reminder: None,
        categories: BTreeSet::from(["Customers".to_owned()]),
    };
    let (record, content_type) = (RecordId::new(record), ContentType::Tasks);
    vec![
        Command::Changes { content_type, since: Stamp(41), window: None, limit: 10 },
        Command::Add { key: "AAMkAD=".into(), item: Item::Task(task.clone()), published: false },
        Command::Replace {
            record: record.clone(),
            item: Item::Task(task),
            fields: BTreeSet::from(["subject".to_owned()]),
            if_stamp: Some(Stamp(7)),
        },
        Command::Delete { record: record.clone(), content_type, if_stamp: None },
        Command::Map { record: record.clone(), content_type, key: "AAMkAE=".into() },
        Command::Get { record, content_type },
        Command::Fields,
    ]
}

#[test]
fn messages_of_both_sides_survive_wbxml() {
    let session = Session {
        user: "OCSU".into(),
        password: Secret::new("s3cret"),
        principal: Some("ann".into()),
        ..Session::default()
    };
    let addressing =
        Addressing { session_id: "5f1c".into(), target: "https://crm.example/CRMinterface/xml".into() };
    let outgoing = write_request(&SyncRequest { session, commands: commands("A1:3") }, &addressing);
    survives(&outgoing.body);

    let incoming = read_request(&outgoing.body).unwrap();
    let change = Change {
        record: "A1:9".into(),
        keys: vec!["AAMkAF=".into(), "AAMkAG=".into()],
        stamp: Stamp(80),
        modified: None,
        state: RecordState::Deleted,
    };
    let page = ChangePage { changes: vec![change], next: Stamp(80), more: true };
    let note = Note { code: "text-truncated".into(), text: "Betreff gekürzt".into() };
    let mut answers = vec![Answer::Changes(page)];
    answers.push(Answer::Status(Status { notes: vec![note], ..Status::new(StatusCode::ADDED) }));
    answers.resize(
        incoming.request.commands.len(),
        Answer::Status(Status::failure(StatusCode::SERVER_FAILURE, "storage", "the disk is full")),
    );
    survives(&write_response(&incoming.envelope, &SyncResponse { answers }));
    let status = Status::failure(StatusCode(417), "already-active", "User is already active");
    survives(&write_refusal(&incoming.envelope, &status));
}
