//! While something holds.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// From when, and until when, a permission or a policy acts. Changes are told at once but act later, so that both lie
/// in the future at times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// The first moment.
    pub from: Timestamp,
    /// The first moment after; `None` if no end is known.
    pub until: Option<Timestamp>,
}

impl Term {
    /// Without beginning and end.
    pub const ALWAYS: Self = Self { from: Timestamp::MIN, until: None };

    /// From a moment on.
    pub fn from(at: Timestamp) -> Self {
        Self { from: at, until: None }
    }

    /// Whether it holds at a moment.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.from <= now && !self.is_over(now)
    }

    /// Whether it held and will not again.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.until.is_some_and(|until| until <= now)
    }

    /// Lets it end, if it does not end earlier anyway.
    pub fn end(&mut self, at: Timestamp) {
        self.until = Some(self.until.map_or(at, |until| until.min(at)));
    }
}

/// How long a change of permissions takes to act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PermissionDelay {
    /// Not at all.
    #[default]
    None,
    /// Between 30 minutes and 2 hours, as the real service takes.
    Real,
}

impl PermissionDelay {
    /// The delay of one change; `bits` are random.
    pub fn draw(self, bits: u64) -> SignedDuration {
        match self {
            Self::None => SignedDuration::ZERO,
            Self::Real => SignedDuration::from_secs(30 * 60 + (bits % (90 * 60 + 1)) as i64),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_real_delay_lies_between_half_an_hour_and_two_hours() {
        let drawn: Vec<i64> =
            [0, 1, 5399, 5400, 5401, u64::MAX].map(|bits| PermissionDelay::Real.draw(bits).as_secs()).into();
        assert!(drawn.iter().all(|seconds| (1800..=7200).contains(seconds)), "{drawn:?}");
        assert_eq!((drawn[0], drawn[3]), (1800, 7200));
    }
}
