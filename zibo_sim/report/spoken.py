"""What a run, a comparison and a study come to, in sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import isfinite
from typing import Any

import numpy as np
import pandas as pd

from zibo_sim.comparison import FALLS, NOTHING_SHOWN, RISES
from zibo_sim.experiment import Replications
from zibo_sim.metrics import METRICS, said_metric
from zibo_sim.report.figures import unjudged
from zibo_sim.verdicts import moves, scales, sort_out
from zibo_sim.words import listed, quantity, scale, word

#: What planners ask first, in this order.
HEADLINES = (
    "air.pm25_mean", "air.heavy_days", "air.target_met", "air.alerts", "air.alert_days",
    "air.false_alerts", "air.missed_episodes", "air.lead_time_h", "cloud.accept_on_time",
    "cloud.opinion_on_time", "cloud.test_on_time", "cloud.lead_time_p50",
    "cloud.audit_utilisation", "heating.mean_bill", "heating.revenue", "heating.subsidy",
    "heating.metered_paying_less", "heating.demand_kwh_m2",
)  # fmt: skip


def in_words(reps: Replications, lang: str) -> Iterator[str]:
    """Yield a sentence each on the air, the alerts, the cloud and heating; none on what is unknown.

    Parameters
    ----------
    reps : Replications
    lang : {"zh", "en"}
    """
    law = reps.scenario.law_book()
    met = 0 if unjudged(reps) else int((reps.metrics["air.target_met"] == 1).sum())
    asked = {
        "words_air" if len(reps) > 1 else "words_air_one": (
            {"mean": "air.pm25_mean", "heavy": "air.heavy_days"},
            {"runs": len(reps), "met": met,
             "target": quantity(law("target.pm25_mean"), "µg/m³", lang),
             "days": quantity(law("target.heavy_days"), "d", lang)},
        ),
        "words_free": (
            {"mean": "air.pm25_mean_no_measures", "heavy": "air.heavy_days_no_measures"}, {}),
        "words_alerts": (
            {"alerts": "air.alerts", "days": "air.alert_days", "false": "air.false_alerts",
             "missed": "air.missed_episodes"}, {}),
        "words_cloud": ({"opinion": "cloud.opinion_on_time", "p50": "cloud.lead_time_p50"}, {}),
        "words_heating": (
            {"bill": "heating.mean_bill", "less": "heating.metered_paying_less"}, {}),
    }  # fmt: skip
    for key, (names, more) in asked.items():
        means = {
            part: float(reps.summary["mean"].get(name, np.nan)) for part, name in names.items()
        }
        if all(map(isfinite, means.values())) and not (
            key.startswith("words_air") and unjudged(reps)
        ):
            figures = {part: _figure(names[part], mean, lang) for part, mean in means.items()}
            yield word(f"page.{key}", lang, **figures, **more)


def _figure(name: str, value: float, lang: str) -> str:
    return scale(name, METRICS[name].unit, value, lang).figure(value)


# ---- comparisons -------------------------------------------------------------------------


def verdicts(table: pd.DataFrame, lang: str) -> str:
    """Say how many metrics rise, fall, show no difference or are equal in every pair."""
    found = sort_out([table])
    apart = [str(said) for said in table.loc[found.moved, "verdict"]]
    text = word(
        "page.counts", lang, count=len(apart) + len(found.equal), rises=apart.count(RISES),
        falls=apart.count(FALLS), none=apart.count(NOTHING_SHOWN), equal=len(found.equal),
    )  # fmt: skip
    left = len(found.undefined)
    space = "" if lang == "zh" else " "
    return text + (space + word("page.undefined", lang, count=left) if left else "")


def most_telling(tables: Iterable[pd.DataFrame], most: int) -> list[str]:
    """Return at most so many of the metrics that differ, the most telling, in their order.

    First what planners ask first, then what rises or falls, the surest first.

    Parameters
    ----------
    tables : iterable of DataFrame
        One a variant.
    most : int
    """
    tables = list(tables)
    moved = sort_out(tables).moved
    surest = {
        name: max(_sureness(table.loc[name]) for table in tables if name in table.index)
        for name in moved
    }
    ranked = sorted(moved, key=lambda name: (name not in HEADLINES, -surest[name]))
    return [name for name in moved if name in ranked[:most]]


def _sureness(row: Mapping[str, Any]) -> float:
    """Return how many half-widths of its interval a difference is away from zero."""
    half = (row["high"] - row["low"]) / 2
    if not row["pairs"] or not isfinite(half):
        return 0.0
    return abs(float(row["difference"])) / half if half else float("inf")


def headline_lines(table: pd.DataFrame, lang: str) -> list[str]:
    """Say of the headlines which rise and fall and by how much, and which do not."""
    rows = {name: dict(table.loc[name]) for name in HEADLINES if name in table.index}
    shown = {name: row for name, row in rows.items() if row["pairs"]}
    lines = [
        moved_line(name, row, lang)
        for name, row in shown.items()
        if row["verdict"] != NOTHING_SHOWN
    ]
    still = {"unmoved": [n for n, r in shown.items() if r["verdict"] == NOTHING_SHOWN and moves(r)],
             "same": [n for n, r in shown.items() if not moves(r)]}  # fmt: skip
    for key, names in still.items():
        if names:
            said = {"count": len(names), "metrics": _listed(names, lang)}
            lines.append(word(f"page.{key}", lang, **said))
    return lines


def _listed(names: Sequence[str], lang: str) -> str:
    return listed((said_metric(name, lang) for name in names), lang)


def moved_line(name: str, row: Mapping[str, Any], lang: str) -> str:
    """Say of one metric what it was, what it becomes and how sure the difference is."""
    plain, fine = scales(name, row, lang)
    number = fine.number(row["difference"], sign=True)
    said = word(
        "page.moved", lang, metric=said_metric(name, lang),
        verdict=word(f"page.{row['verdict']}", lang), base=plain.number(row["base"]),
        variant=plain.figure(row["variant"]),
        difference=f"{number} {fine.span(row['low'], row['high'], sign=True)}",
    )  # fmt: skip
    return said[:1].upper() + said[1:]
