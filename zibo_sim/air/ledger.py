"""The accounted ledger: what cuts count for on the daily base of 145号 五(四)2.

Industry's year is divided by 330 days, heating sources by the days of heating, the others by 365;
what a staggered plant stops counts 1.2 times; SO2 and NOx may be traded.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from zibo_sim.air.emissions import divisors
from zibo_sim.air.inventory import COUNTED, Flags, Floats, Inventory
from zibo_sim.air.measures import HEATING_SOURCES, credited_share, daily_base, reductions_met
from zibo_sim.air.sectors import BASE_SOURCE, SECTORS
from zibo_sim.law import Law

INDUSTRIAL = 6
"""How many sectors of the emission table, the first ones, are industry."""


@dataclass(frozen=True, eq=False)
class Account:
    """What a set of cuts counts for.

    Attributes
    ----------
    base_t, cut_t, staggered_t : ndarray, shape (13, 4)
        Daily base, cut, and the staggered plants' cut before the factor 1.2, tonnes a day by
        sector and pollutant (`COUNTED`).
    percent : dict of str to float
        Credited share of the base, by pollutant.
    met : bool
        Whether the ratios of 145号 五(三) are reached.
    """

    base_t: Floats
    cut_t: Floats
    staggered_t: Floats
    percent: dict[str, float]
    met: bool


def demands(level: str, law: Law) -> tuple[tuple[tuple[int, ...], float], ...]:
    """145号 五(三): the sums of percent that a level demands, by places in `COUNTED`.

    SO2 and NOx are demanded together, as they may be traded.
    """
    so2, nox, pm, voc = (100.0 * law(f"alert.cut.{level}.{name}") for name in COUNTED)
    return ((0, 1), law("alert.cut.trade") * (so2 + nox) / 2), ((2,), pm), ((3,), voc)


class Ledger:
    """A list of enterprises within the emission of the whole city.

    Parameters
    ----------
    inventory : Inventory
    annual_t : ndarray, shape (13, 4)
        The city's tonnes a year by sector and pollutant (`COUNTED`).
    heating_days : float
        Days the heating sources' season is divided by.
    unlisted : bool
        Whether industry's tonnes beyond those of the list stay in the base.
    law : Law

    Attributes
    ----------
    year : float
        Days industry's year is divided by.
    struck_t : ndarray, shape (13, 4)
        Tonnes a year of what is struck off, which no base holds.
    annual_t : ndarray, shape (13, 4)
        Tonnes a year that the base is made of. A list that holds more than the scenario's sector
        replaces it.
    bases : tuple of ndarray, shape (4,)
        The whole daily base by pollutant outside and in the heating season, t.
    """

    def __init__(
        self,
        inventory: Inventory,
        annual_t: Floats,
        heating_days: float,
        unlisted: bool,
        law: Law,
    ) -> None:
        self.inventory, self.heating_days, self.law = inventory, heating_days, law
        self.year = float(law("alert.base.industry_days"))
        listed, self.struck_t = self.by_sector(inventory.listed), self.by_sector(~inventory.listed)
        beyond = np.maximum(annual_t - listed - self.struck_t, 0.0)
        beyond[:INDUSTRIAL] *= unlisted
        self.annual_t: Floats = listed + beyond
        self.bases = self._totals(False), self._totals(True)

    @cached_property
    def _in_sector(self) -> Floats:
        """One where a plant belongs to a sector, shape ``(13, n)``."""
        mine: Floats = (np.arange(len(SECTORS))[:, None] == self.inventory.sector).astype(float)
        return mine

    def by_sector(self, share: Floats | Flags) -> Floats:
        """Sum shares of the plants' annual tonnes by sector, shape ``(13, 4)``."""
        found: Floats = (self._in_sector * share) @ self.inventory.tonnes
        return found

    def standing(self, heating: bool) -> Floats:
        """Return the share each plant stops all season anyway, shape ``(n,)``."""
        return self.inventory.standing_cut * (self.inventory.listed & heating)

    def added(self, share: Floats, heating: bool) -> Floats:
        """Return what an alert adds to the standing cuts, shape ``(n,)``."""
        return np.maximum(share - self.standing(heating), 0.0)

    def base_t(self, heating: bool) -> Floats:
        """145号 五(四)2: the daily base, tonnes by sector and pollutant, shape ``(13, 4)``."""
        law = self.law
        days = {
            "industry": self.year,
            "other_residential": law("alert.base.other_residential_days"),
            "road": law("alert.base.mobile_days"),
            "non_road": law("alert.base.mobile_days"),
            "dust": law("alert.base.dust_days"),
        } | dict.fromkeys(HEATING_SOURCES, self.heating_days if heating else np.inf)
        return self.annual_t / divisors(days)[:, None]

    def _totals(self, heating: bool) -> Floats:
        """Add up the base as `air.daily_base` does."""
        found = [
            daily_base(heating=heating, sources=self._sources(p), law=self.law)["base_t"]
            for p in range(len(COUNTED))
        ]
        return np.array(found)

    def _sources(self, pollutant: int) -> list[dict[str, Any]]:
        kept, gone = self.annual_t[:, pollutant], self.struck_t[:, pollutant]
        found: dict[str, dict[str, Any]] = {}
        for sector, name in enumerate(BASE_SOURCE[key] for key in SECTORS):
            entry = found.setdefault(name, {"source": name, "annual_t": 0.0, "closed_t": 0.0})
            entry["annual_t"] += float(kept[sector] + gone[sector])
            entry["closed_t"] += float(gone[sector])
            if name in HEATING_SOURCES:
                entry["heating_days"] = round(self.heating_days)
        return list(found.values())

    def tonnes(self, heating: bool, share: Floats, opened: Floats) -> tuple[Floats, Floats]:
        """Return the plain and the staggered plants' cut, tonnes a day, both ``(13, 4)``.

        Parameters
        ----------
        heating : bool
        share : ndarray, shape (n,)
            Share of its output that each plant stops.
        opened : ndarray, shape (13,)
            Cuts of sources that are no enterprises.
        """
        slow, kept = self.inventory.staggered, np.maximum(self.standing(heating), share)
        cut = self.by_sector(np.where(slow, 0.0, share)) / self.year
        staggered = self.by_sector(np.where(slow, kept, 0.0)) / self.year
        return cut + opened[:, None] * self.base_t(heating), staggered

    def account(self, level: str, heating: bool, share: Floats, opened: Floats) -> Account:
        """Account for cuts; inputs as in `tonnes`."""
        cut, staggered = self.tonnes(heating, share, opened)
        percent = self._percent(heating, cut.sum(axis=0), staggered.sum(axis=0))
        met = bool(reductions_met(level=level, law=self.law, **percent)["met"])
        return Account(self.base_t(heating), cut, staggered, percent, met)

    def _percent(self, heating: bool, cut: Floats, staggered: Floats) -> dict[str, float]:
        """Return the credited share of the base; nothing can be cut of an empty base."""
        percent = dict.fromkeys(COUNTED, 0.0)
        for p, (name, base) in enumerate(zip(COUNTED, self.bases[heating], strict=True)):
            if base > 0:
                # Days of heating counted whole may leave a cut of everything above the base.
                plain = min(cut[p], base)
                slow = min(staggered[p], base - plain)
                about = {"base_t": base, "cut_t": plain, "staggered_cut_t": slow}
                percent[name] = float(credited_share(**about, law=self.law)["percent"])
        return percent

    def percent_each(self, heating: bool) -> Floats:
        """Return the percent of the base that all of each plant is credited, shape ``(n, 4)``."""
        factor = np.where(self.inventory.staggered, self.law("alert.staggered.factor"), 1.0)
        base = np.where(self.bases[heating] > 0, self.bases[heating], np.inf)
        each: Floats = 100.0 * factor[:, None] * self.inventory.tonnes / self.year / base
        return each
