//! Expansion of series, compared with what an independent library says.
//!
//! `tests/recurrence/expected.jsonl` is the output of `tests/recurrence/expand.py`, which expands with dateutil;
//! `cargo xtask test` makes it anew and compares. It knows the one deviation of Exchange, days that a month has not.

use super::direct::Direct;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tandem_tenant::TenantSettings;

#[test]
fn series_unroll_as_an_independent_library_unrolls_them() {
    let table = std::fs::read_to_string("tests/recurrence/expected.jsonl").unwrap();
    let mut direct = Direct::new(TenantSettings::default());
    let user = direct.user("ada");
    let (mut seen, mut zones, mut wrong) = (BTreeMap::<String, usize>::new(), BTreeSet::new(), Vec::new());
    for line in table.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let found = unrolled(&mut direct, &user, &case);
        if found != case["expected"] {
            wrong.push(format!("{line}\n    but {found}"));
        }
        zones.insert(case["zone"].to_string());
        let words = case["tags"].as_array().unwrap().iter();
        for word in words.chain([&case["pattern"]["type"], &case["range"]["type"]]) {
            *seen.entry(word.as_str().unwrap().to_owned()).or_default() += 1;
        }
    }
    assert!(wrong.is_empty(), "{} differ, the first: {}", wrong.len(), wrong[0]);
    assert!(table.lines().count() >= 1000 && zones.len() >= 10, "too few cases");
    // What makes the comparison worth while is in the table.
    for (tag, least) in [
        ("gap", 40),
        ("overlap", 40),
        ("acrossEdge", 300),
        ("clamped", 50),
        ("leapDay", 20),
        ("lastWorkday", 10),
        ("weekStart", 50),
        ("daily", 150),
        ("weekly", 150),
        ("absoluteMonthly", 150),
        ("relativeMonthly", 150),
        ("absoluteYearly", 150),
        ("relativeYearly", 150),
        ("endDate", 200),
        ("noEnd", 200),
        ("numbered", 200),
    ] {
        assert!(seen.get(tag).is_some_and(|count| *count >= least), "{tag}: {:?}", seen.get(tag));
    }
}

/// Starts and ends of the occurrences of a case's series in its window, in UTC.
fn unrolled(direct: &mut Direct, user: &str, case: &Value) -> Value {
    let at = |name: &str| json!({"dateTime": case[name], "timeZone": case["zone"]});
    let event = json!({"subject": "Series", "start": at("start"), "end": at("end"),
        "recurrence": {"pattern": case["pattern"], "range": case["range"]}});
    let master = direct.post(&format!("/users/{user}/events"), &event).expect(201);
    let path = format!("/users/{user}/events/{}", master["id"].as_str().unwrap());
    let window = &case["window"];
    let (from, to) = (window[0].as_str().unwrap(), window[1].as_str().unwrap());
    let found = direct.all(&format!("{path}/instances?startDateTime={from}&endDateTime={to}&$top=100"));
    direct.delete(&path).expect(204);
    let minute = |time: &Value| format!("{}Z", &time["dateTime"].as_str().unwrap()[..16]);
    found.iter().map(|event| json!([minute(&event["start"]), minute(&event["end"])])).collect()
}
