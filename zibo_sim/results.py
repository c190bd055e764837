"""Runs as tidy frames, and the run folder that keeps them with their provenance."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from zibo_sim.air.stretches import LEVELS
from zibo_sim.cloud.eventlog import event_log
from zibo_sim.heating.outcomes import who_pays
from zibo_sim.metrics import measure
from zibo_sim.model import Outcome
from zibo_sim.provenance import content_hash, manifest, resolved_toml
from zibo_sim.records import Event
from zibo_sim.scenario import Scenario, Source
from zibo_sim.whole import whole_folder

__all__ = [
    "CUTS", "EVENT_COLUMNS", "OTHERS", "Run", "alerts_frame", "content_hash", "events_frame",
    "manifest", "resolved_toml", "series_frame", "write_folder", "write_parquet",
]  # fmt: skip

EVENT_COLUMNS = (
    "replication", "time", "in_force", "domain", "entity", "event", "stage", "level", "value",
    "unit", "clause",
)  # fmt: skip
#: Pollutants of the AQI beside PM2.5; ozone is not simulated.
OTHERS = ("pm10", "so2", "no2", "co")
CUTS = ("cut_so2", "cut_nox", "cut_pm", "cut_pm25", "cut_voc")


@dataclass(frozen=True)
class Run:
    """One replication as frames.

    Attributes
    ----------
    outcome : Outcome
        The raw records of the run.

    Examples
    --------
    >>> import zibo_sim as zs
    >>> result = zs.run(zs.load().replace({"period.end": "2018-10-14"}), seed=1)
    >>> result.series.shape[0] == 14 * 24
    True
    >>> "air.heavy_days" in result.metrics
    True
    """

    outcome: Outcome

    def __repr__(self) -> str:
        number = self.outcome.replication
        return f"Run({self.scenario.title!r}, seed={self.seed}, replication={number})"

    @property
    def scenario(self) -> Scenario:
        """The scenario that was run.

        Examples
        --------
        >>> import zibo_sim as zs
        >>> base = zs.load().replace({"period.end": "2018-10-14"})
        >>> zs.run(base).scenario is base
        True
        """
        return self.outcome.scenario

    @property
    def seed(self) -> int:
        """The seed of the experiment the run belongs to.

        Examples
        --------
        >>> import zibo_sim as zs
        >>> result = zs.run(zs.load().replace({"period.end": "2018-10-14"}), seed=1)
        >>> result.seed
        1
        """
        return self.outcome.seed

    @cached_property
    def events(self) -> pd.DataFrame:
        """What happened, one row an event, in order of time.

        Columns: ``replication``; ``time`` (Beijing time); ``in_force`` (whether the document cited
        was in force that day); ``domain`` (``air``, ``cloud``, ``heating``, ``city``); ``entity``,
        ``event``, ``stage``; ``level`` of an alert; ``value`` in ``unit``; ``clause``, which
        commands or allows it.

        Examples
        --------
        >>> import zibo_sim as zs
        >>> result = zs.run(zs.load().replace({"period.end": "2018-10-14"}), seed=1)
        >>> list(result.events.columns)[3:7]
        ['domain', 'entity', 'event', 'stage']
        >>> bool(result.events["clause"].str.len().min() > 0)
        True
        """
        return events_frame(self.outcome)

    @cached_property
    def series(self) -> pd.DataFrame:
        """Hourly series, indexed by Beijing time; shape ``(hours, 16)``.

        ``pm25``, ``pm25_no_measures``, ``pm10``, ``so2``, ``no2`` in µg/m³, ``co`` in mg/m³;
        ``aqi``, ``aqi_24h`` (mean of the 24 hours that end with this one); ``alert`` (``none`` to
        ``red``), ``dust``; ``cut_so2``, ``cut_nox``, ``cut_pm``, ``cut_pm25``, ``cut_voc`` (the
        share of the city's emissions that the measures take away); ``outdoor_c``, °C.

        Examples
        --------
        >>> import zibo_sim as zs
        >>> result = zs.run(zs.load().replace({"period.end": "2018-10-14"}), seed=1)
        >>> result.series.shape, str(result.series.index[-1])
        ((336, 16), '2018-10-14 23:00:00')
        """
        return series_frame(self.outcome)

    @cached_property
    def event_log(self) -> pd.DataFrame:
        """The cloud's requests in the columns of process-mining tools.

        ``case:concept:name``, ``concept:name``, ``time:timestamp``, ``org:resource``,
        ``lifecycle:transition``, ``case:kind``.

        Examples
        --------
        >>> import zibo_sim as zs
        >>> result = zs.run(zs.load().replace({"period.end": "2018-10-14"}), seed=1)
        >>> list(result.event_log.columns)[:3]
        ['case:concept:name', 'concept:name', 'time:timestamp']
        """
        return event_log(self.outcome.cloud)

    @cached_property
    def metrics(self) -> pd.Series:
        """Every metric by name; NaN where the run does not define it.

        Unit and formula of each: ``zibo_sim.metrics.METRICS[name]``, ``zibo-sim show --metrics``.

        Examples
        --------
        >>> import zibo_sim as zs
        >>> result = zs.run(zs.load().replace({"period.end": "2018-10-14"}), seed=1)
        >>> bool(result.metrics["air.alerts"] >= 0)
        True
        >>> from zibo_sim.metrics import METRICS
        >>> METRICS["air.alerts"].formula_in("en")
        'alerts published; an upgrade is not counted again'
        """
        return pd.Series(measure(self.outcome), name="value")

    @cached_property
    def alerts(self) -> pd.DataFrame:
        """One row an alert, in order of publication.

        ``alert``, its highest ``level``; ``published``, ``expected`` (start of the episode as
        forecast), ``lifted``; ``hours_in_force``, ``hours_over_200`` of them, ``peak_24h`` (the
        largest 24-hour mean of the AQI while in force).

        Examples
        --------
        >>> import zibo_sim as zs
        >>> result = zs.run(zs.load().replace({"period.end": "2018-10-14"}), seed=1)
        >>> list(result.alerts.columns)[:5]
        ['alert', 'level', 'published', 'expected', 'lifted']
        """
        return alerts_frame(self.outcome)

    @cached_property
    def who_pays(self) -> pd.DataFrame:
        """Both tariffs of 139号 for every dwelling, by vintage, position and income.

        One row a group: ``by``, ``group``, ``dwellings``, ``kwh_m2``, ``by_area`` and ``by_meter``
        (mean bills, yuan), ``paying_less`` (share whose bill by meter is the lower),
        ``subsidy_share``.

        Raises
        ------
        Refused
            Where no whole heating season lies in the period.

        Examples
        --------
        >>> import zibo_sim as zs
        >>> result = zs.run(zs.load().replace({"heating.dwellings": 3000}), seed=1)
        >>> result.who_pays["by"].unique().tolist()
        ['all', 'vintage', 'position', 'income']
        """
        return who_pays(self.scenario.heating, self.outcome.law, self.outcome.heating)


def _in_force(events: list[Event], days: Iterable[Any], outcome: Outcome) -> list[bool]:
    law = outcome.law
    documents = {clause: law.document_of(clause) for clause in {e.clause for e in events}}
    missing = sorted(clause for clause, document in documents.items() if document is None)
    if missing:
        raise LookupError(f"the law book lacks {missing}")
    known: dict[tuple[str, Any], bool] = {}
    answers = []
    for event, day in zip(events, days, strict=True):
        key = (event.clause, day)
        if key not in known:
            document = documents[event.clause]
            known[key] = document is not None and document.in_force(day)
        answers.append(known[key])
    return answers


def events_frame(outcome: Outcome) -> pd.DataFrame:
    """Return the log of a run as a frame with the columns `EVENT_COLUMNS`."""
    log = sorted(outcome.log, key=lambda event: event.time)
    frame = pd.DataFrame(log, columns=list(Event._fields))
    start = np.datetime64(outcome.clock.midnight, "s")
    seconds = np.round(frame["time"].to_numpy(dtype=float) * 3600).astype("timedelta64[s]")
    frame["time"] = start + seconds
    days = frame["time"].dt.date
    frame.insert(0, "replication", np.full(len(frame), outcome.replication))
    frame.insert(2, "in_force", _in_force(log, days, outcome))
    return frame[list(EVENT_COLUMNS)]


def series_frame(outcome: Outcome) -> pd.DataFrame:
    """Return the hourly series of a run, indexed by time."""
    air = outcome.air.air
    trailing = outcome.air.trailing_24h()
    columns: dict[str, Any] = {
        "pm25": air.pm25,
        "pm25_no_measures": air.pm25_no_measures,
        "aqi": air.aqi,
        "aqi_24h": trailing,
        "alert": _alert_words(outcome),
        "dust": air.dust,
    }
    unknown = np.full(outcome.clock.hours, np.nan)
    columns |= {name: air.concentrations.get(name, unknown) for name in OTHERS}
    columns |= {name: air.cut[:, i] for i, name in enumerate(CUTS)}
    columns["outdoor_c"] = outcome.outdoor_c
    index = pd.DatetimeIndex(outcome.clock.times().astype("datetime64[s]"), name="time")
    return pd.DataFrame(columns, index=index)


def _alert_words(outcome: Outcome) -> Any:
    """Return the level in force by hour; None after a record of the air has ended."""
    words = np.asarray(LEVELS, dtype=object)[outcome.air.level_by_hour()]
    words[outcome.air.until :] = None
    return words


def alerts_frame(outcome: Outcome) -> pd.DataFrame:
    """Return one row an alert beside what the air did while it was in force.

    One that was not lifted counts to the end of the period, or of the record of the air.
    """
    clock, air = outcome.clock, outcome.air
    trailing, heavy = air.trailing_24h(), outcome.law("alert.aqi.heavy")
    rows = []
    for alert in air.alerts:
        ends = air.until if alert.lifted is None else alert.lifted
        inside = slice(int(np.ceil(alert.published)), int(np.ceil(ends)))
        means = trailing[inside]
        rows.append(
            {
                "alert": alert.name,
                "level": LEVELS[max(level for _, level in alert.stages)],
                "published": clock.datetime(alert.published),
                "expected": clock.datetime(alert.onset),
                "lifted": None if alert.lifted is None else clock.datetime(alert.lifted),
                "hours_in_force": round(ends - alert.published, 1),
                "hours_over_200": int((means > heavy).sum()),
                "peak_24h": float(np.nanmax(means)) if np.isfinite(means).any() else np.nan,
            }
        )
    names = ["alert", "level", "published", "expected", "lifted", "hours_in_force",
             "hours_over_200", "peak_24h"]  # fmt: skip
    return pd.DataFrame(rows, columns=names)


# ---- the run folder ----------------------------------------------------------------------


def write_parquet(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame as Parquet; equal frames give equal bytes."""
    frame.to_parquet(path, engine="pyarrow", compression="zstd")


def write_folder(
    path: Path,
    scenario: Scenario,
    frames: Mapping[str, pd.DataFrame],
    about: Mapping[str, Any],
    sources: Iterable[Source] = (),
    report: Callable[[Path], None] | None = None,
) -> None:
    """Write a run folder: the resolved scenario, the frames, the manifest, the report.

    Parameters
    ----------
    path : Path
        The folder; it appears whole or is left as it was.
    scenario : Scenario
    frames : mapping of file stem to DataFrame
    about : mapping
        From `manifest`.
    sources : iterable of Source
    report : callable, optional
        Given the folder being written, it adds the report to it.
    """
    with whole_folder(path) as folder:
        text = resolved_toml(scenario, sources, with_folders=False)
        (folder / "scenario.toml").write_text(text, encoding="utf-8")
        for name, frame in frames.items():
            write_parquet(frame, folder / f"{name}.parquet")
        text = json.dumps(about, ensure_ascii=False, indent=2) + "\n"
        (folder / "manifest.json").write_text(text, encoding="utf-8")
        if report is not None:
            report(folder)
