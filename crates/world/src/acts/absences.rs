//! Absences, which the CRM keeps and calendars show.

use super::Cast;
use crate::dice::Dice;
use crate::hands::PLACE;
use crate::items::{Side, Sort};
use jiff::ToSpan;
use serde_json::{Value, json};

impl Cast {
    /// Somebody asks for leave, changes it, or gives it back.
    pub(super) async fn absence(&mut self, dice: &Dice) {
        match self.some_item(dice, |item| item.sort == Sort::Absence) {
            Some(index) if self.items.len().is_multiple_of(4) => self.absence_in_outlook(index),
            Some(index) if dice.once_in(2) => {
                let Some(record) = self.in_crm(index).await else { return };
                if dice.once_in(3) {
                    self.delete(index, Side::Crm).await;
                } else {
                    let end = Self::day(12 + i64::try_from(dice.below(5)).unwrap_or(0)).to_string();
                    self.edit_record(index, &record, &[("EndDate", &end)]).await;
                }
            }
            _ => {
                let owner = Self::somebody(dice);
                let item = self.new_item(Sort::Absence, owner, Side::Crm);
                let first = Self::day(2 + i64::try_from(dice.below(8)).unwrap_or(0));
                let (from, to) = (first.to_string(), first.saturating_add(2.days()).to_string());
                let (rep, number) = ((owner + 1).to_string(), (1000 + self.items.len()).to_string());
                let fields = [
                    ("StartDate", &*from),
                    ("EndDate", &*to),
                    ("AllDay", "true"),
                    ("TimeZone", PLACE),
                    ("RepID", &*rep),
                    ("Type", "Vacation"),
                    ("StatNo", "2"),
                    ("SeqNo", &*number),
                    ("Text", &*item.name),
                ];
                if self.hands.adds("Absence", &fields).await {
                    self.sides.book.line(|| format!("crm   {} absence of {owner} from {from}", item.name));
                    self.items.push(item);
                }
                self.shown.clear();
            }
        }
    }

    /// Somebody meddles with what his calendar shows of his leave, which is not decided there.
    fn absence_in_outlook(&mut self, index: usize) {
        let Some(owner) = self.items.get(index).map(|item| item.owner) else { return };
        let shown = self.hands.collection(owner, "events");
        let Some(event) = shown.iter().find(|event| event["showAs"] == "oof") else { return };
        let path = format!("/events/{}", event["id"].as_str().unwrap_or_default());
        let done = if index.is_multiple_of(2) {
            self.hands.mailbox(owner, "DELETE", &path, &Value::Null).is_some()
        } else {
            self.hands.mailbox(owner, "PATCH", &path, &json!({"subject": "Away", "showAs": "free"})).is_some()
        };
        self.sides.book.line(|| format!("m365  {owner} meddles with his absence: {done}"));
    }
}
