//! The words for the choices that items hold: those of Microsoft Graph, where Graph has the choice.

use super::ReadError;
use crate::xml::Element;
use tandem_model::{Direction, Importance, RelativeIndex, Response, Role, ShowAs, TaskStatus, Weekday};

/// A choice that has a word for each of its cases.
pub(super) trait Word: Sized + Copy + Default + PartialEq {
    /// What an error says is expected.
    const EXPECTED: &'static str;
    /// The word.
    fn word(self) -> &'static str;
    /// The choice that has this word.
    fn of(word: &str) -> Option<Self>;

    /// The word, unless it is the one that is understood when none is given.
    fn unusual(self) -> Option<&'static str> {
        (self != Self::default()).then(|| self.word())
    }

    /// Reads the word in an attribute; without it, the default.
    fn attribute(element: &Element<'_>, name: &str) -> Result<Self, ReadError> {
        element.attribute(name).map_or(Ok(Self::default()), |word| Self::required(element, word))
    }

    /// Reads the word.
    fn required(element: &Element<'_>, word: &str) -> Result<Self, ReadError> {
        Self::of(word.trim()).ok_or_else(|| element.invalid(word, Self::EXPECTED))
    }
}

macro_rules! words {
    ($type:ident: $expected:literal { $($case:ident = $word:literal),+ $(,)? }) => {
        impl Word for $type {
            const EXPECTED: &'static str = $expected;

            fn word(self) -> &'static str {
                match self { $($type::$case => $word),+ }
            }

            fn of(word: &str) -> Option<Self> {
                match word { $($word => Some($type::$case),)+ _ => None }
            }
        }
    };
}

words!(Importance: "low, normal or high" { Low = "low", Normal = "normal", High = "high" });
words!(Direction: "in or out" { In = "in", Out = "out" });
words!(Role: "required, optional or resource" {
    Required = "required", Optional = "optional", Resource = "resource",
});
words!(Response: "none, accepted, tentative or declined" {
    None = "none", Accepted = "accepted", Tentative = "tentative", Declined = "declined",
});
words!(ShowAs: "free, tentative, busy, oof or workingElsewhere" {
    Free = "free", Tentative = "tentative", Busy = "busy", Oof = "oof", WorkingElsewhere = "workingElsewhere",
});
words!(TaskStatus: "notStarted, inProgress, completed, waitingOnOthers or deferred" {
    NotStarted = "notStarted", InProgress = "inProgress", Completed = "completed",
    WaitingOnOthers = "waitingOnOthers", Deferred = "deferred",
});

/// Days and indexes have no default; these two wrap them so that they have words all the same.
macro_rules! plain_words {
    ($module:ident, $type:ident: $expected:literal { $($case:ident = $word:literal),+ $(,)? }) => {
        pub(super) mod $module {
            use super::*;

            pub(in super::super) fn word(value: $type) -> &'static str {
                match value { $($type::$case => $word),+ }
            }

            pub(in super::super) fn read(element: &Element<'_>, word: &str) -> Result<$type, ReadError> {
                match word.trim() {
                    $($word => Ok($type::$case),)+
                    other => Err(element.invalid(other, $expected)),
                }
            }
        }
    };
}

plain_words!(weekday, Weekday: "a day of the week, monday to sunday" {
    Monday = "monday", Tuesday = "tuesday", Wednesday = "wednesday", Thursday = "thursday", Friday = "friday",
    Saturday = "saturday", Sunday = "sunday",
});
plain_words!(index, RelativeIndex: "first, second, third, fourth or last" {
    First = "first", Second = "second", Third = "third", Fourth = "fourth", Last = "last",
});
