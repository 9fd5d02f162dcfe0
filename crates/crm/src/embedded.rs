//! The CRM inside another program: called directly, without HTTP, threads or a clock of its own. A simulation runs it so.

use crate::admin::catalogs;
use crate::authentication::Speaker;
use crate::crm::Crm;
use crate::error::CrmError;
use crate::language::{self, Asked, Spoken};
use crate::password::Passwords;
use crate::running::ADMINISTRATOR;
use crate::schema::Schema;
use crate::storage::{Author, Storage, StorageError};
use crate::system::System;
use axum::body::Bytes;
use std::collections::BTreeSet;
use std::sync::Arc;
use tandem_crm_interface::language::{Action, Command, Query, Record};
use tandem_crm_interface::session::Secret;
use tandem_groupware::Rules;
use tandem_outside::Clock;

/// A CRM in memory that answers on the caller's thread, and that can be taken back to an earlier state.
/// Clones share the database.
#[derive(Clone)]
pub struct Embedded {
    crm: Crm,
}

impl Embedded {
    /// An empty CRM under these rules, at the times of `clock`. Administrator and master user have `password`.
    pub async fn open(clock: Arc<dyn Clock>, rules: Rules, password: &Secret) -> Result<Self, CrmError> {
        let schema = Arc::new(Schema::builtin()?);
        let system = System::fixed(rules, Arc::clone(&schema));
        let storage = Storage::here(schema, clock)?;
        storage.write(Author::system(), catalogs::add_missing).await?;
        let passwords = Passwords::new(storage.clone())?;
        let master = system.master_user().unwrap_or_else(|| ADMINISTRATOR.to_owned());
        for user in BTreeSet::from([ADMINISTRATOR, &master]) {
            passwords.set(user, password, true).await?;
        }
        Ok(Self { crm: Crm::new(storage, passwords, system) })
    }

    /// Answers a document that is posted to CRM.interface: HTTP status and body.
    pub async fn answer(&self, document: Bytes) -> (u16, Vec<u8>) {
        // The work goes on when whoever asked hangs up, as it does behind the HTTP server.
        let answer = self.crm.answer(document).await;
        (answer.status, answer.body)
    }

    /// All records of a table with all their fields, as a query of an administrator answers them, without a text in
    /// between: for who looks at everything at once.
    pub async fn all(&self, table: &str) -> Result<Vec<Record>, CrmError> {
        let speaker = Ok(Speaker::Administrator(Author::system()));
        let command = Command::from(Action::Query(Query::all(table)));
        let asked = Asked { commands: vec![Spoken { command, speaker, language: None }], transaction: false };
        let rules = self.crm.system.rules();
        let results = self.crm.storage.read(move |reading| language::read(reading, &asked, &rules)).await?;
        let returned = results.response.results.into_iter().next().unwrap_or_default();
        match returned.error() {
            Some(error) => Err(StorageError::Invalid(error.text.clone()).into()),
            None => Ok(returned.records),
        }
    }

    /// Makes the present state the one that [`Embedded::rewind`] leads back to.
    pub fn keep(&self) -> Result<(), CrmError> {
        Ok(self.crm.storage.keep()?)
    }

    /// Forgets what was written since the last [`Embedded::keep`], and what only memory knew.
    pub fn rewind(&mut self) -> Result<(), CrmError> {
        self.crm.storage.rewind()?;
        self.restart();
        Ok(())
    }

    /// What a restart does: everything that only memory knew is forgotten, the database is not.
    pub fn restart(&mut self) {
        self.crm = Crm::new(self.crm.storage.clone(), self.crm.passwords.clone(), self.crm.system.clone());
    }
}
