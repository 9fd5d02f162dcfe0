//! Whatever is done to them, in whatever order: the stores give the same answers.

use crate::fixture::*;
use proptest::prelude::*;
use serde_json::json;
use tandem_model::{GraphId, Kind, RecordId};
use tandem_store::{
    Base, Commit, Cursor, CycleOutcome, Epoch, Link, LinkId, LinkWrite, MemoryStore, NewEntry, ObjectId,
    ObjectWrite, Role, SqliteStore, State, Store, StoreError,
};

/// Few of everything, so that operations meet.
const MAILBOXES: [&str; 3] = ["ann", "bob", "cyd"];
const NAMES: [&str; 6] = ["a", "A", "b", "c", "MA:1", "MA:2"];
const KINDS: [Kind; 2] = [Kind::Mail, Kind::Task];

#[derive(Debug, Clone)]
enum Operation {
    Register(Vec<usize>),
    Claim(usize),
    /// Mailbox, and how old the claim is.
    Commit(usize, u64, Commit),
    Reserve(usize, u64, Vec<(usize, i64)>),
    Finish(usize, u64, Option<String>),
    Prune(i64),
}

fn name() -> impl Strategy<Value = String> {
    prop::sample::select(&NAMES[..]).prop_map(str::to_owned)
}

fn kind() -> impl Strategy<Value = Kind> {
    prop::sample::select(&KINDS[..])
}

fn object_write() -> impl Strategy<Value = ObjectWrite> {
    (
        prop::option::of(1_i64..5),
        0_u64..4,
        kind(),
        prop::option::of(name()),
        prop::option::of(name()),
        prop::option::of(0..3_usize),
    )
        .prop_map(|(id, version, kind, key, record, lead)| ObjectWrite {
            id: id.map(ObjectId),
            version,
            kind,
            key,
            record: record.map(RecordId::new),
            lead: lead.map(|index| mailbox(MAILBOXES[index])),
        })
}

fn link_write() -> impl Strategy<Value = LinkWrite> {
    let who = (
        prop::option::weighted(0.3, 1_i64..6),
        prop_oneof![30 => Just(None), 1 => (0..3_usize).prop_map(Some)],
        kind(),
    );
    let what = (
        prop::option::of(name()),
        prop::option::weighted(0.3, 1_i64..4),
        0..State::ALL.len(),
        0..Role::ALL.len(),
    );
    let then = (prop::option::of(0_i64..20), any::<bool>(), 0_u32..3, any::<bool>(), 0_i64..999);
    (who, what, then, prop::option::of(object_write())).prop_map(
        |((id, of, kind), (graph, object, state, role), (due, todo, attempts, base, micros), write)| {
            LinkWrite {
                link: Link {
                    id: id.map(LinkId),
                    // Nobody in particular: the mailbox of the commit.
                    mailbox: of.map_or_else(|| mailbox(""), |index| mailbox(MAILBOXES[index])),
                    kind,
                    graph: graph.map(GraphId::new),
                    place: todo.then(|| "list".to_owned()),
                    object: object.map(ObjectId),
                    role: Role::ALL[role],
                    state: State::ALL[state],
                    reason: format!("r{attempts}"),
                    detail: String::new(),
                    base: base.then(|| Base {
                        m365: document(json!({"n": attempts})),
                        crm: document(json!({"n": micros % 2})),
                    }),
                    etag: None,
                    stamp: None,
                    todo: todo.then(|| "move".to_owned()),
                    // Finer than what is kept.
                    due: due.map(|second| at(second) + jiff::SignedDuration::from_nanos(micros * 1_001)),
                    attempts,
                },
                object: write,
            }
        },
    )
}

fn entry() -> impl Strategy<Value = NewEntry> {
    (prop::option::of(name()), prop::option::of(name()), prop::option::of(name()), 0_i64..20).prop_map(
        |(key, graph, record, second)| NewEntry {
            key,
            graph: graph.map(GraphId::new),
            record: record.map(RecordId::new),
            at: at(second),
            ..line("line")
        },
    )
}

fn commit() -> impl Strategy<Value = Commit> {
    let cursor =
        (name(), prop::option::of(name())).prop_map(|(collection, position)| Cursor { collection, position });
    (
        prop::collection::vec(link_write(), 0..3),
        prop::collection::vec(object_write(), 0..2),
        prop::collection::vec(cursor, 0..2),
        prop::collection::vec(name(), 0..2),
        prop::collection::vec(entry(), 0..4),
    )
        .prop_map(|(links, objects, cursors, settled, journal)| Commit {
            links,
            objects,
            cursors,
            settled,
            journal,
        })
}

fn operation() -> impl Strategy<Value = Operation> {
    let stale = prop_oneof![8 => Just(0_u64), 1 => Just(1)];
    let who = 0..MAILBOXES.len();
    prop_oneof![
        1 => prop::collection::vec(who.clone(), 0..3).prop_map(Operation::Register),
        2 => who.clone().prop_map(Operation::Claim),
        12 => (who.clone(), stale.clone(), commit()).prop_map(|(who, stale, commit)| Operation::Commit(who, stale, commit)),
        2 => (who.clone(), stale.clone(), prop::collection::vec((0..NAMES.len(), 0_i64..9), 0..3))
            .prop_map(|(who, stale, rows)| Operation::Reserve(who, stale, rows)),
        1 => (who, stale, prop::option::of(name())).prop_map(|(who, stale, error)| Operation::Finish(who, stale, error)),
        1 => (0_i64..12).prop_map(Operation::Prune),
    ]
}

/// Version 0 stands for the one that is stored: else hardly any write of an object would succeed.
async fn read_versions(store: &dyn Store, commit: &mut Commit) {
    let mut stored = Vec::new();
    for kind in KINDS {
        stored.extend(store.objects_by_key(kind, &NAMES.map(str::to_owned)).await.unwrap());
        stored.extend(store.objects_by_record(kind, &NAMES.map(RecordId::from)).await.unwrap());
    }
    let in_links = commit.links.iter_mut().filter_map(|write| write.object.as_mut());
    for write in commit.objects.iter_mut().chain(in_links).filter(|write| write.version == 0) {
        if let Some(object) = stored.iter().find(|object| Some(object.id) == write.id) {
            (write.version, write.kind) = (object.version, object.kind);
        }
    }
}

/// Does it, and tells how it ended in a form that can be compared.
async fn act(store: &dyn Store, operation: &Operation) -> String {
    let epoch = |who: usize, stale: u64| async move {
        let all = store.mailboxes().await.unwrap();
        let newest =
            all.iter().find(|one| one.seed.id == mailbox(MAILBOXES[who])).map_or(0, |one| one.epoch.0);
        Epoch(newest.wrapping_sub(stale))
    };
    let told = |result: Result<String, StoreError>| result.unwrap_or_else(|error| error.to_string());
    match operation {
        Operation::Register(who) => {
            let seeds: Vec<_> = who.iter().map(|index| seed(MAILBOXES[*index])).collect();
            told(store.register(&seeds).await.map(|()| String::new()))
        }
        Operation::Claim(who) => {
            told(store.claim(&mailbox(MAILBOXES[*who])).await.map(|epoch| format!("{epoch:?}")))
        }
        Operation::Commit(who, stale, commit) => {
            let mut commit = commit.clone();
            for write in commit.links.iter_mut().filter(|write| write.link.mailbox == mailbox("")) {
                write.link.mailbox = mailbox(MAILBOXES[*who]);
            }
            read_versions(store, &mut commit).await;
            let epoch = epoch(*who, *stale).await;
            told(store.commit(&mailbox(MAILBOXES[*who]), epoch, commit).await.map(|()| String::new()))
        }
        Operation::Reserve(who, stale, rows) => {
            let rows: Vec<_> = rows.iter().map(|(name, second)| pending(NAMES[*name], *second)).collect();
            let epoch = epoch(*who, *stale).await;
            told(store.reserve(&mailbox(MAILBOXES[*who]), epoch, &rows).await.map(|()| String::new()))
        }
        Operation::Finish(who, stale, error) => {
            let outcome = CycleOutcome { at: at(1), millis: 3, writes: 4, error: error.clone() };
            let epoch = epoch(*who, *stale).await;
            told(store.finish(&mailbox(MAILBOXES[*who]), epoch, &outcome).await.map(|()| String::new()))
        }
        Operation::Prune(second) => {
            told(store.prune_journal(at(*second)).await.map(|count| count.to_string()))
        }
    }
}

/// Everything that can be asked.
async fn everything(store: &dyn Store) -> Vec<String> {
    let mut answers = vec![format!("{:?}", store.status().await.unwrap())];
    let ids = NAMES.map(GraphId::from);
    let records = NAMES.map(RecordId::from);
    let keys = NAMES.map(str::to_owned);
    for kind in KINDS {
        let objects = store.objects_by_key(kind, &keys).await.unwrap();
        for object in &objects {
            answers.push(format!("{:?}", store.copies(object).await.unwrap()));
        }
        answers.push(format!("{objects:?} {:?}", store.objects_by_record(kind, &records).await.unwrap()));
        for name in MAILBOXES {
            let who = mailbox(name);
            answers.push(format!("{:?}", store.links(&who, kind, None, 100).await.unwrap()));
            answers.push(format!("{:?}", store.links(&who, kind, Some(LinkId(2)), 2).await.unwrap()));
            answers.push(format!(
                "{:?}",
                store.due(&who, kind, at(9), at(15), Some(LinkId(1)), 3).await.unwrap()
            ));
            answers.push(format!("{:?}", store.links_by_graph(&who, kind, &ids).await.unwrap()));
            answers.push(format!("{:?}", store.links_by_record(&who, kind, &records).await.unwrap()));
        }
    }
    for name in MAILBOXES {
        let who = mailbox(name);
        answers.push(format!(
            "{:?} {:?}",
            store.outbox(&who).await.unwrap(),
            store.cursors(&who, "").await.unwrap()
        ));
    }
    for name in NAMES {
        answers.push(format!("{:?} {:?}", store.find(name).await.unwrap(), store.story(name).await.unwrap()));
    }
    answers
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn memory_and_sqlite_answer_alike(operations in prop::collection::vec(operation(), 1..30)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let directory = tempfile::tempdir().unwrap();
            let sqlite = SqliteStore::open(&directory.path().join("store.db")).unwrap();
            let memory = MemoryStore::new();
            let start = MAILBOXES[..2].iter().map(|name| seed(name)).collect::<Vec<_>>();
            memory.register(&start).await.unwrap();
            sqlite.register(&start).await.unwrap();
            for operation in &operations {
                prop_assert_eq!(act(&memory, operation).await, act(&sqlite, operation).await);
                prop_assert_eq!(everything(&memory).await, everything(&sqlite).await);
            }
            Ok(())
        })?;
    }
}
