"""The other pollutants of the hourly AQI: PM10, SO2, NO2 and CO beside PM2.5.

The boxes give PM2.5, SO2 and NOx. NO2 is a fixed share of NOx, PM10 and CO are straight lines on
PM2.5, all three laid through Zibo's measured hours; a dust storm adds coarse dust, and cuts of
total PM thin the city's own. Ozone is left out: in winter it led in 3 of 1,000 measured hours.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from zibo_sim.air.aqi import TABLES, pm25_table, sub_index_array
from zibo_sim.fields import Parameters, parameter
from zibo_sim.law import Law

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

NAMES = ("pm25", "pm10", "so2", "no2", "co")
"""Simulated pollutants in the order of the rows; µg/m³, CO in mg/m³."""
_PM25, _PM10, _SO2, _NO2, _CO = range(5)
#: Monitors report whole µg/m³, and CO to a tenth of a mg/m³ (GB/T 8170).
_STEPS = (1.0, 1.0, 1.0, 1.0, 10.0)
_FACTOR, _COARSE, _LOCAL, _STORM, _SHARE, _CO_CLEAN, _CO_SLOPE = range(7)

_HOURS = "Zibo city-mean hours, December 2018 to March 2019"
_LINE = f"Least squares over {_HOURS}"


def _fitted(default: float, unit: str, source: str, zh: str, en: str, **limits: Any) -> Any:
    return parameter(
        default, unit=unit, status="calibrated", source=source, zh=zh, en=en, ge=0.0, **limits
    )


def _assumed(default: float, unit: str, source: str, zh: str, en: str, **limits: Any) -> Any:
    return parameter(
        default, unit=unit, status="assumed", source=source, zh=zh, en=en, ge=0.0, **limits
    )


class Pollutants(Parameters):
    """How PM10, NO2 and CO follow from PM2.5 and NOx."""

    pm10_per_pm25: float = _fitted(
        1.21,
        "1",
        f"{_LINE} (r = 0.92); mean PM2.5 ÷ mean PM10 is then the measured 0.59",
        "PM10随PM2.5的斜率",
        "PM10 for each µg/m³ of PM2.5",
    )
    pm10_coarse: float = _fitted(
        41.2,
        "µg/m³",
        f"{_LINE}: intercept of PM10 on PM2.5",
        "粗颗粒物常数项",
        "coarse dust on an ordinary day",
    )
    coarse_local_share: float = _assumed(
        0.5,
        "1",
        "Judgement: half of the coarse dust is the city's own, the rest blows in",
        "粗颗粒物本地占比",
        "share of the coarse dust that cuts of the city's total PM reach",
        le=1.0,
    )
    dust_storm_pm10: float = _assumed(
        300.0,
        "µg/m³",
        "Judgement; hours of dust are flagged and count for no alert and no heavy day",
        "沙尘期间PM10增量",
        "PM10 added in an hour of a dust storm",
    )
    no2_share: float = _fitted(
        0.68,
        "1",
        f"Mean NO2 of {_HOURS} (51 µg/m³) ÷ mean NOx of the same months of the base year (75); "
        "spread and quantiles then agree as well",
        "NO2占NOx比例",
        "NO2 in NOx (as NO2)",
        le=1.0,
    )
    co_clean: float = _fitted(
        0.49, "mg/m³", f"{_LINE}: intercept of CO on PM2.5", "CO常数项", "CO in air without PM2.5"
    )
    co_per_pm25: float = _fitted(
        0.0097, "mg/µg", f"{_LINE} (r = 0.81)", "CO随PM2.5的斜率", "CO for each µg/m³ of PM2.5"
    )

    def lines(self) -> Floats:
        """Return the numbers as compiled code takes them."""
        return np.array(
            [
                self.pm10_per_pm25,
                self.pm10_coarse,
                self.coarse_local_share,
                self.dust_storm_pm10,
                self.no2_share,
                self.co_clean,
                self.co_per_pm25,
            ]
        )


@njit(cache=True)
def fill_pollutants(
    pm25: Floats,
    so2: Floats,
    nox: Floats,
    cut_pm: Floats,
    dust: Flags,
    lines: Floats,
    first: int,
    last: int,
    out: Floats,
) -> None:  # pragma: no cover
    """Fill the concentrations of the hours from `first` up to `last`; rows of `out` as `NAMES`."""
    for k in range(first, last):
        coarse = lines[_COARSE] * (1.0 - lines[_LOCAL] * cut_pm[k])
        if dust[k]:
            coarse += lines[_STORM]
        out[_PM25, k] = pm25[k]
        out[_PM10, k] = lines[_FACTOR] * pm25[k] + coarse
        out[_SO2, k] = so2[k]
        out[_NO2, k] = lines[_SHARE] * nox[k]
        out[_CO, k] = lines[_CO_CLEAN] + lines[_CO_SLOPE] * pm25[k]


@njit(cache=True)
def fill_hourly_aqi(
    concentrations: Floats, tables: Floats, first: int, last: int, aqi: Floats
) -> None:  # pragma: no cover
    """HJ 633-2012: fill the AQI of the hours from `first` up to `last`.

    The largest 1-hour index, PM by the 24-hour table. A concentration is rounded as a monitor
    reports it, half to even; NaN where no pollutant has a value.

    Parameters
    ----------
    concentrations : ndarray, shape (5, hours)
        Rows as `NAMES`.
    tables : ndarray
        From `index_tables`.
    first, last : int
    aqi : ndarray, shape (hours,)
    """
    top = tables.shape[1] - 1.0
    for k in range(first, last):
        largest = -1.0
        for p in range(5):
            value = concentrations[p, k]
            if value == value:
                steps = value * 10.0 if p == _CO else value
                at = int(min(max(np.rint(steps), 0.0), top))
                largest = max(largest, tables[p, at])
        aqi[k] = largest if largest >= 0.0 else np.nan


@njit(cache=True)
def fill_air(
    pm25: Floats,
    so2: Floats,
    nox: Floats,
    cut_pm: Floats,
    dust: Flags,
    lines: Floats,
    tables: Floats,
    first: int,
    last: int,
    out: Floats,
    aqi: Floats,
) -> None:  # pragma: no cover
    """Fill concentrations and AQI of some hours in one call."""
    fill_pollutants(pm25, so2, nox, cut_pm, dust, lines, first, last, out)
    fill_hourly_aqi(out, tables, first, last, aqi)


def pollutants(
    pm25: Floats,
    so2: Floats,
    nox: Floats,
    cut_pm: Floats,
    dust: Flags,
    parameters: Pollutants,
) -> dict[str, Floats]:
    """Return the concentrations the AQI is formed from, by name.

    Parameters
    ----------
    pm25, so2, nox : ndarray, shape (hours,)
        µg/m³, NOx as NO2.
    cut_pm : ndarray, shape (hours,)
        Share of the city's total PM not emitted.
    dust : ndarray of bool, shape (hours,)
    parameters : Pollutants

    Returns
    -------
    dict of str to ndarray, shape (hours,)
        ``pm25 pm10 so2 no2`` in µg/m³, ``co`` in mg/m³.
    """
    out = np.empty((len(NAMES), len(pm25)))
    fill_pollutants(pm25, so2, nox, cut_pm, dust, parameters.lines(), 0, len(pm25), out)
    return dict(zip(NAMES, out, strict=True))


_TABLES: dict[tuple[tuple[float, ...], ...], Floats] = {}


def index_tables(law: Law) -> Floats:
    """HJ 633-2012 表1: the 1-hour index of every reported concentration, one row a pollutant.

    Returns
    -------
    ndarray, shape (5, concentrations)
        Column k is the index of k µg/m³, of k tenths of a mg/m³ for CO. Above a table that ends
        early (SO2) stands -1: the standard then takes the index from the 24-hour mean.
    """
    limits = [tuple(law(TABLES["1h"][name])) for name in NAMES]
    key = (*limits, tuple(law("aqi.grid")))
    if key not in _TABLES:
        top = max(limit[-1] * step for limit, step in zip(limits, _STEPS, strict=True))
        reported = np.arange(np.ceil(top) + 2.0)
        rows = [
            sub_index_array(reported / step, TABLES["1h"][name], law)
            for name, step in zip(NAMES, _STEPS, strict=True)
        ]
        _TABLES[key] = np.nan_to_num(np.array(rows), nan=-1.0)
    return _TABLES[key]


def equivalent_pm25(aqi: Floats, law: Law) -> Floats:
    """Invert HJ 633-2012 表1 for PM2.5: the whole concentrations whose index comes nearest.

    Parameters
    ----------
    aqi : ndarray
        NaN stays NaN.

    Returns
    -------
    ndarray
        µg/m³, at least 1.
    """
    table = pm25_table(law)
    at = np.clip(np.searchsorted(table, np.nan_to_num(aqi)), 0, len(table) - 1)
    return np.where(np.isnan(aqi), np.nan, np.maximum(at, 1).astype(float))
