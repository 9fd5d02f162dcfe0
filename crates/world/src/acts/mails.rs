//! E-mails: they arrive in synchronisation folders, and are dragged about.

use super::Cast;
use crate::dice::Dice;
use crate::hands::address;
use crate::items::{Side, Sort};
use serde_json::{Value, json};

/// The synchronisation folder.
const FOLDER: &str = "/Inbox/crm";

impl Cast {
    /// A message lies in somebody's synchronisation folder, sometimes in two people's.
    pub(super) fn mail_arrives(&mut self, dice: &Dice) {
        let owner = Self::somebody(dice);
        let mut item = self.new_item(Sort::Mail, owner, Side::M365);
        if dice.once_in(3) {
            item.guests.push((owner + 1) % 3);
        }
        let person = |at: &str| json!({"emailAddress": {"name": at, "address": at}});
        let to: Vec<_> =
            std::iter::once(owner).chain(item.guests.clone()).map(|who| person(&address(who))).collect();
        let mut message = json!({
            "folder": FOLDER,
            "internetMessageId": format!("<{}@kunde.example>", item.name),
            "subject": format!("{} offer", item.name),
            "from": person("karl@kunde.example"),
            "toRecipients": to,
            "sentDateTime": format!("{}T08:00:00Z", Self::day(-1)),
            "receivedDateTime": format!("{}T08:00:05Z", Self::day(-1)),
            "body": {"contentType": "text", "content": "Good morning"},
        });
        if dice.once_in(3) {
            message["attachments"] = json!([{
                "@odata.type": "#microsoft.graph.fileAttachment", "name": format!("{}.txt", item.name),
                "contentType": "text/plain", "contentBytes": "T2ZmZXI=",
            }]);
        }
        for who in std::iter::once(owner).chain(item.guests.clone()) {
            self.hands.mailbox(who, "POST", "/messages", &message);
        }
        self.sides.book.line(|| format!("m365  {} arrives for {owner} and {:?}", item.name, item.guests));
        self.items.push(item);
    }

    /// Somebody drags a message into the folder or out of it, or deletes it.
    pub(super) fn mail_is_dragged(&mut self, dice: &Dice) {
        let Some(index) = self.some_item(dice, |item| item.sort == Sort::Mail) else {
            return self.mail_arrives(dice);
        };
        let Some(owner) = self.items.get(index).map(|item| item.owner) else { return };
        let Some(copy) = self.copy_of(index, owner) else { return };
        if self.round_of(index) % 3 == 2 {
            return self.mail_is_deleted(index, &copy);
        }
        let folder = if copy["folderPath"] == FOLDER { "/Inbox" } else { FOLDER };
        let path = format!("/messages/{}/move", copy["id"].as_str().unwrap_or_default());
        let moved = self.hands.mailbox(owner, "POST", &path, &json!({ "folder": folder }));
        self.sides.book.line(|| format!("m365  mail {index} to {folder}: {}", moved.is_some()));
        self.touch(index, Side::M365);
    }

    /// The owner of a message deletes it; what the CRM has of it by then stays there.
    fn mail_is_deleted(&mut self, index: usize, copy: &Value) {
        let Some(item) = self.items.get_mut(index) else { return };
        let path = format!("/messages/{}", copy["id"].as_str().unwrap_or_default());
        let done = self.hands.mailbox(item.owner, "DELETE", &path, &Value::Null).is_some();
        self.sides.book.line(|| format!("m365  mail {index} is deleted: {done}"));
        if done {
            item.deleted = Some(Side::M365);
        }
    }
}
