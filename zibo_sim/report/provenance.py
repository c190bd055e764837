"""What a report says of its own ground: the law, the inputs, the versions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any

from zibo_sim.experiment import Replications
from zibo_sim.fields import STATUSES
from zibo_sim.law import Entry
from zibo_sim.report import html
from zibo_sim.report import summary as said
from zibo_sim.report.figures import DOCUMENTS
from zibo_sim.scenario import Source, known_keys
from zibo_sim.words import half, word, words

#: Law-book ids the model reads; the rest of the action plan commands what it does not simulate.
_USED = ("target.", "alert.", "aqi.", "cloud.", "heating.", "cleanheat.")


def law(reps: Replications, lang: str) -> Iterator[str]:
    """Yield what the scenario changes of the law, its documents, its values with their words."""
    book, changed = reps.scenario.law_book(), reps.scenario.differs_from_law()
    yield html.title("law", lang) + html.title("changed", lang, 3)
    if changed:
        entries = [book.entry(row["id"].removesuffix(".reading")) for row in changed]
        rows = [
            (row["id"], entry.name[lang], said.said_value(row["law"]),
             said.said_value(row["scenario"]), row["clause"], entry.quote)
            for row, entry in zip(changed, entries, strict=True)
        ]  # fmt: skip
        yield html.table(
            html.heads(lang, "id k", "what", "law t", "here t", "clause", "quote"), rows, "dense"
        )
    else:
        yield html.text(word("summary.nothing", lang))
    yield html.title("documents", lang, 3)
    unstated = word("report.unstated", lang)
    documents = [book.documents[number] for number in DOCUMENTS]
    cited = [
        (d.number, d.title if lang == "zh" else d.title_en, d.in_force_from,
         d.in_force_until or unstated)
        for d in documents
    ]  # fmt: skip
    yield html.table(html.heads(lang, "number w", "name", "from w", "until w"), cited, "dense")
    yield html.title("values", lang, 3)
    heads = html.heads(lang, "id k", "what", "value t", "unit t", "clause", "quote", "reading")
    for number, document in book.documents.items():
        entries = [e for e in book if e.document.number == number and _shown(e)]
        if entries:
            name = document.title if lang == "zh" else document.title_en
            yield f"<h4>{escape(f'{number} {name}')}</h4>"
            yield html.table(heads, [_entry(entry, lang) for entry in entries], "dense law")


def _shown(entry: Entry) -> bool:
    number = isinstance(entry.value, int | float) and not isinstance(entry.value, bool)
    return entry.id.startswith(_USED) and (number or bool(entry.reading.options))


def _entry(entry: Entry, lang: str) -> tuple[str, ...]:
    reading = entry.reading.zh if lang == "zh" else entry.reading.en
    if entry.reading.option:
        option = entry.reading.options[entry.reading.option][lang]
        reading = f"{reading} [{entry.reading.option}: {option}]"
    value, unit = said.said_value(entry.value), _unit(entry.unit, lang)
    return entry.id, entry.name[lang], value, unit, entry.path, entry.quote, reading


def _unit(unit: str, lang: str) -> str:
    return word(f"unit.{unit}", lang) if f"unit.{unit}" in words() else unit


def inputs(reps: Replications, sources: Iterable[Source], lang: str) -> Iterator[str]:
    """Yield every input by status: key, meaning, value, unit, source."""
    changed = said.changed_defaults(reps.scenario)
    origins = {source.key: source.origin for source in sources}
    yield html.title("inputs", lang) + html.text(said.how_sure(lang), "small")
    yield html.text(word("report.inputs_note", lang), "small")
    heads = html.heads(lang, "key k", "what", "value t", "unit", "source t")
    for status in STATUSES:
        rows = [
            (key, about[lang], _value(reps, key, changed, origins, lang), about["unit"],
             half(about["source"], lang))
            for key, about in known_keys().items() if about.get("status") == status
        ]  # fmt: skip
        yield f"<h3>{escape(word(f'status.{status}', lang))} ({len(rows)})</h3>"
        yield html.table(heads, rows, "dense")


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


def versions(reps: Replications, about: Mapping[str, Any], lang: str) -> Iterator[str]:
    """Yield what the run was made with."""
    yield html.title("versions", lang)
    package = f"{about.get('package', 'zibo_sim')} {about.get('version', '—')}"
    rows = [
        (word("report.package", lang), package),
        ("Python", about.get("python", "—")),
        *about.get("dependencies", {}).items(),
        (word("report.seed", lang), reps.seed),
        (word("report.replications", lang), len(reps)),
        (word("report.content", lang), about.get("content", "—")),
    ]
    yield html.table([html.Column("", "w"), html.Column("", "t")], rows, "dense")
