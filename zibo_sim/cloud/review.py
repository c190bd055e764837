"""Yearly assessment of users and provider (第二十七条, 第二十八条) and the fees (第二十九条).

The text names aspects and neither measures nor weights. Shown is what the model can measure of
each; where it measures nothing (satisfaction, security, standards) the value is NaN: it is to be
asked, not simulated. No score is formed.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from zibo_sim.cloud.ledger import CloudLedger
from zibo_sim.cloud.outcomes import cloud_metrics, fee_lines, step_times
from zibo_sim.cloud.traits import PAYERS
from zibo_sim.cloud.usage import Fee, holdings
from zibo_sim.law.book import Law

COLUMNS = ("subject", "aspect", "measure", "value", "unit", "clause")


def review(ledger: CloudLedger, law: Law) -> pd.DataFrame:
    """Return the measures of each aspect: of the provider, and of the users by who pays for them.

    Parameters
    ----------
    ledger : CloudLedger
        Of a run that reached the end of its period.
    law : Law

    Returns
    -------
    DataFrame
        Columns `COLUMNS`; NaN where the model has no measure.
    """
    rows = [*_provider(ledger, law), *_users(ledger, law)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


Line = tuple[str, str, str, float, str, str]


def _provider(ledger: CloudLedger, law: Law) -> list[Line]:
    response, satisfaction, quality = law("cloud.review.providers")
    clause, found = law.clause("cloud.review.providers"), cloud_metrics(ledger)
    lost = sum(min(s.end_h, ledger.clock.hours) - s.start_h for s in ledger.unplanned
               if s.start_h < ledger.clock.hours)  # fmt: skip
    rows = (
        (response, "test_on_time", _number(found["cloud.test_on_time"]), "1"),
        (response, "provisioning_days", _provisioning(ledger), "working d"),
        (satisfaction, "satisfaction", math.nan, "1"),
        (quality, "availability", _number(found["cloud.availability"]), "1"),
        (quality, "service_lost", float(lost), "h"),
        (quality, "late_notices", _number(found["cloud.late_notices"]), "1"),
        (quality, "security", math.nan, "1"),
    )
    return [("provider", *row, clause) for row in rows]


def _provisioning(ledger: CloudLedger) -> float:
    """Return the mean working days from being ready for provisioning to its end."""
    elapsed, end = ledger.office.elapsed, ledger.clock.hours
    days = [
        (elapsed(v.done_h) - elapsed(v.ready_h)) / ledger.office.per_day
        for v in ledger.visits
        if v.stage == "provisioning" and v.done_h < end
    ]
    return float(np.mean(days)) if days else math.nan


def _users(ledger: CloudLedger, law: Law) -> list[Line]:
    efficiency, security, standards = law("cloud.review.users")
    clause, rules = law.clause("cloud.review.users"), ledger.cloud.use
    held = holdings(ledger, step_times(ledger))
    rows: list[Line] = []
    for number, payer in enumerate(PAYERS):
        mine = held.system & (held.payer == number)
        total = held.vcpu[mine].sum()
        if total <= 0:
            continue
        idle = mine & (held.use < rules.idle_below)
        over = mine & ~idle & (held.use < rules.over_below)
        for name, some in (("idle", idle), ("overprovisioned", over)):
            share = float(held.vcpu[some].sum() / total)
            rows.append((payer, efficiency, name, share, "1", clause))
    rows.append(("users", security, "security", math.nan, "1", clause))
    rows.append(("users", standards, "standards", math.nan, "1", clause))
    return rows


def settlement(ledger: CloudLedger) -> pd.DataFrame:
    """第二十九条: what each payer owes for each year of the period, settled in the year after."""
    frame = pd.DataFrame(fee_lines(ledger), columns=list(Fee._fields))
    return frame.assign(settled_in=frame["year"] + 1)


def _number(value: float | None) -> float:
    return math.nan if value is None else value
