//! Patterns in SQL: `fits(pattern, text)`, by the same rules as the filters of `forms.xml`.
//!
//! SQLite's own `LIKE` takes capitals for small letters in the Latin alphabet without accents only.

use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;
use tandem_crm_interface::language::Pattern;

/// Teaches a connection the function.
pub(super) fn register(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        | FunctionFlags::SQLITE_DIRECTONLY
        | FunctionFlags::SQLITE_INNOCUOUS;
    connection.create_scalar_function("fits", 2, flags, |context| {
        // Read once for a statement, not for each record.
        let pattern = context.get_or_create_aux(0, |value| value.as_str().map(Pattern::new))?;
        let text = context.get_raw(1);
        Ok(pattern.fits(text.as_str_or_null()?.unwrap_or_default().trim()))
    })
}
