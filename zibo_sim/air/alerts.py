"""When the heavy-pollution plan calls for which alert: 淄政办字〔2018〕145号 四, as pure functions.

The compiled pass that finds stretches of heavy pollution is in `zibo_sim.air.stretches`; levels,
episodes and the desk's table read from it here, consultations in `zibo_sim.air.consultation`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from zibo_sim.air.stretches import (
    LEVELS,
    NONE,
    find_stretches,
    merge_stretches,
    thresholds,
    trailing_means,
)
from zibo_sim.errors import Refused
from zibo_sim.law import Law, book
from zibo_sim.law.rule import Instant, Number, Whole, rule

Level = Literal["none", "yellow", "orange", "red"]
Alert = Literal["yellow", "orange", "red"]

_LONGEST_SERIES = 24 * 366 * 20


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
    stretches = find_stretches(means, aqi, t, phase)
    rows = merge_stretches(stretches, aqi if t.lift_hourly else means, t)
    return [
        Episode(
            level=LEVELS[int(row[6])],
            start=int(row[0]) - t.window + 1,
            end=int(row[1]),
            hours_over_200=int(row[5]),
            peak_24h=float(row[4]),
            days_over_200=int(row[7]),
            days_over_300=int(row[3]),
        )
        for row in rows
    ]


#: A series of no hour calls for nothing that anybody could know; it is refused.
Run = Annotated[Sequence[Number], Field(min_length=2, max_length=2)]
Runs = Annotated[Sequence[Run], Field(min_length=1)]
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
def alert_level(*, aqi: Runs, dust: Sequence[Span] = (), law: Law | None = None) -> dict[str, Any]:
    """145号 四(一): the alert level that a series of hourly AQI calls for.

    Parameters
    ----------
    aqi : sequence of [value, hours]
        Hourly AQI (no unit) in runs: ``[[210, 48]]`` is 210 for 48 hours.
    dust : sequence of [from_hour, to_hour)
        Hours of dust, from the first hour of the series; no window may hold one.
    law : Law, optional
        The law book as printed when left out.

    Returns
    -------
    dict
        ``level``: ``none``, ``yellow``, ``orange`` or ``red``.

    Raises
    ------
    Refused
        For values outside 0 to 500, runs without hours, and spans outside the series.

    Examples
    --------
    >>> from zibo_sim.rulebook import rules
    >>> rules["air.alert_level"](aqi=[[210, 48]])
    {'level': 'yellow'}
    >>> rules["air.alert_level"](aqi=[[210, 47]])
    {'level': 'none'}
    """
    law = law or book()
    t = thresholds(law)
    hourly, dusty = _expand(aqi, dust, law)
    rows = find_stretches(trailing_means(hourly, dusty, t), hourly, t, 0)
    return {"level": LEVELS[max((int(row[6]) for row in rows), default=NONE)]}


@rule("air.episodes")
def episodes(*, aqi: Runs, dust: Sequence[Span] = (), law: Law | None = None) -> dict[str, Any]:
    """145号 四(四): the levels, in order, of the episodes that reach an alert.

    Parameters
    ----------
    aqi : sequence of [value, hours]
        As `alert_level` takes it.
    dust : sequence of [from_hour, to_hour)
    law : Law, optional
        The law book as printed when left out.

    Returns
    -------
    dict
        ``levels``: a list of ``yellow``, ``orange``, ``red``.

    Raises
    ------
    Refused
        As `alert_level` does.

    Examples
    --------
    >>> from zibo_sim.rulebook import rules
    >>> rules["air.episodes"](aqi=[[250, 72], [100, 60], [250, 48]])
    {'levels': ['orange', 'yellow']}
    """
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

    Parameters
    ----------
    received : datetime
        When the province's or the region's alert arrived, Beijing time.
    received_level : {"yellow", "orange", "red"}
    own_level : {"none", "yellow", "orange", "red"}
        What the city's own air calls for.
    law : Law, optional
        The law book as printed when left out.

    Returns
    -------
    dict
        ``level``, ``publish_by`` (datetime, the end inside), ``signed_by``.

    Raises
    ------
    Refused
        For inputs that do not fit.

    Examples
    --------
    >>> from zibo_sim.rulebook import rules
    >>> found = rules["air.regional_alert"](
    ...     received="2018-12-01T08:00", received_level="orange", own_level="yellow"
    ... )
    >>> found["level"], found["publish_by"].isoformat()
    ('orange', '2018-12-01T12:00:00')
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
