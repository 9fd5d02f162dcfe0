//! Ids of single-value extended properties (Graph documentation: extended properties overview):
//! `{type} {guid} Name {name}`, `{type} {guid} Id {id}`, or `{type} {tag}`.

use crate::TargetError;
use crate::value::{Form, ValueType};

/// Types of MAPI, with what a value of theirs is here.
const TYPES: [(&str, ValueType, Form); 8] = [
    ("String", ValueType::Text, Form::Text),
    ("Boolean", ValueType::Boolean, Form::Text),
    ("Integer", ValueType::Integer { most: i32::MAX as i64 }, Form::Text),
    ("Short", ValueType::Integer { most: i16::MAX as i64 }, Form::Text),
    ("Long", ValueType::Integer { most: i64::MAX }, Form::Text),
    ("Double", ValueType::Decimal, Form::Text),
    ("Float", ValueType::Decimal, Form::Text),
    ("SystemTime", ValueType::Date, Form::Text),
];

/// Types that Graph takes and that no field of a CRM can hold.
const OTHERS: [&str; 7] = ["ApplicationTime", "Binary", "CLSID", "Currency", "Error", "Null", "Object"];

const PUBLIC_STRINGS: &str = "00020329-0000-0000-c000-000000000046";
const APPOINTMENT: &str = "00062002-0000-0000-c000-000000000046";
const ADDRESS: &str = "00062004-0000-0000-c000-000000000046";
const MEETING: &str = "6ed8da90-450b-101b-98da-00aa003f1305";

/// Properties that mean the same as a property of Graph, or that nobody may change ([MS-OXPROPS]): set or tag, id, why.
const TAKEN: [(&str, u32, &str); 19] = [
    ("", 0x0037, "it is the subject"),
    ("", 0x1000, "it is the text"),
    ("", 0x1013, "it is the text"),
    ("", 0x0017, "it is the importance"),
    ("", 0x0036, "it is what makes an item private"),
    ("", 0x0e07, "Exchange keeps it"),
    ("", 0x0fff, "it is the item's id"),
    ("", 0x300b, "it is the item's id"),
    ("", 0x65e2, "it is the item's version"),
    ("", 0x1035, "it is the internetMessageId"),
    ("", 0x3a06, "it is the given name"),
    ("", 0x3a11, "it is the surname"),
    ("", 0x3a1c, "it is the mobile phone"),
    (APPOINTMENT, 0x8205, "it is how an appointment shows"),
    (APPOINTMENT, 0x8208, "it is the place"),
    (APPOINTMENT, 0x820d, "it is the begin"),
    (APPOINTMENT, 0x820e, "it is the end"),
    (ADDRESS, 0x8083, "it is an e-mail address"),
    (MEETING, 0x0003, "a meeting is known by it"),
];

/// An id in its one spelling, and what its values are.
pub(crate) fn parse(text: &str) -> Result<(String, ValueType, Form), TargetError> {
    let malformed = || TargetError::Malformed(text.to_owned());
    let (of, rest) = text.trim().split_once(' ').ok_or_else(malformed)?;
    let Some((name, value, form)) = TYPES.into_iter().find(|(name, ..)| name.eq_ignore_ascii_case(of)) else {
        let plain = of.strip_suffix("Array").or_else(|| of.strip_suffix("array")).unwrap_or(of);
        let known = OTHERS
            .iter()
            .chain(TYPES.iter().map(|(name, ..)| name))
            .any(|name| name.eq_ignore_ascii_case(plain));
        return Err(if known { TargetError::Unmappable(of.to_owned()) } else { malformed() });
    };
    let rest = rest.trim();
    let (set, local) = match rest.strip_prefix('{').and_then(|rest| rest.split_once('}')) {
        Some((set, local)) => (guid(set).ok_or_else(malformed)?, local.trim()),
        None => (String::new(), rest),
    };
    if set.is_empty() {
        let tag = number(local).filter(|tag| *tag <= 0xffff).ok_or_else(malformed)?;
        free("", tag)?;
        return Ok((format!("{name} 0x{tag:x}"), value, form));
    }
    let (word, local) = local.split_once(' ').ok_or_else(malformed)?;
    let local = local.trim();
    if word.eq_ignore_ascii_case("name") && !local.is_empty() {
        if set == PUBLIC_STRINGS && local == "TandemKey" {
            return Err(TargetError::Fixed(text.to_owned(), "the connector keeps its own key there"));
        }
        return Ok((format!("{name} {{{set}}} Name {local}"), value, form));
    }
    let id = number(local).filter(|_| word.eq_ignore_ascii_case("id")).ok_or_else(malformed)?;
    free(&set, id)?;
    Ok((format!("{name} {{{set}}} Id 0x{id:x}"), value, form))
}

fn free(set: &str, id: u32) -> Result<(), TargetError> {
    // The clean form of a meeting's global id has another number.
    let id = if set == MEETING && id == 0x23 { 0x3 } else { id };
    match TAKEN.iter().find(|(taken, number, _)| *taken == set && *number == id) {
        Some((_, _, why)) => Err(TargetError::Fixed(format!("{set} 0x{id:x}").trim().to_owned(), why)),
        None => Ok(()),
    }
}

fn guid(text: &str) -> Option<String> {
    let parts: Vec<usize> = text.split('-').map(str::len).collect();
    let hex = text.chars().all(|sign| sign.is_ascii_hexdigit() || sign == '-');
    (hex && parts == [8, 4, 4, 4, 12]).then(|| text.to_ascii_lowercase())
}

fn number(text: &str) -> Option<u32> {
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    }
}
