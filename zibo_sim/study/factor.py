"""One factor of a study: an input that varies, as a list, a range or a distribution."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from zibo_sim.fields import about, leaves
from zibo_sim.law import book
from zibo_sim.law.kinds import WHOLE_UNITS
from zibo_sim.scenario import HEADER, Scenario, settable_keys

FloatArray = NDArray[np.float64]
Kind = Literal["list", "range", "distribution"]
#: How far into its tails a distribution is tried on its input.
TAIL = 1e-4
_LAW = "law."


@dataclass(frozen=True)
class Factor:
    """One input that varies over a study.

    Attributes
    ----------
    key : str
        Dotted scenario key, ``law.<id>`` included.
    kind : {"list", "range", "distribution"}
    values : tuple
        The levels of a list; empty otherwise.
    table : mapping
        A range or distribution as the study file says it; empty for a list.
    unit, status : str
        Of the input: ``assumed``, ``statutory`` …
    integer : bool
        Whether the input takes whole numbers only.
    """

    key: str
    kind: Kind
    values: tuple[Any, ...]
    table: Mapping[str, Any]
    unit: str
    status: str
    integer: bool

    def quantile(self, u: FloatArray) -> NDArray[Any]:
        """Map shares in (0, 1) to values of the factor.

        Parameters
        ----------
        u : ndarray of shape (n,)

        Returns
        -------
        ndarray of shape (n,)
            Floats; whole numbers for a whole-number input; objects where levels are no numbers.
        """
        share = np.asarray(u, dtype=float)
        if self.kind == "list":
            index = np.minimum((share * len(self.values)).astype(int), len(self.values) - 1)
            levels: NDArray[Any] = _levels(self.values)[index]
            return levels
        if "normal" in self.table:
            return self._whole(self._normal(share))
        if "triangular" in self.table:
            return self._whole(_triangular(share, *map(float, self.table["triangular"])))
        return self._uniform(share)

    def native(self, u: FloatArray) -> list[Any]:
        """Return `quantile` as plain Python values, as `Scenario.replace` takes them."""
        if self.kind == "list":  # an array would turn the 1 of [1, 0.5] into 1.0
            last = len(self.values) - 1
            return [self.values[min(int(share * len(self.values)), last)] for share in u]
        return list(self.quantile(u).tolist())

    def extremes(self) -> tuple[Any, ...]:
        """Return the levels of a list, or the values at both ends of what is drawn."""
        if self.kind == "list":
            return self.values
        ends = (0.0, 1.0) if self.kind == "range" else (TAIL, 1 - TAIL)
        return tuple(self.native(np.array(ends)))

    def as_toml(self) -> Any:
        """Return the factor as a study file says it."""
        return list(self.values) if self.kind == "list" else dict(self.table)

    def _uniform(self, share: FloatArray) -> NDArray[Any]:
        low, high = float(self.table["low"]), float(self.table["high"])
        if self.table.get("log"):
            top = high + 1 if self.integer else high
            drawn = np.exp(np.log(low) + share * (np.log(top) - np.log(low)))
        else:
            drawn = low + share * (high - low + self.integer)
        if self.integer:
            drawn = np.floor(drawn)
        return self._whole(np.clip(drawn, low, high))

    def _normal(self, share: FloatArray) -> FloatArray:
        from scipy.special import ndtr, ndtri

        mean, sd = map(float, self.table["normal"])
        below = ndtr((float(self.table.get("low", -np.inf)) - mean) / sd)
        above = ndtr((float(self.table.get("high", np.inf)) - mean) / sd)
        drawn = mean + sd * ndtri(below + share * (above - below))
        low, high = self.table.get("low", -np.inf), self.table.get("high", np.inf)
        clipped: FloatArray = np.clip(drawn, low, high)
        return clipped

    def _whole(self, drawn: FloatArray) -> NDArray[Any]:
        return np.rint(drawn).astype(np.int64) if self.integer else drawn


def _levels(values: tuple[Any, ...]) -> NDArray[Any]:
    if all(type(v) in (int, float) for v in values):
        return np.array(values)
    levels = np.empty(len(values), dtype=object)
    levels[:] = values
    return levels


def _triangular(share: FloatArray, low: float, mode: float, high: float) -> FloatArray:
    width, rise, fall = high - low, mode - low, high - mode
    drawn: FloatArray = np.where(
        share * width < rise,
        low + np.sqrt(share * width * rise),
        high - np.sqrt((1 - share) * width * fall),
    )
    return drawn


# ---- what a key is -----------------------------------------------------------------------


@cache
def _annotations() -> dict[str, Any]:
    return {name: info for name, info in leaves(Scenario) if name not in HEADER}


def described(key: str) -> tuple[str, str, str]:
    """Return unit, status and kind (``whole``, ``number``, ``other``) of a known key."""
    if key.startswith(_LAW):
        return _law_described(key.removeprefix(_LAW))
    info = _annotations()[key]
    said, kind = about(info), info.annotation
    return said["unit"], said["status"], {int: "whole", float: "number"}.get(kind, "other")


def _law_described(key: str) -> tuple[str, str, str]:
    if key not in book().entries:
        return "text", book().entry(key.removesuffix(".reading")).status, "other"
    entry = book().entry(key)
    if isinstance(entry.value, bool) or not isinstance(entry.value, int | float):
        return entry.unit, entry.status, "other"
    whole = isinstance(entry.value, int) and entry.unit in WHOLE_UNITS
    return entry.unit, entry.status, "whole" if whole else "number"


def choices(key: str) -> str:
    """Say what levels a key that is no number may have."""
    info = None if key.startswith(_LAW) else _annotations()[key]
    if info is not None and info.annotation is not bool and get_args(info.annotation):
        named = [a for a in get_args(info.annotation) if isinstance(a, str)]
        if named:
            return str(named)
    return "[a, b, …]"


def factor_keys() -> list[str]:
    """Return every key a factor may have."""
    return [key for key in settable_keys() if key not in HEADER]
