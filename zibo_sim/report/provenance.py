"""What a report says of its own ground: the law, the inputs, the versions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from zibo_sim.fields import STATUSES
from zibo_sim.law import Entry
from zibo_sim.reforms import reforms
from zibo_sim.report import html
from zibo_sim.report import summary as said
from zibo_sim.report.changes import said_unit
from zibo_sim.report.figures import DOCUMENTS
from zibo_sim.scenario import Scenario, Source, known_keys
from zibo_sim.words import bracketed, labelled, listed, said_source, word

#: Law-book ids the model reads; the rest of the action plan commands what it does not simulate.
_USED = ("target.", "alert.", "aqi.", "cloud.", "heating.", "cleanheat.")


def law(scenario: Scenario, lang: str) -> Iterator[str]:
    """Yield what the scenario changes of the law, its documents, its values with their words."""
    yield html.title("law", lang) + html.title("changed", lang, 3)
    yield changes(scenario, lang)
    yield from documents(scenario, lang)


def changes(scenario: Scenario, lang: str) -> str:
    """Return what a scenario changes of the law, with clauses and quotes."""
    rows = [
        (r.id, r.name[lang], said.said_value(r.law), said.said_value(r.scenario), r.clause, r.quote)
        for r in reforms(scenario)
    ]
    if not rows:
        return html.text(word("summary.nothing", lang))
    heads = html.heads(lang, "id k", "what", "law t", "here t", "clause", "quote")
    return html.table(heads, rows, "dense changed")


def documents(scenario: Scenario, lang: str) -> Iterator[str]:
    """Yield the documents of a scenario's law and the values read from them, with their words."""
    book, unstated = scenario.law_book(), word("report.unstated", lang)
    yield html.title("documents", lang, 3)
    cited = [
        (d.number, d.title if lang == "zh" else d.title_en, d.in_force_from,
         d.in_force_until or unstated)
        for d in (book.documents[number] for number in DOCUMENTS)
    ]  # fmt: skip
    yield html.table(html.heads(lang, "number w", "name", "from w", "until w"), cited, "dense keep")
    yield from (html.text(line, "small") for line in said.in_force(scenario, lang))
    yield html.title("values", lang, 3)
    heads = html.heads(lang, "id k", "what", "value t", "unit t", "clause", "quote", "reading")
    for number, document in book.documents.items():
        entries = [e for e in book if e.document.number == number and _shown(e)]
        if entries:
            name = document.title if lang == "zh" else document.title_en
            yield html.heading(f"{number} {name}", 4)
            yield html.table(heads, [_entry(entry, lang) for entry in entries], "dense law")


def _shown(entry: Entry) -> bool:
    number = isinstance(entry.value, int | float) and not isinstance(entry.value, bool)
    return entry.id.startswith(_USED) and (number or bool(entry.reading.options))


def _entry(entry: Entry, lang: str) -> tuple[str, ...]:
    reading = entry.reading.zh if lang == "zh" else entry.reading.en
    if entry.reading.option:
        option = entry.reading.options[entry.reading.option][lang]
        taken = labelled(entry.reading.option, option, lang)
        reading += f"［{taken}］" if lang == "zh" else f" [{taken}]"
    value, unit = said.said_value(entry.value), said_unit(entry.unit, lang)
    return entry.id, entry.name[lang], value, unit, entry.path, entry.quote, reading


def inputs(
    scenario: Scenario, sources: Iterable[Source], lang: str, varied: Iterable[str] = ()
) -> Iterator[str]:
    """Yield every input by status: key, meaning, value, unit, source.

    Parameters
    ----------
    scenario : Scenario
    sources : iterable of Source
    lang : {"zh", "en"}
    varied : iterable of str
        Inputs that variants or points of a study change, which their rows say.
    """
    changed, moved = said.changed_defaults(scenario), set(varied)
    origins = {source.key: source.origin for source in sources}
    yield html.title("inputs", lang) + html.text(said.how_sure(lang), "small")
    yield html.text(word("report.inputs_note", lang), "small")
    heads = html.heads(lang, "key k", "what", "value t", "unit", "source t")
    for status in STATUSES:
        rows = [
            (key, about[lang], _value(scenario, key, changed, origins, moved, lang),
             said_unit(about["unit"], lang), said_source(about["source"], lang))
            for key, about in known_keys().items() if about.get("status") == status
        ]  # fmt: skip
        yield html.heading(word(f"status.{status}", lang) + bracketed(str(len(rows)), lang), 3)
        yield html.table(heads, rows, "dense inputs")


def _value(
    scenario: Scenario,
    key: str,
    changed: Mapping[str, Any],
    origins: Mapping[str, str],
    moved: set[str],
    lang: str,
) -> str:
    value, notes = said.said_input(scenario, key), []
    if key in changed:
        notes.append(word("report.default_was", lang, value=said.said_value(changed[key])))
        if key in origins:
            notes.append(word("report.from_file", lang, origin=origins[key]))
    if key in moved:
        notes.append(word("page.varied", lang))
    return f"★ {value}{bracketed(listed(notes, lang), lang)}" if notes else value


def versions(about: Mapping[str, Any], seed: int, runs: int, lang: str) -> Iterator[str]:
    """Yield what results were made with, and what makes them again."""
    yield html.title("versions", lang)
    package = f"{about.get('package', 'zibo_sim')} {about.get('version', '—')}"
    rows = [
        (word("report.package", lang), package),
        ("Python", about.get("python", "—")),
        *about.get("dependencies", {}).items(),
        (word("report.seed", lang), seed),
        (word("report.replications", lang), runs),
        (word("report.content", lang), about.get("content", about.get("base", "—"))),
    ]
    yield html.table([html.Column("", "w"), html.Column("", "t")], rows, "dense keep")
