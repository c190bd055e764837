"""The desk answers a notebook with frames: the same answers as its files."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from zibo_sim.desk.bills import bill_file
from zibo_sim.desk.frames import alerts, bill, measured, sla, subsidy
from zibo_sim.errors import Refused
from zibo_sim.experiment import run
from zibo_sim.scenario import load

FLATS = pd.DataFrame(
    {
        "customer_id": ["A1", "A2", "A3"],
        "district": "张店区",
        "use": "residential",
        "charging": ["area", "metered", "metered"],
        "kind": "flat",
        "area": [90.0, 90.0, 80.0],
        "heat_kwh": [None, 4500.0, None],
    }
)


def test_a_frame_is_billed_as_the_file_is_and_a_bad_row_is_told(tmp_path: Path) -> None:
    FLATS.to_csv(tmp_path / "in.csv", index=False)
    bill_file(tmp_path / "in.csv", tmp_path / "out.csv")
    text = pd.read_csv(tmp_path / "out.csv", dtype=str, keep_default_na=False)
    frame, of_file = bill(FLATS), bill(tmp_path / "in.csv")
    pd.testing.assert_frame_equal(frame, of_file)
    assert frame["customer_id"].tolist() == text["customer_id"].tolist()
    assert frame["amount"].tolist()[:2] == pytest.approx([90 * 22, 90 * 6.6 + 4500 * 0.155])
    assert frame["status"].tolist() == ["ok", "ok", "error"]
    assert pd.isna(frame["amount"][2])
    assert "heat_kwh" in frame["message"][2]


def test_a_series_of_air_with_its_time_as_index_is_judged() -> None:
    time = pd.date_range("2018-12-01", periods=240, freq="h", name="time")
    air = pd.DataFrame({"aqi": 80.0}, index=time)
    air.loc["2018-12-04":"2018-12-06", "aqi"] = 260.0
    (episode,) = alerts(air).to_dict("records")
    assert (episode["level"], episode["days_over_200"]) == ("orange", 3)
    assert episode["start"] - episode["publish_by"] == pd.Timedelta("24h")


def test_clocks_are_judged_on_the_day_asked_for() -> None:
    log = pd.DataFrame({"request_id": ["R1"], "assessed": ["2018-12-03"], "accepted": [""]})
    early, late = (sla(log, as_of=date(2018, 12, day)).set_index("clock") for day in (3, 10))
    assert early.loc["accept", "on_time"] == "open"
    assert late.loc["accept", "on_time"] == "false"
    assert late.loc["accept", "due"] == pd.Timestamp("2018-12-04")


def test_a_household_is_paid() -> None:
    home = {"household_id": ["H1"], "district": ["张店区"], "dibao": ["true"]}
    for column in ("unemployed_from", "unemployed_to", "laid_off", "affiliation"):
        home[column] = [""]
    assert subsidy(pd.DataFrame(home))["amount"].sum() == 626


def test_a_frame_that_is_no_list_is_refused() -> None:
    with pytest.raises(Refused, match=r"^frame\.csv.*customer_id"):
        bill(pd.DataFrame({"name": ["x"]}))


def test_measured_air_runs_under_the_rules_and_none_of_it_elsewhere() -> None:
    scenario = load().replace({"period.start": "2018-12-01", "period.end": "2018-12-10"})
    time = pd.date_range("2018-12-01", periods=240, freq="h", name="time")
    air = pd.DataFrame({"pm25": 60.0}, index=time)
    found = run(scenario, seed=1, observed=measured(air, scenario))
    assert (found.series["pm25"] == 60).all()
    with pytest.raises(Refused, match=r"frame\.csv"):
        measured(air.shift(freq="1000D"), scenario)
