"""What the cloud desk writes down; `zibo_sim.cloud.outcomes` reads it after the run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from zibo_sim.clock import Clock
from zibo_sim.cloud.parameters import Cloud
from zibo_sim.cloud.requests import OfficeHours, Request


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
    """A step of one request: ``submitted``, ``assessed``, … ``live``."""

    request: str
    step: str
    time_h: float


class Deadline(NamedTuple):
    """A clock that began to run: ``accept``, ``opinion`` or ``test``.

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
    """The vCPU promised from `time_h` on."""

    time_h: float
    vcpu: float


@dataclass
class CloudLedger:
    """The rows of one run, in the order they were written, and what they are measured against."""

    clock: Clock
    cloud: Cloud
    office: OfficeHours
    requests: list[Request]
    visits: list[Visit] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    deadlines: list[Deadline] = field(default_factory=list)
    allocations: list[Allocation] = field(default_factory=list)
    planned: list[Span] = field(default_factory=list)
    unplanned: list[Span] = field(default_factory=list)

    @property
    def capacity_vcpu(self) -> float:
        """How many vCPU may be promised: the physical pool times the overcommitment."""
        return self.cloud.capacity.vcpu * self.cloud.capacity.overcommit

    @property
    def initial_vcpu(self) -> float:
        """The vCPU promised before the period."""
        return self.capacity_vcpu * self.cloud.capacity.initial_allocation_share
