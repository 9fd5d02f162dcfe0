//! Tokens: one flight, renewal, refusals.

use crate::scripted::*;
use serde_json::json;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tandem_graph::{Class, ClientLimits, GraphError, TokenProblem};

fn no_users() -> Played {
    ok(json!({"value": []}))
}

#[tokio::test(start_paused = true)]
async fn many_callers_share_one_token() {
    let (graph, script) = raw(Duration::from_millis(50), ClientLimits::default(), |sent| {
        if sent.is_token() { granted("t") } else { no_users() }
    });
    let (a, b, c) = tokio::join!(graph.users(), graph.users(), graph.users());
    assert!(a.is_ok() && b.is_ok() && c.is_ok());
    let tokens = script.tokens();
    assert_eq!(tokens.len(), 1);
    assert_eq!(tokens[0].path, "/tenant-1/oauth2/v2.0/token");
    assert_eq!(
        tokens[0].text,
        "client_id=client-1&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default&client_secret=s3cr3t%7Evalue\
         &grant_type=client_credentials"
    );
    assert_eq!(script.graph()[0].headers["authorization"], "Bearer t");
    assert_eq!(graph.requests(), 3, "requests for tokens are not counted");
}

#[tokio::test(start_paused = true)]
async fn a_token_is_renewed_before_it_expires_and_an_outage_of_entra_goes_unnoticed_until_then() {
    let asked = AtomicUsize::new(0);
    let (graph, script) = raw(Duration::ZERO, ClientLimits::default(), move |sent| {
        match (sent.is_token(), asked.load(Ordering::SeqCst)) {
            (false, _) => no_users(),
            (true, 0) => {
                asked.fetch_add(1, Ordering::SeqCst);
                granted("first")
            }
            (true, _) => status(503, json!({"error": "temporarily_unavailable"})),
        }
    });
    graph.users().await.unwrap();
    script.clock.forward(3599 - 301);
    graph.users().await.unwrap();
    assert_eq!(script.tokens().len(), 1, "still fresh");
    script.clock.forward(2);
    graph.users().await.unwrap();
    assert_eq!(script.tokens().len(), 1 + 4, "renewal was tried as often as allowed, and the old token used");
    script.clock.forward(300);
    let error = graph.users().await.unwrap_err();
    assert_eq!(error.class(), Class::Retry { after: None }, "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_is_replaced_once() {
    let (graph, script) = raw(Duration::ZERO, ClientLimits::default(), {
        let granted_so_far = AtomicUsize::new(0);
        move |sent| match sent.headers.get("authorization").map(String::as_str) {
            None => granted(&format!("t{}", granted_so_far.fetch_add(1, Ordering::SeqCst))),
            Some("Bearer t0") => refusal(401, "InvalidAuthenticationToken"),
            Some(_) => no_users(),
        }
    });
    graph.users().await.unwrap();
    assert_eq!(script.tokens().len(), 2);

    let (graph, script) = raw(Duration::ZERO, ClientLimits::default(), |sent| {
        if sent.is_token() { granted("t") } else { refusal(401, "UnknownError") }
    });
    let error = graph.users().await.unwrap_err();
    assert_eq!(error.class(), Class::Denied);
    assert_eq!((script.tokens().len(), script.graph().len()), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn what_entra_refuses_is_fatal_says_what_to_do_and_never_shows_the_secret() {
    for (code, problem) in [
        (7_000_215, TokenProblem::WrongSecret),
        (7_000_222, TokenProblem::ExpiredSecret),
        (700_016, TokenProblem::UnknownApp),
        (90_002, TokenProblem::UnknownTenant),
        (7_000_112, TokenProblem::DisabledApp),
        (1_002_012, TokenProblem::BadScope),
        (900_144, TokenProblem::Refused),
    ] {
        let (graph, script) = raw(Duration::ZERO, ClientLimits::default(), move |_| {
            let description =
                format!("AADSTS{code}: Bad, you sent {SECRET}. Trace ID: 1 \r\nCorrelation ID: 2");
            status(
                401,
                json!({"error": "invalid_client", "error_description": description, "error_codes": [code]}),
            )
        });
        let error = graph.users().await.unwrap_err();
        assert_eq!(error.class(), Class::Fatal);
        assert!(matches!(&error, GraphError::Token { problem: found, .. } if *found == problem), "{error:?}");
        let text = format!("{error} {error:?}");
        assert!(!text.contains(SECRET) && !text.contains("Trace ID"), "{text}");
        assert!(text.contains(&format!("AADSTS{code}: Bad, you sent (secret).")), "{text}");
        assert_eq!(script.tokens().len(), 1, "asking again would not help");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_without_a_token_is_not_quoted() {
    let (graph, _) =
        raw(Duration::ZERO, ClientLimits::default(), |_| ok(json!({"access_token": 5, "x": "leak"})));
    let error = graph.users().await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("leak"));
}
