"""Estimates with 95 % intervals: rates, lognormal and exponential times, shares, profiles."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.special import gammaln

Array = NDArray[np.float64]

CONFIDENCE = 0.95
TAIL = (1 - CONFIDENCE) / 2
#: Fewer observations than this are no estimate.
FEWEST = 3
_POISSON, _LARGEST_CV = 1e-4, 3.0


class Estimate(NamedTuple):
    """One input as it was estimated.

    Attributes
    ----------
    key : str
        Its dotted name in a scenario.
    value : float
    low, high : float
        95 % interval.
    n : int
        How many observations stand behind it.
    method : str
        How it was estimated, with what to be careful of.
    """

    key: str
    value: float
    low: float
    high: float
    n: int
    method: str


class Profile(NamedTuple):
    """Relative arrivals by weekday or office hour, and whether they differ from even ones."""

    key: str
    weights: tuple[float, ...]
    counts: tuple[int, ...]
    p_value: float


class Fit(NamedTuple):
    """Everything estimated from a log."""

    estimates: list[Estimate]
    profiles: list[Profile]
    first: date
    last: date
    cases: int
    dispersion: float
    dispersion_p: float
    left_out: int


def dispersion(counts: Array, expected: Array) -> tuple[float, float]:
    """Return Pearson's dispersion (1 for Poisson) and the p-value of more than Poisson's."""
    chi2 = float(((counts - expected) ** 2 / expected).sum())
    free = len(counts) - 1
    return chi2 / free, float(stats.chi2.sf(chi2, free))


def overdispersion(counts: Array, expected: Array) -> tuple[float, float, float]:
    """Return the coefficient of variation of a gamma rate behind the counts, and its interval.

    On a grid of the negative binomial's likelihood, whose first point is Poisson's.
    """
    cv = np.concatenate([[_POISSON], np.linspace(0.005, _LARGEST_CV, 600)])
    k, y = (cv**-2)[:, None], counts[None, :]
    odds = expected[None, :] / k
    like = gammaln(y + k) - gammaln(k) + y * np.log(odds) - (y + k) * np.log1p(odds)
    total = like.sum(axis=1)
    inside = cv[total >= total.max() - stats.chi2.ppf(CONFIDENCE, 1) / 2]
    best, low, high = (float(x) for x in (cv[total.argmax()], inside[0], inside[-1]))
    return _or_none(best), _or_none(low), high


def _or_none(cv: float) -> float:
    return cv if cv > _POISSON else 0.0


def evenness(counts: Array, expected: Array, index: float = 1.0) -> float:
    """Return the p-value of the expected rates: chi-squared over the dispersion `index`."""
    chi2 = float(((counts - expected) ** 2 / expected).sum()) / index
    return float(stats.chi2.sf(chi2, len(counts) - 1)) if len(counts) > 1 else 1.0


def lognormal_fit(stage: str, times: Array, said: str) -> Iterator[Estimate]:
    """Yield mean and coefficient of variation of lognormal times, in working days.

    Cox's interval for the mean, the chi-squared one for the variance of the logarithms.
    """
    logs = np.log(times[times > 0])
    n = len(logs)
    if n < FEWEST:
        return
    centre, var = float(logs.mean()), float(logs.var(ddof=1))
    half = float(stats.t.ppf(1 - TAIL, n - 1)) * math.sqrt(var / n + var**2 / (2 * (n - 1)))
    middle = centre + var / 2
    mean = [math.exp(middle + sign * half) for sign in (0, -1, 1)]
    scale = [(n - 1) / float(stats.chi2.ppf(q, n - 1)) for q in (1 - TAIL, TAIL)]
    cv = [math.sqrt(math.expm1(var * factor)) for factor in (1.0, *scale)]
    yield Estimate(f"cloud.{stage}.mean_days", mean[0], mean[1], mean[2], n, said)
    yield Estimate(f"cloud.{stage}.cv", cv[0], cv[1], cv[2], n, said)


def exponential_mean(key: str, times: Sequence[float], of: str) -> Iterator[Estimate]:
    """Yield the mean of exponential times with its exact (chi-squared) interval."""
    n, total = len(times), sum(times)
    if n:
        low, high = (2 * total / float(stats.chi2.ppf(q, 2 * n)) for q in (1 - TAIL, TAIL))
        yield Estimate(key, total / n, low, high, n, f"exponential, {of}")


def share(key: str, count: int, n: int, of: str) -> Iterator[Estimate]:
    """Yield a share with Clopper and Pearson's interval."""
    if n:
        low = float(stats.beta.ppf(TAIL, count, n - count + 1)) if count else 0.0
        high = float(stats.beta.ppf(1 - TAIL, count + 1, n - count)) if count < n else 1.0
        yield Estimate(key, count / n, low, high, n, f"share of {of}; Clopper–Pearson")
