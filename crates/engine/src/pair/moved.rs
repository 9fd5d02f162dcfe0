//! Copies that left one collection and entered another under a new id, as tasks do that are moved to another list.

use super::seen::Seen;
use super::{M365Seen, Work};
use crate::EngineError;
use crate::worker::Worker;
use std::collections::BTreeSet;
use tandem_graph::Remote;
use tandem_model::{Document, GraphId, Kind};
use tandem_store::{Linked, State};

impl Worker {
    /// Ties the links of copies that moved to the new ids. What is tied is taken out of what was seen.
    pub(crate) async fn follow_moves(&self, kind: Kind, seen: &mut Seen) -> Result<Vec<Work>, EngineError> {
        let left = self.parts.store.links_by_graph(self.id(), kind, &seen.removed).await?;
        let left: Vec<Linked> =
            left.into_iter().filter(|linked| linked.link.state == State::Linked).collect();
        let ids: Vec<GraphId> = seen.present.keys().cloned().collect();
        let known = self.parts.store.links_by_graph(self.id(), kind, &ids).await?;
        let known: BTreeSet<GraphId> = known.into_iter().filter_map(|linked| linked.link.graph).collect();
        let fresh: Vec<&Remote> = seen
            .present
            .values()
            .map(|remote| &**remote)
            .filter(|remote| !known.contains(&remote.id))
            .collect();
        let pairs = self.likely(kind, &left, &fresh);
        let mut left: Vec<Option<Linked>> = left.into_iter().map(Some).collect();
        let mut works = Vec::new();
        for (at, new) in pairs {
            if !seen.present.contains_key(&new) {
                continue;
            }
            let Some(linked) = left.get_mut(at).and_then(Option::take) else { continue };
            let Some(old) = linked.link.graph.clone() else { continue };
            // Two tasks may be alike: the old one must really be gone.
            if self.graph.read(kind, &old, linked.link.place.as_deref()).await?.is_some() {
                continue;
            }
            let Some(remote) = seen.present.remove(&new) else { continue };
            seen.removed.retain(|id| *id != old);
            let mut work = Work::new(linked);
            work.link.graph = Some(new);
            // It is read in its new list from now on, also within this cycle.
            work.link.place.clone_from(&remote.facts.folder);
            work.m365 = M365Seen::Present(remote);
            work.written.renamed = true;
            let text = "moved to another list, where it has another id; still the same item".to_owned();
            work.written.steps.push(("moved-in-m365".to_owned(), text));
            works.push(work);
        }
        Ok(works)
    }

    /// Which copy may be which one that left, by its place in `left`, the likeliest first: several may have been made at
    /// the same moment, and each takes the one that is most like it.
    fn likely(&self, kind: Kind, left: &[Linked], fresh: &[&Remote]) -> Vec<(usize, GraphId)> {
        let mut pairs = Vec::new();
        for (at, linked) in left.iter().enumerate() {
            for remote in fresh {
                if let Some(rank) = self.likeness(kind, linked, remote) {
                    pairs.push((rank, at, remote.id.clone()));
                }
            }
        }
        pairs.sort();
        pairs.into_iter().map(|(_, at, id)| (at, id)).collect()
    }

    /// How much a copy is like the link's copy under another id, the most first: made at the same moment, or holding all
    /// that it held, or at least what people tell tasks apart by.
    fn likeness(&self, kind: Kind, linked: &Linked, remote: &Remote) -> Option<usize> {
        let base = linked.link.base.as_ref()?;
        let (held, made) = (self.travelling_base(kind, base), Worker::made_at(base));
        let document = self.travelling(kind, Document::of(&remote.item));
        let same_made = made.is_some() && remote.facts.created == made;
        let same = document == held.m365;
        let alike =
            ["subject", "due", "start"].iter().all(|field| document.get(field) == held.m365.get(field));
        [same_made && same, same_made && alike, same_made, same, alike].iter().position(|holds| *holds)
    }
}
