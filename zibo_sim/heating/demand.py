"""Heat demand of dwellings from the outdoor temperature, by degree days and vintage."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from zibo_sim.clock import HOURS_PER_DAY
from zibo_sim.heating.parameters import DemandParameters, StockParameters
from zibo_sim.heating.portfolio import PER_UNIT
from zibo_sim.heating.stock import stock

Floats = NDArray[np.float64]
_KWH_A_DAY = HOURS_PER_DAY / 1000  # of one watt kept up for a day


def daily_means(outdoor_c: Floats) -> Floats:
    """Return the mean temperature of each whole day of an hourly series, °C, shape ``(days,)``."""
    days = len(outdoor_c) // HOURS_PER_DAY
    by_day = outdoor_c[: days * HOURS_PER_DAY].reshape(days, HOURS_PER_DAY)
    return np.asarray(by_day.mean(axis=1))


def daily_heat(outdoor_c: Floats, heated: NDArray[np.bool_], p: DemandParameters) -> Floats:
    """Return heat needed a day and m² of floor by vintage, kWh/m², shape ``(vintages, days)``.

    Losses at the vintage's rate to the daily mean outdoor temperature, less internal gains, never
    below zero; nothing on days without heat.

    Parameters
    ----------
    outdoor_c : ndarray, shape (days,)
        Daily mean outdoor temperature, °C.
    heated : ndarray of bool, shape (days,)
    p : DemandParameters
    """
    difference = np.maximum(p.indoor_c - outdoor_c, 0.0)
    watts = np.outer(p.losses, difference) - p.gains
    return _KWH_A_DAY * np.maximum(watts, 0.0) * heated


@dataclass(frozen=True)
class Exposure:
    """What multiplies the heat of one m²: fixed by the stock, the same in every replication.

    Attributes
    ----------
    area_m2 : float
        Heated area of all dwellings.
    by_vintage : ndarray, shape (vintages,)
        Sum over dwellings of area × position × overheating × household × (1 − saving), m².
    metered : ndarray of int
        Indices of the dwellings charged by meter.
    metered_vintage, metered_exposure : ndarray
        Their vintages and the same product of each, m².
    """

    area_m2: float
    by_vintage: Floats
    metered: NDArray[np.int64]
    metered_vintage: NDArray[np.int8]
    metered_exposure: Floats


@lru_cache(maxsize=4)
def exposure(
    count: int, dwellings: StockParameters, p: DemandParameters, metered_share: float
) -> Exposure:
    """Return the exposure of the first `count` dwellings; kept, must not be written to."""
    city = stock(count, dwellings)
    area = city.dwellings.household_area() / PER_UNIT
    household = np.exp(p.household_sigma * city.noise - p.household_sigma**2 / 2)
    position = np.array(p.position_factors)[city.position]
    metered = city.metered(metered_share)
    exposed = area * position * household * p.overheating * (1 - p.metering_saving * metered)
    index = np.flatnonzero(metered)
    sums = np.bincount(city.vintage, exposed, minlength=len(p.losses)).astype(float)
    return Exposure(float(area.sum()), sums, index, city.vintage[index], exposed[index])


def readings(exposed: Exposure, season_kwh_m2: Floats) -> NDArray[np.int64]:
    """Return what the meters of the metered dwellings show, whole 0.01 kWh.

    Parameters
    ----------
    exposed : Exposure
    season_kwh_m2 : ndarray, shape (vintages,)
        Season heat of one m² of each vintage.
    """
    kwh = season_kwh_m2[exposed.metered_vintage] * exposed.metered_exposure
    return np.rint(kwh * PER_UNIT).astype(np.int64)
