//! Who answered what: the answers are the copies', and the CRM holds what it was told of them.

use crate::policy::{ATTENDEES, RESPONSES, WHEN};
use crate::{BaseView, CopyFacts, Merge, Reason, Situation, mailing};
use serde_json::Value;
use tandem_model::{Document, Response};

/// What the organiser's copy held at the last agreement, with the answers that the CRM has to be told of left out:
/// they look as if they had just come.
pub(crate) fn told_before(base: BaseView<'_>, m365: &Document, crm: &Document) -> Document {
    // Where the CRM says the same time, it may be the CRM that moved it.
    let moved = ![base.m365.get(WHEN), crm.get(WHEN)].contains(&m365.get(WHEN));
    if moved { asked_anew(base.m365, crm) } else { lost_in_crm(base, m365, crm) }
}

/// The base of a meeting that its organiser moved: Exchange forgets all answers with that. Those that the CRM holds were
/// given to the time before, also where nobody heard that it was told of them; those that came since are on the copy.
fn asked_anew(base: &Document, crm: &Document) -> Document {
    let mut base = base.clone();
    base.set(RESPONSES, crm.get(RESPONSES).clone());
    base
}

/// Somebody answered as before, after the CRM was told that his answer went, which nobody heard: on the copy nothing
/// changed. Of people whom the CRM does not name any more it holds no answers.
fn lost_in_crm(base: BaseView<'_>, m365: &Document, crm: &Document) -> Document {
    let mut before = base.m365.clone();
    let Some(mut answers) = before.get(RESPONSES).as_object().cloned() else { return before };
    let holds = |document: &Document, address: &str| document.get(RESPONSES).get(address).is_some();
    let named = |address: &str| {
        let mut attendees = crm.get(ATTENDEES).as_array().into_iter().flatten();
        attendees.any(|attendee| attendee["address"] == address)
    };
    answers.retain(|address, answer| {
        let stands = m365.get(RESPONSES).get(address) == Some(answer);
        !(stands && holds(base.crm, address) && !holds(crm, address) && named(address))
    });
    before.set(RESPONSES, Value::Object(answers));
    before
}

/// The CRM was told another answer than the copy's owner has now: it would stay, for a copy that speaks for the meeting
/// tells of answers that come, not of one that was taken back before it did.
pub(crate) fn correct_own(situation: &Situation<'_>, m365: &Document, crm: &Document, merged: &mut Merge) {
    let gave_any = |facts: &&CopyFacts| [facts.own_response, facts.told_response] != [Response::None; 2];
    let Some(facts) = situation.copy.filter(gave_any) else { return };
    let Some(address) = mailing::named(m365, situation.owner) else { return };
    let held = crm.get(RESPONSES).get(address.as_str()).cloned().unwrap_or_default();
    let own = serde_json::to_value(facts.own_response).unwrap_or_default();
    let own = if facts.own_response == Response::None { Value::Null } else { own };
    if held == own {
        return;
    }
    let mut answers = merged.crm_document.get(RESPONSES).as_object().cloned().unwrap_or_default();
    match own {
        Value::Null => drop(answers.remove(address.as_str())),
        own => drop(answers.insert(address.to_string(), own)),
    }
    merged.crm_document.set(RESPONSES, Value::Object(answers));
    merged.to_crm.insert(RESPONSES.to_owned());
    merged.reasons.push(Reason::AnswerTold { address });
}
