"""When the offices consult and what they see: 淄政办字〔2018〕145号 四(二).

Consultations are held weekly, daily while an alert is in force, whenever a forecast gives either
agency cause to call one, and in real time, hour by hour, once pollution is heavy. Most change
nothing, so the air is computed some days ahead, compiled code looks for the first hour at which
something is to be done, and if there is one the air is taken back to it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from math import ceil
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from zibo_sim.air.forecast import issue_forecasts
from zibo_sim.air.parameters import Air
from zibo_sim.air.regional import regional_floor
from zibo_sim.air.sky import Sky
from zibo_sim.air.stretches import NONE, Outlook, look_out_next, thresholds, watch
from zibo_sim.clock import HOURS_PER_DAY, Clock
from zibo_sim.law import Law
from zibo_sim.streams import Streams

#: Real-time consultation can only begin where the air without measures comes near this share of
#: the threshold; rebound after a response never bridges the rest.
_NEAR = 0.85
_WEEK = 7
#: How far the air is computed ahead at once; it only decides how fast a run is.
_AHEAD_H = 96

Held = list[tuple[int, str, int]]


class Meeting(NamedTuple):
    """The next hour at which something may be done.

    Attributes
    ----------
    hour : int
    begun : int
        The greatest `Outlook.present` since the current alert, by then.
    held : list of tuple of int
        Hour, kind and level seen of the consultations before it that changed nothing.
    """

    hour: int
    begun: int
    held: Held


class Consultations:
    """The forecasts, the fixed hours, and the look ahead.

    Parameters
    ----------
    air : Sky
    parameters : Air
    clock, law, streams
    opens : float
        Hour from which the plan acts.
    """

    def __init__(
        self,
        air: Sky,
        parameters: Air,
        clock: Clock,
        law: Law,
        streams: Streams,
        opens: float,
    ) -> None:
        self.air, self.law = air, law
        self.hours = min(clock.hours, air.known_until)
        self.opens, self.issue_hour = ceil(opens), parameters.forecast.issue_hour
        self.thresholds = thresholds(law)
        months = clock.dates().astype("datetime64[M]").astype(np.int64) % 12 + 1
        months = np.repeat(months, HOURS_PER_DAY)
        self.vintages = issue_forecasts(air.truth, months, parameters.forecast, law, streams)
        self.floor = regional_floor(air.region_pm25, parameters, self.vintages.issued, streams)
        self.planned = self._routine(parameters, clock) | self._called()
        self.received = set((np.flatnonzero(np.diff(self.floor)) + 1).tolist())
        self.starts: set[int] = set()
        self.since = 0
        self._means, self._done = np.full(clock.hours, np.nan), 0
        self._issued: list[int] = self.vintages.issued.tolist()
        self._daily = (self.issue_hour + 1) % HOURS_PER_DAY
        self._sits = np.zeros(clock.hours, dtype=np.bool_)
        self._sits[[hour for hour in self.planned if hour < clock.hours]] = True
        near = air.aqi_no_measures > _NEAR * self.thresholds.heavy
        self._occasions: list[int] = np.flatnonzero(_later(near) | self._sits).tolist()
        blind = [hour for hour in self.planned if hour < self.issue_hour]
        self._fixed = sorted({*self.received, *blind})

    def _routine(self, parameters: Air, clock: Clock) -> dict[int, str]:
        given = parameters.consultation
        day = (given.routine_weekday - clock.start.weekday()) % _WEEK
        first = HOURS_PER_DAY * day + given.routine_hour
        return dict.fromkeys(range(first, clock.hours, _WEEK * HOURS_PER_DAY), "routine")

    def _called(self) -> dict[int, str]:
        """145号 四(二): days on which moderate or heavy pollution is foreseen 1–3 days ahead."""
        foreseen = self.vintages
        days = min(foreseen.horizon // HOURS_PER_DAY, self.law("alert.horizon.days"))
        hourly = foreseen.aqi[:, : days * HOURS_PER_DAY].reshape(len(foreseen.issued), days, -1)
        cause = (np.nan_to_num(hourly).mean(axis=2) > self.law("alert.consult.aqi")).any(axis=1)
        return dict.fromkeys((foreseen.issued[cause] + 1).tolist(), "called")

    def kind(self, hour: int, alerted: bool) -> str | None:
        """Return which consultation is held at `hour`, None for none."""
        if hour in self.received:
            return "regional"
        if hour > 0 and self.air.aqi[hour - 1] > self.thresholds.heavy:
            return "real_time"
        daily = alerted and (hour - 1) % HOURS_PER_DAY == self.issue_hour
        return self.planned.get(hour) or ("daily" if daily else None)

    def outlook(self, hour: int, level: int) -> Outlook:
        """Return what a consultation at `hour` sees while `level` is in force.

        A regional alert is the least it calls for.
        """
        issue = self._latest(hour)
        if issue < 0:
            return Outlook(NONE, -1, 0, False, False, False, NONE)
        seen = Outlook._make(
            look_out_next(
                self.air.aqi, self._means, self._done, self.air.dust, self.vintages.aqi[issue],
                hour, self._issued[issue], self.since, 0, level, self.thresholds,
            )
        )  # fmt: skip
        self._done = hour
        floor = int(self.floor[hour])
        if floor == NONE:
            return seen
        onset = hour if seen.onset < 0 else seen.onset
        called, remaining = max(seen.level, floor), max(seen.remaining, floor)
        return seen._replace(level=called, remaining=remaining, clean=False, onset=onset)

    def _latest(self, hour: int) -> int:
        """Return the number of the newest forecast at `hour`, -1 before the first."""
        return bisect_right(self._issued, hour) - 1

    def lowered(self, hour: int) -> None:
        """Forget what went before, so that days already past do not raise the level again."""
        self.since = max(0, hour - self.thresholds.window)

    def next(self, first: int, level: int, begun: int) -> Meeting:
        """Return the next hour from `first` on at which something may be done.

        Parameters
        ----------
        first : int
        level : int
            The level in force.
        begun : int
            The greatest `Outlook.present` since the alert was published.
        """
        held: Held = []
        first = max(first, self.opens)
        fixed = _from(self._fixed, first, self.hours)
        self.starts = {hour for hour in self.starts if hour >= first}
        fixed = min(fixed, self.hours, *self.starts)
        while (first := self._occasion(first, level > NONE)) < fixed:
            bound = min(fixed, first + _AHEAD_H)
            found, begun = self._watch(first, bound, level, begun, held)
            if found >= 0:
                return Meeting(found, begun, held)
            first = bound
        return Meeting(fixed, begun, held)

    def _occasion(self, first: int, alerted: bool) -> int:
        """Return the first hour at which a consultation may be held."""
        hour = _from(self._occasions, first, self.hours)
        daily = first + (self._daily - first) % HOURS_PER_DAY
        return min(hour, daily) if alerted else hour

    def _watch(self, first: int, bound: int, level: int, begun: int, held: Held) -> tuple[int, int]:
        """Hold the consultations due from `first` up to `bound`; see `alerts.watch`."""
        mark = self.air.mark()
        self.air.advance(bound - 1)
        seen = np.empty(bound - first, dtype=np.int64)
        real_time = np.empty(bound - first, dtype=np.bool_)
        found, begun = watch(
            self.air.aqi, self._means, self._done, self.air.dust, self.vintages.aqi,
            self.vintages.issued, first, bound, level, begun, int(self.floor[first]), self.since, 0,
            self.thresholds, self._sits, self._daily, seen, real_time,
        )  # fmt: skip
        self._done = bound - 1 if found < 0 else found
        if found >= 0:
            self.air.rewind(mark)
            seen = seen[: found - first]
        held += [
            (hour, "real_time" if heavy else self.planned.get(hour, "daily"), level)
            for hour, level, heavy in zip(
                range(first, bound), seen.tolist(), real_time.tolist(), strict=False
            )
            if level >= 0
        ]
        return found, begun


def _later(flags: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return flags an hour later."""
    return np.concatenate([[False], flags[:-1]])


def _from(hours: list[int], first: int, none: int) -> int:
    """Return the first of sorted `hours` not before `first`, `none` where there is none."""
    at = bisect_left(hours, first)
    return hours[at] if at < len(hours) else none
