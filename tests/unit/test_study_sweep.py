"""Studies of the model: the same bytes however they are run, resumed, grown or interrupted."""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

import zibo_sim as zs
from zibo_sim.cli.main import main
from zibo_sim.errors import Refused
from zibo_sim.study import content, simulate
from zibo_sim.study.design import design_points, scenario_at
from zibo_sim.study.spec import study_of
from zibo_sim.study.store import Store, locked
from zibo_sim.study.work import StudyStopped

OUTPUTS = ["air.pm25_mean", "air.lead_time_h", "cloud.requests", "heating.revenue"]
TABLE: dict[str, Any] = {
    "title": "two weeks",
    "base": zs.load().replace({"period.start": date(2019, 3, 18)}),
    "design": "lhs",
    "points": 6,
    "replications": 3,
    "seed": 5,
    "outputs": OUTPUTS,
    "factors": {
        "air.emissions.scale": {"low": 0.7, "high": 1.2},
        "cloud.audit.servers": [1, 2, 3],
        "law.alert.yellow.days": [2, 3],
    },
}
FILE = """
base = "short"
design = "lhs"
points = {points}
replications = {replications}
outputs = ["air.pm25_mean", "cloud.requests"]
[factors]
"air.emissions.scale" = {{ low = 0.7, high = 1.2 }}
"cloud.audit.servers" = [1, 2]
"""
SHORT = """
title = "short"
question = "?"
extends = "winter-2018-19"
[period]
start = 2019-03-18
"""


def results(folder: Path) -> bytes:
    return (folder / "results.parquet").read_bytes()


def parts(folder: Path) -> int:
    return sum(pq.read_metadata(file).num_rows for file in (folder / "parts").glob("*.parquet"))


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sweep") / "one"
    zs.sweep(TABLE, out=folder, jobs=1)
    return folder


@pytest.fixture
def study_file(tmp_path: Path) -> Callable[..., Path]:
    def write(points: int = 4, replications: int = 2) -> Path:
        (tmp_path / "short.toml").write_text(SHORT, encoding="utf-8")
        file = tmp_path / "study.toml"
        file.write_text(FILE.format(points=points, replications=replications), encoding="utf-8")
        return file

    return write


@pytest.mark.parametrize("jobs", [2, 3])
def test_the_number_of_processes_changes_no_byte(
    undisturbed: Path, tmp_path: Path, jobs: int
) -> None:
    zs.sweep(TABLE, out=tmp_path / "two", jobs=jobs)
    assert results(tmp_path / "two") == results(undisturbed)


def test_an_executor_of_the_caller_changes_no_byte(undisturbed: Path, tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as executor:
        zs.sweep(TABLE, executor, out=tmp_path / "two")
    assert results(tmp_path / "two") == results(undisturbed)


def test_each_row_is_the_run_of_its_point_with_the_studys_seed_and_its_replication() -> None:
    table, study = zs.sweep(TABLE, jobs=1), study_of(TABLE)
    points = design_points(study)
    assert list(table.columns) == ["point", "replication", *study.keys, *OUTPUTS, "error"]
    assert table["point"].tolist() == np.repeat(np.arange(6), 3).tolist()
    assert table["replication"].tolist() == [0, 1, 2] * 6
    assert (table["error"] == "").all()
    for row in (0, 4, 17):
        said = table.iloc[row]
        values = points.to_dict("records")[int(said["point"])]
        assert {key: said[key] for key in values} == values
        run = zs.run(scenario_at(study, values), study.seed, int(said["replication"]))
        for name in OUTPUTS:
            assert (
                said[name] == run.metrics[name] or np.isnan([said[name], run.metrics[name]]).all()
            )


def test_the_file_can_be_read_as_it_is_and_says_what_its_columns_are(undisturbed: Path) -> None:
    frame = pd.read_parquet(undisturbed / "results.parquet")
    said = json.loads((undisturbed / "columns.json").read_text(encoding="utf-8"))
    assert [column["name"] for column in said] == list(frame.columns)
    by_name = {column["name"]: column for column in said}
    assert by_name["law.alert.yellow.days"]["status"] == "statutory"
    assert by_name["air.emissions.scale"]["status"] == "assumed"
    assert by_name["heating.revenue"]["unit"] == "yuan"
    schema = pq.read_schema(undisturbed / "results.parquet")
    kinds = ["int64", "int64", "double", "int64", "int64", *["double"] * 4, "string"]
    assert [str(field.type) for field in schema] == kinds
    manifest = json.loads((undisturbed / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["complete"] is True
    assert manifest["failed"] == 0


def test_the_lines_its_readme_gives_for_pandas_and_duckdb_read_the_folder(
    undisturbed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(undisturbed)
    lines = dict(re.findall(r"^(pandas|DuckDB) +(.+)$", Path("README.txt").read_text(), re.M))
    frame = eval(lines["pandas"], {"pd": pd})
    told = duckdb.sql(lines["DuckDB"]).order("point, replication").df()
    pd.testing.assert_frame_equal(told, frame, check_dtype=False)
    mean = "SELECT avg(\"air.pm25_mean\") FROM 'parts/*.parquet'"
    assert duckdb.sql(mean).fetchall()[0][0] == pytest.approx(frame["air.pm25_mean"].mean())


def test_the_folder_holds_the_study_itself(undisturbed: Path) -> None:
    study = zs.load_study(undisturbed / "study.toml")
    assert design_points(study).equals(design_points(zs.load_study(undisturbed / "study.toml")))
    again = zs.sweep(study, jobs=1)
    assert again.equals(pd.read_parquet(undisturbed / "results.parquet"))


def test_what_a_metric_does_not_define_is_empty_in_the_file(undisturbed: Path) -> None:
    table = pq.read_table(undisturbed / "results.parquet")
    lead = table["air.lead_time_h"]
    assert lead.null_count == np.isnan(lead.to_pandas()).sum() > 0


def test_a_study_whose_manifest_was_cut_short_goes_on(undisturbed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "study"
    shutil.copytree(undisturbed, folder)
    (folder / "manifest.json").write_text('{"kind": "zibo')
    zs.sweep(folder / "study.toml", out=folder, resume=True, jobs=1)
    assert results(folder) == results(undisturbed)
    assert json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["complete"] is True


def test_points_alike_are_run_once(tmp_path: Path) -> None:
    table = {**TABLE, "factors": {"cloud.audit.servers": [1, 2]}}
    frame = zs.sweep(table, out=tmp_path / "s", jobs=1)
    assert len(frame) == 18
    assert parts(tmp_path / "s") == 6


def test_more_replications_and_levels_run_only_what_is_new(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def grid(levels: list[int], replications: int) -> dict[str, Any]:
        factors = {"cloud.audit.servers": levels}
        return {k: v for k, v in TABLE.items() if k != "points"} | {
            "design": "grid", "factors": factors, "replications": replications,
        }  # fmt: skip

    folder = tmp_path / "s"
    zs.sweep(grid([1, 2], 2), out=folder, jobs=1)
    assert not capsys.readouterr().err
    zs.sweep(grid([1, 2], 3), out=folder, jobs=1, resume=True)
    assert "(replications): 4 of 6 runs still fit, 2 are run anew" in capsys.readouterr().err
    zs.sweep(grid([1, 2, 3], 3), out=folder, jobs=1, resume=True)
    assert "(factors): 6 of 9 runs still fit, 3 are run anew" in capsys.readouterr().err
    assert parts(folder) == 9
    zs.sweep(grid([1, 2, 3], 3), out=tmp_path / "fresh", jobs=1)
    assert results(folder) == results(tmp_path / "fresh")
    fewer = grid([1, 2, 3], 3) | {"outputs": ["cloud.requests"]}
    zs.sweep(fewer, out=folder, jobs=1, resume=True)
    assert "(outputs): 9 of 9 runs still fit, 0 are run anew" in capsys.readouterr().err
    assert parts(folder) == 9


def test_a_change_of_the_code_is_noticed_and_its_runs_done_anew(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "s"
    small = {**TABLE, "points": 2, "replications": 1}
    zs.sweep(small, out=folder, jobs=1)
    from zibo_sim.study import folder as module

    for place in (content, simulate, module):
        monkeypatch.setattr(place, "code_version", lambda: "another")
    zs.sweep(small, out=folder, jobs=1, resume=True)
    said = capsys.readouterr().err
    assert "the code or the versions it runs on" in said
    assert "0 of 2 runs still fit, 2 are run anew" in said


def test_the_code_a_run_rests_on_holds_all_the_model_imports() -> None:
    import ast

    root = Path(content.__file__).parents[1]
    seen, todo = set[str](), ["zibo_sim.model", "zibo_sim.metrics", "zibo_sim.study.simulate"]
    while todo:
        name = todo.pop()
        file = root.joinpath(*name.split(".")[1:])
        file = file / "__init__.py" if file.is_dir() else file.with_suffix(".py")
        if name in seen or not file.is_file():
            continue
        seen.add(name)
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("zibo_sim."):
                todo += [str(node.module), *(f"{node.module}.{a.name}" for a in node.names)]
    rooms = {name.split(".")[1] for name in seen}
    assert {"air", "cloud", "heating", "law"} <= rooms
    assert not rooms & set(content.OUTSIDE)


def test_the_name_of_a_run_is_that_of_its_resolved_scenario() -> None:
    study = study_of(TABLE)
    points = design_points(study).to_dict("records")
    named = content.keys_of(study, points)
    whole = [content.key_of(content.inputs(scenario_at(study, p)), study.seed) for p in points]
    assert named == whole
    assert len(set(named)) == len(points)
    other = study.base.replace({"title": "another name"})
    assert content.inputs(other) == content.inputs(study.base)


def test_points_whose_values_do_not_go_together_are_refused_before_any_run(tmp_path: Path) -> None:
    days = {"period.start": [date(2019, 1, 1), date(2019, 3, 1)],
            "period.end": [date(2019, 1, 31), date(2019, 3, 31)]}  # fmt: skip
    with pytest.raises(Refused, match=r"point 2 .*2019-03-01.*must not be after end"):
        zs.sweep({"design": "grid", "factors": days, "base": zs.load()}, out=tmp_path / "s")
    assert not (tmp_path / "s").exists()


def test_points_that_are_refused_are_said_of_the_file(
    study_file: Callable[..., Path], tmp_path: Path
) -> None:
    file = study_file()
    text = file.read_text(encoding="utf-8").split("[factors]")[0].replace("points = 4\n", "")
    days = '"period.start" = [2019-03-18, 2019-03-25]\n"period.end" = [2019-03-24, 2019-03-31]\n'
    file.write_text(f"{text.replace('lhs', 'grid')}[factors]\n{days}", encoding="utf-8")
    with pytest.raises(Refused) as refusal:
        zs.sweep(file, out=tmp_path / "s")
    assert all(fault.startswith(f"{file}: point 2 ") for fault in refusal.value.faults)


def test_levels_that_are_no_numbers_are_text_in_the_file() -> None:
    table = {**TABLE, "replications": 1, "factors": {
        "period.end": [date(2019, 3, 24), date(2019, 3, 31)],
        "air.response.road_cut": [[0.1, 0.2, 0.3], [0.2, 0.3, 0.4]],
        "valuation.enabled": [False, True],
    }}  # fmt: skip
    frame = zs.sweep({**table, "outputs": ["valuation.cost"]}, jobs=1)
    assert set(frame["period.end"]) == {"2019-03-24", "2019-03-31"}
    assert set(frame["air.response.road_cut"]) == {"[0.1, 0.2, 0.3]", "[0.2, 0.3, 0.4]"}
    assert (frame["valuation.cost"].isna() == ~frame["valuation.enabled"]).all()


# ---- failures ----------------------------------------------------------------------------


def failing(
    monkeypatch: pytest.MonkeyPatch, fails: Callable[[Any, int, int], bool]
) -> dict[str, int]:
    """Let some runs fail; return a count of attempts."""
    whole, count = simulate.run_once, {"attempts": 0}

    def run_once(scenario: Any, seed: int, replication: int) -> Any:
        count["attempts"] += 1
        if fails(scenario, replication, count["attempts"]):
            raise ArithmeticError("no winter today")
        return whole(scenario, seed, replication)

    monkeypatch.setattr(simulate, "run_once", run_once)
    return count


def test_a_failed_run_is_a_row_counted_and_said_and_tried_again_on_resume(
    undisturbed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    folder = tmp_path / "s"
    with monkeypatch.context() as patch:
        count = failing(patch, lambda scenario, replication, attempt: attempt in (5, 6))
        frame = zs.sweep(TABLE, out=folder, jobs=1)
    assert count["attempts"] == 19  # one of 18 was tried twice
    failed = frame[frame["error"] != ""]
    assert failed["error"].tolist() == ["ArithmeticError: no winter today"]
    assert failed[OUTPUTS].isna().all(axis=None)
    said = capsys.readouterr().err
    assert "1 of 18 runs failed" in said
    assert "no winter today" in said
    zs.sweep(TABLE, out=folder, jobs=1, resume=True)
    assert "1 failed runs are tried again" in capsys.readouterr().err
    assert results(folder) == results(undisturbed)


def test_a_study_whose_first_runs_all_fail_ends_with_the_first_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    failing(monkeypatch, lambda *_: True)
    with pytest.raises(StudyStopped, match=r"of the first .* failed, the first: Arithmetic"):
        zs.sweep(TABLE, out=tmp_path / "s", jobs=1)
    assert not (tmp_path / "s" / "results.parquet").exists()
    assert "--resume" in capsys.readouterr().err


def test_a_study_with_many_failures_ends_and_keeps_what_went_well(
    undisturbed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, table = tmp_path / "s", {**TABLE, "replications": 10}
    with monkeypatch.context() as patch:
        failing(patch, lambda scenario, replication, attempt: replication % 4 == 1)
        with pytest.raises(StudyStopped, match="no winter today"):
            zs.sweep(table, out=folder, jobs=1)
    assert parts(folder) >= 20
    zs.sweep(TABLE, out=folder, jobs=1, resume=True)
    assert results(folder) == results(undisturbed)


# ---- folders -----------------------------------------------------------------------------


def test_a_folder_in_use_or_of_something_else_is_refused(tmp_path: Path, undisturbed: Path) -> None:
    with pytest.raises(Refused, match="not empty; go on with what is there by --resume"):
        zs.sweep(TABLE, out=undisturbed)
    with locked(undisturbed), pytest.raises(Refused, match="another sweep"):
        zs.sweep(TABLE, out=undisturbed, resume=True)
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(Refused, match="something else"):
        zs.sweep(TABLE, out=tmp_path, resume=True)
    (tmp_path / "manifest.json").write_text('{"package": "zibo_sim"}')
    with pytest.raises(Refused, match="something else"):
        zs.sweep(TABLE, out=tmp_path, resume=True)
    with pytest.raises(Refused, match="is a file"):
        zs.sweep(TABLE, out=tmp_path / "letter.txt")
    assert (tmp_path / "letter.txt").read_text() == "dear"


def test_results_of_another_study_do_not_stay_beside_a_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "s"
    zs.sweep({**TABLE, "points": 2, "replications": 1}, out=folder, jobs=1)
    failing(monkeypatch, lambda *_: True)
    with pytest.raises(StudyStopped):
        zs.sweep({**TABLE, "points": 7}, out=folder, jobs=1, resume=True)
    assert not (folder / "results.parquet").exists()
    assert json.loads((folder / "manifest.json").read_text())["complete"] is False


def test_factors_in_another_order_are_described_so(tmp_path: Path) -> None:
    few = {**TABLE, "points": 2, "replications": 1}
    zs.sweep(few, out=tmp_path, jobs=1)
    turned = {**few, "factors": dict(reversed(TABLE["factors"].items()))}
    table = zs.sweep(turned, out=tmp_path, jobs=1, resume=True)
    said = json.loads((tmp_path / "columns.json").read_text(encoding="utf-8"))
    assert [column["name"] for column in said] == list(table.columns)
    assert zs.load_study(tmp_path / "study.toml").keys == tuple(turned["factors"])


def test_a_folder_that_cannot_be_written_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / ".lock").mkdir()
    with pytest.raises(Refused, match="cannot be written"):
        zs.sweep(TABLE, out=tmp_path)


def test_a_full_disk_is_said_once_and_what_is_kept_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(store: Store) -> None:
        raise Refused("cannot be written: No space left on device")

    monkeypatch.setattr(Store, "flush", full)
    with pytest.raises(Refused, match="No space left"):
        zs.sweep({**TABLE, "points": 20}, out=tmp_path / "s", jobs=1)
    assert str(tmp_path / "s") in capsys.readouterr().err


@pytest.mark.parametrize("jobs", [-1, 1.5, True])
def test_a_number_of_jobs_that_cannot_be_is_refused(jobs: Any) -> None:
    with pytest.raises(Refused, match="jobs"):
        zs.sweep(TABLE, jobs=jobs)


# ---- the command -------------------------------------------------------------------------


def test_the_command_writes_the_folder_and_sums_it_up(
    study_file: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "deep" / "out"
    assert main(["sweep", str(study_file()), "--out", str(out), "--resume", "--lang", "en"]) == 0
    said = capsys.readouterr()
    assert "4 points × 2 replications, 0 failed" in said.out
    assert "air.pm25_mean" in said.out
    assert not said.err
    assert main(["sweep", str(study_file()), "--out", str(out)]) == 1
    assert "--resume" in capsys.readouterr().err
    assert main(["sweep", str(study_file()), "--out", str(out), "--resume", "--lang", "zh"]) == 0
    said = capsys.readouterr()
    assert "8 次模拟中已有 8 次" in said.err
    assert "4 个方案 × 2 次重复" in said.out


def test_the_command_ends_with_1_when_a_run_failed(
    study_file: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    failing(monkeypatch, lambda scenario, replication, attempt: attempt in (5, 6))
    out = str(tmp_path / "out")
    assert main(["sweep", str(study_file()), "--out", out, "--jobs", "1", "--lang", "en"]) == 1
    said = capsys.readouterr()
    assert "1 of 8 runs failed" in said.err
    assert "1 failed" in said.out


def test_jobs_and_dask_exclude_each_other(
    study_file: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["sweep", str(study_file()), "--out", "x", "--jobs", "2", "--dask", "tcp://h:1"]
    assert main(arguments) == 2
    assert "exclude each other" in capsys.readouterr().err


def test_an_empty_address_is_refused_rather_than_run_here(
    study_file: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("distributed")
    assert main(["sweep", str(study_file()), "--out", str(tmp_path / "out"), "--dask", ""]) == 1
    assert "no scheduler answers at ''" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_without_dask_the_extra_is_named(
    study_file: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setitem(sys.modules, "distributed", None)
    out = str(tmp_path / "out")
    assert main(["sweep", str(study_file()), "--out", out, "--dask", "tcp://127.0.0.1:9"]) == 1
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert "zibo-sim[dask]" in said[0]
    assert not (tmp_path / "out").exists()


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "zibo_sim.cli.main", *arguments]


def test_an_interruption_keeps_what_is_done_and_says_how_to_go_on(
    study_file: Callable[..., Path], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    line = command(
        "sweep", str(study_file(40, 10)), "--out", str(out), "--jobs", "2", "--lang", "en"
    )
    process = subprocess.Popen(
        line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    deadline = time.monotonic() + 60
    while not list(out.glob("parts/*.parquet")) and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the workers too
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in said
    assert "runs are kept in" in said
    assert "--resume" in said
    assert 0 < parts(out) < 400
    assert not list(out.glob("**/.*.tmp"))
    again = subprocess.run([*line[:-2], "--lang", "en", "--resume"], capture_output=True, text=True)
    assert again.returncode == 0
    assert f"{int(said.split(' of 400')[0].split()[-1])} of 400 runs are there" in again.stderr
    assert parts(out) == 400


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a terminal")
def test_a_terminal_shows_rate_and_time_left(
    study_file: Callable[..., Path], tmp_path: Path
) -> None:
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    line = command("sweep", str(study_file(20, 2)), "--out", str(tmp_path / "o"), "--jobs", "1")
    process = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=theirs)
    os.close(theirs)
    shown = b""
    while True:
        try:
            read = os.read(ours, 4096)
        except OSError:
            break
        if not read:
            break
        shown += read
    os.close(ours)
    assert process.wait(60) == 0
    text = shown.decode()
    assert "/40" in text
    assert "/s" in text  # the rate
    assert "<00:" in text  # the time left
