"""The cloud's clocks applied to a real log of requests: 淄政办字〔2018〕147号 第七条, 第十一条.

A clock is shown once it runs: its first step is in the file, or its last step is and the first
follows from an earlier one taken at its limit. What is dated after the day of judgement is not
known on that day, and counts as not yet done. The working-day clocks stand still on the working
days that lie wholly within a pause (after the day of the suspension and before the day of the
resumption; while a request is still suspended, up to the day of judgement): the due date moves by
as many working days. The 15 calendar days of the test and the six months for the filing do not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import zibo_sim.cloud.clocks  # noqa: F401  registers the rule
from zibo_sim.clock import working_calendar
from zibo_sim.desk.eventlog import Activities, from_log, is_event_log
from zibo_sim.desk.outcome import Outcome, notes
from zibo_sim.desk.records import ERROR, OK, Record, deliver
from zibo_sim.desk.requests import (
    STEPS,
    Request,
    Requests,
    from_table,
    judged_as_of,
    not_yet,
)
from zibo_sim.errors import Refused
from zibo_sim.law import Law, book
from zibo_sim.law.rule import RULES
from zibo_sim.tables.files import open_table
from zibo_sim.tables.said import BadRow, Lang, Said, joined

OUTPUT = ("request_id", "clock", "due", "done", "on_time", "clause", "status", "message")
KEPT, MISSED, OPEN = "true", "false", "open"
_ORDERS = (
    ("submitted", "assessed", "accepted", "opinion", "test_from", "test_to", "live", "filed"),
    ("assessed", "refused"),
)


@dataclass(frozen=True)
class Clock:
    """One limit of 147号: from which step to which, and the law-book id that sets it."""

    name: str
    zh: str
    start: str
    ends: tuple[str, ...]
    due: str
    law: str
    working_days: bool = False
    chained: bool = True


CLOCKS = (
    Clock("accept", "受理", "assessed", ("accepted", "refused"), "accept_by",
          "cloud.accept.days", True),
    Clock("opinion", "审核意见", "accepted", ("opinion",), "opinion_by",
          "cloud.opinion.days", True),
    Clock("test", "测试环境", "opinion", ("test_from",), "test_by", "cloud.test.days", True),
    Clock("test_period", "测试期", "test_from", ("test_to",), "test_ends",
          "cloud.test_period.days"),
    Clock("filing", "等保备案", "live", ("filed",), "filing_by", "cloud.filing.months",
          chained=False),
)  # fmt: skip


def sla_file(
    source: Path,
    out: Path | None = None,
    *,
    mapping: Activities = None,
    as_of: date | None = None,
    encoding: str | None = None,
    law: Law | None = None,
    lang: Lang = "en",
) -> Outcome:
    """Judge every clock of every request of a file.

    Parameters
    ----------
    source : Path
        ``.csv`` or ``.xlsx``: a table of requests or an event log.
    out : Path, optional
        One row a request and clock; standard output when left out.
    mapping : mapping or Path, optional
        Activities of an event log to steps.
    as_of : date, optional
        The day of judgement: what is not done is open until its limit has passed, and dates after
        it are not known yet. The latest date of the requests without an error when left out.
    encoding : str, optional
    law : Law, optional
    lang : {"en", "zh"}
        Language of the ``message`` column.

    Raises
    ------
    Refused
        When the file is neither, the output cannot be written, or the day of judgement is outside
        the working-day calendar.
    """
    law = law or book()
    judged_as_of(as_of)
    with open_table(source, encoding) as table:
        logged = is_event_log(table)
        requests = from_log(table, mapping, as_of) if logged else from_table(table, as_of)
    judged: Counter[tuple[str, str]] = Counter()

    def add(values: Mapping[str, Any]) -> None:
        judged[values.get("clock", ""), values.get("on_time", "")] += 1

    today = as_of or latest(requests)
    records = verdicts(requests, today, law, lang)
    counted = deliver(records, OUTPUT, requests.carried, out, source, add)
    errors = counted[ERROR]
    said = [*requests.remarks, *summary(judged, today), *_left(judged["", ""] - errors, errors)]
    said += [not_yet(requests.later, today)] if requests.later else []
    return Outcome(counted.total(), errors, notes(said))


def latest(requests: Requests) -> date:
    """Return the latest date of a file, of a step or of a pause; requests in error have no say."""
    good = [r for r in requests.found if not r.faults and not any(_out_of_order(r))]
    days = [day for r in good for day in r.steps.values()]
    days += [day for r in good for pause in r.pauses for day in pause if day]
    return max(days, default=date.min)


def verdicts(requests: Requests, today: date, law: Law, lang: Lang) -> Iterator[Record]:
    """Yield one record a request and running clock; a request without one has a row too."""
    for request in requests.found:
        try:
            rows = list(judge(request, requests.recorded, today, law))
        except BadRow as bad:
            rows = [{"status": ERROR, "message": bad.said}]
        for row in rows:
            said = row.get("message")
            text = said.of(lang) if said else ""
            yield Record({"request_id": request.id, **row, "message": text}, request.carried)


def judge(
    request: Request, recorded: Iterable[str], today: date, law: Law
) -> Iterator[dict[str, Any]]:
    """Yield what became of each running clock of one request.

    Raises
    ------
    BadRow
        When its rows are bad, its steps out of order, or its dates outside the calendar.
    """
    where = Said(f"第{request.row}行", f"row {request.row}")
    faults = [Said(f"{where.zh}：{f.zh}", f"{where.en}, {f.en}") for f in _out_of_order(request)]
    if request.faults or faults:
        raise BadRow(*request.faults, *faults)
    try:
        rows = list(_running(request, frozenset(recorded), today, law))
    except Refused as refusal:
        raise BadRow(
            *(Said(f"{where.zh}：{f}", f"{where.en}: {f}") for f in refusal.faults)
        ) from None
    said = Said("尚无起算的时限", "no clock has begun")
    yield from rows or [{"status": OK, "message": joined([said, *request.remarks])}]


def _running(
    request: Request, recorded: frozenset[str], today: date, law: Law
) -> Iterator[dict[str, Any]]:
    limit: date | None = None
    for clock in CLOCKS:
        start = request.steps.get(clock.start, limit if clock.chained else None)
        if start is None:
            continue
        due = limit = _due(clock, start, request, today, law)
        done = next((request.steps[end] for end in clock.ends if end in request.steps), None)
        if done is not None or clock.start in request.steps:
            known = not recorded.isdisjoint(clock.ends) and not _overtaken(request, clock)
            on_time = _on_time(due, done, today) if done is not None or known else OPEN
            remarks = [*_before_force(clock, start, law), *_remarks(request, clock)]
            yield _verdict(clock, due, done, on_time, remarks, law)


def _overtaken(request: Request, clock: Clock) -> bool:
    """Say whether a step after this clock's last is dated: its own date is then only missing."""
    order = _ORDERS[0]
    return any(step in request.steps for step in order[order.index(clock.ends[0]) + 1 :])


def _due(clock: Clock, start: date, request: Request, today: date, law: Law) -> date:
    due: date = RULES["cloud.deadlines"](**{clock.start: start}, law=law)[clock.due]
    return moved(start, due, request.pauses, today) if clock.working_days else due


def _out_of_order(request: Request) -> Iterator[Said]:
    steps = request.steps
    for order in _ORDERS:
        dated = [(step, steps[step]) for step in order if step in steps]
        for (earlier, before), (later, after) in pairwise(dated):
            if after < before:
                yield Said(
                    f"{STEPS[later].zh} {after} 早于{STEPS[earlier].zh} {before}",
                    f"column {later}: {after} lies before {earlier} {before}",
                )


def moved(start: date, due: date, pauses: Iterable[tuple[date, date | None]], today: date) -> date:
    """Return the due date moved by the working days that lie wholly within a pause."""
    calendar, still = working_calendar(), set()
    for first, last in pauses:
        end = last if last is not None else today + timedelta(days=1)
        days = (first + timedelta(days=n) for n in range(1, (end - first).days))
        still |= {day for day in days if day > start and calendar.is_working(day)}
    pushed, counted = due, -1
    while (paused := sum(day <= pushed for day in still)) != counted:
        counted = paused
        pushed = calendar.add(due, paused) if paused else due
    return pushed


def _on_time(due: date, done: date | None, today: date) -> str:
    if done is None:
        return OPEN if today <= due else MISSED
    return KEPT if done <= due else MISSED


def _before_force(clock: Clock, start: date, law: Law) -> Iterator[Said]:
    """Say that a clock began before its document: nobody was bound by it on that day."""
    document = law.entry(clock.law).document
    if start < document.in_force_from:
        number, first = document.number, document.in_force_from
        yield Said(
            f"起算时{number}尚未施行（{first}起施行）",
            f"begun before {number} was in force ({first})",
        )


def _remarks(request: Request, clock: Clock) -> Iterator[Said]:
    if not set(clock.ends) & set(request.steps) and _overtaken(request, clock):
        end = clock.ends[0]
        yield Said(f"缺{STEPS[end].zh}日期", f"the date of {end} is missing; a later step has one")
    if clock.start not in request.steps:
        zh, en = STEPS[clock.start].zh, clock.start
        yield Said(f"无{zh}日期，按其时限计", f"{en} is not given: taken at its limit")
    yield from request.remarks


def _verdict(
    clock: Clock, due: date, done: date | None, on_time: str, remarks: list[Said], law: Law
) -> dict[str, Any]:
    said = list(remarks)
    if done is None and on_time == OPEN and clock.name == "filing":
        said.insert(0, Said("备案日期未填", "no date of filing in the file"))
    elif done is None and on_time == MISSED:
        said.insert(0, Said("已过时限，尚未办结", "the limit has passed and it is not done"))
    elif done is not None and on_time == MISSED:
        late = (done - due).days
        said.insert(0, Said(f"迟 {late} 天", f"{late} {'day' if late == 1 else 'days'} late"))
        if clock.name == "test_period":
            said.append(Said("确有必要的可以延长", "an extension is allowed where necessary"))
    return {
        "clock": clock.name,
        "due": due,
        "done": done,
        "on_time": on_time,
        "clause": law.clause(clock.law),
        "status": OK,
        "message": joined(said) if said else None,
    }


def summary(judged: Mapping[tuple[str, str], int], today: date) -> Iterator[Said]:
    """Yield how many of each clock were kept, missed and are open, with shares of the closed."""
    for clock in CLOCKS:
        kept, missed, still = (judged.get((clock.name, s), 0) for s in (KEPT, MISSED, OPEN))
        if kept + missed + still:
            share, lost = _shares(kept, missed)
            yield Said(
                f"{clock.zh}：按时 {kept}{share}，逾期 {missed}{lost}，未了 {still}",
                f"{clock.name}: {kept} kept{share}, {missed} missed{lost}, {still} open",
            )
    if today > date.min:
        yield Said(f"判断日：{today}", f"judged as of {today}")


def _left(waiting: int, errors: int) -> Iterator[Said]:
    if waiting:
        yield Said(f"{waiting} 件尚无起算的时限", f"requests without a running clock: {waiting}")
    if errors:
        yield Said(f"{errors} 件有误，见 message 列", f"requests in error: {errors}, see message")


def _shares(kept: int, missed: int) -> tuple[str, str]:
    closed = kept + missed
    if not closed:
        return "", ""
    return f" ({kept / closed:.1%})", f" ({missed / closed:.1%})"
