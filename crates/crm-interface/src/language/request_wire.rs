//! Requests as XML.

use super::attributes::{COMMAND, PROCESSING, SESSION, checked};
use super::{Action, AttributeClass, Attributes, Command, Request, WriteError, query_wire, record_wire};
use crate::session::{Secret, Session};
use crate::xml::{self, Element, Problem, ReadError, Writer};

/// Writes a request.
pub fn write_request(request: &Request) -> Result<Vec<u8>, WriteError> {
    let mut w = Writer::new();
    w.start("request");
    write_session(&mut w, &request.session);
    write_attributes(&mut w, &request.attributes, &[])?;
    for command in &request.commands {
        write_command(&mut w, command)?;
    }
    Ok(w.finish())
}

fn write_command(w: &mut Writer, command: &Command) -> Result<(), WriteError> {
    if matches!(command.action, Action::Invalid { .. }) {
        return Err(WriteError::Incomplete("a command that was not understood cannot be sent on"));
    }
    w.start(command.action.name());
    if let Some(session) = &command.session {
        write_session(w, session);
    }
    write_attributes(w, &command.attributes, &COMMAND)?;
    match &command.action {
        Action::Query(query) | Action::Count(query) => query_wire::write(w, query)?,
        Action::Insert(records)
        | Action::Update(records)
        | Action::Import(records)
        | Action::Match(records)
        | Action::Delete(records) => record_wire::write_inputs(w, records)?,
        Action::Nop | Action::Invalid { .. } => {}
    }
    w.end();
    Ok(())
}

fn write_session(w: &mut Writer, session: &Session) {
    w.attribute("user", &session.user).attribute("pwd", session.password.reveal());
    w.attribute_if("client", session.client.as_ref())
        .attribute_if("Principal", session.principal.as_ref())
        .attribute_if("ClientID", session.client_id.as_ref())
        .attribute_if("lang", session.language.as_ref());
}

pub(super) fn write_attributes(
    w: &mut Writer,
    attributes: &Attributes,
    taken: &[&str],
) -> Result<(), WriteError> {
    for attribute in checked(attributes, taken) {
        let (name, value) = attribute?;
        w.attribute(name, value);
    }
    Ok(())
}

/// Reads a request.
pub fn read_request(message: &[u8]) -> Result<Request, ReadError> {
    let root = xml::parse(message)?;
    if root.local() != "request" {
        return Err(root.invalid(root.name(), "the root element request"));
    }
    let session = read_session(&root)?.unwrap_or_else(|| Session {
        user: String::new(),
        password: Secret::new(""),
        client: None,
        principal: None,
        client_id: None,
        language: None,
    });
    let attributes = custom(&root, &PROCESSING)?;
    let commands = root.into_children().into_iter().map(read_command).collect::<Result<Vec<_>, _>>()?;
    Ok(Request { session, commands, attributes })
}

/// Reads a command. What is wrong inside one command does not keep the others from being read, except for a session
/// that would run with other rights than it asks for.
fn read_command(element: Element<'_>) -> Result<Command, ReadError> {
    let session = read_session(&element)?;
    let name = element.local().to_owned();
    let (action, attributes) = match custom(&element, &COMMAND) {
        Err(error) => (Err(error), Attributes::new()),
        Ok(attributes) => (read_action(&name, element), attributes),
    };
    let action = action.unwrap_or_else(|error| Action::Invalid { name, why: error.to_string() });
    Ok(Command { action, session, attributes })
}

fn read_action(name: &str, element: Element<'_>) -> Result<Action, ReadError> {
    Ok(match name {
        "query" => Action::Query(query_wire::read(&element)?),
        "count" => Action::Count(query_wire::read(&element)?),
        "insert" => Action::Insert(record_wire::read_inputs(element)?),
        "update" => Action::Update(record_wire::read_inputs(element)?),
        "import" => Action::Import(record_wire::read_inputs(element)?),
        "match" => Action::Match(record_wire::read_inputs(element)?),
        "delete" => Action::Delete(record_wire::read_inputs(element)?),
        "nop" => Action::Nop,
        other => return Err(element.invalid(other, "a command that is understood")),
    })
}

/// The session of an element, if it has any of a session's attributes.
fn read_session(element: &Element<'_>) -> Result<Option<Session>, ReadError> {
    for name in ["domain", "auth", "impersonate"] {
        if element.attribute(name).is_some() {
            return Err(element.error(Problem::Invalid {
                found: name.to_owned(),
                expected: "a session attribute that is supported; use user and pwd",
            }));
        }
    }
    if !SESSION.iter().any(|name| element.attribute(name).is_some()) {
        return Ok(None);
    }
    let value = |name| element.attribute(name).map(str::to_owned);
    Ok(Some(Session {
        user: value("user").unwrap_or_default(),
        password: Secret::new(value("pwd").unwrap_or_default()),
        client: value("client"),
        principal: value("Principal"),
        client_id: value("ClientID"),
        language: value("lang").or_else(|| value("xml:lang")),
    }))
}

/// The custom attributes of an element; `own` are those that it takes itself.
pub(super) fn custom(element: &Element<'_>, own: &[&str]) -> Result<Attributes, ReadError> {
    let mut custom = Attributes::new();
    for (name, value) in element.attributes() {
        match AttributeClass::of(name) {
            _ if own.contains(&name) => {}
            AttributeClass::Custom => {
                custom.insert(name.to_owned(), value.to_owned());
            }
            AttributeClass::Internal => {}
            AttributeClass::Protected => {
                return Err(element.invalid(name, "allowed as a custom attribute, for it is protected"));
            }
        }
    }
    Ok(custom)
}
