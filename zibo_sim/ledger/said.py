"""The words of the ledger in both languages, and how it writes times and numbers."""

from __future__ import annotations

import math
from datetime import date, datetime
from typing import Any

from zibo_sim.places import DISTRICTS
from zibo_sim.words import LANGUAGES, table_of


def _table() -> dict[str, tuple[str, str]]:
    return table_of("zibo_sim.ledger")


def said(key: str, lang: str, **filled: Any) -> str:
    """Return a text of the ledger with its braces filled in."""
    text = _table()[key][LANGUAGES.index(lang)]
    return text.format_map(filled) if filled else text


def moment(when: datetime, lang: str) -> str:
    """Return a time to the minute."""
    return said("common.time", lang, **_parts(when), hour=when.hour, minute=when.minute)


def hour(when: datetime, lang: str) -> str:
    """Return a time to the hour."""
    return said("common.hour", lang, **_parts(when), hour=when.hour)


def day(when: date, lang: str) -> str:
    """Return a date."""
    return said("common.day", lang, **_parts(when))


def _parts(when: date) -> dict[str, int]:
    return {"year": when.year, "month": when.month, "day": when.day}


def number(value: float, digits: int = 1) -> str:
    """Return a number, a dash where there is none; no minus before a zero."""
    if not math.isfinite(value):
        return "—"
    text = f"{value:.{digits}f}"
    return text.lstrip("-") if float(text) == 0 else text


def who(name: str, lang: str) -> str:
    """Return an office or a district of the gazette in the ledger's language."""
    if lang == "zh":
        return name
    return DISTRICTS.get(name) or _table().get(f"who.{name}", (name, name))[1]


_NUMERALS = "一二三四五六七八九十"


def numeral(n: int, lang: str) -> str:
    """Return a heading's number: 一, 二 … 十, 十一 in Chinese."""
    if lang == "en" or n > 19:
        return str(n)
    return _NUMERALS[n - 1] if n <= 10 else f"十{_NUMERALS[n - 11]}"
