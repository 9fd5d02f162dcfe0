//! Absences, which the CRM knows.

use super::{Company, Fields, STATION, fields};
use crate::dice::Dice;

pub(super) fn absences(company: &Company) -> Vec<Fields> {
    let mut dice = Dice::new(company.seed, "absences");
    let mut absences = Vec::new();
    for (_, colleague) in company.synchronised() {
        let first = dice.between(-3, 30);
        let number = absences.len() + 1;
        let half_day = number % 4 == 0;
        let last = if half_day { first } else { first + dice.between(0, 6) };
        let time = |text: &str| if half_day { text.to_owned() } else { String::new() };
        absences.push(fields([
            ("StatNo", STATION.to_owned()),
            ("SeqNo", number.to_string()),
            ("RepID", colleague.rep.to_string()),
            ("StartDate", company.day(first).to_string()),
            ("StartTime", time("13:00")),
            ("EndDate", company.day(last).to_string()),
            ("EndTime", time("17:00")),
            ("AllDay", (!half_day).to_string()),
            ("TimeZone", colleague.office.zone().to_owned()),
            ("Type", (*dice.pick(&["Vacation", "Training", "Sick leave", "Compensation"])).to_owned()),
            ("Text", "Please ask my deputy.".to_owned()),
        ]));
    }
    absences
}
