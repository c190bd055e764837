"""Batches to any executor: every run once, failures as rows, deaths of workers without a trace."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from queue import LifoQueue
from typing import Any

import numpy as np
import pytest

from zibo_sim.study.engine import execute
from zibo_sim.study.pools import Given, InProcess, Pool, Processes, pool_of
from zibo_sim.study.work import Group, Model, Rows, StudyStopped, Work

POINTS, EACH = 40, 5


def numbers(context: float, inputs: float) -> Model:
    return lambda replication: (context * inputs, float(replication))


def odd_points_fail(context: Any, inputs: float) -> Model:
    if inputs % 2:
        raise ValueError(f"no  winter\nat {inputs}")
    return numbers(1.0, inputs)


def fails_once(folder: str, inputs: float) -> Model:
    mark = Path(folder) / str(inputs)
    if not mark.exists():
        mark.touch()
        raise OSError("for once")
    return numbers(1.0, inputs)


def one_run_kills(context: Any, inputs: float) -> Model:
    def model(replication: int) -> Sequence[float]:
        if (inputs, replication) == (7.0, 2):
            os._exit(1)
        return inputs, float(replication)

    return model


def dies_now_and_then(folder: str, inputs: float) -> Model:
    mark = Path(folder) / str(inputs)
    if inputs % 8 == 3 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return numbers(1.0, inputs)


def too_short(context: Any, inputs: float) -> Model:
    return lambda replication: (1.0, 2.0, 3.0)


def unfit(context: Any) -> None:
    raise StudyStopped("other code")


def groups() -> Iterator[Group]:
    for point in range(POINTS):
        yield Group(point, float(point), tuple(range(EACH)))


def table(
    work: Work, pool: Pool, told: Callable[[Rows], None] = lambda rows: None
) -> tuple[np.ndarray[Any, Any], dict[tuple[int, int], str]]:
    """Run all groups; return the numbers in order and the errors by point and replication."""
    seen: dict[tuple[int, int], Any] = {}
    errors = {}

    def land(rows: Rows) -> None:
        for i in range(len(rows)):
            run = (int(rows.point[i]), int(rows.replication[i]))
            assert run not in seen
            seen[run] = rows.values[i]
            if i in rows.errors:
                errors[run] = rows.errors[i]
        told(rows)

    try:
        execute(work, groups(), POINTS * EACH, pool, land)
    finally:
        pool.stop([])
    assert len(seen) == POINTS * EACH
    return np.array([seen[run] for run in sorted(seen)]), errors


EXPECTED = np.array([(3.0 * p, float(r)) for p in range(POINTS) for r in range(EACH)])


class Backwards(ThreadPoolExecutor):
    """Takes the newest batch that waits first."""

    def __init__(self, workers: int) -> None:
        super().__init__(workers)
        self._work_queue = LifoQueue()


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_every_run_is_done_once_with_any_number_of_processes(jobs: int) -> None:
    values, errors = table(Work(numbers, 3.0, 2), pool_of(None, jobs))
    assert (values == EXPECTED).all()
    assert not errors


@pytest.mark.parametrize("kind", [ThreadPoolExecutor, ProcessPoolExecutor, Backwards])
def test_any_executor_gives_the_same_and_is_left_running(kind: type[Executor]) -> None:
    executor = kind(2)  # type: ignore[call-arg]
    values, _ = table(Work(numbers, 3.0, 2), pool_of(executor, 0))
    assert (values == EXPECTED).all()
    assert executor.submit(int, "4").result() == 4
    executor.shutdown()


def test_jobs_choose_the_place() -> None:
    assert isinstance(pool_of(None, 1), InProcess)
    assert isinstance(pool_of(None, 2), Processes)
    assert pool_of(None, 2).width() == 2


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_run_that_raises_is_a_row_with_its_error_in_one_line(jobs: int) -> None:
    values, errors = table(Work(odd_points_fail, None, 2), pool_of(None, jobs))
    assert set(errors) == {(p, r) for p in range(1, POINTS, 2) for r in range(EACH)}
    assert errors[3, 0] == "ValueError: no winter at 3.0"
    failed = np.isnan(values).all(axis=1)
    assert failed.sum() == len(errors)
    assert (values[~failed, 0] == np.repeat(np.arange(0, POINTS, 2), EACH)).all()


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_run_that_fails_once_is_tried_again_and_leaves_no_trace(
    jobs: int, tmp_path: Path
) -> None:
    values, errors = table(Work(fails_once, str(tmp_path), 2), pool_of(None, jobs))
    assert not errors
    assert (values[:, 0] == EXPECTED[:, 0] / 3).all()


def test_a_row_of_the_wrong_length_is_an_error_not_a_crash() -> None:
    _, errors = table(Work(too_short, None, 2), pool_of(None, 1))
    assert len(errors) == POINTS * EACH
    assert "ValueError" in errors[0, 0]


def test_workers_that_die_are_replaced_and_nothing_is_lost(tmp_path: Path) -> None:
    values, errors = table(Work(dies_now_and_then, str(tmp_path), 2), pool_of(None, 2))
    assert len(list(tmp_path.iterdir())) == 5
    assert not errors
    assert (values[:, 0] == EXPECTED[:, 0] / 3).all()


def test_a_run_that_always_kills_its_worker_becomes_a_row_and_its_neighbours_are_done() -> None:
    values, errors = table(Work(one_run_kills, None, 2), pool_of(None, 2))
    assert errors == {(7, 2): "the worker process ended abruptly 3 times"}
    assert np.isnan(values).any(axis=1).sum() == 1


def test_an_executor_of_the_caller_that_breaks_ends_the_study_in_words() -> None:
    with (
        ProcessPoolExecutor(2) as executor,
        pytest.raises(StudyStopped, match="the executor is broken"),
    ):
        table(Work(one_run_kills, None, 2), Given(executor))


def test_an_executor_that_was_shut_down_ends_the_study_in_words() -> None:
    executor = ThreadPoolExecutor(1)
    executor.shutdown()
    with pytest.raises(StudyStopped, match="takes no more work"):
        table(Work(numbers, 3.0, 2), Given(executor))


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_worker_that_is_unfit_ends_the_study(jobs: int) -> None:
    with pytest.raises(StudyStopped, match="other code"):
        table(Work(numbers, 3.0, 2, unfit), pool_of(None, jobs))


@pytest.mark.parametrize("stop", [KeyboardInterrupt, StudyStopped])
def test_what_was_done_when_a_study_is_stopped_is_told(stop: type[BaseException]) -> None:
    told = list[int]()

    def enough(rows: Rows) -> None:
        told.append(len(rows))
        if len(told) == 3:
            raise stop("now")

    pool = pool_of(None, 2)
    with pytest.raises(stop):
        execute(Work(numbers, 3.0, 2), groups(), POINTS * EACH, pool, enough)
    assert len(told) > 3  # what was under way as well
    assert sum(told) < POINTS * EACH


def test_batches_in_flight_do_not_grow_with_the_study() -> None:
    class Counting(Given):
        flying = most = 0

        def submit(self, call: Callable[..., Any], *arguments: Any) -> Future[Any]:
            future = super().submit(call, *arguments)
            self.flying += 1
            self.most = max(self.most, self.flying)
            return future

    with ThreadPoolExecutor(2) as executor:
        pool = Counting(executor)

        def landed(rows: Rows) -> None:
            pool.flying -= 1

        table(Work(numbers, 3.0, 2), pool, landed)
    assert pool.most <= 4
