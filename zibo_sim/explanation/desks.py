"""The government cloud: clocks kept and missed, where requests wait, when the service stopped."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from zibo_sim.cloud.ledger import CloudLedger, Deadline
from zibo_sim.cloud.outcomes import STOPS, covered, step_times
from zibo_sim.cloud.parameters import SYSTEMS
from zibo_sim.explanation.case import Case
from zibo_sim.explanation.said import Statement, Word

#: The desk that works while a clock runs, and the law-book entry of the clock.
_WORK = {
    "accept": ("acceptance", "cloud.accept.days"),
    "opinion": ("audit", "cloud.opinion.days"),
    "test": ("provisioning", "cloud.test.days"),
    "filing": ("", "cloud.filing.months"),
}
_LEFT = ("test_from", "refused", "out_of_scope", "exempt", "exception_granted")
_RULES = {"completeness": "cloud.assess", "assessment": "cloud.assess",
          "acceptance": "cloud.accept.days", "audit": "cloud.opinion.days",
          "provisioning": "cloud.test.days", "applicant": "cloud.apply",
          "room": "cloud.lifecycle", "other": "cloud.lifecycle"}  # fmt: skip
_TAIL = 95


class Spell(NamedTuple):
    """Hours of a request in one state: at a desk, waiting for one, for room or the applicant."""

    state: str
    stage: str
    start_h: float
    end_h: float


def spells(ledger: CloudLedger, request: str) -> list[Spell]:
    """Return what a request waited for and when it was worked on, in order."""
    found = []
    for visit in ledger.visits:
        if visit.request == request:
            found.append(Spell("waiting", visit.stage, visit.ready_h, visit.start_h))
            found.append(Spell("work", visit.stage, visit.start_h, visit.done_h))
    marks = {"returned": "applicant", "room_wanted": "room"}
    ends = {"resubmitted": "applicant", "room_found": "room"}
    begun: dict[str, float] = {}
    for step in (s for s in ledger.steps if s.request == request):
        if step.step in marks:
            begun[marks[step.step]] = step.time_h
        elif step.step in ends and ends[step.step] in begun:
            state = ends[step.step]
            found.append(Spell(state, state, begun.pop(state), step.time_h))
    found += [Spell(state, state, start, np.inf) for state, start in begun.items()]
    return sorted(found, key=lambda s: (s.start_h, s.end_h))


def on_time(case: Case, metric: str) -> Iterator[Statement]:
    """Explain ``…_on_time``: each clock missed, and where its request waited meanwhile."""
    name = metric.removeprefix("cloud.").removesuffix("_on_time")
    ledger, (stage, rule) = case.outcome.cloud, _WORK[name]
    times, end = step_times(ledger), ledger.clock.hours
    due = [d for d in ledger.deadlines if d.clock == name and d.due_h <= end]
    done = {d: min(times.get((d.request, s), np.inf) for s in STOPS[name]) for d in due}
    late = [d for d in due if not done[d] < d.due_h]
    limit = case.law(rule)
    yield case.say("clock.sum", rule, clock=Word(f"clock.{name}"), kept=len(due) - len(late),
                   of=len(due), late=len(late), limit=Word(f"limit.{name}"),
                   days=limit)  # fmt: skip
    waited = worked = 0.0
    for deadline in late:
        statement, parts = _missed(case, deadline, done[deadline], stage, rule)
        yield statement
        yield from parts
        for part in parts:
            if part.key == "clock.waiting":
                waited += part.about["days"]
            elif part.key == "clock.work":
                worked += part.about["days"]
    if late and waited + worked > 0:
        servers = getattr(ledger.cloud, stage).servers
        yield case.say("clock.share", rule, waited=waited, worked=worked, stage=_stage(stage),
                       share=100 * waited / (waited + worked), servers=servers)  # fmt: skip


def _missed(
    case: Case, deadline: Deadline, done: float, stage: str, rule: str
) -> tuple[Statement, list[Statement]]:
    ledger, known = case.outcome.cloud, bool(np.isfinite(done))
    until = min(done, ledger.clock.hours)
    parts = []
    for spell in spells(ledger, deadline.request):
        start, end = max(spell.start_h, deadline.start_h), min(spell.end_h, until)
        days = _working(ledger, start, end)
        ours = spell.stage == stage or spell.state == "room"
        if ours and start < end and days > 0:
            parts.append(
                case.say(
                    f"clock.{spell.state}", _RULES.get(spell.stage, rule), depth=2, days=days,
                    stage=_stage(spell.stage), start=case.time(start), end=case.time(end),
                )
            )  # fmt: skip
    about: dict[str, Any] = {
        "request": deadline.request, "start": case.time(deadline.start_h),
        "due": case.clock.date(deadline.due_h - 1),
    }  # fmt: skip
    if known:
        about |= {"done": case.time(done), "late": _late_days(case, deadline, done)}
    return case.say(f"clock.{'late' if known else 'open'}", rule, depth=1, **about), parts


def _late_days(case: Case, deadline: Deadline, done: float) -> int:
    return int((case.clock.date(done) - case.clock.date(deadline.due_h - 1)).days)


def _working(ledger: CloudLedger, start: float, end: float) -> float:
    """Return working days between two instants."""
    office = ledger.office
    end = min(end, ledger.clock.hours)
    return (office.elapsed(end) - office.elapsed(start)) / office.per_day if end > start else 0.0


def _stage(stage: str) -> Word:
    return Word(f"stage.{stage}")


def backlog(case: Case, metric: str) -> Iterator[Statement]:
    """Explain ``cloud.backlog_mean``: how many requests were in which state on average."""
    del metric
    ledger = case.outcome.cloud
    times, end = step_times(ledger), float(ledger.clock.hours)
    hours: dict[tuple[str, str], float] = {}
    total = 0.0
    for request in (r for r in ledger.requests if r.kind in SYSTEMS):
        arrived = times.get((request.id, "submitted"), end)
        left = min(times.get((request.id, step), end) for step in _LEFT)
        total += left - arrived
        reached = arrived
        for spell in spells(ledger, request.id):
            start, stop = max(spell.start_h, reached), min(spell.end_h, left)
            if stop > start:
                key = (spell.state, spell.stage)
                hours[key] = hours.get(key, 0.0) + stop - start
                reached = stop
    rest = total - sum(hours.values())
    if rest > 1e-6 * end:
        hours["other", "other"] = rest
    yield case.say("backlog.sum", "cloud.lifecycle", mean=total / end, days=end / 24)
    for (state, stage), value in sorted(hours.items(), key=lambda item: -item[1]):
        yield case.say(f"backlog.{state}", _RULES[stage], depth=1, stage=_stage(stage),
                       mean=value / end, share=100 * value / total)  # fmt: skip


def lead_time_tail(case: Case, metric: str) -> Iterator[Statement]:
    """Explain ``cloud.lead_time_p95``: the requests that took longest, and where."""
    quantile = int(metric.rpartition("_p")[2])
    ledger = case.outcome.cloud
    times = step_times(ledger)
    taken = {
        request: _working(ledger, times[request, "submitted"], done)
        for (request, step), done in times.items()
        if step == "test_from"
    }
    rules = ("cloud.lifecycle", "cloud.test.days")
    if not taken:
        yield case.say("lead_time.none", *rules)
        return
    limit = float(np.percentile(list(taken.values()), quantile))
    slowest = sorted((r for r in taken if taken[r] >= limit), key=lambda r: -taken[r])
    yield case.say("lead_time.sum", *rules, count=len(taken), quantile=quantile, days=limit,
                   median=float(np.median(list(taken.values()))), slower=len(slowest))  # fmt: skip
    for request in slowest if quantile >= _TAIL else slowest[:5]:
        start, done = times[request, "submitted"], times[request, "test_from"]
        yield case.say("lead_time.request", "cloud.test.days", depth=1, request=request,
                       start=case.time(start), done=case.time(done),
                       days=taken[request])  # fmt: skip
        yield from _where(case, request, start, done)


def _where(case: Case, request: str, start: float, done: float) -> Iterator[Statement]:
    ledger, days = case.outcome.cloud, dict[tuple[str, str], float]()
    for spell in spells(ledger, request):
        key = (spell.state, spell.stage)
        part = _working(ledger, max(spell.start_h, start), min(spell.end_h, done))
        days[key] = days.get(key, 0.0) + part
    for (state, stage), value in sorted(days.items(), key=lambda item: -item[1]):
        if value >= 0.05:
            yield case.say(f"lead_time.{state}", _RULES[stage], depth=2, stage=_stage(stage),
                           days=value)  # fmt: skip


def availability(case: Case, metric: str) -> Iterator[Statement]:
    """Explain ``cloud.availability``: every loss of service, beside the planned windows."""
    del metric
    ledger, end = case.outcome.cloud, float(case.outcome.cloud.clock.hours)
    planned = covered(ledger.planned, end)
    lost = covered([*ledger.planned, *ledger.unplanned], end) - planned
    yield case.say("service.sum", "cloud.service.hours", lost=lost, hours=end, planned=planned,
                   of=end - planned)  # fmt: skip
    backup = [s for s in ledger.unplanned if s.start_h < end]
    for span in sorted(backup):
        rule = _cause(case, span.start_h)
        yield case.say("service.lost", rule, depth=1, start=case.time(span.start_h),
                       end=case.time(min(span.end_h, end)),
                       hours=min(span.end_h, end) - span.start_h)  # fmt: skip
    windows = [s for s in ledger.planned if s.start_h < end]
    if windows:
        yield case.say("service.planned", "cloud.maintenance.days", depth=1, count=len(windows),
                       hours=planned)  # fmt: skip


def _cause(case: Case, hour: float) -> str:
    """Return the clause under which the loss of service at an hour was logged."""
    starts = ("service_lost", "interruption_began")
    for event in case.outcome.log:
        if event.domain == "cloud" and event.event in starts and abs(event.time - hour) < 1e-6:
            return event.clause
    return "cloud.service.hours"
