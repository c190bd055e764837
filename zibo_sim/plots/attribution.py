"""A package of changes as a waterfall: from the base, part by part, to the variant."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from zibo_sim.attribution import Attribution
from zibo_sim.comparison import COLUMNS, FALLS, RISES
from zibo_sim.metrics import METRICS
from zibo_sim.plots.forest import VERDICT_MARKS
from zibo_sim.plots.pen import INK, Pen, axes_of, finish, headings
from zibo_sim.sensitivity.tell import input_name
from zibo_sim.text import clipped
from zibo_sim.words import Scale, half, scale

_HEIGHT = 0.62
_LONGEST = 44


def waterfall(
    attribution: Attribution, metric: str, ax: Axes | None = None, lang: str | None = None
) -> Axes:
    """Draw how the parts of a package lead from the base's mean of a metric to the variant's.

    Parameters
    ----------
    attribution : Attribution
    metric : str
    ax : matplotlib Axes, optional
    lang : {"zh", "en"}, optional

    Returns
    -------
    matplotlib Axes

    Examples
    --------
    >>> import zibo_sim as zs
    >>> base = zs.load().replace({"period.end": "2018-10-14"})
    >>> both = base.replace({"law.alert.yellow.days": 1, "air.response.compliance": 1.0})
    >>> found = zs.attribute(base, both, replications=2)
    >>> zs.plot.waterfall(found, "air.pm25_mean", lang="en").has_data()
    True
    """
    pen, rows = Pen.of(lang), attribution.table.loc[metric]
    whole = {key: attribution.package.loc[metric, key] for key in COLUMNS}
    largest = max(abs(whole["base"]), abs(whole["variant"]))
    plain = scale(metric, METRICS[metric].unit, largest, pen.lang)
    ax = axes_of(ax, 9.5, 2.0 + 0.42 * len(rows))
    _total(ax, 0, whole["base"] * plain.factor, "base")
    at = whole["base"] * plain.factor
    for i, (part, row) in enumerate(rows.iterrows(), 1):
        at = _step(ax, pen, i, at, row, plain, str(part))
    _total(ax, len(rows) + 1, whole["variant"] * plain.factor, "variant")
    _figures(ax, pen, [(0, whole["base"]), (len(rows) + 1, whole["variant"])], plain)
    labels = [pen.word("attribution.base"), *(_part_name(pen, str(p)) for p in rows.index),
              pen.word("attribution.variant")]  # fmt: skip
    ax.set_yticks(range(len(labels)), labels)
    ax.set_ylim(len(labels) - 0.4, -0.6)
    ax.set_xlabel(plain.unit or pen.metric(metric), **pen.style(fontsize=9.5))
    ax.grid(axis="x", color="#e5e5e5", lw=0.6, zorder=0)
    ax.set_axisbelow(True)
    _room(ax)
    title = half(attribution.variant.title, pen.lang)
    said = pen.word("attribution.title", variant=pen.users(title), pairs=int(whole["pairs"]))
    headings(ax, pen, pen.metric(metric), said)
    finish(ax, pen)
    return ax


def _part_name(pen: Pen, part: str) -> str:
    """Return what a part is called: an input or value of the law in words, a group as given."""
    try:
        return clipped(input_name(part, pen.lang), _LONGEST)
    except KeyError:
        return pen.users(part, _LONGEST)


def _total(ax: Axes, row: int, value: float, name: str) -> None:
    """Draw base or variant as a mark: effects are small beside most totals."""
    if np.isfinite(value):
        ax.plot([value, value], [row - 0.4, row + 0.4], color=INK, lw=4, gid=f"total-{name}",
                solid_capstyle="butt", zorder=3)  # fmt: skip


def _step(
    ax: Axes, pen: Pen, row: int, start: float, figures: object, plain: Scale, part: str
) -> float:
    """Draw one part's effect from where the one before ended; return where it ends."""
    effect, low, high = (float(figures[k]) * plain.factor for k in ("effect", "low", "high"))  # type: ignore[index]
    _, colour = VERDICT_MARKS[figures["verdict"]]  # type: ignore[index]
    if not np.isfinite(effect):
        return start
    end = start + effect
    ax.plot([start, start], [row - 1, row + _HEIGHT / 2], color="#888888", lw=0.8, zorder=1)
    ax.plot([end, end], [row - _HEIGHT / 2, row + 1], color="#888888", lw=0.8, zorder=1)
    hatch = {RISES: "//", FALLS: "\\\\"}.get(str(figures["verdict"]), "")  # type: ignore[index]
    ax.barh(row, effect, _HEIGHT, left=start, color=colour, alpha=0.55, hatch=hatch,
            edgecolor="white", zorder=2, gid=f"effect-{part}")  # fmt: skip
    if np.isfinite(low):
        ax.plot([start + low, start + high], [row, row], color="#222222", lw=1.4, zorder=4,
                marker="|", ms=7, gid=f"interval-{part}")  # fmt: skip
    shown = _fine(plain, effect)
    said = f"{shown.number(effect / plain.factor, sign=True)} " + shown.interval(
        low / plain.factor, high / plain.factor, sign=True
    )
    ax.annotate(said, (1, row), (6, 0), xycoords=ax.get_yaxis_transform(),
                textcoords="offset points", va="center",
                **pen.style(fontsize=8.5, color="#333333"))  # fmt: skip
    return end


def _fine(plain: Scale, shown: float) -> Scale:
    digits = plain.digits + (1 if 0 < abs(shown) < 10 ** (1 - plain.digits) else 0)
    return Scale(plain.factor, digits, plain.unit)


def _figures(ax: Axes, pen: Pen, totals: list[tuple[int, float]], plain: Scale) -> None:
    for row, value in totals:
        ax.annotate(plain.figure(value), (1, row), (6, 0), xycoords=ax.get_yaxis_transform(),
                    textcoords="offset points", va="center",
                    **pen.style(fontsize=9, color=INK, fontweight="bold"))  # fmt: skip


def _room(ax: Axes) -> None:
    left, right = ax.get_xlim()
    margin = 0.06 * (right - left)
    ax.set_xlim(left - margin, right + margin)
