//! Places of requests that are under way.

use super::AppNo;
use crate::ids::MailboxNo;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// The places that one answered request, or one batch, occupies until it is finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SlotNo(pub u64);

/// For what places are counted: a mailbox, or all mailboxes together.
pub type Key = (AppNo, Option<MailboxNo>);

/// Who occupies places at present.
#[derive(Debug, Default)]
pub struct Places {
    last: u64,
    taken: BTreeMap<Key, u32>,
    slots: BTreeMap<SlotNo, Slot>,
    /// When those end that nobody told to stay.
    ends: BTreeSet<(Timestamp, SlotNo)>,
}

#[derive(Debug)]
struct Slot {
    places: BTreeMap<Key, u32>,
    end: Timestamp,
}

impl Places {
    /// How many are taken.
    pub fn taken(&self, key: Key) -> u32 {
        self.taken.get(&key).copied().unwrap_or(0)
    }

    /// Takes places until `end`.
    pub fn occupy(&mut self, places: BTreeMap<Key, u32>, end: Timestamp) -> SlotNo {
        self.last += 1;
        let slot = SlotNo(self.last);
        for (key, count) in &places {
            *self.taken.entry(*key).or_default() += count;
        }
        self.slots.insert(slot, Slot { places, end });
        self.ends.insert((end, slot));
        slot
    }

    /// Lets a slot stay until it is left.
    pub fn keep(&mut self, slot: SlotNo) {
        if let Some(kept) = self.slots.get(&slot) {
            self.ends.remove(&(kept.end, slot));
        }
    }

    /// Gives back the places of a slot.
    pub fn leave(&mut self, slot: SlotNo) {
        let Some(left) = self.slots.remove(&slot) else { return };
        self.ends.remove(&(left.end, slot));
        for (key, count) in left.places {
            if let Some(taken) = self.taken.get_mut(&key) {
                *taken = taken.saturating_sub(count);
                if *taken == 0 {
                    self.taken.remove(&key);
                }
            }
        }
    }

    /// Gives back what is over by now.
    pub fn pass(&mut self, now: Timestamp) {
        while let Some((end, slot)) = self.ends.first().copied()
            && end <= now
        {
            self.ends.pop_first();
            self.leave(slot);
        }
    }

    /// No places taken; the slots that are given back later are known not to be these.
    pub fn emptied(&self) -> Self {
        Self { last: self.last, ..Self::default() }
    }
}
