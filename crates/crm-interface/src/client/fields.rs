//! Which fields the CRM exchanges.

use super::{CrmClient, CrmError};
use crate::sync::{Answer, Command};
use tandem_mapping::Mapping;

impl CrmClient {
    /// Which fields travel beside, or otherwise than, those of the default pairs. The default pairs alone where the
    /// interface does not tell.
    pub async fn fields(&self, principal: &str) -> Result<Mapping, CrmError> {
        let answers = self.sync(principal, vec![Command::Fields]).await?;
        Ok(match answers.into_iter().next() {
            Some(Answer::Fields(mapping)) => mapping,
            _ => Mapping::default(),
        })
    }
}
