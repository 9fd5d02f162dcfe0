//! Nobody is mailed by accident.

use super::story;
use crate::acts::Cast;
use crate::ends::Shelves;
use crate::items::{Item, Side, carries};
use crate::stage::Stage;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Mails about occurrences follow that about their series within this time.
const ALONG: SignedDuration = SignedDuration::from_secs(30);

/// Every mail about a meeting was sent by its people in Outlook, or follows a change that they made in the CRM.
pub(super) async fn examine(stage: &Stage, cast: &mut Cast, shelves: &Shelves<'_>) {
    let own = cast.own_mails.clone();
    let mut changes = Changes::default();
    for (number, mail) in stage.hands.mails(0).iter().enumerate() {
        if own.contains(&number) {
            continue;
        }
        let subject = mail["subject"].as_str().unwrap_or_default();
        let to = mail["to"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let outside = to.filter(|at| !at.to_lowercase().ends_with(crate::stage::DOMAIN)).count();
        if outside > 0 && !stage.settings.notifications.external {
            stage
                .sides
                .book
                .wrong(format!("mail: outsiders are mailed though the rules protect them: {mail}"));
        }
        let about = cast.items.iter_mut().find(|item| {
            let mut words = subject.split(' ');
            words.any(|word| word == item.name)
        });
        let Some(item) = about else {
            stage.sides.book.wrong(format!("mail: {mail} is about nothing that anybody made"));
            continue;
        };
        if !changes.is_along(mail) {
            item.told += 1;
        }
        if item.told > item.tellable
            && !(item.told == item.tellable + 1 && came_back(stage, item, shelves).await)
        {
            stage.sides.book.wrong(format!(
                "mail: {} mails about {} after {} changes in the CRM: {mail}",
                item.told, item.name, item.tellable
            ));
        }
    }
}

/// One change of a series is told in several mails: of the series, and of each occurrence that departs from it.
#[derive(Default)]
struct Changes {
    /// The last mail about each meeting.
    last: BTreeMap<String, Timestamp>,
    /// Meetings that were made, with the occurrences of which mails followed.
    made: BTreeMap<String, BTreeSet<String>>,
}

impl Changes {
    /// Whether a mail belongs to a change of which another mail told before: one about an occurrence follows that about its
    /// series, and where the series was made, it follows in the next cycle if something came between.
    fn is_along(&mut self, mail: &Value) -> bool {
        let (meeting, date) = (mail["icalUid"].to_string(), mail["originalDate"].to_string());
        let at: Timestamp = mail["at"].as_str().and_then(|at| at.parse().ok()).unwrap_or_default();
        let before = self.last.insert(meeting.clone(), at);
        if mail["originalDate"].is_null() {
            self.made.remove(&meeting);
            if mail["kind"] == "invitation" {
                self.made.insert(meeting, BTreeSet::new());
            }
            return false;
        }
        let departs = self.made.get_mut(&meeting).is_some_and(|dates| dates.insert(date));
        departs || before.is_some_and(|before| at.duration_since(before) < ALONG)
    }
}

/// Whether it was deleted in Outlook and brought back by what the connector knows as open, for it did not hear that it was
/// through, an edit or the making of it: its people are invited once more.
async fn came_back(stage: &Stage, item: &Item, shelves: &Shelves<'_>) -> bool {
    if item.deleted != Some(Side::M365) || !stage.sides.book.unheard() {
        return false;
    }
    let story = story(stage, item, &shelves.ends(item)).await;
    carries(&story, "edit-beats-delete") || (item.made == Side::Crm && carries(&story, "new-in-crm"))
}
