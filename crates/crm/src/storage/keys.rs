//! External keys (table XK): under which groupware id a record is known elsewhere.

use super::{Fields, Reading, Record, StorageError, Target, Writing};
use tandem_crm_interface::session::CLIENT_TYPE;
use tandem_crm_interface::sync::ContentType;

/// A groupware id of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalKey {
    /// The row of table XK.
    pub row: Target,
    /// The id.
    pub key: String,
    /// The record that has it.
    pub target: Target,
    /// `RepID` of the rep through whose mailbox it came.
    pub rep: String,
}

impl Reading<'_> {
    /// The record that has a groupware id.
    pub fn key(&self, content_type: ContentType, key: &str) -> Result<Option<ExternalKey>, StorageError> {
        let values = [("Key", key), ("ContentType", content_type.as_str()), ("ExtSystem", CLIENT_TYPE)];
        Ok(self.find("XK", &values, 1)?.iter().find_map(external_key))
    }

    /// The record that has a groupware id under another connector.
    pub fn foreign_key(
        &self,
        content_type: ContentType,
        key: &str,
    ) -> Result<Option<ExternalKey>, StorageError> {
        let rows = self.find("XK", &[("Key", key), ("ContentType", content_type.as_str())], 10)?;
        Ok(rows.iter().filter(|row| row.get("ExtSystem") != CLIENT_TYPE).find_map(external_key))
    }

    /// The groupware ids of a record in one content type.
    pub fn keys_of(
        &self,
        content_type: ContentType,
        target: &Target,
    ) -> Result<Vec<ExternalKey>, StorageError> {
        let id = target.id.to_string();
        let values = [
            ("RecordID", id.as_str()),
            ("TableShort", &target.area),
            ("ContentType", content_type.as_str()),
            ("ExtSystem", CLIENT_TYPE),
        ];
        Ok(self.find("XK", &values, 10_000)?.iter().filter_map(external_key).collect())
    }
}

impl Reading<'_> {
    /// Whether any connector, also another one, noted a groupware id of a record in one content type.
    pub fn is_noted(&self, content_type: ContentType, target: &Target) -> Result<bool, StorageError> {
        let id = target.id.to_string();
        let values =
            [("RecordID", id.as_str()), ("TableShort", &target.area), ("ContentType", content_type.as_str())];
        Ok(!self.find("XK", &values, 1)?.is_empty())
    }
}

impl Writing<'_> {
    /// Gives a record a groupware id; it must be free.
    pub fn add_key(
        &mut self,
        content_type: ContentType,
        key: &str,
        target: &Target,
        rep: &str,
    ) -> Result<(), StorageError> {
        let fields = [
            ("ContentType", content_type.as_str()),
            ("ExtSystem", CLIENT_TYPE),
            ("Key", key),
            ("TableShort", &target.area),
            ("RecordID", &target.id.to_string()),
            ("RepID", rep),
        ];
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        self.insert("XK", &fields.collect::<Fields>())?;
        Ok(())
    }
}

fn external_key(row: &Record) -> Option<ExternalKey> {
    Some(ExternalKey {
        row: row.target.clone(),
        key: row.get("Key").to_owned(),
        target: Target::new(row.get("TableShort"), row.get("RecordID").parse().ok()?),
        rep: row.get("RepID").to_owned(),
    })
}
