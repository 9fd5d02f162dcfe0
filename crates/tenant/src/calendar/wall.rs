//! A wall clock's time in a zone: `dateTimeTimeZone` of Graph.

use super::zone::Zone;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};

/// What a clock on a wall in `zone` shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub struct WallTime {
    /// Date and time of day.
    pub local: DateTime,
    /// Where the clock hangs.
    pub zone: Zone,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Wire {
    date_time: String,
    #[serde(default = "Zone::utc")]
    time_zone: Zone,
}

impl WallTime {
    /// The time that `instant` is in `zone`.
    pub fn of(instant: Timestamp, zone: Zone) -> Self {
        Self { local: zone.rules().to_datetime(instant), zone }
    }

    /// The instant. A time that the clocks skip counts as after the gap, a doubled one as the first.
    pub fn instant(&self) -> Timestamp {
        self.zone
            .rules()
            .to_ambiguous_timestamp(self.local)
            .compatible()
            .unwrap_or(if self.local.year() < 0 { Timestamp::MIN } else { Timestamp::MAX })
    }

    /// The same time of day `days` later; the same wall time when the calendar ends.
    pub fn shifted(&self, days: i64) -> Self {
        let local = self.local.checked_add(jiff::Span::new().try_days(days).unwrap_or_default());
        Self { local: local.unwrap_or(self.local), zone: self.zone.clone() }
    }

    /// The same instant in another zone.
    pub fn in_zone(&self, zone: &Zone) -> Self {
        if self.zone.rules() == zone.rules() {
            return Self { local: self.local, zone: zone.clone() };
        }
        Self::of(self.instant(), zone.clone())
    }

    /// The JSON of Graph.
    pub fn json(&self) -> serde_json::Value {
        serde_json::json!({ "dateTime": local_text(self.local), "timeZone": self.zone.name() })
    }
}

/// A local time with the seven decimals that Graph writes.
pub fn local_text(local: DateTime) -> String {
    format!("{local:.7}")
}

/// The date of midnight, for `DateTime` values.
pub fn midnight(date: Date) -> DateTime {
    date.to_datetime(jiff::civil::Time::midnight())
}

impl From<WallTime> for Wire {
    fn from(wall: WallTime) -> Self {
        Self { date_time: local_text(wall.local), time_zone: wall.zone }
    }
}

impl TryFrom<Wire> for WallTime {
    type Error = String;

    fn try_from(wire: Wire) -> Result<Self, String> {
        let text = wire.date_time.trim();
        let time_part = text.split_once('T').map_or("", |(_, time)| time);
        if time_part.contains(['Z', 'z', '+', '-']) {
            let instant: Timestamp =
                text.parse().map_err(|error| format!("'{text}' is no date and time: {error}"))?;
            return Ok(Self::of(instant, wire.time_zone));
        }
        let local: DateTime =
            text.parse().map_err(|error| format!("'{text}' is no date and time: {error}"))?;
        Ok(Self { local, zone: wire.time_zone })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wall_time_reads_zones_and_offsets() {
        let read = |json: &str| serde_json::from_str::<WallTime>(json).unwrap();
        let vienna = read(r#"{"dateTime":"2026-03-29T02:30:00","timeZone":"Europe/Vienna"}"#);
        assert_eq!(vienna.instant().to_string(), "2026-03-29T01:30:00Z", "in the gap: after it");
        let offset = read(r#"{"dateTime":"2026-07-01T12:00:00+02:00","timeZone":"W. Europe Standard Time"}"#);
        assert_eq!(local_text(offset.local), "2026-07-01T12:00:00.0000000");
        assert!(
            serde_json::from_str::<WallTime>(r#"{"dateTime":"2026-07-01T12:00","timeZone":"Nowhere"}"#)
                .is_err()
        );
    }
}
