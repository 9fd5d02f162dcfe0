//! The rules of a system folder, for who wants to look at them without a CRM.

use crate::CrmError;
use crate::schema::Schema;
use crate::system::System;
use std::path::Path;
use std::sync::Arc;
use tandem_groupware::Rules;

/// The rules that a system folder holds, checked against the data model; without a folder, the built-in ones.
pub fn rules(folder: Option<&Path>) -> Result<Rules, CrmError> {
    let schema = Arc::new(Schema::builtin()?);
    Ok(Rules::clone(&System::load(folder, schema)?.rules()))
}
