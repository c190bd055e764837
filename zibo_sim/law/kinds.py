"""What a changed value of the law book may be: of the printed value's kind, sign and range."""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np

from zibo_sim.errors import Refused

#: Units that are counted, so that a value printed as a whole number stays one.
WHOLE_UNITS = frozenset(
    {"d", "day of month", "working d", "h", "month", "year", "households", "devices", "grade"}
)
_LARGEST = 1e15


def checked(name: str, unit: str, printed: Any, value: Any) -> Any:
    """Return `value` where it can stand for the printed one.

    Parameters
    ----------
    name : str
        What the refusal calls it.
    unit : str
    printed, value
        A yes or no, a number, a text, a day, or a list.

    Raises
    ------
    Refused
        Naming the value and what is allowed.
    """
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(printed, bool):
        fits, allowed = isinstance(value, bool), "true or false"
    elif isinstance(printed, int | float):
        fits, allowed = _number_fits(printed, unit, value)
    elif isinstance(printed, list):
        fits, allowed = _list_fits(printed, value), f"a list like {printed}"
    else:
        fits, allowed = _text_fits(printed, value)
    if not fits:
        raise Refused(f"{name}: {value!r} is refused; allowed is {allowed}")
    return value


def _number_fits(printed: float, unit: str, value: Any) -> tuple[bool, str]:
    whole = isinstance(printed, int) and unit in WHOLE_UNITS
    low, high = (-_LARGEST, 0.0) if printed < 0 else (0.0, _LARGEST)
    allowed = f"a {'whole ' if whole else ''}number {'≤' if printed < 0 else '≥'} 0 in {unit}"
    if unit == "1" and 0 <= printed <= 1:
        high, allowed = 1.0, "a share from 0 to 1"
    kinds = (int,) if whole else (int, float)
    return type(value) in kinds and low <= value <= high, allowed


def _list_fits(printed: list[Any], value: Any) -> bool:
    """Texts by texts; numbers, which are tables here, by as many that rise."""
    if not isinstance(value, list) or not value:
        return False
    if isinstance(printed[0], str):
        return all(isinstance(v, str) and v for v in value)
    numbers = all(type(v) in (int, float) for v in value) and len(value) == len(printed)
    return numbers and all(a < b for a, b in pairwise(value))


def _text_fits(printed: str, value: Any) -> tuple[bool, str]:
    for form, year in (("MM-DD", "2019-"), ("YYYY-MM-DD", "")):
        if re.fullmatch(re.sub(r"\w", r"\\d", form), printed):
            return _is_day(f"{year}{value}"), f"a day as {form}"
    return isinstance(value, str) and bool(value), "a text"


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
