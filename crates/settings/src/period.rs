//! Time spans as text: `"10m"`, `"1h 30m"`, `"0s"`.

use std::time::Duration;

const UNITS: [(&str, u64); 4] = [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)];

/// Reads whole numbers with the units d, h, m and s, largest unit first, spaces between them allowed.
pub(crate) fn read(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    let mut seconds: u64 = 0;
    let mut units = UNITS.iter();
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit())?;
        let number: u64 = rest[..digits].parse().ok()?;
        let unit = rest[digits..].chars().next()?;
        // Each unit once, in order: so "5m 2h" is a slip, not a sum.
        let (name, factor) = units.find(|(name, _)| name.starts_with(unit))?;
        seconds = number.checked_mul(*factor).and_then(|part| seconds.checked_add(part))?;
        rest = rest[digits + name.len()..].trim_start();
    }
    Some(Duration::from_secs(seconds))
}

/// Writes a time span as a whole number of the largest unit that fits; up to a minute in seconds, days as hours.
pub(crate) fn show(seconds: u64) -> String {
    match seconds {
        0..=119 => format!("{seconds}s"),
        _ if seconds > 86_400 && seconds.is_multiple_of(86_400) => format!("{}d", seconds / 86_400),
        _ if seconds.is_multiple_of(3_600) => format!("{}h", seconds / 3_600),
        _ if seconds.is_multiple_of(60) => format!("{}m", seconds / 60),
        _ => format!("{seconds}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_spans_are_read() {
        let seconds = |text| read(text).map(|period| period.as_secs());
        assert_eq!(seconds("10m"), Some(600));
        assert_eq!(seconds("0s"), Some(0));
        assert_eq!(seconds(" 1h 30m "), Some(5_400));
        assert_eq!(seconds("1h30m5s"), Some(5_405));
        assert_eq!(seconds("7d"), Some(604_800));
        for wrong in
            ["", "10", "m", "10 m", "10min", "-1m", "1.5h", "5m 2h", "1m 1m", "99999999999999999d", "10µ"]
        {
            assert_eq!(seconds(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_is_written_can_be_read() {
        for seconds in [0, 1, 60, 61, 119, 120, 600, 3_600, 5_400, 86_400, 172_800, 90_061] {
            assert_eq!(read(&show(seconds)), Some(Duration::from_secs(seconds)));
        }
        assert_eq!(show(86_400), "24h");
        assert_eq!(show(60), "60s");
        assert_eq!(show(604_800), "7d");
    }
}
