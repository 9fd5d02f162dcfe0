//! Who may speak, and for whom.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use crate::support::{Crm, reply, session};
use tandem_crm::{CrmError, Options, Password, start};
use tandem_crm_interface::language::{Action, Query, RecordInput, Request};
use tandem_crm_interface::session::{Impersonated, NONCE_BYTES, Secret, Session, TokenKey};
use tandem_crm_interface::sync::wire::Reply;
use tandem_crm_interface::sync::{Command, ContentType, StatusCode};
use tandem_model::Stamp;

fn ask() -> Vec<Command> {
    vec![Command::Changes { content_type: ContentType::Tasks, since: Stamp(0), window: None, limit: 10 }]
}

/// The reason with which a master session is refused; none when it is accepted.
async fn reason(crm: &Crm, session: Session) -> Option<String> {
    match reply(crm, session, ask()).await {
        Reply::Answers(_) => None,
        Reply::Refused(status) => {
            assert_eq!(status.code, StatusCode::UNAUTHORIZED);
            assert!(!status.text.unwrap().is_empty());
            status.reason
        }
    }
}

#[tokio::test]
async fn a_master_session_must_name_everything_that_forms_xml_asks_for() {
    let crm = Crm::start().await;
    crm.add_rep("Ann", "Europe/Vienna").await;
    let bob = crm.add_rep("Bob", "Europe/Vienna").await;
    let reps = crm.all("Rep").await;
    let record = reps.iter().find(|rep| rep.field("RepID") == Some(&bob)).unwrap().record_id().unwrap();
    crm.update(&record, &[("Inactive", "true")]).await;

    let good = crm.rep("ann").session();
    assert_eq!(reason(&crm, good.clone()).await, None);
    let by_address = Session { principal: Some("Ann@Covote.example".into()), ..good.clone() };
    assert_eq!(reason(&crm, by_address).await, None);
    let cases = [
        (Session { password: Secret::new("wrong"), ..good.clone() }, "login-unknown"),
        (Session { user: "NOBODY".into(), ..good.clone() }, "login-unknown"),
        (Session { client: Some("lotus".into()), ..good.clone() }, "client-unknown"),
        (Session { client: None, ..good.clone() }, "client-unknown"),
        (Session { principal: None, ..good.clone() }, "principal-missing"),
        (Session { principal: Some(" ".into()), ..good.clone() }, "principal-missing"),
        (Session { client_id: None, ..good.clone() }, "client-id-missing"),
        (Session { principal: Some("zoe".into()), ..good.clone() }, "principal-unknown"),
        (Session { principal: Some("bob".into()), ..good.clone() }, "principal-inactive"),
        (Session { client: None, principal: None, ..good.clone() }, "principal-missing"),
    ];
    for (session, expected) in cases {
        assert_eq!(reason(&crm, session.clone()).await.as_deref(), Some(expected), "{session:?}");
    }
    crm.stop().await;
}

#[tokio::test]
async fn what_changes_about_a_rep_counts_from_his_next_session_on() {
    let crm = Crm::start().await;
    let ann = crm.add_rep("Ann", "Europe/Vienna").await;
    let session = crm.rep("ann").session();
    assert_eq!(reason(&crm, session.clone()).await, None);
    let reps = crm.all("Rep").await;
    let record = reps.iter().find(|rep| rep.field("RepID") == Some(&ann)).unwrap().record_id().unwrap();

    crm.update(&record, &[("Right", "Sales")]).await;
    assert_eq!(reason(&crm, session.clone()).await.as_deref(), Some("principal-without-right"));
    crm.insert("Right", &[("Name", "Sales"), ("GroupwareConnector", "true")]).await;
    assert_eq!(reason(&crm, session.clone()).await, None);
    crm.update(&record, &[("Inactive", "true")]).await;
    assert_eq!(reason(&crm, session.clone()).await.as_deref(), Some("principal-inactive"));
    crm.update(&record, &[("Inactive", "false")]).await;
    assert_eq!(reason(&crm, session).await, None);
    crm.stop().await;
}

#[tokio::test]
async fn the_xml_language_takes_the_administrator_and_master_sessions() {
    let crm = Crm::start().await;
    crm.add_rep("Ann", "Europe/Vienna").await;
    let ask = |session| Request::new(session, [Action::Query(Query::all("Rep"))]);
    for session in [crm.administrator(), crm.rep("ann").session()] {
        let response = crm.request(&ask(session)).await;
        assert_eq!(response.results[0].records.len(), 1);
    }
    let refused = crm.request(&ask(session("OCSU", "wrong"))).await.refusal.unwrap();
    assert_eq!(
        (refused.code.as_str(), refused.text.as_str()),
        ("401", "login-unknown: user or password is wrong")
    );
    let refused = crm.request(&ask(session("", ""))).await.refusal.unwrap();
    assert_eq!(refused.code, "401");
    crm.stop().await;
}

#[tokio::test]
async fn only_administrators_write_reps_and_keys() {
    let crm = Crm::start().await;
    crm.add_rep("Ann", "Europe/Vienna").await;
    let insert = Action::Insert(vec![crate::support::input("Rep", &[("Name", "Eve")])]);
    let response = crm.request(&Request::new(crm.rep("ann").session(), [insert])).await;
    assert_eq!(response.results[0].error().unwrap().text, "only an administrator may write table \"Rep\"");
    crm.stop().await;
}

#[tokio::test]
async fn a_private_activity_is_for_those_whom_it_concerns() {
    let crm = Crm::start().await;
    let ann = crm.add_rep("Ann", "Europe/Vienna").await;
    crm.add_rep("Bob", "Europe/Vienna").await;
    let fields = [
        ("Contact", "Appointment"),
        ("Date", "2026-11-30"),
        ("Subject", "Doctor"),
        ("Private", "true"),
        ("RepID", &ann),
    ];
    crm.insert("Contact", &fields).await;
    let seen = async |session| {
        let request = Request::new(session, [Action::Query(Query::all("Contact"))]);
        crm.request(&request).await.results[0].records.len()
    };
    assert_eq!(seen(crm.administrator()).await, 1);
    assert_eq!(seen(crm.rep("ann").session()).await, 1);
    assert_eq!(seen(crm.rep("bob").session()).await, 0);
    crm.stop().await;
}

#[tokio::test]
async fn the_ready_line_shows_a_password_that_is_set_now_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let options = || Options { db: Some(folder.path().join("crm.db")), ..Options::default() };
    let first = Crm::with(options()).await;
    let line: serde_json::Value = serde_json::from_str(&first.ready_line()).unwrap();
    assert_eq!(line["ready"], "crm");
    assert_eq!(line["master_user"], "OCSU");
    assert!(line["interface"].as_str().unwrap().ends_with("/CRMinterface/xml"));
    let password = line["password"].as_str().unwrap().to_owned();
    first.stop().await;
    let bytes = std::fs::read(folder.path().join("crm.db")).unwrap();
    assert!(!bytes.windows(password.len()).any(|window| window == password.as_bytes()));

    let mut second = Crm::with(options()).await;
    let line: serde_json::Value = serde_json::from_str(&second.ready_line()).unwrap();
    assert!(line["password"].is_null());
    second.remember_password(&password);
    second.all("Rep").await;
    second.stop().await;
}

#[tokio::test]
async fn a_given_password_takes_the_place_of_the_old_one() {
    let folder = tempfile::tempdir().unwrap();
    let options = || Options { db: Some(folder.path().join("crm.db")), ..Options::default() };
    let first = Crm::with(options()).await;
    let old = first.password().to_owned();
    first.stop().await;
    let given = Options { password: Some(Password(Secret::new("tea and cake"))), ..options() };
    assert!(!format!("{given:?}").contains("tea"));
    let crm = Crm::with(given).await;
    crm.all("Rep").await;
    let refused = crm.request(&Request::new(session("OCSU", &old), [Action::Nop])).await;
    assert!(refused.refusal.is_some());
    crm.stop().await;
}

#[tokio::test]
async fn plain_http_is_for_loopback_only() {
    let outside = Options { listen: "0.0.0.0:0".parse().unwrap(), ..Options::default() };
    assert!(matches!(start(outside).await, Err(CrmError::NotLoopback(_))));
}

/// A token for the administrator, who is the master user too.
fn token(crm: &Crm, nonce: u8) -> Session {
    let key = TokenKey::derive("OCSU", &Secret::new(crm.password()));
    let token = key.token("OCSU", jiff::Timestamp::now(), [nonce; NONCE_BYTES]);
    Session { token: Some(token), ..Session::default() }
}

#[tokio::test]
async fn a_token_stands_for_the_password_once() {
    let crm = Crm::start().await;
    crm.add_rep("Ann", "Europe/Vienna").await;
    let ask = |session| Request::new(session, [Action::Nop]);
    assert!(crm.request(&ask(token(&crm, 1))).await.refusal.is_none());
    let again = crm.request(&ask(token(&crm, 1))).await.refusal.unwrap();
    assert!(again.text.starts_with("token-used: "), "{again:?}");
    let old = TokenKey::derive("OCSU", &Secret::new(crm.password()));
    let old = old.token("OCSU", "2026-01-01T00:00:00Z".parse().unwrap(), [2; NONCE_BYTES]);
    let wrong = TokenKey::derive("OCSU", &Secret::new("00".repeat(20)));
    let wrong = wrong.token("OCSU", jiff::Timestamp::now(), [3; NONCE_BYTES]);
    for (text, reason) in
        [(old, "token-stale"), (wrong, "login-unknown"), (Secret::new("password"), "token-unreadable")]
    {
        let session = Session { token: Some(text), ..crm.administrator() };
        let refused = crm.request(&ask(session)).await.refusal.unwrap();
        assert!(refused.text.starts_with(reason), "{refused:?}");
    }
    // Groupware traffic takes tokens as well.
    let session = Session { user: String::new(), password: Secret::default(), ..crm.rep("ann").session() };
    assert_eq!(reason(&crm, Session { token: token(&crm, 4).token, ..session.clone() }).await, None);
    let used = reason(&crm, Session { token: token(&crm, 4).token, ..session }).await;
    assert_eq!(used.as_deref(), Some("token-used"));
    crm.stop().await;
}

#[tokio::test]
async fn where_encryption_is_forced_no_password_travels() {
    let password = Some(Password(Secret::new("0123456789".repeat(4))));
    let text = "<root><general><key name='Force login encryption' value='true'/></general></root>";
    let folder = crate::support::system_folder(None, Some(text));
    let options = Options { password, system: Some(folder.path().to_owned()), ..Options::default() };
    let crm = Crm::with(options).await;
    let refused = crm.request(&Request::new(crm.administrator(), [Action::Nop])).await.refusal.unwrap();
    assert!(refused.text.starts_with("login-unencrypted: "), "{refused:?}");
    let taken = crm.request(&Request::new(token(&crm, 1), [Action::Query(Query::all("Catalog"))])).await;
    assert!(!taken.results[0].records.is_empty());
    crm.ask_about("PUT", "switches/force_login_encryption", "false").await;
    let taken = crm.request(&Request::new(crm.administrator(), [Action::Nop])).await;
    assert_eq!(taken.refusal, None, "whoever may administer it can switch it off again");
    crm.stop().await;
}

#[tokio::test]
async fn a_master_user_impersonates_the_first_who_can_log_in() {
    let crm = Crm::start().await;
    let ann = crm.add_rep("Ann", "Europe/Vienna").await;
    crm.add_rep("Bob", "Europe/Vienna").await;
    let private = [("Contact", "Appointment"), ("Private", "true"), ("RepID", &ann), ("Date", "2026-11-30")];
    crm.insert("Contact", &private).await;
    let session = |named: &[Impersonated]| Session {
        impersonate: named.to_vec(),
        client_id: Some("connector-1".into()),
        ..crm.administrator()
    };
    let (user, rep) =
        (|name: &str| Impersonated::User(name.into()), |name: &str| Impersonated::Rep(name.into()));
    let email = Impersonated::Email("ann@covote.example".into());
    let seen = async |session| {
        let request = Request::new(session, [Action::Query(Query::all("Contact"))]);
        crm.request(&request).await.results[0].records.len()
    };
    assert_eq!(seen(session(&[user("zoe"), rep("Ann")])).await, 1);
    assert_eq!(seen(session(&[email])).await, 1);
    assert_eq!(seen(session(&[user("bob"), rep("Ann")])).await, 0);
    let nobody = Request::new(session(&[user("zoe")]), [Action::Nop]);
    assert!(crm.request(&nobody).await.refusal.unwrap().text.starts_with("principal-unknown"));
    let unnamed = Session { client_id: None, ..session(&[rep("Ann")]) };
    assert!(
        crm.request(&Request::new(unnamed, [Action::Nop]))
            .await
            .refusal
            .unwrap()
            .text
            .starts_with("client-id")
    );
    let signed_on = Session { domain: Some("COVOTE".into()), ..crm.administrator() };
    let refused = crm.request(&Request::new(signed_on, [Action::Nop])).await.refusal.unwrap();
    assert!(refused.text.starts_with("domain-untrusted"));
    crm.stop().await;
}

#[tokio::test]
async fn two_reps_through_one_master_user_see_and_change_their_own() {
    let crm = Crm::start().await;
    let ann = crm.add_rep("Ann", "Europe/Vienna").await;
    let bob = crm.add_rep("Bob", "Europe/Vienna").await;
    for (subject, rep) in [("Doctor", &ann), ("Dentist", &bob)] {
        let fields = [
            ("Contact", "Appointment"),
            ("Date", "2026-11-30"),
            ("Subject", subject),
            ("Private", "true"),
            ("RepID", rep),
        ];
        crm.insert("Contact", &fields).await;
    }
    let run = async |who: &str, action: Action| {
        crm.request(&Request::new(crm.rep(who).session(), [action])).await.results.remove(0)
    };
    for (who, own, others) in [("ann", 1, 2), ("bob", 2, 1)] {
        let found = run(who, Action::Query(Query::all("Contact"))).await.records;
        assert_eq!(found.iter().map(|record| record.id).collect::<Vec<_>>(), [Some(own)]);
        let change = |id, text: &str| {
            let input = crate::support::input("Contact", &[("Subject", text)]);
            Action::Update(vec![RecordInput { id: Some(id), ..input }])
        };
        assert_eq!(run(who, change(own, who)).await.error(), None);
        assert!(run(who, change(others, who)).await.error().is_some());
        let delete = RecordInput::by_id("Contact", others);
        assert!(run(who, Action::Delete(vec![delete])).await.error().is_some());
    }
    let subjects = crm.all("Contact").await;
    assert_eq!(
        subjects.iter().map(|record| record.field("Subject")).collect::<Vec<_>>(),
        [Some("ann"), Some("bob")]
    );
    crm.stop().await;
}
