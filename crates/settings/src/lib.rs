#![doc = include_str!("../README.md")]

mod error;
mod file;
mod nearest;
mod period;
mod reference;
mod schema;
mod settings;
mod shape;
mod show;
mod table;
mod value;
mod values;

pub use error::{Finding, Problem, SettingsError};
pub use file::SettingsFile;
pub use reference::reference;
pub use schema::{Preset, Setting, Shape, Tab};
pub use settings::{
    Appointments, Connection, Contacts, CrmLogin, Direction, Emails, Errors, Notifications, Settings, Tasks,
};
pub use show::{Origin, Resolved};
pub use table::SETTINGS;
pub use value::Value;
