"""Output files that appear whole or not at all, and whose cells no spreadsheet runs."""

from __future__ import annotations

import csv
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, Protocol

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from zibo_sim.errors import Refused
from zibo_sim.tables.files import ending

Value = Any  # str, int, float, bool, Decimal (money), date, datetime or None
EXCEL_ROWS = 1_048_576
_RUN_BY_SPREADSHEETS = tuple("=+-@\t\r\n＝＋－＠")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_FORMATS = {Decimal: "0.00", datetime: "yyyy-mm-dd hh:mm", date: "yyyy-mm-dd"}


def harmless(text: str) -> str:
    """Return text that a spreadsheet shows and does not run as a formula; numbers stay."""
    if text.isalnum():  # most cells
        return text
    if text.lstrip(" ").startswith(_RUN_BY_SPREADSHEETS) and not _NUMBER.fullmatch(text):
        return "'" + text
    return text


def as_text(value: Value) -> str:
    """Write a value as text: money with two decimals, times to the minute, ``true``/``false``."""
    if type(value) is str:
        return value.replace("\r\n", "\n").replace("\r", "\n") if "\r" in value else value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        unit = "seconds" if value.second else "minutes"
        return value.isoformat(sep=" ", timespec=unit)
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return str(value).replace("\r\n", "\n").replace("\r", "\n")


class Writer(Protocol):
    """Takes rows, the header first."""

    def write(self, cells: Sequence[Value]) -> None:
        """Write one row."""


class _CsvWriter:
    def __init__(self, file: IO[str]) -> None:
        self._rows = csv.writer(file, lineterminator="\n")

    def write(self, cells: Sequence[Value]) -> None:
        self._rows.writerow([harmless(as_text(cell)) for cell in cells])


class _ExcelWriter:
    def __init__(self) -> None:
        self.book = Workbook(write_only=True)
        self._sheet = self.book.create_sheet("zibo-sim")
        self._count = 0

    def write(self, cells: Sequence[Value]) -> None:
        self._count += 1
        if self._count > EXCEL_ROWS:
            raise Refused(f"an Excel sheet ends at {EXCEL_ROWS} rows; allowed: a name in .csv")
        self._sheet.append([self._cell(cell) for cell in cells])

    def discard(self) -> None:
        """Close the sheet unsaved, or openpyxl complains when it is collected."""
        with suppress(Exception):
            self._sheet.close()

    def _cell(self, value: Value) -> WriteOnlyCell:
        text = isinstance(value, str)
        cell = WriteOnlyCell(self._sheet, excel_text(value) if text else value)
        if text:
            cell.data_type = "s"
        elif type(value) in _FORMATS:
            cell.number_format = _FORMATS[type(value)]
        return cell


def excel_text(text: str) -> str:
    """Return text without the characters that an Excel file cannot hold."""
    return str(ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", text))


@contextmanager
def whole(out: Path) -> Iterator[Path]:
    """Give a path to write to that becomes `out` when the block ends well, and else vanishes.

    Raises
    ------
    Refused
        When the folder is missing, the place cannot be written, or the disk is full.
    """
    where, target = str(out), out.resolve()
    if target.is_dir():
        raise Refused("is a folder; name a file", where=where)
    device = target.exists() and not target.is_file()
    part = target if device else target.with_name(f".zibo-sim-{os.getpid()}.part")
    try:
        yield part
        if not device:
            part.replace(target)
    except OSError as error:
        reason = error.strerror or str(error)
        raise Refused(f"cannot be written: {reason}; nothing was written", where=where) from None
    finally:
        if not device:
            with suppress(OSError):
                part.unlink(missing_ok=True)


@contextmanager
def writer(out: Path | None, source: Path | None = None) -> Iterator[Writer]:
    """Open a table for writing, by the ending of its name.

    Parameters
    ----------
    out : Path or None
        ``.csv`` (UTF-8 with byte-order mark) or ``.xlsx``; None writes CSV to standard output,
        UTF-8 without the mark, once everything is worked out.
    source : Path, optional
        The file read; to write over it is refused.
    """
    if out is None:
        with _to_stdout() as made:
            yield made
        return
    if source is not None and out.exists() and source.exists() and out.samefile(source):
        raise Refused("is the file that is read; name another for the output", where=str(out))
    device = out.exists() and not out.is_file() and not out.is_dir()
    excel = not device and ending(out) == ".xlsx"
    with whole(out) as part:
        if excel:
            sheet = _ExcelWriter()
            try:
                yield sheet
                sheet.book.save(part)
            except BaseException:
                sheet.discard()
                raise
        else:
            with part.open("w", encoding="utf-8-sig", newline="") as file:
                yield _CsvWriter(file)


@contextmanager
def _to_stdout() -> Iterator[Writer]:
    with tempfile.TemporaryFile("w+", encoding="utf-8", newline="") as file:
        try:
            yield _CsvWriter(file)
            file.seek(0)
        except OSError as error:
            raise Refused(f"temporary file: {error.strerror}; nothing was written") from None
        emit(file)


def emit(file: IO[str]) -> None:
    """Copy text to standard output as UTF-8; a full disk there is refused, not a traceback."""
    stdout = sys.stdout
    binary = getattr(stdout, "buffer", None)
    try:
        if binary is None or stdout.isatty():
            shutil.copyfileobj(file, stdout)
        else:
            stdout.flush()
            for text in iter(lambda: file.read(1 << 16), ""):
                binary.write(text.encode())
        stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        _forget_stdout()
        raise Refused(f"standard output: {error.strerror}; the output is not whole") from None


def _forget_stdout() -> None:
    """Send what a full standard output still holds to nowhere, or Python fails again at its end."""
    with suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
