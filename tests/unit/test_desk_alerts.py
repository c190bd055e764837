"""The plan applied to a file of hourly air, and what is no hourly series."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from zibo_sim.air.aqi import hourly_aqi
from zibo_sim.desk.air import AirRecord, read_air
from zibo_sim.desk.alerts import OUTPUT, alerts_file
from zibo_sim.desk.outcome import Outcome
from zibo_sim.errors import Refused
from zibo_sim.law import book

START = datetime(2018, 12, 1, 12)


def series(*runs: tuple[float | str, int], start: datetime = START) -> list[str]:
    values = [value for value, hours in runs for _ in range(hours)]
    return [f"{start + timedelta(hours=i):%Y-%m-%d %H:%M},{v}" for i, v in enumerate(values)]


def written(tmp_path: Path, *lines: str) -> Path:
    source = tmp_path / "in.csv"
    source.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return source


def record(tmp_path: Path, *lines: str) -> AirRecord:
    return read_air(written(tmp_path, *lines))


def alerts(tmp_path: Path, *lines: str, **options: object) -> tuple[Outcome, list[dict[str, str]]]:
    out = tmp_path / "out.csv"
    outcome = alerts_file(written(tmp_path, *lines), out, **options)  # type: ignore[arg-type]
    with out.open(encoding="utf-8-sig", newline="") as file:
        return outcome, list(csv.DictReader(file))


def refusal(tmp_path: Path, *lines: str) -> str:
    with pytest.raises(Refused) as caught:
        record(tmp_path, *lines)
    return str(caught.value)


@pytest.mark.parametrize(
    "lines",
    [
        ("time,aqi", *series(("", 48))),
        ("time,pm25", *series(("NA", 30))),
        ("time,aqi,dust", "2018-12-01 00:00,,true", "2018-12-01 01:00,,false"),
    ],
)
def test_a_file_without_a_single_value_is_refused(tmp_path: Path, lines: Sequence[str]) -> None:
    with pytest.raises(Refused, match=r"none of its .* hours holds a value") as caught:
        alerts_file(written(tmp_path, *lines), tmp_path / "out.csv")
    assert len(caught.value.faults) == 1
    assert "in.csv" in str(caught.value)
    assert not (tmp_path / "out.csv").exists()


def test_one_value_is_enough_to_be_answered(tmp_path: Path) -> None:
    outcome, rows = alerts(tmp_path, "time,aqi", *series(("", 47), (300, 1)))
    assert rows == []
    assert "episodes of heavy pollution: 0" in outcome.notes["en"][-1]


def test_an_episode_is_one_row_with_who_signs_and_when_to_publish(tmp_path: Path) -> None:
    outcome, rows = alerts(tmp_path, "time,aqi", *series((100, 24), (230, 48), (100, 60)))
    assert tuple(rows[0]) == OUTPUT
    (row,) = rows
    assert (row["level"], row["days_over_200"], row["days_over_300"]) == ("yellow", "2", "0")
    assert row["signed_by"] == "办公室主任"
    assert row["clause"] == "淄政办字〔2018〕145号 四(一)1"
    start = datetime.fromisoformat(row["start"])
    assert datetime.fromisoformat(row["publish_by"]) == start - timedelta(hours=24)
    assert float(row["peak_24h"]) == 230
    assert "episodes of heavy pollution: 1 (1 yellow)" in outcome.notes["en"][-1]


def test_an_episode_that_is_too_short_has_no_alert(tmp_path: Path) -> None:
    _, (row,) = alerts(tmp_path, "time,aqi", *series((100, 24), (230, 26), (100, 60)))
    assert (row["level"], row["signed_by"], row["publish_by"]) == ("none", "", "")
    assert row["clause"] == "淄政办字〔2018〕145号 四(一)"


def test_clean_air_leaves_a_header_alone(tmp_path: Path) -> None:
    outcome, rows = alerts(tmp_path, "time,aqi", *series((100, 72)))
    assert (rows, outcome.written, outcome.errors) == ([], 0, 0)


def test_episodes_before_the_plan_was_in_force_are_counted(tmp_path: Path) -> None:
    early = datetime(2018, 11, 15)
    outcome, rows = alerts(tmp_path, "time,aqi", *series((250, 48), start=early))
    assert rows[0]["level"] == "yellow"
    said = "1 of them begun before 淄政办字〔2018〕145号 was in force (2018-11-16)"
    assert said in outcome.notes["en"]
    late, _ = alerts(tmp_path, "time,aqi", *series((250, 48), start=early + timedelta(days=1)))
    assert not any("in force" in note for note in late.notes["en"])


def test_a_change_of_the_law_reaches_the_level(tmp_path: Path) -> None:
    law = book().with_changes({"alert.yellow.days": 1, "alert.lead.hours": 12})
    _, (row,) = alerts(tmp_path, "time,aqi", *series((100, 24), (230, 26), (100, 60)), law=law)
    assert row["level"] == "yellow"
    lead = datetime.fromisoformat(row["start"]) - datetime.fromisoformat(row["publish_by"])
    assert lead == timedelta(hours=12)


def test_hours_of_dust_break_a_run(tmp_path: Path) -> None:
    lines = series((250, 72))
    dusty = [f"{line},{'是' if 24 <= i < 48 else ''}" for i, line in enumerate(lines)]
    _, rows = alerts(tmp_path, "时间,AQI,沙尘", *dusty)
    assert {row["level"] for row in rows} == {"none"}
    _, rows = alerts(tmp_path, "time,aqi", *lines)
    assert {row["level"] for row in rows} == {"orange"}


def test_the_calendar_reading_knows_where_midnight_is(tmp_path: Path) -> None:
    law = book().with_changes({"alert.yellow.days.reading": "calendar"})
    lines = series((100, 24), (230, 48), (100, 72))
    _, rows = alerts(tmp_path, "time,aqi", *lines, law=law)
    assert {row["level"] for row in rows} == {"none"}
    lines = series((100, 24), (230, 48), (100, 72), start=datetime(2018, 12, 1))
    _, rows = alerts(tmp_path, "time,aqi", *lines, law=law)
    assert {row["level"] for row in rows} == {"yellow"}


def test_gaps_are_stated_and_not_filled(tmp_path: Path) -> None:
    lines = series((100, 10), ("", 3), (100, 5), (100, 7), (100, 5))
    del lines[18:25]
    found = record(tmp_path, "time,aqi", *lines)
    assert (found.hours, found.missing) == (30, 10)
    assert np.isnan(found.aqi[[10, 11, 12, *range(18, 25)]]).all()
    said = " ".join(s.en for s in found.statements())
    assert "10 hours without data, not filled" in said
    assert "the longest gap is 7 hours, 2018-12-02 06:00 to 2018-12-02 12:00" in said


@pytest.mark.parametrize("mark", ["NA", "nan", "--", "—", "-", "null"])
def test_marks_of_no_data_are_no_data(tmp_path: Path, mark: str) -> None:
    assert record(tmp_path, "time,aqi", *series((100, 3), (mark, 2), (90, 1))).missing == 2


def test_rows_may_stand_in_any_order(tmp_path: Path) -> None:
    lines = series((100, 1), (110, 1), (120, 1))
    found = record(tmp_path, "time,aqi", *reversed(lines))
    assert found.start == START
    assert found.aqi.tolist() == [100, 110, 120]


def test_aqi_wins_and_is_formed_where_it_is_missing(tmp_path: Path) -> None:
    lines = [f"{line},150,80" for line in series((100, 2), ("", 2))]
    found = record(tmp_path, "time,aqi,PM2.5,pm10", *lines)
    formed = hourly_aqi({"pm25": np.array([150.0]), "pm10": np.array([80.0])})[0]
    assert found.aqi.tolist() == [100, 100, formed, formed]
    assert found.formed == 2
    assert found.columns["pm25"].tolist() == [150] * 4


def test_daily_values_are_refused_with_the_reason(tmp_path: Path) -> None:
    for head in ("date,aqi", "日期,aqi"):
        said = refusal(tmp_path, head, "2018-12-01,100", "2018-12-02,100")
        assert "24-hour mean may begin at any hour" in said and "hourly" in said
    said = refusal(tmp_path, "time,aqi", "2018-12-01,100", "2018-12-03,100", "2018-12-02,90")
    assert "steps of a day or more" in said and "24-hour mean may begin at any hour" in said


def test_a_doubled_hour_names_both_rows(tmp_path: Path) -> None:
    lines = series((100, 3))
    said = refusal(tmp_path, "time,aqi", *lines, lines[0])
    assert "row 5, column time: 2018-12-01 12:00 stands in row 2 already" in said


def test_a_time_between_hours_is_refused(tmp_path: Path) -> None:
    said = refusal(tmp_path, "time,aqi", *series((100, 3)), "2018-12-01 15:30,100")
    assert "row 5, column time" in said and "not on the hour" in said


def test_wrong_values_are_all_told_up_to_twenty(tmp_path: Path) -> None:
    lines = [f"{line},-1" for line in series((501, 15))]
    said = refusal(tmp_path, "time,aqi,pm25", *lines)
    assert "row 2, column aqi: '501' is refused; allowed: a number from 0 to 500" in said
    assert "row 2, column pm25: '-1' is refused" in said
    assert len(said.splitlines()) == 21
    assert "and 10 faults more" in said


def test_a_slip_of_the_pen_in_a_year_does_not_make_a_century(tmp_path: Path) -> None:
    said = refusal(tmp_path, "time,aqi", *series((100, 3)), "2918-12-01 15:00,100")
    assert "over 50 years" in said


def test_a_series_without_values_is_refused(tmp_path: Path) -> None:
    assert "has no column of values" in refusal(tmp_path, "time,dust", "2018-12-01 00:00,1")
    assert "'time' (时间) is missing" in refusal(tmp_path, "tme,aqi", "2018-12-01 00:00,1")


@pytest.mark.parametrize("hours", [1, 23, 24])
def test_a_short_series_is_read(tmp_path: Path, hours: int) -> None:
    _, rows = alerts(tmp_path, "time,aqi", *series((300, hours)))
    assert len(rows) == (hours == 24)
