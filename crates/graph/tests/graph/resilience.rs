//! Waiting, repeating, and not repeating.

use crate::scripted::*;
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tandem_graph::{Class, ClientLimits, GraphError, Place};
use tandem_model::{Contact, GraphId, Item, Kind, MailboxId};
use tandem_outside::TransportError;
use tokio::time::Instant;

fn contact() -> Item {
    Item::Contact(Contact { given_name: "Ann".into(), ..Contact::default() })
}

fn created() -> Played {
    status(201, json!({"id": "c1", "@odata.etag": "W/\"1\"", "givenName": "Ann"}))
}

#[tokio::test(start_paused = true)]
async fn a_mailbox_never_has_more_than_four_requests_at_once_and_mailboxes_do_not_wait_for_each_other() {
    let limits = ClientLimits::default();
    let (graph, script) = raw(Duration::from_secs(1), limits, |sent| {
        if sent.is_token() { granted("t") } else { refusal(404, "ErrorItemNotFound") }
    });
    graph.users().await.unwrap_err();
    let read = |mailbox: &str, n: usize| {
        let mailbox = graph.mailbox(&MailboxId::new(mailbox));
        async move { mailbox.read(Kind::Contact, &GraphId::new(n.to_string()), None).await.unwrap() }
    };
    let one: Vec<_> = (0..9).map(|n| read("ann", n)).collect();
    let began = Instant::now();
    join_all(one).await;
    assert_eq!(script.most_at_once(), 4);
    assert_eq!(began.elapsed(), Duration::from_secs(3), "nine requests in three rounds");
    let two: Vec<_> = (0..8).map(|n| read(if n % 2 == 0 { "ann" } else { "ben" }, n)).collect();
    join_all(two).await;
    assert_eq!(script.most_at_once(), 8);
}

async fn join_all<F: Future + Send + 'static>(futures: Vec<F>)
where
    F::Output: Send + 'static,
{
    let mut set = tokio::task::JoinSet::new();
    for future in futures {
        set.spawn(future);
    }
    set.join_all().await;
}

#[tokio::test(start_paused = true)]
async fn an_app_wide_limit_holds_for_all_mailboxes_together() {
    let limits = ClientLimits { app_wide: Some(3), ..ClientLimits::default() };
    let (graph, script) = raw(Duration::from_secs(1), limits, |sent| {
        if sent.is_token() { granted("t") } else { refusal(404, "ErrorItemNotFound") }
    });
    let all = (0..10).map(|n| {
        let mailbox = graph.mailbox(&MailboxId::new(format!("m{}", n % 5)));
        async move { mailbox.read(Kind::Contact, &GraphId::new("x"), None).await.unwrap() }
    });
    join_all(all.collect()).await;
    assert_eq!(script.most_at_once(), 3);
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_obeyed_to_the_second_and_by_the_whole_mailbox() {
    let (mailbox, script) = mailbox(in_turn(vec![
        refusal(429, "ApplicationThrottled").header("retry-after", "17"),
        refusal(404, "ErrorItemNotFound"),
        refusal(404, "ErrorItemNotFound"),
    ]));
    let began = Instant::now();
    let a = GraphId::new("a");
    let first = mailbox.read(Kind::Contact, &a, None);
    let second = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        mailbox.read(Kind::Contact, &GraphId::new("b"), None).await.unwrap();
        began.elapsed()
    };
    let (first, second) = tokio::join!(first, second);
    assert_eq!(first.unwrap(), None);
    assert!(second >= Duration::from_secs(17), "the other request waited too: {second:?}");
    assert_eq!(script.graph().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_wait_beyond_patience_is_the_callers_to_schedule() {
    let (mailbox, script) =
        mailbox(in_turn(vec![refusal(429, "TooManyRequests").header("retry-after", "600")]));
    let began = Instant::now();
    let error = mailbox.read(Kind::Contact, &GraphId::new("a"), None).await.unwrap_err();
    assert_eq!(error.class(), Class::Retry { after: Some(Duration::from_secs(600)) });
    // The next call knows without asking.
    let error = mailbox.read(Kind::Contact, &GraphId::new("b"), None).await.unwrap_err();
    assert!(
        matches!(error.class(), Class::Retry { after: Some(rest) } if rest > Duration::from_secs(590)),
        "{error}"
    );
    assert!(error.to_string().contains("reading contact b in mailbox ann"), "{error}");
    assert_eq!((script.graph().len(), began.elapsed()), (1, Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn what_may_be_repeated_is_a_bounded_number_of_times_with_growing_pauses() {
    let (mailbox, script) =
        mailbox(in_turn(vec![timeout(), refusal(503, ""), refusal(404, "ErrorItemNotFound")]));
    let began = Instant::now();
    assert_eq!(mailbox.read(Kind::Contact, &GraphId::new("a"), None).await.unwrap(), None);
    assert!(began.elapsed() >= Duration::from_millis(750) && began.elapsed() < Duration::from_secs(2));
    assert_eq!(script.graph().len(), 3);

    let (mailbox, script) = crate::scripted::mailbox(|_| refusal(503, "ServiceUnavailable"));
    let error = mailbox.read(Kind::Contact, &GraphId::new("a"), None).await.unwrap_err();
    assert!(matches!(error, GraphError::Unavailable { .. }));
    assert_eq!(script.graph().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_create_is_never_repeated_after_an_unclear_answer() {
    let broken = fails(TransportError::Broken { url: "x".into(), why: "reset".into() });
    for unclear in [timeout(), broken, refusal(504, ""), refusal(500, ""), refusal(503, "")] {
        let (mailbox, script) = mailbox(in_turn(vec![unclear]));
        let error = mailbox.create(&contact(), "k1", &Place::default()).await.unwrap_err();
        assert_eq!(error.class(), Class::Ambiguous, "{error}");
        assert_eq!(script.graph().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_create_is_repeated_when_the_service_says_that_it_did_nothing() {
    let away = fails(TransportError::Connect { url: "x".into(), why: "refused".into() });
    let throttled = refusal(429, "ApplicationThrottled").header("retry-after", "2");
    let busy = refusal(503, "ServiceUnavailable").header("retry-after", "2");
    for nothing in [away, throttled, busy] {
        let (mailbox, script) = mailbox(in_turn(vec![nothing, created()]));
        let made = mailbox.create(&contact(), "k1", &Place::default()).await.unwrap();
        assert_eq!((made.id.as_str(), made.facts.key.as_deref()), ("c1", Some("k1")));
        assert_eq!(script.graph().len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn every_request_has_its_own_id_and_outlook_requests_ask_for_immutable_ids() {
    let (mailbox, script) = mailbox(|_| refusal(404, "ErrorItemNotFound"));
    for kind in [Kind::Mail, Kind::Appointment, Kind::Contact] {
        mailbox.read(kind, &GraphId::new("a"), None).await.unwrap();
    }
    mailbox.delete(Kind::Appointment, &GraphId::new("a"), None, None).await.unwrap();
    let sent = script.graph();
    let ids: BTreeSet<&String> = sent.iter().map(|sent| &sent.headers["client-request-id"]).collect();
    assert_eq!(ids.len(), sent.len());
    assert!(ids.iter().all(|id| id.len() == 36));
    assert!(sent.iter().all(|sent| sent.headers["prefer"].contains("IdType=\"ImmutableId\"")));
}

#[tokio::test(start_paused = true)]
async fn a_link_to_elsewhere_is_not_followed() {
    let (graph, script) =
        graph(|_| ok(json!({"value": [], "@odata.nextLink": "https://evil.example/v1.0/users"})));
    let error = graph.users().await.unwrap_err();
    assert!(matches!(error, GraphError::ForeignLink { .. }), "{error}");
    assert_eq!(error.class(), Class::Fatal);
    assert_eq!(script.graph().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn moves_go_in_batches_of_twenty_and_only_throttled_ones_are_repeated() {
    let round = AtomicUsize::new(0);
    let (mailbox, script) = mailbox(move |sent| {
        assert_eq!((sent.method.as_str(), sent.path.as_str()), ("POST", "/v1.0/$batch"));
        let first = round.fetch_add(1, Ordering::SeqCst) == 0;
        let answer = |part: &serde_json::Value| {
            assert_eq!(part["headers"]["Prefer"], "IdType=\"ImmutableId\"");
            let url = part["url"].as_str().unwrap();
            let message = url.strip_prefix("/users/ann/messages/").unwrap().strip_suffix("/move").unwrap();
            let error = |status: u16, code: &str| {
                json!({"id": part["id"], "status": status, "headers": {"Retry-After": "3"},
                       "body": {"error": {"code": code, "message": "m"}}})
            };
            match message {
                "m3" if first => error(429, "ApplicationThrottled"),
                "m5" => error(404, "ErrorItemNotFound"),
                _ => {
                    json!({"id": part["id"], "status": 201, "body": {"id": message, "parentFolderId": part["body"]["destinationId"]}})
                }
            }
        };
        let mut answers: Vec<_> = sent.body["requests"].as_array().unwrap().iter().map(answer).collect();
        answers.reverse();
        ok(json!({"responses": answers}))
    });
    let moves: Vec<_> = (0..25).map(|n| (GraphId::new(format!("m{n}")), "done".to_owned())).collect();
    let began = Instant::now();
    let moved = mailbox.move_messages(&moves).await.unwrap();
    assert_eq!(began.elapsed(), Duration::from_secs(3));
    let sizes: Vec<_> = script.graph().iter().map(|s| s.body["requests"].as_array().unwrap().len()).collect();
    assert_eq!(sizes, [20, 5, 1]);
    for (n, moved) in moved.iter().enumerate() {
        match moved {
            Ok(id) => assert_eq!(id.as_str(), format!("m{n}")),
            Err(error) => assert_eq!((n, error.class()), (5, Class::Gone)),
        }
    }
}
