"""Measured air in place of simulated air: gaps stay gaps, and no effect of measures is claimed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zibo_sim.air.pollutants import equivalent_pm25
from zibo_sim.law import Law

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class MeasuredAir:
    """An hourly record aligned with a run's period; NaN where nothing was measured.

    The record already contains whatever measures the city took, so there is no counterfactual:
    the air without measures is not known, alerts change nothing in it, and they are judged
    against what was measured.

    Attributes
    ----------
    aqi : ndarray, shape (hours,)
        Hourly AQI.
    pm25 : ndarray, shape (hours,)
        Hourly PM2.5, µg/m³.
    dust : ndarray of bool, shape (hours,)
    truth : ndarray, shape (hours,)
        The PM2.5 whose index is the measured AQI, µg/m³: what forecasts are made around.
    concentrations : dict of str to ndarray, shape (hours,)
        What was measured, by pollutant.
    """

    aqi: FloatArray
    pm25: FloatArray
    dust: NDArray[np.bool_]
    truth: FloatArray
    concentrations: dict[str, FloatArray]

    @property
    def known_until(self) -> int:
        """Hour after the last one with an AQI; 0 where there is none."""
        known = np.flatnonzero(np.isfinite(self.aqi))
        return int(known[-1]) + 1 if len(known) else 0

    @property
    def aqi_no_measures(self) -> FloatArray:
        """The measured AQI: nothing better is known."""
        return self.aqi

    @property
    def pm25_no_measures(self) -> FloatArray:
        """Unknown throughout."""
        return np.full_like(self.pm25, np.nan)

    @property
    def region_pm25(self) -> FloatArray:
        """Unknown throughout."""
        return np.full_like(self.pm25, np.nan)

    @property
    def concentrations_no_measures(self) -> dict[str, FloatArray]:
        """Unknown."""
        return {}

    @property
    def cut(self) -> FloatArray:
        """Unknown throughout, shape ``(hours, 5)``."""
        return np.full((len(self.aqi), 5), np.nan)

    def advance(self, hour: int) -> None:
        """Do nothing: a record is complete."""

    def mark(self) -> None:
        """Return nothing: a record does not move."""

    def rewind(self, mark: None) -> None:
        """Do nothing."""

    def command(self, hour: int, level: str, compliance: float) -> None:
        """Change nothing: the record has its own history."""

    def plants_ordered(self, hour: int, level: str) -> int:
        """Return none: whom the city inspected is not known."""
        return 0

    def release(self, hour: int) -> None:
        """Change nothing."""


def align(
    hours: NDArray[np.int64],
    total: int,
    aqi: FloatArray,
    dust: NDArray[np.bool_],
    concentrations: dict[str, FloatArray],
    law: Law,
) -> MeasuredAir:
    """Put a record on a run's hours.

    Parameters
    ----------
    hours : ndarray of int, shape (n,)
        Simulation hour of every measured hour; those outside the run are left out.
    total : int
        Hours of the run.
    aqi : ndarray, shape (n,)
    dust : ndarray of bool, shape (n,)
    concentrations : mapping of pollutant to ndarray, shape (n,)
    law : Law
    """
    inside = (hours >= 0) & (hours < total)
    at = hours[inside]

    def place(values: FloatArray) -> FloatArray:
        row = np.full(total, np.nan)
        row[at] = values[inside]
        return row

    dusty = np.zeros(total, dtype=bool)
    dusty[at] = dust[inside]
    placed = {name: place(values) for name, values in concentrations.items()}
    index = place(aqi)
    return MeasuredAir(
        aqi=index,
        pm25=placed.get("pm25", np.full(total, np.nan)),
        dust=dusty,
        truth=equivalent_pm25(index, law),
        concentrations=placed,
    )
