//! What a posted document is answered with.

use crate::active::{Active, Turn};
use crate::authentication::{Failure, Refused, Speaker, authenticate};
use crate::language;
use crate::password::Passwords;
use crate::storage::{Author, Storage, StorageError, Writing};
use crate::sync::{self, Actor, Known};
use crate::system::System;
use axum::body::Bytes;
use tandem_crm_interface::language::{self as language_wire, Response, Return, Returned};
use tandem_crm_interface::session::Session;
use tandem_crm_interface::sync::wire::{Envelope, Incoming, read_request, write_refusal, write_response};
use tandem_crm_interface::sync::{Answer, Command, Status, StatusCode, SyncResponse};

/// The message is no document of the language (OMA SyncML: 400, bad request).
const BAD_REQUEST: StatusCode = StatusCode(400);
/// An earlier message is still at work (OMA SyncML: 417, retry later).
const RETRY_LATER: StatusCode = StatusCode(417);

/// The CRM behind its HTTP server.
#[derive(Clone)]
pub(crate) struct Crm {
    pub storage: Storage,
    pub passwords: Passwords,
    pub system: System,
    /// Who was found by an address.
    pub known: Known,
    active: Active,
}

/// An HTTP answer.
pub(crate) struct HttpAnswer {
    pub status: u16,
    pub body: Vec<u8>,
}

impl HttpAnswer {
    fn ok(body: Vec<u8>) -> Self {
        Self { status: 200, body }
    }
}

impl Crm {
    pub(crate) fn new(storage: Storage, passwords: Passwords, system: System) -> Self {
        Self { storage, passwords, system, known: Known::default(), active: Active::default() }
    }

    /// Answers a document; its root element says which half of the language it is.
    pub(crate) async fn answer(&self, body: Bytes) -> HttpAnswer {
        match root_name(&body) {
            Some("SyncML") => self.synchronise(&body).await,
            _ => self.request(&body).await,
        }
    }

    async fn request(&self, body: &[u8]) -> HttpAnswer {
        let request = match language_wire::read_request(body) {
            Ok(request) => request,
            Err(error) => {
                let response = refused_response(Return::error("400", error.to_string()));
                return HttpAnswer { status: 400, ..written(&response) };
            }
        };
        let speaker = match self.speaker(&request.session).await {
            Ok(Ok(speaker)) => speaker,
            Ok(Err(refused)) => return written(&refused_response(language::refused_return(&refused))),
            Err(error) => return written(&refused_response(failed_return(&error))),
        };
        let mut spoken = Vec::with_capacity(request.commands.len());
        for command in request.commands {
            let (speaker, language) = match &command.session {
                Some(session) => match self.speaker(session).await {
                    Ok(speaker) => (speaker, session.language.clone()),
                    Err(error) => return written(&refused_response(failed_return(&error))),
                },
                None => (Ok(speaker.clone()), request.session.language.clone()),
            };
            spoken.push(language::Spoken { command, speaker, language });
        }
        let names = spoken.iter().map(|spoken| spoken.command.action.name().to_owned()).collect::<Vec<_>>();
        let asked = language::Asked { commands: spoken, transaction: request.transaction };
        let mut response = match self.run_language(asked).await {
            Ok(results) => {
                let mut response = results.response;
                response.attributes.insert("laststamp".to_owned(), results.last_stamp.to_string());
                response.attributes.insert("writes".to_owned(), results.writes.to_string());
                response
            }
            Err(error) => {
                tracing::error!(%error, "a request failed");
                let failed = |command| Returned {
                    command,
                    returns: vec![failed_return(&error)],
                    ..Returned::default()
                };
                Response { results: names.into_iter().map(failed).collect(), ..Response::default() }
            }
        };
        for (name, value) in request.attributes {
            response.attributes.entry(name).or_insert(value);
        }
        written(&response)
    }

    /// Who speaks in a session, or why it is refused.
    pub(crate) async fn speaker(&self, session: &Session) -> Result<Result<Speaker, Refused>, StorageError> {
        match authenticate(&self.storage, &self.passwords, &self.system.rules(), &self.known, session).await {
            Ok(speaker) => Ok(Ok(speaker)),
            Err(Failure::Refused(refused)) => {
                tracing::warn!(user = session.user, reason = refused.reason, "a session was refused");
                Ok(Err(refused))
            }
            Err(Failure::Storage(error)) => Err(error),
        }
    }

    async fn run_language(&self, asked: language::Asked) -> Result<language::Results, StorageError> {
        let rules = self.system.rules();
        if asked.only_reads() {
            self.storage.read(move |reading| language::read(reading, &asked, &rules)).await
        } else {
            // Each command sets the author to whom it speaks for.
            let author = Author::system();
            self.storage.write(author, move |writing| language::write(writing, &asked, &rules)).await
        }
    }

    async fn synchronise(&self, body: &[u8]) -> HttpAnswer {
        let Incoming { request, envelope } = match read_request(body) {
            Ok(incoming) => incoming,
            Err(error) => {
                let status = Status::failure(BAD_REQUEST, "message-unreadable", error.to_string());
                return HttpAnswer { status: 400, body: write_refusal(&Envelope::default(), &status) };
            }
        };
        let actor = match self.speaker(&request.session).await {
            Ok(Ok(Speaker::Rep(actor))) => actor,
            Ok(Ok(Speaker::Administrator(_))) => {
                let text = "groupware data travels in a master session: name client, Principal and ClientID";
                return refusal(
                    &envelope,
                    &unauthorized(&Refused { reason: "principal-missing", text: text.into() }),
                );
            }
            Ok(Err(refused)) => return refusal(&envelope, &unauthorized(&refused)),
            Err(error) => return refusal(&envelope, &server_failure(&error)),
        };
        let writes = !request.commands.iter().all(sync::only_reads);
        let turn = self.active.turn(&actor.author.principal, &actor.author.client, body, writes).await;
        let running = match turn {
            Turn::Run(running) => running,
            Turn::Done(answer) => return HttpAnswer::ok(answer),
            Turn::AlreadyActive => {
                let status = Status::failure(RETRY_LATER, "already-active", "User is already active");
                return refusal(&envelope, &status);
            }
        };
        // On its own, so that a client that hangs up does not set the next message free before this one is done.
        let crm = self.clone();
        let work = tokio::spawn(async move {
            let count = request.commands.len();
            let answers = crm.run(actor, request.commands).await;
            let failed = answers.is_err();
            let answers = answers.unwrap_or_else(|error| {
                tracing::error!(%error, "a message failed");
                vec![Answer::Status(server_failure(&error)); count]
            });
            let answer = write_response(&envelope, &SyncResponse { answers });
            if !failed {
                running.answered(&answer);
            }
            answer
        });
        match work.await {
            Ok(answer) => {
                let rules = self.system.rules();
                self.system.trace(&rules, "received", body);
                self.system.trace(&rules, "answered", &answer);
                HttpAnswer::ok(answer)
            }
            Err(error) => {
                tracing::error!(%error, "a message was given up");
                HttpAnswer { status: 500, body: Vec::new() }
            }
        }
    }

    async fn run(&self, actor: Box<Actor>, commands: Vec<Command>) -> Result<Vec<Answer>, StorageError> {
        let rules = self.system.rules();
        let known = self.known.clone();
        if commands.iter().all(sync::only_reads) {
            self.storage.read(move |reading| sync::read(reading, &actor, &rules, &known, &commands)).await
        } else {
            let author = actor.author.clone();
            let write =
                move |writing: &mut Writing<'_>| sync::write(writing, &actor, &rules, &known, &commands);
            self.storage.write(author, write).await
        }
    }
}

fn refusal(envelope: &Envelope, status: &Status) -> HttpAnswer {
    HttpAnswer::ok(write_refusal(envelope, status))
}

fn unauthorized(refused: &Refused) -> Status {
    Status::failure(StatusCode::UNAUTHORIZED, refused.reason, refused.text.clone())
}

fn server_failure(error: &StorageError) -> Status {
    Status::failure(StatusCode::SERVER_FAILURE, "storage", error.to_string())
}

fn refused_response(refusal: Return) -> Response {
    Response { refusal: Some(refusal), ..Response::default() }
}

fn failed_return(error: &StorageError) -> Return {
    Return::error("511", error.to_string())
}

fn written(response: &Response) -> HttpAnswer {
    match language_wire::write_response(response) {
        Ok(body) => HttpAnswer::ok(body),
        // A name that was let in and cannot be let out.
        Err(error) => {
            tracing::error!(%error, "an answer cannot be written");
            let body =
                language_wire::write_response(&refused_response(Return::error("511", error.to_string())));
            HttpAnswer { status: 500, body: body.unwrap_or_default() }
        }
    }
}

/// The local name of the root element, as far as it can be had without reading the document.
fn root_name(document: &[u8]) -> Option<&str> {
    let mut rest = document;
    loop {
        let open = rest.iter().position(|byte| *byte == b'<')?;
        rest = &rest[open + 1..];
        match rest.first()? {
            b'?' | b'!' => {
                let end: &[u8] = if rest.starts_with(b"!--") { b"-->" } else { b">" };
                let at = rest.windows(end.len()).position(|window| window == end)?;
                rest = &rest[at + end.len()..];
            }
            _ => {
                let end = rest
                    .iter()
                    .position(|byte| matches!(byte, b' ' | b'>' | b'/' | b'\t' | b'\r' | b'\n'))?;
                let name = std::str::from_utf8(&rest[..end]).ok()?;
                return Some(name.rsplit_once(':').map_or(name, |(_, local)| local));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::root_name;

    #[test]
    fn the_root_is_found_behind_what_may_stand_before_it() {
        assert_eq!(
            root_name(b"<?xml version='1.0'?>\n<!-- <request> -->\n<SyncML xmlns='x'>"),
            Some("SyncML")
        );
        assert_eq!(root_name(b"<mp:request/>"), Some("request"));
        assert_eq!(root_name(b"nothing"), None);
        assert_eq!(root_name(b"<!-- open"), None);
    }
}
