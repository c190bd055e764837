"""What became of a season: alerts held against the episodes they were for, and the targets.

Episodes are those of the air without measures: judged by air that an alert has cleaned, every alert
that worked would look false.
"""

from __future__ import annotations

from functools import cached_property
from math import nan

import numpy as np
from numpy.typing import NDArray

from zibo_sim.air.alerts import Episode, find_episodes
from zibo_sim.air.aqi import TABLES, sub_index_array
from zibo_sim.air.measures import season_targets
from zibo_sim.air.simulated import SimulatedAir
from zibo_sim.air.sky import Alert
from zibo_sim.air.stretches import LEVELS, NONE
from zibo_sim.cloud.outcomes import cloud_metrics
from zibo_sim.law import book
from zibo_sim.model import Outcome
from zibo_sim.valuation import appraise

TARGETS = ("pm25_mean", "pm25_change", "heavy_days", "heavy_days_change")
FloatArray = NDArray[np.float64]
_DAY = 24
_DIGITS = 9
"""Changes are compared to so many digits, so that the target itself is met."""


class Facts:
    """What several metrics of one run share, worked out once."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome, self.law, self.air = outcome, outcome.law, outcome.air

    @cached_property
    def level(self) -> NDArray[np.int8]:
        """Alert level in force by hour."""
        return self.air.level_by_hour()

    @cached_property
    def episodes(self) -> list[Episode]:
        """Episodes of the no-measures air (of the measured air, where there is no other)."""
        return find_episodes(self.air.air.aqi_no_measures, self.air.air.dust, self.law)

    @cached_property
    def daily_aqi(self) -> FloatArray:
        """Daily AQI of natural days; NaN on a day of dust or with fewer than 20 valid hours."""
        sky = self.air.air
        if sky.concentrations:
            return self._daily(sky.concentrations, sky.aqi)
        return self._daily_mean(sky.aqi)

    @cached_property
    def daily_aqi_no_measures(self) -> FloatArray:
        """The same without measures."""
        sky = self.air.air
        if sky.concentrations_no_measures:
            return self._daily(sky.concentrations_no_measures, sky.aqi_no_measures)
        return np.full(self.air.hours // _DAY, nan)

    @cached_property
    def measured_share(self) -> float:
        """Share of the period's hours that have an AQI."""
        return float(np.isfinite(self.air.air.aqi).mean())

    @cached_property
    def season_valid(self) -> bool:
        """Whether enough days have 20 valid hours of AQI and of PM2.5 to judge a season by."""
        sky, least = self.air.air, self.outcome.scenario.air.record.valid_days_share
        hours = (np.isfinite(v).reshape(-1, _DAY).sum(axis=1) for v in (sky.aqi, sky.pm25))
        valid = np.logical_and(*(h >= self.law("aqi.valid_hours") for h in hours))
        return bool(valid.mean() >= least)

    @cached_property
    def pm25_mean(self) -> float:
        """Mean PM2.5 with measures, µg/m³."""
        return mean(self.air.air.pm25)

    @cached_property
    def heavy_days(self) -> float:
        """Heavy-pollution days with measures."""
        return days_over(self.daily_aqi, self.law("alert.aqi.heavy"))

    @cached_property
    def output_lost(self) -> float:
        """Output lost to measures, yuan."""
        sky = self.air.air
        return float(sky.output_lost()["sector"].sum()) if isinstance(sky, SimulatedAir) else nan

    @cached_property
    def targets_missed(self) -> tuple[str, ...] | None:
        """The season's targets that were missed."""
        return targets_missed(self)

    @cached_property
    def valuation(self) -> dict[str, float]:
        """What the measures are worth and cost."""
        sky = self.air.air
        return appraise(
            self.outcome.scenario.valuation, sky.pm25, sky.pm25_no_measures,
            self.output_lost, response_days(self), self.alert_days(3),
        )  # fmt: skip

    @cached_property
    def cloud(self) -> dict[str, float | None]:
        """The cloud desk's metrics."""
        return cloud_metrics(self.outcome.cloud)

    def alert_days(self, *levels: int) -> float:
        """Return the hours at any of the alert levels ÷ 24."""
        return float(np.isin(self.level, levels).sum()) / _DAY

    def _daily_mean(self, hourly: FloatArray) -> FloatArray:
        """Return the means of natural days, of one series or of a row each."""
        by_day = hourly.reshape(*hourly.shape[:-1], -1, _DAY)
        valid = np.isfinite(by_day)
        hours = valid.sum(axis=-1)
        clear = ~self.air.air.dust.reshape(-1, _DAY).any(axis=1)
        total = np.where(valid, by_day, 0.0).sum(axis=-1)
        enough = hours >= self.law("aqi.valid_hours")
        return np.where(enough & clear, total / np.maximum(hours, 1), nan)

    def _daily(self, concentrations: dict[str, FloatArray], aqi: FloatArray) -> FloatArray:
        """HJ 633-2012 on natural days: 24-hour means, ozone by its largest 8-hour mean."""
        *means, of_aqi = self._daily_mean(np.array([*concentrations.values(), aqi]))
        indices = []
        for (name, hourly), mean in zip(concentrations.items(), means, strict=True):
            mean = self._largest_8h(hourly) if name == "o3" else mean
            digits = 1 if name == "co" else 0
            indices.append(sub_index_array(np.round(mean, digits), TABLES["24h"][name], self.law))
        stacked = np.vstack(indices)
        largest = np.where(np.isnan(stacked), -1.0, stacked).max(axis=0)
        daily: FloatArray = np.where(np.isnan(of_aqi), nan, largest)
        return np.where(largest < 0, nan, daily)

    def _largest_8h(self, hourly: FloatArray) -> FloatArray:
        windows = np.lib.stride_tricks.sliding_window_view(hourly.reshape(-1, _DAY), 8, axis=1)
        valid = np.isfinite(windows)
        means = np.where(valid, windows, 0.0).sum(axis=2) / np.maximum(valid.sum(axis=2), 1)
        largest: FloatArray = np.where(valid.sum(axis=2) >= 6, means, -1.0).max(axis=1)
        return largest


def mean(values: FloatArray) -> float:
    """Return the mean of the known values."""
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else nan


def days_over(daily: FloatArray, limit: float) -> float:
    """Count the days over a limit; NaN where no day is known."""
    return float((daily > limit).sum()) if np.isfinite(daily).any() else nan


def overlaps(alert: Alert, episode: Episode, until: int) -> bool:
    """Say whether an alert was in force at any hour of an episode, or ended with it.

    One that was not lifted ends at hour `until`: with the period, or with the record of the air.
    """
    ends = until if alert.lifted is None else alert.lifted
    return alert.published <= episode.end + 1 and episode.start < ends


def calling(facts: Facts) -> list[Episode]:
    """Return the episodes of the no-measures air that call for an alert."""
    return [e for e in facts.episodes if e.level != LEVELS[NONE]]


def covering(facts: Facts, episode: Episode) -> list[Alert]:
    """Return the alerts that were in force at any hour of an episode."""
    return [a for a in facts.air.alerts if overlaps(a, episode, facts.air.until)]


def false_alerts(facts: Facts) -> float:
    """Count alerts during which no 24-h window of the no-measures air is over 200."""
    until = facts.air.until
    return float(
        sum(not any(overlaps(a, e, until) for e in facts.episodes) for a in facts.air.alerts)
    )


def missed(facts: Facts) -> float:
    """Count episodes that call for an alert and had none in force."""
    return float(sum(not covering(facts, e) for e in calling(facts)))


def in_time(facts: Facts) -> float:
    """145号 四(三): count episodes whose alert was published 24 hours before they began."""
    lead = facts.law("alert.lead.hours")
    return float(
        sum(any(e.start - a.published >= lead for a in covering(facts, e)) for e in calling(facts))
    )


def late(facts: Facts) -> float:
    """Count episodes that had an alert, but none 24 hours before."""
    return len(calling(facts)) - in_time(facts) - missed(facts)


def lead_times(facts: Facts) -> list[float]:
    """Hours from each alert's publication to the first hour of the first episode it covers."""
    until = facts.air.until
    covered = [
        (a, next((e for e in facts.episodes if overlaps(a, e, until)), None))
        for a in facts.air.alerts
    ]
    return [e.start - a.published for a, e in covered if e is not None]


def response_days(facts: Facts) -> float:
    """145号 五(二), 五(六): days from the start of each response to its end, or the record's."""
    until = facts.air.until
    began: dict[str, float] = {}
    total = 0.0
    turns = [e for e in facts.outcome.log if e.event in ("response_started", "response_ended")]
    for event in sorted(turns, key=lambda e: e.time):
        if event.event == "response_started":
            began.setdefault(event.entity, event.time)
        elif event.entity in began:
            total += max(0.0, min(event.time, until) - began.pop(event.entity))
    return (total + sum(max(0.0, until - start) for start in began.values())) / _DAY


def base_winter() -> tuple[float, float]:
    """144号 一(一): mean PM2.5 and heavy days of the winter before, which the targets imply.

    They are those of the law as printed: a reform of a target does not change the past.
    """
    law = book()
    mean = law("target.pm25_mean") / (1.0 + law("target.pm25_change"))
    return float(mean), float(law("target.heavy_days") - law("target.heavy_days_change"))


def targets_missed(facts: Facts) -> tuple[str, ...] | None:
    """144号 一(一): the targets that a season missed; None where it does not say.

    It does not where too few of its days were measured (``air.record.valid_days_share``).
    """
    mean, heavy = facts.pm25_mean, facts.heavy_days
    if np.isnan(mean) or np.isnan(heavy) or not facts.season_valid:
        return None
    mean_before, heavy_before = base_winter()
    found = season_targets(
        pm25_mean=mean,
        pm25_change_percent=round(100.0 * (mean / mean_before - 1.0), _DIGITS),
        heavy_days=heavy,
        heavy_days_change=heavy - heavy_before,
        law=facts.law,
    )
    return tuple(found["missed"])


def target_met(facts: Facts, *targets: str) -> float:
    """Return 1 where all the targets named are met, 0 where not, NaN where it is not known."""
    found = facts.targets_missed
    return nan if found is None else float(not set(targets) & set(found))
