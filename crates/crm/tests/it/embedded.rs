//! The CRM inside another program.

#![allow(clippy::unwrap_used, reason = "tests may stop at the first surprise")]

use jiff::Timestamp;
use std::sync::Arc;
use tandem_crm::{ADMINISTRATOR, Embedded};
use tandem_crm_interface::session::Secret;
use tandem_groupware::Rules;
use tandem_outside::Clock;

/// A clock that stands.
struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        "2031-05-01T08:00:00Z".parse().unwrap()
    }
}

async fn asks(crm: &Embedded, commands: &str) -> String {
    let document = format!(r#"<request user="{ADMINISTRATOR}" pwd="hush">{commands}</request>"#);
    let (status, body) = crm.answer(document.into()).await;
    assert_eq!(status, 200);
    String::from_utf8(body).unwrap()
}

async fn names(crm: &Embedded) -> Vec<String> {
    let query = r#"<query><tables><table tablename="Company" allfields="true"/></tables></query>"#;
    let answer = asks(crm, query).await;
    answer.split("<Company>").skip(1).filter_map(|part| Some(part.split_once('<')?.0.to_owned())).collect()
}

async fn adds(crm: &Embedded, name: &str) {
    asks(crm, &format!("<insert><fields><Company><Company>{name}</Company></Company></fields></insert>"))
        .await;
}

#[tokio::test]
async fn it_answers_like_the_server_and_goes_back_to_what_was_kept() {
    let mut crm = Embedded::open(Arc::new(Still), Rules::builtin(), &Secret::new("hush")).await.unwrap();
    adds(&crm, "Nordwind").await;
    crm.keep().unwrap();
    let (once, before) = (asks(&crm, "<nop/>").await, names(&crm).await);
    assert_eq!(before, ["Nordwind"]);
    for _ in 0..2 {
        adds(&crm, "Kunde").await;
        crm.restart();
        assert_eq!(names(&crm).await, ["Nordwind", "Kunde"], "a restart forgets no record");
        crm.rewind().unwrap();
        assert_eq!((names(&crm).await, asks(&crm, "<nop/>").await), (before.clone(), once.clone()));
    }
}
