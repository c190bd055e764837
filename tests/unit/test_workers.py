"""Workers of our own: no interruption breaks them, and no driver leaves them behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from zibo_sim.workers import Workers, call_back, processes, workers

_SCRIPT = """
import os, sys, time
from zibo_sim.workers import Workers
if __name__ == "__main__":
    with Workers(2) as pool:
        print(*{pool.submit(os.getpid).result() for _ in range(20)}, flush=True)
        flying = [pool.submit(time.sleep, 0.1) for _ in range(1000)]
        for future in flying:
            future.result()
"""


def driver(tmp_path: Path) -> subprocess.Popen[str]:
    script = tmp_path / "driver.py"
    script.write_text(_SCRIPT)
    return subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def test_what_jobs_means() -> None:
    assert processes(3) == 3
    assert processes(0) == processes(-1) == os.cpu_count()
    with workers(1) as here:
        assert here is None
    with workers(2) as ours:
        assert isinstance(ours, Workers)
    with ThreadPoolExecutor(1) as given, workers(1, given) as kept:
        assert kept is given


def test_work_is_called_back_from_others_and_dropped_by_ours() -> None:
    waiting: Future[None] = Future()
    with Workers(1) as ours:
        call_back([waiting], ours)
    assert not waiting.cancelled()
    call_back([waiting], Executor())
    assert waiting.cancelled()


@pytest.mark.parametrize("after", [0.0, 0.02, 0.1, 0.3])
def test_an_interruption_of_every_process_ends_in_order(tmp_path: Path, after: float) -> None:
    with driver(tmp_path) as running:
        assert running.stdout is not None
        known = [int(pid) for pid in running.stdout.readline().split()]
        time.sleep(after)
        os.killpg(running.pid, signal.SIGINT)
        _, said = running.communicate(timeout=30)
    assert known
    assert not any(lives(pid) for pid in known)
    assert said.count("Traceback") == 1
    assert said.rstrip().endswith("KeyboardInterrupt")
    assert "Exception in thread" not in said


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc to look at")
def test_workers_end_with_a_driver_that_is_killed(tmp_path: Path) -> None:
    with driver(tmp_path) as running:
        assert running.stdout is not None
        known = [int(pid) for pid in running.stdout.readline().split()]
        assert known
        assert all(lives(pid) for pid in known)
        running.kill()
        running.communicate(timeout=30)
    until = time.monotonic() + 20
    while any(lives(pid) for pid in known):
        assert time.monotonic() < until, "a worker outlived its driver"
        time.sleep(0.05)
