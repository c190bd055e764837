"""Requests to the cloud: the steps that have clocks, and a table of their dates."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from zibo_sim.clock import working_calendar
from zibo_sim.errors import Refused
from zibo_sim.tables.columns import Column
from zibo_sim.tables.files import Cell, Row, Table
from zibo_sim.tables.said import Said, at_row
from zibo_sim.tables.schema import Layout, Schema

STEPS = {
    "submitted": Said("提交", "application submitted"),
    "assessed": Said("评估报告", "assessment report received"),
    "accepted": Said("受理", "accepted"),
    "refused": Said("不予受理", "not accepted, with reasons"),
    "opinion": Said("审核意见", "audit opinion given"),
    "test_from": Said("测试开始", "test environment supplied"),
    "test_to": Said("测试结束", "test ended"),
    "live": Said("正式运行", "formal operation began"),
    "filed": Said("等保备案", "protection filing certificate obtained"),
}
PAUSES = ("suspend", "resume")
#: From these a clock runs, or by these it stands still: their dates must be in the calendar.
CLOCKED = ("assessed", "accepted", "opinion", "test_from", "live", *PAUSES)
_OTHER_HEADERS = {
    "submitted": ("提交日期", "申请", "申请日期"),
    "assessed": ("评估", "评估日期", "评估报告日期"),
    "accepted": ("受理日期",),
    "refused": ("不予受理日期",),
    "opinion": ("审核", "审核日期", "审核意见日期"),
    "test_from": ("提供测试环境", "测试起始", "测试开始日期"),
    "test_to": ("测试截止", "测试结束日期"),
    "live": ("上线", "上线日期", "正式运行日期"),
    "filed": ("备案", "备案日期", "等保备案日期"),
}
REQUESTS = Schema(
    "requests",
    (
        Column(
            "request_id", "申请编号", "text", also=("编号", "申请单号"),
            about=Said("一行一件申请", "one row a request"),
        ),
        *(
            Column(
                step, zh, "instant", Said(f"{zh}的日期或时间；未到则空", f"{en}; empty until then"),
                required=False, empty=True, also=_OTHER_HEADERS[step],
            )
            for step, (zh, en) in STEPS.items()
        ),
    ),
)  # fmt: skip


@dataclass
class Request:
    """One request: its steps, its pauses, and what is wrong with its rows.

    Attributes
    ----------
    id : str
    row : int
        Its first row in the file.
    steps : dict of str to date
        Of a step that happens again, the last time counts.
    pauses : list of (date, date or None)
        Days on which the clock was suspended and resumed; None while it still is.
    faults, remarks : list of Said
    carried : list
        Cells carried through.
    later : int
        Its dates after the day of judgement, which are left out.
    """

    id: str
    row: int
    steps: dict[str, date] = field(default_factory=dict)
    pauses: list[tuple[date, date | None]] = field(default_factory=list)
    faults: list[Said] = field(default_factory=list)
    remarks: list[Said] = field(default_factory=list)
    carried: list[Cell] = field(default_factory=list)
    later: int = 0

    def tell_later(self, count: int, as_of: date) -> None:
        """Remember that so many dates lie after the day of judgement."""
        self.later = count
        if count:
            self.remarks.append(not_yet(count, as_of))


@dataclass(frozen=True)
class Requests:
    """All requests of a file.

    Attributes
    ----------
    found : list of Request
    recorded : frozenset of str
        Steps that the file would show if they had happened.
    carried : tuple of str
        Headers of the cells carried through.
    remarks : tuple of Said
    later : int
        Dates after the day of judgement, which are not known yet.
    left_out : tuple of Said
        What is wrong with the requests that are not among them.
    """

    found: list[Request]
    recorded: frozenset[str]
    carried: tuple[str, ...]
    remarks: tuple[Said, ...] = ()
    later: int = 0
    left_out: tuple[Said, ...] = ()


def outside(day: date) -> Said | None:
    """Say that a date is outside the working-day calendar; None for one that is inside."""
    calendar = working_calendar()
    if calendar.first <= day <= calendar.last:
        return None
    return Said(
        f"“{day}”不在工作日历之内，应为{calendar.first}至{calendar.last}的日期",
        f"{day} is outside the working-day calendar; allowed: {calendar.first} to {calendar.last}",
    )


def judged_as_of(as_of: date | None) -> None:
    """Refuse a day of judgement that the calendar does not have."""
    if as_of is not None and (said := outside(as_of)):
        raise Refused(f"--as-of: {said.en}")


def not_yet(count: int, as_of: date) -> Said:
    """Say that dates lie after the day of judgement."""
    noun = "date lies" if count == 1 else "dates lie"
    return Said(
        f"{count} 个日期晚于判断日 {as_of}，当日尚不可知，按未发生计",
        f"{count} {noun} after {as_of}, the day of judgement: not known then, taken as not done",
    )


def from_table(
    table: Table, as_of: date | None = None, clocked: Container[str] = CLOCKED
) -> Requests:
    """Read a table of requests, one row each.

    Parameters
    ----------
    table : Table
    as_of : date, optional
        Dates after it are not known yet and left out.
    clocked : container of str
        Steps whose dates must be in the working-day calendar.

    Raises
    ------
    Refused
        When it has no column of a step.
    """
    layout = REQUESTS.layout(table)
    if not set(layout.heads) & set(STEPS):
        raise Refused(
            f"has no column of a step; allowed: any of {', '.join(STEPS)}, or an event log with "
            "case:concept:name, concept:name, time:timestamp",
            where=table.where,
        )
    found = list(_from_rows(table.rows, layout, as_of or date.max, clocked))
    recorded = frozenset(layout.heads) & frozenset(STEPS)
    later = sum(request.later for request in found)
    return Requests(found, recorded, layout.extra_names, later=later)


def _from_rows(
    rows: Iterable[Row], layout: Layout, as_of: date, clocked: Container[str]
) -> Iterator[Request]:
    seen: dict[str, int] = {}
    for row in rows:
        values, faults = layout.read(row)
        request = Request(values.pop("request_id", ""), row.number, carried=layout.carried(row))
        before = seen.setdefault(request.id, row.number)
        if request.id and before != row.number:
            said = Said(f"编号已在第{before}行出现", f"this id stood in row {before} already")
            faults.append(at_row(row.number, layout.heads["request_id"], said))
        dates = {step: when.date() for step, when in values.items()}
        request.steps = {step: day for step, day in dates.items() if day <= as_of}
        request.tell_later(len(dates) - len(request.steps), as_of)
        for step, day in request.steps.items():
            if step in clocked and (wrong := outside(day)):
                faults.append(layout.at(row, step, wrong))
        request.faults += faults
        yield request
