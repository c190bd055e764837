"""Requests and all that they bring with them, drawn before the run.

Each source of requests (new systems, changes, exits, every wave of migration) has streams of its
own, and request ``i`` of a source takes row ``i`` of every one of them. Staff, clocks and the law
are not asked, so one reviewer more moves no arrival, no size, no service time and no outcome.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from zibo_sim.clock import Clock
from zibo_sim.cloud.arrivals import A_MOMENT, OfficeHours, arrivals, day_factors
from zibo_sim.cloud.parameters import MAX_RETURNS, Cloud, Staff
from zibo_sim.cloud.pool import Size
from zibo_sim.cloud.traits import Traits, capacity, draw_traits, lognormal
from zibo_sim.streams import Streams

Array = NDArray[np.float64]


class Plea(NamedTuple):
    """An application not to move for a special reason (第四条): its examination, and how it ends.

    `work` is in working hours.
    """

    work: float
    granted: bool


class Request(NamedTuple):
    """One request. Work is in working hours, instants in simulation hours.

    Attributes
    ----------
    id : str
        ``N0001`` new, ``C0001`` change, ``X0001`` exit, ``M1-0001`` migration, wave 1;
        ``D1-0001`` a district's, wave 1.
    kind : str
        ``new``, ``change``, ``exit``, ``migration`` or ``district``.
    arrival_h : float
    vcpu : int
        What it adds to the allocation; negative where it gives back.
    provisioning : float
        Work of setting up, changing or closing.
    checks : tuple of float
        Work of every check of the papers; all but the last end in a return.
    amendments : tuple of float
        Working hours at the applicant (补正) after each return.
    assessment, acceptance, audit : float
        Work of these stages.
    refused : bool
        Whether it is refused (不予受理) once it is assessed.
    extension_d : float
        Days by which the test is extended; 0 where it is not.
    traits : Traits
        Memory, storage, payer, grade and the like.
    plea : Plea or None
        What is asked before, of an existing system that for a special reason cannot move.
    """

    id: str
    kind: str
    arrival_h: float
    vcpu: int = 0
    provisioning: float = 0.0
    checks: tuple[float, ...] = (0.0,)
    amendments: tuple[float, ...] = ()
    assessment: float = 0.0
    acceptance: float = 0.0
    audit: float = 0.0
    refused: bool = False
    extension_d: float = 0.0
    traits: Traits = Traits()
    plea: Plea | None = None

    @property
    def size(self) -> Size:
        """What it adds to what is promised; negative where it gives back."""
        return Size(self.vcpu, self.traits.memory_gb, self.traits.storage_gb)


def draw_requests(
    clock: Clock, cloud: Cloud, office: OfficeHours, streams: Streams
) -> list[Request]:
    """Draw every request of the period, in the order of arrival."""
    drawn = [r for source in _sources(clock, cloud, office, streams) for r in source]
    return sorted(drawn, key=lambda request: request.arrival_h)


def _sources(
    clock: Clock, cloud: Cloud, office: OfficeHours, streams: Streams
) -> Iterator[list[Request]]:
    rates = cloud.arrivals
    factors = day_factors(rates, clock, streams)
    new = _Source(cloud, office, streams, "new")
    yield new.applications("N", new.times(rates.new_per_day, factors, clock))
    change = _Source(cloud, office, streams, "change")
    yield change.orders("C", change.times(rates.change_per_day, factors, clock))
    leave = _Source(cloud, office, streams, "exit")
    yield leave.orders("X", leave.times(rates.exit_per_day, factors, clock))
    for number, (opens_on, count) in enumerate(rates.migration_waves, 1):
        wave = _Source(cloud, office, streams, f"migration.{number}")
        yield wave.applications(f"M{number}-", wave.wave(opens_on, count, clock))
    for number, (opens_on, payer, count) in enumerate(rates.district_waves, 1):
        joining = _Source(cloud, office, streams, f"district.{number}")
        yield joining.applications(f"D{number}-", joining.wave(opens_on, count, clock), payer)


@dataclass(frozen=True)
class _Source:
    """One source of requests and its streams."""

    cloud: Cloud
    office: OfficeHours
    streams: Streams
    name: str

    def rng(self, quantity: str) -> np.random.Generator:
        """Return the stream of `quantity` from its beginning."""
        return self.streams(f"cloud.{quantity}.{self.name}")

    def times(self, rate: float, factors: Array | None, clock: Clock) -> list[float]:
        """Return the arrivals of a source of `rate` a working day, in office hours."""
        rng = self.rng("arrivals")
        return arrivals(rng, rate, factors, self.cloud.arrivals, self.office, clock)

    def wave(self, opens_on: str, count: int, clock: Clock) -> list[float]:
        """Return the arrivals of a wave; none when its first day lies outside the period."""
        years = range(clock.start.year, clock.end.year + 1)
        days = (date.fromisoformat(f"{year}-{opens_on}") for year in years)
        first = next((day for day in days if clock.start <= day <= clock.end), None)
        if first is None:
            return []
        spread = self.cloud.arrivals.migration_spread_days * self.office.per_day
        work = self.rng("arrivals").random(count) * spread + A_MOMENT
        times = [self.office.advance(clock.hour(first), w) for w in np.sort(work).tolist()]
        return [time for time in times if time < clock.hours]

    def applications(
        self, letter: str, times: list[float], payer: str | None = None
    ) -> list[Request]:
        """Return the requests of new or migrating systems (第五条, 第十一条, 第十三条)."""
        n, rules = len(times), self.cloud.requests
        sizes = self.sizes(n)
        columns = (
            times,
            sizes.astype(int).tolist(),
            self.work("provisioning", self.cloud.provisioning, n),
            *self.papers(n),
            self.work("assessment", self.cloud.assessment, n),
            self.work("acceptance", self.cloud.acceptance, n),
            self.work("audit", self.cloud.audit, n),
            (self.rng("refusal").random(n) < rules.refusal_share).tolist(),
            self.extensions(n),
            self.traits(sizes, payer),
            self.pleas(n),
        )
        rows = enumerate(zip(*columns, strict=True), 1)
        kind = self.name.split(".")[0]
        return [Request(f"{letter}{i:04d}", kind, *row) for i, row in rows]

    def orders(self, letter: str, times: list[float]) -> list[Request]:
        """Return the changes or exits of systems already on the platform (第十二条)."""
        n, rules = len(times), self.cloud.requests
        growth = -np.ones(n)
        if self.name == "change":
            span = rules.change_high - rules.change_low
            growth = rules.change_low + span * self.rng("growth").random(n)
        most = math.floor(capacity(self.cloud).vcpu)
        vcpu = np.clip(np.rint(self.sizes(n) * growth), -most, most)
        work = self.work("provisioning", self.cloud.provisioning, n)
        rows = enumerate(zip(times, vcpu.astype(int).tolist(), work, strict=True), 1)
        traits = self.traits(vcpu)
        return [
            Request(f"{letter}{i:04d}", self.name, *row, traits=traits[i - 1]) for i, row in rows
        ]

    def traits(self, vcpu: Array, payer: str | None = None) -> list[Traits]:
        """Return memory, storage, payer, grade and the like."""
        return draw_traits(self.rng("traits"), vcpu, self.cloud, self.office.per_day, payer)

    def pleas(self, n: int) -> list[Plea | None]:
        """Return which existing systems ask not to move (第四条), and with what outcome."""
        rules = self.cloud.exceptions
        if self.name == "new" or not rules.share:
            return [None] * n
        asked, granted = self.rng("exception").random((n, 2)).T
        z = self.rng("exception.examination").standard_normal(n)
        work = lognormal(z, rules.mean_days * self.office.per_day, rules.cv)
        columns = (asked < rules.share, work, granted < rules.granted_share)
        rows = zip(*(column.tolist() for column in columns), strict=True)
        return [Plea(hours, yes) if asks else None for asks, hours, yes in rows]

    def work(self, stage: str, staff: Staff, n: int) -> list[float]:
        """Return the work of one stage in working hours, one value a request."""
        z = self.rng(f"service.{stage}").standard_normal(n)
        return list(self.lognormal(z, staff).tolist())

    def lognormal(self, z: Array, staff: Staff) -> Array:
        """Return working hours with the mean and the cv of `staff`, from standard normals."""
        return lognormal(z, staff.mean_days * self.office.per_day, staff.cv)

    def sizes(self, n: int) -> Array:
        """Return the vCPU of each system: whole, at least one, no more than the pool."""
        rules, most = self.cloud.requests, math.floor(capacity(self.cloud).vcpu)
        drawn = rules.size_median_vcpu * rules.size_gsd ** self.rng("size").standard_normal(n)
        return np.clip(np.rint(drawn), 1, max(most, 1))

    def papers(self, n: int) -> tuple[list[tuple[float, ...]], list[tuple[float, ...]]]:
        """Return the work of each check of the papers, and the time at the applicant between."""
        rules, width = self.cloud.requests, MAX_RETURNS
        z = self.rng("service.completeness").standard_normal((n, width + 1))
        checks = self.lognormal(z, self.cloud.completeness).tolist()
        away = self.rng("amendment").standard_exponential((n, width))
        away *= rules.rework_mean_days * self.office.per_day
        chances = rules.rework_share ** np.arange(1, rules.max_returns + 1)
        times = (self.rng("returns").random((n, 1)) < chances).sum(axis=1).tolist()
        pairs = list(zip(times, checks, away.tolist(), strict=True))
        return [tuple(c[: k + 1]) for k, c, _ in pairs], [tuple(a[:k]) for k, _, a in pairs]

    def extensions(self, n: int) -> list[float]:
        """Return the days by which each test is extended (第十一条(四)), 0 where it is not."""
        rules = self.cloud.requests
        extended = self.rng("extended").random(n) < rules.test_extension_share
        days = rules.extension_mean_days * self.rng("extension").standard_exponential(n)
        return list(np.where(extended, days, 0.0).tolist())
