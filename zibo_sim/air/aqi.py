"""The air quality index of HJ 633-2012: exact for single values, exact integers for arrays."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from typing import Any, Literal

import numpy as np
from numba import njit
from numpy.typing import NDArray

from zibo_sim.errors import Refused
from zibo_sim.law import Law, book
from zibo_sim.law.rule import NonNegative, rule

POLLUTANTS = ("pm25", "pm10", "so2", "no2", "co", "o3")
#: The table of HJ 633-2012 表1 each pollutant is read from; PM has no 1-hour table of its own.
TABLES = {
    "24h": {
        "pm25": "aqi.pm25_24h",
        "pm10": "aqi.pm10_24h",
        "so2": "aqi.so2_24h",
        "no2": "aqi.no2_24h",
        "co": "aqi.co_24h",
        "o3": "aqi.o3_8h",
    },
    "1h": {
        "pm25": "aqi.pm25_24h",
        "pm10": "aqi.pm10_24h",
        "so2": "aqi.so2_1h",
        "no2": "aqi.no2_1h",
        "co": "aqi.co_1h",
        "o3": "aqi.o3_1h",
    },
}
_MILLI = 1000


def sub_index(concentration: float, table: str, law: Law) -> int:
    """HJ 633-2012 表1: the individual index of one concentration, rounded up.

    Raises
    ------
    Refused
        Above a table that ends early (SO2 1 h, O3 8 h), where the standard asks for the other
        averaging time.
    """
    limits, grid = law(table), law("aqi.grid")
    value = Fraction(str(concentration))
    if value > Fraction(str(limits[-1])):
        if len(limits) < len(grid):
            raise Refused(
                f"{table.removeprefix('aqi.')}: {concentration} is above {limits[-1]}, where "
                "HJ 633-2012 takes the index from the other averaging time, which is not given"
            )
        return int(grid[-1])
    step = next(i for i, limit in enumerate(limits[1:]) if value <= Fraction(str(limit)))
    low, high = Fraction(str(limits[step])), Fraction(str(limits[step + 1]))
    index = Fraction(grid[step + 1] - grid[step]) / (high - low) * (value - low) + grid[step]
    rounded: int = math.ceil(index)
    return rounded


def grade(aqi: float, law: Law) -> int:
    """HJ 633-2012 表2: the grade of an index, 1 (excellent) to 6 (severe)."""
    return int(1 + sum(aqi > limit for limit in law("aqi.grid")[1:6]))


@rule("air.aqi")
def aqi(
    *,
    averaging: Literal["24h", "1h"] = "24h",
    pm25: NonNegative | None = None,
    pm10: NonNegative | None = None,
    so2: NonNegative | None = None,
    no2: NonNegative | None = None,
    co: NonNegative | None = None,
    o3: NonNegative | None = None,
    law: Law | None = None,
) -> dict[str, Any]:
    """HJ 633-2012: the index, its grade and the primary pollutants.

    Concentrations as given, not rounded; those left out do not count.

    Parameters
    ----------
    averaging : {"24h", "1h"}
        With ``"24h"`` the value of `o3` is the day's largest 8-hour mean.
    pm25, pm10, so2, no2, o3 : float, optional
        µg/m³.
    co : float, optional
        mg/m³.
    law : Law, optional
        The law book as printed when left out.

    Returns
    -------
    dict
        ``aqi`` (int, at most 500), ``grade`` (1–6), ``primary``: the pollutants that share the
        largest index, empty at 50 and below.

    Raises
    ------
    Refused
        Where no concentration is given, or one does not fit.

    Examples
    --------
    >>> from zibo_sim.rulebook import rules
    >>> rules["air.aqi"](pm25=150.0, so2=20.0)
    {'aqi': 200, 'grade': 4, 'primary': ['pm25']}
    """
    law = law or book()
    given = dict(zip(POLLUTANTS, (pm25, pm10, so2, no2, co, o3), strict=True))
    indices = {
        name: sub_index(value, TABLES[averaging][name], law)
        for name, value in given.items()
        if value is not None
    }
    if not indices:
        raise Refused(f"air.aqi: no concentration is given; allowed: {', '.join(POLLUTANTS)}")
    largest = max(indices.values())
    excellent = largest <= law("aqi.grid")[1]
    primary = [name for name, value in indices.items() if value == largest and not excellent]
    return {"aqi": largest, "grade": grade(largest, law), "primary": primary}


def sub_index_array(
    concentration: NDArray[np.float64], table: str, law: Law | None = None
) -> NDArray[np.float64]:
    """HJ 633-2012 表1 for arrays, exact for concentrations of up to three decimals.

    Returns
    -------
    ndarray
        Indices rounded up, NaN where there is no value or where the table ends early.
    """
    law = law or book()
    limits = np.round(np.asarray(law(table), dtype=float) * _MILLI).astype(np.int64)
    grid = np.asarray(law("aqi.grid"), dtype=np.int64)[: len(limits)]
    known = np.isfinite(concentration)
    value = np.round(np.where(known, concentration, 0.0) * _MILLI).astype(np.int64)
    step = np.clip(np.searchsorted(limits, value, side="left") - 1, 0, len(limits) - 2)
    rise = (grid[step + 1] - grid[step]) * (value - limits[step])
    index = grid[step] - (-rise // (limits[step + 1] - limits[step]))
    above = value > limits[-1]
    top = law("aqi.grid")[-1] if len(limits) == len(law("aqi.grid")) else np.nan
    return np.where(known, np.where(above, top, index.astype(float)), np.nan)


def hourly_aqi(
    columns: Mapping[str, NDArray[np.float64]], law: Law | None = None
) -> NDArray[np.float64]:
    """HJ 633-2012: hourly AQI from hourly concentrations, PM by the 24-hour table.

    Parameters
    ----------
    columns : mapping of pollutant to ndarray, shape (hours,)
        Any of ``pm25 pm10 so2 no2 co o3``; NaN where there is no value.

    Returns
    -------
    ndarray, shape (hours,)
        The largest index of what was measured; NaN in an hour without any.
    """
    indices = [
        sub_index_array(np.asarray(values, dtype=float), TABLES["1h"][name], law)
        for name, values in columns.items()
        if name in POLLUTANTS
    ]
    if not indices:
        raise Refused(f"no concentration is given; allowed: {', '.join(POLLUTANTS)}")
    stacked = np.vstack(indices)
    largest = np.where(np.isnan(stacked), -1.0, stacked).max(axis=0)
    return np.where(largest < 0, np.nan, largest)


@cache
def _table(limits: tuple[float, ...], grid: tuple[int, ...]) -> NDArray[np.float64]:
    whole = np.arange(int(limits[-1]) + 1, dtype=float)
    step = np.clip(np.searchsorted(limits, whole, side="left") - 1, 0, len(limits) - 2)
    low, high = np.asarray(limits)[step], np.asarray(limits)[step + 1]
    rise = (np.asarray(grid)[step + 1] - np.asarray(grid)[step]) * (whole - low)
    index: NDArray[np.float64] = np.asarray(grid)[step] - (-rise // (high - low))
    return index


def pm25_table(law: Law) -> NDArray[np.float64]:
    """HJ 633-2012 表1: the index of every whole PM2.5 concentration from 0 µg/m³ to the top."""
    return _table(tuple(law("aqi.pm25_24h")), tuple(law("aqi.grid")))


@njit(cache=True)
def fill_pm25_aqi(pm25, table, first, last, aqi):  # type: ignore[no-untyped-def]
    """Fill the AQI of PM2.5 for the hours from `first` up to `last`.

    A concentration is rounded to whole µg/m³ first, half to even, as a monitor reports it
    (GB/T 8170); NaN stays NaN.
    """
    for k in range(first, last):
        if np.isnan(pm25[k]):
            aqi[k] = np.nan
        else:
            aqi[k] = table[int(min(max(np.rint(pm25[k]), 0.0), len(table) - 1.0))]


def pm25_aqi(pm25: NDArray[np.float64], law: Law | None = None) -> NDArray[np.float64]:
    """Return the AQI of PM2.5 in µg/m³, same shape; see `fill_pm25_aqi`."""
    flat = np.ascontiguousarray(pm25, dtype=float).ravel()
    aqi = np.empty_like(flat)
    fill_pm25_aqi(flat, pm25_table(law or book()), 0, len(flat), aqi)
    return aqi.reshape(np.shape(pm25))
