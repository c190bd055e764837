"""Runs behind the dashboard: cached by scenario and seed, cancelled at once, told as they go."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from zibo_sim.comparison import Comparison
from zibo_sim.errors import Refused, ZiboSimError
from zibo_sim.experiment import Replications, changed_inputs, run_batch
from zibo_sim.metrics import metric_names
from zibo_sim.report.winter import typical
from zibo_sim.scenario import FILES, Scenario
from zibo_sim.widgets.pool import Pool

#: Replications handed to a worker at a time: few, so that a cancelled run stops at once and all
#: workers end together.
CHUNK = 2
MOST_REPLICATIONS, LEAST_REPLICATIONS = 2000, 2
_LARGEST_CACHE = 120

Told = Callable[[int, int], None]


class Cancelled(Exception):
    """The run was called off."""


class Job:
    """One run under way, which anyone may call off."""

    def __init__(self) -> None:
        self._off = threading.Event()
        self._futures: list[Future[Any]] = []

    @property
    def cancelled(self) -> bool:
        """Whether it was called off."""
        return self._off.is_set()

    def cancel(self) -> None:
        """Call it off; what has not begun never will."""
        self._off.set()
        for future in list(self._futures):
            future.cancel()

    def watch(self, futures: Sequence[Future[Any]]) -> None:
        """Take on work to be called off with the job."""
        self._futures = list(futures)
        if self.cancelled:
            self.cancel()

    def check(self) -> None:
        """Stop here where the job was called off."""
        if self.cancelled:
            raise Cancelled


@dataclass(frozen=True)
class Result:
    """What a run found: base and variants on the same draws."""

    scenarios: tuple[Scenario, ...]
    seed: int
    replications: int
    arms: tuple[Replications, ...]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What the variants are called, numbered where two have one name."""
        titles = [s.title for s in self.scenarios[1:]]
        return tuple(t if titles.count(t) == 1 else f"{t} ({i + 1})" for i, t in enumerate(titles))

    @cached_property
    def comparison(self) -> Comparison:
        """Paired differences with their intervals and verdicts."""
        return Comparison(self.arms[0], dict(zip(self.names, self.arms[1:], strict=True)))

    @cached_property
    def typical(self) -> int:
        """The replication with the base's median mean of PM2.5, which pictures show."""
        return typical(self.arms[0].metrics)

    def fits(self, scenarios: Sequence[Scenario], seed: int, replications: int) -> bool:
        """Say whether these are the results of what the controls say now."""
        return (list(self.scenarios), self.seed, self.replications) == (
            list(scenarios), seed, replications
        )  # fmt: skip


def fingerprint(scenario: Scenario) -> str:
    """Return a text that is the same for scenarios that run alike: title and question aside."""
    said = scenario.model_dump(mode="json", exclude={"title", "question", "law_notes"})
    named = [path for key in FILES if (path := scenario.get(key))]
    files = [(path, Path(path).stat().st_mtime_ns) for path in named]
    return json.dumps([said, files], sort_keys=True)


class Engine:
    """Runs scenarios in a pool and keeps what it found.

    Parameters
    ----------
    jobs : int
        As `zibo_sim.widgets.pool.Pool` takes it.
    """

    def __init__(self, jobs: int = 0) -> None:
        self.pool = Pool(jobs)
        self._found: dict[tuple[str, int], dict[int, dict[str, float]]] = {}
        self._lock = threading.Lock()

    def close(self) -> None:
        """Let the workers go."""
        self.pool.close()

    def result(
        self, scenarios: Sequence[Scenario], replications: int, seed: int, job: Job, told: Told
    ) -> Result:
        """Run base and variants on the same draws; only what is not known yet is run.

        Parameters
        ----------
        scenarios : sequence of Scenario
            The base first.
        replications, seed : int
        job : Job
        told : callable
            Given how many runs are done, and of how many.

        Raises
        ------
        Cancelled
        Refused
            For a number of replications or a seed out of range.
        """
        checked(replications, seed)
        self.fill(scenarios, range(replications), seed, job, told)
        arms = [self._arm(s, replications, seed) for s in scenarios]
        return Result(tuple(scenarios), seed, replications, tuple(arms))

    def fill(
        self, scenarios: Sequence[Scenario], numbers: Sequence[int], seed: int, job: Job, told: Told
    ) -> None:
        """Run those replications of the scenarios that are not known yet."""
        wanted: list[tuple[tuple[str, int], Scenario, list[int]]] = []
        for mark, scenario in {fingerprint(s): s for s in scenarios}.items():
            known = self._known((mark, seed))
            missing = [number for number in numbers if number not in known]
            wanted += [
                ((mark, seed), scenario, missing[i : i + CHUNK])
                for i in range(0, len(missing), CHUNK)
            ]
        total = sum(len(chunk) for _, _, chunk in wanted)
        told(0, total)
        for _ in range(3):
            try:
                self._run(wanted, job, told, total, seed)
                return
            except BrokenProcessPool:
                self.pool.broke()

    def _run(self, wanted: list[Any], job: Job, told: Told, total: int, seed: int) -> None:
        futures: dict[Future[Any], Any] = {}
        for mark, scenario, chunk in wanted:
            job.check()
            if self._known(mark).keys() >= set(chunk):
                continue  # known since the pool broke
            futures[self.pool.submit(run_batch, scenario, seed, chunk)] = (mark, chunk)
        job.watch(list(futures))
        done = total - sum(len(chunk) for _, chunk in futures.values())
        try:
            for future in as_completed(futures):
                job.check()
                mark, chunk = futures[future]
                self._known(mark).update(zip(chunk, future.result().metrics, strict=True))
                told(done := done + len(chunk), total)
        except CancelledError:
            raise Cancelled from None
        finally:
            for future in futures:
                future.cancel()

    def draw(self, job: Job, work: Callable[..., Any], *given: Any) -> Any:
        """Let a worker draw; return what it made."""
        job.check()
        future = self.pool.submit(work, *given)
        job.watch([future])
        return self.made(job, future)

    def draw_all(self, job: Job, tasks: Sequence[tuple[Any, ...]], told: Told) -> list[Any]:
        """Let workers draw several things at once; return what they made, in order."""
        job.check()
        futures = [self.pool.submit(*task) for task in tasks]
        job.watch(futures)
        found = []
        for future in futures:
            found.append(self.made(job, future))
            told(len(found), len(futures))
        return found

    def made(self, job: Job, future: Future[Any]) -> Any:
        """Wait for what a worker makes."""
        try:
            made = future.result()
        except BrokenProcessPool:
            self.pool.broke()
            raise ZiboSimError("a worker process ended early; run again") from None
        except CancelledError:
            raise Cancelled from None
        job.check()
        return made

    def metric(self, scenario: Scenario, numbers: Sequence[int], seed: int, name: str) -> Any:
        """Return a metric of replications that are known."""
        known = self._known((fingerprint(scenario), seed))
        return np.array([known[number].get(name, np.nan) for number in numbers], dtype=float)

    def _known(self, mark: tuple[str, int]) -> dict[int, dict[str, float]]:
        with self._lock:
            found = self._found.pop(mark, {})
            self._found[mark] = found  # the latest last
            while len(self._found) > _LARGEST_CACHE:
                del self._found[next(iter(self._found))]
            return found

    def _arm(self, scenario: Scenario, replications: int, seed: int) -> Replications:
        known = self._known((fingerprint(scenario), seed))
        rows = [known[number] for number in range(replications)]
        metrics = pd.DataFrame(rows, columns=metric_names(scenario))
        about = {"replication": np.arange(replications), "seed": seed, **changed_inputs(scenario)}
        head = pd.DataFrame(about, index=metrics.index)
        return Replications(scenario, seed, pd.concat([head, metrics], axis=1))


def checked(replications: int, seed: int) -> None:
    """Refuse numbers that are out of range."""
    if not LEAST_REPLICATIONS <= replications <= MOST_REPLICATIONS:
        allowed = f"{LEAST_REPLICATIONS} to {MOST_REPLICATIONS}"
        raise Refused(f"replications: {replications} is refused; allowed is {allowed}")
    if not 0 <= seed < 2**31:
        raise Refused(f"seed: {seed} is refused; allowed is 0 to 2^31 − 1")
