//! What can keep the demonstration from its end.

use std::path::PathBuf;
use std::process::ExitStatus;
use tandem_audit::AuditError;
use tandem_credentials::CredentialsError;
use tandem_store::StoreError;

/// Why there is no outcome.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A file or folder of the demonstration.
    #[error("{path} cannot be {action}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Read, written or made.
        action: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// A process could not be started.
    #[error("{binary} cannot be started as {name}: {source}")]
    Start {
        /// What it should have been.
        name: &'static str,
        /// The program.
        binary: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A process ended, or never said that it is ready.
    #[error("the {name} did not get ready: {why}; its last words:\n{log}")]
    NotReady {
        /// Which.
        name: &'static str,
        /// What it did instead.
        why: String,
        /// The end of its log.
        log: String,
    },
    /// A process ended though nobody asked it to.
    #[error("the {name} ended by itself ({status}); its last words:\n{log}")]
    Ended {
        /// Which.
        name: &'static str,
        /// How.
        status: ExitStatus,
        /// The end of its log.
        log: String,
    },
    /// The tenant or the CRM refused something.
    #[error(transparent)]
    Side(#[from] AuditError),
    /// The tenant's Graph interface refused something.
    #[error("the tenant's Graph interface refused {request}: {why}")]
    Graph {
        /// What was asked.
        request: String,
        /// Status or failure.
        why: String,
    },
    /// The connector's store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The credentials cannot be written.
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    /// The corpus is not where it should be.
    #[error("{0} is no folder; --corpus takes one with eml, ics and vcf inside")]
    Corpus(PathBuf),
    /// The folder is not fresh.
    #[error("{0} holds an earlier demonstration, whose mailboxes are gone; remove it or give another folder")]
    Used(PathBuf),
    /// Somebody asked the demonstration to end.
    #[error("interrupted")]
    Interrupted,
}

impl DemoError {
    pub(crate) fn file(
        path: impl Into<PathBuf>,
        action: &'static str,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| DemoError::File { path, action, source }
    }
}
