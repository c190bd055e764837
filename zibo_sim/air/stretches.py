"""Stretches of heavy pollution in an hourly series, and what a consultation makes of them.

The yardstick is the mean of 24 consecutive hourly AQI values, from any hour
(淄政办字〔2018〕145号 四(一)). Everything compiled that judges alerts stands here, in one module,
because Numba's cache does not notice a change in a compiled function that is imported.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from zibo_sim.errors import Refused
from zibo_sim.law import Law

LEVELS = ("none", "yellow", "orange", "red")
NONE, YELLOW, ORANGE, RED = range(4)

WINDOWS, CALENDAR, ROLLING = range(3)
_COUNTING = {"windows": WINDOWS, "calendar": CALENDAR, "rolling": ROLLING}
#: Means are kept to a billionth, so that a sum of decimal values that is 200 does not exceed it.
_DIGITS = 1e9
_DAY_H = 24


class Thresholds(NamedTuple):
    """The plan's numbers as plain values, so that compiled code can take them."""

    start: float
    heavy: float
    severe: float
    peak: float
    yellow_days: int
    yellow_needs_heavy: bool
    orange_days: int
    orange_days_heavy: int
    orange_days_severe: int
    red_days: int
    red_days_severe: int
    window: int
    valid: int
    lift_hours: int
    counting: int
    red_needs_days: bool
    dust_breaks: bool
    merge_adds: bool
    lift_hourly: bool


def thresholds(law: Law) -> Thresholds:
    """Read the numbers and readings of 145号 四(一) and 四(四) from the law.

    Raises
    ------
    Refused
        Where a reform takes the mean of no hours.
    """
    if law("alert.mean.hours") < 1:
        raise Refused("law.alert.mean.hours: 0 is refused; allowed is a whole number ≥ 1 in h")
    start, heavy = float(law("alert.aqi.start")), float(law("alert.aqi.heavy"))
    return Thresholds(
        start=start if "alert.aqi.start" in law.changed else heavy,
        heavy=heavy,
        severe=float(law("alert.aqi.severe")),
        peak=float(law("alert.red.peak")),
        yellow_days=law("alert.yellow.days"),
        yellow_needs_heavy=law("alert.yellow.short_heavy"),
        orange_days=law("alert.orange.days"),
        orange_days_heavy=law("alert.orange.days_over_200"),
        orange_days_severe=law("alert.orange.days_over_300"),
        red_days=law("alert.red.days"),
        red_days_severe=law("alert.red.days_over_300"),
        window=law("alert.mean.hours"),
        valid=law("aqi.valid_hours"),
        lift_hours=law("alert.lift.hours"),
        counting=_COUNTING[law.option("alert.yellow.days")],
        red_needs_days=law.option("alert.red.days") == "and_either",
        dust_breaks=law.option("alert.dust.excluded") == "break",
        merge_adds=law.option("alert.merge") == "durations_added",
        lift_hourly=law.option("alert.lift.hours") == "hourly",
    )


@njit(cache=True)
def extend_means(aqi, dust, first, last, t, means):  # type: ignore[no-untyped-def]
    """Fill `means` for the hours from `first` up to `last`; see `trailing_means`."""
    total, count, dusty = 0.0, 0, 0
    needed = max(1, min(t.valid, t.window))
    begin = max(0, first - t.window + 1)
    for hour in range(begin, last):
        if dust[hour]:
            dusty += 1
        elif not np.isnan(aqi[hour]):
            total += aqi[hour]
            count += 1
        left = hour - t.window
        if left >= begin:
            if dust[left]:
                dusty -= 1
            elif not np.isnan(aqi[left]):
                total -= aqi[left]
                count -= 1
        if hour >= first:
            whole = hour >= t.window - 1 and count >= needed and not (t.dust_breaks and dusty > 0)
            means[hour] = np.rint(total / count * _DIGITS) / _DIGITS if whole else np.nan


@njit(cache=True)
def trailing_means(aqi, dust, t):  # type: ignore[no-untyped-def]
    """145号 四(一): the mean of the 24 hours ending with each hour; NaN where there is none.

    A window with an hour of dust is none (or its dust hours are dropped, by the other reading);
    a window needs its 20 valid hours.
    """
    means = np.empty(len(aqi))
    extend_means(aqi, dust, 0, len(aqi), t, means)
    return means


@njit(cache=True)
def _counts(end, over, run, step):  # type: ignore[no-untyped-def]
    """Windows over a threshold in a row, each `step` hours after the last, up to that at `end`."""
    if over:
        run[end] = 1 + (run[end - step] if end >= step else 0)
    return run[end]


@njit(cache=True)
def find_stretches(means, aqi, t, phase):  # type: ignore[no-untyped-def]
    """145号 四(一): hours covered without a break by windows over 200, one row a stretch.

    Read by calendar days alone, only windows that begin at midnight count.

    Parameters
    ----------
    means : ndarray, shape (hours,)
        From `trailing_means`.
    aqi : ndarray, shape (hours,)
        The hourly values they are the means of.
    t : Thresholds
    phase : int
        Hours from index 0 to the first midnight, for the calendar reading.

    Returns
    -------
    ndarray, shape (stretches, 9)
        First window's end, last window's end, days over the AQI of the start, days over 300, peak
        mean, number of windows over that of the start, level, days over 200, and 1 where an hour
        is over 200. In the plan the start is 200 as well.
    """
    n = len(means)
    run = np.zeros((3, n), dtype=np.int64)
    found = np.zeros((n // t.window + 2, 9))
    count, heavy_hour = 0, -t.window
    step, each = (1, t.window) if t.counting == ROLLING else (t.window, 1)
    least = min(t.start, t.heavy, t.severe)
    for end in range(n):
        heavy_hour = end if aqi[end] > t.heavy else heavy_hour
        mean = means[end]
        if not mean > least or (t.counting == CALENDAR and (end + 1 - phase) % t.window != 0):
            continue
        days = _counts(end, mean > t.start, run[0], step) // each
        severe = _counts(end, mean > t.severe, run[1], step) // each
        heavy = _counts(end, mean > t.heavy, run[2], step) // each
        if not mean > t.start:
            continue
        if count == 0 or end - found[count - 1, 1] > t.window:
            found[count, 0] = end
            count += 1
        row = found[count - 1]
        row[1] = end
        row[2], row[3] = max(row[2], days), max(row[3], severe)
        row[4] = max(row[4], mean)
        row[5] += 1
        row[7] = max(row[7], heavy)
        row[8] = max(row[8], 1.0 if heavy_hour > end - t.window else 0.0)
    for i in range(count):
        found[i, 6] = level_of(found[i], t)
    return found[:count]


@njit(cache=True)
def level_of(row, t):  # type: ignore[no-untyped-def]
    """145号 四(一)1–3: the level that a stretch calls for by its days and its peak.

    `row` is one of `find_stretches`; what the plan does not ask for orange stands at zero days.
    """
    days, days_heavy, days_severe, peak = row[2], row[7], row[3], row[4]
    lasting = days_heavy >= t.red_days
    severe = days_severe >= t.red_days_severe
    reached = peak >= t.peak
    red = (lasting and (severe or reached)) if t.red_needs_days else (lasting and severe) or reached
    if red:
        return 3
    graver = days_heavy >= t.orange_days_heavy and days_severe >= t.orange_days_severe
    if days >= t.orange_days and graver:
        return 2
    return 1 if days >= t.yellow_days and (row[8] > 0 or not t.yellow_needs_heavy) else 0


@njit(cache=True)
def merge_stretches(found, measure, t):  # type: ignore[no-untyped-def]
    """145号 四(四): stretches between which the air was not clean for 36 hours are one episode.

    `measure` is the trailing mean, or hourly AQI by the other reading; an hour without a value, or
    whose window holds dust, is not clean.
    """
    merged = found.copy()
    count = 0
    for i in range(len(found)):
        if count > 0 and _clean_hours(merged[count - 1], found[i], measure, t) < t.lift_hours:
            _join(merged[count - 1], found[i], t)
            continue
        merged[count] = found[i]
        count += 1
    return merged[:count]


@njit(cache=True)
def _clean_hours(before, after, measure, t):  # type: ignore[no-untyped-def]
    """Hourly values at or below 200 between two stretches; of hourly AQI the longest run.

    Trailing means lie between the last window over 200 and the next; clean hours may begin within
    the one and end within the other.
    """
    last, following = int(before[1]), int(after[0])
    if not t.lift_hourly:
        return int(np.sum(measure[last + 1 : following] <= t.start))
    longest, running = 0, 0
    for hour in range(last - t.window + 1, following + 1):
        running = running + 1 if measure[hour] <= t.start else 0
        longest = max(longest, running)
    return longest


@njit(cache=True)
def _join(into, other, t):  # type: ignore[no-untyped-def]
    into[1] = other[1]
    into[4] = max(into[4], other[4])
    into[5] += other[5]
    into[8] = max(into[8], other[8])
    if t.merge_adds:
        into[2] += other[2]
        into[3] += other[3]
        into[7] += other[7]
        into[6] = level_of(into, t)
    else:
        into[2], into[3] = max(into[2], other[2]), max(into[3], other[3])
        into[7] = max(into[7], other[7])
        into[6] = max(into[6], other[6])


class Outlook(NamedTuple):
    """What a consultation sees: observed hours of a running episode joined with the forecast.

    Attributes
    ----------
    level : int
        Index into `LEVELS` of the first episode not yet over that calls for an alert.
    onset : int
        First hour of that episode's windows over 200; -1 where there is none.
    present : int
        1 where the 24-hour mean that ends now is over 200, 2 where it is over 300, else 0.
    clean : bool
        By now and for 36 hourly values nothing is over 200: the alert may be lifted.
    eased : bool
        The same for 300: red may be lowered.
    worsening : bool
        The mean of the next 24 hours is over 300: no clear improvement is foreseen.
    remaining : int
        While red is in force, the level that the hours still to come call for by themselves.
    """

    level: int
    onset: int
    present: int
    clean: bool
    eased: bool
    worsening: bool
    remaining: int


@njit(cache=True)
def _running_since(known, observed, now, earliest, t):  # type: ignore[no-untyped-def]
    """Return an hour before whatever still runs: what came earlier is another, past episode."""
    clean, hour = 0, now
    while hour > earliest and clean <= t.lift_hours:
        hour -= 1
        measure = observed[hour] if t.lift_hourly else known[hour]
        clean = clean + 1 if known[hour] <= t.start and measure <= t.heavy else 0
    return max(hour - t.window, earliest)


@njit(cache=True)
def look_out(  # type: ignore[no-untyped-def]
    observed, known, dust, row, now, issued, since, phase, in_force, t
):
    """145号 四(二), 四(四): join what was observed with the newest forecast and judge it.

    Parameters
    ----------
    observed : ndarray, shape (hours,)
        Hourly AQI of the season, known up to hour `now`.
    known : ndarray, shape (hours,)
        Its trailing means, filled up to hour `now`.
    dust : ndarray of bool, shape (hours,)
        Foreseen without error where it lies ahead.
    row : ndarray, shape (horizon,)
        The forecast of hourly AQI issued at hour `issued`.
    now, issued, since, phase : int
        Hours; nothing before `since` is joined, `phase` as in `find_stretches`.
    in_force : int
        The level in force; what remains is worked out for red alone, which may be lowered.
    t : Thresholds

    Returns
    -------
    tuple
        The fields of `Outlook`.
    """
    start = _running_since(known, observed, now, since, t)
    ahead = min(issued + len(row), len(observed)) - now
    i0 = now - start
    aqi = np.empty(i0 + ahead)
    aqi[:i0] = observed[start:now]
    aqi[i0:] = row[now - issued : now - issued + ahead]
    means = np.empty(i0 + ahead)
    means[:i0] = known[start:now]
    extend_means(aqi, dust[start : now + ahead], i0, i0 + ahead, t, means)
    measure = aqi if t.lift_hourly else means
    stretches = find_stretches(means, aqi, t, (phase - start) % t.window)
    found = merge_stretches(stretches, measure, t)
    level, onset = 0, -1
    for i in range(len(found)):
        if found[i, 1] >= i0 and found[i, 6] > 0:
            level, onset = int(found[i, 6]), start + int(found[i, 0]) - t.window + 1
            break
    heavy, severe, counted = False, False, 0
    for k in range(max(i0 - 1, 0), min(i0 - 1 + t.lift_hours, len(measure))):
        heavy = heavy or measure[k] > t.start
        severe = severe or measure[k] > t.severe
        counted += not np.isnan(measure[k])
    enough = 2 * counted >= t.lift_hours
    last = min(i0 + t.window, len(means)) - 1
    now_mean = means[i0 - 1] if i0 > 0 else np.nan
    present = 2 if now_mean > t.severe else 1 if now_mean > t.start else 0
    return (
        level,
        onset,
        present,
        enough and not heavy,
        enough and not severe,
        means[last] > t.severe,
        _remaining(aqi[i0:], dust[now : now + ahead], (phase - now) % t.window, t)
        if level > 0 and in_force == RED
        else 0,
    )


@njit(cache=True)
def _remaining(aqi, dust, phase, t):  # type: ignore[no-untyped-def]
    """Return the level that the hours still to come call for by themselves."""
    most = 0
    for row in find_stretches(trailing_means(aqi, dust, t), aqi, t, phase):
        most = max(most, int(row[6]))
    return most


@njit(cache=True)
def look_out_next(  # type: ignore[no-untyped-def]
    observed, known, done, dust, row, now, issued, since, phase, in_force, t
):
    """Fill `known` on from hour `done`, then look out; see `look_out`."""
    extend_means(observed, dust, done, now, t, known)
    return look_out(observed, known, dust, row, now, issued, since, phase, in_force, t)


#: What a consultation may lead to.
HOLD, PUBLISH, UPGRADE, LOWER, LIFT = range(5)


@njit(cache=True)
def decide(level, begun, seen, clean, eased, remaining):  # type: ignore[no-untyped-def]
    """145号 四(三), 四(四): what follows from an outlook.

    Parameters
    ----------
    level : int
        In force now.
    begun : int
        The greatest `Outlook.present` since the alert was published.
    seen : int
        The level that the outlook calls for.
    clean, eased, remaining
        As in `Outlook`.

    Returns
    -------
    int
        One of `HOLD`, `PUBLISH`, `UPGRADE`, `LOWER`, `LIFT`.
    """
    if level == 0:
        return PUBLISH if seen > 0 else HOLD
    if clean and (seen == 0 or begun > 0):
        return LIFT
    if seen > level:
        return UPGRADE
    past_its_peak = begun == 2 or seen < RED
    return LOWER if level == RED and past_its_peak and eased and remaining < RED else HOLD


@njit(cache=True)
def watch(  # type: ignore[no-untyped-def]
    observed,
    known,
    done,
    dust,
    rows,
    issued,
    first,
    last,
    level,
    begun,
    floor,
    since,
    phase,
    t,
    planned,
    daily,
    seen,
    real_time,
):
    """145号 四(二): consult when it is due, hour by hour, until something is to be done.

    Parameters
    ----------
    observed, known, dust, since, phase, t
        As `look_out` takes them; `known` is filled on from hour `done`.
    rows, issued : ndarray, shape (issues, horizon) and (issues,)
        Every forecast and its hour, a day apart; before the first none is consulted.
    first, last : int
        Hours at which a consultation may be held, `last` not included.
    level, begun
        As `decide` takes them.
    floor : int
        Least level that a regional alert demands.
    planned : ndarray of bool, shape (hours,)
        Hours at which a consultation is held whatever the air.
    daily : int
        Hour of the day at which one is held while an alert is in force.
    seen : ndarray of int, shape (last - first,)
        Filled with the level each consultation sees, -1 where none is held.
    real_time : ndarray of bool, shape (last - first,)
        Filled with whether it is held because pollution is heavy.

    Returns
    -------
    tuple of int
        The first hour at which something is to be done, -1 for none; `begun` by then.
    """
    extend_means(observed, dust, done, last - 1, t, known)
    seen[:] = -1
    for hour in range(max(first, issued[0]), last):
        issue = min((hour - issued[0]) // _DAY_H, len(issued) - 1)
        heavy = hour > 0 and observed[hour - 1] > t.heavy
        real_time[hour - first] = heavy
        if heavy or planned[hour] or (level > 0 and hour % 24 == daily):
            sees, _, present, clean, eased, _, remaining = look_out(
                observed, known, dust, rows[issue], hour, issued[issue], since, phase, level, t
            )
            sees, clean, remaining = max(sees, floor), clean and floor == 0, max(remaining, floor)
            if decide(level, max(begun, present), sees, clean, eased, remaining) != HOLD:
                return hour, begun
            begun = max(begun, present) if level > 0 else begun
            seen[hour - first] = sees
    return -1, begun
