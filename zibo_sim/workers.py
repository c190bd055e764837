"""Processes of our own: they leave interruptions to the driver, and end with it."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import connection
from multiprocessing.context import BaseContext
from typing import Any


def processes(jobs: int) -> int:
    """Return how many processes `jobs` means: 0 or less takes one a processor."""
    return jobs if jobs > 0 else (os.cpu_count() or 1)


class Workers(ProcessPoolExecutor):
    """A process pool that an interruption does not break.

    A terminal's Ctrl-C reaches every process. Were a worker to die of it while the driver calls its
    futures back, the pool would trip over the cancelled ones and its remaining workers would wait
    for ever. So only the driver listens, and ends the pool in order.

    Parameters
    ----------
    count : int
    context : multiprocessing context, optional
        How processes start; the platform's way by default.
    """

    def __init__(self, count: int, context: BaseContext | None = None) -> None:
        super().__init__(count, mp_context=context, initializer=_at_work)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Hand over a call; workers that start for it are born deaf to interruptions."""
        with _interruptions_held():
            return super().submit(fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = True) -> None:
        """End what runs and drop what has not begun."""
        super().shutdown(wait, cancel_futures=cancel_futures)


@contextmanager
def workers(jobs: int, executor: Executor | None = None) -> Iterator[Executor | None]:
    """Give the executor, or workers of our own until the block ends; None where `jobs` means one.

    Parameters
    ----------
    jobs : int
    executor : concurrent.futures.Executor, optional
        Taken where given; it is its maker's to end.
    """
    if executor is not None or processes(jobs) == 1:
        yield executor
        return
    with Workers(processes(jobs)) as ours:
        yield ours


def call_back(futures: Iterable[Future[Any]], executor: Executor) -> None:
    """Call back what has not begun; workers of our own drop it themselves when they end."""
    if not isinstance(executor, Workers):
        for future in futures:
            future.cancel()


@contextmanager
def _interruptions_held() -> Iterator[None]:
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _at_work() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What a worker inherits is never garbage: not looking through it saves a tenth of the time.
    gc.freeze()
    threading.Thread(target=_end_with_driver, daemon=True).start()


def _end_with_driver() -> None:
    # A driver that is killed closes nothing, and its workers would wait for ever.
    driver = multiprocessing.parent_process()
    if driver is not None:
        connection.wait([driver.sentinel])
        os._exit(1)
