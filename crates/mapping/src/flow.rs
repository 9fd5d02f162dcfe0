//! Which way a field travels.

use std::fmt;
use std::str::FromStr;

/// Which way a field travels, within what the direction of its kind allows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flow {
    /// Both ways.
    #[default]
    Both,
    /// From Microsoft 365 to the CRM; what is changed in the CRM is overwritten.
    ToCrm,
    /// From the CRM to Microsoft 365; what is changed in Microsoft 365 is overwritten.
    ToM365,
    /// Not at all; each side keeps what it has.
    Off,
}

/// A word that is no direction.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no direction; known are both, to-crm, to-m365 and off")]
pub struct UnknownFlow(pub String);

impl Flow {
    const ALL: [Flow; 4] = [Flow::Both, Flow::ToCrm, Flow::ToM365, Flow::Off];

    /// Whether the CRM is told.
    pub fn to_crm(self) -> bool {
        matches!(self, Flow::Both | Flow::ToCrm)
    }

    /// Whether Microsoft 365 is told.
    pub fn to_m365(self) -> bool {
        matches!(self, Flow::Both | Flow::ToM365)
    }

    /// Whether everything that this one lets through passes the other.
    pub fn is_within(self, other: Flow) -> bool {
        (!self.to_crm() || other.to_crm()) && (!self.to_m365() || other.to_m365())
    }

    /// The word for it, the same as in the connector's settings.
    pub fn as_str(self) -> &'static str {
        match self {
            Flow::Both => "both",
            Flow::ToCrm => "to-crm",
            Flow::ToM365 => "to-m365",
            Flow::Off => "off",
        }
    }
}

impl fmt::Display for Flow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Flow {
    type Err = UnknownFlow;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Flow::ALL.into_iter().find(|flow| flow.as_str() == word).ok_or_else(|| UnknownFlow(word.to_owned()))
    }
}
