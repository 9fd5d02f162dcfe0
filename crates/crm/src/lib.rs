#![doc = include_str!("../README.md")]

mod active;
mod admin;
mod authentication;
mod crm;
mod embedded;
mod error;
mod fill;
mod language;
mod options;
mod pages;
mod password;
mod rules;
mod running;
mod schema;
mod server;
mod storage;
mod sync;
mod system;
mod tls;
mod token;

pub use admin::catalogs::{Missing, missing_catalogs};
pub use embedded::Embedded;
pub use error::CrmError;
pub use fill::FillError;
pub use options::{Options, Password};
pub use rules::rules;
pub use running::{ADMINISTRATOR, Running, start};
pub use schema::SchemaError;
pub use server::INTERFACE_PATH;
pub use storage::StorageError;
pub use system::SystemError;
pub use tls::{Tls, TlsError};
