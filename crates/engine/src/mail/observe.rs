//! Observe: the delta of each input folder, moves that a crash left undone, and failures that are due.

use super::folders::Folders;
use super::{Decision, MailWork};
use crate::EngineError;
use crate::migrate::is_kept_back;
use crate::pair::{Work, entry};
use crate::policy;
use crate::worker::Worker;
use serde_json::Value;
use std::collections::BTreeMap;
use tandem_graph::{Change, Class, Collection, Next, Remote};
use tandem_model::{EmailAddress, GraphId, Item, Kind, Mail};
use tandem_reconcile::{MailFacts, refuses_mail};
use tandem_store::{Commit, Cursor, LinkWrite, Linked, State, Step};

/// Links in one page.
const PAGE: usize = 50;

impl Worker {
    /// Imports what is new in the synchronisation folder.
    pub(crate) async fn import_mails(&self) -> Result<(), EngineError> {
        let mut folders = self.folders().await?;
        self.due_mails(&mut folders).await?;
        for folder in folders.input.clone() {
            self.observe_folder(&mut folders, &folder).await?;
        }
        Ok(())
    }

    async fn observe_folder(
        &self,
        folders: &mut Folders,
        folder: &tandem_graph::Folder,
    ) -> Result<(), EngineError> {
        let name = format!("mail:{}", folder.id);
        let collection = Collection::MailFolder(folder.id.clone());
        let mut position = self.parts.store.cursor(self.id(), &name).await?;
        let mut trail = self.graph.trail(&collection);
        loop {
            let page = match self.graph.delta(&collection, position.as_deref()).await {
                Err(error) if error.class() == Class::Resync && position.is_some() => {
                    (position, trail) = (None, self.graph.trail(&collection));
                    continue;
                }
                // The folder was deleted or renamed away between listing and reading it.
                Err(error) if error.class() == Class::Gone => return Ok(()),
                page => page?,
            };
            let (Next::More(next) | Next::Done(next)) = page.next.clone();
            let done = matches!(page.next, Next::Done(_));
            let same = position.as_deref() == Some(next.as_str());
            let cursor = (!same).then(|| Cursor { collection: name.clone(), position: Some(next.clone()) });
            self.settle_mails(folders, page.changes, cursor).await?;
            if done {
                return Ok(());
            }
            trail.follow(&next)?;
            position = Some(next);
        }
    }

    async fn settle_mails(
        &self,
        folders: &mut Folders,
        changes: Vec<Change>,
        cursor: Option<Cursor>,
    ) -> Result<(), EngineError> {
        let (mut present, mut unreadable) = (BTreeMap::new(), Vec::new());
        for change in changes {
            match change {
                Change::Present(remote) => {
                    present.insert(remote.id.clone(), *remote);
                }
                Change::Unreadable { id, reason, .. } => unreadable.push((id, reason)),
                // A message that left the folder is no deletion: the activity stays.
                Change::Removed(_) | Change::Occurrence { .. } => {}
            }
        }
        self.refuse_unreadable(unreadable).await?;
        let works = self.mail_works(present).await?;
        self.settle_mail_works(folders, works).await?;
        Ok(self.commit(Commit { cursors: cursor.into_iter().collect(), ..Commit::default() }).await?)
    }

    /// Work on messages that are new, or that came back to an input folder after a failure.
    async fn mail_works(&self, mut present: BTreeMap<GraphId, Remote>) -> Result<Vec<MailWork>, EngineError> {
        let ids: Vec<GraphId> = present.keys().cloned().collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut links: BTreeMap<GraphId, Linked> = BTreeMap::new();
        for linked in self.parts.store.links_by_graph(self.id(), Kind::Mail, &ids).await? {
            if linked.link.state == State::Linked || is_kept_back(&linked.link) {
                linked.link.graph.as_ref().and_then(|id| present.remove(id));
            } else if let Some(id) = linked.link.graph.clone() {
                links.insert(id, linked);
            }
        }
        let keys: Vec<String> =
            present.values().filter_map(mail_in).map(|mail| mail.message_id.to_string()).collect();
        let objects = self.parts.store.objects_by_key(Kind::Mail, &keys).await?;
        let mut works = Vec::new();
        for (id, remote) in present {
            let Some(mail) = mail_in(&remote).cloned() else { continue };
            let link = links
                .remove(&id)
                .map_or_else(|| Work::fresh(self.id(), Kind::Mail, Some(id)), |linked| linked.link);
            let object =
                objects.iter().find(|object| object.key.as_deref() == Some(mail.message_id.as_str()));
            let decision =
                self.decide_mail(&remote, &mail, object.is_some_and(|object| object.record.is_some()));
            let object = object.cloned();
            works.push(MailWork { link, object, remote, mail, decision, notes: Vec::new() });
        }
        Ok(works)
    }

    fn decide_mail(&self, remote: &Remote, mail: &Mail, known: bool) -> Decision {
        let mine = |address: &EmailAddress| self.owner.contains(address);
        let owner_takes_part = mail.from.iter().chain(mail.recipients()).any(|person| mine(&person.address));
        let facts = MailFacts { draft: remote.facts.is_draft, owner_takes_part, sent: mail.sent_at };
        match refuses_mail(&policy::of_mail(&self.parts.settings), &facts) {
            Some(reason) => Decision::Skip(reason),
            None if known && owner_takes_part => Decision::Join,
            None => Decision::Add,
        }
    }

    async fn refuse_unreadable(&self, unreadable: Vec<(GraphId, String)>) -> Result<(), EngineError> {
        let mut commit = Commit::default();
        for (id, why) in unreadable {
            let known =
                self.parts.store.links_by_graph(self.id(), Kind::Mail, std::slice::from_ref(&id)).await?;
            let fresh = Work::fresh(self.id(), Kind::Mail, Some(id.clone()));
            let mut link = known.into_iter().next().map_or(fresh, |linked| linked.link);
            if link.state == State::Linked {
                continue;
            }
            let mut line = entry(self, Kind::Mail, Step::Observe, "unreadable", why.clone(), Value::Null);
            line.graph = Some(id);
            commit.journal.push(line);
            link.state = State::Refused;
            (link.reason, link.detail) = ("unreadable".to_owned(), why);
            commit.links.push(LinkWrite { link, object: None });
        }
        Ok(self.commit(commit).await?)
    }

    /// Moves that were not done, and messages whose next attempt is due.
    async fn due_mails(&self, folders: &mut Folders) -> Result<(), EngineError> {
        let mut after = None;
        loop {
            let links =
                self.parts.store.due(self.id(), Kind::Mail, self.now, self.horizon(), after, PAGE).await?;
            let Some(last) = links.last() else { return Ok(()) };
            after = last.link.id;
            let (moves, retries): (Vec<Linked>, Vec<Linked>) =
                links.into_iter().partition(|linked| linked.link.todo.is_some());
            self.carry_out_moves(folders, moves.into_iter().map(|linked| linked.link).collect()).await?;
            for linked in retries {
                self.retry_mail(folders, linked).await?;
            }
        }
    }

    async fn retry_mail(&self, folders: &mut Folders, linked: Linked) -> Result<(), EngineError> {
        let Some(id) = linked.link.graph.clone() else { return Ok(()) };
        let found = self.graph.read(Kind::Mail, &id, None).await?;
        let folder = found.as_ref().and_then(|remote| remote.facts.folder.clone()).unwrap_or_default();
        match found {
            Some(remote) if folders.is_input(&folder) => {
                let works = self.mail_works(BTreeMap::from([(id, remote)])).await?;
                self.settle_mail_works(folders, works).await
            }
            _ => self.note_left(linked).await,
        }
    }

    /// The message was moved out of the folder, or deleted, before it could be imported.
    async fn note_left(&self, linked: Linked) -> Result<(), EngineError> {
        let mut link = linked.link;
        let text = "left the synchronisation folder before it could be imported".to_owned();
        let mut line = entry(self, Kind::Mail, Step::Observe, "left-folder", text.clone(), Value::Null);
        line.graph.clone_from(&link.graph);
        link.state = State::Skipped;
        (link.reason, link.detail) = ("left-folder".to_owned(), text);
        link.due = None;
        let links = vec![LinkWrite { link, object: None }];
        Ok(self.commit(Commit { links, journal: vec![line], ..Commit::default() }).await?)
    }
}

fn mail_in(remote: &Remote) -> Option<&Mail> {
    match &remote.item {
        Item::Mail(mail) => Some(mail),
        _ => None,
    }
}
