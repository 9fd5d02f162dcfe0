//! Instants as the stores keep them: whole microseconds, in 64 bits for all times that jiff knows.

use jiff::Timestamp;

/// Microseconds since 1970, rounded down.
pub(crate) fn micros(at: Timestamp) -> i64 {
    let whole = at.as_microsecond();
    // jiff rounds towards zero; before 1970 that is up.
    if at.subsec_nanosecond() % 1_000 < 0 { whole - 1 } else { whole }
}

/// The instant without what a store does not keep.
pub(crate) fn cut(at: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(micros(at)).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_finer_is_cut_off_downwards() {
        let nanos = |nanos| Timestamp::from_nanosecond(nanos).unwrap();
        for (at, kept) in [(0, 0), (999, 0), (1_000, 1), (1_999, 1), (-1, -1), (-1_000, -1), (-1_001, -2)] {
            assert_eq!(micros(nanos(at)), kept, "{at}");
            assert_eq!(cut(nanos(at)), nanos(i128::from(kept) * 1_000));
        }
        for at in [Timestamp::MIN, Timestamp::MAX] {
            assert!((cut(at).as_second() - at.as_second()).abs() <= 1);
        }
    }
}
