"""What the city emits: thirteen sectors, five pollutants, hour by hour.

Two sectors heat: they emit in the heating season only, in proportion to the degrees below the
heating base.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from zibo_sim.air.parameters import Air, CleanHeating
from zibo_sim.air.sectors import BASE_SOURCE, POLLUTANTS, SECTORS

Floats = NDArray[np.float64]

YEAR_DAYS = 365
KT_KM2 = 1e9
"""Micrograms on a square metre that one kilotonne a square kilometre makes."""


class Households(NamedTuple):
    """Coal households the city converts, by what they heat with afterwards (144号 二(二)5)."""

    gas: float
    electricity: float
    district: float

    @property
    def total(self) -> float:
        """All of them."""
        return self.gas + self.electricity + self.district


def extra_coal(clean: CleanHeating, households: Households) -> Floats:
    """Return the season's emission beyond that of the completed conversion.

    The base year is calibrated with the conversion complete and the usual relapse, so this is zero
    there. A household that still burns coal adds its stove and spares the gas and the heat that
    would have replaced it.

    Parameters
    ----------
    clean : CleanHeating
    households : Households

    Returns
    -------
    ndarray, shape (5,)
        kt a season in the order of `POLLUTANTS`; negative where fewer relapse than in the base.
    """
    tonnes = clean.coal_t_per_household * households.total
    burning = 1.0 - clean.completed_share * (1.0 - clean.relapse_share) - clean.relapse_in_base
    stove = np.array([tonnes * getattr(clean, f"coal_{p}_kg_per_t") for p in POLLUTANTS])
    plant = [getattr(clean, f"district_{p}_kg", 0.0) for p in POLLUTANTS]
    spared = np.array(plant) * households.district
    gas_nox = clean.gas_m3_per_household * clean.gas_nox_g_per_m3 / 1e3 * households.gas
    spared[POLLUTANTS.index("nox")] += gas_nox
    extra: Floats = burning * (stove - spared) / 1e6
    return extra


def city_emission(air: Air, extra_coal_kt: Floats | None = None) -> Floats:
    """Return what the city emits, by sector and pollutant, in kt.

    Parameters
    ----------
    air : Air
    extra_coal_kt : ndarray, shape (5,), optional
        Coal households not yet converted, from `extra_coal`.

    Returns
    -------
    ndarray, shape (13, 5)
        kt a year for sectors that emit all year, kt a normal heating season for the two that heat.
    """
    given = air.emissions
    totals = np.array([getattr(given, f"{pollutant}_kt") for pollutant in POLLUTANTS])
    table: Floats = air.sectors.table() * totals * given.level
    if extra_coal_kt is not None:
        table[SECTORS.index("residential_coal")] += extra_coal_kt
    return table * given.scale


def region_emission(air: Air) -> Floats:
    """Return what the region emits, split as the city's, shape ``(13, 5)``, in kt a km²."""
    given = air.emissions
    density = [given.region_so2, given.region_nox, 0.0, given.region_pm25, given.region_voc]
    table: Floats = air.sectors.table() * np.array(density) * (given.level / 1e3)
    return table


def divisors(days: Mapping[str, float]) -> Floats:
    """Return the days each sector's year is divided by in the daily base of 145号 五(四)2.

    Parameters
    ----------
    days : mapping
        Days by class of source (`BASE_SOURCE`), as the law book and the season have them.

    Returns
    -------
    ndarray, shape (13,)
    """
    return np.array([days[BASE_SOURCE[sector]] for sector in SECTORS], dtype=np.float64)


def daily_profile(air: Air) -> Floats:
    """Return the hourly source profile g, mean 1, shape ``(24,)``, at the middle of each hour."""
    given, t = air.emissions, np.arange(24) + 0.5
    first = np.cos(2 * np.pi * (t - given.diurnal_peak_h) / 24)
    second = np.cos(4 * np.pi * (t - given.semidiurnal_peak_h) / 24)
    return 1.0 + given.diurnal_amplitude * first + given.semidiurnal_amplitude * second


def activity(
    air: Air,
    hour_of_day: NDArray[np.int64],
    heating: NDArray[np.bool_],
    mean_c: Floats,
) -> tuple[Floats, Floats]:
    """Return the share of a year's, and of a normal heating season's, emission in every hour.

    Parameters
    ----------
    air : Air
    hour_of_day : ndarray of int, shape (hours,)
    heating : ndarray of bool, shape (hours,)
        True in the heating season.
    mean_c : ndarray, shape (hours,)
        Outdoor temperature over about the last day, °C.

    Returns
    -------
    tuple of ndarray
        Both of shape ``(hours,)``, in 1/h.
    """
    given = air.emissions
    profile = daily_profile(air)[hour_of_day]
    degrees = np.maximum(given.heating_base_c - mean_c, 0.0) * heating
    per_season = 24.0 * given.heating_days * given.normal_degrees
    return profile / (24.0 * YEAR_DAYS), profile * degrees / per_season
