"""The desk against queueing theory: an office that never closes, exponential times.

Every figure is compared with its formula inside a 99 % interval computed from replications.
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
