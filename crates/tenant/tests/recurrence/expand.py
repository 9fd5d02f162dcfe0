"""Expands recurrences with dateutil and prints what the simulated tenant must agree with, one case a line.

The cases follow from a fixed seed, so the output is the same on every machine. `cargo xtask test` runs this with the
versions of requirements.txt and compares the output with expected.jsonl, from which the tests of the crate read.

Exchange deviates from iCalendar in one place on purpose: a day of the month that a month does not have is the last
day of that month, where an RRULE would skip the month. `rule` translates that with BYSETPOS.
"""

import json
import random
import zoneinfo
from datetime import date, datetime, time, timedelta, timezone

from dateutil.rrule import DAILY, MONTHLY, WEEKLY, YEARLY, rrule, weekday

CASES = 1200
SEED = 20261025

# The name that the service is given, and the zone that it means. Among them: clocks that change at midnight, by half
# an hour only, in the southern hemisphere, by an odd offset, and never.
ZONES = [
    ("Europe/Vienna", "Europe/Vienna"),
    ("W. Europe Standard Time", "Europe/Berlin"),
    ("GMT Standard Time", "Europe/London"),
    ("America/New_York", "America/New_York"),
    ("Pacific Standard Time", "America/Los_Angeles"),
    ("America/St_Johns", "America/St_Johns"),
    ("America/Santiago", "America/Santiago"),
    ("Atlantic/Azores", "Atlantic/Azores"),
    ("Asia/Beirut", "Asia/Beirut"),
    ("AUS Eastern Standard Time", "Australia/Sydney"),
    ("Australia/Lord_Howe", "Australia/Lord_Howe"),
    ("Pacific/Chatham", "Pacific/Chatham"),
    ("Asia/Kathmandu", "Asia/Kathmandu"),
]
DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WORKDAYS = DAYS[:5]
INDEX = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}
KINDS = ["daily", "weekly", "absoluteMonthly", "relativeMonthly", "absoluteYearly", "relativeYearly"]
# How long a unit of the interval is at most, in days.
UNIT = {
    "daily": 1,
    "weekly": 7,
    "absoluteMonthly": 31,
    "relativeMonthly": 31,
    "absoluteYearly": 366,
    "relativeYearly": 366,
}
LONGEST_INTERVAL = {"daily": 9, "weekly": 4, "absoluteMonthly": 6, "relativeMonthly": 6}


class Draw:
    """Chance that is the same with every version of Python: only random() is promised to be."""

    def __init__(self, seed):
        self.source = random.Random(seed)

    def random(self):
        return self.source.random()

    def randint(self, low, high):
        return low + int(self.source.random() * (high - low + 1))

    def choice(self, options):
        return options[self.randint(0, len(options) - 1)]


def instant(local, zone):
    """The instant of a wall time: after a gap, the first of two."""
    return local.replace(tzinfo=zone, fold=0).astimezone(timezone.utc)


def transitions(zone):
    """Days on which the clocks change, with the first wall time that is skipped or doubled, and which of the two."""
    found = []
    day = datetime(2021, 1, 1)
    while day.year < 2034:
        before, after = (d.replace(tzinfo=zone).utcoffset() for d in (day, day + timedelta(days=1)))
        if before != after:
            step = timedelta(minutes=15)
            moment = day
            while moment.replace(tzinfo=zone, fold=0).utcoffset() == moment.replace(tzinfo=zone, fold=1).utcoffset():
                moment += step
            found.append((moment, "gap" if after > before else "overlap"))
        day += timedelta(days=1)
    return found


def pattern_of(draw, kind, edge):
    """A `recurrencePattern`."""
    pattern = {"type": kind, "interval": draw.randint(1, LONGEST_INTERVAL.get(kind, 3))}
    if kind == "weekly":
        days = {draw.choice(DAYS) for _ in range(draw.randint(1, 4))}
        if draw.random() < 0.6:
            days.add(DAYS[edge.weekday()])
        pattern["daysOfWeek"] = sorted(days, key=DAYS.index)
        pattern["firstDayOfWeek"] = draw.choice(DAYS)
    if kind.startswith("absolute"):
        pattern["dayOfMonth"] = draw.choice([draw.randint(1, 28), 29, 30, 31, edge.day])
    if kind.startswith("relative"):
        pattern["index"] = draw.choice(list(INDEX))
        pattern["daysOfWeek"] = draw.choice(
            [WORKDAYS, ["saturday", "sunday"], DAYS, [DAYS[edge.weekday()]], [draw.choice(DAYS)]]
        )
    if kind.endswith("Yearly"):
        pattern["month"] = draw.choice([draw.randint(1, 12), edge.month, 2])
        if kind == "absoluteYearly":
            # A date that no year has is refused by the service.
            longest = 29 if pattern["month"] == 2 else 30 if pattern["month"] in (4, 6, 9, 11) else 31
            pattern["dayOfMonth"] = min(pattern["dayOfMonth"], longest)
    return pattern


def range_of(draw, pattern, start):
    """A `recurrenceRange`."""
    found = {"type": draw.choice(["endDate", "noEnd", "numbered"]), "startDate": start.date().isoformat()}
    length = UNIT[pattern["type"]] * pattern["interval"]
    if found["type"] == "numbered":
        found["numberOfOccurrences"] = draw.randint(1, 60)
    if found["type"] == "endDate":
        found["endDate"] = (start.date() + timedelta(days=length * draw.randint(3, 40))).isoformat()
    return found


def rule(pattern, span, start):
    """The same as an RRULE on wall times."""
    options = {"dtstart": start, "interval": pattern["interval"]}
    if span["type"] == "numbered":
        options["count"] = span["numberOfOccurrences"]
    elif span["type"] == "endDate":
        options["until"] = datetime.combine(date.fromisoformat(span["endDate"]), time.max)
    else:
        options["until"] = datetime(2060, 1, 1)
    kind = pattern["type"]
    days = [weekday(DAYS.index(day)) for day in pattern.get("daysOfWeek", [])]
    if kind == "daily":
        return rrule(DAILY, **options)
    if kind == "weekly":
        return rrule(WEEKLY, wkst=DAYS.index(pattern["firstDayOfWeek"]), byweekday=days, **options)
    if kind.endswith("Yearly"):
        options["bymonth"] = pattern["month"]
    frequency = YEARLY if kind.endswith("Yearly") else MONTHLY
    if kind.startswith("relative"):
        return rrule(frequency, byweekday=days, bysetpos=INDEX[pattern["index"]], **options)
    # The one deviation: the last of the days from the 28th to the wanted one that the month has.
    day = pattern["dayOfMonth"]
    return rrule(frequency, bymonthday=list(range(28, day + 1)) if day > 28 else day, bysetpos=-1, **options)


def tags(pattern, zone, starts):
    """What of interest a case contains."""
    found = set()
    for start in starts:
        early, late = (start.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
        if early != late:
            found.add("gap" if late > early else "overlap")
        day = pattern.get("dayOfMonth", 0)
        if start.day < day:
            found.add("clamped")
        if (start.month, start.day) == (2, 29):
            found.add("leapDay")
    if pattern.get("index") == "last" and pattern["daysOfWeek"] == WORKDAYS and starts:
        found.add("lastWorkday")
    if pattern["type"] == "weekly" and pattern["interval"] > 1 and len(pattern["daysOfWeek"]) > 1 and starts:
        found.add("weekStart")
    offsets = {start.replace(tzinfo=zone).utcoffset() for start in starts}
    if len(offsets) > 1:
        found.add("acrossEdge")
    return sorted(found)


def case(draw, number, edges):
    """One case."""
    name, iana = ZONES[number % len(ZONES)]
    zone = zoneinfo.ZoneInfo(iana)
    kind = KINDS[number // len(ZONES) % len(KINDS)]
    edge, _ = draw.choice(edges[iana] or [(datetime(2026, 6, 1) + timedelta(days=draw.randint(0, 2000)), "none")])
    # Half of the series take place in the very time that the clocks skip or double.
    clock = edge.time() if draw.random() < 0.5 else time(draw.randint(0, 23), draw.choice([0, 15, 30, 45]))
    pattern = pattern_of(draw, kind, edge)
    reach = UNIT[kind] * pattern["interval"]
    start = datetime.combine(edge.date() - timedelta(days=reach * draw.randint(0, 6) + draw.randint(0, 5)), clock)
    span = range_of(draw, pattern, start)
    length = timedelta(minutes=draw.choice([0, 15, 30, 60, 90, 240, 1500]))
    window = [
        edge - timedelta(days=reach * draw.randint(1, 3), hours=draw.randint(0, 23)),
        edge + timedelta(days=reach * draw.randint(1, 3), hours=draw.randint(0, 23)),
    ]
    window = [instant(moment, zone) for moment in window]
    starts, expected = [], []
    for local in rule(pattern, span, start):
        begin, end = instant(local, zone), instant(local + length, zone)
        if begin >= window[1] + timedelta(days=2):
            break
        if begin < window[1] and (end > window[0] or begin == end >= window[0]):
            starts.append(local)
            expected.append([written(begin), written(end)])
    return {
        "zone": name,
        "start": start.isoformat(timespec="minutes"),
        "end": (start + length).isoformat(timespec="minutes"),
        "pattern": pattern,
        "range": span,
        "window": [written(moment) for moment in window],
        "tags": tags(pattern, zone, starts),
        "expected": expected,
    }


def written(moment):
    return moment.strftime("%Y-%m-%dT%H:%MZ")


def main():
    # The zones of the pinned package, not those of the machine.
    zoneinfo.reset_tzpath(to=())
    draw = Draw(SEED)
    edges = {iana: transitions(zoneinfo.ZoneInfo(iana)) for _, iana in ZONES}
    made = 0
    number = 0
    while made < CASES:
        found = case(draw, number, edges)
        number += 1
        # A series without any occurrence is refused; a window without any proves little.
        if found["expected"]:
            print(json.dumps(found, separators=(",", ":")))
            made += 1


main()
