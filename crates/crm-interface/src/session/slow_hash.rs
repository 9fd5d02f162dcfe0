//! Password hashes that cost whoever guesses.

use super::Secret;
use ring::pbkdf2::{PBKDF2_HMAC_SHA256, derive};
use std::num::NonZeroU32;

/// Rounds for a password that a person chose (OWASP Password Storage Cheat Sheet: PBKDF2-HMAC-SHA256).
pub const ROUNDS_CHOSEN: u32 = 600_000;
/// Rounds for a password that was made from random bytes, which nobody can guess anyway.
pub const ROUNDS_MADE: u32 = 1_000;

/// PBKDF2-HMAC-SHA-256 of a password (RFC 8018). No rounds count as one.
pub fn slow_hash(password: &Secret, salt: &[u8], rounds: u32) -> [u8; 32] {
    let rounds = NonZeroU32::new(rounds).unwrap_or(NonZeroU32::MIN);
    let mut hash = [0; 32];
    derive(PBKDF2_HMAC_SHA256, rounds, salt, password.reveal().as_bytes(), &mut hash);
    hash
}
