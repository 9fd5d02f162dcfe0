//! A rep's *Access Times*: within which hours of his day he may use the pages.

use crate::storage::Record;
use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;

/// Whether the rep may be here at this instant. Without a limit he may; one that begins later than it ends spans midnight.
/// The hours are those of his time zone, UTC where he has none.
pub(super) fn allow(rep: &Record, now: Timestamp) -> bool {
    let limit = |field: &str| rep.get(field).parse::<Time>().ok();
    let zone = TimeZone::get(rep.get("TimeZone")).unwrap_or(TimeZone::UTC);
    let time = zone.to_datetime(now).time();
    match (limit("AccessFrom"), limit("AccessTo")) {
        (Some(from), Some(to)) if from > to => time >= from || time < to,
        (from, to) => from.is_none_or(|from| time >= from) && to.is_none_or(|to| time < to),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::{Author, Target};
    use tandem_model::Stamp;

    fn allowed(from: &str, to: &str, now: &str) -> bool {
        let fields = [("AccessFrom", from), ("AccessTo", to), ("TimeZone", "Europe/Vienna")];
        let rep = Record {
            target: Target::new("ID", 1),
            stamp: Stamp(1),
            modified: Timestamp::UNIX_EPOCH,
            author: Author::system(),
            unseen: Stamp(0),
            deleted: false,
            fields: fields.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        };
        allow(&rep, now.parse().unwrap())
    }

    #[test]
    fn hours_are_those_of_the_reps_day() {
        assert!(allowed("", "", "2026-11-25T03:00:00Z"));
        assert!(allowed("08:00", "18:00", "2026-11-25T07:00:00Z"));
        assert!(!allowed("08:00", "18:00", "2026-11-25T17:00:00Z"));
        assert!(allowed("22:00", "06:00", "2026-11-25T23:30:00Z"));
        assert!(!allowed("22:00", "06:00", "2026-11-25T12:00:00Z"));
    }
}
