//! Tasks.

use super::{Cast, value_of};
use crate::dice::Dice;
use crate::items::{Side, Sort, Write, state_in_outlook};
use serde_json::json;

impl Cast {
    /// Somebody writes a task into To Do, or gets one in the CRM.
    pub(super) async fn task_is_made(&mut self, dice: &Dice) {
        let owner = Self::somebody(dice);
        let side = if dice.once_in(2) { Side::M365 } else { Side::Crm };
        let mut item = self.new_item(Sort::Task, owner, side);
        let (first, second) = (self.mark(), self.mark());
        let (subject, text) =
            (value_of("subject", &item.name, &first), value_of("text", &item.name, &second));
        let due = Self::day(1 + i64::try_from(dice.below(20)).unwrap_or(0)).to_string();
        for (field, mark) in [("subject", first), ("text", second)] {
            item.writes.push(Write::new(field, &mark, side));
        }
        let made = match side {
            Side::M365 => {
                let due = json!({"dateTime": format!("{due}T00:00:00"), "timeZone": "UTC"});
                let body = json!({"contentType": "text", "content": text});
                let task = json!({"title": subject, "dueDateTime": due, "body": body});
                let made = self.hands.mailbox(owner, "POST", "/tasks", &task);
                item.id = made.as_ref().and_then(|made| made["id"].as_str().map(str::to_owned));
                made.is_some()
            }
            Side::Crm => {
                let rep = (owner + 1).to_string();
                let fields = [
                    ("RepID", &*rep),
                    ("CreatedByID", &*rep),
                    ("Subject", &*subject),
                    ("Text", &*text),
                    ("DueDate", &*due),
                    ("Status", "notStarted"),
                ];
                self.shown.clear();
                self.hands.adds("Task", &fields).await
            }
        };
        self.sides.book.line(|| format!("{side:?} {} task of {owner}: {made}", item.name));
        if made {
            self.items.push(item);
        }
    }

    /// Somebody changes, completes, moves or deletes a task.
    pub(super) async fn task_changes(&mut self, dice: &Dice) {
        let Some(index) = self.some_item(dice, |item| item.sort == Sort::Task) else {
            return self.task_is_made(dice).await;
        };
        match dice.below(8) {
            0..=2 => drop(self.write_in_outlook(index, dice.below(2))),
            3..=5 => drop(self.write_in_crm(index, dice.below(2)).await),
            7 if index.is_multiple_of(2) => self.hand_over(index, dice).await,
            6 => {
                let side = if dice.once_in(2) { Side::M365 } else { Side::Crm };
                self.delete(index, side).await;
            }
            _ => {
                let Some(copy) = self.in_outlook(index) else { return };
                let Some(owner) = self.items.get(index).map(|item| item.owner) else { return };
                let id = copy["id"].as_str().unwrap_or_default();
                let completes = dice.once_in(2);
                let done = if completes {
                    let body = json!({"status": "completed"});
                    self.hands.mailbox(owner, "PATCH", &format!("/tasks/{id}"), &body)
                } else {
                    self.hands.mailbox(owner, "POST", &format!("/tasks/{id}/move"), &json!({"list": "Later"}))
                };
                if done.is_some() {
                    self.touch(index, Side::M365);
                }
                if let (Some(done), Some(item)) = (done, self.items.get_mut(index)) {
                    item.id = done["id"].as_str().map(str::to_owned);
                    if completes {
                        item.turn(Side::M365, &state_in_outlook(&copy), Some("completed".to_owned()));
                    }
                }
            }
        }
    }
}
