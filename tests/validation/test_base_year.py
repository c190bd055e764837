"""The shipped base year with the plan in force, and how often a truth lies in its own bands."""

from __future__ import annotations

from datetime import datetime
from functools import partial

import numpy as np
import pytest

from zibo_sim.calibration.seasons import Measured, Simulated, simulate, workers
from zibo_sim.calibration.validation import judge
from zibo_sim.model import run_air
from zibo_sim.scenario import Scenario, load

SEASONS = 400


def season(scenario: Scenario, replication: int) -> tuple[float, float]:
    """Return mean PM2.5 and heavy days of natural days without dust."""
    sky = run_air(scenario, 20181116, replication)
    daily = np.rint(sky.pm25.reshape(-1, 24).mean(axis=1))
    clear = ~sky.dust.reshape(-1, 24).any(axis=1)
    return float(sky.pm25.mean()), float(((daily > 150) & clear).sum())


@pytest.fixture(scope="module")
def base_year() -> np.ndarray:
    with workers(0) as mapper:
        return np.array(mapper(partial(season, load()), range(SEASONS)))


def interval(values: np.ndarray) -> tuple[float, float]:
    half = 1.96 * values.std(ddof=1) / np.sqrt(len(values))
    return values.mean() - half, values.mean() + half


def test_the_base_year_has_the_mean_the_gazette_s_targets_imply(base_year):
    """144号 一(一): 72 µg/m³ after a fall of 2.5 % is a base of 73.8."""
    low, high = interval(base_year[:, 0])
    assert high - low < 1.2
    assert low > 72 / 0.975 - 1.0
    assert high < 72 / 0.975 + 1.0


def test_the_base_year_has_the_heavy_days_the_gazette_s_targets_imply(base_year):
    """144号 一(一): 10 days after a fall of one is a base of 11."""
    low, high = interval(base_year[:, 1])
    assert low > 11 - 2
    assert high < 11 + 2


def test_a_season_of_the_model_lies_in_its_bands_as_often_as_it_should():
    scenario = load()
    first = int(scenario.clock().hour(datetime(2018, 12, 1)))
    gaps = np.zeros(121 * 24)
    gaps[500:642] = np.nan
    gaps[::50] = np.nan
    shape = Measured.of(datetime(2018, 12, 1), 50.0 + gaps, "shape")
    made = simulate(scenario, shape, 300, seed=8, measures=False)
    outside = []
    for replication in range(60):
        hours = run_air(scenario, 9, replication, measures=False).pm25[first:] + gaps
        truth = Measured.of(datetime(2018, 12, 1), hours, "truth")
        found = judge(truth, Simulated(made.pm25, made.whole_mean), 8, False)
        outside.append([np.mean([not r.inside for r in rows])
                        for rows in (found.statistics, found.hours)])  # fmt: skip
    for share in np.array(outside).T:
        low, high = share.mean() + np.array([-1, 1]) * 2.58 * share.std(ddof=1) / np.sqrt(60)
        # a tenth by construction; counted values with their ties lie inside a little more often
        assert low < 0.11
        assert high > 0.07
