//! A CRM of which the engine understands the wrong thing.

use async_trait::async_trait;
use std::collections::BTreeMap;
use std::sync::Arc;
use tandem_crm_interface::sync::ContentType;
use tandem_crm_port::{
    Answer, ChangePage, Command, CrmPort, CurrentRecord, ForeignKey, PortError, RecordState, Rep,
};
use tandem_mapping::Mapping;
use tandem_model::{EmailAddress, Kind, RecordId};
use tandem_store::{Commit, Cursor, Store};

/// The port with a bug in it.
pub struct Misled {
    /// The port as it is shipped.
    pub inner: Arc<dyn CrmPort>,
    /// The store, without what befalls it.
    pub store: Arc<dyn Store>,
    /// Which bug.
    pub bug: &'static str,
}

#[async_trait]
impl CrmPort for Misled {
    async fn reps(&self) -> Result<Vec<Rep>, PortError> {
        self.inner.reps().await
    }

    async fn sync(&self, rep: &str, commands: Vec<Command>) -> Result<Vec<Answer>, PortError> {
        let asked = commands.clone();
        let mut answers = self.inner.sync(rep, commands).await?;
        for (command, answer) in asked.iter().zip(&mut answers) {
            match (self.bug, command, &mut *answer) {
                ("crm-anchor-early", Command::Changes { kind, .. }, Answer::Changes(page)) => {
                    self.keep_anchor(rep, *kind, page).await;
                }
                ("wrong-side-wins", _, Answer::Changes(page)) => {
                    page.changes.iter_mut().for_each(|change| let_win(&mut change.state));
                }
                ("wrong-side-wins", _, Answer::Record(CurrentRecord::Known(change))) => {
                    let_win(&mut change.state);
                }
                _ => {}
            }
        }
        Ok(answers)
    }

    async fn records_by_key(
        &self,
        kind: Kind,
        keys: &[String],
    ) -> Result<BTreeMap<String, RecordId>, PortError> {
        self.inner.records_by_key(kind, keys).await
    }

    async fn knows(&self, rep: &str, address: &EmailAddress) -> Result<bool, PortError> {
        self.inner.knows(rep, address).await
    }

    async fn fields(&self, rep: &str) -> Result<Mapping, PortError> {
        self.inner.fields(rep).await
    }

    async fn foreign_keys(&self, rep_id: &str, kind: Kind) -> Result<Vec<ForeignKey>, PortError> {
        self.inner.foreign_keys(rep_id, kind).await
    }
}

/// As a CRM says that is set up to win always.
fn let_win(state: &mut RecordState) {
    if let RecordState::Present { wins, .. } = state {
        *wins = true;
    }
}

impl Misled {
    /// Keeps the new anchor as soon as it is known. What cannot be kept is kept in time by the engine.
    async fn keep_anchor(&self, rep: &str, kind: Kind, page: &ChangePage) {
        let mailboxes = self.store.mailboxes().await.unwrap_or_default();
        let Some(mailbox) = mailboxes.into_iter().find(|mailbox| mailbox.seed.rep == rep) else { return };
        let collection = format!("crm:{}", ContentType::from(kind).as_str());
        let id = &mailbox.seed.id;
        let Ok(Some(before)) = self.store.cursor(id, &collection).await else { return };
        // A first reading has marks of its own.
        let Some((_, rest)) = before.split_once('|').filter(|_| before.ends_with('|')) else { return };
        let position = Some(format!("{}|{rest}", page.next));
        let cursors = vec![Cursor { collection, position }];
        let kept = self.store.commit(id, mailbox.epoch, Commit { cursors, ..Commit::default() }).await;
        drop(kept);
    }
}
