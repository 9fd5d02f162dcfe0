//! External keys of other connectors (table `ExternalKey`).

use super::{CrmClient, CrmError};
use crate::language::{Condition, Operator, Query, Record};
use crate::session::CLIENT_TYPE;
use crate::sync::ContentType;
use tandem_crm_port::ForeignKey;
use tandem_model::RecordId;

const TABLE: &str = "ExternalKey";

/// How many keys are fetched with one request.
const PAGE: u32 = 500;

impl CrmClient {
    /// The keys of one content type that other systems than the connector noted for a rep (by his `RepID`), or without
    /// naming one. Only administrators see them: the master user asks for himself.
    pub async fn foreign_keys(
        &self,
        rep_id: &str,
        content_type: ContentType,
    ) -> Result<Vec<ForeignKey>, CrmError> {
        let is = |field: &str, value: &str| Condition::compare(TABLE, field, Operator::Equal, value);
        let query = Query::all(TABLE).with(Condition::All(vec![
            is("ContentType", content_type.as_str()),
            Condition::compare(TABLE, "ExtSystem", Operator::NotEqual, CLIENT_TYPE),
            Condition::Any(vec![is("RepID", rep_id), is("RepID", "")]),
        ]));
        let records = self.records(&query, PAGE, "list what other connectors noted").await?;
        Ok(records.iter().filter_map(foreign_key).collect())
    }
}

/// None for a row that names no record or no id.
fn foreign_key(row: &Record) -> Option<ForeignKey> {
    let text = |name| row.field(name).map(str::trim).filter(|text| !text.is_empty());
    Some(ForeignKey {
        record: RecordId::new(format!("{}:{}", text("TableShort")?, text("RecordID")?)),
        key: text("Key")?.to_owned(),
        system: text("ExtSystem").unwrap_or_default().to_owned(),
    })
}
