"""What an alert level orders of every plant on the reduction list, in two ledgers.

The accounted ledger is the plan's own; the physical one is what the air notices. They differ on
purpose: a plant that staggers may skip the cut of an alert and is counted all the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from zibo_sim.air.emissions import city_emission
from zibo_sim.air.enterprises import synthetic
from zibo_sim.air.inventory import ALERTS, COUNTED, DISTRICT_KEYS, Flags, Floats, Inventory, Places
from zibo_sim.air.inventory_file import load_inventory
from zibo_sim.air.ledger import INDUSTRIAL, Account, Ledger, demands
from zibo_sim.air.measures import limit_id, production_limit
from zibo_sim.air.response import open_cuts
from zibo_sim.air.sectors import POLLUTANTS, SECTORS
from zibo_sim.law import Law

if TYPE_CHECKING:
    from zibo_sim.air.parameters import Air, Response

RESIDUAL_SECTORS = ("power", "steel_coking", "chemicals")
"""Sectors whose measures the plan leaves to lists of single plants (一厂一策)."""

_TONNES_PER_KT = 1e3
_IN_BOX = [POLLUTANTS.index(p) for p in COUNTED]
_STEPS, _MARGIN = 40, 1e-9
"""Halvings that find the residual share, and percent it is taken beyond the demand."""


@dataclass(frozen=True, eq=False)
class Orders:
    """What one level orders in or outside the heating season.

    Attributes
    ----------
    level : str
    heating : bool
    share : ndarray, shape (n,)
        Share of its output that each plant stops because of the alert.
    residual : float
        Share that plants of `RESIDUAL_SECTORS` without a plan of their own stop, so that the ratios
        are reached; 1 where even that falls short.
    account : Account
    physical : ndarray, shape (13, 5)
        Cut of each sector's emission by pollutant (`emissions.POLLUTANTS`), full compliance.
    lost_by_sector : ndarray, shape (13,)
    lost_by_district : ndarray, shape (11,)
        Output value lost, yuan a day, full compliance.
    """

    level: str
    heating: bool
    share: Floats
    residual: float
    account: Account
    physical: Floats
    lost_by_sector: Floats
    lost_by_district: Floats

    @cached_property
    def obliged(self) -> int:
        """How many plants must cut."""
        return int((self.share > 0).sum())

    @property
    def lost(self) -> float:
        """Output value lost, yuan a day, full compliance."""
        return float(self.lost_by_sector.sum())


class ReductionList:
    """The list and what the plan says of it.

    Parameters
    ----------
    inventory : Inventory
    annual_t : ndarray, shape (13, 4)
        The city's tonnes a year by sector and pollutant (`COUNTED`).
    heating_days : float
    response : Response
    law : Law
    """

    def __init__(
        self,
        inventory: Inventory,
        annual_t: Floats,
        heating_days: float,
        response: Response,
        law: Law,
    ) -> None:
        self.inventory, self.response, self.law = inventory, response, law
        unlisted = response.unlisted == "counted"
        self.ledger = Ledger(inventory, annual_t, heating_days, unlisted, law)
        self._orders: dict[tuple[str, bool], Orders] = {}

    # ---- who is cut ----------------------------------------------------------------------

    @cached_property
    def exempt(self) -> Flags:
        """145号 五(四)3: green benchmarks are exempt, and what is struck off is not on the list."""
        benchmark = self.inventory.benchmark & bool(self.law("alert.list.benchmark_exempt"))
        return benchmark | ~self.inventory.listed

    def skips(self, heating: bool) -> Flags:
        """145号 五(五)1: plants that stagger may leave out the cut of an alert."""
        when = self.response.staggered_skip
        may = when == "all_year" or (heating and when == "heating_season")
        return self.inventory.staggered & (may and bool(self.law("alert.staggered.exempt")))

    def least(self, level: str) -> Floats:
        """145号 五(五)2–4(3)①: the share each plant must stop at least, exemptions apart."""
        plants = self.inventory
        kinds = np.stack([plants.lines, plants.water_based], axis=1).astype(np.int64)
        least = np.zeros(len(plants))
        for limit in np.unique(plants.limit[plants.limit != ""]):
            mine = plants.limit == limit
            found, at = np.unique(kinds[mine], axis=0, return_inverse=True)
            shares = [
                _stopped(str(limit), level, int(lines), bool(water), self.law)
                for lines, water in found
            ]
            least[mine] = np.array(shares)[at.reshape(-1)]
        return least

    def named(self, level: str) -> Floats:
        """Return the share each plant's own plan stops, shape ``(n,)``; NaN where none is named."""
        named: Floats = self.inventory.named[ALERTS.index(level)]
        return named

    def open(self, level: str) -> Floats:
        """Return the cuts of sources that are no enterprises, shape ``(13,)``."""
        heavy_trucks = bool((self.inventory.heavy_trucks & self.inventory.listed).any())
        return open_cuts(level, self.response, self.law, heavy_trucks)

    # ---- what a level orders -------------------------------------------------------------

    def orders(self, level: str, heating: bool) -> Orders:
        """Return what a level orders, worked out once."""
        key = level, heating
        if key not in self._orders:
            self._orders[key] = self._ordered(level, heating)
        return self._orders[key]

    def _ordered(self, level: str, heating: bool) -> Orders:
        free = ~(self.exempt | self.skips(heating))
        named = self.named(level)
        fixed = np.where(free, np.fmax(self.least(level), named), 0.0)
        left = free & np.isnan(named) & self._residual_sector
        residual = 0.0
        if self.response.residual == "required":
            residual = self._residual(level, heating, fixed, left)
        return self.apply(level, heating, np.where(left, residual, fixed), residual)

    @property
    def _residual_sector(self) -> Flags:
        return np.isin(self.inventory.sector, [SECTORS.index(s) for s in RESIDUAL_SECTORS])

    def apply(self, level: str, heating: bool, share: Floats, residual: float = 0.0) -> Orders:
        """Return what comes of shares of output that are stopped, shape ``(n,)``."""
        plants, ledger, opened = self.inventory, self.ledger, self.open(level)
        added = ledger.added(share, heating)
        lost = added * plants.value_yuan / ledger.year
        return Orders(
            level=level,
            heating=heating,
            share=share,
            residual=residual,
            account=ledger.account(level, heating, share, opened),
            physical=self._physical(added, opened),
            lost_by_sector=_sums(plants.sector, lost, len(SECTORS)),
            lost_by_district=_sums(plants.district, lost, len(DISTRICT_KEYS)),
        )

    def _residual(self, level: str, heating: bool, fixed: Floats, left: Flags) -> float:
        """145号 五(三): find the least common share of the plants left that reaches the ratios."""
        percent = self.ledger.account(level, heating, fixed, self.open(level)).percent
        reached = np.array([percent[name] for name in COUNTED])
        standing = self.ledger.standing(heating)[left]
        each = self.ledger.percent_each(heating)[left]

        def short(share: float) -> bool:
            got = reached + np.maximum(share - standing, 0.0) @ each
            needed = demands(level, self.law)
            return any(got[list(places)].sum() < need + _MARGIN for places, need in needed)

        if not short(0.0):
            return 0.0
        low, high = 0.0, 1.0
        for _ in range(_STEPS if not short(1.0) else 0):
            middle = (low + high) / 2
            low, high = (middle, high) if short(middle) else (low, middle)
        return high

    def _physical(self, added: Floats, opened: Floats) -> Floats:
        """Return the cut of each sector's emission that the air notices, shape ``(13, 5)``."""
        avoided, annual = self.ledger.by_sector(added), self.ledger.annual_t
        known = np.divide(avoided, annual, out=np.zeros_like(avoided), where=annual > 0)
        cut = np.zeros((len(SECTORS), len(POLLUTANTS)))
        cut[:, _IN_BOX] = known
        cut[:, POLLUTANTS.index("pm25")] = known[:, COUNTED.index("pm")]
        return np.minimum(cut + opened[:, None], 1.0)


def _sums(place: Places, amounts: Floats, places: int) -> Floats:
    return np.bincount(place, amounts, places).astype(np.float64)


def _stopped(limit: str, level: str, lines: int, water: bool, law: Law) -> float:
    """Return the share of the output that the printed list stops, by whole lines or by output."""
    about: dict[str, Any] = {"sector": limit, "level": level, "lines": lines, "water_based": water}
    found = production_limit(**about, output=1.0, law=law)
    if "stop_lines" in found:
        return float(found["stop_lines"] / lines)
    return float(law(f"{limit_id(limit, water)}.{level}"))


_KEPT: dict[Any, ReductionList] = {}
_MOST = 16
#: What the list depends on of `Response`; a sweep over compliance shares one list.
_READ = (
    "water_borne_share", "dust_cut", "road_cut", "non_road_cut", "truck_gate_cut",
    "staggered_skip", "unlisted", "residual",
)  # fmt: skip


def reduction_list(air: Air, law: Law) -> ReductionList:
    """Return the reduction list of a scenario; equal inputs give the same object."""
    inventory = load_inventory(air.inventory) if air.inventory else None
    annual = _annual_t(air)
    key = (
        id(inventory), air.enterprises, annual.tobytes(), air.emissions.heating_days,
        *(getattr(air.response, name) for name in _READ), repr(sorted(law.changed.items())),
    )  # fmt: skip
    if key not in _KEPT:
        if len(_KEPT) >= _MOST:
            _KEPT.pop(next(iter(_KEPT)))
        if inventory is None:
            water = air.response.water_borne_share
            inventory = synthetic(air.enterprises, annual[:INDUSTRIAL], water)
        _KEPT[key] = reductions_of(inventory, air, law)
    return _KEPT[key]


def reductions_of(inventory: Inventory, air: Air, law: Law) -> ReductionList:
    """Put a list into the emission of a scenario's city."""
    return ReductionList(inventory, _annual_t(air), air.emissions.heating_days, air.response, law)


def _annual_t(air: Air) -> Floats:
    """Return tonnes of the base year, ``(13, 4)``, without the lever `air.emissions.scale`."""
    year = air.emissions.model_copy(update={"scale": 1.0})
    annual: Floats = city_emission(air.model_copy(update={"emissions": year}))[:, _IN_BOX]
    return _TONNES_PER_KT * annual
