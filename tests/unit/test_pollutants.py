"""PM10, SO2, NO2 and CO beside PM2.5, and the hourly AQI they make together."""

from __future__ import annotations

import numpy as np
import pytest

from zibo_sim.air.aqi import aqi as rule
from zibo_sim.air.aqi import hourly_aqi, pm25_aqi
from zibo_sim.air.parameters import Air
from zibo_sim.air.pollutants import (
    NAMES,
    Pollutants,
    equivalent_pm25,
    fill_hourly_aqi,
    index_tables,
    pollutants,
)
from zibo_sim.air.sectors import POLLUTANTS
from zibo_sim.experiment import run
from zibo_sim.law import book
from zibo_sim.model import run_air, run_once
from zibo_sim.outcomes import Facts
from zibo_sim.scenario import Scenario, load

HOURS = 500
NONE = np.zeros(HOURS)
CLEAR = np.zeros(HOURS, dtype=bool)
TOPS = {"pm25": 700.0, "pm10": 800.0, "so2": 1000.0, "no2": 4200.0, "co": 170.0}


def short(**changes: object) -> Scenario:
    period = {
        "period.start": load().period.start.replace(month=12),
        "period.end": load().period.end,
    }
    return load().replace({**period, **changes})


def air(rng: np.random.Generator) -> dict[str, np.ndarray]:
    return {
        name: np.where(rng.random(HOURS) < 0.1, np.nan, top * rng.random(HOURS) ** 2)
        for name, top in TOPS.items()
    }


def filled(columns: dict[str, np.ndarray]) -> np.ndarray:
    index = np.empty(HOURS)
    fill_hourly_aqi(np.array([columns[n] for n in NAMES]), index_tables(book()), 0, HOURS, index)
    return index


@pytest.mark.parametrize("seed", range(5))
def test_the_hourly_index_is_the_largest_of_the_standard_for_rounded_concentrations(seed):
    columns = air(np.random.default_rng(seed))
    if seed == 0:
        columns = {name: np.full(HOURS, np.nan) for name in columns}
    rounded = {name: np.round(v, 1 if name == "co" else 0) for name, v in columns.items()}
    np.testing.assert_array_equal(filled(columns), hourly_aqi(rounded))


def test_the_hourly_index_is_that_of_the_exact_rule():
    rng = np.random.default_rng(11)
    columns = {name: np.round(0.9 * v, 1 if name == "co" else 0) for name, v in air(rng).items()}
    columns["so2"] = np.minimum(columns["so2"], 800.0)
    index = filled(columns)
    for hour in range(0, HOURS, 7):
        given = {n: float(v[hour]) for n, v in columns.items() if np.isfinite(v[hour])}
        assert index[hour] == rule(averaging="1h", **given)["aqi"]


def test_so2_beyond_its_hourly_table_gives_no_index_of_its_own():
    columns = {name: np.full(HOURS, np.nan) for name in NAMES} | {"so2": np.full(HOURS, 900.0)}
    assert np.isnan(filled(columns)).all()
    assert (filled(columns | {"pm25": np.full(HOURS, 75.0)}) == 100).all()


def test_a_reform_of_the_table_moves_the_index():
    law = book().with_changes({"aqi.pm25_24h": [0, 35, 60, 115, 150, 250, 350, 500]})
    index = np.empty(1)
    row = np.array([[60.0], [np.nan], [np.nan], [np.nan], [np.nan]])
    fill_hourly_aqi(row, index_tables(law), 0, 1, index)
    assert index[0] == 100


def test_the_lines_keep_the_measured_means_and_the_measured_ratio():
    made = pollutants(np.full(HOURS, 84.1), NONE, np.full(HOURS, 75.0), NONE, CLEAR, Pollutants())
    assert made["pm10"].mean() == pytest.approx(143.1, abs=0.5)
    assert 84.1 / made["pm10"].mean() == pytest.approx(0.588, abs=0.005)
    assert made["no2"].mean() == pytest.approx(51.0, abs=0.5)
    assert made["co"].mean() == pytest.approx(1.31, abs=0.01)


def test_a_storm_adds_coarse_dust_in_its_hours_alone():
    storm = np.arange(HOURS) < 24
    rng = np.random.default_rng(3)
    pm25, nox = 200 * rng.random(HOURS), 100 * rng.random(HOURS)
    plain = pollutants(pm25, NONE, nox, NONE, CLEAR, Pollutants())
    dusty = pollutants(pm25, NONE, nox, NONE, storm, Pollutants())
    added = dusty.pop("pm10") - plain.pop("pm10")
    np.testing.assert_allclose(added, 300.0 * storm, atol=1e-9)
    for name, values in plain.items():
        np.testing.assert_array_equal(values, dusty[name])


def test_cuts_of_total_pm_reach_only_the_city_s_own_coarse_dust():
    cut = np.full(HOURS, 0.4)
    pm25 = np.full(HOURS, 100.0)
    given = Pollutants(coarse_local_share=0.5)
    before = pollutants(pm25, NONE, NONE, NONE, CLEAR, given)
    after = pollutants(pm25, NONE, NONE, cut, CLEAR, given)
    np.testing.assert_allclose(before["pm10"] - after["pm10"], 0.5 * 0.4 * given.pm10_coarse)
    np.testing.assert_array_equal(before["co"], after["co"])


def test_an_index_comes_back_from_the_concentration_that_stands_for_it():
    law = book()
    whole = np.arange(1.0, 501.0)
    back = equivalent_pm25(pm25_aqi(whole, law), law)
    np.testing.assert_array_equal(pm25_aqi(back, law), pm25_aqi(whole, law))
    assert np.isnan(equivalent_pm25(np.array([np.nan]), law)).all()
    assert equivalent_pm25(np.array([0.0]), law)[0] == 1.0


def test_the_air_s_index_is_the_standard_s_for_what_is_simulated():
    sky = run_air(short(), seed=4)
    rounded = {n: np.round(v, 1 if n == "co" else 0) for n, v in sky.concentrations.items()}
    np.testing.assert_array_equal(sky.aqi, hourly_aqi(rounded))
    assert set(sky.concentrations) == set(NAMES)


def test_forecasts_are_made_around_the_leading_pollutant():
    sky, law = run_air(short(), seed=4, measures=False), book()
    own = pm25_aqi(sky.pm25_no_measures, law)
    leads = own >= sky.aqi_no_measures
    assert 0.2 < leads.mean() < 0.9
    np.testing.assert_array_equal(sky.truth[leads], sky.pm25_no_measures[leads])
    led = pm25_aqi(sky.truth[~leads], law)
    assert (led >= sky.aqi_no_measures[~leads]).all()
    assert (led <= sky.aqi_no_measures[~leads] + 2).all()


def test_pm25_leads_when_the_air_is_heavy_and_pm10_when_it_is_clean():
    skies = [run_air(short(), seed=5, replication=i, measures=False) for i in range(4)]
    for sky in skies:
        clear = ~sky.dust
        own = pm25_aqi(sky.pm25_no_measures, book())
        heavy = clear & (sky.aqi_no_measures > 200)
        assert (own[heavy] == sky.aqi_no_measures[heavy]).all()
        clean = clear & (sky.pm25_no_measures < 35)
        assert (own[clean] < sky.aqi_no_measures[clean]).mean() > 0.9


def test_orders_that_nobody_follows_leave_every_pollutant_as_it_was_to_the_last_bit():
    scenario = short(**{"air.response.compliance": 0.0})
    sky = run_air(scenario, seed=2)
    for name, values in sky.concentrations.items():
        np.testing.assert_array_equal(values, sky.concentrations_no_measures[name])
    np.testing.assert_array_equal(sky.aqi, sky.aqi_no_measures)


def test_the_air_alone_is_the_air_of_the_whole_run():
    scenario = short()
    alone, whole = run_air(scenario, 3, 1), run_once(scenario, 3, 1).air.air
    np.testing.assert_array_equal(alone.pm25, whole.pm25)
    np.testing.assert_array_equal(alone.aqi, whole.aqi)


def test_a_run_shows_all_pollutants():
    frame = run(short(), seed=1).series
    assert frame[["pm10", "so2", "no2", "co"]].notna().all().all()
    assert (frame["pm10"] > frame["pm25"]).all()


def test_daily_aqi_takes_in_every_pollutant():
    outcome = run_once(short(), 6)
    facts = Facts(outcome)
    days = facts.daily_aqi
    outcome.air.air.concentrations["pm10"][24 * 40 : 24 * 41] = 480.0
    outcome.air.air.dust[24 * 40 : 24 * 41] = False
    changed = Facts(outcome).daily_aqi
    assert changed[40] == 375  # 300 + 100 · (480 − 420) ÷ (500 − 420)
    others = np.arange(len(days)) != 40
    np.testing.assert_array_equal(changed[others], days[others])


def test_the_cut_that_thins_dust_is_that_of_total_pm():
    assert POLLUTANTS[2] == "pm"
    assert Air().pollutants == Pollutants()
