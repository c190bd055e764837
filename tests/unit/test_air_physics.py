"""The boxes, the weather and the emissions, piece by piece."""

from __future__ import annotations

import importlib.util
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from zibo_sim.air.box import SPECIES, AirShed, background, deposition_m_h, sides_km
from zibo_sim.air.emissions import Households, city_emission, daily_profile, divisors, extra_coal
from zibo_sim.air.parameters import Air, CleanHeating
from zibo_sim.air.sectors import BASE_SOURCE, HEATING_SECTORS, IS_HEATING, PACE, POLLUTANTS, SECTORS
from zibo_sim.air.slab import (
    C_END,
    MEAN,
    NITRATE_PER_NOX,
    NOX,
    PM,
    PM25,
    R_END,
    SO2,
    SULFATE_PER_SO2,
    VOC,
)
from zibo_sim.air.weather import (
    SPIN_UP_DAYS,
    SPIN_UP_H,
    AirCalendar,
    Hourly,
    Weather,
    draw_weather,
    mixing_shape,
    temperature_normal,
)
from zibo_sim.clock import Clock
from zibo_sim.errors import Refused
from zibo_sim.streams import Streams

CLOCK = Clock(date(2018, 10, 25), date(2018, 12, 10))
HEATING_FROM = date(2018, 11, 15)
DAYS = CLOCK.dates()
CALENDAR = AirCalendar.of(CLOCK, np.datetime64(HEATING_FROM) <= DAYS)
AIR = Air()
HOUSEHOLDS = Households(gas=51100, electricity=5500, district=45500)
NOTHING = np.zeros(len(SECTORS))


def changed(group: str, **values: object) -> Air:
    return Air.model_validate({group: values})


def shed(air: Air = AIR, replication: int = 0, **how: object) -> AirShed:
    weather = draw_weather(air, CALENDAR, Streams(3, replication))
    return AirShed(air, CALENDAR, weather, **how)


def ordered(air: Air, target: np.ndarray, first: int = 300, last: int = 400) -> AirShed:
    air_shed = shed(air)
    air_shed.command(first, target)
    air_shed.release(last)
    air_shed.advance(CLOCK.hours)
    return air_shed


def only(sector: str, cut: float = 1.0) -> np.ndarray:
    return cut * (np.array(SECTORS) == sector)


@pytest.fixture(scope="module")
def plain_air():
    path = Path(__file__).parents[1] / "benchmarks" / "plain_air.py"
    spec = importlib.util.spec_from_file_location("plain_air", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.PlainAir


# ---- the same numbers as the plain model, and as itself


@pytest.mark.parametrize("humidity_sigma", [0.0, 12.0])
def test_the_compiled_air_is_the_plain_hourly_model_in_another_form(plain_air, humidity_sigma):
    air = changed("weather", humidity_sigma=humidity_sigma)
    slow = plain_air(air, CLOCK, HEATING_FROM, CLOCK.end, Streams(3)).run()
    np.testing.assert_allclose(shed(air).pm25_no_measures, slow, rtol=1e-9)


def test_without_an_order_the_air_is_the_counterfactual_to_the_last_bit():
    air_shed = shed()
    air_shed.advance(CLOCK.hours)
    assert np.array_equal(air_shed.pm25, air_shed.pm25_no_measures)
    assert np.array_equal(air_shed.so2, air_shed.so2_no_measures)
    assert np.array_equal(air_shed.nox, air_shed.nox_no_measures)
    assert not air_shed.cut.any()


def test_an_order_of_nothing_changes_no_bit():
    air_shed = ordered(AIR, NOTHING)
    assert np.array_equal(air_shed.pm25, air_shed.pm25_no_measures)
    assert not air_shed.cut.any()


def test_stepping_hour_by_hour_gives_the_same_bits_as_one_stride():
    one, many = shed(), shed()
    for air_shed in (one, many):
        air_shed.command(120, np.full(len(SECTORS), 0.3))
        air_shed.release(260)
    one.advance(CLOCK.hours)
    for hour in range(261, CLOCK.hours + 1):
        many.advance(hour)
    assert np.array_equal(one.pm25, many.pm25)
    assert np.array_equal(one.cut, many.cut)


def test_hours_not_yet_computed_are_unknown():
    air_shed = shed()
    air_shed.advance(100)
    assert air_shed.done == 100
    assert np.isfinite(air_shed.pm25[:100]).all()
    assert np.isnan(air_shed.pm25[100:]).all()


# ---- budgets


def balance(box: dict, species: int) -> tuple[np.ndarray, np.ndarray]:
    """Return what is unaccounted for in each hour, and the gross flux, µg/m², of a box."""
    trace, h, lid = box["trace"], box["rates"].h, box["rates"].lid
    c, r = trace[:, C_END + species], trace[:, R_END + species]
    h0, h1, top, lid1 = h[:-1], h[1:], lid[:-1], lid[1:]
    before = c[:-1] * h0 + r[:-1] * (top - h0)
    after = c[1:] * h1 + r[1:] * (lid1 - h1)
    collapse = h1 < h0
    with np.errstate(invalid="ignore", divide="ignore"):
        filled = (r[:-1] * (top - h0) + c[:-1] * (h0 - h1)) / (top - h1)
    aloft = np.where(collapse, filled, r[:-1])
    raised = np.maximum(h1 - top, 0.0)
    entrained = box["clean"][species] * raised
    exported = aloft * np.maximum(top - lid1, 0.0)
    flushed = np.where(lid1 > h1, (r[1:] - aloft) * (lid1 - h1), 0.0)
    mean, vent = trace[1:, MEAN + species], 3.6 * box["u"][1:] / box["side"]
    settled = box["velocity"][species] * mean
    advected = vent * (box["inflow"][1:, species] - mean) * h1
    made = chemistry(box, species)
    unexplained = after - before - (entrained - exported + flushed + advected - settled + made)
    unexplained -= box["emission"][1:, species]
    gross = entrained + exported + abs(flushed) + vent * mean * h1 + settled + abs(made) + after
    return unexplained, gross


def chemistry(box: dict, species: int) -> np.ndarray:
    mean, rates = box["trace"][1:, MEAN:], box["rates"]
    burnt = rates.k_so2[1:] * mean[:, 4] * rates.h[1:]
    turned = rates.k_nox[1:] * mean[:, 5] * rates.h[1:]
    made = {1: SULFATE_PER_SO2 * burnt, 2: NITRATE_PER_NOX * turned, 4: -burnt, 5: -turned}
    return made.get(species, np.zeros(len(burnt)))


def emitted(table: np.ndarray, rates, air: Air) -> np.ndarray:
    """Return emission by hour and species, µg/m²."""
    steady, heat = table[~IS_HEATING].sum(axis=0), table[IS_HEATING].sum(axis=0)
    hourly = np.outer(rates.steady, steady) + np.outer(rates.heat, heat)
    zero = np.zeros(len(hourly))
    organic = air.box.organic_yield * hourly[:, VOC]
    return np.stack([hourly[:, PM25], zero, zero, organic, hourly[:, SO2], hourly[:, NOX]], 1)


@pytest.fixture(scope="module", params=["region", "city"])
def box(request) -> dict:
    weather = draw_weather(AIR, CALENDAR, Streams(8))
    air_shed = AirShed(AIR, CALENDAR, weather, trace=True)
    region, city = sides_km(AIR.box)
    pm, so2, nox = deposition_m_h(AIR.box)
    mean, f_dir = air_shed.region_trace[:, MEAN:], weather.whole.f_dir[:, None]
    both = {
        "rates": air_shed.rates,
        "u": weather.whole.u,
        "clean": air_shed.background,
        "velocity": [pm, pm, pm, pm, so2, nox],
    }
    if request.param == "region":
        own = {"trace": air_shed.region_trace, "side": region, "inflow": mean * 0 + both["clean"]}
        own["emission"] = emitted(air_shed.region_emission, air_shed.rates, AIR)
    else:
        own = {"trace": air_shed.city_trace, "side": city, "inflow": mean * f_dir}
        own["emission"] = emitted(air_shed.sector_emission, air_shed.rates, AIR)
    return both | own


@pytest.mark.parametrize("species", range(6), ids=SPECIES)
def test_no_mass_appears_or_vanishes(box, species):
    unexplained, gross = balance(box, species)
    assert abs(unexplained.sum()) < 1e-12 * gross.sum()
    assert (abs(unexplained) < 1e-9 * gross.max()).all()


@pytest.mark.parametrize(
    ("gas", "particle", "yields"), [(4, 1, SULFATE_PER_SO2), (5, 2, NITRATE_PER_NOX)]
)
def test_what_a_gas_loses_to_oxidation_is_found_in_the_particles(box, gas, particle, yields):
    lost, found = -chemistry(box, gas), chemistry(box, particle)
    assert lost.sum() > 0
    assert found.sum() == pytest.approx(yields * lost.sum(), rel=1e-12)
    assert abs(balance(box, particle)[0].sum()) < 1e-12 * found.sum()


def still_air(hours: int) -> tuple[AirCalendar, Weather]:
    """Return weather that never changes, and a calendar without day or season."""
    n = hours + SPIN_UP_H
    none = np.zeros(n, bool)
    calendar = AirCalendar(
        hours=hours,
        hour_of_day=np.zeros(n, np.int64),
        season_day=np.zeros(n),
        month=np.ones(n, np.int64),
        year_day=np.zeros(n // 24),
        heating=none,
    )
    ones = np.ones(n)
    steady = Hourly(
        u=2.0 * ones,
        h=400.0 * ones,
        rh=60.0 * ones,
        outdoor_c=0.0 * ones,
        mean_c=0.0 * ones,
        f_dir=1.2 * ones,
        noise=0.0 * ones,
        dust=none,
        regime=np.zeros(n, np.int8),
    )
    return calendar, Weather(steady)


def test_still_weather_leads_to_the_steady_state_of_the_equation():
    air = changed("emissions", diurnal_amplitude=0.0, semidiurnal_amplitude=0.0)
    calendar, weather = still_air(3000)
    air_shed = AirShed(air, calendar, weather, trace=True)
    h, u, rates = 400.0, 2.0, air_shed.rates
    pm, so2, nox = deposition_m_h(air.box)
    inflow = background(air.box)
    for side, table, trace in (
        (sides_km(air.box)[0], air_shed.region_emission, air_shed.region_trace),
        (sides_km(air.box)[1], air_shed.sector_emission, air_shed.city_trace),
    ):
        source, vent = emitted(table, rates, air)[0] / h, 3.6 * u / side
        k_so2, k_nox = rates.k_so2[0], rates.k_nox[0]
        gas = (vent * inflow[4] + source[4]) / (vent + so2 / h + k_so2)
        oxide = (vent * inflow[5] + source[5]) / (vent + nox / h + k_nox)
        source[1] += k_so2 * SULFATE_PER_SO2 * gas
        source[2] += k_nox * NITRATE_PER_NOX * oxide
        particles = (vent * inflow[:4] + source[:4]) / (vent + pm / h)
        expected = [*particles, gas, oxide]
        np.testing.assert_allclose(trace[-1, MEAN:], expected, rtol=1e-10)
        np.testing.assert_allclose(trace[-1, C_END : C_END + 6], expected, rtol=1e-10)
        inflow = 1.2 * np.array(expected)


# ---- linearity, attribution, response


def test_the_city_adds_in_proportion_to_what_it_emits():
    none, once, twice = (shed(changed("emissions", scale=s)).pm25_no_measures for s in (0.0, 1, 2))
    np.testing.assert_allclose(twice - none, 2 * (once - none), rtol=1e-11)


def test_city_and_region_together_add_to_the_background_in_proportion():
    levels = (1e-300, 1.0, 2.0)
    none, once, twice = (shed(changed("emissions", level=x)).pm25_no_measures for x in levels)
    np.testing.assert_allclose(twice - none, 2 * (once - none), rtol=1e-11)


def test_what_sectors_take_away_one_by_one_is_what_they_take_away_together():
    together = ordered(AIR, np.ones(len(SECTORS)))
    effect = together.pm25_no_measures - together.pm25
    parts = sum(together.pm25_no_measures - ordered(AIR, only(s)).pm25 for s in SECTORS)
    assert effect.max() > 10.0
    np.testing.assert_allclose(parts, effect, atol=1e-12 * together.pm25_no_measures.max())


def test_a_cut_cleans_the_city_and_leaves_the_region_and_the_counterfactual_alone():
    free, cut = shed(), ordered(AIR, only("road", 0.5) + only("steel_coking", 0.5))
    assert (cut.pm25[310:400] < cut.pm25_no_measures[310:400]).all()
    assert np.array_equal(cut.pm25[:300], cut.pm25_no_measures[:300])
    assert np.array_equal(cut.pm25_no_measures, free.pm25_no_measures)
    assert np.array_equal(cut.region_pm25, free.region_pm25)


@pytest.mark.parametrize("sector", ["dust", "coating", "glass"])
def test_a_sector_follows_an_order_exponentially_at_its_own_pace(sector):
    tau = getattr(AIR.response, f"tau_{PACE[sector]}_h")
    air_shed = shed()
    air_shed.command(0, only(sector, 0.8))
    air_shed.advance(30)
    reached = air_shed.realised[SECTORS.index(sector)]
    assert reached == pytest.approx(0.8 * (1 - np.exp(-30 / tau)), rel=1e-12)


def test_the_hourly_cut_is_the_mean_of_the_exponential_over_the_hour():
    air_shed = shed()
    air_shed.command(0, only("outdoor_solvent"))
    air_shed.advance(1)
    t = (np.arange(100_000) + 0.5) / 100_000
    mean = (1 - np.exp(-t / AIR.response.tau_light_h)).mean()
    share = AIR.sectors.voc[SECTORS.index("outdoor_solvent")]
    assert air_shed.cut[0, VOC] == pytest.approx(
        share * mean / (1 - sum(AIR.sectors.voc[6:8])), rel=1e-6
    )
    assert not air_shed.cut[0, [SO2, NOX, PM, PM25]].any()


def test_a_tenth_of_the_lost_output_is_made_up_after_the_release():
    start, stop = 240, 300
    net = []
    for share in (0.0, 0.1):
        air_shed = ordered(changed("response", rebound_share=share), only("dust", 0.6), start, stop)
        base = emitted(air_shed.sector_emission, air_shed.rates, AIR)[SPIN_UP_H:, 0]
        net.append((air_shed.cut[:, PM25] * base).sum())
    assert net[1] == pytest.approx(0.9 * net[0], rel=1e-7)


def test_lost_output_is_made_up_evenly_over_its_hours_and_then_no_more():
    air = changed("response", rebound_h=50, tau_traffic_dust_h=0.05)
    air_shed = ordered(air, only("road"), 240, 300)
    base = emitted(air_shed.sector_emission, air_shed.rates, air)[SPIN_UP_H:, 5]
    made_up = -(air_shed.cut[:, NOX] * base)[301:350]
    assert (made_up > 0).all()
    np.testing.assert_allclose(made_up, made_up[0], rtol=1e-8)
    assert not air_shed.cut[351:].any()


def test_a_new_order_puts_off_what_is_still_to_be_made_up():
    air_shed = shed()
    for first, last in ((100, 150), (160, 200)):
        air_shed.command(first, only("dust", 0.5))
        air_shed.release(last)
    air_shed.advance(CLOCK.hours)
    assert (air_shed.cut[161:200, PM] > 0).all()
    assert (air_shed.cut[240:320, PM] < 0).all()


def test_elasticity_scales_the_change_and_nothing_else():
    full, part = (ordered(changed("response", elasticity=e), only("road")) for e in (1.0, 0.6))
    change = full.pm25 - full.pm25_no_measures
    np.testing.assert_allclose(part.pm25 - part.pm25_no_measures, 0.6 * change, atol=1e-9)


def test_an_order_for_an_hour_already_computed_is_refused():
    air_shed = shed()
    air_shed.advance(50)
    with pytest.raises(Refused, match="computed up to hour 50"):
        air_shed.command(49, NOTHING)
    with pytest.raises(Refused, match="hour 48"):
        air_shed.release(48)


def test_one_share_a_sector_is_that_share_of_each_of_its_pollutants():
    target = np.linspace(0.1, 0.9, len(SECTORS))
    one, five = ordered(AIR, target), ordered(AIR, np.repeat(target[:, None], 5, axis=1))
    assert np.array_equal(one.pm25, five.pm25)
    assert np.array_equal(one.cut, five.cut)


def test_a_pollutant_can_be_cut_by_itself():
    target = np.zeros((len(SECTORS), len(POLLUTANTS)))
    target[:, SO2] = 0.5
    air_shed = ordered(AIR, target)
    assert (air_shed.cut[301:400, SO2] > 0).all()
    assert not air_shed.cut[:, [NOX, PM, PM25, VOC]].any()
    assert (air_shed.so2[310:400] < air_shed.so2_no_measures[310:400]).all()
    assert np.array_equal(air_shed.nox, air_shed.nox_no_measures)
    assert (air_shed.realised[:, NOX] == 0).all()


def test_plants_of_one_sector_cut_pollutants_by_different_shares():
    target = np.zeros((len(SECTORS), len(POLLUTANTS)))
    place = SECTORS.index("kiln_materials")
    target[place] = [0.1, 0.2, 0.3, 0.4, 0.5]
    air_shed = shed()
    air_shed.command(0, target)
    air_shed.advance(200)
    np.testing.assert_allclose(air_shed.realised[place], target[place], rtol=1e-6)


@pytest.mark.parametrize(
    "target",
    [np.zeros(5), NOTHING + 1.1, NOTHING - 0.1, NOTHING * np.nan, np.zeros((13, 4))],
)
def test_an_order_that_is_no_share_of_each_sector_is_refused(target):
    with pytest.raises(Refused, match="13 shares"):
        shed().command(0, target)


# ---- emissions


def test_the_sector_table_is_complete():
    table = AIR.sectors.table()
    assert table.shape == (13, 5)
    np.testing.assert_allclose(table.sum(axis=0), 1.0, rtol=1e-12)
    assert set(BASE_SOURCE) == set(PACE) == set(SECTORS)
    assert [SECTORS[i] for i in np.flatnonzero(IS_HEATING)] == list(HEATING_SECTORS)
    assert tuple(range(5)) == (SO2, NOX, PM, PM25, VOC)
    assert POLLUTANTS == ("so2", "nox", "pm", "pm25", "voc")


def test_heating_has_the_shares_the_calibration_took():
    heating = AIR.sectors.table()[IS_HEATING].sum(axis=0)
    np.testing.assert_allclose(heating, [0.29, 0.09, 0.14, 0.24, 0.10], rtol=1e-12)


def test_shares_that_do_not_sum_to_one_are_refused():
    with pytest.raises(ValidationError, match="sum to"):
        Air.model_validate({"sectors": {"so2": [0.1] * 13}})


def test_divisors_follow_the_class_of_each_sector():
    days = {name: i + 1.0 for i, name in enumerate(sorted(set(BASE_SOURCE.values())))}
    assert divisors(days)[SECTORS.index("glass")] == days["industry"]
    assert divisors(days)[SECTORS.index("residential_coal")] == days["residential_coal"]


def test_the_city_emits_what_the_level_says():
    totals = city_emission(AIR).sum(axis=0)
    expected = AIR.emissions.level * np.array([38.0, 60.0, 110.0, 160.0])
    np.testing.assert_allclose(totals[[PM25, SO2, NOX, VOC]], expected, rtol=1e-12)


def test_the_daily_profile_has_mean_one_and_the_fitted_extremes():
    profile = daily_profile(AIR)
    assert profile.mean() == pytest.approx(1.0, rel=1e-12)
    assert profile.min() > 0
    assert [round(float(profile[hour]), 2) for hour in (4, 10)] == [0.21, 1.55]


def test_a_profile_that_would_emit_less_than_nothing_is_refused():
    with pytest.raises(ValidationError, match="negative"):
        changed("emissions", diurnal_amplitude=0.8)


def test_heating_sources_rest_outside_the_heating_season():
    rates = shed().rates
    assert (rates.heat[~CALENDAR.heating] == 0).all()
    assert (rates.heat[CALENDAR.heating] > 0).any()


def test_the_normal_degrees_are_those_of_the_normal_heating_season():
    season = np.concatenate([np.arange(318, 365), np.arange(74)])
    degrees = (AIR.emissions.heating_base_c - temperature_normal(AIR.weather, season)).mean()
    assert degrees == pytest.approx(AIR.emissions.normal_degrees, abs=0.01)
    assert len(season) == 121


def test_the_completed_conversion_adds_nothing_to_the_base_year():
    np.testing.assert_allclose(extra_coal(CleanHeating(), HOUSEHOLDS), 0.0, atol=1e-15)


def test_no_conversion_adds_the_stoves_and_spares_what_replaced_them():
    extra = extra_coal(CleanHeating(completed_share=0.0, relapse_in_base=0.0), HOUSEHOLDS)
    coal_kt = 102_100 * 2.5 / 1e3
    so2, nox, _, pm25, voc = extra
    assert so2 == pytest.approx(coal_kt * 6.8e-3 - 45_500 * 0.56e-6)
    assert nox == pytest.approx(coal_kt * 2e-3 - 51_100 * 1.6e-6 - 45_500 * 0.8e-6)
    assert pm25 == pytest.approx(coal_kt * 7e-3 - 45_500 * 0.1e-6)
    assert voc == pytest.approx(coal_kt * 3e-3)


def test_households_left_on_coal_make_the_winter_dirtier():
    extra = extra_coal(CleanHeating(completed_share=0.0), HOUSEHOLDS)
    clean, smoky = shed().pm25_no_measures, shed(extra_coal_kt=extra).pm25_no_measures
    heated = CALENDAR.heating[SPIN_UP_H:]
    assert np.array_equal(clean[~heated], smoky[~heated])
    assert 1.02 < smoky[heated].mean() / clean[heated].mean() < 1.10


# ---- weather


def test_arrays_of_the_period_begin_at_its_first_hour():
    weather = draw_weather(AIR, CALENDAR, Streams(3))
    assert len(weather.outdoor_c) == len(weather.dust) == len(weather.period.u) == CLOCK.hours
    assert np.array_equal(weather.outdoor_c, weather.whole.outdoor_c[24 * SPIN_UP_DAYS :])
    assert CALENDAR.months[0] == 10
    assert CALENDAR.season_day[SPIN_UP_H] == 24
    assert CALENDAR.season_day[0] == 14


def test_the_season_of_a_spring_day_began_last_october():
    spring = Clock(date(2020, 2, 28), date(2020, 3, 1))
    calendar = AirCalendar.of(spring, np.ones(3, bool))
    assert calendar.season_day[SPIN_UP_H] == (date(2020, 2, 28) - date(2019, 10, 1)).days
    assert calendar.months[-1] == 3


def test_heating_flags_of_another_period_are_refused():
    with pytest.raises(Refused, match="47 days"):
        AirCalendar.of(CLOCK, np.ones(46, bool))


def test_one_quantity_can_change_without_moving_another():
    usual = draw_weather(AIR, CALENDAR, Streams(3)).whole
    windy = draw_weather(changed("weather", wind_sigma=0.8), CALENDAR, Streams(3)).whole
    assert not np.array_equal(usual.u, windy.u)
    for name in set(Hourly._fields) - {"u"}:
        assert np.array_equal(getattr(usual, name), getattr(windy, name)), name


def test_replications_differ_and_repeat():
    first, again, other = (draw_weather(AIR, CALENDAR, Streams(3, r)).whole for r in (0, 0, 1))
    assert np.array_equal(first.u, again.u)
    assert not np.array_equal(first.u, other.u)


def test_regimes_shorter_than_any_bulk_draw_still_fill_the_season():
    hectic = changed("weather", duration_h=[0.5, 0.5, 0.5])
    regime = draw_weather(hectic, CALENDAR, Streams(3)).whole.regime
    assert set(np.unique(regime)) == {0, 1, 2}


def test_the_mixed_layer_rests_at_night_and_peaks_in_the_afternoon():
    shape = mixing_shape(AIR.weather)
    assert (shape[[0, 3, 8, 21, 23]] == 0).all()
    assert int(shape.argmax()) == 15
    assert shape.max() > 0.98


def test_a_mixed_layer_that_peaks_before_it_grows_is_refused():
    with pytest.raises(ValidationError, match="growth"):
        changed("weather", growth_peak_h=8.0)


def test_the_daily_cycle_of_temperature_has_no_mean():
    assert sum(AIR.weather.cycle_c) == pytest.approx(0.0, abs=1e-9)
    assert (min(AIR.weather.cycle_c), max(AIR.weather.cycle_c)) == (-3.8, 4.7)


def test_without_storms_no_hour_is_dusty():
    assert not draw_weather(changed("dust", storms_per_season=0.0), CALENDAR, Streams(3)).dust.any()


def test_lists_from_a_scenario_file_are_taken_and_strings_in_them_are_not():
    assert changed("weather", wind_median=[4.0, 2, 1]).weather.wind_median == (4.0, 2.0, 1.0)
    with pytest.raises(ValidationError):
        changed("weather", wind_median=["4.0", 2.0, 1.0])


def test_approval_times_out_of_order_are_refused():
    with pytest.raises(ValidationError, match="approval"):
        changed("consultation", approval_mode_h=5.0)
