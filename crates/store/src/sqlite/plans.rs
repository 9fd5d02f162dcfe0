//! Every question is answered from an index: the tests here fail when one has to look at every row, or to sort pages.

use super::{read, schema, story, write};
use crate::instant::cut;
use crate::{
    Commit, Epoch, Link, LinkId, LinkWrite, MailboxSeed, NewEntry, ObjectId, ObjectWrite, Role, State, Step,
};
use jiff::Timestamp;
use rusqlite::{Connection, Statement, StatementStatus};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::Path;
use tandem_model::{EmailAddress, Kind, MailboxId};

thread_local! {
    static NOTED: RefCell<Vec<(String, i32, i32, i32)>> = const { RefCell::new(Vec::new()) };
}

/// Notes what a query cost: rows of full scans, sorts, and rows of indexes that SQLite made up for the occasion.
pub(super) fn note(sql: &str, statement: &Statement<'_>) {
    let cost = |status| statement.reset_status(status);
    let (scans, sorts) = (cost(StatementStatus::FullscanStep), cost(StatementStatus::Sort));
    let made_up = cost(StatementStatus::AutoIndex);
    NOTED.with_borrow_mut(|noted| noted.push((sql.to_owned(), scans, sorts, made_up)));
}

fn filled() -> (Connection, MailboxId) {
    let connection = Connection::open_in_memory().unwrap();
    schema::prepare(&connection, Path::new(":memory:")).unwrap();
    let ann = MailboxId::from("m3");
    let seeds: Vec<MailboxSeed> = (0..10)
        .map(|number| MailboxSeed {
            id: MailboxId::new(format!("m{number}")),
            address: EmailAddress::new(&format!("m{number}@example.com")),
            addresses: BTreeSet::new(),
            name: String::new(),
            rep: String::new(),
            kinds: BTreeSet::new(),
        })
        .collect();
    write::register(&connection, &seeds).unwrap();
    for seed in &seeds {
        let links = (0..50).map(|number| one(&seed.id, number)).collect();
        let journal = (0..50).map(|number| entry(&seed.id, number)).collect();
        let commit = Commit { links, journal, ..Commit::default() };
        write::commit(&connection, &seed.id, Epoch(0), &commit).unwrap();
    }
    (connection, ann)
}

fn one(mailbox: &MailboxId, number: i64) -> LinkWrite {
    let name = format!("{mailbox}-{number}");
    let object = ObjectWrite {
        id: None,
        version: 0,
        kind: Kind::Mail,
        key: Some(format!("k{name}")),
        record: Some(format!("r{name}").into()),
        lead: None,
    };
    let link = Link {
        id: None,
        mailbox: mailbox.clone(),
        kind: Kind::Mail,
        graph: Some(name.into()),
        place: None,
        object: None,
        role: Role::Lead,
        state: State::Linked,
        reason: String::new(),
        detail: String::new(),
        base: None,
        etag: None,
        stamp: None,
        todo: None,
        due: (number % 10 == 0).then(|| Timestamp::from_second(number).unwrap()),
        attempts: 0,
    };
    LinkWrite { link, object: Some(object) }
}

fn entry(mailbox: &MailboxId, number: i64) -> NewEntry {
    NewEntry {
        at: cut(Timestamp::from_second(number).unwrap()),
        mailbox: Some(mailbox.clone()),
        kind: None,
        key: Some(format!("k{mailbox}-{number}")),
        graph: Some(format!("{mailbox}-{number}").into()),
        record: Some(format!("r{mailbox}-{number}").into()),
        step: Step::Plan,
        code: String::new(),
        text: String::new(),
        facts: serde_json::Value::Null,
    }
}

#[test]
fn no_question_looks_at_every_row() {
    let (connection, ann) = filled();
    NOTED.with_borrow_mut(Vec::clear);
    let graphs = ["m3-1".into(), "m3-2".into()];
    let records = ["rm3-1".into(), "rm3-2".into()];
    assert_eq!(read::links_by_graph(&connection, &ann, Kind::Mail, &graphs).unwrap().len(), 2);
    assert_eq!(read::links_by_record(&connection, &ann, Kind::Mail, &records).unwrap().len(), 2);
    assert_eq!(read::objects_by_key(&connection, Kind::Mail, ["km3-1"].into_iter()).unwrap().len(), 1);
    assert_eq!(read::objects_by_record(&connection, Kind::Mail, ["rm3-1"].into_iter()).unwrap().len(), 1);
    assert_eq!(read::copies(&connection, ObjectId(7)).unwrap().len(), 1);
    let now = Timestamp::from_second(25).unwrap();
    assert_eq!(read::due(&connection, &ann, Kind::Mail, now, Timestamp::MAX, None, 10).unwrap().len(), 3);
    assert_eq!(read::links(&connection, &ann, Kind::Mail, Some(LinkId(160)), 10).unwrap().len(), 10);
    assert_eq!(read::cursors(&connection, &ann, "mail").unwrap().len(), 0);
    assert_eq!(read::find(&connection, "km3-1").unwrap().len(), 1);
    assert_eq!(story::story(&connection, "rm3-1").unwrap().len(), 1);
    NOTED.with_borrow(|noted| {
        assert!(noted.len() >= 12);
        for (sql, scans, sorts, made_up) in noted {
            // Sets of a few names are sorted to be united; pages never are.
            let sorts = if sql.contains("UNION") { 0 } else { *sorts };
            assert_eq!((*scans, sorts, *made_up), (0, 0, 0), "{sql}");
        }
    });
}

#[test]
fn counting_uses_the_index_alone() {
    let (connection, _) = filled();
    let plan: Vec<String> = read::all(
        &connection,
        "EXPLAIN QUERY PLAN SELECT l.mailbox, l.kind, l.state, l.reason, count(*) FROM link l \
         GROUP BY l.mailbox, l.kind, l.state, l.reason",
        [],
        |row| Ok(row.get(3)?),
    )
    .unwrap();
    assert_eq!(plan, ["SCAN l USING COVERING INDEX link_state"]);
    assert_eq!(read::status(&connection).unwrap()[3].counts[&Kind::Mail].linked, 50);
}
