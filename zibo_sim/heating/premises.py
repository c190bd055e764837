"""Institutions and shops of the two districts: storey heights, what they let, and their bills."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zibo_sim.heating.parameters import DemandParameters, StockParameters
from zibo_sim.heating.portfolio import PER_UNIT, exact_fen
from zibo_sim.heating.practice_parameters import PremisesParameters
from zibo_sim.heating.stock import Floats, ListedStock, classes, hundredths, normal, uniform
from zibo_sim.heating.tariff import Tariff, Use

Integers = NDArray[np.integer]
_HIGHEST_CM = 3000
Terms = Iterator[tuple[Fraction, Integers]]


@dataclass(frozen=True)
class Premises:
    """Customers that are no dwellings, as columns of equal length, one entry a customer.

    One of several storey heights has an entry for each, which stand together.

    Attributes
    ----------
    institution : ndarray of bool
        Priced as an institution; the others are non-residential.
    own, let : ndarray of int32
        Gross area for own use and let out, 0.01 m².
    height : ndarray of int16
        Storey height, cm.
    vintage : ndarray of int8
    factor : ndarray of float32
        Heat of one m² relative to its vintage, metering's saving not counted.
    metered : ndarray of bool
    first : ndarray of int64
        Where each customer begins.
    """

    institution: NDArray[np.bool_]
    own: NDArray[np.int32]
    let: NDArray[np.int32]
    height: NDArray[np.int16]
    vintage: NDArray[np.int8]
    factor: NDArray[np.float32]
    metered: NDArray[np.bool_]
    first: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.own)

    def heat(self, season_kwh_m2: Floats, saving: float) -> tuple[Integers, Integers]:
        """Return the season's heat of own and of let parts, whole 0.01 kWh."""
        each = season_kwh_m2[self.vintage] * self.factor * (1 - saving * self.metered)
        own, let = (np.rint(area * each).astype(np.int64) for area in (self.own, self.let))
        return own, let


@lru_cache(maxsize=4)
def premises(
    p: PremisesParameters, s: StockParameters, d: DemandParameters, metered_share: float
) -> Premises:
    """Return the city's institutions, then its shops; drawn once, the same in every run.

    Of a customer list they are the list's, by its own charging and in its order.
    """
    if isinstance(s, ListedStock):
        return _listed(s, d)
    count = p.institutions + p.shops
    institution = np.arange(count) < p.institutions
    median = np.where(institution, p.institution_area, p.shop_area)
    gross = hundredths(median * np.exp(p.area_sigma * normal(s.seed, "premises.area", count)))
    lets = institution & (uniform(s.seed, "premises.let", count) < p.let_share)
    let = np.rint(gross * lets * p.let_part).astype(np.int32)
    height = p.height_median * np.exp(p.height_sigma * normal(s.seed, "premises.height", count))
    return Premises(
        institution=institution,
        own=gross - let,
        let=let,
        height=np.rint(height * PER_UNIT).clip(max=_HIGHEST_CM).astype(np.int16),
        **_drawn(count, s, d),
        metered=uniform(s.seed, "premises.meter", count) < metered_share,
        first=np.arange(count),
    )


def _drawn(count: int, s: StockParameters, d: DemandParameters) -> dict[str, NDArray[Any]]:
    own = np.exp(d.household_sigma * normal(s.seed, "premises.heat", count))
    return {
        "vintage": classes(uniform(s.seed, "premises.vintage", count), s.vintage_weights),
        "factor": (d.overheating * own / np.exp(d.household_sigma**2 / 2)).astype(np.float32),
    }


def _listed(s: ListedStock, d: DemandParameters) -> Premises:
    columns = dict(s.customers().premises)
    customer = columns.pop("customer")
    first = np.unique(customer, return_index=True)[1]
    drawn = {name: each[customer] for name, each in _drawn(len(first), s, d).items()}
    return Premises(**columns, **drawn, first=first)


def _priced(
    area: Integers, height: NDArray[np.int16], use: Use, tariff: Tariff, metered: bool
) -> Terms:
    """一(一)2-3, (二)2-4: a gross area at its price, by storey height where that counts."""
    price = tariff.price(use).basic if metered else tariff.price(use).area
    if not tariff.height_counts(use, metered):
        yield price / PER_UNIT, area
        return
    steps = {cm: tariff.steps_over(cm / PER_UNIT) for cm in np.unique(height[area > 0]).tolist()}
    for over in sorted(set(steps.values())):
        here = np.isin(height, [cm for cm, found in steps.items() if found == over])
        yield price * tariff.height_factor(over) / PER_UNIT, area * here


def premises_fees(
    p: Premises, heat: tuple[Integers, Integers], tariff: Tariff
) -> NDArray[np.int64]:
    """淄政办字〔2018〕139号 一: bills of premises by their own charging, in fen, one a customer.

    Parameters
    ----------
    p : Premises
    heat : tuple of ndarray of int
        Of own and let parts, 0.01 kWh; looked at where metered.
    tariff : Tariff
    """
    let_use: Use = "non_residential" if tariff.institution_let_excluded else "institution"
    kinds: tuple[tuple[Use, NDArray[np.bool_], Use], ...] = (
        ("institution", p.institution, let_use),
        ("non_residential", ~p.institution, "non_residential"),
    )
    terms = list[tuple[Fraction, Integers]]()
    for use, members, of_let in kinds:
        for metered in (False, True):
            at = members & (p.metered == metered)
            for area, kwh, group in ((p.own, heat[0], use), (p.let, heat[1], of_let)):
                terms += _priced(area * at, p.height, group, tariff, metered)
                terms.append((tariff.price(group).rate / PER_UNIT, kwh * (at & metered)))
    if len(p.first) < len(p):
        terms = [(price, np.add.reduceat(quantity, p.first)) for price, quantity in terms]
    return exact_fen(terms, tariff.rounding)
