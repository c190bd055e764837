"""The desk against queueing theory: an office that never closes, exponential times.

Every figure is compared with its formula inside a 99 % interval computed from replications. Below
it the experiments without chance: unlimited staff, deterministic paths, one reviewer more.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date

import numpy as np
import pytest
import simpy
from scipy.stats import t

from zibo_sim.clock import Clock
from zibo_sim.cloud.ledger import CloudLedger
from zibo_sim.cloud.outcomes import cloud_metrics
from zibo_sim.cloud.parameters import Cloud
from zibo_sim.cloud.process import Desk, cloud_desk
from zibo_sim.cloud.requests import Request
from zibo_sim.cloud.steps import DESKS, STAGES
from zibo_sim.law.book import book
from zibo_sim.streams import Streams

PERIOD = Clock(date(2018, 10, 1), date(2018, 12, 31))
WARM_UP, HOURS, REPLICATIONS = 250.0, 2000.0, 40

Draw = Callable[[np.random.Generator, int], np.ndarray]


class AlwaysOpen:
    """An office of twenty-four hours on every day."""

    per_day = 24.0

    def elapsed(self, hour: float) -> float:
        return hour

    def advance(self, hour: float, work: float) -> float:
        return hour + work


def queue(servers: int, rate: float, service: Draw, seed: int) -> CloudLedger:
    """Let customers come to the audit alone, at `rate` an hour."""
    rng = np.random.default_rng([20181119, seed])
    arrivals = rng.exponential(1 / rate, int(rate * HOURS * 1.2)).cumsum()
    work = service(rng, len(arrivals))
    env, cloud = simpy.Environment(), Cloud.model_validate({"audit": {"servers": servers}})
    ledger = CloudLedger(PERIOD, cloud, AlwaysOpen(), [])
    desk = Desk(env, [], ledger, book())

    def customer(number: int, at: float, hours: float):
        yield env.timeout(at)
        yield from desk.serve(Request(str(number), "new", at), "audit", hours)

    for number, (at, hours) in enumerate(zip(arrivals, work, strict=True)):
        env.process(customer(number, at, hours))
    env.run(until=HOURS)
    return ledger


def exponential(rate: float) -> Draw:
    return lambda rng, n: rng.exponential(1 / rate, n)


def lognormal(mean: float, cv: float) -> Draw:
    sigma = math.sqrt(math.log1p(cv**2))
    return lambda rng, n: mean * np.exp(sigma * rng.standard_normal(n) - sigma**2 / 2)


def mean_wait(ledger: CloudLedger) -> float:
    return float(np.mean([v.start_h - v.ready_h for v in ledger.visits if v.ready_h > WARM_UP]))


def interval(values: list[float]) -> tuple[float, float]:
    half = t.ppf(0.995, len(values) - 1) * np.std(values, ddof=1) / math.sqrt(len(values))
    return np.mean(values) - half, np.mean(values) + half


def erlang_c_wait(servers: int, rate: float, service_rate: float) -> float:
    """Return the mean wait of an M/M/c queue."""
    load = rate / service_rate
    busy = load**servers / math.factorial(servers) / (1 - load / servers)
    idle = sum(load**k / math.factorial(k) for k in range(servers))
    return busy / (busy + idle) / (servers * service_rate - rate)


@pytest.mark.parametrize(
    ("servers", "rate", "service_rate", "wait"), [(3, 1.2, 0.5, 2.157), (4, 2.0, 0.75, 0.3784)]
)
def test_the_wait_of_several_reviewers_is_that_of_erlang(servers, rate, service_rate, wait):
    theory = erlang_c_wait(servers, rate, service_rate)
    assert theory == pytest.approx(wait, abs=5e-4)
    runs = [queue(servers, rate, exponential(service_rate), r) for r in range(REPLICATIONS)]
    low, high = interval([mean_wait(run) for run in runs])
    assert low < theory < high
    assert high - low < 0.5 * theory


def test_the_wait_of_one_reviewer_is_that_of_pollaczek_and_khinchine():
    theory = 0.8 * (1 + 0.5**2) / (2 * (1 - 0.8))
    assert theory == pytest.approx(2.5)
    runs = [queue(1, 0.8, lognormal(1.0, 0.5), r) for r in range(REPLICATIONS)]
    low, high = interval([mean_wait(run) for run in runs])
    assert low < theory < high
    assert high - low < 0.5 * theory


def test_the_queue_seen_at_fixed_hours_obeys_little():
    rate, gaps = 2.0, []
    looks = np.arange(WARM_UP, HOURS - 50, 0.5)
    for replication in range(REPLICATIONS):
        visits = queue(4, rate, exponential(0.75), replication).visits
        ready = np.sort([v.ready_h for v in visits])
        start = np.sort([v.start_h for v in visits])
        waiting = np.searchsorted(ready, looks) - np.searchsorted(start, looks)
        seen = [v for v in visits if WARM_UP < v.ready_h < HOURS - 50]
        flow = len(seen) / (HOURS - 50 - WARM_UP)
        gaps.append(waiting.mean() - flow * np.mean([v.start_h - v.ready_h for v in seen]))
    low, high = interval(gaps)
    assert low < 0 < high
    assert high - low < 0.1 * rate * erlang_c_wait(4, rate, 0.75)


def test_the_backlog_of_a_winter_is_what_the_events_show_hour_by_hour():
    clock = Clock(date(2018, 10, 1), date(2019, 3, 31))
    env, log = simpy.Environment(), []
    given = {"clock": clock, "cloud": Cloud(), "law": book(), "streams": Streams(5)}
    ledger = cloud_desk(env, log, **given)
    env.run(until=clock.hours)
    looks = np.arange(clock.hours) + 0.5
    systems = [e for e in log if e.stage in ("new", "migration")]
    came = np.sort([e.time for e in systems if e.event == "submitted"])
    left = np.sort([e.time for e in systems if e.event in ("test_from", "refused")])
    inside = np.searchsorted(came, looks) - np.searchsorted(left, looks)
    assert inside.mean() == pytest.approx(cloud_metrics(ledger)["cloud.backlog_mean"], abs=0.02)


def tandem(seed: int) -> tuple[CloudLedger, list[float]]:
    """Run three stages in a row of which the last sends one in five back to the first."""
    rng = np.random.default_rng([20181119, 77, seed])
    n = int(0.5 * HOURS * 1.3)
    arrivals = rng.exponential(2.0, n).cumsum()
    env, cloud = simpy.Environment(), Cloud.model_validate({"assessment": {"servers": 1}})
    ledger = CloudLedger(PERIOD, cloud, AlwaysOpen(), [])
    desk, stays = Desk(env, [], ledger, book()), []

    def customer(number: int, at: float):
        yield env.timeout(at)
        request = Request(str(number), "new", at)
        while True:
            for stage, rate in (("assessment", 1.0), ("acceptance", 0.8), ("audit", 1.2)):
                yield from desk.serve(request, stage, rng.exponential(1 / rate))
            if rng.random() >= 0.2:
                break
        if at > WARM_UP:
            stays.append(env.now - at)

    for number, at in enumerate(arrivals):
        env.process(customer(number, at))
    env.run(until=HOURS)
    return ledger, stays


def test_the_stay_in_a_tandem_with_rework_is_that_of_jackson():
    rate = 0.5 / (1 - 0.2)
    theory = sum(rate / (mu - rate) for mu in (1.0, 0.8, 1.2)) / 0.5
    assert theory == pytest.approx(12.65, abs=5e-3)
    low, high = interval([float(np.mean(tandem(r)[1])) for r in range(3 * REPLICATIONS)])
    assert low < theory < high
    assert high - low < 0.25 * theory


WINTER = Clock(date(2018, 10, 1), date(2019, 3, 31))
LOADED = {
    "arrivals": {"new_per_day": 0.45},
    "queue": "priority",
    "prereview": {"on": True},
}


def winter(parameters: Cloud, replication: int = 0, seed: int = 8) -> CloudLedger:
    env = simpy.Environment()
    ledger = cloud_desk(
        env, [], clock=WINTER, cloud=parameters, law=book(), streams=Streams(seed, replication)
    )
    env.run(until=WINTER.hours)
    return ledger


@pytest.mark.parametrize("stage", DESKS)
@pytest.mark.parametrize("queue", ["fifo", "priority"])
def test_little_holds_at_every_stage_of_a_winter(stage: str, queue: str):
    """The time average of those at a stage is their flow times their stay, whatever the order."""
    cloud = Cloud.model_validate({**LOADED, "queue": queue})
    ledger = winter(cloud)
    end = float(WINTER.hours)
    visits = [v for v in ledger.visits if v.stage == stage and v.done_h < end]
    stays = np.array([v.done_h - v.ready_h for v in visits])
    ready, done = (np.sort([v[i] for v in visits]) for i in (2, 4))
    looks = np.arange(WINTER.hours * 4) / 4 + 0.1  # every quarter of an hour
    inside = np.searchsorted(ready, looks) - np.searchsorted(done, looks)
    assert len(visits) > 20
    assert inside.mean() == pytest.approx(len(visits) / end * stays.mean(), abs=0.01)


def unlimited(**groups) -> Cloud:
    staff = {stage: {"servers": 10_000, **groups.pop(stage, {})} for stage in DESKS}
    room = {"vcpu": 10**7, "memory_gb": 10**9, "storage_gb": 10**12}
    return Cloud.model_validate({**staff, "capacity": room, **groups})


@pytest.mark.parametrize("replication", range(10))
def test_with_staff_and_room_without_limit_a_clock_is_missed_only_by_a_long_service(replication):
    ledger = winter(unlimited(arrivals={"new_per_day": 2.0}, prereview={"on": True}), replication)
    assert all(v.start_h == v.ready_h for v in ledger.visits)
    assert not any(s.step == "room_wanted" for s in ledger.steps)
    stops = {"accept": ("accepted", "refused"), "opinion": ("opinion",), "test": ("test_from",)}
    served = {"accept": "acceptance", "opinion": "audit", "test": "provisioning"}
    times = {(s.request, s.step): s.time_h for s in ledger.steps}
    work = {r.id: r for r in ledger.requests}
    missed = 0
    for deadline in ledger.deadlines:
        if deadline.clock == "filing":
            continue
        done = [
            times[key] for s in stops[deadline.clock] if (key := (deadline.request, s)) in times
        ]
        late = not done or done[0] >= deadline.due_h
        service = getattr(work[deadline.request], served[deadline.clock])
        takes_too_long = ledger.office.advance(deadline.start_h, service) >= deadline.due_h
        if done or deadline.due_h <= WINTER.hours:
            assert late == takes_too_long
            missed += late
    assert missed > 0


def test_a_path_without_chance_is_the_sum_of_its_parts():
    """No variation, no returns, nobody else: every step is where the working hours put it."""
    calm = {stage: {"cv": 0.0} for stage in DESKS}
    quiet = {"new_per_day": 0.0, "change_per_day": 0.0, "exit_per_day": 0.0}
    wave = {**quiet, "migration_waves": [["11-26", 1]], "migration_spread_days": 0.0}
    plain = {"rework_share": 0.0, "refusal_share": 0.0, "test_extension_share": 0.0}
    filing = {"median_days": 30.0, "gsd": 1.0}
    ledger = winter(Cloud.model_validate({**calm, "arrivals": wave, "requests": plain,
                                          "filing": filing}))  # fmt: skip
    elapsed, times = ledger.office.elapsed, {s.step: s.time_h for s in ledger.steps}
    done, at = 0.0, {}
    for stage in STAGES:
        done += getattr(ledger.cloud, stage).mean_days * 8
        at[stage] = elapsed(times["submitted"]) + done
    found = [elapsed(times[s]) for s in ("assessed", "accepted", "opinion", "test_from")]
    wanted = [at[s] for s in ("assessment", "acceptance", "audit", "provisioning")]
    assert found == pytest.approx(wanted, abs=1e-5)
    supplied = WINTER.date(times["test_from"])
    assert times["test_ends"] == pytest.approx(WINTER.hour(supplied) + 16 * 24, abs=1 / 3600 + 1e-9)
    assert elapsed(times["live"]) == pytest.approx(elapsed(times["test_ends"]), abs=1e-5)
    assert times["filed"] - times["live"] == pytest.approx(30 * 24, abs=24 * 3)


@pytest.mark.parametrize("stage", DESKS)
def test_one_more_reviewer_changes_no_row_of_any_request(stage: str):
    """Not one arrival, size, service time or outcome, compared row by row."""
    base = Cloud.model_validate(LOADED)
    servers = getattr(base, stage).servers + 1
    more = Cloud.model_validate({**LOADED, stage: {"servers": servers},
                                 "prereview": {"on": True, **({"servers": servers} if stage ==
                                               "prereview" else {})}})  # fmt: skip
    for replication in range(5):
        one, two = winter(base, replication), winter(more, replication)
        assert len(one.requests) == len(two.requests) > 100
        for ours, theirs in zip(one.requests, two.requests, strict=True):
            assert ours == theirs
        ends = [
            {(s.request, s.step) for s in x.steps if s.step in ("refused", "exempt")}
            for x in (one, two)
        ]
        reached = {s.request for s in one.steps} & {s.request for s in two.steps}
        decided = [{r for r, _ in e} & reached for e in ends]
        accepted = [{s.request for s in x.steps if s.step == "accepted"} for x in (one, two)]
        assert not decided[0] & accepted[1]
        assert not decided[1] & accepted[0]
