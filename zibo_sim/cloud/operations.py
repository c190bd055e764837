"""The platform itself: planned maintenance, interruptions, failures of the mains, drills.

Nothing here waits for anything, so the diary of the platform is known before the run.
"""

from __future__ import annotations

import calendar
import math
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

import numpy as np

from zibo_sim.clock import HOURS_PER_DAY, Clock
from zibo_sim.cloud.arrivals import A_MOMENT
from zibo_sim.cloud.clocks import notice_by
from zibo_sim.cloud.ledger import CloudLedger, Notice, Span
from zibo_sim.cloud.parameters import Maintenance, Power
from zibo_sim.cloud.use_parameters import Interruption
from zibo_sim.law.book import Law
from zibo_sim.records import Event
from zibo_sim.streams import Streams

HOURS_PER_YEAR = 8760


def plan_operations(ledger: CloudLedger, law: Law, streams: Streams) -> list[Event]:
    """Return the platform's events in order of time, and write its interruptions into `ledger`.

    An event of maintenance or power carries the hours it took; a notice, how long before it came.
    """
    clock, cloud = ledger.clock, ledger.cloud
    ledger.planned += maintenance_windows(clock, cloud.maintenance)
    ledger.notices += notices(ledger, law, streams)
    failures = outages(clock, cloud.power, streams)
    lost = losses(failures, law("cloud.power.backup_hours"))
    broken = interruptions(clock, cloud.interruption, streams)
    ledger.unplanned += [*lost, *broken]
    diary = [
        *_maintained(ledger, law),
        *_interrupted(broken, cloud.interruption, law),
        *_failed(failures, law),
        *_lost(lost, law),
        *_drilled(ledger, law),
    ]
    return sorted((e for e in diary if 0 <= e.time < math.inf), key=lambda event: event.time)


def _note(time: float, event: str, clause: str, hours: float = math.nan) -> Event:
    unit = "" if math.isnan(hours) else "h"
    return Event(time, "cloud", "platform", event, "", None, hours, unit, clause)


def _maintained(ledger: CloudLedger, law: Law) -> Iterator[Event]:
    """第二十二条: reported a working day before, then done; 第二十条 excepts it from 24 hours."""
    notice, service = law.clause("cloud.maintenance.days"), law.clause("cloud.service.hours")
    for (start, end), (told, _, _) in zip(ledger.planned, ledger.notices, strict=True):
        yield _note(told, "maintenance_notified", notice, start - told)
        yield _note(start, "maintenance_began", service)
        yield _note(end, "maintenance_ended", service, end - start)


def notices(ledger: CloudLedger, law: Law, streams: Streams) -> Iterator[Notice]:
    """Yield the notice of each planned window: on its last day in time, or late, on the day."""
    clock, rules = ledger.clock, ledger.cloud.maintenance
    late = streams("cloud.maintenance.late").random(len(ledger.planned)) < rules.late_notice_share
    for (start, _), missed in zip(ledger.planned, late.tolist(), strict=True):
        due = notice_by(clock.date(start), law)
        day = clock.date(start) if missed else due
        told = min(clock.hour(day) + ledger.cloud.office.opens, start)
        yield Notice(told, clock.hour(due) + HOURS_PER_DAY, start)


def _interrupted(spans: Iterable[Span], rules: Interruption, law: Law) -> Iterator[Event]:
    """第二十二条: in a special situation the provider applies at any time, then interrupts."""
    clause = law.clause("cloud.interruption")
    for start, end in spans:
        asked = max(start - rules.applied_h, 0.0)
        yield _note(asked, "interruption_applied", clause, start - asked)
        yield _note(start, "interruption_began", clause)
        yield _note(end, "interruption_ended", clause, end - start)


def _failed(failures: Iterable[Span], law: Law) -> Iterator[Event]:
    """第二十一条: both feeds of the mains (双回路市电) fail, and come back."""
    clause = law.clause("cloud.power.feeds")
    for start, end in failures:
        yield _note(start, "power_failed", clause)
        yield _note(end, "power_restored", clause, end - start)


def _lost(spans: Iterable[Span], law: Law) -> Iterator[Event]:
    clause = law.clause("cloud.power.backup_hours")
    for start, end in spans:
        yield _note(start, "service_lost", clause)
        yield _note(end, "service_restored", clause, end - start)


def _drilled(ledger: CloudLedger, law: Law) -> Iterator[Event]:
    """第二十五条: emergency drills, in office hours."""
    clause = law.clause("cloud.drill.per_half_year")
    for day in drill_days(ledger.clock, law("cloud.drill.per_half_year")):
        yield _note(ledger.office.advance(ledger.clock.hour(day), A_MOMENT), "drill", clause)


def losses(failures: Iterable[Span], backup_h: float) -> list[Span]:
    """第二十一条: the service goes on for the hours of backup, and is lost after them."""
    return [Span(f.start_h + backup_h, f.end_h) for f in failures if f.end_h - f.start_h > backup_h]


def maintenance_windows(clock: Clock, maintenance: Maintenance) -> list[Span]:
    """Return the windows that begin in the period, spread evenly over each month."""
    count, found = maintenance.windows_per_month, []
    for first in _months(clock):
        length = calendar.monthrange(first.year, first.month)[1]
        for number in range(1, count + 1):
            day = first + timedelta(days=length * number // (count + 1))
            start = clock.hour(day) + maintenance.starts
            if 0 <= start < clock.hours:
                found.append(Span(start, start + maintenance.hours))
    return found


def _months(clock: Clock) -> Iterable[date]:
    months = range(
        clock.start.year * 12 + clock.start.month - 1, clock.end.year * 12 + clock.end.month
    )
    return (date(month // 12, month % 12 + 1, 1) for month in months)


def outages(clock: Clock, power: Power, streams: Streams) -> list[Span]:
    """Return when both feeds fail."""
    draws = streams("cloud.power.failure"), streams("cloud.power.duration")
    median, gsd = power.duration_median_h, power.duration_gsd
    return _chance_spans(clock, power.outages_per_year, median, gsd, *draws)


def interruptions(clock: Clock, rules: Interruption, streams: Streams) -> list[Span]:
    """第二十二条: return the temporary interruptions; all of the service is taken to stop."""
    draws = streams("cloud.interruption.start"), streams("cloud.interruption.duration")
    return _chance_spans(clock, rules.per_year, rules.hours_median, rules.hours_gsd, *draws)


def _chance_spans(
    clock: Clock, per_year: float, median_h: float, gsd: float,
    rng: np.random.Generator, lengths: np.random.Generator,
) -> list[Span]:  # fmt: skip
    """Return spans Poisson in time, lognormal in length, drawn beforehand."""
    expected = per_year * clock.hours / HOURS_PER_YEAR
    size = int(expected + 6 * math.sqrt(expected)) + 8
    due = rng.standard_exponential(size).cumsum()
    starts = due[due < expected] * clock.hours / max(expected, A_MOMENT)
    hours = median_h * gsd ** lengths.standard_normal(len(starts))
    pairs = zip(starts.tolist(), hours.tolist(), strict=True)
    return [Span(start, start + length) for start, length in pairs]


def drill_days(clock: Clock, per_half_year: int) -> list[date]:
    """Return the days of drills: spread evenly over what the period has of each half-year."""
    halves: dict[tuple[int, bool], list[date]] = {}
    for number in range(clock.days):
        day = clock.start + timedelta(days=number)
        halves.setdefault((day.year, day.month > 6), []).append(day)
    return [
        days[len(days) * (2 * number + 1) // (2 * count)]
        for days in halves.values()
        for count in [min(per_half_year, len(days))]
        for number in range(count)
    ]
