//! The XML language: commands on tables.
//!
//! Commands run in their order. What is wrong with one is answered there, and the others run; `break` and transactions
//! are the exceptions (administrator guide of CRM.interface, *Commands*, *Working with transactions*).

mod condition;
mod documents;
mod fault;
mod forms;
pub(crate) mod rights;
mod select;
mod transaction;
mod tree;
mod write;

use crate::authentication::{Refused, Speaker};
use crate::storage::{Reading, StorageError, Target, Writing};
use fault::Fault;
use forms::Forms;
use rights::Rights;
use tandem_crm_interface::language::{Action, Command, Response, Return, Returned};
use tandem_groupware::Rules;
use write::Verb;

/// A command, who gives it or why he may not, and in which language he reads texts.
#[derive(Debug, Clone)]
pub(crate) struct Spoken {
    pub command: Command,
    pub speaker: Result<Speaker, Refused>,
    pub language: Option<String>,
}

/// The commands of a request.
#[derive(Debug)]
pub(crate) struct Asked {
    pub commands: Vec<Spoken>,
    /// Whether what all of them write is kept or undone together.
    pub transaction: bool,
}

impl Asked {
    /// Whether all commands only read.
    pub(crate) fn only_reads(&self) -> bool {
        self.commands.iter().all(|spoken| {
            matches!(
                spoken.command.action,
                Action::Query(_)
                    | Action::Count(_)
                    | Action::GetDoc(_)
                    | Action::Catalog(_)
                    | Action::Break(_)
                    | Action::Nop
                    | Action::Invalid { .. }
            )
        })
    }
}

/// What a message came to.
#[derive(Debug, Default)]
pub(crate) struct Results {
    /// The answers so far; its attributes are the caller's.
    pub response: Response,
    /// The highest change number afterwards.
    pub last_stamp: u64,
    /// How many writes of items there were ever.
    pub writes: u64,
    /// The record that was written last.
    last: Option<Target>,
}

/// Whether the next command runs.
enum Next {
    Run,
    /// The rest is left undone.
    Stop {
        /// What the transaction wrote is undone too.
        undo: bool,
    },
}

/// Runs a message that only reads.
pub(crate) fn read(reading: &Reading<'_>, asked: &Asked, rules: &Rules) -> Result<Results, StorageError> {
    let mut results = Results::default();
    for spoken in &asked.commands {
        if let Next::Stop { .. } = results.before(&spoken.command)? {
            break;
        }
        let outcome = match &spoken.speaker {
            Ok(speaker) => {
                let forms = Forms::new(&spoken.command.options, spoken.language.as_deref());
                run_reading(reading, &spoken.command.action, &Rights::of(speaker, rules), &forms)
            }
            Err(refused) => Ok(refusal(refused)),
        };
        results.add(&spoken.command, outcome)?;
    }
    finished(reading, results)
}

/// Runs a message that writes.
pub(crate) fn write(
    writing: &mut Writing<'_>,
    asked: &Asked,
    rules: &Rules,
) -> Result<Results, StorageError> {
    let mut results = Results::default();
    if asked.transaction {
        transaction::request(writing, asked, rules, &mut results)?;
    } else {
        for spoken in &asked.commands {
            match results.before(&spoken.command)? {
                Next::Run => run_spoken(writing, spoken, rules, &mut results)?,
                Next::Stop { .. } => break,
            }
        }
    }
    finished(writing, results)
}

/// Runs one command of a message that writes.
fn run_spoken(
    writing: &mut Writing<'_>,
    spoken: &Spoken,
    rules: &Rules,
    results: &mut Results,
) -> Result<(), StorageError> {
    let command = &spoken.command;
    let outcome = match &spoken.speaker {
        Ok(speaker) => {
            let rights = Rights::of(speaker, rules);
            let forms = Forms::new(&command.options, spoken.language.as_deref());
            writing.set_author(rights.author.clone());
            let last = &mut results.last;
            if command.options.transaction {
                transaction::command(writing, last, |writing, last| {
                    run_writing(writing, &command.action, &rights, &forms, last)
                })
            } else {
                run_writing(writing, &command.action, &rights, &forms, last)
            }
        }
        Err(refused) => Ok(refusal(refused)),
    };
    results.add(command, outcome)
}

fn finished(reading: &Reading<'_>, results: Results) -> Result<Results, StorageError> {
    Ok(Results { last_stamp: reading.last_stamp()?.0, writes: reading.writes()?, ..results })
}

impl Results {
    /// Looks whether the command is a `break` that ends the request. One that cannot be read or evaluated ends it too
    /// (ours): what it guards must not run unguarded.
    fn before(&mut self, command: &Command) -> Result<Next, StorageError> {
        let undo = command.options.transaction;
        let ended = match &command.action {
            Action::Break(test) => match test.holds(&self.response) {
                Ok(false) => return Ok(Next::Run),
                Ok(true) => Ok(Returned::default()),
                Err(error) => Err(Fault::invalid(error.to_string())),
            },
            Action::Invalid { name, why } if name == "break" => Err(Fault::invalid(why.clone())),
            _ => return Ok(Next::Run),
        };
        self.add(command, ended)?;
        Ok(Next::Stop { undo })
    }

    /// Adds what came of a command. What is wrong with it is its answer; a database that fails is not.
    fn add(&mut self, command: &Command, outcome: Result<Returned, Fault>) -> Result<(), StorageError> {
        let returned = match outcome {
            Ok(returned) => returned,
            Err(fault) => Returned { returns: vec![fault.returned()?], ..Returned::default() },
        };
        self.response.results.push(Returned {
            command: command.action.name().to_owned(),
            attributes: command.attributes.clone(),
            transaction: command.options.transaction,
            ..returned
        });
        Ok(())
    }
}

fn run_reading(
    reading: &Reading<'_>,
    action: &Action,
    rights: &Rights,
    forms: &Forms,
) -> Result<Returned, Fault> {
    match action {
        Action::Query(query) => select::query(reading, query, rights, forms),
        Action::Count(query) => select::count(reading, query, rights, forms),
        Action::GetDoc(inputs) => documents::get(reading, inputs, rights, forms),
        Action::Catalog(number) => documents::catalog(reading, *number, forms),
        Action::Break(_) | Action::Nop => Ok(Returned::default()),
        Action::Invalid { why, .. } => Err(Fault::invalid(why.clone())),
        other => Err(Fault::invalid(format!("\"{}\" is not supported", other.name()))),
    }
}

fn run_writing(
    writing: &mut Writing<'_>,
    action: &Action,
    rights: &Rights,
    forms: &Forms,
    last: &mut Option<Target>,
) -> Result<Returned, Fault> {
    let (verb, inputs) = match action {
        Action::Insert(inputs) => (Verb::Insert, inputs),
        Action::Update(inputs) => (Verb::Update, inputs),
        Action::Import(inputs) => (Verb::Import, inputs),
        Action::Match(inputs) => (Verb::Match, inputs),
        Action::Delete(inputs) => (Verb::Delete, inputs),
        Action::Link(inputs) => (Verb::Link, inputs),
        Action::PutDoc(document) => {
            let input = documents::input(writing, document)?;
            return write::write(writing, Verb::Insert, &[input], rights, forms, last);
        }
        _ => return run_reading(writing, action, rights, forms),
    };
    write::write(writing, verb, inputs, rights, forms, last)
}

fn refusal(refused: &Refused) -> Returned {
    Returned { returns: vec![refused_return(refused)], ..Returned::default() }
}

/// A refused session in the XML language.
pub(crate) fn refused_return(refused: &Refused) -> Return {
    Return::error("401", format!("{}: {}", refused.reason, refused.text))
}
