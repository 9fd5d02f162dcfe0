//! One line of the summary.

use serde::Serialize;

/// When a line is good enough.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Goal {
    /// The value reaches this.
    AtLeast(f64),
    /// The value does not exceed this.
    AtMost(f64),
    /// The ratio to the floor does not exceed this; a line without a floor misses it.
    RatioAtMost(f64),
}

impl Goal {
    fn bound(self) -> f64 {
        match self {
            Self::AtLeast(bound) | Self::AtMost(bound) | Self::RatioAtMost(bound) => bound,
        }
    }
}

/// What was measured, in the shape of the summary file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    /// Name; unique in the summary.
    pub name: String,
    /// Value.
    pub value: f64,
    /// Unit of the value and of the floor.
    pub unit: String,
    /// What the floor needed in the same run.
    pub floor: Option<f64>,
    /// Our cost by the floor's.
    pub ratio: Option<f64>,
    /// Bound of the goal.
    pub goal: Option<f64>,
    /// Whether the goal is reached.
    pub holds: bool,
}

impl Line {
    /// A value by itself, without a goal.
    pub fn new(name: impl Into<String>, unit: &str, value: f64) -> Self {
        let value = rounded(value);
        Self {
            name: name.into(),
            value,
            unit: unit.to_owned(),
            floor: None,
            ratio: None,
            goal: None,
            holds: true,
        }
    }

    /// The value is a cost (time, memory, requests), and this is the floor's.
    #[must_use]
    pub fn beside(self, floor: f64) -> Self {
        let ratio = self.value / floor;
        self.compared(floor, ratio)
    }

    /// The value is a rate, of which more is better, and this is the floor's.
    #[must_use]
    pub fn rate_beside(self, floor: f64) -> Self {
        let ratio = floor / self.value;
        self.compared(floor, ratio)
    }

    fn compared(mut self, floor: f64, ratio: f64) -> Self {
        self.floor = Some(rounded(floor));
        // JSON has no infinity: what cannot be compared has no ratio, and so misses a goal for it.
        self.ratio = Some(rounded(ratio)).filter(|ratio| ratio.is_finite());
        self
    }

    /// What is good enough; said after the floor.
    #[must_use]
    pub fn goal(mut self, goal: Goal) -> Self {
        self.goal = Some(goal.bound());
        self.holds = match goal {
            Goal::AtLeast(bound) => self.value >= bound,
            Goal::AtMost(bound) => self.value <= bound,
            Goal::RatioAtMost(bound) => self.ratio.is_some_and(|ratio| ratio <= bound),
        };
        self
    }
}

fn rounded(number: f64) -> f64 {
    (number * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_our_cost_by_the_floors() {
        let cost = Line::new("wall", "s", 3.0).beside(2.0).goal(Goal::RatioAtMost(1.5));
        assert_eq!((cost.ratio, cost.goal, cost.holds), (Some(1.5), Some(1.5), true));
        let rate = Line::new("rate", "1/s", 50.0).rate_beside(100.0).goal(Goal::RatioAtMost(1.5));
        assert_eq!((rate.ratio, rate.holds), (Some(2.0), false));
    }

    #[test]
    fn a_goal_for_the_value_looks_at_the_value() {
        assert!(Line::new("rate", "1/s", 50.0).goal(Goal::AtLeast(50.0)).holds);
        assert!(!Line::new("rate", "1/s", 49.0).goal(Goal::AtLeast(50.0)).holds);
        assert!(!Line::new("bytes", "bytes", 51.0).goal(Goal::AtMost(50.0)).holds);
    }

    #[test]
    fn without_a_floor_a_ratio_is_never_good_enough() {
        assert!(!Line::new("wall", "s", 1.0).goal(Goal::RatioAtMost(2.0)).holds);
        assert!(!Line::new("wall", "s", 1.0).beside(0.0).goal(Goal::RatioAtMost(2.0)).holds);
    }
}
