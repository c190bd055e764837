"""Exact money: fractions of a yuan until the end, then whole fen, half up."""

from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction

FEN = Fraction(1, 100)


def rounded(amount: Fraction, step: Fraction = FEN) -> Fraction:
    """Round half up to a multiple of `step` yuan; a step below a fen counts as a fen.

    Source: the notice is silent; ``heating.rounding.step`` is the reading taken.
    """
    step = max(step, FEN)
    return (amount / step + Fraction(1, 2)).__floor__() * step


def yuan(amount: Fraction) -> str:
    """Write an amount as yuan with two decimals, half up: ``"2200.00"``."""
    fen = int(rounded(amount) / FEN)
    return f"{fen // 100}.{fen % 100:02d}"


def plain(number: Fraction) -> str:
    """Write a number in full without trailing zeros: ``"100"``, ``"0.155"``."""
    with localcontext() as context:
        context.prec = 40
        text = format(Decimal(number.numerator) / Decimal(number.denominator), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
