//! Changes, and how a failed commit is undone.

use super::state::State;
use crate::commit::name_of;
use crate::instant::cut;
use crate::{
    Commit, CycleOutcome, Epoch, Link, LinkId, LinkWrite, Mailbox, MailboxSeed, MailboxStatus, NewEntry,
    Object, ObjectId, ObjectWrite, Pending, StoreError,
};
use jiff::Timestamp;
use std::collections::BTreeMap;
use tandem_model::{GraphId, Kind, MailboxId};

/// What a row was before a commit touched it.
enum Undo {
    Object(ObjectId, Option<Object>),
    Link(LinkId, Box<Option<Link>>),
}

impl State {
    pub(super) fn register(&mut self, seeds: &[MailboxSeed]) {
        for status in self.mailboxes.values_mut() {
            status.mailbox.enabled = false;
        }
        for seed in seeds {
            let status = self.mailboxes.entry(seed.id.clone()).or_insert_with(|| fresh(seed));
            status.mailbox.seed = seed.clone();
            status.mailbox.enabled = true;
        }
    }

    pub(super) fn claim(&mut self, mailbox: &MailboxId) -> Result<Epoch, StoreError> {
        let status =
            self.mailboxes.get_mut(mailbox).ok_or_else(|| StoreError::UnknownMailbox(mailbox.clone()))?;
        status.mailbox.epoch.0 += 1;
        Ok(status.mailbox.epoch)
    }

    pub(super) fn commit(
        &mut self,
        mailbox: &MailboxId,
        epoch: Epoch,
        commit: Commit,
    ) -> Result<(), StoreError> {
        self.fence(mailbox, epoch)?;
        let mut undo = Vec::new();
        if let Err(error) = self.write_rows(mailbox, commit.objects, commit.links, &mut undo) {
            for step in undo.into_iter().rev() {
                match step {
                    Undo::Object(id, before) => drop(self.put_object(id, before)),
                    Undo::Link(id, before) => drop(self.put_link(id, *before)),
                }
            }
            return Err(error);
        }
        // Nothing below can fail.
        for cursor in commit.cursors {
            let key = (mailbox.clone(), cursor.collection);
            match cursor.position {
                Some(position) => drop(self.cursors.insert(key, position)),
                None => drop(self.cursors.remove(&key)),
            }
        }
        for key in commit.settled {
            self.outbox.remove(&(mailbox.clone(), key));
        }
        for entry in commit.journal {
            self.last_seq += 1;
            self.journal.insert(self.last_seq, NewEntry { at: cut(entry.at), ..entry });
        }
        Ok(())
    }

    pub(super) fn reserve(
        &mut self,
        mailbox: &MailboxId,
        epoch: Epoch,
        rows: &[Pending],
    ) -> Result<(), StoreError> {
        self.fence(mailbox, epoch)?;
        for row in rows {
            let pending = Pending { at: cut(row.at), ..row.clone() };
            let at = pending.at;
            self.outbox.entry((mailbox.clone(), row.key.clone())).or_insert(pending).at = at;
        }
        Ok(())
    }

    pub(super) fn finish(
        &mut self,
        mailbox: &MailboxId,
        epoch: Epoch,
        outcome: &CycleOutcome,
    ) -> Result<(), StoreError> {
        self.fence(mailbox, epoch)?;
        if let Some(status) = self.mailboxes.get_mut(mailbox) {
            let at = Some(cut(outcome.at));
            status.last_cycle = at;
            status.last_writes = outcome.writes;
            status.last_error.clone_from(&outcome.error);
            if outcome.error.is_none() {
                status.mailbox.cycles += 1;
                status.last_success = at;
                status.errors_in_a_row = 0;
            } else {
                status.errors_in_a_row += 1;
            }
        }
        Ok(())
    }

    pub(super) fn prune_journal(&mut self, before: Timestamp) -> u64 {
        let keep_from = self.journal.iter().find(|(_, entry)| entry.at >= before).map(|(seq, _)| *seq);
        let kept = keep_from.map_or_else(BTreeMap::new, |seq| self.journal.split_off(&seq));
        let pruned = std::mem::replace(&mut self.journal, kept);
        pruned.len() as u64
    }

    fn fence(&self, mailbox: &MailboxId, epoch: Epoch) -> Result<(), StoreError> {
        match self.epoch(mailbox) {
            None => Err(StoreError::UnknownMailbox(mailbox.clone())),
            Some(newest) if newest != epoch => Err(StoreError::Fenced { mailbox: mailbox.clone() }),
            Some(_) => Ok(()),
        }
    }

    fn write_rows(
        &mut self,
        mailbox: &MailboxId,
        objects: Vec<ObjectWrite>,
        links: Vec<LinkWrite>,
        undo: &mut Vec<Undo>,
    ) -> Result<(), StoreError> {
        for object in objects {
            self.write_object(object, undo)?;
        }
        for LinkWrite { mut link, object } in links {
            if let Some(object) = object {
                link.object = Some(self.write_object(object, undo)?);
            }
            self.write_link(mailbox, link, undo)?;
        }
        Ok(())
    }

    fn write_object(&mut self, write: ObjectWrite, undo: &mut Vec<Undo>) -> Result<ObjectId, StoreError> {
        let conflict = || StoreError::Conflict { kind: write.kind, key: name_of(&write) };
        let (id, version) = match write.id {
            None => (ObjectId(1 + self.objects.last_key_value().map_or(0, |(id, _)| id.0)), 1),
            Some(id) => {
                let stored = self.objects.get(&id).filter(|stored| stored.kind == write.kind);
                (
                    id,
                    1 + stored.filter(|stored| stored.version == write.version).ok_or_else(conflict)?.version,
                )
            }
        };
        let key_owner = write.key.as_ref().and_then(|key| self.by_key.get(&(write.kind, key.clone())));
        let record_owner =
            write.record.as_ref().and_then(|record| self.by_record.get(&(write.kind, record.clone())));
        if key_owner.into_iter().chain(record_owner).any(|owner| *owner != id) {
            return Err(conflict());
        }
        let ObjectWrite { kind, key, record, lead, .. } = write;
        let before = self.put_object(id, Some(Object { id, kind, key, record, lead, version }));
        undo.push(Undo::Object(id, before));
        Ok(id)
    }

    fn write_link(
        &mut self,
        mailbox: &MailboxId,
        mut link: Link,
        undo: &mut Vec<Undo>,
    ) -> Result<(), StoreError> {
        if link.mailbox != *mailbox {
            return Err(StoreError::Fenced { mailbox: link.mailbox });
        }
        let conflict = |kind: Kind, link: &Link| StoreError::Conflict { kind, key: link.name() };
        let id = match link.id {
            None => LinkId(1 + self.links.last_key_value().map_or(0, |(id, _)| id.0)),
            Some(id) => {
                let ours = self
                    .links
                    .get(&id)
                    .is_some_and(|stored| stored.mailbox == *mailbox && stored.kind == link.kind);
                if !ours {
                    return Err(conflict(link.kind, &link));
                }
                id
            }
        };
        let owner = link.graph.as_ref().and_then(|graph| self.by_graph.get(&copy_key(&link, graph)));
        let dangling = link.object.is_some_and(|object| !self.objects.contains_key(&object));
        if dangling || owner.is_some_and(|owner| *owner != id) {
            return Err(conflict(link.kind, &link));
        }
        link.id = Some(id);
        link.due = link.due.map(cut);
        let before = self.put_link(id, Some(link));
        undo.push(Undo::Link(id, Box::new(before)));
        Ok(())
    }

    /// Puts or removes a row together with its index entries; gives the row that was there.
    fn put_object(&mut self, id: ObjectId, object: Option<Object>) -> Option<Object> {
        let before = self.objects.remove(&id);
        if let Some(before) = &before {
            before.key.as_ref().map(|key| self.by_key.remove(&(before.kind, key.clone())));
            before.record.as_ref().map(|record| self.by_record.remove(&(before.kind, record.clone())));
        }
        if let Some(object) = object {
            object.key.as_ref().map(|key| self.by_key.insert((object.kind, key.clone()), id));
            object.record.as_ref().map(|record| self.by_record.insert((object.kind, record.clone()), id));
            self.objects.insert(id, object);
        }
        before
    }

    fn put_link(&mut self, id: LinkId, link: Option<Link>) -> Option<Link> {
        let before = self.links.remove(&id);
        if let Some(before) = &before {
            before.graph.as_ref().map(|graph| self.by_graph.remove(&copy_key(before, graph)));
            before.object.map(|object| self.by_object.remove(&(object, id)));
            self.by_kind.remove(&(before.mailbox.clone(), before.kind, id));
        }
        if let Some(link) = link {
            link.graph.as_ref().map(|graph| self.by_graph.insert(copy_key(&link, graph), id));
            link.object.map(|object| self.by_object.insert((object, id)));
            self.by_kind.insert((link.mailbox.clone(), link.kind, id));
            self.links.insert(id, link);
        }
        before
    }
}

fn copy_key(link: &Link, graph: &GraphId) -> (MailboxId, Kind, GraphId) {
    (link.mailbox.clone(), link.kind, graph.clone())
}

fn fresh(seed: &MailboxSeed) -> MailboxStatus {
    MailboxStatus {
        mailbox: Mailbox { seed: seed.clone(), enabled: true, epoch: Epoch(0), cycles: 0 },
        counts: BTreeMap::new(),
        last_success: None,
        last_cycle: None,
        last_writes: 0,
        last_error: None,
        errors_in_a_row: 0,
    }
}
