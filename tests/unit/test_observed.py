"""A measured record in place of simulated air: what is not measured is not known."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from zibo_sim.air.stretches import LEVELS
from zibo_sim.cli.main import main
from zibo_sim.desk.observed import Measured
from zibo_sim.desk.observed import load as load_record
from zibo_sim.experiment import replicate, run
from zibo_sim.metrics import METRICS
from zibo_sim.report import summary_text
from zibo_sim.report.winter import Winter, alert_rows
from zibo_sim.results import Run
from zibo_sim.scenario import load

START = datetime(2018, 9, 20)
CLEAN_H, HOURS = 301, 600
BEFORE_PERIOD = 11 * 24
BASE = load()
JUDGED = [name for name in METRICS if name.startswith("air.target_")]


def written(path: Path, *runs: tuple[float | str, int], start: datetime = START) -> Path:
    values = [value for value, hours in runs for _ in range(hours)]
    rows = [f"{start + timedelta(hours=i):%Y-%m-%d %H:%M},{v}" for i, v in enumerate(values)]
    path.write_text("\n".join(["time,pm25", *rows]) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def fragment(tmp_path: Path) -> Path:
    """Twenty-five days, the last twelve of them heavy, when the record stops."""
    return written(tmp_path / "fragment.csv", (90, CLEAN_H), (260, HOURS - CLEAN_H))


@pytest.fixture
def measured(fragment: Path) -> Measured:
    return load_record(fragment, BASE)


@pytest.fixture
def made(measured: Measured) -> Run:
    return run(BASE, seed=1, observed=measured.air)


def test_an_alert_that_is_open_when_the_record_ends_counts_days_up_to_there(made: Run) -> None:
    metrics = made.metrics
    days = (HOURS - BEFORE_PERIOD) / 24
    assert metrics["air.alerts"] == 1
    assert days - 2 < metrics["air.alert_days"] <= days
    parts = [metrics[f"air.alert_days_{level}"] for level in ("yellow", "orange", "red")]
    assert sum(parts) == pytest.approx(metrics["air.alert_days"])
    assert metrics["air.response_days"] <= days
    (alert,) = made.alerts.to_dict("records")
    assert alert["hours_in_force"] <= 24 * days


def test_after_the_record_nothing_is_done_and_the_log_says_why(made: Run) -> None:
    events = made.events[made.events["domain"] == "air"]
    ends = START + timedelta(hours=HOURS)
    (stop,) = events[events["event"] == "record_ended"].to_dict("records")
    assert stop["time"] == ends
    assert (stop["value"], stop["unit"]) == (HOURS - BEFORE_PERIOD, "h")
    (still,) = events[events["event"] == "open_at_record_end"].to_dict("records")
    assert (still["entity"], still["level"], still["time"]) == ("alert-1", "red", ends)
    after = events[events["time"] > ends]
    assert set(after["event"]) == set()


def test_the_level_is_unknown_after_the_record(made: Run) -> None:
    inside = HOURS - BEFORE_PERIOD
    assert set(made.series["alert"].iloc[:inside]) <= set(LEVELS)
    assert made.series["alert"].iloc[inside:].isna().all()


def test_a_report_counts_an_open_alert_to_the_end_of_the_record(made: Run) -> None:
    (row,) = alert_rows(Winter(0, made.metrics, made.series, made.events))
    assert row.lifted is None
    assert row.hours == pytest.approx(made.alerts["hours_in_force"].iloc[0], abs=0.1)


def test_a_season_is_not_judged_by_a_fragment(made: Run) -> None:
    metrics = made.metrics
    assert metrics["air.measured_share"] == pytest.approx((HOURS - BEFORE_PERIOD) / 4368)
    assert metrics[JUDGED].isna().all()
    assert len(JUDGED) == 5
    assert metrics["air.heavy_days"] == 13
    assert metrics["air.pm25_mean"] == pytest.approx(
        (90 * (CLEAN_H - BEFORE_PERIOD) + 260 * (HOURS - CLEAN_H)) / (HOURS - BEFORE_PERIOD)
    )


@pytest.mark.parametrize(("days_missing", "judged"), [(0, True), (18, True), (19, False)])
def test_targets_are_judged_from_nine_days_in_ten(
    tmp_path: Path, days_missing: int, judged: bool
) -> None:
    hours = 182 * 24
    gone = 24 * days_missing
    start = datetime(2018, 10, 1)
    file = written(tmp_path / "x.csv", (60, 240), ("", gone), (60, hours - gone - 240), start=start)
    metrics = run(BASE, observed=load_record(file, BASE).air).metrics
    assert metrics[JUDGED].notna().all() == judged
    assert metrics["air.measured_share"] == pytest.approx(1 - gone / hours)


def test_the_share_of_days_that_a_judgement_needs_is_an_input(fragment: Path) -> None:
    lax = BASE.replace({"air.record.valid_days_share": 0.05})
    metrics = run(lax, observed=load_record(fragment, lax).air).metrics
    assert metrics["air.target_met"] == 0


def test_pm25_alone_decides_too_whether_there_is_enough_of_it(tmp_path: Path) -> None:
    rows = [
        f"{datetime(2018, 10, 1) + timedelta(hours=i):%Y-%m-%d %H:%M},60,{40 if i < 480 else ''}"
        for i in range(4368)
    ]
    file = tmp_path / "x.csv"
    file.write_text("time,aqi,pm25\n" + "\n".join(rows) + "\n", encoding="utf-8")
    metrics = run(BASE, observed=load_record(file, BASE).air).metrics
    assert metrics["air.measured_share"] == 1
    assert np.isnan(metrics["air.target_met"])


def test_a_gap_inside_the_record_is_no_end_of_it(tmp_path: Path) -> None:
    start = datetime(2018, 10, 1)
    file = written(tmp_path / "x.csv", (260, 480), ("", 142), (260, 96), (40, 3650), start=start)
    made = run(BASE, seed=1, observed=load_record(file, BASE).air)
    assert not {"record_ended", "open_at_record_end"} & set(made.events["event"])
    assert made.alerts["lifted"].notna().all()
    assert made.alerts["hours_in_force"].max() > 480 + 142
    assert set(made.series["alert"]) <= set(LEVELS)


def test_simulated_air_is_known_throughout() -> None:
    made = run(BASE, seed=1)
    assert made.metrics["air.measured_share"] == 1
    assert made.metrics[JUDGED].notna().all()
    assert made.series["alert"].notna().all()
    assert "record_ended" not in set(made.events["event"])


# ---- what is said ------------------------------------------------------------------------------


def test_it_is_said_how_much_is_measured_and_where_it_ends(measured: Measured) -> None:
    english, chinese = " ".join(measured.statements("en")), "".join(measured.statements("zh"))
    assert "last measured hour is 2018-10-14 23:00" in english
    assert "336 of the period's 4368 hours are measured" in english
    assert "实测至 2018-10-14 23:00 为止" in chinese


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", ["not judged", "measured air for 7.7% of the hours", "Too little is measured"]),
        ("zh", ["不作判定", "占时段小时数的 7.7%", "实测不足"]),
    ],
)
def test_the_summary_judges_no_fragment(measured: Measured, lang: str, said: list[str]) -> None:
    text = " ".join(summary_text(replicate(BASE, 1, 1, observed=measured.air), lang).split())
    for part in said:
        assert part in text
    assert "days missed" not in text
    assert "未达到" not in text
    assert "226" not in text  # fragments are held against no winter before


def test_the_table_shows_an_open_alert_as_open(measured: Measured, made: Run) -> None:
    assert "open at the end of the record" in measured.text(made, "en")
    assert "实测止时未解除" in measured.text(made, "zh")


def test_the_command_gives_null_and_says_the_rest_on_standard_error(
    fragment: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["run", "--observed", str(fragment), "--replications", "1", "--lang", "en"]
    assert main([*arguments, "--json"]) == 0
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert all(found["metrics"][name]["mean"] is None for name in JUDGED)
    assert found["observed"]["measured_hours"] == 336
    assert [a["open_at_end"] for a in found["observed"]["alerts_of_replication_0"]] == [True]
    assert "last measured hour" in err
