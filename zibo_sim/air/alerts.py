"""When the heavy-pollution plan calls for which alert: 淄政办字〔2018〕145号 四, as pure functions.

The yardstick is the mean of 24 consecutive hourly AQI values, from any hour. One compiled pass
finds the stretches of heavy pollution in a series; levels, episodes, the desk's table and the
simulated consultations all read from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray
from pydantic import Field

from zibo_sim.errors import Refused
from zibo_sim.law import Law, book
from zibo_sim.law.rule import Instant, Number, Whole, rule

LEVELS = ("none", "yellow", "orange", "red")
NONE, YELLOW, ORANGE, RED = range(4)
Level = Literal["none", "yellow", "orange", "red"]
Alert = Literal["yellow", "orange", "red"]

WINDOWS, CALENDAR, ROLLING = range(3)
_COUNTING = {"windows": WINDOWS, "calendar": CALENDAR, "rolling": ROLLING}
_LONGEST_SERIES = 24 * 366 * 20
#: Means are kept to a billionth, so that a sum of decimal values that is 200 does not exceed it.
_DIGITS = 1e9


class Thresholds(NamedTuple):
    """The plan's numbers as plain values, so that compiled code can take them."""

    heavy: float
    severe: float
    peak: float
    yellow_days: int
    orange_days: int
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
    return Thresholds(
        heavy=float(law("alert.aqi.heavy")),
        severe=float(law("alert.aqi.severe")),
        peak=float(law("alert.red.peak")),
        yellow_days=law("alert.yellow.days"),
        orange_days=law("alert.orange.days"),
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
def trailing_means(aqi, dust, t):  # type: ignore[no-untyped-def]
    """145号 四(一): the mean of the 24 hours ending with each hour; NaN where there is none.

    A window with an hour of dust is none (or its dust hours are dropped, by the other reading);
    a window needs its 20 valid hours.
    """
    n = len(aqi)
    means = np.full(n, np.nan)
    needed = max(1, min(t.valid, t.window))
    for end in range(t.window - 1, n):
        total, count, usable = 0.0, 0, True
        for hour in range(end - t.window + 1, end + 1):
            if dust[hour]:
                if t.dust_breaks:
                    usable = False
                    break
            elif not np.isnan(aqi[hour]):
                total += aqi[hour]
                count += 1
        if usable and count >= needed:
            means[end] = np.rint(total / count * _DIGITS) / _DIGITS
    return means


@njit(cache=True)
def _counts(end, over, run, consecutive, t):  # type: ignore[no-untyped-def]
    """Days counted up to the window that ends at `end`, by the reading in use."""
    if not over:
        run[end], consecutive[end] = 0, 0
        return 0
    consecutive[end] = 1 + (consecutive[end - 1] if end > 0 else 0)
    run[end] = 1 + (run[end - t.window] if end >= t.window else 0)
    return consecutive[end] // t.window if t.counting == ROLLING else run[end]


@njit(cache=True)
def find_stretches(means, t, phase):  # type: ignore[no-untyped-def]
    """145号 四(一): hours covered without a break by windows over 200, one row a stretch.

    Read by calendar days alone, only windows that begin at midnight count.

    Parameters
    ----------
    means : ndarray, shape (hours,)
        From `trailing_means`.
    t : Thresholds
    phase : int
        Hours from index 0 to the first midnight, for the calendar reading.

    Returns
    -------
    ndarray, shape (stretches, 7)
        First window's end, last window's end, days over 200, days over 300, peak mean, number of
        windows over 200, level.
    """
    n = len(means)
    run = np.zeros((2, n), dtype=np.int64)
    consecutive = np.zeros((2, n), dtype=np.int64)
    found = np.zeros((n // t.window + 2, 7))
    count = 0
    for end in range(n):
        counts = t.counting != CALENDAR or (end + 1 - phase) % t.window == 0
        over = counts and means[end] > t.heavy
        days = _counts(end, over, run[0], consecutive[0], t)
        severe = _counts(end, counts and means[end] > t.severe, run[1], consecutive[1], t)
        if not over:
            continue
        if count == 0 or end - found[count - 1, 1] > t.window:
            found[count, 0] = end
            count += 1
        row = found[count - 1]
        row[1] = end
        row[2], row[3] = max(row[2], days), max(row[3], severe)
        row[4] = max(row[4], means[end])
        row[5] += 1
    for i in range(count):
        found[i, 6] = level_of(found[i, 2], found[i, 3], found[i, 4], t)
    return found[:count]


@njit(cache=True)
def level_of(days, days_severe, peak, t):  # type: ignore[no-untyped-def]
    """145号 四(一)1–3: the level that so many days and such a peak call for."""
    lasting = days >= t.red_days
    severe = days_severe >= t.red_days_severe
    reached = peak >= t.peak
    red = (lasting and (severe or reached)) if t.red_needs_days else (lasting and severe) or reached
    if red:
        return 3
    if days >= t.orange_days:
        return 2
    return 1 if days >= t.yellow_days else 0


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
        return int(np.sum(measure[last + 1 : following] <= t.heavy))
    longest, running = 0, 0
    for hour in range(last - t.window + 1, following + 1):
        running = running + 1 if measure[hour] <= t.heavy else 0
        longest = max(longest, running)
    return longest


@njit(cache=True)
def _join(into, other, t):  # type: ignore[no-untyped-def]
    into[1] = other[1]
    into[4] = max(into[4], other[4])
    into[5] += other[5]
    if t.merge_adds:
        into[2] += other[2]
        into[3] += other[3]
        into[6] = level_of(into[2], into[3], into[4], t)
    else:
        into[2], into[3] = max(into[2], other[2]), max(into[3], other[3])
        into[6] = max(into[6], other[6])


class Outlook(NamedTuple):
    """What a consultation sees: observed hours of a running episode joined with the forecast.

    Attributes
    ----------
    level : int
        Index into `LEVELS` of the first episode not yet over that calls for an alert.
    onset : int
        First hour of that episode's windows over 200; -1 where there is none.
    present : bool
        The 24-hour mean that ends now is over 200.
    clean : bool
        By now and for 36 hourly values nothing is over 200: the alert may be lifted.
    eased : bool
        The same for 300: red may be lowered.
    worsening : bool
        The mean of the next 24 hours is over 300: no clear improvement is foreseen.
    """

    level: int
    onset: int
    present: bool
    clean: bool
    eased: bool
    worsening: bool


@njit(cache=True)
def look_out(observed, dust, row, now, issued, back, phase, t):  # type: ignore[no-untyped-def]
    """145号 四(二), 四(四): join what was observed with the newest forecast and judge it.

    Parameters
    ----------
    observed : ndarray, shape (hours,)
        Hourly AQI of the season, known up to hour `now`.
    dust : ndarray of bool, shape (hours,)
    row : ndarray, shape (horizon,)
        The forecast of hourly AQI issued at hour `issued`.
    now, issued, back, phase : int
        Hours; `back` says how much of the past is joined, `phase` as in `find_stretches`.
    t : Thresholds

    Returns
    -------
    tuple
        The fields of `Outlook`.
    """
    start = max(0, now - back)
    ahead = min(issued + len(row), len(observed)) - now
    i0 = now - start
    aqi = np.empty(i0 + ahead)
    aqi[:i0] = observed[start:now]
    aqi[i0:] = row[now - issued : now - issued + ahead]
    means = trailing_means(aqi, dust[start : now + ahead], t)
    measure = aqi if t.lift_hourly else means
    found = merge_stretches(find_stretches(means, t, (phase - start) % t.window), measure, t)
    level, onset = 0, -1
    for i in range(len(found)):
        if found[i, 1] >= i0 and found[i, 6] > 0:
            level, onset = int(found[i, 6]), start + int(found[i, 0]) - t.window + 1
            break
    heavy, severe, known = False, False, 0
    for k in range(max(i0 - 1, 0), min(i0 - 1 + t.lift_hours, len(measure))):
        heavy = heavy or measure[k] > t.heavy
        severe = severe or measure[k] > t.severe
        known += not np.isnan(measure[k])
    enough = 2 * known >= t.lift_hours
    last = min(i0 + t.window, len(means)) - 1
    present = i0 > 0 and means[i0 - 1] > t.heavy
    return (
        level,
        onset,
        present,
        enough and not heavy,
        enough and not severe,
        means[last] > t.severe,
    )


#: What a consultation may lead to.
HOLD, PUBLISH, UPGRADE, LOWER, LIFT = range(5)


@njit(cache=True)
def decide(level, begun, seen, clean, eased):  # type: ignore[no-untyped-def]
    """145号 四(三), 四(四): what follows from an outlook.

    Parameters
    ----------
    level : int
        In force now.
    begun : bool
        The episode the alert was issued for has been observed.
    seen : int
        The level that the outlook calls for.
    clean, eased : bool
        As in `Outlook`.

    Returns
    -------
    int
        One of `HOLD`, `PUBLISH`, `UPGRADE`, `LOWER`, `LIFT`.
    """
    if level == 0:
        return PUBLISH if seen > 0 else HOLD
    if clean and (seen == 0 or begun):
        return LIFT
    if seen > level:
        return UPGRADE
    return LOWER if level == RED and eased and seen < RED else HOLD


@njit(cache=True)
def watch(  # type: ignore[no-untyped-def]
    observed, dust, row, issued, first, last, level, begun, floor, back, phase, t, seen
):
    """145号 四(二): consult in real time, hour by hour, until something is to be done.

    Parameters
    ----------
    observed, dust, row, issued, back, phase, t
        As `look_out` takes them.
    first, last : int
        Hours at which a consultation may be held, `last` not included.
    level, begun
        As `decide` takes them.
    floor : int
        Least level that a regional alert demands.
    seen : ndarray of int, shape (last - first,)
        Filled with the level each consultation sees, -1 where none is held.

    Returns
    -------
    tuple of int and bool
        The first hour at which something is to be done, -1 for none; whether the episode has begun.
    """
    for hour in range(first, last):
        seen[hour - first] = -1
        if hour > 0 and observed[hour - 1] > t.heavy:
            sees, _, present, clean, eased, _ = look_out(
                observed, dust, row, hour, issued, back, phase, t
            )
            sees, clean = max(sees, floor), clean and floor == 0
            if decide(level, begun or present, sees, clean, eased) != HOLD:
                return hour, begun
            begun = begun or (level > 0 and present)
            seen[hour - first] = sees
    return -1, begun


class Episode(NamedTuple):
    """One episode of heavy pollution; hours are indices into its series."""

    level: str
    start: int
    end: int
    hours_over_200: int
    peak_24h: float
    days_over_200: int
    days_over_300: int


def find_episodes(
    aqi: NDArray[np.float64],
    dust: NDArray[np.bool_] | None = None,
    law: Law | None = None,
    phase: int = 0,
) -> list[Episode]:
    """145号 四(一), 四(四): the episodes of heavy pollution in an hourly series, in order.

    Parameters
    ----------
    aqi : ndarray, shape (hours,)
        Hourly AQI, NaN where there is none.
    dust : ndarray of bool, optional
    law : Law, optional
    phase : int
        Hours from the first value to the first midnight (for the calendar reading).

    Returns
    -------
    list of Episode
        Level ``none`` where an episode calls for no alert.
    """
    law = law or book()
    t = thresholds(law)
    aqi = np.ascontiguousarray(aqi, dtype=float)
    dust = np.zeros(len(aqi), dtype=bool) if dust is None else np.asarray(dust, dtype=bool)
    means = trailing_means(aqi, dust, t)
    rows = merge_stretches(find_stretches(means, t, phase), aqi if t.lift_hourly else means, t)
    return [
        Episode(
            level=LEVELS[int(row[6])],
            start=int(row[0]) - t.window + 1,
            end=int(row[1]),
            hours_over_200=int(row[5]),
            peak_24h=float(row[4]),
            days_over_200=int(row[2]),
            days_over_300=int(row[3]),
        )
        for row in rows
    ]


Run = Annotated[Sequence[Number], Field(min_length=2, max_length=2)]
Span = Annotated[Sequence[Whole], Field(min_length=2, max_length=2)]


def _expand(
    runs: Sequence[Sequence[float]], spans: Sequence[Sequence[int]], law: Law
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    top = law("aqi.grid")[-1]
    faults = [
        f"aqi[{i}]: {list(run)} is refused; a run is [AQI from 0 to {top}, whole hours above 0]"
        for i, run in enumerate(runs)
        if not 0 <= run[0] <= top or run[1] <= 0 or run[1] != int(run[1])
    ]
    hours = 0 if faults else int(sum(run[1] for run in runs))
    if hours > _LONGEST_SERIES:
        faults.append(f"aqi: {hours} hours are more than {_LONGEST_SERIES}")
    faults += [
        f"dust[{i}]: {list(span)} is refused; a span is [from, to) within 0 to {hours}"
        for i, span in enumerate(spans)
        if not faults and not 0 <= span[0] < span[1] <= hours
    ]
    if faults:
        raise Refused(*faults)
    dust = np.zeros(hours, dtype=bool)
    for start, end in spans:
        dust[start:end] = True
    values = [float(run[0]) for run in runs]
    return np.repeat(values, [int(run[1]) for run in runs]), dust


@rule("air.alert_level")
def alert_level(
    *, aqi: Sequence[Run], dust: Sequence[Span] = (), law: Law | None = None
) -> dict[str, Any]:
    """145号 四(一): the alert level that a series of hourly AQI calls for.

    Parameters
    ----------
    aqi : sequence of [value, hours]
    dust : sequence of [from_hour, to_hour)
    """
    law = law or book()
    t = thresholds(law)
    rows = find_stretches(trailing_means(*_expand(aqi, dust, law), t), t, 0)
    return {"level": LEVELS[max((int(row[6]) for row in rows), default=NONE)]}


@rule("air.episodes")
def episodes(
    *, aqi: Sequence[Run], dust: Sequence[Span] = (), law: Law | None = None
) -> dict[str, Any]:
    """145号 四(四): the levels, in order, of the episodes that reach an alert."""
    law = law or book()
    found = find_episodes(*_expand(aqi, dust, law), law)
    return {"levels": [e.level for e in found if e.level != LEVELS[NONE]]}


def signer(level: str, law: Law) -> str:
    """145号 四(三): who signs an alert of this level."""
    return str(law(f"alert.sign.{level}"))


@rule("air.regional_alert")
def regional_alert(
    *, received: Instant, received_level: Alert, own_level: Level, law: Law | None = None
) -> dict[str, Any]:
    """145号 四(五): a regional alert is published within 4 hours, at the higher of the two levels.

    Returns
    -------
    dict
        ``level``, ``publish_by`` (datetime, the end inside), ``signed_by``.
    """
    law = law or book()
    level = max(received_level, own_level, key=LEVELS.index)
    hours = law("alert.regional.hours")
    try:
        publish_by = received + timedelta(hours=hours)
    except OverflowError:
        raise Refused(f"received: {hours} h after {received} lie beyond every calendar") from None
    return {
        "level": level,
        "publish_by": publish_by,
        "signed_by": signer(level, law),
    }
