"""Figures of the government cloud, measured on the rows of a finished run."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from zibo_sim.cloud.ledger import CloudLedger, Deadline, Span

#: The steps that stop each clock.
STOPS = {"accept": ("accepted", "refused"), "opinion": ("opinion",), "test": ("test_from",)}

Times = dict[tuple[str, str], float]


def cloud_metrics(ledger: CloudLedger) -> dict[str, float | None]:
    """Return the metrics of the cloud by name; None where a run does not define one.

    ``requests`` counts the submissions of the period, of all kinds. A clock falls due at the end
    of its last day; of the clocks due in the period ``…_on_time`` is the share kept, one still
    open then being missed. The lead time runs, in working days, from submission to the test
    environment, time at the applicant included, over the requests that reached it in the period:
    those still waiting at the end are left out, so that a growing backlog shows in
    ``backlog_mean`` first. ``backlog_mean`` counts new and migrating systems between submission
    and test environment or refusal, averaged over all hours. A service that runs past the end is
    busy time up to the end.

    Parameters
    ----------
    ledger : CloudLedger
        Of a run that reached the end of its period; rows later than that are left out.

    Returns
    -------
    dict of str to float or None
    """
    times = _times(ledger)
    leads = _lead_times(ledger, times)
    return {
        "cloud.requests": float(sum(step == "submitted" for _, step in times)),
        "cloud.accept_on_time": _on_time(ledger, times, "accept"),
        "cloud.opinion_on_time": _on_time(ledger, times, "opinion"),
        "cloud.test_on_time": _on_time(ledger, times, "test"),
        "cloud.lead_time_p50": float(np.percentile(leads, 50)) if leads else None,
        "cloud.lead_time_p95": float(np.percentile(leads, 95)) if leads else None,
        "cloud.backlog_mean": _backlog(ledger, times),
        "cloud.audit_utilisation": utilisation(ledger, "audit"),
        "cloud.vcpu_peak_share": _peak_share(ledger),
        "cloud.availability": _availability(ledger),
    }


def _times(ledger: CloudLedger) -> Times:
    """Return when each request reached each step in the period; of repeated steps the last."""
    end = ledger.clock.hours
    return {(s.request, s.step): s.time_h for s in ledger.steps if s.time_h < end}


def _on_time(ledger: CloudLedger, times: Times, clock: str) -> float | None:
    due = [d for d in ledger.deadlines if d.clock == clock and d.due_h <= ledger.clock.hours]
    return sum(_kept(d, times) for d in due) / len(due) if due else None


def _kept(deadline: Deadline, times: Times) -> bool:
    stops = ((deadline.request, step) for step in STOPS[deadline.clock])
    return any(times.get(stop, np.inf) < deadline.due_h for stop in stops)


def _lead_times(ledger: CloudLedger, times: Times) -> list[float]:
    elapsed, per_day = ledger.office.elapsed, ledger.office.per_day
    return [
        (elapsed(done) - elapsed(times[request, "submitted"])) / per_day
        for (request, step), done in times.items()
        if step == "test_from"
    ]


def _backlog(ledger: CloudLedger, times: Times) -> float:
    end, hours = ledger.clock.hours, 0.0
    for request in ledger.requests:
        arrived = times.get((request.id, "submitted"), end)
        if request.kind in ("new", "migration"):
            refused = times.get((request.id, "refused"), end)
            hours += times.get((request.id, "test_from"), refused) - arrived
    return hours / end


def utilisation(ledger: CloudLedger, stage: str) -> float | None:
    """Return busy ÷ staffed working time of a stage; None when the period has no working time."""
    elapsed, end = ledger.office.elapsed, ledger.clock.hours
    staffed = getattr(ledger.cloud, stage).servers * elapsed(end)
    busy = sum(
        elapsed(min(v.done_h, end)) - elapsed(v.start_h)
        for v in ledger.visits
        if v.stage == stage and v.start_h < end
    )
    return busy / staffed if staffed else None


def _peak_share(ledger: CloudLedger) -> float:
    end = ledger.clock.hours
    promised = [a.vcpu for a in ledger.allocations if a.time_h < end]
    return max([ledger.initial_vcpu, *promised]) / ledger.capacity_vcpu


def _availability(ledger: CloudLedger) -> float | None:
    """Return 1 − unplanned ÷ (period − planned); a failure within a window is not counted."""
    end = ledger.clock.hours
    planned = covered(ledger.planned, end)
    unplanned = covered([*ledger.planned, *ledger.unplanned], end) - planned
    return 1 - unplanned / (end - planned) if planned < end else None


def covered(spans: Iterable[Span], end: float) -> float:
    """Return the hours before `end` that lie in any of the spans."""
    total = reached = 0.0
    for start, stop in sorted(spans):
        total += max(min(stop, end) - max(start, reached), 0.0)
        reached = max(reached, min(stop, end))
    return total
