"""Sensitivity of a finished study: the design decides, and results must be the study's."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from zibo_sim import plots
from zibo_sim.cli.main import main
from zibo_sim.errors import Refused
from zibo_sim.sensitivity.discovery import discover
from zibo_sim.sensitivity.indices import indices
from zibo_sim.sensitivity.swings import swings
from zibo_sim.sensitivity.tell import (
    region_json,
    region_text,
    sensitivity_json,
    sensitivity_text,
)
from zibo_sim.sensitivity.when import condition
from zibo_sim.study.design import design_points
from zibo_sim.study.spec import Study, study_of

mpl.use("Agg")
OUTPUT = "air.heavy_days"
SCALE, HORIZON, HOW = "air.emissions.scale", "air.forecast.horizon_h", "air.response.measures"


def study(design: str, points: int | None, replications: int = 4) -> Study:
    ranged = [0.8, 1.0, 1.2] if design == "grid" else {"low": 0.8, "high": 1.2}
    table = {
        "title": "trial", "design": design, "replications": replications, "outputs": [OUTPUT],
        "factors": {SCALE: ranged, HORIZON: [72, 96], HOW: ["list", "uniform"]},
    }  # fmt: skip
    return study_of(table if points is None else table | {"points": points})


def made(planned: Study, chance: float = 0.0) -> pd.DataFrame:
    """Return results as if the heavy days were 50·scale + 3·(horizon is 96) and chance."""
    points = design_points(planned).reset_index()
    frame = points.loc[points.index.repeat(planned.replications)].reset_index(drop=True)
    frame.insert(1, "replication", np.tile(np.arange(planned.replications), len(points)))
    exact = 50 * frame[SCALE].astype(float) + 3 * (frame[HORIZON] == 96)
    drawn = np.random.default_rng(1).normal(size=planned.replications)
    return frame.assign(**{OUTPUT: exact + chance * drawn[frame["replication"]], "error": ""})


def axes() -> Axes:
    return Figure(layout="constrained").subplots()


def row(found: object, key: str) -> pd.Series:
    return found.table.set_index("factor").loc[key]


#: Variances of the parts: uniform on [40, 60], and 0 or 3.
V_SCALE, V_HORIZON = 400 / 12, 9 / 4


def test_a_saltelli_study_has_first_and_total_order() -> None:
    planned = study("saltelli", 256)
    found = indices(made(planned, chance=20.0), planned)
    assert found.method == "sobol"
    share = V_SCALE / (V_SCALE + V_HORIZON)
    assert row(found, SCALE)["first"] == pytest.approx(share, abs=0.03)
    assert row(found, SCALE)["total"] == pytest.approx(share, abs=0.03)
    assert row(found, HOW)["total"] == pytest.approx(0, abs=1e-9)
    split = found.chance.set_index("source")["share"]
    assert split["interaction"] == pytest.approx(0, abs=1e-9)
    assert split["chance"] > 0.5


def test_the_total_of_a_status_lies_between_its_bounds() -> None:
    planned = study("saltelli", 256)
    found = indices(made(planned), planned).groups.set_index("status")
    share = V_HORIZON / (V_SCALE + V_HORIZON)
    assert found.loc["statutory", "total_least"] == pytest.approx(share, abs=0.02)
    assert found.loc["assumed", "total_least"] <= found.loc["assumed", "total_most"]


def test_a_morris_study_has_slopes_per_range() -> None:
    planned = study("morris", 40)
    found = indices(made(planned, chance=5.0), planned)
    assert row(found, SCALE)["mu"] == pytest.approx(20)  # 50 × (1.2 − 0.8)
    assert row(found, HOW)["mu_star"] == pytest.approx(0)
    assert row(found, SCALE)["by_chance"] == pytest.approx(0, abs=1e-9)


def test_a_grid_is_split_exactly() -> None:
    planned = study("grid", None)
    found = indices(made(planned, chance=5.0), planned)
    on_grid = 2500 * np.var([0.8, 1.0, 1.2])
    share = on_grid / (on_grid + V_HORIZON)
    assert found.method == "grid"
    assert row(found, SCALE)["first"] == pytest.approx(share)
    assert row(found, SCALE)["total"] == pytest.approx(share)


@pytest.mark.parametrize("design", ["lhs", "sobol"])
def test_other_designs_have_first_order_alone(design: str) -> None:
    planned = study(design, 256)
    found = indices(made(planned), planned)
    assert "total" not in found.table
    assert row(found, SCALE)["first"] == pytest.approx(V_SCALE / (V_SCALE + V_HORIZON), abs=0.04)


def test_a_run_that_failed_is_left_out_and_counted() -> None:
    planned = study("saltelli", 64)
    frame = made(planned)
    frame.loc[3, "error"], frame.loc[3, OUTPUT] = "broken", 1e9
    found = indices(frame, planned)
    assert found.failed == 1
    assert row(found, SCALE)["total"] == pytest.approx(0.93, abs=0.05)


def test_an_output_that_no_factor_moves_has_no_indices() -> None:
    planned = study("saltelli", 64)
    found = indices(made(planned).assign(**{OUTPUT: 7.0}), planned)
    assert found.table["total"].isna().all()
    assert "not told from nothing" in sensitivity_text(found, "en")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda f: f.iloc[:-1], "rows are refused"),
        (lambda f: f.drop(columns="error"), "columns error are missing"),
        (lambda f: f.assign(**{SCALE: 1.0}), f"values of {SCALE}"),
    ],
)
def test_results_that_are_not_the_studys_are_refused(
    spoil: Callable[[pd.DataFrame], pd.DataFrame], said: str
) -> None:
    planned = study("lhs", 16)
    with pytest.raises(Refused, match=said):
        indices(spoil(made(planned)), planned)


def test_an_unknown_output_is_refused_with_the_nearest() -> None:
    planned = study("lhs", 16)
    with pytest.raises(Refused, match=r"did you mean 'air\.heavy_days'"):
        indices(made(planned), planned, ["air.heavy_day"])


# ---- discovery ---------------------------------------------------------------------------


def test_a_region_says_where_a_target_is_missed() -> None:
    planned = study("lhs", 300)
    region = discover(made(planned), planned, f"{OUTPUT} > 56")
    limits = region.found.boxes[0].limits
    assert limits[SCALE].low == pytest.approx(1.06, abs=0.04)
    assert HOW not in limits
    assert "air.emissions.scale" in region_text(region, "en")
    json.dumps(region_json(region))


def test_a_point_is_a_case_when_enough_of_its_replications_are() -> None:
    planned = study("lhs", 60)
    frame = made(planned).assign(**{OUTPUT: 0.0})
    frame.loc[frame["replication"] == 0, OUTPUT] = 20.0  # one of four
    assert discover(frame, planned, f"{OUTPUT} > 10").share == 0
    assert discover(frame, planned, f"{OUTPUT} > 10", often=0.25).share == 1


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("air.heavy_days>10", "air.heavy_days > 10"),
        (" air.target_met == 0 ", "air.target_met = 0"),
        ("air.heavy_days >= 1e1 AND air.alerts<3", "air.heavy_days >= 10 and air.alerts < 3"),
        ("air.alerts < -.5 or air.alerts != 2", "air.alerts < -0.5 or air.alerts != 2"),
    ],
)
def test_a_condition_is_read(text: str, read: str) -> None:
    assert str(condition(text, ["air.heavy_days", "air.target_met", "air.alerts"])) == read


@pytest.mark.parametrize(
    "text",
    ["", "air.heavy_days", "air.heavy_days > x", "__import__('os').system('true')",
     "air.heavy_days > 1; 2", "air.heavy_days > 1 and air.heavy_days < 2 or air.heavy_days > 3"],
)  # fmt: skip
def test_what_is_no_condition_is_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(Refused, match="allowed is METRIC > NUMBER"):
        condition(text, ["air.heavy_days"])


def test_a_condition_on_what_is_not_defined_is_neither_true_nor_false() -> None:
    frame = pd.DataFrame({"a": [1.0, np.nan, 3.0], "b": [0.0, 5.0, 5.0]})
    found = condition("a > 0 or b > 1", ["a", "b"]).of(frame)
    np.testing.assert_array_equal(found, [1, np.nan, 1])


# ---- pictures ----------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_pictures_hold_what_was_found(lang: str) -> None:
    planned = study("saltelli", 64)
    frame = made(planned, chance=2.0)
    found = indices(frame, planned)
    drawn = plots.indices(found, OUTPUT, axes(), lang)
    bars = [p for p in drawn.patches if p.get_gid() == "bar-total"]
    totals = found.table.sort_values("total", ascending=False)["total"]
    np.testing.assert_allclose([b.get_width() for b in bars], 100 * totals)
    table = swings(frame, planned, OUTPUT)
    ends = plots.tornado(table, planned, OUTPUT, axes(), lang)
    widths = [p.get_width() for p in ends.patches if p.get_gid() == "at_high"]
    np.testing.assert_allclose(widths, table["at_high"])


def test_the_map_of_a_screening_has_a_mark_a_factor() -> None:
    planned = study("morris", 40)
    found = indices(made(planned, chance=2.0), planned)
    drawn = plots.screening(found, OUTPUT, axes(), "en")
    (marks,) = [c for c in drawn.collections if c.get_gid() == "factors"]
    np.testing.assert_allclose(marks.get_offsets()[:, 0], found.table["mu_star"])


def test_the_picture_of_a_region_has_its_box() -> None:
    planned = study("lhs", 200)
    region = discover(made(planned), planned, f"{OUTPUT} > 56")
    drawn = plots.region(region, axes(), "en")
    (box,) = [p for p in drawn.patches if p.get_gid() == "box"][:1]
    assert box.get_y() == region.found.boxes[0].limits[SCALE].low or (
        box.get_x() == region.found.boxes[0].limits[SCALE].low
    )


# ---- commands ----------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return what a finished sweep leaves."""
    planned = study("lhs", 64)
    (tmp_path / "sweep").mkdir()
    (tmp_path / "sweep" / "study.toml").write_text(planned.to_toml("winter-2018-19"), "utf-8")
    made(planned).to_parquet(tmp_path / "sweep" / "results.parquet")
    return tmp_path / "sweep"


def test_the_command_prints_json_of_the_indices(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sensitivity", str(folder), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["method"] == "given"
    assert {row["factor"] for row in said["factors"]} == {SCALE, HORIZON, HOW}


def test_the_command_writes_tables_and_pictures(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert main(["sensitivity", str(folder), "--out", str(out)]) == 0
    names = {p.name for p in out.iterdir()}
    assert {"indices.parquet", "chance.parquet", f"{OUTPUT}.png", f"{OUTPUT}-tornado.png"} <= names


def test_discover_tells_of_the_region_in_chinese(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["discover", str(folder), "--when", f"{OUTPUT} > 56", "--lang", "zh"]
    assert main([*command, "--out", str(tmp_path / "out")]) == 0
    assert "区域 1" in capsys.readouterr().out
    assert (tmp_path / "out" / "region.png").is_file()


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["sensitivity", "{empty}"], "study.toml is missing"),
        (["discover", "{folder}", "--when", "heavy > 3"], "unknown output 'heavy'"),
        (["assumptions", "--points", "3"], "points: 3 is refused"),
        (["assumptions", "--range", "air.emission.scale=1:2"], "unknown factor"),
        (["assumptions", "--hold", "air.weathr"], "unknown key 'air.weathr'"),
    ],
)
def test_what_is_refused_is_said_in_a_line(
    command: list[str], said: str, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    filled = [part.format(folder=folder, empty=tmp_path) for part in command]
    assert main(filled) == 1
    assert said in capsys.readouterr().err


def test_results_that_cannot_be_read_are_refused_in_a_line(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "results.parquet").write_bytes(b"half")
    assert main(["sensitivity", str(folder)]) == 1
    said = capsys.readouterr().err
    assert "results.parquet: is no Parquet file" in said
    assert "unexpected" not in said


def test_the_json_of_a_screening_is_plain() -> None:
    planned = study("morris", 16, replications=1)
    json.dumps(sensitivity_json(indices(made(planned), planned)), allow_nan=False)
