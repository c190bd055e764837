"""What a scenario changes of the law, as people are told it: what it is, its clause, its words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from zibo_sim.law.book import READING_SUFFIX
from zibo_sim.scenario import Scenario, known_keys, statutory

_UNITLESS = ("text", "duty")


class Reform(NamedTuple):
    """One change of the law: of a value, of a reading, or of an input that the text states.

    Attributes
    ----------
    id : str
        Of the law's entry, with ``.reading`` where the reading changes; or the input's dotted name.
    name : mapping of str to str
        In ``zh`` and ``en``.
    unit : str
        Empty where the value has none.
    law, scenario : object
        The value as printed and the scenario's own.
    clause, quote : str
    """

    id: str
    name: Mapping[str, str]
    unit: str
    law: Any
    scenario: Any
    clause: str
    quote: str


def reforms(scenario: Scenario) -> list[Reform]:
    """Return what a scenario changes of the law, in the order of `Scenario.differs_from_law`.

    Parameters
    ----------
    scenario : Scenario

    Returns
    -------
    list of Reform

    Examples
    --------
    >>> from zibo_sim.scenario import load
    >>> (reform,) = reforms(load("horizon-96h"))
    >>> reform.name["en"], reform.law, reform.scenario, reform.quote
    ('how far ahead the consultation looks', 72, 96, '未来1—3天')
    """
    return [_reform(scenario, row) for row in scenario.differs_from_law()]


def _reform(scenario: Scenario, row: Mapping[str, Any]) -> Reform:
    key, values = row["id"], (row["law"], row["scenario"], row["clause"])
    if key in statutory():
        about = known_keys()[key]
        return Reform(key, about, about["unit"], *values, statutory()[key].quote)
    entry = scenario.law_book().entry(key.removesuffix(READING_SUFFIX))
    unitless = key.endswith(READING_SUFFIX) or entry.unit in _UNITLESS
    return Reform(key, entry.name, "" if unitless else entry.unit, *values, entry.quote)
