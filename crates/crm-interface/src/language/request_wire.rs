//! Requests as XML.

use super::attributes::{COMMAND, PROCESSING, SESSION, checked, checked_name};
use super::{
    Action, AttributeClass, Attributes, Command, Request, Test, WriteError, document, options, query_wire,
    record_wire,
};
use crate::session::{Secret, Session, language, read_impersonation, write_impersonation};
use crate::xml::{self, Element, Problem, ReadError, Writer};

/// Number of a catalog.
const CATALOG_NUMBER: &str = "catno";

/// Writes a request.
pub fn write_request(request: &Request) -> Result<Vec<u8>, WriteError> {
    let mut w = Writer::new();
    w.start("request");
    write_session(&mut w, &request.session)?;
    w.flag("transaction", request.transaction);
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
        write_session(w, session)?;
    }
    options::write(w, &command.options)?;
    match &command.action {
        Action::Break(test) => {
            w.attribute("if", test.source());
        }
        Action::Catalog(number) => {
            w.plain_attribute(CATALOG_NUMBER, number);
        }
        Action::PutDoc(document) => {
            if let Some(table) = &document.table {
                w.attribute("table", checked_name(table)?);
            }
        }
        _ => {}
    }
    write_attributes(w, &command.attributes, &COMMAND)?;
    write_content(w, &command.action)?;
    w.end();
    Ok(())
}

fn write_content(w: &mut Writer, action: &Action) -> Result<(), WriteError> {
    match action {
        Action::Query(query) | Action::Count(query) => query_wire::write(w, query),
        Action::Insert(records)
        | Action::Update(records)
        | Action::Import(records)
        | Action::Match(records)
        | Action::Delete(records)
        | Action::Link(records)
        | Action::GetDoc(records) => record_wire::write_inputs(w, records),
        Action::PutDoc(document) => document::write(w, document),
        Action::Catalog(_) | Action::Break(_) | Action::Nop | Action::Invalid { .. } => Ok(()),
    }
}

fn write_session(w: &mut Writer, session: &Session) -> Result<(), WriteError> {
    match &session.token {
        Some(token) => w.attribute("auth", token.reveal()),
        None => w.attribute("user", &session.user).attribute("pwd", session.password.reveal()),
    };
    w.attribute_if("domain", session.domain.as_ref());
    if !session.impersonate.is_empty() {
        let unsayable =
            WriteError::Incomplete("whom to impersonate cannot hold a semicolon or blanks around it");
        w.attribute("impersonate", &write_impersonation(&session.impersonate).ok_or(unsayable)?);
    }
    w.attribute_if("client", session.client.as_ref())
        .attribute_if("Principal", session.principal.as_ref())
        .attribute_if("ClientID", session.client_id.as_ref())
        .attribute_if("lang", session.language.as_ref());
    Ok(())
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
    let session = read_session(&root)?.unwrap_or_default();
    let transaction = root.flag("transaction")?;
    let attributes = custom(&root, &PROCESSING)?;
    let commands = root.into_children().into_iter().map(read_command).collect::<Result<Vec<_>, _>>()?;
    Ok(Request { session, commands, transaction, attributes })
}

/// Reads a command. What is wrong inside one command does not keep the others from being read, except for a session
/// that would run with other rights than it asks for.
fn read_command(element: Element<'_>) -> Result<Command, ReadError> {
    let session = read_session(&element)?;
    let name = element.local().to_owned();
    // Even of a command that is not understood it must be known whether it was to run in a transaction.
    let read = custom(&element, &COMMAND).and_then(|attributes| Ok((attributes, options::read(&element)?)));
    let (attributes, options, action) = match read {
        Err(error) => (Attributes::new(), super::Options::default(), Err(error)),
        Ok((attributes, options)) => (attributes, options, read_action(&name, element)),
    };
    let action = action.unwrap_or_else(|error| Action::Invalid { name, why: error.to_string() });
    Ok(Command { action, session, options, attributes })
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
        "link" => Action::Link(record_wire::read_inputs(element)?),
        "putdoc" => Action::PutDoc(document::read(element)?),
        "getdoc" => Action::GetDoc(record_wire::read_inputs(element)?),
        "catalog" => Action::Catalog(
            element
                .parse_attribute(CATALOG_NUMBER, "the number of a catalog")?
                .ok_or_else(|| element.error(Problem::Missing(CATALOG_NUMBER)))?,
        ),
        "break" => Action::Break(read_test(&element)?),
        "nop" => Action::Nop,
        other => return Err(element.invalid(other, "a command that is understood")),
    })
}

fn read_test(element: &Element<'_>) -> Result<Test, ReadError> {
    let source = element.require_attribute("if")?;
    Test::parse(source).map_err(|error| element.error(Problem::Mismatch(error.to_string())))
}

/// The session of an element, if it has any of a session's attributes.
fn read_session(element: &Element<'_>) -> Result<Option<Session>, ReadError> {
    if !SESSION.iter().any(|name| element.attribute(name).is_some()) {
        return Ok(None);
    }
    let value = |name| element.attribute(name).map(str::to_owned);
    let token = value("auth").map(Secret::new);
    // With a token user and password are ignored (administrator guide, Session attributes).
    let login = |name| if token.is_some() { String::new() } else { value(name).unwrap_or_default() };
    let impersonate = match element.attribute("impersonate") {
        Some(text) => read_impersonation(text).map_err(|expected| element.invalid(text, expected))?,
        None => Vec::new(),
    };
    Ok(Some(Session {
        user: login("user"),
        password: Secret::new(login("pwd")),
        impersonate,
        domain: value("domain"),
        client: value("client"),
        principal: value("Principal"),
        client_id: value("ClientID"),
        language: element.attribute("lang").or_else(|| element.attribute("xml:lang")).and_then(language),
        token,
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
