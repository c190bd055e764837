"""Maintenance, mains and drills."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from zibo_sim.clock import Clock, WorkingTime
from zibo_sim.cloud.ledger import CloudLedger, Span
from zibo_sim.cloud.operations import (
    drill_days,
    losses,
    maintenance_windows,
    outages,
    plan_operations,
)
from zibo_sim.cloud.outcomes import cloud_metrics
from zibo_sim.cloud.parameters import Cloud, Maintenance, Power
from zibo_sim.law.book import book
from zibo_sim.streams import Streams

WINTER = Clock(date(2018, 10, 1), date(2019, 3, 31))


def planned(law=None, **groups):
    cloud = Cloud.model_validate(groups)
    ledger = CloudLedger(WINTER, cloud, WorkingTime(WINTER), [])
    return ledger, plan_operations(ledger, law or book(), Streams(1))


def test_the_service_lasts_the_hours_of_backup_and_is_lost_after_them():
    failures = [Span(10.0, 18.0), Span(100.0, 110.5), Span(200.0, 201.0)]
    assert losses(failures, 8) == [Span(108.0, 110.5)]


def test_more_hours_of_backup_lose_less():
    often = {"outages_per_year": 50.0, "duration_median_h": 8.0}
    base = planned(power=often)[0]
    law = book().with_changes({"cloud.power.backup_hours": 24})
    reform = planned(law, power=often)[0]
    assert base.unplanned
    assert cloud_metrics(reform)["cloud.availability"] > cloud_metrics(base)["cloud.availability"]


def test_failures_come_at_the_rate_asked_for_and_a_higher_rate_squeezes_the_same_ones():
    few, many = (outages(WINTER, Power(outages_per_year=r), Streams(3)) for r in (40.0, 80.0))
    assert len(many) > len(few) > 0
    for one, other in zip(few, many, strict=False):
        assert other.start_h == pytest.approx(one.start_h / 2)
        assert other.end_h - other.start_h == pytest.approx(one.end_h - one.start_h)
    counts = [len(outages(WINTER, Power(outages_per_year=20.0), Streams(4, r))) for r in range(400)]
    mean = 20 * WINTER.hours / 8760
    assert sum(counts) / 400 == pytest.approx(mean, abs=3.3 * (mean / 400) ** 0.5)


OFTEN = {"per_year": 20.0, "hours_median": 3.0, "applied_h": 5.0}


def test_the_provider_applies_before_it_interrupts_and_the_service_stops():
    ledger, diary = planned(interruption=OFTEN, maintenance={"windows_per_month": 0})
    acts = [e for e in diary if e.event.startswith("interruption")]
    assert {e.clause for e in acts} == {"淄政办字〔2018〕147号 第二十二条"}
    names = Counter(e.event for e in acts)
    assert names["interruption_applied"] == names["interruption_began"] > 0
    asked = [e.time + e.value for e in acts if e.event == "interruption_applied"]
    began = [e.time for e in acts if e.event == "interruption_began"]
    assert asked == pytest.approx(began)
    assert all(e.value <= 5.0 for e in acts if e.event == "interruption_applied")
    hours = sum(e.value for e in acts if e.event == "interruption_ended")
    lost = 1 - cloud_metrics(ledger)["cloud.availability"]
    assert lost * WINTER.hours == pytest.approx(hours, rel=0.2)


def test_interruptions_are_off_unless_asked_for_and_move_nothing_else():
    (off, plain), (on, more) = planned(), planned(interruption=OFTEN)
    assert not any(e.event.startswith("interruption") for e in plain)
    assert [e for e in more if not e.event.startswith("interruption")] == plain
    assert on.planned == off.planned
    assert on.notices == off.notices
    assert set(off.unplanned) < set(on.unplanned)


def test_an_interruption_is_no_loss_of_power():
    _, diary = planned(interruption=OFTEN, power={"outages_per_year": 0.0})
    assert not {"service_lost", "power_failed"} & {e.event for e in diary}


def test_no_rate_no_failures():
    assert outages(WINTER, Power(outages_per_year=0.0), Streams(1)) == []


def test_windows_are_spread_over_each_month_and_begin_in_the_period():
    windows = maintenance_windows(WINTER, Maintenance(windows_per_month=2))
    assert len(windows) == 12
    assert all(0 <= w.start_h < WINTER.hours and w.end_h - w.start_h == 4 for w in windows)
    months = [WINTER.date(w.start_h).month for w in windows]
    assert [months.count(m) for m in (10, 11, 12, 1, 2, 3)] == [2] * 6


def test_maintenance_is_notified_on_an_earlier_working_day():
    _, diary = planned()
    told = [e for e in diary if e.event == "maintenance_notified"]
    assert len(told) == 6
    assert all(e.value >= 13 and e.clause.endswith("第二十二条") for e in told)
    days = [WINTER.date(e.time) for e in told]
    assert all(book().document_of(e.clause) for e in told)
    assert all(day.weekday() < 5 for day in days)


def test_a_window_is_never_notified_after_it_began():
    law = book().with_changes({"cloud.maintenance.days": 0})
    _, diary = planned(law, maintenance={"starts": 1.0})
    assert min(e.value for e in diary if e.event == "maintenance_notified") == 0


def test_a_drill_is_held_in_each_half_year():
    assert drill_days(WINTER, 1) == [date(2018, 11, 16), date(2019, 2, 15)]
    assert len(drill_days(WINTER, 3)) == 6
    assert drill_days(WINTER, 0) == []
    assert len(drill_days(Clock(date(2018, 12, 31), date(2018, 12, 31)), 10**9)) == 1


def test_the_diary_is_in_order_and_belongs_to_the_platform():
    _, diary = planned(power={"outages_per_year": 100.0, "duration_median_h": 10.0})
    assert [e.time for e in diary] == sorted(e.time for e in diary)
    assert {e.entity for e in diary} == {"platform"}
    assert {"power_failed", "service_lost", "service_restored", "drill"} <= {e.event for e in diary}
