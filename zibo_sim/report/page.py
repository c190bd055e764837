"""The page for the browser: one HTML file that holds everything and loads nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from zibo_sim.experiment import Replications
from zibo_sim.metrics import METRICS
from zibo_sim.plots import png, replications, season_of
from zibo_sim.report import html
from zibo_sim.report import summary as said
from zibo_sim.report.figures import Section, sections
from zibo_sim.report.provenance import inputs, law, versions
from zibo_sim.report.stress import stress_items
from zibo_sim.report.winter import AlertRow, Winter, alert_rows
from zibo_sim.scenario import Source
from zibo_sim.words import joined, scale, word

_CONTENTS = ("summary", "season", "metrics", "alerts", "law", "inputs", "stress", "versions")


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
    title = escape(said.printable(reps.scenario.title, lang))
    parts = [
        *_summary(reps, lang), *_season(reps, winter, lang), *_metrics(reps, lang),
        *_alerts(winter, lang), *law(reps, lang), *inputs(reps, sources, lang),
        *_stress(reps, about, lang), *versions(reps, about, lang),
    ]  # fmt: skip
    tongue = "zh-CN" if lang == "zh" else "en"
    return (
        f'<!DOCTYPE html>\n<html lang="{tongue}"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{html.POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title} — {word('report.title', lang)}</title>\n<style>{html.STYLE}</style>\n"
        f"</head><body>\n<h1>{title}</h1>\n" + "\n".join(parts) + "\n</body></html>\n"
    )


# ---- figures and pictures ----------------------------------------------------------------


def _summary(reps: Replications, lang: str) -> Iterator[str]:
    scenario = reps.scenario
    yield html.text(said.printable(scenario.question, lang), "lead")
    yield html.text(said.facts(reps, lang), "small")
    yield html.contents(_CONTENTS, lang)
    yield html.title("summary", lang)
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
            yield f"<h3>{escape(heading)}</h3>"
            yield from (html.text(line[:1].upper() + line[1:]) for line in lines)


def _section(section: Section) -> Iterator[str]:
    clause = f'<span class="clause">{escape(section.clause)}</span>'
    yield f"<h3>{escape(section.title)}{clause}</h3>"
    columns = [html.Column(""), html.Column("", "n"), html.Column("", "n"), html.Column("")]
    rows = [(r.label, joined(r.number, r.unit), r.interval, r.note) for r in section.rows]
    yield html.table(columns, rows, "summary")
    yield from (html.text(note, "small") for note in section.notes)


def _season(reps: Replications, winter: Winter | None, lang: str) -> Iterator[str]:
    yield html.title("season", lang)
    if winter is None:
        yield html.text(word("report.season_missing", lang))
    else:
        number, runs = winter.replication, len(reps)
        draw = partial(season_of, winter.series, reps.scenario, reps.seed, number, winter.metrics)
        picture = png(lambda ax: draw(ax, lang), 11, 4.2)
        caption = escape(word("report.season_caption", lang, replication=number, runs=runs))
        yield f"<figure>{html.image(picture, word('report.season_alt', lang))}"
        yield f"<figcaption>{caption}</figcaption></figure>"
    if len(reps) > 1:
        yield html.title("distributions", lang, 3)
        pictures = "".join(
            _spread(reps, name, lang) for name in ("air.pm25_mean", "air.heavy_days")
        )
        yield f'<figure class="pair">{pictures}</figure>'


def _spread(reps: Replications, name: str, lang: str) -> str:
    alt = word("report.distribution_alt", lang, name=_named(name, lang))
    return html.image(png(lambda ax: replications(reps, name, ax, lang), 5.2, 3.2), alt)


def _named(name: str, lang: str) -> str:
    return METRICS[name].zh if lang == "zh" else METRICS[name].en


def _metrics(reps: Replications, lang: str) -> Iterator[str]:
    yield html.title("metrics", lang)
    rows = []
    for name, row in reps.summary.iterrows():
        plain = scale(str(name), METRICS[str(name)].unit, row["mean"], lang)
        figures = (plain.number(row["mean"]), plain.interval(row["low"], row["high"]) or "—")
        meaning, formula = _named(str(name), lang), METRICS[str(name)].formula_in(lang)
        rows.append((name, meaning, *figures, plain.unit, row["runs"], formula))
    heads = html.heads(
        lang, "metric k", "meaning", "mean n", "interval n", "unit w", "runs n", "formula"
    )
    yield html.table(heads, rows, "dense")


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
        "clause", "force",
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


def _stress(reps: Replications, about: Mapping[str, Any], lang: str) -> Iterator[str]:
    yield html.title("stress", lang)
    rows = list(stress_items(reps, about, lang))
    yield html.table(html.heads(lang, "item w", "said t"), rows)
