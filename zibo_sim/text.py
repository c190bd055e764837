"""Tables and lines for a terminal: Chinese characters take two columns."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

#: What no line may be broken in: clauses, dates, a mark from the word it stands at.
_CJK = r"\u2e80-\u9fff\uff00-\uffef"
_BREAKS = re.compile(
    r"\s+|[（〔「『《“‘\[]*(?:第?[一二三四五六七八九十百]+条?(?:\([一二三四五六七八九十]+\)\d*)+"
    rf"|\d+[年月日时分号天%]|[^\s{_CJK}]+|[{_CJK}])[，。；：、！？）〕」』》”’\])…]*"
)


def width(text: str) -> int:
    """Return how many terminal columns a text takes."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def pad(text: str, columns: int, right: bool = False) -> str:
    """Fill a text with blanks to a number of columns."""
    blanks = " " * max(0, columns - width(text))
    return blanks + text if right else text + blanks


def clipped(text: str, columns: int) -> str:
    """Cut a text to a number of columns, marking the cut."""
    if width(text) <= columns:
        return text
    kept = ""
    for character in text:
        if width(kept) + width(character) > columns - 1:
            break
        kept += character
    return kept + "…"


def table(header: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> str:
    """Lay rows out under a header; the columns numbered in `right` are set flush right."""
    lines = [tuple(header), *[tuple(row) for row in rows]]
    columns = [max(width(line[i]) for line in lines) for i in range(len(header))]
    laid = [
        "  ".join(pad(cell, columns[i], i in right) for i, cell in enumerate(line))
        for line in lines
    ]
    rule = "  ".join("-" * n for n in columns)
    return "\n".join(line.rstrip() for line in [laid[0], rule, *laid[1:]])


def wrapped(text: str, indent: str = "", columns: int = 96) -> list[str]:
    """Break a text into lines of so many columns, between words or Chinese characters."""
    lines, line = list[str](), indent
    for piece in _pieces(text, columns - width(indent)):
        if width(line) + width(piece) > columns and line.strip():
            lines.append(line)
            line = indent
        line += piece if line.strip() else piece.lstrip()
    return [*lines, line] if line.strip() or not lines else lines


def _pieces(text: str, longest: int) -> Iterator[str]:
    for found in _BREAKS.finditer(text):
        piece = " " if found.group().isspace() else found.group()
        while width(piece) > longest:
            head = piece[: longest // 2]
            yield head
            piece = piece[len(head) :]
        yield piece
