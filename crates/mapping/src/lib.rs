#![doc = include_str!("../README.md")]

mod defaults;
mod extended;
mod flow;
mod mapping;
mod properties;
mod reference;
mod target;
mod value;

pub use defaults::DefaultPair;
pub use flow::{Flow, UnknownFlow};
pub use mapping::{KindMapping, Mapping};
pub use reference::reference;
pub use target::{Target, TargetError};
pub use value::{CrmType, DoesNotFit, ValueType};
