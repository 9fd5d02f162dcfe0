//! Deltas of contacts, folders, lists, tasks and users: whatever happened, and whichever living token a reader went on
//! from, what he knows in the end is what a full read shows.

use crate::bench::{Bench, header};
use crate::support::text;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tandem_tenant::{Behaviour, Limits, TenantSettings};

const ADA: &str = "/users/ada@meridian.example";

type Items = BTreeMap<String, Value>;

/// One step of a history. Numbers choose among what is there.
#[derive(Debug, Clone)]
enum Step {
    Make { place: u8, below: u8 },
    Edit { place: u8, item: u8 },
    Move { place: u8, item: u8, to: u8 },
    Delete { place: u8, item: u8, for_good: bool },
    Page { reader: u8 },
    Note { reader: u8 },
    Back { note: u8 },
}

fn step() -> impl Strategy<Value = Step> {
    let pair = any::<(u8, u8)>;
    prop_oneof![
        4 => pair().prop_map(|(place, below)| Step::Make { place, below }),
        2 => pair().prop_map(|(place, item)| Step::Edit { place, item }),
        2 => any::<(u8, u8, u8)>().prop_map(|(place, item, to)| Step::Move { place, item, to }),
        2 => any::<(u8, u8, bool)>()
            .prop_map(|(place, item, for_good)| Step::Delete { place, item, for_good }),
        5 => any::<u8>().prop_map(|reader| Step::Page { reader }),
        1 => any::<u8>().prop_map(|reader| Step::Note { reader }),
        1 => any::<u8>().prop_map(|note| Step::Back { note }),
    ]
}

/// A reader of the delta of one collection.
#[derive(Debug, Clone)]
struct Reader {
    first: String,
    next: String,
    items: Items,
    gone: BTreeSet<String>,
}

impl Reader {
    fn new(place: &str, size: usize) -> Self {
        let first = format!("{place}/delta?$top={size}");
        Self { next: first.clone(), first, items: Items::new(), gone: BTreeSet::new() }
    }

    /// Reads one page; whether it was the last of its round.
    fn page(&mut self, bench: &mut Bench, size: usize) -> bool {
        let answer = bench.send("GET", &self.next, None);
        if answer.status == 410 {
            // His token died: he begins again with nothing, where he is told to.
            assert!(header(&answer, "location").is_some_and(|place| place.ends_with("$deltatoken=")));
            *self = Self { next: self.first.clone(), first: self.first.clone(), ..Self::new("", size) };
            return false;
        }
        let page = answer.value();
        assert_eq!(answer.status, 200, "{page}");
        let entries = page["value"].as_array().unwrap();
        assert!(entries.len() <= size, "{} entries on a page of {size}", entries.len());
        for entry in entries {
            let id = text(entry, "id");
            if entry["@removed"].is_object() {
                self.items.remove(&id);
                self.gone.insert(id);
            } else {
                self.gone.remove(&id);
                self.items.insert(id, entry.clone());
            }
        }
        let last = page["@odata.deltaLink"].as_str();
        last.or(page["@odata.nextLink"].as_str()).unwrap().clone_into(&mut self.next);
        last.is_some()
    }
}

/// What is followed.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Contacts,
    ContactFolders,
    MailFolders,
    Lists,
    Tasks,
    Users,
}

impl Kind {
    /// The property that a step writes.
    fn name(self) -> &'static str {
        match self {
            Self::Contacts => "givenName",
            Self::Tasks => "title",
            _ => "displayName",
        }
    }

    fn has_children(self) -> bool {
        matches!(self, Self::ContactFolders | Self::MailFolders)
    }

    /// What is compared. Numbers of children and messages change without the folder's being told.
    fn compared(self, item: &Value) -> Value {
        let mut item = item.clone();
        let members = item.as_object_mut().unwrap();
        let folder = ["id", "displayName", "parentFolderId"];
        members.retain(|name, value| {
            !value.is_null() && (!self.has_children() || folder.contains(&name.as_str()))
        });
        item
    }
}

/// Collections of one kind, what happens in them, and who reads along.
struct History {
    bench: Bench,
    kind: Kind,
    places: Vec<String>,
    size: usize,
    /// Two readers of each collection.
    readers: Vec<Reader>,
    notes: Vec<(usize, Reader)>,
    made: usize,
}

impl History {
    fn new(kind: Kind, untidy: bool, size: usize) -> Self {
        let behaviour = Behaviour { untidy_delta: untidy, ..Behaviour::default() };
        let settings = TenantSettings { behaviour, limits: Limits::none(), ..TenantSettings::default() };
        let mut bench = Bench::with(settings, &["ada"]);
        let places = match kind {
            Kind::Contacts => {
                let upper = made(&mut bench, &format!("{ADA}/contactFolders"), &json!({"displayName": "a"}));
                let upper = format!("{ADA}/contactFolders/{upper}");
                let lower = made(&mut bench, &format!("{upper}/childFolders"), &json!({"displayName": "b"}));
                let lower = format!("{ADA}/contactFolders/{lower}/contacts");
                vec![format!("{ADA}/contacts"), format!("{upper}/contacts"), lower]
            }
            Kind::Tasks => {
                let lists = format!("{ADA}/todo/lists");
                let own = made(&mut bench, &lists, &json!({"displayName": "a"}));
                vec![format!("{lists}/tasks/tasks"), format!("{lists}/{own}/tasks")]
            }
            Kind::ContactFolders => vec![format!("{ADA}/contactFolders")],
            Kind::MailFolders => vec![format!("{ADA}/mailFolders")],
            Kind::Lists => vec![format!("{ADA}/todo/lists")],
            Kind::Users => vec!["/users".to_owned()],
        };
        let readers = places.iter().chain(&places).map(|place| Reader::new(place, size)).collect();
        Self { bench, kind, places, size, readers, notes: Vec::new(), made: 0 }
    }

    fn place(&self, number: u8) -> String {
        self.places[usize::from(number) % self.places.len()].clone()
    }

    fn take(&mut self, step: &Step) {
        self.made += 1;
        let named = json!({ self.kind.name(): format!("x{}", self.made) });
        match *step {
            Step::Make { place, below } => self.make(place, below, &named),
            Step::Edit { place, item } => {
                if let Some(item) = self.pick(place, item) {
                    self.write("PATCH", &item, &named);
                }
            }
            Step::Move { place, item, to } => {
                if let Some(item) = self.pick(place, item) {
                    self.transfer(&item, to, &named);
                }
            }
            Step::Delete { place, item, for_good } => {
                if let Some(item) = self.pick(place, item) {
                    if self.kind == Kind::MailFolders && for_good {
                        self.write("POST", &format!("{item}/permanentDelete"), &json!({}));
                    } else {
                        self.write("DELETE", &item, &json!({ "permanently": for_good }));
                    }
                }
            }
            Step::Page { reader } => {
                let reader = usize::from(reader) % self.readers.len();
                self.readers[reader].page(&mut self.bench, self.size);
            }
            Step::Note { reader } => {
                let reader = usize::from(reader) % self.readers.len();
                self.notes.push((reader, self.readers[reader].clone()));
            }
            Step::Back { note } => {
                if !self.notes.is_empty() {
                    let (reader, note) = self.notes[usize::from(note) % self.notes.len()].clone();
                    self.readers[reader] = note;
                }
            }
        }
    }

    fn make(&mut self, place: u8, below: u8, named: &Value) {
        let path = self.place(place);
        if self.kind == Kind::Users {
            let mut user = named.clone();
            user["mail"] = json!(format!("x{}@meridian.example", self.made));
            let answer = self.bench.control("POST", "/users", Some(&user));
            assert_eq!(answer.status, 201, "{}", answer.value());
            return;
        }
        let parent = self.pick(place, below).filter(|_| self.kind.has_children() && below >= 128);
        let path = parent.map_or(path, |parent| format!("{parent}/childFolders"));
        made(&mut self.bench, &path, named);
    }

    /// Changes or deletes. The service may refuse it of what it owns itself.
    fn write(&mut self, method: &str, item: &str, body: &Value) {
        let answer = if self.kind == Kind::Users {
            self.bench.control(method, item, Some(body))
        } else {
            self.bench.send(method, item, Some(body).filter(|_| method != "DELETE"))
        };
        assert!([200, 204, 400, 403].contains(&answer.status), "{method} {item}: {}", answer.value());
    }

    /// Mail folders move; contacts and tasks are made anew elsewhere, under another id; nothing else moves.
    fn transfer(&mut self, item: &str, to: u8, named: &Value) {
        match self.kind {
            Kind::MailFolders => {
                let Some(parent) = self.pick(0, to) else { return };
                let parent = parent.rsplit('/').next().unwrap();
                let body = json!({ "destinationId": parent });
                let answer = self.bench.send("POST", &format!("{item}/move"), Some(&body));
                assert!([200, 400, 403, 409].contains(&answer.status), "{}", answer.value());
            }
            Kind::Contacts | Kind::Tasks => {
                let place = self.place(to);
                made(&mut self.bench, &place, named);
                self.write("DELETE", item, &Value::Null);
            }
            Kind::ContactFolders | Kind::Lists | Kind::Users => {}
        }
    }

    /// The path of something that is in a collection.
    fn pick(&mut self, place: u8, item: u8) -> Option<String> {
        let place = self.place(place);
        let all: Vec<String> = self.whole(&place).into_keys().collect();
        (!all.is_empty()).then(|| format!("{place}/{}", all[usize::from(item) % all.len()]))
    }

    /// A full read.
    fn whole(&mut self, place: &str) -> Items {
        let mut found = Items::new();
        if self.kind == Kind::ContactFolders {
            // The delta tells the default folder, the list does not.
            let default = self.bench.send("GET", &format!("{place}/contacts"), None).value();
            found.insert(text(&default, "id"), default);
        }
        let mut below = vec![place.to_owned()];
        while let Some(path) = below.pop() {
            for item in self.bench.all(&format!("{path}?$top=100")) {
                let id = text(&item, "id");
                if self.kind.has_children() {
                    below.push(format!("{place}/{id}/childFolders"));
                }
                assert!(found.insert(id, item).is_none(), "nothing twice in {path}");
            }
        }
        found
    }

    /// All go on to the end, those too who stopped somewhere and come back late.
    fn end(mut self) {
        let kind = self.kind;
        let compared = |items: &Items| {
            items.iter().map(|(id, item)| (id.clone(), kind.compared(item))).collect::<Items>()
        };
        let notes = std::mem::take(&mut self.notes).into_iter().map(|(_, reader)| reader);
        let readers: Vec<Reader> = std::mem::take(&mut self.readers).into_iter().chain(notes).collect();
        for mut reader in readers {
            while !reader.page(&mut self.bench, self.size) {}
            let place = reader.first.split("/delta?").next().unwrap().to_owned();
            let truth = self.whole(&place);
            assert_eq!(compared(&reader.items), compared(&truth), "{place}");
            for id in reader.gone {
                let answer = self.bench.send("GET", &format!("{place}/{id}"), None);
                assert_eq!(answer.status, 404, "removed, and still there: {}", answer.value());
            }
        }
    }
}

fn made(bench: &mut Bench, path: &str, body: &Value) -> String {
    let answer = bench.send("POST", path, Some(body));
    assert_eq!(answer.status, 201, "{path}: {}", answer.value());
    text(&answer.value(), "id")
}

fn replay(kind: Kind, steps: &[Step], untidy: bool, size: usize) {
    let mut history = History::new(kind, untidy, size);
    for step in steps {
        history.take(step);
    }
    history.end();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, rng_seed: RngSeed::Fixed(4), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn contacts(steps in prop::collection::vec(step(), 1..60), untidy: bool, size in 1_usize..6) {
        replay(Kind::Contacts, &steps, untidy, size);
    }

    #[test]
    fn contact_folders(steps in prop::collection::vec(step(), 1..60), untidy: bool, size in 1_usize..6) {
        replay(Kind::ContactFolders, &steps, untidy, size);
    }

    #[test]
    fn mail_folders(steps in prop::collection::vec(step(), 1..60), untidy: bool, size in 1_usize..6) {
        replay(Kind::MailFolders, &steps, untidy, size);
    }

    #[test]
    fn lists(steps in prop::collection::vec(step(), 1..60), untidy: bool, size in 1_usize..6) {
        replay(Kind::Lists, &steps, untidy, size);
    }

    #[test]
    fn tasks(steps in prop::collection::vec(step(), 1..60), untidy: bool, size in 1_usize..6) {
        replay(Kind::Tasks, &steps, untidy, size);
    }

    #[test]
    fn users(steps in prop::collection::vec(step(), 1..60), untidy: bool, size in 1_usize..6) {
        replay(Kind::Users, &steps, untidy, size);
    }
}
