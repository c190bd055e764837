"""What a consultation saw, worked out anew: measured hours joined with the newest forecast."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from zibo_sim.air.stretches import LEVELS, NONE, find_stretches, merge_stretches, trailing_means
from zibo_sim.explanation.case import Case


class Foreseen(NamedTuple):
    """The episode a consultation had before it; hours are simulation hours.

    Attributes
    ----------
    level : str
        What it calls for.
    start, end : int
        First and last hour of its windows over the threshold.
    days_over_200, days_over_300 : int
    peak : float
        Its highest 24-hour mean.
    """

    level: str
    start: int
    end: int
    days_over_200: int
    days_over_300: int
    peak: float


class Outlook(NamedTuple):
    """What a consultation at one hour saw.

    Attributes
    ----------
    issued : int
        Hour of the newest forecast; -1 where there was none.
    episode : Foreseen or None
        The first episode not yet over that calls for an alert, else the gravest that does not.
    highest : float
        The highest 24-hour mean that ends in the next 36 hours.
    """

    issued: int
    episode: Foreseen | None
    highest: float


def outlook(case: Case, hour: int, since: int = 0) -> Outlook:
    """Return what a consultation at `hour` saw.

    Parameters
    ----------
    case : Case
    hour : int
    since : int
        Nothing before is joined: an alert that was lowered forgets what went before.
    """
    vintages, sky, t = case.air.vintages, case.air.air, case.air.thresholds
    issue = vintages.latest(hour)
    if issue < 0:
        return Outlook(-1, None, float("nan"))
    issued = int(vintages.issued[issue])
    ahead = min(issued + vintages.horizon, case.air.hours) - hour
    row = vintages.aqi[issue, hour - issued : hour - issued + ahead]
    whole = np.ascontiguousarray(np.concatenate([sky.aqi[:hour], row]))
    all_means = trailing_means(whole, np.ascontiguousarray(sky.dust[: hour + ahead]), t)
    aqi, means, now = whole[since:], all_means[since:], hour - since
    near = means[max(now - 1, 0) : now - 1 + t.lift_hours]
    highest = float(np.nanmax(near)) if np.isfinite(near).any() else float("nan")
    found = merge_stretches(
        find_stretches(means, aqi, t, -since % t.window), aqi if t.lift_hourly else means, t
    )
    open_ones = [episode_of(row, since, t.window) for row in found if row[1] >= now]
    calling = [e for e in open_ones if e.level != LEVELS[NONE]]
    gravest = max(open_ones, key=lambda e: e.peak, default=None)
    return Outlook(issued, calling[0] if calling else gravest, highest)


def episode_of(row: np.ndarray, since: int, window: int) -> Foreseen:
    """Return one of the rows of `find_stretches` in simulation hours."""
    first, last = int(row[0]) + since, int(row[1]) + since
    return Foreseen(
        LEVELS[int(row[6])], first - window + 1, last, int(row[7]), int(row[3]), float(row[4])
    )
