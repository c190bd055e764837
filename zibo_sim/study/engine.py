"""Batches of runs to any executor, whatever becomes of its workers. It knows no model.

Batches grow until one takes about a quarter of a second, so that passing them round costs little
beside running them; how runs are batched changes no result. At most two batches a worker are under
way, so memory does not grow with the study.
"""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Future, wait
from contextlib import suppress
from dataclasses import dataclass, replace

from zibo_sim.study.pools import Pool, Processes
from zibo_sim.study.work import Group, Rows, StudyStopped, Work, failed_row, run_groups, said

#: Told of the rows of every batch that is done.
Told = Callable[[Rows], None]
_SECONDS = 0.25
_MOST = 4096
_GROWTH = 8
_AHEAD = 2
_LAST = 3
#: Deaths of a worker after which the batches then under way are run by themselves, and deaths by
#: itself after which a run is given up.
_SUSPECT = 2
_GIVEN_UP = 3
_ATTEMPTS = 2


@dataclass(frozen=True)
class Batch:
    """Runs that go to a worker together."""

    groups: tuple[Group, ...]
    deaths: int = 0
    faults: int = 0

    def __len__(self) -> int:
        return sum(len(group.replications) for group in self.groups)

    def singles(self) -> Iterator[Batch]:
        """Yield each run as a batch of its own."""
        for group in self.groups:
            for replication in group.replications:
                yield replace(self, groups=(group._replace(replications=(replication,)),))


def execute(work: Work, groups: Iterable[Group], runs: int, pool: Pool, told: Told) -> None:
    """Run every group and tell of the rows as they come.

    Parameters
    ----------
    work : Work
    groups : iterable of Group
        Read as it is needed.
    runs : int
        How many runs the groups hold.
    pool : Pool
    told : callable
        What it raises ends the study; rows of batches already done are told before.

    Raises
    ------
    StudyStopped
        Where workers are unfit or the executor is lost.
    """
    _Engine(work, _Cutter(groups, runs), pool, told).run()


class _Engine:
    def __init__(self, work: Work, fresh: _Cutter, pool: Pool, told: Told) -> None:
        self.work, self.pool, self.told = work, pool, told
        self.packed = pickle.dumps(work)
        self.fresh = fresh
        self.again: deque[Batch] = deque()
        self.suspects: list[Batch] = []
        self.flying: dict[Future[Rows], Batch] = {}
        self.size = 1

    def run(self) -> None:
        try:
            while self._launch() or self.flying:
                landed, _ = wait(self.flying, return_when=FIRST_COMPLETED)
                self._land(landed)
            self._by_themselves()
        except BaseException:
            self._keep_what_is_done()
            raise

    def _launch(self) -> bool:
        """Send batches until enough are under way; say whether one was sent."""
        ahead, sent = _AHEAD * self.pool.width(), False
        while len(self.flying) < ahead:
            batch = self.again.popleft() if self.again else self.fresh.take(self._next_size())
            if batch is None:
                break
            try:
                future = self.pool.submit(run_groups, self.packed, batch.groups)
            except BrokenExecutor:
                self.again.appendleft(batch)
                self._mend()
                continue
            self.flying[future], sent = batch, True
        return sent

    def _next_size(self) -> int:
        # Small at the end, so that no worker is left with a long batch while others wait.
        return max(1, min(self.size, self.fresh.left // (_LAST * self.pool.width())))

    def _land(self, landed: Iterable[Future[Rows]]) -> None:
        broken = False
        for future in landed:
            batch = self.flying.pop(future)
            error = _outcome(future)
            if error is None:
                self._well(future.result())
            elif isinstance(error, BrokenExecutor):
                self._died(batch)
                broken = True
            else:
                self._refused(batch, error)
        if broken:
            self._mend()

    def _well(self, rows: Rows) -> None:
        fitting = int(_SECONDS * len(rows) / max(rows.seconds, 1e-9))
        self.size = max(1, min(fitting, self.size * _GROWTH, _MOST))
        self.told(rows)

    def _mend(self) -> None:
        """Build the pool anew; what was under way goes again."""
        wait(self.flying)
        for future, batch in list(self.flying.items()):
            del self.flying[future]
            if _outcome(future) is None:
                self._well(future.result())
            else:
                self._died(batch)
        self.pool.mend()

    def _died(self, batch: Batch) -> None:
        batch = replace(batch, deaths=batch.deaths + 1)
        (self.again if batch.deaths < _SUSPECT else self.suspects).append(batch)

    def _refused(self, batch: Batch, error: BaseException) -> None:
        """Deal with a batch that came back as an error: run by run, then as rows."""
        if isinstance(error, StudyStopped):
            raise error
        if isinstance(error, CancelledError):
            raise StudyStopped("the executor gave up its batches: its scheduler is lost") from None
        batch = replace(batch, faults=batch.faults + 1)
        if len(batch) > 1:
            self.again.extend(batch.singles())
        elif batch.faults < _ATTEMPTS:
            self.again.append(batch)
        else:
            self.told(failed_row(batch.groups[0], self.work.width, said(error)))

    def _by_themselves(self) -> None:
        """Run the suspects one by one in a pool of one, so that a death has one cause."""
        if not self.suspects:
            return
        alone = Processes(1)
        try:
            for batch in self.suspects:
                for single in batch.singles():
                    self.told(self._alone(single, alone))
        finally:
            alone.stop([])

    def _alone(self, single: Batch, alone: Processes) -> Rows:
        for _ in range(_GIVEN_UP):
            try:
                rows: Rows = alone.submit(run_groups, self.packed, single.groups).result()
                return rows
            except BrokenExecutor:
                alone.mend()
        error = f"the worker process ended abruptly {_GIVEN_UP} times"
        return failed_row(single.groups[0], self.work.width, error)

    def _keep_what_is_done(self) -> None:
        self.pool.stop(list(self.flying))
        for future in list(self.flying):
            del self.flying[future]
            if future.done() and _outcome(future) is None:
                with suppress(StudyStopped):
                    self.told(future.result())


def _outcome(future: Future[Rows]) -> BaseException | None:
    return CancelledError() if future.cancelled() else future.exception()


class _Cutter:
    """Cuts groups into batches of the size that is wanted."""

    def __init__(self, groups: Iterable[Group], runs: int) -> None:
        self.left = runs
        self._groups = iter(groups)
        self._rest: Group | None = None

    def take(self, size: int) -> Batch | None:
        """Return the next batch of at most `size` runs, None when there is none."""
        taken, room = list[Group](), size
        while room > 0:
            group = self._rest or next(self._groups, None)
            self._rest = None
            if group is None:
                break
            now, later = group.replications[:room], group.replications[room:]
            self._rest = group._replace(replications=later) if later else None
            taken.append(group._replace(replications=now))
            room -= len(now)
            self.left -= len(now)
        return Batch(tuple(taken)) if taken else None
