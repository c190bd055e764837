"""Bills of many dwellings at once: the tariff of `bills` on integer columns, exact to the fen."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from zibo_sim.heating.money import FEN
from zibo_sim.heating.tariff import Tariff

#: Areas are whole hundredths of a m², heat whole hundredths of a kWh.
PER_UNIT = 100
_LARGEST = 2**62

Integers = NDArray[np.integer]
Terms = list[tuple[Fraction, Integers]]


@dataclass(frozen=True)
class Dwellings:
    """Households' spaces as columns of equal length; areas in 0.01 m².

    Attributes
    ----------
    main, upper : ndarray of int
        The flat or the duplex's lower level; the upper level, 0 for a flat.
    main_heated, upper_heated : ndarray of bool
    attic : ndarray of int
        Own area of a heated attic, 0 where there is none.
    attic_certified : ndarray of bool
    ancillary : ndarray of int
        Heated basements, storerooms and garages together.
    exchangers : ndarray of int
        Small heat exchangers.
    let, let_height : ndarray of int
        Heated space let out; its storey height in cm.
    """

    main: Integers
    upper: Integers
    main_heated: NDArray[np.bool_]
    upper_heated: NDArray[np.bool_]
    attic: Integers
    attic_certified: NDArray[np.bool_]
    ancillary: Integers
    exchangers: Integers
    let: Integers
    let_height: Integers

    def __len__(self) -> int:
        return len(self.main)

    def take(self, index: NDArray[np.integer]) -> Dwellings:
        """Return the dwellings at `index`."""
        return Dwellings(*(getattr(self, f.name)[index] for f in fields(self)))

    def household_area(self) -> Integers:
        """Return heated area apart from what is let, 0.01 m², by each space's own size."""
        levels = self.main * self.main_heated.astype(np.int64) + self.upper * self.upper_heated
        return levels + self.attic + self.ancillary


def exact_fen(terms: Terms, step: Fraction) -> NDArray[np.int64]:
    """Return Σ price × quantity in fen, each sum exact and rounded half up once to `step` yuan."""
    step = max(step, FEN)
    scale = math.lcm(step.denominator, *(price.denominator for price, _ in terms))
    weights = [int(price * scale) for price, _ in terms]
    largest = [int(quantity.max(initial=0)) for _, quantity in terms]
    unit, per_step = int(step * scale), step / FEN
    bound = 2 * sum(w * q for w, q in zip(weights, largest, strict=True)) * per_step.numerator
    kind = np.int64 if bound < _LARGEST else object
    total = np.zeros(len(terms[0][1]), kind)
    for weight, (_, quantity) in zip(weights, terms, strict=True):
        if weight:
            total += quantity.astype(kind) * weight
    steps = (2 * total + unit) // (2 * unit)
    fen = (2 * steps * per_step.numerator + per_step.denominator) // (2 * per_step.denominator)
    return fen.astype(np.int64)


def _per_unit(terms: Sequence[tuple[Fraction, Integers]]) -> Terms:
    return [(price / PER_UNIT, quantity) for price, quantity in terms]


def _level_terms(
    d: Dwellings, tariff: Tariff, price: Fraction
) -> Iterator[tuple[Fraction, Integers]]:
    """一(一)1: a flat, or a duplex with one level or both heated, at a price for each m²."""
    flat = d.upper == 0
    both = ~flat & d.main_heated & d.upper_heated
    single = ~flat & (d.main_heated ^ d.upper_heated)
    levels = d.main.astype(np.int64) + d.upper
    heated = np.where(d.main_heated, d.main, d.upper)
    idle = Fraction(tariff.duplex_reading == "whole_plus")
    yield price, d.main * (flat & d.main_heated)
    yield price * tariff.duplex_both_share, levels * both
    yield price * (1 + tariff.duplex_surcharge), heated * single
    yield price * idle, (levels - heated) * single


def _household_terms(d: Dwellings, tariff: Tariff) -> Iterator[tuple[Fraction, Integers]]:
    """一(一)1: flat, duplex, attic and ancillary rooms at the residential price."""
    price = tariff.price("residential").area
    below = np.where(d.upper == 0, d.main, d.upper)
    uncertified = (d.attic > 0) & ~d.attic_certified
    yield from _level_terms(d, tariff, price)
    yield price * tariff.attic_certified_share, d.attic * d.attic_certified
    yield price * tariff.attic_uncertified_share, below * uncertified
    yield price * tariff.ancillary_share, d.ancillary


def _basic_terms(d: Dwellings, tariff: Tariff) -> Iterator[tuple[Fraction, Integers]]:
    """一(二)1: the basic fee on the plain area, or on a duplex's as where its fee is by area."""
    price = tariff.price("residential").basic
    if tariff.duplex_metered == "as_by_area":
        yield from _level_terms(d, tariff, price)
        yield price, d.attic.astype(np.int64) + d.ancillary
    else:
        yield price, d.household_area()


def _let_terms(d: Dwellings, tariff: Tariff, metered: bool) -> Iterator[tuple[Fraction, Integers]]:
    """一(一)3 and (二)3: what is let pays as non-residential, by height where that counts."""
    group = tariff.price("non_residential")
    price = group.basic if metered else group.area
    by_factor: dict[Fraction, list[int]] = {}
    for height in np.unique(d.let_height[d.let > 0]).tolist():
        counts = tariff.height_counts("non_residential", metered)
        steps = tariff.steps_over(height / PER_UNIT) if counts else 0
        factor = tariff.height_factor(steps) if counts else Fraction(1)
        by_factor.setdefault(factor, []).append(height)
    for factor, heights in by_factor.items():
        yield price * factor, d.let * np.isin(d.let_height, heights)


def area_fees(d: Dwellings, tariff: Tariff) -> NDArray[np.int64]:
    """淄政办字〔2018〕139号 一(一): bills by area, in fen, one a dwelling."""
    household = list(_household_terms(d, tariff))
    if tariff.exchanger_reading == "instead":
        household = [(price, q * (d.exchangers == 0)) for price, q in household]
    terms = _per_unit([*household, *_let_terms(d, tariff, metered=False)])
    return exact_fen([*terms, (tariff.exchanger_fee, d.exchangers)], tariff.rounding)


def metered_fees(
    d: Dwellings, heat: Integers, tariff: Tariff, let_heat: Integers | None = None
) -> NDArray[np.int64]:
    """淄政办字〔2018〕139号 一(二): bills by meter, in fen, one a dwelling.

    Parameters
    ----------
    d : Dwellings
    heat, let_heat : ndarray of int
        Season heat of the household's and of the let spaces, 0.01 kWh.
    tariff : Tariff
    """
    home, trade = tariff.price("residential"), tariff.price("non_residential")
    terms = [*_basic_terms(d, tariff), (home.rate, heat)]
    terms += _let_terms(d, tariff, metered=True)
    if let_heat is not None:
        terms.append((trade.rate, let_heat))
    fee = tariff.exchanger_fee if tariff.exchanger_reading == "metered_too" else Fraction()
    return exact_fen([*_per_unit(terms), (fee, d.exchangers)], tariff.rounding)
