//! Why the CRM cannot start.

use crate::fill::FillError;
use crate::schema::SchemaError;
use crate::storage::StorageError;
use crate::system::SystemError;
use crate::tls::TlsError;
use std::net::SocketAddr;
use std::path::PathBuf;

/// The CRM cannot start.
#[derive(Debug, thiserror::Error)]
pub enum CrmError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}; choose another address with --listen")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// Passwords would travel in clear text.
    #[error(
        "{0} is no loopback address, and passwords travel in clear there: give --tls-cert and --tls-key, or a loopback \
         address such as 127.0.0.1"
    )]
    NotLoopback(SocketAddr),
    /// HTTPS cannot be served.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// There is no such database, and none is to be made.
    #[error("there is no database {0}; name the file that tandem crm --db made")]
    NoDatabase(PathBuf),
    /// The built-in texts of the pages are damaged.
    #[error(transparent)]
    Texts(#[from] tandem_web::TextsError),
    /// The built-in data model is damaged.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// The database cannot be opened or written.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A file of the system folder is wrong.
    #[error(transparent)]
    System(#[from] SystemError),
    /// The folder to fill from is wrong.
    #[error(transparent)]
    Fill(#[from] FillError),
    /// The operating system gives no random numbers.
    #[error("the operating system gives no random numbers: {0}")]
    Random(#[from] getrandom::Error),
}
