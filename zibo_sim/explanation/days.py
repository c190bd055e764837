"""Heavy days, the season's mean, and the targets set for both."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from zibo_sim.air.simulated import SimulatedAir
from zibo_sim.air.stretches import LEVELS
from zibo_sim.clock import HOURS_PER_DAY
from zibo_sim.explanation.case import Case, colour
from zibo_sim.explanation.said import Statement, Word
from zibo_sim.outcomes import calling

_CUTS = ("cut_so2", "cut_nox", "cut_pm", "cut_voc")


def heavy_days(case: Case, metric: str) -> Iterator[Statement]:
    """Explain ``air.heavy_days`` and ``air.severe_days``: each day, its alert and its cuts."""
    severe = metric == "air.severe_days"
    rule = "alert.aqi.severe" if severe else "alert.aqi.heavy"
    limit, daily = case.law(rule), case.facts.daily_aqi
    days = np.flatnonzero(daily > limit)
    dusty = case.air.air.dust.reshape(-1, HOURS_PER_DAY).any(axis=1)
    unknown = np.isnan(daily) & ~dusty
    yield case.say("days.sum", rule, "aqi.valid_hours", count=len(days), limit=limit,
                   valid=int(np.isfinite(daily).sum()), dusty=int(dusty.sum()),
                   unknown=int(unknown.sum()))  # fmt: skip
    covered = _called(case)
    for day in days.tolist():
        yield from _heavy_day(case, day, covered)


def _called(case: Case) -> np.ndarray:
    """Return the days on which an episode lies that calls for an alert."""
    found = np.zeros(case.clock.days, dtype=bool)
    for e in calling(case.facts):
        found[max(e.start, 0) // HOURS_PER_DAY : e.end // HOURS_PER_DAY + 1] = True
    return found


def _heavy_day(case: Case, day: int, called: np.ndarray) -> Iterator[Statement]:
    inside = slice(HOURS_PER_DAY * day, HOURS_PER_DAY * (day + 1))
    levels = [LEVELS[i] for i in np.unique(case.facts.level[inside]) if i]
    about: dict[str, Any] = {
        "date": case.day(day), "aqi": float(case.facts.daily_aqi[day]),
        "without": float(case.facts.daily_aqi_no_measures[day]),
    }  # fmt: skip
    if not levels:
        rule = "alert.condition" if called[day] else "alert.yellow.days"
        key = "days.unwarned" if called[day] else "days.too_short"
        key += "" if np.isfinite(about["without"]) else "_measured"
        yield case.say(key, rule, depth=1, days=case.law("alert.yellow.days"), **about)
        return
    cuts = case.run.series.iloc[inside][list(_CUTS)].mean()
    shares = {name: 100 * float(cuts[name]) for name in _CUTS}
    known = bool(np.isfinite(list(shares.values())).all())
    under = tuple(colour(level) for level in levels)
    yield case.say("days.warned" if known else "days.warned_measured",
                   f"alert.cut.{levels[-1]}.so2", depth=1, levels=under, **about,
                   **shares)  # fmt: skip


def pm25_mean(case: Case, metric: str) -> Iterator[Statement]:
    """Explain ``air.pm25_mean``: its months, and the hours under response."""
    del metric
    series, limit = case.run.series, case.law("target.pm25_mean")
    pm25 = series["pm25"]
    known = int(pm25.notna().sum())
    yield case.say("mean.sum", "target.pm25_mean", hours=known, of=len(pm25),
                   mean=float(pm25.mean()), limit=limit)  # fmt: skip
    for month, values in pm25.groupby(pm25.index.to_period("M")):
        part = float(values.sum()) / known if known else float("nan")
        yield case.say("mean.month", "target.pm25_mean", depth=1, mean=float(values.mean()),
                       month=Word(f"month.{month.month:02d}"), year=month.year, part=part,
                       hours=int(values.notna().sum()))  # fmt: skip
    without = series["pm25_no_measures"]
    sky = case.air.air
    if isinstance(sky, SimulatedAir):
        on = np.zeros(len(pm25), dtype=bool)
        for given in sky.responses:
            on[given.begin : given.end] = True
        yield case.say("mean.measures", "alert.measures.aim", without=float(without.mean()),
                       fall=float((without - pm25).mean()), hours=int(on.sum()),
                       under=float((without - pm25)[on].mean()))  # fmt: skip


def target_met(case: Case, metric: str) -> Iterator[Statement]:
    """Explain ``air.target_met``: both targets, and by how much they are met or missed."""
    del metric
    values = {"pm25_mean": case.facts.pm25_mean, "heavy_days": case.facts.heavy_days}
    missed = case.facts.targets_missed
    if missed is None:
        yield case.say("target.unknown", "target.pm25_mean")
    for name, value in values.items():
        limit = float(case.law(f"target.{name}"))
        key = "met" if value <= limit else "missed"
        yield case.say(f"target.{name}_{key}", f"target.{name}", value=value, limit=limit,
                       by=abs(value - limit))  # fmt: skip
    yield from heavy_days(case, "air.heavy_days")
    yield from pm25_mean(case, "air.pm25_mean")
