"""What the plan's notices say again and again: words and clauses, looked up once a run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Self

from zibo_sim.air.alerts import signer
from zibo_sim.air.stretches import LEVELS, YELLOW
from zibo_sim.law import Law

MEDIA = (
    "websites", "screens", "radio", "television", "messages", "newspapers", "road_signs",
    "villages",
)  # fmt: skip
#: The municipal departments (市直部门) of 附件3 一–十五, by law-book id.
DEPARTMENTS = (
    "propaganda", "inspection", "emergency", "development_reform", "industry", "education",
    "police", "finance", "land", "construction", "transport", "health", "environment",
    "city_management", "weather",
)  # fmt: skip
#: Member units (成员单位) of 附件3 十六–十七 that are no departments of the city.
UNITS = ("power_grid", "carriers")


class Cited(NamedTuple):
    """Words and clauses of the plan's notices.

    Attributes
    ----------
    approve, sign : dict of str to tuple of str
        Who approves and who signs an alert of a level, and the clause.
    media : list of tuple of str
        Name of each channel, what it is told to do, and the clause.
    notify : str
        The clause by which districts and departments are told.
    report : tuple of int and str
        Hour of the daily report, and the clause.
    departments : tuple of str
        Who is told and reports beside the districts: 四(三), 市直有关部门(单位).
    members : tuple of str
        Who sums up beside the districts: 六(一), 各成员单位; the departments and the other units.
    """

    approve: dict[str, tuple[str, str]]
    sign: dict[str, tuple[str, str]]
    media: list[tuple[str, str, str]]
    notify: str
    report: tuple[int, str]
    departments: tuple[str, ...]
    members: tuple[str, ...]

    @classmethod
    def of(cls, law: Law) -> Self:
        """Look them up."""
        levels = LEVELS[YELLOW:]
        media = [law.entry(f"alert.media.{channel}") for channel in MEDIA]
        due = law.entry("alert.report.hour")
        approve = [law.entry(f"alert.approve.{level}") for level in levels]
        departments = tuple(_names(law, DEPARTMENTS))
        return cls(
            {level: (e.value, e.clause) for level, e in zip(levels, approve, strict=True)},
            {level: (signer(level, law), law.clause(f"alert.sign.{level}")) for level in levels},
            [(entry.name["zh"], str(entry.value), entry.clause) for entry in media],
            law.clause("alert.notify"),
            (due.value, due.clause),
            departments,
            (*departments, *_names(law, UNITS)),
        )


def _names(law: Law, keys: tuple[str, ...]) -> Iterator[str]:
    for key in keys:
        value = law(f"alert.department.{key}")
        yield from [value] if isinstance(value, str) else value
