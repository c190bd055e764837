"""How comparisons are told: which metrics moved, what that is called, how it is written.

Tables, pictures and reports sort and write by these functions, so that all say the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import isfinite, isinf, isnan
from typing import Any

import pandas as pd

from zibo_sim.comparison import Comparison
from zibo_sim.metrics import METRICS
from zibo_sim.words import Scale, gap, half, scale

#: What is said of a metric that has the same value in both runs of every pair.
EQUAL = "equal in every pair"
_FILE = re.compile(r"[^\s=]*[-_./\\][^\s=]*")


def moves(row: Mapping[str, Any]) -> bool:
    """Say whether a metric differs in any pair; `row` has the columns of a comparison's table.

    Examples
    --------
    >>> moves({"pairs": 3, "difference": 0.0, "low": 0.0, "high": 0.0})
    False
    >>> moves({"pairs": 3, "difference": 0.0, "low": -1.0, "high": 1.0})
    True
    """
    if row["pairs"] == 1:  # one pair has no interval
        return bool(row["difference"] != 0)
    return bool(row["pairs"]) and (row["difference"], row["low"], row["high"]) != (0, 0, 0)


def told(row: Mapping[str, Any]) -> str:
    """Return the verdict that is said of a row: its own, `EQUAL`, or none where no pair defines it.

    Examples
    --------
    >>> told({"pairs": 3, "difference": 0.0, "low": 0.0, "high": 0.0, "verdict": "-"})
    'equal in every pair'
    """
    if not row["pairs"]:
        return ""
    return str(row["verdict"]) if moves(row) else EQUAL


def said_narrowing(ratio: float) -> str:
    """Say how many times narrower an interval is for sharing draws; a dash where it is not known.

    Examples
    --------
    >>> said_narrowing(2.54), said_narrowing(1200.0)
    ('×2.5', '×1,200')
    """
    if isnan(ratio):
        return "–"
    return "=" if isinf(ratio) else f"×{ratio:.2g}" if ratio < 100 else f"×{ratio:,.0f}"


@dataclass(frozen=True)
class SortedOut:
    """The metrics of a comparison, each in one list, in the order of the tables.

    Attributes
    ----------
    moved : list of str
        Differ in some pair of some variant.
    equal : list of str
        The same in every pair of every variant that defines them.
    undefined : list of str
        Defined in no pair.
    """

    moved: list[str]
    equal: list[str]
    undefined: list[str]


def sort_out(tables: Iterable[pd.DataFrame]) -> SortedOut:
    """Sort the metrics of one table a variant by whether they differ.

    Parameters
    ----------
    tables : iterable of DataFrame
        As `zibo_sim.comparison.Comparison.tables` holds them.

    Examples
    --------
    >>> row = {"pairs": 2, "difference": 0.0, "low": 0.0, "high": 0.0}
    >>> sort_out([pd.DataFrame([row], index=["air.alerts"])]).equal
    ['air.alerts']
    """
    said: dict[str, list[Mapping[str, Any]]] = {}
    for table in tables:
        for name, row in zip(table.index, table.to_dict("records"), strict=True):
            said.setdefault(str(name), []).append({str(key): value for key, value in row.items()})
    moved = [name for name, rows in said.items() if any(map(moves, rows))]
    undefined = [name for name, rows in said.items() if not any(row["pairs"] for row in rows)]
    equal = [name for name in said if name not in {*moved, *undefined}]
    return SortedOut(moved, equal, undefined)


def scales(metric: str, row: Mapping[str, Any], lang: str) -> tuple[Scale, Scale]:
    """Return how values of a row and how their difference are written: finer where it is small."""
    largest = max((abs(row[k]) for k in ("base", "variant") if isfinite(row[k])), default=0.0)
    plain = scale(metric, METRICS[metric].unit, float(largest), lang)
    return plain, gap(plain, float(row["difference"]), lang)


def arm_titles(comparison: Comparison, lang: str) -> dict[str, str]:
    """Return what each variant is called: its name, or its title where that is no name for people.

    A name without blanks and with a dash, dot or stroke is that of a file or a scenario of the
    package; a title stands for it where no other scenario has the same.

    Parameters
    ----------
    comparison : Comparison
    lang : {"zh", "en"}

    Returns
    -------
    dict of str to str
        By the variant's name.
    """
    named = {name: half(arm.scenario.title, lang) for name, arm in comparison.variants.items()}
    every = [half(comparison.base.scenario.title, lang), *named.values()]
    return {
        name: said if _FILE.fullmatch(name) and every.count(said) == 1 else name
        for name, said in named.items()
    }
