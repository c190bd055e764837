"""First-order indices from points that no index design was made for: lhs, sobol, grid.

Totals need blocks that differ in one factor alone: ``design = "saltelli"``; a complete grid holds
them too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from zibo_sim.sensitivity.chance import crossed
from zibo_sim.sensitivity.resample import RESAMPLES, counts, widened

FloatArray = NDArray[np.float64]
Levels = NDArray[np.intp]
_FEWEST_BINS, _MOST_BINS = 4, 32
#: Fewer points than this give no index.
FEWEST_POINTS = 8


@dataclass(frozen=True)
class FirstOrder:
    """First-order indices with their intervals, one entry a factor, NaN where none can be said."""

    first: FloatArray
    low: FloatArray
    high: FloatArray
    variance: float


def bins(values: NDArray[Any]) -> Levels:
    """Return the bin of each value: its level where there are few, else one of equal counts.

    Parameters
    ----------
    values : array, shape (N,)

    Returns
    -------
    array of int, shape (N,)
        About √N bins, 4 to 32.
    """
    most = int(np.clip(round(np.sqrt(len(values))), _FEWEST_BINS, _MOST_BINS))
    if values.dtype.kind not in "fiu":
        return _numbered(np.array([repr(v) for v in values]))
    numbers = values.astype(float)
    if len(np.unique(numbers)) <= most:
        return _numbered(numbers)
    edges = np.unique(np.quantile(numbers, np.linspace(0, 1, most + 1)[1:-1]))
    return np.searchsorted(edges, numbers, side="right")


def _numbered(values: NDArray[Any]) -> Levels:
    which: Levels = np.unique(values, return_inverse=True)[1].astype(np.intp)
    return which


def first_order(
    levels: list[Levels],
    y: FloatArray,
    *,
    confidence: float = 0.95,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> FirstOrder:
    """Estimate first-order indices by the variance between bins of each factor.

    What the other factors scatter within the bins is taken out of the variance between them
    (``V = (SS_between − Σ(1 − n_m/N)·s_m²) / N``), and squares are products of different
    replications, which leaves chance out. A bin of finite width hides the factor's curve inside it,
    so an index is a little low: by 1/bins² for a straight line.

    Parameters
    ----------
    levels : list of array of int, shape (N,)
        From `bins`, one a factor.
    y : array, shape (N, R)
        NaN where a run has no outcome; its point is left out.
    confidence : float
    resamples, seed : int
        The bootstrap over points gives the interval's width (its percentiles would be biased up),
        to which a jackknife over three or more replications adds.

    Returns
    -------
    FirstOrder
    """
    there = np.isfinite(y).all(axis=1)
    y, lacking = y[there], np.full(len(levels), np.nan)
    if len(y) < FEWEST_POINTS:
        return FirstOrder(lacking, lacking, lacking, np.nan)
    members = [np.eye(which.max() + 1)[which[there]] for which in levels]

    def estimate(weights: FloatArray, part: FloatArray) -> FloatArray:
        variance = _total(weights, part)
        between = np.column_stack([_between(weights, m, part) for m in members])
        positive = variance > np.finfo(float).tiny
        return np.column_stack([between / np.where(positive, variance, np.nan)[:, None], variance])

    def of(chosen: NDArray[np.intp]) -> FloatArray:
        found: FloatArray = estimate(every, _centred(y[:, chosen]))[0]
        return found

    every, whole = np.ones((1, len(y))), _centred(y)
    value = estimate(every, whole)[0]
    drawn = estimate(counts(len(y), resamples, seed), whole)
    if np.quantile(drawn[:, -1], (1 - confidence) / 2) <= np.finfo(float).tiny:
        return FirstOrder(lacking, lacking, lacking, float(value[-1]))
    half = float(ndtri((1 + confidence) / 2)) * np.nanstd(drawn, axis=0, ddof=1)
    _, low, high = widened((value, value - half, value + half), of, y.shape[1], confidence)
    return FirstOrder(value[:-1], low[:-1], high[:-1], float(value[-1]))


def _centred(y: FloatArray) -> FloatArray:
    centred: FloatArray = y - y.mean(axis=0)
    return centred


def _total(weights: FloatArray, y: FloatArray) -> FloatArray:
    """Return the variance over points, chance left out, under each row of weights."""
    n, means = weights.sum(axis=1), weights @ y / weights.sum(axis=1)[:, None]
    total: FloatArray = (weights @ crossed(y, y) / n - crossed(means, means)) * n / (n - 1)
    return total


def _between(weights: FloatArray, member: FloatArray, y: FloatArray) -> FloatArray:
    """Return the variance between bins, chance left out, under each row of weights.

    Every square is a product of different replications.
    """
    n, (points, bins_), replications = weights.sum(axis=1), member.shape, y.shape[1]
    count = weights @ member
    held = np.maximum(count, 1.0)
    sums = weights @ (member[:, :, None] * y[:, None, :]).reshape(points, -1)
    sums = sums.reshape(len(weights), bins_, replications)
    squared, whole = crossed(sums, sums) / held, weights @ y
    within = weights @ (member * crossed(y, y)[:, None]) - squared
    pooled = within.sum(axis=1) / np.maximum(n - (count > 0).sum(axis=1), 1.0)
    spread = np.where(count > 1, within / np.maximum(count - 1, 1.0), pooled[:, None])
    between = squared.sum(axis=1) - crossed(whole, whole) / n
    by_others = ((1 - count / n[:, None]) * spread * (count > 0)).sum(axis=1)
    variance: FloatArray = (between - by_others) / n
    return variance


# ---- complete grids ----------------------------------------------------------------------


@dataclass(frozen=True)
class GridIndices:
    """First-order and total indices of a complete grid, exact but for chance."""

    first: FloatArray
    total: FloatArray
    variance: float


def is_complete(levels: list[Levels]) -> bool:
    """Say whether the points are every combination of the levels, each once."""
    size = int(np.prod([which.max() + 1 for which in levels]))
    cells = {tuple(point) for point in np.column_stack(levels).tolist()}
    return len(levels[0]) == size == len(cells)


def grid_indices(levels: list[Levels], y: FloatArray) -> GridIndices:
    """Split the variance over a complete grid exactly; chance is left out as everywhere.

    Parameters
    ----------
    levels : list of array of int, shape (N,)
        A complete grid.
    y : array, shape (N, R)
        Without gaps.
    """
    sizes = [which.max() + 1 for which in levels]
    y = _centred(y)
    table = np.empty((*sizes, y.shape[1]))
    table[tuple(levels)] = y
    variance = float(crossed(y, y).mean())
    axes = range(len(sizes))
    first, total = np.empty(len(sizes)), np.empty(len(sizes))
    for j in axes:
        alone = table.mean(axis=tuple(i for i in axes if i != j))
        within = table - table.mean(axis=j, keepdims=True)
        first[j], total[j] = crossed(alone, alone).mean(), crossed(within, within).mean()
    scale = variance if variance > np.finfo(float).tiny else np.nan
    return GridIndices(first / scale, total / scale, variance)
