//! Properties of the planner, over worlds that are made by perturbing one agreed state twice.
//!
//! A small model of the two sides carries plans out as the engine does. Whatever the edits, the planner must come to
//! rest, both sides must then hold the same, and no edit may be lost: an edit beats a delete, and of two edits of one
//! field the loser stands in the reasons.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop at the first surprise")]

use proptest::prelude::*;
use std::collections::BTreeMap;
use tandem_model::{Document, EmailAddress, Kind};
use tandem_reconcile::{
    BaseView, CopyFacts, CopyRole, CrmFacts, CrmWrite, Direction, M365Write, MailRules, Organizer, Outcome,
    Peers, Plan, Policy, Reason, Side, Situation, plan,
};

const FIELDS: [&str; 4] = ["subject", "text", "status", "importance"];

/// One object on both sides, as the engine sees it.
#[derive(Debug, Clone)]
struct World {
    kind: Kind,
    m365: Option<Document>,
    crm: Option<Document>,
    base: Option<(Document, Document)>,
    /// What each side reported at the last look; a side that moved since is read afresh.
    m365_wrote: u32,
    crm_wrote: u32,
}

fn document(values: &BTreeMap<&'static str, u8>) -> Document {
    let mut document = Document::default();
    for (field, value) in values {
        document.set(field, serde_json::json!(format!("{field} {value}")));
    }
    document
}

fn values() -> impl Strategy<Value = BTreeMap<&'static str, u8>> {
    prop::collection::btree_map(prop::sample::select(&FIELDS[..]), 0u8..4, 1..=4)
}

/// Leaves a side alone, edits some of its fields, or deletes it.
#[derive(Debug, Clone)]
enum Edit {
    Nothing,
    Fields(BTreeMap<&'static str, u8>),
    Delete,
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![Just(Edit::Nothing), values().prop_map(Edit::Fields), Just(Edit::Delete)]
}

fn apply(document: &Document, edit: &Edit) -> Option<Document> {
    match edit {
        Edit::Nothing => Some(document.clone()),
        Edit::Delete => None,
        Edit::Fields(values) => {
            let mut edited = document.clone();
            for (field, value) in values {
                edited.set(field, serde_json::json!(format!("{field} {value}")));
            }
            Some(edited)
        }
    }
}

fn policy(direction: Direction) -> Policy {
    Policy { direction, mail: MailRules::default(), ..Policy::open() }
}

/// One look of the engine: both sides are read, planned, written, recorded.
fn cycle(world: &mut World, policy: &Policy) -> Plan {
    let owner = [EmailAddress::new("owner@example.com")];
    let facts = CopyFacts {
        organizer: Organizer::Owner,
        own_response: tandem_model::Response::None,
        told_response: tandem_model::Response::None,
        cancelled: false,
        replaced: false,
        created: None,
        modified: None,
    };
    let record = CrmFacts::default();
    let situation = Situation {
        kind: world.kind,
        owner: &owner,
        base: world.base.as_ref().map(|(m365, crm)| BaseView { m365, crm }),
        role: world.base.as_ref().map(|_| CopyRole::Lead),
        m365: side(&world.m365, world.base.is_some()),
        copy: Some(&facts),
        crm: side(&world.crm, world.base.is_some()),
        record: &record,
        peers: Peers::None,
        patience_over: false,
    };
    let plan = plan(&situation, policy, now());
    carry_out(world, &plan);
    plan
}

fn side(document: &Option<Document>, linked: bool) -> Side<'_> {
    match document {
        Some(document) => Side::Present(document),
        None if linked => Side::Gone,
        None => Side::Absent,
    }
}

fn now() -> jiff::Timestamp {
    "2026-06-01T00:00:00Z".parse().unwrap()
}

fn carry_out(world: &mut World, plan: &Plan) {
    match &plan.crm {
        Some(CrmWrite::Add { .. } | CrmWrite::Restore { .. }) => world.crm = Some(plan.document.clone()),
        Some(CrmWrite::Replace { fields }) => {
            let crm = world.crm.as_mut().expect("a replace needs a record");
            let told = plan.crm_document.as_ref().unwrap_or(&plan.document);
            for field in fields {
                crm.set(field, told.get(field).clone());
            }
        }
        Some(CrmWrite::Delete) => world.crm = None,
        Some(CrmWrite::Participation { .. }) | None => {}
    }
    match &plan.m365 {
        Some(M365Write::Create { .. }) => world.m365 = Some(plan.document.clone()),
        Some(M365Write::Update { fields }) => {
            let m365 = world.m365.as_mut().expect("an update needs a copy");
            for field in fields {
                m365.set(field, plan.document.get(field).clone());
            }
        }
        Some(M365Write::Delete) => world.m365 = None,
        None => {}
    }
    world.m365_wrote += u32::from(plan.m365.is_some());
    world.crm_wrote += u32::from(plan.crm.is_some());
    world.base = match (plan.outcome, &world.m365, &world.crm) {
        (Outcome::Linked, Some(m365), Some(crm)) => Some((m365.clone(), crm.clone())),
        (Outcome::Deleted, _, _) => None,
        _ => world.base.clone(),
    };
}

fn directions() -> impl Strategy<Value = Direction> {
    prop::sample::select(vec![Direction::Both, Direction::ToCrm, Direction::ToM365])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn two_edits_of_one_state_come_to_rest_and_agree(
        start in values(), on_m365 in edit(), on_crm in edit(), direction in directions()
    ) {
        let agreed = document(&start);
        let (m365, crm) = (apply(&agreed, &on_m365), apply(&agreed, &on_crm));
        let base = Some((agreed.clone(), agreed));
        let mut world = World { kind: Kind::Task, m365, crm, base, m365_wrote: 0, crm_wrote: 0 };
        let policy = policy(direction);
        cycle(&mut world, &policy);
        let second = cycle(&mut world, &policy);
        prop_assert!(!second.writes(), "a second look writes nothing, it wrote {second:?}");
        let one_way_leftover = direction != Direction::Both && world.m365.is_some() != world.crm.is_some();
        if !one_way_leftover {
            prop_assert_eq!(&world.m365, &world.crm);
        }
    }

    #[test]
    fn an_edit_beats_a_delete(start in values(), edited in values(), m365_deletes in any::<bool>()) {
        let agreed = document(&start);
        let edited = apply(&agreed, &Edit::Fields(edited)).unwrap();
        prop_assume!(edited != agreed);
        let (m365, crm) = if m365_deletes { (None, Some(edited.clone())) } else { (Some(edited.clone()), None) };
        let base = Some((agreed.clone(), agreed));
        let mut world = World { kind: Kind::Task, m365, crm, base, m365_wrote: 0, crm_wrote: 0 };
        cycle(&mut world, &policy(Direction::Both));
        prop_assert_eq!(world.m365.as_ref(), Some(&edited));
        prop_assert_eq!(world.crm.as_ref(), Some(&edited));
    }

    #[test]
    fn no_edited_value_is_lost_silently(start in values(), a in values(), b in values()) {
        let agreed = document(&start);
        let (m365, crm) = (apply(&agreed, &Edit::Fields(a)).unwrap(), apply(&agreed, &Edit::Fields(b)).unwrap());
        let base = Some((agreed.clone(), agreed.clone()));
        let (mine, theirs) = (m365.clone(), crm.clone());
        let mut world =
            World { kind: Kind::Task, m365: Some(m365), crm: Some(crm), base, m365_wrote: 0, crm_wrote: 0 };
        let plan = cycle(&mut world, &policy(Direction::Both));
        let end = world.crm.unwrap();
        let kept: Vec<_> = plan.reasons.iter().filter_map(|reason| match reason {
            Reason::Conflict { loser, .. } => Some(loser.clone()),
            _ => None,
        }).collect();
        for (side, changed) in [(&mine, mine.differences(&agreed)), (&theirs, theirs.differences(&agreed))] {
            for field in changed {
                let value = side.get(&field);
                prop_assert!(end.get(&field) == value || kept.contains(value), "{field} = {value} is lost");
            }
        }
    }

    #[test]
    fn adoption_fills_and_never_empties(a in values(), b in values()) {
        let (m365, crm) = (document(&a), document(&b));
        let held: Vec<String> = m365.fields().chain(crm.fields()).map(str::to_owned).collect();
        let mut world =
            World { kind: Kind::Task, m365: Some(m365), crm: Some(crm), base: None, m365_wrote: 0, crm_wrote: 0 };
        cycle(&mut world, &policy(Direction::Both));
        prop_assert_eq!(&world.m365, &world.crm);
        let end = world.crm.unwrap();
        prop_assert!(held.iter().all(|field| !end.get(field).is_null()));
    }
}

#[test]
fn a_deletion_on_one_side_reaches_the_other_once() {
    let agreed = document(&BTreeMap::from([("subject", 1)]));
    let base = Some((agreed.clone(), agreed.clone()));
    let mut world =
        World { kind: Kind::Task, m365: None, crm: Some(agreed), base, m365_wrote: 0, crm_wrote: 0 };
    let first = cycle(&mut world, &policy(Direction::Both));
    assert!(first.deletes());
    assert_eq!((world.m365_wrote, world.crm_wrote), (0, 1));
    assert!(!cycle(&mut world, &policy(Direction::Both)).writes());
}
