"""The figures of a summary as data, which the terminal and the page lay out each in its way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import inf, nan, sqrt
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zibo_sim.experiment import Replications, interval
from zibo_sim.law import Law, book
from zibo_sim.metrics import METRICS
from zibo_sim.scenario import Scenario
from zibo_sim.words import Scale, quantity, scale, word

AIR_PLAN, ALERT_PLAN = "淄政办字〔2018〕144号", "淄政办字〔2018〕145号"
CLOUD_RULES, HEATING_PRICES = "淄政办字〔2018〕147号", "淄政办字〔2018〕139号"
DOCUMENTS = (HEATING_PRICES, AIR_PLAN, ALERT_PLAN, CLOUD_RULES)
_ROUNDING = 1e-9
_VALUED = ("deaths_avoided", "benefit_low", "benefit_high", "cost", "break_even")

_Note = Callable[[NDArray[np.bool_], str], str]


@dataclass(frozen=True)
class Row:
    """One line of a summary: what it is, the figure, its interval, what to know about it."""

    label: str
    number: str = ""
    unit: str = ""
    interval: str = ""
    note: str = ""


@dataclass(frozen=True)
class Section:
    """Lines that belong together, the clause they rest on, and footnotes."""

    title: str
    clause: str
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()


def wilson(hits: int, of: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return Wilson's interval of a probability seen `hits` times in `of` tries."""
    if of == 0:
        return nan, nan
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share, spread = hits / of, z * z / of
    middle = (share + spread / 2) / (1 + spread)
    half = z * sqrt(share * (1 - share) / of + spread / (4 * of)) / (1 + spread)
    return max(middle - half, 0.0), min(middle + half, 1.0)


def sections(reps: Replications, lang: str) -> list[Section]:
    """Return the figures of many runs, section by section.

    Parameters
    ----------
    reps : Replications
    lang : {"zh", "en"}
    """
    found = [_targets(reps, lang), _air(reps, lang), _cloud(reps, lang), _heating(reps, lang)]
    return [*found, *_valuation(reps, lang)]


def metric_row(reps: Replications, name: str, label: str, lang: str, note: str = "") -> Row:
    """Return the row of a metric; it says so where only some winters define it."""
    mean, low, high, _, runs = reps.summary.loc[name, ["mean", "low", "high", "unit", "runs"]]
    if 0 < runs < len(reps) and not note:
        note = word("summary.defined_in", lang, runs=runs)
    plain = scale(name, METRICS[name].unit, mean, lang)
    return _row(label, plain, (mean, low, high), note)


def _row(
    label: str, plain: Scale, figures: tuple[float, ...], note: str, sign: bool = False
) -> Row:
    mean, low, high = figures[:3]
    unit = plain.unit if np.isfinite(mean) else ""
    return Row(label, plain.number(mean, sign), unit, plain.interval(low, high, sign), note)


# ---- targets -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Target:
    """One target of 144号 一(一): the values it is held against and its upper limit."""

    key: str
    values: NDArray[np.float64]
    limit: float
    unit: str

    @property
    def met(self) -> NDArray[np.bool_]:
        """Is it met, run by run (of those that define it)."""
        known = self.values[np.isfinite(self.values)]
        return known <= self.limit + _ROUNDING


def base_winter() -> tuple[float, float]:
    """144号 一(一): PM2.5 and heavy days of the winter before, as the printed targets imply."""
    law = book()
    mean = law("target.pm25_mean") / (1 + law("target.pm25_change"))
    return float(mean), float(law("target.heavy_days") - law("target.heavy_days_change"))


def season_targets(reps: Replications) -> list[Target]:
    """Return the four targets, absolute and against the winter before.

    Fragments of a winter are held against no other winter.
    """
    law, (pm25_before, heavy_before) = reps.scenario.law_book(), base_winter()
    pm25 = reps.metrics["air.pm25_mean"].to_numpy(dtype=float)
    heavy = reps.metrics["air.heavy_days"].to_numpy(dtype=float)
    whole = np.nan if unjudged(reps) else 0.0
    return [
        Target("pm25_mean", pm25, law("target.pm25_mean"), "µg/m³"),
        Target("heavy_days", heavy, law("target.heavy_days"), "d"),
        Target("pm25_change", pm25 / pm25_before - 1 + whole, law("target.pm25_change"), "1"),
        Target("heavy_change", heavy - heavy_before + whole, law("target.heavy_days_change"), "d"),
    ]


def _targets(reps: Replications, lang: str) -> Section:
    first, second, *changes = season_targets(reps)
    note = _no_verdict if unjudged(reps) else _verdict if measured(reps) else met_note
    both = reps.metrics["air.target_met"].dropna().to_numpy() == 1
    rows = [
        *(_target_row(target, note, lang) for target in (first, second)),
        Row(word("summary.both", lang), note=note(both, lang)),
        *(_target_row(target, note, lang, sign=True) for target in changes),
    ]
    clause = reps.scenario.law_book().clause("target.pm25_mean")
    return Section(word("summary.targets", lang), clause, tuple(rows), _target_notes(reps, lang))


def measured(reps: Replications) -> bool:
    """Say whether the air was a record: then nobody knows it without measures."""
    return bool(reps.metrics["air.pm25_mean_no_measures"].isna().all())


def unjudged(reps: Replications) -> bool:
    """Say whether the air is a record too incomplete to judge the season's targets by."""
    known = reps.metrics["air.pm25_mean"].notna() & reps.metrics["air.heavy_days"].notna()
    return measured(reps) and bool(known.any() and reps.metrics["air.target_met"].isna().all())


def _target_row(target: Target, note: _Note, lang: str, sign: bool = False) -> Row:
    share = target.unit == "1"
    plain = Scale(100.0, 1, "%") if share else scale(target.key, target.unit, target.limit, lang)
    plain = replace(plain, low=-inf)
    per_cent = f"{100 * target.limit:g}%".replace("-", "−")
    limit = per_cent if share else quantity(target.limit, target.unit, lang)
    name = word(f"summary.{target.key}", lang)
    label = word("summary.at_most", lang, name=name, limit=limit)
    mean, low, high, _ = interval(target.values)
    ends = (low, high) if note is met_note else (nan, nan)
    return _row(label, plain, (mean, *ends), note(target.met, lang), sign)


def _no_verdict(met: NDArray[np.bool_], lang: str) -> str:
    return word("summary.unjudged", lang)


def _verdict(met: NDArray[np.bool_], lang: str) -> str:
    """Say whether a target is met by a record, which is the same in every run."""
    if len(met) == 0:
        return ""
    return word("summary.is_met" if met.all() else "summary.is_missed", lang)


def met_note(met: NDArray[np.bool_], lang: str) -> str:
    """Say in what share of the winters something was met: share, its interval, the count."""
    hits, of = int(met.sum()), len(met)
    if of == 0:
        return ""
    plain = Scale(100.0, 0, "%")
    interval = plain.interval(*wilson(hits, of))
    share = plain.figure(hits / of)
    return word("summary.met", lang, share=share, interval=interval, met=hits, runs=of)


def _target_notes(reps: Replications, lang: str) -> tuple[str, ...]:
    law, (pm25, heavy) = book(), base_winter()
    notes = [
        word(
            "summary.base_note", lang, pm25=f"{pm25:.1f}", heavy=f"{heavy:g}",
            mean=f"{law('target.pm25_mean'):g}", fall=f"{-100 * law('target.pm25_change'):g}%",
            days=f"{law('target.heavy_days'):g}", fewer=f"{-law('target.heavy_days_change'):g}",
        )
    ]  # fmt: skip
    if unjudged(reps):
        least = f"{100 * reps.scenario.air.record.valid_days_share:g}%"
        notes.insert(0, word("summary.not_judged", lang, least=least))
    start, end = law("target.period.start"), law("target.period.end")
    if not _covers(reps.scenario, start, end):
        notes.append(word("summary.other_period", lang, start=start, end=end))
    return tuple(notes)


def _covers(scenario: Scenario, start: str, end: str) -> bool:
    period = scenario.period
    return f"{period.start:%m-%d}" == start and f"{period.end:%m-%d}" == end


# ---- the domains -------------------------------------------------------------------------

_Labelled = Callable[..., Row]


def _rows_of(reps: Replications, lang: str) -> _Labelled:
    def row(name: str, key: str, note: str = "", **filled: Any) -> Row:
        return metric_row(reps, name, word(f"summary.{key}", lang, **filled), lang, note)

    return row


def _air(reps: Replications, lang: str) -> Section:
    row, law = _rows_of(reps, lang), reps.scenario.law_book()
    heavy = word("summary.false_note", lang, aqi=law("alert.aqi.heavy"))
    lead = word("summary.lead_note", lang, hours=law("alert.lead.hours"))
    rows = (
        row("air.pm25_mean_no_measures", "pm25_no_measures"),
        row("air.heavy_days_no_measures", "heavy_no_measures"),
        row("air.alerts", "alerts"),
        *(row(f"air.alert_days_{level}", level) for level in ("yellow", "orange", "red")),
        row("air.false_alerts", "false", heavy),
        row("air.missed_episodes", "missed", word("summary.missed_note", lang)),
        row("air.lead_time_h", "lead", lead),
    )
    return Section(word("summary.air", lang), f"{ALERT_PLAN} 四", rows)


def _cloud(reps: Replications, lang: str) -> Section:
    row, law = _rows_of(reps, lang), reps.scenario.law_book()
    clocks = [
        row(f"cloud.{clock}_on_time", clock, _path(law, f"cloud.{clock}.days"),
            days=_days(law, f"cloud.{clock}.days", lang))
        for clock in ("accept", "opinion", "test")
    ]  # fmt: skip
    rows = (
        *clocks,
        row("cloud.lead_time_p50", "p50"),
        row("cloud.lead_time_p95", "p95"),
        row("cloud.audit_utilisation", "utilisation"),
    )
    return Section(word("summary.cloud", lang), CLOUD_RULES, rows)


def _days(law: Law, key: str, lang: str) -> str:
    return quantity(law(key), law.entry(key).unit, lang)


def _path(law: Law, key: str) -> str:
    return law.entry(key).path


def _heating(reps: Replications, lang: str) -> Section:
    row = _rows_of(reps, lang)
    rows = (
        row("heating.revenue", "revenue"),
        row("heating.mean_bill", "mean_bill"),
        row("heating.subsidy", "subsidy"),
        row("heating.metered_paying_less", "less"),
        row("heating.demand_kwh_m2", "demand"),
    )
    return Section(word("summary.heating", lang), HEATING_PRICES, rows)


def _valuation(reps: Replications, lang: str) -> Iterator[Section]:
    """Yield what the winter's measures are worth, where the scenario asks for it."""
    names = [f"valuation.{name}" for name in _VALUED]
    labels = {n: METRICS[n].zh if lang == "zh" else METRICS[n].en.capitalize() for n in names}
    rows = tuple(metric_row(reps, n, labels[n], lang) for n in names if n in reps.summary.index)
    if rows:
        yield Section(word("summary.valuation", lang), "", rows)
