//! What XML costs in a first synchronisation: the recorded messages of CRM.interface are written and read once more.

use super::recording::Exchange;
use std::hint::black_box;
use std::time::{Duration, Instant};
use tandem_crm_interface::language;
use tandem_crm_interface::sync::SyncRequest;
use tandem_crm_interface::sync::wire::{self, Envelope};

/// The shortest of so many turns counts: what is longer was disturbed.
const TURNS: usize = 5;

/// Processor time for writing all requests and reading all answers, as the connector does.
pub fn cost(exchanges: &[Exchange], crm: &str) -> Duration {
    let messages: Vec<Message<'_>> =
        exchanges.iter().filter(|one| *one.request.uri() == crm).map(Message::of).collect();
    let turn = |_| {
        let begun = Instant::now();
        messages.iter().for_each(Message::pass);
        begun.elapsed()
    };
    (0..TURNS).map(turn).min().unwrap_or_default()
}

enum Message<'a> {
    Sync { request: Box<SyncRequest>, envelope: Envelope, answer: &'a [u8] },
    Language { request: Box<language::Request>, answer: &'a [u8] },
}

impl<'a> Message<'a> {
    fn of(exchange: &'a Exchange) -> Self {
        let answer = exchange.answer.body();
        match wire::read_request(exchange.request.body()) {
            Ok(incoming) => {
                Self::Sync { request: Box::new(incoming.request), envelope: incoming.envelope, answer }
            }
            Err(_) => {
                let request = language::read_request(exchange.request.body()).expect("a request");
                Self::Language { request: Box::new(request), answer }
            }
        }
    }

    fn pass(&self) {
        match self {
            Self::Sync { request, envelope, answer } => {
                let addressing = wire::Addressing {
                    session_id: "00000000000000000000000000000001".to_owned(),
                    target: "http://localhost/CRMinterface/xml".to_owned(),
                };
                black_box(wire::write_request(request, &addressing));
                black_box(wire::read_response(answer, envelope).expect("an answer"));
            }
            Self::Language { request, answer } => {
                black_box(language::write_request(request).expect("a request"));
                black_box(language::read_response(answer).expect("an answer"));
            }
        }
    }
}
