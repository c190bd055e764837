"""The smallest level of an input that reaches a goal, with the evidence: the fewest staff, say.

The levels are tried by bisection, which takes for granted that more is never worse; the neighbours
of the answer and every step between levels tried are then checked against that. All levels share
their draws. A level meets the goal, or fails it, when its interval lies on one side of the bound;
until then its replications are doubled. At most `LOOKS` looks are taken, each at 1 − 5 % ÷ `LOOKS`,
so that the verdict on a level is wrong in at most one case in twenty (Bonferroni).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import betaincinv

from zibo_sim.contrasts import paired
from zibo_sim.errors import Refused, unknown
from zibo_sim.experiment import Progress, interval, replicate
from zibo_sim.metrics import metric_names
from zibo_sim.scenario import Scenario
from zibo_sim.workers import workers

Floats = NDArray[np.float64]
Level = int | float
MEETS, FAILS, UNDECIDED = "meets", "fails", "undecided"
FOUND, NOT_SHARP, NONE = "found", "not sharp", "none"
REPLICATIONS, LOOKS = 30, 5
LOW, HIGH = 1, 20
MOST_LEVELS = 100_000
_RISK = 0.05


class Goal(NamedTuple):
    """What is to be reached.

    Attributes
    ----------
    metric : str
    bound : float
    at_least : bool
        Whether the metric is to be at least the bound; else at most.
    share : float or None
        Share of replications that are to keep the bound; where None, their mean is to.
    """

    metric: str
    bound: float
    at_least: bool
    share: float | None = None

    def judge(self, values: Floats, confidence: float) -> tuple[float, float, float, str]:
        """Return the estimate, its interval and whether the goal is met by it."""
        known = values[np.isfinite(values)]
        if self.share is None:
            estimate, low, high, _ = interval(known, confidence)
            bound, up = self.bound, self.at_least
        else:
            kept = known >= self.bound if self.at_least else known <= self.bound
            estimate, low, high = proportion(int(kept.sum()), len(kept), confidence)
            bound, up = self.share, True
        return estimate, low, high, _verdict(low, high, bound, up)


def _verdict(low: float, high: float, bound: float, at_least: bool) -> str:
    if not at_least:
        low, high, bound = -high, -low, -bound
    if low >= bound:
        return MEETS
    return FAILS if high < bound else UNDECIDED


def proportion(hits: int, runs: int, confidence: float) -> tuple[float, float, float]:
    """Return a share with its exact binomial interval (Clopper & Pearson 1934)."""
    if not runs:
        return math.nan, math.nan, math.nan
    tail = (1 - confidence) / 2
    low = float(betaincinv(hits, runs - hits + 1, tail)) if hits else 0.0
    high = float(betaincinv(hits + 1, runs - hits, 1 - tail)) if hits < runs else 1.0
    return hits / runs, low, high


@dataclass(frozen=True)
class Sought:
    """The answer and what it rests on.

    Attributes
    ----------
    key : str
    goal : Goal
    largest : bool
        Whether the largest level was sought.
    levels : tuple
        The levels allowed, the most wanted first.
    outcome : str
        ``found``; ``not sharp`` where the next level is neither shown to meet nor to fail the
        goal; ``none`` where no level is shown to meet it.
    answer : int, float or None
        The most wanted level that is shown to meet the goal.
    monotone : bool
        False where a level tried is shown to be worse than a less wanted one should be.
    table : DataFrame
        Every level tried: ``estimate low high runs verdict``, by level.
    """

    key: str
    goal: Goal
    largest: bool
    levels: tuple[Level, ...]
    outcome: str
    answer: Level | None
    monotone: bool
    table: pd.DataFrame


Sampler = Callable[[Level, int, int], Floats]


@dataclass
class Trials:
    """The levels tried so far; each is tried until it is decided or the looks are used up."""

    sample: Sampler
    goal: Goal
    first_stage: int
    runs: dict[Level, Floats] = field(default_factory=dict)
    rows: dict[Level, tuple[float, float, float, int, str]] = field(default_factory=dict)

    def verdict(self, level: Level) -> str:
        """Say whether a level meets the goal."""
        if level not in self.rows:
            self._try(level)
        return self.rows[level][-1]

    def _try(self, level: Level) -> None:
        values = np.empty(0)
        for look in range(LOOKS):
            count = self.first_stage * 2**look - len(values)
            values = np.concatenate([values, self.sample(level, len(values), count)])
            estimate, low, high, said = self.goal.judge(values, 1 - _RISK / LOOKS)
            if said != UNDECIDED:
                break
        self.runs[level] = values
        self.rows[level] = estimate, low, high, len(values), said


def search(trials: Trials, levels: tuple[Level, ...]) -> tuple[str, Level | None]:
    """Find the first of `levels` that meets the goal, taking for granted that later ones do too.

    Returns
    -------
    outcome : str
        As in `Sought`.
    answer : int, float or None

    Examples
    --------
    The fewest servers that keep nine clocks in ten, where each adds three tenths:

    >>> import numpy as np
    >>> noise = np.random.default_rng(1).normal(0, 0.05, 1000)
    >>> def kept(level, first, count):
    ...     return 0.3 * level + noise[first : first + count]
    >>> trials = Trials(kept, Goal("kept", 0.8, at_least=True), 30)
    >>> search(trials, (1, 2, 3, 4, 5))
    ('found', 3)
    """
    first, last = -1, len(levels) - 1
    if trials.verdict(levels[last]) != MEETS:
        return NONE, None
    while last - first > 1:
        middle = (first + last) // 2
        if trials.verdict(levels[middle]) == MEETS:
            last = middle
        else:
            first = middle
    for neighbour in (last - 1, last + 1):  # the search tried the one before, rarely the other
        if 0 <= neighbour < len(levels):
            trials.verdict(levels[neighbour])
    sharp = last == 0 or trials.verdict(levels[last - 1]) == FAILS
    return FOUND if sharp else NOT_SHARP, levels[last]


def monotone(trials: Trials, levels: tuple[Level, ...]) -> bool:
    """Say whether nothing tried contradicts that a less wanted level is never worse."""
    up = 1.0 if trials.goal.at_least else -1.0
    tried = [level for level in levels if level in trials.runs]
    for wanted, less in pairwise(tried):
        runs = min(len(trials.runs[wanted]), len(trials.runs[less]))
        one, two = (up * trials.runs[level][:runs] for level in (wanted, less))
        high = paired(one, two, 1 - _RISK / LOOKS)[4]
        worse = trials.rows[wanted][-1] == MEETS and trials.rows[less][-1] == FAILS
        if worse or high < 0:
            return False
    return True


def seek(
    scenario: Scenario,
    key: str,
    metric: str,
    *,
    at_least: float | None = None,
    at_most: float | None = None,
    share: float | None = None,
    low: Level = LOW,
    high: Level = HIGH,
    step: Level = 1,
    largest: bool = False,
    replications: int = REPLICATIONS,
    seed: int = 0,
    jobs: int = 1,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Sought:
    """Find the smallest level of an input with which a metric reaches a bound.

    Parameters
    ----------
    scenario : Scenario
    key : str
        A number of the scenario or of the law (``law.…``), by its dotted name.
    metric : str
    at_least, at_most : float
        One of them: what the mean over replications is to keep.
    share : float, optional
        Ask it of this share of the replications instead of their mean.
    low, high, step : int or float
        The levels: from `low` to `high`, `step` apart.
    largest : bool
        Seek the largest level instead; a smaller one is then taken to be never worse.
    replications : int
        The first look at a level; an undecided one is looked at again with twice as many, four
        times more at most.
    seed, jobs, executor, progress
        As `zibo_sim.experiment.replicate` takes them.

    Returns
    -------
    Sought
        ``.answer``, ``.outcome`` and the ``.table`` of every level tried.

    Raises
    ------
    Refused
        Naming the key, the metric, the bound or the level that is refused, and what is allowed.

    Examples
    --------
    >>> import zibo_sim as zs
    >>> base = zs.load().replace({"period.end": "2018-10-14"})
    >>> found = zs.seek(
    ...     base, "cloud.audit.servers", "cloud.audit_utilisation", at_most=1.0, high=3,
    ...     replications=2,
    ... )
    >>> found.outcome, found.answer
    ('found', 1)
    """
    goal = _goal(scenario, metric, at_least, at_most, share)
    levels = _levels(scenario, key, low, high, step)
    if replications < 2:
        raise Refused(f"replications: {replications} is refused; allowed is 2 or more")
    levels = levels[::-1] if largest else levels
    for end in levels[:1] + levels[-1:]:
        scenario.replace({key: end})  # refused now rather than after the first runs
    with workers(jobs, executor) as pool:

        def sample(level: Level, first: int, count: int) -> Floats:
            ran = replicate(
                scenario.replace({key: level}), count, seed, first=first, jobs=jobs,
                executor=pool, progress=progress,
            )  # fmt: skip
            return np.asarray(ran.metrics[metric], dtype=float)

        trials = Trials(sample, goal, replications)
        outcome, answer = search(trials, levels)
    columns = ["estimate", "low", "high", "runs", "verdict"]
    table = pd.DataFrame.from_dict(trials.rows, orient="index", columns=columns)
    table = table.rename_axis(key).sort_index()
    return Sought(
        key, goal, largest, levels, outcome, answer, monotone(trials, levels), table
    )  # fmt: skip


def _goal(
    scenario: Scenario,
    metric: str,
    at_least: float | None,
    at_most: float | None,
    share: float | None,
) -> Goal:
    bounds = [bound for bound in (at_least, at_most) if bound is not None]
    faults = []
    if metric not in metric_names(scenario):
        faults.append(unknown("metric", metric, metric_names(scenario)))
    if len(bounds) != 1 or not math.isfinite(bounds[0]):
        faults.append("goal: one of at_least and at_most is needed, a finite number")
    if share is not None and not 0 < share < 1:
        faults.append(f"share: {share} is refused; allowed is above 0 to below 1")
    if faults:
        raise Refused(*faults)
    return Goal(metric, bounds[0], at_least is not None, share)


def _levels(
    scenario: Scenario, key: str, low: Level, high: Level, step: Level
) -> tuple[Level, ...]:
    now = scenario.get(key)
    if isinstance(now, bool) or not isinstance(now, int | float):
        raise Refused(f"{key}: {now!r} is not a number; a goal is sought over levels of a number")
    whole = isinstance(now, int)
    if whole and not all(float(x).is_integer() for x in (low, high, step)):
        raise Refused(f"{key}: counts whole things; low, high and step must be whole")
    if not (all(map(math.isfinite, (low, high, step))) and step > 0 and low <= high):
        raise Refused(f"levels: {low} to {high} by {step} is refused; low ≤ high and step > 0")
    if (high - low) / step >= MOST_LEVELS:
        raise Refused(
            f"levels: {low} to {high} by {step} is refused; allowed are up to {MOST_LEVELS} levels"
        )
    return tuple(_each(low, high, step, whole))


def _each(low: Level, high: Level, step: Level, whole: bool) -> Iterator[Level]:
    for i in range(math.floor((high - low) / step + 1e-9) + 1):
        yield int(low + i * step) if whole else round(float(low + i * step), 12)
