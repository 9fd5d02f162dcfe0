//! What all tasks of the shell share: the tenant under its lock, the clock, and who waits for what.

use super::clock::Clock;
use crate::limits::SlotNo;
use crate::outbox::{Outcome, Outgoing, OutgoingNo};
use crate::tenant::Tenant;
use crate::wire::{Delivery, Response};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, oneshot, watch};

/// A tenant that is served.
#[derive(Debug)]
pub struct Site {
    inside: Mutex<Inside>,
    /// The tenant's time.
    pub clock: Clock,
    /// Tells the postman that the tenant has something for him earlier than he thinks.
    pub sooner: Notify,
    /// Whether the site is being closed.
    pub stopped: watch::Receiver<bool>,
}

#[derive(Debug)]
struct Inside {
    tenant: Tenant,
    held: BTreeMap<OutgoingNo, oneshot::Sender<Response>>,
    /// When the postman will look next by himself.
    planned: Option<Timestamp>,
    /// When answers that are late will be delivered, and how many at each moment.
    late: BTreeMap<Timestamp, usize>,
}

/// A moment for which a late answer waits.
#[derive(Debug)]
pub struct Appointment<'a> {
    site: &'a Site,
    at: Timestamp,
}

impl Drop for Appointment<'_> {
    fn drop(&mut self) {
        let mut inside = self.site.inside();
        if let Some(count) = inside.late.get_mut(&self.at) {
            *count -= 1;
            if *count == 0 {
                inside.late.remove(&self.at);
            }
        }
    }
}

/// An answer, or where it will come from.
pub enum Answer {
    /// Here it is.
    Now(Response),
    /// It comes when the outcome of what the tenant sent is known.
    Later(oneshot::Receiver<Response>, Option<SlotNo>),
}

/// What a request occupies until this is dropped.
#[derive(Debug)]
pub struct Occupied {
    site: Arc<Site>,
    slot: SlotNo,
}

impl Drop for Occupied {
    fn drop(&mut self) {
        self.site.inside().tenant.finished(self.slot);
    }
}

impl Site {
    /// A site of a tenant.
    pub fn new(tenant: Tenant, clock: Clock, stopped: watch::Receiver<bool>) -> Arc<Self> {
        let inside = Inside { tenant, held: BTreeMap::new(), planned: None, late: BTreeMap::new() };
        Arc::new(Self { inside: Mutex::new(inside), clock, sooner: Notify::new(), stopped })
    }

    /// Asks the tenant something at the present time.
    pub fn ask(&self, question: impl FnOnce(&mut Tenant, Timestamp) -> Response) -> Answer {
        let mut inside = self.inside();
        let response = question(&mut inside.tenant, self.clock.now());
        if let Some(slot) = response.slot {
            inside.tenant.keep(slot);
        }
        let answer = match response.delivery {
            Delivery::Held(number) => {
                let (send, receive) = oneshot::channel();
                inside.held.insert(number, send);
                Answer::Later(receive, response.slot)
            }
            _ => Answer::Now(response),
        };
        self.wake(&inside);
        answer
    }

    /// Holds what an answer occupies.
    pub fn occupied(self: &Arc<Self>, slot: Option<SlotNo>) -> Option<Occupied> {
        slot.map(|slot| Occupied { site: self.clone(), slot })
    }

    /// Looks into the tenant.
    pub fn look<T>(&self, look: impl FnOnce(&mut Tenant) -> T) -> T {
        let mut inside = self.inside();
        let seen = look(&mut inside.tenant);
        self.wake(&inside);
        seen
    }

    /// The next moment at which something happens by itself: in the tenant, or an answer that is late arrives.
    pub fn deadline(&self) -> Option<Timestamp> {
        let inside = self.inside();
        let late = inside.late.first_key_value().map(|(at, _)| *at);
        [inside.tenant.deadline(), late].into_iter().flatten().min()
    }

    /// Notes that an answer is delivered at a moment.
    pub fn appointment(&self, at: Timestamp) -> Appointment<'_> {
        *self.inside().late.entry(at).or_default() += 1;
        Appointment { site: self, at }
    }

    /// What is to be sent now, and when to look again.
    pub fn due(&self) -> (Vec<Outgoing>, Option<Timestamp>) {
        let mut inside = self.inside();
        let due = inside.tenant.due(self.clock.now());
        inside.planned = inside.tenant.deadline();
        (due, inside.planned)
    }

    /// Tells the tenant what became of something that it sent, and whoever waited for that.
    pub fn delivered(&self, number: OutgoingNo, outcome: Outcome) {
        let mut inside = self.inside();
        let waiting = inside.held.remove(&number);
        let answer = inside.tenant.delivered(number, outcome, self.clock.now());
        if let Some((waiting, answer)) = waiting.zip(answer) {
            if let Delivery::Held(next) = answer.delivery {
                inside.held.insert(next, waiting);
            } else {
                // Who does not wait any more has hung up.
                let _ = waiting.send(answer);
            }
        }
        self.wake(&inside);
    }

    fn wake(&self, inside: &Inside) {
        let next = inside.tenant.deadline();
        if next.is_some_and(|next| inside.planned.is_none_or(|planned| next < planned)) {
            self.sooner.notify_one();
        }
    }

    /// The tenant. A panic under the lock would be a bug in one answer; the others shall still get theirs.
    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
