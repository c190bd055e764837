"""The service desk's figures for a simulated cloud or a real event log, and logs as files."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from zibo_sim.clock import working_calendar
from zibo_sim.cloud import service
from zibo_sim.cloud.eventlog import ACTIVITY, CASE, COLUMNS, KIND, TIME, TRANSITION, event_log
from zibo_sim.cloud.ledger import CloudLedger
from zibo_sim.cloud.review import review, settlement
from zibo_sim.desk.eventlog import EVENT_LOG, Activities, from_log, is_event_log, meanings
from zibo_sim.desk.output import writer
from zibo_sim.desk.requests import (
    PAUSES,
    STEPS,
    Request,
    Requests,
    from_table,
    judged_as_of,
    not_yet,
    outside,
)
from zibo_sim.desk.sla import judge
from zibo_sim.errors import Refused
from zibo_sim.law import Law, book
from zibo_sim.places import DISTRICTS
from zibo_sim.tables.columns import plain
from zibo_sim.tables.files import Row, Table, open_table
from zibo_sim.tables.said import BadRow, Said
from zibo_sim.text import table as laid
from zibo_sim.words import word, words

#: What the simulation calls a step that the tables call otherwise.
_STEPS = {"test_to": "test_ends"}
_BREACH = ("case", "clock", "due", "days_left")
_SHOWN = 15
_FAULTS_SHOWN = 20
#: How `zibo_sim.cloud.service` begins the name of a state that is no service.
_STATES = {
    service.PAUSED: "paused", "waiting for ": "waiting", "until ": "until", "after ": "after",
}  # fmt: skip


class Figures(NamedTuple):
    """Everything the desk reads, as frames."""

    states: pd.DataFrame
    pauses: pd.DataFrame
    lead_times: pd.DataFrame
    ageing: pd.DataFrame
    breach: pd.DataFrame
    throughput: pd.DataFrame
    reopened: dict[str, float]


def write_event_log(path: Path, ledger: CloudLedger) -> None:
    """Write a simulated cloud's event log as CSV, for process-mining tools and `zibo-sim sla`."""
    with writer(path) as out:
        out.write(COLUMNS)
        for row in cells(event_log(ledger)):
            out.write(row)


def cells(log: pd.DataFrame) -> Iterator[list[Any]]:
    """Yield the rows of a log, times as ``2018-12-03 09:00:00``."""
    text = log.assign(**{TIME: log[TIME].dt.strftime("%Y-%m-%d %H:%M:%S")})
    yield from text[list(COLUMNS)].to_numpy().tolist()


def as_table(log: pd.DataFrame, where: str) -> Table:
    """Return a log as the table that its file would give."""
    rows = (Row(number, row) for number, row in enumerate(cells(log), 2))
    return Table(where, list(COLUMNS), rows)


def read_log(
    source: Path,
    mapping: Activities = None,
    encoding: str | None = None,
    as_of: date | None = None,
) -> tuple[pd.DataFrame, Requests]:
    """Read an event log or a table of requests.

    Parameters
    ----------
    source : Path
    mapping : mapping or Path, optional
        Activities to steps, as `zibo-sim sla` takes them.
    encoding : str, optional
    as_of : date, optional
        What is dated after it is not known yet and left out.

    Returns
    -------
    log : DataFrame
        Columns as in `zibo_sim.cloud.eventlog`, activities that are steps under the steps' names.
    requests : Requests
        What `zibo-sim sla` reads in it, without the requests of which a row cannot be used; what
        is wrong with those is its `left_out`.

    Raises
    ------
    Refused
        When the file is neither, or none of its requests can be used.
    """
    judged_as_of(as_of)
    with open_table(source, encoding) as table:
        if is_event_log(table):
            rows = list(table.rows)
            again = Table(table.where, table.header, iter(rows))
            requests = from_log(again, mapping, as_of)
            log, faults = _frame(table, rows, mapping, as_of)
            log = log[~log[CASE].isin(list(faults))].reset_index(drop=True)
            good = [request for request in requests.found if request.id not in faults]
            left_out = tuple(said for found in faults.values() for said in found)
        else:
            requests = from_table(table, as_of, clocked=STEPS)
            good = [request for request in requests.found if not request.faults]
            left_out = tuple(said for request in requests.found for said in request.faults)
            log = _of_requests(good)
    if log.empty:
        raise _nothing_left(left_out, requests.later, as_of).at(str(source))
    return log, replace(requests, found=good, left_out=left_out)


def _nothing_left(left_out: Sequence[Said], later: int, as_of: date | None) -> Refused:
    said = shown_faults(left_out, "en")
    if later and as_of:
        said.append(f"--as-of: {not_yet(later, as_of).en}; nothing is left to show")
    return Refused(*(said or ["has no row with a case, an activity and a time"]))


def shown_faults(faults: Sequence[Said], lang: str) -> list[str]:
    """Return the first of many faults, and how many there are besides."""
    more = len(faults) - _FAULTS_SHOWN
    said = [fault.of(lang) for fault in faults[:_FAULTS_SHOWN]]
    rest = f"另有 {more} 处" if lang == "zh" else f"and {more} faults more"
    return [*said, rest] if more > 0 else said


def _frame(
    table: Table, rows: Sequence[Row], mapping: Activities, as_of: date | None
) -> tuple[pd.DataFrame, dict[str, list[Said]]]:
    """Return the events of a log, and the faults of every case that has one."""
    layout, known = EVENT_LOG.layout(table), meanings(mapping)
    kinds = [i for i, head in enumerate(table.header) if plain(head) == KIND]
    found, bad, last = list[tuple[Any, ...]](), dict[str, list[Said]](), as_of or date.max
    for row in rows:
        values, faults = layout.read(row)
        day = values[TIME].date() if not faults else date.min
        if day > last:
            continue
        if not faults and (wrong := outside(day)):
            faults = [layout.at(row, TIME, wrong)]
        if faults:
            bad.setdefault(values.get(CASE, f"row {row.number}"), []).extend(faults)
            continue
        activity = str(values[ACTIVITY])
        how = plain(values.get(TRANSITION) or "complete")
        step = known.get(plain(f"{activity}/{how}"))
        step = step or (known.get(plain(activity)) if how == "complete" else None)
        if step in PAUSES:
            how = str(step)
        elif step:
            activity, how = _STEPS.get(step, step), "complete"
        kind = str(row.cells[kinds[0]] or "").strip() if kinds else ""
        found.append((values[CASE], activity, values[TIME], values.get("org:resource"), how, kind))
    return _typed(found), bad


def _of_requests(requests: Sequence[Request]) -> pd.DataFrame:
    """Return the dates of a table as completed steps."""
    return _typed([
        (request.id, _STEPS.get(step, step), datetime.combine(day, time()), None, "complete", "")
        for request in requests
        for step, day in request.steps.items()
    ])  # fmt: skip


def _typed(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(COLUMNS)).astype({TIME: "datetime64[s]"})
    return frame.sort_values(TIME, kind="stable", ignore_index=True)


def figures(
    log: pd.DataFrame, requests: Requests, at: datetime | None = None, law: Law | None = None
) -> Figures:
    """Work out everything the desk reads.

    Parameters
    ----------
    log : DataFrame
    requests : Requests
        The same log as `zibo-sim sla` reads it, for the clocks.
    at : datetime, optional
        Until when open cases are counted; the log's last time when left out.
    law : Law, optional
    """
    at = at or log[TIME].max().to_pydatetime()
    found = service.spans(log, at)
    return Figures(
        service.time_in_state(found),
        service.pauses(found),
        service.lead_times(log),
        service.ageing(log, at),
        next_to_breach(requests, at.date(), law or book()),
        service.throughput(log),
        service.reopen_rate(log),
    )


def next_to_breach(requests: Requests, today: date, law: Law) -> pd.DataFrame:
    """Return the clocks that run, the next to end first, with the working days left.

    Negative days are days over the limit already; pauses have moved the limits.
    """
    rows = []
    for request in requests.found:
        try:
            judged = list(judge(request, requests.recorded, today, law))
        except BadRow:
            continue
        for clock in judged:
            if clock.get("clock") and clock["done"] is None:
                left = _days_left(today, clock["due"])
                rows.append((request.id, clock["clock"], clock["due"], left))
    frame = pd.DataFrame(rows, columns=list(_BREACH))
    return frame.sort_values(["due", "case"], kind="stable", ignore_index=True)


def _days_left(today: date, due: date) -> int:
    calendar = working_calendar()
    if due >= today:
        return calendar.between(today, due)
    return -calendar.between(due, today)


def simulated(ledger: CloudLedger, law: Law) -> Figures:
    """Work out the figures of a simulated cloud at the end of its period."""
    log = event_log(ledger)
    if log.empty:
        raise Refused("no request came in this period; the desk has nothing to show")
    requests = from_log(as_table(log, "simulated"))
    return figures(log, requests, ledger.clock.datetime(ledger.clock.hours - 1 / 3600), law)


def figures_text(found: Figures, lang: str) -> str:
    """Return the figures as tables for a terminal, the longest lists cut."""
    parts = [
        _section("states", found.states.reset_index(), lang),
        _section("pauses", found.pauses.reset_index(), lang),
        _section("lead_times", found.lead_times.reset_index(), lang),
        _section("ageing", found.ageing, lang),
        _section("breach", found.breach, lang),
        _section("throughput", found.throughput.reset_index().tail(_SHOWN), lang),
        word("service.reopened", lang, share=f"{found.reopened['share']:.1%}",
             mean=f"{found.reopened['mean_returns']:.2f}"),
    ]  # fmt: skip
    return "\n\n".join(parts)


def _section(name: str, frame: pd.DataFrame, lang: str) -> str:
    shown = frame.head(_SHOWN) if name in ("ageing", "breach") else frame
    head = [word(f"service.{column}", lang) for column in frame.columns]
    rows = [[_cell(cell, lang) for cell in row] for row in shown.itertuples(index=False)]
    right = [i for i, kind in enumerate(frame.dtypes) if kind.kind in "if"]
    title = word(f"service.title.{name}", lang)
    left = len(frame) - len(shown)
    more = [word("service.more", lang, count=left)] if left else []
    body = laid(head, rows, right) if rows else word("service.none", lang)
    return "\n".join([title, body, *more])


def _cell(value: Any, lang: str) -> str:
    if isinstance(value, float):
        return f"{value:,.2f}" if math.isfinite(value) else "—"
    return value.strftime("%Y-%m-%d") if isinstance(value, date) else said_state(str(value), lang)


def said_state(state: str, lang: str) -> str:
    """Return the name of a state, an activity or a kind in `lang`; a name not known stays."""
    for begins, key in _STATES.items():
        if state.startswith(begins):
            what = said_state(state.removeprefix(begins), lang)
            return word(f"service.state.{key}", lang, what=what)
    payers = {english: chinese for chinese, english in DISTRICTS.items()}
    if lang == "zh" and state in payers:
        return payers[state]
    return word(f"service.name.{state}", lang) if f"service.name.{state}" in words() else state


def review_text(ledger: CloudLedger, law: Law, lang: str) -> str:
    """Return the yearly assessment and the settlement of a simulated cloud as tables."""
    judged = review(ledger, law)
    owed = settlement(ledger).drop(columns=["catalogue_yuan", "deduction_yuan"])
    return "\n\n".join([_section("review", judged, lang), _section("fees", owed, lang)])


def figures_json(found: Figures) -> dict[str, Any]:
    """Return the figures as plain lists and numbers."""
    out: dict[str, Any] = {"reopened": found.reopened}
    for name in ("states", "pauses", "lead_times", "throughput"):
        out[name] = getattr(found, name).reset_index().map(_plain).to_dict("records")
    for name in ("ageing", "breach"):
        out[name] = getattr(found, name).map(_plain).to_dict("records")
    return out


def _plain(value: Any) -> Any:
    return value.strftime("%Y-%m-%d") if isinstance(value, date) else value
