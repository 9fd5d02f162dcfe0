//! Tasks, made in To Do and in the CRM.

use super::names::{ERRANDS, SENTENCES};
use super::{Company, Fields, Placed, STATION, fields};
use crate::dice::Dice;
use serde_json::json;

pub(super) fn in_to_do(company: &Company) -> Vec<Placed> {
    let mut dice = Dice::new(company.seed, "to do");
    let mut tasks = Vec::new();
    for (user, _) in company.synchronised() {
        for number in 0..4 {
            let due = company.day(dice.between(-5, 25));
            let mut body = json!({
                "title": format!("{} ({user}-{number})", dice.pick(&ERRANDS)),
                "body": {"contentType": "text", "content": *dice.pick(&SENTENCES)},
                "status": *dice.pick(&["notStarted", "notStarted", "inProgress", "waitingOnOthers", "deferred"]),
                "importance": *dice.pick(&["normal", "normal", "high", "low"]),
            });
            if number > 0 {
                body["dueDateTime"] = json!({"dateTime": format!("{due}T00:00:00"), "timeZone": "UTC"});
            }
            tasks.push(Placed { user, body });
        }
    }
    tasks
}

pub(super) fn in_crm(company: &Company) -> Vec<Fields> {
    let mut dice = Dice::new(company.seed, "crm tasks");
    let mut tasks = Vec::new();
    for (_, colleague) in company.synchronised() {
        for _ in 0..3 {
            let number = tasks.len() + 1;
            let start = dice.between(-5, 15);
            tasks.push(fields([
                ("StatNo", STATION.to_owned()),
                ("SeqNo", number.to_string()),
                ("RepID", colleague.rep.to_string()),
                ("CreatedByID", colleague.rep.to_string()),
                ("StartDate", company.day(start).to_string()),
                ("DueDate", company.day(start + dice.between(0, 10)).to_string()),
                ("Status", (*dice.pick(&["notStarted", "inProgress", "waitingOnOthers"])).to_owned()),
                ("Priority", (*dice.pick(&["normal", "normal", "high", "low"])).to_owned()),
                ("Subject", format!("{} [{number}]", dice.pick(&ERRANDS))),
                ("Text", (*dice.pick(&SENTENCES)).to_owned()),
            ]));
        }
    }
    tasks
}
