//! Cases: one state, perturbed once for each side, and everything else that the planner looks at.

use crate::content;
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::Value;
use std::collections::BTreeSet;
use tandem_model::{Document, Kind, Response};
use tandem_reconcile::{CopyFacts, CopyRole, CrmFacts, Direction, MailRules, Organizer, Peers, Policy};

/// How many cases each property is tried with: `TANDEM_PLANNER_CASES`, else few. Which cases is always the same,
/// unless `TANDEM_PLANNER_SEED` says otherwise.
pub fn effort() -> ProptestConfig {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().expect("a number"));
    let cases = number("TANDEM_PLANNER_CASES").unwrap_or(1_000);
    ProptestConfig {
        cases: u32::try_from(cases).expect("TANDEM_PLANNER_CASES"),
        rng_seed: proptest::test_runner::RngSeed::Fixed(number("TANDEM_PLANNER_SEED").unwrap_or(1)),
        failure_persistence: None,
        max_shrink_iters: 100_000,
        // Assumptions leave out cases in which two edits happen to be the same.
        max_global_rejects: u32::MAX,
        ..ProptestConfig::default()
    }
}

/// What a person does to one side.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    Nothing,
    /// These fields get these values.
    Fields(Vec<(&'static str, Value)>),
    Delete,
}

impl Edit {
    /// What is there afterwards.
    pub fn of(&self, before: &Document) -> Option<Document> {
        let mut after = before.clone();
        match self {
            Edit::Nothing => {}
            Edit::Delete => return None,
            Edit::Fields(values) => values.iter().for_each(|(field, value)| after.set(field, value.clone())),
        }
        Some(after)
    }

    /// The fields that it touches.
    pub fn fields(&self) -> BTreeSet<&'static str> {
        match self {
            Edit::Fields(values) => values.iter().map(|(field, _)| *field).collect(),
            _ => BTreeSet::new(),
        }
    }
}

/// One state and what became of it on both sides.
#[derive(Debug, Clone)]
pub struct Case {
    pub kind: Kind,
    pub base: Document,
    pub m365: Edit,
    pub crm: Edit,
    /// Fields that the CRM cannot hold.
    pub lost: BTreeSet<&'static str>,
}

/// A case of any kind that travels both ways.
pub fn case() -> impl Strategy<Value = Case> {
    let kinds = [Kind::Task, Kind::Contact, Kind::Absence, Kind::Appointment];
    prop::sample::select(kinds.to_vec()).prop_flat_map(case_of)
}

/// A case of any kind at all.
pub fn any_case() -> impl Strategy<Value = Case> {
    prop::sample::select(&Kind::ALL[..]).prop_flat_map(case_of)
}

fn case_of(kind: Kind) -> impl Strategy<Value = Case> {
    let fields = content::fields(kind).len();
    let lost = prop::option::weighted(0.2, 0..fields);
    (prop::collection::vec(0u8..5, fields), edit(kind), edit(kind), lost).prop_map(
        move |(choices, m365, crm, lost)| {
            let lost = lost.map(|number| content::fields(kind)[number].0);
            // What an item cannot be without, every CRM holds.
            let lost = lost.filter(|field| !["when", "message_id", "sent_at", "organizer"].contains(field));
            Case {
                kind,
                base: content::document(kind, &choices),
                m365,
                crm,
                lost: lost.into_iter().collect(),
            }
        },
    )
}

/// Something that happens to an item of a kind.
pub fn edit(kind: Kind) -> impl Strategy<Value = Edit> {
    prop_oneof![2 => Just(Edit::Nothing), 6 => change(kind), 2 => Just(Edit::Delete)]
}

/// New values for some fields of an item of a kind.
pub fn change(kind: Kind) -> impl Strategy<Value = Edit> {
    let fields = content::fields(kind);
    prop::collection::vec((0..fields.len(), 0usize..5), 1..4).prop_map(move |picks| {
        let value = |(number, choice): (usize, usize)| {
            let (field, values) = &fields[number];
            (*field, values[choice % values.len()].clone())
        };
        Edit::Fields(picks.into_iter().map(value).collect())
    })
}

/// What surrounds an item.
#[derive(Debug, Clone)]
pub struct Around {
    pub policy: Policy,
    pub role: CopyRole,
    pub facts: CopyFacts,
    pub record: CrmFacts,
    pub peers: Peers,
    pub patience_over: bool,
}

impl Around {
    /// Everything is allowed, and the owner's copy is the only one.
    pub fn open(kind: Kind) -> Self {
        let mail = MailRules {
            internal: true,
            external: true,
            past: true,
            on_text_change: true,
            ..MailRules::default()
        };
        Self {
            policy: Policy { mail, ..Policy::open() },
            role: if kind == Kind::Contact { CopyRole::Replica } else { CopyRole::Lead },
            facts: CopyFacts {
                organizer: Organizer::Owner,
                own_response: Response::None,
                told_response: Response::None,
                cancelled: false,
                replaced: false,
                created: None,
                modified: None,
            },
            record: CrmFacts::default(),
            peers: Peers::None,
            patience_over: false,
        }
    }
}

/// Any surroundings at all, also such as no engine would bring together.
pub fn any_around() -> impl Strategy<Value = Around> {
    (any_policy(), any_role(), any_facts(), any_record(), any_peers(), any::<bool>()).prop_map(
        |(policy, role, mut facts, record, peers, patience_over)| {
            // Nobody is invited to a meeting that he called himself.
            if peers == Peers::Invited && facts.organizer == Organizer::Owner {
                facts.organizer = Organizer::Colleague;
            }
            Around { policy, role, facts, record, peers, patience_over }
        },
    )
}

fn any_policy() -> impl Strategy<Value = Policy> {
    let directions = vec![Direction::Both, Direction::ToCrm, Direction::ToM365];
    (prop::sample::select(directions), any::<[bool; 8]>(), any_moment(), any::<bool>()).prop_map(
        |(direction, flags, ignore_before, window)| {
            let [only, deletions, private, published, internal, external, past, text] = flags;
            let own_domains = ["own.example".to_owned()].into();
            Policy {
                direction,
                fields: Default::default(),
                new_only_from_crm: only,
                deletions,
                private,
                published,
                ignore_before,
                window: window.then(|| (moment("2026-06-11T00:00:00Z"), moment("2027-01-01T00:00:00Z"))),
                mail: MailRules { internal, external, past, on_text_change: text, own_domains },
            }
        },
    )
}

fn any_role() -> impl Strategy<Value = CopyRole> {
    prop::sample::select(vec![CopyRole::Lead, CopyRole::Attendee, CopyRole::Replica])
}

fn any_peers() -> impl Strategy<Value = Peers> {
    prop::sample::select(vec![
        Peers::None,
        Peers::LeadInvites,
        Peers::LeadSilent,
        Peers::LeadBehind,
        Peers::Invited,
        Peers::LeadOrganizes,
        Peers::Orphaned,
        Peers::LastCopy,
        Peers::Own,
        Peers::OwnShared,
    ])
}

fn any_response() -> impl Strategy<Value = Response> {
    prop::sample::select(vec![Response::None, Response::Accepted, Response::Declined])
}

fn any_facts() -> impl Strategy<Value = CopyFacts> {
    let organizers = vec![Organizer::Owner, Organizer::Colleague, Organizer::Outsider];
    let responses = (any_response(), any_response());
    let called_off = (prop::bool::weighted(0.1), prop::bool::weighted(0.3));
    (prop::sample::select(organizers), responses, called_off, any_moment(), any_moment()).prop_map(
        |(organizer, (own_response, told_response), called_off, created, modified)| CopyFacts {
            organizer,
            own_response,
            told_response,
            cancelled: called_off.0,
            replaced: called_off.1,
            created,
            modified,
        },
    )
}

fn any_record() -> impl Strategy<Value = CrmFacts> {
    (any::<[bool; 4]>(), any_moment(), prop::bool::weighted(0.1)).prop_map(
        |([published, wins, followed, behind], modified, reassigned)| CrmFacts {
            published,
            wins,
            modified,
            reassigned,
            followed,
            behind,
        },
    )
}

/// Sometimes before, sometimes after the present of all cases.
fn any_moment() -> impl Strategy<Value = Option<Timestamp>> {
    let moments = ["2026-05-01T00:00:00Z", "2026-05-20T00:00:00Z", "2026-06-02T00:00:00Z"];
    prop::option::of(prop::sample::select(moments.to_vec())).prop_map(|text| text.map(moment))
}

/// An instant.
pub fn moment(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}
