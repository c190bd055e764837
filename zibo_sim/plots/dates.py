"""Axes of dates: months where the span is long, days where it is short."""

from __future__ import annotations

from datetime import date, timedelta

import matplotlib.dates as mdates
import pandas as pd
from matplotlib.axes import Axes

from zibo_sim.plots.pen import Pen

_DAYS_SHORT = 62


def date_axis(ax: Axes, pen: Pen, first: date, last: date) -> None:
    """Label the x axis, which counts days as matplotlib does, from the first to the last day."""
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
