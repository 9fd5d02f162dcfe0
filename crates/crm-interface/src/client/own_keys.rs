//! External keys of the connector itself (table `ExternalKey`): which record a groupware id belongs to.

use super::{CrmClient, CrmError};
use crate::language::{Action, Condition, Operator, Query, Record};
use crate::session::CLIENT_TYPE;
use crate::sync::ContentType;
use std::collections::BTreeMap;
use tandem_model::RecordId;

const TABLE: &str = "ExternalKey";

/// How many keys are looked up with one request.
const PAGE: usize = 50;

impl CrmClient {
    /// The records of one content type that have these groupware ids; ids that no record has are missing. Only
    /// administrators see the table: the master user asks for himself.
    pub async fn records_by_key(
        &self,
        content_type: ContentType,
        keys: &[String],
    ) -> Result<BTreeMap<String, RecordId>, CrmError> {
        let is = |field: &str, value: &str| Condition::compare(TABLE, field, Operator::Equal, value);
        let mut records = BTreeMap::new();
        for page in keys.chunks(PAGE) {
            let queries = page.iter().map(|key| {
                Action::Query(Query::all(TABLE).with(Condition::All(vec![
                    is("Key", key),
                    is("ContentType", content_type.as_str()),
                    is("ExtSystem", CLIENT_TYPE),
                ])))
            });
            let response = self.execute(&self.request(queries)).await?;
            for (returned, key) in response.results.iter().zip(page) {
                if let Some(error) = returned.error() {
                    return Err(self.failed("look a groupware id up", &error.code, &error.text));
                }
                // The language compares with patterns: a found key counts only if it is this one.
                let same = |row: &&Record| row.field("Key") == Some(key);
                let found = returned.records.iter().filter(same).find_map(record);
                records.extend(found.map(|record| (key.clone(), record)));
            }
        }
        Ok(records)
    }
}

/// None for a row that names no record.
fn record(row: &Record) -> Option<RecordId> {
    let text = |name| row.field(name).map(str::trim).filter(|text| !text.is_empty());
    Some(RecordId::new(format!("{}:{}", text("TableShort")?, text("RecordID")?)))
}
