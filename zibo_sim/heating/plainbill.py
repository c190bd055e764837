"""Bills of plain customers, one heated space with nothing special about it, in a few microseconds.

Most rows of a real list are such. Every figure and word is that of the rule `heating.bill`, worked
out in decimal numbers in place of fractions; whoever is not plain is left to the rule.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

from zibo_sim.heating.bills import Charging, Space
from zibo_sim.heating.money import FEN
from zibo_sim.heating.tariff import Tariff, Use, tariff_of
from zibo_sim.law import Law

_EXACT = Context(prec=120)
_CENT = Decimal("0.01")
_DIGITS = 38
"""The rule writes numbers to so many digits; a longer one is left to it."""
_LARGEST = 1e15
"""A quantity from here on, a slip of the pen, is left to the rule: its fen overrun `_EXACT`."""
_HEIGHT = float(Space.model_fields["height"].default)
_KINDS: dict[Use, str] = {
    "residential": "flat",
    "institution": "premises",
    "non_residential": "premises",
}

Line = dict[str, str]


class PlainBill:
    """The bills of plain customers under one law.

    Parameters
    ----------
    law : Law
    """

    def __init__(self, law: Law) -> None:
        tariff = tariff_of(law)
        self._by_fen = tariff.rounding == FEN
        self._prices = {
            (use, charging): _factors(tariff, use, charging, law)
            for use in _KINDS
            for charging in ("area", "metered")
        }

    def lines(
        self, use: Use, charging: Charging, space: Mapping[str, Any], exchangers: int
    ) -> tuple[Decimal, list[Line]] | None:
        """Return the amount and the lines of a bill, None for a customer who is not plain.

        Parameters
        ----------
        use, charging : str
        space : mapping
            As `zibo_sim.heating.bills.Space`, checked before; what is left out has its default.
        exchangers : int
        """
        special = exchangers or space.get("let")
        wrong = space["kind"] != _KINDS[use] or not space.get("heated", True)
        if special or wrong or not self._by_fen:
            return None
        quantities = [space["area"], space.get("heat_kwh")]
        height, total, found = space.get("height", _HEIGHT), Decimal(0), []
        for factor, quantity in zip(self._prices[use, charging], quantities, strict=False):
            if quantity is None or quantity >= _LARGEST:
                return None
            amount, line = factor.line(space["kind"], quantity, height)
            if len(amount.as_tuple().digits) > _DIGITS:
                return None
            total = _EXACT.add(total, amount)
            found.append(line)
        return total.quantize(_CENT, ROUND_HALF_UP, _EXACT), found


@dataclass(frozen=True)
class _Factor:
    """What a quantity is multiplied by, and how the line says so."""

    price: Decimal
    unit: str
    words: str
    clause: str
    by_height: Callable[[float], Decimal] | None = None

    def line(self, kind: str, quantity: float, height: float) -> tuple[Decimal, Line]:
        value = Decimal(str(quantity))
        amount, words = _EXACT.multiply(value, self.price), self.words
        if self.by_height is not None:
            factor = self.by_height(height)
            if factor != 1:
                amount = _EXACT.multiply(amount, factor)
                words = f"{words} × {_plain(factor)}"
        text = f"{_plain(value)} {self.unit} × {words}"
        line = {"kind": kind, "line": text, "amount": _plain(amount), "clause": self.clause}
        return amount, line


def _factors(tariff: Tariff, use: Use, charging: str, law: Law) -> list[_Factor]:
    prices, metered = tariff.price(use), charging == "metered"
    heights = _heights(tariff) if tariff.height_counts(use, metered) else None
    if not metered:
        return [_factor(prices.area, "m²", law.clause(f"heating.price.{use}"), heights)]
    clause = f"heating.metered.{use}"
    return [
        _factor(prices.basic, "m²", law.clause(f"{clause}.basic"), heights),
        _factor(prices.rate, "kWh", law.clause(f"{clause}.rate")),
    ]


def _factor(
    price: Fraction, unit: str, clause: str, heights: Callable[[float], Decimal] | None = None
) -> _Factor:
    value = _decimal(price)
    return _Factor(value, unit, f"{_plain(value)} yuan/{unit}", clause, heights)


def _heights(tariff: Tariff) -> Callable[[float], Decimal]:
    return lru_cache(4096)(lambda h: _decimal(tariff.height_factor(tariff.steps_over(h))))


def _decimal(number: Fraction) -> Decimal:
    return _EXACT.divide(Decimal(number.numerator), Decimal(number.denominator))


def _plain(number: Decimal) -> str:
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
