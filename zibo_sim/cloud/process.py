"""The cloud desk: requests pass its stages, first come first served, and leave rows behind.

A request in service keeps its server overnight, but work goes on in office hours only. Everything
random was drawn before (`zibo_sim.cloud.requests`); here is only who waits for whom.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from datetime import date
from typing import Any

import simpy

from zibo_sim.clock import HOURS_PER_DAY, Clock, WorkingTime
from zibo_sim.cloud import clocks
from zibo_sim.cloud.ledger import Allocation, CloudLedger, Deadline, Step, Visit
from zibo_sim.cloud.operations import plan_operations
from zibo_sim.cloud.parameters import Cloud
from zibo_sim.cloud.requests import A_MOMENT, Request, draw_requests
from zibo_sim.law.book import Law
from zibo_sim.records import Event
from zibo_sim.streams import Streams

Process = Generator[simpy.Event, Any, None]

STAGES = ("completeness", "assessment", "acceptance", "audit", "provisioning")

#: Which entry of the law book commands or allows each step of a request.
CLAUSES = {
    "submitted": "cloud.apply",
    "returned": "cloud.assess",
    "resubmitted": "cloud.apply",
    "assessed": "cloud.assess",
    "accepted": "cloud.accept.days",
    "refused": "cloud.refuse.reasons",
    "opinion": "cloud.opinion.days",
    "test_from": "cloud.test.days",
    "extended": "cloud.test_extension",
    "test_ends": "cloud.test_period.days",
    "live": "cloud.live.support",
    "changed": "cloud.change_execution",
    "exited": "cloud.change_execution",
}
#: Where a request is submitted under another clause than that of new systems.
SUBMITTED = {"change": "cloud.change", "exit": "cloud.change", "migration": "cloud.migrate"}
#: The clock that begins with a step; the next step of the request stops it.
LIMITS = {
    "assessed": ("accept", clocks.accept_by),
    "accepted": ("opinion", clocks.opinion_by),
    "opinion": ("test", clocks.test_by),
}


def cloud_desk(
    env: simpy.Environment,
    log: list[Event],
    *,
    clock: Clock,
    cloud: Cloud,
    law: Law,
    streams: Streams,
    in_force_only: bool = False,
) -> CloudLedger:
    """Put the government cloud on the environment; rows appear as it runs.

    Parameters
    ----------
    env : simpy.Environment
        At hour 0; to be run until ``clock.hours``.
    log : list of Event
        Takes the events of requests and of the platform.
    clock, cloud, law, streams
        Period, parameters, law and random streams of the run.
    in_force_only : bool
        Whether requests submitted before 147号 was in force have no clocks.

    Returns
    -------
    CloudLedger
        What `zibo_sim.cloud.outcomes.cloud_metrics` measures after the run.
    """
    office = WorkingTime(clock, cloud.office.opens, cloud.office.closes)
    requests = draw_requests(clock, cloud, office, streams)
    ledger = CloudLedger(clock, cloud, office, requests)
    desk = Desk(env, log, ledger, law, in_force_only=in_force_only)
    desk.expect(requests)
    env.process(platform(env, log, plan_operations(ledger, law, streams)))
    return ledger


def platform(env: simpy.Environment, log: list[Event], diary: list[Event]) -> Process:
    """Let the platform's events happen at their times."""
    for event in diary:
        yield env.timeout(max(event.time - env.now, 0.0))
        log.append(event)


class Desk:
    """Staff, pool and running clocks of one run.

    Parameters
    ----------
    env : simpy.Environment
    log : list of Event
    ledger : CloudLedger
        Holds the parameters and takes the rows.
    law : Law
    in_force_only : bool
    """

    def __init__(
        self,
        env: simpy.Environment,
        log: list[Event],
        ledger: CloudLedger,
        law: Law,
        *,
        in_force_only: bool = False,
    ) -> None:
        self.env, self.log, self.ledger, self.law = env, log, ledger, law
        self.in_force_only = in_force_only
        self.staff = {
            stage: simpy.Resource(env, getattr(ledger.cloud, stage).servers) for stage in STAGES
        }
        free = ledger.capacity_vcpu - ledger.initial_vcpu
        self.pool = simpy.Container(env, ledger.capacity_vcpu, free)
        self.clauses = {step: law.clause(key) for step, key in CLAUSES.items()}
        self.submitted = {kind: law.clause(key) for kind, key in SUBMITTED.items()}
        self.due: dict[str, date] = {}

    def expect(self, requests: list[Request]) -> None:
        """Let every request arrive at its time."""
        for request in requests:
            applies = request.kind in ("new", "migration")
            self.env.process(self.application(request) if applies else self.order(request))

    def application(self, request: Request) -> Process:
        """第十一条, 第十三条: from the papers to formal operation."""
        yield self.env.timeout(request.arrival_h)
        self.record(request, "submitted")
        yield from self.papers(request)
        yield from self.serve(request, "assessment", request.assessment)
        self.record(request, "assessed")
        yield from self.serve(request, "acceptance", request.acceptance)
        if request.refused:
            self.record(request, "refused")
            return
        self.record(request, "accepted")
        yield from self.serve(request, "audit", request.audit)
        self.record(request, "opinion")
        yield from self.take(request.vcpu)
        yield from self.serve(request, "provisioning", request.provisioning)
        self.record(request, "test_from")
        yield from self.test(request)
        self.record(request, "live")

    def order(self, request: Request) -> Process:
        """第十二条: a change or an exit; the provider carries it out, and no clock runs."""
        yield self.env.timeout(request.arrival_h)
        self.record(request, "submitted")
        yield from self.take(request.vcpu)
        yield from self.serve(request, "provisioning", request.provisioning)
        yield from self.give_back(-request.vcpu)
        self.record(request, "changed" if request.kind == "change" else "exited")

    def papers(self, request: Request) -> Process:
        """Check the papers until they are complete; returned ones wait for the applicant."""
        *incomplete, complete = request.checks
        for check, amendment in zip(incomplete, request.amendments, strict=True):
            yield from self.serve(request, "completeness", check)
            self.record(request, "returned")
            yield from self.work(amendment)
            self.record(request, "resubmitted")
        yield from self.serve(request, "completeness", complete)

    def serve(self, request: Request, stage: str, work: float) -> Process:
        """Request one of the staff of `stage`, wait, be served, leave a row."""
        ready = self.env.now
        with self.staff[stage].request() as turn:
            yield turn
            start = self.env.now
            done = self.ledger.office.advance(start, work)
            self.ledger.visits.append(Visit(request.id, stage, ready, start, done))
            yield from self.until(done)

    def test(self, request: Request) -> Process:
        """第十一条(四): 15 calendar days, longer where need be; operation from the next opening."""
        last = clocks.test_ends(self.ledger.clock.date(self.env.now), self.law)
        yield from self.until(self.ledger.clock.hour(last) + HOURS_PER_DAY)
        if request.extension_d:
            days = math.ceil(request.extension_d)
            self.record(request, "extended", days, "d")
            yield self.env.timeout(days * HOURS_PER_DAY)
        self.record(request, "test_ends")
        yield from self.work(A_MOMENT)

    def work(self, hours: float) -> Process:
        """Let office hours pass."""
        yield from self.until(self.ledger.office.advance(self.env.now, hours))

    def until(self, hour: float) -> Process:
        """Wait until `hour`; for ever when it lies beyond the calendar of the run."""
        yield self.env.timeout(hour - self.env.now) if hour < math.inf else self.env.event()

    def take(self, vcpu: int) -> Process:
        """Wait for room in the pool and take it."""
        if vcpu > 0:
            yield self.pool.get(vcpu)
            self.allocated()

    def give_back(self, vcpu: int) -> Process:
        """Return vCPU to the pool, no more than is promised."""
        vcpu = min(vcpu, math.floor(self.pool.capacity - self.pool.level))
        if vcpu > 0:
            yield self.pool.put(vcpu)
            self.allocated()

    def allocated(self) -> None:
        """Write down what is promised now."""
        promised = self.pool.capacity - self.pool.level
        self.ledger.allocations.append(Allocation(self.env.now, promised))

    def record(self, request: Request, step: str, value: float = math.nan, unit: str = "") -> None:
        """Write a step into ledger and log; stop the clock that runs, start the one that begins.

        The event's value is the vCPU of a submission, and the days by which a step with a limit
        was late, negative when early.
        """
        clause = self.clauses[step]
        if step == "submitted":
            value, unit = request.vcpu, "vCPU"
            clause = self.submitted.get(request.kind, clause)
        elif request.id in self.due:
            today = self.ledger.clock.date(self.env.now)
            value, unit = (today - self.due.pop(request.id)).days, "d"
        now, kind = self.env.now, request.kind
        self.ledger.steps.append(Step(request.id, step, now))
        event = Event(now, "cloud", request.id, step, kind, None, float(value), unit, clause)
        self.log.append(event)
        if step in LIMITS and self.has_clocks(request):
            self.start_clock(request, *LIMITS[step])

    def start_clock(self, request: Request, name: str, limit: Any) -> None:
        """Write down by when the next step is due."""
        clock, now = self.ledger.clock, self.env.now
        due = limit(clock.date(now), self.law)
        self.due[request.id] = due
        end = clock.hour(due) + HOURS_PER_DAY
        self.ledger.deadlines.append(Deadline(request.id, name, now, end))

    def has_clocks(self, request: Request) -> bool:
        """Say whether 147号 applies to the request."""
        if not self.in_force_only:
            return True
        document = self.law.entry("cloud.accept.days").document
        return document.in_force(self.ledger.clock.date(request.arrival_h))
