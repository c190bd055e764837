"""Simulated seasons cut to the dates and gaps of a measured one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zibo_sim.air.statistics import Span, daily_means
from zibo_sim.clock import HOURS_PER_DAY, Clock
from zibo_sim.errors import Refused
from zibo_sim.model import run_air
from zibo_sim.scenario import Scenario
from zibo_sim.workers import Workers, processes

Floats = NDArray[np.float64]
Progress = Callable[[int], Any]
Mapper = Callable[[Callable[[Any], Any], Sequence[Any]], list[Any]]

FEWEST_DAYS, MOST_DAYS = 30, 366
FEWEST_SEASONS, MOST_SEASONS = 20, 5000
_CHUNK = 10


@dataclass(frozen=True)
class Measured:
    """Hourly PM2.5 of one measured season, on whole days.

    Attributes
    ----------
    source : str
    first : date
    pm25 : ndarray, shape (24 · days,)
        µg/m³; NaN in gaps and before the first and after the last hour of the record.
    span : Span
    """

    source: str
    first: date
    pm25: Floats
    span: Span

    @classmethod
    def of(cls, start: datetime, pm25: Floats, source: str) -> Measured:
        """Put a record on whole days.

        Parameters
        ----------
        start : datetime
            Its first hour.
        pm25 : ndarray, shape (hours,)
            µg/m³, NaN where there is no value.
        source : str
            What the record is called when it is refused.

        Raises
        ------
        Refused
            For more than a year, or too few days to speak of a season.
        """
        known = np.flatnonzero(np.isfinite(pm25))
        if len(known) == 0:
            raise Refused("has no value of pm25", where=source)
        start, pm25 = start + timedelta(hours=int(known[0])), pm25[known[0] : known[-1] + 1]
        hours = np.full(-(-(start.hour + len(pm25)) // HOURS_PER_DAY) * HOURS_PER_DAY, np.nan)
        hours[start.hour : start.hour + len(pm25)] = pm25
        days, valid = len(hours) // HOURS_PER_DAY, int(np.isfinite(daily_means(hours[None])).sum())
        if valid < FEWEST_DAYS or days > MOST_DAYS:
            raise Refused(
                f"pm25 covers {days} days, {valid} of them valid; allowed is one season of "
                f"{FEWEST_DAYS} valid days to {MOST_DAYS} days",
                where=source,
            )
        return cls(source, start.date(), hours, Span.of(start.date(), hours))

    @property
    def last(self) -> date:
        """The last day."""
        return self.first + timedelta(days=self.span.days - 1)

    @property
    def valid_days(self) -> int:
        """Days with a mean."""
        return int(np.isfinite(daily_means(self.pm25[None])).sum())

    def cut(self, seasons: Floats) -> Floats:
        """Return seasons with this record's gaps, shape ``(seasons, hours)``."""
        return np.where(np.isnan(self.pm25), np.nan, seasons)

    def placed_in(self, scenario: Scenario) -> Scenario:
        """Return the scenario over a period that holds the record's dates.

        Its own period where that is so; else the record's.
        """
        if scenario.period.start <= self.first and self.last <= scenario.period.end:
            return scenario
        return scenario.replace({"period.start": self.first, "period.end": self.last})

    def window(self, clock: Clock) -> slice:
        """Return which hours of a period are the record's."""
        first = int(clock.hour(self.first))
        return slice(first, first + len(self.pm25))


@dataclass(frozen=True)
class Simulated:
    """Simulated seasons over a record's dates, with its gaps.

    Attributes
    ----------
    pm25 : ndarray, shape (seasons, hours)
        µg/m³.
    whole_mean : ndarray, shape (seasons,)
        Mean PM2.5 of the scenario's whole period, µg/m³.
    """

    pm25: Floats
    whole_mean: Floats


@contextmanager
def workers(jobs: int) -> Iterator[Mapper]:
    """Give a map over `jobs` processes (0: one a processor) whose results keep their order."""
    if processes(jobs) == 1:
        yield lambda call, items: [call(item) for item in items]
        return
    with Workers(processes(jobs)) as pool:
        yield lambda call, items: list(pool.map(call, items))


def _season(
    scenario: Scenario, seed: int, measures: bool, window: slice, replication: int
) -> tuple[Floats, float]:
    pm25 = run_air(scenario, seed, replication, measures).pm25
    return pm25[window].copy(), float(pm25.mean())


def _seasons(
    scenario: Scenario, seed: int, measures: bool, window: slice, replications: Sequence[int]
) -> list[tuple[Floats, float]]:
    return [_season(scenario, seed, measures, window, number) for number in replications]


def simulate(
    scenario: Scenario,
    measured: Measured,
    seasons: int,
    seed: int,
    *,
    measures: bool = True,
    mapper: Mapper | None = None,
    progress: Progress | None = None,
) -> Simulated:
    """Simulate seasons over a record's dates.

    Parameters
    ----------
    scenario : Scenario
    measured : Measured
    seasons, seed : int
        The result does not depend on who computes it.
    measures : bool
        Whether the alert plan is in force.
    mapper : callable, optional
        From `workers`.
    progress : callable, optional
        Told how many seasons were done.
    """
    if not FEWEST_SEASONS <= seasons <= MOST_SEASONS:
        raise Refused(
            f"seasons: {seasons} is refused; allowed is {FEWEST_SEASONS} to {MOST_SEASONS}"
        )
    placed = measured.placed_in(scenario)
    task = partial(_seasons, placed, seed, measures, measured.window(placed.clock()))
    rows = task([0])  # in this process first: it compiles what is not cached
    chunks = [range(i, min(i + _CHUNK, seasons)) for i in range(1, seasons, _CHUNK)]
    apply = mapper or (lambda call, items: [call(item) for item in items])
    said = progress or (lambda done: None)
    said(1)
    for i in range(0, len(chunks), _CHUNK):
        some = [row for chunk in apply(task, chunks[i : i + _CHUNK]) for row in chunk]
        rows += some
        said(len(some))
    pm25 = measured.cut(np.array([hours for hours, _ in rows]))
    return Simulated(pm25, np.array([mean for _, mean in rows]))
