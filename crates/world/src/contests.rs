//! Who wins what both sides changed: the journal says who did, the audience knows who should have.
//!
//! The rule is the product's: the newer edit, Microsoft 365's on a tie; in a meeting the organiser's, which is the one in
//! Outlook. Both sides tell only when an item was changed last, not a field of it.

use crate::book::Book;
use crate::items::{Item, Side, carries};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tandem_store::NewEntry;

/// What is not further apart is a tie: one side keeps whole seconds.
const TIE: SignedDuration = SignedDuration::from_secs(1);

/// A field that both sides had changed, as a line of the journal tells of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Contest {
    /// In truth, when that was decided.
    at: Timestamp,
    /// Whose value won.
    winner: Side,
    /// The other value.
    loser: String,
}

impl Contest {
    /// Those of which a line tells.
    pub fn told(line: &NewEntry, at: Timestamp) -> Vec<Self> {
        let facts = line.facts.as_array().into_iter().flatten();
        let contest = |fact: &Value| {
            // Occurrences repeat what was entered for their series; nobody entered it there.
            let conflict = fact.get("conflict").filter(|conflict| conflict["field"] != "series")?;
            let winner = if conflict["winner"] == "the CRM" { Side::Crm } else { Side::M365 };
            Some(Self { at, winner, loser: conflict["losing_value"].to_string() })
        };
        facts.filter_map(contest).collect()
    }

    /// Notes where the wrong side won.
    pub fn judge(&self, items: &[Item], book: &Book) {
        let entered = |item: &&Item| item.writes.iter().any(|write| carries(&self.loser, &write.mark));
        let Some(item) = items.iter().find(entered) else { return };
        let mut writes = item.writes.iter().rev().filter(|write| carries(&self.loser, &write.mark));
        let Some(write) = writes.next() else { return };
        // A value that came over from the winner's side was nobody's edit here.
        if write.side == self.winner || writes.any(|earlier| earlier.side == self.winner) {
            return;
        }
        if self.is_right(item, write.side, book) {
            return;
        }
        let (winner, at) = (self.winner, self.at);
        book.wrong(format!(
            "precedence: {winner:?} beat {} {} {} at {at}",
            item.name, write.field, write.mark
        ));
    }

    fn is_right(&self, item: &Item, loser: Side, book: &Book) -> bool {
        // Of one that people joined or left it is not known what it was then.
        let was_one = item.moves_of_guests.is_empty();
        if item.meeting && (self.winner == Side::M365 || was_one) {
            return self.winner == Side::M365;
        }
        // Items that the service touches by itself look newer than what people did to them.
        if self.winner == Side::M365 && book.has_reached("touched") {
            return true;
        }
        let last = |side| item.last_touched(side, self.at);
        match (last(self.winner), last(loser)) {
            (Some(won), Some(lost)) => lost.duration_since(won) <= TIE || book.unheard(),
            // Nobody but the connector wrote there: it did not hear that it had.
            _ => book.unheard(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::items::{Sort, Write};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    fn item(meeting: bool, touched: &[(Side, i64)]) -> Item {
        Item {
            name: "i1".to_owned(),
            sort: Sort::Event,
            owner: 0,
            guests: Vec::new(),
            meeting,
            outsiders: false,
            turns: Vec::new(),
            moves_of_guests: Vec::new(),
            gone_along: Vec::new(),
            touched: touched.iter().map(|(side, second)| (*side, at(*second))).collect(),
            series: false,
            removed: Vec::new(),
            restored: false,
            private_from: None,
            made: Side::M365,
            id: None,
            record: None,
            writes: vec![Write::new("subject", "m1", Side::M365), Write::new("subject", "m2", Side::Crm)],
            deleted: None,
            tellable: 0,
            told: 0,
        }
    }

    /// What is wrong when this side wins at second 100.
    fn wrong(item: Item, winner: Side) -> Vec<String> {
        let loser = if winner == Side::Crm { "\"i1 m1\"" } else { "\"i1 m2\"" };
        let book = Book::new(false);
        Contest { at: at(100), winner, loser: loser.to_owned() }.judge(&[item], &book);
        book.close().2
    }

    #[test]
    fn the_newer_edit_wins_and_on_a_tie_either_may() {
        let (outlook, crm) = ([(Side::M365, 50), (Side::Crm, 10)], [(Side::M365, 10), (Side::Crm, 50)]);
        assert_eq!(wrong(item(false, &outlook), Side::M365), [""; 0]);
        assert_eq!(wrong(item(false, &crm), Side::Crm), [""; 0]);
        assert_eq!(wrong(item(false, &outlook), Side::Crm).len(), 1);
        assert_eq!(wrong(item(false, &crm), Side::M365).len(), 1);
        let tie = [(Side::M365, 50), (Side::Crm, 50)];
        assert_eq!(wrong(item(false, &tie), Side::Crm), [""; 0]);
        assert_eq!(wrong(item(false, &tie), Side::M365), [""; 0]);
        let later = [(Side::M365, 50), (Side::Crm, 10), (Side::Crm, 101)];
        assert_eq!(wrong(item(false, &later), Side::M365), [""; 0], "nobody knew of it yet");
    }

    #[test]
    fn what_the_service_touched_looks_newer() {
        for (winner, newer, loser, wrong) in
            [(Side::M365, Side::Crm, "i1 m2", 0), (Side::Crm, Side::M365, "i1 m1", 1)]
        {
            let book = Book::new(false);
            book.reach("touched");
            let touched = [(winner, 10), (newer, 50)];
            Contest { at: at(100), winner, loser: loser.to_owned() }.judge(&[item(false, &touched)], &book);
            assert_eq!(book.close().2.len(), wrong, "{winner:?}");
        }
    }

    #[test]
    fn in_a_meeting_outlook_wins() {
        let crm = [(Side::M365, 10), (Side::Crm, 50)];
        assert_eq!(wrong(item(true, &crm), Side::M365), [""; 0]);
        assert_eq!(wrong(item(true, &crm), Side::Crm).len(), 1);
    }
}
