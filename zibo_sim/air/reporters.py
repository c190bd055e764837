"""Who reports to the office in an alert: districts, municipal departments, member units."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from zibo_sim.clock import Clock
from zibo_sim.streams import Streams


class Reporters(NamedTuple):
    """Who reports to the office, and the draws of how punctual each is, by day.

    Attributes
    ----------
    names : tuple of str
    punctual : ndarray, shape (days, names)
        Standard normal, of the daily reports.
    diligence : ndarray, shape (days + 1, 2, names)
        Uniform, of the summaries.
    """

    names: tuple[str, ...]
    punctual: NDArray[np.float64]
    diligence: NDArray[np.float64]

    @classmethod
    def of(cls, names: Iterable[str], streams: Streams, clock: Clock, which: str = "") -> Self:
        """Draw for so many names."""
        names = tuple(names)
        punctual = streams(f"air.reports{which}").standard_normal((clock.days, len(names)))
        diligence = streams(f"air.summaries{which}").random((clock.days + 1, 2, len(names)))
        return cls(names, punctual, diligence)
