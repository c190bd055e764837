"""Skill of the forecasts by lead against the specification's table, from replications.

The specification made its table with a prototype that forecast PM2.5 alone, whose winters differ a
little from these. Counts of blocks over 200 are near it within 0.06 (their 99 % sampling errors
here are 0.02 to 0.03). A correlation of logarithms also depends on how much the truth varies: of
PM2.5 it lies a little above the table, of the AQI's equivalent, whose clean end PM10 lifts, a
little below; both within 0.07.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest

from zibo_sim.air.aqi import pm25_aqi
from zibo_sim.air.forecast import BLOCK, issue_forecasts
from zibo_sim.model import run_air
from zibo_sim.scenario import load
from zibo_sim.streams import Streams

SEASONS, LEADS, HEAVY = 200, 4, 200.0
TABLE = {  # lead h: log-correlation, POD, FAR, CSI
    24: (0.85, 0.64, 0.47, 0.41),
    48: (0.78, 0.57, 0.53, 0.35),
    72: (0.72, 0.52, 0.59, 0.30),
    96: (0.65, 0.47, 0.65, 0.25),
}


class Blocks(NamedTuple):
    """Forecast and true 24-hour blocks, shape ``(seasons, issues, leads)``."""

    forecast: np.ndarray
    truth: np.ndarray
    forecast_aqi: np.ndarray
    truth_aqi: np.ndarray


def blocks(**changes: float) -> tuple[Blocks, Blocks]:
    """Return blocks of what the plan sees, and of PM2.5 alone, on the same draws."""
    scenario = load().replace({"air.forecast.horizon_h": LEADS * BLOCK, **changes})
    law, months = scenario.law_book(), None
    seen: tuple[list, list] = ([], [])
    for replication in range(SEASONS):
        sky = run_air(scenario, 31, replication, measures=False)
        if months is None:
            months = scenario.clock().times().astype("datetime64[M]").astype(int) % 12 + 1
        for truth, rows in zip((sky.truth, sky.pm25_no_measures), seen, strict=True):
            made = issue_forecasts(
                truth, months, scenario.air.forecast, law, Streams(31, replication)
            )
            whole = made.issued + LEADS * BLOCK <= len(truth)
            at = made.issued[whole, None] + np.arange(LEADS * BLOCK)
            split = (whole.sum(), LEADS, BLOCK)
            true_aqi = pm25_aqi(truth, law)[at].reshape(split).mean(axis=2)
            rows.append(
                (made.block_pm25[whole], truth[at].reshape(split).mean(axis=2),
                 made.aqi[whole].reshape(split).mean(axis=2), true_aqi)
            )  # fmt: skip
    return tuple(Blocks(*map(np.array, zip(*rows, strict=True))) for rows in seen)


@pytest.fixture(scope="module")
def plain() -> tuple[Blocks, Blocks]:
    return blocks()


def correlation(found: Blocks, lead: int) -> float:
    logs = [np.log(x[..., lead].ravel()) for x in (found.forecast, found.truth)]
    return float(np.corrcoef(*logs)[0, 1])


def counts(found: Blocks, lead: int) -> tuple[float, float, float]:
    said, came = found.forecast_aqi[..., lead] > HEAVY, found.truth_aqi[..., lead] > HEAVY
    hits = (said & came).sum()
    return hits / came.sum(), (said & ~came).sum() / said.sum(), hits / (said | came).sum()


@pytest.mark.parametrize("lead", range(LEADS))
def test_forecast_and_truth_agree_as_in_the_table(plain, lead):
    expected = TABLE[BLOCK * (lead + 1)][0]
    for found in plain:
        assert correlation(found, lead) == pytest.approx(expected, abs=0.07)


@pytest.mark.parametrize("lead", range(LEADS))
def test_heavy_blocks_are_hit_and_missed_as_in_the_table(plain, lead):
    assert counts(plain[0], lead) == pytest.approx(TABLE[BLOCK * (lead + 1)][1:], abs=0.06)


def test_the_first_day_reaches_the_published_correlation(plain):
    """Gao J. et al. 2016, Tianjin: r over 0.8 at 24 hours."""
    for found in plain:
        r = np.corrcoef(found.forecast[..., 0].ravel(), found.truth[..., 0].ravel())[0, 1]
        assert r > 0.8


def test_skill_is_lost_with_every_day_of_lead(plain):
    found = plain[0]
    csi = [counts(found, lead)[2] for lead in range(LEADS)]
    assert csi == sorted(csi, reverse=True)
    assert csi[-1] > 2 * np.mean(found.truth_aqi > HEAVY)  # chance hits about that share


def test_a_cautious_office_misses_less_and_cries_wolf_more(plain):
    careful = blocks(**{"air.forecast.bias": 0.10})[0]
    pod, far, _ = counts(plain[0], 0)
    assert counts(careful, 0)[0] > pod + 0.05
    assert counts(careful, 0)[1] > far + 0.03


def test_forecasts_do_not_lean_to_one_side(plain):
    """Said and true heavy blocks are about as many: the published heavy-day bias is -15 %."""
    said = (plain[0].forecast_aqi[..., 0] > HEAVY).mean()
    came = (plain[0].truth_aqi[..., 0] > HEAVY).mean()
    assert 0.85 < said / came < 1.4
