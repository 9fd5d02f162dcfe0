//! Users, folders, lists.

use crate::scripted::*;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tandem_graph::Class;

#[tokio::test]
async fn users_come_from_all_pages_with_all_their_addresses() {
    let (graph, script) = graph(in_turn(vec![
        ok(json!({"value": [
            {"id": "1", "displayName": "Ann", "mail": "Ann@Example.com",
             "proxyAddresses": ["SMTP:ann@example.com", "smtp:a.old@example.com", "x500:/o=x", "SIP:ann@example.com"]},
            {"id": "2", "displayName": "Room", "mail": null, "proxyAddresses": []},
        ], "@odata.nextLink": format!("{BASE}/v1.0/users?$skiptoken=2")})),
        ok(
            json!({"value": [{"id": "3", "displayName": null, "mail": null, "proxyAddresses": ["SMTP:c@example.com"]}]}),
        ),
    ]));
    let users = graph.users().await.unwrap();
    let short: Vec<_> = users
        .iter()
        .map(|user| {
            (
                user.id.as_str(),
                user.mail.as_str(),
                user.addresses.iter().map(|a| a.as_str()).collect::<Vec<_>>(),
            )
        })
        .collect();
    assert_eq!(
        short,
        [
            ("1", "ann@example.com", vec!["a.old@example.com", "ann@example.com"]),
            ("3", "c@example.com", vec!["c@example.com"]),
        ]
    );
    assert_eq!(script.graph()[1].url, format!("{BASE}/v1.0/users?$skiptoken=2"));
}

/// A German mailbox: `Posteingang/CRM/Sync_Success`.
fn german(sent: &Sent) -> Played {
    let folder = |id: &str, name: &str, children: u32| json!({"id": id, "displayName": name, "childFolderCount": children});
    let path = sent.path.strip_prefix("/v1.0/users/ann").unwrap();
    let list = |values: Vec<Value>| ok(json!({"value": values}));
    match (sent.method.as_str(), path) {
        ("GET", "/mailFolders/inbox") => ok(folder("in", "Posteingang", 2)),
        ("GET", "/mailFolders") => list(vec![folder("in", "Posteingang", 2), folder("ar", "Archiv", 0)]),
        ("GET", "/mailFolders/in/childFolders") => {
            list(vec![folder("x", "Anderes", 0), folder("crm", "CRM", 2)])
        }
        ("GET", "/mailFolders/crm/childFolders") => {
            list(vec![folder("ok", "Sync_Success", 1), folder("no", "Sync_Failure", 0)])
        }
        ("GET", "/mailFolders/ok/childFolders") => list(vec![folder("y", "2026", 0)]),
        ("POST", "/mailFolders/ar/childFolders") => {
            status(201, folder("new", sent.body["displayName"].as_str().unwrap(), 0))
        }
        ("POST", "/mailFolders/crm/childFolders") => refusal(409, "ErrorFolderExists"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_synchronisation_folder_is_found_in_any_language_with_all_below_it() {
    for path in ["/Inbox/crm", "Posteingang/crm/", "/<inbox>/crm"] {
        let (mailbox, _) = mailbox(german);
        let folders = mailbox.mail_folders(path, false).await.unwrap();
        let root = format!("/{}", path.trim_matches('/'));
        let short: Vec<_> =
            folders.iter().map(|f| (f.id.as_str(), f.path.strip_prefix(&root).unwrap())).collect();
        assert_eq!(
            short,
            [("crm", ""), ("no", "/Sync_Failure"), ("ok", "/Sync_Success"), ("y", "/Sync_Success/2026")]
        );
    }
}

#[tokio::test]
async fn the_inbox_is_looked_up_once_for_each_mailbox_that_its_owner_has() {
    let moved = Arc::new(AtomicBool::new(false));
    let now = Arc::clone(&moved);
    let (mailbox, script) = mailbox(move |sent| {
        let folder = |id: &str, name: &str| json!({"id": id, "displayName": name, "childFolderCount": 1});
        let moved = now.load(Ordering::Relaxed);
        match (sent.path.strip_prefix("/v1.0/users/ann").unwrap(), moved) {
            ("/mailFolders/inbox", false) => ok(folder("in", "Inbox")),
            ("/mailFolders/inbox", true) => ok(folder("in2", "Inbox")),
            ("/mailFolders/in/childFolders", true) => refusal(404, "ErrorItemNotFound"),
            ("/mailFolders/in/childFolders", false) => ok(json!({"value": [folder("crm", "crm")]})),
            ("/mailFolders/in2/childFolders", true) => ok(json!({"value": [folder("crm2", "crm")]})),
            (_, _) => ok(json!({"value": []})),
        }
    });
    let found = async || mailbox.mail_folders("/Inbox/crm", false).await.map(|found| found[0].id.clone());
    assert_eq!((found().await.unwrap(), found().await.unwrap()), ("crm".to_owned(), "crm".to_owned()));
    moved.store(true, Ordering::Relaxed);
    assert_eq!(found().await.unwrap_err().class(), Class::Gone);
    assert_eq!(found().await.unwrap(), "crm2");
    let asked = script.lines().iter().filter(|line| line.ends_with("/mailFolders/inbox")).count();
    assert_eq!(asked, 2);
}

#[tokio::test]
async fn a_missing_folder_is_made_only_on_demand() {
    let (mailbox, script) = mailbox(german);
    assert_eq!(mailbox.mail_folders("/Archiv/crm", false).await.unwrap(), []);
    let made = mailbox.ensure_folder("/Archiv/crm").await.unwrap();
    assert_eq!((made.id.as_str(), made.path.as_str()), ("new", "/Archiv/crm"));
    assert_eq!(script.lines().last().unwrap(), "POST /mailFolders/ar/childFolders");
    // Somebody else made it between look and create.
    let error = mailbox.ensure_folder("/Inbox/crm/Sync_Other").await.unwrap_err();
    assert_eq!(error.class(), Class::Changed);
    assert!(mailbox.ensure_folder(" / ").await.is_err());
}

#[tokio::test]
async fn the_default_contact_folder_comes_first_and_once() {
    let folder = |id: &str, name: &str| json!({"id": id, "displayName": name});
    for listed in [vec![folder("f", "Friends")], vec![folder("f", "Friends"), folder("c", "Contacts")]] {
        let (mailbox, script) = mailbox(move |sent| match sent.path.as_str() {
            "/v1.0/users/ann/contactFolders" => ok(json!({"value": listed})),
            "/v1.0/users/ann/contactFolders/contacts" => ok(folder("c", "Contacts")),
            other => panic!("{other}"),
        });
        let folders = mailbox.contact_folders().await.unwrap();
        let short: Vec<_> = folders.iter().map(|f| (f.id.as_str(), f.default)).collect();
        assert_eq!(short, [("c", true), ("f", false)]);
        assert_eq!(mailbox.contact_folders().await.unwrap(), folders);
        assert_eq!(script.graph().len(), 3, "the default folder is looked up once");
    }
}

#[tokio::test]
async fn task_lists_tell_which_is_the_default_and_which_can_be_written() {
    let (mailbox, _) = mailbox(|_| {
        ok(json!({"value": [
            {"id": "1", "displayName": "Tasks", "wellknownListName": "defaultList", "isOwner": true},
            {"id": "2", "displayName": "Flagged", "wellknownListName": "flaggedEmails", "isOwner": true},
            {"id": "3", "displayName": "Shared", "wellknownListName": "none", "isOwner": false},
            {"id": "4", "displayName": "Mine", "wellknownListName": "none", "isOwner": true},
        ]}))
    });
    let lists = mailbox.task_lists().await.unwrap();
    let short: Vec<_> = lists.iter().map(|l| (l.id.as_str(), l.default, l.writable)).collect();
    assert_eq!(short, [("1", true, true), ("2", false, false), ("3", false, false), ("4", false, true)]);
}
