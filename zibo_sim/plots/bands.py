"""What stands behind and above a season: bands of many runs, marks of signing and lifting."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from zibo_sim.law import Law
from zibo_sim.plots.levels import ALERT_COLOURS
from zibo_sim.plots.pen import Pen

#: Quantiles between which most of many runs lie.
MOST = (0.05, 0.95)
#: Height of the band of alerts at the top, as a share of the picture's.
BAND = 0.05
#: What is marked of an alert: marker, and the share of the picture's height it stands at.
_MARKS = {"signed": ("v", 1 - 1.45 * BAND), "lifted": ("^", 1 - 2.1 * BAND)}
_CHANGES = ("published", "upgraded", "lowered")


def trailing(hourly: Any, law: Law) -> Any:
    """Return means of the hours up to each, column by column; gaps stay open."""
    window, valid = law("alert.mean.hours"), law("aqi.valid_hours")
    means = hourly.rolling(window, min_periods=min(valid, window)).mean()
    return means.where(hourly.notna())


def bands(
    ax: Axes, pen: Pen, times: pd.Index, many: pd.DataFrame, name: str, law: Law
) -> list[Artist]:
    """Draw between which values the 24-hour means of most runs lie."""
    runs = many["replication"].nunique()
    looks = {name: ("#d6dee7", 0.8, "strip.band")}
    if name == "pm25":
        looks["pm25_no_measures"] = ("#e9c3a6", 0.7, "strip.band_no_measures")
    drawn: list[Artist] = []
    for column, (colour, alpha, key) in looks.items():
        hours = many[column].to_numpy(dtype=float).reshape(runs, -1)
        means = trailing(pd.DataFrame(hours.T), law).to_numpy()
        known = np.isfinite(means).all(axis=1)
        if known.any() and len(means) == len(times):
            low, high = np.full((2, len(times)), np.nan)
            low[known], high[known] = np.quantile(means[known], MOST, axis=1)
            label = pen.word(key, runs=runs) if key == "strip.band" else pen.word(key)
            drawn.append(
                ax.fill_between(times, low, high, color=colour, alpha=alpha, lw=0, label=label,
                                zorder=1.0 - 0.1 * len(drawn), gid=f"most-{column}")
            )  # fmt: skip
    return drawn


def marks(ax: Axes, pen: Pen, events: pd.DataFrame) -> list[Line2D]:
    """Mark when alerts were signed, in the level's colour, and when they were lifted."""
    drawn: list[Line2D] = []
    for kind, (marker, height) in _MARKS.items():
        rows = events[events["event"].isin(_CHANGES if kind == "signed" else ("lifted",))]
        style: dict[str, Any] = {"ls": "", "marker": marker, "ms": 4.5, "zorder": 6,
                                 "markeredgecolor": "#333333", "markeredgewidth": 0.6}  # fmt: skip
        for level, colour in ALERT_COLOURS.items():
            its = rows[rows["level"] == level]
            if len(its):
                ax.plot(its["time"], np.full(len(its), height),
                        transform=ax.get_xaxis_transform(), gid=f"{kind}-{level}",
                        markerfacecolor=colour if kind == "signed" else "white",
                        **style)  # fmt: skip
        if len(rows):
            fill = "#777777" if kind == "signed" else "white"
            label = pen.word(f"strip.{kind}")
            drawn.append(Line2D([], [], markerfacecolor=fill, label=label, **style))
    return drawn
