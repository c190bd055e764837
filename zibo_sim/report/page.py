"""The page of a run for the browser and the printer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from zibo_sim.experiment import Replications
from zibo_sim.metrics import METRICS, said_metric
from zibo_sim.report import html, pictures
from zibo_sim.report import summary as said
from zibo_sim.report.figures import Section, sections
from zibo_sim.report.provenance import inputs, law, versions
from zibo_sim.report.scenario_files import scenario_files
from zibo_sim.report.spoken import in_words
from zibo_sim.report.stress import Shown, stress_table
from zibo_sim.report.winter import AlertRow, Winter, alert_rows
from zibo_sim.scenario import Source
from zibo_sim.words import joined, scale, word

_DOMAINS = ("air", "cloud", "heating")


def page(
    reps: Replications,
    winter: Winter | None,
    about: Mapping[str, Any],
    sources: Iterable[Source],
    lang: str,
) -> str:
    """Return the report as HTML; equal arguments give equal text.

    Parameters
    ----------
    reps : Replications
    winter : Winter or None
        The winter to draw.
    about : mapping
        The run's manifest.
    sources : iterable of Source
    lang : {"zh", "en"}
    """
    shown = Shown(reps.scenario, len(reps), reps.seed, len(reps.summary))
    parts = [
        html.brief(_summary(reps, lang)), *_season(reps, winter, lang),
        *_winters(reps, winter, lang), *_alerts(winter, lang),
        html.appendix([
            *metrics(reps, lang), *law(reps.scenario, lang),
            *inputs(reps.scenario, sources, lang), *stress_table(shown, about, lang),
            *scenario_files([reps.scenario], lang), *versions(about, reps.seed, len(reps), lang),
        ]),
    ]  # fmt: skip
    top = [html.text(said.printable(reps.scenario.question, lang), "lead"),
           html.text(said.facts(reps, lang), "small")]  # fmt: skip
    return html.document(said.printable(reps.scenario.title, lang), top, parts, lang)


# ---- figures and pictures ----------------------------------------------------------------


def _summary(reps: Replications, lang: str) -> Iterator[str]:
    scenario = reps.scenario
    yield html.title("summary", lang)
    yield from (html.text(sentence) for sentence in in_words(reps, lang))
    yield html.text(said.reading(reps, lang), "small")
    for section in sections(reps, lang):
        yield from _section(section)
    for key, lines in (
        ("differs", said.differences(scenario, lang)),
        ("changed", said.changed_rows(scenario, (), lang)),
        ("force", said.in_force(scenario, lang)),
        ("sure", [said.how_sure(lang)]),
    ):
        if lines:
            heading = word(f"summary.{key}", lang).removesuffix(":").removesuffix(":")
            yield html.heading(heading, 3)
            yield from (html.text(line[:1].upper() + line[1:]) for line in lines)


def _section(section: Section) -> Iterator[str]:
    yield html.heading(section.title, 3, aside=section.clause)
    columns = [html.Column(""), html.Column("", "n"), html.Column("", "n"), html.Column("")]
    rows = [(r.label, joined(r.number, r.unit), r.interval, r.note) for r in section.rows]
    yield html.table(columns, rows, "summary")
    yield from (html.text(note, "small") for note in section.notes)


def _season(reps: Replications, winter: Winter | None, lang: str) -> Iterator[str]:
    yield html.title("season", lang)
    if winter is None:
        yield html.text(word("report.season_missing", lang))
        return
    for domain in _DOMAINS:
        drawn = list(pictures.of_winter(winter, reps, domain, lang))
        if drawn:
            yield html.title(f"page.{domain}", lang, 3)
            yield from drawn
    if winter.run is None:
        yield html.text(word("page.no_rerun", lang), "small")


def _winters(reps: Replications, winter: Winter | None, lang: str) -> Iterator[str]:
    drawn = list(pictures.of_winters(winter, reps, lang))
    if drawn:
        yield html.title("page.winters", lang)
        yield from drawn


def metrics(reps: Replications, lang: str) -> Iterator[str]:
    """Yield the section that lists every metric with its interval and formula."""
    yield html.title("metrics", lang)
    rows = []
    for key, row in reps.summary.iterrows():
        name = str(key)
        plain = scale(name, METRICS[name].unit, row["mean"], lang)
        figures = (plain.number(row["mean"]), plain.interval(row["low"], row["high"]) or "—")
        formula = METRICS[name].formula_in(lang)
        rows.append((name, said_metric(name, lang), *figures, plain.unit, row["runs"], formula))
    heads = html.heads(
        lang, "metric k", "meaning", "mean n", "interval n", "unit w", "runs n", "formula"
    )
    yield html.table(heads, rows, "dense metrics")


def _alerts(winter: Winter | None, lang: str) -> Iterator[str]:
    yield html.title("alerts", lang)
    if winter is None:
        yield html.text(word("report.season_missing", lang))
        return
    rows = [_alert(row, lang) for row in alert_rows(winter)]
    if not rows:
        yield html.text(word("report.no_alerts", lang))
        return
    heads = html.heads(
        lang, "alert w", "level", "published w", "lead n", "ended w", "hours n", "signed",
        "clause w", "force",
    )  # fmt: skip
    yield html.table(heads, rows, "dense")


def _alert(row: AlertRow, lang: str) -> tuple[str, ...]:
    levels = " → ".join(word(f"level.{level}", lang) for level in row.levels)
    ended = word("report.running", lang) if row.lifted is None else _minute(row.lifted)
    lead = f"{row.lead_h:.1f}".replace("-", "−") if np.isfinite(row.lead_h) else "—"
    force = word("report.yes" if row.in_force else "report.no", lang)
    number = row.name.removeprefix("alert-")
    return (
        number, levels, _minute(row.published), lead, ended, f"{row.hours:.1f}", row.signed,
        row.clause, force,
    )  # fmt: skip


def _minute(time: pd.Timestamp) -> str:
    return f"{time:%Y-%m-%d %H:%M}"
