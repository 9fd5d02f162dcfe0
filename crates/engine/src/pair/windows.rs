//! The calendar's time frame as Graph can read it.

use jiff::{SignedDuration, Timestamp};
use tandem_graph::Window;

/// Graph reads at most so many days of a calendar view at once.
const LONGEST_DAYS: i64 = 1825;

/// Cuts a time frame into spans that Graph accepts. The cuts stand at fixed instants, so that a frame which moves with
/// the days changes only its first and last span, and the positions of the others stay good.
pub(crate) fn spans(from: Timestamp, to: Timestamp) -> Vec<Window> {
    let length = SignedDuration::from_hours(24 * LONGEST_DAYS);
    let seconds = length.as_secs();
    let mut spans = Vec::new();
    let mut begin = from;
    while begin < to {
        let cut = (begin.as_second().div_euclid(seconds) + 1) * seconds;
        let end = Timestamp::from_second(cut).map_or(to, |cut| cut.min(to));
        spans.push(Window { from: begin, to: end });
        begin = end;
    }
    // A frame that fits into one span is not cut, wherever the fixed instants lie.
    if to.duration_since(from) <= length { vec![Window { from, to }] } else { spans }
}

/// Reads a span back from the name of its cursor, `<from>..<to>`.
pub(crate) fn parse(name: &str) -> Option<Window> {
    let (from, to) = name.split_once("..")?;
    Some(Window { from: from.parse().ok()?, to: to.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_frame_is_one_span() {
        let (from, to) = ("2024-12-20T00:00:00Z".parse().unwrap(), "2025-01-20T00:00:00Z".parse().unwrap());
        assert_eq!(spans(from, to), [Window { from, to }]);
        assert_eq!(parse(&format!("{from}..{to}")), Some(Window { from, to }));
    }

    #[test]
    fn a_long_frame_is_cut_without_gaps_at_fixed_instants() {
        let frame = |day: &str| spans(day.parse().unwrap(), "2027-01-01T00:00:00Z".parse().unwrap());
        let (today, tomorrow) = (frame("1990-05-01T00:00:00Z"), frame("1990-05-02T00:00:00Z"));
        assert!(today.windows(2).all(|pair| pair[0].to == pair[1].from));
        assert!(today.iter().all(|span| span.to.duration_since(span.from).as_hours() <= 24 * LONGEST_DAYS));
        assert_eq!(today[1..], tomorrow[1..]);
    }
}
