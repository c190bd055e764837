"""Alerts: how they came about, how long they lasted, which were false and what was missed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from math import nan

import numpy as np

from zibo_sim.air.alerts import Episode
from zibo_sim.air.stretches import LEVELS, NONE
from zibo_sim.explanation.case import Case, colour
from zibo_sim.explanation.outlooks import outlook
from zibo_sim.explanation.said import Statement, Who, Word
from zibo_sim.ledger.record import Act, AlertRecord
from zibo_sim.outcomes import calling, covering, overlaps

_DAY = 24


def alert_days(case: Case, metric: str) -> Iterator[Statement]:
    """Explain ``air.alerts`` and the days under alert: the hours of every alert, and why."""
    last = metric.rpartition("_")[2]
    levels = [last] if last in LEVELS else list(LEVELS[1:])
    parts = [
        (n, record, {k: v for k, v in case.hours_in_force(n).items() if k in levels})
        for n, record in enumerate(case.records)
    ]
    kept = [part for part in parts if sum(part[2].values()) or metric == "air.alerts"]
    total = sum(sum(hours.values()) for _, _, hours in kept)
    rules = [f"alert.{level}.days" for level in levels]
    yield case.say("alerts.sum", *rules, count=len(kept), hours=total, days=total / _DAY)
    for n, record, hours in kept:
        yield _head(case, record, hours)
        if record.published.date() < (opens := _opens(case)):
            yield case.say("alerts.early", "alert.force.from", depth=1, day=opens)
        yield from _acts(case, n, record)


def _opens(case: Case) -> date:
    """Return the day from which the plan is in force."""
    return case.law.entry("alert.force.from").document.in_force_from


def _head(case: Case, record: AlertRecord, hours: dict[str, int]) -> Statement:
    said = tuple(
        Statement("alerts.hours", {"level": colour(level), "hours": h})
        for level, h in hours.items()
        if h
    )
    total = sum(hours.values())
    ended = record.lifted or case.time(case.air.until)
    key = "alerts.alert" if record.lifted else "alerts.alert_open"
    return case.say(
        key, "alert.publisher", name=record.name, level=colour(record.level),
        published=record.published, ended=ended, hours=total, days=total / _DAY, parts=said,
    )  # fmt: skip


def _acts(case: Case, number: int, record: AlertRecord) -> Iterator[Statement]:
    """Say of each act who proposed, approved and signed it, and what was foreseen then."""
    since = _forgotten(case, number)
    for act in record.acts:
        lead = (record.onset - act.done).total_seconds() / 3600
        late = act.kind == "published" and lead < 0
        yield case.say(
            f"act.{act.kind}{'_late' if late else ''}", *act.clauses, depth=1, done=act.done,
            level=colour(act.level), before=colour(act.before), reported=act.reported,
            approver=Who(act.approver), signer=Who(act.signer), consultation=_held(act),
            lead=abs(lead), onset=record.onset,
        )  # fmt: skip
        hour = round(case.clock.hour(act.reported))
        yield from _because(case, act, hour, since)
        if act.kind == "lowered":
            since = max(0, hour - case.air.thresholds.window)


def _held(act: Act) -> Word:
    return Word(f"consultation.{act.consultation}" if act.consultation else "list.held")


def _forgotten(case: Case, number: int) -> int:
    """Return the hour before which nothing is joined since an alert before this was lowered."""
    lowered = [
        round(case.clock.hour(act.reported))
        for record in case.records[:number]
        for act in record.acts
        if act.kind == "lowered"
    ]
    return max(0, lowered[-1] - case.air.thresholds.window) if lowered else 0


def regional_level(case: Case, when: datetime) -> str:
    """Return the level that was asked for from above at a moment."""
    events = case.run.events
    sent = events[events["event"].isin(["regional_alert", "regional_alert_lifted"])]
    sent = sent[sent["time"] <= when]
    if not len(sent) or sent.iloc[-1]["event"] == "regional_alert_lifted":
        return LEVELS[NONE]
    return str(sent.iloc[-1]["level"])


def _because(case: Case, act: Act, hour: int, since: int) -> Iterator[Statement]:
    seen, asked = outlook(case, hour, since), regional_level(case, act.reported)
    limit = case.law("alert.aqi.start")
    if act.kind == "lifted":
        hours = case.law("alert.lift.hours")
        yield case.say("why.lifted", "alert.lift.hours", depth=2, hours=hours, limit=limit,
                       highest=seen.highest, issued=_issued(case, seen.issued))  # fmt: skip
        return
    if act.kind == "lowered":
        yield case.say("why.lowered", "alert.lower", depth=2, limit=case.law("alert.aqi.severe"),
                       hours=case.law("alert.lift.hours"), highest=seen.highest,
                       issued=_issued(case, seen.issued))  # fmt: skip
    own = seen.episode.level if seen.episode else LEVELS[NONE]
    if asked != LEVELS[NONE] and LEVELS.index(asked) >= LEVELS.index(own):
        yield case.say("why.regional", "alert.regional.level", depth=2, level=colour(asked),
                       hours=case.law("alert.regional.hours"))  # fmt: skip
    if seen.episode is not None and own != LEVELS[NONE]:
        e = seen.episode
        yield case.say(
            "why.foreseen", f"alert.{own}.days", depth=2, issued=_issued(case, seen.issued),
            days=e.days_over_200, severe=e.days_over_300, peak=e.peak, limit=limit,
            start=case.time(e.start), end=case.time(e.end + 1), level=colour(own),
        )  # fmt: skip
    blocks = tuple(f"{aqi:.0f}" for _, aqi, _ in act.view.blocks)
    if blocks and act.view.issued:
        yield case.say("why.blocks", depth=2, issued=act.view.issued, blocks=blocks,
                       last=act.view.last_24h)  # fmt: skip


def _issued(case: Case, hour: int) -> datetime:
    return case.time(max(hour, 0))


# ---- false alerts and missed episodes ----------------------------------------------------


def false_alerts(case: Case, metric: str) -> Iterator[Statement]:
    """Explain ``air.false_alerts``: what was foreseen and what came."""
    del metric
    until, limit = case.air.until, case.law("alert.aqi.start")
    found = [
        n
        for n, alert in enumerate(case.air.alerts)
        if not any(overlaps(alert, e, until) for e in case.facts.episodes)
    ]
    yield case.say("false.sum", "alert.aqi.start", count=len(found), of=len(case.records),
                   limit=limit)  # fmt: skip
    for n in found:
        alert, record = case.air.alerts[n], case.records[n]
        yield _head(case, record, case.hours_in_force(n))
        ends = until if alert.lifted is None else alert.lifted
        inside = slice(int(alert.published), int(np.ceil(ends)) + 1)
        yield case.say("false.peak", "alert.mean.hours", depth=1, peak=_top(case, inside),
                       limit=limit)  # fmt: skip
        yield from _why_false(case, record, n, inside)


def _why_false(case: Case, record: AlertRecord, number: int, inside: slice) -> Iterator[Statement]:
    act = record.acts[0]
    hour = round(case.clock.hour(act.reported))
    seen, asked = outlook(case, hour, _forgotten(case, number)), regional_level(case, act.reported)
    if asked != LEVELS[NONE]:
        yield case.say("why.regional", "alert.regional.level", depth=2, level=colour(asked),
                       hours=case.law("alert.regional.hours"))  # fmt: skip
    if seen.episode is not None:
        e = seen.episode
        actual = _top(case, slice(e.start + case.air.thresholds.window - 1, e.end + 1))
        rule = f"alert.{e.level}.days" if e.level != LEVELS[NONE] else "alert.mean.hours"
        yield case.say("false.forecast", rule, depth=2, issued=_issued(case, seen.issued),
                       start=case.time(e.start), end=case.time(e.end + 1), foreseen=e.peak,
                       actual=actual, days=e.days_over_200)  # fmt: skip
    if dusty := case.dusty(inside.start, inside.stop):
        yield case.say("false.dust", "alert.dust.excluded", depth=2, hours=dusty)


def _top(case: Case, inside: slice) -> float:
    means = case.no_measures[max(inside.start, 0) : inside.stop]
    return float(np.nanmax(means)) if np.isfinite(means).any() else nan


def missed_episodes(case: Case, metric: str) -> Iterator[Statement]:
    """Explain ``air.missed_episodes``: what the forecasts said before and during each."""
    del metric
    found = [e for e in calling(case.facts) if not covering(case.facts, e)]
    short = [e for e in case.facts.episodes if e.level == LEVELS[NONE]]
    yield case.say("missed.sum", "alert.condition", count=len(found), of=len(calling(case.facts)))
    for episode in found:
        yield _episode(case, episode)
        yield from _why_missed(case, episode)
    if short:
        days = case.law("alert.yellow.days")
        yield case.say("missed.short", "alert.yellow.days", count=len(short), days=days)


def _episode(case: Case, e: Episode) -> Statement:
    return case.say(
        "missed.episode", f"alert.{e.level}.days", level=colour(e.level), start=case.time(e.start),
        end=case.time(e.end + 1), days=e.days_over_200, peak=e.peak_24h,
    )  # fmt: skip


def _why_missed(case: Case, episode: Episode) -> Iterator[Statement]:
    vintages, window = case.air.vintages, case.air.thresholds.window
    opens = _opens(case)
    if case.outcome.scenario.law_from == "in_force" and case.time(episode.end).date() < opens:
        yield case.say("missed.not_in_force", "alert.force.from", depth=1, day=opens)
        return
    first = episode.start - vintages.horizon
    hours = [int(h) + 1 for h in vintages.issued if first <= h <= episode.end]
    for hour in [h for h in hours if h < case.air.hours]:
        seen = outlook(case, hour)
        near = seen.episode
        overlapping = near is not None and near.start <= episode.end and near.end >= episode.start
        key, rule = "missed.less" if overlapping else "missed.nothing", "alert.consult.report"
        days, peak = (near.days_over_200, near.peak) if near and overlapping else (0, nan)
        if near and overlapping and near.level != LEVELS[NONE]:
            key, rule = "missed.too_late", "alert.publisher"
        issue = vintages.latest(hour)
        row = vintages.aqi[issue]
        inside = slice(max(episode.start - int(vintages.issued[issue]), 0),
                       max(episode.end + 1 - int(vintages.issued[issue]), 0))  # fmt: skip
        foreseen = row[inside]
        mean = float(np.nanmean(foreseen)) if np.isfinite(foreseen).any() else nan
        yield case.say(key, rule, depth=1, issued=_issued(case, seen.issued), days=days, peak=peak,
                       mean=mean, hours=len(foreseen))  # fmt: skip
    if dusty := case.dusty(episode.start - window, episode.end + 1):
        yield case.say("false.dust", "alert.dust.excluded", depth=1, hours=dusty)


def lead_time(case: Case, metric: str) -> Iterator[Statement]:
    """Explain ``air.lead_time_h``: publication and first hour of every episode covered."""
    del metric
    until, asked = case.air.until, case.law("alert.lead.hours")
    pairs = [
        (alert, next((e for e in case.facts.episodes if overlaps(alert, e, until)), None))
        for alert in case.air.alerts
    ]
    covered = [(a, e) for a, e in pairs if e is not None]
    ahead = sum(e.start - a.published >= asked for a, e in covered)
    yield case.say("lead.sum", "alert.lead.hours", count=len(covered), ahead=ahead, asked=asked,
                   left=len(pairs) - len(covered))  # fmt: skip
    timing = {record.name: record.acts[0].timing for record in case.records}
    for alert, e in covered:
        rule = "alert.lead.hours" if e.start - alert.published >= asked else "alert.urgent"
        yield case.say(
            "lead.alert", rule, depth=1, name=alert.name, published=case.time(alert.published),
            start=case.time(e.start), lead=e.start - alert.published,
            onset=case.time(alert.onset), timing=Word(f"timing.{timing[alert.name]}"),
        )  # fmt: skip
