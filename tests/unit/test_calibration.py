"""Validation and calibration on seasons that the tests simulate themselves."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from zibo_sim import plots
from zibo_sim.air.statistics import season_mean
from zibo_sim.calibration import fit as fitting
from zibo_sim.calibration import tell
from zibo_sim.calibration.seasons import Measured, simulate, workers
from zibo_sim.calibration.validation import Row, Validation, judge, validate
from zibo_sim.cli.main import main
from zibo_sim.errors import Refused
from zibo_sim.model import run_air
from zibo_sim.scenario import Scenario, load, resolve

mpl.use("Agg")

START = datetime(2018, 12, 1)
HOURS = 90 * 24


def winter(**changes: object) -> Scenario:
    period = {"period.start": date(2018, 11, 20), "period.end": date(2019, 3, 10)}
    return load().replace({**period, **changes})


def hours(scenario: Scenario, seed: int = 99, measures: bool = True) -> np.ndarray:
    first = int(scenario.clock().hour(START))
    return run_air(scenario, seed, 0, measures).pm25[first : first + HOURS].copy()


def record(scenario: Scenario | None = None, seed: int = 99) -> Measured:
    pm25 = hours(scenario or winter(), seed)
    pm25[300:420] = np.nan
    pm25[::37] = np.nan
    return Measured.of(START, pm25, "a.csv")


@pytest.fixture(scope="module")
def found() -> Validation:
    return validate(winter(), record(), 30, seed=1)


def written(folder: Path, pm25: np.ndarray, name: str = "air.csv", column: str = "pm25") -> Path:
    times = pd.date_range(START, periods=len(pm25), freq="h").strftime("%Y-%m-%d %H:%M")
    frame = pd.DataFrame({"time": times, column: np.round(pm25)})
    frame[frame[column].notna()].to_csv(folder / name, index=False)
    return folder / name


# ---- the record


def test_a_record_is_put_on_whole_days():
    made = Measured.of(datetime(2018, 12, 1, 22), np.full(60 * 24, 50.0), "a")
    assert (made.first, made.last, len(made.pm25)) == (
        date(2018, 12, 1),
        date(2019, 1, 30),
        61 * 24,
    )
    assert np.isnan(made.pm25[:22]).all()
    assert made.valid_days == 60  # the first has two hours, the last twenty-two


def test_hours_without_a_value_at_the_ends_are_no_part_of_the_season():
    pm25 = np.concatenate([np.full(48, np.nan), np.full(40 * 24, 50.0), np.full(30, np.nan)])
    made = Measured.of(START, pm25, "a")
    assert (made.first, made.span.days) == (date(2018, 12, 3), 40)


@pytest.mark.parametrize(
    ("pm25", "said"),
    [
        (np.full(29 * 24, 50.0), "30 valid days"),
        (np.full(367 * 24, 50.0), "366 days"),
        (np.full(60 * 24, np.nan), "no value"),
        (np.where(np.arange(60 * 24) % 24 < 12, 50.0, np.nan), "0 valid"),
    ],
)
def test_what_is_no_season_is_refused(pm25, said):
    with pytest.raises(Refused, match=said):
        Measured.of(START, pm25, "a.csv")


def test_a_record_outside_the_scenario_s_period_gets_its_own():
    made = Measured.of(datetime(2015, 11, 1), np.full(60 * 24, 50.0), "a")
    placed = made.placed_in(load())
    assert (placed.period.start, placed.period.end) == (date(2015, 11, 1), date(2015, 12, 30))
    assert record().placed_in(winter()) == winter()


# ---- simulated seasons


def test_seasons_have_the_record_s_dates_and_gaps():
    measured, scenario = record(), winter()
    made = simulate(scenario, measured, 20, seed=5)
    assert made.pm25.shape == (20, len(measured.pm25))
    np.testing.assert_array_equal(
        np.isnan(made.pm25), np.broadcast_to(np.isnan(measured.pm25), made.pm25.shape)
    )
    first = int(scenario.clock().hour(measured.first))
    whole = run_air(scenario, 5, 7).pm25
    known = np.isfinite(measured.pm25)
    np.testing.assert_array_equal(made.pm25[7][known], whole[first:][: len(known)][known])
    assert made.whole_mean[7] == whole.mean()


def test_it_does_not_matter_who_simulates():
    measured, done = record(), []
    alone = simulate(winter(), measured, 24, seed=5, measures=False, progress=done.append)
    with workers(2) as mapper:
        together = simulate(winter(), measured, 24, seed=5, measures=False, mapper=mapper)
    np.testing.assert_array_equal(alone.pm25, together.pm25)
    assert sum(done) == 24


@pytest.mark.parametrize("seasons", [0, 19, 5001])
def test_a_band_needs_its_seasons(seasons):
    with pytest.raises(Refused, match="20 to 5000"):
        simulate(winter(), record(), seasons, seed=1)


# ---- validation


def test_the_model_is_brought_to_the_measured_mean(found):
    assert season_mean(found.seasons).mean() == pytest.approx(
        season_mean(found.measured.pm25[None])[0]
    )
    level = found.statistics[0]
    assert level.name == "mean"
    assert level.median * found.factor == pytest.approx(np.median(season_mean(found.seasons)))


def test_a_level_of_its_own_moves_the_factor_and_the_mean_alone(found):
    higher = Measured.of(START, 1.5 * found.measured.pm25, "b")
    made = simulate(winter(), found.measured, 30, seed=1)
    other = judge(higher, made, 1, True)
    assert other.factor == pytest.approx(1.5 * found.factor)
    for a, b in zip(found.statistics[1:17], other.statistics[1:17], strict=True):
        assert (a.measured, a.low, a.high) == pytest.approx((b.measured, b.low, b.high))


def test_a_value_is_inside_its_band_with_the_ends(found):
    model = np.arange(101.0)
    assert Row.of("a", 5.0, model).inside
    assert Row.of("a", 95.0, model).inside
    assert not Row.of("a", 4.9, model).inside
    assert Row.of("a", 50.0, model).rank == pytest.approx(0.5)
    assert not Row.of("a", np.nan, model).inside
    assert not Row.of("a", 1.0, np.full(5, np.nan)).inside
    assert Row.of("a", 3.0, np.array([1.0, np.nan, 3.0])).high == pytest.approx(2.9)


def test_what_lies_outside_is_named(found):
    said = found.as_json()
    counted = [*said["statistics"], *said["diurnal"]]
    assert said["outside"] == [row["name"] for row in counted if not row["inside"]]
    inside = said["inside"]["statistics"] + said["inside"]["diurnal"]
    assert inside == len(counted) - len(said["outside"])
    assert {row["name"] for row in said["beyond"]} == {"p90_run_longest", "mean_run_longest"}


def test_a_city_with_another_rhythm_lies_outside():
    odd = {"air.emissions.diurnal_peak_h": 3.0, "air.emissions.semidiurnal_peak_h": 4.0}
    hostile = validate(winter(), record(winter(**odd)), 30, seed=1)
    assert sum(not row.inside for row in hostile.hours) > 12


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_text_has_every_statistic_and_every_hour(found, lang):
    text = tell.validation_text(found, lang)
    rows = [line for line in text.splitlines() if " … " in line or "–  –" in line]
    assert len(rows) == len(found.statistics) + len(found.beyond) + 24


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_picture_shows_the_measured_values(found, lang):
    figure = plots.validation(found, lang=lang)
    assert isinstance(figure, Figure)
    lines = [line for ax in figure.axes for line in ax.lines if line.get_gid() == "measured"]
    shown = [np.asarray(line.get_ydata(), dtype=float) for line in lines]
    profile = np.array([row.measured for row in found.hours])
    assert any(len(y) == 24 and np.allclose(y, profile) for y in shown)
    ranks = next(c for ax in figure.axes for c in ax.collections if c.get_gid() == "ranks")
    assert len(ranks.get_offsets()) == len(found.statistics) + len(found.beyond)


# ---- calibration


def test_steps_move_an_input_by_widths_and_stop_at_its_bounds():
    scenario = load()
    zero = fitting.changes(scenario, [0.0] * len(fitting.FREE))
    assert {key: scenario.get(key) for key in zero} == zero
    up = fitting.changes(scenario, [1.0] * len(fitting.FREE))
    assert up["air.weather.duration_h"] == (pytest.approx(14.0 * 1.35), 36.0, 48.0)
    assert up["air.emissions.diurnal_peak_h"] == pytest.approx(16.8)
    for steps in ([-40.0], [40.0]):
        scenario.replace(fitting.changes(scenario, steps * len(fitting.FREE)))


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    free = [f for f in fitting.FREE if f.key == "air.emissions.semidiurnal_peak_h"]
    monkeypatch.setattr(fitting, "FREE", tuple(free))
    monkeypatch.setattr(fitting, "TRIALS", 4)


def test_an_input_that_was_moved_is_found_again(few):
    truth = winter(**{"air.emissions.semidiurnal_peak_h": 11.7})
    found = fitting.calibrate(winter(), record(truth), 20, seed=3)
    assert found.fitted.get("air.emissions.semidiurnal_peak_h") == pytest.approx(11.7, abs=0.5)
    before, after = found.season_mean
    assert after == pytest.approx(before, abs=0.3)


def test_the_level_can_be_that_of_the_record(few):
    truth = winter(**{"air.emissions.level": 1.8})
    found = fitting.calibrate(winter(), record(truth), 20, seed=3, level="measured")
    assert found.after.factor == pytest.approx(1.0, abs=0.01)
    assert found.before.factor > 1.1


def test_a_calibration_is_a_scenario_that_loads_and_says_where_values_are_from(few, tmp_path):
    found = fitting.calibrate(load(), record(), 20, seed=3)
    settings = {"law.alert.yellow.days": 3, "air.dust.storms_per_season": 0.0}
    text = tell.scenario_toml(found, "a.csv", "winter-2018-19", tmp_path, settings)
    (tmp_path / "fitted.toml").write_text(text, encoding="utf-8")
    scenario, sources = resolve(tmp_path / "fitted.toml")
    for key, _, value in found.fitted_values:
        assert scenario.get(key) == value
    assert scenario.get("law.alert.yellow.days") == 3
    origins = {source.key: source.origin for source in sources}
    assert origins["air.emissions.level"] == "fitted.toml"
    for row in found.after.statistics:
        assert f"# {row.name}" in text
    assert "calibrated" in text


def test_a_parent_that_is_a_file_is_found_from_where_the_fit_lies(few, tmp_path):
    (tmp_path / "mine.toml").write_text('title = "a"\nquestion = "b?"\n', encoding="utf-8")
    beside = tmp_path / "out"
    beside.mkdir()
    found = fitting.calibrate(load(tmp_path / "mine.toml"), record(), 20, seed=3)
    text = tell.scenario_toml(found, "a.csv", tmp_path / "mine.toml", beside)
    (beside / "fitted.toml").write_text(text, encoding="utf-8")
    assert load(beside / "fitted.toml").get("air.emissions.level") == found.fitted_values[-1][2]


# ---- the commands


def test_validate_air_prints_writes_and_repeats_itself(tmp_path, capsys):
    file = written(tmp_path, record().pm25)
    command = ["validate-air", str(file), "--seasons", "20", "--jobs", "1", "--json"]
    assert main([*command, "--out", str(tmp_path / "out")]) == 0
    first = json.loads(capsys.readouterr().out)
    assert main(command) == 0
    assert json.loads(capsys.readouterr().out) == first
    assert first["seasons"] == 20
    assert {p.name for p in (tmp_path / "out").iterdir()} == {
        "validation.png", "validation.txt", "validation.json",
    }  # fmt: skip
    assert main([*command, "--seed", "2"]) == 0
    assert json.loads(capsys.readouterr().out)["statistics"] != first["statistics"]


def test_without_measures_the_model_is_dirtier(tmp_path, capsys):
    file = written(tmp_path, record().pm25)
    command = ["validate-air", str(file), "--seasons", "20", "--jobs", "1", "--json"]
    factors = []
    for more in ([], ["--no-measures"]):
        assert main([*command, *more]) == 0
        said = json.loads(capsys.readouterr().out)
        assert said["plan_in_force"] is not bool(more)
        factors.append(said["factor"])
    assert factors[1] < factors[0]


@pytest.mark.parametrize("command", ["validate-air", "calibrate"])
def test_daily_files_and_files_without_pm25_are_refused(command, tmp_path, capsys):
    daily = tmp_path / "daily.csv"
    daily.write_text("date,pm25\n2018-12-01,50\n2018-12-02,60\n", encoding="utf-8")
    assert main([command, str(daily)]) == 1
    assert "daily values" in capsys.readouterr().err
    other = written(tmp_path, record().pm25, "other.csv", "aqi")
    assert main([command, str(other)]) == 1
    assert "pm25" in capsys.readouterr().err


def test_calibrate_writes_a_scenario_that_validates(few, tmp_path, capsys):
    file, out = written(tmp_path, record().pm25), tmp_path / "fitted.toml"
    command = ["calibrate", str(file), "--seasons", "20", "--jobs", "1", "--out", str(out)]
    assert main(command) == 0
    assert main(["validate", str(out)]) == 0
    capsys.readouterr()
    assert main(command[:-2]) == 0
    assert capsys.readouterr().out == out.read_text(encoding="utf-8")
