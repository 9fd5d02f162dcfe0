//! How an appointment shows in a calendar, and what reminds of it: values of which there are few, so that none of them tells
//! who entered it. What both sides hold at the end is compared all the same.

use super::Cast;
use crate::dice::Dice;
use crate::items::{Side, state_in_crm};
use serde_json::{Value, json};

/// What is entered, as Outlook and as the CRM have it.
fn choice(dice: &Dice) -> (Value, &'static [(&'static str, &'static str)]) {
    match dice.below(9) {
        0 => (json!({"showAs": "tentative"}), &[("ShowAs", "tentative")]),
        1 => (json!({"showAs": "free"}), &[("ShowAs", "free")]),
        2 => (json!({"showAs": "busy"}), &[("ShowAs", "busy")]),
        3 => (json!({"categories": ["Red"]}), &[("Categories", "Red")]),
        4 => (json!({"categories": ["Blue", "Red"]}), &[("Categories", "Blue;Red")]),
        5 => (json!({"categories": []}), &[("Categories", "")]),
        6 => (json!({"importance": "high"}), &[("Priority", "high")]),
        7 => (
            json!({"isReminderOn": true, "reminderMinutesBeforeStart": 120}),
            &[("ReminderDur", "2"), ("ReminderUnit", "Hours")],
        ),
        _ => (json!({"isReminderOn": false}), &[("ReminderDur", ""), ("ReminderUnit", "")]),
    }
}

impl Cast {
    /// Whether it is the turn of how an appointment looks to be changed.
    pub(super) fn is_about_looks(&self, index: usize) -> bool {
        self.round_of(index) % 4 == 2
    }

    /// The owner changes how his appointment looks.
    pub(super) fn looks_otherwise_in_outlook(&mut self, index: usize, dice: &Dice) {
        let (patch, _) = choice(dice);
        let Some(copy) = self.in_outlook(index) else { return };
        self.patches(index, &copy, &patch, None);
    }

    /// Somebody changes it in the CRM.
    pub(super) async fn looks_otherwise_in_crm(&mut self, index: usize, dice: &Dice) {
        let (_, fields) = choice(dice);
        let Some(record) = self.in_crm(index).await else { return };
        if self.edit_record(index, &record, fields).await
            && let Some(item) = self.items.get_mut(index)
        {
            item.tellable += 1;
            item.turn(Side::Crm, &state_in_crm(&record), None);
        }
    }
}
