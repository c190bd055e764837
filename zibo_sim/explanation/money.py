"""Heating revenue, bills and subsidies: what they are made of, clause by clause."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from zibo_sim.explanation.case import Case
from zibo_sim.explanation.said import Statement, Who, Word
from zibo_sim.metrics import METRICS

_CENT = 0.005
_METER = "heating.metered.total"
#: Which subsidy each of the units on the lists is for.
_EACH = {"households": "heating.subsidy.household", "persons": "heating.subsidy.person"}


def _rows(case: Case, event: str) -> pd.DataFrame:
    events = case.run.events
    return events[(events["domain"] == "heating") & (events["event"] == event)]


def revenue(case: Case, metric: str) -> Iterator[Statement]:
    """Explain ``heating.revenue`` and its metered part: every bill run and its clause."""
    value, billed = METRICS[metric].measure(case.facts), _rows(case, "billed")
    if metric.endswith("_metered"):
        billed = billed[billed["entity"] == "dwellings by meter"]
    if not np.isfinite(value):
        yield case.say("money.unknown", "heating.season.start", "heating.season.end")
        value = 0.0
    else:
        yield case.say("money.revenue", "heating.price.residential", _METER, total=value / 1e6,
                       runs=len(billed))  # fmt: skip
    for _, row in billed.iterrows():
        share = 100 * row["value"] / value if value else float("nan")
        yield case.say(
            "money.billed", row["clause"], depth=1, amount=row["value"] / 1e6, share=share,
            time=row["time"].to_pydatetime(), who=Word(f"payer.{_payer(row)}"),
        )  # fmt: skip
    left = float(billed["value"].sum()) - value
    if abs(left) > _CENT:
        yield case.say("money.not_counted", "heating.season.end", depth=1, amount=left / 1e6)
    if metric == "heating.revenue":
        yield from _collected(case)


def _payer(row: pd.Series) -> str:
    if row["stage"] != "residential":
        return str(row["stage"])
    return "by_meter" if row["entity"] == "dwellings by meter" else "by_area"


def _collected(case: Case) -> Iterator[Statement]:
    rows, arrears = _rows(case, "collected"), case.outcome.heating.arrears
    if len(rows):
        by = rows.groupby("stage")["value"].sum()
        yield case.say(
            "money.collected", rows.iloc[0]["clause"], on_time=float(by.get("on_time", 0.0)) / 1e6,
            late=float(by.get("late", 0.0)) / 1e6, arrears=(arrears or 0.0) / 1e6,
        )  # fmt: skip


def mean_bill(case: Case, metric: str) -> Iterator[Statement]:
    """Explain ``heating.mean_bill``: dwellings by area and by meter."""
    del metric
    ledger = case.outcome.heating
    bills = {"by_area": ledger.area_bills, "by_meter": ledger.metered_bills}
    rules = {"by_area": "heating.price.residential", "by_meter": _METER}
    price = float(case.law("heating.price.residential"))
    yield case.say("money.mean", "heating.price.residential", _METER, price=price,
                   count=sum(map(len, bills.values())))  # fmt: skip
    for name, amounts in bills.items():
        if len(amounts):
            yield case.say(
                "money.group", rules[name], depth=1, who=Word(f"payer.{name}"), count=len(amounts),
                mean=float(amounts.mean()), amount=float(amounts.sum()) / 1e6,
                median=float(np.median(amounts)),
            )  # fmt: skip


def metered_paying_less(case: Case, metric: str) -> Iterator[Statement]:
    """Explain ``heating.metered_paying_less``: both bills, the heat used and the break-even."""
    del metric
    ledger = case.outcome.heating
    pairs = list(zip(ledger.metered_fen, ledger.metered_at_area_fen, strict=True))
    rules = (_METER, "heating.price.residential")
    if not any(len(m) for m, _ in pairs):
        yield case.say("money.unknown", "heating.season.start", "heating.season.end")
        return
    metered = np.concatenate([m for m, _ in pairs]) / 100
    area = np.concatenate([a for _, a in pairs]) / 100
    yield case.say("money.less", *rules, less=int((metered < area).sum()), count=len(area),
                   metered=float(metered.mean()), area=float(area.mean()))  # fmt: skip
    yield case.say(
        "money.break_even", "heating.metered.residential.basic",
        "heating.metered.residential.rate", "heating.price.residential", depth=1,
        even=float(ledger.break_even or np.nan), used=float(ledger.demand_kwh_m2 or np.nan),
        basic=float(case.law("heating.metered.residential.basic")),
        rate=float(case.law("heating.metered.residential.rate")),
        price=float(case.law("heating.price.residential")),
    )  # fmt: skip


def subsidy(case: Case, metric: str) -> Iterator[Statement]:
    """Explain ``heating.subsidy``: who was listed, who paid what when, who bore it."""
    value, paid = METRICS[metric].measure(case.facts), _rows(case, "paid")
    if np.isfinite(value):
        yield case.say("money.subsidy", "heating.subsidy.household", "heating.subsidy.person",
                       total=value / 1e6)  # fmt: skip
    else:
        yield case.say("money.no_subsidy", "heating.subsidy.deadline")
    for _, row in _rows(case, "listed").iterrows():
        yield case.say("money.listed", row["clause"], depth=1, office=Who(row["entity"]),
                       count=int(row["value"]), unit=Word(f"unit.{row['unit']}"),
                       time=row["time"].to_pydatetime(),
                       each=float(case.law(_EACH[row["unit"]])))  # fmt: skip
    for _, row in paid.iterrows():
        yield case.say(f"money.paid_{row['stage']}", row["clause"], "heating.subsidy.deadline",
                       depth=1, office=Who(row["entity"]), amount=row["value"] / 1e6,
                       time=row["time"].to_pydatetime())  # fmt: skip
    for _, row in _rows(case, "funded").iterrows():
        yield case.say("money.funded", row["clause"], depth=2, amount=row["value"] / 1e6,
                       office=Who(row["entity"]), unit=Word(f"unit.{row['stage']}"))  # fmt: skip
