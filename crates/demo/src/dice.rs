//! Randomness that is the same for the same seed, on every machine.

/// A stream of random numbers (`SplitMix64`).
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    /// The stream of that name under a seed. Streams do not influence each other, so that adding an item of one kind
    /// leaves the items of other kinds as they are.
    pub(crate) fn new(seed: u64, stream: &str) -> Self {
        // FNV-1a, which is stable across versions; the standard library's hasher is not.
        let hash = stream.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self(seed ^ hash)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 to `limit` - 1; 0 when there is none.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        let limit = u64::try_from(limit.max(1)).unwrap_or(u64::MAX);
        usize::try_from(self.next() % limit).unwrap_or(0)
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = usize::try_from(high - low + 1).unwrap_or(1);
        low + i64::try_from(self.below(width)).unwrap_or(0)
    }

    /// One of them. The list must not be empty.
    pub(crate) fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    /// True in so many of a hundred cases.
    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// `count` different ones, in random order; all of them when there are fewer.
    pub(crate) fn some<T: Clone>(&mut self, list: &[T], count: usize) -> Vec<T> {
        let mut left: Vec<T> = list.to_vec();
        let mut chosen = Vec::new();
        while chosen.len() < count && !left.is_empty() {
            chosen.push(left.swap_remove(self.below(left.len())));
        }
        chosen
    }

    /// Bytes that cannot be compressed.
    pub(crate) fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(count + 8);
        while bytes.len() < count {
            bytes.extend_from_slice(&self.next().to_le_bytes());
        }
        bytes.truncate(count);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_repeat_and_do_not_mix() {
        let numbers = |seed, stream| {
            let mut dice = Dice::new(seed, stream);
            (0..4).map(|_| dice.next()).collect::<Vec<_>>()
        };
        assert_eq!(numbers(7, "mail"), numbers(7, "mail"));
        assert_ne!(numbers(7, "mail"), numbers(8, "mail"));
        assert_ne!(numbers(7, "mail"), numbers(7, "task"));
    }

    #[test]
    fn some_are_different_ones() {
        let mut chosen = Dice::new(1, "x").some(&[1, 2, 3, 4, 5], 4);
        chosen.sort_unstable();
        chosen.dedup();
        assert_eq!(chosen.len(), 4);
    }
}
