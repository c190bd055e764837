"""What the cloud desk writes down; `zibo_sim.cloud.outcomes` reads it after the run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from zibo_sim.clock import Clock
from zibo_sim.cloud.arrivals import OfficeHours
from zibo_sim.cloud.parameters import Cloud
from zibo_sim.cloud.pool import Size
from zibo_sim.cloud.requests import Request
from zibo_sim.cloud.traits import Stock, capacity, initial


class Visit(NamedTuple):
    """One service of one request at one stage, in simulation hours.

    `done_h` is when the work will be done, known as soon as it begins; infinite when that lies
    beyond the calendar of the run.
    """

    request: str
    stage: str
    ready_h: float
    start_h: float
    done_h: float


class Step(NamedTuple):
    """A step of one request: ``submitted``, ``assessed``, … ``live``.

    ``room_wanted`` and ``room_found`` stand round a wait for capacity.
    """

    request: str
    step: str
    time_h: float


class Deadline(NamedTuple):
    """A clock that began to run: ``accept``, ``opinion``, ``test`` or ``filing``.

    `due_h` is the end, 24:00, of the last day in time.
    """

    request: str
    clock: str
    start_h: float
    due_h: float


class Span(NamedTuple):
    """Hours without service, from the first to before the last."""

    start_h: float
    end_h: float


class Allocation(NamedTuple):
    """What is promised from `time_h` on."""

    time_h: float
    vcpu: float
    memory_gb: float = 0.0
    storage_gb: float = 0.0


class Notice(NamedTuple):
    """A notice of planned maintenance (第二十二条): when given, by which day's end it was due."""

    told_h: float
    due_h: float
    start_h: float


@dataclass
class CloudLedger:
    """The rows of one run, in the order they were written, and what they are measured against."""

    clock: Clock
    cloud: Cloud
    office: OfficeHours
    requests: list[Request]
    stock: Stock = field(default_factory=Stock)
    visits: list[Visit] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    deadlines: list[Deadline] = field(default_factory=list)
    allocations: list[Allocation] = field(default_factory=list)
    planned: list[Span] = field(default_factory=list)
    unplanned: list[Span] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    @property
    def capacity(self) -> Size:
        """How much may be promised: the physical pool times the overcommitment."""
        return capacity(self.cloud)

    @property
    def initial(self) -> Size:
        """What is promised before the period."""
        return initial(self.cloud)
