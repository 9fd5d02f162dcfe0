//! The catalogs that name what may be synchronised (setup guide, part B, step 1).

use super::status::Outcome;
use crate::storage::{Reading, StorageError};
use tandem_crm_interface::session::CLIENT_TYPE;
use tandem_crm_interface::sync::{ContentType, Status, StatusCode};

/// Catalog *Content Type (groupware)*.
pub const CONTENT_TYPES: &str = "479";
/// Catalog *Ext. System (Rep)*.
pub const EXTERNAL_SYSTEMS: &str = "53";

/// Refuses a command whose content type, or the connector itself, is no entry of its catalog that is in use.
pub(super) fn check(reading: &Reading<'_>, content_type: ContentType) -> Result<(), Outcome> {
    let missing = [
        (CONTENT_TYPES, content_type.as_str(), "content-type-unknown"),
        (EXTERNAL_SYSTEMS, CLIENT_TYPE, "ext-system-unknown"),
    ];
    for (catalog, text, reason) in missing {
        if !in_use(reading, catalog, text)? {
            let text = format!(
                "catalog {catalog} has no entry \"{text}\" that is not locked: add it (setup guide, step 1)"
            );
            return Err(Status::failure(StatusCode::COMMAND_FAILED, reason, text).into());
        }
    }
    Ok(())
}

fn in_use(reading: &Reading<'_>, catalog: &str, text: &str) -> Result<bool, StorageError> {
    let condition = "_deleted = 0 AND \"CatNo\" = ? AND \"TextEn\" = ? AND \"Locked\" IS NOT 'true'";
    Ok(reading.count("KA", condition, &[&catalog, &text])? > 0)
}
