"""What a worker does: a batch of runs, failures turned into rows. It imports no model."""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from zibo_sim.errors import ZiboSimError

#: Runs one replication of a prepared point and returns its numbers.
Model = Callable[[int], Sequence[float]]
_ATTEMPTS = 2


class StudyStopped(ZiboSimError):
    """A study cannot go on; what was done is kept."""

    def __reduce__(self) -> tuple[type[StudyStopped], tuple[str, ...]]:
        return type(self), (str(self),)


@dataclass(frozen=True)
class Work:
    """What is run at every point; every function in it must be importable by the workers.

    Attributes
    ----------
    prepare : callable
        Given the context and the inputs of a point, returns the model of its replications.
    context : object
        What all points share; sent once a batch.
    width : int
        How many numbers a run returns.
    ready : callable, optional
        Given the context once in every worker; it raises `StudyStopped` where the worker is unfit.
    """

    prepare: Callable[[Any, Any], Model]
    context: Any
    width: int
    ready: Callable[[Any], None] | None = None


class Group(NamedTuple):
    """Some replications of one point."""

    point: int
    inputs: Any
    replications: tuple[int, ...]


@dataclass(frozen=True)
class Rows:
    """What came of a batch: one row a run.

    ``point`` and ``replication`` are whole numbers of shape (n,), ``values`` floats of shape
    (n, width) with NaN where a run failed, ``errors`` the text of each failed row by its position.
    """

    point: NDArray[np.int64]
    replication: NDArray[np.int64]
    values: NDArray[np.float64]
    errors: dict[int, str]
    seconds: float

    def __len__(self) -> int:
        return len(self.point)


def failed_row(group: Group, width: int, error: str) -> Rows:
    """Return the rows of runs that could not be done at all."""
    n = len(group.replications)
    return Rows(
        np.full(n, group.point), np.array(group.replications), np.full((n, width), np.nan),
        dict.fromkeys(range(n), error), 0.0,
    )  # fmt: skip


def said(error: BaseException) -> str:
    """Return an error as one line."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def run_groups(packed: bytes, groups: Sequence[Group]) -> Rows:
    """Run a batch; a run that raises is tried once more and then becomes a row with its error.

    Parameters
    ----------
    packed : bytes
        A pickled `Work`.
    groups : sequence of Group
    """
    started = time.perf_counter()
    work = _unpacked(packed)
    n = sum(len(group.replications) for group in groups)
    values, errors, row = np.full((n, work.width), np.nan), dict[int, str](), 0
    for group in groups:
        model: Model | None = None
        for replication in group.replications:
            for attempt in range(_ATTEMPTS):
                try:
                    if model is None:
                        model = work.prepare(work.context, group.inputs)
                    values[row] = model(replication)
                    break
                except Exception as error:
                    values[row], model = np.nan, None
                    if attempt == _ATTEMPTS - 1:
                        errors[row] = said(error)
            row += 1
    counts = [len(group.replications) for group in groups]
    return Rows(
        np.repeat([group.point for group in groups], counts),
        np.concatenate([group.replications for group in groups]),
        values, errors, time.perf_counter() - started,
    )  # fmt: skip


@lru_cache(maxsize=2)
def _unpacked(packed: bytes) -> Work:
    work: Work = pickle.loads(packed)
    if work.ready is not None:
        work.ready(work.context)
    return work
