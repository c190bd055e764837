"""What an alert level orders, sector by sector: the printed list, and what it leaves to be found.

The plan prints measures for some sectors and leaves the rest to lists of single plants (一厂一策)
that are not in the gazette, while 145号 五(三) fixes the cut of the whole city. What power, steel
and coking, and chemicals must deliver so that the ratios are reached is therefore worked out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from zibo_sim.air.alerts import LEVELS
from zibo_sim.air.emissions import BASE_SOURCE, POLLUTANTS, SECTORS, Sectors
from zibo_sim.law import Law

if TYPE_CHECKING:
    from zibo_sim.air.parameters import Response

Floats = NDArray[np.float64]

RESIDUAL_SECTORS = ("power", "steel_coking", "chemicals")
_IS_RESIDUAL = np.array([sector in RESIDUAL_SECTORS for sector in SECTORS])
_DIVISORS = {
    "industry": "alert.base.industry_days",
    "other_residential": "alert.base.other_residential_days",
    "road": "alert.base.mobile_days",
    "non_road": "alert.base.mobile_days",
    "dust": "alert.base.dust_days",
}


def listed_cuts(level: str, response: Response, law: Law) -> Floats:
    """145号 五(五)2–4(3): the cut of each sector that the printed measures make, shape ``(13,)``.

    Shares that the text gives no number for (dust, road, machinery) are the scenario's.
    """
    at = LEVELS.index(level) - 1
    water = response.water_borne_share
    cuts = {
        "kiln_materials": law(f"alert.limit.kiln.{level}"),
        "glass": law(f"alert.limit.glass.{level}"),
        "coating": (1 - water) * law(f"alert.limit.voc.{level}")
        + water * law(f"alert.limit.voc_water.{level}"),
        "dust": response.dust_cut[at],
        "road": response.road_cut[at],
        "non_road": response.non_road_cut[at],
        "outdoor_solvent": 0.0 if level == "yellow" else 1.0,
    }
    return np.array([cuts.get(sector, 0.0) for sector in SECTORS])


def daily_shares(sectors: Sectors, law: Law, heating: bool) -> Floats:
    """145号 五(四)2: each sector's share of the daily base, shape ``(13, 5)``, columns sum to 1.

    Heating sectors count the season's nominal days in the heating season and nothing outside it.
    """
    heated_days = law("heating.season.nominal_days")
    per_day = [
        (1.0 / heated_days if heating else 0.0)
        if BASE_SOURCE[sector] not in _DIVISORS
        else 1.0 / law(_DIVISORS[BASE_SOURCE[sector]])
        for sector in SECTORS
    ]
    base = sectors.table() * np.array(per_day)[:, None]
    shares: Floats = base / base.sum(axis=0)
    return shares


def residual_cut(level: str, listed: Floats, shares: Floats, law: Law) -> float:
    """145号 五(三): the cut that power, steel and chemicals must make beyond the printed list.

    Returns
    -------
    float
        The least common share, 0 to 1, that brings SO2 and NOx together, PM, and VOCs to the
        level's ratios; 1 where even a full stop falls short.
    """
    columns = {name: POLLUTANTS.index(name) for name in ("so2", "nox", "pm", "voc")}
    reached = {name: float(listed @ shares[:, i]) for name, i in columns.items()}
    room = {name: float(shares[_IS_RESIDUAL, i].sum()) for name, i in columns.items()}
    asked = {name: law(f"alert.cut.{level}.{name}") for name in columns}
    groups = (("so2", "nox"), ("pm",), ("voc",))
    needed = [
        (sum(asked[n] for n in group) - sum(reached[n] for n in group))
        / max(sum(room[n] for n in group), 1e-12)
        for group in groups
    ]
    return float(min(1.0, max(0.0, *needed)))


def ordered_cuts(
    level: str, heating: bool, response: Response, sectors: Sectors, law: Law
) -> Floats:
    """Return the cut of each sector that a level orders, before compliance, shape ``(13,)``."""
    cuts = listed_cuts(level, response, law)
    if response.residual == "required":
        residual = residual_cut(level, cuts, daily_shares(sectors, law, heating), law)
        cuts = np.where(_IS_RESIDUAL, residual, cuts)
    return cuts


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
