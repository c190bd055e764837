"""The heavy-pollution plan at work: 淄政办字〔2018〕145号 四 as SimPy processes.

The office consults, proposes, has the alert signed and published, upgrades it, lowers it and lifts
it; districts and departments report by 16:00 and sum up within three working days. The air is asked
for what was observed so far and told which response is in force.
"""

from __future__ import annotations

from collections.abc import Generator
from datetime import date
from functools import cached_property
from math import ceil, floor, inf, sqrt
from typing import Any

import numpy as np
import simpy
from numpy.typing import NDArray

from zibo_sim.air.cited import Cited
from zibo_sim.air.consultation import Consultations
from zibo_sim.air.inspection.process import Inspectorate, after_inspection
from zibo_sim.air.parameters import Air
from zibo_sim.air.reporters import Reporters
from zibo_sim.air.response import compliance
from zibo_sim.air.sky import AirOutcome, Alert, Sky
from zibo_sim.air.stretches import (
    LEVELS,
    LIFT,
    LOWER,
    NONE,
    PUBLISH,
    UPGRADE,
    YELLOW,
    Outlook,
    decide,
)
from zibo_sim.clock import Clock, working_calendar
from zibo_sim.law import Law
from zibo_sim.places import DISTRICTS
from zibo_sim.records import Event
from zibo_sim.streams import Streams

PLAN = "淄政办字〔2018〕145号"
CONSULTING, PUBLISHING, LIFTING = f"{PLAN} 四(二)", f"{PLAN} 四(三)", f"{PLAN} 四(四)"
STARTING, ENDING, SUMMING_UP = f"{PLAN} 五(二)", f"{PLAN} 五(六)", f"{PLAN} 六(一)"
OFFICE, GOVERNMENT = "市重污染天气应急指挥部办公室", "市政府"
ABOVE = "上级重污染天气应急指挥机构"
RECORD = "monitoring record"
_PLANTS, _VISITS = 5000, 397
_LAST = simpy.events.EventPriority(simpy.events.NORMAL + 1)

Step = Generator[simpy.Event, Any, None]


class Last(simpy.Event):
    """An event of this very instant, after everything else that happens at it."""

    def __init__(self, env: simpy.Environment) -> None:
        super().__init__(env)
        self._ok, self._value = True, None
        env.schedule(self, priority=_LAST)


class AlertPlan:
    """The processes of the plan and what they know."""

    def __init__(
        self,
        env: simpy.Environment,
        log: list[Event],
        air: Sky,
        parameters: Air,
        clock: Clock,
        law: Law,
        streams: Streams,
        in_force_only: bool,
    ) -> None:
        self.env, self.log, self.air, self.clock, self.law = env, log, air, clock, law
        self.parameters, self.streams = parameters, streams
        opens = clock.hour(law.documents[PLAN].in_force_from) if in_force_only else 0.0
        self.desk = Consultations(air, parameters, clock, law, streams, opens)
        self.inspectorate = Inspectorate(env, log, parameters.inspection, law)
        self.alerts: list[Alert] = []
        self.hours, self.heard, self.publish_by = self.desk.hours, -1, inf
        # Drawn by the hour or day they are used at, so that an alert more moves no other one.
        self.haste = streams("air.office.approval").random(clock.hours + 1)
        self.luck = streams("air.response.compliance").random(clock.days + 1)
        self.cited = Cited.of(law)
        self.districts = Reporters.of(DISTRICTS, streams, clock)
        self.departments = Reporters.of(self.cited.departments, streams, clock, ".departments")
        self.members = Reporters.of(self.cited.members, streams, clock, ".members")
        self.told = (*self.districts.names, *self.departments.names)
        self.offsets = self._offsets()

    # ---- what is known -------------------------------------------------------------------

    @property
    def current(self) -> Alert | None:
        """The alert in force, None where there is none."""
        return self.alerts[-1] if self.alerts and self.alerts[-1].lifted is None else None

    @property
    def level(self) -> int:
        """The level in force."""
        return self.current.level if self.current else NONE

    @cached_property
    def visits(self) -> NDArray[np.float64]:
        """Draws of the plants that may be visited, in the order of visits, twice over."""
        return np.tile(self.streams("air.inspection").random((_PLANTS, 2)), (2, 1))

    def _approval_h(self) -> float:
        """Return the hours that the next approval takes: triangular."""
        c, u = self.parameters.consultation, float(self.haste[floor(self.env.now)])
        width = c.approval_high_h - c.approval_low_h
        rise = c.approval_mode_h - c.approval_low_h
        if u * width < rise:
            return c.approval_low_h + sqrt(u * width * rise)
        return c.approval_high_h - sqrt((1 - u) * width * (width - rise))

    def note(self, entity: str, event: str, clause: str, **more: Any) -> None:
        """Write one row of the log."""
        self.log.append(Event(self.env.now, "air", entity, event, clause=clause, **more))

    # ---- what is done --------------------------------------------------------------------

    def consultations(self) -> Step:
        """145号 四(二): weekly, daily in an alert, on call, and in real time in heavy pollution."""
        while (hour := self._await()) < self.hours:
            yield self.env.timeout(hour - self.env.now)
            yield from self._after_starts()
            self.air.advance(hour)
            kind = self._received(hour) or self.desk.kind(hour, self.current is not None)
            if kind is not None:
                outlook = self.desk.outlook(hour, self.level)
                self._consulted(hour, kind, outlook.level)
                yield from self.act_on(outlook, hour)
                yield from self._after_starts()
        yield from self._record_ends()

    def _record_ends(self) -> Step:
        """Where a record stops short of the period nothing more is known, and nothing is done."""
        if self.hours == self.clock.hours:
            return
        yield self.env.timeout(max(0.0, self.hours - self.env.now))
        hours = float(np.isfinite(self.air.aqi).sum())
        self.note(RECORD, "record_ended", CONSULTING, value=hours, unit="h")
        if alert := self.current:
            word = LEVELS[alert.level]
            self.note(alert.name, "open_at_record_end", CONSULTING, stage=RECORD, level=word)

    def _after_starts(self) -> Step:
        """Let a response that starts at this very instant come first."""
        if self.env.now in self.desk.starts and self.env.peek() == self.env.now:
            yield Last(self.env)

    def _await(self) -> int:
        """Return the next hour at which something may be done; log what is held until then."""
        first = floor(self.env.now) + 1
        if any(self.heard < hour < first for hour in self.desk.received):
            return first  # it arrived while something else was being signed
        begun = self.current.begun if self.current else 0
        meeting = self.desk.next(first, self.level, begun)
        if self.current:
            self.current.begun = meeting.begun
        self.log += [
            Event(hour, "air", OFFICE, "consulted", kind, LEVELS[level], clause=CONSULTING)
            for hour, kind, level in meeting.held
        ]
        return meeting.hour

    def _received(self, hour: int) -> str | None:
        """145号 四(五), 五(六): take note of what arrived from above since the last look."""
        arrived = sorted(h for h in self.desk.received if self.heard < h <= hour)
        self.heard, self.publish_by = hour, inf
        for at in arrived:
            before, level = int(self.desk.floor[at - 1]), int(self.desk.floor[at])
            event = "regional_alert" if level else "regional_alert_lifted"
            clause = self.law.clause("alert.regional.level") if level else ENDING
            word = LEVELS[level or before]
            self.log.append(Event(at, "air", ABOVE, event, level=word, clause=clause))
            if level > before:
                self.publish_by = at + self.law("alert.regional.hours")
        return "regional" if arrived else None

    def _consulted(self, hour: int, kind: str, level: int) -> None:
        self.log.append(
            Event(hour, "air", OFFICE, "consulted", kind, LEVELS[level], clause=CONSULTING)
        )

    def act_on(self, outlook: Outlook, hour: int) -> Step:
        """145号 四(三), 四(四): publish, upgrade, lower or lift, whichever the outlook demands."""
        alert = self.current
        if alert is not None:
            alert.begun = max(alert.begun, outlook.present)
        begun = alert.begun if alert else 0
        action = decide(
            self.level, begun, outlook.level, outlook.clean, outlook.eased, outlook.remaining
        )
        if alert is None:
            if action == PUBLISH:
                yield from self.publish(outlook, hour)
        elif action == LIFT:
            yield from self.lift(alert)
        elif action == UPGRADE:
            clause = self.law.clause("alert.upgrade")
            yield from self.change(alert, outlook.level, "upgraded", clause)
        elif action == LOWER:
            self.desk.lowered(hour)
            yield from self.change(alert, max(outlook.remaining, YELLOW), "lowered", LIFTING)

    def approve(self, name: str, level: int, signing: int) -> Step:
        """145号 三(一), 三(二), 四(三): report to the office, have it approved and signed."""
        word, signed = LEVELS[level], LEVELS[signing]
        self.note(name, "reported", CONSULTING, stage=OFFICE, level=word)
        yield self.env.timeout(max(0.0, min(self._approval_h(), self.publish_by - self.env.now)))
        approver, clause = self.cited.approve[signed]
        self.note(name, "approved", clause, stage=approver, level=word)
        signs, clause = self.cited.sign[signed]
        self.note(name, "signed", clause, stage=signs, level=word)

    def publish(self, outlook: Outlook, hour: int) -> Step:
        """145号 四(三): a new alert, in principle 24 hours ahead, else as early as possible."""
        name = f"alert-{len(self.alerts) + 1}"
        yield from self.approve(name, outlook.level, outlook.level)
        alert = Alert(name, outlook.onset, self.env.now, [(self.env.now, outlook.level)])
        self.alerts.append(alert)
        lead = outlook.onset - self.env.now
        self.note(
            name, "published", PUBLISHING, stage=self._timing(outlook, hour, lead),
            level=LEVELS[outlook.level], value=lead, unit="h",
        )  # fmt: skip
        self.explain(alert, hour)
        self.notify(alert)
        self.broadcast(alert)
        self.respond(alert)
        self.env.process(self.progress_reports(alert))

    def _timing(self, outlook: Outlook, hour: int, lead: float) -> str:
        severe = hour > 0 and self.air.aqi[hour - 1] > self.law("alert.emergency.aqi")
        if severe and outlook.worsening:
            return "emergency"
        if lead < 0:
            return "urgent"
        return "ahead" if lead >= self.law("alert.lead.hours") else "short_notice"

    def change(self, alert: Alert, level: int, event: str, clause: str) -> Step:
        """145号 四(四): the same publisher and procedure as at the start."""
        higher = self.law.option("alert.sign.change") == "higher"
        signing = max(level, alert.level) if higher else level
        yield from self.approve(alert.name, level, signing)
        alert.stages.append((self.env.now, level))
        self.note(alert.name, event, clause, stage=GOVERNMENT, level=LEVELS[level])
        self.notify(alert)
        self.broadcast(alert)
        self.respond(alert)

    def explain(self, alert: Alert, hour: int) -> None:
        """145号 四(三): a notice says when dust or fireworks have their part in the pollution."""
        foreseen = slice(hour, hour + self.desk.vintages.horizon)
        days = {f"{d.month:02d}-{d.day:02d}" for d in map(self.clock.date, (hour, alert.onset))}
        causes = {
            "dust": bool(self.air.dust[foreseen].any()),
            "fireworks": bool(days & set(self.parameters.consultation.firework_days)),
        }
        clause = self.law.clause("alert.explain")
        for cause in (name for name, present in causes.items() if present):
            self.note(alert.name, "explained", clause, stage=cause, level=LEVELS[alert.level])

    def broadcast(self, alert: Alert) -> None:
        """145号 四(六): the channels carry the alert from its publication on."""
        now, level = self.env.now, LEVELS[alert.level]
        self.log += [
            Event(now, "air", channel, "broadcast", stage, level, clause=clause)
            for channel, stage, clause in self.cited.media
        ]

    def notify(self, alert: Alert) -> None:
        """145号 四(三): districts and departments are told and start their plans at once."""
        now, level, clause = self.env.now, LEVELS[alert.level], self.cited.notify
        self.log += [
            Event(now, "air", told, "notified", alert.name, level, clause=clause)
            for told in self.told
        ]

    def respond(self, alert: Alert) -> None:
        """145号 五(二): the response starts at the time the alert gives."""
        earliest = alert.onset - self.parameters.response.begins_before_h
        begins = ceil(max(self.env.now, earliest))
        self.desk.starts.add(begins)
        self.env.process(self.response(alert, alert.level, begins))

    def response(self, alert: Alert, level: int, begins: int) -> Step:
        """145号 五(一), 五(二): put the measures of a level in force, unless another came first."""
        yield self.env.timeout(begins - self.env.now)
        if alert.lifted is not None or alert.level != level:
            return
        word = LEVELS[level]
        self.command(alert, begins)
        response = self.law(f"alert.response.level.{word}")
        self.note(alert.name, "response_started", STARTING, stage=response, level=word)
        if self.inspectorate.pools and not alert.inspected:
            alert.inspected = True
            self.desk.starts.add(self.inspectorate.evening(begins))
            self.env.process(self.inspections(alert))

    def command(self, alert: Alert, hour: int) -> None:
        """Order what the level in force demands, carried out as far as it is complied with."""
        word = LEVELS[alert.level]
        self.air.advance(hour)
        complied = self._complied(alert)
        if self.inspectorate.pools:
            plants = self.air.plants_ordered(hour, word)
            caught = self.inspectorate.caught_share(alert.name, plants, 1 - complied)
            complied = after_inspection(complied, caught)
        self.air.command(hour, word, complied)

    def _complied(self, alert: Alert) -> float:
        luck = self.luck[floor(alert.published / 24)]
        return compliance(self.parameters.response, LEVELS[alert.level], luck)

    def inspections(self, alert: Alert) -> Step:
        """145号 八(八), 八(九): teams go out every day; by evening more is complied with."""
        first = _VISITS * floor(alert.published / 24) % _PLANTS
        draws = self.visits[first : first + _PLANTS]
        given = self.parameters.inspection
        while (evening := self.inspectorate.evening(self.env.now)) < self.hours:
            self.desk.starts.add(evening)
            yield self.env.timeout(evening - given.round_h - self.env.now)
            if alert.lifted is not None:
                return
            plants = self.air.plants_ordered(floor(self.env.now), LEVELS[alert.level])
            secret = 1 - self._complied(alert)
            yield from self.inspectorate.day(alert.name, min(plants, _PLANTS), secret, draws)
            yield self.env.timeout(evening - self.env.now)
            if alert.lifted is not None:
                return
            if plants:
                self.command(alert, evening)

    def lift(self, alert: Alert) -> Step:
        """145号 四(四), 五(六): lifted by the city government; the response ends with it."""
        level = alert.level
        yield from self.approve(alert.name, level, level)
        word = LEVELS[level]
        self.note(alert.name, "lifted", LIFTING, stage=GOVERNMENT, level=word)
        self.notify(alert)
        self.broadcast(alert)
        alert.lifted = self.env.now
        hour = ceil(self.env.now)
        self.air.advance(hour)
        self.air.release(hour)
        self.note(alert.name, "response_ended", ENDING, level=word)
        for reporters in (self.districts, self.members):
            self.env.process(self.summaries(reporters))

    def progress_reports(self, alert: Alert) -> Step:
        """145号 四(三): districts and departments (市直有关部门) report by 16:00 every day.

        On the day of notice too, if it comes before 16:00.
        """
        by, clause = self.cited.report
        due = 24 * floor(self.env.now / 24) + by
        due += 24 if self.env.now > due else 0
        while due < self.hours and alert.lifted is None:
            now = self.env.now
            hours = [max(now, due + offset) for offset in self.offsets[int(due // 24)].tolist()]
            yield self.env.timeout(max(hours) - now)
            ended = self.env.now if alert.lifted is None else alert.lifted
            since, level = alert.stages[-1]
            self.log += [
                Event(hour, "air", name, "progress_reported", _kept(hour <= due),
                      LEVELS[level if hour >= since else alert.level_at(hour)], hour - due, "h",
                      clause)
                for hour, name in sorted(zip(hours, self.told, strict=True))
                if hour <= ended
            ]  # fmt: skip
            due += 24

    def _offsets(self) -> NDArray[np.float64]:
        """Return when each of them reports on each day, in hours from the hour due."""
        c = self.parameters.consultation
        punctual = np.hstack([self.districts.punctual, self.departments.punctual])
        return c.report_offset_mean_h + c.report_offset_sd_h * punctual

    def summaries(self, reporters: Reporters) -> Step:
        """145号 六(一): districts and member units (成员单位) report within three working days.

        The day on which the response ends is not counted.
        """
        ended, allowed = self.clock.date(self.env.now), self.law("alert.summary.working_days")
        slow, pace = reporters.diligence[floor(self.env.now / 24)].tolist()
        late = self.parameters.consultation.summary_late_share
        after: dict[int, list[str]] = {}
        for name, luck, share in zip(reporters.names, slow, pace, strict=True):
            days = allowed + 1 if luck < late else min(1 + floor(share * allowed), allowed)
            after.setdefault(days, []).append(name)
        for days, names in sorted(after.items()):
            when = self._at_office(working_calendar().add(ended, days))
            yield self.env.timeout(max(0.0, when - self.env.now))
            now, kept = self.env.now, _kept(days <= allowed)
            self.log += [
                Event(now, "air", name, "summarised", kept, None, float(days), "working d",
                      SUMMING_UP)
                for name in names
            ]  # fmt: skip

    def _at_office(self, day: date) -> float:
        return self.clock.hour(day) + self.parameters.consultation.routine_hour

    def outcome(self) -> AirOutcome:
        """Return what the plan did, to be read after the run."""
        desk = self.desk
        hours = self.clock.hours
        return AirOutcome(self.air, self.alerts, desk.vintages, hours, desk.thresholds)


def _kept(kept: bool) -> str:
    return "on_time" if kept else "late"


def alert_plan(
    env: simpy.Environment,
    log: list[Event],
    *,
    air: Sky,
    parameters: Air,
    clock: Clock,
    law: Law,
    streams: Streams,
    in_force_only: bool,
) -> AlertPlan:
    """Put the plan to work on an Environment.

    Parameters
    ----------
    env : simpy.Environment
    log : list of Event
        Written to as the run goes.
    air : Sky
        The air, simulated or measured.
    parameters : Air
    clock, law, streams
    in_force_only : bool
        Whether the plan acts only from the day it came into force.

    Returns
    -------
    AlertPlan
        Whose `outcome` is read after the run.
    """
    plan = AlertPlan(env, log, air, parameters, clock, law, streams, in_force_only)
    env.process(plan.consultations())
    return plan
