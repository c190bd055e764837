"""Figures of the government cloud, measured on the rows of a finished run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np

from zibo_sim.cloud.ledger import CloudLedger, Deadline, Span
from zibo_sim.cloud.parameters import SYSTEMS
from zibo_sim.cloud.usage import Fee, Times, fees, holdings, idle_shares
from zibo_sim.cloud.use_parameters import CITY

#: The steps that stop each clock.
STOPS = {
    "accept": ("accepted", "refused"),
    "opinion": ("opinion",),
    "test": ("test_from",),
    "filing": ("filed",),
}
#: The steps with which a system leaves the backlog.
_LEFT = ("test_from", "refused", "out_of_scope", "exempt")


def cloud_metrics(ledger: CloudLedger) -> dict[str, float | None]:
    """Return the metrics of the cloud by name; None where a run does not define one.

    ``requests`` counts the submissions of the period, of all kinds. A clock falls due at the end
    of its last day; of the clocks due in the period ``…_on_time`` is the share kept, one still
    open then being missed. The lead time runs, in working days, from submission to the test
    environment, time at the applicant included, over the requests that reached it in the period:
    those still waiting at the end are left out, so that a growing backlog shows in
    ``backlog_mean`` first. ``backlog_mean`` counts new and migrating systems between submission
    and test environment or refusal, averaged over all hours. A service that runs past the end is
    busy time up to the end. ``idle_share`` and ``overprovisioned_share`` are shares of the vCPU of
    all systems of the period (第二十七条); ``fees`` what all payers owe for it (第二十九条).

    Parameters
    ----------
    ledger : CloudLedger
        Of a run that reached the end of its period; rows later than that are left out.

    Returns
    -------
    dict of str to float or None
    """
    times = step_times(ledger)
    reached = Counter(step for _, step in times)
    leads, available = _lead_times(ledger, times), availability(ledger)
    median, most = np.percentile(leads, (50, 95)).tolist() if leads else (None, None)
    return {
        "cloud.requests": float(reached["submitted"]),
        "cloud.accept_on_time": _on_time(ledger, times, "accept"),
        "cloud.opinion_on_time": _on_time(ledger, times, "opinion"),
        "cloud.test_on_time": _on_time(ledger, times, "test"),
        "cloud.lead_time_p50": median,
        "cloud.lead_time_p95": most,
        "cloud.backlog_mean": _backlog(ledger, times),
        "cloud.audit_utilisation": utilisation(ledger, "audit"),
        "cloud.vcpu_peak_share": _peak_share(ledger, 0),
        "cloud.availability": available,
        "cloud.filing_on_time": _on_time(ledger, times, "filing"),
        "cloud.turned_away": float(reached["out_of_scope"] + reached["exempt"]),
        "cloud.exceptions": float(reached["exception_granted"]),
        "cloud.reopened_share": _reopened(ledger, times),
        "cloud.vcpu_mean_share": _mean_share(ledger),
        "cloud.memory_peak_share": _peak_share(ledger, 1),
        "cloud.storage_peak_share": _peak_share(ledger, 2),
        "cloud.waits_for_room": float(reached["room_wanted"]),
        "cloud.late_notices": float(
            sum(n.told_h >= n.due_h for n in ledger.notices if n.start_h < ledger.clock.hours)
        ),
        **_held(ledger, times, available),
    }


def fee_lines(ledger: CloudLedger) -> list[Fee]:
    """第二十九条: what each payer owes for each year of the period."""
    return fees(ledger, holdings(ledger, step_times(ledger)), availability(ledger))


def _held(ledger: CloudLedger, times: Times, available: float | None) -> dict[str, float | None]:
    """Return the metrics of what systems hold: use (第二十七条) and fees (第二十九条)."""
    held = holdings(ledger, times)
    idle, over = idle_shares(ledger, held) or (None, None)
    owed = fees(ledger, held, available)
    total = sum(fee.yuan for fee in owed)
    city = sum(fee.yuan for fee in owed if fee.payer == CITY)
    return {
        "cloud.idle_share": idle,
        "cloud.overprovisioned_share": over,
        "cloud.fees": total,
        "cloud.fees_city_share": city / total if total else None,
    }


def _reopened(ledger: CloudLedger, times: Times) -> float | None:
    """Return the share of checked applications whose papers were returned at least once."""
    end = ledger.clock.hours
    checked = {v.request for v in ledger.visits if v.stage == "completeness" and v.done_h < end}
    return sum((name, "returned") in times for name in checked) / len(checked) if checked else None


def step_times(ledger: CloudLedger) -> Times:
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
        if request.kind in SYSTEMS:
            arrived = times.get((request.id, "submitted"), end)
            left = min(times.get((request.id, step), end) for step in _LEFT)
            hours += left - arrived
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


def _peak_share(ledger: CloudLedger, which: int) -> float:
    """Return the peak of one of vCPU, memory and storage: promised ÷ all that may be promised."""
    end = ledger.clock.hours
    promised = [a[1 + which] for a in ledger.allocations if a.time_h < end]
    return max([ledger.initial[which], *promised]) / ledger.capacity[which]


def _mean_share(ledger: CloudLedger) -> float:
    """Return the time average of the vCPU promised ÷ all that may be promised."""
    end, rows = ledger.clock.hours, [a for a in ledger.allocations if a.time_h < ledger.clock.hours]
    times = [0.0, *(a.time_h for a in rows), end]
    levels = [ledger.initial.vcpu, *(a.vcpu for a in rows)]
    return float(np.dot(np.diff(times), levels)) / end / ledger.capacity.vcpu


def availability(ledger: CloudLedger) -> float | None:
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
