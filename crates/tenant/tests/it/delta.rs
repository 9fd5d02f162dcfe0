//! Delta queries: what a reader who follows the links knows is what a reader of everything sees.

use crate::calendar::event;
use crate::support::{Site, empty, text};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// A reader who keeps what delta tells.
#[derive(Default, Clone)]
struct Replica {
    items: BTreeMap<String, String>,
    link: Option<String>,
}

impl Replica {
    /// Follows a delta to its end, `size` entries a page; what is told last counts.
    async fn follow(&mut self, site: &Site, first: &str, size: usize) {
        let mut next = self.link.clone().unwrap_or_else(|| first.to_owned());
        let prefer = format!("IdType=\"ImmutableId\", odata.maxpagesize={size}");
        loop {
            let page = site.send("GET", &next, &[("prefer", &prefer)], None).await.expect(200);
            let entries = page["value"].as_array().unwrap();
            assert!(entries.len() <= size, "{} entries on a page of {size}", entries.len());
            for entry in entries {
                let id = text(entry, "id");
                if entry["@removed"].is_object() {
                    self.items.remove(&id);
                } else {
                    self.items.insert(id, text(entry, "@odata.etag"));
                }
            }
            if let Some(link) = page["@odata.deltaLink"].as_str() {
                self.link = Some(link.to_owned());
                return;
            }
            next = text(&page, "@odata.nextLink");
        }
    }
}

/// What can happen to mail.
#[derive(Debug, Clone)]
enum Act {
    Arrive(bool),
    Touch(usize),
    Move(usize, bool),
    Delete(usize),
    Read(usize),
    Start,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => any::<bool>().prop_map(Act::Arrive),
        2 => any::<usize>().prop_map(Act::Touch),
        2 => (any::<usize>(), any::<bool>()).prop_map(|(which, to)| Act::Move(which, to)),
        1 => any::<usize>().prop_map(Act::Delete),
        3 => any::<usize>().prop_map(Act::Read),
        1 => Just(Act::Start),
    ]
}

const FOLDERS: [&str; 2] = ["inbox", "archive"];

/// All messages of a folder, read page by page.
async fn whole(site: &Site, user: &str, folder: &str, size: usize) -> BTreeMap<String, String> {
    let path = format!("/users/{user}/mailFolders/{folder}/messages?$top={size}");
    let all = site.all(&path).await;
    let found: BTreeMap<_, _> =
        all.iter().map(|message| (text(message, "id"), text(message, "@odata.etag"))).collect();
    assert_eq!(found.len(), all.len(), "no message on two pages");
    found
}

async fn play(acts: Vec<Act>, size: usize) {
    let site = empty().await;
    let user = site.user("ada").await;
    let mut known: Vec<String> = Vec::new();
    let mut readers: Vec<[Replica; 2]> = vec![Default::default()];
    for act in acts {
        let pick = |which: usize| known.get(which % known.len().max(1)).cloned();
        match act {
            Act::Arrive(archive) => {
                let folder = if archive { "/archive" } else { "/inbox" };
                let body = json!({"subject": "x", "folder": folder});
                let made =
                    site.control("POST", &format!("/users/{user}/messages"), Some(body)).await.expect(201);
                known.push(text(&made, "id"));
            }
            Act::Touch(which) => {
                if let Some(id) = pick(which) {
                    site.patch(&format!("/users/{user}/messages/{id}"), json!({"isRead": true})).await;
                }
            }
            Act::Move(which, archive) => {
                if let Some(id) = pick(which) {
                    let to = json!({"destinationId": FOLDERS[usize::from(archive)]});
                    site.post(&format!("/users/{user}/messages/{id}/move"), to).await;
                }
            }
            Act::Delete(which) => {
                if let Some(id) = pick(which) {
                    site.delete(&format!("/users/{user}/messages/{id}")).await;
                }
            }
            Act::Read(which) => {
                let reader = which % readers.len();
                for (replica, folder) in readers[reader].iter_mut().zip(FOLDERS) {
                    let first = format!("/users/{user}/mailFolders/{folder}/messages/delta");
                    replica.follow(&site, &first, size).await;
                }
            }
            Act::Start => readers.push(Default::default()),
        }
    }
    for reader in &mut readers {
        for (replica, folder) in reader.iter_mut().zip(FOLDERS) {
            let first = format!("/users/{user}/mailFolders/{folder}/messages/delta");
            replica.follow(&site, &first, size).await;
            assert_eq!(replica.items, whole(&site, &user, folder, size).await, "{folder}");
            let link = replica.link.clone().unwrap();
            let idle = site.immutable("GET", &link, None).await.expect(200);
            assert_eq!(idle["value"], json!([]));
            assert_eq!(idle["@odata.deltaLink"], link.as_str(), "nothing happened, nothing is told");
        }
    }
    site.stop().await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whoever_follows_the_links_knows_what_is_there(
        acts in prop::collection::vec(act(), 1..40),
        size in 1_usize..7,
    ) {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(play(acts, size));
    }
}

#[tokio::test]
async fn changes_between_pages_are_not_lost() {
    let site = empty().await;
    let user = site.user("ada").await;
    let mut ids = Vec::new();
    for subject in ["a", "b", "c"] {
        let body = json!({"subject": subject, "folder": "/inbox"});
        let made = site.control("POST", &format!("/users/{user}/messages"), Some(body)).await.expect(201);
        ids.push(text(&made, "id"));
    }
    let first = format!("/users/{user}/mailFolders/inbox/messages/delta?$top=1&$select=subject");
    let page = site.immutable("GET", &first, None).await.expect(200);
    assert_eq!(page["value"][0]["id"], ids[0].as_str());
    assert!(page["value"][0].get("body").is_none());
    // What was told is deleted, what was not is moved away, before the reader comes back.
    for id in [&ids[0], &ids[1]] {
        site.delete(&format!("/users/{user}/messages/{id}")).await.expect(204);
    }
    let (rest, _) = site.delta(page["@odata.nextLink"].as_str().unwrap()).await;
    let told = |id: &str| rest.iter().rfind(|entry| entry["id"] == id).unwrap();
    assert!(told(&ids[0])["@removed"].is_object());
    assert!(told(&ids[2])["@removed"].is_null());
    assert!(told(&ids[2]).get("body").is_none(), "the selection of the first call holds");
    site.stop().await;
}

#[tokio::test]
async fn dead_tokens_say_start_again() {
    let site = empty().await;
    let user = site.user("ada").await;
    let first = format!("/users/{user}/contacts/delta");
    let (_, oldest) = site.delta(&first).await;
    let mut link = oldest.clone();
    for number in 0..10 {
        let contact = json!({"givenName": number.to_string()});
        site.post(&format!("/users/{user}/contacts"), contact).await.expect(201);
        if number == 3 {
            site.immutable("GET", &oldest, None).await.expect(200);
        }
        link = site.delta(&link).await.1;
    }
    let answer = site.immutable("GET", &oldest, None).await;
    assert_eq!(answer.code(410), "SyncStateNotFound");
    // The answer says where to start again.
    let again = answer.headers["location"].to_str().unwrap();
    assert!(again.ends_with("/contacts/delta?$deltatoken="));
    assert_eq!(site.delta(again).await.0.len(), 10);
    let garbage = format!("{first}?$deltatoken=abc");
    assert_eq!(site.immutable("GET", &garbage, None).await.code(410), "SyncStateNotFound");
    let elsewhere = link.replace("/contacts/delta", "/contactFolders/delta");
    assert_eq!(site.immutable("GET", &elsewhere, None).await.code(410), "SyncStateNotFound");
    assert_eq!(site.delta(&first).await.0.len(), 10);
    let whole_mailbox = site.get(&format!("/users/{user}/messages/delta")).await;
    assert_eq!(whole_mailbox.code(400), "BadRequest");
    let no_window = site.get(&format!("/users/{user}/events/delta")).await;
    assert_eq!(no_window.code(400), "BadRequest");
    site.stop().await;
}

#[tokio::test]
async fn changes_can_be_narrowed_by_their_kind() {
    let site = empty().await;
    let user = site.user("ada").await;
    let messages = format!("/users/{user}/messages");
    let first = |kind: &str| format!("/users/{user}/mailFolders/inbox/messages/delta?changeType={kind}");
    let mut links = BTreeMap::new();
    for kind in ["created", "updated", "deleted"] {
        links.insert(kind, site.delta(&first(kind)).await.1);
    }
    let make = || site.control("POST", "/users/ada@meridian.example/messages", Some(json!({"subject": "x"})));
    let (stays, goes) = (text(&make().await.expect(201), "id"), text(&make().await.expect(201), "id"));
    let (created, next) = site.delta(&links["created"]).await;
    assert_eq!(created.len(), 2);
    let (updated, updates) = site.delta(&links["updated"]).await;
    assert!(updated.is_empty());
    site.patch(&format!("{messages}/{stays}"), json!({"isRead": true})).await.expect(200);
    site.delete(&format!("{messages}/{goes}")).await.expect(204);
    assert!(site.delta(&next).await.0.is_empty());
    let (updated, _) = site.delta(&updates).await;
    assert_eq!(updated.iter().map(|entry| text(entry, "id")).collect::<Vec<_>>(), [stays]);
    let (deleted, _) = site.delta(&links["deleted"]).await;
    assert_eq!(deleted.iter().map(|entry| text(entry, "id")).collect::<Vec<_>>(), [goes]);
    site.stop().await;
}

fn view(user: &str, extra: &str) -> String {
    format!(
        "/users/{user}/calendarView/delta?startDateTime=2026-10-01T00:00:00Z&endDateTime=2026-11-01T00:00:00Z{extra}"
    )
}

#[tokio::test]
async fn a_calendar_tells_bare_occurrences_and_takes_leaving_the_window_for_removal() {
    let site = empty().await;
    let user = site.user("ada").await;
    let events = format!("/users/{user}/events");
    let single = event("Single", "2026-10-05T10:00:00", "2026-10-05T11:00:00");
    let single = text(&site.immutable("POST", &events, Some(single)).await.expect(201), "id");
    let outside = event("Outside", "2026-12-05T10:00:00", "2026-12-05T11:00:00");
    let outside = text(&site.immutable("POST", &events, Some(outside)).await.expect(201), "id");
    let mut series = event("Series", "2026-10-06T10:00:00", "2026-10-06T11:00:00");
    series["recurrence"] = json!({"pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["tuesday"]},
        "range": {"type": "noEnd", "startDate": "2026-10-06"}});
    let series = text(&site.immutable("POST", &events, Some(series)).await.expect(201), "id");
    let (first, link) = site.delta(&view(&user, "")).await;
    let ids: BTreeSet<String> = first.iter().map(|entry| text(entry, "id")).collect();
    assert!(ids.contains(&single) && ids.contains(&series) && !ids.contains(&outside));
    let bare: Vec<&Value> = first.iter().filter(|entry| entry["type"] == "occurrence").collect();
    assert_eq!(bare.len(), 4);
    let members: BTreeSet<&str> = bare[0].as_object().unwrap().keys().map(String::as_str).collect();
    let expected = ["@odata.etag", "@odata.type", "end", "id", "seriesMasterId", "start", "type"];
    assert_eq!(members, expected.into_iter().collect());
    // A deleted occurrence is not told as such: only its master and the others come again.
    site.delete(&format!("{events}/{}", text(bare[1], "id"))).await.expect(204);
    let (second, link) = site.delta(&link).await;
    assert!(second.iter().all(|entry| entry["@removed"].is_null()));
    assert_eq!(second.len(), 4);
    let later = json!({"start": {"dateTime": "2026-12-01T10:00:00", "timeZone": "UTC"}, "end": {"dateTime": "2026-12-01T11:00:00", "timeZone": "UTC"}});
    site.patch(&format!("{events}/{single}"), later).await.expect(200);
    site.patch(&format!("{events}/{outside}"), json!({"subject": "Still outside"})).await.expect(200);
    site.delete(&format!("{events}/{series}")).await.expect(204);
    let (third, link) = site.delta(&link).await;
    let removed: BTreeSet<String> = third.iter().map(|entry| text(entry, "id")).collect();
    assert!(third.iter().all(|entry| entry["@removed"].is_object()));
    assert_eq!(removed, [single, outside, series].into());
    assert!(site.delta(&link).await.0.is_empty());
    for option in ["$select=subject", "$filter=subject eq 'x'", "$expand=attachments", "$orderby=subject"] {
        let refused = site.get(&view(&user, &format!("&{option}"))).await;
        assert_eq!(refused.code(400), "ErrorInvalidUrlQuery", "{option}");
    }
    site.stop().await;
}

#[tokio::test]
async fn entries_of_a_series_stay_on_one_page() {
    let site = empty().await;
    let user = site.user("ada").await;
    for number in 1..6 {
        let mut series =
            event("Series", &format!("2026-10-0{number}T10:00:00"), &format!("2026-10-0{number}T11:00:00"));
        series["recurrence"] = json!({"pattern": {"type": "daily", "interval": 7},
            "range": {"type": "numbered", "startDate": format!("2026-10-0{number}"), "numberOfOccurrences": 3}});
        site.post(&format!("/users/{user}/events"), series).await.expect(201);
    }
    let (mut next, mut pages, mut seen) = (view(&user, ""), 0, BTreeSet::new());
    loop {
        let headers = [("prefer", "odata.maxpagesize=5")];
        let page = site.send("GET", &next, &headers, None).await.expect(200);
        pages += 1;
        let masters: BTreeSet<String> = page["value"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["seriesMasterId"].as_str().unwrap_or(entry["id"].as_str().unwrap()).to_owned())
            .collect();
        assert!(masters.is_disjoint(&seen), "a series on two pages");
        seen.extend(masters);
        match page["@odata.nextLink"].as_str() {
            Some(link) => next = link.to_owned(),
            None => break,
        }
    }
    assert_eq!((seen.len(), pages), (5, 3));
    site.stop().await;
}
