//! Groupware traffic: what each command of a SyncML message does to the records.
//!
//! All commands of a message run in one transaction, each in a step of its own: what fails leaves nothing behind and
//! does not keep the others from succeeding. Only when the database itself fails does the whole message.

mod acting;
mod add;
mod catalogs;
mod changes;
mod journal;
mod known;
mod map;
mod people;
mod remove;
mod replace;
mod set;
mod status;
mod view;
mod window;

pub(crate) use acting::person_name;
pub use acting::{Actor, Unaccepted, find_impersonated, right};
pub use catalogs::{CONTENT_TYPES, EXTERNAL_SYSTEMS};
pub use known::Known;

use crate::storage::{Reading, StorageError, Writing};
use status::Outcome;
use tandem_crm_interface::sync::{Answer, Command, ContentType};
use tandem_groupware::Rules;

/// For whom a command runs, and under which rules.
#[derive(Debug, Clone, Copy)]
struct Context<'a> {
    actor: &'a Actor,
    rules: &'a Rules,
    known: &'a Known,
}

/// Whether a command only reads.
pub fn only_reads(command: &Command) -> bool {
    matches!(command, Command::Changes { .. } | Command::Get { .. } | Command::Fields)
}

/// Runs a message that only reads.
pub fn read(
    reading: &Reading<'_>,
    actor: &Actor,
    rules: &Rules,
    known: &Known,
    commands: &[Command],
) -> Result<Vec<Answer>, StorageError> {
    let context = Context { actor, rules, known };
    commands.iter().map(|command| answered(run_reading(reading, context, command))).collect()
}

/// Runs a message that writes.
pub fn write(
    writing: &mut Writing<'_>,
    actor: &Actor,
    rules: &Rules,
    known: &Known,
    commands: &[Command],
) -> Result<Vec<Answer>, StorageError> {
    let context = Context { actor, rules, known };
    let mut answers = Vec::with_capacity(commands.len());
    for command in commands {
        let outcome = if only_reads(command) {
            run_reading(writing, context, command)
        } else {
            writing.step(|writing| run_writing(writing, context, command))
        };
        let answer = answered(outcome)?;
        if rules.switches.create_journal && !only_reads(command) {
            writing.step(|writing| journal::note(writing, actor, command, &answer))?;
        }
        answers.push(answer);
    }
    Ok(answers)
}

fn answered(outcome: Result<Answer, Outcome>) -> Result<Answer, StorageError> {
    match outcome {
        Ok(answer) => Ok(answer),
        Err(Outcome::Status(status)) => Ok(Answer::Status(*status)),
        Err(Outcome::Storage(StorageError::Invalid(text))) => Ok(Answer::Status(status::invalid(text))),
        Err(Outcome::Storage(error)) => Err(error),
    }
}

fn run_reading(reading: &Reading<'_>, context: Context<'_>, command: &Command) -> Result<Answer, Outcome> {
    if *command == Command::Fields {
        return Ok(Answer::Fields(context.rules.forms.mapping()));
    }
    catalogs::check(reading, content_type(command))?;
    match command {
        Command::Changes { content_type, since, window, limit } => {
            changes::page(reading, context, *content_type, *since, *window, *limit).map(Answer::Changes)
        }
        Command::Get { record, content_type } => {
            map::get(reading, context, record, *content_type).map(Answer::Record)
        }
        _ => Err(status::incomplete("the command writes").into()),
    }
}

fn run_writing(
    writing: &mut Writing<'_>,
    context: Context<'_>,
    command: &Command,
) -> Result<Answer, Outcome> {
    catalogs::check(writing, content_type(command))?;
    let status = match command {
        Command::Add { key, item, published } => add::add(writing, context, key, item, *published),
        Command::Replace { record, item, fields, if_stamp } => {
            replace::replace(writing, context, record, item, fields, *if_stamp)
        }
        Command::Participation { record, address, response } => {
            replace::participation(writing, context, record, address, *response)
        }
        Command::Delete { record, content_type, if_stamp } => {
            remove::remove(writing, context, record, *content_type, *if_stamp)
        }
        Command::Map { record, content_type, key } => map::map(writing, context, record, *content_type, key),
        Command::Changes { .. } | Command::Get { .. } | Command::Fields => {
            return run_reading(writing, context, command);
        }
    };
    status.map(Answer::Status)
}

/// What a command is about.
fn content_type(command: &Command) -> ContentType {
    match command {
        Command::Add { item, .. } | Command::Replace { item, .. } => ContentType::from(item.kind()),
        Command::Participation { .. } | Command::Fields => ContentType::Vevent,
        Command::Delete { content_type, .. }
        | Command::Map { content_type, .. }
        | Command::Changes { content_type, .. }
        | Command::Get { content_type, .. } => *content_type,
    }
}

/// The info area in which items of a content type live.
fn area(content_type: ContentType) -> &'static str {
    match content_type {
        ContentType::Record | ContentType::Vevent => "MA",
        ContentType::Person => "KP",
        ContentType::Tasks => "A1",
        ContentType::Absences => "A3",
    }
}

/// Whether an item of a content type can be a record of that info area: a contact can be a company.
fn lives_in(content_type: ContentType, info_area: &str) -> bool {
    info_area == area(content_type) || (content_type == ContentType::Person && info_area == "FI")
}

/// Whether the items of a content type have one groupware id in each mailbox; the others have one for all.
fn key_per_mailbox(content_type: ContentType) -> bool {
    matches!(content_type, ContentType::Person | ContentType::Tasks | ContentType::Absences)
}
