"""The cheapest reduction list that suffices: which plants stop how many lines at a level.

A mixed-integer programme: whole lines, or a share of the output where a plant is counted by output;
the least output value lost for which the ratios of 145号 五(三) are reached, at least the printed
measures of 五(五) are taken, and nobody who is exempt is cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from zibo_sim.air.inventory import COUNTED, DISTRICT_KEYS, Flags, Floats, Places
from zibo_sim.air.ledger import demands
from zibo_sim.air.reductions import Orders, ReductionList
from zibo_sim.errors import Refused

#: Names of the sums that a level demands, in the order of `ledger.demands`.
DEMANDED = ("so2+nox", "pm", "voc")
_MARGIN = 1e-5
"""Percent aimed at beyond the demand, above what the solver lets pass."""
_OUT_OF_TIME = 1
_DIGITS = 4
"""Digits of a share of output as it is written down; rounded up, so that it still suffices."""


@dataclass(frozen=True)
class Fairness:
    """How much may be asked of one plant or one district.

    Attributes
    ----------
    plant : float
        Largest share of one plant's output; printed measures come first.
    district : float
        Largest share of a district's output value; printed measures come first.
    """

    plant: float = 1.0
    district: float = 1.0

    def __post_init__(self) -> None:
        for name, share in (("plant", self.plant), ("district", self.district)):
            if not 0.0 <= share <= 1.0:
                raise Refused(f"{name}: {share:g} is refused; allowed is a share from 0 to 1")


@dataclass(frozen=True, eq=False)
class CutPlan:
    """The list of one level.

    Attributes
    ----------
    orders : Orders
        What the cuts come to.
    lines : ndarray of int, shape (n,)
        Lines stopped; -1 for a plant that is counted by output or has none to stop.
    on_list : ndarray of bool, shape (n,)
        Plants that could be cut, those with no cut included.
    reached, needed : dict of str to float
        Percent, by the names in `DEMANDED`.
    gap : float
        How far the output lost may at most lie above the least possible, as a share.
    """

    orders: Orders
    lines: Places
    on_list: Flags
    reached: dict[str, float]
    needed: dict[str, float]
    gap: float

    @property
    def short(self) -> dict[str, float]:
        """Percent that is lacking, by the names in `DEMANDED`; empty where all is reached."""
        if self.orders.account.met:
            return {}
        lack = {name: self.needed[name] - self.reached[name] for name in DEMANDED}
        return {name: value for name, value in lack.items() if value > 0.0}

    @property
    def touched(self) -> int:
        """Plants that stop anything."""
        return int((self.orders.share > 0.0).sum())


@dataclass
class _Programme:
    """The programme in the solver's terms; a variable counts lines, or is a share of output."""

    unit: Floats  # share of the output that one of a variable is
    low: Floats
    high: Floats
    whole: Floats  # 1 where it counts lines
    cost: Floats  # yuan a day that one of it loses
    gain: Floats  # (3, n) percent that one of it is credited
    needed: Floats  # (3,) percent beyond what is reached anyway
    district: Floats  # (11, n) yuan a day lost in each district
    district_most: Floats
    gap: float
    seconds: float
    reached_gap: float = field(default=0.0)

    def solve(self) -> Floats:
        """Return the variables; where the demands cannot be reached, those that lack least."""
        nothing = np.zeros(len(DEMANDED))
        found = self._run(self.cost, most=nothing, price=nothing)
        if found is None:
            free = np.full(len(DEMANDED), np.inf)
            least = self._run(np.zeros_like(self.cost), most=free, price=np.ones(len(DEMANDED)))
            if least is None:
                raise Refused("no list takes the printed measures; this is a fault: report it")
            lacking = least[1] * (1.0 + 1e-6) + _MARGIN / 10.0
            found = self._run(self.cost, most=lacking, price=nothing) or least
        return found[0]

    def _run(self, cost: Floats, most: Floats, price: Floats) -> tuple[Floats, Floats] | None:
        """Minimise a cost and a price on what is lacking, `most` at most; None if none fits.

        The solver's tolerances are absolute, so rows are in percent and in parts of a district.
        """
        n, size = len(cost), np.maximum(self.district_most, 1.0)
        rows = np.vstack([self.gain, self.district / size[:, None]])
        lacking = np.vstack([np.eye(len(most)), np.zeros((len(size), len(most)))])
        low = np.concatenate([self.needed, np.full(len(size), -np.inf)])
        high = np.concatenate([np.full(len(most), np.inf), self.district_most / size])
        dearest = max(float(cost.max(initial=0.0)), 1e-12)
        result = milp(
            np.concatenate([cost / dearest, price]),
            integrality=np.concatenate([self.whole, np.zeros(len(most))]),
            bounds=Bounds(
                np.concatenate([self.low, np.zeros(len(most))]), np.concatenate([self.high, most])
            ),
            constraints=LinearConstraint(np.hstack([rows, lacking]), low, high),
            options={"mip_rel_gap": self.gap, "time_limit": self.seconds},
        )
        if result.x is None and result.status == _OUT_OF_TIME:
            raise Refused(f"no list was found in {self.seconds:g} s; allow more seconds")
        if result.x is None:
            return None
        self.reached_gap = float(result.mip_gap or 0.0)
        return result.x[:n], result.x[n:]


def plan_cuts(
    reductions: ReductionList,
    level: str,
    *,
    heating: bool = True,
    fairness: Fairness | None = None,
    at_least: Floats | None = None,
    gap: float = 1e-3,
    seconds: float = 60.0,
) -> CutPlan:
    """Find the cheapest list for a level.

    Parameters
    ----------
    reductions : ReductionList
    level : {"yellow", "orange", "red"}
    heating : bool
        Whether the alert falls in the heating season.
    fairness : Fairness, optional
    at_least : ndarray, shape (n,), optional
        Shares that must be stopped in any case, such as those of the level below.
    gap : float
        Relative gap at which the solver may stop.
    seconds : float
        Time it may take for one programme.

    Returns
    -------
    CutPlan
        Where the demands cannot be reached, the list that lacks least of them.
    """
    free = ~(reductions.exempt | reductions.skips(heating))
    floor = np.where(free, reductions.least(level), 0.0)
    if at_least is not None:
        floor = np.where(free, np.maximum(floor, at_least), 0.0)
    programme = _programme(reductions, level, heating, free, floor, fairness or Fairness())
    programme.gap, programme.seconds = gap, seconds
    share = np.zeros(len(free))
    share[free] = _written(programme.solve(), programme)
    orders = reductions.apply(level, heating, share)
    percent = np.array([orders.account.percent[name] for name in COUNTED])
    wanted = demands(level, reductions.law)
    by_lines = free & ~reductions.inventory.by_output
    return CutPlan(
        orders=orders,
        lines=np.where(by_lines, np.rint(share * reductions.inventory.lines), -1).astype(np.int64),
        on_list=free,
        reached={
            n: float(percent[list(p)].sum()) for n, (p, _) in zip(DEMANDED, wanted, strict=True)
        },
        needed={n: float(need) for n, (_, need) in zip(DEMANDED, wanted, strict=True)},
        gap=programme.reached_gap,
    )


def plan_levels(
    reductions: ReductionList, levels: Sequence[str], *, nested: bool = False, **how: object
) -> dict[str, CutPlan]:
    """Find the list of several levels, from the lowest on.

    Parameters
    ----------
    reductions : ReductionList
    levels : sequence of str
        In rising order.
    nested : bool
        Whether a plant stops at a level at least what it stops at the level below.
    **how
        As `plan_cuts` takes them.
    """
    plans: dict[str, CutPlan] = {}
    below: Floats | None = None
    for level in levels:
        plans[level] = plan_cuts(reductions, level, at_least=below, **how)  # type: ignore[arg-type]
        below = plans[level].orders.share if nested else None
    return plans


def _programme(
    reductions: ReductionList,
    level: str,
    heating: bool,
    free: Flags,
    floor: Floats,
    fairness: Fairness,
) -> _Programme:
    plants, ledger = reductions.inventory, reductions.ledger
    standing = ledger.standing(heating)
    floor = np.maximum(floor, np.where(free, standing, 0.0))
    whole = (~plants.by_output)[free]
    unit = np.where(whole, 1.0 / plants.lines[free], 1.0)
    steps = floor[free] / unit
    low = np.where(whole, np.ceil(steps - 1e-9), steps)
    top = np.where(whole, np.floor(fairness.plant / unit + 1e-9), fairness.plant)
    cost = (plants.value_yuan / ledger.year)[free] * unit
    place = plants.district[free] == np.arange(len(DISTRICT_KEYS))[:, None]
    start = np.zeros(len(plants))
    start[free] = low * unit
    sums = [list(places) for places, _ in demands(level, reductions.law)]
    percent = reductions.apply(level, heating, start).account.percent
    reached = np.array([sum(percent[COUNTED[p]] for p in places) for places in sums])
    each = ledger.percent_each(heating)[free] * unit[:, None]
    gain = np.stack([each[:, places].sum(axis=1) for places in sums])
    needed = np.array([need for _, need in demands(level, reductions.law)])
    return _Programme(
        unit=unit, low=low, high=np.maximum(low, top), whole=whole.astype(float), cost=cost,
        gain=gain, needed=needed + _MARGIN - reached + gain @ low, district=place * cost,
        district_most=_district_most(
            reductions, heating, free, place, np.stack([cost, low, whole]), fairness.district
        ),
        gap=0.0, seconds=0.0,
    )  # fmt: skip


def _district_most(
    reductions: ReductionList, heating: bool, free: Flags, place: Flags, terms: Floats, share: float
) -> Floats:
    """Return the yuan a day each district may lose; what is printed is lost in any case.

    A staggered plant that is cut counts from its standing cut on, and room is left for shares of
    output that are rounded up. `terms` are cost, low and whole of the programme.
    """
    plants, ledger, (cost, low, whole) = reductions.inventory, reductions.ledger, terms
    daily = plants.value_yuan / ledger.year
    value = np.bincount(plants.district, daily * plants.listed, len(DISTRICT_KEYS))
    standing = place @ (daily * ledger.standing(heating))[free]
    rounding = place @ (cost * (1.0 - whole)) / 10.0**_DIGITS
    least = (place * cost) @ low * (1.0 + 1e-9)
    most: Floats = np.maximum(share * value + standing - rounding, least)
    return most


def _written(values: Floats, programme: _Programme) -> Floats:
    """Return shares as they are written down: whole lines, output to four digits, rounded up."""
    lines = np.rint(values) / np.rint(1.0 / programme.unit)
    step = 10.0**_DIGITS
    fine = np.ceil(np.round(values * step, 4)) / step
    output = np.clip(fine, programme.low, np.maximum(programme.high, values))
    found: Floats = np.where(programme.whole > 0, lines, output)
    return np.clip(found, 0.0, 1.0) + 0.0  # no minus zero
