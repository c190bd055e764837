"""The air as the plan sees it, and what a run of the plan leaves behind."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from zibo_sim.air.forecast import Vintages
from zibo_sim.air.stretches import NONE, Thresholds, trailing_means


class Sky(Protocol):
    """The air of a run: simulated or measured."""

    @property
    def truth(self) -> NDArray[np.float64]:
        """What forecasts are made around: PM2.5, µg/m³, shape ``(hours,)``."""

    @property
    def aqi_no_measures(self) -> NDArray[np.float64]:
        """Hourly AQI without measures."""

    @property
    def aqi(self) -> NDArray[np.float64]:
        """Hourly AQI as observed; NaN for hours not yet known."""

    @property
    def region_pm25(self) -> NDArray[np.float64]:
        """PM2.5 of the region, µg/m³; NaN where it is not known."""

    @property
    def dust(self) -> NDArray[np.bool_]:
        """Hours of dust."""

    @property
    def known_until(self) -> int:
        """Hour from which on nothing is known any more; the number of hours where all is."""

    def advance(self, hour: int) -> None:
        """Make everything before `hour` known."""

    def mark(self) -> Any:
        """Return where the air stands, for `rewind`."""

    def rewind(self, mark: Any) -> None:
        """Take back every hour made known since `mark`."""

    def command(self, hour: int, level: str, compliance: float) -> None:
        """Put the measures of a level in force from `hour`."""

    def plants_ordered(self, hour: int, level: str) -> int:
        """Return how many plants a level obliges to cut; 0 where they are not known."""

    def release(self, hour: int) -> None:
        """End the response at `hour`."""


@dataclass
class Alert:
    """One alert from publication to lift; an upgrade or a lowering adds a stage to it."""

    name: str
    onset: int
    published: float
    stages: list[tuple[float, int]] = field(default_factory=list)
    begun: int = 0
    lifted: float | None = None
    inspected: bool = False

    @property
    def level(self) -> int:
        """The level in force, as an index into `LEVELS`."""
        return self.stages[-1][1] if self.lifted is None else NONE

    def level_at(self, hour: float) -> int:
        """Return the level in force at an hour between publication and lift."""
        return [level for start, level in self.stages if start <= hour][-1]


@dataclass(frozen=True)
class AirOutcome:
    """The air and the alerts of one run, as arrays and intervals."""

    air: Any
    alerts: list[Alert]
    vintages: Vintages
    hours: int
    thresholds: Thresholds

    def trailing_24h(self) -> NDArray[np.float64]:
        """Return the mean of the 24 hourly AQI values ending with each hour, NaN where none is."""
        means: NDArray[np.float64] = trailing_means(self.air.aqi, self.air.dust, self.thresholds)
        return means

    @property
    def until(self) -> int:
        """Hour at which what is known of the air ends: where a record stops, else the period's."""
        return min(self.hours, int(self.air.known_until))

    def level_by_hour(self) -> NDArray[np.int8]:
        """Return the level in force at the beginning of every hour, as index into `LEVELS`.

        From `until` on it is 0, as nothing is known; an alert still open then ends there.
        """
        level = np.zeros(self.hours, dtype=np.int8)
        for alert in self.alerts:
            ends = [start for start, _ in alert.stages[1:]] + [alert.lifted or self.until]
            for (start, stage), end in zip(alert.stages, ends, strict=True):
                level[ceil(start) : ceil(end)] = stage
        level[self.until :] = NONE
        return level
