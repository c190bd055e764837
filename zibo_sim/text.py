"""Tables for a terminal: Chinese characters take two columns."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence


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
