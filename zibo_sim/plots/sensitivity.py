"""What matters: Sobol indices as bars, Morris screening as a map, both ends of each factor."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from zibo_sim.metrics import METRICS
from zibo_sim.plots.pen import (
    FADED,
    INK,
    LIMIT,
    NO_MEASURES,
    Pen,
    axes_of,
    finish,
    headings,
    legend,
)
from zibo_sim.sensitivity.indices import Sensitivity
from zibo_sim.sensitivity.tell import input_name
from zibo_sim.study.spec import Study
from zibo_sim.text import clipped, width
from zibo_sim.words import Scale, bracketed, scale

#: Colour of each status: what is assumed stands out.
STATUS_COLOURS = {
    "assumed": NO_MEASURES, "calibrated": "#4f7f6b", "literature": "#7d8fb3",
    "standard": "#8a8a8a", "statutory": INK,
}  # fmt: skip
_COLUMNS = 42
_SHORT = 28
#: Factors that a map names: those with the largest effects.
_NAMED = 12
_HEIGHT = 0.38


def factor_labels(keys: list[str], pen: Pen) -> list[str]:
    """Return what factors are called, and below it the key that sets them."""
    return [f"{clipped(input_name(key, pen.lang), _COLUMNS)}\n{key}" for key in keys]


def indices(
    found: Sensitivity, output: str, ax: Axes | None = None, lang: str | None = None
) -> Axes:
    """Draw first-order and, where known, total indices of an output with their intervals.

    Parameters
    ----------
    found : Sensitivity
        Of a design other than ``morris``.
    output : str
    ax : matplotlib Axes, optional
    lang : {"zh", "en"}, optional

    Returns
    -------
    matplotlib Axes

    Examples
    --------
    >>> import zibo_sim as zs
    >>> from zibo_sim.study.design import design_points
    >>> study = zs.study_of({
    ...     "design": "grid", "outputs": ["cloud.requests"],
    ...     "factors": {"cloud.audit.servers": [1, 2], "cloud.audit.cv": [0.2, 0.4]},
    ... })
    >>> frame = design_points(study).reset_index().assign(replication=0, error="")
    >>> frame["cloud.requests"] = [1.0, 1.0, 3.0, 3.0]  # as if run
    >>> found = zs.indices(frame, study)
    >>> zs.plot.indices(found, "cloud.requests", lang="en").get_xlabel()
    "share of the parameters' variance (%)"
    """
    pen, rows = Pen.of(lang), found.table[found.table["output"] == output]
    kinds = [kind for kind in ("first", "total") if kind in rows]
    rows = rows.sort_values(kinds[-1], ascending=False)
    ax = axes_of(ax, 9, 2.2 + 0.42 * len(rows))
    for at, kind in enumerate(kinds):
        _bars(ax, rows, kind, at if len(kinds) > 1 else 0.5)
    labels = factor_labels(rows["factor"].tolist(), pen)
    _factor_axis(ax, labels, rows["status"].tolist())
    _share_axis(ax, pen, rows[kinds[-1]].isna().all())
    study = found.study
    below = pen.word("indices.below", title=pen.users(study.title), points=study.rows,
                     replications=study.replications)  # fmt: skip
    headings(ax, pen, pen.word("indices.title", metric=pen.metric(output)), below)
    finish(ax, pen)
    handles = [Patch(facecolor=INK if kind == "first" else FADED, label=pen.word(f"indices.{kind}"),
                     hatch="" if kind == "first" else "//", edgecolor="white")
               for kind in kinds]  # fmt: skip
    legend(ax, pen, [*handles, *_status_handles(rows["status"], pen)], 5)
    return ax


def _bars(ax: Axes, rows: pd.DataFrame, kind: str, at: float) -> None:
    y = np.arange(len(rows)) + (at - 0.5) * _HEIGHT
    value = 100 * rows[kind].to_numpy(float)
    colour, hatch = (INK, "") if kind == "first" else (FADED, "//")
    ax.barh(y, np.nan_to_num(value), _HEIGHT, color=colour, hatch=hatch, edgecolor="white",
            gid=f"bar-{kind}", zorder=2)  # fmt: skip
    low, high = (100 * rows[f"{kind}_{end}"].to_numpy(float) for end in ("low", "high"))
    ax.hlines(y, low, high, color="#222222", lw=1.3, zorder=3, gid=f"interval-{kind}")


def _factor_axis(ax: Axes, labels: list[str], statuses: list[str]) -> None:
    ax.set_yticks(range(len(labels)), labels)
    ax.set_ylim(len(labels) - 0.4, -0.6)
    for tick, status in zip(ax.get_yticklabels(), statuses, strict=True):
        tick.set(color=STATUS_COLOURS[status], parse_math=False)


def _status_handles(statuses: pd.Series, pen: Pen) -> list[Patch]:
    """Return what the colours of the factors' names mean."""
    return [
        Patch(facecolor="none", edgecolor=colour, lw=1.6, label=pen.word(f"status.{status}"))
        for status, colour in STATUS_COLOURS.items() if status in set(statuses)
    ]  # fmt: skip


def _share_axis(ax: Axes, pen: Pen, nothing: bool) -> None:
    low, high = ax.get_xlim()
    ax.set_xlim(min(low, 0), max(high, 100 if nothing else 10))
    ax.axvline(0, color="#444444", lw=0.9, zorder=4)
    ax.set_xlabel(pen.word("indices.share"), **pen.style(fontsize=9.5))
    ax.grid(axis="x", color="#e5e5e5", lw=0.6, zorder=0)
    if nothing:
        ax.text(0.5, 0.5, pen.word("indices.nothing"), transform=ax.transAxes, ha="center",
                va="center", **pen.style(fontsize=10))  # fmt: skip


# ---- screening ---------------------------------------------------------------------------


def screening(
    found: Sensitivity, output: str, ax: Axes | None = None, lang: str | None = None
) -> Axes:
    """Draw Morris' map of an output: the size of each factor's effect, and how it varies.

    Parameters
    ----------
    found : Sensitivity
        Of a ``morris`` design.
    output : str
    ax : matplotlib Axes, optional
    lang : {"zh", "en"}, optional

    Returns
    -------
    matplotlib Axes

    Examples
    --------
    >>> import zibo_sim as zs
    >>> from zibo_sim.study.design import design_points
    >>> study = zs.study_of({
    ...     "design": "morris", "points": 12, "outputs": ["cloud.requests"],
    ...     "factors": {"cloud.audit.mean_days": {"low": 1.0, "high": 2.0},
    ...                 "cloud.audit.cv": {"low": 0.2, "high": 0.4}},
    ... })
    >>> frame = design_points(study).reset_index().assign(replication=0, error="")
    >>> frame["cloud.requests"] = frame["cloud.audit.mean_days"] * 3  # as if run
    >>> zs.plot.screening(zs.indices(frame, study), "cloud.requests", lang="en").get_xlabel()
    'µ*: mean size of the effect'
    """
    pen, rows = Pen.of(lang), found.table[found.table["output"] == output]
    plain = _plain(output, float(rows["mu_star"].max()), pen)
    ax = axes_of(ax, 8, 6)
    x, y = (plain.factor * rows[name].to_numpy(float) for name in ("mu_star", "sigma"))
    ends = [plain.factor * rows[f"mu_star_{end}"].to_numpy(float) for end in ("low", "high")]
    ax.hlines(y, *ends, color="#bbbbbb", lw=1.2, zorder=1, gid="interval")
    colours = [STATUS_COLOURS[status] for status in rows["status"]]
    ax.scatter(x, y, s=42, c=colours, zorder=3, gid="factors")
    right = 1.08 * float(np.nanmax([*x, *ends[1], 1e-9]))
    top = float(np.nanmax([1.2 * np.nanmax(y), 0.2 * right]))
    ax.plot([0, min(right, top)], [0, min(right, top)], color="#999999", lw=0.8, ls="--", zorder=0)
    floor = plain.factor * float(rows["by_chance"].max())
    if floor > 0:
        ax.axvline(floor, color=LIMIT, lw=0.9, ls=":", zorder=0, gid="by-chance")
    ax.set_xlim(-0.02 * right, right)
    ax.set_ylim(-0.05 * top, top)
    names = [clipped(input_name(key, pen.lang), _SHORT) for key in rows["factor"]]
    _named(ax, pen, names, x, y, ends[0], ends[1], right, top)
    unit = bracketed(plain.unit, pen.lang)
    ax.set_xlabel(pen.word("indices.mu_star", unit=unit), **pen.style(fontsize=9.5))
    ax.set_ylabel(pen.word("indices.sigma", unit=unit), **pen.style(fontsize=9.5))
    ax.grid(color="#eeeeee", lw=0.6, zorder=0)
    study = found.study
    below = pen.word("indices.below", title=pen.users(study.title), points=study.rows,
                     replications=study.replications)  # fmt: skip
    headings(ax, pen, pen.word("indices.title", metric=pen.metric(output)), below)
    finish(ax, pen)
    legend(ax, pen, [*_status_handles(rows["status"], pen), *_lines(pen, floor > 0)], 3)
    return ax


def _plain(output: str, size: float, pen: Pen) -> Scale:
    found = scale(output, METRICS[output].unit, size, pen.lang)
    return Scale(found.factor, found.digits, found.unit)


def _lines(pen: Pen, chance: bool) -> list[Line2D]:
    lines = [Line2D([], [], color="#999999", lw=0.8, ls="--", label=pen.word("indices.even"))]
    if chance:
        said = pen.word("indices.by_chance")
        lines.append(Line2D([], [], color=LIMIT, lw=0.9, ls=":", label=said))
    return lines


def _named(
    ax: Axes, pen: Pen, names: list[str], x: np.ndarray, y: np.ndarray, low: np.ndarray,
    high: np.ndarray, right: float, top: float,
) -> None:  # fmt: skip
    """Write the names of the largest effects beside their points, over no point or other name."""
    known = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    largest = known[np.argsort(-x[known])][:_NAMED]
    step = 0.05 * top
    taken = [
        (min(low[i], x[i] - 0.012 * right), max(high[i], x[i] + 0.012 * right), y[i]) for i in known
    ]
    for i in sorted(largest, key=lambda j: (y[j], -x[j])):
        long, left_side = 0.0125 * right * width(names[i]), x[i] > 0.6 * right
        start = x[i] - 0.02 * right - long if left_side else x[i] + 0.02 * right
        height = _free(start, start + long, float(y[i]), step, taken)
        taken.append((start, start + long, height))
        ax.annotate(
            names[i], (x[i], y[i]), (x[i] + (-0.02 if left_side else 0.02) * right, height),
            ha="right" if left_side else "left", va="center",
            arrowprops={"arrowstyle": "-", "color": "#aaaaaa", "lw": 0.6, "shrinkB": 3},
            **pen.style(fontsize=8.5, color="#333333"),
        )  # fmt: skip


def _free(
    left: float, right: float, height: float, step: float, taken: list[tuple[float, float, float]]
) -> float:
    """Return the first height from `height` up at which nothing taken is crossed."""
    while any(a < right and left < b and abs(h - height) < step for a, b, h in taken):
        height += step / 4
    return height


# ---- both ends ---------------------------------------------------------------------------


def tornado(
    table: pd.DataFrame, study: Study, output: str, ax: Axes | None = None, lang: str | None = None
) -> Axes:
    """Draw how far an output lies from its mean at the lower and upper end of each factor.

    Parameters
    ----------
    table : DataFrame
        From `zibo_sim.sensitivity.swings.swings`.
    study : Study
    output : str
    ax : matplotlib Axes, optional
    lang : {"zh", "en"}, optional

    Returns
    -------
    matplotlib Axes

    Examples
    --------
    >>> import zibo_sim as zs
    >>> from zibo_sim.study.design import design_points
    >>> study = zs.study_of({
    ...     "design": "grid", "outputs": ["cloud.requests"],
    ...     "factors": {"cloud.audit.servers": [1, 2], "cloud.audit.cv": [0.2, 0.4]},
    ... })
    >>> frame = design_points(study).reset_index().assign(replication=0, error="")
    >>> frame["cloud.requests"] = [1.0, 1.0, 3.0, 3.0]  # as if run
    >>> from zibo_sim.sensitivity.swings import swings
    >>> table = swings(frame, study, "cloud.requests")
    >>> zs.plot.tornado(table, study, "cloud.requests", lang="en").get_xlabel()
    'difference of requests submitted'
    """
    pen, status = Pen.of(lang), {f.key: f.status for f in study.factors}
    mean = float(table.attrs.get("mean", np.nan))
    plain = _plain(output, mean, pen)
    ax = axes_of(ax, 9, 2.2 + 0.42 * len(table))
    for name, colour, hatch, shift in (("at_low", "#00639c", "", -0.5), ("at_high", "#c44e00", "//",
                                                                         0.5)):  # fmt: skip
        y = np.arange(len(table)) + shift * _HEIGHT
        figures = plain.factor * table[[name, f"{name}_from", f"{name}_to"]].to_numpy(float)
        ax.barh(y, np.nan_to_num(figures[:, 0]), _HEIGHT, color=colour, hatch=hatch, alpha=0.75,
                edgecolor="white", zorder=2, gid=name)  # fmt: skip
        ax.hlines(y, figures[:, 1], figures[:, 2], color="#222222", lw=1.2, zorder=3)
    _factor_axis(ax, factor_labels(table["factor"].tolist(), pen),
                 [status[key] for key in table["factor"]])  # fmt: skip
    ax.axvline(0, color="#444444", lw=0.9, zorder=4)
    ax.grid(axis="x", color="#e5e5e5", lw=0.6, zorder=0)
    unit = bracketed(plain.unit, pen.lang)
    said = pen.word("indices.change", metric=pen.metric(output), unit=unit)
    ax.set_xlabel(said, **pen.style(fontsize=9.5))
    below = pen.word("indices.tornado_below", title=pen.users(study.title), mean=plain.figure(mean))
    headings(ax, pen, pen.word("indices.tornado", metric=pen.metric(output)), below)
    finish(ax, pen)
    handles = [Patch(facecolor="#00639c", alpha=0.75, label=pen.word("indices.at_low")),
               Patch(facecolor="#c44e00", alpha=0.75, hatch="//", edgecolor="white",
                     label=pen.word("indices.at_high"))]  # fmt: skip
    legend(ax, pen, handles, 1)
    return ax
