"""Every rule of the gazette by its case-file name."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

import zibo_sim.air.alerts
import zibo_sim.air.aqi
import zibo_sim.air.measures
import zibo_sim.cloud.clocks
import zibo_sim.heating.bills
import zibo_sim.heating.season
import zibo_sim.heating.subsidies  # noqa: F401  (importing a domain registers its rules)
from zibo_sim.errors import Refused, unknown
from zibo_sim.law.rule import RULES, Rule
from zibo_sim.text import table

_HOW = """Every rule of the gazette, by the name that case files use.

A rule is a pure function: it is called with keywords, checks them, and returns a dict.
``help(rules["heating.bill"])`` shows its clause, its inputs and an example; ``law=`` takes a
changed law book (``scenario.law_book()``).

{listing}

Raises
------
Refused
    For a name that no rule has, with the nearest; by a rule, for inputs that do not fit it.

Examples
--------
>>> flat = {"kind": "flat", "area": 100.0}
>>> rules["heating.bill"](
...     season=2018, district="张店区", use="residential", spaces=[flat]
... )["amount"]
'2200.00'
>>> rules["air.report_by"](response_ended="2018-12-07")["report_by"].isoformat()
'2018-12-12'
"""


class UnknownRule(Refused, KeyError):
    """A name that no rule has."""

    __str__ = Exception.__str__  # a KeyError would quote it


class Rules(Mapping[str, Rule]):
    """A mapping of names to rules that cannot be changed and shows what it holds."""

    def __init__(self, known: Mapping[str, Rule]) -> None:
        self._known = known
        # Of the mapping itself, so that help() shows it and not the class.
        self.__doc__ = _HOW.replace("{listing}", repr(self))

    def __getitem__(self, name: str) -> Rule:
        if name not in self._known:
            raise UnknownRule(unknown("rule", name, self._known))
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)

    def __repr__(self) -> str:
        return table(("rule", "what it says"), [(name, said(self[name])) for name in sorted(self)])

    def _ipython_key_completions_(self) -> list[str]:
        return sorted(self)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))


def said(rule: Rule) -> str:
    """Return the first line of a rule's documentation: its clause, and what it answers.

    Parameters
    ----------
    rule : callable

    Examples
    --------
    >>> said(rules["heating.in_season"])
    '淄政办字〔2018〕139号 一(一)5: the season runs from 15 November to 15 March.'
    """
    return (inspect.getdoc(rule) or "").partition("\n")[0]


rules = Rules(RULES)
