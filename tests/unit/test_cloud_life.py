"""Pre-review, scope, districts, filing, priority, the pool of three, late notices."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
import simpy
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from zibo_sim.clock import Clock, WorkingTime
from zibo_sim.cloud import clocks
from zibo_sim.cloud.eventlog import CASE, event_log
from zibo_sim.cloud.ledger import CloudLedger
from zibo_sim.cloud.outcomes import cloud_metrics
from zibo_sim.cloud.parameters import Cloud
from zibo_sim.cloud.pool import Pool, Size
from zibo_sim.cloud.process import Desk, cloud_desk
from zibo_sim.cloud.requests import Plea, Request
from zibo_sim.cloud.traits import Traits
from zibo_sim.law.book import book
from zibo_sim.streams import Streams

WINTER = Clock(date(2018, 10, 1), date(2019, 3, 31))
YEAR = Clock(date(2018, 10, 1), date(2019, 9, 30))
MONDAY = WINTER.hour(date(2018, 12, 3)) + 9


def cloud(**groups) -> Cloud:
    return Cloud.model_validate(groups)


def run(parameters=None, seed=1, law=None, clock=WINTER):
    env, log = simpy.Environment(), []
    ledger = cloud_desk(
        env, log, clock=clock, cloud=parameters or Cloud(), law=law or book(), streams=Streams(seed)
    )
    env.run(until=clock.hours)
    return ledger, log


def desk_of(requests, parameters=None, law=None):
    env, log, parameters = simpy.Environment(), [], parameters or Cloud()
    ledger = CloudLedger(WINTER, parameters, WorkingTime(WINTER), requests)
    Desk(env, log, ledger, law or book()).expect(requests)
    env.run(until=WINTER.hours)
    return ledger, log


def events(log, entity):
    return [e.event for e in log if e.entity == entity]


def test_new_systems_pass_the_pre_review_before_they_apply():
    project = Request("N1", "new", MONDAY, traits=Traits(prereview=8.0))
    declined = Request("N2", "new", MONDAY, traits=Traits(declined=True))
    moving = Request("M1", "migration", MONDAY)
    ledger, log = desk_of([project, declined, moving], cloud(prereview={"on": True}))
    assert events(log, "P-N1") == ["prereview_asked", "prereview_approved"]
    assert events(log, "P-N2") == ["prereview_asked", "prereview_declined"]
    assert events(log, "N2") == []
    assert events(log, "N1")[0] == events(log, "M1")[0] == "submitted"
    times = {s.request: s.time_h - MONDAY for s in ledger.steps if s.step == "submitted"}
    assert times == {"M1": 0.0, "N1": 8.0}
    assert {e.clause for e in log if e.entity == "P-N1"} == {"淄政办字〔2018〕147号 第十一条"}


def test_the_pre_review_changes_no_draw():
    off, on = run()[0], run(cloud(prereview={"on": True, "servers": 50}))[0]
    assert off.requests == on.requests
    assert cloud_metrics(on)["cloud.requests"] < cloud_metrics(off)["cloud.requests"]


@pytest.mark.parametrize(
    ("kind", "traits", "outcome"),
    [
        ("new", Traits(classified=True), "out_of_scope"),
        ("migration", Traits(classified=True), "out_of_scope"),
        ("migration", Traits(grade=4), "exempt"),
        ("district", Traits(grade=5), "exempt"),
        ("migration", Traits(grade=3), "assessed"),
        ("new", Traits(grade=4), "assessed"),
    ],
)
def test_classified_systems_are_outside_and_grade_four_need_not_move(kind, traits, outcome):
    ledger, log = desk_of([Request("S1", kind, MONDAY, traits=traits)])
    assert events(log, "S1")[1] == outcome
    if outcome != "assessed":
        assert events(log, "S1") == ["submitted", outcome]
        assert ledger.visits == []
        assert ledger.deadlines == []
        assert cloud_metrics(ledger)["cloud.turned_away"] == 1
        assert cloud_metrics(ledger)["cloud.backlog_mean"] == 0


STAYS, MOVES = Plea(16.0, granted=True), Plea(16.0, granted=False)


def test_a_system_that_cannot_move_asks_the_department_first():
    granted = Request("M1", "migration", MONDAY, plea=STAYS)
    denied = Request("M2", "migration", MONDAY, plea=MOVES)
    ledger, log = desk_of([granted, denied])
    assert events(log, "E-M1") == ["exception_asked", "exception_granted"]
    assert events(log, "E-M2") == ["exception_asked", "exception_denied"]
    assert events(log, "M1") == []
    assert events(log, "M2")[0] == "submitted"
    submitted = next(e for e in log if e.event == "submitted")
    assert submitted.time == MONDAY + 24 + 8  # the second working day closes
    assert {e.clause for e in log if e.entity in ("E-M1", "E-M2")} == {
        "淄政办字〔2018〕147号 第四条"
    }
    assert cloud_metrics(ledger)["cloud.exceptions"] == 1
    assert cloud_metrics(ledger)["cloud.requests"] == 1
    assert set(event_log(ledger)[CASE]) == {"M1", "M2"}


@pytest.mark.parametrize("traits", [Traits(classified=True), Traits(grade=4)])
def test_a_system_that_need_not_move_asks_for_no_exception(traits):
    _, log = desk_of([Request("M1", "migration", MONDAY, traits=traits, plea=STAYS)])
    assert not any(e.event.startswith("exception") for e in log)


def test_exceptions_are_off_unless_asked_for_and_move_no_draw():
    wave = {"migration_waves": [["12-03", 400]]}
    off, log = run(cloud(arrivals=wave))
    assert not any(e.event.startswith("exception") for e in log)
    assert cloud_metrics(off)["cloud.exceptions"] == 0
    ledger, log = run(cloud(arrivals=wave, exceptions={"share": 0.4, "granted_share": 0.5}))
    assert [r._replace(plea=None) for r in ledger.requests] == off.requests
    asked = {r.id for r in ledger.requests if r.plea}
    assert {r.kind for r in ledger.requests if r.plea} == {"migration"}
    moving = [r for r in ledger.requests if r.kind == "migration"]
    assert len(asked) / len(moving) == pytest.approx(0.4, abs=3.3 * (0.24 / len(moving)) ** 0.5)
    decided = [e for e in log if e.event in ("exception_granted", "exception_denied")]
    assert {e.event for e in decided} == {"exception_granted", "exception_denied"}


def test_a_larger_share_keeps_those_who_asked_already():
    wave = {"migration_waves": [["12-03", 100]]}
    few, more = (
        {r.id for r in run(cloud(arrivals=wave, exceptions={"share": s}))[0].requests if r.plea}
        for s in (0.2, 0.6)
    )
    assert few < more


@pytest.mark.parametrize("extension", [0.0, 4.0])
def test_a_test_ends_on_the_day_that_the_rule_says(extension):
    _, log = desk_of([Request("N1", "new", MONDAY, extension_d=extension)])
    at = {e.event: WINTER.datetime(e.time) for e in log if e.entity == "N1"}
    due = clocks.deadlines(test_from=at["test_from"].date())["test_ends"]
    assert at["test_ends"].date() == due + timedelta(days=extension)
    assert at["live"] > at["test_ends"]


def test_a_reform_that_frees_grade_three_frees_it():
    law = book().with_changes({"cloud.exempt.grade": 3})
    _, log = desk_of([Request("M1", "migration", MONDAY, traits=Traits(grade=3))], law=law)
    assert events(log, "M1") == ["submitted", "exempt"]


def test_districts_join_in_waves_under_their_own_article_and_pay_themselves():
    waves = {"district_waves": [["12-03", "沂源县", 5], ["01-07", "gaoqing", 2]]}
    ledger, log = run(cloud(arrivals=waves))
    joined = [r for r in ledger.requests if r.kind == "district"]
    assert Counter(r.traits.payer for r in joined) == {"yiyuan": 5, "gaoqing": 2}
    clauses = {e.clause for e in log if e.stage == "district" and e.event == "submitted"}
    assert clauses == {"淄政办字〔2018〕147号 第五条"}
    assert {d.request for d in ledger.deadlines} >= {"D1-0001"}
    others = [r for r in ledger.requests if r.kind != "district"]
    assert others == run()[0].requests


def test_a_district_that_is_none_is_refused():
    with pytest.raises(ValidationError, match="should be a district"):
        cloud(arrivals={"district_waves": [["12-03", "济南市", 5]]})


@pytest.mark.parametrize(
    "bad",
    [
        {"scope": {"grade_shares": [0.5, 0.5, 0.5, 0.0, 0.0]}},
        {"scope": {"grade_shares": [1.0]}},
        {"arrivals": {"weekday_weights": [1.0, 1.0]}},
        {"arrivals": {"hour_weights": [0.0, 0.0]}},
        {"queue": "lifo"},
        {"priority": ["new", "old"]},
    ],
)
def test_what_cannot_be_is_refused(bad):
    with pytest.raises(ValidationError):
        cloud(**bad)


def test_the_filing_runs_six_months_from_formal_operation():
    prompt, slow = (Request(f"N{d}", "new", MONDAY, traits=Traits(filing_d=d)) for d in (20, 999))
    ledger, log = desk_of([prompt, slow])
    assert events(log, "N20")[-1] == "filed"
    assert events(log, "N999")[-1] == "live"
    due = [d for d in ledger.deadlines if d.clock == "filing"]
    assert {WINTER.datetime(d.due_h).isoformat() for d in due} == {"2019-06-20T00:00:00"}
    filed = next(e for e in log if e.event == "filed")
    assert filed.value < 0
    assert filed.clause == "淄政办字〔2018〕147号 第七条(三)"


@pytest.mark.parametrize(("median", "share"), [(20.0, 1.0), (400.0, 0.0)])
def test_filings_due_in_a_long_period_are_counted(median, share):
    ledger, _ = run(cloud(filing={"median_days": median, "gsd": 1.0}), clock=YEAR)
    assert cloud_metrics(ledger)["cloud.filing_on_time"] == share
    assert cloud_metrics(run()[0])["cloud.filing_on_time"] is None


def orders(*kinds):
    return [
        Request(f"{kind[0].upper()}{i}", kind, MONDAY + i / 100, provisioning=4.0)
        for i, kind in enumerate(kinds)
    ]


def served(ledger):
    visits = [v for v in ledger.visits if v.stage == "provisioning"]
    return [v.request for v in sorted(visits, key=lambda v: v.start_h)]


def test_the_queue_is_by_turn_or_by_kind_as_the_scenario_says():
    queue = orders("change", "exit", "change", "new", "migration")
    one = {"provisioning": {"servers": 1}}
    assert served(desk_of(queue, cloud(**one))[0]) == ["C0", "E1", "C2", "N3", "M4"]
    ranked = cloud(queue="priority", priority=["migration", "new", "exit"], **one)
    assert served(desk_of(queue, ranked)[0]) == ["C0", "M4", "N3", "E1", "C2"]


def test_an_order_of_kinds_moves_no_draw_and_helps_those_it_puts_first():
    slow = {"provisioning": {"servers": 1}}
    turn, rank = run(cloud(**slow))[0], run(cloud(queue="priority", **slow))[0]
    assert turn.requests == rank.requests
    waits = [
        sum(v.start_h - v.ready_h for v in x.visits
            if v.stage == "provisioning" and v.request[0] in "NM") for x in (turn, rank)
    ]  # fmt: skip
    assert waits[1] < waits[0]


@pytest.mark.parametrize("short", ["memory_gb", "storage_gb"])
def test_a_test_environment_waits_for_memory_and_storage_too(short):
    pool = {"vcpu": 100, "memory_gb": 100, "storage_gb": 100, "initial_allocation_share": 0.0}
    big = Traits(**{short: 60})
    pair = [Request(f"N{i}", "new", MONDAY + i / 100, 1, traits=big) for i in range(2)]
    leave = Request("X1", "exit", MONDAY + 48, 0, traits=Traits(**{short: -60}))
    ledger, _ = desk_of([*pair, leave], cloud(capacity=pool))
    found = {(s.request, s.step): s.time_h - MONDAY for s in ledger.steps}
    assert found["N1", "room_found"] == 48
    assert ("N0", "room_wanted") not in found
    assert cloud_metrics(ledger)["cloud.waits_for_room"] == 1
    assert cloud_metrics(ledger)[f"cloud.{short[:-3]}_peak_share"] == 0.6


sizes = st.builds(Size, *[st.integers(0, 6)] * 3)


@given(st.lists(st.tuples(st.booleans(), sizes, st.integers(0, 2)), max_size=40))
def test_the_pool_never_promises_more_than_there_is_and_starves_nobody_who_is_first(acts):
    pool, held, waiting = Pool(Size(10, 10, 10), Size(0, 0, 0)), [], []
    for number, (asks, size, rank) in enumerate(acts):
        if asks:
            waiting.append((rank, number, size))
            pool.ask(size, lambda n=number: held.append(n), rank)
        else:
            pool.give(size)
        assert all(0 <= p <= most for p, most in zip(pool.promised, pool.limit, strict=True))
    left = sorted(w for w in waiting if w[1] not in held)
    if left:
        after = [p + s for p, s in zip(pool.promised, left[0][2], strict=True)]
        assert max(after) > 10


def test_late_notices_are_counted_and_only_they():
    none, every = (
        cloud_metrics(run(cloud(maintenance={"late_notice_share": share}))[0])["cloud.late_notices"]
        for share in (0.0, 1.0)
    )
    assert (none, every) == (0, 6)
    _, log = run(cloud(maintenance={"late_notice_share": 1.0}))
    assert {e.value for e in log if e.event == "maintenance_notified"} == {13.0}
    law = book().with_changes({"cloud.maintenance.days": 0})
    lax = run(cloud(maintenance={"late_notice_share": 1.0}), law=law)[0]
    assert cloud_metrics(lax)["cloud.late_notices"] == 0
