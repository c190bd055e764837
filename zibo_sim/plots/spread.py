"""How a metric differs from winter to winter."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from zibo_sim.experiment import Replications, interval
from zibo_sim.metrics import METRICS
from zibo_sim.plots.pen import INK, LIMIT, TARGETS, Pen, axes_of, caption, finish, headings
from zibo_sim.words import Scale, is_count, scale

_GOOD, _PLAIN = "#5b9e8f", "#a3b8cf"
_MOST_BARS = 60


def replications(
    reps: Replications, metric: str, ax: Axes | None = None, lang: str | None = None
) -> Axes:
    """Draw how a metric differs from winter to winter, its mean, and the law's target for it.

    Parameters
    ----------
    reps : Replications
    metric : str
    ax : matplotlib Axes, optional
    lang : {"zh", "en"}, optional

    Returns
    -------
    matplotlib Axes

    Examples
    --------
    >>> import zibo_sim as zs
    >>> many = zs.replicate(zs.load().replace({"period.end": "2018-10-14"}), 3, seed=1)
    >>> zs.plot.replications(many, "air.pm25_mean", lang="en").get_xlabel()
    'µg/m³'
    """
    pen, ax = Pen.of(lang), axes_of(ax, 5.2, 3.2)
    values = reps.metrics[metric].to_numpy(dtype=float)
    values = values[np.isfinite(values)]
    mean, low, high, runs = interval(values)
    plain = scale(metric, METRICS[metric].unit, mean, pen.lang)
    limit = _limit(reps, metric) * plain.factor
    notes = []
    if runs:
        _bars(ax, values * plain.factor, metric, limit)
        ax.axvline(mean * plain.factor, color=INK, lw=2, gid="mean")
        if np.isfinite(low):
            ends = (low * plain.factor, high * plain.factor)
            ax.axvspan(*ends, color=INK, alpha=0.15, lw=0, gid="interval")
        notes.append(_average(pen, plain, mean, low, high))
        if np.isfinite(limit):
            notes.append(_target(ax, pen, limit, values * plain.factor))
    else:
        notes.append(pen.word("plot.undefined"))
    ax.set_xlabel(plain.unit or pen.metric(metric), **pen.style(fontsize=9.5))
    ax.set_ylabel(pen.word("plot.winters"), **pen.style(fontsize=9.5))
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    headings(ax, pen, pen.metric(metric), caption(pen, reps, *notes, columns=30))
    finish(ax, pen)
    return ax


def _limit(reps: Replications, metric: str) -> float:
    return float(reps.scenario.law_book()(TARGETS[metric])) if metric in TARGETS else np.nan


def _bars(ax: Axes, shown: NDArray[np.float64], metric: str, limit: float) -> None:
    """Draw the histogram; the winters that meet the target have a colour and a hatch."""
    counts, edges = np.histogram(shown, _edges(shown, metric, limit))
    good = edges[1:] <= limit + 0.5 * _whole(shown, metric) + 1e-9
    for meets, colour, hatch in ((True, _GOOD, "//"), (False, _PLAIN, "")):
        at = good == meets
        ax.bar(edges[:-1][at], counts[at], np.diff(edges)[at], align="edge", color=colour,
               edgecolor="white", lw=0.6, hatch=hatch)  # fmt: skip


def _whole(shown: NDArray[np.float64], metric: str) -> bool:
    counted = is_count(metric, METRICS[metric].unit)
    return bool(counted and np.array_equal(shown, np.round(shown)) and np.ptp(shown) <= _MOST_BARS)


def _edges(shown: NDArray[np.float64], metric: str, limit: float) -> NDArray[np.float64]:
    """Return a bin for each whole number of days or things; else bins that end at the limit."""
    if _whole(shown, metric):
        return np.arange(shown.min() - 0.5, shown.max() + 1)
    edges = np.histogram_bin_edges(shown, "sturges" if np.ptp(shown) > 0 else 1)
    if not np.isfinite(limit):
        return edges
    width = edges[1] - edges[0]
    first = np.floor((shown.min() - limit) / width)
    last = np.ceil((shown.max() - limit) / width)
    steps = np.arange(first, max(last, first + 1) + 1)
    return np.asarray(limit + width * steps, dtype=float)


def _average(pen: Pen, plain: Scale, mean: float, low: float, high: float) -> str:
    if not np.isfinite(low):
        return plain.figure(mean)
    ends = {"low": plain.number(max(low, plain.low)), "high": plain.number(min(high, plain.high))}
    return pen.word("plot.average", value=plain.number(mean), **ends)


def _target(ax: Axes, pen: Pen, limit: float, shown: NDArray[np.float64]) -> str:
    ax.axvline(limit, color=LIMIT, ls="--", lw=1.4, gid="target")
    ax.set_ylim(0, ax.get_ylim()[1] * 1.16)
    left, right = ax.get_xlim()
    side, shift = ("right", -4) if limit > left + (right - left) / 4 else ("left", 4)
    ax.annotate(pen.word("plot.limit", value=f"{limit:g}"), (limit, 1), (shift, -2),
                xycoords=ax.get_xaxis_transform(), textcoords="offset points", ha=side,
                va="top", **pen.style(fontsize=8.5, color=LIMIT))  # fmt: skip
    return pen.word("plot.met", met=int((shown <= limit).sum()), runs=len(shown))
