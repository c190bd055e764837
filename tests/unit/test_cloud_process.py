"""The desk: who waits for whom, and what is written down."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

import pytest
import simpy

from zibo_sim.clock import Clock, WorkingTime
from zibo_sim.cloud.ledger import CloudLedger
from zibo_sim.cloud.outcomes import cloud_metrics
from zibo_sim.cloud.parameters import Cloud
from zibo_sim.cloud.process import Desk, cloud_desk
from zibo_sim.cloud.requests import Request
from zibo_sim.cloud.steps import STAGES
from zibo_sim.law.book import book
from zibo_sim.streams import Streams

WINTER = Clock(date(2018, 10, 1), date(2019, 3, 31))
MONDAY = WINTER.hour(date(2018, 12, 3)) + 9


def cloud(**groups) -> Cloud:
    return Cloud.model_validate(groups)


def staff(count: int) -> Cloud:
    return cloud(**{stage: {"servers": count} for stage in STAGES})


def winter(parameters=None, seed=1, law=None, in_force_only=False):
    env, log = simpy.Environment(), []
    ledger = cloud_desk(
        env,
        log,
        clock=WINTER,
        cloud=parameters or Cloud(),
        law=law or book(),
        streams=Streams(seed),
        in_force_only=in_force_only,
    )
    env.run(until=WINTER.hours)
    return ledger, log


def desk_of(requests, parameters=None, clock=WINTER, **options):
    """Run the desk on requests given by hand."""
    env, log, parameters = simpy.Environment(), [], parameters or Cloud()
    office = WorkingTime(clock, parameters.office.opens, parameters.office.closes)
    ledger = CloudLedger(clock, parameters, office, requests)
    Desk(env, log, ledger, book(), **options).expect(requests)
    env.run(until=clock.hours)
    return ledger, log


def steps(ledger, request):
    return {
        s.step: WINTER.datetime(s.time_h).isoformat(" ")
        for s in ledger.steps
        if s.request == request
    }


def test_a_request_alone_goes_through_every_step_at_the_hours_its_work_takes():
    work = {"assessment": 24.0, "acceptance": 2.0, "audit": 12.0, "provisioning": 6.0}
    ledger, _ = desk_of([Request("N1", "new", MONDAY, 16, checks=(2.0,), **work)])
    assert steps(ledger, "N1") == {
        "submitted": "2018-12-03 09:00:00",
        "assessed": "2018-12-06 11:00:00",
        "accepted": "2018-12-06 13:00:00",
        "opinion": "2018-12-07 17:00:00",
        "test_from": "2018-12-10 15:00:00",
        "test_ends": "2018-12-25 23:59:59",
        "live": "2018-12-26 09:00:00",
    }


def test_incomplete_papers_wait_for_the_applicant_and_are_checked_again():
    request = Request("N1", "new", MONDAY, checks=(2.0, 1.0), amendments=(8.0,), assessment=1.0)
    ledger, _ = desk_of([request])
    found = steps(ledger, "N1")
    assert found["returned"] == "2018-12-03 11:00:00"
    assert found["resubmitted"] == "2018-12-04 11:00:00"
    assert found["assessed"] == "2018-12-04 13:00:00"


def test_a_server_is_free_while_the_applicant_mends_the_papers():
    slow = Request("N1", "new", MONDAY, checks=(2.0, 1.0), amendments=(80.0,))
    ledger, _ = desk_of([slow, Request("N2", "new", MONDAY + 0.5, checks=(1.0,))])
    waits = {v.request: v.start_h - MONDAY for v in ledger.visits if v.stage == "completeness"}
    assert waits["N2"] == 2.0


def test_first_come_is_first_served_and_a_server_is_kept_overnight():
    pair = [Request(f"N{i}", "new", MONDAY + i / 10, audit=10.0) for i in (1, 2)]
    ledger, _ = desk_of(pair)
    first, second = (v for v in ledger.visits if v.stage == "audit")
    assert (first.request, second.request) == ("N1", "N2")
    assert WINTER.datetime(second.start_h).isoformat(" ") == "2018-12-04 11:06:00"


def test_a_refused_request_stops_its_clock_and_asks_for_no_audit():
    ledger, log = desk_of([Request("N1", "new", MONDAY, 16, refused=True, acceptance=20.0)])
    assert list(steps(ledger, "N1")) == ["submitted", "assessed", "refused"]
    assert {v.stage for v in ledger.visits} == {"completeness", "assessment", "acceptance"}
    assert [d.clock for d in ledger.deadlines] == ["accept"]
    assert (log[-1].event, log[-1].value, log[-1].unit) == ("refused", 1.0, "d")
    assert ledger.allocations == []


def test_an_extended_test_ends_whole_days_later():
    ledger, _ = desk_of([Request("N1", "new", MONDAY, 1, extension_d=2.2)])
    found = steps(ledger, "N1")
    assert found["extended"] == "2018-12-19 00:00:00"
    assert found["test_ends"] == "2018-12-21 23:59:59"
    assert found["live"] == "2018-12-24 09:00:00"


def test_changes_and_exits_run_no_clock_and_move_the_allocation():
    orders = [
        Request("C1", "change", MONDAY, 100, provisioning=1.0),
        Request("X1", "exit", MONDAY + 2, -40, provisioning=1.0),
    ]
    ledger, log = desk_of(orders)
    first = ledger.initial.vcpu
    assert [(a.time_h - MONDAY, a.vcpu - first) for a in ledger.allocations] == [(0, 100), (3, 60)]
    assert [e.event for e in log] == ["submitted", "changed", "submitted", "exited"]
    assert ledger.deadlines == []


def test_a_full_pool_lets_a_request_wait_until_room_is_given_back():
    full = cloud(capacity={"vcpu": 50, "overcommit": 1.0, "initial_allocation_share": 1.0})
    requests = [
        Request("N1", "new", MONDAY, 30),
        Request("X1", "exit", MONDAY + 4, -30, provisioning=1.0),
    ]
    ledger, _ = desk_of(requests, full)
    assert steps(ledger, "N1")["test_from"] == "2018-12-03 14:00:00"
    assert {a.vcpu for a in ledger.allocations} == {50}  # given back and taken in one instant


def test_no_more_is_given_back_than_was_promised():
    empty = cloud(capacity={"initial_allocation_share": 0.0})
    ledger, log = desk_of([Request("X1", "exit", MONDAY, -30)], empty)
    assert ledger.allocations == []
    assert log[-1].event == "exited"


def test_with_unlimited_staff_nobody_waits():
    ledger, _ = winter(staff(10_000))
    assert ledger.visits
    assert all(v.start_h == v.ready_h for v in ledger.visits)


def test_without_variation_the_lead_time_is_the_sum_of_the_means():
    exact = {stage: {"cv": 0.0} for stage in STAGES}
    quiet = {"new_per_day": 0.0, "change_per_day": 0.0, "exit_per_day": 0.0}
    one = {**quiet, "migration_waves": [["12-03", 1]], "migration_spread_days": 0.0}
    plain = {"rework_share": 0.0, "refusal_share": 0.0}
    ledger, _ = winter(cloud(arrivals=one, requests=plain, **exact))
    total = sum(getattr(ledger.cloud, stage).mean_days for stage in STAGES)
    assert cloud_metrics(ledger)["cloud.lead_time_p50"] == pytest.approx(total, abs=1e-6)


def test_one_more_auditor_moves_no_arrival_and_lets_nobody_wait_longer_for_the_audit():
    base, more = winter()[0], winter(cloud(audit={"servers": 2}))[0]
    assert base.requests == more.requests
    waits = [{v.request: v for v in x.visits if v.stage == "audit"} for x in (base, more)]
    assert waits[0].keys() == waits[1].keys()
    assert all(waits[1][k].start_h <= v.start_h for k, v in waits[0].items())
    assert all(waits[1][k].ready_h == v.ready_h for k, v in waits[0].items())


def test_every_request_is_submitted_first_and_every_event_cites_the_book():
    _, log = winter()
    clauses = {entry.clause for entry in book()}
    histories = defaultdict(list)
    for event in log:
        assert event.domain == "cloud"
        assert event.clause in clauses
        histories[event.entity].append(event)
    del histories["platform"]
    for history in histories.values():
        assert [e.event for e in history].count("submitted") == 1
        assert history[0].event == "submitted"
    assert [e.time for e in log] == sorted(e.time for e in log)


def test_the_clause_of_a_submission_is_that_of_its_kind():
    _, log = winter(seed=2)
    cited = {e.stage: e.clause.split(" ")[1] for e in log if e.event == "submitted"}
    assert cited == {
        "new": "第十一条(一)",
        "change": "第十二条(一)",
        "exit": "第十二条(一)",
        "migration": "第十三条",
    }


def test_a_step_with_a_limit_says_by_how_many_days_it_was_late():
    late = Request("N1", "new", MONDAY, 1, acceptance=1.0, audit=40.0, provisioning=1.0)
    _, log = desk_of([late])
    values = {e.event: e.value for e in log if e.unit == "d"}
    assert values == {"accepted": -1.0, "opinion": 4.0, "test_from": -2.0}


def test_requests_from_before_the_measures_have_no_clocks_when_only_law_in_force_counts():
    ledger, _ = winter(in_force_only=True)
    everything, _ = winter()
    came = {r.id: WINTER.date(r.arrival_h) for r in ledger.requests}
    assert {d.request for d in ledger.deadlines} == {
        d.request for d in everything.deadlines if came[d.request] >= date(2018, 11, 19)
    }
    assert len(ledger.deadlines) < len(everything.deadlines)
    assert ledger.steps == everything.steps


def test_work_beyond_the_calendar_of_the_run_stays_open():
    ledger, _ = desk_of([Request("N1", "new", MONDAY, assessment=1e6)])
    assert list(steps(ledger, "N1")) == ["submitted"]
    assert cloud_metrics(ledger)["cloud.lead_time_p50"] is None


def test_a_reform_of_the_limits_moves_clocks_and_nothing_else():
    law = book().with_changes({"cloud.opinion.days": 5})
    base, reform = winter()[0], winter(law=law)[0]
    assert base.steps == reform.steps
    due = [
        {d.request: d.due_h for d in x.deadlines if d.clock == "opinion"} for x in (base, reform)
    ]
    assert all(due[1][k] > due[0][k] for k in due[0])


def test_the_same_seed_gives_the_same_rows():
    one, other = winter(seed=9), winter(seed=9)
    assert repr(one[1]) == repr(other[1])
    assert one[0].visits == other[0].visits
