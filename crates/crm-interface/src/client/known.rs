//! Whether somebody has an e-mail address.

use super::{CrmClient, CrmError};
use crate::language::{Action, Condition, Operator, Query, Request};
use tandem_model::EmailAddress;

/// Tables of people, and their fields that hold an address.
const ADDRESSES: [(&str, &[&str]); 3] =
    [("Person", &["Email", "Email2", "Email3"]), ("Company", &["Email"]), ("Rep", &["Email"])];

impl CrmClient {
    /// Whether a person, company or rep that the principal may see has this address.
    pub async fn knows(&self, principal: &str, address: &EmailAddress) -> Result<bool, CrmError> {
        let queries = ADDRESSES.iter().map(|(table, fields)| {
            let same = |field: &&str| Condition::compare(*table, *field, Operator::Equal, address.as_str());
            Action::Query(Query::all(*table).with(Condition::Any(fields.iter().map(same).collect())))
        });
        let response = self.execute(&Request::new(self.session_for(principal), queries)).await?;
        for (returned, (table, fields)) in response.results.iter().zip(ADDRESSES) {
            if let Some(error) = returned.error() {
                let text = format!("{table}: {}", error.text);
                return Err(self.failed("look an address up", &error.code, &text));
            }
            // The language compares with patterns: a found address counts only if it is this one.
            let has = |field: &&str| {
                returned.records.iter().any(|record| {
                    record.field(field).is_some_and(|found| EmailAddress::new(found) == *address)
                })
            };
            if fields.iter().any(has) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
