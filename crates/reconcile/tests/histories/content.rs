//! What items of each kind can hold: a few values for every field, the first of them the plainest.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::LazyLock;
use tandem_model::{Document, Kind};

/// A field and its values. Null comes first where a field may hold nothing, so that cases shrink to little content.
pub type Field = (&'static str, Vec<Value>);

static KINDS: LazyLock<BTreeMap<Kind, Vec<Field>>> =
    LazyLock::new(|| Kind::ALL.into_iter().map(|kind| (kind, of(kind))).collect());

/// The fields of a kind.
pub fn fields(kind: Kind) -> &'static [Field] {
    KINDS.get(&kind).map_or(&[], Vec::as_slice)
}

/// An item of a kind: one choice for each field, in their order; what is missing takes the first value.
pub fn document(kind: Kind, choices: &[u8]) -> Document {
    let mut document = Document::default();
    for (number, (field, values)) in fields(kind).iter().enumerate() {
        let choice = usize::from(choices.get(number).copied().unwrap_or(0));
        document.set(field, values[choice % values.len()].clone());
    }
    document
}

fn of(kind: Kind) -> Vec<Field> {
    match kind {
        Kind::Mail => mail(),
        Kind::Appointment => appointment(),
        Kind::Task => task(),
        Kind::Contact => contact(),
        Kind::Absence => vec![text("subject"), text("text"), ("when", times())],
    }
}

fn mail() -> Vec<Field> {
    vec![
        text("subject"),
        ("message_id", vec![json!("<1@own.example>")]),
        ("sent_at", vec![json!("2026-05-30T08:00:00Z"), json!("2026-05-31T08:00:00Z")]),
        ("importance", vec![json!("normal"), json!("high")]),
        categories(),
    ]
}

fn appointment() -> Vec<Field> {
    vec![
        text("subject"),
        text("text"),
        text("location"),
        ("when", times()),
        ("show_as", vec![json!("busy"), json!("free"), json!("oof")]),
        ("private", vec![Value::Null, json!(true)]),
        ("reminder_minutes", vec![Value::Null, json!(15), json!(30)]),
        categories(),
        ("organizer", vec![json!({"name": "Ann", "address": "ann@own.example"})]),
        ("attendees", attendees()),
        (
            "responses",
            vec![
                Value::Null,
                json!({"bob@own.example": "accepted"}),
                json!({"eve@else.example": "declined"}),
            ],
        ),
        ("series", series()),
    ]
}

fn task() -> Vec<Field> {
    vec![
        text("subject"),
        text("text"),
        ("status", vec![json!("notStarted"), json!("inProgress"), json!("completed")]),
        ("importance", vec![json!("normal"), json!("low"), json!("high")]),
        ("start", vec![Value::Null, json!("2026-06-02"), json!("2026-06-09")]),
        ("due", vec![Value::Null, json!("2026-06-20"), json!("2030-01-01")]),
        ("reminder", vec![Value::Null, json!("2026-06-19T08:00:00Z")]),
        categories(),
    ]
}

fn contact() -> Vec<Field> {
    vec![
        text("surname"),
        text("given_name"),
        text("company"),
        (
            "emails",
            vec![Value::Null, json!(["bob@else.example"]), json!(["bob@else.example", "bob@home.example"])],
        ),
        ("business_phones", vec![Value::Null, json!(["+43 1 1"]), json!(["+43 1 2"])]),
        ("business_address", vec![Value::Null, address("Graz"), address("Linz")]),
        ("birthday", vec![Value::Null, json!("1970-01-01")]),
        text("notes"),
        categories(),
    ]
}

fn text(field: &'static str) -> Field {
    (field, vec![Value::Null, json!("one"), json!("two"), json!("three")])
}

fn categories() -> Field {
    ("categories", vec![Value::Null, json!(["A"]), json!(["A", "B"]), json!(["B", "C"])])
}

fn address(city: &str) -> Value {
    json!({"street": "", "postal_code": "", "city": city, "state": "", "country": ""})
}

/// Ahead, elsewhere ahead, a whole day ahead, and over.
fn times() -> Vec<Value> {
    let timed = |day: &str, zone: &str| json!({"timed": {"start": format!("{day}T10:00:00Z"), "end": format!("{day}T11:00:00Z"), "zone": zone}});
    vec![
        timed("2026-06-10", "Europe/Vienna"),
        timed("2026-06-11", "America/New_York"),
        json!({"allDay": {"start": "2026-06-12", "end": "2026-06-13"}}),
        timed("2026-05-10", "Europe/Vienna"),
    ]
}

fn attendees() -> Vec<Value> {
    let person =
        |name: &str, address: &str, role: &str| json!({"name": name, "address": address, "role": role});
    let bob = person("Bob", "bob@own.example", "required");
    let eve = person("Eve", "eve@else.example", "required");
    vec![
        Value::Null,
        json!([bob]),
        json!([bob, eve]),
        json!([eve]),
        json!([person("Bob", "bob@own.example", "optional")]),
    ]
}

fn series() -> Vec<Value> {
    let rule = |interval: u32| {
        json!({"pattern": {"daily": {"interval": interval}}, "start": "2026-06-10", "end": {"count": 9},
               "zone": "Europe/Vienna"})
    };
    let with = |field: &str, value: Value| {
        let mut series = rule(1);
        series[field] = value;
        series
    };
    let moved = json!({"when": {"allDay": {"start": "2026-06-20", "end": "2026-06-21"}}, "subject": "late",
                       "location": "", "text": "", "show_as": "busy"});
    vec![
        Value::Null,
        rule(1),
        with("cancelled", json!(["2026-06-11"])),
        with("exceptions", json!({"2026-06-12": moved})),
        rule(2),
    ]
}
