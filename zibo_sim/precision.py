"""Replications until an interval is as narrow as was asked for, or a bound is hit.

How it samples (`until_precise`): a first stage of `FIRST_STAGE` replications or more; then, at each
look, the number that the spread seen so far asks for, ``n · (half-width ÷ wanted)²``, of the metric
that needs most; at least `_STEP` more and at most twice as many as there are. It stops at the first
look at which every half-width is as wanted (Chow & Robbins 1965; the projection keeps the looks
few, and each look makes the last interval a little too hopeful). The coverage that is left is
measured in ``tests/benchmarks/bench_coverage.py``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

import pandas as pd

from zibo_sim.errors import Refused, unknown

#: As many as a comparison without a precision has: a shorter first stage often sees no winter of a
#: skewed metric's long tail, takes its spread for small and stops too early.
FIRST_STAGE = 60
LEAST = 30
MOST = 2000
_STEP = 10

Asked = float | Mapping[str, "float | str"]
State = TypeVar("State")


class Aim(NamedTuple):
    """How wide one interval is and may be.

    Attributes
    ----------
    variant, metric : str
    half_width, wanted : float
    counts : bool
        Whether the stop waits for it.
    why_not : str
        Where it does not: ``equal``, ``signed``, ``undefined``, ``rare`` or ``yes_no``.
    """

    variant: str
    metric: str
    half_width: float
    wanted: float
    counts: bool = True
    why_not: str = ""

    @property
    def reached(self) -> bool:
        """Whether the interval is as narrow as wanted."""
        return self.half_width <= self.wanted

    @property
    def excess(self) -> float:
        """Half-width ÷ wanted; infinite where one of them is unknown."""
        if self.reached:
            return self.half_width / self.wanted if self.wanted else 0.0
        ratio = self.half_width / self.wanted if self.wanted > 0 else math.inf
        return ratio if math.isfinite(ratio) else math.inf


@dataclass(frozen=True)
class Wish:
    """What precision was asked for.

    Attributes
    ----------
    relative : mapping of metric to float
        Half-width as a share of the base's mean.
    absolute : mapping of metric to float
        Half-width in the metric's unit.
    overall : float or None
        A share of the base's mean for the metrics that nobody named.
    """

    overall: float | None = None
    relative: Mapping[str, float] = field(default_factory=dict)
    absolute: Mapping[str, float] = field(default_factory=dict)


def wish(asked: Asked, metrics: Iterable[str]) -> Wish:
    """Read what a user asked for: one share for all, or a half-width by metric.

    Parameters
    ----------
    asked : float, or mapping of metric to float or str
        A plain number is a share of the base's mean; by metric, a number is in the metric's unit
        and ``"5%"`` a share of the base's mean.
    metrics : iterable of str
        The names that exist.

    Raises
    ------
    Refused
        Naming every unknown metric and every value out of range.
    """
    if not isinstance(asked, Mapping):
        return Wish(_positive("precision", asked))
    names, faults = list(metrics), list[str]()
    relative, absolute = dict[str, float](), dict[str, float]()
    for name, value in asked.items():
        try:
            if name not in names:
                faults.append(unknown("metric", name, names))
            elif isinstance(value, str) and value.strip().endswith("%"):
                relative[name] = _positive(f"precision of {name}", value.strip()[:-1]) / 100
            else:
                absolute[name] = _positive(f"precision of {name}", value)
        except Refused as refusal:
            faults += refusal.faults
    if faults or not asked:
        raise Refused(*(faults or ["precision: no metric is given"]))
    return Wish(None, relative, absolute)


def _positive(what: str, value: object) -> float:
    try:
        number = math.nan if isinstance(value, bool) else float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        number = math.nan
    if not (math.isfinite(number) and number > 0):
        raise Refused(f"{what}: {value!r} is refused; allowed is a number above 0")
    return number


@dataclass(frozen=True)
class Precision:
    """What was asked for and what came of it.

    Attributes
    ----------
    asked : float or mapping
        As it was given.
    reached : bool
        Whether every interval that counts is as narrow as wanted; else the bound was hit.
    replications : int
        Pairs in the end.
    most : int
        The bound.
    stages : tuple of int
        Pairs at each look.
    aims : tuple of Aim
        At the last look.
    """

    asked: Asked
    reached: bool
    replications: int
    most: int
    stages: tuple[int, ...]
    aims: tuple[Aim, ...]

    @property
    def table(self) -> pd.DataFrame:
        """One row a variant and metric: ``half_width wanted counts why_not reached``."""
        rows = [(*aim, aim.reached) for aim in self.aims]
        frame = pd.DataFrame(rows, columns=[*Aim._fields, "reached"])
        return frame.set_index(["variant", "metric"])

    @property
    def too_wide(self) -> list[Aim]:
        """Those that count and are wider than wanted."""
        return [aim for aim in self.aims if aim.counts and not aim.reached]


def until_precise(
    extend: Callable[[State | None, int, int], State],
    aims: Callable[[State], Sequence[Aim]],
    *,
    asked: Asked = math.nan,
    first_stage: int | None = None,
    most: int = MOST,
    planned: Callable[[int], object] = lambda total: None,
) -> tuple[State, Precision]:
    """Add replications until every aim that counts is reached, or there are `most`.

    Parameters
    ----------
    extend : callable
        Given the state (None at first), the number of the first replication to add and how many,
        it returns the state with them added.
    aims : callable
        Says of a state how wide its intervals are and may be.
    asked : float or mapping
        To be kept in the answer.
    first_stage : int, optional
        Default: `FIRST_STAGE`, or `most` where that is less, but `LEAST` or more.
    most : int
    planned : callable, optional
        Told how many replications there will be, each time that changes.

    Examples
    --------
    A coin, until the half-width is 0.1:

    >>> import numpy as np
    >>> from zibo_sim.experiment import interval
    >>> toss = np.random.default_rng(1).random(5000) < 0.5
    >>> def extend(state, first, count):
    ...     return toss[: first + count]
    >>> def aims(tosses):
    ...     mean, low, high, _ = interval(tosses)
    ...     return [Aim("coin", "heads", (high - low) / 2, 0.1)]
    >>> tosses, told = until_precise(extend, aims)
    >>> told.reached, told.aims[0].half_width <= 0.1
    (True, True)
    """
    if first_stage is None:
        first_stage = max(min(FIRST_STAGE, most), LEAST)
    if not 2 <= first_stage <= most:
        raise Refused(f"most: {most} is refused; allowed is {max(first_stage, 2)} or more")
    state, count, goal, stages = None, 0, first_stage, list[int]()
    while True:
        planned(goal)
        state = extend(state, count, goal - count)
        count = goal
        stages.append(count)
        found = aims(state)
        excess = max((aim.excess for aim in found if aim.counts), default=0.0)
        if all(aim.reached for aim in found if aim.counts) or count >= most:
            break
        goal = _next(count, excess, most)
    reached = all(aim.reached for aim in found if aim.counts)
    return state, Precision(asked, reached, count, most, tuple(stages), tuple(found))


def _next(count: int, excess: float, most: int) -> int:
    """Return how many replications to look at next."""
    projected = math.ceil(min(count * excess**2, 2.0 * count))
    return min(max(projected, count + _STEP), 2 * count, most)
