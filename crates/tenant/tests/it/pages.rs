//! Lists hold the same whatever the size of their pages, and nothing twice.

use crate::bench::Bench;
use crate::support::text;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tandem_tenant::Limits;

const ADA: &str = "/users/ada@meridian.example";

/// What is listed, where it is made, and a new member.
fn collections(number: usize) -> Vec<(String, String, Value)> {
    let same = |path: &str, body: Value| (format!("{ADA}{path}"), format!("{ADA}{path}"), body);
    let name = format!("x{number}");
    let hour = number % 3 + 8;
    let at = |minute: usize| json!({"dateTime": format!("2026-11-02T{hour:02}:{minute:02}:00"), "timeZone": "UTC"});
    let event = json!({"subject": name, "start": at(0), "end": at(30)});
    let window = "startDateTime=2026-11-01T00:00:00Z&endDateTime=2026-11-30T00:00:00Z";
    let series = json!({"subject": name, "start": at(0), "end": at(30), "recurrence": {
        "pattern": {"type": "daily", "interval": 1},
        "range": {"type": "numbered", "startDate": "2026-11-02", "numberOfOccurrences": 3}}});
    vec![
        same("/messages", json!({"subject": name})),
        same("/mailFolders/inbox/messages", json!({"subject": name})),
        same("/mailFolders", json!({"displayName": name})),
        same("/contacts", json!({"givenName": name})),
        same("/contactFolders", json!({"displayName": name})),
        same("/todo/lists", json!({"displayName": name})),
        same("/todo/lists/tasks/tasks", json!({"title": name})),
        same("/events", event),
        (format!("{ADA}/calendarView?{window}"), format!("{ADA}/events"), series),
    ]
}

fn ids(items: &[Value]) -> BTreeSet<String> {
    items.iter().map(|item| text(item, "id")).collect()
}

/// The members of a list on one large page, after they were read on pages of a size; nothing may come twice.
fn whole(bench: &mut Bench, path: &str, size: usize) -> BTreeSet<String> {
    let joint = if path.contains('?') { '&' } else { '?' };
    let paged = bench.all(&format!("{path}{joint}$top={size}"));
    let whole = bench.all(&format!("{path}{joint}$top=999"));
    assert_eq!(paged.len(), ids(&paged).len(), "nothing twice in {path} by {size}");
    assert_eq!(ids(&paged), ids(&whole), "{path} by {size}");
    ids(&whole)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, rng_seed: RngSeed::Fixed(4), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pages_of_any_size_hold_the_same(count in 0_usize..14, size in 1_usize..9) {
        let mut bench = Bench::new(Limits::none(), &["ada"]);
        let mut made: Vec<BTreeSet<String>> = vec![BTreeSet::new(); collections(0).len()];
        for number in 0..count {
            let user = json!({"mail": format!("user{number}@meridian.example")});
            prop_assert_eq!(bench.control("POST", "/users", Some(&user)).status, 201);
            for (made, (_, at, body)) in made.iter_mut().zip(collections(number)) {
                let answer = bench.send("POST", &at, Some(&body));
                prop_assert_eq!(answer.status, 201, "{}: {}", at, answer.value());
                made.insert(text(&answer.value(), "id"));
            }
        }
        for (made, (list, at, _)) in made.iter().zip(collections(0)) {
            let whole = whole(&mut bench, &list, size);
            if list == at {
                prop_assert!(made.is_subset(&whole), "{}", list);
            } else {
                // A single event and the three days of a series for each.
                prop_assert_eq!(whole.len(), 4 * count, "{}", list);
            }
        }
        prop_assert_eq!(whole(&mut bench, "/users", size).len(), count + 1);
    }
}
