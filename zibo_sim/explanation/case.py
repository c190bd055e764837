"""The run that is explained: its records, read once, and how statements are made from them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zibo_sim.air.stretches import LEVELS, trailing_means
from zibo_sim.explanation.said import Statement, Word, cite
from zibo_sim.ledger.gather import records
from zibo_sim.ledger.record import AlertRecord
from zibo_sim.outcomes import Facts
from zibo_sim.results import Run

Explainer = Callable[["Case", str], Iterator[Statement]]


class Case:
    """One replication and what explanations of its metrics share.

    Parameters
    ----------
    run : Run
    """

    def __init__(self, run: Run) -> None:
        self.run, self.outcome = run, run.outcome
        self.law, self.clock, self.air = run.outcome.law, run.outcome.clock, run.outcome.air
        self.facts = Facts(run.outcome)

    @cached_property
    def records(self) -> list[AlertRecord]:
        """What happened in each alert."""
        return records(self.run)

    @cached_property
    def no_measures(self) -> NDArray[np.float64]:
        """The trailing 24-hour mean of AQI without measures."""
        sky = self.air.air
        means: NDArray[np.float64] = trailing_means(
            sky.aqi_no_measures, sky.dust, self.air.thresholds
        )
        return means

    def time(self, hour: float) -> datetime:
        """Return when a simulation hour is."""
        return self.clock.datetime(hour)

    def day(self, number: int) -> date:
        """Return the date of a day of the period, counted from 0."""
        return self.clock.date(24 * number)

    def say(self, key: str, *clauses: str, depth: int = 0, **about: Any) -> Statement:
        """Return a statement; clauses are law-book ids or clauses that the book has."""
        return Statement(key, about, tuple(cite(self.law, c) for c in clauses), depth)

    def hours_in_force(self, number: int) -> dict[str, int]:
        """Return the hours that an alert counts at each level, as the metrics count them."""
        alert = self.air.alerts[number]
        ends = self.air.until if alert.lifted is None else alert.lifted
        inside = slice(int(np.ceil(alert.published)), int(np.ceil(ends)))
        level = self.facts.level[inside]
        return {name: int((level == i).sum()) for i, name in enumerate(LEVELS) if i}

    def dusty(self, first: int, last: int) -> int:
        """Return the hours of dust from `first` up to `last`."""
        return int(self.air.air.dust[max(first, 0) : last].sum())


def colour(level: str) -> Word:
    """Return a level as it is said."""
    return Word(f"colour.{level}")
