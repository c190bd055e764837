"""Results and differences from the law as HTML; whatever a user wrote is escaped."""

from __future__ import annotations

from html import escape
from typing import Any

from zibo_sim.comparison import FALLS, NOTHING_SHOWN, RISES
from zibo_sim.metrics import METRICS, said_metric
from zibo_sim.reforms import Reform, reforms
from zibo_sim.report.summary import said_value
from zibo_sim.scenario import Scenario
from zibo_sim.verdicts import EQUAL, scales, sort_out, told
from zibo_sim.widgets.engine import Result
from zibo_sim.words import half, labelled, scale, word

#: The cards above the pictures.
HEADLINES = (
    "air.pm25_mean", "air.heavy_days", "air.alerts", "cloud.opinion_on_time",
    "heating.mean_bill", "heating.metered_paying_less",
)  # fmt: skip
_MARKS = {RISES: ("▲", "up"), FALLS: ("▼", "down"), NOTHING_SHOWN: ("○", "none"),
          EQUAL: ("=", "none")}  # fmt: skip
_MOST_LISTED = 40
_NUMERIC = dict.fromkeys(
    ("base_value", "variant_value", "difference", "interval", "pairs"), ' class="zs-n"'
)


def shown(text: str, lang: str) -> str:
    """Return a user's text in one language, printable and escaped."""
    return escape("".join(c if c.isprintable() else " " for c in half(text, lang)))


def verdict(said: str, lang: str) -> str:
    """Return a verdict with its mark, which needs no colour to be read."""
    mark, kind = _MARKS[said]
    return f'<span class="zs-v zs-{kind}">{mark} {escape(word(f"verdict.{said}", lang))}</span>'


def cards(result: Result, lang: str) -> str:
    """Return base and variants side by side for what planners ask first."""
    return f'<div class="zs-cards">{"".join(_card(result, m, lang) for m in HEADLINES)}</div>'


def _card(result: Result, metric: str, lang: str) -> str:
    lines, before = [], "—"
    for name, table in result.comparison.tables.items():
        if metric not in table.index:
            continue
        row = table.loc[metric]
        plain, _ = scales(metric, row, lang)
        before = plain.figure(row["base"])
        after = f"<b>{escape(plain.figure(row['variant']))}</b>"
        label = f'<span class="zs-arm">{shown(name, lang)}</span>'
        mark = verdict(told(row), lang) if row["pairs"] else ""
        lines.append(f"<div>{label}{after} {mark}</div>")
    said = escape(word("dash.base", lang))
    base = f'<div><span class="zs-arm">{said}</span>{escape(before)}</div>'
    title = f"<h4>{escape(said_metric(metric, lang))}</h4>"
    return f'<div class="zs-card">{title}{base}{"".join(lines)}</div>'


def results(result: Result, lang: str, every: bool = False) -> str:
    """Return the table of paired differences with their intervals and verdicts.

    Parameters
    ----------
    result : Result
    lang : {"zh", "en"}
    every : bool
        Also the metrics that are equal in every pair.
    """
    tables = result.comparison.tables
    heads = ("metric", "variant", "base_value", "variant_value", "difference", "interval",
             "pairs", "verdict")  # fmt: skip
    several, found = len(tables) > 1, sort_out(tables.values())
    listed = {*found.moved, *(found.equal + found.undefined if every else [])}
    body = [
        _row(metric, name, table.loc[metric], lang, several)
        for metric in METRICS if metric in listed
        for name, table in tables.items() if metric in table.index
    ]  # fmt: skip
    head = "".join(
        f"<th{_NUMERIC.get(key, '')}>{escape(word(f'dash.h_{key}', lang))}</th>"
        for key in heads if several or key != "variant"
    )  # fmt: skip
    notes = [word("dash.table_note", lang, pairs=result.replications, seed=result.seed)]
    if found.equal and not every:
        notes.append(word("dash.left_out", lang, count=len(found.equal)))
    if found.undefined and not every:
        notes.append(word("page.undefined", lang, count=len(found.undefined)))
    note = ("" if lang == "zh" else " ").join(notes)
    return (
        f'<div class="zs-wide"><table class="zs-table"><thead><tr>{head}</tr></thead>'
        f'<tbody>{"".join(body)}</tbody></table></div><p class="zs-note">{escape(note)}</p>'
    )


def _row(metric: str, name: str, row: Any, lang: str, several: bool) -> str:
    plain, fine = scales(metric, row, lang)
    arm = f'<td class="zs-armname">{shown(name, lang)}</td>' if several else ""
    defined = bool(row["pairs"])
    cells = [
        plain.figure(row["base"]), plain.figure(row["variant"]),
        fine.figure(row["difference"], sign=True),
        fine.span(row["low"], row["high"], sign=True) or "—", str(int(row["pairs"])),
    ]  # fmt: skip
    numbers = "".join(f'<td class="zs-n">{escape(cell)}</td>' for cell in cells)
    said = verdict(told(row), lang) if defined else "—"
    tip, title = escape(METRICS[metric].formula_in(lang)), escape(said_metric(metric, lang))
    return f'<tr><td class="zs-name" title="{tip}">{title}</td>{arm}{numbers}<td>{said}</td></tr>'


def law_differences(scenarios: list[Scenario], lang: str) -> str:
    """Return what base and variants change of the law, with the clauses, and what else differs."""
    parts = []
    for number, scenario in enumerate(scenarios):
        rows = reforms(scenario)
        if not rows and number == 0:
            continue
        label = word("dash.base", lang) if number == 0 else shown(scenario.title, lang)
        said = "".join(_differs(reform, lang) for reform in rows[:_MOST_LISTED])
        if len(rows) > _MOST_LISTED:
            said += f"<li>{escape(word('summary.more', lang, count=len(rows) - _MOST_LISTED))}</li>"
        said = said or f'<li class="zs-quiet">{escape(word("dash.as_law", lang))}</li>'
        parts.append(f'<div class="zs-lawarm"><b>{label}</b><ul>{said}</ul></div>')
    heading = escape(word("dash.differs", lang))
    return f'<div class="zs-law"><h4>⚖ {heading}</h4>{"".join(parts)}</div>'


def _differs(reform: Reform, lang: str) -> str:
    name, clause = escape(reform.name[lang]), escape(reform.clause)
    unit = escape(scale("", reform.unit, 2, lang).unit) if reform.unit else ""
    was, now = escape(said_value(reform.law)), escape(said_value(reform.scenario))
    change = labelled(name, f"<s>{was}</s> → <b>{now}</b> {unit}", lang)
    return (
        f'<li title="{escape(reform.quote)}">{change} <span class="zs-clause">{clause}</span></li>'
    )
