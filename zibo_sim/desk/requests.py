"""Requests to the cloud: the steps that have clocks, and a table of their dates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

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
    """

    id: str
    row: int
    steps: dict[str, date] = field(default_factory=dict)
    pauses: list[tuple[date, date | None]] = field(default_factory=list)
    faults: list[Said] = field(default_factory=list)
    remarks: list[Said] = field(default_factory=list)
    carried: list[Cell] = field(default_factory=list)


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
    """

    found: list[Request]
    recorded: frozenset[str]
    carried: tuple[str, ...]
    remarks: tuple[Said, ...] = ()


def from_table(table: Table) -> Requests:
    """Read a table of requests, one row each.

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
    found = list(_from_rows(table.rows, layout))
    return Requests(found, frozenset(layout.heads) & frozenset(STEPS), layout.extra_names)


def _from_rows(rows: Iterable[Row], layout: Layout) -> Iterator[Request]:
    seen: dict[str, int] = {}
    for row in rows:
        values, faults = layout.read(row)
        request = Request(values.pop("request_id", ""), row.number, carried=layout.carried(row))
        before = seen.setdefault(request.id, row.number)
        if request.id and before != row.number:
            said = Said(f"编号已在第{before}行出现", f"this id stood in row {before} already")
            faults.append(at_row(row.number, layout.heads["request_id"], said))
        request.faults += faults
        request.steps = {step: when.date() for step, when in values.items()}
        yield request
