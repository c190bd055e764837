"""What one scenario has otherwise than another: input by input, with status and source."""

from __future__ import annotations

from typing import Any

from zibo_sim.law import book
from zibo_sim.law.book import READING_SUFFIX
from zibo_sim.report import html
from zibo_sim.report.summary import said_input, said_value
from zibo_sim.scenario import HEADER, Scenario, known_keys
from zibo_sim.words import said_source, word, words

_LAW = "law."


def changed_inputs_of(base: Scenario, variant: Scenario) -> list[str]:
    """Return the inputs that differ, values of the law as ``law.<id>``."""
    plain = [k for k in known_keys() if k not in HEADER and base.get(k) != variant.get(k)]
    both = dict.fromkeys([*base.law, *variant.law])
    return [*plain, *(_LAW + k for k in both if value_of(base, k) != value_of(variant, k))]


def value_of(scenario: Scenario, key: str) -> Any:
    """Return what a scenario has for a value of the law, or for the reading of one."""
    law = scenario.law_book()
    if key in law.entries:
        return law.entry(key).value
    return law.entry(key.removesuffix(READING_SUFFIX)).reading.option


def changed_table(base: Scenario, variant: Scenario, lang: str) -> str:
    """Return a table of what a variant has otherwise than its base."""
    keys = changed_inputs_of(base, variant)
    if not keys:
        return html.text(word("page.like_base", lang))
    rows = []
    for key in keys:
        name, unit, status, source = described(key, lang)
        values = (_shown(scenario, key) for scenario in (base, variant))
        rows.append((key, name, *values, unit, status, source))
    heads = html.heads(
        lang, "key k", "what", "page.h_base t", "page.h_variant t", "unit", "page.h_status",
        "source t",
    )  # fmt: skip
    return html.table(heads, rows, "dense moved")


def _shown(scenario: Scenario, key: str) -> str:
    if key.startswith(_LAW):
        return said_value(value_of(scenario, key.removeprefix(_LAW)))
    return said_input(scenario, key)


def described(key: str, lang: str) -> tuple[str, str, str, str]:
    """Return name, unit, status in words, and source of an input or of a value of the law."""
    if key.startswith(_LAW):
        entry = book().entry(key.removeprefix(_LAW).removesuffix(READING_SUFFIX))
        status = word(f"status.{entry.status}", lang)
        return entry.name[lang], said_unit(entry.unit, lang), status, entry.clause
    about = known_keys()[key]
    status = word(f"status.{about['status']}", lang) if "status" in about else ""
    unit = said_unit(about.get("unit", ""), lang)
    return about[lang], unit, status, said_source(about.get("source", ""), lang)


def said_unit(unit: str, lang: str) -> str:
    """Return a unit in words, where there are any for it."""
    return word(f"unit.{unit}", lang) if f"unit.{unit}" in words() else unit
