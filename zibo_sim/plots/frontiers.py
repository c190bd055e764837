"""What warning costs: settings by what they miss, what they cost and how often they cry wolf."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import StrMethodFormatter
from numpy.typing import NDArray

from zibo_sim.frontiers import FIGURES, SIMULATED, Frontier, said_figure
from zibo_sim.plots.pen import INK, Pen, axes_of, finish, headings
from zibo_sim.words import Scale, bracketed, scale

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
_COLOURS = "viridis_r"
#: Up to so many settings their values stand in the picture, beyond that their numbers.
_NAMED = 12


def frontier(
    found: Frontier, source: str = SIMULATED, ax: Axes | None = None, lang: str | None = None
) -> Axes:
    """Draw the settings of a frontier: missed heavy days against cost, false alarms as colour.

    Parameters
    ----------
    found : Frontier
    source : str
        ``simulated``, or the name of a measured record: there days under response stand for
        output lost, which is not known.
    ax : matplotlib Axes, optional
    lang : {"zh", "en"}, optional

    Returns
    -------
    matplotlib Axes

    Examples
    --------
    >>> import zibo_sim as zs
    >>> base = zs.load().replace({"period.end": "2018-10-14"})
    >>> found = zs.frontier(base, {"law.alert.yellow.days": [1, 2]}, replications=2)
    >>> zs.plot.frontier(found, lang="en").get_xlabel() != ""
    True
    """
    pen, ax, rows = Pen.of(lang), axes_of(ax, 9, 6), found.table.loc[source]
    cost = "output_lost" if source == SIMULATED else "response_days"
    scales = {n: _scale(pen, n, rows[n].max()) for n in (cost, "missed_heavy_days", "false_alerts")}
    shown = {n: rows[n].to_numpy(dtype=float) * s.factor for n, s in scales.items()}
    x, y, colour = (shown[n] for n in scales)
    on = rows["frontier"].to_numpy(dtype=bool)
    for axis, name in (("x", cost), ("y", "missed_heavy_days")):
        low, high = (rows[f"{name}_{end}"].to_numpy(dtype=float) for end in ("low", "high"))
        ends = np.abs(np.array([np.maximum(low, 0), high]) * scales[name].factor - shown[name])
        ax.errorbar(x, y, **{f"{axis}err": np.nan_to_num(ends)}, fmt="none", ecolor="#b0b0b0",
                    elinewidth=0.8, zorder=1)  # fmt: skip
    low, high = np.nanmin(colour), np.nanmax(colour)
    for which, marker, size, edge in ((~on, "o", 38, "#999999"), (on, "D", 64, "black")):
        dots = ax.scatter(x[which], y[which], c=colour[which], cmap=_COLOURS, vmin=low,
                          vmax=max(high, low + 1e-9), marker=marker, s=size, edgecolors=edge,
                          linewidths=1.1, zorder=3,
                          gid="on" if marker == "D" else "off")  # fmt: skip
    _labels(ax, pen, found, x, y, on)
    ax.set_xlabel(_label(pen, cost, scales[cost]), **pen.style(fontsize=9.5))
    ax.set_ylabel(
        _label(pen, "missed_heavy_days", scales["missed_heavy_days"]), **pen.style(fontsize=9.5)
    )
    bar = ax.figure.colorbar(dots, ax=ax, pad=0.02)
    bar.set_label(_label(pen, "false_alerts", scales["false_alerts"]), **pen.style(fontsize=9.5))
    bar.ax.tick_params(labelsize=9, labelfontfamily=list(pen.families))
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:,.10g}"))
    ax.grid(color="#ececec", lw=0.6, zorder=0)
    name = pen.word("frontier.simulated") if source == SIMULATED else pen.users(source, 40)
    headings(ax, pen, pen.word("frontier.plot", source=name),
             _below(pen, found))  # fmt: skip
    finish(ax, pen)
    _legend(ax, pen)
    return ax


def _scale(pen: Pen, name: str, largest: float) -> Scale:
    return scale(name, FIGURES[name].unit, float(largest), pen.lang)


def _label(pen: Pen, name: str, plain: Scale) -> str:
    return said_figure(name, pen.lang) + bracketed(plain.unit, pen.lang)


def _labels(ax: Axes, pen: Pen, found: Frontier, x: Floats, y: Floats, on: Bools) -> None:
    """Write at each setting its values, or its number where there are many."""
    few = len(x) <= _NAMED
    for place, i in enumerate(np.lexsort((x, y))):
        values = [f"{v:g}" if isinstance(v, float) else str(v) for v in found.settings.loc[i]]
        ax.annotate(
            pen.users(" · ".join(values)) if few else str(i), (x[i], y[i]),
            (5, 5 if place % 2 else -12), textcoords="offset points",
            **pen.style(fontsize=8, color=INK if on[i] else "#777777"),
        )  # fmt: skip


def _below(pen: Pen, found: Frontier) -> str:
    few, keys = len(found.settings) <= _NAMED, " · ".join(map(str, found.settings.columns))
    labels = pen.users(keys, 80) if few else pen.word("frontier.plot_numbers")
    return pen.word("frontier.plot_below", winters=found.replications, labels=labels)


def _legend(ax: Axes, pen: Pen) -> None:
    handles = [
        Line2D([], [], ls="", marker=marker, ms=7, markerfacecolor="#dddddd", markeredgecolor=edge,
               label=pen.word(f"frontier.plot_{key}"))
        for key, marker, edge in (("on", "D", "black"), ("off", "o", "#999999"))
    ]  # fmt: skip
    ax.legend(handles=handles, loc="upper right", frameon=True, framealpha=0.9,
              prop={"family": list(pen.families), "size": 9})  # fmt: skip
