#![doc = include_str!("../README.md")]

mod additional;
mod address;
mod appointment;
mod contact;
mod document;
mod ids;
mod item;
mod mail;
mod series;
mod task;
mod time;

pub use additional::{ADDITIONAL, Additional, AdditionalValue, Decimal, NoDecimal};
pub use address::{Attendee, Person, Response, Role};
pub use appointment::{Absence, Appointment, ShowAs};
pub use contact::{Contact, PostalAddress};
pub use document::{Document, DocumentError};
pub use ids::{EmailAddress, Etag, GraphId, ICalUid, InternetMessageId, MailboxId, RecordId, Stamp};
pub use item::{Item, Kind, UnknownKind};
pub use mail::{Attachment, AttachmentContent, Body, Direction, Mail};
pub use series::{Occurrence, Pattern, RelativeIndex, Series, SeriesEnd, Weekday};
pub use task::{Importance, Task, TaskStatus};
pub use time::{When, Zone};
