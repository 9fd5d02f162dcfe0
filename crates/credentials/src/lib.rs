#![doc = include_str!("../README.md")]

mod document;
mod error;
mod file;
mod secret;
mod users;

pub use error::CredentialsError;
pub use file::Protection;
pub use secret::Secret;
pub use users::{AppRegistration, MasterUser, Users};
