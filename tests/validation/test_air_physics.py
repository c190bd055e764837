"""The base year without measures against the calibration's own figures, from replications.

The figures are those of the published fit: season mean 73.8 µg/m³ (sd 4.9), 13.7 heavy days,
monthly means 51 65 87 91 86 64, and the model's 5-95 % bands of shape over December to March. What
can be derived is compared with theory instead.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from zibo_sim.air.box import AirShed
from zibo_sim.air.parameters import Air
from zibo_sim.air.slab import MEAN
from zibo_sim.air.weather import SPIN_UP_H, AirCalendar, draw_weather
from zibo_sim.clock import Clock
from zibo_sim.streams import Streams

CLOCK = Clock(date(2018, 10, 1), date(2019, 3, 31))
DAYS = CLOCK.dates()
HEATING = np.isin(DAYS, np.arange("2018-11-15", "2019-03-16", dtype="datetime64[D]"))
CALENDAR = AirCalendar.of(CLOCK, HEATING)
MONTHS = CALENDAR.months[::24]
WINTER = slice(61 * 24, None)
REPLICATIONS = 300


def near(sample: np.ndarray, low: float, high: float) -> bool:
    """Say whether the 99 % interval of the sample's mean meets [low, high]."""
    half = 2.576 * sample.std(ddof=1) / np.sqrt(len(sample))
    return bool(sample.mean() + half >= low and sample.mean() - half <= high)


@pytest.fixture(scope="module")
def seasons() -> dict[str, np.ndarray]:
    """Return what 300 base years say, one row a replication."""
    air = Air()
    quiet = Air.model_validate({"emissions": {"scale": 0.0}})
    tenth = Air.model_validate({"emissions": {"scale": 0.9}})
    names = "pm25 tenth_less so2 nox sia city cold h"
    rows: dict[str, list] = {key: [] for key in names.split()}
    for replication in range(REPLICATIONS):
        weather = draw_weather(air, CALENDAR, Streams(20181001, replication))
        shed = AirShed(air, CALENDAR, weather, trace=True)
        mean = shed.city_trace[SPIN_UP_H:, MEAN : MEAN + 4].sum(axis=0)
        rows["pm25"].append(shed.pm25_no_measures)
        rows["tenth_less"].append(AirShed(tenth, CALENDAR, weather).pm25_no_measures)
        rows["so2"].append(shed.so2_no_measures.mean())
        rows["nox"].append(shed.nox_no_measures.mean())
        rows["sia"].append(mean[1:3].sum() / mean.sum())
        upwind = AirShed(quiet, CALENDAR, weather, trace=True).city_trace
        rows["city"].append(1 - upwind[SPIN_UP_H:, MEAN : MEAN + 4].sum() / mean.sum())
        daily = weather.outdoor_c.reshape(-1, 24).mean(axis=1)
        rows["cold"].append(np.maximum(18.0 - daily, 0.0)[HEATING].sum())
        rows["h"].append(weather.period.h.mean())
    return {key: np.array(value) for key, value in rows.items()}


@pytest.fixture(scope="module")
def daily(seasons) -> np.ndarray:
    return seasons["pm25"].reshape(REPLICATIONS, -1, 24).mean(axis=2)


def test_the_season_mean_is_that_of_the_base_year(seasons):
    means = seasons["pm25"].mean(axis=1)
    assert near(means, 73.8 - 1.5, 73.8 + 1.5)
    spread = means.std(ddof=1)
    assert spread * 0.88 < 4.9 < spread * 1.14  # 99 % of a chi-square with 299 degrees of freedom


def test_the_base_year_has_its_heavy_and_severe_days(daily):
    assert near((daily > 150).sum(axis=1), 13.7 - 0.7, 13.7 + 0.7)
    assert near((daily > 250).sum(axis=1), 0.6, 1.0)


@pytest.mark.parametrize(
    ("month", "expected"), [(10, 51), (11, 65), (12, 87), (1, 91), (2, 86), (3, 64)]
)
def test_every_month_has_its_level(daily, month, expected):
    assert near(daily[:, month == MONTHS].mean(axis=1), 0.96 * expected, 1.04 * expected)


@pytest.mark.parametrize(
    ("lag", "low", "high"),
    [
        (1, 0.973, 0.984),
        (6, 0.769, 0.847),
        (12, 0.564, 0.713),
        (24, 0.305, 0.537),
        (48, 0.003, 0.320),
        (72, -0.082, 0.270),
    ],
)
def test_hours_remember_hours_as_in_the_fit(seasons, lag, low, high):
    logs = np.log(seasons["pm25"][:, WINTER])
    logs -= logs.mean(axis=1, keepdims=True)
    memory = (logs[:, lag:] * logs[:, :-lag]).sum(axis=1) / (logs**2).sum(axis=1)
    assert low < np.median(memory) < high
    assert np.mean((memory > low) & (memory < high)) > 0.75


def test_days_vary_and_follow_one_another_as_in_the_fit(daily):
    winter = daily[:, 61:]
    variation = winter.std(axis=1) / winter.mean(axis=1)
    assert near(variation, 0.577 - 0.02, 0.577 + 0.02)
    gaps = winter - winter.mean(axis=1, keepdims=True)
    memory = (gaps[:, 1:] * gaps[:, :-1]).sum(axis=1) / (gaps**2).sum(axis=1)
    assert near(memory, 0.564 - 0.02, 0.564 + 0.02)


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0.10, 0.420), (0.25, 0.575), (0.50, 0.844), (0.75, 1.285), (0.90, 1.808), (0.98, 2.465)],
)
def test_daily_quantiles_are_those_of_the_fit(daily, share, expected):
    winter = daily[:, 61:]
    quantile = np.quantile(winter, share, axis=1) / winter.mean(axis=1)
    assert near(quantile, 0.98 * expected, 1.02 * expected)


def test_the_day_has_the_measured_shape(seasons):
    winter = seasons["pm25"][:, WINTER].reshape(REPLICATIONS, -1, 24).mean(axis=1)
    profile = (winter / winter.mean(axis=1, keepdims=True)).mean(axis=0)
    measured = "1.11 1.12 1.10 1.08 1.07 1.05 1.04 1.05 1.08 1.13 1.14 1.07 .98 .90 .86 .84 .83 .83"
    measured += " .85 .88 .92 .98 1.03 1.08"
    np.testing.assert_allclose(profile, np.array(measured.split(), float), atol=0.05)


@pytest.mark.parametrize(
    ("what", "expected", "within"),
    [
        ("so2", 29, 0.5),
        ("nox", 72, 0.5),
        ("sia", 0.45, 0.005),
        ("city", 0.48, 0.005),
        ("h", 410, 2),
    ],
)
def test_gases_shares_and_mixing_are_those_of_the_fit(seasons, what, expected, within):
    assert near(seasons[what], expected - within, expected + within)


def test_the_cold_of_the_heating_season_is_that_of_the_fit(seasons):
    assert near(seasons["cold"], 1968 - 10, 1968 + 10)
    assert 55 < seasons["cold"].std(ddof=1) < 80


def test_a_tenth_less_from_the_city_all_season_saves_the_heavy_days_of_the_fit(seasons, daily):
    fewer = seasons["tenth_less"].reshape(REPLICATIONS, -1, 24).mean(axis=2)
    assert near((fewer > 150).sum(axis=1), 10.9 - 0.5, 10.9 + 0.5)
    heavy = daily > 150
    change = (fewer[heavy] / daily[heavy]).mean() - 1
    assert change == pytest.approx(-0.051, abs=0.003)


# ---- against theory


def test_time_is_shared_between_regimes_as_renewal_theory_says():
    air = Air.model_validate({"weather": {"stagnation_seasonal": 0.0}})
    model = air.weather
    shares = []
    for replication in range(REPLICATIONS):
        regime = draw_weather(air, CALENDAR, Streams(5, replication)).period.regime
        shares.append(np.bincount(regime, minlength=3) / len(regime))
    p, q = model.stagnation_share, model.stagnation_to_front
    visits = np.array([1 - p + p * q, 1.0, p])
    expected = visits * model.duration_h / (visits * model.duration_h).sum()
    for share, theory in zip(np.array(shares).T, expected, strict=True):
        assert near(share, theory - 0.002, theory + 0.002)


def test_wandering_quantities_have_the_mean_spread_and_memory_they_are_given():
    air = Air()
    mean, square, lagged, upwind = [], [], [], []
    for replication in range(REPLICATIONS):
        weather = draw_weather(air, CALENDAR, Streams(6, replication)).period
        gap = weather.noise + air.weather.noise_sigma**2 / 2
        mean.append(np.exp(weather.noise).mean())
        square.append((gap**2).mean())
        lagged.append((gap[1:] * gap[:-1]).mean())
        upwind.append(weather.f_dir.mean())
    variance = air.weather.noise_sigma**2
    memory = np.exp(-1 / air.weather.noise_memory_h)
    assert near(np.array(mean), 1.0, 1.0)
    assert near(np.array(upwind), 1.0, 1.0)
    assert near(np.array(square), variance, variance)
    assert near(np.array(lagged), memory * variance, memory * variance)


def test_storms_come_as_often_as_they_should_and_mostly_in_march():
    air = Air()
    starts, march = [], []
    for replication in range(REPLICATIONS):
        dust = draw_weather(air, CALENDAR, Streams(7, replication)).dust
        begins = np.flatnonzero(dust[1:] & ~dust[:-1]) + 1
        starts.append(len(begins) + dust[0])
        march.append((CALENDAR.months[begins] == 3).sum())
    expected = air.dust.storms_per_season
    assert near(np.array(starts), 0.95 * expected, expected)  # some storms touch and look like one
    assert np.sum(march) > 0.5 * np.sum(starts)
