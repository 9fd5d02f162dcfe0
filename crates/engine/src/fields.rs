//! Which fields travel: the CRM tells, for all mailboxes.

use crate::worker::Worker;
use crate::{EngineError, Parts, Roster, policy};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::borrow::Cow;
use std::sync::{Mutex, PoisonError};
use tandem_mapping::{Flow, KindMapping, Mapping};
use tandem_model::{Document, Kind};
use tandem_reconcile::{Direction, Policy};
use tandem_store::Base;
use tokio::sync::watch;

/// What the CRM told holds for so long; a change of its rules is in force after that.
const HOLDS: SignedDuration = SignedDuration::from_secs(60);

/// Field of a base that remembers which additional fields were looked at when it was made: what Microsoft 365 and the
/// CRM hold in any other may be years old on either side.
const KNOWN: &str = "known_additional";

/// Field of a task's base that remembers when the copy was made: To Do gives a task another id in another list, and
/// there is nothing else that people cannot change.
const MADE: &str = "made_at";

/// What the CRM told last, and when.
#[derive(Debug, Default)]
pub(crate) struct ToldFields {
    told: Mutex<Option<(Timestamp, Mapping)>>,
    /// Somebody asks; what he holds is dropped with the answer, and also when his cycle is cut off.
    asking: Mutex<Option<watch::Receiver<()>>>,
}

impl ToldFields {
    fn at(&self, now: Timestamp) -> Option<Mapping> {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.as_ref().filter(|(at, _)| now.duration_since(*at) < HOLDS).map(|(_, mapping)| mapping.clone())
    }

    /// The turn to ask, or that somebody asks already.
    fn turn(&self) -> Result<watch::Sender<()>, watch::Receiver<()>> {
        let mut asking = self.asking.lock().unwrap_or_else(PoisonError::into_inner);
        // Without its sender a channel has an error.
        if let Some(other) = asking.as_ref().filter(|other| other.has_changed().is_ok()) {
            return Err(other.clone());
        }
        let (turn, others) = watch::channel(());
        *asking = Some(others);
        Ok(turn)
    }
}

/// The mapping in force, asked for in the name of a rep.
pub(crate) async fn mapping(parts: &Parts, roster: &Roster, rep: &str) -> Result<Mapping, EngineError> {
    let now = parts.clock.now();
    if let Some(mapping) = roster.fields.at(now) {
        return Ok(mapping);
    }
    // Cycles begin together: one asks for all. Who waited in vain asks himself, or a CRM that is away would keep one
    // mailbox after the other waiting.
    let turn = match roster.fields.turn() {
        Ok(turn) => Some(turn),
        Err(mut other) => {
            // It never says anything: it ends.
            let _ = other.changed().await;
            if let Some(mapping) = roster.fields.at(now) {
                return Ok(mapping);
            }
            None
        }
    };
    let mapping = parts.crm.fields(rep).await?;
    *roster.fields.told.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, mapping.clone()));
    drop(turn);
    Ok(mapping)
}

impl Worker {
    /// What the administrator allows for a kind.
    pub(crate) fn policy(&self, kind: Kind) -> Policy {
        let one_way = self.mapping.of(kind).one_way().map(|(field, flow)| {
            let direction = if flow == Flow::ToCrm { Direction::ToCrm } else { Direction::ToM365 };
            (field, direction)
        });
        Policy { fields: one_way.collect(), ..policy::of(&self.parts.settings, kind, self.now) }
    }

    /// The same of both documents of a base.
    pub(crate) fn travelling_base<'b>(&self, kind: Kind, base: &'b Base) -> Cow<'b, Base> {
        let plain = [KNOWN, MADE].iter().all(|field| base.m365.get(field).is_null());
        let named = kind != Kind::Appointment || self.roster.known_as.is_empty();
        if plain && named && *self.mapping.of(kind) == KindMapping::default() {
            return Cow::Borrowed(base);
        }
        let of = |document: &Document| self.travelling(kind, document.clone());
        Cow::Owned(Base { m365: of(&base.m365), crm: of(&base.crm) })
    }

    /// What of a document travels, with people as the CRM knows them: a field that does not is no field that was
    /// emptied.
    pub(crate) fn travelling(&self, kind: Kind, mut document: Document) -> Document {
        document.set(KNOWN, Value::Null);
        document.set(MADE, Value::Null);
        self.mapping.of(kind).mask(&mut document);
        if kind == Kind::Appointment { self.roster.known_as.in_document(document) } else { document }
    }

    /// Whether additional fields are mapped that nobody looked at when both sides agreed last.
    pub(crate) fn maps_more(&self, kind: Kind, base: &Base) -> bool {
        let known = base.m365.get(KNOWN).as_array().cloned().unwrap_or_default();
        self.mapping.of(kind).additional.keys().any(|id| !known.contains(&json!(id)))
    }

    /// Notes in a task's base when its copy was made.
    pub(crate) fn note_made(base: &mut Base, made: Option<Timestamp>) {
        base.m365.set(MADE, json!(made));
    }

    /// When the copy was made, as its base remembers it.
    pub(crate) fn made_at(base: &Base) -> Option<Timestamp> {
        serde_json::from_value(base.m365.get(MADE).clone()).ok()
    }

    /// Notes in a base which additional fields were looked at.
    pub(crate) fn note_known(&self, kind: Kind, base: &mut Base) {
        let known: Vec<&String> = self.mapping.of(kind).additional.keys().collect();
        base.m365.set(KNOWN, json!(known));
    }
}
