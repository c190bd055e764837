"""When requests come: on working days, in office hours, evenly or as busy days and hours have it.

Arrivals of a source are a Poisson process of rate one in *operational time*: another rate, a busy
day or a busy hour stretches and squeezes it and leaves the draws where they are. A daily rate that
varies as a gamma variable makes the counts of a day negative binomial.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv

from zibo_sim.clock import Clock, working_calendar
from zibo_sim.cloud.arrival_parameters import Arrivals
from zibo_sim.streams import Streams

Array = NDArray[np.float64]

#: Enough work, in hours, to tell the opening of the next office day from the night before it.
A_MOMENT = 1e-6


class OfficeHours(Protocol):
    """When staff work; `zibo_sim.clock.WorkingTime` is the usual one."""

    per_day: float

    def elapsed(self, hour: float) -> float:
        """Return working hours between hour 0 and `hour`."""

    def advance(self, hour: float, work: float) -> float:
        """Return the instant by which `work` working hours have passed since `hour`."""


@lru_cache(8)
def working_days(clock: Clock) -> tuple[date, ...]:
    """Return the working days of a period."""
    days = (clock.start + timedelta(days=number) for number in range(clock.days))
    return tuple(day for day in days if working_calendar().is_working(day))


def poisson(rng: np.random.Generator, expected: float) -> Array:
    """Return the points of a Poisson process of rate one before `expected`."""
    size, start = int(expected + 6 * math.sqrt(expected)) + 8, rng.bit_generator.state
    while (due := rng.standard_exponential(size).cumsum())[-1] < expected:
        size, rng.bit_generator.state = size * 2, start
    found: Array = due[due < expected]
    return found


def arrivals(
    rng: np.random.Generator, rate: float, factors: Array | None, rules: Arrivals,
    office: OfficeHours, clock: Clock,
) -> list[float]:  # fmt: skip
    """Return when the requests of one source come, in simulation hours.

    Parameters
    ----------
    rng : numpy.random.Generator
    rate : float
        A working day, on average.
    factors : ndarray or None
        From `day_factors`.
    rules : Arrivals
    office : OfficeHours
    clock : Clock
    """
    if factors is None:
        expected = rate * office.elapsed(clock.hours) / office.per_day
        days = poisson(rng, expected) / rate if rate else np.empty(0)
        work = days * office.per_day
    else:
        work = _shaped(rng, rate * factors, rules.hour_weights) * office.per_day + A_MOMENT
    return [office.advance(0.0, hours) for hours in work.tolist()]


def _shaped(rng: np.random.Generator, rates: Array, weights: Sequence[float]) -> Array:
    """Return arrivals in working days since the first: whole days and the part of the last."""
    edges = np.concatenate([[0.0], rates.cumsum()])
    due = poisson(rng, float(edges[-1]))
    day = np.searchsorted(edges, due, side="right") - 1
    part = (due - edges[day]) / rates[day]
    shares = np.concatenate([[0.0], np.cumsum(weights or (1.0,))])
    at: Array = np.interp(part, shares / shares[-1], np.linspace(0.0, 1.0, len(shares)))
    return day + at


def day_factors(rules: Arrivals, clock: Clock, streams: Streams) -> Array | None:
    """Return how busy each working day of the period is, 1 on average; None where all are equal.

    The factors hold for all sources: a busy day is busy for each of them.
    """
    days = working_days(clock)
    if not (rules.day_cv or rules.weekday_weights or rules.hour_weights) or not days:
        return None
    factors = np.ones(len(days))
    if rules.day_cv:
        shape = rules.day_cv**-2
        factors = gammaincinv(shape, streams("cloud.arrivals.day_rate").random(len(days))) / shape
    if rules.weekday_weights:
        week = np.array([rules.weekday_weights[day.weekday()] for day in days])
        factors = factors * week / (week.mean() or 1.0)
    return factors
