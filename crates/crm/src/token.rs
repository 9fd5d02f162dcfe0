//! Which tokens were taken already: each is good once, and not for long.

use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use tandem_crm_interface::session::Token;

/// How long a token is good.
const LIFETIME: SignedDuration = SignedDuration::from_secs(120);
/// How far a client's clock may be ahead.
const AHEAD: SignedDuration = SignedDuration::from_secs(30);

/// Why a token is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unaccepted {
    /// It was made with another key, or there is no such login.
    Forged,
    /// It is too old, or from before this CRM started, or its clock is ahead.
    Stale,
    /// It was used before.
    Used,
}

/// Tokens that were taken. They are forgotten when they would be too old anyway. Nothing is remembered over a restart:
/// that is why older tokens than it are refused.
#[derive(Debug)]
pub(crate) struct Spent {
    started: Timestamp,
    /// When each was made, by user and nonce.
    taken: BTreeMap<(String, String), Timestamp>,
}

impl Spent {
    /// Nothing was taken yet.
    pub(crate) fn new(started: Timestamp) -> Self {
        // A token tells milliseconds only.
        let started = Timestamp::from_millisecond(started.as_millisecond()).unwrap_or(started);
        Self { started, taken: BTreeMap::new() }
    }

    /// Takes a genuine token, once.
    pub(crate) fn spend(&mut self, token: &Token, now: Timestamp) -> Result<(), Unaccepted> {
        self.taken.retain(|_, issued| now.duration_since(*issued) <= LIFETIME);
        let age = now.duration_since(token.issued);
        if age > LIFETIME || age < -AHEAD || token.issued < self.started {
            return Err(Unaccepted::Stale);
        }
        match self.taken.insert((token.user.to_lowercase(), token.nonce.clone()), token.issued) {
            None => Ok(()),
            Some(_) => Err(Unaccepted::Used),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tandem_crm_interface::session::{Secret, TokenKey};

    #[test]
    fn a_token_is_good_once_and_not_for_long() {
        let at = |seconds: i64| Timestamp::from_second(1_800_000_000 + seconds).unwrap();
        let key = TokenKey::derive("su", &Secret::new("00".repeat(20)));
        let token =
            |seconds: i64, nonce: u8| Token::read(&key.token("su", at(seconds), [nonce; 16])).unwrap();
        let mut spent = Spent::new(at(0));
        assert_eq!(spent.spend(&token(1, 1), at(2)), Ok(()));
        assert_eq!(spent.spend(&token(1, 1), at(3)), Err(Unaccepted::Used));
        assert_eq!(spent.spend(&token(1, 2), at(3)), Ok(()));
        assert_eq!(spent.spend(&token(1, 3), at(122)), Err(Unaccepted::Stale), "old");
        assert_eq!(spent.spend(&token(-1, 4), at(1)), Err(Unaccepted::Stale), "before the start");
        assert_eq!(spent.spend(&token(40, 5), at(5)), Err(Unaccepted::Stale), "ahead");
        assert_eq!(spent.spend(&token(200, 1), at(200)), Ok(()));
        assert_eq!(spent.taken.len(), 1);
    }
}
