"""What became of a season: alerts held against the episodes they were for, and the targets.

Episodes are those of the air without measures: judged by air that an alert has cleaned, every alert
that worked would look false.
"""

from __future__ import annotations

from math import nan
from typing import TYPE_CHECKING

import numpy as np

from zibo_sim.air.alerts import Episode
from zibo_sim.air.measures import season_targets
from zibo_sim.air.sky import Alert
from zibo_sim.air.stretches import LEVELS, NONE
from zibo_sim.law import book

if TYPE_CHECKING:
    from zibo_sim.metrics import Facts

TARGETS = ("pm25_mean", "pm25_change", "heavy_days", "heavy_days_change")
_DAY = 24
_DIGITS = 9
"""Changes are compared to so many digits, so that the target itself is met."""


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
