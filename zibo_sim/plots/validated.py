"""A measured season on the model's bands, and beside one simulated season."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast

import matplotlib.dates as mdates
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from numpy.typing import NDArray

from zibo_sim.air.statistics import HEAVY, autocorrelation, daily_means
from zibo_sim.calibration.validation import BAND, Row, Validation
from zibo_sim.plots.pen import FADED, INK, LIMIT, NO_MEASURES, Pen, finish, headings
from zibo_sim.plots.strip import runs_of
from zibo_sim.words import labelled, said_date, said_statistic

Floats = NDArray[np.float64]

_BAND_COLOUR, _GRID = "#c9d6e3", 120
_LAGS = (*range(1, 25), 30, 36, 42, 48, 60, 72, 84, 96)
_LONGEST_RUN = 7
_SIZE = (16.0, 13.5)
_PANELS = [["profile", "exceedance"], ["memory", "runs"]]


def validation(found: Validation, figure: Figure | None = None, lang: str | None = None) -> Figure:
    """Draw a measured season on the model's 5-95 % bands, and the most typical simulated one.

    Parameters
    ----------
    found : Validation
    figure : matplotlib Figure, optional
    lang : {"zh", "en"}, optional

    Returns
    -------
    matplotlib Figure

    Examples
    --------
    >>> from datetime import datetime
    >>> import zibo_sim as zs
    >>> from zibo_sim.calibration.seasons import Measured
    >>> from zibo_sim.calibration.validation import validate
    >>> base = zs.load()
    >>> hourly = zs.run(base, seed=9).series["pm25"].to_numpy()  # in place of a measured winter
    >>> record = Measured.of(datetime(2018, 10, 1), hourly, "record")
    >>> figure = zs.plot.validation(validate(base, record, 20), lang="en")
    >>> len(figure.subfigs)
    2
    """
    pen = Pen.of(lang)
    figure = figure or Figure(figsize=_SIZE, layout="constrained")
    upper, lower = cast(Sequence[SubFigure], figure.subfigures(2, 1, height_ratios=(1.35, 1.0)))
    left, right = cast(Sequence[SubFigure], upper.subfigures(1, 2, width_ratios=(1.55, 1.0)))
    panels: dict[str, Axes] = left.subplot_mosaic(_PANELS)
    profile(found, panels["profile"], pen)
    exceedance(found, panels["exceedance"], pen)
    memory(found, panels["memory"], pen)
    runs(found, panels["runs"], pen)
    ranks(found, right.subplots(), pen)
    year, example = lower.subplots(2, 1, sharey=True)
    number = found.typical
    whole(found, year, pen, found.measured.pm25, pen.word("validation.year"), NO_MEASURES)
    said = pen.word("validation.simulated", number=number)
    whole(found, example, pen, found.seasons[number], said, INK)
    year.set_ylim(0, 1.05 * np.nanmax([found.measured.pm25, found.seasons[number]]))
    figure.suptitle(_title(found, pen), x=0.01, ha="left", **pen.style(fontsize=13))
    return figure


def _title(found: Validation, pen: Pen) -> str:
    record = found.measured
    dates = {"first": said_date(record.first, pen.lang), "last": said_date(record.last, pen.lang)}
    plan = pen.word("validation.plan" if found.measures else "validation.no_plan")
    below = pen.word("validation.below", seasons=len(found.seasons), seed=found.seed, plan=plan,
                     factor=f"{found.factor:.3f}")  # fmt: skip
    return f"{pen.word('validation.title', **dates)}\n{below}"


def _bands(model: Floats) -> tuple[Floats, Floats, Floats]:
    low, median, high = np.nanquantile(model, BAND, axis=0)
    return low, median, high


def _banded(ax: Axes, pen: Pen, x: Any, model: Floats, measured: Floats, legend: bool) -> None:
    """Draw the model's band and median, and the measured values on them."""
    low, median, high = _bands(model)
    ax.fill_between(x, low, high, color=_BAND_COLOUR, lw=0, gid="band",
                    label=pen.word("validation.model_band"))  # fmt: skip
    ax.plot(x, median, color=INK, lw=1, ls=(0, (3, 2)), label=pen.word("validation.model_median"))
    ax.plot(x, measured, color=NO_MEASURES, lw=1.8, marker="o", ms=3, gid="measured",
            label=pen.word("validation.measured"))  # fmt: skip
    if legend:
        ax.legend(frameon=False, prop={"family": list(pen.families), "size": 8.5})


def _labelled(ax: Axes, pen: Pen, title: str, x: str, y: str = "") -> None:
    headings(ax, pen, pen.word(f"validation.{title}"), "")
    ax.set_xlabel(pen.word(x), **pen.style(fontsize=9))
    if y:
        ax.set_ylabel(pen.word(y), **pen.style(fontsize=9))
    finish(ax, pen)


def _rows(rows: Sequence[Row]) -> tuple[Floats, Floats, Floats, Floats]:
    table = np.array([[row.measured, row.low, row.median, row.high] for row in rows]).T
    return table[0], table[1], table[2], table[3]


def profile(found: Validation, ax: Axes, pen: Pen) -> None:
    """Draw the mean of each hour of the day against the mean of the day."""
    measured, low, median, high = _rows(found.hours)
    _banded(ax, pen, np.arange(24), np.array([low, median, high]), measured, legend=True)
    ax.set_xticks(range(0, 25, 6))
    _labelled(ax, pen, "profile", "validation.hours_axis", "validation.profile_axis")


def exceedance(found: Validation, ax: Axes, pen: Pen) -> None:
    """Draw the share of days over a concentration, from the many to the few."""
    daily = daily_means(found.seasons)
    real = daily_means(found.measured.pm25[None])[0]
    highest = max(float(np.nanquantile(daily, 0.999)), float(np.nanmax(real)))
    levels = np.linspace(0, 1.03 * highest, _GRID)
    days = np.isfinite(daily).sum(axis=1)
    model = np.array([(daily > level).sum(axis=1) / days for level in levels]).T * 100
    measured = np.array([np.mean(real[np.isfinite(real)] > level) for level in levels]) * 100
    least = 100 / len(real)
    low, median, high = _bands(model)
    ax.fill_between(levels, np.maximum(low, least / 2), np.maximum(high, least / 2),
                    color=_BAND_COLOUR, lw=0)  # fmt: skip
    ax.plot(levels, np.where(median > 0, median, np.nan), color=INK, lw=1, ls=(0, (3, 2)))
    ax.step(levels, np.where(measured > 0, measured, np.nan), color=NO_MEASURES, lw=1.8,
            where="post", gid="measured")  # fmt: skip
    ax.axvline(HEAVY, color=LIMIT, lw=0.9, ls=":")
    ax.set_yscale("log")
    ax.set_ylim(least / 2, 110)
    ax.set_yticks([1, 3, 10, 30, 100], ["1", "3", "10", "30", "100"])
    ax.minorticks_off()
    _labelled(ax, pen, "exceedance", "plot.pm25", "validation.exceedance_axis")


def memory(found: Validation, ax: Axes, pen: Pen) -> None:
    """Draw the autocorrelation of the logarithm of hourly PM2.5."""
    logs = np.log(np.maximum(np.vstack([found.measured.pm25[None], found.seasons]), 1.0))
    values = autocorrelation(logs, _LAGS)
    _banded(ax, pen, _LAGS, values[1:], values[0], legend=False)
    ax.axhline(0, color="#999999", lw=0.7)
    ax.set_xticks(range(0, 97, 24))
    _labelled(ax, pen, "memory", "validation.lag_axis")


def _run_counts(daily: Floats) -> Floats:
    """Return how many runs of days over 150 have each length, shape ``(seasons, lengths)``."""
    counts = np.zeros((len(daily), _LONGEST_RUN))
    for row, over in zip(counts, daily > HEAVY, strict=True):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], over.astype(int), [0]])))
        for length in edges[1::2] - edges[::2]:
            row[min(length, _LONGEST_RUN) - 1] += 1
    return counts


def runs(found: Validation, ax: Axes, pen: Pen) -> None:
    """Draw how many runs of heavy days there are of each length."""
    model = _run_counts(daily_means(found.seasons))
    measured = _run_counts(daily_means(found.measured.pm25[None]))[0]
    at = np.arange(1, _LONGEST_RUN + 1)
    low, _, high = _bands(model)
    ax.bar(at, high - low, bottom=low, width=0.7, color=_BAND_COLOUR, lw=0)
    ax.plot(at, model.mean(axis=0), ls="", marker="_", ms=16, color=INK)
    ax.plot(at, measured, ls="", marker="o", color=NO_MEASURES, gid="measured")
    ax.set_xticks(at, [*map(str, at[:-1]), f"≥{_LONGEST_RUN}"])
    _labelled(ax, pen, "runs", "validation.runs_axis", "validation.runs_count")


def ranks(found: Validation, ax: Axes, pen: Pen) -> None:
    """Draw where each measured statistic stands among the model's seasons."""
    rows = [*found.statistics, *found.beyond]
    at = -np.arange(len(rows), dtype=float)
    at[len(found.statistics) :] -= 0.6
    share = 100 * np.array([row.rank for row in rows])
    colours = [NO_MEASURES if row.inside else LIMIT for row in rows]
    ax.axvspan(100 * BAND[0], 100 * BAND[2], color=_BAND_COLOUR, alpha=0.6, lw=0)
    ax.axvline(50, color=INK, lw=0.8, ls=(0, (3, 2)))
    ax.scatter(share, at, c=colours, s=[26 if row.inside else 60 for row in rows],
               marker="o", zorder=3, gid="ranks")  # fmt: skip
    for row, y, x in zip(rows, at, share, strict=True):
        if not row.inside and np.isfinite(x):
            style = pen.style(fontsize=7, color=LIMIT, ha="center", textcoords="offset points")
            ax.annotate(pen.word("validation.without"), (x, y), (0, 5), **style)
    ax.set_yticks(at, [said_statistic(row.name, pen.lang) for row in rows])
    ax.set_xlim(-2, 102)
    ax.set_ylim(at[-1] - 0.8, 0.8)
    _labelled(ax, pen, "ranks", "validation.ranks_axis")
    ax.tick_params(axis="y", labelsize=7.5, labelfontfamily=list(pen.families))


def whole(found: Validation, ax: Axes, pen: Pen, pm25: Floats, title: str, colour: str) -> None:
    """Draw one season: hours thin, daily means as steps."""
    hours = mdates.date2num(found.measured.first) + np.arange(len(pm25)) / 24
    daily = np.repeat(daily_means(pm25[None])[0], 24)
    for start, end, missing in runs_of(np.isnan(pm25)):
        if missing:
            ax.axvspan(hours[start], hours[end - 1] + 1 / 24, color="#eeeeee", lw=0, gid="gap")
    ax.plot(hours, pm25, color=FADED, lw=0.6)
    ax.plot(hours, daily, color=colour, lw=1.6)
    ax.axhline(HEAVY, color=LIMIT, lw=0.9, ls=":")
    ax.set_xlim(hours[0], hours[-1])
    days = [found.measured.first + timedelta(days=i) for i in range(found.measured.span.days)]
    firsts = [day for day in days if day.day == 1 or day == days[0]]
    ax.set_xticks([mdates.date2num(d) for d in firsts],
                  [pen.word(f"month.{d.month:02d}") for d in firsts])  # fmt: skip
    ax.set_ylabel(pen.word("plot.pm25"), **pen.style(fontsize=9))
    over = int((daily[::24] > HEAVY).sum())
    headings(ax, pen, title, labelled(pen.word("statistic.heavy_days"), str(over), pen.lang))
    finish(ax, pen)
