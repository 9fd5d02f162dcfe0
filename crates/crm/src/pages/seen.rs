//! Which records a visitor sees: the restrictions of CRM.interface, and nothing else.

use super::Site;
use super::door::User;
use crate::language::rights::Rights;
use crate::storage::{Reading, Record, StorageError, Target};
use tandem_web::Trouble;

/// Why a record is not shown.
#[derive(Debug)]
pub(super) enum Unseen {
    /// There is none.
    Nothing,
    /// It is somebody else's.
    Hidden,
}

impl Unseen {
    /// The page that says so.
    pub(super) fn trouble(self, text: &str) -> Trouble {
        match self {
            Self::Nothing => Trouble::NotFound,
            Self::Hidden => Trouble::Forbidden(text.to_owned()),
        }
    }
}

/// An SQL condition, and the values of its marks.
#[derive(Debug, Clone)]
pub(super) struct Condition {
    pub text: String,
    pub values: Vec<String>,
}

impl Condition {
    /// What the rights let through of a table's records, those that are deleted or those that are not.
    pub(super) fn seen(rights: &Rights, area: &str, deleted: bool) -> Self {
        let mut condition = Self { text: format!("_deleted = {}", u8::from(deleted)), values: Vec::new() };
        if let Some((text, values)) = rights.restriction(area, &format!("\"{area}\"")) {
            condition.and(&text, values);
        }
        condition
    }

    pub(super) fn and(&mut self, text: &str, values: impl IntoIterator<Item = String>) {
        self.text.push_str(" AND ");
        self.text.push_str(text);
        self.values.extend(values);
    }

    /// Only records in which each of the words stands in one of the fields, whatever its case.
    pub(super) fn with_words(&mut self, words: &str, fields: &[String]) {
        for word in words.split_whitespace().take(8) {
            let plain = word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
            let any =
                fields.iter().map(|field| format!("\"{field}\" LIKE ? ESCAPE '\\'")).collect::<Vec<_>>();
            self.and(&format!("({})", any.join(" OR ")), fields.iter().map(|_| format!("%{plain}%")));
        }
    }

    pub(super) fn count(&self, reading: &Reading<'_>, area: &str) -> Result<u64, StorageError> {
        reading.count(area, &self.text, &self.marks())
    }

    /// A page of the records, in an order.
    pub(super) fn page(
        &self,
        reading: &Reading<'_>,
        area: &str,
        order: &str,
        limit: usize,
        skip: usize,
    ) -> Result<Vec<Record>, StorageError> {
        reading.select_page(area, &format!("{} ORDER BY {order}", self.text), &self.marks(), limit, skip)
    }

    fn marks(&self) -> Vec<&dyn rusqlite::ToSql> {
        self.values.iter().map(|value| value as &dyn rusqlite::ToSql).collect()
    }
}

/// The record at an address, deleted or not, as far as the rights let it through.
pub(super) fn record(
    reading: &Reading<'_>,
    rights: &Rights,
    target: &Target,
) -> Result<Result<Record, Unseen>, StorageError> {
    let Some(record) = reading.get(target)? else { return Ok(Err(Unseen::Nothing)) };
    let mut condition = Condition::seen(rights, &target.area, record.deleted);
    condition.and("_id = ?", [target.id.to_string()]);
    Ok(if condition.count(reading, &target.area)? == 1 { Ok(record) } else { Err(Unseen::Hidden) })
}

/// What a failure of the database is for whoever asked for a page.
pub(super) fn failed(error: StorageError) -> Trouble {
    match error {
        StorageError::Invalid(text) => Trouble::Unreadable(text),
        other => Trouble::Failed(other.to_string()),
    }
}

impl Site {
    /// What a visitor may see and change now.
    pub(super) fn rights(&self, user: &User) -> Rights {
        user.rights(&self.crm.system.rules())
    }

    /// Reads for a page.
    pub(super) async fn read<T, F>(&self, job: F) -> Result<T, Trouble>
    where
        T: Send + 'static,
        F: FnOnce(&Reading<'_>) -> Result<T, StorageError> + Send + 'static,
    {
        self.crm.storage.read(job).await.map_err(failed)
    }
}
