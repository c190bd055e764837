"""What the simulation writes down: one flat, frozen row an event; figures are made later."""

from __future__ import annotations

import math
from typing import NamedTuple


class Event(NamedTuple):
    """One event of a run.

    Attributes
    ----------
    time : float
        Simulation hours since the start of the period, Beijing time.
    domain : str
        ``air``, ``cloud``, ``heating`` or ``city``.
    entity : str
        What it happened to or who acted: an alert, a request, a district, an office.
    event : str
        What happened, in one word: ``published``, ``submitted``, ``billed``.
    stage : str
        The step of the procedure or a qualification of the event.
    level : str or None
        The alert level concerned: ``yellow``, ``orange``, ``red``; None where there is none.
    value, unit : float, str
        A quantity that came with it; NaN where there is none.
    clause : str
        The clause that commands or allows it: the document's number, a space, the path.
    """

    time: float
    domain: str
    entity: str
    event: str
    stage: str = ""
    level: str | None = None
    value: float = math.nan
    unit: str = ""
    clause: str = ""
