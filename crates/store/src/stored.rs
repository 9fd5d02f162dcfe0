//! Values as database columns hold them: words, JSON, microseconds. Both databases keep the same texts.

use crate::{Base, Role, Source, State, Step};
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tandem_model::{GraphId, Kind, RecordId};

/// A stored value that cannot be read, or one that cannot be stored: which, and why.
#[derive(Debug)]
pub(crate) struct Damaged {
    /// What was being read.
    pub what: &'static str,
    /// What did not fit.
    pub why: String,
}

type Read<T> = Result<T, Damaged>;

pub(crate) fn kind(word: &str) -> Read<Kind> {
    word.parse().map_err(|error| Damaged { what: "kind", why: format!("{error}") })
}

pub(crate) fn role(text: &str) -> Read<Role> {
    word(&Role::ALL, Role::as_str, "role", text)
}

pub(crate) fn state(text: &str) -> Read<State> {
    word(&State::ALL, State::as_str, "state", text)
}

pub(crate) fn step(text: &str) -> Read<Step> {
    word(&Step::ALL, Step::as_str, "step", text)
}

fn word<T: Copy>(all: &[T], name: fn(T) -> &'static str, what: &'static str, text: &str) -> Read<T> {
    let unknown = || Damaged { what, why: format!("\"{text}\" is unknown") };
    all.iter().copied().find(|one| name(*one) == text).ok_or_else(unknown)
}

/// A base from its two columns; the second holds nothing where both documents are the same.
pub(crate) fn base(m365: Option<String>, crm: Option<String>) -> Read<Option<Base>> {
    let Some(m365) = m365 else { return Ok(None) };
    let m365 = json("base", &m365)?;
    let crm = crm.map_or_else(|| Ok(Clone::clone(&m365)), |crm| json("base", &crm))?;
    Ok(Some(Base { m365, crm }))
}

/// The two columns of a base; the second only where it differs.
pub(crate) fn base_columns(base: Option<&Base>) -> Read<(Option<String>, Option<String>)> {
    let Some(base) = base else { return Ok((None, None)) };
    let crm = if base.crm == base.m365 { None } else { Some(to_json("base", &base.crm)?) };
    Ok((Some(to_json("base", &base.m365)?), crm))
}

/// What a create is made from, by its three columns: a record, or a copy and its place.
pub(crate) fn source(record: Option<String>, graph: Option<String>, place: Option<String>) -> Read<Source> {
    match (record, graph) {
        (Some(record), None) => Ok(Source::Record(RecordId::new(record))),
        (None, Some(graph)) => Ok(Source::Copy { graph: GraphId::new(graph), place }),
        _ => Err(Damaged { what: "outbox", why: "it names neither a record nor a copy".to_owned() }),
    }
}

/// The three columns of a source.
pub(crate) fn source_columns(source: &Source) -> (Option<&str>, Option<&str>, Option<&str>) {
    match source {
        Source::Record(record) => (Some(record.as_str()), None, None),
        Source::Copy { graph, place } => (None, Some(graph.as_str()), place.as_deref()),
    }
}

pub(crate) fn json<T: DeserializeOwned>(what: &'static str, text: &str) -> Read<T> {
    // The error's own text may repeat content: it says line and column only where the JSON is broken.
    serde_json::from_str(text)
        .map_err(|error| Damaged { what, why: format!("{:?} error at {}", error.classify(), error.column()) })
}

pub(crate) fn to_json<T: Serialize>(what: &'static str, value: &T) -> Read<String> {
    serde_json::to_string(value).map_err(|error| Damaged { what, why: error.to_string() })
}

pub(crate) fn instant(micros: i64) -> Read<Timestamp> {
    Timestamp::from_microsecond(micros).map_err(|error| Damaged { what: "instant", why: error.to_string() })
}
