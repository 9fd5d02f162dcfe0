//! The store that the settings name: a file, or a PostgreSQL database.

use super::Failure;
use std::path::Path;
use std::sync::Arc;
use tandem_outside::bounded;
use tandem_settings::Settings;
use tandem_store::{PostgresStore, SqliteStore, Store};

/// The store for a connector; it keeps others away.
pub(crate) async fn open(settings: &Settings) -> Result<Arc<dyn Store>, Failure> {
    Ok(match &settings.connection.database {
        Some(address) => Arc::new(PostgresStore::open(address, password(settings)?.as_deref()).await?),
        None => Arc::new(SqliteStore::open(&settings.connection.store)?),
    })
}

/// The store for somebody who looks on.
pub(crate) async fn look(settings: &Settings) -> Result<Arc<dyn Store>, Failure> {
    Ok(match &settings.connection.database {
        Some(address) => {
            Arc::new(PostgresStore::open_read_only(address, password(settings)?.as_deref()).await?)
        }
        None => Arc::new(SqliteStore::open_read_only(&settings.connection.store)?),
    })
}

/// The store for a person's decision, beside a connector that may be running.
pub(crate) async fn beside(settings: &Settings) -> Result<Arc<dyn Store>, Failure> {
    Ok(match &settings.connection.database {
        Some(address) => Arc::new(PostgresStore::open_beside(address, password(settings)?.as_deref()).await?),
        None => Arc::new(SqliteStore::open_beside(&settings.connection.store)?),
    })
}

/// Passwords are short; what is longer is another file.
const LARGEST_PASSWORD: u64 = 64 << 10;

/// The first line of the password's file.
fn password(settings: &Settings) -> Result<Option<String>, Failure> {
    let Some(path) = &settings.connection.database_password_file else { return Ok(None) };
    let shown = path.display();
    let text = bounded::text(path, LARGEST_PASSWORD).map_err(|error| {
        format!("the password for connection.database cannot be read from {shown}: {error}")
    })?;
    must_be_private(path)?;
    match text.lines().next() {
        Some(line) if !line.is_empty() => Ok(Some(line.to_owned())),
        _ => {
            Err(format!("{shown} (connection.database_password_file) has no password in its first line")
                .into())
        }
    }
}

#[cfg(unix)]
fn must_be_private(path: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path)?.permissions().mode();
    if mode & 0o077 == 0 {
        return Ok(());
    }
    let shown = path.display();
    Err(format!("{shown} holds a password and is readable by others; run chmod 600 on it").into())
}

#[cfg(not(unix))]
fn must_be_private(_: &Path) -> Result<(), Failure> {
    Ok(())
}
