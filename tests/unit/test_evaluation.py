"""The evaluation sheet: emission before and after by level, and what it does to the air."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openpyxl
import pytest

from zibo_sim.air.inventory import ALERTS, COUNTED
from zibo_sim.air.reductions import reduction_list
from zibo_sim.air.sectors import SECTORS
from zibo_sim.cli.main import main
from zibo_sim.errors import Refused
from zibo_sim.evaluation import (
    CLASSES,
    RESPONSES,
    SEASON,
    SPANS,
    Evaluation,
    emission,
    evaluate,
    falls,
    write_evaluation,
)
from zibo_sim.experiment import replicate
from zibo_sim.model import run_once
from zibo_sim.scenario import load


@pytest.fixture(scope="module")
def made() -> Evaluation:
    return evaluate(load(), 6, seed=1)


def test_the_rows_are_those_of_the_bureau_and_hold_every_sector_once() -> None:
    assert list(CLASSES) == ["industry", "vehicles", "dust", "other", "all"]
    parts = [s for name, sectors in CLASSES.items() if name != "all" for s in sectors]
    assert sorted(parts) == sorted(SECTORS)


def test_the_parts_add_up_to_all_society_and_after_is_before_less_the_cut(made: Evaluation) -> None:
    rows = made.emission
    assert np.allclose(rows["after_t"], rows["before_t"] - rows["cut_t"])
    for _, group in rows.groupby(["heating", "level", "pollutant"]):
        whole = group[group["row"] == "all"].iloc[0]
        parts = group[group["row"] != "all"]
        for column in ("before_t", "cut_t", "after_t"):
            assert parts[column].sum() == pytest.approx(whole[column])


def test_all_societys_share_is_what_the_plan_credits(made: Evaluation) -> None:
    scenario = load()
    orders = reduction_list(scenario.air, scenario.law_book())
    whole = made.emission[made.emission["row"] == "all"]
    for _, row in whole.iterrows():
        credited = orders.orders(row["level"], row["heating"]).account.percent[row["pollutant"]]
        assert row["percent"] == credited
        assert row["percent"] == pytest.approx(100 * row["cut_t"] / row["before_t"], rel=1e-6)


def test_a_higher_level_cuts_no_less(made: Evaluation) -> None:
    cuts = made.emission.pivot_table(
        index=["heating", "row", "pollutant"], columns="level", values="cut_t"
    )
    assert (cuts["yellow"] <= cuts["orange"] + 1e-9).all()
    assert (cuts["orange"] <= cuts["red"] + 1e-9).all()


def test_what_is_demanded_stands_with_all_society_alone(made: Evaluation) -> None:
    rows = made.emission
    assert rows.loc[rows["row"] != "all", "demanded"].isna().all()
    red = rows[(rows["row"] == "all") & (rows["level"] == "red") & rows["heating"]]
    assert dict(zip(red["pollutant"], red["demanded"], strict=True)) == pytest.approx(
        {"so2": 30, "nox": 30, "pm": 30, "voc": 20}
    )


def test_heating_sources_are_in_the_base_of_the_heating_season_alone(made: Evaluation) -> None:
    rows = emission(load()).set_index(["heating", "level", "row", "pollutant"])["before_t"]
    assert rows[True, "red", "other", "so2"] > 5 * rows[False, "red", "other", "so2"]
    assert rows[True, "red", "industry", "so2"] == rows[False, "red", "industry", "so2"]


# ---- the air -----------------------------------------------------------------------------------


def test_the_season_is_that_of_the_metrics(made: Evaluation) -> None:
    summary = replicate(load(), 6, seed=1).summary["mean"]
    season = made.air.loc[SEASON]
    assert season["with"] == pytest.approx(summary["air.pm25_mean"])
    assert season["without"] == pytest.approx(summary["air.pm25_mean_no_measures"])
    assert season["fall"] == pytest.approx(season["without"] - season["with"])


def test_intervals_hold_the_mean_and_say_from_how_many_winters(made: Evaluation) -> None:
    for span, row in made.air.iterrows():
        if row["runs"] > 1:
            assert row["fall_low"] < row["fall"] < row["fall_high"], span
            assert row["percent_low"] < row["percent"] < row["percent_high"], span
    assert made.air.loc[SEASON, "runs"] == 6
    assert list(made.air.index) == list(SPANS)


def test_measures_lower_the_air_most_while_they_are_in_force(made: Evaluation) -> None:
    assert made.air.loc[RESPONSES, "fall"] > made.air.loc[SEASON, "fall"] > 0


def test_hours_under_the_levels_make_up_those_under_any() -> None:
    air = run_once(load(), 1).air.air
    found = falls(air)
    hours = dict.fromkeys(ALERTS, 0)
    for given in air.responses:
        hours[given.orders.level] += given.end - given.begin
    total = sum(hours.values())
    joined = sum(hours[level] * found[level][0] for level in ALERTS if level in found) / total
    assert joined == pytest.approx(found[RESPONSES][0])


def test_a_winter_without_measures_shows_no_fall() -> None:
    still = evaluate(load("no-emergency-measures"), 2, seed=1).air
    assert still.loc[SEASON, "fall"] == 0
    assert still.loc[RESPONSES, "percent"] == 0


def test_a_single_winter_is_refused() -> None:
    with pytest.raises(Refused, match="at least 2"):
        evaluate(load(), 1)


# ---- the workbook ------------------------------------------------------------------------------


def test_the_workbook_has_a_sheet_a_season_and_one_of_the_air(
    made: Evaluation, tmp_path: Path
) -> None:
    path = tmp_path / "evaluation.xlsx"
    write_evaluation(made, path, "zh")
    sheets = openpyxl.load_workbook(path)
    assert sheets.sheetnames == ["评估表（采暖季）", "评估表（非采暖季）", "浓度效果"]
    rows = list(sheets["评估表（采暖季）"].iter_rows(values_only=True))
    assert sum(row[1] == "全社会" for row in rows) == len(ALERTS)
    assert [row[1] for row in rows if row[0] == "黄色"] == [
        "工业", "机动车", "扬尘", "其他", "全社会", "要求（五(三)）",
    ]  # fmt: skip
    society = next(row for row in rows if row[:2] == ("红色", "全社会"))
    whole = made.emission.query("heating and level == 'red' and row == 'all'").set_index(
        "pollutant"
    )
    for i, pollutant in enumerate(COUNTED):
        assert society[2 + 4 * i] == pytest.approx(whole.loc[pollutant, "before_t"], abs=0.006)
        assert society[5 + 4 * i] == pytest.approx(whole.loc[pollutant, "percent"], abs=0.006)
    assert all("模拟" in str(sheet["A2"].value) for sheet in sheets)


def test_a_name_that_is_no_workbook_is_refused_before_anything_is_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "evaluation.csv"
    assert main(["evaluate", "-o", str(path)]) == 1
    assert "allowed: a name in .xlsx" in capsys.readouterr().err
    assert not path.exists()


def test_the_command_writes_the_workbook(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "evaluation.xlsx"
    assert main(["evaluate", "-o", str(path), "--replications", "2", "--lang", "en"]) == 0
    assert openpyxl.load_workbook(path).sheetnames == ["heating season", "other season", "PM2.5"]
    assert str(path) in capsys.readouterr().err
