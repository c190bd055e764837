"""Bootstrap of rows: intervals of any estimate that is made of means over rows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

FloatArray = NDArray[np.float64]
RESAMPLES = 1000
#: Share of resamples that may be without an answer before there is no interval.
_LOST = 0.025
_FEWEST_REPLICATIONS = 3


def counts(rows: int, resamples: int, seed: int) -> FloatArray:
    """Return how often each row stands in each resample, shape (resamples, rows)."""
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(rows, np.full(rows, 1.0 / rows), size=resamples)
    return drawn.astype(float)


def weighted_means(weights: FloatArray, terms: FloatArray) -> FloatArray:
    """Return the mean of each term under each row of weights, NaN entries left out.

    Parameters
    ----------
    weights : array, shape (resamples, rows)
    terms : array, shape (rows, terms)

    Returns
    -------
    array, shape (resamples, terms)
    """
    there = np.isfinite(terms)
    total = weights @ np.where(there, terms, 0.0)
    weight = weights @ there.astype(float)
    found: FloatArray = np.where(weight > 0, total / np.where(weight > 0, weight, 1.0), np.nan)
    return found


def with_interval(
    estimate: Callable[[FloatArray], FloatArray],
    rows: int,
    confidence: float = 0.95,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return an estimate with the percentile interval of its bootstrap.

    Parameters
    ----------
    estimate : callable
        Takes weights of shape (resamples, rows), gives shape (resamples, ...).
    rows : int
    confidence : float
    resamples, seed : int

    Returns
    -------
    value, low, high : array
        The bounds are NaN where too many resamples have no answer.
    """
    value = estimate(np.ones((1, rows)))[0]
    drawn = estimate(counts(rows, resamples, seed))
    lost = (~np.isfinite(drawn)).mean(axis=0) > _LOST
    tail = (1 - confidence) / 2
    kept = np.where(np.isfinite(drawn), drawn, value)
    low, high = np.quantile(kept, [tail, 1 - tail], axis=0)
    return value, np.where(lost, np.nan, low), np.where(lost, np.nan, high)


def widened(
    interval: tuple[FloatArray, FloatArray, FloatArray],
    without: Callable[[NDArray[np.intp]], FloatArray],
    replications: int,
    confidence: float,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Add to an interval over rows what another set of replications would change.

    All rows share their replications, so no bootstrap of rows shows it: a jackknife over
    replications (Student's t) does, from three replications on. Both halves add in squares.

    Parameters
    ----------
    interval : (value, low, high)
    without : callable
        The estimate from the replications whose numbers it is given.
    replications : int
    confidence : float
    """
    value, low, high = interval
    if replications < _FEWEST_REPLICATIONS:
        return interval
    numbers = np.arange(replications)
    drawn = np.array([without(np.delete(numbers, i)) for i in numbers])
    spread = ((drawn - drawn.mean(axis=0)) ** 2).sum(axis=0) * (replications - 1) / replications
    half = stdtrit(replications - 1, (1 + confidence) / 2) * np.sqrt(spread)
    return value, value - np.hypot(value - low, half), value + np.hypot(high - value, half)
