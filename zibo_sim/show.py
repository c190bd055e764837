"""What the commands print about the law, the scenarios and the metrics, in Chinese or English."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from zibo_sim.cases import Difference
from zibo_sim.experiment import Replications
from zibo_sim.law import Entry, Law
from zibo_sim.metrics import METRICS, said_metric
from zibo_sim.scenario import Scenario, load, names
from zibo_sim.text import clipped, table
from zibo_sim.words import bracketed, half, labelled, unit_said

_STATUS_ZH = {
    "statutory": "法定",
    "standard": "标准",
    "literature": "文献",
    "calibrated": "率定",
    "assumed": "假定",
}
_DETAILED = 40


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def law_text(entries: Sequence[Entry], lang: str) -> str:
    """Return entries of the law book: in full where they are few, as a list where they are many."""
    if len(entries) > _DETAILED:
        return _law_list(entries, lang)
    return "\n\n".join(_law_entry(entry, lang) for entry in entries)


def _law_list(entries: Sequence[Entry], lang: str) -> str:
    zh = lang == "zh"
    english = ("id", "value", "unit", "clause", "name")
    header = ("编号", "值", "单位", "条款", "名称") if zh else english
    rows = [
        (
            e.id,
            clipped(_value(e.value), 24),
            unit_said(e.unit, lang),
            e.clause,
            clipped(e.name[lang], 48),
        )
        for e in entries
    ]
    return table(header, rows)


def _law_entry(entry: Entry, lang: str) -> str:
    zh, document = lang == "zh", entry.document
    until = document.in_force_until or ("未定" if zh else "not stated")
    status = _STATUS_ZH[entry.status] if zh else entry.status
    words = {
        ("值", "value"): f"{_value(entry.value)} {unit_said(entry.unit, lang)}",
        ("条款", "clause"): entry.clause,
        ("文件", "document"): document.title if zh else document.title_en,
        ("原文", "quote"): entry.quote,
        ("施行", "in force"): f"{document.in_force_from} … {until}",
        ("解读", "reading"): entry.reading.zh if zh else entry.reading.en,
        ("性质", "status"): status + bracketed(half(entry.source, lang), lang),
    }
    lines = [f"{entry.id}  {entry.name[lang]}"]
    lines += [f"  {labelled(name[not zh], text, lang)}" for name, text in words.items()]
    for option, said in entry.reading.options.items():
        mark = "*" if option == entry.reading.option else " "
        taken = labelled(f"{entry.id}.reading = {option!r}", said[lang], lang)
        lines.append(f"  {mark} {taken}")
    return "\n".join(lines)


def law_json(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """Return entries for ``law --json``."""
    return [
        {
            "id": e.id, "name": dict(e.name), "value": e.value, "unit": e.unit, "clause": e.clause,
            "quote": e.quote, "status": e.status, "source": e.source,
            "in_force_from": e.document.in_force_from, "in_force_until": e.document.in_force_until,
            "reading": {"zh": e.reading.zh, "en": e.reading.en, "option": e.reading.option,
                        "options": {k: dict(v) for k, v in e.reading.options.items()}},
        }
        for e in entries
    ]  # fmt: skip


def differences_text(differences: Sequence[Difference], lang: str) -> str:
    """Return the table of what came out differently from a case file."""
    zh = lang == "zh"
    header = (
        ("算例", "规则", "名称", "键", "应为", "实为")
        if zh
        else ("case", "rule", "name", "key", "expected", "got")
    )
    rows = [
        (d.case.id, d.case.rule, clipped(d.case.name, 40), d.key, str(d.expected),
         clipped(" ".join(str(d.got).split()), 60))
        for d in differences
    ]  # fmt: skip
    return table(header, rows)


def scenarios_text(lang: str) -> str:
    """Return the shipped scenarios with their titles and questions."""
    loaded = [(name, load(name)) for name in names()]
    said = [(name, half(s.title, lang), half(s.question, lang)) for name, s in loaded]
    return "\n".join(f"{name}\n  {title}\n  {question}" for name, title, question in said)


def metrics_text(lang: str) -> str:
    """Return every metric: name, unit, meaning, formula."""
    zh = lang == "zh"
    header = ("指标", "单位", "含义", "算法") if zh else ("metric", "unit", "meaning", "formula")
    rows = [
        (m.name, unit_said(m.unit, lang), said_metric(m.name, lang), m.formula_in(lang))
        for m in METRICS.values()
    ]
    return table(header, rows)


def schema(law: Law) -> dict[str, Any]:
    """Return the JSON Schema of a scenario file, the keys of ``[law]`` included."""
    described = Scenario.model_json_schema()
    described["title"] = "zibo_sim scenario"
    described["required"] = ["title", "question"]
    del described["properties"]["law_notes"]
    described["properties"]["extends"] = {"type": "string", "description": "another scenario"}
    described["properties"]["law"] = {
        "type": "object",
        "additionalProperties": False,
        "properties": _law_properties(law),
    }
    return described


def _law_properties(law: Law) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for entry in law:
        said = {"description": f"{entry.name['en']} ({entry.clause})", "default": entry.value}
        properties[entry.id] = {**said, "unit": entry.unit, "status": entry.status}
        if entry.reading.options:
            properties[f"{entry.id}.reading"] = {
                "enum": list(entry.reading.options), "default": entry.reading.option
            }  # fmt: skip
    return properties


def number(value: float) -> float | None:
    """Return a float for JSON: None where it is not defined."""
    return float(value) if np.isfinite(value) else None


def run_json(name: str, reps: Replications) -> dict[str, Any]:
    """Return the object that ``run --json`` prints."""
    summary = reps.summary
    metrics = {
        metric: {
            "mean": number(row["mean"]),
            "low": number(row["low"]),
            "high": number(row["high"]),
            "unit": row["unit"],
        }
        for metric, row in summary.iterrows()
    }
    return {
        "scenario": name,
        "seed": reps.seed,
        "replications": len(reps),
        "metrics": metrics,
        "differs_from_law": reps.scenario.differs_from_law(),
    }


def dump(value: Any) -> str:
    """Return JSON as the commands print it."""
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)
