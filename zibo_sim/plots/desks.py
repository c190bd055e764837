"""The desks of the government cloud over time: what lies on them, and how busy they are."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import matplotlib.dates as mdates
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap
from matplotlib.patches import Patch
from numpy.typing import NDArray

from zibo_sim.clock import HOURS_PER_DAY
from zibo_sim.cloud.ledger import CloudLedger
from zibo_sim.cloud.outcomes import step_times
from zibo_sim.cloud.outcomes import utilisation as mean_utilisation
from zibo_sim.cloud.parameters import SYSTEMS
from zibo_sim.cloud.steps import DESKS
from zibo_sim.plots.dates import date_axis
from zibo_sim.plots.pen import INK, Pen, axes_of, axis_labels, caption, finish, headings, legend
from zibo_sim.results import Run

Floats = NDArray[np.float64]

#: What a request waits for: the step that begins it, colour and hatch.
WAITS: dict[str, tuple[str, str, str]] = {
    "to_papers": ("submitted", "#d5d5d5", ""),
    "to_accept": ("assessed", "#88ccee", "///"),
    "to_opinion": ("accepted", "#ddcc77", ""),
    "to_test": ("opinion", "#44aa99", "\\\\\\"),
}
_LEFT = ("test_from", "refused", "out_of_scope", "exempt")


# ---- backlog -----------------------------------------------------------------------------


def backlog(run: Run, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw how many requests lie between submission and test environment, by what they wait for.

    Parameters
    ----------
    run : Run
    ax : matplotlib Axes, optional
    lang : {"zh", "en"}, optional

    Returns
    -------
    matplotlib Axes

    Examples
    --------
    >>> import zibo_sim as zs
    >>> run = zs.run(zs.load().replace({"period.end": "2018-10-14"}), seed=1)
    >>> zs.plot.backlog(run, lang="en").get_ylabel()
    'requests'
    """
    pen, ax, ledger = Pen.of(lang), axes_of(ax, 10, 3.8), run.outcome.cloud
    times, counts = in_hand(ledger)
    x = mdates.date2num(ledger.clock.midnight) + times / HOURS_PER_DAY
    floor, handles = np.zeros(len(times)), list[Any]()
    for (key, (_, colour, hatch)), count in zip(WAITS.items(), counts, strict=True):
        label = pen.word(f"desks.{key}")
        ax.fill_between(x, floor, floor + count, step="post", facecolor=colour, hatch=hatch,
                        edgecolor="white", lw=0, gid=key)  # fmt: skip
        handles.append(Patch(facecolor=colour, hatch=hatch, edgecolor="white", label=label))
        floor = floor + count
    ax.step(x, floor, where="post", color=INK, lw=1.0, gid="total")
    mean = float(np.dot(np.diff(times), floor[:-1]) / times[-1])
    label = pen.word("desks.mean", value=f"{mean:.1f}")
    handles.append(ax.axhline(mean, color=INK, ls="--", lw=1.2, gid="mean", label=label))
    ax.set_xlim(x[0], x[-1])
    ax.set_ylim(0, max(1.0, 1.05 * float(floor.max())))
    date_axis(ax, pen, ledger.clock.start, ledger.clock.end)
    axis_labels(ax, pen, "", pen.word("desks.count"))
    headings(ax, pen, pen.word("picture.backlog"), caption(pen, run))
    finish(ax, pen)
    legend(ax, pen, handles, 5, points=32)
    return ax


def in_hand(ledger: CloudLedger) -> tuple[Floats, Floats]:
    """Return the hours at which the backlog changes, and its size by `WAITS` from each on.

    Returns
    -------
    times : ndarray, shape (n,)
        From 0 to the end of the period.
    counts : ndarray, shape (4, n)
    """
    spans = [list[tuple[float, float]]() for _ in WAITS]
    known, end = step_times(ledger), float(ledger.clock.hours)
    for request in (r for r in ledger.requests if r.kind in SYSTEMS):
        begins = [known.get((request.id, step), end) for step, _, _ in WAITS.values()]
        left = min(known.get((request.id, step), end) for step in _LEFT)
        edges = [min(at, left) for at in (*begins, left)]
        for held, start, stop in zip(spans, edges, edges[1:], strict=False):
            held.append((start, stop))
    table = np.array(spans, dtype=float).reshape(len(WAITS), -1, 2)
    times = np.unique(np.concatenate([[0.0, end], table.ravel()]))
    counts = [
        np.searchsorted(np.sort(its[:, 0]), times, side="right")
        - np.searchsorted(np.sort(its[:, 1]), times, side="right")
        for its in table
    ]
    return times, np.array(counts, dtype=float)


# ---- utilisation -------------------------------------------------------------------------


def utilisation(run: Run, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw how busy each desk was on each working day: busy ÷ staffed working time.

    Parameters
    ----------
    run : Run
    ax : matplotlib Axes, optional
    lang : {"zh", "en"}, optional

    Returns
    -------
    matplotlib Axes

    Examples
    --------
    >>> import zibo_sim as zs
    >>> run = zs.run(zs.load().replace({"period.end": "2018-10-14"}), seed=1)
    >>> zs.plot.utilisation(run, lang="en").get_ylabel()
    'desk (staff)'
    """
    pen, ledger = Pen.of(lang), run.outcome.cloud
    desks = [d for d in DESKS if d != "prereview" or ledger.cloud.prereview.on]
    table = busy_shares(ledger, desks)
    ax = axes_of(ax, 10, 1.9 + 0.36 * len(desks))
    first = mdates.date2num(ledger.clock.start)
    mesh = ax.pcolormesh(
        first + np.arange(ledger.clock.days + 1), np.arange(len(desks) + 1) - 0.5,
        np.ma.masked_invalid(100 * table), cmap=_colours(), vmin=0, vmax=100, gid="busy",
    )  # fmt: skip
    for edge in range(1, len(desks)):
        ax.axhline(edge - 0.5, color="white", lw=2.5)
    ax.set_yticks(range(len(desks)), [_staffed(pen, ledger, desk) for desk in desks])
    ax.set_ylim(len(desks) - 0.5, -0.5)
    date_axis(ax, pen, ledger.clock.start, ledger.clock.end)
    ax.set_xlim(first, first + (ledger.clock.end + timedelta(1) - ledger.clock.start).days)
    for row, desk in enumerate(desks):
        mean = mean_utilisation(ledger, desk)
        ax.annotate("—" if mean is None else f"{mean:.0%}", (1, row), (4, 0), va="center",
                    xycoords=ax.get_yaxis_transform(), textcoords="offset points",
                    **pen.style(fontsize=9))  # fmt: skip
    bar = ax.figure.colorbar(mesh, ax=ax, pad=0.06, aspect=12)
    bar.set_label(pen.word("desks.busy"), **pen.style(fontsize=9))
    bar.ax.tick_params(labelsize=8, labelfontfamily=list(pen.families))
    axis_labels(ax, pen, "", pen.word("desks.desk"))
    headings(ax, pen, pen.word("picture.utilisation"), caption(pen, run, pen.word("desks.off")))
    finish(ax, pen)
    return ax


def _colours() -> Colormap:
    from matplotlib import colormaps

    return colormaps["Blues"].with_extremes(bad="#dddddd")


def _staffed(pen: Pen, ledger: CloudLedger, desk: str) -> str:
    servers = getattr(ledger.cloud, desk).servers
    return pen.word("desks.staff", desk=pen.word(f"desks.{desk}"), servers=servers)


def busy_shares(ledger: CloudLedger, desks: list[str]) -> Floats:
    """Return busy ÷ staffed working time by desk and day; NaN on days without work.

    A day's staffed time is that of the office hours that lie in it.
    """
    days = ledger.clock.days
    passed = np.array([ledger.office.elapsed(HOURS_PER_DAY * day) for day in range(days + 1)])
    staffed = np.diff(passed)
    busy = np.zeros((len(desks), days))
    for visit in (v for v in ledger.visits if v.stage in desks and v.start_h < ledger.clock.hours):
        start = ledger.office.elapsed(visit.start_h)
        done = ledger.office.elapsed(min(visit.done_h, ledger.clock.hours))
        inside = np.minimum(done, passed[1:]) - np.maximum(start, passed[:-1])
        busy[desks.index(visit.stage)] += np.maximum(inside, 0.0)
    servers = np.array([getattr(ledger.cloud, desk).servers for desk in desks])
    whole = servers[:, None] * staffed
    shares: Floats = np.divide(busy, whole, out=np.full_like(busy, np.nan), where=whole > 0)
    return shares
