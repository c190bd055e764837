"""A few inputs of the air fitted to a measured season, by the method of simulated moments.

The inputs are those the season's shape is sensitive to. The model's mean statistics are brought
near the measured ones, each difference weighed by how much simulated seasons scatter; and since
one winter says little about eleven inputs, every step away from the scenario's value costs
something (a ridge). All trials share their draws. Trials run without the plan, whose effect on
each statistic is taken at the scenario's values and added. The level is set last, with the plan.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from zibo_sim.air.statistics import BEYOND, diurnal_profile, season_mean, statistics
from zibo_sim.calibration.seasons import (
    Mapper,
    Measured,
    Progress,
    Simulated,
    simulate,
    workers,
)
from zibo_sim.calibration.validation import Validation, judge
from zibo_sim.clock import HOURS_PER_DAY
from zibo_sim.errors import Refused
from zibo_sim.scenario import Scenario

Floats = NDArray[np.float64]
Level = Literal["keep", "measured"]

SEASONS = 120
TRIALS = 6
LEVEL_KEY = "air.emissions.level"
#: Nothing is compared more closely than this: a city mean is no better known.
_FINEST = 0.003
_HOURS_COUNT = 12.0
_LEVEL_ROUNDS = 3


@dataclass(frozen=True)
class Free:
    """An input that is fitted.

    Attributes
    ----------
    key : str
        Its dotted name.
    width : float
        How far it may usually lie from the scenario's value: a ratio of 1 + width, or hours.
    low, high : float
        It is kept between these.
    digits : int
        Decimals that are written.
    place : int, optional
        Which of several values it is.
    shift : bool
        Whether it moves by differences (hours of the day) and not by ratios.
    """

    key: str
    width: float
    low: float
    high: float
    digits: int
    place: int | None = None
    shift: bool = False

    def get(self, scenario: Scenario) -> float:
        """Return its value in a scenario."""
        value = scenario.get(self.key)
        return float(value if self.place is None else value[self.place])

    def moved(self, start: float, step: float) -> float:
        """Return the value so many widths away from `start`, inside the bounds."""
        width = self.width if self.shift else math.log1p(self.width)
        value = start + step * width if self.shift else start * math.exp(step * width)
        return round(min(max(value, self.low), self.high), self.digits)


FREE = (
    Free("air.weather.duration_h", 0.35, 5.0, 48.0, 1, place=0),
    Free("air.weather.duration_shape", 0.30, 0.7, 6.0, 2),
    Free("air.weather.stagnation_share", 0.10, 0.30, 0.90, 3),
    Free("air.weather.wind_floor", 0.25, 0.30, 3.0, 2),
    Free("air.weather.noise_sigma", 0.25, 0.05, 0.50, 3),
    Free("air.weather.direction_sigma", 0.25, 0.10, 1.0, 2),
    Free("air.box.background_factor", 0.35, 0.10, 2.0, 2),
    Free("air.emissions.diurnal_amplitude", 0.40, 0.02, 0.50, 3),
    Free("air.emissions.diurnal_peak_h", 1.5, 0.0, 24.0, 1, shift=True),
    Free("air.emissions.semidiurnal_amplitude", 0.40, 0.02, 0.50, 3),
    Free("air.emissions.semidiurnal_peak_h", 1.0, 0.0, 24.0, 1, shift=True),
)
"""Amplitudes end at 0.5 each, so that no hour's emission turns negative."""


@dataclass(frozen=True)
class Fit:
    """What a calibration found.

    Attributes
    ----------
    base, fitted : Scenario
    measured : Measured
    fitted_values : tuple of (str, object, object)
        Dotted name, the scenario's value, the fitted value.
    before, after : Validation
        The measured season beside the model's, with the plan, at both.
    level : {"keep", "measured"}
    season_mean : tuple of float
        Mean PM2.5 of the scenario's period at both, µg/m³.
    seasons, seed : int
    """

    base: Scenario
    fitted: Scenario
    measured: Measured
    fitted_values: tuple[tuple[str, Any, Any], ...]
    before: Validation
    after: Validation
    level: Level
    season_mean: tuple[float, float]
    seasons: int
    seed: int


def changes(scenario: Scenario, steps: Sequence[float]) -> dict[str, Any]:
    """Return the inputs so many widths away from a scenario's, by dotted name."""
    changed: dict[str, Any] = {}
    for free, step in zip(FREE, steps, strict=True):
        value = free.moved(free.get(scenario), float(step))
        if free.place is None:
            changed[free.key] = value
        else:
            whole = list(changed.get(free.key, scenario.get(free.key)))
            whole[free.place] = value
            changed[free.key] = tuple(whole)
    return changed


def _moments(measured: Measured, pm25: Floats) -> Floats:
    """Return what is fitted of each season: statistics of shape, and the day's 24 hours."""
    factor = season_mean(measured.pm25[None])[0] / season_mean(pm25).mean()
    values = statistics(pm25, measured.span, factor)
    shape = [i for i, n in enumerate(measured.span.names) if n != "mean" and n not in BEYOND]
    return np.hstack([values[:, shape], diurnal_profile(pm25)])


class Problem:
    """The distance between model and measurement as a least-squares problem in widths.

    Parameters
    ----------
    base : Scenario
    measured : Measured
    with_plan, without : Simulated
        Seasons of the base scenario, on the same draws.
    seed : int
    mapper : callable
    """

    def __init__(
        self,
        base: Scenario,
        measured: Measured,
        with_plan: Simulated,
        without: Simulated,
        seed: int,
        mapper: Mapper,
        progress: Progress,
    ) -> None:
        self.base, self.measured, self.seed = base, measured, seed
        self.mapper, self.progress = mapper, progress
        made = _moments(measured, with_plan.pm25)
        self.seasons = len(made)
        self.plan = np.nanmean(made, axis=0) - np.nanmean(_moments(measured, without.pm25), axis=0)
        self.target = _moments(measured, measured.pm25[None])[0]
        self.weights = _weights(made)

    def means(self, trials: Sequence[Floats]) -> list[Floats]:
        """Return the model's mean moments at each of several points."""
        call = partial(_trial, self.base, self.measured, self.seasons, self.seed)
        found = self.mapper(call, [tuple(map(float, steps)) for steps in trials])
        self.progress(self.seasons * len(trials))
        return [mean + self.plan for mean in found]

    def _residual(self, mean: Floats, steps: Floats) -> Floats:
        gap = np.nan_to_num(self.target - mean)
        return np.concatenate([self.weights * gap, steps])

    def residual(self, steps: Floats) -> Floats:
        """Return the weighed differences, and the steps themselves as the ridge."""
        return self._residual(self.means([steps])[0], steps)

    def jacobian(self, steps: Floats) -> Floats:
        """Return the derivative of `residual` by central differences of half a width."""
        half = 0.25
        each = [sign * half * unit for unit in np.eye(len(steps)) for sign in (1.0, -1.0)]
        found = self.means([steps + move for move in each])
        ahead, behind = found[::2], found[1::2]
        rows = [
            (self._residual(a, steps + half * e) - self._residual(b, steps - half * e)) / (2 * half)
            for a, b, e in zip(ahead, behind, np.eye(len(steps)), strict=True)
        ]
        return np.array(rows).T


def _trial(
    base: Scenario, measured: Measured, seasons: int, seed: int, steps: tuple[float, ...]
) -> Floats:
    scenario = base.replace(changes(base, steps))
    made = simulate(scenario, measured, seasons, seed, measures=False)
    return np.asarray(np.nanmean(_moments(measured, made.pm25), axis=0))


def _weights(moments: Floats) -> Floats:
    """Return one over the scatter of each moment between seasons.

    The hours of the day rise and fall together: all 24 count as `_HOURS_COUNT` statistics.
    """
    weights = 1.0 / np.maximum(np.nanstd(moments, axis=0), _FINEST)
    weights[-HOURS_PER_DAY:] *= math.sqrt(_HOURS_COUNT / HOURS_PER_DAY)
    return np.asarray(weights)


def calibrate(
    base: Scenario,
    measured: Measured,
    seasons: int = SEASONS,
    seed: int = 1,
    *,
    level: Level = "keep",
    jobs: int = 1,
    progress: Progress | None = None,
) -> Fit:
    """Fit the free inputs of the air to a measured season.

    Parameters
    ----------
    base : Scenario
        Where the search begins, and what the fit stays near.
    measured : Measured
    seasons : int
        Simulated seasons a trial.
    seed : int
    level : {"keep", "measured"}
        Whether the mean of the scenario's period stays as it is with the plan in force, or the
        record's dates get the measured mean.
    jobs : int
        Processes; the result does not depend on it.
    progress : callable, optional
        Told how many seasons were done, of `work` in all at most.

    Returns
    -------
    Fit
    """
    said: Progress = progress or (lambda done: None)
    with workers(jobs) as mapper:
        make = partial(
            simulate, measured=measured, seasons=seasons, seed=seed, mapper=mapper, progress=said
        )
        start = make(base)
        problem = Problem(base, measured, start, make(base, measures=False), seed, mapper, said)
        found = least_squares(
            problem.residual, np.zeros(len(FREE)), problem.jacobian, bounds=(-4.0, 4.0),
            method="trf", max_nfev=TRIALS, xtol=0.02, ftol=0.01, gtol=1e-3,
        )  # fmt: skip
        shaped = base.replace(changes(base, found.x))
        fitted, end = _set_level(shaped, measured, start, level, make)
    keys = [*dict.fromkeys(free.key for free in FREE), LEVEL_KEY]
    return Fit(
        base,
        fitted,
        measured,
        tuple((key, base.get(key), fitted.get(key)) for key in keys),
        judge(measured, start, seed, True),
        judge(measured, end, seed, True),
        level,
        (float(start.whole_mean.mean()), float(end.whole_mean.mean())),
        seasons,
        seed,
    )


def work(seasons: int) -> int:
    """Return how many seasons a calibration simulates at most."""
    return seasons * (2 + TRIALS * (1 + 2 * len(FREE)) + _LEVEL_ROUNDS)


def _set_level(
    shaped: Scenario,
    measured: Measured,
    start: Simulated,
    level: Level,
    make: Callable[[Scenario], Simulated],
) -> tuple[Scenario, Simulated]:
    """Bring the mean to where it belongs, the plan in force; the mean is nearly linear in it."""

    def mean(made: Simulated) -> float:
        return float((made.whole_mean if level == "keep" else season_mean(made.pm25)).mean())

    target = mean(start) if level == "keep" else float(season_mean(measured.pm25[None])[0])
    at, made = float(shaped.get(LEVEL_KEY)), make(shaped)
    slope = mean(made) / at
    for _ in range(_LEVEL_ROUNDS - 1):
        before, was = at, mean(made)
        at = round(max(at + (target - was) / slope, 0.05), 4)
        if at == before:
            break
        shaped = shaped.replace({LEVEL_KEY: at})
        made = make(shaped)
        slope = (mean(made) - was) / (at - before) if mean(made) != was else slope
    if not math.isfinite(at) or at <= 0.05:
        raise Refused(
            f"a season mean of {target:.1f} µg/m³ cannot be reached from this scenario",
            where=measured.source,
        )
    return shaped, made
