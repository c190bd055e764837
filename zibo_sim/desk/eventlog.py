"""Requests to the cloud from an event log, as process-mining tools write one."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from zibo_sim.desk.requests import (
    CLOCKED,
    PAUSES,
    REQUESTS,
    STEPS,
    Request,
    Requests,
    outside,
)
from zibo_sim.errors import Refused, unknown
from zibo_sim.tables.columns import Column, plain
from zibo_sim.tables.files import Table
from zibo_sim.tables.said import Said, at_row
from zibo_sim.tables.schema import Layout, Schema

Activities = Mapping[str, str] | Path | None

#: What activities of an event log mean, beside the names of the steps in both languages.
ACTIVITIES = {
    "returned": "suspend",
    "补正": "suspend",
    "暂停": "suspend",
    "挂起": "suspend",
    "resubmitted": "resume",
    "恢复": "resume",
    "补正完成": "resume",
    "test_ends": "test_to",
    "出具评估报告": "assessed",
    "开通": "live",
}

#: Activities of the simulation's logs that are no step with a clock, and left out without a word.
WORK = frozenset((
    "prereview", "completeness", "assessment", "acceptance", "audit", "provisioning", "room",
    "exception_asked", "exception_granted", "exception_denied",
    "prereview_approved", "prereview_declined", "out_of_scope", "exempt", "extended", "changed",
    "exited",
))  # fmt: skip

EVENT_LOG = Schema(
    "event log",
    (
        Column("case:concept:name", "申请编号", "text", Said("申请编号", "the request")),
        Column("concept:name", "活动", "text", Said("活动", "the activity")),
        Column("time:timestamp", "时间", "instant", Said("时间", "when")),
        Column(
            "org:resource", "人员", "text", Said("人员", "who"), required=False, empty=True
        ),
        Column(
            "lifecycle:transition", "状态", "text", Said("状态", "complete, suspend, resume, …"),
            required=False, empty=True,
        ),
    ),
)  # fmt: skip


def is_event_log(table: Table) -> bool:
    """Say whether a header is an event log's."""
    headers = {plain(name) for name in table.header}
    return "case:concept:name" in headers or {"concept:name", "time:timestamp"} <= headers


def meanings(mapping: Activities = None) -> dict[str, str]:
    """Return what each activity means: a step, ``suspend`` or ``resume``.

    Parameters
    ----------
    mapping : mapping, Path or None
        Activities to steps, or a TOML file of them (at its top or in a table ``[activities]``);
        put before what is known already. ``"activity/transition"`` names one transition of an
        activity, as ``"Test/start" = "test_from"``.

    Raises
    ------
    Refused
        For a file that is no TOML, and steps that do not exist.
    """
    given = _load(mapping) if isinstance(mapping, Path) else dict(mapping or {})
    allowed = [*STEPS, *PAUSES]
    faults = [
        unknown(f"step of activity {activity!r}", str(step), allowed)
        for activity, step in given.items()
        if step not in allowed
    ]
    if faults:
        raise Refused(*faults, where=str(mapping) if isinstance(mapping, Path) else "mapping")
    known = {plain(header): c.name for c in REQUESTS.columns[1:] for header in c.headers()}
    known |= {name: name for name in PAUSES} | ACTIVITIES
    return known | {plain(activity): step for activity, step in given.items()}


def _load(path: Path) -> dict[str, Any]:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise Refused(f"cannot be read: {error.strerror}", where=str(path)) from None
    except UnicodeDecodeError:
        raise Refused("is not UTF-8; a TOML file is", where=str(path)) from None
    except tomllib.TOMLDecodeError as error:
        raise Refused(f"is not TOML: {error}", where=str(path)) from None
    activities = data.get("activities", data)
    return activities if isinstance(activities, dict) else {"activities": activities}


@dataclass(frozen=True)
class _Event:
    time: datetime
    step: str
    row: int


def from_log(
    table: Table,
    mapping: Activities = None,
    as_of: date | None = None,
    clocked: Container[str] = CLOCKED,
) -> Requests:
    """Read the steps and pauses of every case.

    Parameters
    ----------
    table : Table
    mapping : mapping, Path or None
        As `meanings` takes it.
    as_of : date, optional
        What happened after it is not known yet and left out.
    clocked : container of str
        Steps whose dates must be in the working-day calendar.

    Raises
    ------
    Refused
        When the mapping is wrong, or no activity of the log is known.
    """
    known, layout = meanings(mapping), EVENT_LOG.layout(table)
    strange: Counter[str] = Counter()
    kept = [i for i, name in enumerate(layout.extra_names) if plain(name).startswith("case:")]
    cases = _cases(table, layout, known, strange)
    events = [event for _, found in cases for event in found]
    if not events and not any(request.faults for request, _ in cases):
        raise Refused(_nothing_known(strange), where=table.where)
    today = as_of or date.max
    for request, found in cases:
        request.carried = [request.carried[i] for i in kept]
        known_then = [event for event in found if event.time.date() <= today]
        request.tell_later(len(found) - len(known_then), today)
        request.faults += _outside(known_then, clocked, layout)
        _tell(request, sorted(known_then, key=lambda event: event.time), layout)
    recorded = frozenset(STEPS) - ({"filed"} - {event.step for event in events})
    carried = tuple(layout.extra_names[i] for i in kept)
    later = sum(request.later for request, _ in cases)
    requests = [request for request, _ in cases]
    return Requests(requests, recorded, carried, tuple(_left_out(strange)), later)


def _outside(events: Sequence[_Event], clocked: Container[str], layout: Layout) -> Iterator[Said]:
    """Say which events a clock needs whose dates are outside the calendar."""
    for event in events:
        if event.step in clocked and (wrong := outside(event.time.date())):
            yield at_row(event.row, layout.heads["time:timestamp"], wrong)


def _cases(
    table: Table, layout: Layout, known: Mapping[str, str], strange: Counter[str]
) -> list[tuple[Request, list[_Event]]]:
    """Put the events of each case together, in the order of its first row."""
    cases: dict[object, tuple[Request, list[_Event]]] = {}
    for row in table.rows:
        values, faults = layout.read(row)
        name = values.get("case:concept:name", "")
        new = Request(name, row.number, carried=layout.carried(row)), list[_Event]()
        request, events = cases.setdefault(name or row.number, new)
        request.faults += faults
        step = None if faults else _meaning(values, known, strange)
        if step:
            events.append(_Event(values["time:timestamp"], step, row.number))
    return list(cases.values())


def _meaning(
    values: Mapping[str, Any], known: Mapping[str, str], strange: Counter[str]
) -> str | None:
    activity = str(values["concept:name"])
    transition = plain(values.get("lifecycle:transition", "complete"))
    if step := known.get(plain(f"{activity}/{transition}")):
        return step
    if transition in PAUSES:
        return transition
    step = known.get(plain(activity)) if transition == "complete" else None
    if step is None and plain(activity) not in WORK:
        strange[activity if transition == "complete" else f"{activity}/{transition}"] += 1
    return step


def _nothing_known(strange: Counter[str]) -> str:
    found = ", ".join(repr(name) for name, _ in strange.most_common(12))
    return (
        f"no activity of this log is known (found: {found}); map activities to "
        f"{', '.join([*STEPS, *PAUSES])}"
    )


def _left_out(strange: Counter[str]) -> Iterator[Said]:
    if strange:
        found = ", ".join(f"{name} ({count})" for name, count in strange.most_common(12))
        yield Said(
            f"未映射的活动（次数），未计入：{found}", f"activities not mapped, left out: {found}"
        )


def _tell(request: Request, events: Sequence[_Event], layout: Layout) -> None:
    """Put the steps and pauses of one request down from its events in order of time."""
    paused: date | None = None
    times: Counter[str] = Counter()
    for event in events:
        day = event.time.date()
        if event.step == "suspend":
            paused = paused or day
        elif event.step == "resume":
            if paused is None:
                said = Said("恢复之前没有暂停", "a resume without a suspend before it")
                request.faults.append(at_row(event.row, layout.heads["concept:name"], said))
            else:
                request.pauses.append((paused, day))
                paused = None
        else:
            times[event.step] += 1
            request.steps[event.step] = day
    if paused is not None:
        request.pauses.append((paused, None))
    for step, count in times.items():
        if count > 1:
            zh, en = STEPS[step].zh, step
            request.remarks.append(
                Said(f"{zh}出现{count}次，以最后一次为准", f"{en} {count} times: the last counts")
            )
