"""Heat demand of dwellings from the outdoor temperature, by degree days and vintage.

The shape was held against two measured district-heating substations (Niš, Serbia; hourly heat
meters, repository xai4heat/xai4heat): on 842 and 704 heating days below 14 °C daily heat falls in a
straight line with the daily mean temperature, R² 0.81 and 0.82, and reaches zero at 20.3 and
20.0 °C; from −10 to 10 °C the mean of no band of temperature is off the line by more than 3.1 %,
and from 10 to 14 °C it is 5 % below. The line here reaches zero at 20 °C less gains ÷ losses,
14 to 18 °C, because gains count in full; heat that is wasted in mild weather is in the overheating
factor, the same on every day.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from zibo_sim.clock import HOURS_PER_DAY
from zibo_sim.heating.kernel import meter_readings
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
    metered_vintage, metered_exposure, metered_let : ndarray
        Their vintages and the same product of each, m²: of the household, of what it lets.
    """

    area_m2: float
    by_vintage: Floats
    metered: NDArray[np.int64]
    metered_vintage: NDArray[np.int8]
    metered_exposure: Floats
    metered_let: Floats


@lru_cache(maxsize=4)
def exposure(
    count: int,
    dwellings: StockParameters,
    p: DemandParameters,
    metered_share: float,
    stopped_share: float = 0.0,
) -> Exposure:
    """Return the exposure of the first `count` dwellings; kept, must not be written to."""
    city = stock(count, dwellings)
    household = np.exp(p.household_sigma * city.noise - p.household_sigma**2 / 2)
    position = np.array(p.position_factors)[city.position]
    metered = city.metered(metered_share)
    each = position * household * p.overheating * (1 - p.metering_saving * metered)
    if stopped_share:
        each = each * ~city.stopped(stopped_share)
    own, let = city.dwellings.household_area() / PER_UNIT, city.dwellings.let / PER_UNIT
    index = np.flatnonzero(metered)
    exposed = own * each
    sums = np.bincount(city.vintage, (own + let) * each, minlength=len(p.losses)).astype(float)
    area = float(own.sum() + let.sum())
    return Exposure(area, sums, index, city.vintage[index], exposed[index], (let * each)[index])


def readings(exposed: Exposure, season_kwh_m2: Floats, let: bool = False) -> NDArray[np.int64]:
    """Return what the meters of the metered dwellings show, whole 0.01 kWh.

    Parameters
    ----------
    exposed : Exposure
    season_kwh_m2 : ndarray, shape (vintages,)
        Season heat of one m² of each vintage.
    let : bool
        Of what they let, in place of their own.
    """
    own = exposed.metered_let if let else exposed.metered_exposure
    shown: NDArray[np.int64] = meter_readings(season_kwh_m2, exposed.metered_vintage, own, PER_UNIT)
    return shown
