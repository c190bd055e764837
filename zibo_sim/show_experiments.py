"""What comparisons, choices, searches and audits print, in Chinese or English, and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from zibo_sim.audit import IN_STEP, OUT_OF_STEP
from zibo_sim.comparison import YES_NO, Comparison
from zibo_sim.contrasts import LEAST_PAIRS, QUANTILES, RESAMPLES
from zibo_sim.goals import FOUND, NONE, Sought
from zibo_sim.metrics import METRICS, said_metric
from zibo_sim.precision import Aim, Precision
from zibo_sim.selection import Selection
from zibo_sim.show import number
from zibo_sim.text import table
from zibo_sim.verdicts import EQUAL, moves, said_narrowing, told
from zibo_sim.words import bracketed, labelled, listed, unit_said, word

_REASONS = ("rare", "yes_no", "signed", "undefined")


def _figure(value: float) -> str:
    if not np.isfinite(value):
        return "–"
    return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.4g}"


def _range(low: float, high: float) -> str:
    return f"{_figure(low)} … {_figure(high)}"


def _percent(share: float) -> str:
    return f"{100 * share:.4g}%"


def _heads(group: str, keys: str, lang: str) -> list[str]:
    return [word(f"{group}.{key}", lang) for key in keys.split()]


# ---- comparisons -------------------------------------------------------------------------


def compare_json(name: str, comparison: Comparison) -> dict[str, Any]:
    """Return the object that ``compare --json`` prints: by variant, by metric."""
    said: dict[str, Any] = {
        "scenario": name,
        "seed": comparison.base.seed,
        "replications": len(comparison.base),
        "variants": {
            arm: {metric: _compared(row) for metric, row in rows.iterrows()}
            for arm, rows in comparison.tables.items()
        },
        "simultaneous": comparison.simultaneous,
        "pairing": {
            arm: {metric: _gained(row) for metric, row in rows.iterrows()}
            for arm, rows in comparison.pairings.items()
        },
        "quantiles": {arm: _quantiles(comparison, arm) for arm in comparison.variants},
    }
    if comparison.precision is not None:
        said["precision"] = _precision_json(comparison.precision)
    return said


def _compared(row: Mapping[str, Any]) -> dict[str, Any]:
    figures = {k: number(row[k]) for k in ("base", "variant", "difference", "low", "high")}
    return {**figures, "pairs": int(row["pairs"]), "verdict": row["verdict"]}


def _gained(row: Mapping[str, Any]) -> dict[str, float | None]:
    return {k: number(row[k]) for k in ("correlation", "variance_ratio", "narrowing")}


def _quantiles(comparison: Comparison, arm: str) -> dict[str, dict[str, Any]]:
    rows = _arm_of(comparison.quantiles, comparison, arm)
    return {
        metric: {f"p{100 * q:.0f}": _compared(rows.loc[(metric, q)]) for q in QUANTILES}
        for metric in comparison.tables[arm].index
    }


def _arm_of(frame: pd.DataFrame, comparison: Comparison, arm: str) -> pd.DataFrame:
    return frame if len(comparison.variants) == 1 else frame.xs(arm, level="variant_name")


def _precision_json(told: Precision) -> dict[str, Any]:
    metrics: dict[str, dict[str, Any]] = {}
    for aim in told.aims:
        metrics.setdefault(aim.variant, {})[aim.metric] = {
            "half_width": number(aim.half_width),
            "wanted": number(aim.wanted),
            "counts": aim.counts,
            "reached": aim.reached,
        }
    return {
        "asked": told.asked,
        "reached": told.reached,
        "stopped_by": "precision" if told.reached else "bound",
        "replications": told.replications,
        "most": told.most,
        "stages": list(told.stages),
        "metrics": metrics,
    }


def compare_text(comparison: Comparison, lang: str, quantiles: bool = False) -> str:
    """Return paired differences with their intervals and verdicts, variant by variant."""
    blocks = [_block(comparison, arm, lang) for arm in comparison.variants]
    if quantiles:
        blocks += [_quantile_block(comparison, arm, lang) for arm in comparison.variants]
    return "\n\n".join([*blocks, "\n".join(_notes(comparison, lang, quantiles))])


def _block(comparison: Comparison, arm: str, lang: str) -> str:
    header = _heads("compare", "metric unit base variant difference interval verdict pairing", lang)
    gained = comparison.pairings[arm]["narrowing"]
    lines = [
        (
            said_metric(metric, lang),
            unit_said(METRICS[metric].unit, lang),
            *(_figure(row[k]) for k in ("base", "variant", "difference")),
            _range(row["low"], row["high"]),
            word(f"verdict.{told(row)}", lang) if told(row) else "–",
            "" if told(row) == EQUAL else said_narrowing(gained[metric]),
        )
        for metric, row in comparison.tables[arm].iterrows()
    ]
    said = word("compare.pairs", lang, pairs=len(comparison.base))
    return f"{arm}{bracketed(said, lang)}\n{table(header, lines, right=(2, 3, 4, 7))}"


def _quantile_block(comparison: Comparison, arm: str, lang: str) -> str:
    header = _heads(
        "compare", "metric unit quantile base variant difference interval verdict", lang
    )
    lines = [
        (
            said_metric(metric, lang),
            unit_said(METRICS[metric].unit, lang),
            f"P{100 * quantile:.0f}",
            *(_figure(row[k]) for k in ("base", "variant", "difference")),
            _range(row["low"], row["high"]),
            word(f"verdict.{row['verdict']}", lang),
        )
        for (metric, quantile), row in _arm_of(comparison.quantiles, comparison, arm).iterrows()
        if moves(comparison.tables[arm].loc[metric]) and not metric.endswith(YES_NO)
    ]
    title = word("compare.quantile_title", lang)
    return f"{labelled(arm, title, lang)}\n{table(header, lines, right=(3, 4, 5))}"


def _notes(comparison: Comparison, lang: str, quantiles: bool) -> list[str]:
    notes, count = [word("compare.pairing_note", lang)], len(comparison.variants)
    if quantiles:
        notes.append(word("compare.quantile_note", lang, resamples=RESAMPLES, least=LEAST_PAIRS))
    if comparison.simultaneous and count > 1:
        each = _percent(comparison.confidence)
        notes.append(word("compare.together", lang, variants=count, each=each))
    elif count > 1:
        notes.append(word("compare.each", lang, variants=count))
    if comparison.precision is not None:
        notes += precision_lines(comparison.precision, lang, several=count > 1)
    return notes


def precision_lines(told: Precision, lang: str, several: bool) -> list[str]:
    """Say whether the precision was reached or the bound was hit, and what stayed too wide."""
    counting = [aim for aim in told.aims if aim.counts]
    wanted = (
        word("precision.share", lang, share=_percent(told.asked))
        if isinstance(told.asked, float | int)
        else word("precision.named", lang)
    )
    if not counting:
        lines = [word("precision.no_aim", lang, pairs=told.replications)]
    elif told.reached:
        stages = ", ".join(map(str, told.stages))
        lines = [
            word("precision.reached", lang, pairs=told.replications, stages=stages,
                 most=told.most, count=len(counting), wanted=wanted)
        ]  # fmt: skip
    else:
        wide = told.too_wide
        lines = [word("precision.bound", lang, most=told.most, count=len(wide), wanted=wanted)]
        lines += [_too_wide(aim, lang, several) for aim in wide]
    return [*lines, *_not_counted(told, lang)]


def _too_wide(aim: Aim, lang: str, several: bool) -> str:
    half, wanted = _figure(aim.half_width), _figure(aim.wanted)
    variant = bracketed(aim.variant if several else "", lang)
    metric = said_metric(aim.metric, lang)
    return word("precision.wide", lang, metric=metric, variant=variant, half=half, wanted=wanted)


def _not_counted(told: Precision, lang: str) -> list[str]:
    left_out = {
        aim.metric: aim.why_not
        for aim in told.aims
        if aim.why_not in _REASONS
    }  # fmt: skip
    groups = []
    for reason in _REASONS:
        names = [said_metric(m, lang) for m, why in left_out.items() if why == reason]
        if names:
            why = word(f"precision.{reason}", lang)
            groups.append(labelled(why, listed(names, lang), lang))
    said = listed(groups, lang, "clause")
    return [word("precision.not_counted", lang, metrics=said)] if said else []


# ---- the best ----------------------------------------------------------------------------


def selection_json(found: Selection) -> dict[str, Any]:
    """Return the object under ``best`` of ``compare --json``."""
    return {
        "metric": found.metric,
        "indifference": found.delta,
        "confidence": found.confidence,
        "sense": "largest" if found.larger_is_better else "smallest",
        "best": found.best,
        "decided": found.decided,
        "arms": {
            arm: {
                "runs": int(row["runs"]),
                **{k: number(row[k]) for k in ("mean", "low", "high")},
                "verdict": row["verdict"],
            }
            for arm, row in found.table.iterrows()
        },
    }


def selection_text(found: Selection, lang: str) -> str:
    """Say which scenario is the best, with what guarantee, and what became of each."""
    sense = "largest" if found.larger_is_better else "smallest"
    unit = unit_said(METRICS[found.metric].unit, lang)
    delta = " ".join([f"{found.delta:g}", unit]).removesuffix(" 1").rstrip()
    title = word(f"best.title_{sense}", lang, metric=said_metric(found.metric, lang), delta=delta)
    lines = [
        (
            arm,
            f"{int(row['runs'])}",
            _figure(row["mean"]),
            _range(row["low"], row["high"]),
            word(f"best.{row['verdict']}", lang),
        )
        for arm, row in found.table.iterrows()
    ]
    laid = table(_heads("best", "arm runs mean interval verdict", lang), lines, right=(1, 2))
    said = word(
        "best.decided" if found.decided else "best.undecided",
        lang,
        best=found.best,
        **({"confidence": _percent(found.confidence), "delta": delta} if found.decided else {}),
    )
    return f"{title}\n{laid}\n{said}"


# ---- goals -------------------------------------------------------------------------------


def goal_json(name: str, seed: int, found: Sought) -> dict[str, Any]:
    """Return the object that ``seek --json`` prints."""
    goal = found.goal
    return {
        "scenario": name,
        "seed": seed,
        "key": found.key,
        "metric": goal.metric,
        "at_least" if goal.at_least else "at_most": goal.bound,
        "share": goal.share,
        "sense": "largest" if found.largest else "smallest",
        "outcome": found.outcome,
        "answer": found.answer,
        "monotone": found.monotone,
        "levels": [
            {
                "level": level,
                **{k: number(row[k]) for k in ("estimate", "low", "high")},
                "runs": int(row["runs"]),
                "verdict": row["verdict"],
            }
            for level, row in found.table.iterrows()
        ],
    }


def goal_text(found: Sought, lang: str) -> str:
    """Return the evidence, level by level, and the answer."""
    goal, levels = found.goal, found.levels
    key = f"goal.asked_{'mean' if goal.share is None else 'share'}"
    asked = word(
        f"{key}_{'least' if goal.at_least else 'most'}",
        lang,
        metric=said_metric(goal.metric, lang),
        bound=f"{goal.bound:g}",
        **({} if goal.share is None else {"share": _percent(goal.share)}),
    )
    title = word(
        "goal.largest" if found.largest else "goal.smallest",
        lang, goal=asked, name=found.key, low=min(levels), high=max(levels),
    )  # fmt: skip
    estimate = word(f"goal.estimate_{'mean' if goal.share is None else 'share'}", lang)
    header = [found.key, estimate, *_heads("goal", "interval runs verdict", lang)]
    lines = [
        (
            f"{level:g}",
            _figure(row["estimate"]),
            _range(row["low"], row["high"]),
            f"{int(row['runs'])}",
            word(f"goal.{row['verdict']}", lang),
        )
        for level, row in found.table.iterrows()
    ]
    said = [_answer(found, lang)]
    if not found.monotone:
        said.append(word("goal.not_monotone", lang))
    said.append(word("goal.how", lang))
    return "\n".join([title, table(header, lines, right=(0, 1, 3)), *said])


def _answer(found: Sought, lang: str) -> str:
    if found.outcome == NONE or found.answer is None:
        last = found.levels[-1]
        verdict = word(f"goal.none_{found.table.loc[last, 'verdict']}", lang)
        return word("goal.none", lang, level=f"{last:g}", verdict=verdict)
    place = found.levels.index(found.answer)
    if place == 0:
        beyond = word("goal.next_none", lang)
    else:
        key = "goal.next_fails" if found.outcome == FOUND else "goal.next_undecided"
        beyond = word(key, lang, level=f"{found.levels[place - 1]:g}")
    return word("goal.found", lang, answer=f"{found.answer:g}", next=beyond)


# ---- audits ------------------------------------------------------------------------------


def audit_json(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of an audit."""
    return [{str(k): v for k, v in row.items()} for row in frame.to_dict("records")]


def audit_text(
    frame: pd.DataFrame, lang: str, variant: str, seed: int, replication: int = 0
) -> str:
    """Name the streams out of step, and list what is not in step."""
    title = word("audit.title", lang, variant=variant, seed=seed, replication=replication)
    strays = frame[frame["verdict"] == OUT_OF_STEP]
    lines = [
        (
            row["stream"],
            word(f"audit.{row['kind']}", lang),
            f"{row['compared']}",
            f"{row['differing']}",
            row["first"],
            word(f"audit.{row['verdict']}", lang),
        )
        for row in frame[frame["verdict"] != IN_STEP].to_dict("records")
    ]
    header = _heads("audit", "stream kind compared differing first verdict", lang)
    laid = [table(header, lines, right=(2, 3))] if lines else []
    names = list(dict.fromkeys(strays["stream"]))
    said = (
        word("audit.faults", lang, count=len(names), streams=listed(names, lang))
        if names
        else word("audit.all_well", lang, count=len(frame))
    )
    return "\n".join([title, *laid, said])
