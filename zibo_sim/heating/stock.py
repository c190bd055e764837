"""The city's dwellings and households, drawn once from a seed of their own.

Every column has its own stream and is drawn in order, so a smaller city is the beginning of a
larger one, and no column moves when another changes. Shares are met by comparing a uniform number
with the share, so a rising share only adds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from zibo_sim.heating.customers import Customers, load_customers, stamp
from zibo_sim.heating.parameters import Heating, StockParameters, SubsidyParameters
from zibo_sim.heating.portfolio import PER_UNIT, Dwellings
from zibo_sim.heating.practice_parameters import PaymentParameters
from zibo_sim.heating.scope import scope
from zibo_sim.heating.subsidies import Funder, Payer
from zibo_sim.law import Law
from zibo_sim.streams import Streams

MOST_ADULTS = 4
NEVER = 9999
"""Days late of a household that does not pay; none that pays is so late."""
Floats = NDArray[np.float64]
_LARGEST_AREA = 1_000_000_000
_MOST_KEPT = 400_000
_DRAWN: dict[tuple[int, str, tuple[int, ...]], Floats] = {}
"""The longest draw of each column, of one seed, up to some 100 MB in all: a city of other
parameters is made of the same draws, and drawing is the dearest part of making it."""
_WITH_METER, _WITHOUT, _LISTED_SHARE = 0.0, 0.75, 0.5
"""Meter ranks of a listed dwelling, and the share that divides them as the list does."""


class ListedStock(StockParameters):
    """The stock of a customer list: what the list does not say is drawn as for the city.

    Attributes
    ----------
    file : str
    scope : tuple of str
        Districts the notice covers.
    changed, size : int
        Of the file, so that what is kept of it is not used when it has changed.
    """

    file: str
    scope: tuple[str, ...]
    changed: int
    size: int

    def customers(self) -> Customers:
        """Return the list; read once while the file is the same."""
        return load_customers(self.file, self.scope)


class City(NamedTuple):
    """Which dwellings a run has: how many, of what stock, and the share of them with a meter."""

    dwellings: int
    stock: StockParameters
    metered_share: float


def city_of(heating: Heating, law: Law) -> City:
    """Return the synthetic city of a scenario, or its customer list."""
    if not heating.customers:
        return City(heating.dwellings, heating.stock, heating.metered_share)
    changed, size = stamp(heating.customers)
    listed = ListedStock(
        **heating.stock.model_dump(),
        file=heating.customers,
        scope=scope(law),
        changed=changed,
        size=size,
    )
    return City(len(listed.customers().dwellings), listed, _LISTED_SHARE)


@dataclass(frozen=True)
class Stock:
    """The dwellings as columns of equal length.

    Attributes
    ----------
    dwellings : Dwellings
        Spaces and areas, what bills are made from.
    vintage : ndarray of int8
        0 uninsulated, 1–4 the 30, 50, 65 and 75 % stages.
    position : ndarray of int8
        0 interior, 1 corner, 2 top or bottom.
    noise : ndarray of float32
        Standard normal: how far the household's heat use is from the average.
    meter_rank : ndarray of float64
        Uniform on [0, 1): a dwelling has a meter where it is below the metered share.
    seed : int
        Further columns are drawn from it when they are asked for.
    """

    dwellings: Dwellings
    vintage: NDArray[np.int8]
    position: NDArray[np.int8]
    noise: NDArray[np.float32]
    meter_rank: Floats
    seed: int

    def __len__(self) -> int:
        return len(self.vintage)

    def metered(self, share: float) -> NDArray[np.bool_]:
        """Return which dwellings are charged by meter; a larger share only adds."""
        return self.meter_rank < share

    def stopped(self, share: float) -> NDArray[np.bool_]:
        """Return which dwellings have stopped supply; a larger share only adds."""
        return uniform(self.seed, "stopped", len(self)) < share


def uniform(seed: int, column: str, shape: int | tuple[int, int]) -> Floats:
    """Return the uniform numbers behind one column of the stock; closed to writing."""
    return _drawn(seed, column, shape, Generator.random)


def normal(seed: int, column: str, count: int) -> Floats:
    """Return the standard normal numbers behind one column; closed to writing."""
    return _drawn(seed, column, count, Generator.standard_normal)


def _drawn(
    seed: int, column: str, shape: int | tuple[int, int], draw: Callable[..., Floats]
) -> Floats:
    """Draw a column, or take the beginning of a longer one that was drawn before."""
    count, width = (shape[0], shape[1:]) if isinstance(shape, tuple) else (shape, ())
    kept = _DRAWN.get(key := (seed, column, width))
    if kept is None or len(kept) < count:
        length = count + count // 8 if count <= _MOST_KEPT else count  # the next may be larger
        kept = draw(Streams(seed)(f"heating.stock.{column}"), (length, *width))
        kept.flags.writeable = False
        if any(other != seed for other, *_ in list(_DRAWN)):
            _DRAWN.clear()
        if count <= _MOST_KEPT:
            _DRAWN[key] = kept
    return kept[:count]


def classes(draws: Floats, weights: tuple[float, ...]) -> NDArray[np.int8]:
    """Sort uniform numbers into classes of these weights."""
    edges = np.cumsum(weights) / np.sum(weights)
    return np.searchsorted(edges[:-1], draws, side="right").astype(np.int8)


def hundredths(area_m2: Floats) -> NDArray[np.int32]:
    """Return areas in whole 0.01 m², one at least, 10 km² at most: two still fit in an int32."""
    return np.clip(np.rint(area_m2 * PER_UNIT), 1, _LARGEST_AREA).astype(np.int32)


def _dwellings(count: int, p: StockParameters) -> Dwellings:
    def drawn(column: str, share: float) -> NDArray[np.bool_]:
        return uniform(p.seed, column, count) < share

    area = p.area_median * np.exp(p.area_sigma * normal(p.seed, "area", count))
    main = hundredths(area)
    duplex = drawn("duplex", p.duplex_share)
    spread = p.duplex_upper_sigma * normal(p.seed, "duplex_ratio", count)
    ratio = p.duplex_upper_ratio * np.exp(spread - p.duplex_upper_sigma**2 / 2)
    upper = np.where(duplex, hundredths(area * ratio), 0).astype(np.int32)
    below = np.where(duplex, upper, main) / PER_UNIT
    attic = drawn("attic", p.attic_share) * hundredths(below * p.attic_ratio)
    room = hundredths(np.array([p.ancillary_area]))
    let = drawn("let", p.let_share) * hundredths(np.array([p.let_area]))
    height = np.int16(round(p.let_height * PER_UNIT))
    return Dwellings(
        main=main,
        upper=upper,
        main_heated=np.ones(count, bool),
        upper_heated=duplex & ~drawn("duplex_single", p.duplex_single_share),
        attic=attic,
        attic_certified=drawn("attic_certified", p.attic_certified_share),
        ancillary=drawn("ancillary", p.ancillary_share) * room,
        exchangers=drawn("exchanger", p.exchanger_share).astype(np.int8),
        let=let,
        let_height=np.full(count, height, np.int16),
    )


@lru_cache(maxsize=4)
def stock(count: int, p: StockParameters) -> Stock:
    """Return the first `count` dwellings of the city that `p` describes; about 50 bytes each.

    Drawn once and kept; its arrays must not be written to. Of a customer list the dwellings and
    their meters are the list's, whatever `count` is.
    """
    listed = p.customers() if isinstance(p, ListedStock) else None
    count = len(listed.dwellings) if listed else count
    rank = uniform(p.seed, "meter", count)
    return Stock(
        dwellings=listed.dwellings if listed else _dwellings(count, p),
        vintage=classes(uniform(p.seed, "vintage", count), p.vintage_weights),
        position=classes(uniform(p.seed, "position", count), p.position_weights),
        noise=normal(p.seed, "household", count).astype(np.float32),
        meter_rank=np.where(listed.metered, _WITH_METER, _WITHOUT) if listed else rank,
        seed=p.seed,
    )


def on_dibao(count: int, seed: int, p: SubsidyParameters) -> NDArray[np.bool_]:
    """Return which households are on the urban minimum living guarantee (城市低保)."""
    return uniform(seed, "dibao", count) < p.dibao_share


@lru_cache(maxsize=4)
def days_late(count: int, seed: int, p: PaymentParameters) -> NDArray[np.int32]:
    """Return how many days after the due day each household pays: 0 in time, `NEVER` not at all."""
    rank = uniform(seed, "promptness", count)
    late = p.late_median_days * np.exp(p.late_sigma * normal(seed, "days_late", count))
    days = np.where(rank < p.on_time_share, 0.0, np.ceil(late)).clip(max=NEVER - 1)
    days[rank >= max(1 - p.arrears_share, p.on_time_share)] = NEVER
    return days.astype(np.int32)


#: Payments due, by payer and funder: how many.
Claims = dict[Payer, dict[Funder, int]]


def _by_funder(
    count: NDArray[np.int64], of_city: NDArray[np.bool_], gaoxin: NDArray[np.bool_]
) -> dict[Funder, int]:
    return {
        "city": int(count[of_city].sum()),
        "zhangdian": int(count[~of_city & ~gaoxin].sum()),
        "gaoxin": int(count[~of_city & gaoxin].sum()),
    }


def _persons(count: int, seed: int, p: SubsidyParameters) -> NDArray[np.int64]:
    """Return unemployed or laid-off adults of each household; one in both classes counts once."""
    further = uniform(seed, "adults", (count, MOST_ADULTS - 1))
    another = further < (p.adults_per_household - 1) / (MOST_ADULTS - 1)
    adults = 1 + sum(column.astype(np.int64) for column in another.T)
    unemployed = uniform(seed, "unemployed", (count, MOST_ADULTS)) < p.unemployed_share
    laid_off = uniform(seed, "laid_off", (count, MOST_ADULTS)) < p.laid_off_share
    persons = np.zeros(count, np.int64)
    for number, counts in enumerate((unemployed | laid_off).T):
        persons += counts & (number < adults)
    return persons


@lru_cache(maxsize=4)
def claims(
    count: int,
    seed: int,
    p: SubsidyParameters,
    household_only: bool,
    listed: ListedStock | None = None,
) -> Claims:
    """淄政办字〔2018〕139号 二: households and persons to be paid in one city, by payer and funder.

    Households on dibao fall to their district; persons of city, central and provincial units to
    the city, the others to their district (二(三), assumed for households).

    Parameters
    ----------
    count, seed : int
        The first `count` households of the stock drawn from `seed`.
    p : SubsidyParameters
    household_only : bool
        Members of a dibao household are not paid besides it.
    listed : ListedStock, optional
        The customer list the households stand in, which says their districts.
    """
    dibao = on_dibao(count, seed, p)
    gaoxin = uniform(seed, "gaoxin", count) < p.gaoxin_share
    if listed is not None:
        gaoxin = listed.customers().gaoxin
    of_city = uniform(seed, "unit", count) < p.city_unit_share
    persons = _persons(count, seed, p) * ~(dibao & household_only)
    return {
        "civil_affairs": _by_funder(dibao.astype(np.int64), np.zeros(count, bool), gaoxin),
        "human_resources": _by_funder(persons, of_city, gaoxin),
    }
