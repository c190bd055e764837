"""Formulas of a workbook that nobody has worked out yet: read as values, they would be empty."""

from __future__ import annotations

import re
from typing import IO

_CHUNK = 1 << 20
#: No formula is longer, so none is cut in two without being seen whole.
_LONGEST = 1 << 16
_UNSAVED = re.compile(
    rb"<c\b(?P<about>[^<>]*)>\s*<f\b(?:[^<>]*/>|[^<>]*>[^<]*</f>)\s*"
    rb"(?:<v\s*/>|<v\s*></v>)?\s*</c>"
)
_ADDRESS = re.compile(rb'\br="([A-Z]+\d+)"')
_TEXT = b't="str"'


def unsaved_formula(sheet: IO[bytes]) -> str | None:
    """Return the first cell of a sheet whose formula has no saved value, as ``"C2"``.

    A spreadsheet program saves the value beside the formula; programs that only write formulas
    do not. A formula worked out to an empty text is no such cell.

    Parameters
    ----------
    sheet : file
        The sheet's XML.
    """
    text = b""
    while chunk := sheet.read(_CHUNK):
        text = text[-_LONGEST:] + chunk
        for found in _UNSAVED.finditer(text):
            if _TEXT not in found["about"]:
                address = _ADDRESS.search(found["about"])
                return address[1].decode() if address else "?"
    return None
