"""Forecasts are wrong by as much, and as alike, as the scenario says."""

from __future__ import annotations

import numpy as np
import pytest

from zibo_sim.air.aqi import pm25_aqi
from zibo_sim.air.forecast import BLOCK, Vintages, errors, issue_forecasts
from zibo_sim.air.parameters import Forecast
from zibo_sim.law import book
from zibo_sim.streams import Streams

DAYS = 182
HOURS = BLOCK * DAYS
RNG = np.random.default_rng(7)
TRUTH = np.exp(RNG.normal(4.2, 0.6, HOURS))
MONTHS = np.repeat([10, 11, 12, 1, 2, 3], HOURS // 6 + 1)[:HOURS]


def issued(forecast: Forecast, truth: np.ndarray = TRUTH, seed: int = 1) -> Vintages:
    return issue_forecasts(truth, MONTHS[: len(truth)], forecast, book(), Streams(seed))


def many_errors(leads: int = 7, rho_issue: float = 0.5, rho_lead: float = 0.7) -> np.ndarray:
    """Two hundred seasons of errors, shape ``(seasons, issues, leads)``."""
    seasons = [errors(DAYS, leads, rho_issue, rho_lead, Streams(3, r)) for r in range(200)]
    return np.stack(seasons)


# ---- the errors ---------------------------------------------------------------------------


def test_errors_are_standard_normal_at_every_issue_and_lead() -> None:
    drawn = many_errors()
    assert np.abs(drawn.mean(axis=(0, 1))).max() < 0.03
    assert np.abs(drawn.std(axis=(0, 1)) - 1.0).max() < 0.02
    assert np.abs(drawn[:, 0].std(axis=0) - 1.0).max() < 0.16
    assert np.abs(drawn[:, -1].std(axis=0) - 1.0).max() < 0.16


@pytest.mark.parametrize("apart", [1, 2, 3])
def test_issues_apart_are_correlated_by_the_power_of_their_distance(apart: int) -> None:
    drawn = many_errors()
    for lead in (0, 3, 6):
        a, b = drawn[:, :-apart, lead].ravel(), drawn[:, apart:, lead].ravel()
        assert np.corrcoef(a, b)[0, 1] == pytest.approx(0.5**apart, abs=0.02)


@pytest.mark.parametrize("apart", [1, 2, 4])
def test_leads_apart_are_correlated_by_the_power_of_their_distance(apart: int) -> None:
    drawn = many_errors()
    for lead in range(7 - apart):
        a, b = drawn[:, :, lead].ravel(), drawn[:, :, lead + apart].ravel()
        assert np.corrcoef(a, b)[0, 1] == pytest.approx(0.7**apart, abs=0.02)


def test_both_distances_multiply() -> None:
    drawn = many_errors()
    a, b = drawn[:, :-1, 0].ravel(), drawn[:, 1:, 2].ravel()
    assert np.corrcoef(a, b)[0, 1] == pytest.approx(0.5 * 0.7**2, abs=0.02)


def test_without_correlation_errors_are_independent() -> None:
    drawn = many_errors(rho_issue=0.0, rho_lead=0.0)
    assert abs(np.corrcoef(drawn[:, :-1, 0].ravel(), drawn[:, 1:, 0].ravel())[0, 1]) < 0.02
    assert abs(np.corrcoef(drawn[:, :, 0].ravel(), drawn[:, :, 1].ravel())[0, 1]) < 0.02


# ---- the forecasts ------------------------------------------------------------------------


def test_without_error_a_forecast_is_the_truth() -> None:
    found = issued(Forecast(error_scale=0.0, horizon_h=168))
    for issue, hour in enumerate(found.issued):
        ahead = TRUTH[hour : hour + 168]
        np.testing.assert_array_equal(found.aqi[issue, : len(ahead)], pm25_aqi(ahead))
        assert np.isnan(found.aqi[issue, len(ahead) :]).all()


def test_a_perfect_forecast_with_a_bias_is_biased_by_just_that() -> None:
    plain = issued(Forecast(error_scale=0.0)).block_pm25
    cautious = issued(Forecast(error_scale=0.0, bias=0.1)).block_pm25
    known = np.isfinite(plain)
    np.testing.assert_allclose(cautious[known], plain[known] * np.exp(0.1))


@pytest.mark.parametrize("shorter", [24, 72, 96])
def test_a_longer_horizon_shares_the_draws_of_a_shorter_one(shorter: int) -> None:
    short, long = issued(Forecast(horizon_h=shorter)), issued(Forecast(horizon_h=168))
    np.testing.assert_array_equal(short.aqi, long.aqi[:, :shorter])
    np.testing.assert_array_equal(short.block_pm25, long.block_pm25[:, : shorter // BLOCK])
    assert (short.horizon, long.horizon) == (shorter, 168)


def test_a_horizon_that_ends_within_a_day_is_cut_there() -> None:
    short, long = issued(Forecast(horizon_h=80)), issued(Forecast(horizon_h=96))
    assert short.horizon == 80
    np.testing.assert_array_equal(short.aqi, long.aqi[:, :80])


def test_by_lead_a_forecast_is_pulled_to_the_climate_and_spread_by_sigma() -> None:
    given, level = Forecast(horizon_h=168), 200.0
    truth = np.full(HOURS, level)
    logs = np.stack([np.log(issued(given, truth, seed).block_pm25[:100]) for seed in range(60)])
    climate = np.log(given.climate_pm25)[MONTHS[issued(given, truth).issued[:100]] - 1]
    for lead in range(7):
        weight, sigma = given.weight[lead], given.sigma[lead]
        mean = weight * np.log(level) + (1 - weight) * climate
        off = logs[:, :, lead] - mean
        assert off.std() == pytest.approx(sigma, rel=0.05)
        assert abs(off.mean()) < 0.05 * (1 + lead / 4)


def test_twice_the_error_moves_a_forecast_twice_as_far_from_the_truth() -> None:
    truth = np.log(issued(Forecast(error_scale=0.0)).block_pm25)
    once = np.log(issued(Forecast()).block_pm25) - truth
    twice = np.log(issued(Forecast(error_scale=2.0)).block_pm25) - truth
    known = np.isfinite(once)
    np.testing.assert_allclose(twice[known], 2 * once[known], atol=1e-9)


def test_within_a_block_the_hours_keep_their_true_shape() -> None:
    found, hour = issued(Forecast()), 8
    block = TRUTH[hour : hour + BLOCK]
    scale = found.block_pm25[0, 0] / block.mean()
    np.testing.assert_array_equal(found.aqi[0, :BLOCK], pm25_aqi(block * scale))


def test_gaps_of_the_truth_stay_gaps_of_the_forecast() -> None:
    truth = TRUTH.copy()
    truth[100:200] = np.nan
    found = issued(Forecast(error_scale=0.0), truth)
    for issue, hour in enumerate(found.issued[:10]):
        unknown = np.isnan(truth[hour : hour + 72])
        np.testing.assert_array_equal(np.isnan(found.aqi[issue]), unknown)


def test_the_newest_forecast_is_the_one_last_issued() -> None:
    found = issued(Forecast())
    assert [found.latest(h) for h in (0, 7, 8, 31, 32)] == [-1, -1, 0, 0, 1]
    assert found.issued[:2].tolist() == [8, 32]
