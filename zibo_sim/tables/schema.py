"""The columns of one kind of file, and where they stand in a particular one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from zibo_sim.errors import Refused, nearest
from zibo_sim.tables.columns import Column, plain, read_cell
from zibo_sim.tables.files import Cell, Row, Table
from zibo_sim.tables.said import BadRow, Said, at_row

_FEW = ("yes_no", "choice", "count")
_MOST_KNOWN = 4096


@dataclass(frozen=True)
class Schema:
    """The columns of one kind of file."""

    kind: str
    columns: tuple[Column, ...]

    def __getitem__(self, name: str) -> Column:
        return next(c for c in self.columns if c.name == name)

    def known(self) -> dict[str, str]:
        """Return which column each plain header means."""
        return {header: c.name for c in self.columns for header in c.headers()}

    def layout(self, table: Table) -> Layout:
        """Find the columns in a file's header.

        Raises
        ------
        Refused
            For headers that stand twice and required columns that are missing, all at once.
        """
        known, places, extras = self.known(), dict[str, int](), dict[str, int]()
        faults = []
        for place, header in enumerate(table.header):
            name = known.get(plain(header))
            taken = extras if name is None else places
            key = header if name is None else name
            if key in taken and header:
                faults.append(_doubled(key, table.header[taken[key]], header))
            elif header:
                taken[key] = place
        missing = [c for c in self.columns if c.required and c.name not in places]
        faults += [_missing(c, list(extras)) for c in missing]
        if faults:
            raise Refused(*faults, where=table.where)
        heads = {name: table.header[place] for name, place in places.items()}
        found = tuple((c, places[c.name]) for c in self.columns if c.name in places)
        return Layout(found, heads, tuple(extras.values()), tuple(extras))


def _doubled(name: str, first: str, second: str) -> str:
    if first == second:
        return f"the header {first!r} stands twice"
    return f"the headers {first!r} and {second!r} both mean {name!r}; keep one"


def _missing(column: Column, present: list[str]) -> str:
    said = f"the column {column.name!r} ({column.zh}) is missing"
    near = nearest(column.name, present) or nearest(column.zh, present)
    if near:
        return f"{said}; nearest header present: {near!r}"
    return f"{said}; headers it does not know: {', '.join(map(repr, present)) or 'none'}"


@dataclass(frozen=True)
class Layout:
    """Where the columns of a schema stand in one file.

    Attributes
    ----------
    found : tuple of (Column, int)
    heads : mapping of str to str
        The file's own header of each column.
    extras : tuple of int
        Places of the columns the schema does not know, to be carried through.
    extra_names : tuple of str
    known : dict
        What rows without a fault read as in the columns whose words are few.
    """

    found: tuple[tuple[Column, int], ...]
    heads: Mapping[str, str]
    extras: tuple[int, ...]
    extra_names: tuple[str, ...]
    known: dict[tuple[str, ...], dict[str, Any]] = field(default_factory=dict)

    @cached_property
    def _few(self) -> tuple[tuple[Column, int], ...]:
        return tuple((c, p) for c, p in self.found if c.few or c.kind in _FEW)

    @cached_property
    def _many(self) -> tuple[tuple[Column, int], ...]:
        return tuple(pair for pair in self.found if pair not in self._few)

    def read(self, row: Row) -> tuple[dict[str, Any], list[Said]]:
        """Return the values of a row that could be read, and what is wrong with the others.

        Of a row whose cells may not stand below their headers, the first column (the id) alone.
        """
        cells = row.cells
        if row.fault is not None:
            values = dict[str, Any]()
            self._read(row, self.found[:1], values)
            return values, [row.fault]
        key = tuple([cells[place] for _, place in self._few])
        if key in self.known and all(type(cell) is str for cell in key):
            values = self.known[key].copy()
            faults = self._read(row, self._many, values)
            return values, faults
        values = {}
        faults = self._read(row, self._few, values)
        if not faults and len(self.known) < _MOST_KNOWN and all(type(c) is str for c in key):
            self.known[key] = values.copy()
        if not faults:
            return values, self._read(row, self._many, values)
        values = {}
        return values, self._read(row, self.found, values)

    def _read(
        self, row: Row, columns: tuple[tuple[Column, int], ...], values: dict[str, Any]
    ) -> list[Said]:
        """Fill `values` from some columns and return what is wrong, in their order."""
        faults = []
        for column, place in columns:
            cell = row.cells[place]
            if cell == "" and column.empty:
                continue
            try:
                value = read_cell(cell, column)
            except BadRow as bad:
                faults.append(at_row(row.number, self.heads[column.name], bad.said))
                continue
            if value is not None:
                values[column.name] = value
        return faults

    def carried(self, row: Row) -> list[Cell]:
        """Return the cells of a row that the schema does not know."""
        return [row.cells[place] for place in self.extras]

    def at(self, row: Row, name: str, said: Said) -> Said:
        """Say something of one cell, by the file's own header."""
        return at_row(row.number, self.heads.get(name, name), said)
