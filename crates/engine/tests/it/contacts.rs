//! Contacts: the CRM's persons in address books.

#![allow(clippy::unwrap_used, reason = "tests may stop at the first surprise")]

use crate::stage::{ANN, KARL, Stage};
use serde_json::{Value, json};
use tandem_audit::Record;
use tandem_model::Kind;

/// Karl as the CRM knows him.
async fn person(stage: &Stage) -> Record {
    let mut found = stage.records("Person").await;
    found.retain(|person| person.get("Email") == KARL);
    assert_eq!(found.len(), 1, "{found:#?}");
    found.remove(0)
}

/// Ann's only contact.
async fn contact(stage: &Stage) -> Value {
    let mut found = stage.contacts("ann").await;
    assert_eq!(found.len(), 1, "{found:#?}");
    found.remove(0)
}

async fn enters(stage: &Stage, address: &str, more: Value) -> String {
    let mut contact = json!({"givenName": "Karl", "surname": "Kunde", "emailAddresses": [{"name": "Karl", "address": address}]});
    for (name, value) in more.as_object().unwrap() {
        contact[name] = value.clone();
    }
    let created = stage.outlook("POST", &format!("/users/{ANN}/contacts"), contact).await;
    created["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_person_of_the_crm_comes_into_his_reps_address_book() {
    let stage = Stage::set().await;
    stage.settle().await;
    let contact = contact(&stage).await;
    assert_eq!((&contact["givenName"], &contact["surname"]), (&json!("Karl"), &json!("Kunde")));
    assert_eq!(contact["businessPhones"], json!(["+43 1 111"]));
    assert!(stage.contacts("ben").await.is_empty(), "he is not Ben's");
    stage.was(&person(&stage).await.name(), "new-in-crm").await;
    stage.strike().await;
}

#[tokio::test]
async fn a_contact_is_adopted_by_its_address() {
    let stage = Stage::set().await;
    enters(&stage, "Karl@Kunde.example", json!({"jobTitle": "Buyer"})).await;
    stage.settle().await;
    let (contact, person) = (contact(&stage).await, person(&stage).await);
    assert_eq!(contact["businessPhones"], json!(["+43 1 111"]));
    assert_eq!((person.get("Function"), person.get("Phone")), ("Buyer", "+43 1 111"));
    stage.was(&person.name(), "adopted").await;
    stage.strike().await;
}

#[tokio::test]
async fn both_sides_change_a_contact_field_by_field() {
    let stage = Stage::set().await;
    stage.settle().await;
    let id = contact(&stage).await["id"].as_str().unwrap().to_owned();
    stage.outlook("PATCH", &format!("/users/{ANN}/contacts/{id}"), json!({"mobilePhone": "+43 664 5"})).await;
    stage.edits("Person", &person(&stage).await, &[("Function", "Head of Sales")]).await;
    stage.settle().await;
    let (contact, person) = (contact(&stage).await, person(&stage).await);
    assert_eq!(
        (&contact["mobilePhone"], &contact["jobTitle"]),
        (&json!("+43 664 5"), &json!("Head of Sales"))
    );
    assert_eq!((person.get("Mobile"), person.get("Function")), ("+43 664 5", "Head of Sales"));
    assert_eq!(contact["id"], json!(id), "changed in place");
    stage.strike().await;
}

#[tokio::test]
async fn what_a_user_removes_from_his_address_book_stays_removed() {
    let stage = Stage::set().await;
    stage.settle().await;
    let id = contact(&stage).await["id"].as_str().unwrap().to_owned();
    stage.outlook("DELETE", &format!("/users/{ANN}/contacts/{id}"), Value::Null).await;
    stage.settle().await;
    let karl = person(&stage).await;
    assert!(!karl.is("Deleted"));
    stage.was(&karl.name(), "removed-by-user").await;

    stage.edits("Person", &karl, &[("Phone", "+43 1 222")]).await;
    stage.settle().await;
    assert!(stage.contacts("ann").await.is_empty());
    assert!(!person(&stage).await.is("Deleted"));
    stage.strike().await;
}

#[tokio::test]
async fn a_contact_that_the_crm_does_not_know_is_refused() {
    let stage = Stage::set().await;
    enters(&stage, "stranger@new.example", json!({"surname": "Fremd"})).await;
    stage.settle().await;
    let links = stage.links("ann", Kind::Contact).await;
    let refused: Vec<_> = links.iter().filter(|link| link.reason == "person-unknown").collect();
    assert_eq!(refused.len(), 1, "{links:#?}");
    stage.was(refused[0].graph.as_ref().unwrap().as_str(), "person-unknown").await;
    assert!(stage.records("Person").await.iter().all(|person| person.get("Email") != "stranger@new.example"));
    assert_eq!(stage.contacts("ann").await.len(), 2, "his own entry stays");
    stage.strike().await;
}
