"""Sobol indices of factors or groups of factors from stored blocks (A, B, A_B).

First order after Saltelli et al. (2010), total order after Jansen (1999), both on outcomes centred
by the mean of all blocks. ``A_B`` is A with one factor's (or one group's) columns from B; for a
group the first-order formula gives the closed index, which holds all that happens inside the group.

With several replications a point the products run over pairs of different replications, so the
indices are those of the point's expected outcome: chance is neither in the numerators nor in the
variance. With one replication they are the plain estimators, of that one draw of chance. Intervals
come from a bootstrap over rows and, from three replications on, a jackknife over replications.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zibo_sim.errors import Refused
from zibo_sim.sensitivity.chance import crossed, mean_known
from zibo_sim.sensitivity.resample import RESAMPLES, weighted_means, widened, with_interval

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Indices:
    """Sobol indices with their intervals, one entry a factor or group.

    Attributes
    ----------
    first, first_low, first_high : array, shape (k,)
    total, total_low, total_high : array, shape (k,)
        NaN where the parameters' variance is not told from nothing.
    variance : float
        Of the outcome that the factors make, chance left out where replications allow it.
    """

    first: FloatArray
    first_low: FloatArray
    first_high: FloatArray
    total: FloatArray
    total_low: FloatArray
    total_high: FloatArray
    variance: float


def sobol_indices(
    a: FloatArray,
    b: FloatArray,
    ab: FloatArray,
    *,
    confidence: float = 0.95,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Indices:
    """Estimate first-order (closed) and total indices from the outcomes of Saltelli blocks.

    Parameters
    ----------
    a, b : array, shape (N,) or (N, R)
        Outcomes at the rows of A and B; R replications on common random numbers.
    ab : array, shape (k, N) or (k, N, R)
        Outcomes where factor (or group) j of A is replaced by B's.
    confidence : float
    resamples, seed : int
        Of the bootstrap over the N rows.

    Returns
    -------
    Indices
        A row that lacks an outcome is left out of what needs it.

    Raises
    ------
    Refused
        For blocks whose shapes do not fit.

    Examples
    --------
    >>> from scipy.stats import qmc
    >>> u = qmc.Sobol(4, seed=1).random(1024)
    >>> A, B = u[:, :2], u[:, 2:]
    >>> f = lambda x: x[:, 0] + 2 * x[:, 1]
    >>> AB = [np.column_stack([B[:, 0], A[:, 1]]), np.column_stack([A[:, 0], B[:, 1]])]
    >>> found = sobol_indices(f(A), f(B), np.array([f(x) for x in AB]))
    >>> np.round(found.total, 1).tolist()
    [0.2, 0.8]
    """
    a, b, ab = _fitting(a, b, ab)
    k, rows, replications = ab.shape
    every = np.ones((1, rows))

    def of(chosen: NDArray[np.intp]) -> FloatArray:
        part = _Rows(a[:, chosen], b[:, chosen], ab[..., chosen])
        found: FloatArray = part.estimate(every)[0]
        return found

    over_rows = with_interval(_Rows(a, b, ab).estimate, rows, confidence, resamples, seed)
    value, low, high = widened(over_rows, of, replications, confidence)
    if not over_rows[1][-1] > 0:  # the parameters' variance is not told from nothing
        value[: 2 * k], low[: 2 * k], high[: 2 * k] = np.nan, np.nan, np.nan
    return Indices(
        value[:k], low[:k], high[:k],
        value[k : 2 * k], low[k : 2 * k], high[k : 2 * k], float(value[-1]),
    )  # fmt: skip


class _Rows:
    """The terms of each row of A, B and A_B whose means make the indices."""

    def __init__(self, a: FloatArray, b: FloatArray, ab: FloatArray) -> None:
        centre = mean_known(np.concatenate([a[None], b[None], ab]), axis=(0, 1))
        a, b, ab = a - centre, b - centre, ab - centre
        change = ab - a
        self.k = len(ab)
        self.terms = np.column_stack(
            [
                crossed(np.broadcast_to(b, change.shape), change).T,
                0.5 * crossed(change, change).T,
                mean_known(np.stack([crossed(a, a), crossed(b, b)]), axis=0),
                mean_known(np.stack([a, b]), axis=0),
            ]
        )

    def estimate(self, weights: FloatArray) -> FloatArray:
        """Return first-order and total indices and the variance under each row of weights."""
        means, k = weighted_means(weights, self.terms), self.k
        centre = means[:, 2 * k + 1 :]
        variance = means[:, 2 * k] - crossed(centre, centre)
        positive = variance > np.finfo(float).tiny
        scaled = means[:, : 2 * k] / np.where(positive, variance, np.nan)[:, None]
        return np.column_stack([scaled, variance])


def _fitting(
    a: FloatArray, b: FloatArray, ab: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    a, b, ab = (np.asarray(block, dtype=float) for block in (a, b, ab))
    if a.ndim == 1:
        a, b, ab = a[:, None], b[..., None], ab[..., None]
    if a.ndim != 2 or a.shape != b.shape or ab.ndim != 3 or ab.shape[1:] != a.shape:
        raise Refused(
            f"blocks: shapes {a.shape}, {b.shape}, {ab.shape} are refused; allowed is A and B of "
            "one shape (N, R) and A_B of (k, N, R)"
        )
    return a, b, ab


def group_bounds(
    first: FloatArray, total: FloatArray, inside: NDArray[np.bool_]
) -> tuple[float, float]:
    """Bound the total index of a group by the indices of single factors.

    Single-factor blocks do not fix the total of a group of several factors, but it is at least the
    largest total inside, what first orders inside sum to, and what totals outside leave over; at
    most the sum of totals inside and what first orders outside leave over. For one factor, for all
    but one, and for all, both bounds are the index itself.

    Parameters
    ----------
    first, total : array, shape (k,)
    inside : array of bool, shape (k,)

    Returns
    -------
    least, most : float
    """
    if inside.all() or not inside.any():
        return float(inside.all()), float(inside.all())
    if inside.sum() == 1:
        return float(total[inside][0]), float(total[inside][0])
    if (~inside).sum() == 1:
        left = 1.0 - float(first[~inside][0])
        return left, left
    least = max(total[inside].max(), first[inside].sum(), 1.0 - total[~inside].sum(), 0.0)
    most = min(total[inside].sum(), 1.0 - first[~inside].sum(), 1.0)
    return float(min(least, most)), float(max(least, most))
