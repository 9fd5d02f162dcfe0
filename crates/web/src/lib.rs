#![doc = include_str!("../README.md")]

mod assets;
mod cookie;
mod door;
mod form;
mod frame;
mod gate;
mod headers;
mod language;
mod login;
mod origin;
mod routes;
mod sessions;
mod throttle;
mod trouble;
mod visit;
mod web;

pub use door::{Door, Unavailable, Visitor};
pub use form::{File, Posted};
pub use frame::Entry;
pub use headers::ISOLATED;
pub use language::{Language, Texts, TextsError, Words};
pub use routes::{Access, Pages, Route};
pub use sessions::Lifetime;
pub use trouble::Trouble;
pub use visit::Visit;
pub use web::{Product, Web};
