//! The CRM's tables as the examination reads them: what queries answer, without a text in between. People read over the
//! interface throughout a history; to write everything out and read it again at its end takes longer than the look at it.

use tandem_audit::{AuditError, Record, Tables};
use tandem_crm::Embedded;

/// The CRM of a history.
pub struct Within(pub Embedded);

impl Tables for Within {
    async fn all(&self, table: &str) -> Result<Vec<Record>, AuditError> {
        let found = self.0.all(table).await.map_err(|error| AuditError::Crm {
            request: format!("query {table}"),
            code: String::new(),
            text: error.to_string(),
        })?;
        Ok(found.into_iter().filter_map(record).collect())
    }
}

/// None for one that stands for several.
fn record(found: tandem_crm_interface::language::Record) -> Option<Record> {
    let fields = found.fields.into_iter().map(|field| (field.name, field.value)).collect();
    Some(Record { area: found.info_area, id: found.id?.to_string(), fields })
}
