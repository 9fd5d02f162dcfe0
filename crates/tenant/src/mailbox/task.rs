//! To Do lists and tasks.

use super::attachment::Attachment;
use super::changes::ChangeLog;
use super::content::{Body, Importance, Stamp};
use super::extensions::Extensions;
use crate::calendar::{Recurrence, WallTime};
use crate::ids::ItemNo;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `todoTaskList`.
#[derive(Debug, Clone)]
pub struct TaskList {
    /// Its number.
    pub no: ItemNo,
    /// Name.
    pub name: Box<str>,
    /// `none`, `defaultList` or `flaggedEmails`.
    pub well_known: &'static str,
    /// When it was made and changed.
    pub stamp: Stamp,
    /// Open extensions.
    pub extensions: Extensions,
    /// What changed in it.
    pub log: ChangeLog<ItemNo>,
    /// Its tasks.
    pub tasks: BTreeMap<ItemNo, Task>,
}

/// `todoTask`.
#[derive(Debug, Clone)]
pub struct Task {
    /// Its number; another one in each list it is moved to, as in To Do.
    pub no: ItemNo,
    /// When it was made and changed.
    pub stamp: Stamp,
    /// When the body was changed.
    pub body_modified: jiff::Timestamp,
    /// What clients may write.
    pub content: TaskContent,
    /// Open extensions by name.
    pub extensions: Extensions,
    /// Attachments.
    pub attachments: Vec<Attachment>,
    /// The file it was filled from.
    pub source: Option<Box<str>>,
}

/// The writable properties of `todoTask`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[allow(missing_docs, reason = "the names are those of Graph's resource and say it all")]
pub struct TaskContent {
    pub title: Box<str>,
    pub body: Body,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_date_time: Option<WallTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_date_time: Option<WallTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reminder_date_time: Option<WallTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed_date_time: Option<WallTime>,
    pub is_reminder_on: bool,
    pub importance: Importance,
    pub status: TaskStatus,
    pub categories: Vec<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recurrence: Option<Recurrence>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub linked_resources: Vec<LinkedResource>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub checklist_items: Vec<ChecklistItem>,
}

/// `taskStatus`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the names are those of Graph and say it all")]
pub enum TaskStatus {
    #[default]
    NotStarted,
    InProgress,
    Completed,
    WaitingOnOthers,
    Deferred,
}

/// `linkedResource`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[allow(missing_docs, reason = "the names are those of Graph's resource and say it all")]
pub struct LinkedResource {
    pub id: Option<Box<str>>,
    pub application_name: Option<Box<str>>,
    pub display_name: Option<Box<str>>,
    pub external_id: Option<Box<str>>,
    pub web_url: Option<Box<str>>,
}

/// `checklistItem`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[allow(missing_docs, reason = "the names are those of Graph's resource and say it all")]
pub struct ChecklistItem {
    pub id: Option<Box<str>>,
    pub display_name: Option<Box<str>>,
    pub is_checked: bool,
    pub created_date_time: Option<Box<str>>,
    pub checked_date_time: Option<Box<str>>,
}
