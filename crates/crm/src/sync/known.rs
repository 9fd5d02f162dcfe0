//! Who was found by an address, remembered until somebody of that sort changes (`settings.xml`: *cache attendees*, *cache
//! reps*); and in whose name connectors act, remembered likewise.

use super::acting::{Actor, Unaccepted, find};
use super::people::Found;
use crate::storage::{Reading, StorageError};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tandem_groupware::{Match, Switches};
use tandem_model::{EmailAddress, Stamp};

/// More addresses than this are not remembered: they are forgotten all at once.
const MOST_ADDRESSES: usize = 50_000;

/// What is remembered.
#[derive(Debug, Clone, Default)]
pub struct Known {
    remembered: Arc<Mutex<Remembered>>,
}

#[derive(Debug, Default)]
struct Remembered {
    reps: Cache,
    attendees: Cache,
    actors: Actors,
}

/// Reps who were accepted, by the name under which they were found and the client that acts for them.
#[derive(Debug, Default)]
struct Actors {
    as_of: [Stamp; 3],
    accepted: BTreeMap<(String, String), Actor>,
}

#[derive(Debug, Default)]
struct Cache {
    /// The state of the database, and whether locked records were passed over.
    as_of: (Stamp, bool),
    found: BTreeMap<EmailAddress, Vec<Match>>,
    counters: Counters,
}

/// How often a cache was asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counters {
    /// It knew the answer.
    pub hits: u64,
    /// It did not.
    pub misses: u64,
}

/// What is remembered as of one state of the database.
pub(super) struct KnownNow<'k> {
    known: &'k Known,
    reps: bool,
    attendees: bool,
}

impl Known {
    /// How often the caches of attendees and of reps were asked.
    pub fn counters(&self) -> (Counters, Counters) {
        let remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        (remembered.attendees.counters, remembered.reps.counters)
    }

    /// The rep with this login or e-mail address, for a session: nothing that `reading` shows may still be undone.
    pub fn actor(
        &self,
        reading: &Reading<'_>,
        principal: &str,
        client: &str,
    ) -> Result<Result<Actor, Unaccepted>, StorageError> {
        // A rep is known with his right and with the person who is linked to him.
        let as_of = [reading.last_change("ID")?, reading.last_change("RI")?, reading.last_change("KP")?];
        let name = (principal.to_owned(), client.to_owned());
        {
            let actors = &mut self.remembered.lock().unwrap_or_else(PoisonError::into_inner).actors;
            if actors.as_of != as_of || actors.accepted.len() > MOST_ADDRESSES {
                actors.accepted.clear();
                actors.as_of = as_of;
            }
            if let Some(actor) = actors.accepted.get(&name) {
                return Ok(Ok(actor.clone()));
            }
        }
        let found = find(reading, principal, client)?;
        if let Ok(actor) = &found {
            let actors = &mut self.remembered.lock().unwrap_or_else(PoisonError::into_inner).actors;
            // Somebody else may have seen a later state meanwhile.
            if actors.as_of == as_of {
                actors.accepted.insert(name, actor.clone());
            }
        }
        Ok(found)
    }

    /// What holds in this state of the database. What may still be undone is neither remembered nor answered from memory.
    pub(super) fn at(
        &self,
        reading: &Reading<'_>,
        switches: &Switches,
    ) -> Result<KnownNow<'_>, StorageError> {
        let mut now =
            KnownNow { known: self, reps: switches.cache_reps, attendees: switches.cache_attendees };
        if !now.reps && !now.attendees {
            return Ok(now);
        }
        let committed = reading.committed_stamp()?;
        let people = reading.last_change("KP")?.max(reading.last_change("FI")?);
        // A rep is known with the person who is linked to him.
        let reps = reading.last_change("ID")?.max(people);
        now.reps = now.reps && reps <= committed;
        now.attendees = now.attendees && people <= committed;
        let mut remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        let ignore_locked = switches.ignore_locked_records;
        remembered.reps.bring_to((reps, ignore_locked), now.reps);
        remembered.attendees.bring_to((people, ignore_locked), now.attendees);
        Ok(now)
    }
}

impl Cache {
    fn bring_to(&mut self, as_of: (Stamp, bool), in_use: bool) {
        if in_use && (self.as_of != as_of || self.found.len() > MOST_ADDRESSES) {
            self.found.clear();
            self.as_of = as_of;
        }
    }

    fn ask(&mut self, address: &EmailAddress) -> Option<Vec<Match>> {
        let found = self.found.get(address).cloned();
        match found {
            Some(_) => self.counters.hits += 1,
            None => self.counters.misses += 1,
        }
        found
    }
}

impl KnownNow<'_> {
    pub(super) fn reps(&self, address: &EmailAddress) -> Option<Vec<Match>> {
        self.reps.then(|| self.locked(|remembered| remembered.reps.ask(address)))?
    }

    pub(super) fn attendees(&self, address: &EmailAddress) -> Option<Vec<Match>> {
        self.attendees.then(|| self.locked(|remembered| remembered.attendees.ask(address)))?
    }

    pub(super) fn remember(&self, address: &EmailAddress, found: &Found) {
        self.locked(|remembered| {
            if self.reps {
                remembered.reps.found.insert(address.clone(), found.reps.clone());
            }
            if self.attendees {
                remembered.attendees.found.insert(address.clone(), found.attendees.clone());
            }
        });
    }

    fn locked<T>(&self, work: impl FnOnce(&mut Remembered) -> T) -> T {
        work(&mut self.known.remembered.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
