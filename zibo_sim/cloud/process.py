"""The cloud desk: requests pass its stages, by turn or by rank, and leave rows behind.

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
from zibo_sim.cloud.arrivals import A_MOMENT
from zibo_sim.cloud.ledger import Allocation, CloudLedger, Deadline, Step, Visit
from zibo_sim.cloud.operations import plan_operations
from zibo_sim.cloud.parameters import KINDS, SYSTEMS, Cloud
from zibo_sim.cloud.pool import Pool
from zibo_sim.cloud.requests import Plea, Request, draw_requests
from zibo_sim.cloud.steps import CLAUSES, DESKS, LIMITS, SUBMITTED
from zibo_sim.cloud.traits import draw_stock
from zibo_sim.law.book import Law
from zibo_sim.records import Event
from zibo_sim.streams import Streams

Process = Generator[simpy.Event, Any, None]
A_SECOND = 1 / 3600
#: How the entity of what comes before a request begins, by the first word of the step.
BEFORE = {"prereview": "P-", "exception": "E-"}


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
    ledger = CloudLedger(clock, cloud, office, requests, draw_stock(cloud, streams))
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
        cloud = ledger.cloud
        self.ranked = cloud.queue == "priority"
        desk = simpy.PriorityResource if self.ranked else simpy.Resource
        self.staff: dict[str, Any] = {s: desk(env, getattr(cloud, s).servers) for s in DESKS}
        order = cloud.priority
        self.ranks = {kind: order.index(kind) if kind in order else len(order) for kind in KINDS}
        self.pool = Pool(ledger.capacity, ledger.initial)
        self.exempt_grade = law("cloud.exempt.grade")
        self.clauses = {step: law.clause(key) for step, key in CLAUSES.items()}
        self.submitted = {kind: law.clause(key) for kind, key in SUBMITTED.items()}
        self.due: dict[str, date] = {}

    def expect(self, requests: list[Request]) -> None:
        """Let every request arrive at its time."""
        for request in requests:
            applies = request.kind in SYSTEMS
            self.env.process(self.application(request) if applies else self.order(request))

    def application(self, request: Request) -> Process:
        """第五条, 第十一条, 第十三条: from the papers to formal operation and the filing."""
        yield self.env.timeout(request.arrival_h)
        if self.ledger.cloud.prereview.on and request.kind == "new":
            yield from self.prereview(request)
            if request.traits.declined:
                return
        if request.plea and not self.outside(request):
            yield from self.exception(request, request.plea)
            if request.plea.granted:
                return
        self.record(request, "submitted")
        if outside := self.outside(request):
            self.record(request, outside)
            return
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
        yield from self.take(request)
        yield from self.serve(request, "provisioning", request.provisioning)
        self.record(request, "test_from")
        yield from self.test(request)
        self.record(request, "live")
        if request.traits.filing_d < math.inf:
            yield self.env.timeout(request.traits.filing_d * HOURS_PER_DAY)
            yield self.work(A_MOMENT)
            self.record(request, "filed")

    def order(self, request: Request) -> Process:
        """第十二条: a change or an exit; the provider carries it out, and no clock runs."""
        yield self.env.timeout(request.arrival_h)
        self.record(request, "submitted")
        yield from self.take(request)
        yield from self.serve(request, "provisioning", request.provisioning)
        self.give_back(request)
        self.record(request, "changed" if request.kind == "change" else "exited")

    def prereview(self, request: Request) -> Process:
        """第十一条: the project is examined before anything is applied for (前置评审)."""
        self.record(request, "prereview_asked")
        yield from self.serve(request, "prereview", request.traits.prereview)
        declined = request.traits.declined
        self.record(request, "prereview_declined" if declined else "prereview_approved")

    def exception(self, request: Request, plea: Plea) -> Process:
        """第四条: a system that cannot move asks to stay, and the department examines it (审核).

        No limit is set; the time it takes is taken from none of the staff of other stages.
        """
        self.record(request, "exception_asked")
        yield self.work(plea.work)
        self.record(request, "exception_granted" if plea.granted else "exception_denied")

    def outside(self, request: Request) -> str | None:
        """第三条, 第四条: classified systems are outside, grade four and above need not move."""
        if request.traits.classified:
            return "out_of_scope"
        exempt = request.kind != "new" and request.traits.grade >= self.exempt_grade
        return "exempt" if exempt else None

    def papers(self, request: Request) -> Process:
        """Check the papers until they are complete; returned ones wait for the applicant."""
        *incomplete, complete = request.checks
        for check, amendment in zip(incomplete, request.amendments, strict=True):
            yield from self.serve(request, "completeness", check)
            self.record(request, "returned")
            yield self.work(amendment)
            self.record(request, "resubmitted")
        yield from self.serve(request, "completeness", complete)

    def serve(self, request: Request, stage: str, work: float) -> Process:
        """Request one of the staff of `stage`, wait, be served, leave a row."""
        ready = self.env.now
        with self.staff[stage].request(*self.rank(request)) as turn:
            yield turn
            start = self.env.now
            done = self.ledger.office.advance(start, work)
            self.ledger.visits.append(Visit(request.id, stage, ready, start, done))
            yield self.until(done)

    def test(self, request: Request) -> Process:
        """第十一条(四): 15 calendar days, longer where need be; operation from the next opening."""
        last = clocks.test_ends(self.ledger.clock.date(self.env.now), self.law)
        end = self.ledger.clock.hour(last) + HOURS_PER_DAY
        if request.extension_d:
            yield self.until(end)
            days = math.ceil(request.extension_d)
            self.record(request, "extended", days, "d")
            end += days * HOURS_PER_DAY
        # 24:00 still belongs to the last day; its last second is dated so.
        yield self.until(max(end - A_SECOND, self.env.now))
        self.record(request, "test_ends")
        yield self.until(end)
        yield self.work(A_MOMENT)

    def work(self, hours: float) -> simpy.Event:
        """Let office hours pass."""
        return self.until(self.ledger.office.advance(self.env.now, hours))

    def until(self, hour: float) -> simpy.Event:
        """Wait until `hour`; for ever when it lies beyond the calendar of the run."""
        return self.env.timeout(hour - self.env.now) if hour < math.inf else self.env.event()

    def rank(self, request: Request) -> tuple[int, ...]:
        """Return the request's place in the order of service; nothing where turn decides."""
        return (self.ranks[request.kind],) if self.ranked else ()

    def take(self, request: Request) -> Process:
        """Wait for room in the pool and take it, all three at once."""
        more = request.size.over()
        if not any(more):
            return
        granted = self.env.event()
        self.pool.ask(more, granted.succeed, *self.rank(request))
        if waits := not granted.triggered:
            self.ledger.steps.append(Step(request.id, "room_wanted", self.env.now))
        yield granted
        if waits:
            self.ledger.steps.append(Step(request.id, "room_found", self.env.now))
        self.allocated()

    def give_back(self, request: Request) -> None:
        """Return room to the pool, no more than is promised."""
        if any(self.pool.give(request.size.under())):
            self.allocated()

    def allocated(self) -> None:
        """Write down what is promised now."""
        self.ledger.allocations.append(Allocation(self.env.now, *self.pool.promised))

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
        # A request's first event is its submission; what comes before it has a name of its own.
        entity = f"{BEFORE.get(step.partition('_')[0], '')}{request.id}"
        event = Event(now, "cloud", entity, step, kind, None, float(value), unit, clause)
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
