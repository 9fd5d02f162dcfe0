//! The journal (`settings.xml`: *Create Journal*): what connectors wrote, and how it ended.

use super::{Actor, content_type};
use crate::storage::{Fields, StorageError, Writing};
use tandem_crm_interface::sync::{Answer, Command};

/// Notes a command and its answer in table JO.
pub(super) fn note(
    writing: &mut Writing<'_>,
    actor: &Actor,
    command: &Command,
    answer: &Answer,
) -> Result<(), StorageError> {
    let Answer::Status(status) = answer else { return Ok(()) };
    let record = status.record.as_ref().or(match command {
        Command::Replace { record, .. }
        | Command::Participation { record, .. }
        | Command::Delete { record, .. }
        | Command::Map { record, .. } => Some(record),
        _ => None,
    });
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let fields = [
        ("Time", writing.now().to_string()),
        ("RepID", actor.rep_id.clone()),
        ("Client", actor.author.client.clone()),
        ("Command", name(command).to_owned()),
        ("ContentType", content_type(command).as_str().to_owned()),
        ("Record", text(record.map(|record| record.as_str()))),
        ("Code", status.code.0.to_string()),
        ("Reason", text(status.reason.as_deref())),
        ("Text", text(status.text.as_deref())),
    ];
    let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Fields>();
    writing.insert("JO", &fields)?;
    Ok(())
}

/// The command's name in SyncML.
fn name(command: &Command) -> &'static str {
    match command {
        Command::Add { .. } => "Add",
        Command::Replace { .. } | Command::Participation { .. } => "Replace",
        Command::Delete { .. } => "Delete",
        Command::Map { .. } => "Map",
        Command::Changes { .. } => "Alert",
        Command::Get { .. } | Command::Fields => "Get",
    }
}
