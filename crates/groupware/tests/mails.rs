//! E-mails: at whom they stand, who takes part, what becomes of text and files.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may stop at the first surprise")]

use tandem_groupware::{Change, Directory, FoundBy, InfoArea, Key, Rules, to_item, to_records};
use tandem_model::{Attachment, AttachmentContent, Body, Direction, Item, Kind, Mail, Person};

mod world;
use world::{ME, add, codes, directory, linked, mail, me, participant, stored};

fn written(mail: &Mail) -> tandem_groupware::Written {
    add(&Item::Mail(mail.clone()), &Rules::builtin())
}

/// `PeNo`, `CoNo`, whether it is flagged.
fn place(mail: &Mail) -> (String, String, bool) {
    let set = written(mail).set;
    let get = |field: &str| set.primary.get(field).to_owned();
    (get("PeNo"), get("CoNo"), set.primary.is("ConnectorMissingparticipants"))
}

fn at(person: &str, company: &str, flagged: bool) -> (String, String, bool) {
    (person.into(), company.into(), flagged)
}

#[test]
fn a_received_mail_stands_at_its_sender() {
    assert_eq!(place(&mail("ann@acme.example", &[ME])), at("1", "50", false));
    assert_eq!(place(&mail("bob@our.example", &[ME])), at("908", "50", false));
    assert_eq!(place(&mail("office@acme.example", &[ME])), at("", "50", false));
}

#[test]
fn without_a_unique_sender_it_stands_at_the_owner_and_is_flagged() {
    for sender in ["twin@acme.example", "stranger@far.example"] {
        assert_eq!(place(&mail(sender, &[ME])), at("907", "50", true), "{sender}");
    }
}

#[test]
fn a_sent_mail_stands_at_the_first_outsider_whom_the_crm_knows() {
    let sent = |to: &[&str]| Mail { direction: Direction::Out, ..mail(ME, to) };
    assert_eq!(place(&sent(&["bob@our.example", "ann@acme.example"])), at("1", "50", false));
    assert_eq!(place(&sent(&["stranger@far.example", "ann@acme.example"])), at("1", "50", true));
    assert_eq!(place(&sent(&["bob@our.example"])), at("907", "50", false));
    assert_eq!(written(&sent(&["ann@acme.example"])).set.primary.get("Direction"), "out");
}

#[test]
fn everybody_takes_part_known_or_not() {
    let mut mail = mail("ann@acme.example", &[ME, "stranger@far.example"]);
    mail.cc = vec![Person::new("Twin", "twin@acme.example"), Person::new("", "bob@our.example")];
    let written = written(&mail);
    let roles: Vec<(&str, &str, &str)> = written
        .set
        .participants
        .iter()
        .map(|record| (record.get("Email"), record.get("Role"), record.get("RepID")))
        .collect();
    assert_eq!(
        roles,
        [
            ("ann@acme.example", "organizer", ""),
            (ME, "required", "7"),
            ("stranger@far.example", "required", ""),
            ("twin@acme.example", "optional", ""),
            ("bob@our.example", "optional", "8"),
        ]
    );
    assert_eq!(participant(&written.set, "ann@acme.example").get("PeNo"), "1");
    let primary = &written.set.primary;
    assert_eq!(
        primary.get("MissingParticipants"),
        "Unassigned participants:\nTo: stranger@far.example\nCC: Twin <twin@acme.example>"
    );
    assert_eq!(codes(&written), ["participant-missing"]);
    assert_eq!(primary.get("ParticipantID"), "KP:1-1; ID:7; ID:8");
    assert_eq!((primary.get("Contact"), primary.get("RepID"), primary.get("Rep")), ("E-Mail", "7", "Me"));
}

#[test]
fn the_list_of_the_missing_is_in_the_reps_language() {
    let mut acting = me();
    acting.language = "de-AT".into();
    let item = Item::Mail(mail("ann@acme.example", &["stranger@far.example"]));
    let set = to_records(&item, Change::Add { published: false }, &acting, &directory(), &Rules::builtin())
        .unwrap()
        .set;
    assert_eq!(set.primary.get("MissingParticipants"), "Fehlende Teilnehmer:\nTo: stranger@far.example");
}

#[test]
fn html_is_kept_and_readable_as_text() {
    let mut mail = mail("ann@acme.example", &[ME]);
    mail.body =
        Body { html: true, text: "<p>Gr&uuml;&szlig;e</p><script>x</script>".into(), truncated: false };
    let set = written(&mail).set;
    assert_eq!(set.primary.get("Text"), "Grüße");
    assert_eq!(set.primary.get("F5044"), mail.body.text);
}

#[test]
fn attachments_become_documents() {
    let mut mail = mail("ann@acme.example", &[ME]);
    let attachment = |name: &str, inline, content| Attachment {
        name: name.into(),
        media_type: "application/pdf".into(),
        size: 3,
        inline,
        content,
    };
    mail.attachments = vec![
        attachment("logo.png", true, AttachmentContent::Bytes(b"png".to_vec())),
        attachment("a.pdf", false, AttachmentContent::Bytes(b"pdf".to_vec())),
        attachment("b.docx", false, AttachmentContent::Link("https://files.example/b".into())),
        attachment("big.zip", false, AttachmentContent::LeftOut("larger than 5 MB".into())),
    ];
    let written = written(&mail);
    let documents: Vec<(&str, &str, &[u8])> = written
        .set
        .documents
        .iter()
        .map(|document| (document.name.as_str(), document.media_type.as_str(), document.bytes.as_slice()))
        .collect();
    assert_eq!(
        documents,
        [
            ("logo.png", "application/pdf", b"png".as_slice()),
            ("a.pdf", "application/pdf", b"pdf"),
            ("b.docx", "text/uri-list", b"https://files.example/b"),
        ]
    );
    assert!(written.set.documents.iter().all(|document| document.info_area == InfoArea::Document));
    assert_eq!(
        (written.set.primary.get("Document1"), written.set.primary.get("Document2")),
        ("a.pdf", "b.docx")
    );
    assert_eq!(codes(&written), ["attachment-left-out"]);
    let mut rules = Rules::builtin();
    rules.switches.documents_in_d1 = false;
    let d2 = add(&Item::Mail(mail), &rules).set.documents;
    assert!(d2.iter().all(|document| document.info_area == InfoArea::CustomerDocument));
}

#[test]
fn strangers_are_added_once_when_the_switch_allows() {
    let mut rules = Rules::builtin();
    rules.switches.create_persons = true;
    let mut mail =
        mail("stranger@far.example", &[ME, "twin@acme.example", "stranger@far.example", "not an address"]);
    mail.from = Some(Person::new("Stranger, Jo", "stranger@far.example"));
    let item = Item::Mail(mail);
    let first = add(&item, &rules);
    assert_eq!(first.new_people.len(), 1, "who is known twice is not added a third time");
    let party = &first.new_people[0];
    assert_eq!(party.found_by, FoundBy::Address("stranger@far.example".into()));
    assert_eq!(party.note.code, "person-created");
    let record = &party.record;
    assert_eq!(
        (record.get("FirstName"), record.get("LastName"), record.get("RepID")),
        ("Jo", "Stranger", "7")
    );
    let mut directory = directory();
    directory.enter(party, 77, Key::new(1, 70));
    let second = to_records(&item, Change::Add { published: false }, &me(), &directory, &rules).unwrap();
    assert!(second.new_people.is_empty());
    assert_eq!(second.set.primary.get("PeNo"), "70");
    assert_eq!(participant(&second.set, "stranger@far.example").get("PeNo"), "70");
}

#[test]
fn a_rep_without_a_person_does_not_stop_a_mail() {
    let mut acting = me();
    acting.person = None;
    let item = Item::Mail(mail("stranger@far.example", &[ME]));
    let change = Change::Add { published: false };
    let set = to_records(&item, change, &acting, &Directory::default(), &Rules::builtin()).unwrap().set;
    assert_eq!((set.primary.get("PeNo"), set.primary.get("RepID")), ("", "7"));
}

#[test]
fn a_mail_without_sender_or_people_is_still_a_mail() {
    let mut bare = mail("", &[]);
    bare.from = None;
    let set = stored(written(&bare).set);
    assert!(set.participants.is_empty());
    let read = to_item(Kind::Mail, &set, &me(), &linked(), &Rules::builtin()).unwrap();
    assert_eq!(read, Item::Mail(bare));
}
