#![doc = include_str!("../README.md")]

mod acting;
mod condition;
mod deletion;
mod directory;
mod forms;
mod html;
mod kinds;
mod list;
mod missing;
mod moments;
mod newcomers;
mod note;
mod participants;
mod pen;
mod people;
mod record;
mod rrule;
mod rules;
mod switches;
mod translate;
mod visibility;
mod words;
mod xml;

pub use acting::ActingRep;
pub use condition::{Comparison, Condition, Join};
pub use deletion::{NotDeleted, is_deleted, is_published, mark_deleted};
pub use directory::{CompanyRef, Directory, FoundBy, Key, Match, NewParty, PersonRef, RepRef};
pub use forms::{Authentication, Form, Forms, MasterUser, Options};
pub use missing::{MissingAttendees, Target};
pub use note::{Note, Refusal, Unreadable};
pub use people::{Linked, addresses, company_names};
pub use record::{InfoArea, NewDocument, Record, RecordSet, UnknownInfoArea};
pub use rules::{Rules, RulesError, Source};
pub use switches::{AcceptedOnly, Switches};
pub use translate::{Change, Written, answer, to_item, to_records};
pub use visibility::visible;
