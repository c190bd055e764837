"""Simulation hours and Beijing dates, and the working days of the State Council's calendar.

Hour 0 begins at 00:00 of the first day; hour ``k`` is the span ``[k, k + 1)``. Times are naive
datetimes and always Beijing time.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from zibo_sim.errors import Refused

HOURS_PER_DAY = 24


@dataclass(frozen=True)
class Clock:
    """The period of a run, in hours and in dates.

    Parameters
    ----------
    start, end : date
        First and last day, both inside.

    Examples
    --------
    >>> clock = Clock(date(2018, 10, 1), date(2019, 3, 31))
    >>> clock.days, clock.hours
    (182, 4368)
    >>> clock.hour(date(2018, 10, 2)), clock.datetime(36.0).isoformat()
    (24.0, '2018-10-02T12:00:00')
    """

    start: date
    end: date

    @cached_property
    def days(self) -> int:
        """Number of days, both ends counted."""
        return (self.end - self.start).days + 1

    @cached_property
    def hours(self) -> int:
        """Number of hours."""
        return self.days * HOURS_PER_DAY

    @cached_property
    def midnight(self) -> datetime:
        """The instant hour 0 begins."""
        return datetime(self.start.year, self.start.month, self.start.day)

    def hour(self, when: date | datetime) -> float:
        """Return the simulation hour of a date (its 00:00) or a time; may lie outside the run.

        Parameters
        ----------
        when : date or datetime
            Beijing time.

        Examples
        --------
        >>> Clock(date(2018, 10, 1), date(2018, 10, 14)).hour(datetime(2018, 10, 1, 6, 30))
        6.5
        """
        if not isinstance(when, datetime):
            when = datetime(when.year, when.month, when.day)
        return (when - self.midnight).total_seconds() / 3600

    def datetime(self, hour: float) -> datetime:
        """Return the Beijing time of a simulation hour, to the second.

        Parameters
        ----------
        hour : float

        Examples
        --------
        >>> Clock(date(2018, 10, 1), date(2018, 10, 14)).datetime(30.5).isoformat()
        '2018-10-02T06:30:00'
        """
        return self.midnight + timedelta(seconds=round(hour * 3600))

    def date(self, hour: float) -> date:
        """Return the date a simulation hour falls on.

        Parameters
        ----------
        hour : float

        Examples
        --------
        >>> Clock(date(2018, 10, 1), date(2018, 10, 14)).date(24.0).isoformat()
        '2018-10-02'
        """
        return self.datetime(hour).date()

    def dates(self) -> NDArray[np.datetime64]:
        """Return the days of the period, shape ``(days,)``, ``datetime64[D]``.

        Examples
        --------
        >>> str(Clock(date(2018, 10, 1), date(2018, 10, 14)).dates()[-1])
        '2018-10-14'
        """
        return np.arange(self.days) + np.datetime64(self.start, "D")

    def times(self) -> NDArray[np.datetime64]:
        """Return the first instant of every hour, shape ``(hours,)``, ``datetime64[h]``.

        Examples
        --------
        >>> str(Clock(date(2018, 10, 1), date(2018, 10, 14)).times()[-1])
        '2018-10-14T23'
        """
        return np.arange(self.hours) + np.datetime64(self.start, "h")


@dataclass(frozen=True)
class WorkingCalendar:
    """Working days as a table: every answer is a look-up.

    Attributes
    ----------
    first, last : date
        What the table covers, both inside.
    working : ndarray of bool, shape (days,)
    before : ndarray of int, shape (days + 1,)
        Number of working days before each day of the table.
    positions : ndarray of int
        Index of every working day.

    Examples
    --------
    >>> calendar = working_calendar()
    >>> calendar.is_working(date(2018, 10, 1)), calendar.is_working(date(2018, 9, 29))
    (False, True)
    >>> calendar.add(date(2018, 9, 30), 1).isoformat()  # the holiday ends on 7 October
    '2018-10-08'
    """

    first: date
    last: date
    working: NDArray[np.bool_]
    before: NDArray[np.int64]
    positions: NDArray[np.int64]

    def _index(self, day: date) -> int:
        day = day.date() if isinstance(day, datetime) else day
        if not self.first <= day <= self.last:
            raise Refused(
                f"date {day} is outside the working-day calendar ({self.first} to {self.last})"
            )
        return (day - self.first).days

    def _counted(self, day: date, count: int) -> int:
        if count < 0:
            raise Refused(f"{count} working days from {day}: allowed is a count of 0 or more")
        return self._index(day)

    def is_working(self, day: date) -> bool:
        """Say whether `day` is a working day (make-up weekends are, public holidays are not).

        Parameters
        ----------
        day : date

        Raises
        ------
        Refused
            For a day outside the calendar.

        Examples
        --------
        >>> working_calendar().is_working(date(2018, 10, 1))
        False
        """
        return bool(self.working[self._index(day)])

    def add(self, day: date, count: int) -> date:
        """Return the `count`-th working day after `day`; `day` itself is never counted.

        A `count` of 0 is `day` itself, working or not.
        Source: 民法总则 art. 201 (the day on which a period starts is not counted).

        Parameters
        ----------
        day : date
        count : int
            0 or more.

        Raises
        ------
        Refused
            For days outside the calendar and negative counts.

        Examples
        --------
        >>> working_calendar().add(date(2018, 12, 7), 3).isoformat()  # a Friday
        '2018-12-12'
        """
        index = self._counted(day, count)
        if count == 0:
            return self.first + timedelta(days=index)
        target = int(self.before[index + 1]) + count - 1
        if target >= len(self.positions):
            raise Refused(
                f"{count} working days after {day} end outside the calendar "
                f"({self.first} to {self.last})"
            )
        return self.first + timedelta(days=int(self.positions[target]))

    def back(self, day: date, count: int) -> date:
        """Return the `count`-th working day before `day`, counted as in `add`.

        Parameters
        ----------
        day : date
        count : int
            0 or more.

        Raises
        ------
        Refused
            For days outside the calendar and negative counts.

        Examples
        --------
        >>> working_calendar().back(date(2018, 12, 10), 1).isoformat()
        '2018-12-07'
        """
        index = self._counted(day, count)
        if count == 0:
            return self.first + timedelta(days=index)
        target = int(self.before[index]) - count
        if target < 0:
            raise Refused(
                f"{count} working days before {day} lie outside the calendar "
                f"({self.first} to {self.last})"
            )
        return self.first + timedelta(days=int(self.positions[target]))

    def between(self, start: date, end: date) -> int:
        """Return how many working days lie after `start`, up to and with `end`.

        Parameters
        ----------
        start, end : date

        Raises
        ------
        Refused
            For days outside the calendar.

        Examples
        --------
        >>> working_calendar().between(date(2018, 12, 7), date(2018, 12, 12))
        3
        """
        return int(self.before[self._index(end) + 1] - self.before[self._index(start) + 1])


@cache
def working_calendar() -> WorkingCalendar:
    """Return the State Council's calendar for every year the library `chinesecalendar` knows.

    Examples
    --------
    >>> working_calendar().is_working(date(2019, 2, 5))  # the first day of the Spring Festival
    False
    """
    import chinese_calendar
    from chinese_calendar.constants import holidays

    years = sorted({day.year for day in holidays})
    first, last = date(years[0], 1, 1), date(years[-1], 12, 31)
    days = (last - first).days + 1
    working = np.fromiter(
        (chinese_calendar.is_workday(first + timedelta(days=i)) for i in range(days)), bool, days
    )
    before = np.concatenate([[0], np.cumsum(working)])
    return WorkingCalendar(first, last, working, before, np.flatnonzero(working))


class WorkingTime:
    """Office hours on the simulation's axis: how much work lies between two instants.

    Parameters
    ----------
    clock : Clock
    opens, closes : float
        Office hours of a working day, in hours after midnight.
    margin_days : int
        Days past the end of the period that are still known, for work that runs over.

    Raises
    ------
    Refused
        For a period outside the working-day calendar, or office hours that do not open.
    """

    def __init__(
        self, clock: Clock, opens: float = 9.0, closes: float = 17.0, margin_days: int = 90
    ) -> None:
        if not 0 <= opens < closes <= HOURS_PER_DAY:
            raise Refused(f"office hours {opens} to {closes}: allowed is 0 ≤ opens < closes ≤ 24")
        calendar = working_calendar()
        index = calendar._index(clock.start)
        calendar._index(clock.end)
        days = calendar.working[index : index + clock.days + margin_days]
        self.opens, self.closes = opens, closes
        self.per_day = closes - opens
        # Plain lists: asked for one instant at a time, many hundred times a run.
        self._starts: list[float] = (np.flatnonzero(days) * HOURS_PER_DAY + opens).tolist()

    def elapsed(self, hour: float) -> float:
        """Return working hours between hour 0 and `hour`."""
        day = bisect_right(self._starts, hour) - 1
        if day < 0:
            return 0.0
        return day * self.per_day + min(hour - self._starts[day], self.per_day)

    def advance(self, hour: float, work: float) -> float:
        """Return the instant by which `work` working hours have passed since `hour`.

        Zero work ends at once, even at night.
        """
        if work <= 0:
            return hour
        due = self.elapsed(hour) + work
        nth = max(1.0, math.ceil(due / self.per_day - 1e-9)) if due < math.inf else math.inf
        if nth > len(self._starts):
            return math.inf
        day = int(nth) - 1
        return max(hour, self._starts[day] + due - day * self.per_day)
