"""Where batches run: in this process, in processes of our own, or in an executor that was given."""

from __future__ import annotations

import gc
import math
import os
import time
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import suppress
from typing import Any, Protocol

from zibo_sim.study.work import StudyStopped, said
from zibo_sim.workers import Workers, processes

_ASK = 5.0


class Pool(Protocol):
    """What the engine needs of a place where batches run."""

    #: Whether a broken pool can be built anew.
    mends: bool

    def submit(self, call: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Start a call."""

    def width(self) -> int:
        """Return how many batches run at once."""

    def mend(self) -> None:
        """Build the pool anew after a worker died."""

    def stop(self, flying: list[Future[Any]]) -> None:
        """Start nothing more; wait for what runs, where that is ours."""


class InProcess:
    """Run everything in this process, one batch after another."""

    mends = False

    def submit(self, call: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Run the call now."""
        future: Future[Any] = Future()
        try:
            future.set_result(call(*arguments))
        except Exception as error:
            future.set_exception(error)
        return future

    def width(self) -> int:
        """Return one."""
        return 1

    def mend(self) -> None:
        """Do nothing: it cannot break."""

    def stop(self, flying: list[Future[Any]]) -> None:
        """Do nothing: nothing is under way."""


class Processes:
    """Our own process pool, built anew when a worker dies.

    Parameters
    ----------
    workers : int
    """

    mends = True

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._pool: Workers | None = None

    def submit(self, call: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Start a call in a worker."""
        if self._pool is None:
            gc.collect()
            gc.freeze()  # collections then touch nothing that forked workers share
            self._pool = Workers(self.workers)
        return self._pool.submit(call, *arguments)

    def width(self) -> int:
        """Return the number of workers."""
        return self.workers

    def mend(self) -> None:
        """Forget the broken pool; the next call starts another."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown()
            gc.unfreeze()

    def stop(self, flying: list[Future[Any]]) -> None:
        """Finish the batches that have begun and end the workers."""
        self.mend()


class Given:
    """An executor that the caller made, and ends: any of ``concurrent.futures``, Dask's, MPI's."""

    mends = False

    def __init__(self, executor: Executor) -> None:
        self.executor = executor
        self._asked, self._width = -math.inf, 1
        # Dask takes equal calls for one; a batch that is tried again is a call of its own.
        self._options = {"pure": False} if _dask_client(executor) else {}

    def submit(self, call: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Start a call there."""
        try:
            return self.executor.submit(call, *arguments, **self._options)
        except BrokenExecutor:
            raise
        except (RuntimeError, OSError) as error:
            raise StudyStopped(f"the executor takes no more work: {said(error)}") from None

    def width(self) -> int:
        """Return the executor's number of workers, asked anew now and then: a cluster may grow."""
        if time.monotonic() - self._asked >= _ASK:
            self._asked = time.monotonic()
            with suppress(OSError):  # the scheduler is lost: its batches will say so
                self._width = max(1, _workers(self.executor))
        return self._width

    def mend(self) -> None:
        """Refuse: it is not ours to mend."""
        raise StudyStopped("the executor is broken: one of its workers ended abruptly")

    def stop(self, flying: list[Future[Any]]) -> None:
        """Call back what has not begun."""
        for future in flying:
            future.cancel()


def _dask_client(executor: Executor) -> Any:
    client = getattr(executor, "_client", None)
    return client if hasattr(client, "nthreads") else None


def _workers(executor: Executor) -> int:
    if client := _dask_client(executor):
        return sum(client.nthreads().values())
    return int(getattr(executor, "_max_workers", None) or os.cpu_count() or 1)


def pool_of(executor: Executor | None, jobs: int) -> Pool:
    """Return where to run.

    Parameters
    ----------
    executor : concurrent.futures.Executor or None
    jobs : int
        Processes of our own where no executor is given; 0 takes one a processor, 1 this process.
    """
    if executor is not None:
        return Given(executor)
    count = processes(jobs)
    return InProcess() if count == 1 else Processes(count)
