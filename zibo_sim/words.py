"""What pictures, summaries and reports say, in Chinese and English, and how they write numbers.

The words stand in one table, ``words.toml``.
"""

from __future__ import annotations

import math
import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from zibo_sim.errors import Refused, unknown

LANGUAGES = ("zh", "en")
#: How the names of metrics end that are shares; the others of unit "1" count things.
SHARE_ENDINGS = (
    "_on_time", "_met", "_share", "_utilisation", ".availability", "_paying_less"
)  # fmt: skip
#: Metrics that may be negative.
SIGNED = ("air.lead_time_h", "valuation.")
_LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")


def choose_language() -> str:
    """Return the locale's language: ``zh`` for a Chinese one, else ``en``."""
    locale = next((os.environ[name] for name in _LOCALE if os.environ.get(name)), "")
    return "zh" if locale.lower().startswith("zh") else "en"


def language(lang: str | None) -> str:
    """Return `lang`, or the locale's language where it is None; others are refused."""
    if lang is None:
        return choose_language()
    if lang not in LANGUAGES:
        raise Refused(unknown("language", str(lang), LANGUAGES))
    return lang


@cache
def table_of(package: str) -> dict[str, tuple[str, str]]:
    """Return a package's ``words.toml``: dotted key to the Chinese and the English text."""
    text = resources.files(package).joinpath("words.toml").read_text(encoding="utf-8")
    return {
        f"{group}.{key}": (zh, en)
        for group, entries in tomllib.loads(text).items()
        for key, (zh, en) in entries.items()
    }


def words() -> dict[str, tuple[str, str]]:
    """Return the table of the whole package."""
    return table_of("zibo_sim")


def word(key: str, lang: str | None = None, **filled: Any) -> str:
    """Return a text of the table, with its braces filled in.

    Parameters
    ----------
    key : str
        ``summary.targets``, ``unit.d``.
    lang : {"zh", "en"}, optional
        Default: the locale's.
    **filled
        What stands for the names in braces.
    """
    text = words()[key][LANGUAGES.index(language(lang))]
    return text.format_map(filled) if filled else text


def half(text: str, lang: str) -> str:
    """Return the half of a bilingual ``中文 / English`` text that is in `lang`, else all of it."""
    left, slash, right = text.partition(" / ")
    if slash and _chinese(left) and not _chinese(right):
        return left if lang == "zh" else right
    return text


def said_source(source: str, lang: str) -> str:
    """Return where a value comes from; in Chinese by ``sources.toml`` where it is said in English.

    Examples
    --------
    >>> said_source("Area of Zibo", "zh")
    '淄博市面积'
    """
    return _sources().get(source) or half(source, lang) if lang == "zh" else half(source, lang)


@cache
def _sources() -> dict[str, str]:
    text = resources.files(__package__).joinpath("sources.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _chinese(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)


# ---- numbers -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Scale:
    """How figures of one quantity are written: times `factor`, rounded, with a unit behind."""

    factor: float
    digits: int
    unit: str
    low: float = -math.inf
    high: float = math.inf

    def number(self, value: float, sign: bool = False) -> str:
        """Return the number without its unit, a dash where there is none."""
        if not math.isfinite(value):
            return "—"
        text = f"{value * self.factor:{'+' if sign else ''},.{self.digits}f}"
        zero = float(text.replace(",", "")) == 0
        return text.lstrip("+-") if zero else text.replace("-", "−")

    def figure(self, value: float, sign: bool = False) -> str:
        """Return the number with its unit."""
        if not math.isfinite(value):
            return "—"
        return joined(self.number(value, sign), self.unit)

    def interval(self, low: float, high: float, sign: bool = False) -> str:
        """Return ``[low, high]`` inside the quantity's bounds; empty where it is not known."""
        if not (math.isfinite(low) and math.isfinite(high)):
            return ""
        low, high = max(low, self.low), min(high, self.high)
        return f"[{self.number(low, sign)}, {self.number(high, sign)}]"

    def span(self, low: float, high: float, sign: bool = False) -> str:
        """Return the interval with its unit behind; empty where it is not known."""
        ends = self.interval(low, high, sign)
        return joined(ends, self.unit) if ends else ""


def joined(number: str, unit: str) -> str:
    """Put a unit behind a number, with a blank unless it is a per cent sign or Chinese."""
    close = unit in ("", "%") or "\u4e00" <= unit[0] <= "\u9fff"
    return number + unit if close else f"{number} {unit}"


_MONEY: Mapping[str, tuple[tuple[float, str], ...]] = {
    "zh": ((1e8, "unit.yuan.1e8"), (1e4, "unit.yuan.1e4")),
    "en": ((1e6, "unit.yuan.1e6"),),
}
_MONEY_DIGITS = {1e8: 3, 1e6: 2, 1e4: 1}
_LARGE_YUAN = 1e5


def scale(name: str, unit: str, size: float, lang: str) -> Scale:
    """Say how figures of a metric are written.

    Parameters
    ----------
    name : str
        The metric's name.
    unit : str
        Its unit.
    size : float
        The figure of the row or picture whose size decides between yuan and larger units.
    lang : {"zh", "en"}
    """
    low = -math.inf if name.startswith(SIGNED) else 0.0
    if unit == "yuan":
        return replace(_money(abs(size), lang), low=low)
    if is_share(name, unit):
        return Scale(100.0, 1, "%", 0.0, 1.0)
    said = words().get(f"unit.{unit}")
    text = said[LANGUAGES.index(lang)] if said else unit
    digits = 2 if unit == "1" and abs(size) < 1 else 1
    return Scale(1.0, digits, text, low)


def gap(plain: Scale, difference: float, lang: str) -> Scale:
    """Say how the difference of two values is written: percentage points where they are per cent.

    Parameters
    ----------
    plain : Scale
        That of the values.
    difference : float
        Where it is small, a digit more is written.
    lang : {"zh", "en"}

    Returns
    -------
    Scale
        Without bounds; its unit is empty where it is that of the values.

    Examples
    --------
    >>> gap(Scale(100.0, 1, "%"), -0.033, "en").figure(-0.033, sign=True)
    '−3.3 pp'
    """
    small = 0 < abs(difference) * plain.factor < 10 ** (1 - plain.digits)
    unit = word("unit.pp", lang) if plain.unit == "%" else ""
    return Scale(plain.factor, plain.digits + small, unit)


def listed(parts: Iterable[str], lang: str, mark: str = "item") -> str:
    """Return parts behind one another, ``、`` or ``；`` (`mark` "clause") between them in Chinese.

    Examples
    --------
    >>> listed(["SO2", "NOx"], "en")
    'SO2, NOx'
    """
    return word(f"mark.{mark}", lang).join(parts)


def labelled(label: str, text: str, lang: str) -> str:
    """Return a text behind what it is of: ``label: text``."""
    return f"{label}{word('mark.colon', lang)}{text}"


def bracketed(text: str, lang: str) -> str:
    """Return a text in the brackets that stand behind a word; nothing for nothing.

    Examples
    --------
    >>> "PM2.5" + bracketed("µg/m³", "en")
    'PM2.5 (µg/m³)'
    """
    return word("mark.bracket", lang, text=text) if text else ""


def is_share(name: str, unit: str) -> bool:
    """Say whether a metric is a share of one, to be written in per cent."""
    return unit == "1" and name.endswith(SHARE_ENDINGS)


def is_count(name: str, unit: str) -> bool:
    """Say whether a metric counts things or days, so that one run's value may be whole."""
    return unit == "d" or (unit == "1" and not is_share(name, unit))


def _money(size: float, lang: str) -> Scale:
    for factor, key in _MONEY[lang]:
        if math.isfinite(size) and size >= max(factor, _LARGE_YUAN):
            return Scale(1 / factor, _MONEY_DIGITS[factor], word(key, lang))
    return Scale(1.0, 0, word("unit.yuan", lang))


def unit_said(unit: str, lang: str) -> str:
    """Return a unit as tables print it: in Chinese where `lang` is, else the symbol."""
    key = f"unit.{unit}"
    return word(key, lang) if lang == "zh" and key in words() else unit


def quantity(value: float, unit: str, lang: str) -> str:
    """Return a whole or plain number with its unit in words: ``3 working days``."""
    one = f"unit.{unit}.one"
    key = one if abs(value) == 1 and one in words() else f"unit.{unit}"
    text = words()[key][LANGUAGES.index(lang)] if key in words() else unit
    return joined(f"{value:g}".replace("-", "−"), text)


def said_date(day: date, lang: str) -> str:
    """Return a date as people write it: ``1 Oct 2018``, ``2018年10月1日``."""
    month = word(f"month.{day.month:02d}", lang)
    return word("date.full", lang, year=day.year, month=month, day=day.day)


def said_statistic(name: str, lang: str) -> str:
    """Return what a statistic of a season is called: ``hourly_acf_6h``, ``month_12``."""
    group, _, last = name.rpartition("_")
    digits = "".join(c for c in last if c.isdigit())
    if name.startswith("daily_q"):
        return word("statistic.daily_quantile", lang, share=digits)
    if group in ("hourly_acf", "daily_acf"):
        return word(f"statistic.{group}", lang, lag=digits)
    if group == "month":
        return word("statistic.month", lang, month=word(f"month.{digits}", lang))
    if group == "hour":
        return word("statistic.hour", lang, hour=digits)
    return word(f"statistic.{name}", lang)
