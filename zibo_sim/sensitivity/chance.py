"""Chance beside parameters: what replications make of a variance, and how to leave it out.

A study runs every point on the same replications (common random numbers), so its runs fill a table
of points × replications: ``Y = mean + P(point) + C(replication) + I(point, replication)``. Products
of two *different* replications of a point hold no chance on average; every noise-corrected estimate
of this package rests on them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
#: What the variance of an outcome is split into, in the order of `Components.shares`.
SOURCES = ("parameters", "chance", "interaction")
_DRAWS = 4000


def crossed(u: FloatArray, v: FloatArray) -> FloatArray:
    """Return the mean of u·v over all ordered pairs of different replications.

    Parameters
    ----------
    u, v : array, shape (..., R)
        NaN where a replication is missing.

    Returns
    -------
    array, shape (...)
        With R = 1 the plain product; NaN where no pair is there.
    """
    if u.shape[-1] == 1:
        plain: FloatArray = (u * v)[..., 0]
        return plain
    there_u, there_v = np.isfinite(u), np.isfinite(v)
    both = there_u & there_v
    filled_u, filled_v = np.where(there_u, u, 0.0), np.where(there_v, v, 0.0)
    sums = filled_u.sum(-1) * filled_v.sum(-1) - (filled_u * filled_v).sum(-1)
    pairs = there_u.sum(-1) * there_v.sum(-1) - both.sum(-1)
    found: FloatArray = np.where(pairs > 0, sums / np.maximum(pairs, 1), np.nan)
    return found


def mean_known(values: FloatArray, axis: int | tuple[int, ...] = -1) -> FloatArray:
    """Return the mean of what is not NaN, NaN where nothing is, without a warning."""
    there = np.isfinite(values)
    total = np.where(there, values, 0.0).sum(axis=axis)
    count = there.sum(axis=axis)
    found: FloatArray = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return found


@dataclass(frozen=True)
class Components:
    """The variance of an outcome, split.

    Attributes
    ----------
    variances : array, shape (3,)
        Of `SOURCES`; an estimate may be slightly negative.
    shares, low, high : array, shape (3,)
        Fractions of their sum, negative ones taken as nothing, with their interval.
    points, replications : int
        The size of the table, points that lack a replication left out.
    """

    variances: FloatArray
    shares: FloatArray
    low: FloatArray
    high: FloatArray
    points: int
    replications: int


def components(y: FloatArray, confidence: float = 0.95, seed: int = 0) -> Components | None:
    """Split the variance of a points × replications table by its mean squares.

    The estimates are those of the two-way layout with one run a cell, unbiased for points and
    replications drawn independently: ``interaction = MS_I``, ``parameters = (MS_P − MS_I) / R``,
    ``chance = (MS_C − MS_I) / N``. The intervals are generalised ones: each mean square over its
    own χ²/df, so few replications give a wide interval for chance (exact for normal effects).

    Parameters
    ----------
    y : array, shape (N, R)
    confidence : float
    seed : int
        Of the interval's draws.

    Returns
    -------
    Components or None
        None with fewer than two replications or three whole points.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> table = 3 * rng.normal(size=(200, 1)) + rng.normal(size=(200, 6))
    >>> split = components(table)
    >>> bool(split.low[0] < 0.9 < split.high[0])
    True
    """
    whole = y[np.isfinite(y).all(axis=1)]
    n, r = whole.shape
    if n < 3 or r < 2:
        return None
    squares, freedom = _mean_squares(whole)
    rng = np.random.default_rng(seed)
    drawn = squares * freedom / rng.chisquare(freedom, (_DRAWS, 3))
    tail = (1 - confidence) / 2
    low, high = np.quantile(_shares(_solved(drawn, n, r)), [tail, 1 - tail], axis=0)
    found = _solved(squares, n, r)
    return Components(found, _shares(found), low, high, n, r)


def _mean_squares(y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the mean squares of points, replications and interaction, and their freedom."""
    n, r = y.shape
    centred = y - y.mean()
    rows, columns = centred.mean(axis=1), centred.mean(axis=0)
    rest = centred - rows[:, None] - columns
    freedom = np.array([n - 1.0, r - 1.0, (n - 1.0) * (r - 1.0)])
    sums = np.array([r * (rows**2).sum(), n * (columns**2).sum(), (rest**2).sum()])
    return sums / freedom, freedom


def _solved(squares: FloatArray, n: int, r: int) -> FloatArray:
    points, chance, rest = np.moveaxis(squares, -1, 0)
    return np.stack([(points - rest) / r, (chance - rest) / n, rest], axis=-1)


def _shares(variances: FloatArray) -> FloatArray:
    kept = np.maximum(variances, 0.0)
    total = kept.sum(axis=-1, keepdims=True)
    shares: FloatArray = np.where(total > 0, kept / np.where(total > 0, total, 1.0), np.nan)
    return shares
