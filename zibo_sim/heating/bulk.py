"""Bills of a whole city in one compiled loop, area and meter mixed, exact to the fen.

The plain formulas of `portfolio` give the same bills; they take over where a reform's numbers have
too many digits for the loop.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from zibo_sim.errors import Refused
from zibo_sim.heating import kernel
from zibo_sim.heating.money import FEN
from zibo_sim.heating.portfolio import PER_UNIT, Dwellings, area_fees, metered_fees
from zibo_sim.heating.tariff import Tariff

Fen = NDArray[np.int64]
Floats = NDArray[np.float64]
MOST_EXCHANGERS = 15
_LARGEST_COLUMN = 2**31
_METER = 8  # so many of the loop's numbers concern bills by area
_EXACT = 2**52
"""Whole numbers below it, doubled, are exact in a float."""


@dataclass(frozen=True)
class Packed:
    """Dwellings laid out for the loop: areas as int32, everything else in one byte.

    Attributes
    ----------
    dwellings : Dwellings
    metered : ndarray of bool
    columns : tuple of ndarray of int32
        The lower level, the upper, the attic, the ancillary rooms; 0.01 m².
    flags : ndarray of uint8
        The bits of `kernel`.
    let_index, let, height_code : ndarray of int64
        Dwellings of which something is let; how much; which of `heights` its storey has.
    heights : tuple of int
        Storey heights, cm.
    """

    dwellings: Dwellings
    metered: NDArray[np.bool_]
    columns: tuple[NDArray[np.int32], ...]
    flags: NDArray[np.uint8]
    let_index: NDArray[np.int64]
    let: NDArray[np.int64]
    height_code: NDArray[np.int64]
    heights: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.flags)


def pack(d: Dwellings, metered: NDArray[np.bool_]) -> Packed:
    """Lay out dwellings for `bills`.

    Raises
    ------
    Refused
        For a household of more than 15 exchangers or a space of more than 21 km².
    """
    if len(d) and int(d.exchangers.max()) > MOST_EXCHANGERS:
        raise Refused(f"exchangers: {int(d.exchangers.max())}; at most {MOST_EXCHANGERS} each")
    columns = tuple(_narrow(c) for c in (d.main, d.upper, d.attic, d.ancillary))
    flags = d.exchangers.astype(np.uint8) * np.uint8(kernel.EXCHANGER)
    bits = {
        kernel.MAIN_HEATED: d.main_heated,
        kernel.UPPER_HEATED: d.upper_heated,
        kernel.CERTIFIED: d.attic_certified,
        kernel.METERED: metered,
    }
    for bit, on in bits.items():
        flags |= on.astype(np.uint8) * np.uint8(bit)
    index = np.flatnonzero(d.let)
    heights, code = np.unique(d.let_height[index], return_inverse=True)
    let = _narrow(d.let[index]).astype(np.int64)
    return Packed(d, metered, columns, flags, index, let, code, tuple(heights.tolist()))


def _narrow(column: NDArray[np.integer]) -> NDArray[np.int32]:
    if column.dtype != np.int32 and len(column) and int(column.max()) >= _LARGEST_COLUMN:
        raise Refused(f"{int(column.max())} hundredths of a unit; at most {_LARGEST_COLUMN - 1}")
    return np.ascontiguousarray(column, np.int32)


@dataclass(frozen=True)
class _Weights:
    """A tariff as the loop takes it: whole numbers for each 0.01 unit.

    Attributes
    ----------
    loop : ndarray
        In the order of `kernel.household_bills`.
    let : ndarray, shape (2, heights)
        By area and by meter.
    let_rate, unit, fen : float
        Of 0.01 kWh let; of the step that bills are rounded to; fen in that step.
    """

    loop: Floats
    let: Floats
    let_rate: float
    unit: float
    fen: float


def _level(tariff: Tariff, price: Fraction, plain: bool) -> list[Fraction]:
    if plain:
        return [price, price, price, Fraction(0)]
    idle = Fraction(tariff.duplex_reading == "whole_plus")
    single = price * (1 + tariff.duplex_surcharge)
    return [price, price * tariff.duplex_both_share, single, price * idle]


def _fractions(tariff: Tariff) -> list[Fraction]:
    """Return yuan for each 0.01 m², 0.01 kWh and exchanger, in the order of the loop."""
    home, reading = tariff.price("residential"), tariff.exchanger_reading
    attics = [home.area * tariff.attic_certified_share, home.area * tariff.attic_uncertified_share]
    area = [*_level(tariff, home.area, plain=False), *attics, home.area * tariff.ancillary_share]
    levels = _level(tariff, home.basic, tariff.duplex_metered == "plain_area")
    meter = [*levels, home.basic, home.basic, home.rate]
    fee = tariff.exchanger_fee
    m_fee = fee if reading == "metered_too" else Fraction(0)
    return [*(p / PER_UNIT for p in area), fee, *(p / PER_UNIT for p in meter), m_fee]


def _let_prices(tariff: Tariff, heights: tuple[int, ...], metered: bool) -> list[Fraction]:
    """一(一)3 and (二)3: yuan for each 0.01 m² let, by storey height in cm."""
    price, found = tariff.price("non_residential"), []
    for height in heights:
        counts = tariff.height_counts("non_residential", metered)
        steps = tariff.steps_over(height / PER_UNIT) if counts else 0
        factor = tariff.height_factor(steps) if counts else Fraction(1)
        found.append((price.basic if metered else price.area) * factor / PER_UNIT)
    return found


@lru_cache(maxsize=16)
def _weights(tariff: Tariff, heights: tuple[int, ...]) -> _Weights | None:
    """Return the loop's numbers, None where they are not exact in floats."""
    step = max(tariff.rounding, FEN)
    household = _fractions(tariff)
    let = [_let_prices(tariff, heights, metered) for metered in (False, True)]
    rate = tariff.price("non_residential").rate / PER_UNIT
    every = [*household, *let[0], *let[1], rate]
    scale = math.lcm(step.denominator, *(f.denominator for f in every))
    whole = [int(f * scale) for f in household]
    fees = whole[_METER - 1] + whole[-1]
    largest = max([int(f * scale) for f in [*let[0], *let[1], rate]])
    bound = (2 * largest + sum(whole) - fees) * _LARGEST_COLUMN + fees * MOST_EXCHANGERS
    if bound >= _EXACT or (step / FEN).denominator != 1:
        return None
    keeps = 0 if tariff.exchanger_reading == "instead" else 1
    return _Weights(
        loop=np.array([*whole[:_METER], keeps, *whole[_METER:]], float),
        let=np.array([[float(f * scale) for f in row] for row in let]).reshape(2, len(heights)),
        let_rate=float(rate * scale),
        unit=float(step * scale),
        fen=float(step / FEN),
    )


def bills(
    p: Packed,
    heat: NDArray[np.integer],
    tariff: Tariff,
    let_heat: NDArray[np.integer] | None = None,
) -> Fen:
    """淄政办字〔2018〕139号 一: every dwelling's bill by its own charging, in fen.

    Parameters
    ----------
    p : Packed
    heat : ndarray of int
        Season heat of each household, 0.01 kWh; looked at where it is metered.
    tariff : Tariff
    let_heat : ndarray of int, optional
        The same of what it lets.
    """
    w = _weights(tariff, p.heights)
    if w is None:
        by_meter = metered_fees(p.dwellings, heat, tariff, let_heat)
        return np.where(p.metered, by_meter, area_fees(p.dwellings, tariff))
    out = np.empty(len(p), np.int64)
    loop = (*p.columns, _narrow(heat), p.flags, w.loop, w.unit, w.fen, out)
    kernel.household_bills(*loop)
    if len(p.let_index):
        metered = p.metered[p.let_index].astype(np.int8)
        added = p.let * w.let[metered, p.height_code]
        if let_heat is not None:
            added += metered * w.let_rate * let_heat[p.let_index]
        kernel.letting_bills(p.let_index, added, *loop)
    return out
