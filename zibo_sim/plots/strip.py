"""One winter as a strip: the air, the alerts in force, the law's limits, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import matplotlib.dates as mdates
import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from zibo_sim.law import Law
from zibo_sim.plots.pen import FADED, INK, LIMIT, NO_MEASURES, Pen, axes_of, finish, headings
from zibo_sim.results import Run
from zibo_sim.scenario import Scenario

#: The plan's colours, each with a hatch for readers who do not tell them apart.
ALERT_COLOURS = {"yellow": "#f5c800", "orange": "#f57c00", "red": "#c62828"}
ALERT_HATCHES = {"yellow": "", "orange": "///", "red": "xxx"}
_BAND = 0.05
#: Share of the picture's width that a band needs to hold its letter.
_LETTER_ROOM = 0.0137
_DAYS_SHORT = 62


def season(run: Run, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw one winter: hourly PM2.5, its 24-hour mean with and without measures, the alerts.

    Parameters
    ----------
    run : Run
    ax : matplotlib Axes, optional
        Default: a new figure's.
    lang : {"zh", "en"}, optional
        Default: the locale's.

    Returns
    -------
    matplotlib Axes
    """
    return season_of(
        run.series, run.scenario, run.seed, run.outcome.replication, run.metrics, ax, lang
    )


def season_of(
    series: pd.DataFrame,
    scenario: Scenario,
    seed: int,
    replication: int,
    metrics: Mapping[str, float],
    ax: Axes | None = None,
    lang: str | None = None,
) -> Axes:
    """Draw one winter from its frame, as `season` does from a run.

    Parameters
    ----------
    series : DataFrame
        Hourly, indexed by time, with the columns of ``Run.series``.
    scenario : Scenario
    seed, replication : int
    metrics : mapping of str to float
        Of that run.
    """
    pen, ax, law = Pen.of(lang), axes_of(ax, 11, 4.2), scenario.law_book()
    measured_pm = bool(np.isfinite(series["pm25"].to_numpy(dtype=float)).any())
    name = "pm25" if measured_pm else "aqi"
    handles: list[Artist] = [*_lines(ax, pen, series, name, law)]
    top = _headroom(ax, series[name])
    handles += [*_gaps(ax, pen, series[name]), *_alerts(ax, pen, series["alert"])]
    _limits(ax, pen, law, measured_pm, top)
    ax.set_xlim(series.index[0], series.index[-1] + pd.Timedelta(hours=1))
    _dates(ax, pen, series.index[0].date(), series.index[-1].date())
    ax.set_ylabel(pen.word("plot.pm25" if measured_pm else "plot.aqi"), **pen.style(fontsize=10))
    caption = _season_caption(pen, seed, replication, metrics)
    headings(ax, pen, pen.users(scenario.title, 80), caption)
    finish(ax, pen)
    _legend(ax, pen, handles, 4)
    return ax


def _season_caption(pen: Pen, seed: int, replication: int, metrics: Mapping[str, float]) -> str:
    parts = [pen.word("plot.run", seed=seed, replication=replication)]
    figures = {"mean": "air.pm25_mean", "heavy_days": "air.heavy_days", "alerts": "air.alerts"}
    for key, name in figures.items():
        if np.isfinite(metrics[name]):
            digits = 1 if key == "mean" else 0
            parts.append(pen.word(f"plot.{key}", value=f"{metrics[name]:.{digits}f}"))
    return " · ".join(parts)


def _lines(ax: Axes, pen: Pen, series: pd.DataFrame, name: str, law: Law) -> list[Line2D]:
    """Draw the hours thin and their trailing 24-hour means thick; gaps stay open."""
    window, valid = law("alert.mean.hours"), law("aqi.valid_hours")

    def trailing(hourly: pd.Series) -> pd.Series:
        means = hourly.rolling(window, min_periods=min(valid, window)).mean()
        return means.where(hourly.notna())

    hourly = series[name]
    (thin,) = ax.plot(hourly, color=FADED, lw=0.5, zorder=2, gid="hourly",
                      label=pen.word("plot.hourly"))  # fmt: skip
    drawn = [thin]
    free = series["pm25_no_measures"] if name == "pm25" else hourly * np.nan
    if free.notna().any():
        label = pen.word("plot.trailing_no_measures")
        drawn += ax.plot(trailing(free), color=NO_MEASURES, lw=1.5, ls=(0, (3, 1)), zorder=3,
                         gid="no-measures", label=label)  # fmt: skip
    label = pen.word("plot.trailing")
    drawn += ax.plot(trailing(hourly), color=INK, lw=1.7, zorder=4, gid="trailing", label=label)
    return drawn


def _headroom(ax: Axes, hourly: pd.Series) -> float:
    highest = np.nanmax(hourly.to_numpy(dtype=float), initial=200.0)
    top = float(highest * (1.03 + 1.5 * _BAND))
    ax.set_ylim(0, top)
    return top


def runs_of(values: NDArray[Any]) -> Iterator[tuple[int, int, Any]]:
    """Yield first index, index after the last, and value of every stretch of equal values."""
    edges = np.flatnonzero(values[1:] != values[:-1]) + 1
    for start, end in zip([0, *edges], [*edges, len(values)], strict=True):
        yield int(start), int(end), values[start]


def _gaps(ax: Axes, pen: Pen, hourly: pd.Series) -> list[Patch]:
    times, found = hourly.index, False
    for start, end, missing in runs_of(hourly.isna().to_numpy()):
        if missing:
            found = True
            ax.axvspan(times[start], times[end - 1] + pd.Timedelta(hours=1), facecolor="#eeeeee",
                       edgecolor="#999999", hatch="...", lw=0, zorder=1, gid="gap")  # fmt: skip
    label = pen.word("plot.gap")
    return [Patch(facecolor="#eeeeee", edgecolor="#999999", hatch="...", label=label)] * found


def _alerts(ax: Axes, pen: Pen, levels: pd.Series) -> list[Patch]:
    """Colour the hours of each level: a pale ground, a full band at the top, and its letter."""
    times, seen = levels.index, set()
    for start, end, level in runs_of(levels.to_numpy(dtype=object)):
        if level not in ALERT_COLOURS:
            continue
        seen.add(level)
        begins, ends = times[start], times[end - 1] + pd.Timedelta(hours=1)
        colour, hatch = ALERT_COLOURS[level], ALERT_HATCHES[level]
        ax.axvspan(begins, ends, color=colour, alpha=0.18, lw=0, zorder=0, gid=f"alert-{level}")
        ax.axvspan(begins, ends, 1 - _BAND, 1, facecolor=colour, edgecolor="white", hatch=hatch,
                   lw=0, zorder=5, gid=f"band-{level}")  # fmt: skip
        if end - start >= _LETTER_ROOM * len(levels):
            ax.text(begins + (ends - begins) / 2, 1 - _BAND / 2, pen.word(f"letter.{level}"),
                    transform=ax.get_xaxis_transform(), ha="center", va="center", zorder=6,
                    bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.85},
                    **pen.style(fontsize=7))  # fmt: skip
    return [
        Patch(facecolor=ALERT_COLOURS[level], edgecolor="white", hatch=ALERT_HATCHES[level],
              label=pen.word(f"level.{level}"))
        for level in ALERT_COLOURS if level in seen
    ]  # fmt: skip


def heavy_pm25(law: Law) -> float:
    """Return the 24-hour PM2.5 whose AQI is the threshold of heavy pollution, µg/m³."""
    return float(np.interp(law("alert.aqi.heavy"), law("aqi.grid"), law("aqi.pm25_24h")))


def _limits(ax: Axes, pen: Pen, law: Law, pm25: bool, top: float) -> None:
    aqi, target = law("alert.aqi.heavy"), law("target.pm25_mean")
    lines = [(aqi, "--", "heavy-line", pen.word("plot.heavy_aqi", aqi=f"{aqi:g}"))]
    if pm25:
        limit = heavy_pm25(law)
        said = pen.word("plot.heavy", aqi=f"{aqi:g}", limit=f"{limit:g}")
        aim = pen.word("plot.target", limit=f"{target:g}")
        lines = [(limit, "--", "heavy-line", said), (target, ":", "target-line", aim)]
    for value, dashes, gid, said in lines:
        ax.axhline(value, color=LIMIT, ls=dashes, lw=1.1, zorder=3, gid=gid)
        if value < top:
            ax.annotate(said, (1, value), (4, 0), xycoords=ax.get_yaxis_transform(),
                        textcoords="offset points", va="center",
                        **pen.style(fontsize=8, color=LIMIT))  # fmt: skip


def _dates(ax: Axes, pen: Pen, first: date, last: date) -> None:
    days = (last - first).days + 1
    if days > _DAYS_SHORT:
        every = 1 + days // 400
        ticks = [d.date() for d in pd.date_range(first, last, freq="MS")][::every]
        labels = [_month(pen, day, i == 0) for i, day in enumerate(ticks)]
    else:
        ticks = [first + timedelta(days=i) for i in range(0, days, 1 + days // 10)]
        labels = [f"{day:%m-%d}\n{day.year}" if i == 0 else f"{day:%m-%d}"
                  for i, day in enumerate(ticks)]  # fmt: skip
    ax.set_xticks(mdates.date2num(ticks), labels)


def _month(pen: Pen, day: date, first: bool) -> str:
    name = pen.word(f"month.{day.month:02d}")
    return f"{name}\n{day.year}" if first or day.month == 1 else name


def _legend(ax: Axes, pen: Pen, handles: Sequence[Any], columns: int) -> None:
    ax.legend(
        handles=handles, ncols=columns, loc="upper center", bbox_to_anchor=(0.5, -0.12),
        frameon=False, prop={"family": list(pen.families), "size": 9}, handlelength=1.8,
    )  # fmt: skip
