//! How much was used in a span of time that begins with the first use.

use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, VecDeque};

/// One window for each key that used something lately.
#[derive(Debug)]
pub struct Windows<K> {
    length: SignedDuration,
    open: BTreeMap<K, Window>,
    /// The windows in the order in which they were opened.
    order: VecDeque<(Timestamp, K)>,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    end: Timestamp,
    used: u64,
}

impl<K: Ord + Copy> Windows<K> {
    /// Windows of some length.
    pub fn new(length: SignedDuration) -> Self {
        Self { length, open: BTreeMap::new(), order: VecDeque::new() }
    }

    /// Uses `amount` if that keeps within `limit`; otherwise says how long the window lasts still.
    pub fn take(&mut self, key: K, amount: u64, limit: u64, now: Timestamp) -> Result<(), SignedDuration> {
        self.close(now);
        let end = now.checked_add(self.length).unwrap_or(Timestamp::MAX);
        let order = &mut self.order;
        let window = self.open.entry(key).or_insert_with(|| {
            order.push_back((end, key));
            Window { end, used: 0 }
        });
        if window.used.saturating_add(amount) > limit {
            return Err(window.end.duration_since(now));
        }
        window.used += amount;
        Ok(())
    }

    /// Drops the windows that are over.
    fn close(&mut self, now: Timestamp) {
        while let Some((end, key)) = self.order.front().copied()
            && end <= now
        {
            self.order.pop_front();
            self.open.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_ends_and_leaves_nothing() {
        let mut windows = Windows::new(SignedDuration::from_secs(10));
        let at = |second| Timestamp::from_second(second).unwrap();
        assert_eq!(windows.take('a', 2, 2, at(0)), Ok(()));
        assert_eq!(windows.take('a', 1, 2, at(4)), Err(SignedDuration::from_secs(6)));
        assert_eq!(windows.take('b', 1, 2, at(4)), Ok(()));
        assert_eq!(windows.take('a', 1, 2, at(10)), Ok(()));
        assert_eq!(windows.take('c', 1, 2, at(30)), Ok(()));
        assert_eq!((windows.open.len(), windows.order.len()), (1, 1));
    }
}
