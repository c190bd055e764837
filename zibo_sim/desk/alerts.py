"""The alert plan applied to a series of hourly air: 淄政办字〔2018〕145号 四(一), in hindsight."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from zibo_sim.air.alerts import Episode, find_episodes, signer
from zibo_sim.air.aqi import POLLUTANTS
from zibo_sim.air.stretches import LEVELS
from zibo_sim.desk.air import AirRecord, read_air
from zibo_sim.desk.outcome import Outcome, notes
from zibo_sim.desk.records import Record, deliver
from zibo_sim.errors import Refused
from zibo_sim.law import Law, book
from zibo_sim.tables.said import Said

OUTPUT = (
    "level",
    "start",
    "end",
    "hours_over_200",
    "peak_24h",
    "days_over_200",
    "days_over_300",
    "signed_by",
    "publish_by",
    "clause",
)
VALUES = f"aqi or any of {', '.join(POLLUTANTS)}"
_ZH = {"none": "不够预警", "yellow": "黄色", "orange": "橙色", "red": "红色"}


def alerts_file(
    source: Path,
    out: Path | None = None,
    *,
    encoding: str | None = None,
    law: Law | None = None,
) -> Outcome:
    """Find the episodes of heavy pollution in a file and the alert each calls for.

    Parameters
    ----------
    source : Path
        ``.csv`` or ``.xlsx``, columns as in `zibo_sim.desk.air.AIR`.
    out : Path, optional
        One row an episode; standard output when left out.
    encoding : str, optional
    law : Law, optional

    Raises
    ------
    Refused
        When the file is no hourly series or has no value at all, or the output cannot be written.
    """
    law = law or book()
    record = read_air(source, encoding, law)
    if record.missing == record.hours:
        raise Refused(
            f"none of its {record.hours} hours holds a value, so no plan can be applied to it; "
            f"allowed is at least one hour with {VALUES}",
            where=str(source),
        )
    rows = episode_rows(record, law)
    counted = deliver((Record(row) for row in rows), OUTPUT, (), out, source)
    said = [*record.statements(), _summary(rows), *_before_force(rows, law)]
    return Outcome(counted.total(), 0, notes(said))


def episode_rows(record: AirRecord, law: Law | None = None) -> list[dict[str, Any]]:
    """Return one row an episode, in order, columns as in `OUTPUT`; ``level`` none without alert."""
    law = law or book()
    phase = -record.start.hour % 24
    found = find_episodes(record.aqi, record.dust, law, phase=phase)
    return [_row(episode, record, law) for episode in found]


def _row(episode: Episode, record: AirRecord, law: Law) -> dict[str, Any]:
    start = record.time(episode.start)
    return {
        "level": episode.level,
        "start": start,
        "end": record.time(episode.end),
        "hours_over_200": episode.hours_over_200,
        "peak_24h": round(episode.peak_24h, 2),
        "days_over_200": episode.days_over_200,
        "days_over_300": episode.days_over_300,
        **(_duties(episode.level, start, law) if episode.level != LEVELS[0] else _no_alert(law)),
    }


def _duties(level: str, start: datetime, law: Law) -> dict[str, Any]:
    """145号 四(三): who signs, and publication 24 hours before."""
    return {
        "signed_by": signer(level, law),
        "publish_by": start - timedelta(hours=law("alert.lead.hours")),
        "clause": law.clause(f"alert.{level}.days"),
    }


def _no_alert(law: Law) -> dict[str, Any]:
    return {"signed_by": "", "publish_by": None, "clause": law.clause("alert.aqi.heavy")}


def _before_force(rows: list[dict[str, Any]], law: Law) -> Iterator[Said]:
    """Say how many episodes began before the plan: it is applied to them, and bound nobody."""
    plan = law.entry("alert.levels").document
    if before := sum(row["start"].date() < plan.in_force_from for row in rows):
        yield Said(
            f"其中 {before} 次始于{plan.number}施行（{plan.in_force_from}）之前",
            f"{before} of them begun before {plan.number} was in force ({plan.in_force_from})",
        )


def _summary(rows: list[dict[str, Any]]) -> Said:
    counted = Counter(row["level"] for row in rows)
    levels = [level for level in reversed(LEVELS) if counted[level]]
    zh = "，".join(f"{_ZH[level]} {counted[level]}" for level in levels)
    en = ", ".join(f"{counted[level]} {level}" for level in levels)
    return Said(
        f"重污染过程 {len(rows)} 次" + (f"（{zh}）" if zh else ""),
        f"episodes of heavy pollution: {len(rows)}" + (f" ({en})" if en else ""),
    )
