"""Tables from CSV and Excel files, a row at a time, and every way a file can be no table.

Rows are numbered as a spreadsheet shows them: the header and blank rows count.
"""

from __future__ import annotations

import codecs
import csv
import stat
import warnings
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from zibo_sim.errors import Refused
from zibo_sim.tables.formulas import unsaved_formula
from zibo_sim.tables.said import Said, at_row

ENDINGS = (".csv", ".xlsx")
Cell = Any  # str, int, float, bool, date, datetime or None, as the file has it
Rows = Generator["Row", None, None]
_CHUNK = 1 << 16
_SHOWN = 40
_MARKS = (";", "\t", "；", "，", "|")
_EMPTY = "is empty; a header row and at least one row are needed"
_WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_QUOTES = Said(
    "双引号之后只能是逗号或行末；文字中的双引号须写两次",
    "a closing quote is followed by a comma or the end of the row; a quote inside text is doubled",
)


class Row(NamedTuple):
    """One row with its number in the file.

    Attributes
    ----------
    number : int
    cells : list
    fault : Said, optional
        Why its cells may not stand below their headers.
    """

    number: int
    cells: list[Cell]
    fault: Said | None = None


@dataclass
class Table:
    """An open file: its header, and its rows as they come.

    Attributes
    ----------
    where : str
        The file's name, for messages.
    header : list of str
        As in the file, without white space around.
    rows : iterator of Row
        All of the header's width, one that had another says so in its `fault`; blank rows left
        out.
    """

    where: str
    header: list[str]
    rows: Iterator[Row]


def blank(cell: Cell) -> bool:
    """Say whether a cell is empty or white space."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def ending(path: Path) -> str:
    """Return the ending of a file's name in small letters; one that is no table is refused."""
    found = path.suffix.lower()
    if found not in ENDINGS:
        shown = f"ends in {path.suffix!r}" if found else "has no ending"
        raise Refused(
            f"the name {shown}; allowed: .csv and .xlsx (save other tables as one of them)",
            where=str(path),
        )
    return found


@contextmanager
def open_table(source: Path, encoding: str | None = None) -> Iterator[Table]:
    """Open a CSV or Excel file.

    Parameters
    ----------
    source : Path
        Its ending says which; of a workbook the first sheet is read.
    encoding : str, optional
        Of a CSV file; UTF-8 with or without byte-order mark when left out.

    Yields
    ------
    Table

    Raises
    ------
    Refused
        When there is no such file, it cannot be read, is not what its name says, is empty, or has
        no row beside the header.
    """
    where = str(source)
    kind = ending(source)
    _check_regular(source)
    if kind == ".csv":
        name = _codec(encoding)
        lines = _scan(source, name, chosen=encoding is not None)
        rows, total = _csv_rows(source, name), max(lines - 2, 1)
    else:
        rows, total = _excel_rows(source), None
    with closing(rows):
        header, body = _with_header(rows, where, padded=kind == ".xlsx")
        from tqdm import tqdm  # here, for the runs that open no table

        counted = tqdm(body, total=total, disable=None, leave=False, unit="row", delay=0.5)
        with closing(counted):
            yield Table(where, header, iter(counted))


def _check_regular(source: Path) -> None:
    where = str(source)
    try:
        about = source.stat()
        if stat.S_ISDIR(about.st_mode):
            raise Refused("is a folder; give a .csv or .xlsx file", where=where)
        if not stat.S_ISREG(about.st_mode):
            raise Refused("is not a regular file; give a .csv or .xlsx file", where=where)
        with source.open("rb"):
            pass
    except FileNotFoundError:
        raise Refused("there is no such file", where=where) from None
    except Refused:
        raise
    except (OSError, ValueError) as error:
        raise _unreadable(error, where) from None
    if about.st_size == 0:
        raise Refused(_EMPTY, where=where)


def _unreadable(error: Exception, where: str) -> Refused:
    reason = getattr(error, "strerror", None) or str(error)
    return Refused(f"cannot be read: {reason}", where=where)


def _codec(encoding: str | None) -> str:
    name = encoding or "utf-8"
    try:
        codecs.getincrementaldecoder(name)
        "a".encode(name)
    except (LookupError, ValueError):
        raise Refused(
            f"--encoding: {name!r} is not a text encoding; allowed: utf-8, gb18030, utf-16, …"
        ) from None
    known = codecs.lookup(name).name
    return "utf-8-sig" if known == "utf-8" else known


def _scan(source: Path, encoding: str, chosen: bool) -> int:
    """Read the file once to its end, so that nothing is worked out from half of one."""
    where = str(source)
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    try:
        with source.open("rb") as file:
            for chunk in iter(lambda: file.read(_CHUNK), b""):
                text = decoder.decode(chunk)
                _refuse_binary(text, line, where)
                line += text.count("\n")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        line += error.object[: error.start].decode(encoding, "ignore").count("\n")
        raise Refused(
            f"line {line} is not {_shown(encoding)}; {_way_out(source, chosen)}", where=where
        ) from None
    except (UnicodeError, OSError) as error:
        raise _unreadable(error, where) from None
    return line


def _refuse_binary(text: str, line: int, where: str) -> None:
    at = text.find("\0")
    if at >= 0:
        line += text.count("\n", 0, at)
        raise Refused(
            f"line {line} contains a NUL byte: this is no text file; give a .csv or .xlsx file",
            where=where,
        )


def _shown(encoding: str) -> str:
    return "UTF-8" if encoding == "utf-8-sig" else encoding


def _way_out(source: Path, chosen: bool) -> str:
    with source.open("rb") as file:
        start = file.read(4)
    if start.startswith(b"PK"):
        return "it looks like an Excel workbook: name it .xlsx"
    if start.startswith(_WIDE_MARKS):
        return "it starts like UTF-16: say --encoding utf-16"
    if chosen:
        return "name the encoding it was saved in, or save it as UTF-8"
    return "if it was saved by a Chinese Excel, say --encoding gb18030"


def _csv_rows(source: Path, encoding: str) -> Rows:
    where = str(source)
    with source.open(encoding=encoding, newline="") as file:
        reader = csv.reader(file, strict=True)
        for number in count(1):
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                if "expected after" not in str(error):  # a quote that is never closed, as a rule
                    raise Refused(f"line {reader.line_num}: {error}", where=where) from None
                yield Row(number, [], _QUOTES)
                continue
            except (OSError, UnicodeError) as error:
                raise _unreadable(error, where) from None
            if any(map(str.strip, cells)):
                yield Row(number, cells)


def _excel_rows(source: Path) -> Rows:
    from openpyxl import load_workbook  # here, for the runs that open no workbook

    where = str(source)
    with source.open("rb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        workbook = _or_refuse(lambda: load_workbook(file, read_only=True, data_only=True), where)
        with closing(workbook):
            if not workbook.worksheets:
                raise Refused("the workbook has no sheet", where=where)
            sheet = workbook.worksheets[0]
            _or_refuse(lambda: _refuse_unsaved(workbook, sheet, where), where)
            sheet.reset_dimensions()
            numbered = enumerate(sheet.iter_rows(values_only=True), 1)
            while (found := _or_refuse(lambda: next(numbered, None), where)) is not None:
                number, cells = found
                if not all(map(blank, cells)):
                    yield Row(number, list(cells))


def _refuse_unsaved(workbook: Any, sheet: Any, where: str) -> None:
    with workbook._archive.open(sheet._worksheet_path) as xml:
        cell = unsaved_formula(xml)
    if cell is not None:
        raise Refused(
            f"cell {cell} holds a formula without its value; open the file in a spreadsheet "
            "program, save it there, and try again",
            where=where,
        )


def _or_refuse(step: Callable[[], Any], where: str) -> Any:
    """Do one step of reading a workbook; a damaged one fails in many ways, all told alike."""
    try:
        return step()
    except (MemoryError, Refused):
        raise
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise Refused(
            f"is not an Excel workbook that can be opened ({reason}); allowed: .xlsx without a "
            "password, or .csv",
            where=where,
        ) from None


def _with_header(rows: Iterator[Row], where: str, padded: bool) -> tuple[list[str], Iterator[Row]]:
    first = next(rows, None)
    if first is None:
        raise Refused(_EMPTY, where=where)
    if first.fault:
        raise Refused(f"row {first.number}, the header: {first.fault.en}", where=where)
    header = ["" if blank(c) else str(c).strip().lstrip("\ufeff") for c in first.cells]
    while header and not header[-1]:
        header.pop()
    if len(header) == 1 and not padded and (mark := next(filter(header[0].count, _MARKS), None)):
        raise Refused(
            f"row 1, the header, is one cell with {mark!r} between its words; allowed: commas",
            where=where,
        )
    body = _fitted(rows, header, padded)
    second = next(body, None)
    if second is None:
        raise Refused("has a header row and nothing below it", where=where)
    return header, _again(second, body)


def _again(first: Row, rest: Iterator[Row]) -> Iterator[Row]:
    yield first
    yield from rest


def _fitted(rows: Iterator[Row], header: list[str], padded: bool) -> Iterator[Row]:
    """Give every row the header's width; a short row and a value below no header are its fault."""
    width = len(header)
    gaps = [i for i, name in enumerate(header) if not name]
    for row in rows:
        cells = row.cells
        if len(cells) == width and not gaps:
            yield row
        else:
            said = _misfit(row, header, gaps, padded)
            yield Row(row.number, [*cells[:width], *[None] * (width - len(cells))], said)


def _misfit(row: Row, header: list[str], gaps: list[int], padded: bool) -> Said | None:
    """Say which cell of a row stands below no header, or which it lacks."""
    number, cells, fault = row
    width, found = len(header), len(cells)
    if fault:
        return Said(f"第{number}行：{fault.zh}", f"row {number}: {fault.en}")
    candidates = [*gaps, *range(width, found)]
    over = next((i for i in candidates if i < found and not blank(cells[i])), None)
    if over is not None:
        shown = str(cells[over]).strip()[:_SHOWN]
        said = Said(
            f"“{shown}”没有对应的列名：本行{found}格，表头{width}格；含逗号的文字须加双引号",
            f"{shown!r} stands below no header: the row has {found} cells and the header {width}; "
            "text with a comma in it needs quotes",
        )
        return at_row(number, f"{over + 1}", said)
    if found >= width or padded:
        return None
    said = Said(
        f"缺这一格：本行{found}格，表头{width}格；空格也须留逗号",
        f"has no cell: the row has {found} cells and the header {width}; an empty cell keeps its "
        "comma",
    )
    return at_row(number, header[found], said)
