//! The examples of the reference page are what this crate reads.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use tandem_crm_interface::language::{self, Action};
use tandem_crm_interface::sync::wire::{Incoming, Reply, read_request, read_response};
use tandem_crm_interface::sync::{Answer, Command, StatusCode};
use tandem_model::{Item, Stamp};

const PAGE: &str = include_str!("../../../docs/reference/crm-interface.md");

fn example(kind: &str) -> &'static [u8] {
    let (_, rest) = PAGE.split_once(&format!("```{kind}\n")).unwrap();
    rest.split_once("```").unwrap().0.as_bytes()
}

#[test]
fn the_groupware_example() {
    let Incoming { request, envelope } = read_request(example("xml")).unwrap();
    assert_eq!(request.session.password.reveal(), "secret");
    assert_eq!(request.session.principal.as_deref(), Some("ann"));
    let [
        Command::Changes { limit: 10, .. },
        Command::Add { published: true, item: Item::Appointment(appointment), .. },
        Command::Participation { .. },
        Command::Delete { if_stamp: Some(Stamp(77)), .. },
        Command::Map { .. },
    ] = request.commands.as_slice()
    else {
        panic!("{request:?}")
    };
    assert_eq!(appointment.series.as_ref().unwrap().cancelled.len(), 1);
    assert_eq!((appointment.attendees.len(), appointment.responses.len()), (1, 1));

    let Reply::Answers(response) = read_response(example("xml-answer"), &envelope).unwrap() else {
        panic!("refused")
    };
    let [Answer::Changes(page), Answer::Status(added), _, Answer::Status(kept), _] =
        response.answers.as_slice()
    else {
        panic!("{response:?}")
    };
    assert_eq!((page.changes.len(), page.next, page.more), (1, Stamp(80), true));
    assert_eq!((added.code, added.notes.len()), (StatusCode::ADDED, 1));
    assert_eq!((kept.code, kept.reason.as_deref()), (StatusCode::NOT_DELETED, Some("not-allowed")));
}

#[test]
fn the_language_example() {
    let request = language::read_request(example("xml-language")).unwrap();
    let invalid: Vec<_> =
        request.commands.iter().filter(|command| matches!(command.action, Action::Invalid { .. })).collect();
    assert!(invalid.is_empty(), "{invalid:?}");
    let Action::Query(query) = &request.commands[0].action else { panic!("{request:?}") };
    assert_eq!((query.table.max_records, query.table.skip, query.sort.len()), (Some(100), 200, 1));
}
