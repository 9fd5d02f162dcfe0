//! What every implementation of the port must guarantee, as one suite that its author runs.
//!
//! The suite asks through the port and edits through [`Site`], the hands of the CRM's own users. Each check has
//! keys and records of its own. The texts of `docs/another-crm.md` and the checks say the same.

mod adding;
mod asking;
mod changes;
mod deleting;
mod foreign;
mod reps;
mod writing;

use crate::CrmPort;
use async_trait::async_trait;
use std::future::Future;
use std::pin::Pin;
use tandem_model::{EmailAddress, Kind, RecordId};

/// A CRM with at least two reps for whom the connector works with all kinds.
#[async_trait]
pub trait Site: Send + Sync {
    /// The port to it.
    fn port(&self) -> &dyn CrmPort;

    /// The address of a person whom the CRM knows and who is no rep.
    fn person(&self) -> EmailAddress;

    /// The id of a record that does not exist, as this CRM would write it.
    fn missing(&self) -> RecordId;

    /// A user of the CRM gives a record another subject.
    async fn edit(&self, kind: Kind, record: &RecordId, subject: &str);

    /// A user of the CRM deletes a record softly.
    async fn delete(&self, kind: Kind, record: &RecordId);

    /// Another connector notes a record under an id of its own, for a rep (by [`Rep::rep_id`](crate::Rep::rep_id)) or for none. Answers
    /// whether this CRM keeps such ids.
    async fn note_foreign(&self, _kind: Kind, _record: &RecordId, _key: &str, _rep_id: Option<&str>) -> bool {
        false
    }
}

/// A guarantee that an implementation does not keep.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{check}: {text}")]
pub struct Breach {
    /// Which guarantee.
    pub check: &'static str,
    /// What happened instead.
    pub text: String,
}

type Outcome<'s> = Pin<Box<dyn Future<Output = Result<(), String>> + Send + 's>>;
type Check = for<'s> fn(&'s dyn Site) -> Outcome<'s>;

const CHECKS: &[(&str, Check)] = &[
    ("reps are listed once, in an order that stays", |site| Box::pin(reps::are_listed(site))),
    ("addresses are known whatever their case", |site| Box::pin(reps::are_known(site))),
    ("each command gets its answer, in order", |site| Box::pin(adding::answers_in_order(site))),
    ("adding twice makes one record", |site| Box::pin(adding::twice_is_once(site))),
    ("keys belong to a kind", |site| Box::pin(adding::keys_belong_to_a_kind(site))),
    ("a key that was mapped is known", |site| Box::pin(adding::mapped_keys_are_known(site))),
    ("records are found by their keys", |site| Box::pin(adding::records_are_found(site))),
    ("only listed fields are replaced", |site| Box::pin(writing::only_listed_fields(site))),
    ("replacing twice is harmless", |site| Box::pin(writing::twice_is_harmless(site))),
    ("a stale stamp changes nothing", |site| Box::pin(writing::stale_stamps_change_nothing(site))),
    ("an answer changes nothing else", |site| Box::pin(writing::answers_are_noted(site))),
    ("stamps grow over all records", |site| Box::pin(writing::stamps_grow(site))),
    ("users' edits are reported", |site| Box::pin(changes::edits_are_reported(site))),
    ("own writes do not echo", |site| Box::pin(changes::own_writes_do_not_echo(site))),
    ("colleagues see what was written for another rep", |site| Box::pin(changes::colleagues_see_it(site))),
    ("pages lose and repeat nothing", |site| Box::pin(changes::pages_are_complete(site))),
    ("what has a key is reported outside the window", |site| Box::pin(changes::keys_beat_windows(site))),
    ("a foreign anchor is refused", |site| Box::pin(changes::foreign_anchors_are_refused(site))),
    ("users' deletions are reported", |site| Box::pin(deleting::deletions_are_reported(site))),
    ("whoever adds what was deleted may ask for it", |site| {
        Box::pin(deleting::is_shown_to_who_adds_it(site))
    }),
    ("what other connectors noted is told by rep and kind", |site| Box::pin(foreign::keys_are_told(site))),
    ("deleting is soft and conditional", |site| Box::pin(deleting::is_soft_and_conditional(site))),
];

/// Runs every check on the site, and stops at the first breach.
pub async fn run(site: &dyn Site) -> Result<(), Breach> {
    for (check, keeps) in CHECKS.iter().copied() {
        keeps(site).await.map_err(|text| Breach { check, text })?;
    }
    Ok(())
}
