//! Histories of one item of any kind: one agreed state, perturbed once for each side, and the planner in a small pure
//! loop that carries out what it says.
//!
//! `TANDEM_PLANNER_CASES` raises the number of cases of each property, `TANDEM_PLANNER_SEED` chooses others. A failure
//! prints the smallest case that still fails.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod case;
mod content;
mod sides;

use case::{Around, Case, Edit, any_around, any_case, case, change, effort};
use proptest::prelude::*;
use serde_json::Value;
use sides::{Cut, Loop};
use std::collections::BTreeSet;
use tandem_model::{Document, Kind};
use tandem_reconcile::{CrmWrite, Direction, M365Write, Outcome, Plan, Reason};

/// Both sides after their edits.
fn perturbed(case: &Case, around: Around) -> Loop {
    let mut world = Loop::agreed(case, around);
    world.edit_m365(&case.m365);
    world.edit_crm(&case.crm);
    world
}

/// Lists in which each side may add and remove by itself, and what is said once or by others: their rules have
/// properties of their own.
fn is_plain(field: &str) -> bool {
    !matches!(field, "attendees" | "categories" | "responses" | "organizer" | "series")
}

/// Whether the loser of a conflict stands in the reasons.
fn is_told(reasons: &[Reason], field: &str, value: &Value) -> bool {
    reasons.iter().any(
        |reason| matches!(reason, Reason::Conflict { field: at, loser, .. } if at == field && loser == value),
    )
}

/// What holds of every plan whatever it is about.
fn is_sound(world: &Loop, plan: &Plan) -> Result<(), TestCaseError> {
    prop_assert!(!plan.reasons.is_empty(), "every decision has a reason: {plan:?}");
    prop_assert!(
        !(plan.deletes() && plan.crm.is_some() && plan.m365.is_some()),
        "a deletion comes with no other write: {plan:?}"
    );
    let rest = matches!(plan.outcome, Outcome::Skipped | Outcome::Waiting | Outcome::Nothing);
    prop_assert!(!(rest && plan.writes()), "what is left out is not written: {plan:?}");
    if matches!(plan.m365, Some(M365Write::Create { .. } | M365Write::Update { .. })) {
        prop_assert!(plan.document.item(world.kind).is_ok(), "no item for Microsoft 365: {plan:?}");
    }
    if matches!(plan.crm, Some(CrmWrite::Add { .. } | CrmWrite::Replace { .. } | CrmWrite::Restore { .. })) {
        let told = plan.crm_document.as_ref().unwrap_or(&plan.document);
        prop_assert!(told.item(world.kind).is_ok(), "no item for the CRM: {plan:?}");
    }
    let (m365, crm) = (&world.sides.m365, &world.sides.crm);
    let has_copy = match plan.m365 {
        Some(M365Write::Create { .. }) => m365.is_none(),
        Some(M365Write::Update { .. } | M365Write::Delete) => m365.is_some(),
        None => true,
    };
    prop_assert!(has_copy, "a write to Microsoft 365 that cannot succeed: {plan:?}");
    let has_record = match plan.crm {
        Some(CrmWrite::Add { .. } | CrmWrite::Restore { .. }) => crm.is_none(),
        Some(CrmWrite::Replace { .. } | CrmWrite::Delete) => crm.is_some(),
        Some(CrmWrite::Participation { .. }) | None => true,
    };
    prop_assert!(has_record, "a write to the CRM that cannot succeed: {plan:?}");
    Ok(())
}

proptest! {
    #![proptest_config(effort())]

    /// Whatever is allowed and whoever leads: two cycles, and nothing is written any more.
    #[test]
    fn everything_comes_to_rest(case in any_case(), around in any_around()) {
        let mut world = perturbed(&case, around);
        for look in 0..4 {
            let plan = world.plan();
            is_sound(&world, &plan)?;
            prop_assert_eq!(&plan, &world.plan(), "the same question has the same answer");
            world.cycle();
            prop_assert!(look < 2 || !plan.writes(), "look {} still writes {:?}", look, plan);
        }
    }

    /// The same for what was never linked.
    #[test]
    fn what_is_new_comes_to_rest(case in any_case(), around in any_around()) {
        let mut world = perturbed(&case, around);
        (world.sides.base, world.sides.role, world.sides.outcome) = (None, None, None);
        // Of what is somebody else's the CRM says nothing to begin with.
        world.around.record.reassigned = false;
        for look in 0..4 {
            let plan = world.plan();
            is_sound(&world, &plan)?;
            world.cycle();
            prop_assert!(look < 2 || !plan.writes(), "look {} still writes {:?}", look, plan);
        }
    }

    /// Where everything may travel, both sides hold the same in the end.
    #[test]
    fn both_sides_agree(case in case(), modified in any::<(bool, bool)>()) {
        let mut around = Around::open(case.kind);
        around.facts.modified = modified.0.then(|| case::moment("2026-05-30T00:00:00Z"));
        around.record.modified = modified.1.then(|| case::moment("2026-05-31T00:00:00Z"));
        let mut world = perturbed(&case, around);
        prop_assert!(world.settle().is_some_and(|cycles| cycles <= 1), "{:?}", world.sides);
        let (m365, crm) = match (&world.sides.m365, &world.sides.crm) {
            (None, None) => return Ok(()),
            // An address book belongs to its owner, the person does not.
            (None, Some(_)) if case.kind == Kind::Contact => return Ok(()),
            (Some(m365), Some(crm)) => (m365, crm),
            _ => return Err(TestCaseError::fail(format!("on one side only: {:?}", world.sides))),
        };
        let mut apart = m365.differences(crm);
        apart.retain(|field| !case.lost.contains(field.as_str()));
        // Answers come from Microsoft 365; what the CRM alone knows stays there.
        apart.remove("responses");
        prop_assert!(apart.is_empty(), "{:?} differ: {:?}", apart, world.sides);
    }

    /// What one side alone changed arrives on the other; where both changed a field, one value holds and the other
    /// one stands in the reasons.
    #[test]
    fn no_edit_is_lost(case in case(), wins in any::<bool>()) {
        let mut around = Around::open(case.kind);
        around.record.wins = wins;
        let mut world = perturbed(&case, around);
        let (m365, crm) = (world.sides.m365.clone(), world.sides.crm.clone());
        let (Some(m365), Some(crm)) = (m365, crm) else { return Ok(()) };
        let (base_m365, base_crm) = world.sides.base.clone().unwrap();
        world.settle();
        let (end_m365, end_crm) = (world.sides.m365.unwrap(), world.sides.crm.unwrap());
        let (by_m365, by_crm) = (m365.differences(&base_m365), crm.differences(&base_crm));
        for field in by_m365.union(&by_crm).filter(|field| is_plain(field)) {
            let lost = case.lost.contains(field.as_str());
            match (by_m365.contains(field), by_crm.contains(field)) {
                (true, true) => {
                    let (mine, theirs) = (m365.get(field), crm.get(field));
                    let end = end_m365.get(field);
                    prop_assert!(lost || end == end_crm.get(field), "{field} differs");
                    prop_assert!(end == mine || end == theirs, "{field} became something else: {end}");
                    for value in [mine, theirs] {
                        let kept = end == value || is_told(&world.sides.reasons, field, value);
                        prop_assert!(kept, "{field} = {value} is lost: {:?}", world.sides.reasons);
                    }
                }
                (true, false) => {
                    prop_assert_eq!(end_m365.get(field), m365.get(field));
                    prop_assert!(lost || end_crm.get(field) == m365.get(field), "{field} did not arrive in the CRM");
                }
                (false, true) => {
                    prop_assert_eq!(end_crm.get(field), crm.get(field));
                    prop_assert_eq!(end_m365.get(field), crm.get(field));
                }
                (false, false) => {}
            }
        }
        lists_are_kept(&case, [&base_m365, &m365, &end_m365], [&base_crm, &crm, &end_crm])?;
    }

    /// Edited on one side, deleted on the other: it is there again, as it was edited.
    #[test]
    fn an_edit_beats_a_delete(case in case(), m365_deletes in any::<bool>()) {
        let mut case = case;
        *(if m365_deletes { &mut case.m365 } else { &mut case.crm }) = Edit::Delete;
        // Whoever removes a person from his address book does not want to get him back.
        prop_assume!(!(m365_deletes && case.kind == Kind::Contact));
        let mut world = perturbed(&case, Around::open(case.kind));
        let (base_m365, base_crm) = world.sides.base.clone().unwrap();
        let edited = if m365_deletes { &world.sides.crm } else { &world.sides.m365 };
        let Some(edited) = edited.clone() else { return Ok(()) };
        // That somebody answered an invitation is no edit.
        let mut changed = edited.differences(if m365_deletes { &base_crm } else { &base_m365 });
        changed.retain(|field| field != "responses" && field != "organizer");
        prop_assume!(!changed.is_empty());
        world.settle();
        let Some(m365) = &world.sides.m365 else { return Err(TestCaseError::fail("the edit is lost")) };
        let Some(crm) = &world.sides.crm else { return Err(TestCaseError::fail("the edit is lost")) };
        let mut apart = edited.differences(m365);
        apart.extend(edited.differences(crm));
        apart.retain(|field| !case.lost.contains(field.as_str()));
        prop_assert!(apart.is_empty(), "{apart:?}");
        let told = world.sides.reasons.iter().any(|reason| matches!(reason, Reason::EditBeatsDelete { .. }));
        prop_assert!(told, "{:?}", world.sides.reasons);
    }

    /// Deleted on one side and untouched on the other: gone on both, and never made again.
    #[test]
    fn a_deletion_arrives_once(case in case(), m365_deletes in any::<bool>()) {
        let mut case = case;
        (case.m365, case.crm) =
            if m365_deletes { (Edit::Delete, Edit::Nothing) } else { (Edit::Nothing, Edit::Delete) };
        prop_assume!(!(m365_deletes && case.kind == Kind::Contact));
        let mut world = perturbed(&case, Around::open(case.kind));
        let first = world.cycle();
        prop_assert!(first.deletes(), "{first:?}");
        prop_assert!(world.sides.m365.is_none() && world.sides.crm.is_none());
        prop_assert!(!world.cycle().writes());
    }

    /// Edits that do not contradict each other end alike, however they and the cycles are shuffled.
    #[test]
    fn any_order_ends_alike(history in history(), order in any::<prop::sample::Index>(), looks in any::<u8>()) {
        let (case, mut edits) = history;
        let begin = Loop::agreed(&case, Around::open(case.kind));
        let mut straight = begin.clone();
        edits.iter().for_each(|edit| edit.happen(&mut straight));
        prop_assert!(straight.settle().is_some());
        permute(&mut edits, order.index(720));
        let mut shuffled = begin;
        for (number, edit) in edits.iter().enumerate() {
            edit.happen(&mut shuffled);
            if looks >> number & 1 == 1 {
                shuffled.cycle();
            }
        }
        prop_assert!(shuffled.settle().is_some());
        prop_assert_eq!(&shuffled.sides.m365, &straight.sides.m365, "Microsoft 365, {:?}", edits);
        prop_assert_eq!(&shuffled.sides.crm, &straight.sides.crm, "the CRM, {:?}", edits);
    }

    /// A cycle that is cut off between its effects ends as if it had not been. (A copy made in Microsoft 365 is looked
    /// up before anything is planned: that is not the planner's.)
    #[test]
    fn a_torn_cycle_ends_alike(case in case(), cut in prop::sample::select(vec![Cut::AfterM365, Cut::AfterCrm, Cut::BeforeRecord])) {
        let mut whole = perturbed(&case, Around::open(case.kind));
        prop_assume!(!matches!(whole.plan().m365, Some(M365Write::Create { .. })));
        let mut torn = whole.clone();
        whole.settle();
        torn.cycle_cut(cut);
        prop_assert!(torn.settle().is_some_and(|cycles| cycles <= 1), "{:?}", torn.sides);
        prop_assert_eq!(&torn.sides.m365, &whole.sides.m365, "Microsoft 365");
        prop_assert_eq!(&torn.sides.crm, &whole.sides.crm, "the CRM");
    }

    /// A side that does not lead gets its content back, and the leading one is never touched.
    #[test]
    fn one_way_is_one_way(case in case(), to_crm in any::<bool>()) {
        let mut around = Around::open(case.kind);
        around.policy.direction = if to_crm { Direction::ToCrm } else { Direction::ToM365 };
        let mut world = perturbed(&case, around);
        let (m365, crm) = (world.sides.m365.clone(), world.sides.crm.clone());
        prop_assert!(world.settle().is_some());
        if to_crm {
            prop_assert_eq!(&world.sides.m365, &m365, "Microsoft 365 leads");
        } else {
            prop_assert_eq!(&world.sides.crm, &crm, "the CRM leads");
        }
    }

    /// Both sides had it before anybody synchronised: what is empty is filled, nothing is emptied.
    #[test]
    fn adoption_empties_nothing(case in case()) {
        let mut world = perturbed(&case, Around::open(case.kind));
        (world.sides.base, world.sides.role, world.sides.outcome) = (None, None, None);
        let (Some(m365), Some(crm)) = (world.sides.m365.clone(), world.sides.crm.clone()) else { return Ok(()) };
        prop_assert!(world.settle().is_some_and(|cycles| cycles <= 1));
        let (end_m365, end_crm) = (world.sides.m365.unwrap(), world.sides.crm.unwrap());
        for field in m365.fields() {
            prop_assert!(!end_m365.get(field).is_null(), "{field}");
            prop_assert!(case.lost.contains(field) || !end_crm.get(field).is_null(), "{field}");
        }
        for field in crm.fields() {
            prop_assert!(!end_crm.get(field).is_null(), "{field}");
        }
    }
}

/// Of lists: what one side added is there, what one side removed is not, unless the other one changed the same entry.
fn lists_are_kept(case: &Case, m365: [&Document; 3], crm: [&Document; 3]) -> Result<(), TestCaseError> {
    for field in ["attendees", "categories"].into_iter().filter(|field| !case.lost.contains(field)) {
        let names = |document: &Document| -> BTreeSet<String> {
            let entries = document.get(field).as_array().into_iter().flatten();
            entries.map(|entry| entry.get("address").unwrap_or(entry).to_string()).collect()
        };
        for side in [m365, crm] {
            let [before, after, _] = side.map(names);
            for added in after.difference(&before) {
                for end in [m365[2], crm[2]] {
                    prop_assert!(names(end).contains(added), "{added} was added to {field}");
                }
            }
            for removed in before.difference(&after) {
                for end in [m365[2], crm[2]] {
                    prop_assert!(!names(end).contains(removed), "{removed} was removed from {field}");
                }
            }
        }
    }
    Ok(())
}

/// An edit on one side.
#[derive(Debug, Clone)]
enum Deed {
    InM365(Edit),
    InCrm(Edit),
}

impl Deed {
    fn happen(&self, world: &mut Loop) {
        match self {
            Deed::InM365(edit) => world.edit_m365(edit),
            Deed::InCrm(edit) => world.edit_crm(edit),
        }
    }
}

/// Edits of one item that touch no field twice.
fn history() -> impl Strategy<Value = (Case, Vec<Deed>)> {
    case().prop_flat_map(|case| {
        let kind = case.kind;
        let deeds = prop::collection::vec((any::<bool>(), change(kind)), 1..=6);
        (Just(case), deeds).prop_map(|(case, deeds)| {
            let mut touched = case.lost.clone();
            let mut distinct = Vec::new();
            for (in_m365, edit) in deeds {
                // Answers the CRM alone knows are never told: no edit of a person.
                touched.insert("responses");
                if edit.fields().is_disjoint(&touched) {
                    touched.extend(edit.fields());
                    distinct.push(if in_m365 { Deed::InM365(edit) } else { Deed::InCrm(edit) });
                }
            }
            (case, distinct)
        })
    })
}

/// The permutation with this number.
fn permute<T>(list: &mut [T], mut number: usize) {
    for left in (2..=list.len()).rev() {
        list.swap(left - 1, number % left);
        number /= left;
    }
}
