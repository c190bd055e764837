"""What the plan's notices say again and again: words and clauses, looked up once a run."""

from __future__ import annotations

from typing import NamedTuple, Self

from zibo_sim.air.alerts import signer
from zibo_sim.air.stretches import LEVELS, YELLOW
from zibo_sim.law import Law

MEDIA = (
    "websites", "screens", "radio", "television", "messages", "newspapers", "road_signs",
    "villages",
)  # fmt: skip


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
        Hour of the districts' daily report, and the clause.
    """

    approve: dict[str, tuple[str, str]]
    sign: dict[str, tuple[str, str]]
    media: list[tuple[str, str, str]]
    notify: str
    report: tuple[int, str]

    @classmethod
    def of(cls, law: Law) -> Self:
        """Look them up."""
        levels = LEVELS[YELLOW:]
        media = [law.entry(f"alert.media.{channel}") for channel in MEDIA]
        due = law.entry("alert.report.hour")
        approve = [law.entry(f"alert.approve.{level}") for level in levels]
        return cls(
            {level: (e.value, e.clause) for level, e in zip(levels, approve, strict=True)},
            {level: (signer(level, law), law.clause(f"alert.sign.{level}")) for level in levels},
            [(entry.name["zh"], str(entry.value), entry.clause) for entry in media],
            law.clause("alert.notify"),
            (due.value, due.clause),
        )
