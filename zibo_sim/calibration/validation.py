"""Statistics of a measured season beside the model's 5-95 % bands.

The model's seasons are cut to the record's dates and gaps and run through the same code. The level
is compared by itself; everything else after one factor has brought the model's mean to the
measured one. Measured air holds whatever measures the city took, so the model runs with its plan.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zibo_sim.air.statistics import BEYOND, diurnal_profile, season_mean, statistics
from zibo_sim.calibration.seasons import Mapper, Measured, Progress, Simulated, simulate
from zibo_sim.scenario import Scenario

Floats = NDArray[np.float64]

BAND = (0.05, 0.50, 0.95)
SEASONS = 500


@dataclass(frozen=True)
class Row:
    """One statistic: what was measured, and the model's band.

    Attributes
    ----------
    name : str
    measured, low, median, high : float
        NaN where it is not defined.
    rank : float
        Share of the model's seasons below the measured value, ties counted half.
    """

    name: str
    measured: float
    low: float
    median: float
    high: float
    rank: float

    @property
    def inside(self) -> bool:
        """Whether the measured value lies in the band, its ends included."""
        return self.low <= self.measured <= self.high

    @classmethod
    def of(cls, name: str, measured: float, model: Floats) -> Row:
        """Judge one value by the model's."""
        known = model[np.isfinite(model)]
        if len(known) == 0 or not np.isfinite(measured):
            return cls(name, float(measured), np.nan, np.nan, np.nan, np.nan)
        low, median, high = np.quantile(known, BAND)
        rank = np.mean(known < measured) + np.mean(known == measured) / 2
        return cls(name, float(measured), float(low), float(median), float(high), float(rank))


@dataclass(frozen=True)
class Validation:
    """A measured season beside the model's.

    Attributes
    ----------
    measured : Measured
    seasons : ndarray, shape (seasons, hours)
        The model's, scaled by `factor`, µg/m³.
    factor : float
        Measured mean ÷ mean of the model's seasons.
    statistics : tuple of Row
        The statistics a season is judged by; ``mean`` before scaling.
    beyond : tuple of Row
        Shown, and not counted.
    hours : tuple of Row
        The mean of each hour of the day against the mean of the day.
    seed : int
    measures : bool
        Whether the model's plan was in force.
    typical : int
        The simulated season whose statistics lie nearest the model's medians.
    """

    measured: Measured
    seasons: Floats
    factor: float
    statistics: tuple[Row, ...]
    beyond: tuple[Row, ...]
    hours: tuple[Row, ...]
    seed: int
    measures: bool
    typical: int

    @property
    def outside(self) -> list[str]:
        """Names of the statistics and hours that lie outside their band."""
        return [row.name for row in (*self.statistics, *self.hours) if not row.inside]

    def as_json(self) -> dict[str, Any]:
        """Return what ``validate-air --json`` prints."""
        record = self.measured
        return {
            "first": record.first.isoformat(),
            "last": record.last.isoformat(),
            "hours": len(record.pm25),
            "valid_hours": int(np.isfinite(record.pm25).sum()),
            "valid_days": record.valid_days,
            "seasons": len(self.seasons),
            "seed": self.seed,
            "plan_in_force": self.measures,
            "factor": self.factor,
            "statistics": [_json(row) for row in self.statistics],
            "beyond": [_json(row) for row in self.beyond],
            "diurnal": [_json(row) for row in self.hours],
            "inside": {
                "statistics": sum(row.inside for row in self.statistics),
                "of_statistics": len(self.statistics),
                "diurnal": sum(row.inside for row in self.hours),
                "of_diurnal": len(self.hours),
            },
            "outside": self.outside,
        }


def _json(row: Row) -> dict[str, Any]:
    figures = {"measured": row.measured, "low": row.low, "median": row.median, "high": row.high,
               "rank": row.rank}  # fmt: skip
    known = {key: value if np.isfinite(value) else None for key, value in figures.items()}
    return {"name": row.name, **known, "inside": row.inside}


def judge(measured: Measured, simulated: Simulated, seed: int, measures: bool) -> Validation:
    """Put a measured season beside simulated ones.

    Parameters
    ----------
    measured : Measured
    simulated : Simulated
    seed : int
    measures : bool
        How the seasons were made.
    """
    span, record, model = measured.span, measured.pm25[None], simulated.pm25
    factor = float(season_mean(record)[0] / season_mean(model).mean())
    values, bands = statistics(record, span)[0], statistics(model, span, factor).T
    rows = [Row.of(*row) for row in zip(span.names, values, bands, strict=True)]
    profile = diurnal_profile(record)[0]
    names = [f"hour_{hour:02d}" for hour in range(len(profile))]
    hours = [Row.of(*row) for row in zip(names, profile, diurnal_profile(model).T, strict=True)]
    return Validation(
        measured,
        model * factor,
        factor,
        tuple(row for row in rows if row.name not in BEYOND),
        tuple(row for row in rows if row.name in BEYOND),
        tuple(hours),
        seed,
        measures,
        _most_typical(bands),
    )


def _most_typical(values: Floats) -> int:
    """Return the season nearest the medians; `values` of shape ``(statistics, seasons)``."""
    gaps = values - np.nanmedian(values, axis=1, keepdims=True)
    spread = np.maximum(np.nanstd(values, axis=1, keepdims=True), 1e-9)
    return int(np.nanmean((gaps / spread) ** 2, axis=0).argmin())


def validate(
    scenario: Scenario,
    measured: Measured,
    seasons: int = SEASONS,
    seed: int = 1,
    *,
    measures: bool = True,
    mapper: Mapper | None = None,
    progress: Progress | None = None,
) -> Validation:
    """Simulate seasons and put a measured one beside them; parameters as in `simulate`."""
    made = simulate(
        scenario, measured, seasons, seed, measures=measures, mapper=mapper, progress=progress
    )
    return judge(measured, made, seed, measures)
