"""What dwellings pay for a season: how bills are spread, and who wins and loses by the meter."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import StrMethodFormatter
from numpy.typing import NDArray

from zibo_sim.errors import Refused
from zibo_sim.heating.ledger import FEN_PER_YUAN
from zibo_sim.plots.pen import (
    INK,
    LIMIT,
    NO_MEASURES,
    Pen,
    axes_of,
    axis_labels,
    caption,
    finish,
    headings,
    legend,
)
from zibo_sim.results import Run

Floats = NDArray[np.float64]

_BINS, _TAIL = 60, 0.995
_AREA, _WINS, _LOSES = "#a3b8cf", "#5b9e8f", "#c98a7d"


def bills(run: Run, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw how the bills of dwellings are spread, by area and by meter, and their medians.

    Parameters
    ----------
    run : Run
        Its period must hold the bills of a heating season.
    ax : matplotlib Axes, optional
    lang : {"zh", "en"}, optional

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    Refused
        Where no season was billed.

    Examples
    --------
    >>> import zibo_sim as zs
    >>> run = zs.run(zs.load().replace({"heating.dwellings": 3000}), seed=1)
    >>> zs.plot.bills(run, lang="en").get_xlabel()
    'bill of a dwelling (yuan)'
    """
    pen, ledger = Pen.of(lang), run.outcome.heating
    kinds = {"area": ledger.area_bills, "metered": ledger.metered_bills}
    kinds = {key: amounts for key, amounts in kinds.items() if len(amounts)}
    if not kinds:
        raise Refused("bills: the period holds no bill of a heating season")
    ax = axes_of(ax, 7.2, 4.2)
    every = np.concatenate(list(kinds.values()))
    edges = np.linspace(0, float(np.quantile(every, _TAIL)), _BINS + 1)
    looks = {"area": (_AREA, INK, "", True), "metered": (NO_MEASURES, NO_MEASURES, "", False)}
    for key, amounts in kinds.items():
        colour, dark, hatch, filled = looks[key]
        share = 100 * np.histogram(amounts, edges)[0] / len(amounts)
        label = pen.word(f"bills.{key}", count=f"{len(amounts):,}")
        ax.stairs(share, edges, color=colour, fill=filled, hatch=hatch, lw=1.8, gid=key,
                  label=label, zorder=2 if filled else 3)  # fmt: skip
        middle = float(np.median(amounts))
        said = pen.word("bills.median", value=f"{middle:,.0f}")
        ax.axvline(middle, color=dark, ls="--" if filled else ":", lw=1.4, label=said, zorder=4,
                   gid=f"median-{key}")  # fmt: skip
    _framed(ax, pen, edges)
    axis_labels(ax, pen, pen.word("bills.bill"), pen.word("bills.share"))
    headings(ax, pen, pen.word("picture.bills"), caption(pen, run, *_beyond(pen, edges, every)))
    return ax


def winners(run: Run, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw what metered dwellings pay beside what they would pay by area: winners and losers.

    Parameters
    ----------
    run : Run
        Its period must hold a whole heating season.
    ax : matplotlib Axes, optional
    lang : {"zh", "en"}, optional

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    Refused
        Where no dwelling was billed by meter.

    Examples
    --------
    >>> import zibo_sim as zs
    >>> run = zs.run(zs.load().replace({"heating.dwellings": 3000}), seed=1)
    >>> zs.plot.winners(run, lang="en").get_xlabel()
    'bill by meter − bill by area (yuan a dwelling)'
    """
    pen, change = Pen.of(lang), changes(run)
    ax = axes_of(ax, 7.2, 4.2)
    low, high = np.quantile(change, [1 - _TAIL, _TAIL])
    edges = _through_zero(float(min(low, 0.0)), float(max(high, 0.0)))
    count = len(change)
    for key, its, colour, hatch in (
        ("winners", change[change < 0], _WINS, ""), ("losers", change[change > 0], _LOSES, "///")
    ):  # fmt: skip
        share = 100 * np.histogram(its, edges)[0] / count
        mean = f"{abs(its.mean()):,.0f}" if len(its) else "0"
        label = pen.word(f"bills.{key}", count=f"{len(its):,}", share=f"{len(its) / count:.0%}",
                         mean=mean)  # fmt: skip
        ax.stairs(share, edges, fill=True, color=colour, hatch=hatch, edgecolor="white", lw=0,
                  gid=key, label=label)  # fmt: skip
    ax.axvline(0, color="#444444", lw=0.9)
    middle = float(np.median(change))
    label = pen.word("bills.median", value=f"{middle:+,.0f}".replace("-", "−"))
    ax.axvline(middle, color=LIMIT, ls="--", lw=1.4, gid="median", label=label)
    _framed(ax, pen, edges)
    axis_labels(ax, pen, pen.word("bills.difference"), pen.word("bills.share"))
    notes = [*_even(pen, change), *_beyond(pen, edges, change)]
    headings(ax, pen, pen.word("picture.winners"), caption(pen, run, *notes))
    return ax


def changes(run: Run) -> Floats:
    """Return bill by meter − bill by area of every metered dwelling and season, yuan."""
    ledger = run.outcome.heating
    pairs = zip(ledger.metered_fen, ledger.metered_at_area_fen, strict=True)
    found = [metered - area for metered, area in pairs]
    if not sum(map(len, found)):
        raise Refused("winners: no dwelling was billed by meter for a whole heating season")
    change: Floats = np.concatenate(found) / FEN_PER_YUAN
    return change


def _through_zero(low: float, high: float) -> Floats:
    """Return edges of bins, one of which is zero."""
    width = max((high - low) / _BINS, 1e-6)
    first, last = np.floor(low / width), max(np.ceil(high / width), 1.0)
    edges: Floats = width * np.arange(first, last + 1)
    return edges


def _even(pen: Pen, change: Floats) -> list[str]:
    same = int((change == 0).sum())
    return [pen.word("bills.even", count=f"{same:,}")] if same else []


def _beyond(pen: Pen, edges: Floats, amounts: Floats) -> list[str]:
    """Say how many lie outside the picture."""
    count = int(((amounts < edges[0]) | (amounts > edges[-1])).sum())
    return [pen.word("bills.beyond", count=f"{count:,}")] if count else []


def _framed(ax: Axes, pen: Pen, edges: Floats) -> None:
    ax.set_xlim(edges[0], edges[-1])
    ax.set_ylim(0, ax.get_ylim()[1] * 1.05)
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    finish(ax, pen)
    legend(ax, pen, ax.get_legend_handles_labels()[0], 2)
