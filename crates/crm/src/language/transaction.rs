//! Transactions: all of a command, or of a request, or nothing.
//!
//! Public (administrator guide of CRM.interface, *Working with transactions*): `transaction` on a command or on the
//! request, and that after an error a last `return` with the code -10089 says that the transaction was rolled back. Our
//! reading: in a transaction of the whole request the commands behind the one that failed are left undone, and a `break`
//! with `transaction` undoes what it follows.

use super::fault::Fault;
use super::{Asked, Next, Results, run_spoken};
use crate::storage::{StorageError, Target, Writing};
use tandem_crm_interface::language::{Return, Returned, code};
use tandem_groupware::Rules;

/// Why a step is rolled back.
enum Undo {
    /// The step failed, and this is what it says.
    Failed(Box<Returned>),
    /// The fault is told by somebody else.
    Told,
    Fault(Fault),
}

impl From<StorageError> for Undo {
    fn from(error: StorageError) -> Self {
        Self::Fault(error.into())
    }
}

fn rolled_back() -> Return {
    Return::error(code::ROLLBACK, "Database transaction: Rollback")
}

/// Runs a command wholly or not at all.
pub(super) fn command(
    writing: &mut Writing<'_>,
    last: &mut Option<Target>,
    run: impl FnOnce(&mut Writing<'_>, &mut Option<Target>) -> Result<Returned, Fault>,
) -> Result<Returned, Fault> {
    let before = last.clone();
    let outcome = writing.step(|writing| {
        let returned = run(writing, last).map_err(Undo::Fault)?;
        if returned.error().is_some() { Err(Undo::Failed(Box::new(returned))) } else { Ok(returned) }
    });
    let mut returned = match outcome {
        Ok(returned) => return Ok(returned),
        Err(Undo::Failed(returned)) => *returned,
        Err(Undo::Fault(fault)) => Returned { returns: vec![fault.returned()?], ..Returned::default() },
        Err(Undo::Told) => Returned::default(),
    };
    *last = before;
    returned.returns.push(rolled_back());
    Ok(returned)
}

/// Runs all commands of a request wholly or not at all.
pub(super) fn request(
    writing: &mut Writing<'_>,
    asked: &Asked,
    rules: &Rules,
    results: &mut Results,
) -> Result<(), StorageError> {
    let outcome = writing.step(|writing| {
        for spoken in &asked.commands {
            match results.before(&spoken.command)? {
                Next::Run => run_spoken(writing, spoken, rules, results)?,
                Next::Stop { undo: false } => return Ok(()),
                Next::Stop { undo: true } => return Err(Undo::Told),
            }
            if results.response.results.last().is_some_and(|returned| returned.error().is_some()) {
                return Err(Undo::Told);
            }
        }
        Ok(())
    });
    match outcome {
        Ok(()) => return Ok(()),
        Err(Undo::Fault(fault)) => drop(fault.returned()?),
        Err(Undo::Told | Undo::Failed(_)) => {}
    }
    if let Some(failed) = results.response.results.last_mut() {
        failed.returns.push(rolled_back());
    }
    Ok(())
}
