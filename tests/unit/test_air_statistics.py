"""Statistics of a season against their plainest reading, gaps included."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from zibo_sim.air.statistics import (
    BEYOND,
    Span,
    autocorrelation,
    daily_means,
    diurnal_profile,
    run_lengths,
    season_mean,
    statistics,
)

FIRST = date(2018, 12, 1)
HOURS = 121 * 24


def season(seed: int = 0, gaps: float = 0.05) -> np.ndarray:
    rng = np.random.default_rng(seed)
    log = np.zeros(HOURS)
    for hour in range(1, HOURS):
        log[hour] = 0.98 * log[hour - 1] + 0.15 * rng.standard_normal()
    pm25 = 70 * np.exp(log) * (1 + 0.2 * np.cos(np.arange(HOURS) * 2 * np.pi / 24))
    pm25[rng.random(HOURS) < gaps] = np.nan
    pm25[500:640] = np.nan
    return pm25


def of(pm25: np.ndarray, factor: float = 1.0) -> dict[str, float]:
    span = Span.of(FIRST, pm25)
    values = statistics(pm25[None], span, factor)[0]
    return dict(zip(span.names, values, strict=True))


def frame(pm25: np.ndarray) -> tuple[pd.Series, pd.Series]:
    hourly = pd.Series(pm25, pd.date_range(FIRST, periods=len(pm25), freq="h"))
    by_day = hourly.groupby(hourly.index.normalize())
    return hourly, by_day.mean().where(by_day.count() >= 20)


def lengths(over: list[bool]) -> list[int]:
    said = "".join("x" if day else " " for day in over)
    return [len(run) for run in said.split()]


def test_four_months_have_twenty_nine_statistics_and_two_besides():
    names = Span.of(FIRST, season()).names
    assert len(set(names)) == len(names)
    assert len([n for n in names if n not in BEYOND]) == 29
    assert [n for n in names if n.startswith("month")] == [
        "month_12", "month_01", "month_02", "month_03",
    ]  # fmt: skip


def test_a_month_of_few_valid_days_is_not_told_apart():
    pm25 = season(gaps=0.0)
    pm25[: 24 * 23] = np.nan
    assert "month_12" not in Span.of(FIRST, pm25).names


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_every_statistic_is_what_it_says(seed):
    pm25 = season(seed)
    hourly, daily = frame(pm25)
    found, relative = of(pm25, 1.3), daily / daily.mean()
    assert found["mean"] == pytest.approx(hourly.mean())
    assert found["daily_cv"] == pytest.approx(relative.std(ddof=0))
    for share in (10, 25, 50, 75, 90, 98):
        assert found[f"daily_q{share}"] == pytest.approx(relative.quantile(share / 100))
    logs = np.log(hourly)
    for lag in (1, 6, 12, 24, 48, 72):
        gap = logs - logs.mean()
        expected = (gap * gap.shift(lag)).mean() / (gap**2).mean()
        assert found[f"hourly_acf_{lag}h"] == pytest.approx(expected)
    for lag in (1, 2, 3):
        gap = daily - daily.mean()
        expected = (gap * gap.shift(lag)).mean() / (gap**2).mean()
        assert found[f"daily_acf_{lag}d"] == pytest.approx(expected)
    assert found["month_02"] == pytest.approx(hourly["2019-02"].mean() / hourly.mean())
    profile = hourly.groupby(hourly.index.hour).mean()
    assert found["diurnal_range"] == pytest.approx(np.ptp(profile) / profile.mean())


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_days_and_runs_are_counted_after_scaling(seed):
    pm25 = season(seed)
    daily = frame(pm25)[1]
    found = of(pm25, 1.3)
    heavy = lengths(list(1.3 * daily > 150))
    assert found["heavy_days"] == sum(heavy)
    assert found["severe_days"] == (1.3 * daily > 250).sum()
    assert (found["heavy_runs"], found["heavy_run_longest"]) == (len(heavy), max(heavy))
    assert found["heavy_run_mean"] == pytest.approx(np.mean(heavy))
    dirty, above = lengths(list(daily > daily.quantile(0.9))), lengths(list(daily > daily.mean()))
    assert found["p90_run_mean"] == pytest.approx(np.mean(dirty))
    assert found["p90_run_longest"] == max(dirty)
    assert found["mean_run_mean"] == pytest.approx(np.mean(above))
    assert found["mean_run_longest"] == max(above)


def test_a_season_without_a_heavy_day_defines_no_mean_run():
    found = of(np.full(HOURS, 50.0) + np.arange(HOURS) % 7)
    assert found["heavy_days"] == found["heavy_runs"] == found["heavy_run_longest"] == 0
    assert np.isnan(found["heavy_run_mean"])


def test_a_run_ends_at_a_day_without_a_mean():
    pm25 = np.full(HOURS, 50.0)
    pm25[240:336] = 200.0
    assert of(pm25)["heavy_run_longest"] == 4
    pm25[264:272] = np.nan
    assert of(pm25)["heavy_runs"] == 2
    assert of(pm25)["heavy_run_longest"] == 2


def test_a_day_needs_twenty_hours():
    pm25 = np.full((1, 48), 10.0)
    pm25[0, :4], pm25[0, 24:29] = np.nan, np.nan
    assert daily_means(pm25)[0, 0] == 10.0
    assert np.isnan(daily_means(pm25)[0, 1])


def test_the_level_changes_nothing_but_the_mean_and_the_days_over_limits():
    pm25 = season()
    plain, doubled = of(pm25, 1.0), of(2 * pm25, 0.5)
    assert doubled.pop("mean") == pytest.approx(2 * plain.pop("mean"))
    assert doubled == pytest.approx(plain, nan_ok=True)


def test_an_autoregression_has_the_correlation_theory_gives_it():
    rng = np.random.default_rng(8)
    values = np.empty((400, 600))
    values[:, 0] = rng.standard_normal(400)
    for t in range(1, 600):
        values[:, t] = 0.9 * values[:, t - 1] + np.sqrt(1 - 0.81) * rng.standard_normal(400)
    found = autocorrelation(values, [1, 5])
    half = 2.58 * found.std(axis=0) / 20
    # a finite mean that is taken off lowers each by about (1 + r) / (1 - r) / n
    assert np.all(np.abs(found.mean(axis=0) - [0.9, 0.9**5]) < half + 19 / 600)


def test_no_value_is_taken_below_a_monitor_s_smallest_reading():
    pm25 = season()
    pm25[3] = 0.0
    assert np.isfinite(of(pm25)["hourly_acf_1h"])


def test_the_profile_averages_to_one():
    profile = diurnal_profile(season()[None])
    assert profile.mean() == pytest.approx(1.0)
    assert profile.shape == (1, 24)
    assert season_mean(season()[None]).shape == (1,)


@pytest.mark.parametrize(
    ("days", "expected"),
    [("", (0, None, 0)), ("x", (1, 1, 1)), ("xx.x", (2, 1.5, 2)), (".xxx.", (1, 3, 3))],
)
def test_runs_are_counted(days, expected):
    runs, mean, longest = run_lengths(np.array([day == "x" for day in days], dtype=bool))
    assert (runs, longest) == (expected[0], expected[2])
    assert np.isnan(mean) if expected[1] is None else mean == expected[1]
