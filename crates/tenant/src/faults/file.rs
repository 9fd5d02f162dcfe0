//! Faults and switches from a file.

use super::rule::{Armed, FaultError, FaultRule};
use crate::bounded;
use crate::limits::Limits;
use crate::tenant::{Behaviour, TenantSettings};
use serde::Deserialize;
use std::path::Path;

/// In MiB; room for more rules than anybody reads.
const LARGEST: u64 = 4;

/// Rules that are in force from the start, and again after a reset.
#[derive(Debug, Clone, Default)]
pub struct FaultPlan {
    rules: Vec<Armed>,
}

impl FaultPlan {
    /// A plan of rules; refused if one of them says what cannot be.
    pub fn new(rules: Vec<FaultRule>) -> Result<Self, FaultError> {
        let armed = (1..).zip(rules).map(|(id, rule)| Armed::new(id, rule));
        Ok(Self { rules: armed.collect::<Result<_, _>>()? })
    }

    pub(super) fn rules(&self) -> &[Armed] {
        &self.rules
    }
}

/// A fault file: TOML with `[[fault]]`, `[behaviour]` and `[limits]`, each of which may be missing.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct FaultFile {
    fault: Vec<FaultRule>,
    behaviour: Option<Behaviour>,
    limits: Option<Limits>,
}

impl TenantSettings {
    /// These settings with the rules and switches of a fault file.
    pub fn with_fault_file(self, file: &Path) -> Result<Self, FaultError> {
        let unreadable = |why: String| FaultError::File { file: file.display().to_string(), why };
        let bytes = bounded::read(file, LARGEST).map_err(|error| unreadable(error.to_string()))?;
        let text = String::from_utf8(bytes).map_err(|error| unreadable(error.to_string()))?;
        self.with_faults(&text).map_err(|error| unreadable(error.to_string()))
    }

    /// These settings with the rules and switches of the text of a fault file. Switches that it does not name are as ever.
    pub fn with_faults(self, text: &str) -> Result<Self, FaultError> {
        let file: FaultFile = toml::from_str(text).map_err(|error| FaultError::Text(error.to_string()))?;
        Ok(Self {
            faults: FaultPlan::new(file.fault)?,
            behaviour: file.behaviour.unwrap_or(self.behaviour),
            limits: file.limits.unwrap_or(self.limits),
            ..self
        })
    }
}
