"""Conditions on outputs in words a user types: ``air.heavy_days > 10 and air.target_met = 0``.

Nothing is evaluated as code: a condition is comparisons of a metric with a number, all joined by
``and`` or all by ``or``.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from zibo_sim.errors import Refused, unknown

FloatArray = NDArray[np.float64]
_COMPARE: dict[str, Callable[[FloatArray, float], NDArray[np.bool_]]] = {
    ">=": operator.ge, "<=": operator.le, "!=": operator.ne, "==": operator.eq,
    ">": operator.gt, "<": operator.lt, "=": operator.eq,
}  # fmt: skip
_TERM = re.compile(
    r"\s*(?P<metric>[A-Za-z_][\w.]*)\s*(?P<sign>>=|<=|!=|==|>|<|=)"
    r"\s*(?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*"
)
_ALLOWED = (
    'allowed is METRIC > NUMBER (or >=, <, <=, =, !=), several joined by "and" or by "or", '
    "as in: air.heavy_days > 10 and air.alerts < 3"
)


@dataclass(frozen=True)
class Condition:
    """Comparisons that all must hold, or of which one must.

    Attributes
    ----------
    terms : tuple of (metric, sign, number)
    every : bool
        Whether all must hold.
    """

    terms: tuple[tuple[str, str, float], ...]
    every: bool

    @property
    def metrics(self) -> tuple[str, ...]:
        """The outputs it reads."""
        return tuple(dict.fromkeys(metric for metric, _, _ in self.terms))

    def __str__(self) -> str:
        parts = (f"{metric} {sign} {number:g}" for metric, sign, number in self.terms)
        return (" and " if self.every else " or ").join(parts)

    def of(self, frame: pd.DataFrame) -> FloatArray:
        """Return 1 where the condition holds, 0 where not, NaN where an output is not defined."""
        holds, defined = [], np.ones(len(frame), dtype=bool)
        for metric, sign, number in self.terms:
            values = frame[metric].to_numpy(dtype=float)
            defined &= np.isfinite(values)
            holds.append(_COMPARE[sign](values, number))
        together = np.all(holds, axis=0) if self.every else np.any(holds, axis=0)
        found: FloatArray = np.where(defined, together.astype(float), np.nan)
        return found


def condition(text: str, outputs: Iterable[str]) -> Condition:
    """Read a condition.

    Parameters
    ----------
    text : str
    outputs : iterable of str
        The metrics it may name.

    Returns
    -------
    Condition

    Raises
    ------
    Refused
        With every part that cannot be read and every unknown metric.

    Examples
    --------
    >>> str(condition("air.heavy_days>10", ["air.heavy_days"]))
    'air.heavy_days > 10'
    """
    known, faults, terms = list(outputs), list[str](), list[tuple[str, str, float]]()
    words = re.split(r"\s+(and|or)\s+", text.strip(), flags=re.IGNORECASE)
    joins = {word.lower() for word in words[1::2]}
    if len(joins) > 1:
        faults.append(f'when: {text!r} mixes "and" with "or"; {_ALLOWED}')
    for part in words[::2]:
        found = _TERM.fullmatch(part)
        if found is None:
            faults.append(f"when: {part!r} is refused; {_ALLOWED}")
        elif found["metric"] not in known:
            faults.append(f"when: {unknown('output', found['metric'], known)}")
        else:
            sign = "=" if found["sign"] == "==" else found["sign"]
            terms.append((found["metric"], sign, float(found["number"])))
    if faults:
        raise Refused(*faults)
    return Condition(tuple(terms), joins != {"or"})
