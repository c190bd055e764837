"""Regions in which something happens, and where the variance of outcomes comes from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch, Rectangle

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
from zibo_sim.sensitivity.discovery import Region
from zibo_sim.sensitivity.groups import GROUPS
from zibo_sim.sensitivity.prim import Box, Limit
from zibo_sim.sensitivity.shares import Shares
from zibo_sim.sensitivity.tell import input_name, limit_text, percent
from zibo_sim.text import clipped
from zibo_sim.words import bracketed, listed, unit_said

_GROUP_LOOKS = {
    "assumed": (NO_MEASURES, ""), "evidence": (INK, ""), "chance": ("#b8b8b8", "..."),
    "together": ("#ede6dc", "//"),
}  # fmt: skip
_JITTER = 0.3


def region(found: Region, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw the first region over the two factors that restrict it most.

    Points are cases or not; categories stand side by side. Where a region restricts more factors,
    their limits stand below the picture; points outside them are paler.

    Parameters
    ----------
    found : Region
    ax : matplotlib Axes, optional
    lang : {"zh", "en"}, optional

    Returns
    -------
    matplotlib Axes

    Examples
    --------
    >>> import numpy as np
    >>> import zibo_sim as zs
    >>> from zibo_sim.study.design import design_points
    >>> study = zs.study_of({
    ...     "design": "lhs", "points": 60, "outputs": ["air.heavy_days"],
    ...     "factors": {"air.response.compliance": {"low": 0.5, "high": 1.0},
    ...                 "air.emissions.scale": {"low": 0.8, "high": 1.2}},
    ... })
    >>> frame = design_points(study).reset_index().assign(replication=0, error="")
    >>> high = frame["air.response.compliance"] > 0.8
    >>> frame["air.heavy_days"] = np.where(high, 5.0, 15.0)  # as if run
    >>> found = zs.discover(frame, study, "air.heavy_days <= 10")
    >>> zs.plot.region(found, lang="en").get_title(loc="left")
    'When is air.heavy_days <= 10?'
    """
    pen, box = Pen.of(lang), next(iter(found.found.boxes), None)
    ax = axes_of(ax, 8, 6)
    across, up = _two(found, box)
    x, y = (_Axis.of(found, key) for key in (across, up))
    rest = [limit for key, limit in (box.limits if box else {}).items() if key not in (across, up)]
    inside = np.all([limit.holds(found.factors[limit.factor].to_numpy()) for limit in rest] or
                    [np.ones(len(found.factors), dtype=bool)], axis=0)  # fmt: skip
    cases = found.cases >= 0.5
    for mask, colour, marker, gid in (
        (~cases, FADED, "o", "other"), (cases, LIMIT, "X", "cases"),
    ):  # fmt: skip
        for held, alpha in ((inside, 0.9), (~inside, 0.25)):
            both = mask & held
            ax.scatter(x.at[both], y.at[both], s=26, c=colour, marker=marker, alpha=alpha,
                       linewidths=0, zorder=3, gid=gid)  # fmt: skip
    if box is not None:
        _rectangle(ax, box, x, y)
    x.name(ax, pen, "x")
    y.name(ax, pen, "y")
    headings(ax, pen, pen.word("indices.region", when=found.when), _below(found, box, rest, pen))
    ax.grid(color="#eeeeee", lw=0.6, zorder=0)
    finish(ax, pen)
    handles = [Patch(facecolor=LIMIT, label=pen.word("indices.case")),
               Patch(facecolor=FADED, label=pen.word("indices.other"))]  # fmt: skip
    if box is not None:
        handles.append(Patch(facecolor="none", edgecolor=LIMIT, lw=1.8,
                             label=pen.word("indices.box")))  # fmt: skip
    legend(ax, pen, handles)
    return ax


def _two(found: Region, box: Box | None) -> tuple[str, str]:
    """Return the two factors to draw: those that restrict the region most, then any."""
    p_values = {} if box is None else box.p_values
    names = [*sorted(p_values, key=lambda key: p_values[key]), *found.factors.columns]
    kept = list(dict.fromkeys(names))
    return kept[0], kept[1] if len(kept) > 1 else kept[0]


class _Axis:
    """One factor as positions: numbers as they are, categories and few levels side by side."""

    def __init__(self, key: str, unit: str, at: np.ndarray, levels: list[object] | None) -> None:
        self.key, self.unit, self.at, self.levels = key, unit, at, levels

    @classmethod
    def of(cls, found: Region, key: str) -> _Axis:
        column = found.factors[key]
        unit = next(f.unit for f in found.study.factors if f.key == key)
        if column.dtype.kind in "fiu" and column.nunique() > 6:
            return cls(key, unit, column.to_numpy(float), None)
        plain = column.tolist()
        levels = list(dict.fromkeys(plain))
        levels = sorted(levels) if column.dtype.kind in "fiu" else levels
        jitter = np.random.default_rng(0).uniform(-_JITTER, _JITTER, len(plain))
        return cls(key, unit, np.array([levels.index(v) for v in plain]) + jitter, levels)

    def ends(self, limit: Limit | None) -> list[tuple[float, float]]:
        """Return the intervals a limit allows, all of the axis where there is none."""
        if self.levels is None:
            low, high = float(self.at.min()), float(self.at.max())
            room = 0.02 * (high - low or 1.0)
            low, high = low - room, high + room
            if limit is not None:
                low = low if limit.low is None else limit.low
                high = high if limit.high is None else limit.high
            return [(low, high)]
        held = [limit is None or bool(limit.holds(_one(v))[0]) for v in self.levels]
        return [(i - 0.45, i + 0.45) for i, inside in enumerate(held) if inside]

    def name(self, ax: Axes, pen: Pen, axis: str) -> None:
        """Write the factor and its unit, and its categories as ticks."""
        plain = self.unit in ("1", "text", "true/false", "date", "path")
        unit = bracketed("" if plain else unit_said(self.unit, pen.lang), pen.lang)
        getattr(ax, f"set_{axis}label")(
            clipped(input_name(self.key, pen.lang), 60) + unit, **pen.style(fontsize=9.5)
        )
        if self.levels is not None:
            texts = [limit_text(Limit(self.key, allowed=(v,)), pen.lang) for v in self.levels]
            getattr(ax, f"set_{axis}ticks")(range(len(texts)), [clipped(t, 18) for t in texts])


def _one(value: object) -> np.ndarray:
    cell = np.empty(1, dtype=object)
    cell[0] = value
    return cell


def _rectangle(ax: Axes, box: Box, x: _Axis, y: _Axis) -> None:
    for left, right in x.ends(box.limits.get(x.key)):
        for low, high in y.ends(box.limits.get(y.key)):
            ax.add_patch(
                Rectangle((left, low), right - left, high - low, fill=False, edgecolor=LIMIT,
                          lw=1.8, zorder=4, gid="box")
            )  # fmt: skip


def _below(found: Region, box: Box | None, rest: Sequence[Limit], pen: Pen) -> str:
    title = pen.users(found.study.title)
    if box is None:
        return pen.word("indices.region_none", title=title)
    said = pen.word("indices.region_below", coverage=percent(box.coverage),
                    density=percent(box.density), title=title)  # fmt: skip
    more = listed(
        (
            f"{clipped(input_name(limit.factor, pen.lang), 40)} {limit_text(limit, pen.lang)}"
            for limit in rest
        ),
        pen.lang,
        "clause",
    )
    return f"{said}\n{clipped(more, 110)}" if more else said


# ---- shares ------------------------------------------------------------------------------


def shares(
    found: Shares,
    outputs: Sequence[str] | None = None,
    ax: Axes | None = None,
    lang: str | None = None,
) -> Axes:
    """Draw for each output what assumed values, evidence and chance make of its variance.

    Parameters
    ----------
    found : Shares
    outputs : sequence of str, optional
        Default: all that vary.
    ax : matplotlib Axes, optional
    lang : {"zh", "en"}, optional

    Returns
    -------
    matplotlib Axes

    Examples
    --------
    >>> import zibo_sim as zs
    >>> study = zs.study_of({
    ...     "base": zs.load().replace({"period.end": "2018-10-14"}), "outputs": ["cloud.requests"],
    ...     "design": "lhs", "points": 8,
    ...     "factors": {"cloud.arrivals.new_per_day": {"low": 0.2, "high": 0.6}},
    ... })
    >>> found = zs.assumption_shares(study, 8, jobs=1)
    >>> zs.plot.shares(found, lang="en").get_xlabel()
    'share of the variance (%)'
    """
    pen = Pen.of(lang)
    alone = found.groups.pivot(index="output", columns="group", values="alone").dropna()
    names = [n for n in dict.fromkeys(found.groups["output"]) if n in alone.index]
    names = [n for n in (outputs or names) if n in names]
    parts = 100 * alone.loc[names, list(GROUPS)].to_numpy(float)
    parts = np.column_stack([parts, 100 - parts.sum(axis=1)])
    ax = axes_of(ax, 9, 2.2 + 0.3 * len(names))
    left = np.zeros(len(names))
    for i, group in enumerate((*GROUPS, "together")):
        colour, hatch = _GROUP_LOOKS[group]
        ax.barh(range(len(names)), parts[:, i], 0.72, left=left, color=colour, hatch=hatch,
                edgecolor="white", lw=0.5, zorder=2, gid=f"part-{group}")  # fmt: skip
        left += parts[:, i]
    ax.set_yticks(range(len(names)), [clipped(pen.metric(n), 44) for n in names])
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.set_xlim(0, 100)
    ax.set_xlabel(pen.word("assumptions.plot_share"), **pen.style(fontsize=9.5))
    below = pen.word("assumptions.plot_below", title=pen.users(found.scenario.title),
                     points=found.points, seed=found.seed)  # fmt: skip
    headings(ax, pen, pen.word("assumptions.plot_title"), below)
    finish(ax, pen)
    handles = [
        Patch(facecolor=colour, hatch=hatch, edgecolor="white", label=pen.word(f"assumptions.{g}"))
        for g, (colour, hatch) in _GROUP_LOOKS.items()
    ]
    legend(ax, pen, handles)
    return ax
