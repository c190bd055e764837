"""A study on a real Dask scheduler with two worker processes, on this machine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from zibo_sim.cli.main import main
from zibo_sim.errors import Refused
from zibo_sim.scenario import load
from zibo_sim.study.cluster import dask_executor
from zibo_sim.study.sweep import sweep

pytest.importorskip("distributed")

TABLE: dict[str, Any] = {
    "title": "one week",
    "base": load().replace({"period.start": date(2019, 3, 25)}),
    "design": "lhs",
    "points": 20,
    "replications": 5,
    "outputs": ["air.pm25_mean", "cloud.requests", "heating.revenue"],
    "factors": {
        "air.emissions.scale": {"low": 0.7, "high": 1.2},
        "law.alert.yellow.days": [2, 3],
    },
}


class Cluster:
    """A scheduler and its workers, each a process of its own on the loopback interface."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.processes = folder, list[subprocess.Popen[bytes]]()
        note = folder / "scheduler.json"
        self._start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
                    "--no-show", "--scheduler-file", str(note))  # fmt: skip
        self.note = note
        self.workers = [self.worker(), self.worker()]

    def worker(self) -> subprocess.Popen[bytes]:
        return self._start("worker", "--scheduler-file", str(self.note), "--host", "127.0.0.1",
                           "--no-dashboard", "--no-nanny", "--nthreads", "1",
                           "--local-directory", str(self.folder))  # fmt: skip

    def _start(self, what: str, *options: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", what, *options],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        self.processes.append(process)
        return process

    def address(self) -> str:
        import json

        deadline = time.monotonic() + 60
        while not self.note.exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        return str(json.loads(self.note.read_text())["address"])

    def end(self) -> None:
        for process in reversed(self.processes):
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    made = Cluster(tmp_path_factory.mktemp("dask"))
    try:
        made.address()
        yield made
    finally:
        made.end()


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("here") / "s"
    sweep(TABLE, out=folder, jobs=1)
    return (folder / "results.parquet").read_bytes()


@pytest.mark.slow
def test_a_dask_cluster_gives_the_bytes_of_this_process(
    cluster: Cluster, here: bytes, tmp_path: Path
) -> None:
    with dask_executor(cluster.address()) as executor:
        executor._client.wait_for_workers(2, timeout=60)  # type: ignore[attr-defined]
        sweep(TABLE, executor, out=tmp_path / "s")
        ran = executor._client.run(_has_run)  # type: ignore[attr-defined]
    assert (tmp_path / "s" / "results.parquet").read_bytes() == here
    assert len(ran) == 2
    assert all(ran.values())  # both took part


def _has_run() -> bool:
    return "zibo_sim.study.simulate" in sys.modules


@pytest.mark.slow
def test_the_command_runs_on_the_cluster(
    cluster: Cluster, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "study.toml"
    file.write_text(
        'design = "grid"\noutputs = ["cloud.requests"]\n'
        '[factors]\n"cloud.audit.servers" = [1, 2, 3]\n', encoding="utf-8",
    )  # fmt: skip
    line = ["sweep", str(file), "--lang", "en", "--out", str(tmp_path / "s")]
    assert main([*line, "--dask", cluster.address()]) == 0
    assert "3 points × 1 replications, 0 failed" in capsys.readouterr().out


@pytest.mark.slow
def test_a_worker_that_is_lost_is_made_up_for(
    cluster: Cluster, here: bytes, tmp_path: Path
) -> None:
    landed = list[int]()

    def lose(done: int) -> None:
        if not landed:
            os.kill(cluster.workers[0].pid, signal.SIGKILL)
        landed.append(done)

    with dask_executor(cluster.address()) as executor:
        executor._client.wait_for_workers(2, timeout=60)  # type: ignore[attr-defined]
        sweep(TABLE, executor, out=tmp_path / "s", progress=lose)
    assert sum(landed) == 100
    assert (tmp_path / "s" / "results.parquet").read_bytes() == here


@pytest.mark.slow
def test_a_scheduler_that_is_lost_ends_the_study_and_keeps_what_is_done(
    here: bytes, tmp_path: Path
) -> None:
    from zibo_sim.study.work import StudyStopped

    (tmp_path / "dask").mkdir()
    own = Cluster(tmp_path / "dask")
    try:
        with dask_executor(own.address()) as executor, pytest.raises(StudyStopped):
            sweep(TABLE, executor, out=tmp_path / "s", progress=lambda done: own.end())
    finally:
        own.end()
    assert list((tmp_path / "s" / "parts").iterdir())
    sweep(TABLE, out=tmp_path / "s", jobs=1, resume=True)
    assert (tmp_path / "s" / "results.parquet").read_bytes() == here


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nowhere", "udp://x:1", ""])
def test_an_address_where_no_scheduler_answers_is_refused(address: str) -> None:
    import zibo_sim.study.cluster as module

    wait, module._CONNECT = module._CONNECT, 1
    try:
        with pytest.raises(Refused, match="no scheduler answers"), dask_executor(address):
            pass
    finally:
        module._CONNECT = wait


def test_no_client_is_made_of_what_is_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("distributed.Client", None)  # one without a scheduler complains at its end
    with pytest.raises(Refused, match="'nowhere'"), dask_executor("nowhere"):
        pass
