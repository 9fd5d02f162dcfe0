//! What was deleted is taken out of the bins of both sides again.

use super::guests::Party;
use super::{Cast, named};
use crate::items::{Side, Sort};
use serde_json::Value;

impl Cast {
    /// What was deleted in the CRM is taken out of the recycle bin again.
    pub(crate) async fn restore(&mut self, index: usize) {
        let Some((record, sort)) =
            self.items.get(index).and_then(|item| Some((item.record.clone()?, item.sort)))
        else {
            return;
        };
        // An edit in Outlook may have brought it back already.
        if self.in_crm(index).await.is_some() {
            return;
        }
        let done = self.hands.edits(sort.table(), &record, &[(sort.deleted(), "false")]).await;
        self.sides.book.line(|| format!("crm   {record} of item {index} restored: {done}"));
        if done {
            self.touch(index, Side::Crm);
        }
        if let (true, Some(item)) = (done, self.items.get_mut(index)) {
            item.come_back();
        }
    }

    /// The owner takes what was deleted, by whomever, out of Deleted Items.
    pub(crate) fn restore_in_outlook(&mut self, index: usize) -> bool {
        let Some(item) = self.items.get(index) else { return false };
        let (owner, Some(id), collection) = (item.owner, item.id.as_ref(), item.sort.collection()) else {
            return false;
        };
        let path = format!("/{collection}/{id}/restore");
        let done = self.hands.mailbox(owner, "POST", &path, &Value::Null).is_some();
        self.sides.book.line(|| format!("m365  {owner} restores {} {index}: {done}", item.name));
        if done {
            self.touch(index, Side::M365);
        }
        if let (true, Some(item)) = (done, self.items.get_mut(index)) {
            item.come_back_in_outlook();
        }
        done
    }

    /// A guest takes his copy out of Deleted Items, where he removed it himself, of a meeting that takes place.
    pub(super) fn guest_restores(&mut self, index: usize, guest: usize) {
        let Some(owners) = self.in_outlook(index) else { return };
        let Some(item) = self.items.get(index) else { return };
        let mut moves = item.moves_of_guests.iter().rev().filter(|(party, ..)| *party == Party::Rep(guest));
        if moves.next().is_some_and(|(_, _, joins)| !joins) {
            return;
        }
        let Some((_, copy)) = item.removed.iter().rfind(|(who, _)| *who == guest) else { return };
        let of_another = copy["isOrganizer"] == false && copy["iCalUId"] != owners["iCalUId"];
        let Some(id) = copy["id"].as_str().filter(|_| !of_another) else { return };
        let done =
            self.hands.mailbox(guest, "POST", &format!("/events/{id}/restore"), &Value::Null).is_some();
        self.sides.book.line(|| format!("m365  {guest} restores his copy of event {index}: {done}"));
    }

    /// What the connector brought back, and its owner took out of Deleted Items as well, is there twice: he keeps one.
    /// Answers whether anything was.
    pub fn tidies_up(&mut self) -> bool {
        let mut tidied = false;
        let mailed = self.hands.mailed();
        let restored: Vec<usize> = (0..self.items.len())
            .filter(|index| {
                self.items.get(*index).is_some_and(|item| item.restored && item.sort == Sort::Event)
            })
            .collect();
        for index in restored {
            let Some((owner, name)) = self.items.get(index).map(|item| (item.owner, item.name.clone()))
            else {
                continue;
            };
            let mut copies = self.hands.collection(owner, Sort::Event.collection());
            copies.retain(|copy| named(copy, &name));
            let Some(kept) = copies.get(index % 3 % 2).filter(|_| copies.len() == 2) else { continue };
            let Some(other) = copies.iter().find(|copy| copy["id"] != kept["id"]) else { continue };
            let path = format!("/events/{}", other["id"].as_str().unwrap_or_default());
            let done = self.hands.mailbox(owner, "DELETE", &path, &Value::Null).is_some();
            self.sides.book.line(|| format!("m365  {owner} deletes one of two of event {index}: {done}"));
            if let Some(item) = self.items.get_mut(index).filter(|_| done) {
                item.id = kept["id"].as_str().map(str::to_owned);
                item.is_as_chosen();
                tidied = true;
            }
        }
        self.own_mails.extend(mailed..self.hands.mailed());
        self.shown.clear();
        tidied
    }
}
