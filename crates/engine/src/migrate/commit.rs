//! Record: links of what is adopted, and of what is kept back.

use super::apply::{Adopting, Fate};
use super::plan::Doubted;
use super::{UNDECIDED, is_kept_back};
use crate::EngineError;
use crate::pair::{SILENT, Work, entry};
use crate::worker::Worker;
use serde_json::{Map, Value, json};
use tandem_model::{Document, GraphId, Item, Kind, RecordId};
use tandem_reconcile::{Organizer, adopted_base};
use tandem_store::{Base, Commit, Link, LinkWrite, Linked, NewEntry, Object, ObjectWrite, Role, State, Step};

/// What speaks for a pair that a person decided upon.
pub(super) const PERSON: &str = "a person's decision";

/// Reason of a link that was adopted and that the next cycle settles.
const ADOPTED: &str = "migrated";

impl Worker {
    /// Whether the pair is a link already, or the store knows its record or its copy as something else.
    pub(super) async fn stands_against(&self, adopting: &Adopting<'_>) -> Result<Option<Fate>, EngineError> {
        let pair = adopting.pair;
        let (of_copy, of_record) = self.links_of(pair.kind, &pair.copy, &pair.record).await?;
        if let Some(linked) = of_copy.filter(|linked| !is_kept_back(&linked.link)) {
            let record = linked.object.and_then(|object| object.record);
            let same = record.as_ref() == Some(&pair.record);
            let other =
                record.map_or_else(|| linked.link.state.as_str().to_owned(), |record| record.to_string());
            return Ok(Some(match same {
                true => Fate::Already,
                false => Fate::Refused(format!("the copy is linked to something else by now ({other})")),
            }));
        }
        if of_record.is_some_and(|linked| !is_kept_back(&linked.link)) {
            return Ok(Some(Fate::Refused("the record has another copy in this mailbox by now".to_owned())));
        }
        let (by_key, by_record) = self.objects_of(pair.kind, &adopting.key, &pair.record).await?;
        if let Some(record) = by_key.and_then(|object| object.record).filter(|record| *record != pair.record)
        {
            return Ok(Some(Fate::Refused(format!("it is the same as {record}, which is linked already"))));
        }
        // A meeting that was entered in the CRM may have a copy of its own in each mailbox; an e-mail has one id.
        let one_key = pair.kind == Kind::Mail;
        let other = by_record.and_then(|object| object.key).filter(|key| one_key && *key != adopting.key);
        Ok(other.map(|key| Fate::Refused(format!("the record is linked already, as {key}"))))
    }

    async fn links_of(
        &self,
        kind: Kind,
        copy: &GraphId,
        record: &RecordId,
    ) -> Result<(Option<Linked>, Option<Linked>), EngineError> {
        let store = &self.parts.store;
        let of_copy = store.links_by_graph(self.id(), kind, std::slice::from_ref(copy)).await?;
        let of_record = store.links_by_record(self.id(), kind, std::slice::from_ref(record)).await?;
        let others = of_record.into_iter().filter(|linked| linked.link.graph.as_ref() != Some(copy));
        // A tombstone stands against nothing.
        let live = |linked: &Linked| linked.link.state != State::Deleted;
        Ok((of_copy.into_iter().next(), others.into_iter().find(live)))
    }

    async fn objects_of(
        &self,
        kind: Kind,
        key: &str,
        record: &RecordId,
    ) -> Result<(Option<Object>, Option<Object>), EngineError> {
        let by_key = self.parts.store.objects_by_key(kind, &[key.to_owned()]).await?.pop();
        let by_record = self.parts.store.objects_by_record(kind, std::slice::from_ref(record)).await?.pop();
        Ok((by_key, by_record))
    }

    /// Commits a pair as a link.
    pub(super) async fn commit_adopted(&self, adopting: &Adopting<'_>) -> Result<(), EngineError> {
        let pair = adopting.pair;
        let (of_copy, of_record) = self.links_of(pair.kind, &pair.copy, &pair.record).await?;
        let (by_key, by_record) = self.objects_of(pair.kind, &adopting.key, &pair.record).await?;
        let object = by_record.or(by_key);
        let key = object.as_ref().and_then(|object| object.key.clone());
        let replica = self.is_replica(adopting, key.as_deref());
        let mut commit = Commit::default();
        // The record's own link gives way to that of the copy.
        let (link, superseded) = match (of_copy, of_record) {
            (Some(copy), record) => (copy.link, record),
            (None, Some(record)) if record.link.graph.is_none() => (record.link, None),
            (None, _) => (Work::fresh(self.id(), pair.kind, None), None),
        };
        commit.links.extend(superseded.map(|linked| retired(linked.link)));
        let object = ObjectWrite {
            id: object.as_ref().map(|object| object.id),
            version: object.as_ref().map_or(0, |object| object.version),
            kind: pair.kind,
            // The copy that leads gives the object its key.
            key: key.or_else(|| (!replica).then(|| adopting.key.clone())),
            record: Some(pair.record.clone()),
            lead: object.and_then(|object| object.lead),
        };
        let link = self.adopted_link(adopting, link, replica);
        commit.links.push(LinkWrite { link, object: Some(object) });
        commit.journal.push(self.told(adopting));
        Ok(self.commit(commit).await?)
    }

    fn adopted_link(&self, adopting: &Adopting<'_>, link: Link, replica: bool) -> Link {
        let (kind, remote) = (adopting.pair.kind, &adopting.remote);
        let mut link = Link {
            graph: Some(remote.id.clone()),
            place: remote.facts.folder.clone(),
            state: State::Waiting,
            reason: ADOPTED.to_owned(),
            detail: "taken over from an older connector; the next cycle settles what differs".to_owned(),
            base: None,
            etag: None,
            stamp: None,
            todo: None,
            due: Some(self.now),
            attempts: 0,
            ..link
        };
        if kind == Kind::Mail {
            (link.reason, link.detail, link.due) = (String::new(), String::new(), None);
            link.stamp = Some(adopting.change.stamp);
            self.succeed(&mut link);
            return link;
        }
        // The organiser's copy speaks for a meeting; a colleague's contributes his answer, and finds the organiser's.
        if self.organizer_of(remote) == Organizer::Colleague && kind == Kind::Appointment {
            return link;
        }
        let (m365, crm) = adopted_base(&Document::of(&remote.item), &Document::of(&adopting.item));
        let mut base = Base { m365, crm };
        self.note_known(kind, &mut base);
        link.base = Some(base);
        link.role = if replica { Role::Replica } else { Role::Lead };
        // Two sides that meet are no organiser's deliberate change: nobody is mailed.
        link.todo = Some(SILENT.to_owned());
        link
    }

    /// Whether the copy is one of several equal ones: a contact, or the copy of its own that a colleague got of a
    /// meeting which somebody else called in the CRM.
    fn is_replica(&self, adopting: &Adopting<'_>, key: Option<&str>) -> bool {
        match adopting.pair.kind {
            Kind::Contact => true,
            Kind::Appointment if adopting.remote.facts.is_organizer => {
                let called_by = self.classify(crate::pair::organizer_in(&adopting.item));
                called_by == Organizer::Colleague || key.is_some_and(|key| key != adopting.key)
            }
            _ => false,
        }
    }

    fn told(&self, adopting: &Adopting<'_>) -> NewEntry {
        let pair = adopting.pair;
        let text =
            format!("taken over from an older connector: {} and {} by {}", pair.record, pair.copy, pair.by);
        let (m365, crm) = (Document::of(&adopting.remote.item), Document::of(&adopting.item));
        let differences = m365.differences(&crm).into_iter().filter(|_| pair.kind != Kind::Mail);
        // Whatever the first cycle makes of them: both values can be read here.
        let facts: Map<String, Value> = differences
            .map(|field| {
                let both = json!({ "m365": m365.get(&field), "crm": crm.get(&field) });
                (field, both)
            })
            .collect();
        NewEntry {
            key: Some(adopting.key.clone()),
            graph: Some(pair.copy.clone()),
            record: Some(pair.record.clone()),
            ..entry(self, pair.kind, Step::Record, "migrated", text, json!({ "differences": facts }))
        }
    }

    /// Keeps what is in doubt from travelling, with the reason. Answers how many records and copies that are.
    pub(super) async fn keep_back(&self, doubt: &Doubted, reason: &str) -> Result<usize, EngineError> {
        let mut commit = Commit::default();
        let detail = match reason {
            UNDECIDED => format!("{}; `tandem migrate plan` shows it, and a person decides", doubt.why),
            _ => format!("{}; a person left it out of the migration", doubt.why),
        };
        let kept = |link: Link| Link {
            state: State::Skipped,
            reason: reason.to_owned(),
            detail: detail.clone(),
            todo: None,
            due: None,
            ..link
        };
        for (candidate, id) in doubt.copy.iter().zip(doubt.copies()) {
            let known =
                self.parts.store.links_by_graph(self.id(), doubt.kind, std::slice::from_ref(&id)).await?;
            let link = match known.into_iter().next() {
                Some(linked) if !is_kept_back(&linked.link) => continue,
                Some(linked) => linked.link,
                None => Work::fresh(self.id(), doubt.kind, Some(id)),
            };
            let place = candidate.folder.clone();
            commit.links.push(LinkWrite { link: kept(Link { place, ..link }), object: None });
        }
        for record in doubt.records() {
            commit.links.extend(self.kept_record(doubt.kind, record, &kept).await?);
        }
        let count = commit.links.len();
        let about = commit.links.iter().map(|write| (write.link.graph.clone(), write.object.as_ref()));
        let lines = about.map(|(graph, object)| NewEntry {
            graph,
            record: object.and_then(|object| object.record.clone()),
            ..entry(self, doubt.kind, Step::Record, reason, detail.clone(), Value::Null)
        });
        commit.journal = lines.collect();
        self.commit(commit).await?;
        Ok(count)
    }

    async fn kept_record(
        &self,
        kind: Kind,
        record: RecordId,
        kept: &impl Fn(Link) -> Link,
    ) -> Result<Option<LinkWrite>, EngineError> {
        let records = std::slice::from_ref(&record);
        let known = self.parts.store.links_by_record(self.id(), kind, records).await?;
        if let Some(linked) = known.into_iter().find(|linked| linked.link.state != State::Deleted) {
            let kept_back = is_kept_back(&linked.link);
            return Ok(kept_back.then(|| LinkWrite { link: kept(linked.link), object: None }));
        }
        let object = self.parts.store.objects_by_record(kind, records).await?.pop();
        let write = ObjectWrite {
            id: object.as_ref().map(|object| object.id),
            version: object.as_ref().map_or(0, |object| object.version),
            kind,
            key: object.as_ref().and_then(|object| object.key.clone()),
            record: Some(record),
            lead: object.and_then(|object| object.lead),
        };
        Ok(Some(LinkWrite { link: kept(Work::fresh(self.id(), kind, None)), object: Some(write) }))
    }

    /// Lets travel what was kept back: a person says that each is a thing of its own.
    pub(super) async fn let_go(&self, doubt: &Doubted) -> Result<(), EngineError> {
        let (copies, records): (Vec<_>, Vec<_>) = (doubt.copies().collect(), doubt.records().collect());
        let mut links = self.parts.store.links_by_graph(self.id(), doubt.kind, &copies).await?;
        links.extend(self.parts.store.links_by_record(self.id(), doubt.kind, &records).await?);
        let mut commit = Commit::default();
        for linked in links.into_iter().filter(|linked| is_kept_back(&linked.link)) {
            let detail = "a person decided that it is a thing of its own".to_owned();
            let due = Some(self.now);
            let link = Link { state: State::Waiting, reason: ADOPTED.to_owned(), detail, due, ..linked.link };
            commit.links.push(LinkWrite { link, object: None });
        }
        Ok(self.commit(commit).await?)
    }

    fn organizer_of(&self, remote: &tandem_graph::Remote) -> Organizer {
        match &remote.item {
            Item::Appointment(_) if remote.facts.is_organizer => Organizer::Owner,
            item => self.classify(crate::pair::organizer_in(item)),
        }
    }
}

/// A link that another one took the place of.
fn retired(link: Link) -> LinkWrite {
    let (reason, detail) = ("superseded".to_owned(), "the copy's own link took its place".to_owned());
    let link = Link { object: None, state: State::Deleted, reason, detail, todo: None, due: None, ..link };
    LinkWrite { link, object: None }
}
