//! `Add`: an item that is new in the CRM, unless its key says that it is not.

use super::acting::company_ref;
use super::status::{self, Outcome};
use super::{Context, people, set, view};
use crate::storage::{ExternalKey, Fields, Record, StorageError, Writing};
use tandem_crm_interface::sync::{ContentType, Note, Status, StatusCode};
use tandem_groupware::{Change, Directory, InfoArea, Key, NewParty, Written, to_records};
use tandem_model::{Item, Kind};

pub(super) fn add(
    writing: &mut Writing<'_>,
    context: Context<'_>,
    key: &str,
    item: &Item,
    published: bool,
) -> Result<Status, Outcome> {
    let content_type = ContentType::from(item.kind());
    if key.is_empty() {
        return Err(
            status::incomplete("an item is added under its groupware id; the command names none").into()
        );
    }
    if item.kind() == Kind::Absence {
        let text = "absences travel from the CRM to Microsoft 365 only; record them in the CRM";
        return Err(Status::failure(StatusCode::FORBIDDEN, "not-allowed", text).into());
    }
    if let Some(known) = writing.key(content_type, key)? {
        return already_there(writing, context, content_type, &known);
    }
    if context.rules.switches.enable_migration_to_update_crm
        && let Some(known) = writing.foreign_key(content_type, key)?
        && writing.get(&known.target)?.is_some_and(|record| !record.deleted)
    {
        return take_over(writing, context, content_type, &known);
    }
    let (written, mut notes) = translate(writing, context, item, Change::Add { published })?;
    if written.set.primary.id.is_some() {
        return adopt(writing, context, content_type, key, &written);
    }
    let record = set::write(writing, &written.set, None)?;
    writing.add_key(content_type, key, &record.target, &context.actor.rep_id)?;
    if content_type == ContentType::Vevent {
        // The actor's mailbox holds a copy even where his address is not among the attendees (a distribution list).
        writing.hold(&context.actor.rep_id, &record)?;
    }
    notes.extend(status::notes(written.notes));
    let item = readback(writing, context, content_type, &record)?;
    Ok(Status { item, notes, ..status::about(StatusCode::ADDED, &record) })
}

/// The records that an item is; whoever has to be added first is added.
pub(super) fn translate(
    writing: &mut Writing<'_>,
    context: Context<'_>,
    item: &Item,
    change: Change<'_>,
) -> Result<(Written, Vec<Note>), Outcome> {
    let mut directory = people::directory(writing, item, context)?;
    let written = to_records(item, change, &context.actor.rep, &directory, context.rules)?;
    if written.new_people.is_empty() {
        return Ok((written, Vec::new()));
    }
    let mut notes = Vec::new();
    for party in written.new_people {
        enter(writing, &mut directory, &party)?;
        notes.push(status::note(party.note.code, party.note.text));
    }
    let written = to_records(item, change, &context.actor.rep, &directory, context.rules)?;
    Ok((written, notes))
}

fn enter(writing: &mut Writing<'_>, directory: &mut Directory, party: &NewParty) -> Result<(), StorageError> {
    let record = writing.insert_unseen(party.record.info_area.as_str(), &party.record.fields)?;
    let key = match party.record.info_area {
        InfoArea::Company => company_ref(&record).key,
        _ => super::acting::key(&record, "PeGrp", "PeNo").unwrap_or(Key::new(0, 0)),
    };
    directory.enter(party, u64::try_from(record.target.id).unwrap_or_default(), key);
    Ok(())
}

/// The key is known: the record that has it is answered. A mail is in the acting rep's mailbox too, so he takes part.
fn already_there(
    writing: &mut Writing<'_>,
    context: Context<'_>,
    content_type: ContentType,
    known: &ExternalKey,
) -> Result<Status, Outcome> {
    let record = writing.get(&known.target)?.ok_or_else(|| dangling(known))?;
    let set = set::read(writing, &record)?;
    if content_type == ContentType::Vevent {
        // Whoever is told of a record may ask for it, also where it was deleted: only then does he know when.
        writing.hold(&context.actor.rep_id, &record)?;
    }
    if view::is_deleted(context, content_type, &record, &set) {
        let answer = status::about(StatusCode::ALREADY_THERE, &record);
        return Ok(status::because(answer, "deleted", "the record was deleted in the CRM"));
    }
    if content_type == ContentType::Record {
        take_part(writing, context, &record)?;
    }
    let record = writing.get(&known.target)?.ok_or_else(|| dangling(known))?;
    let item = readback(writing, context, content_type, &record)?;
    Ok(Status { item, ..status::about(StatusCode::ALREADY_THERE, &record) })
}

/// Another connector wrote the record under this key: it goes on under it.
fn take_over(
    writing: &mut Writing<'_>,
    context: Context<'_>,
    content_type: ContentType,
    known: &ExternalKey,
) -> Result<Status, Outcome> {
    writing.add_key(content_type, &known.key, &known.target, &context.actor.rep_id)?;
    let mut status = already_there(writing, context, content_type, known)?;
    let text = format!("another connector wrote {} under this id; it was taken over", known.target);
    status.notes.push(status::note("adopted", text));
    Ok(status)
}

fn dangling(key: &ExternalKey) -> StorageError {
    StorageError::Invalid(format!("{} has the key {} but does not exist", key.target, key.key))
}

fn take_part(writing: &mut Writing<'_>, context: Context<'_>, record: &Record) -> Result<(), StorageError> {
    let actor = context.actor;
    if writing.concerned(record)?.contains(&actor.rep_id) {
        return Ok(());
    }
    let mut fields = Fields::from([
        ("ContactStatNo".to_owned(), record.get("StatNo").to_owned()),
        ("ContactSeqNo".to_owned(), record.get("SeqNo").to_owned()),
        ("RepID".to_owned(), actor.rep_id.clone()),
        ("Name".to_owned(), actor.rep.name.clone()),
        ("Email".to_owned(), actor.rep.address.to_string()),
        ("Role".to_owned(), "informational".to_owned()),
    ]);
    if let Some(person) = &actor.rep.person {
        fields.insert("PeGrp".to_owned(), person.key.group.to_string());
        fields.insert("PeNo".to_owned(), person.key.number.to_string());
    }
    writing.insert("MB", &fields)?;
    Ok(())
}

/// The contact is a person whom the CRM has: it keeps what it knows, and is linked to this mailbox's contact.
fn adopt(
    writing: &mut Writing<'_>,
    context: Context<'_>,
    content_type: ContentType,
    key: &str,
    written: &Written,
) -> Result<Status, Outcome> {
    let id = written.set.primary.id.unwrap_or_default();
    let target = set::target(written.set.primary.info_area, id);
    let Some(record) = writing.get(&target)? else {
        return Err(status::not_found(format!("there is no record {target}")).into());
    };
    if let [other, ..] = view::keys(writing, context, content_type, &record)?.as_slice() {
        let text = format!(
            "{target} is another contact of this mailbox already ({}): merge the two contacts",
            other.key
        );
        let failed = status::about(StatusCode::FORBIDDEN, &record);
        return Err(status::because(failed, "person-linked", text).into());
    }
    writing.add_key(content_type, key, &record.target, &context.actor.rep_id)?;
    let item = readback(writing, context, content_type, &record)?;
    let text = format!("{target} has this address; the contact was linked to it");
    let notes = vec![status::note("adopted", text)];
    Ok(Status { item, notes, ..status::about(StatusCode::OK, &record) })
}

/// What the CRM holds, for kinds that travel both ways.
pub(super) fn readback(
    writing: &Writing<'_>,
    context: Context<'_>,
    content_type: ContentType,
    record: &Record,
) -> Result<Option<Item>, Outcome> {
    if content_type == ContentType::Record {
        return Ok(None);
    }
    let set = set::read(writing, record)?;
    view::item(writing, context, content_type, &set).map(Some)
}
