"""Metrics of the cloud on rows written by hand."""

from __future__ import annotations

from datetime import date

import pytest

from zibo_sim.clock import Clock, WorkingTime
from zibo_sim.cloud.ledger import Allocation, CloudLedger, Deadline, Span, Step, Visit
from zibo_sim.cloud.outcomes import cloud_metrics, covered, utilisation
from zibo_sim.cloud.parameters import Cloud
from zibo_sim.cloud.requests import Request

#: Monday to Friday, five working days of eight hours.
WEEK = Clock(date(2018, 12, 3), date(2018, 12, 7))


def ledger(*requests, clock=WEEK, **rows) -> CloudLedger:
    return CloudLedger(clock, Cloud(), WorkingTime(clock), list(requests), **rows)


def metric(book, name):
    return cloud_metrics(book)[f"cloud.{name}"]


@pytest.mark.parametrize(
    ("done", "share"),
    [(47.99, 1.0), (48.0, 0.0), (None, 0.0)],
    ids=["a minute before midnight of its last day", "the next day", "still open"],
)
def test_a_clock_is_kept_until_the_end_of_its_last_day(done, share):
    steps = [Step("N1", "accepted", done)] if done is not None else []
    book = ledger(steps=steps, deadlines=[Deadline("N1", "accept", 10.0, 48.0)])
    assert metric(book, "accept_on_time") == share


def test_a_refusal_keeps_the_clock_of_the_decision():
    book = ledger(
        steps=[Step("N1", "refused", 40.0)], deadlines=[Deadline("N1", "accept", 10.0, 48.0)]
    )
    assert metric(book, "accept_on_time") == 1.0


def test_only_clocks_due_in_the_period_count_the_last_day_with_them():
    deadlines = [Deadline("N1", "opinion", 90.0, 120.0), Deadline("N2", "opinion", 90.0, 144.0)]
    book = ledger(steps=[Step("N1", "opinion", 100.0)], deadlines=deadlines)
    assert metric(book, "opinion_on_time") == 1.0
    done_early = ledger(steps=[Step("N2", "opinion", 100.0)], deadlines=deadlines)
    assert metric(done_early, "opinion_on_time") == 0.0


def test_steps_after_the_end_of_the_period_do_not_count():
    steps = [
        Step("N1", "submitted", 9.0),
        Step("N1", "test_from", 130.0),
        Step("N2", "submitted", 129.0),
    ]
    book = ledger(Request("N1", "new", 9.0), Request("N2", "new", 129.0), steps=steps)
    assert metric(book, "requests") == 1
    assert metric(book, "lead_time_p50") is None


def test_what_a_run_does_not_define_is_none():
    weekend = Clock(date(2018, 12, 8), date(2018, 12, 9))
    empty = cloud_metrics(ledger(clock=weekend))
    for name in ("accept_on_time", "opinion_on_time", "test_on_time"):
        assert empty[f"cloud.{name}"] is None
    assert empty["cloud.lead_time_p50"] is empty["cloud.lead_time_p95"] is None
    assert empty["cloud.audit_utilisation"] is None
    assert (empty["cloud.requests"], empty["cloud.backlog_mean"]) == (0, 0)


def test_the_lead_time_is_in_working_days():
    steps = [Step("N1", "submitted", 16.0), Step("N1", "test_from", 34.0)]
    assert metric(ledger(Request("N1", "new", 16.0), steps=steps), "lead_time_p95") == 2 / 8


def test_the_backlog_is_averaged_over_every_hour_and_open_requests_stay_in_it():
    requests = [Request(f"N{i}", "new", 0.0) for i in range(3)] + [Request("C1", "change", 0.0)]
    steps = [Step(r.id, "submitted", 0.0) for r in requests]
    steps += [Step("N0", "test_from", 60.0), Step("N1", "refused", 30.0)]
    assert metric(ledger(*requests, steps=steps), "backlog_mean") == (60 + 30 + 120) / 120


def test_utilisation_counts_office_hours_up_to_the_end_of_the_period():
    visits = [
        Visit("N1", "audit", 9.0, 9.0, 35.0),  # eight hours and two: Monday, Tuesday morning
        Visit("N2", "audit", 35.0, 111.0, 200.0),  # from Friday 15:00 past the end: two hours
        Visit("N3", "assessment", 9.0, 9.0, 90.0),
    ]
    book = ledger(visits=visits)
    assert metric(book, "audit_utilisation") == 12 / 40
    assert utilisation(book, "acceptance") == 0.0


def test_the_peak_share_is_of_all_that_may_be_promised():
    assert metric(ledger(), "vcpu_peak_share") == pytest.approx(0.55)
    rows = [Allocation(3.0, 6000.0), Allocation(4.0, 5000.0), Allocation(130.0, 8000.0)]
    assert metric(ledger(allocations=rows), "vcpu_peak_share") == 6000 / 8000


def test_availability_leaves_planned_hours_out_and_counts_no_hour_twice():
    book = ledger(
        planned=[Span(10.0, 20.0)],
        unplanned=[Span(15.0, 25.0), Span(24.0, 26.0), Span(118.0, 130.0)],
    )
    assert metric(book, "availability") == pytest.approx(1 - (6 + 2) / (120 - 10))


def test_availability_is_undefined_where_everything_was_planned():
    assert metric(ledger(planned=[Span(0.0, 200.0)]), "availability") is None


def test_spans_are_covered_once():
    assert (
        covered([Span(5.0, 7.0), Span(0.0, 10.0), Span(9.0, 12.0), Span(20.0, 30.0)], 25.0) == 17.0
    )
    assert covered([Span(30.0, 40.0)], 25.0) == 0.0
