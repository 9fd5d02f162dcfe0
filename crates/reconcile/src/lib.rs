#![doc = include_str!("../README.md")]

mod admission;
mod adoption;
mod alike;
mod answer;
mod attendee;
mod deletion;
mod entries;
mod fingerprint;
mod fresh;
mod gone;
mod linked;
mod mail;
mod mailing;
mod merge;
mod personal;
mod plan;
mod policy;
mod reason;
mod relieved;
mod series;
mod situation;
mod worn;

pub use adoption::{Adoption, Doubt, Evidence, LeftCopy, LeftRecord, Pair, adopt};
pub use alike::alike;
pub use answer::{CrmWrite, M365Write, Outcome, Plan};
pub use deletion::DeleteGuard;
pub use fingerprint::Fingerprint;
pub use mail::{MailFacts, MailPolicy, refuses_mail};
pub use mailing::{MailRules, Mailing};
pub use merge::{Merge, Precedence, is_same_moment, merge};
pub use plan::plan;
pub use policy::{Direction, Policy, Ways};
pub use reason::Reason;
pub use relieved::caught_up;
pub use situation::{BaseView, CopyFacts, CopyRole, CrmFacts, Organizer, Peers, Side, Situation};
pub use worn::adopted_base;
