"""A measured record put in the place of simulated air, and what happened beside what was issued."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from zibo_sim.air.alerts import Episode, find_episodes
from zibo_sim.air.aqi import POLLUTANTS
from zibo_sim.air.observed import MeasuredAir, align
from zibo_sim.air.stretches import LEVELS
from zibo_sim.clock import HOURS_PER_DAY, Clock
from zibo_sim.desk.air import AirRecord, read_air
from zibo_sim.errors import Refused
from zibo_sim.results import Run
from zibo_sim.scenario import Scenario
from zibo_sim.text import table

_NEVER = "–"
_LEVELS_ZH = {"none": "不预警", "yellow": "黄色", "orange": "橙色", "red": "红色"}


@dataclass(frozen=True)
class Measured:
    """A record aligned with a scenario's period."""

    record: AirRecord
    air: MeasuredAir
    clock: Clock

    def statements(self, lang: str) -> list[str]:
        """Say what the record covers of the period, and what it can and cannot show."""
        zh, known, total = lang == "zh", int(np.isfinite(self.air.aqi).sum()), self.clock.hours
        said = [s.of(lang) for s in self.record.statements()]
        if self.air.known_until < total:
            said.append(self._ends(zh))
        return [
            *said,
            f"模拟期 {total} 小时中有 {known} 小时实测；其余按无数据处理，不作填补"
            if zh
            else f"{known} of the period's {total} hours are measured; the others are without data",
            "实测空气已含当时所采取措施的效果，因此不给出“无措施”对照"
            if zh
            else "measured air contains the effect of the measures taken then: there is no "
            "counterfactual without measures",
        ]

    def _ends(self, zh: bool) -> str:
        last = _minutes(self.clock.datetime(self.air.known_until - 1))
        return (
            f"实测至 {last} 为止，此后情况不明：不再会商、发布或解除；未解除的预警，天数计到此时"
            if zh
            else f"the record's last measured hour is {last}; nothing is known after it: no alert "
            "is published or lifted then, and one still open counts days up to it alone"
        )

    def episodes(self, run: Run) -> list[tuple[Episode, list[str]]]:
        """Return what actually happened: each episode, and the alerts of a run in force in it."""
        record, first = self.record, int(self.clock.hour(self.record.start))
        phase = -record.start.hour % HOURS_PER_DAY
        found = find_episodes(record.aqi, record.dust, run.outcome.law, phase)
        level = run.outcome.air.level_by_hour()
        spans = [(max(e.start + first, 0), max(e.end + first + 1, 0)) for e in found]
        issued = [[LEVELS[i] for i in np.unique(level[a:b]) if i] for a, b in spans]
        return list(zip(found, issued, strict=True))

    def as_json(self, run: Run) -> dict[str, Any]:
        """Return alerts and episodes for ``run --json``."""
        alerts = run.alerts.astype(object).where(run.alerts.notna(), None).to_dict("records")
        for alert in alerts:
            alert["open_at_end"] = alert["lifted"] is None
        episodes = [
            {
                "level": e.level,
                "start": self._time(e.start),
                "end": self._time(e.end),
                "hours_over_200": e.hours_over_200,
                "peak_24h": e.peak_24h,
                "alerts_in_force": alerts_then,
            }
            for e, alerts_then in self.episodes(run)
        ]
        return {
            "measured_hours": int(np.isfinite(self.air.aqi).sum()),
            "hours": self.clock.hours,
            "last_measured_hour": _minutes(self.clock.datetime(self.air.known_until - 1)),
            "alerts_of_replication_0": alerts,
            "what_happened": episodes,
        }

    def text(self, run: Run, lang: str) -> str:
        """Return two tables: the alerts of one replication, and what actually happened."""
        zh = lang == "zh"
        issued = "第 0 次模拟围绕实测空气作预报后发布的预警" if zh else (
            "Alerts of replication 0, from forecasts made around the measured air")  # fmt: skip
        happened = (
            "实际情况（事后按预案衡量）"
            if zh
            else "What actually happened, by the plan in hindsight"
        )
        return "\n".join(
            [issued, self._alerts_table(run, zh), "", happened, self._episodes_table(run, zh)]
        )

    def _alerts_table(self, run: Run, zh: bool) -> str:
        header = (
            ("预警", "级别", "发布", "预计开始", "解除", "期间超200小时", "期间24小时均值峰值")
            if zh
            else (
                "alert",
                "level",
                "published",
                "expected",
                "lifted",
                "h over 200",
                "peak 24-h mean",
            )
        )
        rows = [
            (a.alert, _LEVELS_ZH[a.level] if zh else a.level, _minutes(a.published),
             _minutes(a.expected), self._lifted(a.lifted, zh), str(a.hours_over_200),
             f"{a.peak_24h:.0f}")
            for a in run.alerts.itertuples()
        ]  # fmt: skip
        return table(header, rows, right=(5, 6))

    def _lifted(self, when: datetime | None, zh: bool) -> str:
        if (said := _minutes(when)) != _NEVER:
            return said
        if self.air.known_until < self.clock.hours:
            return "实测止时未解除" if zh else "open at the end of the record"
        return "期末未解除" if zh else "open at the end of the period"

    def _episodes_table(self, run: Run, zh: bool) -> str:
        header = (
            ("应发级别", "开始", "结束", "超200小时", "24小时均值峰值", "期间有效预警")
            if zh
            else ("called for", "from", "to", "h over 200", "peak 24-h mean", "alert in force then")
        )
        rows = [
            (
                _LEVELS_ZH[e.level] if zh else e.level,
                self._time(e.start), self._time(e.end), str(e.hours_over_200), f"{e.peak_24h:.0f}",
                ", ".join(_LEVELS_ZH[a] if zh else a for a in then) or ("无" if zh else "none"),
            )
            for e, then in self.episodes(run)
        ]  # fmt: skip
        return table(header, rows, right=(3, 4))

    def _time(self, hour: int) -> str:
        return _minutes(self.record.time(hour))


def _minutes(when: datetime | None) -> str:
    # pandas turns None among datetimes into NaT, which is not equal to itself.
    return _NEVER if when is None or when != when else f"{when:%Y-%m-%d %H:%M}"


def load(source: Path, scenario: Scenario, encoding: str | None = None) -> Measured:
    """Read an hourly record and align it with a scenario's period.

    Raises
    ------
    Refused
        Where the file cannot be read as hourly air, or covers no hour of the period.
    """
    clock, law = scenario.clock(), scenario.law_book()
    record = read_air(source, encoding, law)
    hours = int(clock.hour(record.start)) + np.arange(record.hours)
    if hours[-1] < 0 or hours[0] >= clock.hours:
        raise Refused(
            f"covers {record.time(0)} to {record.time(record.hours - 1)}, no hour of the "
            f"scenario's period {clock.start} to {clock.end}; set period.start and period.end",
            where=str(source),
        )
    values = {name: v for name, v in record.columns.items() if name in POLLUTANTS}
    air = align(hours, clock.hours, record.aqi, record.dust, values, law)
    if not air.known_until:
        raise Refused(
            f"holds no value in the scenario's period {clock.start} to {clock.end}; allowed is a "
            "record with at least one measured hour in it",
            where=str(source),
        )
    return Measured(record, air, clock)
