"""The plan's levels and episodes against a slow, obvious reading of its words, on random series.

The reading below is written from the text alone: it lists windows, marks the hours they cover,
tries every chain and counts hours one by one, in whole tenths so that a tie is a tie.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isnan, nan

import numpy as np
import pytest

from zibo_sim.air.alerts import Episode, find_episodes
from zibo_sim.law import book
from zibo_sim.rulebook import rules

LEVELS = ("none", "yellow", "orange", "red")
DAY, VALID, HEAVY, SEVERE, TOP, CLEAN = 24, 20, 200, 300, 500, 36
VALUES = (0, 50, 80, 120, 150, 190, 199, 200, 200, 201, 205, 210, 230, 240, 260, 280)
HIGH = (299, 300, 300, 301, 310, 350, 400, 450, 499, 500, 500)
SPELLS = (1, 2, 3, 5, 8, 11, 12, 13, 20, 23, 24, 25, 26, 27, 30, 36, 47, 48, 49, 60, 72, 96)
Series = list[float]


@dataclass
class Stretch:
    """Ends of its windows over 200, in order, and what they amount to."""

    ends: list[int]
    days: int
    severe_days: int
    peak: float
    level: str


@dataclass(frozen=True)
class Reading:
    """One way to read the words; the defaults are the plan's."""

    counting: str = "windows"
    dust: str = "break"
    red: str = "or_alone"
    merge: str = "max"
    lift: str = "trailing_mean"

    def law_changes(self) -> dict[str, str]:
        return {
            "alert.yellow.days.reading": self.counting,
            "alert.dust.excluded.reading": self.dust,
            "alert.red.days.reading": self.red,
            "alert.merge.reading": self.merge,
            "alert.lift.hours.reading": self.lift,
        }


# ---- the obvious reading ------------------------------------------------------------------


def windows(aqi: Series, dust: Sequence[bool], reading: Reading) -> dict[int, tuple[int, int]]:
    """Sum in tenths and count of the 24 hours that end with each hour, where there is a mean."""
    found = {}
    for end in range(DAY - 1, len(aqi)):
        hours = range(end - DAY + 1, end + 1)
        if reading.dust == "break" and any(dust[h] for h in hours):
            continue
        valid = [round(10 * aqi[h]) for h in hours if not dust[h] and not isnan(aqi[h])]
        if len(valid) >= VALID:
            found[end] = (sum(valid), len(valid))
    return found


def above(window: tuple[int, int], threshold: int) -> bool:
    total, count = window
    return total > 10 * threshold * count


def longest_chain(ends: Sequence[int], reading: Reading) -> int:
    """Windows that follow one another without gap or overlap, from whichever first hour."""
    known = set(ends)
    if reading.counting == "rolling":
        run = best = 0
        for end in range(min(known, default=0), max(known, default=-1) + 1):
            run = run + 1 if end in known else 0
            best = max(best, run)
        return best // DAY
    longest = 0
    for first in ends:
        count = 0
        while first + DAY * count in known:
            count += 1
        longest = max(longest, count)
    return longest


def level_of(days: int, severe_days: int, peak: float, reading: Reading) -> str:
    reached, lasting = peak >= TOP, days >= 4
    if reading.red == "and_either":
        red = lasting and (severe_days >= 2 or reached)
    else:
        red = (lasting and severe_days >= 2) or reached
    if red:
        return "red"
    return "orange" if days >= 3 else "yellow" if days >= 2 else "none"


def stretches(means: dict[int, tuple[int, int]], reading: Reading) -> list[Stretch]:
    """Hours covered without a break by windows over 200."""
    counted = {e: w for e, w in means.items() if reading.counting != "calendar" or e % DAY == 23}
    heavy = [end for end, window in counted.items() if above(window, HEAVY)]
    covered = {hour for end in heavy for hour in range(end - DAY + 1, end + 1)}
    groups: list[list[int]] = []
    for end in heavy:
        first = end - DAY + 1
        begins_anew = not groups or any(h not in covered for h in range(groups[-1][-1], first))
        if begins_anew:
            groups.append([])
        groups[-1].append(end)
    return [describe(group, counted, reading) for group in groups]


def describe(ends: list[int], means: dict[int, tuple[int, int]], reading: Reading) -> Stretch:
    severe = [end for end in ends if above(means[end], SEVERE)]
    days, severe_days = longest_chain(ends, reading), longest_chain(severe, reading)
    peak = max(means[end][0] / means[end][1] / 10 for end in ends)
    return Stretch(ends, days, severe_days, peak, level_of(days, severe_days, peak, reading))


def clean_hours(
    before: Stretch, after: Stretch, aqi: Series, means: dict[int, tuple[int, int]], lift: str
) -> int:
    if lift == "trailing_mean":
        between = range(before.ends[-1] + 1, after.ends[0])
        return sum(1 for hour in between if hour in means and not above(means[hour], HEAVY))
    run = longest = 0
    for hour in range(before.ends[-1] - DAY + 1, after.ends[0] + 1):
        run = run + 1 if aqi[hour] <= HEAVY else 0
        longest = max(longest, run)
    return longest


def episodes(aqi: Series, dust: Sequence[bool], reading: Reading) -> list[Stretch]:
    means = windows(aqi, dust, reading)
    found: list[Stretch] = []
    for after in stretches(means, reading):
        if found and clean_hours(found[-1], after, aqi, means, reading.lift) < CLEAN:
            found[-1] = joined(found[-1], after, reading)
        else:
            found.append(after)
    return found


def joined(a: Stretch, b: Stretch, reading: Reading) -> Stretch:
    ends, peak = a.ends + b.ends, max(a.peak, b.peak)
    if reading.merge == "durations_added":
        days, severe = a.days + b.days, a.severe_days + b.severe_days
        return Stretch(ends, days, severe, peak, level_of(days, severe, peak, reading))
    higher = max(a.level, b.level, key=LEVELS.index)
    return Stretch(ends, max(a.days, b.days), max(a.severe_days, b.severe_days), peak, higher)


# ---- random series ------------------------------------------------------------------------


def random_runs(rng: np.random.Generator) -> list[tuple[float, int]]:
    """Plateaus around the thresholds, some of them in tenths, now and then a rough stretch."""
    runs: list[tuple[float, int]] = []
    severe = rng.random() < 0.5
    for _ in range(rng.integers(1, 12)):
        if rng.random() < 0.25:
            low, high = sorted(rng.integers(100, 501 if severe else 320, 2))
            runs += [(int(v), 1) for v in rng.integers(low, high + 1, rng.choice(SPELLS))]
        else:
            pool = HIGH if severe and rng.random() < 0.5 else VALUES
            tenth = rng.choice((-0.1, 0.1)) if rng.random() < 0.15 else 0.0
            value = min(max(float(rng.choice(pool)) + tenth, 0.0), 500.0)
            runs.append((round(value, 1), int(rng.choice(SPELLS))))
    return runs


def random_dust(rng: np.random.Generator, hours: int) -> list[tuple[int, int]]:
    spans = []
    for _ in range(rng.integers(0, 3)):
        start = int(rng.integers(0, hours))
        spans.append((start, min(hours, start + int(rng.choice((1, 3, 4, 5, 12, 30))))))
    return spans


def hourly(runs: Sequence[tuple[float, int]]) -> Series:
    return [value for value, hours in runs for _ in range(hours)]


def flags(spans: Sequence[tuple[int, int]], hours: int) -> list[bool]:
    return [any(a <= h < b for a, b in spans) for h in range(hours)]


def with_gaps(aqi: Series, rng: np.random.Generator) -> Series:
    """Single hours missing here and there, sometimes a longer gap."""
    missing = rng.random(len(aqi)) < rng.choice((0.0, 0.03, 0.12, 0.2))
    if rng.random() < 0.3:
        start = int(rng.integers(0, len(aqi)))
        missing[start : start + int(rng.choice((4, 5, 30, 142)))] = True
    return [nan if gone else value for value, gone in zip(aqi, missing, strict=True)]


def draws(seed: int, count: int) -> Iterator[tuple[list[tuple[float, int]], list[tuple[int, int]]]]:
    for i in range(count):
        rng = np.random.default_rng([seed, i])
        runs = random_runs(rng)
        hours = sum(h for _, h in runs)
        yield runs, random_dust(rng, hours) if rng.random() < 0.4 else []


def show(found: Sequence[Episode]) -> list[tuple[object, ...]]:
    return [
        (e.level, e.start, e.end, e.hours_over_200, e.days_over_200, e.days_over_300) for e in found
    ]


def expected(found: Sequence[Stretch]) -> list[tuple[object, ...]]:
    return [
        (s.level, s.ends[0] - DAY + 1, s.ends[-1], len(s.ends), s.days, s.severe_days)
        for s in found
    ]


# ---- what must hold -----------------------------------------------------------------------


def test_the_level_is_that_of_the_obvious_reading() -> None:
    level, plan, seen = rules["air.alert_level"], Reading(), Counter[str]()
    for runs, dust in draws(seed=1, count=2500):
        aqi = hourly(runs)
        found = stretches(windows(aqi, flags(dust, len(aqi)), plan), plan)
        wanted = max((s.level for s in found), key=LEVELS.index, default="none")
        assert level(aqi=runs, dust=dust) == {"level": wanted}, (runs, dust)
        seen[wanted] += 1
    assert min(seen[word] for word in LEVELS) > 100, seen


def test_the_levels_of_episodes_are_those_of_the_obvious_reading() -> None:
    rule, plan, seen = rules["air.episodes"], Reading(), Counter[str]()
    merged = several = 0
    for runs, dust in draws(seed=2, count=2000):
        aqi = hourly(runs)
        dusty = flags(dust, len(aqi))
        found = episodes(aqi, dusty, plan)
        wanted = [s.level for s in found if s.level != "none"]
        assert rule(aqi=runs, dust=dust) == {"levels": wanted}, (runs, dust)
        merged += len(found) < len(stretches(windows(aqi, dusty, plan), plan))
        several += len(wanted) > 1
        seen.update(wanted)
    assert min(seen[word] for word in LEVELS[1:]) > 100, seen
    assert min(merged, several) > 60, (merged, several)


def test_episodes_of_a_record_with_gaps_are_those_of_the_obvious_reading() -> None:
    plan, gaps = Reading(), 0
    for i, (runs, spans) in enumerate(draws(seed=3, count=1500)):
        aqi = with_gaps(hourly(runs), np.random.default_rng([4, i]))
        dust = flags(spans, len(aqi))
        found = find_episodes(np.array(aqi), np.array(dust))
        wanted = episodes(aqi, dust, plan)
        assert show(found) == expected(wanted), (aqi, spans)
        assert [e.peak_24h for e in found] == pytest.approx([s.peak for s in wanted], rel=1e-9)
        gaps += any(isnan(value) for value in aqi)
    assert gaps > 400


OTHER_READINGS = {
    "calendar days alone": Reading(counting="calendar"),
    "the rolling mean stays over 200": Reading(counting="rolling"),
    "dust hours drop out of the mean": Reading(dust="drop_hours"),
    "500 only after four days": Reading(red="and_either"),
    "days are added over a join": Reading(merge="durations_added"),
    "lifted by hourly AQI": Reading(lift="hourly"),
    "all of them at once": Reading(
        "rolling", "drop_hours", "and_either", "durations_added", "hourly"
    ),
}


@pytest.mark.parametrize("reading", OTHER_READINGS.values(), ids=OTHER_READINGS)
def test_another_reading_is_taken_as_obviously(reading: Reading) -> None:
    law, moved = book().with_changes(reading.law_changes()), 0
    for i, (runs, spans) in enumerate(draws(seed=5, count=250)):
        aqi = with_gaps(hourly(runs), np.random.default_rng([6, i]))
        dust = flags(spans, len(aqi))
        wanted = episodes(aqi, dust, reading)
        assert show(find_episodes(np.array(aqi), np.array(dust), law)) == expected(wanted)
        moved += expected(wanted) != expected(episodes(aqi, dust, Reading()))
    assert moved > 2


@pytest.mark.parametrize(
    ("threshold", "days", "level"), [(HEAVY, 3, "none"), (SEVERE, 4, "orange")]
)
def test_decimals_that_average_to_a_threshold_do_not_exceed_it(
    threshold: int, days: int, level: str
) -> None:
    drifting = 0
    for seed in range(200):
        tenths = np.random.default_rng(seed).integers(-999, 1000, DAY)
        tenths[-1] -= tenths.sum()
        day = [float(v) for v in (10 * threshold + tenths) / 10]
        if not all(0 <= value <= TOP for value in day):
            continue
        drifting += any(sum(day[k:] + day[:k]) / DAY > threshold for k in range(DAY))
        aqi = [(value, 1) for value in day * days]
        assert rules["air.alert_level"](aqi=aqi) == {"level": level}, day
    assert drifting > 10, "no sum of floats was over the threshold: the test shows nothing"
