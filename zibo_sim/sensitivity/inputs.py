"""The numeric inputs of a scenario that are not printed law, each with the range it may have."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, get_args

import numpy as np
from annotated_types import Ge, Gt, Le, Lt
from numpy.typing import NDArray
from pydantic.fields import FieldInfo

from zibo_sim.errors import Refused, unknown
from zibo_sim.fields import leaves
from zibo_sim.law import book
from zibo_sim.scenario import Scenario
from zibo_sim.study.factor import Factor, described, factor_keys
from zibo_sim.study.factor_file import read_factor

FloatArray = NDArray[np.float64]
#: How far an input without a stated range goes from its value, as a share of it.
SPREAD = 0.2
#: Which group of values each status belongs to; law and standards are held as printed.
GROUP_OF = {"assumed": "assumed", "calibrated": "evidence", "literature": "evidence"}
_INSIDE = 1e-6


@dataclass(frozen=True)
class Elements:
    """A list of numbers as one input: its elements vary each for itself.

    A list that sums to one is brought back to that sum.
    """

    key: str
    status: str
    unit: str
    low: FloatArray
    high: FloatArray
    sums_to_one: bool

    @property
    def width(self) -> int:
        """How many numbers the list has."""
        return len(self.low)

    def native(self, u: FloatArray) -> list[tuple[float, ...]]:
        """Map shares in (0, 1), shape (n, width), to lists."""
        drawn = self.low + u * (self.high - self.low)
        if self.sums_to_one:
            drawn /= drawn.sum(axis=1, keepdims=True)
        return [tuple(row) for row in drawn.tolist()]


@dataclass(frozen=True)
class Scalar:
    """One number (or, where the user says so, one choice) as an input."""

    factor: Factor
    width: int = 1

    @property
    def key(self) -> str:
        """Dotted name of the input."""
        return self.factor.key

    @property
    def status(self) -> str:
        """Status of the input."""
        return self.factor.status

    def native(self, u: FloatArray) -> list[Any]:
        """Map shares in (0, 1), shape (n, 1), to values."""
        return self.factor.native(u[:, 0])


Input = Scalar | Elements


@dataclass(frozen=True)
class Inputs:
    """What varies, and what does not for which reason.

    Attributes
    ----------
    varied : tuple of Scalar or Elements
    left_out : mapping of reason to keys
        ``not_numeric``, ``seed``, ``no_room`` (0, or a whole number whose range holds no other),
        ``nested`` (lists of pairs, empty lists), ``held`` (the user's wish).
    stated : tuple of str
        Keys whose range the user stated.
    spread : float
        How far the others go from their value, as a share of it.
    """

    varied: tuple[Input, ...]
    left_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    stated: tuple[str, ...] = ()
    spread: float = SPREAD

    def keys(self, group: str) -> list[str]:
        """Return the keys of a group that vary."""
        return [i.key for i in self.varied if GROUP_OF.get(i.status, "evidence") == group]


def inputs_of(
    base: Scenario,
    ranges: Mapping[str, Any] | None = None,
    hold: Sequence[str] = (),
    spread: float = SPREAD,
) -> Inputs:
    """Return every numeric input that is assumed, calibrated or from literature, with its range.

    Parameters
    ----------
    base : Scenario
        Ranges lie about its values.
    ranges : mapping of key to range, list or distribution, optional
        As a study's factors; any input may be named, law included.
    hold : sequence of str
        Keys that are not varied; a name of a table (``air.weather``) holds all inside.
    spread : float
        Half the width of a range that nobody stated, as a share of the value; the range is cut off
        at what the input allows.

    Raises
    ------
    Refused
        For unknown keys and ranges that cannot be read, all at once.
    """
    given = dict(ranges or {})
    stated, faults = _stated(base, given)
    known = factor_keys()
    faults += [
        f"hold: {unknown('key', key, known)}"
        for key in hold
        if not any(name == key or name.startswith(f"{key}.") for name in known)
    ]
    if not 0 < spread <= 1:
        faults.append(f"spread: {spread!r} is refused; allowed is above 0 and at most 1")
    if faults:
        raise Refused(*faults)
    varied, left_out = list[Input](), dict[str, list[str]]()
    for key in _candidates(known):
        if any(key == name or key.startswith(f"{name}.") for name in hold):
            left_out.setdefault("held", []).append(key)
        elif key in stated:
            varied.append(Scalar(stated[key]))
        elif described(key)[1] in GROUP_OF:
            found = _about_value(base, key, spread)
            if isinstance(found, str):
                left_out.setdefault(found, []).append(key)
            else:
                varied.append(found)
    extra = [Scalar(stated[key]) for key in stated if key not in _candidates(known)]
    kept = {reason: tuple(keys) for reason, keys in left_out.items()}
    return Inputs((*varied, *extra), kept, tuple(stated), spread)


def _stated(base: Scenario, given: Mapping[str, Any]) -> tuple[dict[str, Factor], list[str]]:
    stated, faults = dict[str, Factor](), list[str]()
    for key, said in given.items():
        try:
            stated[key] = read_factor(key, said)
        except Refused as refusal:
            faults += refusal.at("range").faults
        else:
            faults += _own_faults(base, stated[key])
    return stated, faults


def _own_faults(base: Scenario, factor: Factor) -> list[str]:
    """Return what is wrong with a range itself; what depends on other inputs is drawn anew."""
    faults, name = list[str](), factor.key.removeprefix("law.")
    for value in factor.extremes():
        try:
            base.replace({factor.key: value})
        except Refused as refusal:
            faults += [f"range: {fault}" for fault in refusal.faults if name in fault]
    return faults


def _candidates(known: Sequence[str]) -> Iterator[str]:
    """Yield the inputs, and of the law the values without a printed number."""
    entries = book().entries
    for key in known:
        law = key.startswith("law.")
        if not law or (key.removeprefix("law.") in entries and described(key)[2] != "other"):
            yield key


@cache
def _declared() -> dict[str, FieldInfo]:
    return dict(leaves(Scenario))


def _about_value(base: Scenario, key: str, spread: float) -> Input | str:
    """Return the input with its range about the base's value, or why it has none."""
    value, (unit, status, kind) = base.get(key), described(key)
    info = _declared().get(key)
    if key.endswith(".seed"):
        return "seed"
    if isinstance(value, tuple):
        return _elements(key, value, status, unit, info, spread)
    if kind == "other" or isinstance(value, bool):
        return "not_numeric"
    low, high = _range(float(value), spread, *_limits([] if info is None else info.metadata))
    if kind == "whole":
        low, high = math.ceil(low), math.floor(high)
    if not low < high:
        return "no_room"
    return Scalar(read_factor(key, {"low": low, "high": high}))


def _elements(
    key: str, value: tuple[Any, ...], status: str, unit: str, info: FieldInfo | None, spread: float
) -> Elements | str:
    if not value or not all(type(v) in (int, float) for v in value):
        inner = value and all(isinstance(v, str) for v in value)
        return "not_numeric" if inner else "nested"
    limits = _limits(_element_metadata(info))
    ends = np.array([_range(float(v), spread, *limits) for v in value])
    if not (ends[:, 0] < ends[:, 1]).any():
        return "no_room"
    return Elements(key, status, unit, ends[:, 0], ends[:, 1], math.isclose(sum(value), 1.0))


def _element_metadata(info: FieldInfo | None) -> list[Any]:
    """Return the limits that a list's declaration sets on its elements."""
    for part in get_args(info.annotation) if info is not None else ():
        for said in get_args(part)[1:]:
            if isinstance(said, FieldInfo):
                return list(said.metadata)
    return []


def _limits(metadata: Sequence[Any]) -> tuple[float, float, bool, bool]:
    """Return the least and largest value allowed, and whether they themselves are not."""
    low, high, above, below = -math.inf, math.inf, False, False
    for limit in metadata:
        if isinstance(limit, Ge):
            low = float(limit.ge)  # type: ignore[arg-type]
        elif isinstance(limit, Gt):
            low, above = float(limit.gt), True  # type: ignore[arg-type]
        elif isinstance(limit, Le):
            high = float(limit.le)  # type: ignore[arg-type]
        elif isinstance(limit, Lt):
            high, below = float(limit.lt), True  # type: ignore[arg-type]
    return low, high, above, below


def _range(
    value: float, spread: float, low: float, high: float, above: bool, below: bool
) -> tuple[float, float]:
    ends = sorted((value * (1 - spread), value * (1 + spread)))
    least = low + above * _INSIDE * (value - low) if above else low
    most = high - _INSIDE * (high - value) if below else high
    return max(ends[0], least), min(ends[1], most)
