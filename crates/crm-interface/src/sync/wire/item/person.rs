//! People named in items.

use super::super::words::Word;
use crate::xml::{Element, ReadError, Writer};
use tandem_model::{Attendee, Person, Role};

/// Writes somebody as an element of the given name.
pub(super) fn write(w: &mut Writer, name: &str, person: &Person) {
    start(w, name, person);
    w.end();
}

pub(super) fn write_attendee(w: &mut Writer, attendee: &Attendee) {
    start(w, "attendee", &attendee.person);
    w.attribute_if("role", attendee.role.unusual()).end();
}

fn start(w: &mut Writer, name: &str, person: &Person) {
    w.start(name).attribute("address", person.address.as_str());
    w.attribute_if("name", Some(&person.name).filter(|name| !name.is_empty()));
}

pub(super) fn read(element: &Element<'_>) -> Person {
    Person::new(
        element.attribute("name").unwrap_or_default(),
        element.attribute("address").unwrap_or_default(),
    )
}

pub(super) fn read_attendee(element: &Element<'_>) -> Result<Attendee, ReadError> {
    Ok(Attendee { person: read(element), role: Role::attribute(element, "role")? })
}
