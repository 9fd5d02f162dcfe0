//! The tokens of delta queries. Of each sync state only the last few generations live.

use crate::ids::{MailboxNo, mix};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a token says. Clients see it sealed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SyncToken {
    /// The sync state it belongs to.
    #[serde(rename = "s")]
    pub state: u64,
    /// Its generation.
    #[serde(rename = "g")]
    pub generation: u64,
    /// The kind of collection.
    #[serde(rename = "k")]
    pub kind: Box<str>,
    /// The mailbox.
    #[serde(rename = "m")]
    pub mailbox: MailboxNo,
    /// The folder, list or calendar.
    #[serde(rename = "c")]
    pub collection: u64,
    /// Up to which change the reader has seen everything.
    #[serde(rename = "a")]
    pub cursor: u64,
    /// During the first round: where it began. What was gone by then is no news.
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    pub first_round: Option<u64>,
    /// When it was handed out, in seconds since 1970.
    #[serde(rename = "t", default)]
    pub issued: i64,
    /// The query options of the first call, which hold for all that follow.
    #[serde(rename = "q", default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<(String, String)>,
}

/// The sync states that were handed out.
#[derive(Debug)]
pub struct SyncStates {
    key: u64,
    era: u64,
    next: u64,
    latest: BTreeMap<u64, u64>,
}

impl SyncStates {
    /// No states yet; tokens are sealed with `key`.
    pub fn new(key: u64) -> Self {
        Self { key, era: 0, next: 0, latest: BTreeMap::new() }
    }

    /// Forgets all states.
    pub fn forget(&mut self, era: u64) {
        self.era = era;
        self.latest.clear();
    }

    /// Begins a new state.
    pub fn begin(&mut self) -> (u64, u64) {
        self.next += 1;
        self.latest.insert(self.next, 1);
        (self.next, 1)
    }

    /// Loses the state of a token, for good.
    pub fn lose(&mut self, text: &str) {
        if let Some(token) = self.read(text) {
            self.latest.remove(&token.state);
        }
    }

    /// The next generation of a state.
    pub fn advance(&mut self, state: u64) -> u64 {
        let latest = self.latest.entry(state).or_insert(0);
        *latest += 1;
        *latest
    }

    /// A token as text.
    pub fn seal(&self, token: &SyncToken) -> String {
        let mut bytes = serde_json::to_vec(token).unwrap_or_default();
        let check = self.check(&bytes);
        bytes.extend_from_slice(&check);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The token of a text; `None` if this tenant did not make it, or forgot its state.
    pub fn read(&self, text: &str) -> Option<SyncToken> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (plain, check) = bytes.split_last_chunk::<8>()?;
        if *check != self.check(plain) {
            return None;
        }
        let token: SyncToken = serde_json::from_slice(plain).ok()?;
        self.latest.contains_key(&token.state).then_some(token)
    }

    /// Whether a token is among the last generations of its state.
    pub fn lives(&self, token: &SyncToken, generations: u64) -> bool {
        self.latest
            .get(&token.state)
            .is_some_and(|latest| token.generation.saturating_add(generations) > *latest)
    }

    fn check(&self, bytes: &[u8]) -> [u8; 8] {
        let start = mix(self.key ^ self.era);
        bytes.iter().fold(start, |state, byte| mix(state ^ u64::from(*byte))).to_be_bytes()
    }
}
