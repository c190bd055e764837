"""Who holds what on the cloud, what of it idles, and what it costs: 第二十七条, 第二十九条.

A system holds what it asked for from its test environment on; one from before the period holds it
throughout. Changes and exits belong to no drawn system: they count in full for their payer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from zibo_sim.cloud.ledger import CloudLedger
from zibo_sim.cloud.parameters import SYSTEMS
from zibo_sim.cloud.pool import Size
from zibo_sim.cloud.requests import Request
from zibo_sim.cloud.traits import PAYERS

Array = NDArray[np.float64]
Times = dict[tuple[str, str], float]

#: The steps from which a request's size is held: a system's test environment, an order carried out.
HELD_FROM = {"change": "changed", "exit": "exited"}


@dataclass(frozen=True)
class Holdings:
    """What was held, a row a system or order, columns as arrays of one length.

    Attributes
    ----------
    vcpu, memory_gb, storage_gb : ndarray
        Negative where an order gave back.
    use : ndarray
        Mean use of it, a share.
    payer : ndarray of int
        Number in `zibo_sim.cloud.traits.PAYERS`.
    start_h, live_h : ndarray
        From when it is held, and from when in formal operation; infinite where not in the period.
    system : ndarray of bool
        Whether it is a system of its own (and no order).
    """

    vcpu: Array
    memory_gb: Array
    storage_gb: Array
    use: Array
    payer: NDArray[np.int64]
    start_h: Array
    live_h: Array
    system: NDArray[np.bool_]


class Fee(NamedTuple):
    """What one payer owes for one year, settled in arrears (年度后结算).

    Amounts held are means over the hours of the year that lie in the period.
    """

    year: int
    payer: str
    vcpu_years: float
    memory_gb_years: float
    storage_gb_years: float
    catalogue_yuan: float
    deduction_yuan: float
    yuan: float


def holdings(ledger: CloudLedger, times: Times) -> Holdings:
    """Return what was held in the period.

    Parameters
    ----------
    ledger : CloudLedger
    times : dict
        When each request reached each step, of the period only.
    """
    held = [
        (
            *r.size,
            r.traits.use,
            PAYERS.index(r.traits.payer),
            since,
            _live(r, times),
            r.kind in SYSTEMS,
        )
        for r in ledger.requests
        if (since := times.get((r.id, HELD_FROM.get(r.kind, "test_from")))) is not None
    ]
    new = np.array(held, dtype=float).reshape(-1, 8).T
    old, n = ledger.stock, len(ledger.stock.vcpu)
    from_before = (
        old.vcpu, old.memory_gb, old.storage_gb, old.use, old.payer, np.zeros(n), np.zeros(n),
        np.ones(n),
    )  # fmt: skip
    columns = [np.concatenate(pair) for pair in zip(from_before, new, strict=True)]
    vcpu, memory, storage, use, payer, start, live, system = columns
    return Holdings(
        vcpu, memory, storage, use, payer.astype(np.int64), start, live, system.astype(bool)
    )


def _live(request: Request, times: Times) -> float:
    if request.kind in SYSTEMS:
        return times.get((request.id, "live"), np.inf)
    return times[request.id, HELD_FROM[request.kind]]


def idle_shares(ledger: CloudLedger, held: Holdings) -> tuple[float, float] | None:
    """第二十七条: shares of the systems' vCPU that idle (闲置) and that are too many (配置过度)."""
    rules = ledger.cloud.use
    total = held.vcpu[held.system].sum()
    if total <= 0:
        return None
    idle = held.system & (held.use < rules.idle_below)
    over = held.system & ~idle & (held.use < rules.over_below)
    return float(held.vcpu[idle].sum() / total), float(held.vcpu[over].sum() / total)


def fees(ledger: CloudLedger, held: Holdings, availability: float | None) -> list[Fee]:
    """第二十九条: what each payer owes for the part of each calendar year in the period.

    Catalogue price times what was held (or used), less the deduction for availability lost.
    """
    rules = ledger.cloud.fees
    since = held.start_h if rules.test_charged else held.live_h
    weight = held.use if rules.charged == "used" else np.ones(len(held.use))
    lost = 100 * (1 - availability) if availability is not None else 0.0
    off = min(rules.quality_deduction * lost, 1.0)
    found = []
    for year, start, end, hours in _years(ledger):
        part = np.clip(end - np.maximum(since, start), 0.0, None) / hours * weight
        amounts = (held.vcpu * part, held.memory_gb * part, held.storage_gb * part)
        sums = [np.bincount(held.payer, a, minlength=len(PAYERS)) for a in amounts]
        for number, payer in enumerate(PAYERS):
            size = Size(*(max(float(column[number]), 0.0) for column in sums))
            if any(size):
                gross = _price(size, ledger)
                found.append(Fee(year, payer, *size, gross, gross * off, gross * (1 - off)))
    return found


def _price(size: Size, ledger: CloudLedger) -> float:
    rules = ledger.cloud.fees
    prices = (rules.vcpu_yuan, rules.memory_yuan, rules.storage_yuan)
    return sum(amount * price for amount, price in zip(size, prices, strict=True))


def _years(ledger: CloudLedger) -> list[tuple[int, float, float, float]]:
    """Return the calendar years of the period: number, first and last hour in it, hours of it."""
    clock, found = ledger.clock, []
    for year in range(clock.start.year, clock.end.year + 1):
        first, after = clock.hour(date(year, 1, 1)), clock.hour(date(year + 1, 1, 1))
        found.append((year, max(first, 0.0), min(after, float(clock.hours)), after - first))
    return found
