//! Tasks: records of the CRM's table A1, tasks of Microsoft To Do.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Importance (Graph `importance`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Importance {
    Low,
    #[default]
    Normal,
    High,
}

/// How far a task is (Graph `taskStatus`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the names say it")]
pub enum TaskStatus {
    #[default]
    NotStarted,
    InProgress,
    Completed,
    WaitingOnOthers,
    Deferred,
}

/// A task. To Do keeps dates in a zone, but shows and means days: start, due and completion are dates here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Title.
    #[serde(default)]
    pub subject: String,
    /// Plain text.
    #[serde(default)]
    pub text: String,
    /// How far it is.
    #[serde(default)]
    pub status: TaskStatus,
    /// Importance.
    #[serde(default)]
    pub importance: Importance,
    /// First day to work on it.
    #[serde(default)]
    pub start: Option<Date>,
    /// Last day.
    #[serde(default)]
    pub due: Option<Date>,
    /// The day on which it was done; only with `TaskStatus::Completed`.
    #[serde(default)]
    pub completed: Option<Date>,
    /// When to remind.
    #[serde(default)]
    pub reminder: Option<Timestamp>,
    /// Categories.
    #[serde(default)]
    pub categories: BTreeSet<String>,
}
