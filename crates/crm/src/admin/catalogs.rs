//! Catalog entries of the setup guide, part B, step 1.

use crate::error::CrmError;
use crate::schema::{CatalogEntry, Schema};
use crate::storage::{Author, Fields, Reading, Record, Storage, StorageError, Writing};
use std::path::Path;
use std::sync::Arc;

/// The entry of the CRM that stands for one of the guide's: programs compare the text in the base language.
pub(super) fn find(reading: &Reading<'_>, entry: &CatalogEntry) -> Result<Option<Record>, StorageError> {
    let catalog = entry.catalog.to_string();
    let values = [("CatNo", catalog.as_str()), ("TextEn", &entry.text_en)];
    Ok(reading.find("KA", &values, 1)?.pop())
}

/// Catalog entries that a database lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// Each as `Content Type (groupware) [479] text/x-vevent`.
    pub entries: Vec<String>,
    /// Whether they were added.
    pub added: bool,
}

/// Looks which catalog entries of the setup guide, part B, step 1, a database file lacks, and adds them where `add` says
/// so. The CRM adds them by itself at its start; this is for one that runs, or must not be started.
pub async fn missing_catalogs(db: &Path, add: bool) -> Result<Missing, CrmError> {
    if !db.is_file() {
        return Err(CrmError::NoDatabase(db.to_owned()));
    }
    let storage = Storage::open(Some(db), Arc::new(Schema::builtin()?))?;
    let look = |reading: &Reading<'_>| {
        let mut entries = Vec::new();
        for entry in reading.schema().catalogs() {
            if find(reading, entry)?.is_none() && !key_is_taken(reading, entry)? {
                entries.push(format!("{} [{}] {}", entry.name, entry.catalog, entry.text_en));
            }
        }
        Ok(entries)
    };
    let entries = storage.read(look).await;
    let done = match &entries {
        Ok(entries) if add && !entries.is_empty() => {
            storage.write(Author::system(), add_missing).await.map(|_| ())
        }
        _ => Ok(()),
    };
    // Waits for the writing thread, which may wait for the disk.
    let _ = tokio::task::spawn_blocking(move || storage.close()).await;
    done?;
    Ok(Missing { entries: entries?, added: add })
}

/// Somebody else's entry has the key, so the guide's cannot be added.
fn key_is_taken(reading: &Reading<'_>, entry: &CatalogEntry) -> Result<bool, StorageError> {
    Ok(!reading.find("KA", &[("ExtKey", entry.key.as_str())], 1)?.is_empty())
}

/// Adds what is missing, and answers its texts; what an administrator changed is left alone.
pub(crate) fn add_missing(writing: &mut Writing<'_>) -> Result<Vec<String>, StorageError> {
    let mut added = Vec::new();
    for entry in writing.schema().catalogs() {
        if find(writing, entry)?.is_some() || key_is_taken(writing, entry)? {
            continue;
        }
        let fields = [
            ("CatNo", entry.catalog.to_string()),
            ("ExtKey", entry.key.clone()),
            ("Name", entry.name.clone()),
            ("Locked", "false".to_owned()),
            ("TextEn", entry.text_en.clone()),
            ("TextDe", entry.text_de.clone()),
        ];
        let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Fields>();
        writing.step(|writing| writing.insert("KA", &fields))?;
        added.push(entry.text_en.clone());
    }
    Ok(added)
}
