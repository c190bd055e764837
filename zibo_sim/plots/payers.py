"""Who pays less by meter and who more, by vintage, position and income of the household."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from zibo_sim.heating.outcomes import who_pays
from zibo_sim.plots.pen import FADED, INK, LIMIT, Pen, axes_of, caption, finish, headings
from zibo_sim.results import Run


def tariffs(run: Run, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw each group's mean bill by area and by meter, and the share that pays less by meter.

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
        Where no whole season was billed.

    Examples
    --------
    >>> import zibo_sim as zs
    >>> run = zs.run(zs.load().replace({"heating.dwellings": 3000}), seed=1)
    >>> zs.plot.tariffs(run, lang="en").get_xlabel()
    'mean bill, yuan'
    """
    pen, ax = Pen.of(lang), axes_of(ax, 7.2, 4.2)
    table = who_pays(run.scenario.heating, run.outcome.law, run.outcome.heating)
    table = table[table["dwellings"] > 0].reset_index(drop=True)
    at = np.arange(len(table))[::-1]
    less = table["by_meter"] <= table["by_area"]
    for area, meter, y, gains in zip(table["by_area"], table["by_meter"], at, less, strict=True):
        ax.plot([area, meter], [y, y], color=FADED, lw=2, zorder=1)
        colour, marker = (INK, "o") if gains else (LIMIT, "s")
        ax.scatter([meter], [y], color=colour, marker=marker, zorder=3, gid="meter")
    ax.scatter(table["by_area"], at, facecolor="white", edgecolor="#555555", zorder=2, gid="area")
    names = [pen.word(f"tariffs.{group}") for group in table["group"]]
    ax.set_yticks(at, names, **pen.style(fontsize=9))
    for share, y in zip(table["paying_less"], at, strict=True):
        ax.annotate(f"{share:.0%}", (1, y), (4, 0), xycoords=("axes fraction", "data"),
                    textcoords="offset points", va="center", **pen.style(fontsize=9))  # fmt: skip
    ax.set_xlabel(pen.word("tariffs.bill"), **pen.style(fontsize=9.5))
    headings(ax, pen, pen.word("picture.tariffs"), caption(pen, run, pen.word("tariffs.key")))
    finish(ax, pen)
    return ax
