//! What is kept, and how it is looked up.

use crate::{Epoch, JournalEntry, Link, LinkId, Linked, MailboxStatus, NewEntry, Object, ObjectId, Pending};
use std::collections::{BTreeMap, BTreeSet};
use tandem_model::{EmailAddress, GraphId, Kind, MailboxId, RecordId};

/// All rows, with the indexes that keep lookups and uniqueness cheap.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) mailboxes: BTreeMap<MailboxId, MailboxStatus>,
    pub(super) objects: BTreeMap<ObjectId, Object>,
    pub(super) links: BTreeMap<LinkId, Link>,
    pub(super) by_key: BTreeMap<(Kind, String), ObjectId>,
    pub(super) by_record: BTreeMap<(Kind, RecordId), ObjectId>,
    pub(super) by_graph: BTreeMap<(MailboxId, Kind, GraphId), LinkId>,
    pub(super) by_object: BTreeSet<(ObjectId, LinkId)>,
    pub(super) by_kind: BTreeSet<(MailboxId, Kind, LinkId)>,
    pub(super) cursors: BTreeMap<(MailboxId, String), String>,
    pub(super) outbox: BTreeMap<(MailboxId, String), Pending>,
    pub(super) journal: BTreeMap<i64, NewEntry>,
    pub(super) last_seq: i64,
}

impl State {
    pub(super) fn status(&self) -> Vec<MailboxStatus> {
        let mut all: Vec<MailboxStatus> = self.mailboxes.values().cloned().collect();
        for link in self.links.values() {
            if let Some(status) = all.iter_mut().find(|status| status.mailbox.seed.id == link.mailbox) {
                status.counts.entry(link.kind).or_default().add(link.state, &link.reason, 1);
            }
        }
        all.sort_by(|a, b| address_of(a).cmp(&address_of(b)));
        all
    }

    pub(super) fn cursor(&self, mailbox: &MailboxId, collection: &str) -> Option<String> {
        self.cursors.get(&(mailbox.clone(), collection.to_owned())).cloned()
    }

    pub(super) fn cursors(&self, mailbox: &MailboxId, prefix: &str) -> Vec<(String, String)> {
        self.cursors
            .range((mailbox.clone(), prefix.to_owned())..)
            .take_while(|((of, collection), _)| of == mailbox && collection.starts_with(prefix))
            .map(|((_, collection), position)| (collection.clone(), position.clone()))
            .collect()
    }

    pub(super) fn links_by_graph(&self, mailbox: &MailboxId, kind: Kind, ids: &[GraphId]) -> Vec<Linked> {
        self.linked(
            ids.iter().filter_map(|id| self.by_graph.get(&(mailbox.clone(), kind, id.clone())).copied()),
        )
    }

    pub(super) fn links_by_record(
        &self,
        mailbox: &MailboxId,
        kind: Kind,
        records: &[RecordId],
    ) -> Vec<Linked> {
        let mut links = self.linked(
            records
                .iter()
                .filter_map(|record| self.by_record.get(&(kind, record.clone())))
                .flat_map(|object| self.links_of(*object)),
        );
        links.retain(|linked| linked.link.mailbox == *mailbox && linked.link.kind == kind);
        links
    }

    pub(super) fn objects_by_key(&self, kind: Kind, keys: &[String]) -> Vec<Object> {
        self.some_objects(keys.iter().filter_map(|key| self.by_key.get(&(kind, key.clone()))))
    }

    pub(super) fn objects_by_record(&self, kind: Kind, records: &[RecordId]) -> Vec<Object> {
        self.some_objects(records.iter().filter_map(|record| self.by_record.get(&(kind, record.clone()))))
    }

    pub(super) fn copies(&self, object: ObjectId) -> Vec<Linked> {
        self.linked(self.links_of(object))
    }

    pub(super) fn page(
        &self,
        mailbox: &MailboxId,
        kind: Kind,
        after: Option<LinkId>,
        limit: usize,
        wanted: impl Fn(&Link) -> bool,
    ) -> Vec<Linked> {
        let after = after.map_or(0, |id| id.0);
        let ids = self
            .by_kind
            .range(
                (mailbox.clone(), kind, LinkId(after.saturating_add(1)))
                    ..=(mailbox.clone(), kind, LinkId(i64::MAX)),
            )
            .map(|(_, _, id)| *id)
            .filter(|id| self.links.get(id).is_some_and(&wanted));
        self.linked(ids.take(limit))
    }

    pub(super) fn outbox(&self, mailbox: &MailboxId) -> Vec<Pending> {
        let mut rows: Vec<Pending> = self
            .outbox
            .iter()
            .filter(|((of, _), _)| of == mailbox)
            .map(|(_, pending)| pending.clone())
            .collect();
        rows.sort_by(|a, b| (a.at, &a.key).cmp(&(b.at, &b.key)));
        rows
    }

    pub(super) fn find(&self, item: &str) -> Vec<Linked> {
        let copies =
            self.links.iter().filter(|(_, link)| link.graph.as_ref().is_some_and(|id| id.as_str() == item));
        let objects = self.objects.values().filter(|object| names(object).any(|name| name == item));
        self.linked(copies.map(|(id, _)| *id).chain(objects.flat_map(|object| self.links_of(object.id))))
    }

    /// Collects names until none is new: a line names an object, the object names its copies, a copy's line names
    /// the key that the object had before.
    pub(super) fn story(&self, item: &str) -> Vec<JournalEntry> {
        let mut known = BTreeSet::from([item.to_owned()]);
        let mut lines = BTreeSet::new();
        loop {
            let mut found: BTreeSet<String> = BTreeSet::new();
            for (seq, entry) in &self.journal {
                if names_of_line(entry).any(|name| known.contains(name)) && lines.insert(*seq) {
                    found.extend(names_of_line(entry).map(str::to_owned));
                }
            }
            for (id, object) in &self.objects {
                let links = || self.links_of(*id).filter_map(|id| self.links.get(&id)?.graph.as_ref());
                let mut all = names(object).chain(links().map(GraphId::as_str));
                if all.any(|name| known.contains(name)) {
                    found.extend(names(object).chain(links().map(GraphId::as_str)).map(str::to_owned));
                }
            }
            if found.is_subset(&known) {
                break;
            }
            known.extend(found);
        }
        let entry = |seq: &i64| Some(JournalEntry { seq: *seq, entry: self.journal.get(seq)?.clone() });
        lines.iter().filter_map(entry).collect()
    }

    fn links_of(&self, object: ObjectId) -> impl Iterator<Item = LinkId> {
        self.by_object.range((object, LinkId(i64::MIN))..=(object, LinkId(i64::MAX))).map(|(_, link)| *link)
    }

    fn some_objects<'a>(&self, ids: impl Iterator<Item = &'a ObjectId>) -> Vec<Object> {
        let ids: BTreeSet<ObjectId> = ids.copied().collect();
        ids.iter().filter_map(|id| self.objects.get(id).cloned()).collect()
    }

    fn linked(&self, ids: impl Iterator<Item = LinkId>) -> Vec<Linked> {
        let ids: BTreeSet<LinkId> = ids.collect();
        let linked = |id: &LinkId| {
            let link = self.links.get(id)?.clone();
            let object = link.object.and_then(|object| self.objects.get(&object).cloned());
            Some(Linked { link, object })
        };
        ids.iter().filter_map(linked).collect()
    }

    pub(super) fn epoch(&self, mailbox: &MailboxId) -> Option<Epoch> {
        self.mailboxes.get(mailbox).map(|status| status.mailbox.epoch)
    }
}

fn address_of(status: &MailboxStatus) -> (&EmailAddress, &MailboxId) {
    (&status.mailbox.seed.address, &status.mailbox.seed.id)
}

fn names(object: &Object) -> impl Iterator<Item = &str> {
    object.key.as_deref().into_iter().chain(object.record.as_ref().map(RecordId::as_str))
}

fn names_of_line(entry: &NewEntry) -> impl Iterator<Item = &str> {
    let graph = entry.graph.as_ref().map(GraphId::as_str);
    graph.into_iter().chain(entry.key.as_deref()).chain(entry.record.as_ref().map(RecordId::as_str))
}
