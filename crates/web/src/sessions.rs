//! Sessions: who is signed in where. A session is known by a random id in a cookie; kept is its hash only, so that a look
//! into the memory gives nobody a session. They live as long as the process.

use crate::Language;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tandem_outside::Chance;

/// At most so many sessions are kept; the one that was unused longest makes room.
const MOST: usize = 10_000;

/// How long a session lasts.
#[derive(Debug, Clone, Copy)]
pub struct Lifetime {
    /// Unused, at most so long.
    pub idle: SignedDuration,
    /// In all, at most so long.
    pub whole: SignedDuration,
}

impl Default for Lifetime {
    /// Half an hour unused, twelve hours in all (OWASP Session Management Cheat Sheet: minutes to half an hour, a day's work).
    fn default() -> Self {
        Self { idle: SignedDuration::from_mins(30), whole: SignedDuration::from_hours(12) }
    }
}

type Key = [u8; 32];

#[derive(Debug)]
struct Held<V> {
    session: Session<V>,
    begun: Timestamp,
    seen: Timestamp,
    notice: Option<String>,
}

/// What a session holds.
#[derive(Debug, Clone)]
pub(crate) struct Session<V> {
    pub visitor: V,
    /// What every form of the session carries.
    pub token: String,
    /// Chosen for this session.
    pub language: Option<Language>,
}

#[derive(Debug)]
pub(crate) struct Sessions<V> {
    held: Mutex<HashMap<Key, Held<V>>>,
    lifetime: Lifetime,
}

impl<V: Clone> Sessions<V> {
    pub(crate) fn new(lifetime: Lifetime) -> Self {
        Self { held: Mutex::default(), lifetime }
    }

    /// Begins a session and answers its id: 256 random bits.
    pub(crate) fn begin(&self, visitor: V, now: Timestamp, chance: &dyn Chance) -> String {
        let id = format!("{}{}", chance.id(), chance.id());
        let session = Session { visitor, token: chance.id(), language: None };
        let mut held = self.held();
        held.retain(|_, held| self.lasts(held, now));
        if held.len() >= MOST
            && let Some(oldest) = held.iter().min_by_key(|(_, held)| held.seen).map(|(key, _)| *key)
        {
            held.remove(&oldest);
        }
        held.insert(key(&id), Held { session, begun: now, seen: now, notice: None });
        id
    }

    /// The session of an id, which is used by this.
    pub(crate) fn find(&self, id: &str, now: Timestamp) -> Option<Session<V>> {
        let mut sessions = self.held();
        let key = key(id);
        let held = sessions.get_mut(&key)?;
        if !self.lasts(held, now) {
            sessions.remove(&key);
            return None;
        }
        held.seen = now;
        Some(held.session.clone())
    }

    pub(crate) fn end(&self, id: &str) {
        self.held().remove(&key(id));
    }

    /// Ends the sessions of whoever it concerns, except the one with this token.
    pub(crate) fn end_of(&self, concerned: impl Fn(&V) -> bool, spared: &str) {
        self.held().retain(|_, held| held.session.token == spared || !concerned(&held.session.visitor));
    }

    pub(crate) fn speak(&self, id: &str, language: Language) {
        if let Some(held) = self.held().get_mut(&key(id)) {
            held.session.language = Some(language);
        }
    }

    /// Keeps a text for the session's next page.
    pub(crate) fn notice(&self, token: &str, text: String) {
        if let Some(held) = self.held().values_mut().find(|held| held.session.token == token) {
            held.notice = Some(text);
        }
    }

    pub(crate) fn take_notice(&self, token: &str) -> Option<String> {
        self.held().values_mut().find(|held| held.session.token == token)?.notice.take()
    }

    fn lasts(&self, held: &Held<V>, now: Timestamp) -> bool {
        now.duration_since(held.seen) <= self.lifetime.idle
            && now.duration_since(held.begun) <= self.lifetime.whole
    }

    fn held(&self) -> MutexGuard<'_, HashMap<Key, Held<V>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(id: &str) -> Key {
    Sha256::digest(id).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tandem_outside::SystemChance;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + minutes * 60).unwrap()
    }

    #[test]
    fn a_session_ends_unused_and_in_any_case_at_last() {
        let sessions = Sessions::new(Lifetime::default());
        let id = sessions.begin("ann", at(0), &SystemChance);
        assert_eq!(sessions.find(&id, at(30)).unwrap().visitor, "ann");
        assert!(sessions.find(&id, at(61)).is_none(), "idle");
        assert!(sessions.find(&id, at(30)).is_none(), "what ended does not come back");
        let id = sessions.begin("ann", at(0), &SystemChance);
        for minutes in (20..=720).step_by(20) {
            assert!(sessions.find(&id, at(minutes)).is_some());
        }
        assert!(sessions.find(&id, at(721)).is_none(), "twelve hours");
    }

    #[test]
    fn an_id_opens_one_session_and_stands_nowhere() {
        let sessions = Sessions::new(Lifetime::default());
        let (ann, bob) =
            (sessions.begin("ann", at(0), &SystemChance), sessions.begin("bob", at(0), &SystemChance));
        assert_eq!(ann.len(), 64);
        assert!(!format!("{sessions:?}").contains(&ann));
        sessions.end(&ann);
        assert!(sessions.find(&ann, at(1)).is_none());
        let found = sessions.find(&bob, at(1)).unwrap();
        assert_ne!(found.token, bob);
        sessions.notice(&found.token, "Saved".to_owned());
        assert_eq!(sessions.take_notice(&found.token).as_deref(), Some("Saved"));
        assert_eq!(sessions.take_notice(&found.token), None);
    }

    #[test]
    fn a_new_password_ends_the_sessions_elsewhere() {
        let sessions = Sessions::new(Lifetime::default());
        let ids = ["ann", "ann", "bob"].map(|name| sessions.begin(name, at(0), &SystemChance));
        let spared = sessions.find(&ids[1], at(0)).unwrap().token;
        sessions.end_of(|visitor| *visitor == "ann", &spared);
        assert_eq!(ids.map(|id| sessions.find(&id, at(1)).is_some()), [false, true, true]);
    }
}
