"""What sensitivity, discovery and shares say on a terminal, and as plain data for JSON."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from zibo_sim.law import book
from zibo_sim.metrics import METRICS, said_metric
from zibo_sim.scenario import known_keys
from zibo_sim.sensitivity.discovery import Region
from zibo_sim.sensitivity.groups import GROUPS
from zibo_sim.sensitivity.indices import MORRIS, Sensitivity
from zibo_sim.sensitivity.inputs import Elements
from zibo_sim.sensitivity.prim import Box, Limit
from zibo_sim.sensitivity.shares import Shares
from zibo_sim.text import table
from zibo_sim.words import bracketed, half, joined, listed, scale, unit_said, word

_TOP = 5
_FEW = 5


def input_name(key: str, lang: str) -> str:
    """Return what an input is called in words."""
    if key.startswith("law."):
        entry = book().entry(key.removeprefix("law.").removesuffix(".reading"))
        return str(entry.name[lang])
    return known_keys()[key][lang]


def percent(value: float) -> str:
    """Return a share in per cent, a dash where there is none."""
    return f"{round(100 * value):d} %".replace("-", "−") if math.isfinite(value) else "—"


def span(low: float, high: float) -> str:
    """Return an interval of shares in per cent, a dash where there is none."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return "—"
    ends = (f"{round(100 * end):d}".replace("-", "−") for end in (low, high))
    return f"[{', '.join(ends)}]"


# ---- sensitivity -------------------------------------------------------------------------


def sensitivity_text(found: Sensitivity, lang: str) -> str:
    """Return a table an output, the largest factor first, and what chance makes."""
    study = found.study
    said = {
        "title": half(study.title, lang),
        "points": study.rows,
        "replications": study.replications,
    }
    blocks = [word("sensitivity.title", lang, **said, design=study.design)]
    blocks[0] += "\n" + word(f"sensitivity.{found.method}", lang)
    for name, rows in found.table.groupby("output", sort=False):
        blocks.append(_output_text(found, str(name), rows, lang))
    return "\n\n".join([*blocks, "\n".join(_closing(found, lang))])


def _output_text(found: Sensitivity, name: str, rows: pd.DataFrame, lang: str) -> str:
    head = said_metric(name, lang) + bracketed(name, lang)
    figures = _screened if found.method == MORRIS else _indexed
    laid = figures(rows, name, lang)
    lines = [head, laid or word("sensitivity.nothing", lang)]
    chance = found.chance[found.chance["output"] == name].dropna()
    if len(chance):
        shares = {row.source: f"{percent(row.share)} {span(row.low, row.high)}"
                  for row in chance.itertuples()}  # fmt: skip
        lines.append(word("sensitivity.chance", lang, **shares))
    groups = found.groups[found.groups["output"] == name]
    if len(groups) > 1:
        parts = [
            word("sensitivity.status", lang, status=word(f"status.{row.status}", lang),
                 count=row.factors, share=_between(row.total_least, row.total_most))
            for row in groups.itertuples()
        ]  # fmt: skip
        lines.append(word("sensitivity.statuses", lang, shares=listed(parts, lang, "clause")))
    return "\n".join(lines)


def _between(least: float, most: float) -> str:
    low, high = (round(100 * min(max(v, 0.0), 1.0)) for v in (least, most))
    return f"{low} %" if low == high else f"{low}–{high} %"


def _indexed(rows: pd.DataFrame, name: str, lang: str) -> str:
    leading = "total" if "total" in rows else "first"
    rows = rows.dropna(subset=[leading]).sort_values(leading, ascending=False)
    if not len(rows):
        return ""
    kinds = [kind for kind in ("first", "total") if kind in rows]
    header = [word("sensitivity.factor", lang), word("sensitivity.marked", lang)]
    header += [word(f"sensitivity.{part}", lang) for kind in kinds for part in (kind, "interval")]
    cells = []
    for row in rows.to_dict("records"):
        line = [row["factor"], word(f"status.{row['status']}", lang)]
        for kind in kinds:
            line += [percent(row[kind]), span(row[f"{kind}_low"], row[f"{kind}_high"])]
        cells.append(line)
    return table(header, cells, right=(2, 4))


def _screened(rows: pd.DataFrame, name: str, lang: str) -> str:
    rows = rows.dropna(subset=["mu_star"]).sort_values("mu_star", ascending=False)
    if not len(rows):
        return ""
    plain = scale(name, METRICS[name].unit, float(rows["mu_star"].max()), lang)
    signed = type(plain)(plain.factor, plain.digits, plain.unit)
    header = [word(f"sensitivity.{key}", lang) for key in
              ("factor", "marked", "mu_star", "interval", "mu", "sigma", "by_chance")]  # fmt: skip
    cells = [
        [row.factor, word(f"status.{row.status}", lang), signed.figure(row.mu_star),
         signed.interval(row.mu_star_low, row.mu_star_high), signed.number(row.mu, sign=True),
         signed.number(row.sigma), signed.number(row.by_chance)]
        for row in rows.itertuples()
    ]  # fmt: skip
    return table(header, cells, right=(2, 4, 5, 6))


def _closing(found: Sensitivity, lang: str) -> list[str]:
    lines = [word(f"sensitivity.reading_{found.method}", lang)]
    if found.study.replications == 1:
        lines.append(word("sensitivity.one_replication", lang))
    elif found.study.replications < _FEW:
        lines.append(word("sensitivity.few_replications", lang, count=found.study.replications))
    if found.failed:
        lines.append(word("sensitivity.failed", lang, count=found.failed))
    lines += [
        word("sensitivity.undefined", lang, output=name, count=count)
        for name, count in found.undefined.items()
    ]
    return lines


def sensitivity_json(found: Sensitivity) -> dict[str, Any]:
    """Return everything as plain data, NaN as null."""
    study = found.study
    return {
        "study": study.title, "design": study.design, "method": found.method,
        "points": study.rows, "replications": study.replications, "failed": found.failed,
        "undefined": found.undefined, "factors": records(found.table),
        "chance": records(found.chance),
        "by_status": records(found.groups),
    }  # fmt: skip


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame with null for what is not known."""
    return [
        {str(k): None if isinstance(v, float) and not math.isfinite(v) else v
         for k, v in row.items()}
        for row in frame.to_dict("records")
    ]  # fmt: skip


# ---- discovery ---------------------------------------------------------------------------


def limit_text(limit: Limit, lang: str, digits: int = 4) -> str:
    """Return what a box allows of a factor."""
    if limit.allowed is not None:
        return " | ".join(_level(v, lang) for v in limit.allowed)
    ends = [None if end is None else f"{end:.{digits}g}" for end in (limit.low, limit.high)]
    if ends[0] is None:
        return f"≤ {ends[1]}"
    return f"≥ {ends[0]}" if ends[1] is None else f"{ends[0]} – {ends[1]}"


def _level(value: Any, lang: str) -> str:
    return word(f"discovery.{str(value).lower()}", lang) if isinstance(value, bool) else str(value)


def region_text(region: Region, lang: str) -> str:
    """Return the boxes with their limits, coverage and density."""
    found, study = region.found, region.study
    title = half(study.title, lang)
    head = word("discovery.title", lang, when=region.when, title=title, points=found.points,
                often=percent(region.often), share=percent(region.share))  # fmt: skip
    blocks = [head]
    for number, box in enumerate(found.boxes, 1):
        blocks.append(_box_text(number, box, region, lang))
    if not found.boxes:
        nothing = "none" if 0 < region.share < 1 else ("never" if region.share == 0 else "always")
        blocks.append(word(f"discovery.{nothing}", lang))
    else:
        blocks.append(word("discovery.reading", lang))
    if region.left_out:
        blocks.append(word("discovery.left_out", lang, count=region.left_out))
    return "\n\n".join(blocks)


def _box_text(number: int, box: Box, region: Region, lang: str) -> str:
    units = {factor.key: factor.unit for factor in region.study.factors}
    status = {factor.key: factor.status for factor in region.study.factors}
    said = word("discovery.box", lang, number=number, coverage=percent(box.coverage),
                density=percent(box.density), points=box.points)  # fmt: skip
    header = [word(f"discovery.{key}", lang) for key in ("factor", "region", "p_value")]
    header.insert(1, word("sensitivity.marked", lang))
    cells = [
        [name, word(f"status.{status[name]}", lang), _with_unit(limit, units[name], lang),
         _p_value(box.p_values[name])]
        for name, limit in sorted(box.limits.items(), key=lambda pair: box.p_values[pair[0]])
    ]  # fmt: skip
    return f"{said}\n{table(header, cells)}"


def _with_unit(limit: Limit, unit: str, lang: str) -> str:
    plain = unit in ("1", "text", "true/false", "date", "path") or limit.allowed is not None
    said = limit_text(limit, lang)
    return said if plain else joined(said, unit_said(unit, lang))


def _p_value(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def region_json(region: Region) -> dict[str, Any]:
    """Return the boxes as plain data."""
    return {
        "when": str(region.when), "often": region.often, "points": region.found.points,
        "share": region.share, "left_out": region.left_out,
        "boxes": [
            {
                "coverage": box.coverage, "density": box.density, "points": box.points,
                "cases": box.cases,
                "limits": {
                    name: {"low": limit.low, "high": limit.high,
                           "allowed": None if limit.allowed is None else list(limit.allowed),
                           "p_value": box.p_values[name]}
                    for name, limit in box.limits.items()
                },
            }
            for box in region.found.boxes
        ],
        "trajectory": records(region.found.trajectory),
    }  # fmt: skip


# ---- shares ------------------------------------------------------------------------------


def shares_text(found: Shares, lang: str) -> str:
    """Return the share of each group an output, and the assumed values that stand out."""
    assumed, evidence = (len(found.inputs.keys(group)) for group in GROUPS[:2])
    title = half(found.scenario.title, lang)
    head = word("assumptions.title", lang, title=title, points=found.points,
                runs=5 * found.points, seed=found.seed)  # fmt: skip
    about = word("assumptions.varied", lang, assumed=assumed, evidence=evidence,
                 spread=round(100 * found.inputs.spread),
                 stated=len(found.inputs.stated))  # fmt: skip
    header = [word("assumptions.output", lang)]
    header += [word(f"assumptions.{g}", lang) for g in GROUPS]
    header.append(word("assumptions.top", lang))
    cells, still = [], []
    for name, rows in found.groups.groupby("output", sort=False):
        if rows["alone"].isna().all():
            still.append(str(name))
            continue
        figures = [
            f"{percent(row.alone)} – {percent(row.total)}" for row in rows.itertuples()
        ]  # fmt: skip
        cells.append([str(name), *figures, _standing_out(found.top, str(name))])
    lines = [head, about, table(header, cells, right=(1, 2, 3)), *_share_notes(found, still, lang)]
    return "\n\n".join(lines)


def _standing_out(top: pd.DataFrame, name: str) -> str:
    told = top[(top["output"] == name) & top["told"]].head(_TOP)
    arrows = {"rises": "↑", "falls": "↓", "": ""}
    parts = [f"{r.input}{arrows[r.direction]} {percent(r.share)}" for r in told.itertuples()]
    return ", ".join(parts)


def _share_notes(found: Shares, still: list[str], lang: str) -> list[str]:
    lines = [word("assumptions.reading", lang)]
    if still:
        lines.append(word("assumptions.still", lang, outputs=listed(still, lang)))
    for reason, keys in found.inputs.left_out.items():
        shown = ", ".join(keys[:8]) + (" …" if len(keys) > 8 else "")
        lines.append(word(f"assumptions.{reason}", lang, count=len(keys), keys=shown))
    if found.redrawn:
        most = next(iter(found.refusals))
        lines.append(word("assumptions.redrawn", lang, count=found.redrawn, reason=most))
    if found.failed:
        lines.append(word("sensitivity.failed", lang, count=found.failed))
    return ["\n".join(lines)]


def shares_json(found: Shares) -> dict[str, Any]:
    """Return the shares as plain data."""
    return {
        "scenario": found.scenario.title, "points": found.points, "seed": found.seed,
        "shares": records(found.groups), "assumed": records(found.top[found.top["told"]]),
        "inputs": inputs_records(found),
        "left_out": {k: list(v) for k, v in found.inputs.left_out.items()},
        "redrawn": found.redrawn, "refusals": dict(found.refusals), "failed": found.failed,
    }  # fmt: skip


def inputs_records(found: Shares) -> list[dict[str, Any]]:
    """Return what varied over which range, one entry an input."""
    rows = []
    for item in found.inputs.varied:
        stated = item.key in found.inputs.stated
        if isinstance(item, Elements):
            said: Any = {"low": item.low.tolist(), "high": item.high.tolist()}
        else:
            said = item.factor.as_toml()
        rows.append({"input": item.key, "status": item.status, "range": said, "stated": stated})
    return rows
