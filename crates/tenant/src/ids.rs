//! Ids of items: opaque to callers, readable to the tenant, so that no index of them is needed.
//!
//! Outlook items have two ids. The immutable one survives moves within the mailbox; the regular one changes with
//! each move, which is why it carries how often the item was moved.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Number of a mailbox in the tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct MailboxNo(pub u32);

/// Number of an item, unique in the tenant. Attachments and folders are items too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemNo(pub u64);

/// What an id names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A mail folder.
    Folder = 1,
    /// A message.
    Message = 2,
    /// A single event or the master of a series.
    Event = 3,
    /// One occurrence of a series, changed or not.
    Occurrence = 4,
    /// A contact.
    Contact = 5,
    /// A contact folder.
    ContactFolder = 6,
    /// A To Do list.
    List = 7,
    /// A To Do task.
    Task = 8,
    /// An attachment of a message or an event.
    Attachment = 9,
    /// A calendar.
    Calendar = 10,
    /// A group of calendars.
    CalendarGroup = 20,
}

impl Kind {
    fn from_byte(byte: u8) -> Option<Self> {
        use Kind::{
            Attachment, Calendar, CalendarGroup, Contact, ContactFolder, Event, Folder, List, Message,
            Occurrence, Task,
        };
        [
            Folder,
            Message,
            Event,
            Occurrence,
            Contact,
            ContactFolder,
            List,
            Task,
            Attachment,
            Calendar,
            CalendarGroup,
        ]
        .into_iter()
        .find(|kind| *kind as u8 == byte)
    }
}

/// An id in the clear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ItemId {
    /// What it names.
    pub kind: Kind,
    /// The mailbox.
    pub mailbox: MailboxNo,
    /// The item.
    pub item: ItemNo,
    /// The date of an occurrence, in days since 1970-01-01; 0 otherwise.
    pub day: i32,
    /// How often the item had been moved when the id was made; `None` for immutable and constant ids.
    pub moves: Option<u32>,
}

/// Length of the plain bytes before the check sum.
const PLAIN: usize = 22;

/// Makes and reads ids with the tenant's key.
#[derive(Debug, Clone, Copy)]
pub struct IdKey(pub u64);

impl IdKey {
    /// The text of an id.
    pub fn encode(self, id: ItemId) -> String {
        let mut bytes = [0_u8; PLAIN + 4];
        bytes[0] = id.kind as u8;
        bytes[1] = u8::from(id.moves.is_some());
        bytes[2..6].copy_from_slice(&id.mailbox.0.to_be_bytes());
        bytes[6..14].copy_from_slice(&id.item.0.to_be_bytes());
        bytes[14..18].copy_from_slice(&id.day.to_be_bytes());
        bytes[18..22].copy_from_slice(&id.moves.unwrap_or(0).to_be_bytes());
        let check = self.check(&bytes[..PLAIN]);
        bytes[PLAIN..].copy_from_slice(&check);
        // The check sum veils the rest, so that neighbours do not look alike and no client derives one from another.
        self.veil(&mut bytes);
        let prefix = if id.moves.is_some() { "AAMkA" } else { "AAkAL" };
        format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The id that a text stands for; `None` when this tenant did not make it.
    pub fn decode(self, text: &str) -> Option<ItemId> {
        let text = text.strip_prefix("AAMkA").or_else(|| text.strip_prefix("AAkAL"))?;
        let mut bytes = [0_u8; PLAIN + 4];
        if URL_SAFE_NO_PAD.decode_slice(text, &mut bytes).ok()? != PLAIN + 4 {
            return None;
        }
        self.veil(&mut bytes);
        if self.check(&bytes[..PLAIN]) != bytes[PLAIN..] {
            return None;
        }
        let four = |from: usize| {
            <[u8; 4]>::try_from(&bytes[from..from + 4]).map(u32::from_be_bytes).unwrap_or_default()
        };
        Some(ItemId {
            kind: Kind::from_byte(bytes[0])?,
            mailbox: MailboxNo(four(2)),
            item: ItemNo((u64::from(four(6)) << 32) | u64::from(four(10))),
            day: four(14).cast_signed(),
            moves: (bytes[1] == 1).then(|| four(18)),
        })
    }

    fn check(self, bytes: &[u8]) -> [u8; 4] {
        let sum = bytes.iter().fold(self.0, |state, byte| mix(state ^ u64::from(*byte)));
        let [a, b, c, d, ..] = sum.to_be_bytes();
        [a, b, c, d]
    }

    fn veil(self, bytes: &mut [u8; PLAIN + 4]) {
        let (plain, check) = bytes.split_at_mut(PLAIN);
        let mut state = check.iter().fold(self.0, |state, byte| mix(state ^ u64::from(*byte)));
        for byte in plain {
            state = mix(state);
            *byte ^= (state >> 56) as u8;
        }
    }
}

/// One step of the splitmix64 generator.
pub fn mix(state: u64) -> u64 {
    let z = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Random numbers and counters that depend on the seed alone: the same requests yield the same ids.
#[derive(Debug, Clone)]
pub struct Sequence {
    seed: u64,
    drawn: u64,
    item: u64,
    change: u64,
}

impl Sequence {
    /// A sequence that starts at `seed`.
    pub fn new(seed: u64) -> Self {
        Self { seed, drawn: 0, item: 0, change: 0 }
    }

    /// The number of the next item.
    pub fn item(&mut self) -> ItemNo {
        self.item += 1;
        ItemNo(self.item)
    }

    /// The number of the next change, from which change keys are made.
    pub fn change(&mut self) -> u64 {
        self.change += 1;
        self.change
    }

    /// The number of the last change.
    pub fn last_change(&self) -> u64 {
        self.change
    }

    /// The next random number.
    pub fn bits(&mut self) -> u64 {
        self.drawn += 1;
        mix(self.seed ^ mix(self.drawn))
    }

    /// A random GUID.
    pub fn guid(&mut self) -> String {
        let (high, low) = (self.bits(), self.bits());
        guid(high, low)
    }
}

/// A version 4 GUID of 128 random bits.
pub fn guid(high: u64, low: u64) -> String {
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        0x8000 | ((low >> 48) & 0x3fff),
        low & 0xffff_ffff_ffff
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_and_a_foreign_one_does_not() {
        let id = ItemId {
            kind: Kind::Occurrence,
            mailbox: MailboxNo(7),
            item: ItemNo(9),
            day: -3,
            moves: Some(2),
        };
        let text = IdKey(1).encode(id);
        assert_eq!(IdKey(1).decode(&text), Some(id));
        assert_eq!(IdKey(2).decode(&text), None);
        assert_eq!(IdKey(1).decode(&text.to_uppercase()), None, "ids are case-sensitive");
    }
}
