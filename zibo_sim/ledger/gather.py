"""Gather the records of a run's alerts from its events and series."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from zibo_sim.air.inventory import COUNTED
from zibo_sim.air.simulated import SimulatedAir
from zibo_sim.air.sky import Alert
from zibo_sim.air.stretches import LEVELS, trailing_means
from zibo_sim.clock import working_calendar
from zibo_sim.ledger.record import ACTS, Act, Air, AlertRecord, DistrictRow, Stage, View
from zibo_sim.places import DISTRICTS
from zibo_sim.results import Run

_BLOCK_H = 24


def records(run: Run) -> list[AlertRecord]:
    """Return what the ledger says of every alert of a run, in order."""
    gather = _Gatherer(run)
    return [gather.record(i, alert) for i, alert in enumerate(run.outcome.air.alerts)]


class _Gatherer:
    def __init__(self, run: Run) -> None:
        self.run, self.outcome, self.clock = run, run.outcome, run.outcome.clock
        self.law, self.air = run.outcome.law, run.outcome.air
        air = run.events[run.events["domain"] == "air"]
        self.by_event = {str(name): rows for name, rows in air.groupby("event", sort=False)}
        self.summarised: set[int] = set()
        sky = self.air.air
        self.no_measures = trailing_means(sky.aqi_no_measures, sky.dust, self.air.thresholds)

    def rows(self, event: str) -> pd.DataFrame:
        return self.by_event.get(event, self.run.events.iloc[:0])

    def record(self, number: int, alert: Alert) -> AlertRecord:
        ends = self.air.until if alert.lifted is None else alert.lifted
        inside = slice(int(np.ceil(alert.published)), int(np.ceil(ends)))
        span = self.clock.datetime(alert.published), self.clock.datetime(ends)
        acts = tuple(self._acts(alert))
        consulted = self._within("consulted", acts[0].reported, span[1])
        regional = self._within("regional_alert", acts[0].reported, span[1])
        levels = [LEVELS.index(str(level)) for level in regional["level"]]
        published = self.rows("published")
        lead = published.loc[published["entity"] == alert.name, "value"]
        explained = self.rows("explained")
        causes = explained.loc[explained["entity"] == alert.name, "stage"]
        due = None
        if alert.lifted is not None:
            days = self.law("alert.summary.working_days")
            due = working_calendar().add(span[1].date(), days)
        return AlertRecord(
            number=number + 1,
            name=alert.name,
            level=LEVELS[max(level for _, level in alert.stages)],
            onset=self.clock.datetime(alert.onset),
            lead_h=float(lead.iloc[0]),
            acts=acts,
            consultations={str(k): int(n) for k, n in consulted["stage"].value_counts().items()},
            districts=tuple(self._districts(alert, span)),
            stages=tuple(self._stages(inside)),
            air=self._air(inside),
            causes=tuple(dict.fromkeys(str(cause) for cause in causes)),
            channels=self._channels(acts[0].done),
            summaries_due=due,
            regional=LEVELS[max(levels)] if levels else "",
            law=self.law,
        )

    def _within(self, event: str, first: datetime, last: datetime) -> pd.DataFrame:
        rows = self.rows(event)
        return rows[(rows["time"] >= first) & (rows["time"] <= last)]

    # ---- acts ----------------------------------------------------------------------------

    def _acts(self, alert: Alert) -> list[Act]:
        acts: list[Act] = []
        steps = {name: self._of(name, alert.name) for name in ("reported", "approved", "signed")}
        done = pd.concat([self._of(kind, alert.name) for kind in ACTS]).sort_values("time")
        for n, (_, row) in enumerate(done.iterrows()):
            reported, approved, signed = (steps[name].iloc[n] for name in steps)
            when = reported["time"].to_pydatetime()
            acts.append(
                Act(
                    kind=str(row["event"]),
                    level=str(row["level"]),
                    before=acts[-1].level if acts else LEVELS[0],
                    consultation=self._consultation(when),
                    view=self._view(when),
                    reported=when,
                    approved=approved["time"].to_pydatetime(),
                    signed=signed["time"].to_pydatetime(),
                    done=row["time"].to_pydatetime(),
                    approver=str(approved["stage"]),
                    signer=str(signed["stage"]),
                    clauses=tuple(r["clause"] for r in (reported, approved, signed, row)),
                    timing=str(row["stage"]) if row["event"] == "published" else "",
                    regional=self._regional(when),
                )
            )
        return acts

    def _of(self, event: str, name: str) -> pd.DataFrame:
        rows = self.rows(event)
        return rows[rows["entity"] == name]

    def _consultation(self, when: datetime) -> str:
        rows = self.rows("consulted")
        held = rows[rows["time"] == when]
        return str(held["stage"].iloc[-1]) if len(held) else ""

    def _regional(self, when: datetime) -> str:
        rows = self.rows("regional_alert")
        received = rows[rows["time"] == when]
        return str(received["level"].iloc[-1]) if len(received) else ""

    def _view(self, when: datetime) -> View:
        hour = round(self.clock.hour(when))
        vintages = self.air.vintages
        issue = vintages.latest(hour)
        trailing = self.run.series["aqi_24h"].to_numpy()
        last = float(trailing[hour - 1]) if hour > 0 else float("nan")
        if issue < 0:
            return View(None, (), last)
        issued = self.clock.datetime(float(vintages.issued[issue]))
        whole = vintages.horizon // _BLOCK_H
        aqi = vintages.aqi[issue, : whole * _BLOCK_H].reshape(whole, _BLOCK_H)
        blocks = tuple(
            (issued + timedelta(hours=_BLOCK_H * k), float(aqi[k].mean()), float(pm25))
            for k, pm25 in enumerate(vintages.block_pm25[issue, :whole])
        )
        return View(issued, blocks, last)

    # ---- districts -----------------------------------------------------------------------

    def _districts(self, alert: Alert, span: tuple[datetime, datetime]) -> list[DistrictRow]:
        told = self.rows("notified")
        told = told[told["stage"] == alert.name]
        reports = self._within("progress_reported", *span)
        found = []
        for district in DISTRICTS:
            mine = reports[reports["entity"] == district]
            summary = self._summary(district, alert)
            found.append(
                DistrictRow(
                    name=district,
                    notified=told.loc[told["entity"] == district, "time"].iloc[0].to_pydatetime(),
                    reports=len(mine),
                    late=int((mine["stage"] == "late").sum()),
                    summarised=None if summary is None else summary["time"].to_pydatetime(),
                    working_days=None if summary is None else int(summary["value"]),
                    summary_late=summary is not None and summary["stage"] == "late",
                )
            )
        return found

    def _summary(self, district: str, alert: Alert) -> Any:
        """Return the summary a district sent after this alert: its working days fit the day."""
        if alert.lifted is None:
            return None
        ended = self.clock.date(alert.lifted)
        rows = self.rows("summarised")
        for at, row in rows[rows["entity"] == district].iterrows():
            due = working_calendar().add(ended, int(row["value"]))
            if at not in self.summarised and row["time"].date() == due:
                self.summarised.add(at)
                return row
        return None

    def _channels(self, when: datetime) -> tuple[tuple[str, str, str], ...]:
        rows = self.rows("broadcast")
        rows = rows[rows["time"] == when]
        names = ("entity", "stage", "clause")
        return tuple(tuple(str(row[n]) for n in names) for _, row in rows.iterrows())  # type: ignore[misc]

    # ---- measures and air ----------------------------------------------------------------

    def _stages(self, inside: slice) -> list[Stage]:
        sky = self.air.air
        if not isinstance(sky, SimulatedAir):
            return []
        return [
            Stage(
                level=given.orders.level,
                begin=self.clock.datetime(given.begin),
                end=self.clock.datetime(given.end),
                percent=dict(given.orders.account.percent),
                met=given.orders.account.met,
                compliance=given.compliance,
                lost_yuan=given.compliance * given.orders.lost * (given.end - given.begin) / 24.0,
            )
            for given in sky.responses
            if inside.start <= given.begin < inside.stop
        ]

    def _air(self, inside: slice) -> Air:
        series, heavy = self.run.series.iloc[inside], self.law("alert.aqi.heavy")
        sky = self.air.air
        simulated = isinstance(sky, SimulatedAir)
        return Air(
            hours_over=int((series["aqi_24h"] > heavy).sum()),
            hours_over_no_measures=int((self.no_measures[inside] > heavy).sum()),
            peak_24h=_top(series["aqi_24h"]),
            peak_pm25=_top(series["pm25"]),
            mean_pm25=float(series["pm25"].mean()),
            mean_no_measures=float(series["pm25_no_measures"].mean()),
            cut=self._cut(inside) if simulated else {},
        )

    def _cut(self, inside: slice) -> dict[str, float]:
        """Return the mean share of the emission avoided while measures were ordered."""
        hours = [
            hour
            for given in self.air.air.responses
            if inside.start <= given.begin < inside.stop
            for hour in range(given.begin, given.end)
        ]
        cut = self.run.series.iloc[hours]
        return {p: float(cut[f"cut_{p}"].mean()) for p in COUNTED} if hours else {}


def _top(values: Sequence[float]) -> float:
    known = np.asarray(values, dtype=float)
    known = known[np.isfinite(known)]
    return float(known.max()) if len(known) else float("nan")
