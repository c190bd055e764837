"""What a season of hourly PM2.5 is like: spread, persistence, runs of dirty days, months, the day.

Apart from the mean and the days above 150 and 250 µg/m³ the statistics do not depend on the level:
two seasons are compared after one has been scaled to the mean of the other. A gap stays a gap: a
day needs its valid hours, a run ends at a day without a mean, and a correlation is taken over the
pairs that exist.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numba import njit
from numpy.typing import NDArray

from zibo_sim.clock import HOURS_PER_DAY

Floats = NDArray[np.float64]

VALID_HOURS = 20
"""Valid hours that a day's mean needs (HJ 663-2013)."""
HOUR_LAGS = (1, 6, 12, 24, 48, 72)
DAY_LAGS = (1, 2, 3)
QUANTILES = (0.10, 0.25, 0.50, 0.75, 0.90, 0.98)
HEAVY, SEVERE = 150.0, 250.0
"""PM2.5 whose index is 200 and 300, µg/m³ (HJ 633-2012)."""
DIRTY_SHARE = 0.9
LEAST = 1.0
"""A monitor's smallest reading, µg/m³: logarithms are taken of no less."""
_MONTH_DAYS = 10

FIXED = (
    "daily_cv",
    *(f"daily_q{round(100 * q):02d}" for q in QUANTILES),
    *(f"hourly_acf_{lag}h" for lag in HOUR_LAGS),
    *(f"daily_acf_{lag}d" for lag in DAY_LAGS),
    "heavy_days",
    "heavy_runs",
    "heavy_run_mean",
    "heavy_run_longest",
    "severe_days",
    "p90_run_mean",
    "mean_run_mean",
)
BEYOND = ("p90_run_longest", "mean_run_longest")
"""Shown beside the statistics that a season is judged by, and not counted with them."""


@dataclass(frozen=True)
class Span:
    """The days a season is compared over.

    Attributes
    ----------
    first : date
        The first day; hour 0 is its midnight.
    days : int
    months : tuple of (int, int)
        Year and month of the months told apart: those with enough valid days.
    """

    first: date
    days: int
    months: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, first: date, pm25: Floats) -> Span:
        """Return the span of a record that begins at midnight of `first`, whole days long."""
        days = len(pm25) // HOURS_PER_DAY
        valid = np.isfinite(daily_means(pm25[None]))[0]
        dates = [first + timedelta(days=i) for i in range(days)]
        each = [(d.year, d.month) for d, known in zip(dates, valid, strict=True) if known]
        months = tuple(m for m in dict.fromkeys(each) if each.count(m) >= _MONTH_DAYS)
        return cls(first, days, months)

    def month_hours(self) -> NDArray[np.bool_]:
        """Return which hours belong to which of the months, shape ``(months, hours)``."""
        dates = [self.first + timedelta(days=i) for i in range(self.days)]
        rows = [[(d.year, d.month) == month for d in dates] for month in self.months]
        return np.repeat(np.array(rows, dtype=bool).reshape(-1, self.days), HOURS_PER_DAY, axis=1)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the statistics, in the order `statistics` gives them."""
        months = (f"month_{month:02d}" for _, month in self.months)
        return ("mean", *FIXED, *months, "diurnal_range", *BEYOND)


def daily_means(pm25: Floats) -> Floats:
    """Return the means of natural days, NaN with fewer than `VALID_HOURS` valid hours.

    Parameters
    ----------
    pm25 : ndarray, shape (seasons, hours)
        Whole days; NaN where there is no value.

    Returns
    -------
    ndarray, shape (seasons, days)
    """
    by_day = pm25.reshape(len(pm25), -1, HOURS_PER_DAY)
    count = np.isfinite(by_day).sum(axis=2)
    total = np.nansum(by_day, axis=2)
    return np.where(count >= VALID_HOURS, total / np.maximum(count, 1), np.nan)


def season_mean(pm25: Floats) -> Floats:
    """Return the mean of each season's valid hours, shape ``(seasons,)``."""
    return np.asarray(np.nanmean(pm25, axis=1))


def diurnal_profile(pm25: Floats) -> Floats:
    """Return each season's mean by hour of the day against their mean, ``(seasons, 24)``."""
    means = np.nanmean(pm25.reshape(len(pm25), -1, HOURS_PER_DAY), axis=1)
    return np.asarray(means / means.mean(axis=1, keepdims=True))


def autocorrelation(values: Floats, lags: Iterable[int]) -> Floats:
    """Return the autocorrelation of each row, over the pairs that exist, ``(rows, lags)``.

    The mean product at a lag is divided by the variance of all valid values.
    """
    gaps = values - np.nanmean(values, axis=1, keepdims=True)
    variance = np.nanmean(gaps**2, axis=1)
    return np.array([np.nanmean(gaps[:, k:] * gaps[:, :-k], axis=1) / variance for k in lags]).T


@njit(cache=True)
def run_lengths(over):  # type: ignore[no-untyped-def]
    """Return number, mean and longest of the runs of True; the mean of no run is NaN."""
    runs, longest, running, total = 0, 0, 0, 0
    for day in over:
        running = running + 1 if day else 0
        total += day
        runs += running == 1
        longest = max(longest, running)
    return float(runs), total / runs if runs else np.nan, float(longest)


def _runs(daily: Floats, limit: Floats) -> Floats:
    """Return number, mean and longest run of days above a limit, shape ``(3, seasons)``."""
    return np.array([run_lengths(row) for row in daily > limit]).T


def statistics(pm25: Floats, span: Span, factor: float = 1.0) -> Floats:
    """Return the statistics of each season, in the order of `Span.names`.

    Parameters
    ----------
    pm25 : ndarray, shape (seasons, hours)
        Hourly PM2.5 in µg/m³ from midnight of the span's first day; NaN in a gap.
    span : Span
    factor : float
        What the concentrations are multiplied by before days above a limit are counted.

    Returns
    -------
    ndarray, shape (seasons, len(span.names))
        NaN where a season does not define one (the mean run of no run).
    """
    daily = daily_means(pm25)
    mean = np.nanmean(daily, axis=1)
    relative = daily / mean[:, None]
    quantiles = np.nanquantile(relative, QUANTILES, axis=1)
    logs = np.log(np.maximum(pm25, LEAST))
    heavy = _runs(daily * factor, np.array(HEAVY))
    dirty = _runs(relative, np.nanquantile(relative, DIRTY_SHARE, axis=1)[:, None])
    above = _runs(relative, np.array(1.0))
    level, profile = season_mean(pm25), diurnal_profile(pm25)
    months = [np.nanmean(pm25[:, inside], axis=1) / level for inside in span.month_hours()]
    return np.column_stack(
        [
            level,
            np.nanstd(relative, axis=1),
            quantiles.T,
            autocorrelation(logs, HOUR_LAGS),
            autocorrelation(daily, DAY_LAGS),
            (daily * factor > HEAVY).sum(axis=1),
            heavy.T,
            (daily * factor > SEVERE).sum(axis=1),
            dirty[1],
            above[1],
            *months,
            np.ptp(profile, axis=1),
            dirty[2],
            above[2],
        ]
    )
