//! The client against an interface that is played by a function.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tandem_crm_interface::client::{CrmClient, CrmError, Endpoint, Master};
use tandem_crm_interface::language::{self, Action, FieldValue, Query, Record, Response, Return, Returned};
use tandem_crm_interface::session::{NONCE_BYTES, Secret, Token, TokenKey};
use tandem_crm_interface::sync::wire::{self, Incoming};
use tandem_crm_interface::sync::{Answer, Command, ContentType, Status, StatusCode, SyncResponse};
use tandem_crm_interface::{Root, detect};
use tandem_outside::{Chance, Clock, Limits, Transport, TransportError};

type Answered = Result<http::Response<Bytes>, TransportError>;

struct Played<F> {
    play: F,
    requests: Mutex<Vec<http::Request<Bytes>>>,
}

#[async_trait]
impl<F: Fn(&[u8]) -> Answered + Send + Sync> Transport for Played<F> {
    async fn send(&self, request: http::Request<Bytes>, limits: Limits) -> Answered {
        assert_eq!(limits, Limits { deadline: Duration::from_secs(7), max_body: 64 << 20 });
        let answer = (self.play)(request.body());
        self.requests.lock().unwrap().push(request);
        answer
    }
}

struct NoChance;

impl Chance for NoChance {
    fn bits(&self) -> u64 {
        7
    }
}

fn played<F>(play: F) -> (Arc<Played<F>>, CrmClient, CrmClient)
where
    F: Fn(&[u8]) -> Answered + Send + Sync + 'static,
{
    played_for("s3cret", play)
}

fn played_for<F>(password: &str, play: F) -> (Arc<Played<F>>, CrmClient, CrmClient)
where
    F: Fn(&[u8]) -> Answered + Send + Sync + 'static,
{
    let transport = Arc::new(Played { play, requests: Mutex::default() });
    let endpoint = Endpoint { url: "https://crm.example/CRMinterface/xml?k=v".parse().unwrap() };
    let master = Master { user: "OCSU".into(), password: Secret::new(password) };
    let timeout = Duration::from_secs(7);
    let chance = Arc::new(NoChance);
    let client = CrmClient::new(
        transport.clone(),
        chance.clone(),
        endpoint.clone(),
        master.clone(),
        "node-1".into(),
        timeout,
    );
    let admin = CrmClient::admin(transport.clone(), chance, endpoint, master, timeout);
    (transport, client, admin)
}

fn http(status: u16, body: impl Into<Bytes>) -> Answered {
    Ok(http::Response::builder().status(status).body(body.into()).unwrap())
}

fn get(id: &str) -> Command {
    Command::Get { record: id.into(), content_type: ContentType::Tasks }
}

fn refusing(code: StatusCode, text: &'static str) -> impl Fn(&[u8]) -> Answered {
    move |message| {
        let envelope = wire::read_request(message).unwrap().envelope;
        http(200, wire::write_refusal(&envelope, &Status::failure(code, "x", text)))
    }
}

struct At(&'static str);

impl Clock for At {
    fn now(&self) -> Timestamp {
        self.0.parse().unwrap()
    }
}

#[tokio::test]
async fn a_client_with_tokens_never_sends_the_password() {
    // As the embedded CRM makes them: its key is derived quickly.
    const MADE: &str = "0123456789abcdef0123456789abcdef01234567";
    let (transport, client, admin) = played_for(MADE, |message| {
        if detect(message) == Ok(Root::SyncMl) {
            let Incoming { request, envelope } = wire::read_request(message).unwrap();
            assert_eq!((request.session.user.as_str(), request.session.password.reveal()), ("", ""));
            let token = Token::read(request.session.token.as_ref().unwrap()).unwrap();
            assert_eq!((token.user.as_str(), token.nonce.len()), ("OCSU", 2 * NONCE_BYTES));
            assert_eq!(token.issued.to_string(), "2026-03-02T08:00:00Z");
            assert!(token.is_genuine(&TokenKey::derive("OCSU", &Secret::new(MADE))));
            let unknown = Status::failure(StatusCode::FORBIDDEN, "x", "");
            let answers = vec![Answer::Status(unknown)];
            return http(200, wire::write_response(&envelope, &SyncResponse { answers }));
        }
        http(200, "<response><nop/></response>")
    });
    let clock = Arc::new(At("2026-03-02T08:00:00Z"));
    client.with_tokens(clock.clone()).sync("ann@example.com", vec![get("A1:1")]).await.unwrap();
    let admin = admin.with_tokens(clock);
    admin.execute(&admin.request([Action::Nop])).await.unwrap();
    for request in transport.requests.lock().unwrap().iter() {
        let text = String::from_utf8_lossy(request.body());
        assert!(!text.contains(MADE) && !text.contains("pwd") && !text.contains("auth-basic"), "{text}");
    }
}

#[tokio::test]
async fn a_rep_is_acted_for_as_the_master_user() {
    let (transport, client, _) = played(|message| {
        assert_eq!(detect(message), Ok(Root::SyncMl));
        let Incoming { request, envelope } = wire::read_request(message).unwrap();
        let session = &request.session;
        assert_eq!((session.user.as_str(), session.password.reveal()), ("OCSU", "s3cret"));
        assert_eq!(session.client.as_deref(), Some("GraphApi"));
        assert_eq!(session.principal.as_deref(), Some("ann@example.com"));
        assert_eq!(session.client_id.as_deref(), Some("node-1"));
        let answers = request
            .commands
            .iter()
            .map(|command| {
                let Command::Get { record, .. } = command else { panic!() };
                Answer::Status(Status::failure(StatusCode::FORBIDDEN, "x", record.as_str()))
            })
            .collect();
        http(200, wire::write_response(&envelope, &SyncResponse { answers }))
    });
    let answers = client.sync("ann@example.com", vec![get("A1:1"), get("A1:2")]).await.unwrap();
    let texts: Vec<_> = answers
        .iter()
        .map(|answer| match answer {
            Answer::Status(status) => status.text.clone().unwrap(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(texts, ["A1:1", "A1:2"]);
    let requests = transport.requests.lock().unwrap();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].method(), http::Method::POST);
    assert_eq!(requests[0].uri(), "https://crm.example/CRMinterface/xml?k=v");
    assert_eq!(requests[0].headers()["content-type"], "text/xml; charset=utf-8");
}

#[tokio::test]
async fn failures_are_told_apart_and_nothing_is_sent_twice() {
    #[derive(Debug, PartialEq)]
    enum Class {
        Transient,
        Denied,
        Protocol,
    }
    type Play = Box<dyn Fn(&[u8]) -> Answered + Send + Sync>;
    let url = "https://crm.example/".to_owned();
    let timeout = TransportError::Timeout { url: url.clone(), deadline: Duration::from_secs(7) };
    let cases: Vec<(Play, Class, &str)> = vec![
        (Box::new(move |_| Err(timeout.clone())), Class::Transient, "within 7 s"),
        (
            Box::new(move |_| Err(TransportError::Refused { url: url.clone(), why: "use https".into() })),
            Class::Protocol,
            "use https",
        ),
        (Box::new(|_| http(503, "be back\n soon")), Class::Transient, "HTTP 503 (\"be back soon\")"),
        (Box::new(|_| http(401, "")), Class::Denied, "HTTP 401; check the master user's login and password"),
        (Box::new(|_| http(404, "<html>no s3cret here</html>")), Class::Protocol, "no … here"),
        (Box::new(|_| http(200, "<html>")), Class::Protocol, "cannot read the answer"),
        (Box::new(|_| http(200, "<SyncML/>")), Class::Protocol, "SyncHdr is missing"),
        (
            Box::new(refusing(StatusCode::UNAUTHORIZED, "wrong password s3cret")),
            Class::Denied,
            "refused a request of ann: wrong password … (code 401, x)",
        ),
        (Box::new(refusing(StatusCode::FORBIDDEN, "no rep ann")), Class::Denied, "forms.xml"),
        (
            Box::new(refusing(StatusCode::FORBIDDEN, "User is already active")),
            Class::Transient,
            "still running there",
        ),
        (Box::new(refusing(StatusCode::SERVER_FAILURE, "oops")), Class::Transient, "oops"),
        (Box::new(refusing(StatusCode::INCOMPLETE, "no ClientID")), Class::Protocol, "no ClientID"),
    ];
    for (play, class, says) in cases {
        let (transport, client, _) = played(play);
        let error = client.sync("ann", vec![get("A1:1")]).await.unwrap_err();
        let message = error.to_string();
        assert!(message.contains(says), "{message}");
        let found = [
            (error.is_transient(), Class::Transient),
            (error.is_denied(), Class::Denied),
            (error.is_protocol(), Class::Protocol),
        ];
        let found: Vec<_> = found.into_iter().filter(|(yes, _)| *yes).map(|(_, class)| class).collect();
        assert_eq!(found, [class], "{message}");
        assert!(!format!("{error:?}{message}").contains("s3cret"), "{message}");
        assert!(!message.contains("k=v"), "{message}");
        assert_eq!(transport.requests.lock().unwrap().len(), 1, "{message}");
    }
}

#[tokio::test]
async fn an_answer_too_few_is_a_protocol_error() {
    let (_, client, _) = played(|message| {
        let mut envelope = wire::read_request(message).unwrap().envelope;
        envelope.commands.pop();
        let answers = vec![Answer::Status(Status::new(StatusCode::NOT_FOUND))];
        http(200, wire::write_response(&envelope, &SyncResponse { answers }))
    });
    let error = client.sync("ann", vec![get("A1:1"), get("A1:2")]).await.unwrap_err();
    assert!(error.is_protocol() && error.to_string().contains("is not answered"), "{error}");
}

/// Plays a server with so many reps, which honours pages or not.
fn reps(number: u64, pages: bool) -> impl Fn(&[u8]) -> Answered {
    move |message| {
        let request = language::read_request(message).unwrap();
        assert_eq!((request.session.user.as_str(), &request.session.client), ("OCSU", &None));
        let [language::Command { action: Action::Query(query), .. }] = request.commands.as_slice() else {
            panic!("{request:?}")
        };
        assert!(query.table.name == "Rep" && query.table.all_fields);
        let page = u64::from(query.table.max_records.unwrap());
        let from = if pages { u64::from(query.table.skip) } else { 0 };
        let rep = |id: u64| Record {
            table: "Rep".into(),
            info_area: "ID".into(),
            id: Some(id),
            fields: vec![
                FieldValue::new("RepID", format!("{id:05}")),
                FieldValue::new("Login", "ann"),
                FieldValue::new("Email", "Ann@Example.COM"),
                FieldValue::new("ConnectorEnabled", "true"),
                FieldValue::new("SyncTasks", "false"),
                FieldValue::new("UserSettings", "a=<b>\n"),
            ],
            ..Record::default()
        };
        let returned = Returned {
            command: "query".into(),
            records: (from..number.min(from + page)).map(rep).collect(),
            ..Returned::default()
        };
        let response = Response { results: vec![returned], ..Response::default() };
        http(200, language::write_response(&response).unwrap())
    }
}

#[tokio::test]
async fn all_reps_are_listed_page_by_page() {
    for (number, requests) in [(0, 1), (1, 1), (499, 1), (500, 2), (1234, 3)] {
        let (transport, client, _) = played(reps(number, true));
        let found = client.reps().await.unwrap();
        assert_eq!(found.len() as u64, number);
        assert!(found.is_sorted_by(|a, b| a.rep_id < b.rep_id));
        assert_eq!(transport.requests.lock().unwrap().len(), requests);
        if let Some(rep) = found.first() {
            assert_eq!((rep.rep_id.as_str(), rep.email.as_str()), ("00000", "ann@example.com"));
            assert!(rep.enabled && !rep.tasks && !rep.inactive);
            assert_eq!(rep.user_settings, "a=<b>\n");
        }
    }
    let (_, client, _) = played(reps(1000, false));
    let error = client.reps().await.unwrap_err();
    assert!(error.is_protocol() && error.to_string().contains("the same page came twice"), "{error}");
}

#[tokio::test]
async fn the_xml_language_tells_refusals_from_failures() {
    let respond =
        |response: Response| played(move |_| http(200, language::write_response(&response).unwrap()));
    let refusal = Some(Return::error("401", "unknown user"));
    let (_, _, admin) = respond(Response { refusal, ..Response::default() });
    let query = || Action::Query(Query::all("Company"));
    let error = admin.execute(&admin.request([query()])).await.unwrap_err();
    assert!(error.is_denied() && error.to_string().contains("a request of OCSU: unknown user"), "{error}");

    let failed = Returned {
        command: "query".into(),
        returns: vec![Return::error("404", "no table Company")],
        ..Returned::default()
    };
    let (_, _, admin) = respond(Response { results: vec![failed], ..Response::default() });
    let response = admin.execute(&admin.request([query()])).await.unwrap();
    assert_eq!(response.results[0].error().unwrap().text, "no table Company");
    let error = admin.records(&Query::all("Company"), 10, "list the companies").await.unwrap_err();
    assert!(matches!(&error, CrmError::Command { code, .. } if code == "404"));
    assert!(error.to_string().contains("could not list the companies: no table Company"), "{error}");

    let error = admin.execute(&admin.request([query(), query()])).await.unwrap_err();
    assert!(error.is_protocol() && error.to_string().contains("2 commands, but 1 results"), "{error}");
}

#[test]
fn each_status_code_is_an_outcome_and_a_failure_says_why() {
    use tandem_crm_port::Outcome;
    let outcomes = [
        (200, Outcome::Done),
        (201, Outcome::Added),
        (204, Outcome::Done),
        (208, Outcome::AlreadyThere),
        (211, Outcome::NotDeleted),
        (401, Outcome::Failed),
        (403, Outcome::Forbidden),
        (404, Outcome::NotFound),
        (409, Outcome::Conflict),
        (412, Outcome::Incomplete),
        (500, Outcome::Failed),
        (508, Outcome::AnchorUnknown),
        (511, Outcome::Failed),
    ];
    for (code, outcome) in outcomes {
        let status = tandem_crm_port::Status::from(Status::new(StatusCode(code)));
        assert_eq!(status.outcome, outcome, "{code}");
        assert_eq!(status.outcome.is_success(), code < 300, "{code}");
        assert_eq!(status.text, (code >= 300).then(|| format!("the CRM answers {code}")));
    }
}
