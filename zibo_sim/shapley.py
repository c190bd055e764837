"""Shapley values: which sub-packages they need, and every part's effect from their metrics.

A sub-package is a mask: bit i says whether part i is in it. Exact effects weigh every sub-package
(Shapley L. S. 1953); sampled ones follow orders drawn with their reverse (Castro J. et al. 2009).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from math import comb

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from zibo_sim.errors import Refused
from zibo_sim.metrics import METRICS
from zibo_sim.streams import Streams

Floats = NDArray[np.float64]
Mask = int
_MOST_PARTS = 60


def wanted_runs(
    parts: int, replications: int, samples: int | None, seed: int
) -> tuple[list[list[list[int]]] | None, dict[Mask, list[int]]]:
    """Return the orders drawn, if any, and the replications to run of each sub-package."""
    if samples is None:
        return None, {mask: list(range(replications)) for mask in range(2**parts)}
    walks = drawn_orders(parts, replications, samples, seed)
    return walks, walked(walks)


def drawn_orders(parts: int, replications: int, samples: int, seed: int) -> list[list[list[int]]]:
    """Return orders of the parts for each replication, each drawn one with its reverse."""
    if parts > _MOST_PARTS:
        raise Refused(f"{parts} parts are refused; allowed are up to {_MOST_PARTS}: group keys")
    found = []
    for replication in range(replications):
        rng = Streams(seed, replication)("attribution.order")
        drawn: list[list[int]] = [rng.permutation(parts).tolist() for _ in range(samples // 2)]
        found.append([*drawn, *(order[::-1] for order in drawn)])
    return found


def _steps(order: Iterable[int]) -> Iterator[tuple[int, Mask, Mask]]:
    """Yield each part of an order, the sub-package before it and that with it."""
    mask = 0
    for part in order:
        yield part, mask, mask | 1 << part
        mask |= 1 << part


def walked(walks: list[list[list[int]]]) -> dict[Mask, list[int]]:
    """Return the sub-packages that the orders pass, with the replications that need each."""
    wanted = dict[Mask, list[int]]()
    for replication, orders in enumerate(walks):
        passed = {m for order in orders for _, *masks in _steps(order) for m in masks}
        for mask in sorted(passed):
            wanted.setdefault(mask, []).append(replication)
    return dict(sorted(wanted.items()))


class Values:
    """Every metric of every sub-package and replication; NaN where one is not defined.

    Parameters
    ----------
    frames : mapping of Mask to DataFrame
    replications : int
    """

    def __init__(self, frames: Mapping[Mask, pd.DataFrame], replications: int) -> None:
        shared = set.intersection(*(set(frame.columns) for frame in frames.values()))
        self.metrics = [name for name in METRICS if name in shared]
        self._rows = {mask: self._row(frame, replications) for mask, frame in frames.items()}
        self.base, self.variant = self._rows[0], self._rows[max(self._rows)]

    def _row(self, frame: pd.DataFrame, replications: int) -> Floats:
        found = frame.reindex(index=range(replications), columns=self.metrics)
        return np.asarray(found, dtype=float)

    def __getitem__(self, mask: Mask) -> Floats:
        """Return the metrics of a sub-package, shape ``(replications, metrics)``."""
        return self._rows[mask]


def exact_effects(values: Values, parts: int) -> Floats:
    """Return every part's exact effect, shape ``(parts, replications, metrics)``."""
    effects = np.zeros((parts, *values.base.shape))
    for part in range(parts):
        others = [i for i in range(parts) if i != part]
        for size in range(parts):
            weight = 1.0 / (parts * comb(parts - 1, size))
            for chosen in combinations(others, size):
                mask = sum(1 << i for i in chosen)
                effects[part] += weight * (values[mask | 1 << part] - values[mask])
    return effects


def sampled_effects(values: Values, walks: list[list[list[int]]]) -> Floats:
    """Return every part's mean effect over the orders drawn for each replication."""
    effects = np.zeros((len(walks[0][0]), *values.base.shape))
    for replication, orders in enumerate(walks):
        for order in orders:
            for part, before, after in _steps(order):
                step = values[after][replication] - values[before][replication]
                effects[part, replication] += step / len(orders)
    return effects
