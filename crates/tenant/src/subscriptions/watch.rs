//! What changed in a mailbox since its watchers were last told.

use super::SubscriptionId;
use crate::ids::{ItemNo, MailboxNo};
use crate::mailbox::Mailbox;
use crate::mailbox::changes::{ChangeLog, Entry};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// `changeType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    /// It is new there.
    Created,
    /// It is another than before.
    Updated,
    /// It is not there any more.
    Deleted,
}

impl ChangeKind {
    /// Graph's word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Deleted => "deleted",
        }
    }

    /// The kind of a name, in any case.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Created, Self::Updated, Self::Deleted]
            .into_iter()
            .find(|one| one.name().eq_ignore_ascii_case(name))
    }
}

/// What changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    /// A message in a folder.
    Message {
        /// Its number.
        no: ItemNo,
        /// The folder.
        folder: ItemNo,
        /// How often it had been moved, which its regular id carries.
        moves: u32,
    },
    /// An event, or an exception of a series.
    Event {
        /// Its number.
        no: ItemNo,
        /// The original date of the exception.
        date: Option<Date>,
    },
    /// A contact in a folder.
    Contact {
        /// Its number.
        no: ItemNo,
        /// The folder.
        folder: ItemNo,
    },
    /// A user.
    User(MailboxNo),
}

/// One change.
#[derive(Debug, Clone, Copy)]
pub struct News {
    /// To what.
    pub item: Changed,
    /// Of which kind.
    pub kind: ChangeKind,
}

/// Up to where the logs of a mailbox have been told.
#[derive(Debug, Default)]
pub struct Watch {
    /// Who is told.
    pub subscriptions: BTreeSet<SubscriptionId>,
    folders: BTreeMap<ItemNo, u64>,
    contact_folders: BTreeMap<ItemNo, u64>,
    calendars: BTreeMap<ItemNo, u64>,
    change: u64,
}

impl Watch {
    /// A watch that begins now; `change` is the number of the tenant's last change.
    pub fn begin(mailbox: &Mailbox, change: u64) -> Self {
        let mut watch = Self::default();
        watch.news(mailbox, change);
        watch
    }

    /// What changed since.
    pub fn news(&mut self, mailbox: &Mailbox, change: u64) -> Vec<News> {
        let mut news = Vec::new();
        for (folder, no) in mailbox.folders.values().map(|folder| (folder, folder.no)) {
            let message = |item: ItemNo, gone: bool| {
                let moves = mailbox.messages.get(&item).map_or(0, |message| message.moves);
                // One that was moved away is known here by the id of before.
                Changed::Message { no: item, folder: no, moves: moves.saturating_sub(u32::from(gone)) }
            };
            read(&folder.log, self.folders.entry(no).or_default(), &mut news, message);
        }
        for (folder, no) in mailbox.contact_folders.values().map(|folder| (folder, folder.no)) {
            let contact = |item: ItemNo, _: bool| Changed::Contact { no: item, folder: no };
            read(&folder.log, self.contact_folders.entry(no).or_default(), &mut news, contact);
        }
        // What moved leaves one folder before it comes into the other.
        news.sort_by_key(|one| one.kind != ChangeKind::Deleted);
        let before = news.len();
        for calendar in &mailbox.calendars {
            let event = |no: ItemNo, _: bool| Changed::Event { no, date: None };
            read(&calendar.log, self.calendars.entry(calendar.no).or_default(), &mut news, event);
        }
        self.add_exceptions(mailbox, before, &mut news);
        self.change = change;
        news
    }

    /// Adds the exceptions that changed with their series.
    fn add_exceptions(&self, mailbox: &Mailbox, from: usize, news: &mut Vec<News>) {
        let mut exceptions = Vec::new();
        for one in news.iter().skip(from).filter(|one| one.kind == ChangeKind::Updated) {
            let Changed::Event { no, .. } = one.item else { continue };
            let Some(event) = mailbox.events.get(&no) else { continue };
            let changed =
                event.exceptions.iter().filter(|(_, exception)| exception.stamp.change > self.change);
            exceptions.extend(changed.map(|(date, _)| News {
                item: Changed::Event { no, date: Some(*date) },
                kind: ChangeKind::Updated,
            }));
        }
        news.extend(exceptions);
    }
}

/// Who is told of changes to users, and up to where he was.
#[derive(Debug, Default)]
pub struct UsersWatch {
    /// Who is told.
    pub subscriptions: BTreeSet<SubscriptionId>,
    cursor: u64,
}

impl UsersWatch {
    /// Lets a subscription begin.
    pub fn begin(&mut self, id: SubscriptionId, log: &ChangeLog<ItemNo>) {
        if self.subscriptions.is_empty() {
            self.cursor = log.end();
        }
        self.subscriptions.insert(id);
    }

    /// What changed since. A new user is told as an update.
    pub fn news(&mut self, log: &ChangeLog<ItemNo>) -> Vec<News> {
        let mut news = Vec::new();
        let user = |no: ItemNo, _: bool| Changed::User(MailboxNo(u32::try_from(no.0).unwrap_or(u32::MAX)));
        read(log, &mut self.cursor, &mut news, user);
        for one in &mut news {
            if one.kind == ChangeKind::Created {
                one.kind = ChangeKind::Updated;
            }
        }
        news
    }
}

/// Reads a log from a cursor on, which is moved to its end. What came and went in between is no news.
fn read(
    log: &ChangeLog<ItemNo>,
    cursor: &mut u64,
    news: &mut Vec<News>,
    named: impl Fn(ItemNo, bool) -> Changed,
) {
    let from = *cursor;
    if log.end() == from {
        return;
    }
    *cursor = log.end();
    let kind = |entry: Entry| match (entry.gone, entry.first > from) {
        (true, true) => None,
        (true, false) => Some(ChangeKind::Deleted),
        (false, true) => Some(ChangeKind::Created),
        (false, false) => Some(ChangeKind::Updated),
    };
    news.extend(
        log.since(from)
            .filter_map(|(no, entry)| Some(News { item: named(no, entry.gone), kind: kind(entry)? })),
    );
}
