//! XML to entries and back. The grammar is so small that anything else is an error.

use crate::error::CredentialsError;
use crate::users::{APP, MASTER};
use crate::{AppRegistration, MasterUser, Secret, Users};
use quick_xml::XmlVersion;
use quick_xml::escape::{escape, resolve_xml_entity};
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;
use std::path::Path;

/// `Users`, `User`, and the fields of an entry.
const DEPTH: usize = 3;
/// Fields of an entry, in the order in which they are written.
const FIELDS: [&str; 5] = ["UserName", "TenantId", "ClientId", "ClientSecret", "Password"];

/// An entry as it stands in the file.
struct Entry {
    line: usize,
    kind: String,
    fields: Vec<(usize, &'static str, Secret)>,
}

/// Reads the content of a file.
pub(crate) fn read(text: &str, path: &Path) -> Result<Users, CredentialsError> {
    // Editors on Windows begin a file with a byte order mark.
    let text = text.trim_start_matches('\u{feff}');
    let mut parser = Parser {
        text,
        path,
        reader: Reader::from_str(text),
        open: Vec::new(),
        entries: Vec::new(),
        field: String::new(),
    };
    let mut rooted = false;
    loop {
        let at = parser.position();
        match parser.reader.read_event() {
            Ok(Event::Start(_) | Event::Empty(_)) if rooted && parser.open.is_empty() => {
                return Err(parser.wrong(at, "there is more than one root element"));
            }
            Ok(Event::Start(element)) => {
                parser.start(at, &element)?;
                rooted = true;
            }
            Ok(Event::Empty(element)) => {
                parser.start(at, &element)?;
                parser.end(at)?;
                rooted = true;
            }
            Ok(Event::End(_)) => parser.end(at)?,
            Ok(Event::Text(piece)) => parser.content(at, &piece.xml_content(XmlVersion::Implicit1_0))?,
            Ok(Event::CData(piece)) => parser.content(at, &piece.xml_content(XmlVersion::Implicit1_0))?,
            Ok(Event::GeneralRef(name)) => {
                let letter = parser.entity(at, &name)?;
                parser.content(at, &letter)?;
            }
            Ok(Event::DocType(_)) => return Err(parser.wrong(at, "a DTD is not allowed")),
            Ok(Event::Decl(_) | Event::Comment(_) | Event::PI(_)) => {}
            Ok(Event::Eof) if parser.open.is_empty() && rooted => return parser.users(),
            Ok(Event::Eof) => return Err(parser.wrong(at, "the file ends too early")),
            // The parser's own words may repeat the place, and with it a secret.
            Err(_) => return Err(parser.wrong(parser.error_position(), "this is not well-formed XML")),
        }
    }
}

struct Parser<'a> {
    text: &'a str,
    path: &'a Path,
    reader: Reader<&'a [u8]>,
    open: Vec<&'static str>,
    entries: Vec<Entry>,
    field: String,
}

impl Parser<'_> {
    fn position(&self) -> usize {
        usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX)
    }

    fn error_position(&self) -> usize {
        usize::try_from(self.reader.error_position()).unwrap_or(usize::MAX)
    }

    fn line(&self, position: usize) -> usize {
        1 + self.text.bytes().take(position).filter(|byte| *byte == b'\n').count()
    }

    fn wrong(&self, position: usize, problem: impl Into<String>) -> CredentialsError {
        CredentialsError::Malformed {
            path: self.path.to_owned(),
            line: self.line(position),
            problem: problem.into(),
        }
    }

    fn start(&mut self, at: usize, element: &BytesStart<'_>) -> Result<(), CredentialsError> {
        let name = element.local_name().into_inner().to_owned();
        if name == "EncryptedData" {
            return Err(CredentialsError::Encrypted { path: self.path.to_owned(), line: self.line(at) });
        }
        if self.open.len() >= DEPTH {
            return Err(self.wrong(at, "elements are nested too deep"));
        }
        let known = match self.open.len() {
            0 => ["Users"].iter().find(|known| **known == name),
            1 => ["User"].iter().find(|known| **known == name),
            _ => FIELDS.iter().find(|known| **known == name),
        };
        let Some(known) = known else {
            let expected = match self.open.len() {
                0 => "<Users>".to_owned(),
                1 => "<User>".to_owned(),
                _ => format!("one of {}", FIELDS.join(", ")),
            };
            // A tag's name is never a secret, unless somebody forgot to escape one.
            return Err(self.wrong(at, format!("an unknown element; expected is {expected}")));
        };
        if self.open.len() == 1 {
            let kind = self.kind(at, element)?;
            self.entries.push(Entry { line: self.line(at), kind, fields: Vec::new() });
        }
        self.open.push(known);
        Ok(())
    }

    /// The `type` of an entry.
    fn kind(&self, at: usize, element: &BytesStart<'_>) -> Result<String, CredentialsError> {
        for attribute in element.attributes() {
            let Ok(attribute) = attribute else { return Err(self.wrong(at, "an attribute is malformed")) };
            if attribute.key.into_inner() == "type" {
                let value = attribute.normalized_value(XmlVersion::Implicit1_0);
                return value
                    .map(|kind| kind.trim().to_owned())
                    .map_err(|_| self.wrong(at, "the type is malformed"));
            }
        }
        Err(self.wrong(at, format!("a <User> needs the attribute type=\"{APP}\" or type=\"{MASTER}\"")))
    }

    fn content(&mut self, at: usize, piece: &str) -> Result<(), CredentialsError> {
        if self.open.len() == DEPTH {
            self.field.push_str(piece);
        } else if !piece.trim().is_empty() {
            return Err(self.wrong(at, "text is allowed inside the fields of a <User> only"));
        }
        Ok(())
    }

    fn entity(&self, at: usize, name: &BytesRef<'_>) -> Result<String, CredentialsError> {
        let letter = name.resolve_char_ref().ok().flatten().map(String::from);
        let letter = letter
            .or_else(|| resolve_xml_entity(&name.xml_content(XmlVersion::Implicit1_0)).map(str::to_owned));
        letter.ok_or_else(|| {
            self.wrong(at, "an entity is not allowed; known are &amp; &lt; &gt; &quot; &apos; and &#…;")
        })
    }

    fn end(&mut self, at: usize) -> Result<(), CredentialsError> {
        let line = self.line(at);
        let Some(name) = self.open.pop() else {
            return Err(self.wrong(at, "an end tag without a start tag"));
        };
        if self.open.len() == DEPTH - 1 {
            let text = Secret::new(std::mem::take(&mut self.field));
            if let Some(entry) = self.entries.last_mut() {
                if entry.fields.iter().any(|(_, known, _)| *known == name) {
                    return Err(self.wrong(at, format!("{name} stands there twice")));
                }
                entry.fields.push((line, name, text));
            }
        }
        Ok(())
    }

    fn users(self) -> Result<Users, CredentialsError> {
        let mut users = Users::empty(self.path);
        for entry in &self.entries {
            let wrong = |line, problem: String| CredentialsError::Malformed {
                path: self.path.to_owned(),
                line,
                problem,
            };
            let fits =
                |allowed: &[&str]| match entry.fields.iter().find(|(_, name, _)| !allowed.contains(name)) {
                    Some((line, name, _)) => {
                        Err(wrong(*line, format!("{name} does not belong to \"{}\"", entry.kind)))
                    }
                    None => Ok(()),
                };
            let needed = |name: &'static str| {
                let found = entry
                    .fields
                    .iter()
                    .find(|(_, known, _)| *known == name)
                    .map(|(_, _, text)| text.expose());
                let found = found.map(|text| if name == "Password" { text } else { text.trim() });
                found
                    .filter(|text| !text.is_empty())
                    .ok_or_else(|| wrong(entry.line, format!("\"{}\" lacks {name}", entry.kind)))
            };
            let twice = || wrong(entry.line, format!("there is more than one \"{}\"", entry.kind));
            match entry.kind.as_str() {
                APP if users.app.is_some() => return Err(twice()),
                MASTER if users.master.is_some() => return Err(twice()),
                APP => {
                    fits(&["UserName", "TenantId", "ClientId", "ClientSecret"])?;
                    users.app = Some(AppRegistration {
                        admin_email: needed("UserName")?.to_owned(),
                        tenant_id: needed("TenantId")?.to_owned(),
                        client_id: needed("ClientId")?.to_owned(),
                        secret: Secret::new(needed("ClientSecret")?),
                    });
                }
                MASTER => {
                    fits(&["UserName", "Password"])?;
                    let login = needed("UserName")?.to_owned();
                    users.master =
                        Some(MasterUser { login, password: needed("Password").ok().map(Secret::new) });
                }
                _ => {
                    return Err(wrong(
                        entry.line,
                        format!("an unknown type of entry; known are \"{APP}\" and \"{MASTER}\""),
                    ));
                }
            }
        }
        Ok(users)
    }
}

/// Writes the content of a file.
pub(crate) fn write(users: &Users) -> Result<Secret, CredentialsError> {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Users>\n");
    if let Some(app) = &users.app {
        text.push_str(&format!("  <User type=\"{APP}\">\n"));
        field(&mut text, "UserName", "the administrator's e-mail address", &app.admin_email)?;
        field(&mut text, "TenantId", "the tenant id", &app.tenant_id)?;
        field(&mut text, "ClientId", "the client id", &app.client_id)?;
        field(&mut text, "ClientSecret", "the client secret", app.secret.expose())?;
        text.push_str("  </User>\n");
    }
    if let Some(master) = &users.master {
        text.push_str(&format!("  <User type=\"{MASTER}\">\n"));
        field(&mut text, "UserName", "the master user's login", &master.login)?;
        if let Some(password) = &master.password {
            field(&mut text, "Password", "the master user's password", password.expose())?;
        }
        text.push_str("  </User>\n");
    }
    text.push_str("</Users>\n");
    Ok(Secret::new(text))
}

fn field(text: &mut String, name: &str, what: &'static str, value: &str) -> Result<(), CredentialsError> {
    // Control characters cannot be written in XML 1.0, and in a password they are a slip of a file's line end.
    if value.is_empty()
        || value.chars().any(|letter| letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}'))
    {
        return Err(CredentialsError::Unfit { what });
    }
    text.push_str(&format!("    <{name}>{}</{name}>\n", escape(value)));
    Ok(())
}
