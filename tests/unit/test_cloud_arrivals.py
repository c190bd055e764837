"""Arrivals that vary by day, weekday and hour."""

from __future__ import annotations

from collections import Counter
from datetime import date

import numpy as np
import pytest

from zibo_sim.clock import Clock, WorkingTime
from zibo_sim.cloud.arrivals import day_factors, working_days
from zibo_sim.cloud.parameters import Cloud
from zibo_sim.cloud.requests import draw_requests
from zibo_sim.streams import Streams

WINTER = Clock(date(2018, 10, 1), date(2019, 3, 31))


def times(replication=0, **arrivals):
    cloud = Cloud.model_validate({"arrivals": {"new_per_day": 4.0, **arrivals}})
    drawn = draw_requests(WINTER, cloud, WorkingTime(WINTER), Streams(3, replication))
    return [WINTER.datetime(r.arrival_h) for r in drawn if r.kind == "new"]


def test_a_rate_that_varies_makes_counts_negative_binomial():
    days, counts = working_days(WINTER), []
    for replication in range(60):
        came = Counter(when.date() for when in times(replication, day_cv=0.7))
        counts.append([came[day] for day in days])
    mean, var = np.mean(counts), np.var(counts)
    assert mean == pytest.approx(4.0, rel=0.04)
    assert var == pytest.approx(4 + 0.7**2 * 16, rel=0.1)


def test_a_profile_moves_the_hours_and_not_the_number():
    weights = [0.0, 3.0, 0.0, 1.0]
    flat, shaped = times(), times(hour_weights=weights)
    assert len(flat) == len(shaped)
    assert [t.date() for t in flat] == [t.date() for t in shaped]
    parts = Counter((t.hour - 9) // 2 for t in shaped)
    assert set(parts) == {1, 3}
    assert parts[1] / len(shaped) == pytest.approx(0.75, abs=0.05)


def test_a_week_may_have_its_busy_day():
    found = times(weekday_weights=[5.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0])
    worked = Counter(day.weekday() for day in working_days(WINTER))
    came = Counter(t.weekday() for t in found)
    assert came[0] / worked[0] > 3 * came[2] / worked[2]
    assert len(found) == pytest.approx(len(times()), abs=1)


def test_a_busier_day_is_busy_for_every_source():
    factors = day_factors(Cloud.model_validate({"arrivals": {"day_cv": 1.0}}).arrivals, WINTER,
                          Streams(1))  # fmt: skip
    assert factors.std() == pytest.approx(1.0, abs=0.25)
    assert day_factors(Cloud().arrivals, WINTER, Streams(1)) is None
