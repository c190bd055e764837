"""One column of a file: its headers and words in both languages, and how a cell is read."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal

from zibo_sim.errors import nearest
from zibo_sim.tables.files import Cell
from zibo_sim.tables.said import BadRow, Said

Kind = Literal["text", "number", "count", "yes_no", "choice", "instant"]
BEIJING = timedelta(hours=8)
YES = ("true", "是", "1", "yes", "y", "有", "1.0")
NO = ("false", "否", "0", "no", "n", "无", "0.0")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_INSTANT = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
    r"(?:[T ]\s*(\d{1,2})[:时](\d{2})?分?(?::(\d{2})(?:[.,]\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?)?",
    re.ASCII | re.IGNORECASE,
)
_EMPTY = Said("为空", "is empty")


@dataclass(frozen=True, eq=False)
class Column:
    """One column that a command knows.

    Attributes
    ----------
    name, zh : str
        Its header in either language.
    kind : str
        How its cells are read.
    about : Said
        What it holds.
    required : bool
        Whether the file must have it.
    empty : bool
        Whether a cell may be empty (it is then left out).
    also : tuple of str
        Other headers it is known by.
    unit : str
    low, high : float
        Range of a number, both ends inside; `above` leaves `low` itself out.
    words : mapping
        Of a choice: each value and the other words for it, Chinese first.
    few : bool
        Whether the same cells come again and again, so that reading them is worth remembering.
    """

    name: str
    zh: str
    kind: Kind
    about: Said
    required: bool = True
    empty: bool = False
    also: tuple[str, ...] = ()
    unit: str = ""
    low: float = -math.inf
    high: float = math.inf
    above: bool = False
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    few: bool = False

    def headers(self) -> set[str]:
        """Return every header of this column, as `plain` writes them."""
        names = [self.name, self.zh, *self.also]
        units = [f"{name}({self.unit})" for name in names if self.unit]
        return {plain(name) for name in [*names, *units]}

    def allowed(self) -> Said:
        """Say what a cell may hold."""
        if self.kind == "choice":
            zh = "、".join(self.words[v][0] if self.words[v] else v for v in self.words)
            return Said(zh, ", ".join(self.words))
        return {
            "text": Said("文字", "text"),
            "number": self._range(Said("数", "a number")),
            "count": self._range(Said("整数", "a whole number")),
            "yes_no": Said("是、否", "true, false"),
            "instant": Said(
                "日期或时间，如 2018-12-03 或 2018-12-03 09:30",
                "a date or time, as 2018-12-03 or 2018-12-03 09:30",
            ),
        }[self.kind]

    def _range(self, number: Said) -> Said:
        zh, en = number
        if math.isfinite(self.low) and math.isfinite(self.high):
            if self.above:
                return Said(
                    f"大于{self.low:g}且不大于{self.high:g}的{zh}",
                    f"{en} above {self.low:g}, up to {self.high:g}",
                )
            return Said(
                f"{self.low:g}至{self.high:g}的{zh}", f"{en} from {self.low:g} to {self.high:g}"
            )
        if math.isfinite(self.low):
            sign = ">" if self.above else "≥"
            than = "大于" if self.above else "不小于"
            return Said(f"{than}{self.low:g}的{zh}", f"{en} {sign} {self.low:g}")
        return number


@lru_cache(4096)
def plain(header: str) -> str:
    """Return a header as headers are compared: NFKC, small letters, one underscore a space."""
    text = unicodedata.normalize("NFKC", header).strip().casefold()
    return re.sub(r"[\s\-_]+", "_", re.sub(r"\s*\(\s*", "(", text))


def read_cell(cell: Cell, column: Column) -> Any:
    """Read one cell; None where it is empty and may be.

    Raises
    ------
    BadRow
        Saying the value and what is allowed.
    """
    if cell is None or (isinstance(cell, str) and not (cell := cell.strip())):
        if column.empty:
            return None
        raise BadRow(_EMPTY)
    return _READERS[column.kind](cell, column)


def bad_cell(cell: Cell, allowed: Said) -> BadRow:
    """Say that a value is refused, and what is allowed."""
    shown = str(cell)
    shown = shown if len(shown) <= 40 else shown[:39] + "…"
    return BadRow(
        Said(
            f"“{shown}”不符合要求，应为{allowed.zh}", f"{shown!r} is refused; allowed: {allowed.en}"
        )
    )


def text_of(cell: Cell) -> str:
    """Return a cell as a name or number is written: 1001, not 1001.0."""
    if type(cell) is str:
        return cell.strip()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell).strip()


def _text(cell: Cell, column: Column) -> str:
    return text_of(cell)


def _number(cell: Cell, column: Column) -> float:
    if type(cell) is str:
        cell = cell if cell.isascii() else unicodedata.normalize("NFKC", cell)
        value = float(cell) if _NUMBER.fullmatch(cell) else math.nan
    else:
        value = float(cell) if type(cell) in (int, float) else math.nan
    low_enough = column.low < value if column.above else column.low <= value
    if not (low_enough and value <= column.high and math.isfinite(value)):
        raise bad_cell(cell, column.allowed())
    return value


def _count(cell: Cell, column: Column) -> int:
    value = _number(cell, column)
    if value != int(value):
        raise bad_cell(cell, column.allowed())
    return int(value)


def word(cell: Cell) -> str:
    """Return a word as words are compared."""
    return plain(text_of(cell))


def _yes_no(cell: Cell, column: Column) -> bool:
    said = word(cell)
    if said not in YES and said not in NO:
        raise bad_cell(cell, column.allowed())
    return said in YES


def _choice(cell: Cell, column: Column) -> str:
    said = word(cell)
    for value, others in column.words.items():
        if said == value or said in others:
            return value
    near = nearest(said, [w for v, others in column.words.items() for w in (v, *others)])
    bad = bad_cell(cell, column.allowed())
    if near:
        hint = Said(f"是否为“{near}”？", f"did you mean {near!r}?")
        raise BadRow(Said(f"{bad.said.zh}；{hint.zh}", f"{bad.said.en}; {hint.en}"))
    raise bad


def _instant(cell: Cell, column: Column) -> datetime:
    """Read a date or a time; a time of another zone becomes Beijing time."""
    if isinstance(cell, datetime):
        return (cell + timedelta(microseconds=500_000)).replace(microsecond=0)
    if isinstance(cell, date):
        return datetime(cell.year, cell.month, cell.day)
    match = _INSTANT.fullmatch(unicodedata.normalize("NFKC", str(cell)))
    try:
        if match is None:
            raise ValueError
        return _beijing(*match.groups())
    except (ValueError, OverflowError):
        raise bad_cell(cell, column.allowed()) from None


def _beijing(year: str, month: str, day: str, *rest: str | None) -> datetime:
    hour, minute, second = (int(part or 0) for part in rest[:3])
    when, zone = datetime(int(year), int(month), int(day), hour, minute, second), rest[3]
    if zone is None:
        return when
    if zone in "Zz":
        return when + BEIJING
    hours, minutes = int(zone[:3]), int(zone[-2:])
    offset = timedelta(hours=hours, minutes=-minutes if zone[0] == "-" else minutes)
    return when - offset + BEIJING


_READERS: dict[Kind, Callable[[Cell, Column], Any]] = {
    "text": _text,
    "number": _number,
    "count": _count,
    "yes_no": _yes_no,
    "choice": _choice,
    "instant": _instant,
}
