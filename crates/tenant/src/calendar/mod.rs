//! Times, recurrences, and what travels between the calendars of a meeting.

mod expand;
pub mod global_id;
pub mod meeting;
pub mod online;
mod recurrence;
pub mod series;
mod wall;
mod zone;

pub use recurrence::{Pattern, PatternKind, Range, RangeKind, Recurrence, WeekIndex, Weekday, never};
pub use wall::{WallTime, local_text, midnight};
pub use zone::{CUSTOM, Zone, representatives, windows_name};
