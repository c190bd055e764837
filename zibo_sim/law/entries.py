"""What a document's TOML file holds: the document, its entries, how ambiguous words are read."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from zibo_sim.errors import Refused, unknown
from zibo_sim.fields import STATUSES

_TEXT_ALONE = {"zh": "仅依文字", "en": "text alone"}
_ENTRY_KEYS = {"id", "name", "value", "unit", "clause", "quote", "reading", "status"}
_ENTRY_OPTIONAL = {"option", "options", "source", "in_force_from", "in_force_until"}
_DOCUMENT_KEYS = {"number", "title", "title_en", "issuer", "issued", "in_force_from"}
_DOCUMENT_OPTIONAL = {"in_force_until", "note"}


@dataclass(frozen=True)
class Document:
    """One document of the gazette, or a standard the documents rest on."""

    number: str
    title: str
    title_en: str
    issuer: str
    issued: date
    in_force_from: date
    in_force_until: date | None = None
    note: str = ""

    def in_force(self, day: date) -> bool:
        """Say whether the document is in force on `day`; both ends are inside.

        Parameters
        ----------
        day : date

        Examples
        --------
        >>> from datetime import date
        >>> from zibo_sim.law import book
        >>> notice = book().document_of("淄政办字〔2018〕139号")
        >>> notice.in_force(date(2018, 10, 1)), notice.in_force(date(2018, 12, 1))
        (False, True)
        """
        return self.in_force_from <= day and (
            self.in_force_until is None or day <= self.in_force_until
        )


@dataclass(frozen=True)
class Reading:
    """How ambiguous words are read: the text in both languages and the options one may choose."""

    zh: str
    en: str
    option: str = ""
    options: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    """One rule of a document: `value` in `unit`, the clause that sets it, its words.

    Attributes
    ----------
    id : str
    name : mapping of language to str
    value : int, float, str, bool or list
    unit : str
    document : Document
    path : str
        Where in the document, as citations have it.
    quote : str
        The words of the gazette.
    reading : Reading
        How they are read, and the options where they leave a choice.
    status : {"statutory", "standard", "literature", "calibrated", "assumed"}
    source : str
        Where the value comes from, where that is not the document.

    Examples
    --------
    >>> from zibo_sim.law import book
    >>> price = book().entry("heating.price.residential")
    >>> price.value, price.unit, price.clause
    (22, 'yuan/m²', '淄政办字〔2018〕139号 一(一)1')
    """

    id: str
    name: Mapping[str, str]
    value: Any
    unit: str
    document: Document
    path: str
    quote: str
    reading: Reading
    status: str
    source: str = ""

    @property
    def clause(self) -> str:
        """The citation: the document's number, a space, the path in it."""
        return f"{self.document.number} {self.path}".strip()


def _require(table: Mapping[str, Any], needed: set[str], optional: set[str], where: str) -> None:
    missing = sorted(k for k in needed if k not in table or table[k] in ("", None))
    extra = [k for k in table if k not in needed | optional]
    faults = [f"missing {k!r}" for k in missing]
    faults += [unknown("key", k, sorted(needed | optional)) for k in extra]
    if faults:
        raise Refused(*faults, where=where)


def _reading(table: Mapping[str, Any], where: str) -> Reading:
    given = table["reading"]
    text = _TEXT_ALONE if given == _TEXT_ALONE["en"] else given
    options, option = table.get("options", {}), table.get("option", "")
    if not isinstance(text, Mapping) or set(text) != {"zh", "en"}:
        raise Refused("reading must be 'text alone' or have zh and en", where=where)
    if bool(options) != bool(option) or (options and option not in options):
        raise Refused(f"option {option!r} is not among {sorted(options)}", where=where)
    return Reading(text["zh"], text["en"], option, options)


def _entry(table: Mapping[str, Any], document: Document, where: str) -> Entry:
    where = f"{where}, entry {table.get('id', '?')}"
    _require(table, _ENTRY_KEYS, _ENTRY_OPTIONAL, where)
    if table["status"] not in STATUSES:
        raise Refused(unknown("status", table["status"], STATUSES), where=where)
    if set(table["name"]) != {"zh", "en"}:
        raise Refused("name must have zh and en", where=where)
    dates = {k: table[k] for k in ("in_force_from", "in_force_until") if k in table}
    return Entry(
        id=table["id"],
        name=table["name"],
        value=table["value"],
        unit=table["unit"],
        document=replace(document, **dates),
        path=table["clause"],
        quote=table["quote"],
        reading=_reading(table, where),
        status=table["status"],
        source=table.get("source", ""),
    )


def parse(text: str, where: str) -> tuple[Document, list[Entry]]:
    """Read one document's TOML; an entry without value, clause, words or status is refused.

    Raises
    ------
    Refused
        Naming the file, the entry and what is missing or not known.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Refused(f"not TOML: {error}", where=where) from None
    _require(data, {"document", "entry"}, set(), where)
    _require(data["document"], _DOCUMENT_KEYS, _DOCUMENT_OPTIONAL, f"{where}, document")
    document = Document(**data["document"])
    return document, [_entry(table, document, where) for table in data["entry"]]
