"""Requests are drawn before the run, each source from streams of its own."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zibo_sim.clock import Clock, WorkingTime, working_calendar
from zibo_sim.cloud.parameters import Cloud
from zibo_sim.cloud.requests import draw_requests
from zibo_sim.streams import Streams

WINTER = Clock(date(2018, 10, 1), date(2019, 3, 31))
STAGES = ("completeness", "assessment", "acceptance", "audit", "provisioning")


def cloud(**groups) -> Cloud:
    return Cloud.model_validate(groups)


def drawn(parameters, seed=1, replication=0, clock=WINTER):
    office = WorkingTime(clock, parameters.office.opens, parameters.office.closes)
    return draw_requests(clock, parameters, office, Streams(seed, replication))


def by_kind(requests, kind):
    return {r.id: r for r in requests if r.kind == kind}


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(STAGES), st.integers(1, 10_000), st.integers(0, 2**31))
def test_more_reviewers_change_no_row(stage, servers, seed):
    assert drawn(cloud(**{stage: {"servers": servers}}), seed) == drawn(Cloud(), seed)


@settings(max_examples=25, deadline=None)
@given(st.floats(0, 5), st.integers(0, 2**31))
def test_another_rate_of_new_systems_moves_new_systems_only(rate, seed):
    base, other = drawn(Cloud(), seed), drawn(cloud(arrivals={"new_per_day": rate}), seed)
    for kind in ("change", "exit", "migration"):
        assert by_kind(other, kind) == by_kind(base, kind)
    ours, theirs = by_kind(base, "new"), by_kind(other, "new")
    for name in ours.keys() & theirs.keys():
        assert ours[name]._replace(arrival_h=0) == theirs[name]._replace(arrival_h=0)


def test_a_higher_rate_brings_each_request_earlier_and_more_of_them():
    base = by_kind(drawn(Cloud()), "new")
    more = by_kind(drawn(cloud(arrivals={"new_per_day": 0.7})), "new")
    assert len(more) > len(base) > 0
    assert all(more[name].arrival_h < request.arrival_h for name, request in base.items())


def test_a_further_wave_leaves_the_first_where_it_was():
    base = by_kind(drawn(cloud(arrivals={"migration_waves": [["11-26", 4]]})), "migration")
    more = [["11-26", 4], ["12-03", 9]]
    assert (
        base.items()
        <= by_kind(drawn(cloud(arrivals={"migration_waves": more})), "migration").items()
    )


def test_a_wave_outside_the_period_does_not_come():
    assert not by_kind(drawn(cloud(arrivals={"migration_waves": [["06-01", 9]]})), "migration")


def test_a_wave_that_starts_on_a_holiday_comes_when_offices_open():
    wave = {"migration_waves": [["10-01", 5]], "migration_spread_days": 0.0}
    times = [r.arrival_h for r in by_kind(drawn(cloud(arrivals=wave)), "migration").values()]
    assert {WINTER.datetime(t).isoformat() for t in times} == {"2018-10-08T09:00:00"}


def test_requests_come_in_office_hours_of_working_days_in_order():
    requests = drawn(cloud(arrivals={"new_per_day": 20.0}))
    times = [WINTER.datetime(r.arrival_h) for r in requests]
    assert times == sorted(times)
    assert all(working_calendar().is_working(t) and 9 <= t.hour < 18 for t in times)
    assert len({r.id for r in requests}) == len(requests)


def test_arrivals_are_poisson_at_the_rate_asked_for():
    counts = [len(by_kind(drawn(Cloud(), 1, r), "change")) for r in range(300)]
    mean = 0.9 * WorkingTime(WINTER).elapsed(WINTER.hours) / 8
    assert abs(np.mean(counts) - mean) < 3.3 * np.sqrt(mean / 300)
    assert 0.75 < np.var(counts) / mean < 1.3


def test_no_rate_no_requests():
    none = {"new_per_day": 0.0, "change_per_day": 0.0, "exit_per_day": 0.0, "migration_waves": []}
    assert drawn(cloud(arrivals=none)) == []


def test_service_times_have_the_mean_and_variation_asked_for():
    many = drawn(cloud(arrivals={"new_per_day": 100.0, "migration_waves": []}))
    work = np.array([r.audit for r in many if r.kind == "new"])
    assert work.mean() == pytest.approx(1.5 * 8, rel=0.03)
    assert work.std() / work.mean() == pytest.approx(0.6, rel=0.05)
    sizes = np.array([r.vcpu for r in many if r.kind == "new"])
    assert np.median(sizes) == pytest.approx(16, abs=1)


def test_no_variation_gives_the_mean_exactly():
    requests = drawn(cloud(audit={"cv": 0.0}, requests={"size_gsd": 1.0}))
    assert {r.audit for r in requests if r.kind == "new"} == {12.0}
    assert {r.vcpu for r in requests if r.kind == "new"} == {16}
    assert {r.vcpu for r in requests if r.kind == "exit"} == {-16}


def test_shares_of_none_and_of_all_are_kept():
    shares = ("rework_share", "refusal_share", "test_extension_share")
    none = drawn(cloud(requests=dict.fromkeys(shares, 0.0)))
    assert not any(r.refused or r.extension_d or r.amendments for r in none)
    every = drawn(cloud(requests={**dict.fromkeys(shares, 1.0), "max_returns": 3}))
    new = by_kind(every, "new").values()
    assert all(r.refused and r.extension_d for r in new)
    assert {(len(r.checks), len(r.amendments)) for r in new} == {(4, 3)}


def test_a_larger_share_returns_the_same_papers_and_more():
    low, high = (by_kind(drawn(cloud(requests={"rework_share": s})), "new") for s in (0.2, 0.5))
    for name, request in low.items():
        assert request.amendments == high[name].amendments[: len(request.amendments)]
    assert sum(len(r.amendments) for r in high.values()) > sum(
        len(r.amendments) for r in low.values()
    )


def test_no_system_is_larger_than_the_pool():
    small = drawn(cloud(capacity={"vcpu": 3, "overcommit": 1.5}))
    assert max(r.vcpu for r in small) <= 4
    assert min(r.vcpu for r in small if r.kind == "new") >= 1
