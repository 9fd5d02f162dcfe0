//! What one application may ask of one mailbox: so many requests at once, so many in ten minutes, so many bytes in
//! five ("Microsoft Graph service-specific throttling limits: Outlook service limits").

mod places;
mod visit;
mod window;

pub use places::SlotNo;
pub(crate) use visit::Visit;

use crate::ids::MailboxNo;
use jiff::SignedDuration;
use places::Places;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use window::Windows;

/// The limits that hold. Each can be switched off by `null`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Requests at once.
    pub concurrent: Option<u32>,
    /// Of what `concurrent` holds.
    pub concurrent_per: Concurrency,
    /// Requests in ten minutes, per application and mailbox.
    pub requests: Option<u64>,
    /// Bytes of the bodies of POST, PATCH and PUT in five minutes, per application and mailbox.
    pub uploaded_bytes: Option<u64>,
    /// How many requests of a batch the service has under way at once, whatever their mailboxes.
    pub batch_at_once: usize,
    /// How long a request that reads one item occupies its place, in milliseconds.
    pub read_ms: u64,
    /// How long one that reads a list or a delta does, in milliseconds.
    pub list_ms: u64,
    /// How long one that writes does, in milliseconds.
    pub write_ms: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            concurrent: Some(4),
            concurrent_per: Concurrency::Mailbox,
            requests: Some(10_000),
            uploaded_bytes: Some(150 * 1024 * 1024),
            batch_at_once: 4,
            // Much less than the real service takes: long enough for requests sent together to meet, too short for a
            // slow client to hide behind.
            read_ms: 1,
            list_ms: 1,
            write_ms: 2,
        }
    }
}

impl Limits {
    /// No limits, and no time that anything takes.
    pub fn none() -> Self {
        Self {
            concurrent: None,
            requests: None,
            uploaded_bytes: None,
            read_ms: 0,
            list_ms: 0,
            write_ms: 0,
            ..Self::default()
        }
    }
}

/// The two readings of the rule on concurrency: the documents said "per app and mailbox" and then "per app".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Concurrency {
    /// Each mailbox by itself.
    Mailbox,
    /// All mailboxes together.
    App,
}

/// An application, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct AppNo(u32);

/// Who uses how much at present. What is not used takes no memory.
#[derive(Debug)]
pub(crate) struct Usage {
    apps: BTreeMap<Box<str>, AppNo>,
    places: Places,
    requests: Windows<(AppNo, MailboxNo)>,
    uploads: Windows<(AppNo, MailboxNo)>,
    /// How often each limit was met.
    refused: BTreeMap<&'static str, u64>,
}

impl Default for Usage {
    fn default() -> Self {
        Self {
            apps: BTreeMap::new(),
            places: Places::default(),
            requests: Windows::new(SignedDuration::from_mins(10)),
            uploads: Windows::new(SignedDuration::from_mins(5)),
            refused: BTreeMap::new(),
        }
    }
}

impl Usage {
    /// The number of an application.
    pub fn app(&mut self, id: &str) -> AppNo {
        if let Some(known) = self.apps.get(id) {
            return *known;
        }
        let no = AppNo(u32::try_from(self.apps.len()).unwrap_or(u32::MAX));
        self.apps.insert(id.into(), no);
        no
    }

    /// How often each limit was met.
    pub fn refused(&self) -> &BTreeMap<&'static str, u64> {
        &self.refused
    }

    /// Lets the places of an answered request stay taken until they are given back.
    pub fn keep(&mut self, slot: SlotNo) {
        self.places.keep(slot);
    }

    /// Gives the places of an answered request back.
    pub fn finished(&mut self, slot: SlotNo) {
        self.places.leave(slot);
    }

    /// Forgets who used what.
    pub fn forget(&mut self) {
        *self = Self { places: self.places.emptied(), ..Self::default() };
    }
}
