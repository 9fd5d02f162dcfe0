//! Ids that an older connector noted.

use crate::scripted::*;
use serde_json::{Value, json};
use tandem_graph::{Class, ExchangeIdForm};
use tandem_model::Kind;

fn numbered(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("old{number}")).collect()
}

/// Translates whatever is asked, but `gone` names nothing any more, and a request that holds `bad` is refused.
fn translating(sent: &Sent) -> Played {
    assert_eq!((sent.method.as_str(), sent.path.as_str()), ("POST", "/v1.0/users/ann/translateExchangeIds"));
    assert_eq!(sent.body["targetIdType"], "restImmutableEntryId");
    let ids: Vec<&str> =
        sent.body["inputIds"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
    if ids.contains(&"bad") {
        return refusal(400, "ErrorInvalidIdMalformed");
    }
    let one = |id: &&str| match *id {
        "gone" => json!({"sourceId": id, "errorDetails": {"code": "ErrorItemNotFound", "message": "no"}}),
        id => json!({"sourceId": id, "targetId": format!("new-{id}")}),
    };
    // The order of the answer is not promised.
    ok(json!({"value": ids.iter().rev().map(one).collect::<Vec<Value>>()}))
}

#[tokio::test]
async fn a_thousand_ids_go_into_a_request_and_what_names_nothing_is_left_out() {
    let (ann, script) = mailbox(translating);
    let mut ids = numbered(1001);
    ids.push("gone".to_owned());
    let found = ann.translate_ids(ExchangeIdForm::Ews, &ids).await.unwrap();
    assert_eq!(found.len(), 1001);
    assert_eq!(found["old1000"].as_str(), "new-old1000");
    let sizes: Vec<usize> =
        script.graph().iter().map(|sent| sent.body["inputIds"].as_array().unwrap().len()).collect();
    assert_eq!(sizes, [1000, 2]);
    assert_eq!(script.graph()[0].body["sourceIdType"], "ewsId");
}

#[tokio::test]
async fn an_id_that_is_refused_does_not_take_the_others_along() {
    let (ann, script) = mailbox(translating);
    let mut ids = numbered(16);
    ids.insert(5, "bad".to_owned());
    let found = ann.translate_ids(ExchangeIdForm::Entry, &ids).await.unwrap();
    assert_eq!(found.len(), 16);
    assert!(script.graph().len() < 12, "halves, not one by one");
}

#[tokio::test]
async fn no_ids_are_no_request_and_a_forbidden_one_says_so() {
    let (ann, script) = mailbox(|_| refusal(403, "ErrorAccessDenied"));
    assert!(ann.translate_ids(ExchangeIdForm::Ews, &[]).await.unwrap().is_empty());
    assert!(script.graph().is_empty());
    let error = ann.translate_ids(ExchangeIdForm::Ews, &numbered(1)).await.unwrap_err();
    assert_eq!(error.class(), Class::Denied);
}

#[tokio::test]
async fn where_nobody_may_translate_the_item_itself_tells_its_id() {
    let (ann, script) = mailbox(|sent| match sent.path.as_str() {
        "/v1.0/users/ann/events/AAMk_a-b=" => ok(json!({"id": "immutable"})),
        "/v1.0/users/ann/events/AAMkgone=" => refusal(404, "ErrorItemNotFound"),
        _ => refusal(400, "ErrorInvalidIdMalformed"),
    });
    let find = async |ews: &str| ann.find_by_ews_id(Kind::Appointment, ews).await.unwrap();
    assert_eq!(find("AAMk+a/b=").await.unwrap().as_str(), "immutable");
    assert!(script.graph()[0].headers["prefer"].contains("ImmutableId"));
    assert_eq!((find("AAMkgone=").await, find("AAMkother=").await), (None, None));
    assert_eq!(ann.find_by_ews_id(Kind::Task, "AAMk+a/b=").await.unwrap(), None);
    assert_eq!(script.graph().len(), 3);
}
