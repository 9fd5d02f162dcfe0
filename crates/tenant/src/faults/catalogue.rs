//! The catalogue: which faults there are. It is data; `data/faults.toml` says what each field is for.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::sync::LazyLock;

/// One fault of the catalogue.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    pub name: String,
    pub does: String,
    pub effect: Effect,
    pub only: Option<Only>,
    pub status: Option<u16>,
    pub code: Option<String>,
    pub message: Option<String>,
    #[serde(default)]
    pub parameters: Vec<Parameter>,
    pub sources: Vec<String>,
}

/// What can be said about a fault when it is ordered.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    pub name: String,
    pub kind: ParameterKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// The only values that it may have, if not all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub one_of: Vec<Value>,
    pub means: String,
}

/// What kind of value a parameter has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ParameterKind {
    /// A whole number from 0.
    Count,
    /// Any number.
    Number,
    /// A text.
    Text,
    /// True or false.
    Switch,
}

/// Which requests a fault can happen to at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Only {
    /// Those that follow a `nextLink`.
    FollowingPage,
    /// Delta queries.
    Delta,
    /// Delta queries that come back with a token.
    Token,
    /// Moves and copies.
    Move,
    /// Creations.
    Create,
    /// No requests, but notifications of changes.
    Notification,
}

/// What a fault brings about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// An error instead of an answer.
    Refuse,
    /// An error, though the request took effect.
    Mask,
    /// No effect, no answer.
    Withhold,
    /// An effect, no answer.
    LoseReply,
    /// No effect, a broken connection.
    Break,
    /// A part of the answer.
    Cut,
    /// A late answer.
    Delay,
    /// Another time.
    Skew,
    /// A 404 for what was moved.
    HideAfterMove,
    /// The end of a sync state.
    LoseSyncState,
    /// Entries told twice.
    RepeatEntries,
    /// A page without entries.
    EmptyPage,
    /// Another reading of `transactionId`.
    RepeatedTransaction,
    /// New versions without changes.
    Touch,
    /// Another address.
    RenameMailbox,
    /// Another folder name.
    RenameFolder,
    /// A mailbox out of reach.
    Leave,
    /// A mailbox within reach again.
    Return,
    /// Permissions that act late.
    SlowPermissions,
    /// A notification that never leaves.
    LoseNotification,
    /// A notification that leaves twice.
    RepeatNotification,
    /// A notification that leaves late.
    DelayNotification,
    /// A notification that leaves after the next.
    OvertakeNotification,
    /// A lifecycle event: something was lost.
    MissNotifications,
    /// The end of subscriptions before their time.
    RemoveSubscriptions,
}

impl Effect {
    /// Whether it is something that happens with or without a request.
    pub fn is_event(self) -> bool {
        self.needs_mailbox() || self == Self::SlowPermissions
    }

    /// Whether it is something that happens in a mailbox.
    pub fn needs_mailbox(self) -> bool {
        matches!(
            self,
            Self::Touch
                | Self::RenameMailbox
                | Self::RenameFolder
                | Self::Leave
                | Self::Return
                | Self::MissNotifications
                | Self::RemoveSubscriptions
        )
    }

    /// Whether it happens to notifications, and not to requests.
    pub fn is_on_notifications(self) -> bool {
        matches!(
            self,
            Self::LoseNotification
                | Self::RepeatNotification
                | Self::DelayNotification
                | Self::OvertakeNotification
        )
    }
}

#[derive(Debug, Default, Deserialize)]
struct Table {
    fault: Vec<Fault>,
}

const DATA: &str = include_str!("../../data/faults.toml");

static CATALOGUE: LazyLock<Vec<Fault>> = LazyLock::new(|| {
    // A test reads the same text; what it accepts is never an error here.
    toml::from_str::<Table>(DATA).unwrap_or_default().fault
});

/// All faults.
pub fn catalogue() -> &'static [Fault] {
    &CATALOGUE
}

/// A fault by its name.
pub fn fault(name: &str) -> Option<&'static Fault> {
    catalogue().iter().find(|fault| fault.name == name)
}

impl Fault {
    /// Why values cannot be given to this fault, if they cannot.
    pub fn refuses(&self, with: &Map<String, Value>) -> Option<String> {
        with.iter().find_map(|(name, value)| {
            let Some(parameter) = self.parameters.iter().find(|parameter| parameter.name == *name) else {
                return Some(format!("'{}' knows no '{name}'", self.name));
            };
            let fits = match parameter.kind {
                ParameterKind::Count => value.is_u64(),
                ParameterKind::Number => value.is_number(),
                ParameterKind::Text => value.is_string(),
                ParameterKind::Switch => value.is_boolean(),
            };
            let fits = fits && (parameter.one_of.is_empty() || parameter.one_of.contains(value));
            (!fits)
                .then(|| format!("'{name}' of '{}' cannot be {value}: it is {}", self.name, parameter.means))
        })
    }

    /// The value of a parameter: as given, or its default.
    pub fn value<'a>(&'a self, with: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
        let parameter = self.parameters.iter().find(|parameter| parameter.name == name)?;
        with.get(name).or(parameter.default.as_ref())
    }

    /// A parameter that is a whole number.
    pub fn count(&self, with: &Map<String, Value>, name: &str) -> Option<u64> {
        self.value(with, name).and_then(Value::as_u64)
    }

    /// A parameter that is a number.
    pub fn number(&self, with: &Map<String, Value>, name: &str) -> Option<f64> {
        self.value(with, name).and_then(Value::as_f64)
    }

    /// A parameter that is a text.
    pub fn text<'a>(&'a self, with: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
        self.value(with, name).and_then(Value::as_str)
    }

    /// A parameter that is true or false.
    pub fn switch(&self, with: &Map<String, Value>, name: &str) -> bool {
        self.value(with, name).and_then(Value::as_bool).unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_table_can_be_read_and_says_enough() {
        let table: Table = toml::from_str(DATA).unwrap();
        let names: BTreeSet<&str> = table.fault.iter().map(|fault| fault.name.as_str()).collect();
        assert_eq!(names.len(), table.fault.len(), "names are unique");
        for fault in &table.fault {
            assert!(!fault.does.is_empty() && !fault.sources.is_empty(), "{}", fault.name);
            let needs_error =
                matches!(fault.effect, Effect::Refuse | Effect::Mask | Effect::HideAfterMove | Effect::Leave);
            let has_error = fault.status.is_some() && fault.code.is_some() && fault.message.is_some();
            assert_eq!(needs_error, has_error, "{}", fault.name);
            for parameter in &fault.parameters {
                if let Some(default) = &parameter.default {
                    let with = Map::from_iter([(parameter.name.clone(), default.clone())]);
                    assert_eq!(fault.refuses(&with), None);
                }
            }
        }
    }
}
