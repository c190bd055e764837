"""A factor as a study file says it: read, or refused with every fault."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from zibo_sim.errors import Refused, unknown
from zibo_sim.study.factor import Factor, Kind, choices, described, factor_keys

#: The keys a factor's table may have.
PARTS = ("values", "low", "high", "log", "normal", "triangular")
_WAYS = (
    "[a, b, …], { low, high }, { low, high, log = true }, { normal = [mean, sd] } or "
    "{ triangular = [low, mode, high] }"
)


def read_factor(key: str, said: Any) -> Factor:
    """Read one factor of a study.

    Parameters
    ----------
    key : str
    said : list or mapping
        As the study file has it.

    Raises
    ------
    Refused
        With every fault found; whether the input takes the values is judged by the study.
    """
    if key not in factor_keys():
        raise Refused(unknown("factor", key, factor_keys()))
    unit, status, kind = described(key)
    if isinstance(said, Mapping) and set(said) == {"values"}:
        said = said["values"]
    if isinstance(said, list | tuple):
        faults = _list_faults(said)
        made = Factor(key, "list", tuple(map(frozen, said)), {}, unit, status, kind == "whole")
    elif isinstance(said, Mapping):
        faults = _table_faults(said, key, kind)
        form: Kind = "distribution" if {"normal", "triangular"} & said.keys() else "range"
        made = Factor(key, form, (), dict(said), unit, status, kind == "whole")
    else:
        faults = [f"{said!r} is refused; a factor is {_WAYS}"]
    if faults:
        raise Refused(*faults, where=key)
    return made


def frozen(value: Any) -> Any:
    """Return a level with its lists as tuples."""
    return tuple(map(frozen, value)) if isinstance(value, list | tuple) else value


def _list_faults(levels: Any) -> list[str]:
    if not levels:
        return ["[] is refused; a list has one level or more"]
    seen, faults = list[Any](), list[str]()
    for level in map(frozen, levels):
        if isinstance(level, Mapping):
            faults.append(f"level {level!r} is refused; a level is a plain value")
        elif any(type(level) is type(other) and level == other for other in seen):
            faults.append(f"level {level!r} stands twice")
        seen.append(level)
    return faults


def _table_faults(table: Mapping[str, Any], key: str, kind: str) -> list[str]:
    faults = [unknown("key", part, PARTS) for part in table if part not in PARTS]
    ways = [way for way in ("values", "normal", "triangular") if way in table]
    ranged = [part for part in ("low", "high", "log") if part in table]
    if "values" in table and len(table) > 1:
        faults.append(f"{_said(table)} is refused; either a list or a range, not both: {_WAYS}")
    elif (
        len(ways) > 1
        or ("triangular" in table and ranged)
        or ("normal" in table and "log" in table)
    ):
        faults.append(f"{_said(table)} is refused; one of {_WAYS}")
    elif kind == "other":
        faults.append(
            f"{_said(table)} is refused; this input is no number, so write {choices(key)}"
        )
    elif faults:
        return faults
    elif "normal" in table:
        faults += _normal_faults(table, kind)
    elif "triangular" in table:
        faults += _triangular_faults(table["triangular"], kind)
    else:
        faults += _range_faults(table, kind)
    return faults


def _said(table: Mapping[str, Any]) -> str:
    return "{ " + ", ".join(f"{part} = {value!r}" for part, value in table.items()) + " }"


def _is_number(value: Any, whole: bool = False) -> bool:
    if type(value) not in (int, float) or not np.isfinite(value):
        return False
    return not whole or float(value).is_integer()


def _bound_faults(table: Mapping[str, Any], kind: str) -> list[str]:
    whole = kind == "whole"
    word = "a whole number" if whole else "a number"
    faults = [
        f"{part} {table[part]!r} is refused; allowed is {word}"
        for part in ("low", "high")
        if part in table and not _is_number(table[part], whole)
    ]
    if not faults and {"low", "high"} <= table.keys() and table["low"] >= table["high"]:
        faults.append(f"low {table['low']!r} is not below high {table['high']!r}")
    return faults


def _range_faults(table: Mapping[str, Any], kind: str) -> list[str]:
    faults = [f"missing {part!r}; a range is {{ low, high }}" for part in ("low", "high")
              if part not in table]  # fmt: skip
    log = table.get("log", False)
    if not isinstance(log, bool):
        faults.append(f"log {log!r} is refused; allowed is true or false")
    faults += _bound_faults(table, kind)
    if log is True and _is_number(table.get("low")) and table["low"] <= 0:
        faults.append(f"low {table['low']!r} is refused; with log = true it is above 0")
    return faults


def _normal_faults(table: Mapping[str, Any], kind: str) -> list[str]:
    given = table["normal"]
    good = isinstance(given, list | tuple) and len(given) == 2 and all(map(_is_number, given))
    if not good or given[1] <= 0:
        return [f"normal {given!r} is refused; allowed is [mean, sd] with sd above 0"]
    return _bound_faults(table, kind)


def _triangular_faults(given: Any, kind: str) -> list[str]:
    whole = kind == "whole"
    good = isinstance(given, list | tuple) and len(given) == 3
    if not good or not all(_is_number(v, whole) for v in given):
        return [f"triangular {given!r} is refused; allowed is [low, mode, high]"]
    low, mode, high = given
    if not (low <= mode <= high and low < high):
        return [f"triangular {given!r} is refused; low ≤ mode ≤ high and low < high"]
    return []
