"""Closed and total indices of three groups of inputs from five blocks of runs.

A block takes each group from draw A or draw B. Runs of two blocks that share a set of groups and
nothing else correlate by that set's closed index; the total index of a group is what the closed
index of the two others leaves over. Each correlation is normalised by its own pair of blocks (Janon
et al. 2014), so it is exact where the shared groups decide everything. Six correlations are known
with different errors; the split of the variance into seven parts (each group, each pair, all three)
that fits them best, no part below zero and all summing to one, gives indices that agree with one
another.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from zibo_sim.sensitivity.chance import mean_known
from zibo_sim.sensitivity.resample import RESAMPLES, weighted_means, with_interval

FloatArray = NDArray[np.float64]
GROUPS = ("assumed", "evidence", "chance")
#: Blocks of runs, and from which draw each takes the groups of `GROUPS`.
BLOCKS = ("AAA", "BBB", "BAA", "ABA", "AAB")
_OTHERS = ((1, 2), (0, 2), (0, 1))
#: The parts: the groups alone, then each pair, numbered by the group it lacks, then all three.
_SHARED = np.array([
    *np.eye(3, 7),  # what runs share that have one group in common
    *([i in pair or i == 3 + g for i in range(7)] for g, pair in enumerate(_OTHERS)),
])  # fmt: skip
_FIRM = 1e4
_LEAST_ERROR = 0.01


def group_indices(
    y: FloatArray, *, confidence: float = 0.95, resamples: int = RESAMPLES, seed: int = 0
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Estimate what three groups make of an outcome's variance, alone and with the others.

    Parameters
    ----------
    y : array, shape (5, N)
        Outcomes of `BLOCKS`; NaN where a run has none.
    confidence : float
    resamples, seed : int

    Returns
    -------
    value, low, high : array, shape (2, 3)
        Closed indices, then total ones; NaN where the outcome does not vary.
    """
    n = y.shape[1]
    terms = _terms(y)

    def estimate(weights: FloatArray) -> FloatArray:
        rho = _correlations(weights, terms)
        return np.array([_fitted(row, n) for row in rho])

    found = with_interval(estimate, n, confidence, resamples, seed)
    value, low, high = (part.reshape(2, 3) for part in found)
    return value, low, high


def _terms(y: FloatArray) -> FloatArray:
    """Return the row terms of six correlations, shape (N, 18)."""
    y = y - mean_known(y, axis=(0, 1))
    a, b, mixed = y[0], y[1], y[2:]
    terms = list[FloatArray]()
    for g, (h, other) in enumerate(_OTHERS):  # two pairs of blocks share this group alone
        pairs = [_pair(b, mixed[g]), _pair(mixed[h], mixed[other])]
        terms += [mean_known(np.stack(both), axis=0) for both in zip(*pairs, strict=True)]
    for g in range(3):
        terms += _pair(a, mixed[g])
    return np.column_stack(terms)


def _pair(u: FloatArray, v: FloatArray) -> list[FloatArray]:
    return [u * v, (u**2 + v**2) / 2, (u + v) / 2]


def _correlations(weights: FloatArray, terms: FloatArray) -> FloatArray:
    means = weighted_means(weights, terms).reshape(len(weights), 6, 3)
    product, square, mean = np.moveaxis(means, -1, 0)
    spread = square - mean**2
    varies = spread > 1e-12 * np.maximum(square, np.finfo(float).tiny)
    rho: FloatArray = (product - mean**2) / np.where(varies, spread, np.nan)
    return rho


def _fitted(rho: FloatArray, n: int) -> FloatArray:
    """Return closed and total indices of the split that fits the correlations best."""
    if not np.isfinite(rho).all():
        return np.full(6, np.nan)
    error = np.maximum(1 - rho**2, _LEAST_ERROR) / np.sqrt(n)
    error[:3] /= np.sqrt(2)
    rows = np.vstack([_SHARED / error[:, None], np.full((1, 7), _FIRM)])
    parts = nnls(rows, np.append(rho / error, _FIRM))[0]
    parts /= parts.sum()
    return np.concatenate([parts[:3], 1 - _SHARED[3:] @ parts])
