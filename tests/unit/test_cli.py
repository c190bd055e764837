"""The command line: what a user is told, the exit status, and that no traceback is ever shown."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from zibo_sim.cli.main import _unraisable, main
from zibo_sim.scenario import load, names
from zibo_sim.study.spec import load_study
from zibo_sim.words import half

FILE_COMMANDS = ("bill", "subsidy", "alerts", "sla", "check", "validate", "report")
READERS = ("bill", "subsidy", "alerts", "sla")
SELF = 'title = "x"\nquestion = "y"\nextends = "self.toml"\n'
BAD_KEY = 'title = "x"\nquestion = "y"\n[cloud.audit]\nservrs = 3\n'


def test_a_file_the_system_refuses_is_named_and_not_standard_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = "x" * 300
    assert main(["run", "--replications", "2", "--out", str(tmp_path / name)]) == 1
    said = capsys.readouterr().err
    assert name in said
    assert "standard output" not in said


def test_a_byte_order_mark_is_no_fault_of_a_toml_file(tmp_path: Path) -> None:
    texts = {
        "scenario": 'title = "x"\nquestion = "y"\nextends = "winter-2018-19"\n',
        "cases": '[[case]]\nid = "A"\nname = "n"\nrule = "heating.in_season"\n'
        'clause = "淄政办字〔2018〕139号 一(一)5"\ninput = { date = 2018-11-15 }\n'
        "expect = { in_season = true }\n",
        "study": 'design = "grid"\n[factors]\n"cloud.audit.servers" = [1, 2]\n',
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8-sig")
    assert main(["validate", str(tmp_path / "scenario.toml")]) == 0
    assert main(["check", str(tmp_path / "cases.toml")]) == 0
    assert load_study(tmp_path / "study.toml").keys == ("cloud.audit.servers",)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder that holds the usual bad files."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "binary.csv").write_bytes(bytes(range(256)) * 8)
    (tmp_path / "gbk.csv").write_bytes("customer_id,district\nC1,张店区\n".encode("gbk"))
    (tmp_path / "self.toml").write_text(SELF)
    (tmp_path / "bad.toml").write_text(BAD_KEY)
    (tmp_path / "novalue.csv").write_text("time,aqi\n2018-12-01 00:00,\n2018-12-01 01:00,\n")
    (tmp_path / "folder").mkdir()
    return tmp_path


def told(capsys: pytest.CaptureFixture[str]) -> str:
    captured = capsys.readouterr()
    return captured.out + captured.err


@pytest.mark.parametrize("command", FILE_COMMANDS)
@pytest.mark.parametrize("name", ["none.csv", "empty.csv", "binary.csv", "folder"])
def test_a_file_that_cannot_be_read_is_refused_in_words(
    here: Path, capsys: pytest.CaptureFixture[str], command: str, name: str
) -> None:
    assert main([command, name]) == 1
    said = told(capsys)
    assert name.split(".")[0] in said
    assert "Traceback" not in said
    assert "unexpected" not in said


@pytest.mark.parametrize("command", READERS)
def test_a_file_in_gbk_is_named_with_the_way_out(
    here: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    assert main([command, "gbk.csv"]) == 1
    said = told(capsys)
    assert "gbk.csv" in said
    assert "--encoding gb18030" in said


def test_the_way_out_of_gbk_works(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = "客户编号,区县,用途,计费方式,部位,面积\nC1,张店区,居民,按面积,普通住宅,100\n"
    (here / "list.csv").write_bytes(rows.encode("gbk"))
    assert main(["bill", "list.csv", "--encoding", "gb18030"]) == 0
    assert "2200.00" in told(capsys)


@pytest.mark.parametrize(
    ("arguments", "fragment"),
    [
        (["run", "nonsense"], "winter-2018-19"),
        (["run", "bad.toml"], "cloud.audit.servers"),
        (["run", "self.toml"], "extends itself"),
        (["validate", "bad.toml"], "cloud.audit.servers"),
        (["run", "--set", "cloud.audit.servrs=2"], "cloud.audit.servers"),
        (["run", "--set", "cloud.audit.servers=-2"], "greater than or equal to 1"),
        (["run", "--set", "air.emissions.scale=abc"], "air.emissions.scale"),
        (["run", "--set", "air.emissions.scale={value=1.1}"], "(got {'value': 1.1})"),
        (["run", "--set", "heating.dwellings=1e3"], "whole number without a point or an exponent"),
        (["run", "--set", "heating.dwellings=1e3"], "(got 1000.0)"),
        (["run", "--set", "heating.dwellings=0"], "greater than or equal to 1 (got 0)"),
        (["run", "--set", "law.alert.yellow.dais=3"], "alert.yellow.days"),
        (["run", "--replications", "0"], "replications"),
        (["run", "--seed", "-1"], "seed"),
        (["run", "--observed", "empty.csv"], "empty.csv"),
        (["run", "--observed", "novalue.csv"], "holds no value in the scenario's period"),
        (["alerts", "novalue.csv"], "none of its 2 hours holds a value"),
        (["compare", "winter-2018-19", "nonsense"], "nonsense"),
        (["law", "alert.yelow.days"], "alert.yellow.days"),
        (["template", "custmers"], "customers"),
    ],
)
def test_refused_input_names_the_fault_and_what_is_allowed(
    here: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], fragment: str
) -> None:
    assert main(arguments) == 1
    said = told(capsys)
    assert fragment in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["run", "--set", "novalue"],
        ["run", "--lang", "fr"],
        ["compare", "winter-2018-19"],
        ["bill"],
    ],
)
def test_wrong_usage_ends_with_two(
    here: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert main(arguments) == 2
    assert "Traceback" not in told(capsys)


def test_all_faults_of_a_scenario_are_told_at_once(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "many.toml").write_text(
        'title = "x"\nquestion = "y"\n[cloud.audit]\nservrs = 3\n[air.response]\n'
        'compliance = 3.0\n[law]\n"alert.yelow.days" = 3\n'
    )
    assert main(["validate", "many.toml"]) == 1
    said = told(capsys)
    assert "many.toml" in said
    for fragment in ("cloud.audit.servers", "air.response.compliance", "alert.yellow.days"):
        assert fragment in said


def test_the_json_of_a_run_keeps_the_contract(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["run", "--replications", "2", "--jobs", "1", "--seed", "7", "--json"]
    assert main([*arguments, "--set", "law.alert.yellow.days=3"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["scenario"], said["seed"], said["replications"]) == ("winter-2018-19", 7, 2)
    mean = said["metrics"]["air.pm25_mean"]
    assert mean["low"] < mean["mean"] < mean["high"]
    assert mean["unit"] == "µg/m³"
    [changed] = said["differs_from_law"]
    assert (changed["id"], changed["law"], changed["scenario"]) == ("alert.yellow.days", 2, 3)
    assert changed["clause"] == "淄政办字〔2018〕145号 四(一)1"


def test_a_metric_that_no_replication_defines_is_null(capsys: pytest.CaptureFixture[str]) -> None:
    period = ["--set", "period.start=2018-10-01", "--set", "period.end=2018-10-07"]
    assert main(["run", "--replications", "2", "--jobs", "1", "--json", *period]) == 0
    metric = json.loads(capsys.readouterr().out)["metrics"]["heating.metered_paying_less"]
    assert (metric["mean"], metric["low"], metric["high"]) == (None, None, None)


def test_comparing_a_scenario_with_itself_shows_no_difference(
    capsys: pytest.CaptureFixture[str],
) -> None:
    name = "winter-2018-19"
    assert main(["compare", name, name, "--replications", "2", "--jobs", "1", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["variants"][name]
    shown = {
        (r["difference"], r["low"], r["high"], r["verdict"]) for r in rows.values() if r["pairs"]
    }
    assert shown == {(0.0, 0.0, 0.0, "no difference shown")}


def test_a_run_folder_holds_the_same_bytes_whatever_the_jobs(tmp_path: Path) -> None:
    common = ["run", "--replications", "5", "--seed", "3"]
    for name, jobs in (("one", "1"), ("two", "2")):
        assert main([*common, "--jobs", jobs, "--out", str(tmp_path / name)]) == 0
    for file in ("metrics.parquet", "events.parquet", "series.parquet", "scenario.toml"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()
    assert {p.name for p in (tmp_path / "one").iterdir()} >= {"manifest.json", "report.html"}
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")]


def test_the_resolved_scenario_of_a_run_folder_runs_again(tmp_path: Path) -> None:
    first, again = tmp_path / "first", tmp_path / "again"
    common = ["--replications", "2", "--jobs", "1", "--out"]
    assert main(["run", "--set", "cloud.audit.servers=3", *common, str(first)]) == 0
    assert main(["run", str(first / "scenario.toml"), *common, str(again)]) == 0
    name = "metrics.parquet"
    assert (first / name).read_bytes() == (again / name).read_bytes()


def test_a_full_disk_is_said_and_nothing_is_left(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "zibo_sim.cli.main", "law"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert "No space left" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_that_cannot_be_written_is_said(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "taken").write_text("a file")
    assert main(["run", "--replications", "1", "--jobs", "1", "--out", "taken"]) == 1
    assert "taken" in told(capsys)
    assert (here / "taken").read_text() == "a file"


def test_an_interruption_ends_with_130_and_leaves_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "zibo_sim.cli.main", "run", "--replications", "5000"]
    running = subprocess.Popen(
        [*command, "--jobs", "2", "--out", "result"],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    time.sleep(4)
    os.killpg(running.pid, signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == []


def test_what_a_library_fails_at_while_it_ends_is_not_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ZIBO_SIM_TRACEBACK", raising=False)
    error = TimeoutError("timed out after 20 s.")
    unraisable = SimpleNamespace(
        exc_type=TimeoutError, exc_value=error, exc_traceback=None, err_msg=None, object=None
    )
    _unraisable(unraisable)  # type: ignore[arg-type]
    assert not capsys.readouterr().err


def test_a_reader_that_goes_away_is_no_error() -> None:
    shown = subprocess.run(
        f"{sys.executable} -m zibo_sim.cli.main law | head -1",
        shell=True,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in shown.stderr
    assert shown.stdout.count("\n") == 1


def test_the_law_is_shown_in_both_languages(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["law", "heating.price.residential", "--lang", "zh"]) == 0
    assert "套内建筑面积22元/平方米" in told(capsys)
    assert main(["law", "139号 一(一)1", "--lang", "en"]) == 0
    assert "heating.price.residential" in told(capsys)


def test_a_failing_case_is_shown_and_ends_with_one(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "wrong.toml").write_text(
        '[[case]]\nid = "X1"\nname = "wrong on purpose"\nrule = "heating.in_season"\n'
        "input = { date = 2018-11-15 }\nexpect = { in_season = false }\n"
    )
    assert main(["check", "wrong.toml"]) == 1
    said = told(capsys)
    assert "X1" in said
    assert "0 passed, 1 failed" in said


@pytest.mark.parametrize(("lang", "other"), [("zh", "en"), ("en", "zh")])
def test_the_scenarios_are_listed_in_one_language(
    capsys: pytest.CaptureFixture[str], lang: str, other: str
) -> None:
    assert main(["scenarios", "--lang", lang]) == 0
    shown = capsys.readouterr().out
    for name in names():
        scenario = load(name)
        for said in (scenario.title, scenario.question):
            assert f"  {half(said, lang)}\n" in f"{shown}\n"
            assert half(said, other) not in shown
            assert said not in shown
