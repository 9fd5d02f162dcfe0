//! Randomness, for ids and for spreading retries.

/// Gives random numbers.
pub trait Chance: Send + Sync {
    /// The next 64 random bits.
    fn bits(&self) -> u64;

    /// A new random id: 32 hexadecimal digits.
    fn id(&self) -> String {
        format!("{:016x}{:016x}", self.bits(), self.bits())
    }
}

/// The operating system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemChance;

impl Chance for SystemChance {
    fn bits(&self) -> u64 {
        // A system without randomness cannot make ids that are unique; the hasher's own seed is the last resort.
        getrandom::u64().unwrap_or_else(|_| {
            use std::hash::{BuildHasher, RandomState};
            RandomState::new().hash_one(std::time::Instant::now())
        })
    }
}
