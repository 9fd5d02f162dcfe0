//! Recurrence rules of RFC 5545 as one of the six patterns of Graph, where one of them fits.

use crate::calendar::{
    Pattern, PatternKind, Range, RangeKind, Recurrence, WallTime, WeekIndex, Weekday, never,
};
use calcard::common::CalendarScale;
use calcard::icalendar::{
    ICalendarFrequency as Frequency, ICalendarRecurrenceRule as Rule, ICalendarWeekday,
};

/// Every day of the week.
const ALL_DAYS: [Weekday; 7] = [
    Weekday::Sunday,
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
];

/// The recurrence of a rule for an event that starts at `start`; or which part of the rule has no equal.
pub fn recurrence(rule: &Rule, start: &WallTime, until: Option<WallTime>) -> Result<Recurrence, String> {
    general(rule, start)?;
    let mut pattern = Pattern {
        kind: PatternKind::Daily,
        interval: i32::from(rule.interval.unwrap_or(1).max(1)),
        month: 0,
        day_of_month: 0,
        days_of_week: Vec::new(),
        first_day_of_week: rule.wkst.map_or(Weekday::Monday, weekday),
        index: WeekIndex::First,
    };
    match rule.freq {
        Frequency::Daily => daily(rule, &mut pattern)?,
        Frequency::Weekly => weekly(rule, start, &mut pattern)?,
        Frequency::Monthly => monthly(rule, start, &mut pattern)?,
        Frequency::Yearly => yearly(rule, start, &mut pattern)?,
        Frequency::Hourly | Frequency::Minutely | Frequency::Secondly => {
            return Err("repeats more often than daily".to_owned());
        }
    }
    Ok(Recurrence { pattern, range: range(rule, start, until)? })
}

fn general(rule: &Rule, start: &WallTime) -> Result<(), String> {
    match rule.rscale {
        None | Some(CalendarScale::Gregorian) => {}
        Some(_) => return Err("RSCALE counts in a calendar that is not Gregorian".to_owned()),
    }
    if rule.skip.is_some() && start.local.day() > 28 {
        return Err("SKIP moves dates that a month does not have".to_owned());
    }
    if rule.bymonth.iter().any(calcard::icalendar::ICalendarMonth::is_leap) {
        return Err("BYMONTH names a leap month".to_owned());
    }
    for (name, set) in [("BYYEARDAY", !rule.byyearday.is_empty()), ("BYWEEKNO", !rule.byweekno.is_empty())] {
        if set {
            return Err(format!("{name} is used"));
        }
    }
    let time = start.local.time();
    let same =
        |list: &[u8], value: i8| list.iter().all(|one| i16::from(*one) == i16::from(value)) && list.len() < 2;
    if !same(&rule.byhour, time.hour())
        || !same(&rule.byminute, time.minute())
        || !same(&rule.bysecond, time.second())
    {
        return Err("BYHOUR, BYMINUTE or BYSECOND name other times than the start".to_owned());
    }
    if !rule.bysetpos.is_empty() && (rule.bysetpos.len() > 1 || rule.byday.is_empty()) {
        return Err("BYSETPOS picks several days, or not among weekdays".to_owned());
    }
    if rule.interval.unwrap_or(1) > 999 {
        return Err("INTERVAL is larger than 999".to_owned());
    }
    Ok(())
}

fn daily(rule: &Rule, pattern: &mut Pattern) -> Result<(), String> {
    if !rule.bymonth.is_empty() || !rule.bymonthday.is_empty() || !rule.bysetpos.is_empty() {
        return Err("a daily rule is limited by BYMONTH, BYMONTHDAY or BYSETPOS".to_owned());
    }
    if rule.byday.is_empty() {
        return Ok(());
    }
    if pattern.interval != 1 {
        return Err("BYDAY limits a rule of every second, third … day".to_owned());
    }
    pattern.kind = PatternKind::Weekly;
    pattern.days_of_week = plain_days(rule)?;
    Ok(())
}

fn weekly(rule: &Rule, start: &WallTime, pattern: &mut Pattern) -> Result<(), String> {
    if !rule.bymonth.is_empty() || !rule.bymonthday.is_empty() || !rule.bysetpos.is_empty() {
        return Err("a weekly rule is limited by BYMONTH, BYMONTHDAY or BYSETPOS".to_owned());
    }
    pattern.kind = PatternKind::Weekly;
    pattern.days_of_week = plain_days(rule)?;
    if pattern.days_of_week.is_empty() {
        pattern.days_of_week = vec![Weekday::of(start.local.date())];
    }
    Ok(())
}

fn monthly(rule: &Rule, start: &WallTime, pattern: &mut Pattern) -> Result<(), String> {
    if !rule.bymonth.is_empty() {
        return Err("a monthly rule is limited by BYMONTH".to_owned());
    }
    if !rule.byday.is_empty() {
        if !rule.bymonthday.is_empty() {
            return Err("BYDAY and BYMONTHDAY are combined".to_owned());
        }
        if rule.bysetpos.is_empty() && rule.byday.iter().all(|day| day.ordwk.is_none()) {
            if pattern.interval != 1 {
                return Err("BYDAY names all such days of every second, third … month".to_owned());
            }
            pattern.kind = PatternKind::Weekly;
            pattern.days_of_week = plain_days(rule)?;
            return Ok(());
        }
        pattern.kind = PatternKind::RelativeMonthly;
        return relative(rule, pattern);
    }
    match rule.bymonthday[..] {
        [] => absolute(pattern, PatternKind::AbsoluteMonthly, start.local.day()),
        [-1] => {
            pattern.kind = PatternKind::RelativeMonthly;
            pattern.index = WeekIndex::Last;
            pattern.days_of_week = ALL_DAYS.to_vec();
        }
        [day @ 1..=31] => absolute(pattern, PatternKind::AbsoluteMonthly, day),
        [_] => return Err("BYMONTHDAY counts from the end of the month".to_owned()),
        _ => return Err("several BYMONTHDAY".to_owned()),
    }
    Ok(())
}

fn yearly(rule: &Rule, start: &WallTime, pattern: &mut Pattern) -> Result<(), String> {
    pattern.month = match rule.bymonth[..] {
        [] => start.local.month(),
        [month] => i8::try_from(month.month()).unwrap_or(0),
        _ => return Err("several BYMONTH".to_owned()),
    };
    if !rule.byday.is_empty() {
        if !rule.bymonthday.is_empty() {
            return Err("BYDAY and BYMONTHDAY are combined".to_owned());
        }
        if rule.bymonth.is_empty() {
            return Err("BYDAY counts weekdays of a whole year".to_owned());
        }
        if rule.bysetpos.is_empty() && rule.byday.iter().any(|day| day.ordwk.is_none()) {
            return Err("BYDAY names all such days of a month of the year".to_owned());
        }
        pattern.kind = PatternKind::RelativeYearly;
        return relative(rule, pattern);
    }
    match rule.bymonthday[..] {
        [] => absolute(pattern, PatternKind::AbsoluteYearly, start.local.day()),
        [day @ 1..=31] => absolute(pattern, PatternKind::AbsoluteYearly, day),
        [_] => return Err("BYMONTHDAY counts from the end of the month".to_owned()),
        _ => return Err("several BYMONTHDAY".to_owned()),
    }
    Ok(())
}

fn absolute(pattern: &mut Pattern, kind: PatternKind, day: i8) {
    pattern.kind = kind;
    pattern.day_of_month = day;
}

/// The first … last of some weekdays: by one ordinal for all, or by a position in the set.
fn relative(rule: &Rule, pattern: &mut Pattern) -> Result<(), String> {
    let position = if let [position] = rule.bysetpos[..] {
        if rule.byday.iter().any(|day| day.ordwk.is_some()) {
            return Err("BYSETPOS picks among numbered weekdays".to_owned());
        }
        position
    } else {
        let mut ordinals = rule.byday.iter().map(|day| day.ordwk.unwrap_or(0));
        let first = ordinals.next().unwrap_or(0);
        if rule.byday.len() > 1 {
            return Err("BYDAY names several numbered weekdays".to_owned());
        }
        i32::from(first)
    };
    pattern.index = match position {
        1 => WeekIndex::First,
        2 => WeekIndex::Second,
        3 => WeekIndex::Third,
        4 => WeekIndex::Fourth,
        -1 => WeekIndex::Last,
        other => return Err(format!("the position {other} in a month is none of first to fourth and last")),
    };
    pattern.days_of_week = rule.byday.iter().map(|day| weekday(day.weekday)).collect();
    Ok(())
}

fn plain_days(rule: &Rule) -> Result<Vec<Weekday>, String> {
    if rule.byday.iter().any(|day| day.ordwk.is_some()) {
        return Err("BYDAY numbers weekdays in a daily or weekly rule".to_owned());
    }
    Ok(rule.byday.iter().map(|day| weekday(day.weekday)).collect())
}

fn weekday(day: ICalendarWeekday) -> Weekday {
    match day {
        ICalendarWeekday::Sunday => Weekday::Sunday,
        ICalendarWeekday::Monday => Weekday::Monday,
        ICalendarWeekday::Tuesday => Weekday::Tuesday,
        ICalendarWeekday::Wednesday => Weekday::Wednesday,
        ICalendarWeekday::Thursday => Weekday::Thursday,
        ICalendarWeekday::Friday => Weekday::Friday,
        ICalendarWeekday::Saturday => Weekday::Saturday,
    }
}

fn range(rule: &Rule, start: &WallTime, until: Option<WallTime>) -> Result<Range, String> {
    let mut range = Range {
        kind: RangeKind::NoEnd,
        start_date: start.local.date(),
        end_date: never(),
        recurrence_time_zone: None,
        number_of_occurrences: 0,
    };
    if let Some(until) = until {
        let last = until.in_zone(&start.zone).local;
        // UNTIL is an instant, the end of Graph's range a day: one before the time of the event excludes its day.
        let day = last.date();
        let excluded = last.time() < start.local.time();
        range.kind = RangeKind::EndDate;
        range.end_date = if excluded { day.yesterday().unwrap_or(day) } else { day };
    } else if let Some(count) = rule.count {
        range.kind = RangeKind::Numbered;
        range.number_of_occurrences = i32::try_from(count).unwrap_or(i32::MAX);
        if !(1..=999).contains(&count) {
            return Err(format!("COUNT {count} is not between 1 and 999"));
        }
    }
    Ok(range)
}
