//! How long to wait before the next try, when the server does not say.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(30);

/// The pause after the given number of failed tries: doubling, at most 30 s, and by chance (`bits`) between half of it
/// and the whole, so that clients that failed together do not come back together.
pub(crate) fn pause(failed: u32, bits: u64) -> Duration {
    let doubled = FIRST.saturating_mul(1 << failed.saturating_sub(1).min(10)).min(LONGEST);
    let half = doubled / 2;
    let spread = u64::try_from(half.as_millis()).unwrap_or(0);
    half + Duration::from_millis(bits % (spread + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_are_spread_and_end_at_thirty_seconds() {
        assert_eq!(pause(1, 0), Duration::from_millis(250));
        assert_eq!(pause(1, 250), Duration::from_millis(500));
        assert_eq!(pause(3, 0), Duration::from_secs(1));
        for failed in 0..60 {
            let pause = pause(failed, u64::MAX);
            assert!(pause >= Duration::from_millis(250) && pause <= LONGEST, "{failed}: {pause:?}");
        }
    }
}
