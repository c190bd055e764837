"""A season as a strip: the air, the alerts in force, the law's limits, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from zibo_sim.errors import Refused
from zibo_sim.experiment import Replications
from zibo_sim.law import Law
from zibo_sim.plots.bands import BAND, bands, marks, trailing
from zibo_sim.plots.dates import date_axis
from zibo_sim.plots.levels import ALERT_COLOURS, ALERT_HATCHES, level_patches
from zibo_sim.plots.pen import (
    FADED,
    INK,
    LIMIT,
    NO_MEASURES,
    Pen,
    axes_of,
    finish,
    headings,
    legend,
)
from zibo_sim.results import Run
from zibo_sim.scenario import Scenario

#: Share of the picture's width that a band needs to hold its letter.
_LETTER_ROOM = 0.0137


def season(
    run: Run | Replications,
    ax: Axes | None = None,
    lang: str | None = None,
    many: Replications | None = None,
) -> Axes:
    """Draw one winter: hourly PM2.5 and its 24-hour mean with and without measures, the alerts.

    The ground has the colour of the alert in force; triangles mark when it was signed, published or
    changed, and when it was lifted.

    Parameters
    ----------
    run : Run or Replications
        Of several the one with the median mean of PM2.5 is drawn, on the band of them all.
    ax : matplotlib Axes, optional
        Default: a new figure's.
    lang : {"zh", "en"}, optional
        Default: the locale's.
    many : Replications, optional
        Made with ``keep=True``; the middle 90 % of them are drawn as bands behind the run.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    Refused
        Where replications do not hold their hourly series.

    Examples
    --------
    >>> import zibo_sim as zs
    >>> run = zs.run(zs.load().replace({"period.end": "2018-10-14"}), seed=1)
    >>> zs.plot.season(run, lang="en").get_ylabel()
    'PM2.5 (µg/m³)'
    """
    series = None if many is None else kept(many)
    if isinstance(run, Run):
        return season_of(
            run.series, run.scenario, run.seed, run.outcome.replication, run.metrics, ax, lang,
            events=run.events, many=series,
        )  # fmt: skip
    number = _typical(run.metrics)
    row = run.metrics[run.metrics["replication"] == number].iloc[0]
    return season_of(
        _one(kept(run), number).set_index("time"), run.scenario, run.seed, number, row, ax, lang,
        events=_one(run.events, number), many=run.series if series is None else series,
    )  # fmt: skip


def kept(reps: Replications) -> pd.DataFrame:
    """Return the hourly series of many runs, refused where they were not kept."""
    if reps.series.empty:
        raise Refused("the picture needs the hourly series of every run: replicate(…, keep=True)")
    return reps.series


def _typical(metrics: pd.DataFrame) -> int:
    known = metrics[metrics["air.pm25_mean"].notna()]
    ordered = (metrics if known.empty else known).sort_values(["air.pm25_mean", "replication"])
    return int(ordered["replication"].iloc[(len(ordered) - 1) // 2])


def _one(frame: pd.DataFrame, number: int) -> pd.DataFrame:
    return frame[frame["replication"] == number]


def season_of(
    series: pd.DataFrame,
    scenario: Scenario,
    seed: int,
    replication: int,
    metrics: Mapping[str, float] | pd.Series,
    ax: Axes | None = None,
    lang: str | None = None,
    *,
    events: pd.DataFrame | None = None,
    many: pd.DataFrame | None = None,
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
    ax : matplotlib Axes, optional
        Default: a new figure's.
    lang : {"zh", "en"}, optional
        Default: the locale's.
    events : DataFrame, optional
        Of that run; without them nothing marks signing and lifting.
    many : DataFrame, optional
        Series of many runs of the same hours, one below the other, with ``replication``.

    Returns
    -------
    matplotlib Axes

    Examples
    --------
    >>> import zibo_sim as zs
    >>> run = zs.run(zs.load().replace({"period.end": "2018-10-14"}), seed=1)
    >>> given = run.series, run.scenario, run.seed, 0, run.metrics
    >>> zs.plot.season_of(*given, lang="en").get_ylabel()
    'PM2.5 (µg/m³)'
    """
    pen, ax, law = Pen.of(lang), axes_of(ax, 11, 4.4), scenario.law_book()
    measured_pm = bool(np.isfinite(series["pm25"].to_numpy(dtype=float)).any())
    name = "pm25" if measured_pm else "aqi"
    handles: list[Artist] = [*_lines(ax, pen, series, name, law)]
    top = _headroom(ax, series[name])
    handles += [] if many is None else bands(ax, pen, series.index, many, name, law)
    handles += [*_gaps(ax, pen, series[name]), *_alerts(ax, pen, series["alert"])]
    handles += [] if events is None else marks(ax, pen, events)
    _limits(ax, pen, law, measured_pm, top)
    ax.set_xlim(series.index[0], series.index[-1] + pd.Timedelta(hours=1))
    date_axis(ax, pen, series.index[0].date(), series.index[-1].date())
    ax.set_ylabel(pen.word("plot.pm25" if measured_pm else "plot.aqi"), **pen.style(fontsize=10))
    caption = _season_caption(pen, seed, replication, metrics)
    headings(ax, pen, pen.users(scenario.title, 80), caption)
    finish(ax, pen)
    legend(ax, pen, handles, points=32)
    return ax


def _season_caption(
    pen: Pen, seed: int, replication: int, metrics: Mapping[str, float] | pd.Series
) -> str:
    parts = [pen.word("plot.run", seed=seed, replication=replication)]
    figures = {"mean": "air.pm25_mean", "heavy_days": "air.heavy_days", "alerts": "air.alerts"}
    for key, name in figures.items():
        if np.isfinite(metrics[name]):
            digits = 1 if key == "mean" else 0
            parts.append(pen.word(f"plot.{key}", value=f"{metrics[name]:.{digits}f}"))
    return " · ".join(parts)


def _lines(ax: Axes, pen: Pen, series: pd.DataFrame, name: str, law: Law) -> list[Line2D]:
    """Draw the hours thin and their trailing 24-hour means thick."""
    hourly = series[name]
    free = series["pm25_no_measures"] if name == "pm25" else hourly * np.nan
    drawn = ax.plot(hourly, color=FADED, lw=0.5, zorder=2, gid="hourly",
                    label=pen.word("plot.hourly"))  # fmt: skip
    if free.notna().any():
        drawn += ax.plot(free, color=NO_MEASURES, lw=0.4, alpha=0.45, zorder=1.9,
                         gid="hourly-no-measures",
                         label=pen.word("strip.hourly_no_measures"))  # fmt: skip
        label = pen.word("plot.trailing_no_measures")
        drawn += ax.plot(trailing(free, law), color=NO_MEASURES, lw=1.5, ls=(0, (3, 1)), zorder=3,
                         gid="no-measures", label=label)  # fmt: skip
    drawn += ax.plot(trailing(hourly, law), color=INK, lw=1.7, zorder=4, gid="trailing",
                     label=pen.word("plot.trailing"))  # fmt: skip
    return drawn


def _headroom(ax: Axes, hourly: pd.Series) -> float:
    highest = np.nanmax(hourly.to_numpy(dtype=float), initial=200.0)
    top = float(highest * (1.03 + 2.8 * BAND))
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
        ax.axvspan(begins, ends, 1 - BAND, 1, facecolor=colour, edgecolor="white", hatch=hatch,
                   lw=0, zorder=5, gid=f"band-{level}")  # fmt: skip
        if end - start >= _LETTER_ROOM * len(levels):
            ax.text(begins + (ends - begins) / 2, 1 - BAND / 2, pen.word(f"letter.{level}"),
                    transform=ax.get_xaxis_transform(), ha="center", va="center", zorder=6,
                    bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.85},
                    **pen.style(fontsize=7))  # fmt: skip
    return level_patches(pen, seen)


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
