"""A finished run as an event log, in the columns that process-mining tools read (XES).

Every service has a start and a complete row, every step a complete row, every return of the papers
a suspend and a resume row of the activity ``amendment``; a wait for capacity has a start and a
complete row of ``room`` and is no pause, since 147号 stops no clock for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

import pandas as pd

from zibo_sim.cloud.ledger import CloudLedger, Visit
from zibo_sim.cloud.steps import DESKS

CASE, ACTIVITY, TIME = "case:concept:name", "concept:name", "time:timestamp"
RESOURCE, TRANSITION, KIND = "org:resource", "lifecycle:transition", "case:kind"
COLUMNS = (CASE, ACTIVITY, TIME, RESOURCE, TRANSITION, KIND)
#: The one pause: the papers are with the applicant (补正).
AMENDMENT = "amendment"
ROOM = "room"
#: Steps that are rows of something else.
_PAIRS = {
    "returned": (AMENDMENT, "suspend"),
    "resubmitted": (AMENDMENT, "resume"),
    "room_wanted": (ROOM, "start"),
    "room_found": (ROOM, "complete"),
}
_LEFT_OUT = ("prereview_asked",)
_ACTORS = {
    "exception_asked": "applicant",
    "submitted": "applicant", "returned": "applicant", "resubmitted": "applicant",
    "live": "applicant", "test_ends": "applicant", "extended": "applicant", "filed": "applicant",
    "assessed": "security supervisor", "test_from": "provider", "changed": "provider",
    "exited": "provider", "room_wanted": "provider", "room_found": "provider",
}  # fmt: skip
_DEPARTMENT = "department"
#: Rows of one instant: what ends, what is decided, what begins.
_BEFORE, _SERVED, _ENDS, _DECIDED, _BEGINS = range(5)


class Row(NamedTuple):
    """One row: when, in which order within a second, and what."""

    time: datetime
    order: int
    case: str
    activity: str
    resource: str
    transition: str


def event_log(ledger: CloudLedger) -> pd.DataFrame:
    """Return the requests of a run as an event log.

    Parameters
    ----------
    ledger : CloudLedger
        Of a run that reached the end of its period; what came later is left out.

    Returns
    -------
    DataFrame
        With `COLUMNS`, in order of time; times are Beijing time to the second.
    """
    kinds = {request.id: request.kind for request in ledger.requests}
    rows = sorted([*_steps(ledger), *_services(ledger)])
    cells = [(r.case, r.activity, r.time, r.resource, r.transition, kinds[r.case]) for r in rows]
    frame = pd.DataFrame(cells, columns=list(COLUMNS))
    return frame.astype({TIME: "datetime64[s]"})


def _steps(ledger: CloudLedger) -> Iterator[Row]:
    for name, step, hour in ledger.steps:
        if hour >= ledger.clock.hours or step in _LEFT_OUT:
            continue
        activity, transition = _PAIRS.get(step, (step, "complete"))
        order = _DECIDED if transition in ("complete", "suspend") else _BEGINS
        if step in ("submitted", "resubmitted"):
            order = _BEFORE
        when = ledger.clock.datetime(hour)
        yield Row(when, order, name, activity, _ACTORS.get(step, _DEPARTMENT), transition)


def _services(ledger: CloudLedger) -> Iterator[Row]:
    end = ledger.clock.hours
    for visit, person in staffed(ledger):
        start = ledger.clock.datetime(visit.start_h)
        at_once = ledger.clock.datetime(min(visit.done_h, end)) == start
        begins = _SERVED if at_once else _BEGINS
        yield Row(start, begins, visit.request, visit.stage, person, "start")
        if visit.done_h < end:
            done = ledger.clock.datetime(visit.done_h)
            yield Row(done, _ENDS, visit.request, visit.stage, person, "complete")


def staffed(ledger: CloudLedger) -> Iterator[tuple[Visit, str]]:
    """Yield each service begun in the period and who served: the first of the stage who is free."""
    for stage in DESKS:
        free = [0.0] * getattr(ledger.cloud, stage).servers
        visits = [v for v in ledger.visits if v.stage == stage and v.start_h < ledger.clock.hours]
        for visit in sorted(visits, key=lambda v: v.start_h):
            # A server that ends at this very instant ends a rounding error later at worst.
            person = next((i for i, since in enumerate(free) if since <= visit.start_h + 1e-6), 0)
            free[person] = visit.done_h
            yield visit, f"{stage} {person + 1}"
