//! The dates of a series, in the local calendar of its zone.

use super::recurrence::{Pattern, PatternKind, RangeKind, Recurrence, WeekIndex, Weekday};
use jiff::Span;
use jiff::civil::Date;

impl Recurrence {
    /// The dates on which the pattern falls, in order, from `from` on. Endless series end with the calendar.
    pub fn dates(&self, from: Date) -> impl Iterator<Item = Date> + '_ {
        let start = self.range.start_date;
        // A numbered series has to be counted from its start; the others can be entered in the middle.
        let first = match self.range.kind {
            RangeKind::Numbered => 0,
            RangeKind::EndDate | RangeKind::NoEnd => self.pattern.period_before(start, from),
        };
        let limit = match self.range.kind {
            RangeKind::Numbered => usize::try_from(self.range.number_of_occurrences).unwrap_or(0),
            RangeKind::EndDate | RangeKind::NoEnd => usize::MAX,
        };
        let end = match self.range.kind {
            RangeKind::EndDate => self.range.end_date,
            RangeKind::NoEnd | RangeKind::Numbered => Date::MAX,
        };
        (first..)
            .map_while(move |period| self.pattern.period(start, period))
            .flatten()
            .filter(move |date| *date >= start)
            .take_while(move |date| *date <= end)
            .take(limit)
            .filter(move |date| *date >= from)
    }

    /// Whether the pattern falls on `date`.
    pub fn falls_on(&self, date: Date) -> bool {
        self.dates(date).next() == Some(date)
    }
}

impl Pattern {
    /// A period that surely does not lie after `from`.
    fn period_before(&self, start: Date, from: Date) -> i64 {
        let days = i64::from(start.until(from).map_or(0, |span| span.get_days())).max(0);
        let interval = i64::from(self.interval);
        let length = match self.kind {
            PatternKind::Daily => 1,
            PatternKind::Weekly => 7,
            PatternKind::AbsoluteMonthly | PatternKind::RelativeMonthly => 31,
            PatternKind::AbsoluteYearly | PatternKind::RelativeYearly => 366,
        };
        (days / (length * interval) - 1).max(0)
    }

    /// The dates of the n-th period (day, week, month or year) of the pattern; `None` where the calendar ends.
    fn period(&self, start: Date, number: i64) -> Option<Vec<Date>> {
        let step = number.checked_mul(i64::from(self.interval))?;
        match self.kind {
            PatternKind::Daily => Some(vec![plus_days(start, step)?]),
            PatternKind::Weekly => {
                let back = Weekday::of(start).after(self.first_day_of_week);
                let week = plus_days(start, step.checked_mul(7)? - back)?;
                let mut offsets: Vec<i64> =
                    self.days_of_week.iter().map(|day| day.after(self.first_day_of_week)).collect();
                offsets.sort_unstable();
                offsets.dedup();
                offsets.into_iter().map(|offset| plus_days(week, offset)).collect()
            }
            PatternKind::AbsoluteMonthly => Some(vec![self.day_in(plus_months(start, step)?)]),
            PatternKind::RelativeMonthly => Some(self.indexed_in(plus_months(start, step)?)),
            PatternKind::AbsoluteYearly => Some(vec![self.day_in(self.year(start, step)?)]),
            PatternKind::RelativeYearly => Some(self.indexed_in(self.year(start, step)?)),
        }
    }

    /// The first day of this pattern's month, `years` after `start`.
    fn year(&self, start: Date, years: i64) -> Option<Date> {
        let year = i64::from(start.year()).checked_add(years)?;
        Date::new(i16::try_from(year).ok()?, self.month, 1).ok()
    }

    /// The day of the month, or the last one of a shorter month, as Outlook has it.
    fn day_in(&self, month: Date) -> Date {
        let day = self.day_of_month.min(month.days_in_month());
        month.with().day(day).build().unwrap_or(month)
    }

    /// The first … last of the days of the week in a month.
    fn indexed_in(&self, month: Date) -> Vec<Date> {
        let mut days = (1..=month.days_in_month())
            .filter_map(|day| month.with().day(day).build().ok())
            .filter(|date| self.days_of_week.contains(&Weekday::of(*date)));
        let found = match self.index {
            WeekIndex::First => days.next(),
            WeekIndex::Second => days.nth(1),
            WeekIndex::Third => days.nth(2),
            WeekIndex::Fourth => days.nth(3),
            WeekIndex::Last => days.next_back(),
        };
        found.into_iter().collect()
    }
}

fn plus_days(date: Date, days: i64) -> Option<Date> {
    date.checked_add(Span::new().try_days(days).ok()?).ok()
}

fn plus_months(date: Date, months: i64) -> Option<Date> {
    date.first_of_month().checked_add(Span::new().try_months(months).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use serde_json::{Value, json};

    fn dates(pattern: &Value, range: &Value, from: Date, count: usize) -> Vec<String> {
        let recurrence: Recurrence =
            serde_json::from_value(json!({ "pattern": pattern, "range": range })).unwrap();
        assert_eq!(recurrence.fault(), None);
        recurrence.dates(from).take(count).map(|date| date.to_string()).collect()
    }

    fn endless(start: &str) -> Value {
        json!({ "type": "noEnd", "startDate": start })
    }

    #[test]
    fn every_second_week_depends_on_the_first_day_of_the_week() {
        let pattern = |first: &str| json!({"type":"weekly","interval":2,"daysOfWeek":["sunday","tuesday"],"firstDayOfWeek":first});
        let from = date(2026, 11, 3);
        assert_eq!(
            dates(&pattern("monday"), &endless("2026-11-03"), from, 4),
            ["2026-11-03", "2026-11-08", "2026-11-17", "2026-11-22"]
        );
        assert_eq!(
            dates(&pattern("sunday"), &endless("2026-11-03"), from, 4),
            ["2026-11-03", "2026-11-15", "2026-11-17", "2026-11-29"]
        );
    }

    #[test]
    fn a_short_month_has_its_last_day() {
        let pattern = json!({"type":"absoluteMonthly","interval":1,"dayOfMonth":31});
        assert_eq!(
            dates(&pattern, &endless("2027-01-31"), date(2027, 1, 1), 3),
            ["2027-01-31", "2027-02-28", "2027-03-31"]
        );
        let leap = json!({"type":"absoluteYearly","interval":1,"dayOfMonth":29,"month":2});
        assert_eq!(
            dates(&leap, &endless("2024-02-29"), date(2026, 1, 1), 3),
            ["2026-02-28", "2027-02-28", "2028-02-29"]
        );
    }

    #[test]
    fn relative_patterns_take_the_nth_of_a_set_of_days() {
        let last_workday = json!({"type":"relativeMonthly","interval":1,"index":"last",
            "daysOfWeek":["monday","tuesday","wednesday","thursday","friday"]});
        assert_eq!(
            dates(&last_workday, &endless("2026-01-01"), date(2026, 1, 1), 3),
            ["2026-01-30", "2026-02-27", "2026-03-31"]
        );
        let labour_day =
            json!({"type":"relativeYearly","interval":1,"index":"first","daysOfWeek":["monday"],"month":9});
        assert_eq!(
            dates(&labour_day, &endless("2026-09-07"), date(2027, 1, 1), 2),
            ["2027-09-06", "2028-09-04"]
        );
    }

    #[test]
    fn a_numbered_range_counts_from_its_start() {
        let daily = json!({"type":"daily","interval":3});
        let range = json!({"type":"numbered","startDate":"2026-01-01","numberOfOccurrences":3});
        assert_eq!(dates(&daily, &range, date(2026, 1, 5), 9), ["2026-01-07"]);
        let to = json!({"type":"endDate","startDate":"2026-01-01","endDate":"2026-01-07"});
        assert_eq!(dates(&daily, &to, date(2026, 1, 1), 9), ["2026-01-01", "2026-01-04", "2026-01-07"]);
    }

    #[test]
    fn entering_in_the_middle_equals_filtering_from_the_start() {
        let patterns = [
            json!({"type":"daily","interval":5}),
            json!({"type":"weekly","interval":3,"daysOfWeek":["friday","monday"],"firstDayOfWeek":"wednesday"}),
            json!({"type":"absoluteMonthly","interval":5,"dayOfMonth":30}),
            json!({"type":"relativeMonthly","interval":2,"index":"second","daysOfWeek":["tuesday"]}),
            json!({"type":"absoluteYearly","interval":2,"dayOfMonth":31,"month":12}),
            json!({"type":"relativeYearly","interval":3,"index":"last","daysOfWeek":["sunday"],"month":1}),
        ];
        for pattern in patterns {
            let all = dates(&pattern, &endless("2021-06-15"), date(2021, 6, 15), 400);
            for from in [date(2021, 6, 16), date(2023, 2, 28), date(2027, 12, 31), date(2031, 1, 1)] {
                let expected: Vec<_> =
                    all.iter().filter(|day| **day >= from.to_string()).take(5).cloned().collect();
                assert_eq!(
                    dates(&pattern, &endless("2021-06-15"), from, 5)[..expected.len()],
                    expected,
                    "{pattern} from {from}"
                );
            }
        }
    }
}
