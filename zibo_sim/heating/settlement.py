"""From bills to what is paid: options 139号 does not contain, arrears, anomalies."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from zibo_sim.heating.portfolio import Dwellings, area_fees
from zibo_sim.heating.practice_parameters import OptionParameters
from zibo_sim.heating.stock import NEVER
from zibo_sim.heating.tariff import Tariff
from zibo_sim.law.rule import exact

Fen = NDArray[np.int64]
Floats = NDArray[np.float64]
_LARGEST = np.iinfo(np.int64).max


def share_of(fen: Fen, share: float) -> Fen:
    """Return a share of amounts, each rounded half up to the fen."""
    return _part(fen, exact(share))


def _part(fen: Fen, part: Fraction) -> Fen:
    """Return a fraction of amounts, half up; in Python's whole numbers where int64 overflows.

    A share that a sweep draws has sixteen digits, and its product with an amount may have more
    than int64 holds.
    """
    double = 2 * part.denominator
    most = max(2 * int(fen.max(initial=0)) * part.numerator + part.denominator, double)
    amounts = fen if most <= _LARGEST else fen.astype(object)
    return ((2 * amounts * part.numerator + part.denominator) // double).astype(np.int64)


def settled(by_meter: Fen, by_area: Fen, o: OptionParameters) -> Fen:
    """Return what metered users pay in the end, fen: the cap, then a settlement that only refunds.

    With a settlement both ways the prepayment changes when money is paid and not how much.
    """
    due = np.minimum(by_meter, share_of(by_area, o.metered_cap)) if o.metered_cap else by_meter
    return np.minimum(due, by_area) if o.prepayment == "refund_only" else due


def cold_days(room_c: Floats, outdoor_c: Floats, o: OptionParameters) -> NDArray[np.int64]:
    """Return on how many heated days each home's rooms are below the limit.

    Parameters
    ----------
    room_c : ndarray, shape (homes,)
        Room temperature while supply keeps up, °C.
    outdoor_c : ndarray, shape (days,)
        Daily mean of each heated day, °C; below the design temperature rooms fall with it.
    o : OptionParameters
    """
    needed = np.sort(o.cold_limit_c + np.maximum(o.design_c - outdoor_c, 0.0))
    return len(needed) - np.searchsorted(needed, room_c, side="right")


def cold_refunds(fen: Fen, days: NDArray[np.int64], season: int, o: OptionParameters) -> Fen:
    """Return what is refunded of each bill for its cold days out of `season` heated ones, fen."""
    return _part(fen * days, exact(o.cold_refund) / season)


@dataclass
class Receipts:
    """When the bills of one batch are paid.

    Attributes
    ----------
    by_day : ndarray of int64
        Fen paid 0, 1, … days after the due day; day 0 is whatever is paid in time.
    unpaid : int
        Fen never paid.
    """

    by_day: Fen
    unpaid: int

    @property
    def total(self) -> int:
        """Fen billed."""
        return int(self.by_day.sum()) + self.unpaid

    def overdue(self, days: float) -> int:
        """Return fen still owed so many days after the due day; nothing before it."""
        if days < 0:
            return 0
        return int(self.by_day[int(days) + 1 :].sum()) + self.unpaid

    def set_off(self, credit: Receipts) -> None:
        """Take what is credited to those who still owe off what they have yet to pay."""
        self.by_day = self.by_day - credit.by_day
        self.unpaid -= credit.unpaid


def receipts(fen: Fen, days_late: NDArray[np.int32]) -> Receipts:
    """Sum bills by the day they are paid on."""
    sums = np.bincount(days_late, fen, minlength=NEVER + 1)
    whole = np.rint(sums).astype(np.int64)  # sums of whole fen, exact below 2⁵³
    return Receipts(whole[:NEVER], int(whole[NEVER]))


def set_off(refund: Fen, days_late: NDArray[np.int32], days: float) -> Receipts:
    """Return which refunds meet a bill still unpaid so many days after its due day.

    Who owes the bill gets no money back: the refund is taken off what is owed, fen for fen.
    """
    owing = days_late > int(days) if days >= 0 else np.ones(len(days_late), bool)
    return receipts(np.where(owing, refund, 0), days_late)


def anomalies(d: Dwellings, tariff: Tariff) -> int:
    """淄政办字〔2018〕139号 一(一)1: count duplexes whose one heated level costs more than both.

    So wherever 1.3 times the heated level exceeds the two together.
    """
    single = d.take(np.flatnonzero((d.upper > 0) & (d.main_heated ^ d.upper_heated)))
    on = np.ones(len(single), bool)
    both = replace(single, main_heated=on, upper_heated=on)
    return int((area_fees(single, tariff) > area_fees(both, tariff)).sum())


def break_even_kwh_m2(tariff: Tariff) -> float | None:
    """淄政办字〔2018〕139号 一: heat of a m² at which a home pays the same by area and by meter."""
    price = tariff.price("residential")
    even = (price.area - price.basic) / price.rate if price.rate else Fraction(-1)
    return float(even) if even >= 0 else None
