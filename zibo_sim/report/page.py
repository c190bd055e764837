"""The page for the browser: one HTML file that holds everything and loads nothing."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from zibo_sim import plots
from zibo_sim.experiment import Replications
from zibo_sim.fields import STATUSES
from zibo_sim.law import Entry
from zibo_sim.metrics import METRICS
from zibo_sim.report import summary as said
from zibo_sim.report.figures import DOCUMENTS, Section, sections
from zibo_sim.report.stress import stress_items
from zibo_sim.report.winter import AlertRow, Winter, alert_rows
from zibo_sim.scenario import Source, known_keys
from zibo_sim.words import half, joined, scale, word, words

#: Law-book ids the model reads; the rest of the action plan commands what it does not simulate.
_USED = ("target.", "alert.", "aqi.", "cloud.", "heating.", "cleanheat.")

_STYLE = """
@page { size: A4; margin: 14mm 12mm }
* { box-sizing: border-box }
body { font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "Noto Sans CJK SC", "Noto Sans SC",
  "PingFang SC", "Microsoft YaHei", sans-serif; color: #1d2733; max-width: 62rem;
  margin: 0 auto; padding: 1.5rem }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .3rem }
h2 { font-size: 1.2rem; margin: 2.2rem 0 .6rem; padding-bottom: .2rem;
  border-bottom: 2px solid #1f3b5c }
h3 { font-size: 1rem; margin: 1.3rem 0 .3rem }
p { margin: .3rem 0 } .lead { font-size: 1.05rem } .small, .clause { color: #5a6673; font-size: .85rem }
.clause { font-weight: normal; margin-left: .6rem }
table { border-collapse: collapse; width: 100%; margin: .3rem 0 .6rem; font-size: .88rem }
th { text-align: left; font-weight: 600; color: #44505c; border-bottom: 1.5px solid #9fb3c8 }
td, th { padding: .22rem .5rem; vertical-align: top; overflow-wrap: anywhere }
td { border-bottom: 1px solid #e4e9ee } td.n, th.n { text-align: right; white-space: nowrap }
td.k { font-family: ui-monospace, Consolas, monospace; font-size: .8rem }
td.w { white-space: nowrap }
figure { margin: .6rem 0; break-inside: avoid } img { max-width: 100%; height: auto }
figcaption { color: #5a6673; font-size: .85rem }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem }
tr { break-inside: avoid } thead { display: table-header-group } h2, h3 { break-after: avoid }
.dense { font-size: .78rem }
@media print { body { font-size: 9.5pt; max-width: none; padding: 0 } }
@media (max-width: 40rem) { .pair { grid-template-columns: 1fr } }
"""
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


@dataclass(frozen=True)
class Column:
    """A column of a table: its header and the class of its cells."""

    header: str
    kind: str = ""


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
        *_alerts(winter, lang), *_law(reps, lang), *_inputs(reps, sources, lang),
        *_stress(reps, about, lang), *_versions(reps, about, lang),
    ]  # fmt: skip
    tongue = "zh-CN" if lang == "zh" else "en"
    return (
        f'<!DOCTYPE html>\n<html lang="{tongue}"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title} — {word('report.title', lang)}</title>\n<style>{_STYLE}</style>\n"
        f"</head><body>\n<h1>{title}</h1>\n" + "\n".join(parts) + "\n</body></html>\n"
    )


def _table(columns: Sequence[Column], rows: Iterable[Sequence[Any]], kind: str = "") -> str:
    """Return a table; every cell is escaped."""
    head = "".join(f'<th class="{c.kind}">{escape(c.header)}</th>' for c in columns)
    body = "\n".join(
        "<tr>"
        + "".join(
            f'<td class="{c.kind}">{escape(str(cell))}</td>'
            for c, cell in zip(columns, row, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    top = f"<thead><tr>{head}</tr></thead>" if any(c.header for c in columns) else ""
    return f'<table class="{kind}">{top}<tbody>\n{body}\n</tbody></table>'


def _heads(lang: str, *keys: str) -> list[Column]:
    """Return columns by the ending of their word's key; after a blank, the class of the cells."""
    pairs = [key.partition(" ") for key in keys]
    return [Column(word(f"report.h_{name}", lang), kind) for name, _, kind in pairs]


def _text(text: str, kind: str = "") -> str:
    return f'<p class="{kind}">{escape(text)}</p>'


def _title(key: str, lang: str, level: int = 2) -> str:
    return f"<h{level}>{escape(word(f'report.{key}', lang))}</h{level}>"


def _image(png: bytes, alt: str) -> str:
    return f'<img alt="{escape(alt)}" src="data:image/png;base64,{b64encode(png).decode()}">'


# ---- figures and pictures ----------------------------------------------------------------


def _summary(reps: Replications, lang: str) -> Iterator[str]:
    scenario = reps.scenario
    yield _text(said.printable(scenario.question, lang), "lead")
    yield _text(said.facts(reps, lang), "small")
    yield _title("summary", lang)
    yield _text(said.reading(reps, lang), "small")
    for section in sections(reps, lang):
        yield from _section(section)
    for key, lines in (
        ("differs", said.differences(scenario, lang)),
        ("changed", said.changed_rows(scenario, (), lang)),
        ("force", said.in_force(scenario, lang)),
        ("sure", [said.how_sure(lang)]),
    ):
        if lines:
            yield f"<h3>{escape(word(f'summary.{key}', lang).rstrip('::'))}</h3>"
            yield from (_text(line) for line in lines)


def _section(section: Section) -> Iterator[str]:
    clause = f'<span class="clause">{escape(section.clause)}</span>'
    yield f"<h3>{escape(section.title)}{clause}</h3>"
    columns = [Column(""), Column("", "n"), Column("", "n"), Column("")]
    rows = [(r.label, joined(r.number, r.unit), r.interval, r.note) for r in section.rows]
    yield _table(columns, rows)
    yield from (_text(note, "small") for note in section.notes)


def _season(reps: Replications, winter: Winter | None, lang: str) -> Iterator[str]:
    yield _title("season", lang)
    if winter is None:
        yield _text(word("report.season_missing", lang))
    else:
        number, runs = winter.replication, len(reps)
        draw = partial(
            plots.season_of, winter.series, reps.scenario, reps.seed, number, winter.metrics
        )
        png = plots.png(lambda ax: draw(ax, lang), 11, 4.2)
        caption = escape(word("report.season_caption", lang, replication=number, runs=runs))
        yield f"<figure>{_image(png, word('report.season_alt', lang))}"
        yield f"<figcaption>{caption}</figcaption></figure>"
    if len(reps) > 1:
        yield _title("distributions", lang, 3)
        pictures = "".join(
            _spread(reps, name, lang) for name in ("air.pm25_mean", "air.heavy_days")
        )
        yield f'<figure class="pair">{pictures}</figure>'


def _spread(reps: Replications, name: str, lang: str) -> str:
    alt = word("report.distribution_alt", lang, name=_named(name, lang))
    return _image(plots.png(lambda ax: plots.replications(reps, name, ax, lang), 5.2, 3.2), alt)


def _named(name: str, lang: str) -> str:
    return METRICS[name].zh if lang == "zh" else METRICS[name].en


def _metrics(reps: Replications, lang: str) -> Iterator[str]:
    yield _title("metrics", lang)
    rows = []
    for name, row in reps.summary.iterrows():
        plain = scale(str(name), METRICS[str(name)].unit, row["mean"], lang)
        figures = (plain.number(row["mean"]), plain.interval(row["low"], row["high"]) or "—")
        meaning, formula = _named(str(name), lang), METRICS[str(name)].formula
        rows.append((name, meaning, *figures, plain.unit, row["runs"], formula))
    heads = _heads(
        lang, "metric k", "meaning", "mean n", "interval n", "unit w", "runs n", "formula"
    )
    yield _table(heads, rows, "dense")


def _alerts(winter: Winter | None, lang: str) -> Iterator[str]:
    if winter is None:
        return
    yield _title("alerts", lang)
    rows = [_alert(row, lang) for row in alert_rows(winter)]
    if not rows:
        yield _text(word("report.no_alerts", lang))
        return
    heads = _heads(
        lang, "alert w", "level", "published w", "lead n", "ended w", "hours n", "signed",
        "clause", "force",
    )  # fmt: skip
    yield _table(heads, rows, "dense")


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


# ---- law and inputs ----------------------------------------------------------------------


def _law(reps: Replications, lang: str) -> Iterator[str]:
    law, changed = reps.scenario.law_book(), reps.scenario.differs_from_law()
    yield _title("law", lang) + _title("changed", lang, 3)
    if changed:
        entries = [law.entry(row["id"].removesuffix(".reading")) for row in changed]
        rows = [
            (row["id"], entry.name[lang], said.said_value(row["law"]),
             said.said_value(row["scenario"]), row["clause"], entry.quote)
            for row, entry in zip(changed, entries, strict=True)
        ]  # fmt: skip
        yield _table(_heads(lang, "id k", "what", "law", "here", "clause", "quote"), rows, "dense")
    else:
        yield _text(word("summary.nothing", lang))
    yield _title("documents", lang, 3)
    unstated = word("report.unstated", lang)
    documents = [law.documents[number] for number in DOCUMENTS]
    rows = [
        (d.number, d.title if lang == "zh" else d.title_en, d.in_force_from,
         d.in_force_until or unstated)
        for d in documents
    ]  # fmt: skip
    yield _table(_heads(lang, "number w", "name", "from w", "until w"), rows, "dense")
    yield _title("values", lang, 3)
    rows = [_entry(entry, lang) for entry in law if _shown(entry)]
    heads = _heads(lang, "id k", "what", "value", "unit", "clause", "quote", "reading")
    yield _table(heads, rows, "dense")


def _shown(entry: Entry) -> bool:
    number = isinstance(entry.value, int | float) and not isinstance(entry.value, bool)
    return entry.id.startswith(_USED) and (number or bool(entry.reading.options))


def _entry(entry: Entry, lang: str) -> tuple[str, ...]:
    reading = entry.reading.zh if lang == "zh" else entry.reading.en
    if entry.reading.option:
        option = entry.reading.options[entry.reading.option][lang]
        reading = f"{reading} [{entry.reading.option}: {option}]"
    value, unit = said.said_value(entry.value), _unit(entry.unit, lang)
    return entry.id, entry.name[lang], value, unit, entry.clause, entry.quote, reading


def _unit(unit: str, lang: str) -> str:
    return word(f"unit.{unit}", lang) if f"unit.{unit}" in words() else unit


def _inputs(reps: Replications, sources: Iterable[Source], lang: str) -> Iterator[str]:
    changed = said.changed_defaults(reps.scenario)
    origins = {source.key: source.origin for source in sources}
    yield _title("inputs", lang) + _text(said.how_sure(lang), "small")
    yield _text(word("report.inputs_note", lang), "small")
    heads = _heads(lang, "key k", "what", "value", "unit", "source")
    for status in STATUSES:
        rows = [
            (key, about[lang], _value(reps, key, changed, origins, lang), about["unit"],
             half(about["source"], lang))
            for key, about in known_keys().items() if about.get("status") == status
        ]  # fmt: skip
        yield f"<h3>{escape(word(f'status.{status}', lang))} ({len(rows)})</h3>"
        yield _table(heads, rows, "dense")


def _value(
    reps: Replications,
    key: str,
    changed: Mapping[str, Any],
    origins: Mapping[str, str],
    lang: str,
) -> str:
    value = said.said_value(reps.scenario.get(key))
    if key not in changed:
        return value
    notes = [word("report.default_was", lang, value=said.said_value(changed[key]))]
    if key in origins:
        notes.append(word("report.from_file", lang, origin=origins[key]))
    return f"★ {value} ({', '.join(notes)})"


# ---- how it was made ---------------------------------------------------------------------


def _stress(reps: Replications, about: Mapping[str, Any], lang: str) -> Iterator[str]:
    yield _title("stress", lang)
    rows = list(stress_items(reps, about, lang))
    yield _table(_heads(lang, "item w", "said"), rows)


def _versions(reps: Replications, about: Mapping[str, Any], lang: str) -> Iterator[str]:
    yield _title("versions", lang)
    package = f"{about.get('package', 'zibo_sim')} {about.get('version', '—')}"
    rows = [
        (word("report.package", lang), package),
        ("Python", about.get("python", "—")),
        *about.get("dependencies", {}).items(),
        (word("report.seed", lang), reps.seed),
        (word("report.replications", lang), len(reps)),
        (word("report.content", lang), about.get("content", "—")),
    ]
    yield _table([Column("", "w"), Column("", "k")], rows, "dense")
