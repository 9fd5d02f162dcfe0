//! Contacts and persons.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use crate::support::items::{as_contact, contact};
use crate::support::{Crm, held};
use std::collections::BTreeSet;
use tandem_crm::Options;
use tandem_crm_interface::sync::{Command, ContentType, RecordState, StatusCode};
use tandem_model::{Contact, Item, Stamp};

const PERSON: ContentType = ContentType::Person;

/// A CRM whose settings.xml has these groupware switches.
async fn with_switches(switches: &str) -> (tempfile::TempDir, Crm) {
    let folder = tempfile::tempdir().unwrap();
    let settings = format!("<settings><groupware>{switches}</groupware></settings>");
    std::fs::write(folder.path().join("settings.xml"), settings).unwrap();
    let crm = Crm::with(Options { system: Some(folder.path().to_owned()), ..Options::default() }).await;
    crm.add_rep("Ann", "Europe/Vienna").await;
    crm.add_rep("Bob", "Europe/Vienna").await;
    (folder, crm)
}

#[tokio::test]
async fn a_person_travels_to_every_address_book_under_a_key_of_each() {
    let (_folder, crm) = with_switches("").await;
    let since = Stamp(crm.counters().await.0);
    let carl = crm
        .insert("Person", &[("FirstName", "Carl"), ("LastName", "Customer"), ("Email", "carl@acme.example")])
        .await;
    for (rep, key) in [("ann", "a-1"), ("bob", "b-1")] {
        let rep = crm.rep(rep);
        let page = rep.changes(PERSON, since).await;
        assert_eq!(page.changes.len(), 1);
        let RecordState::Present { item, .. } = &page.changes[0].state else { panic!("{page:?}") };
        assert_eq!(as_contact(item).surname, "Customer");
        let map = Command::Map { record: carl.clone(), content_type: PERSON, key: key.into() };
        assert_eq!(rep.status(map).await.code, StatusCode::OK);
        assert_eq!(rep.get(&carl, PERSON).await.unwrap().keys, [key]);
    }
    crm.delete(&carl).await;
    for rep in ["ann", "bob"] {
        let page = crm.rep(rep).changes(PERSON, since).await;
        assert_eq!(page.changes[0].state, RecordState::Deleted);
    }
    crm.stop().await;
}

#[tokio::test]
async fn a_contact_whom_the_crm_knows_is_adopted() {
    let (_folder, crm) = with_switches("").await;
    let fields =
        [("FirstName", "Carl"), ("LastName", "Customer"), ("Email", "carl@acme.example"), ("Phone", "1")];
    let carl = crm.insert("Person", &fields).await;
    let before = crm.record(&carl).await.stamp;
    let ann = crm.rep("ann");
    let item =
        Contact { business_phones: vec!["2".into()], ..contact("Carlo", "Customer", "carl@acme.example") };
    let status = ann.add("a-1", Item::Contact(item.clone())).await;
    assert_eq!((status.code, status.record.as_ref()), (StatusCode::OK, Some(&carl)), "{status:?}");
    assert_eq!(status.notes[0].code, "adopted");
    let back = status.item.unwrap();
    assert_eq!(
        (as_contact(&back).given_name.as_str(), &as_contact(&back).business_phones[0]),
        ("Carl", &"1".to_owned())
    );
    assert_eq!(crm.record(&carl).await.stamp, before, "the person stays as it is");
    // Again: the key is known by now.
    assert_eq!(ann.add("a-1", Item::Contact(item.clone())).await.code, StatusCode::ALREADY_THERE);
    // A second contact of the same mailbox with that address cannot be the same person.
    let second = ann.add("a-2", Item::Contact(item)).await;
    assert_eq!((second.code, second.reason.as_deref()), (StatusCode::FORBIDDEN, Some("person-linked")));
    assert_eq!(crm.all("Person").await.len(), 3);
    crm.stop().await;
}

#[tokio::test]
async fn a_new_contact_is_refused_unless_persons_may_be_created() {
    let (_folder, crm) = with_switches("").await;
    let zoe = || Item::Contact(contact("Zoe", "Far", "zoe@far.example"));
    let before = crm.counters().await;
    let refused = crm.rep("ann").add("a-1", zoe()).await;
    assert_eq!((refused.code, refused.reason.as_deref()), (StatusCode::FORBIDDEN, Some("person-unknown")));
    assert_eq!(crm.counters().await, before);
    crm.stop().await;

    let (_folder, crm) = with_switches("<key name='Create new Persons' value='true'/>").await;
    let status = crm.rep("ann").add("a-1", zoe()).await;
    assert_eq!(status.code, StatusCode::ADDED, "{status:?}");
    let person = crm.record(&status.record.unwrap()).await;
    assert_eq!((held(&person)["LastName"], held(&person)["Email"]), ("Far", "zoe@far.example"));
    let again = crm.rep("ann").add("a-1", zoe()).await;
    assert_eq!(again.code, StatusCode::ALREADY_THERE);
    // In another mailbox she is the same person.
    let bobs = crm.rep("bob").add("b-1", zoe()).await;
    assert_eq!((bobs.code, bobs.record), (StatusCode::OK, again.record));
    crm.stop().await;
}

#[tokio::test]
async fn a_contact_deleted_in_outlook_leaves_the_person() {
    let (_folder, crm) = with_switches("").await;
    let carl = crm
        .insert("Person", &[("FirstName", "Carl"), ("LastName", "Customer"), ("Email", "carl@acme.example")])
        .await;
    let ann = crm.rep("ann");
    ann.add("a-1", Item::Contact(contact("Carl", "Customer", "carl@acme.example"))).await;
    let delete = || Command::Delete { record: carl.clone(), content_type: PERSON, if_stamp: None };
    for _ in 0..2 {
        let status = ann.status(delete()).await;
        assert_eq!((status.code, status.reason.as_deref()), (StatusCode::NOT_DELETED, Some("person-kept")));
    }
    assert_eq!(held(&crm.record(&carl).await)["LastName"], "Customer");
    assert!(crm.all("ExternalKey").await.is_empty());
    crm.stop().await;
}

#[tokio::test]
async fn an_edit_of_a_linked_contact_changes_its_fields_only() {
    let (_folder, crm) = with_switches("").await;
    let fields =
        [("FirstName", "Carl"), ("LastName", "Customer"), ("Email", "carl@acme.example"), ("City", "Graz")];
    let carl = crm.insert("Person", &fields).await;
    let ann = crm.rep("ann");
    let item = Contact { mobile_phone: "0664".into(), ..contact("Carl", "Customer", "carl@acme.example") };
    let stamp = ann.add("a-1", Item::Contact(item.clone())).await.stamp;
    let replace = Command::Replace {
        record: carl.clone(),
        item: Item::Contact(item),
        fields: BTreeSet::from(["mobile_phone".to_owned()]),
        if_stamp: stamp,
    };
    assert_eq!(ann.status(replace).await.code, StatusCode::OK);
    let person = crm.record(&carl).await;
    assert_eq!((held(&person)["Mobile"], held(&person)["City"]), ("0664", "Graz"));
    let page = crm.rep("bob").changes(PERSON, stamp.unwrap()).await;
    assert_eq!(page.changes.len(), 1, "the other address book is told");
    crm.stop().await;
}

#[tokio::test]
async fn filters_of_settings_xml_hold() {
    let (_folder, crm) = with_switches("<key name='Filter by favorites' value='true'/>").await;
    let since = Stamp(crm.counters().await.0);
    crm.insert("Person", &[("LastName", "Plain")]).await;
    crm.insert("Person", &[("LastName", "Favourite"), ("Favorite", "true")]).await;
    let page = crm.rep("ann").changes(PERSON, since).await;
    let names = page.changes.iter().map(|change| match &change.state {
        RecordState::Present { item, .. } => as_contact(item).surname.clone(),
        other => panic!("{other:?}"),
    });
    assert_eq!(names.collect::<Vec<_>>(), ["Favourite"]);
    crm.stop().await;
}

#[tokio::test]
async fn a_company_is_a_contact_without_a_person() {
    let (_folder, crm) = with_switches("").await;
    let since = Stamp(crm.counters().await.0);
    let acme =
        crm.insert("Company", &[("Company", "Acme"), ("Phone", "1"), ("Email", "office@acme.example")]).await;
    let ann = crm.rep("ann");
    let page = ann.changes(PERSON, since).await;
    let RecordState::Present { item, .. } = &page.changes[0].state else { panic!("{page:?}") };
    let contact = as_contact(item).clone();
    assert_eq!((contact.company.as_str(), contact.surname.as_str()), ("Acme", ""));
    assert_eq!(contact.business_phones, ["1"]);
    let map = Command::Map { record: acme.clone(), content_type: PERSON, key: "a-1".into() };
    assert_eq!(ann.status(map).await.code, StatusCode::OK);
    let replace = Command::Replace {
        record: acme.clone(),
        item: Item::Contact(Contact { business_phones: vec!["2".into()], ..contact }),
        fields: BTreeSet::from(["business_phones".to_owned()]),
        if_stamp: None,
    };
    assert_eq!(ann.status(replace).await.code, StatusCode::OK);
    assert_eq!(
        (held(&crm.record(&acme).await)["Phone"], held(&crm.record(&acme).await)["Company"]),
        ("2", "Acme")
    );
    let page = crm.rep("bob").changes(PERSON, page.next).await;
    assert_eq!(page.changes.len(), 1, "the other address book is told");
    crm.delete(&acme).await;
    assert_eq!(ann.changes(PERSON, page.next).await.changes[0].state, RecordState::Deleted);
    crm.stop().await;
}
