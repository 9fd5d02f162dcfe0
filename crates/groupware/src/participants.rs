//! Participant records (MB): everybody named by a mail or an appointment, and their to-do records (TD).

use crate::missing::Part;
use crate::pen::{Eye, Pen};
use crate::people::{Party, People};
use crate::{InfoArea, Key, Linked, Note, Record, RecordSet, Switches, words};
use tandem_model::{Kind, Person, Response};

/// Somebody named by an item.
pub(crate) struct Named<'a> {
    pub(crate) person: &'a Person,
    /// As the field `Role` holds it.
    pub(crate) role: &'static str,
    pub(crate) response: Response,
}

impl Named<'_> {
    /// Whether a record is his: by address, else by whom it points to.
    pub(crate) fn is(&self, record: &Record, people: People<'_>) -> bool {
        let (address, held) = (self.person.address.as_str(), record.get("Email").trim());
        match (held, address) {
            ("", "") => record.get("Name") == self.person.name,
            ("", _) => points_to(record, &people.party(&self.person.address)),
            _ => held.eq_ignore_ascii_case(address),
        }
    }
}

/// Only the answers of people who take part already.
pub(crate) fn write_answers(
    pen: &Pen<'_>,
    named: &[Named<'_>],
    mut records: Vec<Record>,
    people: People<'_>,
) -> Vec<Record> {
    for record in records.iter_mut().filter(|record| shows_answer(record, &pen.rules.switches)) {
        if let Some(named) = named.iter().find(|named| named.is(record, people)) {
            pen.put(record, "Status", words::response(named.response));
        }
    }
    records
}

/// The participant records of an item; existing ones keep their ids and what people added to them.
pub(crate) fn write(
    pen: &Pen<'_>,
    named: &[Named<'_>],
    existing: &[Record],
    people: People<'_>,
) -> Vec<Record> {
    let mut pool: Vec<&Record> = existing.iter().collect();
    let answers = pen.wants("responses");
    named
        .iter()
        .filter(|named| !named.person.address.as_str().is_empty() || !named.person.name.is_empty())
        .map(|named| {
            let party = people.party(&named.person.address);
            let old = take(&mut pool, named, people);
            let is_new = old.is_none();
            let mut record = old.cloned().unwrap_or_else(|| Record::new(InfoArea::Participant));
            fill(pen, &mut record, named, &party);
            if (is_new || answers) && shows_answer(&record, &pen.rules.switches) {
                // Who is new has answered nothing, unless the answers are written too.
                let response = if answers { named.response } else { Response::None };
                pen.put(&mut record, "Status", words::response(response));
            }
            record
        })
        .collect()
}

fn fill(pen: &Pen<'_>, record: &mut Record, named: &Named<'_>, party: &Party) {
    pen.put(record, "Name", &named.person.name);
    pen.put(record, "Email", named.person.address.as_str());
    pen.put(record, "Role", named.role);
    // What was assigned before, perhaps by hand, stays.
    if party.is_known() && !is_known(record) {
        link(pen, record, party);
        pen.number(record, "RepID", party.rep.as_ref().map(|rep| rep.rep_id));
    }
}

/// Lets a record point to a person and a company.
pub(crate) fn link(pen: &Pen<'_>, record: &mut Record, party: &Party) {
    let person = party.person.as_ref().map(|person| person.key);
    let company = party.company.as_ref().map(|company| company.key);
    pen.number(record, "PeGrp", person.map(|key| key.group));
    pen.number(record, "PeNo", person.map(|key| key.number));
    pen.number(record, "CoGrp", company.map(|key| key.group));
    pen.number(record, "CoNo", company.map(|key| key.number));
}

/// Takes the record of somebody out of the pool; of several that are his, the one that fits best.
fn take<'a>(pool: &mut Vec<&'a Record>, named: &Named<'_>, people: People<'_>) -> Option<&'a Record> {
    let his: Vec<usize> = (0..pool.len()).filter(|at| named.is(pool[*at], people)).collect();
    let same_role = |at: &usize| pool[*at].get("Role") == named.role;
    let same_name = |at: &usize| pool[*at].get("Name") == named.person.name;
    let best = his
        .iter()
        .find(|at| same_role(at) && same_name(at))
        .or_else(|| his.iter().find(|at| same_role(at)))
        .or_else(|| his.first())?;
    Some(pool.remove(*best))
}

fn points_to(record: &Record, party: &Party) -> bool {
    let rep = party.rep.as_ref().is_some_and(|rep| record.number("RepID") == Some(rep.rep_id));
    let person = party.person.as_ref().is_some_and(|person| key(record, "PeGrp", "PeNo") == Some(person.key));
    rep || person
}

pub(crate) fn key(record: &Record, group: &str, number: &str) -> Option<Key> {
    Some(Key::new(record.number(group)?, record.number(number)?))
}

/// Whether the CRM knows who it is.
pub(crate) fn is_known(record: &Record) -> bool {
    record.number("RepID").is_some()
        || key(record, "PeGrp", "PeNo").is_some()
        || key(record, "CoGrp", "CoNo").is_some()
}

/// Whether a participant's answer travels.
pub(crate) fn shows_answer(record: &Record, switches: &Switches) -> bool {
    !switches.do_not_generate_full_status
        && (record.number("RepID").is_none() || switches.synchronize_rep_status)
}

/// Who is missing, as `missing_attendees` lists them.
pub(crate) fn missing(participants: &[Record]) -> Vec<(Part, String)> {
    let unknown = participants.iter().filter(|record| !is_known(record));
    unknown.map(|record| (part(record.get("Role")), shown(record))).collect()
}

fn part(role: &str) -> Part {
    match role {
        "required" => Part::Required,
        "optional" => Part::Optional,
        "informational" => Part::Informational,
        _ => Part::Unknown,
    }
}

fn shown(record: &Record) -> String {
    match (record.get("Name").trim(), record.get("Email").trim()) {
        (name, "") => name.to_owned(),
        ("", address) => address.to_owned(),
        (name, address) if name.eq_ignore_ascii_case(address) => address.to_owned(),
        (name, address) => format!("{name} <{address}>"),
    }
}

/// Writes what an activity says about its participants as a whole: their names, who they are, and who is missing.
pub(crate) fn summarise(pen: &mut Pen<'_>, kind: Kind, set: &mut RecordSet, people: People<'_>) {
    put_names(pen, set);
    let ids: Vec<String> = set.participants.iter().filter_map(participant_id).collect();
    let text = fitting(&ids, pen.limit(&set.primary, "ParticipantID"));
    pen.put(&mut set.primary, "ParticipantID", &text);
    let missing = missing(&set.participants);
    let rules = pen.rules;
    if let Some(rule) = rules.missing_attendees(kind) {
        let form = rules.forms.form(kind);
        rule.apply(&mut set.primary, &missing, &people.acting.language, |field| {
            form.exchanges(InfoArea::Activity, field)
        });
    }
    if !missing.is_empty() {
        let names: Vec<&str> = missing.iter().map(|(_, name)| name.as_str()).collect();
        let text = format!("not known in the CRM, or not unique: {}", names.join(", "));
        pen.notes.push(Note::new("participant-missing", text));
    }
}

/// Writes the names of the participants on their activity, with what each answered where a switch asks for it.
pub(crate) fn put_names(pen: &Pen<'_>, set: &mut RecordSet) {
    let short = pen.rules.switches.generate_short_status;
    let named = set.participants.iter().map(|record| {
        let name = Some(record.get("Name")).filter(|name| !name.is_empty()).unwrap_or(record.get("Email"));
        match words::read_response(record.get("Status")) {
            answer if short && answer != Response::None => format!("{name} ({})", words::response(answer)),
            _ => name.to_owned(),
        }
    });
    let names: Vec<String> = named.collect();
    let text = fitting(&names, pen.limit(&set.primary, "Participants"));
    pen.put(&mut set.primary, "Participants", &text);
}

/// As many entries as the field holds.
fn fitting(entries: &[String], limit: Option<usize>) -> String {
    let limit = limit.unwrap_or(usize::MAX);
    let (mut text, mut length) = (String::new(), 0);
    for entry in entries {
        let separator = if text.is_empty() { "" } else { "; " };
        length += separator.len() + entry.chars().count();
        if length > limit {
            break;
        }
        text.push_str(separator);
        text.push_str(entry);
    }
    text
}

/// `ID:<RepID>`, `KP:<PeGrp>-<PeNo>` or `FI:<CoGrp>-<CoNo>`.
fn participant_id(record: &Record) -> Option<String> {
    if let Some(rep) = record.number("RepID") {
        return Some(format!("ID:{rep}"));
    }
    let person = key(record, "PeGrp", "PeNo").map(|key| format!("KP:{}-{}", key.group, key.number));
    person.or_else(|| key(record, "CoGrp", "CoNo").map(|key| format!("FI:{}-{}", key.group, key.number)))
}

/// The to-do records of the reps who take part, where the switch asks for them.
pub(crate) fn todos(pen: &Pen<'_>, set: &mut RecordSet) {
    if !pen.rules.switches.generate_todo_records {
        return;
    }
    let mut todos: Vec<Record> = Vec::new();
    for participant in set.participants.iter().filter(|record| !words::is_organizer(record.get("Role"))) {
        let Some(rep) = participant.number("RepID") else { continue };
        if todos.iter().any(|todo| todo.number("RepID") == Some(rep)) {
            continue;
        }
        let old = set.todos.iter().find(|todo| todo.number("RepID") == Some(rep));
        let mut todo = old.cloned().unwrap_or_else(|| Record::new(InfoArea::ToDo));
        pen.number(&mut todo, "RepID", Some(rep));
        pen.put(&mut todo, "Status", todo_status(words::read_response(participant.get("Status"))));
        todos.push(todo);
    }
    set.todos = todos;
    let any = !set.todos.is_empty();
    pen.logical(&mut set.primary, "Todo", any);
}

/// The word for an answer in a to-do record.
pub(crate) fn todo_status(response: Response) -> &'static str {
    match response {
        Response::None => "open",
        answered => words::response(answered),
    }
}

/// Who a participant is: as the record says, else as whom it points to.
pub(crate) fn read(eye: Eye<'_>, record: &Record, people: &Linked) -> Person {
    let (name, address) = (eye.owned(record, "Name"), eye.get(record, "Email"));
    if !address.is_empty() {
        return Person::new(name, address);
    }
    let rep = record.number("RepID").and_then(|rep| people.reps.get(&rep));
    let person = || key(record, "PeGrp", "PeNo").and_then(|key| people.persons.get(&key));
    let company = || key(record, "CoGrp", "CoNo").and_then(|key| people.companies.get(&key));
    match rep.or_else(person).or_else(company) {
        Some(linked) if name.is_empty() => linked.clone(),
        Some(linked) => Person { name, address: linked.address.clone() },
        None => Person::new(name, ""),
    }
}
