"""Load the law book from its TOML files and answer what a clause says.

One file a document. An entry has a value, its unit, the clause, the words of the gazette, and the
reading taken where the words leave a choice; alternatives that the package can act on are named
options. A `Law` is the book with the changes of one scenario; rules ask it for values by id.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from importlib import resources
from typing import Any

from zibo_sim.errors import Refused, unknown
from zibo_sim.law.entries import Document, Entry, parse
from zibo_sim.law.kinds import checked

READING_SUFFIX = ".reading"


class Law:
    """The law book as one scenario has it.

    Parameters
    ----------
    entries : mapping of str to Entry
    documents : mapping of str to Document, by number
    changed : mapping, optional
        What a scenario set differently, by id or ``<id>.reading``.

    Examples
    --------
    >>> law = book()
    >>> law("alert.yellow.days"), law.clause("alert.yellow.days")
    (2, '淄政办字〔2018〕145号 四(一)1')
    """

    def __init__(
        self,
        entries: Mapping[str, Entry],
        documents: Mapping[str, Document],
        changed: Mapping[str, Any] | None = None,
    ) -> None:
        self.entries = entries
        self.documents = documents
        self.changed = dict(changed or {})

    def __call__(self, key: str) -> Any:
        """Return the value of the entry `key`.

        Parameters
        ----------
        key : str

        Raises
        ------
        Refused
            For an unknown id, with the nearest.

        Examples
        --------
        >>> book()("target.pm25_mean")
        72
        """
        return self.entry(key).value

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries.values())

    def __len__(self) -> int:
        return len(self.entries)

    def entry(self, key: str) -> Entry:
        """Return the entry `key`: value, unit, clause, words, reading, status.

        Parameters
        ----------
        key : str

        Raises
        ------
        Refused
            For an unknown id, with the nearest.

        Examples
        --------
        >>> book().entry("alert.yellow.days").document.number
        '淄政办字〔2018〕145号'
        """
        if key not in self.entries:
            raise Refused(unknown("law-book id", key, self.entries))
        return self.entries[key]

    def option(self, key: str) -> str:
        """Return which reading of the entry `key` is taken; empty where its words leave no choice.

        Parameters
        ----------
        key : str

        Examples
        --------
        >>> law = book()
        >>> law.option("heating.season.end")
        'inclusive'
        >>> sorted(law.entry("heating.season.end").reading.options)
        ['half_open', 'inclusive']
        """
        return self.entry(key).reading.option

    def clause(self, key: str) -> str:
        """Return the citation of the entry `key`.

        Parameters
        ----------
        key : str

        Examples
        --------
        >>> book().clause("heating.season.start")
        '淄政办字〔2018〕139号 一(一)5'
        """
        return self.entry(key).clause

    def document_of(self, clause: str) -> Document | None:
        """Return the document a citation belongs to, None when the book lacks it.

        Parameters
        ----------
        clause : str

        Examples
        --------
        >>> book().document_of("淄政办字〔2018〕145号 四(一)1").issued.year
        2018
        """
        cited = [n for n in self.documents if clause == n or clause.startswith(f"{n} ")]
        return self.documents[max(cited, key=len)] if cited else None

    def keys(self) -> list[str]:
        """Return every key a scenario's ``[law]`` may set: ids, and readings that have options.

        Examples
        --------
        >>> keys = book().keys()
        >>> "alert.yellow.days" in keys, "heating.season.end.reading" in keys
        (True, True)
        """
        readings = [e.id + READING_SUFFIX for e in self if e.reading.options]
        return [*self.entries, *readings]

    def with_changes(
        self, changes: Mapping[str, Any], notes: Mapping[str, Mapping[str, str]] | None = None
    ) -> Law:
        """Return the law with some values or readings changed; all faults are reported at once.

        Parameters
        ----------
        changes : mapping
            By law-book id, or by ``<id>.reading`` with the name of an option.
        notes : mapping, optional
            Status and source of changed values that are not the law's, by id.

        Returns
        -------
        Law
            A new one; this one stays as it is.

        Raises
        ------
        Refused
            For an unknown key or a value of the wrong kind or range.

        Examples
        --------
        >>> changes = {"alert.yellow.days": 3, "heating.season.end.reading": "half_open"}
        >>> reform = book().with_changes(changes)
        >>> reform("alert.yellow.days"), reform.option("heating.season.end")
        (3, 'half_open')
        """
        entries, known = dict(self.entries), set(self.keys())
        faults: list[str] = []
        for key, value in changes.items():
            try:
                if key not in known:
                    raise Refused(unknown("law-book id", key, self.keys()))
                if key in entries:
                    entry = entries[key]
                    value = checked(f"law.{key}", entry.unit, entry.value, value)
                    note = {"status": entry.status, "source": entry.source}
                    note |= (notes or {}).get(key, {})
                    status, source = note["status"], note["source"]
                    entries[key] = replace(entry, value=value, status=status, source=source)
                else:
                    key_of = key.removesuffix(READING_SUFFIX)
                    entries[key_of] = _with_reading(entries[key_of], value)
            except Refused as refusal:
                faults += refusal.faults
        if faults:
            raise Refused(*faults)
        return Law(entries, self.documents, {**self.changed, **changes})

    def find(self, query: str) -> list[Entry]:
        """Return the entries of an id, of ids below it, of a document, a clause or a path prefix.

        Parameters
        ----------
        query : str
            ``alert.yellow.days``, ``alert.yellow``, ``淄政办字〔2018〕145号``, ``145号 四(一)``,
            ``[2018]145号``, ``HJ 633-2012``.

        Returns
        -------
        list of Entry
            Empty where nothing fits.

        Examples
        --------
        >>> [entry.id for entry in book().find("alert.yellow")]
        ['alert.yellow.days', 'alert.yellow.short_heavy']
        >>> {entry.document.number for entry in book().find("145号 四(一)")}
        {'淄政办字〔2018〕145号'}
        """
        if query in self.entries:
            return [self.entries[query]]
        below = [e for e in self if e.id.startswith(query + ".")]
        if below or not query.strip():
            return below
        wanted = re.sub(r"[\[(【](\d{4})[\])】]", r"〔\1〕", normal(query))
        return [e for e in self if _cites(e, wanted)]


def normal(text: str) -> str:
    """Return text after NFKC with all white space removed, as quotes and clauses are compared."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def _cites(entry: Entry, wanted: str) -> bool:
    full = normal(entry.clause)
    starts = (0, full.find("〔"), full.find("〕") + 1)
    return any(at >= 0 and _leads(wanted, full[at:]) for at in starts)


def _leads(wanted: str, text: str) -> bool:
    """Say whether `text` begins with `wanted` without cutting a number in two (1 is not 10)."""
    joint = wanted[-1:] + text[len(wanted) : len(wanted) + 1]
    cut = re.fullmatch(r"\d\d|[一二三四五六七八九十百]{2}", joint)
    return text.startswith(wanted) and not cut


def _with_reading(entry: Entry, option: Any) -> Entry:
    if not isinstance(option, str) or option not in entry.reading.options:
        raise Refused(unknown(f"reading of {entry.id}", str(option), entry.reading.options))
    return replace(entry, reading=replace(entry.reading, option=option))


def bind(texts: Mapping[str, str]) -> Law:
    """Bind the documents' TOML, by file name, into one law book.

    Raises
    ------
    Refused
        Where `parse` refuses, and for a document or an id that stands twice.
    """
    documents: dict[str, Document] = {}
    entries: dict[str, Entry] = {}
    for where, text in texts.items():
        document, found = parse(text, where)
        if document.number in documents:
            raise Refused(f"document {document.number} stands in two files", where=where)
        documents[document.number] = document
        for entry in found:
            if entry.id in entries:
                raise Refused(f"id {entry.id} stands twice", where=where)
            entries[entry.id] = entry
    return Law(entries, documents)


@cache
def book() -> Law:
    """Return the law book as printed: every value of the gazette with its clause and words.

    Returns
    -------
    Law
        Always the same one; `Scenario.law_book` gives the law as a scenario changes it.

    Examples
    --------
    >>> law = book()
    >>> law("alert.yellow.days"), law.clause("alert.yellow.days")
    (2, '淄政办字〔2018〕145号 四(一)1')
    >>> law.entry("heating.price.residential").quote
    '中心城区居民供暖价格,按照套内建筑面积22元/平方米收取'
    """
    files = [f for f in resources.files(__package__).iterdir() if f.name.endswith(".toml")]
    files.sort(key=lambda f: f.name)
    return bind({f.name: f.read_text(encoding="utf-8") for f in files})
