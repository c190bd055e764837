"""Which of several settings no other beats in every objective, and how sure that is."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from zibo_sim.experiment import interval
from zibo_sim.streams import Streams

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
ON_FRONTIER, OFF_FRONTIER, OPEN = "on the frontier", "off the frontier", "not decided"
CONFIDENCE, RESAMPLINGS = 0.95, 1000


def judge_settings(values: Floats, seed: int) -> dict[str, Any]:
    """Say which settings no other beats, and how sure that is.

    Parameters
    ----------
    values : ndarray, shape (settings, replications, objectives)
        All to be small; replications are pairs.
    seed : int
        Of the resampling.

    Returns
    -------
    dict
        ``frontier``, ``shown``, ``resampled``, ``beaten_by``, one value a setting. A setting is
        shown to be off the frontier where another is shown to be no worse in any objective and
        better in one, and on it where it is shown to be better in some objective than every
        other; else ``shown`` is `OPEN`. Intervals of the paired differences are widened so that
        all those of one setting hold together at 95 % (Bonferroni).
    """
    means = values.mean(axis=1)
    beats = _beats(means)
    surely_worse, surely_better = _shown(values)
    on = ~beats.any(axis=0)
    shown = np.where(surely_worse.any(axis=0), OFF_FRONTIER, OPEN).astype(object)
    shown[surely_better] = ON_FRONTIER
    beaten_by = np.where(surely_worse.any(axis=0), surely_worse.argmax(axis=0), -1)
    beaten_by = np.where((beaten_by < 0) & ~on, beats.argmax(axis=0), beaten_by)
    resampled = _resampled(values, seed)
    return {"frontier": on, "shown": shown, "resampled": resampled, "beaten_by": beaten_by}


def _beats(means: Floats) -> Bools:
    """Return whether setting i beats setting j, at ``[i, j]``; means may have leading axes."""
    a, b = means[..., :, None, :], means[..., None, :, :]
    return np.asarray((a <= b).all(axis=-1) & (a < b).any(axis=-1))


def _shown(values: Floats) -> tuple[Bools, Bools]:
    """Return where i surely beats j, and which settings surely none beats."""
    count, _, objectives = values.shape
    confidence = 1 - (1 - CONFIDENCE) / ((count - 1) * objectives)
    low, high = np.zeros((2, count, count, objectives))
    for i in range(count):
        for j in range(i):
            for k in range(objectives):
                _, below, above, _ = interval(values[i, :, k] - values[j, :, k], confidence)
                low[i, j, k], high[i, j, k] = below, above
                low[j, i, k], high[j, i, k] = -above, -below
    beats = np.asarray((high <= 0).all(axis=2) & (high < 0).any(axis=2))
    better = (high < 0).any(axis=2) | (low == 0).all(axis=2) & (high == 0).all(axis=2)
    np.fill_diagonal(better, True)
    return beats, np.asarray(better.all(axis=1))


def _resampled(values: Floats, seed: int) -> Floats:
    """Return the share of paired resamplings of the replications that leave a setting unbeaten."""
    replications = values.shape[1]
    rng = Streams(seed)("frontier.resampling")
    even = np.full(replications, 1 / replications)
    kept = np.zeros(len(values))
    for _ in range(RESAMPLINGS):
        weight = rng.multinomial(replications, even) / replications
        # Rounded, so that settings that are equal in every winter stay equal in the mean.
        means = np.round(np.einsum("srk,r->sk", values, weight), 9)
        kept += ~_beats(means).any(axis=0)
    return np.asarray(kept / RESAMPLINGS)
