"""Morris screening: elementary effects along trajectories, with the part that chance makes.

An elementary effect is the change of the outcome per unit of a factor's position on its range (0 to
1), one factor moved at a time. `mu` is their mean, `mu_star` the mean of their size (Campolongo et
al. 2007), `sigma` their spread: large where a factor bends or interacts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zibo_sim.errors import Refused
from zibo_sim.sensitivity.chance import crossed, mean_known
from zibo_sim.sensitivity.resample import RESAMPLES, weighted_means, widened, with_interval

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Screening:
    """Elementary effects summed up, one entry a factor.

    Attributes
    ----------
    mu, mu_low, mu_high : array, shape (k,)
    mu_star, mu_star_low, mu_star_high : array, shape (k,)
    sigma, sigma_low, sigma_high : array, shape (k,)
        With several replications, what chance adds to the spread is taken out.
    by_chance : array, shape (k,)
        The `mu_star` that chance alone would show; 0 with one replication, where it is unknown.
    """

    mu: FloatArray
    mu_low: FloatArray
    mu_high: FloatArray
    mu_star: FloatArray
    mu_star_low: FloatArray
    mu_star_high: FloatArray
    sigma: FloatArray
    sigma_low: FloatArray
    sigma_high: FloatArray
    by_chance: FloatArray


def elementary_effects(x: FloatArray, y: FloatArray) -> FloatArray:
    """Return the change of the outcome per unit of the one factor that each step moves.

    Parameters
    ----------
    x : array, shape (T·(k+1), k)
        Trajectories one after another, on ranges of 0 to 1.
    y : array, shape (T·(k+1),) or (T·(k+1), R)

    Returns
    -------
    array, shape (T, k, R)

    Raises
    ------
    Refused
        Where the rows are no trajectories of k + 1 points that each move every factor once.
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    y = y[:, None] if y.ndim == 1 else y
    k = x.shape[1]
    if len(x) % (k + 1) or len(y) != len(x):
        raise Refused(
            f"trajectories: {len(x)} points are refused; allowed is a multiple of {k + 1}, the "
            f"points of a trajectory in {k} factors"
        )
    steps = np.diff(x.reshape(-1, k + 1, k), axis=1)
    moved = steps != 0
    if not (moved.sum(axis=2) == 1).all() or not (moved.sum(axis=1) == 1).all():
        raise Refused("trajectories: refused; each step must move one factor, and each factor once")
    which = moved.argmax(axis=2)
    size = np.take_along_axis(steps, which[..., None], axis=2)
    effects = np.diff(y.reshape(-1, k + 1, y.shape[1]), axis=1) / size
    ordered: FloatArray = np.take_along_axis(effects, np.argsort(which, axis=1)[..., None], axis=1)
    return ordered


def screening(
    effects: FloatArray, *, confidence: float = 0.95, resamples: int = RESAMPLES, seed: int = 0
) -> Screening:
    """Sum elementary effects up, with intervals.

    They come from a bootstrap over trajectories and, from three replications on, a jackknife over
    replications.

    Parameters
    ----------
    effects : array, shape (T, k, R)
        From `elementary_effects`.
    confidence : float
    resamples, seed : int

    Returns
    -------
    Screening

    Examples
    --------
    >>> x = np.array([[0, 0], [0.5, 0], [0.5, 0.5], [1, 1], [1, 0.5], [0.5, 0.5]])
    >>> found = screening(elementary_effects(x, 3 * x[:, 0] - x[:, 1]))
    >>> found.mu.tolist(), found.sigma.tolist()
    ([3.0, -1.0], [0.0, 0.0])
    """
    trajectories, k, replications = effects.shape

    def of(chosen: NDArray[np.intp]) -> FloatArray:
        found: FloatArray = _measures(effects[..., chosen])(np.ones((1, trajectories)))[0]
        return found

    over_rows = with_interval(_measures(effects), trajectories, confidence, resamples, seed)
    found = widened(over_rows, of, replications, confidence)
    value, low, high = (part.reshape(3, k) for part in found)
    by_chance = np.sqrt(2 / np.pi * mean_known(_error2(effects), axis=0))
    return Screening(
        value[0], low[0], high[0], value[1], np.maximum(low[1], 0), high[1],
        value[2], np.maximum(low[2], 0), high[2], by_chance,
    )  # fmt: skip


def _measures(effects: FloatArray) -> Callable[[FloatArray], FloatArray]:
    """Return what gives mu, mu_star and sigma under each row of weights, shape (·, 3k).

    The spread comes from products of different replications, so chance adds nothing to it.
    """
    trajectories, k, replications = effects.shape
    means = mean_known(effects)
    centred = effects - mean_known(effects, axis=0)
    terms = np.column_stack(
        [means, np.abs(means), crossed(centred, centred), centred.reshape(trajectories, -1)]
    )

    def measures(weights: FloatArray) -> FloatArray:
        found, n = weighted_means(weights, terms), weights.sum(axis=1)[:, None]
        rest = found[:, 3 * k :].reshape(len(weights), k, replications)
        spread = (found[:, 2 * k : 3 * k] - crossed(rest, rest)) * n / np.maximum(n - 1, 1)
        sigma = np.sqrt(np.maximum(spread, 0.0))
        return np.column_stack([found[:, : 2 * k], sigma])

    return measures


def _error2(effects: FloatArray) -> FloatArray:
    """Return the squared standard error that chance gives each effect's mean, shape (T, k)."""
    replications = effects.shape[-1]
    if replications < 2:
        return np.zeros(effects.shape[:2])
    there = np.isfinite(effects).sum(axis=-1)
    rest = (effects - mean_known(effects)[..., None]) ** 2
    variance = mean_known(rest) * there / np.maximum(there - 1, 1)
    error2: FloatArray = np.where(there > 1, variance / np.maximum(there, 1), np.nan)
    return error2
