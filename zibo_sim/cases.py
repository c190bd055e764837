"""Worked cases: a file of inputs and expected results, held against the rules."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zibo_sim.errors import Refused, unknown
from zibo_sim.law import Law, book
from zibo_sim.rulebook import rules

_REQUIRED = ("id", "rule", "input", "expect")
_KNOWN = (*_REQUIRED, "name", "clause", "reading", "law")
_RELATIVE = 1e-9


@dataclass(frozen=True)
class Case:
    """One worked case; `law` may change values of the law for it."""

    id: str
    name: str
    rule: str
    clause: str
    input: Mapping[str, Any]
    expect: Mapping[str, Any]
    law: Mapping[str, Any]


@dataclass(frozen=True)
class Difference:
    """One key of one case that did not come out as expected."""

    case: Case
    key: str
    expected: Any
    got: Any


def read_cases(path: Path) -> list[Case]:
    """Read a case file; all faults of the file are reported at once.

    Raises
    ------
    Refused
        Where the file cannot be read, is not TOML in UTF-8, or a case lacks a key or names a rule
        that does not exist.
    """
    where = str(path)
    try:
        data = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise Refused(f"cannot be read: {error.strerror}", where=where) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Refused(f"is no case file (TOML in UTF-8): {error}", where=where) from None
    tables = data.get("case")
    if not isinstance(tables, list) or not tables:
        raise Refused("holds no [[case]]", where=where)
    faults = [fault for i, table in enumerate(tables) for fault in _faults(i, table)]
    if faults:
        raise Refused(*faults, where=where)
    return [
        Case(
            id=str(table["id"]),
            name=str(table.get("name", "")),
            rule=table["rule"],
            clause=str(table.get("clause", "")),
            input=table["input"],
            expect=table["expect"],
            law=table.get("law", {}),
        )
        for table in tables
    ]


def _faults(number: int, table: Any) -> list[str]:
    if not isinstance(table, Mapping):
        return [f"case {number + 1} is not a table"]
    where = f"case {table.get('id', number + 1)}"
    faults = [f"{where}: {key!r} is missing" for key in _REQUIRED if key not in table]
    faults += [f"{where}: {unknown('key', key, _KNOWN)}" for key in table if key not in _KNOWN]
    tables = [key for key in ("input", "expect", "law") if key in table]
    faults += [f"{where}: {k} must be a table" for k in tables if not isinstance(table[k], Mapping)]
    if "rule" in table and (not isinstance(table["rule"], str) or table["rule"] not in rules):
        faults.append(f"{where}: {unknown('rule', str(table['rule']), rules)}")
    if "expect" in table and table["expect"] == {}:
        faults.append(f"{where}: 'expect' holds nothing, so the case could not fail")
    if isinstance(table.get("input"), Mapping) and "law" in table["input"]:
        faults.append(f"{where}: 'law' stands beside 'input', not in it")
    return faults


def run_case(case: Case, law: Law | None = None) -> list[Difference]:
    """Run one case and return what came out differently; an empty list means it passes."""
    try:
        law = (law or book()).with_changes(case.law)
    except Refused as refusal:
        raise refusal.at(f"case {case.id}") from None
    try:
        got = rules[case.rule](**case.input, law=law)
    except Refused as refusal:
        if case.expect.get("refused") is True:
            return []
        return [Difference(case, "refused", dict(case.expect), str(refusal))]
    if case.expect.get("refused") is True:
        return [Difference(case, "refused", True, got)]
    return [
        Difference(case, key, expected, got.get(key))
        for key, expected in case.expect.items()
        if key not in got or not same(expected, got[key])
    ]


def same(expected: Any, got: Any) -> bool:
    """Compare as case files ask: numbers within 1e-9 of their size, all else exactly."""
    if isinstance(expected, bool) or isinstance(got, bool):
        return expected is got
    if isinstance(expected, int | float) and isinstance(got, int | float):
        return math.isclose(expected, got, rel_tol=_RELATIVE, abs_tol=0.0)
    if isinstance(expected, list) and isinstance(got, list | tuple):
        return len(expected) == len(got) and all(map(same, expected, got))
    return type(expected) is type(got) and bool(expected == got)
