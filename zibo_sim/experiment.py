"""Replications: many runs of one scenario, in one process or several, with the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, as_completed
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from zibo_sim.air.observed import MeasuredAir
from zibo_sim.errors import Refused
from zibo_sim.metrics import METRICS, measure, metric_names
from zibo_sim.model import run_once
from zibo_sim.results import Run, events_frame, series_frame
from zibo_sim.scenario import FILES, Scenario, known_keys
from zibo_sim.streams import check_seed
from zibo_sim.workers import call_back, processes, workers

#: Enough for the 95 % interval of the season's mean PM2.5 to lie within ±1 µg/m³.
REPLICATIONS = 120
_MOST = 1_000_000
_TASKS_PER_WORKER = 6

Progress = Callable[[int], None]


@dataclass(frozen=True)
class Batch:
    """What a worker gives back for a batch of replications."""

    first: int
    metrics: list[dict[str, float]]
    events: list[pd.DataFrame]
    series: list[pd.DataFrame]


def run(
    scenario: Scenario, seed: int = 0, replication: int = 0, observed: MeasuredAir | None = None
) -> Run:
    """Run one replication.

    Parameters
    ----------
    scenario : Scenario
    seed, replication : int
        Replication 0 of a seed is the first run of `replicate` with that seed.
    observed : MeasuredAir, optional
        Measured air in place of simulated, from `zibo_sim.measured`.

    Returns
    -------
    Run
        With ``.events``, ``.series`` (frames) and ``.metrics`` (Series by name).

    Raises
    ------
    Refused
        For a seed out of range.

    Examples
    --------
    >>> import zibo_sim as zs
    >>> base = zs.load().replace({"period.end": "2018-10-14"})
    >>> first, again = zs.run(base, seed=1), zs.run(base, seed=1)
    >>> first.series.shape, first.series.equals(again.series)
    ((336, 16), True)
    """
    _checked(seed, 1)
    return Run(run_once(scenario, seed, replication, observed))


def run_batch(
    scenario: Scenario,
    seed: int,
    replications: Sequence[int],
    keep: bool = False,
    observed: MeasuredAir | None = None,
) -> Batch:
    """Run some replications one after another; with `keep`, their events and series too."""
    metrics, events, series = [], [], []
    for replication in replications:
        outcome = run_once(scenario, seed, replication, observed)
        metrics.append(measure(outcome))
        if keep:
            events.append(events_frame(outcome))
            frame = series_frame(outcome).reset_index()
            frame.insert(0, "replication", replication)
            series.append(frame)
    return Batch(replications[0], metrics, events, series)


@dataclass(frozen=True)
class Replications:
    """Many runs of one scenario.

    Attributes
    ----------
    scenario : Scenario
    seed : int
    metrics : DataFrame
        One row a replication: ``replication, seed``, every input that is not at its default, and
        every metric.
    events, series : DataFrame
        Of all replications; empty unless they were kept.

    Examples
    --------
    >>> import zibo_sim as zs
    >>> base = zs.load().replace({"period.end": "2018-10-14"})
    >>> many = zs.replicate(base, 3, seed=1)
    >>> len(many), many.metrics["replication"].tolist()
    (3, [0, 1, 2])
    """

    scenario: Scenario
    seed: int
    metrics: pd.DataFrame
    events: pd.DataFrame = field(default_factory=pd.DataFrame)
    series: pd.DataFrame = field(default_factory=pd.DataFrame)

    def __len__(self) -> int:
        return len(self.metrics)

    def __repr__(self) -> str:
        return f"Replications({self.scenario.title!r}, {len(self)} runs, seed={self.seed})"

    def followed_by(self, more: Replications) -> Replications:
        """Return these replications with those of `more` behind them.

        Parameters
        ----------
        more : Replications
            Of the same scenario and seed.

        Examples
        --------
        >>> import zibo_sim as zs
        >>> base = zs.load().replace({"period.end": "2018-10-14"})
        >>> two, more = zs.replicate(base, 2), zs.replicate(base, 1, first=2)
        >>> two.followed_by(more).metrics.equals(zs.replicate(base, 3).metrics)
        True
        """
        pairs = [(getattr(self, k), getattr(more, k)) for k in ("metrics", "events", "series")]
        frames = [_joined([frame for frame in pair if len(frame.columns)]) for pair in pairs]
        return Replications(self.scenario, self.seed, *frames)

    @cached_property
    def summary(self) -> pd.DataFrame:
        """Mean and 95 % interval of every metric over the replications that define it.

        One row a metric, columns ``mean, low, high`` (Student's interval of the mean), ``unit``,
        ``runs`` (how many define it).

        Examples
        --------
        >>> import zibo_sim as zs
        >>> base = zs.load().replace({"period.end": "2018-10-14"})
        >>> many = zs.replicate(base, 3, seed=1)
        >>> many.summary.loc["air.heavy_days", "unit"], list(many.summary.columns)
        ('d', ['mean', 'low', 'high', 'unit', 'runs'])
        """
        names = metric_names(self.scenario)
        rows = {name: interval(self.metrics[name].to_numpy()) for name in names}
        frame = pd.DataFrame.from_dict(
            rows, orient="index", columns=["mean", "low", "high", "runs"]
        )
        frame.insert(3, "unit", [METRICS[name].unit for name in frame.index])
        return frame.rename_axis("metric")


def interval(values: Any, confidence: float = 0.95) -> tuple[float, float, float, int]:
    """Return mean, low, high of Student's interval, and the number of values that are defined.

    The interval of a single value is unknown (NaN); of equal values it is the value itself.
    """
    known = np.asarray(values, dtype=float)
    known = known[np.isfinite(known)]
    n = len(known)
    if n == 0:
        return np.nan, np.nan, np.nan, 0
    if np.ptp(known) == 0.0:
        mean = float(known[0])
        return (mean, np.nan, np.nan, 1) if n == 1 else (mean, mean, mean, n)
    mean = float(known.mean())
    half = float(stdtrit(n - 1, (1 + confidence) / 2) * known.std(ddof=1) / np.sqrt(n))
    return mean, mean - half, mean + half, n


def replicate(
    scenario: Scenario,
    replications: int = REPLICATIONS,
    seed: int = 0,
    *,
    first: int = 0,
    jobs: int = 1,
    executor: Executor | None = None,
    keep: bool = False,
    observed: MeasuredAir | None = None,
    progress: Progress | None = None,
) -> Replications:
    """Run a scenario many times; the result does not depend on `jobs` or the executor.

    Parameters
    ----------
    scenario : Scenario
    replications : int
    seed : int
    first : int
        Number of the first replication: ``replicate(s, 30)`` followed by
        ``replicate(s, 20, first=30)`` is ``replicate(s, 50)``.
    jobs : int
        Processes to use where no executor is given; 0 takes one a processor.
    executor : concurrent.futures.Executor, optional
    keep : bool
        Keep events and series of every run.
    observed : MeasuredAir, optional
    progress : callable, optional
        Told how many replications were finished each time some are.

    Returns
    -------
    Replications
        ``.metrics`` has one row a replication; ``.summary`` means and intervals.

    Raises
    ------
    Refused
        For a number of replications or a seed out of range.

    Examples
    --------
    >>> import zibo_sim as zs
    >>> base = zs.load().replace({"period.end": "2018-10-14"})
    >>> many = zs.replicate(base, 2, seed=1, keep=True)
    >>> many.metrics["seed"].tolist(), len(many.series)
    ([1, 1], 672)
    """
    _checked(seed, replications, first)
    numbers = range(first, first + replications)
    batches = list(_batches(scenario, seed, numbers, jobs, executor, keep, observed, progress))
    batches.sort(key=lambda batch: batch.first)
    rows = [row for batch in batches for row in batch.metrics]
    metrics = pd.DataFrame(rows, columns=metric_names(scenario))
    about = {"replication": np.array(numbers), "seed": seed, **changed_inputs(scenario)}
    head = pd.DataFrame(about, index=metrics.index)
    return Replications(
        scenario,
        seed,
        pd.concat([head, metrics], axis=1),
        _joined([f for batch in batches for f in batch.events]),
        _joined([f for batch in batches for f in batch.series]),
    )


def _joined(frames: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def changed_inputs(scenario: Scenario) -> dict[str, Any]:
    """Return the inputs that differ from the package's defaults, by dotted name."""
    default = Scenario(title="-", question="-")
    plain = [k for k in known_keys() if k not in ("title", "question")]
    keys = [k for k in plain if scenario.get(k) != default.get(k)]
    return {k: plain_input(scenario, k) for k in [*keys, *(f"law.{k}" for k in scenario.law)]}


def plain_input(scenario: Scenario, key: str) -> int | float | str | bool:
    """Return an input as a frame holds it: a number, a truth or a text; no path."""
    changed = scenario.law.get(key.removeprefix("law.")) if key.startswith("law.") else None
    value = scenario.get(key) if changed is None else changed
    if key in FILES and value:
        return Path(value).name
    return value if isinstance(value, int | float | str | bool) else str(value)


def _checked(seed: int, replications: int, first: int = 0) -> None:
    if first < 0:
        raise Refused(f"first: {first} is refused; allowed is 0 or more")
    if not 1 <= replications <= _MOST:
        raise Refused(f"replications: {replications} is refused; allowed is 1 to {_MOST}")
    check_seed(seed)


def _batches(
    scenario: Scenario,
    seed: int,
    numbers: Sequence[int],
    jobs: int,
    executor: Executor | None,
    keep: bool,
    observed: MeasuredAir | None,
    progress: Progress | None,
) -> Iterator[Batch]:
    said = progress or (lambda done: None)
    with workers(jobs, executor) as pool:
        # One run in this process first: it compiles what is not cached, so that workers find it.
        for number in numbers if pool is None else numbers[:1]:
            yield run_batch(scenario, seed, [number], keep, observed)
            said(1)
        if pool is None:
            return
        rest = numbers[1:]
        size = max(1, min(25, len(rest) // (processes(jobs) * _TASKS_PER_WORKER)))
        chunks = [rest[i : i + size] for i in range(0, len(rest), size)]
        futures = [pool.submit(run_batch, scenario, seed, c, keep, observed) for c in chunks]
        try:
            for done in as_completed(futures):
                batch = done.result()
                yield batch
                said(len(batch.metrics))
        finally:
            call_back(futures, pool)
