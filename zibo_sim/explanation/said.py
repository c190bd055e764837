"""Statements: one sentence of an explanation, with its figures and its clauses."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from zibo_sim.law import Law
from zibo_sim.ledger.said import day, moment, who
from zibo_sim.ledger.said import said as ledger_said
from zibo_sim.words import LANGUAGES, listed, scale, table_of

_LEDGER = ("colour", "consultation", "timing")


def table() -> dict[str, tuple[str, str]]:
    """Return the sentences: dotted key to the Chinese and the English text."""
    return table_of("zibo_sim.explanation")


def said(key: str, lang: str, **filled: Any) -> str:
    """Return a text with its braces filled in."""
    if key.partition(".")[0] in _LEDGER:
        return ledger_said(key, lang, **filled)
    text = table()[key][LANGUAGES.index(lang)]
    return text.format_map(filled) if filled else text


class Word(str):
    """A key of the words, said in the language of the reader: ``colour.orange``."""

    __slots__ = ()


class Who(str):
    """An office or a person of the gazette, by its Chinese name."""

    __slots__ = ()


class _Number(float):
    """A number that is a dash where there is none, and has a true minus.

    ``{total:yuan}`` writes millions of yuan as Chinese does: 5.337亿元, 436.4万元.
    """

    def __format__(self, spec: str) -> str:
        if not math.isfinite(self):
            return "—"
        if spec == "yuan":
            return scale("", "yuan", 1e6 * self, "zh").figure(1e6 * self)
        text = float(self).__format__(spec)
        empty = not any(c in "123456789" for c in text)
        return text.lstrip("-+") if empty else text.replace("-", "−")


class Citation(NamedTuple):
    """A clause and its words."""

    clause: str
    quote: str

    @property
    def short(self) -> str:
        """The clause without the city's mark and the year."""
        return self.clause.removeprefix("淄政办字〔2018〕")


def cite(law: Law, reference: str) -> Citation:
    """Return the clause and the words of a law-book id, or of a clause that the book has.

    Raises
    ------
    LookupError
        Where the law book has neither.
    """
    if reference in law.entries:
        entry = law.entry(reference)
        return Citation(entry.clause, entry.quote)
    for entry in law:
        if entry.clause == reference:
            return Citation(entry.clause, entry.quote)
    raise LookupError(f"the law book lacks {reference}")


@dataclass(frozen=True)
class Statement:
    """One sentence of an explanation.

    Attributes
    ----------
    key : str
        Of the sentence in the words.
    about : mapping of str to Any
        What the sentence is filled with: numbers, times, `Word`, `Who`, texts, and tuples of them.
    cited : tuple of Citation
    depth : int
        0 for a part of the metric, 1 for the events of it, 2 for why.
    """

    key: str
    about: Mapping[str, Any] = field(default_factory=dict)
    cited: tuple[Citation, ...] = ()
    depth: int = 0

    def text(self, lang: str) -> str:
        """Return the sentence with its clauses behind it."""
        filled = {name: _spoken(value, lang) for name, value in self.about.items()}
        sentence = said(self.key, lang, **filled)
        clauses = listed(dict.fromkeys(c.short for c in self.cited), lang, "clause")
        return f"{sentence} [{clauses}]" if clauses else sentence

    def as_json(self, lang: str) -> dict[str, Any]:
        """Return the statement as an object: its kind, figures, clauses and text."""
        return {
            "kind": self.key,
            "depth": self.depth,
            "about": {name: _plain(value) for name, value in self.about.items()},
            "clauses": list(dict.fromkeys(c.clause for c in self.cited)),
            "text": self.text(lang),
        }


def _spoken(value: Any, lang: str) -> Any:
    if isinstance(value, Word):
        return said(value, lang)
    if isinstance(value, Who):
        return said(f"who.{value}", lang) if f"who.{value}" in table() else who(value, lang)
    if isinstance(value, tuple):
        return listed((str(_spoken(v, lang)) for v in value), lang)
    if isinstance(value, datetime):
        return moment(value, lang)
    if isinstance(value, date):
        return day(value, lang)
    if isinstance(value, Statement):
        return value.text(lang)
    return _Number(value) if isinstance(value, float) else value


def _plain(value: Any) -> Any:
    if isinstance(value, Word):
        return value.rpartition(".")[2]
    if isinstance(value, str):
        return str(value)
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Statement):
        return {name: _plain(v) for name, v in value.about.items()}
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value
