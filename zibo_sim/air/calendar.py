"""What the hour of the clock means to the air: time of day, day of the season, heating."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zibo_sim.clock import HOURS_PER_DAY, Clock
from zibo_sim.errors import Refused

SPIN_UP_DAYS = 10
SPIN_UP_H = SPIN_UP_DAYS * HOURS_PER_DAY
"""The physics starts this long before the period, so that it has forgotten its beginning."""


@dataclass(frozen=True)
class AirCalendar:
    """Calendar arrays of a period; `months` apart, they begin with the spin-up.

    Attributes
    ----------
    hours : int
        Hours of the period, without the spin-up.
    hour_of_day : ndarray of int, shape (SPIN_UP_H + hours,)
    season_day : ndarray, shape (SPIN_UP_H + hours,)
        Days since the season's 1 October, negative before it.
    month : ndarray of int, shape (SPIN_UP_H + hours,)
        Calendar month, 1 to 12.
    year_day : ndarray, shape (SPIN_UP_DAYS + days,)
        Day of the year of each day, 1 January being 0.
    heating : ndarray of bool, shape (SPIN_UP_H + hours,)
    """

    hours: int
    hour_of_day: NDArray[np.int64]
    season_day: NDArray[np.float64]
    month: NDArray[np.int64]
    year_day: NDArray[np.float64]
    heating: NDArray[np.bool_]

    @classmethod
    def of(cls, clock: Clock, heating: NDArray[np.bool_]) -> AirCalendar:
        """Derive the calendar of a period.

        Parameters
        ----------
        clock : Clock
        heating : ndarray of bool, shape (days,)
            Is the day in the heating season? The spin-up takes the first day's answer.

        Raises
        ------
        Refused
            When `heating` has another length than the period.
        """
        if heating.shape != (clock.days,):
            raise Refused(f"heating: shape {heating.shape}, but the period has {clock.days} days")
        first = np.datetime64(clock.start, "D") - SPIN_UP_DAYS
        days = first + np.arange(SPIN_UP_DAYS + clock.days)
        months = days.astype("datetime64[M]").astype(np.int64)
        flags = np.concatenate([np.repeat(heating[:1], SPIN_UP_DAYS), heating])
        return cls(
            hours=clock.hours,
            hour_of_day=np.tile(np.arange(HOURS_PER_DAY), len(days)),
            season_day=np.repeat((days - _october(months)).astype(np.float64), HOURS_PER_DAY),
            month=np.repeat(months % 12 + 1, HOURS_PER_DAY),
            year_day=(days - days.astype("datetime64[Y]")).astype(np.float64),
            heating=np.repeat(flags, HOURS_PER_DAY),
        )

    @property
    def months(self) -> NDArray[np.int64]:
        """Calendar month of every hour of the period, shape ``(hours,)``."""
        return self.month[SPIN_UP_H:]


def _october(months: NDArray[np.int64]) -> NDArray[np.datetime64]:
    """Return the 1 October of the season that months since 1970 belong to (July to June)."""
    october = (months - 6) // 12 * 12 + 9
    return october.astype("datetime64[M]").astype("datetime64[D]")
