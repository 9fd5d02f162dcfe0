//! Every message that an administrator may read.

use std::time::Duration;
use tandem_graph::{Answer, GraphError, TokenProblem};
use tandem_outside::TransportError;

fn at() -> Answer {
    Answer {
        what: "changing task T1 in mailbox 5e2f".into(),
        status: 429,
        code: "ApplicationThrottled".into(),
        message: "Too much.".into(),
        request_id: "r-1".into(),
    }
}

#[test]
fn messages() {
    let what = || "creating contact with key k in mailbox 5e2f".to_owned();
    let errors = [
        GraphError::Token {
            problem: TokenProblem::ExpiredSecret,
            code: "AADSTS7000222".into(),
            detail: "The provided client secret keys are expired.".into(),
        },
        GraphError::Throttled { at: at(), after: Some(Duration::from_secs(9)) },
        GraphError::Unavailable { at: at(), after: None },
        GraphError::Unreachable {
            what: what(),
            source: TransportError::Connect {
                url: "https://graph.microsoft.com/".into(),
                why: "no route".into(),
            },
        },
        GraphError::Ambiguous { what: what(), why: "HTTP 504".into() },
        GraphError::Gone(at()),
        GraphError::Changed(at()),
        GraphError::ResyncRequired(at()),
        GraphError::Rejected(at()),
        GraphError::NotWritable { what: what(), why: "there is no default task list".into() },
        GraphError::Malformed { what: what(), why: "the event has no readable begin and end".into() },
        GraphError::ForeignLink {
            what: what(),
            host: "https://evil.example".into(),
            configured: "https://graph.microsoft.com".into(),
        },
        GraphError::Unreadable { what: what(), why: "EOF at line 1".into() },
    ];
    let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(texts.join("\n"), @r#"
    Microsoft Entra gives no token: the client secret has expired (AADSTS7000222: The provided client secret keys are expired.). Create a new client secret under "Certificates & secrets" of the app registration and enter its value
    changing task T1 in mailbox 5e2f: Microsoft Graph answers 429 ApplicationThrottled: Too much. (request-id r-1); the mailbox or the application is over its request limit
    changing task T1 in mailbox 5e2f: Microsoft Graph answers 429 ApplicationThrottled: Too much. (request-id r-1); the service has a problem of its own, which usually passes
    creating contact with key k in mailbox 5e2f: cannot connect to https://graph.microsoft.com/: no route; check that it can be reached from here
    creating contact with key k in mailbox 5e2f: nobody knows whether it happened (HTTP 504); the key has to be looked up first
    changing task T1 in mailbox 5e2f: Microsoft Graph answers 429 ApplicationThrottled: Too much. (request-id r-1); it was deleted or moved away
    changing task T1 in mailbox 5e2f: Microsoft Graph answers 429 ApplicationThrottled: Too much. (request-id r-1); it changed in Microsoft 365 since it was read
    changing task T1 in mailbox 5e2f: Microsoft Graph answers 429 ApplicationThrottled: Too much. (request-id r-1); the position is no longer known there, the collection has to be read anew
    changing task T1 in mailbox 5e2f: Microsoft Graph answers 429 ApplicationThrottled: Too much. (request-id r-1); it will be refused again as long as the item stays as it is
    creating contact with key k in mailbox 5e2f: there is no default task list
    creating contact with key k in mailbox 5e2f: it does not read as an item: the event has no readable begin and end
    creating contact with key k in mailbox 5e2f: the answer links to https://evil.example, which is not the configured https://graph.microsoft.com; not followed
    creating contact with key k in mailbox 5e2f: the answer cannot be read: EOF at line 1
    "#);
}

#[test]
fn every_problem_with_a_token_says_what_to_do() {
    use TokenProblem::*;
    let problems =
        [WrongSecret, ExpiredSecret, UnknownApp, UnknownTenant, DisabledApp, BadScope, Refused, Unavailable];
    let texts: Vec<String> =
        problems.iter().map(|problem| format!("{problem}: {}", problem.advice())).collect();
    insta::assert_snapshot!(texts.join("\n"), @r#"
    the client secret is wrong: Enter the secret's value (not its id, which stands beside it in the portal) anew, or create a new client secret under "Certificates & secrets" of the app registration
    the client secret has expired: Create a new client secret under "Certificates & secrets" of the app registration and enter its value
    the tenant knows no application with this client id: Check the application (client) id (not the object id beside it) and that the registration is in this tenant
    there is no such tenant: Check the directory (tenant) id of the app registration and the configured cloud
    the application is disabled: Ask an administrator to enable sign-in for the enterprise application
    the requested scope is not valid: Check that the configured Graph address belongs to the cloud of the tenant
    the request is refused: Look the code up in Entra's list of errors; check tenant id, client id and secret
    the service has a problem of its own: It is tried again
    "#);
}
