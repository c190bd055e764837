"""Many arms on the same draws: what attributions and frontiers run, in one process or several."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, as_completed
from dataclasses import dataclass
from typing import TypeVar

import pandas as pd

from zibo_sim.air.observed import MeasuredAir
from zibo_sim.errors import Refused
from zibo_sim.metrics import measure
from zibo_sim.model import Outcome, run_once
from zibo_sim.scenario import Scenario
from zibo_sim.streams import check_seed
from zibo_sim.workers import call_back, workers

Judge = Callable[[Outcome], dict[str, float]]
Progress = Callable[[int], None]
Key = TypeVar("Key", bound=Hashable)
_BATCH, _MOST = 10, 1_000_000


@dataclass(frozen=True)
class Arm:
    """A scenario, the replications wanted of it, and the measured air they run in, if any."""

    scenario: Scenario
    replications: Sequence[int]
    observed: MeasuredAir | None = None


def judge_batch(arm: Arm, seed: int, judge: Judge) -> list[dict[str, float]]:
    """Run the replications of an arm one after another and judge each."""
    return [judge(run_once(arm.scenario, seed, r, arm.observed)) for r in arm.replications]


def checked(seed: int, replications: int) -> None:
    """Refuse a number of pairs or a seed out of range."""
    if not 2 <= replications <= _MOST:
        raise Refused(f"replications: {replications} is refused; allowed is 2 to {_MOST}")
    check_seed(seed)


def judge_arms(
    arms: Mapping[Key, Arm],
    seed: int,
    judge: Judge = measure,
    *,
    jobs: int = 1,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> dict[Key, pd.DataFrame]:
    """Run every arm; equal replications of different arms share every draw.

    Parameters
    ----------
    arms : mapping of key to Arm
    seed : int
    judge : callable
        Takes an outcome and returns figures by name; it must be known to other processes.
    jobs : int
        Processes where no executor is given; 0 takes one a processor.
    executor : concurrent.futures.Executor, optional
    progress : callable, optional
        Told how many runs were finished each time some are.

    Returns
    -------
    dict of key to DataFrame
        One row a replication, one column a figure, whatever the order they were worked out in.
    """
    tasks = list(_tasks(arms))
    found: dict[tuple[Key, int], list[dict[str, float]]] = {}
    for key, first, rows in _worked(tasks, seed, judge, jobs, executor):
        found[key, first] = rows
        if progress is not None:
            progress(len(rows))
    frames = {}
    for key, arm in arms.items():
        rows = [row for k, task in tasks if k == key for row in found[k, task.replications[0]]]
        frames[key] = pd.DataFrame(rows, index=pd.Index(arm.replications, name="replication"))
    return frames


def _tasks(arms: Mapping[Key, Arm]) -> Iterator[tuple[Key, Arm]]:
    """Cut the arms into tasks; the very first is a single run."""
    size = 1
    for key, arm in arms.items():
        start = 0
        while start < len(arm.replications):
            part = tuple(arm.replications[start : start + size])
            yield key, Arm(arm.scenario, part, arm.observed)
            start, size = start + size, _BATCH


def _worked(
    tasks: list[tuple[Key, Arm]], seed: int, judge: Judge, jobs: int, executor: Executor | None
) -> Iterator[tuple[Key, int, list[dict[str, float]]]]:
    with workers(jobs, executor) as pool:
        # The first task runs here in any case: it compiles what is not cached, for workers to find.
        for key, arm in tasks if pool is None else tasks[:1]:
            yield key, arm.replications[0], judge_batch(arm, seed, judge)
        if pool is None:
            return
        futures = {pool.submit(judge_batch, arm, seed, judge): (key, arm) for key, arm in tasks[1:]}
        try:
            for done in as_completed(futures):
                key, arm = futures[done]
                yield key, arm.replications[0], done.result()
        finally:
            call_back(futures, pool)
