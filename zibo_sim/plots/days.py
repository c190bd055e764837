"""The days under alert as a calendar: months below each other, days beside each other."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from numpy.typing import NDArray

from zibo_sim.experiment import Replications
from zibo_sim.plots.boxes import boxes
from zibo_sim.plots.levels import ALERT_COLOURS, ALERT_HATCHES, UNKNOWN, codes, level_patches
from zibo_sim.plots.pen import Pen, axes_of, axis_labels, caption, finish, headings, legend
from zibo_sim.plots.strip import kept
from zibo_sim.results import Run

Floats = NDArray[np.float64]

_WIDE, _HIGH, _HOURS = 0.92, 0.86, 24
_WRITTEN = 10.0
"""Per cent from which a share is written into its day."""
_EMPTY, _EDGE, _UNKNOWN = "#f4f4f4", "#cccccc", "#dddddd"


def calendar(runs: Run | Replications, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw the highest alert level of every day; of replications, their shares at each level.

    Parameters
    ----------
    runs : Run or Replications
        Replications made with ``keep=True``.
    ax : matplotlib Axes, optional
    lang : {"zh", "en"}, optional

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
    >>> zs.plot.calendar(run, lang="en").get_xlabel()
    'day of the month'
    """
    pen = Pen.of(lang)
    days, levels = day_levels(runs)
    one = isinstance(runs, Run)
    months = {month: row for row, month in enumerate(dict.fromkeys(_month_of(d) for d in days))}
    ax = axes_of(ax, *_size(len(months)))
    rows = np.array([months[_month_of(day)] for day in days], dtype=float)
    columns = np.array([day.day for day in days], dtype=float)
    seen = _cells(ax, columns, rows, levels)
    _letters(ax, pen, columns, rows, levels, one)
    _sums(ax, pen, rows, levels, one)
    ax.set_yticks(range(len(months)), [_named(pen, month) for month in months])
    ax.set_xticks(range(1, 32))
    ax.set_ylim(len(months) - 0.5, -0.5)
    ax.set_xlim(0.4, 31.6)
    axis_labels(ax, pen, pen.word("calendar.day"), pen.word("calendar.month"))
    title = pen.word("picture.calendar" if one else "picture.calendar_many")
    note = pen.word("calendar.highest" if one else "calendar.share")
    headings(ax, pen, title, caption(pen, runs, note))
    finish(ax, pen)
    ax.tick_params(length=0)
    handles = level_patches(pen, seen, letter=one)
    if (levels == UNKNOWN).any():
        label = pen.word("plot.gap")
        handles.append(Patch(facecolor=_UNKNOWN, edgecolor=_EDGE, hatch="...", label=label))
    if handles:
        legend(ax, pen, handles)
    return ax


def size(runs: Run | Replications) -> tuple[float, float]:
    """Return how many inches wide and high the calendar is best."""
    period = runs.scenario.period
    last, first = period.end, period.start
    return _size(12 * (last.year - first.year) + last.month - first.month + 1)


def _size(months: int) -> tuple[float, float]:
    return 10.0, 1.8 + 0.42 * months


def day_levels(runs: Run | Replications) -> tuple[list[date], NDArray[np.int64]]:
    """Return the days of a period and the highest level of each, shape ``(runs, days)``.

    Levels are 0 for none and 1 to 3 for yellow, orange and red; -1 where nothing is known.
    """
    series = runs.series if isinstance(runs, Run) else kept(runs)
    count = 1 if isinstance(runs, Run) else series["replication"].nunique()
    hourly = codes(series["alert"]).reshape(count, -1, _HOURS)
    times = series.index if isinstance(runs, Run) else pd.DatetimeIndex(series["time"])
    return [time.date() for time in times[: hourly.shape[1] * _HOURS : _HOURS]], hourly.max(axis=2)


def _month_of(day: date) -> date:
    return day.replace(day=1)


def _named(pen: Pen, month: date) -> str:
    name = pen.word(f"month.{month.month:02d}")
    return f"{month.year}年{name}" if pen.lang == "zh" else f"{name} {month.year}"


def _stand(ax: Axes, x: Floats, base: Floats, height: Floats, **style: Any) -> None:
    """Draw boxes of a day's width up from their base; y points down."""
    boxes(ax, x - _WIDE / 2, x + _WIDE / 2, base, base - height, **style)


def _cells(ax: Axes, columns: Floats, rows: Floats, levels: NDArray[np.int64]) -> list[str]:
    """Draw every day as a cell, filled from below as far as runs have each level."""
    base, full = rows + _HIGH / 2, np.full(len(rows), _HIGH)
    _stand(ax, columns, base, full, facecolor=_EMPTY, edgecolor=_EDGE, lw=0.5, gid="day")
    blank = (levels == UNKNOWN).all(axis=0)
    if blank.any():
        _stand(ax, columns[blank], base[blank], full[blank], gid="gap", facecolor=_UNKNOWN,
               edgecolor="#999999", hatch="...", lw=0)  # fmt: skip
    seen = []
    for level in reversed(ALERT_COLOURS):
        share = (levels == list(ALERT_COLOURS).index(level) + 1).mean(axis=0)
        some = share > 0
        if some.any():
            seen.append(level)
            _stand(ax, columns[some], base[some], _HIGH * share[some], gid=f"level-{level}",
                   facecolor=ALERT_COLOURS[level], edgecolor="white", hatch=ALERT_HATCHES[level],
                   lw=0)  # fmt: skip
            base = base - _HIGH * share
    return seen


def _letters(
    ax: Axes, pen: Pen, columns: Floats, rows: Floats, levels: NDArray[np.int64], one: bool
) -> None:
    """Write the level's letter into each day; of many runs, per cent under any alert."""
    marks = ["", *(pen.word(f"letter.{level}") for level in ALERT_COLOURS)]
    shares = 100 * (levels > 0).mean(axis=0)
    some = shares >= (0.1 if one else _WRITTEN)
    if one:
        ax.scatter(columns[some], rows[some], s=95, marker="o", color="white", alpha=0.85, zorder=2)
    style = pen.style(fontsize=8 if one else 7, ha="center", va="center", gid="letter", zorder=3,
                      in_layout=False)  # fmt: skip
    for x, y, level, share in zip(
        columns[some], rows[some], levels[0][some], shares[some], strict=True
    ):
        said, where = (marks[level], y) if one else (f"{share:.0f}", y - 0.26)
        ax.text(x, where, said, **style)


def _sums(ax: Axes, pen: Pen, rows: Floats, levels: NDArray[np.int64], one: bool) -> None:
    """Write beside every month how many of its days are under alert."""
    alerted = (levels > 0).mean(axis=0)
    style = pen.style(fontsize=9, color="#333333")
    for row in np.unique(rows):
        total = alerted[rows == row].sum()
        said = f"{total:.0f}" if one else f"{total:.1f}"
        ax.annotate(said, (1, row), (12, 0), xycoords=ax.get_yaxis_transform(), va="center",
                    textcoords="offset points", **style)  # fmt: skip
    head = pen.word("calendar.days" if one else "calendar.mean_days")
    ax.annotate(head, (1, 1), (6, 4), xycoords="axes fraction", textcoords="offset points", **style)
