"""The index of HJ 633-2012: arrays against the exact rule, and both against a published package."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from zibo_sim.air.aqi import (
    POLLUTANTS,
    TABLES,
    grade,
    hourly_aqi,
    pm25_aqi,
    pm25_table,
    sub_index,
    sub_index_array,
)
from zibo_sim.errors import Refused
from zibo_sim.law import book
from zibo_sim.rulebook import rules

LAW = book()
EVERY_TABLE = sorted({table for by in TABLES.values() for table in by.values()})
ENDS_EARLY = ("aqi.so2_1h", "aqi.o3_8h")
ORACLE = {
    "aqi.pm25_24h": "PM25_24H",
    "aqi.pm10_24h": "PM10_24H",
    "aqi.so2_24h": "SO2_24H",
    "aqi.so2_1h": "SO2_1H",
    "aqi.no2_24h": "NO2_24H",
    "aqi.no2_1h": "NO2_1H",
    "aqi.co_24h": "CO_24H",
    "aqi.co_1h": "CO_1H",
    "aqi.o3_1h": "O3_1H",
    "aqi.o3_8h": "O3_8H",
}


def scalar(value: float, table: str) -> float:
    """The rule's index, NaN where it refuses."""
    try:
        return float(sub_index(value, table, LAW))
    except Refused:
        return np.nan


def concentrations(table: str, decimals: int, seed: int = 0) -> NDArray[np.float64]:
    """Random ones over the table and past its end, with every limit and its neighbours."""
    rng, limits = np.random.default_rng(seed), np.array(LAW(table), dtype=float)
    random = rng.uniform(0, 1.1 * limits[-1], 2000)
    beside = np.concatenate([limits, limits + 10.0**-decimals, limits[1:] - 10.0**-decimals])
    return np.round(np.concatenate([random, beside]), decimals)


# ---- arrays against the exact rule --------------------------------------------------------


@pytest.mark.parametrize("decimals", [0, 1, 3])
@pytest.mark.parametrize("table", EVERY_TABLE)
def test_an_array_has_the_index_of_the_rule(table: str, decimals: int) -> None:
    values = concentrations(table, decimals)
    exact = [scalar(float(value), table) for value in values]
    np.testing.assert_array_equal(sub_index_array(values, table, LAW), exact)


@pytest.mark.parametrize("table", EVERY_TABLE)
def test_an_unknown_concentration_has_no_index(table: str) -> None:
    found = sub_index_array(np.array([np.nan, 0.0, np.inf, 1.0]), table, LAW)
    assert np.isnan(found).tolist() == [True, False, True, False]


@pytest.mark.parametrize("table", ENDS_EARLY)
def test_above_a_table_that_ends_early_there_is_no_index(table: str) -> None:
    top = LAW(table)[-1]
    found = sub_index_array(np.array([top, top + 0.001, 10.0 * top]), table, LAW)
    assert np.isnan(found).tolist() == [False, True, True]
    with pytest.raises(Refused, match="other averaging time"):
        sub_index(top + 0.001, table, LAW)


@pytest.mark.parametrize("table", [t for t in EVERY_TABLE if t not in ENDS_EARLY])
def test_above_a_whole_table_the_index_stays_at_500(table: str) -> None:
    top = LAW(table)[-1]
    found = sub_index_array(np.array([top, top + 0.001, 100.0 * top]), table, LAW)
    assert found.tolist() == [500.0, 500.0, 500.0]


@pytest.mark.parametrize("table", EVERY_TABLE)
def test_the_index_never_falls_as_the_concentration_rises(table: str) -> None:
    index = sub_index_array(np.arange(0, LAW(table)[-1] + 0.05, 0.1), table, LAW)
    assert (np.diff(index) >= 0).all()
    assert index[0] == 0
    assert index[-1] == LAW("aqi.grid")[len(LAW(table)) - 1]


@pytest.mark.parametrize("table", EVERY_TABLE)
def test_the_index_is_the_line_between_two_limits_rounded_up(table: str) -> None:
    values = concentrations(table, decimals=1, seed=1)
    for value in values[values <= LAW(table)[-1]][:300].tolist():
        assert 0 <= sub_index(value, table, LAW) - exact_line(value, table) < 1


# ---- hours --------------------------------------------------------------------------------


def test_hourly_aqi_is_that_of_the_rule_hour_by_hour() -> None:
    rng = np.random.default_rng(3)
    tops = {"pm25": 550, "pm10": 650, "so2": 800, "no2": 3900, "co": 155, "o3": 1250}
    columns = {
        p: np.round(rng.uniform(0, top, 500) * rng.random(500), 1) for p, top in tops.items()
    }
    for values in columns.values():
        values[rng.random(500) < 0.2] = np.nan
    found = hourly_aqi(columns)
    leading = set()
    for hour in range(500):
        known = {p: float(v[hour]) for p, v in columns.items() if not np.isnan(v[hour])}
        if not known:
            assert np.isnan(found[hour])
            continue
        exact = rules["air.aqi"](averaging="1h", **known)
        assert found[hour] == exact["aqi"]
        leading.update(exact["primary"])
    assert leading == set(POLLUTANTS)


def test_an_hour_without_any_value_has_no_aqi() -> None:
    columns = {"pm25": np.array([np.nan, 80.0, np.nan]), "so2": np.array([np.nan, np.nan, 900.0])}
    found = hourly_aqi(columns)
    assert np.isnan(found).tolist() == [True, False, True]
    assert found[1] == 107


def test_columns_that_are_no_pollutants_are_passed_over() -> None:
    found = hourly_aqi({"aqi": np.array([400.0]), "pm10": np.array([150.0])})
    assert found.tolist() == [100.0]


def test_without_a_pollutant_the_hours_are_refused() -> None:
    with pytest.raises(Refused, match="pm25"):
        hourly_aqi({"wind": np.array([3.0])})


# ---- PM2.5 as a monitor reports it --------------------------------------------------------


def test_pm25_is_rounded_half_to_even_first() -> None:
    """GB/T 8170: 74.5 is reported as 74 and 75.5 as 76, so 150.5 is not yet heavy pollution."""
    given = np.array([74.5, 75.5, 150.4, 150.5, 150.51, 151.5, 250.5, 250.6])
    rounded = np.array([74.0, 76.0, 150.0, 150.0, 151.0, 152.0, 250.0, 251.0])
    np.testing.assert_array_equal(pm25_aqi(given), sub_index_array(rounded, "aqi.pm25_24h"))
    assert (pm25_aqi(given) > 200).tolist() == [False] * 4 + [True] * 4


def test_pm25_aqi_is_the_index_of_the_rounded_concentration() -> None:
    values = np.random.default_rng(5).uniform(0, 600, 5000)
    np.testing.assert_array_equal(
        pm25_aqi(values), sub_index_array(np.rint(values), "aqi.pm25_24h")
    )


def test_pm25_aqi_keeps_gaps_and_shape() -> None:
    values = np.array([[np.nan, 35.0], [75.0, np.nan], [9999.0, -1.0]])
    found = pm25_aqi(values)
    assert found.shape == values.shape
    np.testing.assert_array_equal(found, [[np.nan, 50.0], [100.0, np.nan], [500.0, 0.0]])


def test_the_table_of_pm25_follows_a_changed_law() -> None:
    law = LAW.with_changes({"aqi.pm25_24h": [0, 35, 60, 115, 150, 250, 350, 500]})
    assert pm25_table(law)[60] == 100
    assert pm25_table(LAW)[60] == 82
    assert pm25_aqi(np.array([60.0]), law).tolist() == [100.0]


@pytest.mark.parametrize(
    ("index", "lowest"), [(200, 150), (300, 250), (499, 498)], ids=["heavy", "severe", "top"]
)
def test_the_thresholds_of_the_plan_in_micrograms(index: int, lowest: int) -> None:
    whole = np.arange(501.0)
    assert (whole[pm25_aqi(whole) > index].min()) == lowest + 1


def test_grades_end_at_50_100_150_200_and_300() -> None:
    edges = [0, 50, 51, 100, 101, 150, 151, 200, 201, 300, 301, 500]
    assert [grade(a, LAW) for a in edges] == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6]


# ---- a published package ------------------------------------------------------------------


@pytest.fixture(scope="module")
def oracle() -> Callable[[str, float], float]:
    from aqi_hub.aqi_cn.aqi import cal_iaqi_cn

    def index(item: str, value: float) -> float:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = cal_iaqi_cn(item, value)
        return np.nan if found is None else float(found)

    return index


def differences(
    table: str, values: list[float], oracle: Callable[[str, float], float]
) -> dict[float, tuple[float, float]]:
    """The values at which the two differ, with ours and theirs."""
    pairs = {v: (scalar(v, table), oracle(ORACLE[table], v)) for v in values}
    return {v: (a, b) for v, (a, b) in pairs.items() if a != b and not (a != a and b != b)}


WHOLE_FAULTS = ("aqi.so2_24h",)


@pytest.mark.parametrize("table", [t for t in sorted(ORACLE) if t not in WHOLE_FAULTS])
def test_whole_concentrations_have_the_index_of_aqi_hub(
    table: str, oracle: Callable[[str, float], float]
) -> None:
    whole = list(range(LAW(table)[-1] + 50))
    assert differences(table, whole, oracle) == {}


def test_aqi_hub_reads_daily_so2_from_the_hourly_table(
    oracle: Callable[[str, float], float],
) -> None:
    """Its 24-hour table has the four lowest limits of the 1-hour table; from 800 on they agree."""
    found = differences("aqi.so2_24h", list(range(2700)), oracle)
    assert (min(found), max(found)) == (2, 797)
    assert {b for _, b in found.values()} <= {scalar(c, "aqi.so2_1h") for c in range(801)}
    assert all(b == scalar(c, "aqi.so2_1h") for c, (_, b) in found.items())


#: CO with one decimal where aqi-hub is one too high: all of them, of 600 and of 1,500 values.
CO_FAULTS = {
    "aqi.co_24h": [2.2],
    "aqi.co_1h": [
        *(65.4, 66.9, 68.4, 69.9, 71.4, 72.9, 74.4, 75.9),
        *(129.3, 130.8, 132.3, 133.8, 135.3, 136.8, 138.3),
        *(139.8, 141.3, 142.8, 144.3, 145.8, 147.3, 148.8),
    ],
}


@pytest.mark.parametrize("table", sorted(CO_FAULTS))
def test_aqi_hub_is_one_too_high_where_binary_fractions_exceed_a_whole_index(
    table: str, oracle: Callable[[str, float], float]
) -> None:
    """CO of 2.2 mg/m³ is exactly 55; in floats it is 55.00000000000001, which rounds up to 56."""
    tenths = [k / 10 for k in range(10 * LAW(table)[-1] + 10)]
    found = differences(table, tenths, oracle)
    assert sorted(found) == CO_FAULTS[table]
    for value, (ours, theirs) in found.items():
        assert exact_line(value, table) == ours
        assert theirs == ours + 1


def exact_line(value: float, table: str) -> Fraction:
    """The index before it is rounded up."""
    limits, grid, c = LAW(table), LAW("aqi.grid"), Fraction(str(value))
    i = max(k for k, limit in enumerate(limits[:-1]) if limit <= c)
    return grid[i] + Fraction(grid[i + 1] - grid[i], limits[i + 1] - limits[i]) * (c - limits[i])
