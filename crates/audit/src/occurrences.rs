//! The dates of a rule: only to tell whether a series has anything within a time frame.

use crate::recurrence::{End, Every, Rule};
use jiff::ToSpan;
use jiff::civil::Date;

/// No rule is followed further than this many steps.
const MAX_STEPS: usize = 40_000;

/// Whether the rule, begun on `start`, has an occurrence from `from` to `to` (both included).
pub(crate) fn any_between(rule: &Rule, start: Date, from: Date, to: Date) -> bool {
    let mut count = 0_u32;
    let mut day = start;
    for _ in 0..MAX_STEPS {
        let over = match rule.end {
            End::Never => false,
            End::On(last) => day > last,
            End::After(times) => count >= times,
        };
        if over || day > to {
            return false;
        }
        if matches(rule, start, day) {
            count += 1;
            if day >= from {
                return true;
            }
        }
        let Ok(next) = day.checked_add(1.day()) else { return false };
        day = next;
    }
    false
}

fn matches(rule: &Rule, start: Date, day: Date) -> bool {
    let interval = i64::from(rule.interval);
    match rule.every {
        Every::Day => days_between(start, day) % interval == 0,
        Every::Week => {
            let weeks =
                days_between(week_begin(start, rule.first_weekday), week_begin(day, rule.first_weekday)) / 7;
            weeks % interval == 0 && rule.weekdays.contains(&day.weekday().to_monday_zero_offset())
        }
        Every::Month => {
            let months = i64::from(day.year() - start.year()) * 12 + i64::from(day.month() - start.month());
            months % interval == 0 && day_matches(rule, day)
        }
        Every::Year => {
            i64::from(day.year() - start.year()) % interval == 0
                && rule.month.is_none_or(|month| month == day.month())
                && day_matches(rule, day)
        }
    }
}

fn day_matches(rule: &Rule, day: Date) -> bool {
    if let Some(wanted) = rule.day {
        return day.day() == wanted.min(day.days_in_month());
    }
    let fits = |day: Date| rule.weekdays.contains(&day.weekday().to_monday_zero_offset());
    if !fits(day) {
        return false;
    }
    let month: Vec<Date> = day
        .first_of_month()
        .series(1.day())
        .take_while(|other| other.month() == day.month())
        .filter(|other| fits(*other))
        .collect();
    match rule.which {
        Some(-1) => month.last() == Some(&day),
        Some(which) => usize::try_from(which - 1).ok().and_then(|index| month.get(index)) == Some(&day),
        None => true,
    }
}

fn days_between(a: Date, b: Date) -> i64 {
    (b.to_datetime(jiff::civil::Time::midnight())
        .duration_since(a.to_datetime(jiff::civil::Time::midnight())))
    .as_hours()
        / 24
}

fn week_begin(day: Date, first: i8) -> Date {
    let back = (day.weekday().to_monday_zero_offset() - first).rem_euclid(7);
    day.checked_sub(i32::from(back).days()).unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn sparse_rules_miss_a_time_frame() {
        let rule = |text: &str| Rule::of_rrule(text, date(2026, 1, 31), "").unwrap();
        let yearly = rule("FREQ=YEARLY");
        assert!(any_between(&yearly, date(2026, 1, 31), date(2027, 1, 25), date(2027, 2, 5)));
        assert!(!any_between(&yearly, date(2026, 1, 31), date(2027, 2, 5), date(2027, 12, 5)));
        let monthly = rule("FREQ=MONTHLY;BYMONTHDAY=31");
        assert!(any_between(&monthly, date(2026, 1, 31), date(2026, 2, 28), date(2026, 2, 28)));
        let twice = rule("FREQ=WEEKLY;COUNT=2");
        assert!(any_between(&twice, date(2026, 1, 31), date(2026, 2, 7), date(2026, 2, 8)));
        assert!(!any_between(&twice, date(2026, 1, 31), date(2026, 2, 8), date(2026, 3, 8)));
        let second_tuesday = Rule::of_rrule("FREQ=MONTHLY;BYDAY=2TU", date(2026, 1, 13), "").unwrap();
        assert!(any_between(&second_tuesday, date(2026, 1, 13), date(2026, 2, 10), date(2026, 2, 10)));
        assert!(!any_between(&second_tuesday, date(2026, 1, 13), date(2026, 2, 11), date(2026, 3, 9)));
    }
}
