//! Catalog entries of the setup guide, part B, step 1.

use crate::schema::CatalogEntry;
use crate::storage::{Fields, Reading, Record, StorageError, Writing};

/// The entry of the CRM that stands for one of the guide's: programs compare the text in the base language.
pub(super) fn find(reading: &Reading<'_>, entry: &CatalogEntry) -> Result<Option<Record>, StorageError> {
    let catalog = entry.catalog.to_string();
    let values = [("CatNo", catalog.as_str()), ("TextEn", &entry.text_en)];
    Ok(reading.find("KA", &values, 1)?.pop())
}

/// Adds what is missing, and answers its texts; what an administrator changed is left alone.
pub(crate) fn add_missing(writing: &mut Writing<'_>) -> Result<Vec<String>, StorageError> {
    let mut added = Vec::new();
    for entry in writing.schema().catalogs() {
        let key_is_taken =
            || writing.find("KA", &[("ExtKey", entry.key.as_str())], 1).map(|found| !found.is_empty());
        if find(writing, entry)?.is_some() || key_is_taken()? {
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
