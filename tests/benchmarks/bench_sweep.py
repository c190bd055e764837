"""What the machinery of a study costs beside the model, and whether its memory stays flat.

Run with ``python tests/benchmarks/bench_sweep.py [POINTS]``; EMA workbench, the peer, comes with
``zibo-sim[bench]``. Times are of this machine and this moment; the ratios are what to compare.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path
from typing import Any

import psutil

import zibo_sim as zs
from zibo_sim.study.engine import execute
from zibo_sim.study.pools import Processes
from zibo_sim.study.spec import study_of
from zibo_sim.study.store import Store
from zibo_sim.study.work import Group, Model, Rows, Work

WORKERS, REPEATS = 2, 5
NO_OP_POINTS, NO_OP_EACH, PEER_RUNS = 25_000, 4, 2_000
POINTS, EACH = 500, 4
LARGE_POINTS, LARGE_EACH = 10_000, 20
LIMIT_US = 20.0


def no_op(context: None, inputs: tuple[float, float]) -> Model:
    """Return the model that does nothing."""
    x, y = inputs
    return lambda replication: (x, y, 0.0)


def no_op_for_the_peer(x: float = 0.0, y: float = 0.0) -> dict[str, float]:
    """Do nothing in the peer's way."""
    return {"a": x, "b": y, "c": 0.0}


def groups() -> Iterator[Group]:
    """Yield the points of the study that does nothing."""
    for point in range(NO_OP_POINTS):
        yield Group(point, (point * 0.5, 1.0), tuple(range(NO_OP_EACH)))


def overhead(folder: Path | None = None) -> float:
    """Return microseconds a run from start to rows, in arrays or in a store on the disk."""
    runs, rows = NO_OP_POINTS * NO_OP_EACH, list[Rows]()
    pool, started = Processes(WORKERS), time.perf_counter()
    if folder is None:
        execute(Work(no_op, None, 3), groups(), runs, pool, rows.append)
        assert sum(map(len, rows)) == runs
    else:
        store = Store(
            folder, [f"{i:032x}" for i in range(NO_OP_POINTS)], NO_OP_EACH, ("a", "b", "c")
        )
        execute(Work(no_op, None, 3), groups(), runs, pool, store.add)
        store.flush()
        assert store.done.all()
    pool.stop([])
    return (time.perf_counter() - started) / runs * 1e6


def peer() -> float | None:
    """Return the same of EMA workbench's process pool, None where it is not installed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import ema_workbench as ema
    except ImportError:
        return None
    model = ema.Model("noop", function=no_op_for_the_peer)
    model.uncertainties = [ema.RealParameter("x", 0, 1), ema.RealParameter("y", 0, 1)]
    model.outcomes = [ema.ScalarOutcome(name) for name in "abc"]
    with (
        redirect_stderr(StringIO()),
        ema.MultiprocessingEvaluator(model, n_processes=WORKERS) as evaluator,
    ):
        evaluator.perform_experiments(scenarios=100, reporting_frequency=1)
        started = time.perf_counter()
        evaluator.perform_experiments(scenarios=PEER_RUNS, reporting_frequency=1)
        return (time.perf_counter() - started) / PEER_RUNS * 1e6


def memory_mb() -> tuple[float, float]:
    """Return what this process and its largest worker hold, pages that they share in both."""
    me = psutil.Process()
    workers = [_resident(child) for child in me.children(recursive=True)]
    return _resident(me), max(workers, default=0.0)


def _resident(process: psutil.Process) -> float:
    try:
        return float(process.memory_info().rss) / 2**20
    except psutil.Error:
        return 0.0


class Watch:
    """Notes the peaks of memory as runs land."""

    def __init__(self) -> None:
        self.runs, self.peak = 0, (0.0, 0.0)
        self.peaks = dict[int, tuple[float, float]]()

    def __call__(self, landed: int) -> None:
        """Count runs and look at the memory."""
        self.runs += landed
        driver, worker = memory_mb()
        self.peak = max(self.peak[0], driver), max(self.peak[1], worker)
        for mark in (POINTS, POINTS * EACH):
            if self.runs >= mark:
                self.peaks.setdefault(mark, self.peak)


def winters(points: int) -> None:
    """Run a study of whole winters; print its rate, its memory and what a large one would take."""
    table: dict[str, Any] = {
        "title": "benchmark", "design": "sobol" if points & (points - 1) == 0 else "lhs",
        "points": points, "replications": EACH,
        "factors": {
            "air.emissions.scale": {"low": 0.7, "high": 1.2},
            "cloud.audit.servers": [1, 2, 3],
            "heating.metered_share": {"low": 0.0, "high": 0.9},
            "law.alert.yellow.days": [2, 3],
        },
    }  # fmt: skip
    watch = Watch()
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        frame = zs.sweep(study_of(table), out=Path(folder) / "s", jobs=0, progress=watch)
        seconds = time.perf_counter() - started
    assert (frame["error"] == "").all()
    rate = len(frame) / seconds
    print(f"\n{points} points × {EACH} replications of the whole winter, every metric")
    print(f"  {seconds:.0f} s, {rate:.1f} runs a second on {psutil.cpu_count()} processors")
    for mark, peak in watch.peaks.items():
        print(f"  peak memory by {mark} runs: driver {peak[0]:.0f} MB, worker {peak[1]:.0f} MB")
    hours = LARGE_POINTS * LARGE_EACH / rate / 3600
    print(f"  {LARGE_POINTS} × {LARGE_EACH} would take {hours:.1f} h (extrapolated at that rate)")


def main() -> None:
    """Print the overhead a run beside the peer's, then a study of whole winters."""
    ours = [overhead() for _ in range(REPEATS)]
    with tempfile.TemporaryDirectory() as folder:
        kept = [overhead(Path(tempfile.mkdtemp(dir=folder))) for _ in range(REPEATS)]
    theirs = [peer() for _ in range(REPEATS)]
    figure = statistics.median(ours)
    print(f"a run of a model that does nothing, {WORKERS} processes, median of {REPEATS}")
    print(f"  engine, rows gathered    {figure:8.1f} µs (limit {LIMIT_US:.0f})")
    print(f"  engine, rows in a store  {statistics.median(kept):8.1f} µs")
    known = [value for value in theirs if value is not None]
    print(f"  EMA workbench            {statistics.median(known):8.1f} µs" if known
          else "  EMA workbench is not installed (zibo-sim[bench])")  # fmt: skip
    winters(int(sys.argv[1]) if len(sys.argv) > 1 else POINTS)


if __name__ == "__main__":
    main()
