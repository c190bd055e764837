"""One page for the terminal that a planner reads without help."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import PurePath
from typing import Any

from zibo_sim.experiment import Replications, changed_inputs
from zibo_sim.fields import STATUSES
from zibo_sim.law import Law
from zibo_sim.reforms import reforms
from zibo_sim.report.figures import DOCUMENTS, Row, Section, measured, sections
from zibo_sim.scenario import FILES, Scenario, Source, known_keys, statutory
from zibo_sim.text import clipped, pad, width, wrapped
from zibo_sim.words import half, language, listed, said_date, word

COLUMNS = 96
_SHOWN = 6


def summary_text(
    reps: Replications, lang: str | None = None, sources: Iterable[Source] = ()
) -> str:
    """Return the summary of many runs as text.

    Parameters
    ----------
    reps : Replications
    lang : {"zh", "en"}, optional
        Default: the locale's.
    sources : iterable of Source
        Where the scenario's values came from; changes given with ``--set`` are named.

    Returns
    -------
    str
        Lines of at most 96 terminal columns.
    """
    lang = language(lang)
    lines, found = [*_head(reps, lang), ""], sections(reps, lang)
    for section in found:
        lines += [*_section(section, _label_width(found)), ""]
    lines += _paragraph(word("summary.differs", lang), differences(reps.scenario, lang), lang)
    if changed := changed_rows(reps.scenario, sources, lang):
        lines += _paragraph(word("summary.changed", lang), changed, lang)
    lines += _paragraph(word("summary.force", lang), in_force(reps.scenario, lang), lang)
    lines += _paragraph(word("summary.sure", lang), [how_sure(lang)], lang)
    return "\n".join(line.rstrip() for line in lines)


# ---- what both pages say -----------------------------------------------------------------


def printable(text: str, lang: str) -> str:
    """Return a user's text without control characters, of two languages the one asked for."""
    return "".join(c if c.isprintable() else " " for c in half(text, lang))


def facts(reps: Replications, lang: str) -> str:
    """Say what was run: the period, how many winters, the seed."""
    runs = len(reps)
    key = "summary.facts" if runs > 1 else "summary.facts_one"
    said = word(key, lang, period=period(reps.scenario, lang), runs=runs, seed=reps.seed)
    share = f"{100 * reps.metrics['air.measured_share'].mean():.1f}%"
    return f"{said} · {word('summary.measured', lang, share=share)}" if measured(reps) else said


def period(scenario: Scenario, lang: str) -> str:
    """Return first and last day and the number of days."""
    first, last = scenario.period.start, scenario.period.end
    start, end = said_date(first, lang), said_date(last, lang)
    return word("date.span", lang, start=start, end=end, days=(last - first).days + 1)


def reading(reps: Replications, lang: str) -> str:
    """Say how the figures are to be read."""
    return word("summary.reading" if len(reps) > 1 else "summary.reading_one", lang)


def differences(scenario: Scenario, lang: str) -> list[str]:
    """Say what the scenario changes of the law, one line a change."""
    lines = [
        word(
            "summary.differs_row", lang, name=reform.name[lang], id=reform.id,
            law=said_value(reform.law), scenario=said_value(reform.scenario), clause=reform.clause,
        )
        for reform in reforms(scenario)
    ]  # fmt: skip
    return lines or [word("summary.nothing", lang)]


def changed_rows(scenario: Scenario, sources: Iterable[Source], lang: str) -> list[str]:
    """Say which inputs beside the law are not at their default, and which file set them."""
    origins = {source.key: source.origin for source in sources}
    lines = []
    for key, default in changed_defaults(scenario).items():
        shown = {"value": said_input(scenario, key), "default": said_value(default)}
        origin = f" [{origins[key]}]" if key in origins else ""
        lines.append(word("summary.changed_row", lang, name=key, **shown) + origin)
    return lines


def changed_defaults(scenario: Scenario) -> dict[str, Any]:
    """Return the inputs beside the law that are not at their default, with that default."""
    default = Scenario(title="-", question="-")
    changed = (key for key in changed_inputs(scenario) if not key.startswith("law."))
    return {key: default.get(key) for key in changed if key not in statutory()}


def in_force(scenario: Scenario, lang: str) -> list[str]:
    """Say when the documents came into force and how the run treats the days before."""
    law = scenario.law_book()
    days = dict[date, list[str]]()
    for number in DOCUMENTS:
        days.setdefault(law.documents[number].in_force_from, []).append(_short(number))
    forces = [
        word("summary.force_from", lang, documents=listed(names, lang), day=said_date(day, lang))
        for day, names in sorted(days.items())
    ]  # fmt: skip
    stop = "。" if lang == "zh" else "."
    return [listed(forces, lang, "clause") + stop, _applied(scenario, law, lang)]


def _short(number: str) -> str:
    return number.removeprefix("淄政办字")


def _applied(scenario: Scenario, law: Law, lang: str) -> str:
    latest = max(law.documents[number].in_force_from for number in DOCUMENTS)
    if latest <= scenario.period.start:
        return word("summary.all_along", lang)
    early = scenario.law_from == "throughout"
    return word("summary.throughout" if early else "summary.from_day", lang)


def statuses() -> Counter[str]:
    """Count the inputs of a scenario by status, in the order of `STATUSES`."""
    found = Counter(said["status"] for said in known_keys().values() if "status" in said)
    return Counter({status: found[status] for status in STATUSES if found[status]})


def status_counts(lang: str) -> str:
    """Say how many inputs have which status."""
    parts = [(word(f"status.{status}", lang), count) for status, count in statuses().items()]
    if lang == "zh":
        return "、".join(f"{said} {count}" for said, count in parts)
    return ", ".join(f"{count} {said}" for said, count in parts)


def how_sure(lang: str) -> str:
    """Say what the intervals hold and what the inputs rest on."""
    total = statuses().total()
    return word("summary.chance", lang, total=total, counts=status_counts(lang))


# ---- the lines ---------------------------------------------------------------------------


def _head(reps: Replications, lang: str) -> Iterator[str]:
    yield from wrapped(printable(reps.scenario.title, lang))
    yield from wrapped(printable(reps.scenario.question, lang))
    yield from wrapped(facts(reps, lang))
    yield from wrapped(reading(reps, lang))


def _label_width(found: list[Section]) -> int:
    return max(width(row.label) for section in found for row in section.rows)


def _section(section: Section, label: int) -> Iterator[str]:
    yield clipped(f"{section.title}  {section.clause}", COLUMNS)
    number = max(width(row.number) for row in section.rows)
    unit = max(width(row.unit) for row in section.rows)
    interval = max(width(row.interval) for row in section.rows)
    for row in section.rows:
        yield clipped(_line(row, label, number, unit, interval), COLUMNS)
    for note in section.notes:
        yield from wrapped(note, "  ")


def _line(row: Row, label: int, number: int, unit: int, interval: int) -> str:
    cells = (
        pad(row.label, label), pad(row.number, number, right=True) + " " + pad(row.unit, unit),
        pad(row.interval, interval, right=True), row.note,
    )  # fmt: skip
    return "  " + "  ".join(cells).rstrip()


def _paragraph(title: str, said: list[str], lang: str) -> Iterator[str]:
    """Yield a title with a short text behind it, or with its lines below; the rest is counted."""
    said = [printable(text, lang) for text in said]
    space = "" if lang == "zh" else " "
    if len(said) == 1 or width(" ".join([title, *said])) <= COLUMNS:
        yield from wrapped(title + space + " ".join(said))
        return
    yield title
    for text in said[:_SHOWN]:
        yield from wrapped(text, "  ")
    if len(said) > _SHOWN:
        yield "  " + word("summary.more", lang, count=len(said) - _SHOWN)


def said_input(scenario: Scenario, key: str) -> str:
    """Return an input's value as people write it; of a file its name alone."""
    value = scenario.get(key)
    return PurePath(value).name if key in FILES else said_value(value)


def said_value(value: Any) -> str:
    """Return a value of the law or a scenario as people write it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.12g}"
    if isinstance(value, list | tuple):
        apart = "; " if any(isinstance(v, list | tuple) for v in value) else ", "
        return apart.join(said_value(v) for v in value)
    return str(value)
