"""How an order is followed: compliance, and the cuts of sources that are no enterprises."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from zibo_sim.air.inventory import ALERTS
from zibo_sim.air.sectors import POLLUTANTS, SECTORS
from zibo_sim.law import Law

if TYPE_CHECKING:
    from zibo_sim.air.parameters import Response

Floats = NDArray[np.float64]


def open_cuts(level: str, response: Response, law: Law, heavy_trucks: bool) -> Floats:
    """145号 五(五)2–4(3)②–④, 144号 二(九)28: cuts of sources that are no enterprises.

    The text gives measures and no numbers, so the shares are the scenario's.

    Parameters
    ----------
    level : {"yellow", "orange", "red"}
    response : Response
    law : Law
    heavy_trucks : bool
        Whether any listed plant is one that heavy trucks are barred from.

    Returns
    -------
    ndarray, shape (13,)
        Zero for industry.
    """
    at = ALERTS.index(level)
    barred = heavy_trucks and level in law("air_plan.trucks_barred")
    gate = response.truck_gate_cut if barred else 0.0
    cuts = {
        "road": 1.0 - (1.0 - response.road_cut[at]) * (1.0 - gate),
        "non_road": response.non_road_cut[at],
        "dust": response.dust_cut[at],
        "outdoor_solvent": 0.0 if level == "yellow" else 1.0,
    }
    return np.array([cuts.get(sector, 0.0) for sector in SECTORS])


def compliance(response: Response, level: str, luck: float) -> float:
    """Return the share of the commanded cut that is carried out, for one alert.

    The mean is the scenario's at orange, with its odds shifted at yellow and red; between alerts
    it varies as a Beta variable whose quantile is `luck`. At 0 and 1 it is exact.
    """
    mean = response.compliance
    if mean in (0.0, 1.0):
        return mean
    shift = {"yellow": response.compliance_odds_yellow, "red": response.compliance_odds_red}
    odds = mean / (1 - mean) * shift.get(level, 1.0)
    mean = odds / (1 + odds)
    nu = response.compliance_concentration
    return float(betaincinv(mean * nu, (1 - mean) * nu, luck))


def uniform_cuts(level: str, law: Law) -> Floats:
    """145号 五(三): every sector cut by the level's ratios, shape ``(13, 5)``."""
    ratios = [law(f"alert.cut.{level}.{'pm' if p == 'pm25' else p}") for p in POLLUTANTS]
    return np.tile(np.array(ratios), (len(SECTORS), 1))
