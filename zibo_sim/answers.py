"""What attributions and frontiers say: tables for the terminal, objects for ``--json``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from zibo_sim.attribution import Attribution
from zibo_sim.comparison import NOTHING_SHOWN
from zibo_sim.frontiers import FIGURES, SIMULATED, Frontier, said_figure
from zibo_sim.metrics import METRICS, said_metric
from zibo_sim.show import number
from zibo_sim.text import table
from zibo_sim.words import Scale, bracketed, half, labelled, listed, scale, word

_FINE = 3


# ---- attributions ------------------------------------------------------------------------


def told_metrics(found: Attribution, asked: Sequence[str]) -> list[str]:
    """Return the metrics to tell of: those asked for, else those whose package moves them."""
    if asked:
        return list(asked)
    shown = found.package["verdict"] != NOTHING_SHOWN
    return [str(name) for name in found.package.index[shown]]


def attribution_text(found: Attribution, metrics: Sequence[str], lang: str) -> str:
    """Return a table a metric: base, parts, variant.

    Parameters
    ----------
    found : Attribution
    metrics : sequence of str
        Asked for; none for all that the package moves.
    lang : {"zh", "en"}
    """
    said = {"variant": half(found.variant.title, lang), "pairs": found.replications}
    lines = [word("attribution.title", lang, **said), _how(found, lang)]
    lines += [
        "  " + word("attribution.keys", lang, part=part, keys=", ".join(keys))
        for part, keys in found.parts.items()
        if keys != (part,)
    ]
    told = told_metrics(found, metrics)
    if not told:
        return "\n".join([*lines, word("attribution.none", lang)])
    blocks = ["\n".join(lines), *(_part_table(found, name, lang) for name in told)]
    if found.samples is None:
        blocks.append(word("attribution.reading", lang))
    if left := len(found.package) - len(told) if not metrics else 0:
        blocks.append(word("attribution.left_out", lang, count=left))
    return "\n\n".join(blocks)


def _how(found: Attribution, lang: str) -> str:
    about = {"packages": 2 ** len(found.parts), "samples": found.samples, "runs": found.runs}
    return word(f"attribution.{'exact' if found.samples is None else 'sampled'}", lang, **about)


def _part_table(found: Attribution, metric: str, lang: str) -> str:
    whole, about = found.package.loc[metric], METRICS[metric]
    plain = fine(metric, about.unit, whole["base"], whole["difference"], lang)
    effect = replace(plain, unit=word("unit.pp", lang) if plain.unit == "%" else "")
    exact = found.samples is None
    names = ["part", "effect", "interval", "share", *(["alone", "last"] if exact else []),
             "verdict"]  # fmt: skip
    header = [word(f"attribution.{name}", lang) for name in names]
    rows = []
    for part, row in found.table.loc[metric].iterrows():
        ends = [effect.figure(row[k], sign=True) for k in ("alone", "last")] if exact else []
        rows.append((f"  {part}", *_effect(effect, row), _percent(row["share"]), *ends,
                     word(f"verdict.{row['verdict']}", lang)))  # fmt: skip
    gap = [""] * (2 if exact else 0)
    total = whole.rename({"difference": "effect"})
    rows.append((word("attribution.whole", lang), *_effect(effect, total), "", *gap,
                 word(f"verdict.{whole['verdict']}", lang)))  # fmt: skip
    base, variant = (plain.figure(whole[k]) for k in ("base", "variant"))
    title = said_metric(metric, lang)
    head = labelled(title + bracketed(metric, lang), f"{base} → {variant}", lang)
    return f"{head}\n" + table(header, rows, right=(1, 3, 4, 5))


def _effect(plain: Scale, row: Any) -> tuple[str, str]:
    span = plain.span(row["low"], row["high"], sign=True)
    return plain.figure(row["effect"], sign=True), span or "—"


def _percent(share: float) -> str:
    return f"{round(100 * share)}%".replace("-", "−") if np.isfinite(share) else "—"


def fine(name: str, unit: str, size: float, difference: float, lang: str) -> Scale:
    """Return how a difference is written: without bounds, with digits enough to show it."""
    plain = replace(scale(name, unit, size, lang), low=-np.inf, high=np.inf)
    shown = abs(difference) * plain.factor
    while 0 < shown < 10 ** (1 - plain.digits) and plain.digits < _FINE:
        plain = replace(plain, digits=plain.digits + 1)
    return plain


def attribution_json(base: str, found: Attribution, metrics: Sequence[str]) -> dict[str, Any]:
    """Return the object that ``attribute --json`` prints."""
    figures = ("effect", "low", "high", "share", "alone", "last")
    parts = {
        name: {
            str(part): {
                **{k: number(row[k]) for k in figures},
                "pairs": int(row["pairs"]), "verdict": row["verdict"],
            }
            for part, row in found.table.loc[name].iterrows()
        }
        for name in metrics or found.package.index
    }  # fmt: skip
    whole = ("base", "variant", "difference", "low", "high")
    package = {
        name: {
            **{k: number(found.package.loc[name, k]) for k in whole},
            "pairs": int(found.package.loc[name, "pairs"]),
            "verdict": found.package.loc[name, "verdict"], "unit": METRICS[name].unit,
        }
        for name in parts
    }  # fmt: skip
    return {
        "base": base,
        "variant": found.variant.title,
        "seed": found.seed,
        "replications": found.replications,
        "method": "exact" if found.samples is None else "sampled",
        "samples": found.samples,
        "runs": found.runs,
        "parts": {part: list(keys) for part, keys in found.parts.items()},
        "metrics": {name: {"package": package[name], "parts": parts[name]} for name in parts},
    }


# ---- frontiers ---------------------------------------------------------------------------


def source_name(source: str, lang: str) -> str:
    """Return what a source is called."""
    return word("frontier.simulated", lang) if source == SIMULATED else source


def frontier_text(found: Frontier, lang: str) -> str:
    """Return a table a source, a row a setting."""
    blocks = [word("frontier.judged", lang)]
    if found.sources != [SIMULATED]:
        blocks.append(word("frontier.measured", lang))
    blocks += [_source_table(found, source, lang) for source in found.sources]
    return "\n\n".join([*blocks, word("frontier.reading", lang)])


def _source_table(found: Frontier, source: str, lang: str) -> str:
    rows, keys = found.table.loc[source], list(found.settings.columns)
    objectives = found.objectives[source]
    header = [word("frontier.setting", lang), *(key.rpartition(".")[2] for key in keys)]
    scales = {}
    for name in objectives:
        plain = scale(name, FIGURES[name].unit, float(rows[name].max()), lang)
        scales[name] = plain
        header.append(said_figure(name, lang) + bracketed(plain.unit, lang))
    header += ["", *(word(f"frontier.{k}", lang) for k in ("shown", "resampled", "beaten_by"))]
    lines = []
    for i, row in rows.iterrows():
        cells = [
            f"{s.number(row[n])} {s.interval(row[f'{n}_low'], row[f'{n}_high'])}"
            for n, s in scales.items()
        ]
        beaten = "" if row["beaten_by"] < 0 else str(row["beaten_by"])
        lines.append((
            str(i), *(_value(found.settings.loc[i, key]) for key in keys), *cells,
            "*" if row["frontier"] else "", word(f"frontier.{row['shown']}", lang),
            _percent(row["resampled"]), beaten,
        ))  # fmt: skip
    about = {"settings": len(rows), "winters": found.replications}
    title = word("frontier.title", lang, source=source_name(source, lang), **about)
    names = listed((said_figure(n, lang) for n in objectives), lang)
    small = word("frontier.objectives", lang, names=names)
    right = tuple(range(len(keys) + 1))
    return f"{title}\n{small}\n{table(header, lines, right=right)}"


def _value(value: Any) -> str:
    return f"{value:g}" if isinstance(value, int | float | np.number) else str(value)


def frontier_json(name: str, found: Frontier) -> dict[str, Any]:
    """Return the object that ``frontier --json`` prints."""
    sources = {}
    for source in found.sources:
        rows = []
        for i, row in found.table.loc[source].iterrows():
            figures = {
                n: {"mean": number(row[n]), "low": number(row[f"{n}_low"]),
                    "high": number(row[f"{n}_high"]), "unit": FIGURES[n].unit}
                for n in FIGURES
            }  # fmt: skip
            beaten = None if row["beaten_by"] < 0 else int(row["beaten_by"])
            rows.append({
                "setting": int(str(i)), "keys": _plain(found.settings.loc[i]), "figures": figures,
                "frontier": bool(row["frontier"]), "shown": row["shown"],
                "resampled": float(row["resampled"]), "beaten_by": beaten,
            })  # fmt: skip
        sources[source] = {"objectives": list(found.objectives[source]), "settings": rows}
    return {
        "scenario": name,
        "seed": found.seed,
        "replications": found.replications,
        "sources": sources,
    }


def _plain(row: pd.Series) -> dict[str, Any]:
    return {str(k): v.item() if isinstance(v, np.generic) else v for k, v in row.items()}
