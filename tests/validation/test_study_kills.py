"""A study killed at any moment ends with the bytes of one left alone."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from multiprocessing import get_context
from multiprocessing.context import ForkProcess as Driver
from pathlib import Path
from typing import Any

import psutil
import pytest

from zibo_sim.scenario import load
from zibo_sim.study.spec import study_of
from zibo_sim.study.sweep import sweep

KILLS_OF_THE_DRIVER = 10
KILLS_OF_A_WORKER = 5
TABLE: dict[str, Any] = {
    "title": "one week",
    "design": "sobol",
    "points": 32,
    "replications": 8,
    "outputs": ["air.pm25_mean", "cloud.requests", "heating.revenue"],
    "factors": {
        "air.emissions.scale": {"low": 0.7, "high": 1.2},
        "cloud.audit.servers": [1, 2, 3],
    },
}


def results(folder: Path) -> bytes:
    return (folder / "results.parquet").read_bytes()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("kills") / "alone"
    drive(folder, 1)
    return results(folder)


def drive(folder: Path, jobs: int) -> None:
    base = load().replace({"period.start": date(2019, 3, 25)})
    sweep(study_of({"base": base, **TABLE}), out=folder, resume=True, jobs=jobs)


@pytest.fixture
def drivers() -> Iterator[Callable[[Path], Driver]]:
    """Start drivers, forked so that they need no time to load, and see them ended."""
    started = list[Driver]()

    def start(folder: Path) -> Driver:
        driver = get_context("fork").Process(target=drive, args=(folder, 2))
        driver.start()
        started.append(driver)
        return driver

    yield start
    for driver in started:
        driver.kill()
        driver.join()


@pytest.mark.slow
def test_a_driver_killed_ten_times_at_random_moments_changes_no_byte(
    tmp_path: Path, undisturbed: bytes, drivers: Callable[[Path], Driver]
) -> None:
    folder, moments = tmp_path / "killed", random.Random()  # any moment will do
    orphans = list[psutil.Process]()
    for _ in range(KILLS_OF_THE_DRIVER):
        driver = drivers(folder)
        time.sleep(moments.uniform(0.05, 1.0))
        orphans += psutil.Process(driver.pid).children()
        driver.kill()
        driver.join()
    last = drivers(folder)
    last.join(120)
    assert last.exitcode == 0
    assert results(folder) == undisturbed
    assert not [p for p in folder.rglob(".*") if p.name != ".lock"]
    # Workers without a driver end by themselves.
    _, alive = psutil.wait_procs(orphans, timeout=10)
    assert not alive


def kill_workers(done: threading.Event, killed: list[int]) -> None:
    """Kill a worker of this process now and then until enough were killed."""
    moments = random.Random()
    while len(killed) < KILLS_OF_A_WORKER and not done.is_set():
        time.sleep(moments.uniform(0.02, 0.15))
        workers = [p for p in psutil.Process().children() if p.pid not in killed]
        if workers:
            victim = moments.choice(workers).pid
            os.kill(victim, signal.SIGKILL)
            killed.append(victim)


@pytest.mark.slow
def test_workers_killed_five_times_at_random_moments_change_no_byte(
    tmp_path: Path, undisturbed: bytes
) -> None:
    done, killed = threading.Event(), list[int]()
    killer = threading.Thread(target=kill_workers, args=(done, killed))
    killer.start()
    try:
        drive(tmp_path / "s", 2)
    finally:
        done.set()
        killer.join()
    assert len(set(killed)) == KILLS_OF_A_WORKER
    assert results(tmp_path / "s") == undisturbed
