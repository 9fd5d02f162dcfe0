//! Find: copies of one mailbox that are one thing, of which at most one belongs to a record.
//!
//! Where each of them has a record of its own, the records are the duplicates, and the copies follow.

use super::find::{PAGE, name};
use super::{Copied, Duplicate, IN_MAILBOX, Member, Thing};
use crate::EngineError;
use crate::pair::as_absence;
use crate::worker::Worker;
use std::collections::{BTreeMap, BTreeSet};
use tandem_graph::Remote;
use tandem_model::{GraphId, Item, Kind, ShowAs};
use tandem_reconcile::alike;
use tandem_store::{Linked, ObjectId, State};

/// What the store knows of the copies, by their ids.
type Links = BTreeMap<GraphId, Linked>;

/// A copy, and what speaks for it.
struct Candidate {
    member: Member,
    /// The object that it belongs to.
    object: Option<ObjectId>,
    /// An older connector noted its id.
    noted: bool,
    created: Option<jiff::Timestamp>,
}

impl Worker {
    /// The duplicates within this mailbox. `rep_id` is the rep's number in the CRM.
    pub(super) async fn doubled_copies(&self, rep_id: &str) -> Result<Vec<Duplicate>, EngineError> {
        let mut found = Vec::new();
        for kind in [Kind::Appointment, Kind::Task, Kind::Contact] {
            if !self.mailbox.seed.kinds.contains(&kind) {
                continue;
            }
            let mut copies: Vec<Remote> = self.present_copies(kind).await?.into_values().collect();
            if kind == Kind::Appointment {
                let absences = self.links_of_copies(Kind::Absence, &copies).await?;
                let away = take_absences(&mut copies, &absences);
                found.append(&mut self.doubled(Kind::Absence, away, &absences, rep_id).await?);
            }
            let links = self.links_of_copies(kind, &copies).await?;
            found.append(&mut self.doubled(kind, copies, &links, rep_id).await?);
        }
        Ok(found)
    }

    async fn links_of_copies(&self, kind: Kind, copies: &[Remote]) -> Result<Links, EngineError> {
        let mut links = Links::new();
        if !self.is_in_store().await? {
            return Ok(links);
        }
        let ids: Vec<GraphId> = copies.iter().map(|remote| remote.id.clone()).collect();
        for page in ids.chunks(PAGE as usize) {
            for linked in self.parts.store.links_by_graph(self.id(), kind, page).await? {
                links.extend(linked.link.graph.clone().map(|graph| (graph, linked)));
            }
        }
        Ok(links)
    }

    async fn doubled(
        &self,
        kind: Kind,
        copies: Vec<Remote>,
        links: &Links,
        rep_id: &str,
    ) -> Result<Vec<Duplicate>, EngineError> {
        let items: Vec<&Item> = copies.iter().map(|remote| &remote.item).collect();
        let groups = alike(&items);
        if groups.is_empty() {
            return Ok(Vec::new());
        }
        let noted = self.noted_copies(kind, rep_id).await?;
        let of =
            |at: usize| copies.get(at).map(|remote| self.candidate(remote, links.get(&remote.id), &noted));
        let groups = groups.into_iter().map(|group| group.into_iter().filter_map(of).collect());
        Ok(groups.filter_map(|group| duplicate(kind, group)).collect())
    }

    /// The copies whose ids an older connector noted.
    async fn noted_copies(&self, kind: Kind, rep_id: &str) -> Result<BTreeSet<GraphId>, EngineError> {
        let keys = self.parts.crm.foreign_keys(rep_id, kind).await?;
        let noted: BTreeSet<String> = keys.into_iter().map(|noted| noted.key).collect();
        let (translated, _) = self.translate(kind, &noted).await?;
        Ok(noted.into_iter().map(GraphId::new).chain(translated.into_values()).collect())
    }

    fn candidate(&self, remote: &Remote, linked: Option<&Linked>, noted: &BTreeSet<GraphId>) -> Candidate {
        let belongs = linked.filter(|linked| !matches!(linked.link.state, State::Skipped | State::Deleted));
        let object = belongs.and_then(|linked| linked.object.as_ref());
        let copy = Copied {
            graph: remote.id.clone(),
            etag: remote.etag.clone(),
            folder: remote.facts.folder.clone(),
            record: object.and_then(|object| object.record.clone()),
            organizes: remote.facts.is_organizer,
            attachments: remote.facts.has_attachments,
            online: remote.facts.online_meeting,
        };
        Candidate {
            object: object.map(|object| object.id),
            noted: noted.contains(&remote.id),
            created: remote.facts.created,
            member: Member {
                linked: belongs.is_some_and(|linked| linked.link.state == State::Linked),
                thing: Thing::Copy(Box::new(copy)),
                mailbox: self.id().clone(),
                address: self.mailbox.seed.address.clone(),
                item: remote.item.clone(),
            },
        }
    }
}

/// Takes out the events that are absences: those that the store knows as such, and out-of-office events that nobody
/// tied to anything and that are called and last like one of them.
fn take_absences(copies: &mut Vec<Remote>, links: &Links) -> Vec<Remote> {
    let (mut away, others): (Vec<Remote>, Vec<Remote>) =
        std::mem::take(copies).into_iter().partition(|remote| links.contains_key(&remote.id));
    let says: BTreeSet<_> =
        away.iter().map(|remote| tandem_reconcile::Fingerprint::of(&remote.item)).collect();
    let (like, others): (Vec<Remote>, Vec<Remote>) = others.into_iter().partition(|remote| {
        let is_away = matches!(&remote.item, Item::Appointment(event)
            if event.show_as == ShowAs::Oof && event.attendees.is_empty());
        is_away && says.contains(&tandem_reconcile::Fingerprint::of(&remote.item))
    });
    away.extend(like);
    *copies = others;
    away.into_iter().filter_map(as_absence).collect()
}

fn duplicate(kind: Kind, mut group: Vec<Candidate>) -> Option<Duplicate> {
    group.sort_by(|a, b| rank(a).cmp(&rank(b)));
    let mut group = group.into_iter();
    let keep = group.next()?;
    // One that belongs to another object is that object's, whatever it says.
    let others: Vec<Member> = group
        .filter(|other| other.object.is_none() || other.object == keep.object)
        .map(|other| other.member)
        .collect();
    if others.is_empty() {
        return None;
    }
    let why = match (keep.member.linked, keep.noted) {
        (true, _) => "it is in step with the CRM",
        (false, true) => "an older connector noted it in the CRM",
        (false, false) => "it is the oldest",
    };
    let by_hand = others.iter().find_map(|other| hindrance(&keep.member, other));
    let all: Vec<Member> = std::iter::once(&keep.member).chain(&others).cloned().collect();
    Some(Duplicate {
        id: format!("{IN_MAILBOX}{}", name(kind, &all)),
        kind,
        keep: keep.member,
        why,
        others,
        by_hand,
    })
}

/// What belongs to a record stays; then what an older connector noted; then the oldest.
fn rank(candidate: &Candidate) -> (bool, bool, bool, Option<jiff::Timestamp>, &str) {
    let belongs = candidate.object.is_some();
    (!candidate.member.linked, !belongs, !candidate.noted, candidate.created, candidate.member.name())
}

/// Why a copy cannot be deleted without mailing people or losing something. That Exchange mails a cancellation when the
/// organiser's copy goes, and nothing when a guest's does, is Graph's reference of `DELETE /events/{id}`.
fn hindrance(keep: &Member, other: &Member) -> Option<String> {
    let Thing::Copy(copy) = &other.thing else { return None };
    let says = |why: &str| Some(format!("{why}. Delete one of the two by hand, if that is what you want"));
    if copy.organizes && other.attendees() > 0 {
        let people = match other.attendees() {
            1 => "somebody, whom".to_owned(),
            count => format!("{count} people, whom"),
        };
        return says(&format!(
            "{} organises it and invited {people} Microsoft 365 would mail a cancellation: it has no way to delete such \
             a copy silently",
            other.address,
        ));
    }
    if copy.attachments {
        return says("files hang on a copy that would go, and they would be lost");
    }
    if copy.online {
        return says("people may have the link by which they join a copy that would go");
    }
    let series = |member: &Member| match &member.item {
        Item::Appointment(appointment) => appointment.series.clone(),
        _ => None,
    };
    if series(keep) != series(other) {
        return says("their occurrences differ: some were moved or cancelled in one of the series only");
    }
    None
}
