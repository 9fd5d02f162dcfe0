//! Guessing passwords is made slow: after some wrong ones a login is closed for a while, each time for twice as long.

use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// So many wrong passwords are free.
const FREE: u32 = 5;
/// The longest time for which a login is closed.
const LONGEST: SignedDuration = SignedDuration::from_mins(15);
/// When a login is forgotten that nobody tried since.
const FORGOTTEN: SignedDuration = SignedDuration::from_hours(1);
/// At most so many logins are remembered.
const MOST: usize = 10_000;

#[derive(Debug, Clone, Copy)]
struct Tries {
    wrong: u32,
    last: Timestamp,
}

/// Wrong passwords by login, in lower case; logins that do not exist count as others do.
#[derive(Debug, Default)]
pub(crate) struct Throttle(Mutex<BTreeMap<String, Tries>>);

impl Throttle {
    /// Begins a try, which counts as wrong until [`Throttle::right`] says otherwise, so that many at once get no further
    /// than one by one. Answers for how long the login is closed yet.
    pub(crate) fn begin(&self, login: &str, now: Timestamp) -> Result<(), SignedDuration> {
        let mut logins = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        logins.retain(|_, tries| now.duration_since(tries.last) < FORGOTTEN);
        let name = login.trim().to_lowercase();
        if logins.len() >= MOST && !logins.contains_key(&name) {
            return Err(LONGEST);
        }
        let tries = logins.entry(name).or_insert(Tries { wrong: 0, last: now });
        let closed = closed_for(tries.wrong) - now.duration_since(tries.last);
        if tries.wrong >= FREE && closed > SignedDuration::ZERO {
            return Err(closed);
        }
        *tries = Tries { wrong: tries.wrong + 1, last: now };
        Ok(())
    }

    /// The password was right: what was wrong before is forgotten.
    pub(crate) fn right(&self, login: &str) {
        let mut logins = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        logins.remove(&login.trim().to_lowercase());
    }
}

fn closed_for(wrong: u32) -> SignedDuration {
    let doublings = wrong.saturating_sub(FREE).min(20);
    SignedDuration::from_secs(1 << doublings).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    #[test]
    fn guessing_gets_slower_and_a_right_password_ends_it() {
        let throttle = Throttle::default();
        for _ in 0..FREE {
            assert_eq!(throttle.begin("Ann", at(0)), Ok(()));
        }
        assert_eq!(throttle.begin("ann ", at(0)), Err(SignedDuration::from_secs(1)));
        assert_eq!(throttle.begin("bob", at(0)), Ok(()));
        assert_eq!(throttle.begin("ann", at(1)), Ok(()));
        assert_eq!(throttle.begin("ann", at(2)), Err(SignedDuration::from_secs(1)));
        assert_eq!(throttle.begin("ann", at(3)), Ok(()));
        throttle.right("ANN");
        assert_eq!(throttle.begin("ann", at(3)), Ok(()));
    }

    #[test]
    fn it_is_never_closed_for_longer_than_a_quarter_of_an_hour() {
        assert_eq!(closed_for(u32::MAX), LONGEST);
    }
}
