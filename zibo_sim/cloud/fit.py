"""Arrivals, service times, rework and refusals estimated from an event log, with 95 % intervals.

Arrivals are counted by working day and office hour; a variance above the mean is taken as a daily
rate that varies (negative binomial counts). Services are lognormal: from their start and complete
rows, or, where a log has none, from the working time between two steps, which holds the waiting
as well and so is an upper bound.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from zibo_sim.clock import Clock
from zibo_sim.cloud.arrivals import working_days
from zibo_sim.cloud.estimates import (
    CONFIDENCE,
    FEWEST,
    TAIL,
    Estimate,
    Fit,
    Profile,
    dispersion,
    evenness,
    exponential_mean,
    lognormal_fit,
    overdispersion,
    share,
)
from zibo_sim.cloud.eventlog import KIND, TIME
from zibo_sim.cloud.service import Event, WorkingDays, cases
from zibo_sim.errors import Refused

Array = NDArray[np.float64]

#: Kinds that come at a daily rate; migration comes in waves, which are not fitted.
RATES = {"new": "new_per_day", "change": "change_per_day", "exit": "exit_per_day"}
#: The steps between which a stage works, where a log has no start and complete rows of it.
BETWEEN = {
    "assessment": ("submitted", ("assessed",)),
    "acceptance": ("assessed", ("accepted", "refused")),
    "audit": ("accepted", ("opinion",)),
    "provisioning": ("opinion", ("test_from",)),
}
STAGES = ("completeness", *BETWEEN)
#: A weekday worked less often than this (make-up weekends) has no rate of its own.
_FEW_DAYS = 4
_HALF_A_DAY = 0.5
#: Past the papers: with any of these they were complete.
_PAST = ("assessed", "assessment", "accepted", "refused", "opinion", "test_from")


def fit_requests(log: pd.DataFrame, opens: float = 9.0, closes: float = 17.0) -> Fit:
    """Estimate what a scenario's cloud needs from an event log.

    Parameters
    ----------
    log : DataFrame
        Columns as in `zibo_sim.cloud.eventlog`.
    opens, closes : float
        Office hours.

    Returns
    -------
    Fit

    Raises
    ------
    Refused
        When the log has fewer than three submissions or working days.
    """
    found = list(cases(log))
    first, last = log[TIME].min().date(), log[TIME].max().date()
    clock = Clock(first, last)
    came = [(kind, _submitted(events)) for _, kind, events in found]
    steady = [(kind, when) for kind, when in came if kind in ("", *RATES)]
    counts = _daily(clock, [when for _, when in steady])
    if len(steady) < FEWEST or len(counts) < FEWEST:
        raise Refused(
            f"{len(steady)} submissions on {len(counts)} working days are too few to fit; "
            f"needed: {FEWEST} of each"
        )
    index, _ = dispersion(counts, np.full(len(counts), counts.mean()))
    week = _week(clock, counts, max(index, 1.0))
    expected = _expected(clock, counts, week)
    index, p_value = dispersion(counts, expected)
    days = WorkingDays(log, None, opens, closes)
    kinded = KIND in log and any(kind for kind, _ in steady)
    estimates = [
        *_rates(clock, steady, kinded),
        _day_cv(counts, expected),
        *_services(found, days),
        *_shares(found, days),
    ]
    hours = _hours([when for _, when in steady], opens, closes)
    out = len(came) - len(steady)
    return Fit(estimates, [week, hours], first, last, len(found), index, p_value, out)


def _expected(clock: Clock, counts: Array, week: Profile) -> Array:
    """Return the expected counts of each working day: by weekday where weekdays differ."""
    level = np.ones(len(counts))
    if week.p_value < 1 - CONFIDENCE:
        level = np.array([max(week.weights[d.weekday()], 1e-9) for d in working_days(clock)])
    return np.asarray(counts.mean() * level)


def _submitted(events: list[Event]) -> datetime:
    return next((when for name, _, when in events if name == "submitted"), events[0][2])


def _daily(clock: Clock, times: list[datetime]) -> Array:
    """Count by working day; what comes on a free day counts for the working day after it."""
    days = working_days(clock)
    numbers = np.array([day.toordinal() for day in days])
    at = np.searchsorted(numbers, [when.date().toordinal() for when in times])
    return np.bincount(at[at < len(days)], minlength=len(days)).astype(float)


def _rates(clock: Clock, came: list[tuple[str, datetime]], kinded: bool) -> Iterator[Estimate]:
    for kind, key in RATES.items():
        times = [when for name, when in came if (name if kinded else "new") == kind]
        counts = _daily(clock, times)
        mean, n = float(counts.mean()), len(counts)
        half = float(stats.t.ppf(1 - TAIL, n - 1) * counts.std(ddof=1)) / math.sqrt(n)
        low, high = max(mean - half, 0.0), mean + half
        if not times:
            high = -math.log(TAIL) / n
        said = "mean of daily counts; Student's interval, which holds for over-dispersed counts"
        yield Estimate(f"cloud.arrivals.{key}", mean, low, high, len(times), said)


def _day_cv(counts: Array, expected: Array) -> Estimate:
    """Fit a negative binomial: counts are Poisson at a rate that varies as a gamma variable."""
    value, low, high = overdispersion(counts, expected)
    said = "negative binomial by maximum likelihood, likelihood interval; 0 is Poisson"
    return Estimate("cloud.arrivals.day_cv", value, low, high, len(counts), said)


def _week(clock: Clock, counts: Array, index: float) -> Profile:
    """Return rates by weekday relative to the mean, Monday first; 1 where few were worked.

    Whether they differ is judged with the dispersion `index`: busy days are no busy weekdays.
    """
    days = np.array([day.weekday() for day in working_days(clock)])
    worked = np.asarray(np.bincount(days, minlength=7), dtype=float)
    came = np.asarray(np.bincount(days, weights=counts, minlength=7), dtype=float)
    expected = counts.mean() * worked
    weights = np.where(worked >= _FEW_DAYS, came / np.maximum(expected, 1e-12), 1.0)
    said = tuple(round(float(w), 3) for w in weights)
    p_value = evenness(came[worked > 0], expected[worked > 0], index)
    return Profile("cloud.arrivals.weekday_weights", said, tuple(map(int, came)), p_value)


def _hours(times: list[datetime], opens: float, closes: float) -> Profile:
    """Return rates by office hour relative to the mean; what comes outside counts at the edge."""
    parts = max(round(closes - opens), 1)
    at = [(t.hour + t.minute / 60 - opens) / (closes - opens) * parts for t in times]
    counts = np.bincount(np.clip(at, 0, parts - 1).astype(int), minlength=parts).astype(float)
    expected = np.full(parts, counts.mean())
    weights = tuple(round(float(c / counts.mean()), 3) for c in counts)
    p_value = 1.0 if dates_only(times) else evenness(counts, expected)
    return Profile("cloud.arrivals.hour_weights", weights, tuple(map(int, counts)), p_value)


def dates_only(times: list[datetime]) -> bool:
    """Say whether a log has days and no times of day."""
    return all(when.hour == when.minute == when.second == 0 for when in times)


def _services(found: list[tuple[str, str, list[Event]]], days: WorkingDays) -> Iterator[Estimate]:
    for stage in STAGES:
        served = [t for _, _, events in found for t in _served(events, stage, days)]
        said = "lognormal, from start to complete"
        if not served and stage in BETWEEN:
            served = [t for _, _, events in found for t in _between(events, stage, days)]
            said = "lognormal, working time between steps: HOLDS THE WAITING, an upper bound"
            if dates_only([when for _, _, events in found for _, _, when in events]):
                served = [max(t, _HALF_A_DAY) for t in served]
                said += "; from dates alone, the same day taken as half a day"
        yield from lognormal_fit(stage, np.array(served), said)


def _served(events: list[Event], stage: str, days: WorkingDays) -> Iterator[float]:
    begun: datetime | None = None
    for name, transition, when in events:
        if name == stage and transition == "start":
            begun = when
        elif name == stage and transition == "complete" and begun is not None:
            yield days.between(begun, when)
            begun = None


def _between(events: list[Event], stage: str, days: WorkingDays) -> Iterator[float]:
    start, ends = BETWEEN[stage]
    first = [when for name, how, when in events if name == start and how == "complete"]
    last = [when for name, how, when in events if name in ends and how == "complete"]
    if first and last and last[-1] >= first[-1]:
        away = sum(d for a, d in _pauses(events, days) if first[-1] <= a <= last[-1])
        yield days.between(first[-1], last[-1]) - away


def _pauses(events: list[Event], days: WorkingDays) -> Iterator[tuple[datetime, float]]:
    since: datetime | None = None
    for _, transition, when in events:
        if transition == "suspend":
            since = since or when
        elif transition == "resume" and since is not None:
            yield since, days.between(since, when)
            since = None


def _shares(found: list[tuple[str, str, list[Event]]], days: WorkingDays) -> Iterator[Estimate]:
    """Yield the shares of returned checks and of refusals, and the time at the applicant."""
    returned = sum(how == "suspend" for _, _, events in found for _, how, _ in _papers(events))
    passed = sum(any(e[0] in _PAST for e in events) for _, _, events in found)
    if any(how == "suspend" for _, _, events in found for _, how, _ in events):
        yield from share("cloud.requests.rework_share", returned, returned + passed, "checks")
    away = [d for _, _, events in found for _, d in _pauses(_papers(events), days)]
    yield from exponential_mean("cloud.requests.rework_mean_days", away, "pauses that ended")
    names = [{e[0] for e in events if e[1] == "complete"} for _, _, events in found]
    refused = sum("refused" in seen for seen in names)
    decided = sum(bool(seen & {"refused", "accepted"}) for seen in names)
    yield from share("cloud.requests.refusal_share", refused, decided, "decisions")


def _papers(events: list[Event]) -> list[Event]:
    """Return the events before the papers were complete."""
    at = next((i for i, e in enumerate(events) if e[0] in _PAST), len(events))
    return events[:at]
