"""Frontiers: one yardstick, dominance on pairs, and what is said of it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from zibo_sim.air.observed import align
from zibo_sim.cli.main import main
from zibo_sim.errors import Refused
from zibo_sim.experiment import replicate, run
from zibo_sim.frontiers import (
    FACTORS,
    FIGURES,
    OBJECTIVES,
    OBJECTIVES_MEASURED,
    OFF_FRONTIER,
    ON_FRONTIER,
    OPEN,
    Frontier,
    frontier,
    judge_settings,
    judged,
)
from zibo_sim.outcomes import Facts
from zibo_sim.plots.frontiers import frontier as draw
from zibo_sim.scenario import Scenario, load

GRID = {"law.alert.aqi.start": [150, 250], "air.response.compliance": [0.5, 1.0]}


@pytest.fixture(scope="module")
def base() -> Scenario:
    start = load().period.start
    return load().replace({"period.start": start.replace(month=12),
                           "period.end": start.replace(month=12, day=31)})  # fmt: skip


@pytest.fixture(scope="module")
def found(base: Scenario) -> Frontier:
    return frontier(base, GRID, replications=5, seed=1)


def test_a_setting_is_a_row_with_keys_means_and_intervals(found: Frontier) -> None:
    rows = found.table.loc["simulated"]
    assert list(zip(rows["law.alert.aqi.start"], rows["air.response.compliance"], strict=True)) == [
        (150, 0.5), (150, 1.0), (250, 0.5), (250, 1.0),
    ]  # fmt: skip
    for name in FIGURES:
        assert (rows[f"{name}_low"] <= rows[name]).all()
        assert (rows[name] <= rows[f"{name}_high"]).all()
    assert found.objectives == {"simulated": OBJECTIVES}


def test_figures_of_the_base_are_its_metrics(base: Scenario) -> None:
    rows = frontier(base, {"air.response.compliance": [0.75, 1.0]}, replications=3, seed=4)
    first = base.get("air.response.compliance")
    assert first == 0.75
    metrics = replicate(base, 3, seed=4).metrics
    for name in FIGURES:
        if name != "missed_heavy_days":
            assert rows.table.loc[("simulated", 0), name] == pytest.approx(
                metrics[f"air.{name}"].mean()
            )


def test_the_yardstick_stays_where_the_threshold_moves(base: Scenario) -> None:
    moved = base.replace({"law.alert.aqi.heavy": 150})
    outcome = run(moved, seed=1).outcome
    daily = Facts(outcome).daily_aqi
    assert judged(outcome, moved)["heavy_days"] == (daily > 150).sum()
    assert judged(outcome, base)["heavy_days"] == (daily > 200).sum() < (daily > 150).sum()


def test_missed_heavy_days_are_those_without_an_alert(base: Scenario) -> None:
    never = base.replace({"law.alert.yellow.days": 60, "law.alert.orange.days": 60,
                          "law.alert.red.days": 60, "law.alert.red.days_over_300": 60,
                          "air.regional.enabled": False})  # fmt: skip
    outcome = run(never, seed=1).outcome
    found = judged(outcome, base)
    assert found["alert_days"] == 0
    without = replicate(never, 1, seed=1).metrics["air.heavy_days_no_measures"].iloc[0]
    assert found["missed_heavy_days"] == without > 0


def test_a_lower_threshold_misses_fewer_days_and_costs_more(found: Frontier) -> None:
    rows = found.table.loc["simulated"]
    assert rows.loc[0, "missed_heavy_days"] < rows.loc[2, "missed_heavy_days"]
    assert rows.loc[0, "output_lost"] > rows.loc[2, "output_lost"]
    assert rows.loc[1, "output_lost"] > rows.loc[0, "output_lost"]


# ---- dominance ---------------------------------------------------------------------------


def winters(means: list[tuple[float, float]], noise: float, common: float) -> np.ndarray:
    rng = np.random.default_rng()
    shared = common * rng.normal(size=(1, 40, 2))
    own = noise * rng.normal(size=(len(means), 40, 2))
    return np.array(means)[:, None, :] + shared + own


def test_pairs_decide_where_the_winters_differ_far_more_than_the_settings() -> None:
    values = winters([(0.0, 1.0), (1.0, 0.0), (1.5, 1.5)], noise=0.01, common=50.0)
    said = judge_settings(values, seed=0)
    assert said["frontier"].tolist() == [True, True, False]
    assert said["shown"].tolist() == [ON_FRONTIER, ON_FRONTIER, OFF_FRONTIER]
    assert said["resampled"].tolist() == [1.0, 1.0, 0.0]
    assert said["beaten_by"].tolist()[:2] == [-1, -1]
    assert said["beaten_by"][2] in (0, 1)


def test_what_noise_hides_is_not_decided() -> None:
    values = winters([(0.0, 0.01), (0.01, 0.0), (0.02, 0.02)], noise=5.0, common=0.0)
    said = judge_settings(values, seed=0)
    assert (said["shown"] == OPEN).sum() >= 2
    assert ((said["resampled"] > 0) & (said["resampled"] < 1)).any()


def test_equal_settings_do_not_beat_each_other() -> None:
    one = winters([(0.0, 1.0)], noise=1.0, common=0.0)
    said = judge_settings(np.concatenate([one, one, one + 1.0]), seed=0)
    assert said["frontier"].tolist() == [True, True, False]
    assert said["shown"].tolist() == [ON_FRONTIER, ON_FRONTIER, OFF_FRONTIER]


def test_a_setting_as_good_in_one_and_better_in_the_other_beats() -> None:
    one = winters([(0.0, 1.0)], noise=1.0, common=0.0)
    worse = one + np.array([0.0, 0.5])
    said = judge_settings(np.concatenate([one, worse]), seed=0)
    assert said["shown"].tolist() == [ON_FRONTIER, OFF_FRONTIER]
    assert said["beaten_by"].tolist() == [-1, 0]


# ---- measured winters --------------------------------------------------------------------


def test_settings_run_over_a_measured_winter_as_well(base: Scenario) -> None:
    outcome, hours = run(base, seed=9).outcome, base.clock().hours
    sky = outcome.air.air
    air = align(np.arange(hours), hours, sky.aqi, sky.dust, dict(sky.concentrations), outcome.law)
    found = frontier(base, {"law.alert.aqi.start": [150, 250]}, replications=3, observed=air)
    assert found.sources == ["simulated", "measured"]
    assert found.objectives["measured"] == OBJECTIVES_MEASURED
    rows = found.table.loc["measured"]
    assert rows["output_lost"].isna().all()
    assert rows.loc[0, "heavy_days"] == rows.loc[1, "heavy_days"]
    assert rows.loc[0, "missed_heavy_days"] <= rows.loc[1, "missed_heavy_days"]
    with pytest.raises(Refused, match="output_lost is not known in measured winters"):
        frontier(base, GRID, replications=2, observed=air, objectives=["output_lost"])
    draw(found, "measured", lang="zh")


# ---- refusals and the command ------------------------------------------------------------


@pytest.mark.parametrize(
    ("factors", "said"),
    [
        ({"law.alert.aqi.start": [150]}, "1 setting is refused"),
        ({"law.alert.aqi.start": []}, "no value is given"),
        ({"law.alert.aqi.start": [150, 150]}, "names a value twice"),
        ({"law.alert.aqi.strat": [150, 200]}, "did you mean 'law.alert.aqi.start'"),
        ({"air.response.compliance": [0.5, 1.5]}, "air.response.compliance"),
        ({"period.start": ["a", "b"]}, "is no setting of alerts"),
        ({}, "1 setting is refused"),
    ],
)
def test_faults_of_settings_are_refused(
    base: Scenario, factors: dict[str, list[object]], said: str
) -> None:
    with pytest.raises(Refused, match=said):
        frontier(base, factors, replications=2)


def test_an_unknown_objective_is_refused(base: Scenario) -> None:
    with pytest.raises(Refused, match="did you mean 'false_alerts'"):
        frontier(base, GRID, replications=2, objectives=["false_alert"])


def test_processes_change_no_byte(base: Scenario, found: Frontier) -> None:
    again = frontier(base, GRID, replications=5, seed=1, jobs=2)
    pd.testing.assert_frame_equal(again.table, found.table, check_exact=True)


def test_the_default_grid_is_affordable_and_holds_the_law() -> None:
    assert {k: load().get(k) in v for k, v in FACTORS.items()} == dict.fromkeys(FACTORS, True)
    assert int(np.prod([len(v) for v in FACTORS.values()])) == 27


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_picture_shows_every_setting(found: Frontier, lang: str) -> None:
    ax = draw(found, lang=lang)
    dots = sum(len(c.get_offsets()) for c in ax.collections if c.get_gid() in ("on", "off"))
    assert dots == 4
    labels = {text.get_text() for text in ax.texts}
    assert any("150" in label for label in labels)


def test_the_command_prints_and_writes(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out = tmp_path / "frontier"
    arguments = ["frontier", "--vary", "law.alert.yellow.days=1,3", "--set",
                 "period.start=2018-12-01", "--set", "period.end=2018-12-20", "--replications",
                 "3", "--jobs", "1"]  # fmt: skip
    assert main([*arguments, "--out", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    settings = told["sources"]["simulated"]["settings"]
    assert [s["keys"] for s in settings] == [
        {"law.alert.yellow.days": 1}, {"law.alert.yellow.days": 3},
    ]  # fmt: skip
    assert (out / "frontier.png").read_bytes().startswith(b"\x89PNG")
    assert len(pd.read_parquet(out / "frontier.parquet")) == 2
    assert main([*arguments, "--lang", "zh"]) == 0
    assert "未预警的重污染天数" in capsys.readouterr().out
    assert main(["frontier", "--vary", "nothing"]) == 2
