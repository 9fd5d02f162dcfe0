//! Persons of the CRM, who are contacts in their rep's address book.

use super::{Cast, value_of};
use crate::dice::Dice;
use crate::items::{Item, Side, Sort, Write};

impl Cast {
    /// Somebody enters a person of his into the CRM.
    pub(super) async fn person_is_made(&mut self, dice: &Dice) {
        let owner = Self::somebody(dice);
        let mut item = self.new_item(Sort::Person, owner, Side::Crm);
        let (first, second) = (self.mark(), self.mark());
        let (function, mobile) = (value_of("function", "", &first), value_of("mobile", "", &second));
        for (field, mark) in [("function", first), ("mobile", second)] {
            item.writes.push(Write::new(field, &mark, Side::Crm));
        }
        let (rep, number) = ((owner + 1).to_string(), (1000 + self.items.len()).to_string());
        let (surname, email) = (item.name.clone(), format!("{}@kunde.example", item.name));
        let fields = [
            ("PeGrp", "2"),
            ("PeNo", &*number),
            ("CoGrp", "2"),
            ("CoNo", "10"),
            ("Company", "Kunde GmbH"),
            ("FirstName", "Max"),
            ("LastName", &*surname),
            ("Email", &*email),
            ("RepID", &*rep),
            ("Function", &*function),
            ("Mobile", &*mobile),
        ];
        if self.hands.adds("Person", &fields).await {
            self.sides.book.line(|| format!("crm   {} person of {owner}", item.name));
            self.items.push(item);
        }
        self.shown.clear();
    }

    /// Somebody changes a person on either side, or removes him from his address book.
    pub(super) async fn person_changes(&mut self, dice: &Dice) {
        let Some(index) = self.some_item(dice, |item| item.sort == Sort::Person) else {
            return self.person_is_made(dice).await;
        };
        match dice.below(7) {
            0..=2 => drop(self.write_in_outlook(index, dice.below(2))),
            3..=5 => drop(self.write_in_crm(index, dice.below(2)).await),
            _ if index.is_multiple_of(2) => drop(self.delete(index, Side::Crm).await),
            _ => {
                let removed = |item: &Item| item.sort == Sort::Person && item.deleted == Some(Side::M365);
                match self.items.iter().position(removed).filter(|_| dice.once_in(2)) {
                    Some(removed) => drop(self.restore_in_outlook(removed)),
                    None => drop(self.delete(index, Side::M365).await),
                }
            }
        }
    }
}
