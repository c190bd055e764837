"""What a run, a comparison and a study come to, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import inf, isfinite
from typing import Any

import numpy as np
import pandas as pd

from zibo_sim.comparison import FALLS, NOTHING_SHOWN, RISES
from zibo_sim.experiment import Replications
from zibo_sim.metrics import METRICS
from zibo_sim.report.figures import unjudged
from zibo_sim.words import Scale, quantity, scale, word

#: What planners ask first, in this order.
HEADLINES = (
    "air.pm25_mean", "air.heavy_days", "air.target_met", "air.alerts", "air.alert_days",
    "air.false_alerts", "air.missed_episodes", "air.lead_time_h", "cloud.accept_on_time",
    "cloud.opinion_on_time", "cloud.test_on_time", "cloud.lead_time_p50",
    "cloud.audit_utilisation", "heating.mean_bill", "heating.revenue", "heating.subsidy",
    "heating.metered_paying_less", "heating.demand_kwh_m2",
)  # fmt: skip


def metric_name(name: str, lang: str) -> str:
    """Return what a metric is called."""
    return METRICS[name].zh if lang == "zh" else METRICS[name].en


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


def scales(metric: str, row: Mapping[str, Any], lang: str) -> tuple[Scale, Scale]:
    """Return how values of a row and how their difference are written: finer where it is small."""
    largest = max((abs(row[k]) for k in ("base", "variant") if isfinite(row[k])), default=0.0)
    plain = scale(metric, METRICS[metric].unit, largest, lang)
    gap = abs(float(row["difference"])) * plain.factor
    more = 1 if 0 < gap < 10 ** (1 - plain.digits) else 0
    return plain, replace(plain, low=-inf, high=inf, digits=plain.digits + more)


def moves(row: Mapping[str, Any]) -> bool:
    """Say whether a metric differs in any pair."""
    return bool(row["pairs"]) and (row["difference"], row["low"], row["high"]) != (0, 0, 0)


def verdicts(table: pd.DataFrame, lang: str) -> str:
    """Say how many metrics rise, fall, show no difference or are equal in every pair."""
    known = [row for row in table.to_dict("records") if row["pairs"]]
    apart = [row["verdict"] for row in known if moves(row)]
    text = word(
        "page.counts", lang, count=len(known), rises=apart.count(RISES), falls=apart.count(FALLS),
        none=apart.count(NOTHING_SHOWN), equal=len(known) - len(apart),
    )  # fmt: skip
    left = len(table) - len(known)
    space = "" if lang == "zh" else " "
    return text + (space + word("page.undefined", lang, count=left) if left else "")


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
            lines.append(word(f"page.{key}", lang, metrics=_listed(names, lang)))
    return lines


def _listed(names: Sequence[str], lang: str) -> str:
    return ("、" if lang == "zh" else ", ").join(metric_name(name, lang) for name in names)


def moved_line(name: str, row: Mapping[str, Any], lang: str) -> str:
    """Say of one metric what it was, what it becomes and how sure the difference is."""
    plain, fine = scales(name, row, lang)
    said = word(
        "page.moved", lang, metric=metric_name(name, lang),
        verdict=word(f"verdict.{row['verdict']}", lang), base=plain.number(row["base"]),
        variant=plain.figure(row["variant"]), difference=fine.number(row["difference"], sign=True),
        interval=fine.interval(row["low"], row["high"], sign=True),
    )  # fmt: skip
    return said[:1].upper() + said[1:]
