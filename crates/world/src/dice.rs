//! All chance of a history, from its seed.

use std::sync::atomic::{AtomicU64, Ordering};
use tandem_outside::Chance;

/// A row of numbers that follows from a seed (`SplitMix64`: Steele, Lea, Flood, "Fast splittable pseudorandom number
/// generators", 2014).
#[derive(Debug)]
pub struct Dice(AtomicU64);

const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

fn mixed(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

impl Dice {
    /// The row of a seed for one purpose; rows of different purposes do not follow from one another.
    pub fn new(seed: u64, purpose: u64) -> Self {
        Self(AtomicU64::new(mixed(seed.wrapping_mul(STEP) ^ mixed(purpose.wrapping_add(STEP)))))
    }

    /// A number below `end`; 0 where `end` is 0.
    pub fn below(&self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(u64::MAX);
        usize::try_from(self.bits().checked_rem(end).unwrap_or(0)).unwrap_or(0)
    }

    /// True once in so many times.
    pub fn once_in(&self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One of these.
    pub fn pick<'a, T>(&self, from: &'a [T]) -> Option<&'a T> {
        from.get(self.below(from.len()))
    }
}

impl Chance for Dice {
    fn bits(&self) -> u64 {
        mixed(self.0.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP))
    }
}
