//! The port itself.

use crate::{Answer, Command, ForeignKey, PortError, Rep};
use async_trait::async_trait;
use std::collections::BTreeMap;
use tandem_mapping::Mapping;
use tandem_model::{EmailAddress, Kind, RecordId};

/// A CRM as the connector sees it. Shared by all mailboxes, and asked by several of them at once.
///
/// The guarantees of each operation are listed in `docs/another-crm.md`. Nothing is repeated below this line: whether
/// and when to try again is the engine's decision, and everything it sends may be sent twice.
#[async_trait]
pub trait CrmPort: Send + Sync {
    /// All reps, each once, in an order that stays.
    async fn reps(&self) -> Result<Vec<Rep>, PortError>;

    /// Carries out the commands of one rep (named by [`Rep::login`]) with his rights, in their order, and gives
    /// exactly one answer for each, in the same order. A command that fails alone is an answer and does not keep the
    /// ones behind it from being carried out. The engine puts at most ten writes into one call.
    async fn sync(&self, rep: &str, commands: Vec<Command>) -> Result<Vec<Answer>, PortError>;

    /// Which records of a kind have these keys, whoever told them by an `Add` or a `Map`, and whether they were deleted
    /// since or not. Keys that no record has are missing in the answer. The engine asks when it cannot know whether an
    /// `Add` was carried out.
    async fn records_by_key(
        &self,
        kind: Kind,
        keys: &[String],
    ) -> Result<BTreeMap<String, RecordId>, PortError>;

    /// Whether the rep's CRM knows somebody under this e-mail address: a person, a company or a rep.
    async fn knows(&self, rep: &str, address: &EmailAddress) -> Result<bool, PortError>;

    /// Which fields travel beside, or otherwise than, those of the default pairs, for all reps. Without it, the default
    /// pairs hold.
    async fn fields(&self, _rep: &str) -> Result<Mapping, PortError> {
        Ok(Mapping::default())
    }

    /// The ids under which other connectors, older ones, noted records of this kind for a rep (named by
    /// [`Rep::rep_id`]); those that name no rep come as well. A CRM that keeps none has none.
    async fn foreign_keys(&self, _rep_id: &str, _kind: Kind) -> Result<Vec<ForeignKey>, PortError> {
        Ok(Vec::new())
    }
}
