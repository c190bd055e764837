"""Rows that belong together, one block a customer or household, and what is wrong with them."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from zibo_sim.errors import Refused
from zibo_sim.faults import said_of_row
from zibo_sim.tables.files import Row
from zibo_sim.tables.said import Said
from zibo_sim.tables.schema import Layout

_NESTED = re.compile(r"(?:[a-z.]+: )?(?:spaces|members)\.(\d+)(?:\.(\w+))?: (.*)", re.DOTALL)
_RULE = re.compile(r"^(?:heating|cloud|air)\.\w+: ")


@dataclass
class Block:
    """The rows of one customer or household: as they stand, as they read, and what is wrong."""

    id: str
    rows: list[Row] = field(default_factory=list)
    values: list[dict[str, Any]] = field(default_factory=list)
    faults: list[Said] = field(default_factory=list)

    def add(self, row: Row, values: dict[str, Any], faults: Iterable[Said]) -> None:
        """Take one more row."""
        self.rows.append(row)
        self.values.append(values)
        self.faults.extend(faults)


class FirstRows:
    """Where each id first stood, kept on disk, so that memory does not grow with the file."""

    def __enter__(self) -> FirstRows:
        self._rows = sqlite3.connect("", isolation_level=None)  # a temporary file of its own
        for setting in ("journal_mode = off", "synchronous = off", "cache_size = -4096"):
            self._rows.execute(f"PRAGMA {setting}")
        self._rows.execute("CREATE TABLE seen (id TEXT PRIMARY KEY, row INTEGER) WITHOUT ROWID")
        self._rows.execute("BEGIN")
        return self

    def __exit__(self, *_: object) -> None:
        self._rows.close()

    def of(self, name: str, row: int) -> int:
        """Return the row in which `name` first stood: this one, if it did not yet."""
        put = self._rows.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (name, row))
        if put.rowcount:
            return row
        return int(self._rows.execute("SELECT row FROM seen WHERE id = ?", (name,)).fetchone()[0])


def rule_faults(
    refusal: Refused, rows: Sequence[Row], layout: Layout, words: Mapping[str, str] | None = None
) -> Iterator[Said]:
    """Say what a rule refused in terms of the file's rows and columns.

    `words` are the list's own words in Chinese.
    """
    for fault in refusal.faults:
        match = _NESTED.fullmatch(fault)
        if match and int(match[1]) < len(rows):
            row, column, text = rows[int(match[1])], match[2], match[3]
            if column:
                yield layout.at(row, column, Said(said_of_row(text, words), text))
            else:
                yield Said(
                    f"第{row.number}行：{said_of_row(text, words)}", f"row {row.number}: {text}"
                )
        else:
            where = _span(rows)
            text = _RULE.sub("", fault)
            yield Said(f"{where.zh}：{said_of_row(text, words)}", f"{where.en}: {text}")


def _span(rows: Sequence[Row]) -> Said:
    first, last = rows[0].number, rows[-1].number
    if first == last:
        return Said(f"第{first}行", f"row {first}")
    return Said(f"第{first}至{last}行", f"rows {first} to {last}")


def same_on_all(block: Block, name: str, layout: Layout) -> tuple[Any, list[Said]]:
    """Return the one value that rows which belong together give; a second one is a fault."""
    if len(block.values) == 1:
        return block.values[0].get(name), []
    pairs = zip(block.rows, block.values, strict=True)
    given = [(row, values[name]) for row, values in pairs if name in values]
    if not given:
        return None, []
    first_row, first = given[0]
    faults = [
        layout.at(
            row,
            name,
            Said(
                f"“{value}”与第{first_row.number}行的“{first}”不一致",
                f"{value!r} conflicts with {first!r} of row {first_row.number}",
            ),
        )
        for row, value in given
        if value != first
    ]
    return first, faults[:1]
