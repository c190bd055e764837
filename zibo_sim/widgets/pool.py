"""Warm processes that run and draw, so that the interface stays alive meanwhile."""

from __future__ import annotations

import atexit
import multiprocessing
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from zibo_sim.errors import ZiboSimError
from zibo_sim.workers import Workers, processes

_OPEN: weakref.WeakSet[Pool] = weakref.WeakSet()


class _Here(Executor):
    """Runs what it is given at once, in the thread that asks."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


class Pool:
    """A process pool that starts when first needed and starts anew where it broke.

    Parameters
    ----------
    jobs : int
        Processes; 0 takes one a processor; 1 runs in the thread that asks.
    """

    def __init__(self, jobs: int = 0) -> None:
        self.workers = processes(jobs)
        self._executor: Executor | None = None
        self._lock = threading.Lock()
        self._failures = 0
        self._closed = False
        _OPEN.add(self)

    def warm(self, work: Callable[[], Any]) -> list[Future[Any]]:
        """Hand every worker the same work."""
        return [self.submit(work) for _ in range(self.workers)]

    def submit(self, work: Callable[..., Any], *given: Any) -> Future[Any]:
        """Hand over work.

        Raises
        ------
        ZiboSimError
            Where the pool is closed.
        """
        with self._lock:
            for _ in range(3):
                try:
                    return self._running().submit(work, *given)
                except (BrokenProcessPool, RuntimeError):
                    self._drop()
        raise ZiboSimError("the dashboard is closed; make a new one")

    def broke(self) -> None:
        """Give up a pool whose workers died; after the second time, run in this process."""
        with self._lock:
            self._drop()

    def close(self) -> None:
        """Let the workers go; nothing runs afterwards."""
        with self._lock:
            self._closed = True
            self._drop()

    def _running(self) -> Executor:
        if self._closed:
            raise ZiboSimError("the dashboard is closed; make a new one")
        if self._executor is None:
            self._executor = self._made()
        return self._executor

    def _made(self) -> Executor:
        if self.workers == 1 or self._failures > 1:
            return _Here()
        # Spawned, because a fork of a kernel with threads may never wake up.
        context = multiprocessing.get_context("spawn")
        return Workers(self.workers, context)

    def _drop(self) -> None:
        self._failures += 1
        if self._executor is not None:
            self._executor.shutdown(wait=False, cancel_futures=True)
        self._executor = None


def _close_all() -> None:
    for pool in list(_OPEN):
        pool.close()


atexit.register(_close_all)
# Before concurrent.futures waits for what is still queued.
if hasattr(threading, "_register_atexit"):
    threading._register_atexit(_close_all)
