"""The one winter a report shows: the median one, its hours and its alerts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from zibo_sim.air.observed import MeasuredAir
from zibo_sim.air.stretches import LEVELS
from zibo_sim.errors import Refused
from zibo_sim.experiment import Replications, run
from zibo_sim.metrics import METRICS
from zibo_sim.results import Run

#: So many winters at most stand behind the one shown, as bands and shares.
BEHIND = 200
_STAGES = ("published", "upgraded", "lowered")


@dataclass(frozen=True)
class Winter:
    """One replication of many: its number, metrics, hourly series and events.

    Attributes
    ----------
    run : Run or None
        The same winter run again, where that gives the same figures.
    many : Replications or None
        Winters whose hourly series were kept, to stand behind it: the first `BEHIND`.
    """

    replication: int
    metrics: Mapping[str, float]
    series: pd.DataFrame
    events: pd.DataFrame
    run: Run | None = None
    many: Replications | None = None

    @property
    def alone(self) -> Replications:
        """The winter shown as the only one of those it was chosen from."""
        reps = self.many
        assert reps is not None, "the hours of this winter were not kept"
        number = self.replication
        frames = (self.series.reset_index(), self.events)
        kept = [frame.assign(replication=number) for frame in frames]
        ours = pd.DataFrame([{"replication": number, **self.metrics}])
        return Replications(reps.scenario, reps.seed, ours, kept[1], kept[0])


@dataclass(frozen=True)
class AlertRow:
    """One alert as a report lists it; times are pandas timestamps."""

    name: str
    levels: tuple[str, ...]
    published: pd.Timestamp
    lead_h: float
    lifted: pd.Timestamp | None
    hours: float
    signed: str
    clause: str
    in_force: bool


def typical(metrics: pd.DataFrame) -> int:
    """Return the replication with the median mean of PM2.5, the first one where none has any."""
    known = metrics[metrics["air.pm25_mean"].notna()]
    if known.empty:
        return int(metrics["replication"].iloc[0])
    ordered = known.sort_values(["air.pm25_mean", "replication"])
    return int(ordered["replication"].iloc[(len(ordered) - 1) // 2])


def chosen_winter(reps: Replications, observed: MeasuredAir | None = None) -> Winter | None:
    """Return the typical winter of many, run again where its hours were not kept.

    None where running it again gives other figures than the table has: then the package or the
    air is not the one that made the table.
    """
    number = typical(reps.metrics)
    row = reps.metrics.loc[reps.metrics["replication"] == number].iloc[0]
    metrics = {name: float(row[name]) for name in METRICS if name in row.index}
    again = _again(reps, number, metrics, observed)
    if not reps.series.empty and not reps.events.empty:
        series = _of(reps.series, number).set_index("time")
        return Winter(number, metrics, series, _of(reps.events, number), again, behind(reps))
    return None if again is None else Winter(number, metrics, again.series, again.events, again)


def _again(
    reps: Replications, number: int, metrics: Mapping[str, float], observed: MeasuredAir | None
) -> Run | None:
    """Run one winter again; None where a list it names is gone, or other figures come out."""
    try:
        again = run(reps.scenario, reps.seed, number, observed)
    except Refused:
        return None
    same = np.allclose(again.metrics.reindex(list(metrics)), list(metrics.values()), equal_nan=True)
    return again if same else None


def behind(reps: Replications) -> Replications:
    """Return the winters that stand behind the one shown."""
    numbers = reps.metrics["replication"].iloc[:BEHIND]
    frames = (reps.metrics, reps.events, reps.series)
    kept = [frame[frame["replication"].isin(numbers)] for frame in frames]
    return Replications(reps.scenario, reps.seed, *kept)


def _of(frame: pd.DataFrame, number: int) -> pd.DataFrame:
    kept = frame[frame["replication"] == number]
    return kept.drop(columns="replication").reset_index(drop=True)


def alert_rows(winter: Winter) -> list[AlertRow]:
    """Return the alerts of a winter in order of publication, read from its events."""
    events = winter.events
    ours = events[(events["domain"] == "air") & events["entity"].str.startswith("alert-")]
    known = winter.series.index[winter.series["alert"].notna()]  # a record may end early
    end = (known if len(known) else winter.series.index)[-1] + pd.Timedelta(hours=1)
    groups = [group for _, group in ours.groupby("entity", sort=False)]
    rows = [_alert(group, end) for group in groups if (group["event"] == "published").any()]
    return sorted(rows, key=lambda row: row.published)


def _alert(events: pd.DataFrame, end: pd.Timestamp) -> AlertRow:
    published = events[events["event"] == "published"].iloc[0]
    lifted = events.loc[events["event"] == "lifted", "time"]
    stops: Any = lifted.iloc[0] if len(lifted) else None
    until = end if stops is None else stops
    levels = events.loc[events["event"].isin(_STAGES), "level"]
    signers = dict.fromkeys(events.loc[events["event"] == "signed", "stage"])
    return AlertRow(
        name=str(published["entity"]),
        levels=tuple(level for level in levels if level in LEVELS),
        published=published["time"],
        lead_h=float(published["value"]),
        lifted=stops,
        hours=(until - published["time"]) / pd.Timedelta(hours=1),
        signed="、".join(signers),
        clause=str(published["clause"]),
        in_force=bool(published["in_force"]),
    )
