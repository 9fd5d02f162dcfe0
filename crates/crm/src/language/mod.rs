//! The XML language: commands on tables.

mod condition;
mod rights;
mod select;
mod tree;
mod write;

use crate::authentication::{Refused, Speaker};
use crate::storage::{Reading, StorageError, Writing};
use rights::Rights;
use tandem_crm_interface::language::{Action, Command, Return, Returned};
use tandem_groupware::Rules;
use write::Verb;

/// A command and who gives it, or why he may not.
pub(crate) type Spoken = (Command, Result<Speaker, Refused>);

/// What a message came to.
#[derive(Debug, Default)]
pub(crate) struct Results {
    pub returned: Vec<Returned>,
    /// The highest change number afterwards.
    pub last_stamp: u64,
    /// How many writes of items there were ever.
    pub writes: u64,
}

/// Whether a command only reads.
pub(crate) fn only_reads(action: &Action) -> bool {
    matches!(action, Action::Query(_) | Action::Count(_) | Action::Nop | Action::Invalid { .. })
}

/// Runs a message that only reads.
pub(crate) fn read(
    reading: &Reading<'_>,
    commands: &[Spoken],
    rules: &Rules,
) -> Result<Results, StorageError> {
    let mut results = Results::default();
    for (command, speaker) in commands {
        let outcome = match speaker {
            Ok(speaker) => run_reading(reading, &command.action, &Rights::of(speaker, rules)),
            Err(refused) => Ok(refusal(refused)),
        };
        results.returned.push(answered(command, outcome)?);
    }
    finished(reading, results)
}

/// Runs a message that writes.
pub(crate) fn write(
    writing: &mut Writing<'_>,
    commands: &[Spoken],
    rules: &Rules,
) -> Result<Results, StorageError> {
    let mut results = Results::default();
    for (command, speaker) in commands {
        let outcome = match speaker {
            Ok(speaker) => {
                let rights = Rights::of(speaker, rules);
                writing.set_author(rights.author.clone());
                run_writing(writing, &command.action, &rights)
            }
            Err(refused) => Ok(refusal(refused)),
        };
        results.returned.push(answered(command, outcome)?);
    }
    finished(writing, results)
}

fn finished(reading: &Reading<'_>, results: Results) -> Result<Results, StorageError> {
    Ok(Results { last_stamp: reading.last_stamp()?.0, writes: reading.writes()?, ..results })
}

fn run_reading(reading: &Reading<'_>, action: &Action, rights: &Rights) -> Result<Returned, StorageError> {
    match action {
        Action::Query(query) => select::query(reading, query, rights),
        Action::Count(query) => select::count(reading, query, rights),
        Action::Nop => Ok(Returned::default()),
        Action::Invalid { why, .. } => Err(StorageError::Invalid(why.clone())),
        other => Err(StorageError::Invalid(format!("\"{}\" is not supported", other.name()))),
    }
}

fn run_writing(
    writing: &mut Writing<'_>,
    action: &Action,
    rights: &Rights,
) -> Result<Returned, StorageError> {
    let (verb, inputs) = match action {
        Action::Insert(inputs) => (Verb::Insert, inputs),
        Action::Update(inputs) => (Verb::Update, inputs),
        Action::Import(inputs) => (Verb::Import, inputs),
        Action::Match(inputs) => (Verb::Match, inputs),
        Action::Delete(inputs) => (Verb::Delete, inputs),
        _ => return run_reading(writing, action, rights),
    };
    write::write(writing, verb, inputs, rights)
}

/// What is wrong with one command does not keep the others from running; a database that fails does.
fn answered(command: &Command, outcome: Result<Returned, StorageError>) -> Result<Returned, StorageError> {
    let returned = match outcome {
        Ok(returned) => returned,
        Err(StorageError::Invalid(text)) => {
            Returned { returns: vec![Return::error("500", text)], ..Returned::default() }
        }
        Err(error) => return Err(error),
    };
    let command_name = command.action.name().to_owned();
    Ok(Returned { command: command_name, attributes: command.attributes.clone(), ..returned })
}

fn refusal(refused: &Refused) -> Returned {
    Returned { returns: vec![refused_return(refused)], ..Returned::default() }
}

/// A refused session in the XML language.
pub(crate) fn refused_return(refused: &Refused) -> Return {
    Return::error("401", format!("{}: {}", refused.reason, refused.text))
}
