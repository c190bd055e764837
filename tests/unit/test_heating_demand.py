"""Heat demand against sums by hand."""

import numpy as np
import pytest

from zibo_sim.heating.demand import daily_heat, daily_means, exposure, readings
from zibo_sim.heating.parameters import DemandParameters, StockParameters
from zibo_sim.heating.stock import stock

P, S = DemandParameters(), StockParameters()


def heat(*outdoor_c, heated=True):
    days = np.array(outdoor_c, float)
    return daily_heat(days, np.full(len(days), heated), P)


def test_a_day_at_zero_degrees_by_hand():
    uninsulated, stage_65 = 0.024 * (1.90 * 20 - 3.8), 0.024 * (0.85 * 20 - 3.8)
    by_vintage = heat(0.0)[:, 0]
    assert by_vintage[0] == pytest.approx(uninsulated)
    assert by_vintage[3] == pytest.approx(stage_65)


def test_a_normal_season_agrees_with_the_degree_days_it_is_made_of():
    degree_days = 1_980 + 2 * 121  # base 18 °C, raised to 20 °C
    season = heat(*[20 - degree_days / 121] * 121).sum(axis=1)
    assert season == pytest.approx([90, 66, 50, 34, 24], abs=1.0)


def test_gains_never_make_heat_negative_and_warm_days_need_none():
    assert np.all(heat(25.0, 19.9, 18.5) == 0)
    assert np.all(np.diff(heat(*np.linspace(-20, 25, 50)), axis=1) <= 0)


def test_no_heat_on_days_that_are_not_heated():
    assert np.all(heat(-10.0, heated=False) == 0)


def test_days_are_means_of_their_own_24_hours():
    hours = np.concatenate([np.arange(24.0), np.full(24, -5.0)])
    assert daily_means(hours).tolist() == [11.5, -5.0]


def test_exposure_is_the_product_of_its_factors():
    count, share = 2_000, 0.3
    exposed, city = exposure(count, S, P, share), stock(count, S)
    area = city.dwellings.household_area() / 100
    factor = np.array([0.8, 1.2, 1.35])[city.position]
    own = np.exp(0.25 * city.noise.astype(float) - 0.25**2 / 2)
    saved = np.where(city.meter_rank < share, 1 - 0.13, 1.0)
    by_hand = area * factor * own * 1.15 * saved
    for vintage in range(5):
        expected = by_hand[city.vintage == vintage].sum()
        assert exposed.by_vintage[vintage] == pytest.approx(expected, rel=1e-6)
    assert exposed.area_m2 == pytest.approx(area.sum())
    assert exposed.metered_exposure == pytest.approx(by_hand[exposed.metered], rel=1e-5)


def test_the_factor_of_a_household_has_mean_one():
    noise = stock(200_000, S).noise.astype(float)
    own = np.exp(0.25 * noise - 0.25**2 / 2)
    assert abs(own.mean() - 1) < 4 * own.std() / np.sqrt(own.size)


def test_the_meters_together_show_the_heat_of_the_metered():
    exposed = exposure(2_000, S, P, 1.0)
    season = np.array([90.0, 66.0, 50.0, 34.0, 24.0])
    total = readings(exposed, season).sum() / 100
    assert total == pytest.approx(season @ exposed.by_vintage, abs=0.005 * 2_000)
