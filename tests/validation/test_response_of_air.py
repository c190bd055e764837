"""How far alerts move the air: inside the bounds that studies of alerts report.

With perfect forecasts and full compliance, cuts of 10, 20 and 30 % of the city's emission lower
PM2.5 on heavy days by 5–10 %; with the region joining in by 10–16 % (literature in the model's
specification, §4: CAMx studies of Beijing's red alerts and of episodes).
"""

from __future__ import annotations

import numpy as np
import pytest

import zibo_sim as zs
from zibo_sim.experiment import interval
from zibo_sim.model import run_once

WINTERS = 40
PERFECT = {
    "air.forecast.error_scale": 0.0,
    "air.forecast.horizon_h": 120,
    "air.response.compliance": 1.0,
    "air.response.measures": "uniform",
    "air.regional.enabled": False,
}


def fall_on_heavy_days(joins: float) -> list[float]:
    """Per cent by which PM2.5 falls on the heavy days of each winter that an alert can cover."""
    scenario = zs.load().replace({**PERFECT, "air.regional.joins": joins})
    falls = []
    for replication in range(WINTERS):
        outcome = run_once(scenario, 1, replication).air
        air = outcome.air
        without = air.pm25_no_measures.reshape(-1, 24).mean(axis=1)
        covered = (outcome.level_by_hour().reshape(-1, 24) > 0).all(axis=1)
        heavy = (without > 150) & covered
        if heavy.any():
            cut = air.pm25.reshape(-1, 24).mean(axis=1)
            falls.append(100 * (1 - cut[heavy].sum() / without[heavy].sum()))
    return falls


@pytest.mark.parametrize(("joins", "least", "most"), [(0.0, 5.0, 10.0), (1.0, 10.0, 16.0)])
def test_alerts_lower_heavy_day_pm25_as_studies_say(
    joins: float, least: float, most: float
) -> None:
    mean, low, high, _ = interval(np.array(fall_on_heavy_days(joins)), 0.99)
    assert least < low < mean < high < most


def test_a_region_that_joins_in_changes_nothing_without_measures() -> None:
    scenario = zs.load().replace({"air.regional.joins": 1.0, "air.response.compliance": 0.0})
    air = run_once(scenario, 1).air.air
    assert np.array_equal(air.pm25, air.pm25_no_measures)
