"""Scenario discovery: the box of inputs in which a case happens, found by peeling (PRIM).

The patient rule induction method of Friedman and Fisher (1999), as scenario discovery uses it
(Bryant and Lempert 2010): thin slices are peeled off the space of inputs where cases are rare, the
box that is left is pasted out again where that raises its density, and restrictions that chance
alone could have made are dropped. Coverage is the share of all cases inside a box, density the
share of its points that are cases.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import betainc

FloatArray = NDArray[np.float64]
Mask = NDArray[np.bool_]
#: Share of a box that one peel takes at most, where values allow it.
PEEL = 0.05
#: No box holds a smaller share of all points.
SMALLEST = 0.05
SIGNIFICANCE = 0.05


@dataclass(frozen=True)
class Limit:
    """What a box allows of one factor: a closed interval, or some of its categories."""

    factor: str
    low: float | None = None
    high: float | None = None
    allowed: tuple[Any, ...] | None = None

    def holds(self, values: NDArray[Any]) -> Mask:
        """Say which values are inside."""
        if self.allowed is not None:
            return np.array([v in self.allowed for v in values.tolist()])
        inside = np.ones(len(values), dtype=bool)
        if self.low is not None:
            inside &= values >= self.low
        if self.high is not None:
            inside &= values <= self.high
        return inside


@dataclass(frozen=True)
class Box:
    """A region of inputs and how well it tells cases from the rest.

    Attributes
    ----------
    limits : mapping of factor to Limit
        Of the factors it restricts.
    coverage, density : float
        Share of all cases inside; share of the points inside that are cases.
    points, cases : float
        Points inside, and cases among them.
    p_values : mapping of factor to float
        Chance of as many cases inside, had the factor's restriction no meaning.
    """

    limits: Mapping[str, Limit]
    coverage: float
    density: float
    points: int
    cases: float
    p_values: Mapping[str, float]

    def inside(self, factors: pd.DataFrame) -> Mask:
        """Say which rows lie in the box."""
        kept = np.ones(len(factors), dtype=bool)
        for name, limit in self.limits.items():
            kept &= limit.holds(factors[name].to_numpy())
        return kept


@dataclass(frozen=True)
class Discovery:
    """Boxes found one after another, each among the points that no box before it holds.

    Attributes
    ----------
    boxes : tuple of Box
        Empty where no region is denser in cases than the whole.
    trajectory : DataFrame
        Of the first box, one row a peel: ``step, coverage, density, mass, restricted``.
    points : int
    cases : float
    """

    boxes: tuple[Box, ...]
    trajectory: pd.DataFrame
    points: int
    cases: float


def prim(
    factors: pd.DataFrame,
    cases: FloatArray,
    *,
    boxes: int = 3,
    peel: float = PEEL,
    smallest: float = SMALLEST,
    significance: float = SIGNIFICANCE,
) -> Discovery:
    """Find boxes of inputs in which cases happen.

    Of the boxes passed on the way, the one with the largest harmonic mean of coverage and density
    is taken. The search stops when no box is denser than all points together.

    Parameters
    ----------
    factors : DataFrame
        One row a point; columns of numbers, or of texts and truth values (categories).
    cases : array, shape (N,)
        1 where the case happens, 0 where not, a share where replications disagree.
    boxes : int
        At most so many.
    peel, smallest : float
        Share of a box that one peel takes; smallest share of all points a box may hold.
    significance : float
        A restriction with a larger quasi-p value is dropped.

    Returns
    -------
    Discovery

    Examples
    --------
    >>> u = np.random.default_rng(1).random((400, 2))
    >>> found = prim(pd.DataFrame(u, columns=["x", "y"]), (u[:, 0] > 0.7).astype(float))
    >>> [*found.boxes[0].limits], round(found.boxes[0].coverage, 1)
    (['x'], 1.0)
    """
    search = _Search(factors, np.asarray(cases, dtype=float), peel, smallest, significance)
    found, trajectory = list[Box](), pd.DataFrame()
    left = np.ones(len(factors), dtype=bool)
    while len(found) < boxes and search.cases[left].sum() > 0:
        path = list(search.peeled(left))
        if trajectory.empty:
            trajectory = search.told(path)
        limits = search.pasted(search.best(path, left), left)
        box = search.box(search.pruned(limits, left), left)
        if not box.limits or box.density <= search.cases.mean():
            break
        found.append(box)
        left &= ~box.inside(factors)
    return Discovery(tuple(found), trajectory, len(factors), float(search.cases.sum()))


Limits = dict[str, Limit]


class _Search:
    """The points, and the steps of the search on them."""

    def __init__(
        self, factors: pd.DataFrame, cases: FloatArray, peel: float, smallest: float, level: float
    ) -> None:
        self.columns = {name: factors[name].to_numpy() for name in factors.columns}
        self.ordered = {n: _is_number(column) for n, column in self.columns.items()}
        self.cases, self.peel, self.level = cases, peel, level
        self.least = max(smallest * len(cases), 2.0)

    def mask(self, limits: Limits, left: Mask) -> Mask:
        kept = left.copy()
        for name, limit in limits.items():
            kept &= limit.holds(self.columns[name])
        return kept

    def peeled(self, left: Mask) -> Iterator[Limits]:
        """Yield the box of every peel, the whole space first."""
        limits: Limits = {}
        while True:
            yield limits
            inside = self.mask(limits, left)
            mean, size = self.cases[inside].mean(), inside.sum()
            if mean == 1.0:
                return
            best, gain = None, 0.0
            for candidate in self._slices(limits, inside):
                kept = candidate.holds(self.columns[candidate.factor]) & inside
                if not self.least <= kept.sum() < size:
                    continue
                found = (self.cases[kept].mean() - mean) / (size - kept.sum())
                if found > gain:
                    best, gain = candidate, found
            if best is None:
                return
            limits = {**limits, best.factor: best}

    def _slices(self, limits: Limits, inside: Mask) -> Iterator[Limit]:
        """Yield what each factor's limit would be after one peel."""
        for name, column in self.columns.items():
            limit, values = limits.get(name, Limit(name)), column[inside]
            if not self.ordered[name]:
                held = list(dict.fromkeys(values.tolist()))
                for gone in held if len(held) > 1 else []:
                    yield Limit(name, allowed=tuple(v for v in held if v != gone))
                continue
            levels = np.unique(values)
            if len(levels) > 1:
                low, high = np.quantile(values, [self.peel, 1 - self.peel])
                above, below = levels[levels > low], levels[levels < high]
                first = above[0] if len(above) else levels[-1]
                last = below[-1] if len(below) else levels[0]
                yield Limit(name, low=first.item(), high=limit.high)
                yield Limit(name, low=limit.low, high=last.item())

    def best(self, path: list[Limits], left: Mask) -> Limits:
        """Return the box with the largest harmonic mean of coverage and density."""
        return max(path, key=lambda limits: self._worth(limits, left))

    def _worth(self, limits: Limits, left: Mask) -> float:
        inside = self.mask(limits, left)
        all_cases, size = self.cases[left].sum(), inside.sum()
        # 2·coverage·density / (coverage + density), in counts
        return float(2 * self.cases[inside].sum() / (all_cases + size)) if size else 0.0

    def pasted(self, limits: Limits, left: Mask) -> Limits:
        """Widen the box by thin slices as long as that raises its worth."""
        while True:
            wider = max(
                self._wider(limits, left),
                key=lambda wide: self._worth(wide, left),
                default=limits,
            )
            if self._worth(wider, left) <= self._worth(limits, left):
                return limits
            limits = wider

    def _wider(self, limits: Limits, left: Mask) -> Iterator[Limits]:
        for name, limit in limits.items():
            others = {n: held for n, held in limits.items() if n != name}
            values = self.columns[name][self.mask(others, left)]
            slice_ = max(1, int(self.peel * self.mask(limits, left).sum()))
            if limit.allowed is not None:
                for more in dict.fromkeys(v for v in values.tolist() if v not in limit.allowed):
                    yield {**limits, name: Limit(name, allowed=(*limit.allowed, more))}
                continue
            if limit.low is not None:
                below = np.sort(values[values < limit.low])[::-1]
                low = below[slice_ - 1].item() if len(below) >= slice_ else None
                yield _with(limits, Limit(name, low=low, high=limit.high))
            if limit.high is not None:
                above = np.sort(values[values > limit.high])
                high = above[slice_ - 1].item() if len(above) >= slice_ else None
                yield _with(limits, Limit(name, low=limit.low, high=high))

    def pruned(self, limits: Limits, left: Mask) -> Limits:
        """Drop restrictions that chance alone could have made, the least certain first."""
        while limits:
            p_values = {name: self.p_value(limits, name, left) for name in limits}
            worst = max(p_values, key=lambda name: p_values[name])
            if p_values[worst] <= self.level:
                break
            limits = {name: limit for name, limit in limits.items() if name != worst}
        return limits

    def p_value(self, limits: Limits, name: str, left: Mask) -> float:
        """Return the binomial chance of at least as many cases without the restriction's help."""
        inside = self.mask(limits, left)
        without = self.mask({n: held for n, held in limits.items() if n != name}, left)
        hits, size = float(self.cases[inside].sum()), int(inside.sum())
        return 1.0 if hits == 0 else float(
            betainc(hits, size - hits + 1, float(self.cases[without].mean()))
        )  # fmt: skip

    def box(self, limits: Limits, left: Mask) -> Box:
        inside = self.mask(limits, left)
        hits, size = float(self.cases[inside].sum()), int(inside.sum())
        p_values = {name: self.p_value(limits, name, left) for name in limits}
        everything = float(self.cases.sum())
        return Box(dict(limits), hits / everything, hits / max(size, 1), size, hits, p_values)

    def told(self, path: list[Limits]) -> pd.DataFrame:
        left, rows = np.ones(len(self.cases), dtype=bool), []
        for step, limits in enumerate(path):
            box = self.box(limits, left)
            rows.append((step, box.coverage, box.density, box.points / len(left), len(limits)))
        names = ["step", "coverage", "density", "mass", "restricted"]
        return pd.DataFrame(rows, columns=names)


def _with(limits: Limits, limit: Limit) -> Limits:
    """Put a limit in its place, or take it out where it restricts nothing."""
    if limit.low is None and limit.high is None and limit.allowed is None:
        return {name: held for name, held in limits.items() if name != limit.factor}
    return {**limits, limit.factor: limit}


def _is_number(column: NDArray[Any]) -> bool:
    return bool(column.dtype.kind in "fiu")
