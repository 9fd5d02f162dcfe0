//! E-mails into the CRM.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use crate::support::items::{attachment, mail};
use crate::support::{Crm, held};
use tandem_crm_interface::language::{Condition, Operator, Query, Table};
use tandem_crm_interface::sync::{ContentType, StatusCode};
use tandem_model::{Item, Mail, Stamp};

async fn covote() -> Crm {
    let crm = Crm::start().await;
    crm.add_rep("Ann", "Europe/Vienna").await;
    crm.add_rep("Bob", "America/New_York").await;
    let company = crm.insert("Company", &[("Company", "Acme")]).await;
    let number = company.as_str().split_once(':').unwrap().1.to_owned();
    let customer = [
        ("FirstName", "Carl"),
        ("LastName", "Customer"),
        ("Email", "carl@acme.example"),
        ("CoGrp", "1"),
        ("CoNo", &number),
    ];
    crm.insert("Person", &customer).await;
    crm
}

fn from_carl(id: &str) -> Mail {
    mail(id, "carl@acme.example", &["ann@covote.example", "bob@covote.example"])
}

#[tokio::test]
async fn a_mail_becomes_an_activity_at_its_sender() {
    let crm = covote().await;
    let item = Mail { attachments: vec![attachment("offer.pdf", b"%PDF")], ..from_carl("<1@acme.example>") };
    let status = crm.rep("ann").add("<1@acme.example>", Item::Mail(item)).await;
    assert_eq!(status.code, StatusCode::ADDED);
    assert_eq!(status.item, None);
    let mut query = Query::all("Contact");
    for table in ["Participant", "Document", "ExternalKey"] {
        query.table.linked.push(Table { all_fields: true, ..Table::new(table) });
    }
    let activity = crm.query(query).await.remove(0);
    let fields = held(&activity);
    assert_eq!(fields["Contact"], "E-Mail");
    assert_eq!(fields["Subject"], "About <1@acme.example>");
    assert_eq!(fields["MessageID"], "<1@acme.example>");
    // 09:30 in UTC is half past ten in Vienna.
    assert_eq!((fields["Date"], fields["Time"]), ("2026-11-20", "10:30"));
    assert!(fields["Person"].contains("Customer"));
    let of = |table: &str| activity.linked.iter().filter(|linked| linked.table == table).collect::<Vec<_>>();
    assert_eq!(of("Participant").len(), 3);
    assert_eq!(held(of("Document")[0])["Name"], "offer.pdf");
    let key = held(of("ExternalKey")[0]);
    assert_eq!((key["ContentType"], key["ExtSystem"]), ("application/x-mmRecord", "GraphApi"));
    assert_eq!(key["Key"], "<1@acme.example>");
    crm.stop().await;
}

#[tokio::test]
async fn one_mail_in_two_mailboxes_is_one_activity() {
    let crm = covote().await;
    let key = "<1@acme.example>";
    let first = crm.rep("ann").add(key, Item::Mail(from_carl(key))).await;
    let second = crm.rep("bob").add(key, Item::Mail(from_carl(key))).await;
    assert_eq!((first.code, second.code), (StatusCode::ADDED, StatusCode::ALREADY_THERE));
    assert_eq!(first.record, second.record);
    assert_eq!(crm.all("Contact").await.len(), 1);
    let again = crm.counters().await;
    for rep in ["ann", "bob"] {
        assert_eq!(crm.rep(rep).add(key, Item::Mail(from_carl(key))).await.code, StatusCode::ALREADY_THERE);
    }
    assert_eq!(crm.counters().await, again);
    crm.stop().await;
}

#[tokio::test]
async fn one_who_got_it_by_blind_copy_takes_part_too() {
    let crm = covote().await;
    let key = "<1@acme.example>";
    let item = || Item::Mail(mail(key, "carl@acme.example", &["ann@covote.example"]));
    crm.rep("ann").add(key, item()).await;
    let reps = async || {
        let participants = crm.all("Participant").await;
        participants.iter().filter(|participant| !participant.field("RepID").unwrap().is_empty()).count()
    };
    assert_eq!(reps().await, 1);
    crm.rep("bob").add(key, item()).await;
    assert_eq!(reps().await, 2);
    crm.rep("bob").add(key, item()).await;
    assert_eq!(reps().await, 2);
    crm.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_make_exactly_one_record() {
    let folder = tempfile::tempdir().unwrap();
    let options = tandem_crm::Options { db: Some(folder.path().join("crm.db")), ..Default::default() };
    let crm = Crm::with(options).await;
    for name in ["Ann", "Bob"] {
        crm.add_rep(name, "Europe/Vienna").await;
    }
    let key = "<1@acme.example>";
    let (ann, bob) = (crm.rep("ann"), crm.rep("bob"));
    let (a, b, c, d) = tokio::join!(
        ann.add(key, Item::Mail(from_carl(key))),
        bob.add(key, Item::Mail(from_carl(key))),
        ann.add(key, Item::Mail(from_carl(key))),
        bob.add(key, Item::Mail(from_carl(key))),
    );
    let codes = [&a, &b, &c, &d].map(|status| status.code);
    assert_eq!(codes.iter().filter(|code| **code == StatusCode::ADDED).count(), 1, "{codes:?}");
    assert_eq!(codes.iter().filter(|code| **code == StatusCode::ALREADY_THERE).count(), 3);
    assert_eq!(crm.all("Contact").await.len(), 1);
    let keys = Query::all("ExternalKey").with(Condition::compare("ExternalKey", "Key", Operator::Equal, key));
    assert_eq!(crm.query(keys).await.len(), 1);
    crm.stop().await;
}

#[tokio::test]
async fn mails_never_travel_back() {
    let crm = covote().await;
    let key = "<1@acme.example>";
    crm.rep("ann").add(key, Item::Mail(from_carl(key))).await;
    for content_type in [ContentType::Record, ContentType::Vevent] {
        let page = crm.rep("bob").changes(content_type, Stamp(0)).await;
        assert!(page.changes.is_empty() && !page.more);
        assert_eq!(page.next.0, crm.counters().await.0);
    }
    crm.stop().await;
}

#[tokio::test]
async fn an_unknown_sender_is_listed() {
    let crm = covote().await;
    let key = "<2@far.example>";
    let status =
        crm.rep("ann").add(key, Item::Mail(mail(key, "zoe@far.example", &["ann@covote.example"]))).await;
    assert!(status.notes.iter().any(|note| note.code == "participant-missing"), "{status:?}");
    let activity = crm.record(&status.record.unwrap()).await;
    assert!(held(&activity)["MissingParticipants"].contains("zoe@far.example"));
    assert_eq!(held(&activity)["ConnectorMissingparticipants"], "true");
    crm.stop().await;
}

#[tokio::test]
async fn a_message_that_came_twice_in_one_package_is_one() {
    let crm = covote().await;
    let key = "<1@acme.example>";
    let add = || tandem_crm_interface::sync::Command::Add {
        key: key.to_owned(),
        item: Item::Mail(from_carl(key)),
        published: false,
    };
    let answers = crm.rep("ann").send(vec![add(), add()]).await;
    assert_eq!(answers.len(), 2);
    assert_eq!(crm.all("Contact").await.len(), 1);
    crm.stop().await;
}
