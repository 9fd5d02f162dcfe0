//! Passwords: made, kept as salted hashes, compared in constant time.

use crate::storage::{Author, Login, Storage, StorageError, Writing, hexadecimal};
use crate::token::{Spent, Unaccepted};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use subtle::ConstantTimeEq;
use tandem_crm_interface::session::{ROUNDS_CHOSEN, ROUNDS_MADE, Secret, Token, TokenKey, slow_hash};
use tokio::sync::Semaphore;

/// A random password of 160 bits.
pub fn make() -> Result<Secret, getrandom::Error> {
    let mut bytes = [0; 20];
    getrandom::fill(&mut bytes)?;
    Ok(Secret::new(hexadecimal(&bytes)))
}

/// Checks the passwords of requests. Every request carries one, so what was right once is recognised by a quick
/// keyed digest in memory; only what is new pays for the slow hash.
#[derive(Clone)]
pub struct Passwords {
    storage: Storage,
    key: [u8; 32],
    /// Rounds for a password that a person chooses.
    rounds: u32,
    right: Arc<Mutex<BTreeMap<String, [u8; 32]>>>,
    /// Guessing costs time; it shall not cost everybody's.
    slow: Arc<Semaphore>,
    /// Tokens that were taken.
    spent: Arc<Mutex<Spent>>,
}

impl Passwords {
    /// Checks against the logins in `storage`.
    pub fn new(storage: Storage) -> Result<Self, getrandom::Error> {
        let mut key = [0; 32];
        getrandom::fill(&mut key)?;
        let spent = Arc::new(Mutex::new(Spent::new(storage.now())));
        Ok(Self {
            storage,
            key,
            rounds: ROUNDS_CHOSEN,
            right: Arc::default(),
            slow: Arc::new(Semaphore::new(1)),
            spent,
        })
    }

    /// The same with other rounds for passwords that are chosen from now on.
    pub fn with_rounds(self, rounds: Option<u32>) -> Self {
        Self { rounds: rounds.unwrap_or(self.rounds).max(1), ..self }
    }

    /// Sets a login's password. `made` says that it was made by [`make`].
    pub async fn set(&self, user: &str, password: &Secret, made: bool) -> Result<(), StorageError> {
        let mut salt = [0; 16];
        getrandom::fill(&mut salt).map_err(|error| StorageError::Interrupted(error.to_string()))?;
        let rounds = if made { ROUNDS_MADE } else { self.rounds };
        let hash = slow_hash(password, &salt, rounds).to_vec();
        let (user, login) = (user.to_owned(), Login { salt: salt.to_vec(), rounds, hash });
        let name = user.to_lowercase();
        let token_key = (token_key_mark(&name), TokenKey::derive(&name, password).to_hexadecimal());
        let write = move |writing: &mut Writing<'_>| {
            writing.set_login(&user, &login)?;
            writing.set_mark(&token_key.0, token_key.1.reveal())
        };
        self.storage.write(Author::system(), write).await?;
        let quick = self.quick_hash(&name, password);
        self.right.lock().unwrap_or_else(PoisonError::into_inner).insert(name, quick);
        Ok(())
    }

    /// Whether there is such a login.
    pub async fn knows(&self, user: &str) -> Result<bool, StorageError> {
        let user = user.to_owned();
        Ok(self.storage.read(move |reading| reading.login(&user)).await?.is_some())
    }

    /// Whether the password is the login's. An unknown login takes as long as a wrong password.
    pub async fn check(&self, user: &str, password: &Secret) -> Result<bool, StorageError> {
        let name = user.to_lowercase();
        let quick = self.quick_hash(&name, password);
        let known = self.right.lock().unwrap_or_else(PoisonError::into_inner).get(&name).copied();
        if known.is_some_and(|known| bool::from(known.ct_eq(&quick))) {
            return Ok(true);
        }
        let gone = |error: &dyn std::fmt::Display| StorageError::Interrupted(error.to_string());
        let _permit = self.slow.acquire().await.map_err(|error| gone(&error))?;
        let login = {
            let name = name.clone();
            self.storage.read(move |reading| reading.login(&name)).await?
        };
        let password = password.clone();
        let right = tokio::task::spawn_blocking(move || match login {
            Some(login) => {
                let hash = slow_hash(&password, &login.salt, login.rounds);
                bool::from(hash.ct_eq(login.hash.as_slice()))
            }
            None => {
                slow_hash(&password, &[0; 16], ROUNDS_MADE);
                false
            }
        })
        .await
        .map_err(|error| gone(&error))?;
        if right {
            self.right.lock().unwrap_or_else(PoisonError::into_inner).insert(name, quick);
        }
        Ok(right)
    }

    /// Sets the password with which a rep signs in to the pages. It is none of CRM.interface, where a login without a
    /// client type acts as administrator.
    pub async fn set_rep(&self, rep: &str, password: &Secret) -> Result<(), StorageError> {
        let mut salt = [0; 16];
        getrandom::fill(&mut salt).map_err(|error| StorageError::Interrupted(error.to_string()))?;
        let (mark, password, rounds) = (rep_mark(rep), password.clone(), self.rounds);
        let kept = tokio::task::spawn_blocking(move || {
            let hash = slow_hash(&password, &salt, rounds);
            format!("{rounds}:{}:{}", hexadecimal(&salt), hexadecimal(&hash))
        });
        let kept = kept.await.map_err(|error| StorageError::Interrupted(error.to_string()))?;
        self.storage.write(Author::system(), move |writing| writing.set_mark(&mark, &kept)).await
    }

    /// Whether the password is the one with which the rep signs in to the pages. No rep, or one without a password,
    /// takes as long as a wrong password.
    pub async fn check_rep(&self, rep: Option<&str>, password: &Secret) -> Result<bool, StorageError> {
        let kept = match rep.map(rep_mark) {
            Some(mark) => self.storage.read(move |reading| reading.mark(&mark)).await?,
            None => None,
        };
        let gone = |error: &dyn std::fmt::Display| StorageError::Interrupted(error.to_string());
        let _permit = self.slow.acquire().await.map_err(|error| gone(&error))?;
        let (password, usual) = (password.clone(), self.rounds);
        tokio::task::spawn_blocking(move || {
            let mut parts = kept.as_deref().unwrap_or_default().split(':');
            let rounds = parts.next().and_then(|rounds| rounds.parse().ok()).unwrap_or(usual);
            let salt = parts.next().and_then(from_hexadecimal).unwrap_or_default();
            let hash = slow_hash(&password, &salt, rounds);
            parts.next().is_some_and(|kept| bool::from(hexadecimal(&hash).as_bytes().ct_eq(kept.as_bytes())))
        })
        .await
        .map_err(|error| gone(&error))
    }

    /// Whether a token is one of its user, made lately, and new; it is spent then.
    pub async fn check_token(&self, token: &Token) -> Result<Result<(), Unaccepted>, StorageError> {
        let mark = token_key_mark(&token.user.to_lowercase());
        let kept = self.storage.read(move |reading| reading.mark(&mark)).await?;
        let key = kept.and_then(|kept| TokenKey::from_hexadecimal(&kept));
        if !key.is_some_and(|key| token.is_genuine(&key)) {
            return Ok(Err(Unaccepted::Forged));
        }
        Ok(self.spent.lock().unwrap_or_else(PoisonError::into_inner).spend(token, self.storage.now()))
    }

    fn quick_hash(&self, user: &str, password: &Secret) -> [u8; 32] {
        let mut digest = Sha256::new_with_prefix(self.key);
        digest.update((user.len() as u64).to_be_bytes());
        digest.update(user);
        digest.update(password.reveal());
        digest.finalize().into()
    }
}

/// Under which name the key of a login's tokens is kept.
fn token_key_mark(user: &str) -> String {
    format!("token-key {user}")
}

/// Under which name the password of a rep is kept.
fn rep_mark(rep: &str) -> String {
    format!("rep-password {rep}")
}

fn from_hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes().chunks(2);
    digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}
