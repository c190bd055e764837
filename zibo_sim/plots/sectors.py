"""What each alert level cuts, sector by sector, in both ledgers, against the ratios asked for.

The accounted ledger is the plan's (淄政办字〔2018〕145号 五(三), 五(四)2); the felt one is what the
air notices of it: what plants stop because of the alert, as far as it is complied with.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from zibo_sim.air.inventory import ALERTS, COUNTED
from zibo_sim.air.reductions import reduction_list
from zibo_sim.air.response import compliance, uniform_cuts
from zibo_sim.air.sectors import POLLUTANTS, SECTORS
from zibo_sim.air.simulated import SimulatedAir
from zibo_sim.errors import Refused
from zibo_sim.plots.boxes import boxes
from zibo_sim.plots.levels import ALERT_COLOURS
from zibo_sim.plots.pen import INK, Pen, axes_of, axis_labels, caption, finish, headings, legend
from zibo_sim.results import Run

Floats = NDArray[np.float64]

#: Groups of sectors: their sectors, colour and hatch.
GROUPS: dict[str, tuple[tuple[str, ...], str, str]] = {
    "power": (("power",), "#332288", ""),
    "steel_coking": (("steel_coking",), "#6699cc", "///"),
    "kilns_glass": (("kiln_materials", "glass"), "#117733", ""),
    "chemicals": (("chemicals",), "#88ccaa", "\\\\\\"),
    "coating": (("coating",), "#ddcc77", ""),
    "vehicles": (("road", "non_road"), "#cc6677", "xx"),
    "dust": (("dust",), "#aa7744", ".."),
    "other": (("heating_boilers", "residential_coal", "other_civil", "outdoor_solvent"),
              "#999999", ""),
}  # fmt: skip
_BAR = 0.36
#: Height of each bar pair by level and pollutant.
_PLACES = 4.3 * np.arange(len(ALERTS))[:, None] + 0.9 * np.arange(len(COUNTED))


@dataclass(frozen=True)
class Cuts:
    """Cuts of one level in per cent of the city's daily base, by sector and pollutant (`COUNTED`).

    Attributes
    ----------
    accounted, felt : ndarray, shape (13, 4)
    demanded : ndarray, shape (4,)
    compliance : float
        Mean over the run's hours at that level; the median alert's where it had none.
    seen : ndarray, shape (4,)
        Mean of the city's emission that was avoided in the run's hours under that response, per
        cent; NaN where it had none.
    """

    accounted: Floats
    felt: Floats
    demanded: Floats
    compliance: float
    seen: Floats


def cuts_of(run: Run, level: str, heating: bool = True) -> Cuts:
    """Return what a level cuts in a run's city, in or outside the heating season.

    Raises
    ------
    Refused
        For a run on measured air, whose cuts nobody knows.
    """
    law, air, sky = run.outcome.law, run.scenario.air, run.outcome.air.air
    if not isinstance(sky, SimulatedAir):
        raise Refused("cuts: measured air does not say what was cut; draw a simulated run")
    orders = reduction_list(air, law).orders(level, heating)
    base = orders.account.base_t
    total = np.where(base.sum(axis=0) > 0, base.sum(axis=0), np.inf)
    credited = orders.account.cut_t + law("alert.staggered.factor") * orders.account.staggered_t
    uniform = air.response.measures == "uniform"
    physical = uniform_cuts(level, law) if uniform else orders.physical
    followed, seen = _in_the_run(run, sky, level)
    columns = [POLLUTANTS.index(name) for name in COUNTED]
    return Cuts(
        accounted=100 * credited / total,
        felt=100 * followed * physical[:, columns] * base / total,
        demanded=np.array([100 * law(f"alert.cut.{level}.{name}") for name in COUNTED]),
        compliance=followed,
        seen=seen[columns],
    )


def _in_the_run(run: Run, sky: SimulatedAir, level: str) -> tuple[float, Floats]:
    """Return the mean compliance with a level, and the share of emission avoided under it."""
    mine = [r for r in sky.responses if r.orders.level == level and r.end > r.begin]
    if not mine:
        return compliance(run.scenario.air.response, level, 0.5), np.full(len(POLLUTANTS), np.nan)
    hours = [r.end - r.begin for r in mine]
    under = np.concatenate([np.arange(r.begin, r.end) for r in mine])
    followed = float(np.average([r.compliance for r in mine], weights=hours))
    return followed, 100 * sky.cut[under].mean(axis=0)


def cuts(run: Run, ax: Axes | None = None, lang: str | None = None, heating: bool = True) -> Axes:
    """Draw cuts by sector, level and pollutant in both ledgers against the ratios asked for.

    Parameters
    ----------
    run : Run
        On simulated air.
    ax : matplotlib Axes, optional
    lang : {"zh", "en"}, optional
    heating : bool
        The base of the heating season, or that outside it.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    Refused
        For a run on measured air.

    Examples
    --------
    >>> import zibo_sim as zs
    >>> run = zs.run(zs.load().replace({"period.end": "2018-10-14"}), seed=1)
    >>> zs.plot.cuts(run, lang="en").get_xlabel()
    "share of the city's daily base (%)"
    """
    pen, ax = Pen.of(lang), axes_of(ax, 10, 6.8)
    found = {level: cuts_of(run, level, heating) for level in ALERTS}
    for side, key, alpha in ((-1, "accounted", 1.0), (1, "felt", 0.55)):
        tables = np.stack([getattr(its, key) for its in found.values()])
        _stacked(ax, _PLACES + side * _BAR / 2, tables, key, alpha)
    for block, (level, its) in enumerate(found.items()):
        _marks(ax, its, level, _PLACES[block])
        _named_block(ax, pen, level, _PLACES[block, 0] - 0.68)
    names = [pen.word(f"cuts.{name}") for name in COUNTED] * len(found)
    ax.set_yticks(_PLACES.ravel(), names)
    ax.set_ylim(_PLACES[-1, -1] + 0.6, -1.0)
    ax.set_xlim(0, 1.04 * max(its.accounted.sum(axis=0).max() for its in found.values()))
    axis_labels(ax, pen, pen.word("cuts.percent"), "")
    headings(ax, pen, pen.word("picture.cuts"), caption(pen, run, _note(pen, run, found)))
    finish(ax, pen)
    legend(ax, pen, _handles(pen))
    return ax


def _stacked(ax: Axes, y: Floats, tables: Floats, key: str, alpha: float) -> None:
    """Draw one ledger's bars, shape ``(levels, sectors, pollutants)``, sectors end to end."""
    left = np.zeros_like(y)
    for group, (sectors, colour, hatch) in GROUPS.items():
        right = left + tables[:, [SECTORS.index(s) for s in sectors]].sum(axis=1)
        boxes(ax, left.ravel(), right.ravel(), (y - _BAR / 2.1).ravel(), (y + _BAR / 2.1).ravel(),
              facecolor=colour, alpha=alpha, lw=0.3, edgecolor="white", hatch=hatch,
              gid=f"{key}-{group}")  # fmt: skip
        left = right


def _marks(ax: Axes, its: Cuts, level: str, places: Floats) -> None:
    """Draw the ratios asked for, and what the run's air saw."""
    reach = _BAR * 1.15
    for y, wanted in zip(places, its.demanded, strict=True):
        ax.plot([wanted, wanted], [y - reach, y + reach], color="black", lw=2.2, zorder=4,
                gid=f"demanded-{level}")  # fmt: skip
    ax.plot(its.seen, places + _BAR / 2, marker="D", ms=4.5, color="white", zorder=4, ls="",
            markeredgecolor="black", gid=f"seen-{level}")  # fmt: skip


def _named_block(ax: Axes, pen: Pen, level: str, y: float) -> None:
    style = pen.style(fontsize=9, fontweight="bold", va="center")
    said = f"{pen.word(f'letter.{level}')} · {pen.word(f'level.{level}')}"
    box = {"facecolor": ALERT_COLOURS[level], "edgecolor": "none", "pad": 2.0}
    style["color"] = "white" if level == "red" else "black"
    ax.annotate(said, (0, y), (4, 0), xycoords=ax.get_yaxis_transform(), bbox=box,
                textcoords="offset points", **style)  # fmt: skip


def _note(pen: Pen, run: Run, found: dict[str, Cuts]) -> str:
    followed = " / ".join(f"{its.compliance:.0%}" for its in found.values())
    factor = run.outcome.law("alert.staggered.factor")
    return pen.word("cuts.note", factor=f"{factor:g}", compliance=followed)


def _handles(pen: Pen) -> list[Any]:
    groups: list[Any] = [
        Patch(facecolor=colour, edgecolor="white", hatch=hatch, label=pen.word(f"cuts.{group}"))
        for group, (_, colour, hatch) in GROUPS.items()
    ]
    return [
        *groups,
        Patch(facecolor=INK, label=pen.word("cuts.accounted")),
        Patch(facecolor=INK, alpha=0.55, label=pen.word("cuts.felt")),
        Line2D([], [], color="black", lw=2.2, label=pen.word("cuts.demanded")),
        Line2D([], [], marker="D", ms=4.5, color="white", markeredgecolor="black", ls="",
               label=pen.word("cuts.seen")),
    ]  # fmt: skip
