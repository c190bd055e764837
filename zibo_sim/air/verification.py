"""How good forecasts were: their 24-hour means held against what came, lead by lead."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zibo_sim.air.aqi import pm25_aqi
from zibo_sim.air.forecast import BLOCK, Vintages
from zibo_sim.law import Law

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Skill:
    """Sums over the issues of one season or of several, for each 24-hour block ahead.

    All arrays have shape ``(blocks,)``; the first block begins with the hour of issue.

    Attributes
    ----------
    pairs : ndarray
        Blocks whose outcome is known.
    error, square : ndarray
        Sums of forecast − outcome of the mean PM2.5, µg/m³, and of its square.
    hits, misses, false : ndarray
        Heavy blocks that were forecast, that were not, and blocks forecast heavy that were not.
    """

    pairs: Floats
    error: Floats
    square: Floats
    hits: Floats
    misses: Floats
    false: Floats

    def __add__(self, other: Skill) -> Skill:
        """Pool two seasons."""
        mine, theirs = vars(self), vars(other)
        return Skill(**{name: mine[name] + theirs[name] for name in mine})

    @property
    def bias(self) -> Floats:
        """Mean error, µg/m³; NaN without pairs."""
        return _ratio(self.error, self.pairs)

    @property
    def rmse(self) -> Floats:
        """Root mean square error, µg/m³; NaN without pairs."""
        return np.sqrt(_ratio(self.square, self.pairs))

    @property
    def hit_rate(self) -> Floats:
        """Share of the heavy blocks that were forecast; NaN where there was none."""
        return _ratio(self.hits, self.hits + self.misses)

    @property
    def false_share(self) -> Floats:
        """Share of the blocks forecast heavy that were not; NaN where none was forecast."""
        return _ratio(self.false, self.hits + self.false)


def _ratio(part: Floats, whole: Floats) -> Floats:
    found: Floats = np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)
    return found


def skill(vintages: Vintages, truth: Floats, law: Law) -> Skill:
    """Hold every forecast of a season against what came.

    Parameters
    ----------
    vintages : Vintages
    truth : ndarray, shape (hours,)
        What the forecasts were made around: PM2.5 without measures, µg/m³; NaN where unknown.
    law : Law
        Heavy is a 24-hour mean AQI over ``alert.aqi.heavy``.

    Returns
    -------
    Skill
        Of the whole 24-hour blocks within the horizon; a block needs all its hours.
    """
    blocks = vintages.horizon // BLOCK
    padded = np.concatenate([truth, np.full(blocks * BLOCK, np.nan)])
    hourly = padded[vintages.issued[:, None] + np.arange(blocks * BLOCK)]
    came = _means(hourly, blocks)
    aqi_came, aqi_foreseen = (
        _means(aqi, blocks) for aqi in (pm25_aqi(hourly, law), vintages.aqi[:, : blocks * BLOCK])
    )
    known = np.isfinite(came) & np.isfinite(vintages.block_pm25[:, :blocks])
    error = np.where(known, vintages.block_pm25[:, :blocks] - came, 0.0)
    heavy, foreseen = (known & (a > law("alert.aqi.heavy")) for a in (aqi_came, aqi_foreseen))
    counts = (known, error, error**2, heavy & foreseen, heavy & ~foreseen, ~heavy & foreseen)
    return Skill(*(each.sum(axis=0).astype(np.float64) for each in counts))


def _means(hourly: Floats, blocks: int) -> Floats:
    means: Floats = hourly.reshape(len(hourly), blocks, BLOCK).mean(axis=2)
    return means
