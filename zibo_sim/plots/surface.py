"""A study's results over one factor or two: lines with intervals, or a map."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import NDArray

from zibo_sim.errors import Refused, unknown
from zibo_sim.experiment import interval
from zibo_sim.fields import about, leaves
from zibo_sim.law import book
from zibo_sim.metrics import METRICS
from zibo_sim.plots.pen import Pen, axes_of, axis_labels, finish, headings, legend
from zibo_sim.scenario import Scenario
from zibo_sim.words import Scale, bracketed, listed, scale, unit_said

Floats = NDArray[np.float64]

#: Columns of a study's results that are neither factor nor output.
ABOUT = ("point", "replication", "seed", "error")
#: A factor with at most so many values is a list: it gives one line a value.
_FEW, _LABELLED = 6, 60
_LOOKS = (("o", "-", "#1f3b5c"), ("s", "--", "#c44e00"), ("^", "-.", "#2a7f62"),
          ("D", ":", "#8a4fa3"), ("v", "-", "#8c6d1f"), ("P", "--", "#5a5a5a"))  # fmt: skip


def sweep(
    results: pd.DataFrame,
    output: str,
    x: str | None = None,
    y: str | None = None,
    ax: Axes | None = None,
    lang: str | None = None,
) -> Axes:
    """Draw an output of a study over one factor, or over two.

    Over two factors one of which has few values there is a line for each of them, with the 95 %
    interval of each mean; over two with many values there is a map. Other factors are averaged
    over, which the caption says.

    Parameters
    ----------
    results : DataFrame
        As `sweep` of a study returns it: ``point, replication``, every factor, every output,
        ``error``. Its ``attrs`` may hold ``title`` and ``seed`` for the caption.
    output : str
        A metric of it.
    x, y : str, optional
        Factors; default: the first two, the one with more values along x.
    ax : matplotlib Axes, optional
    lang : {"zh", "en"}, optional

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    Refused
        For an output or a factor the table lacks, or where no run went well.

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
    >>> zs.plot.sweep(frame, "cloud.requests", lang="en").get_ylabel()
    'requests submitted'
    """
    pen, known = Pen.of(lang), _well(results, output)
    x, y = _chosen(known, x, y)
    means = _means(known, output, [f for f in (x, y) if f])
    plain = scale(output, METRICS[output].unit, float(np.nanmean(np.abs(means["mean"]))), pen.lang)
    ax = axes_of(ax, 7.4, 4.6)
    if y is None:
        _line(ax, means[x], means, plain, _LOOKS[0], gid="mean")
    elif means[y].nunique() <= _FEW:
        _lines(ax, pen, means, x, y, plain)
    else:
        _map(ax, pen, means, x, y, plain, output)
    whole_map = y is not None and means[y].nunique() > _FEW
    said = _quantity(pen, output, plain)
    axis_labels(ax, pen, named(pen, x), named(pen, y) if whole_map and y else said)
    if not whole_map:
        _ticks(ax, means[x])
    others = [f for f in factors(known) if f not in (x, y)]
    title = pen.word("sweep.title", output=pen.metric(output))
    pooled = len(means) < known["point"].nunique()
    notes = [] if whole_map else [pen.word("sweep.interval")]
    if others:
        names = listed((named(pen, factor) for factor in others), pen.lang)
        notes.append(pen.word("sweep.over" if pooled else "sweep.also", names=names))
    headings(ax, pen, title, _caption(pen, results, known, notes))
    finish(ax, pen)
    return ax


def factors(results: pd.DataFrame) -> list[str]:
    """Return the columns of a study's results that are factors."""
    return [c for c in results.columns if c not in ABOUT and c not in METRICS]


def named(pen: Pen, factor: str) -> str:
    """Return what an input is called in a picture, with its unit."""
    if factor.startswith("law."):
        return _named_law(pen, factor)
    info = _inputs().get(factor)
    if info is None:
        return factor
    return info[pen.lang] + bracketed(_unit(pen, info["unit"]), pen.lang)


def _named_law(pen: Pen, factor: str) -> str:
    try:
        entry = book().entry(factor.removeprefix("law."))
    except KeyError:
        return factor
    unit = entry.unit if entry.unit == "1" else unit_said(entry.unit, pen.lang)
    return entry.name[pen.lang] + bracketed(unit, pen.lang)


def _unit(pen: Pen, unit: str) -> str:
    said = {"zh": "比例", "en": "share"}
    return said[pen.lang] if unit == "1" else unit_said(unit, pen.lang)


@cache
def _inputs() -> dict[str, dict[str, str]]:
    return {name: about(info) for name, info in leaves(Scenario)}


def _well(results: pd.DataFrame, output: str) -> pd.DataFrame:
    """Return the runs that went well, refused where there is none or no such output."""
    outputs = [c for c in results.columns if c in METRICS]
    if output not in outputs:
        raise Refused(unknown("output", output, outputs))
    known = results[(results["error"].fillna("") == "") & results[output].notna()]
    if known.empty:
        raise Refused(f"sweep: no run went well that defines {output}")
    return known


def _chosen(known: pd.DataFrame, x: str | None, y: str | None) -> tuple[str, str | None]:
    every = factors(known)
    for factor in (x, y):
        if factor is not None and factor not in every:
            raise Refused(unknown("factor", factor, every))
    if x is not None:
        return x, y
    free = [f for f in every if f != y]
    if not free:
        raise Refused("sweep: the table holds no factor")
    if y is not None or len(free) == 1:
        return free[0], y
    first, second = sorted(free[:2], key=lambda f: -known[f].nunique())
    return first, second


def _means(known: pd.DataFrame, output: str, by: list[str]) -> pd.DataFrame:
    """Return mean and interval by factor values; a point's replications are averaged first.

    With one point for a value the interval is that of its replications; with several it is that of
    the points' means, so that it holds the spread of the factors averaged over.
    """
    groups = []
    for values, rows in known.groupby(by, sort=True):
        points = rows.groupby("point")[output].mean()
        sample = rows[output] if len(points) == 1 else points
        groups.append((*values, *interval(sample)[:3]))
    return pd.DataFrame(groups, columns=[*by, "mean", "low", "high"])


def _line(
    ax: Axes, x: Any, means: pd.DataFrame, plain: Scale, look: tuple[str, str, str], **more: Any
) -> None:
    """Draw means along a factor and their intervals."""
    marker, dashes, colour = look
    at, middle = _numbers(x), plain.factor * means["mean"].to_numpy()
    low, high = (plain.factor * means[key].to_numpy() for key in ("low", "high"))
    if np.isfinite(low).any():
        ax.vlines(at, low, high, color=colour, lw=1.4, alpha=0.7)
        ax.fill_between(at, low, high, color=colour, alpha=0.12, lw=0)
    ax.plot(at, middle, marker=marker, ls=dashes, color=colour, ms=5, lw=1.6, **more)


def _lines(ax: Axes, pen: Pen, means: pd.DataFrame, x: str, y: str, plain: Scale) -> None:
    for (value, rows), look in zip(means.groupby(y, sort=True), _LOOKS, strict=False):
        _line(ax, rows[x], rows, plain, look, gid=f"mean-{value}", label=_figure(value))
    legend(ax, pen, ax.get_legend_handles_labels()[0], _FEW, named(pen, y))


def _map(
    ax: Axes, pen: Pen, means: pd.DataFrame, x: str, y: str, plain: Scale, output: str
) -> None:
    """Draw a map: cells where every pair of values was run, contours between points elsewhere."""
    values = plain.factor * means["mean"].to_numpy()
    across, down = means[x].nunique(), means[y].nunique()
    if across * down == len(means):
        grid = values.reshape(across, down).T
        shown = ax.pcolormesh(np.arange(across + 1) - 0.5, np.arange(down + 1) - 0.5, grid,
                              cmap="cividis", gid="map")  # fmt: skip
        ax.set_xticks(range(across), map(_figure, sorted(means[x].unique())))
        ax.set_yticks(range(down), map(_figure, sorted(means[y].unique())))
        _cell_figures(ax, pen, grid, plain.digits)
    else:
        at, up = _numbers(means[x]), _numbers(means[y])
        shown = ax.tricontourf(at, up, values, levels=12, cmap="cividis")
        ax.scatter(at, up, s=8, color="white", edgecolor="#333333", lw=0.5, gid="points")
    bar = ax.figure.colorbar(shown, ax=ax)
    bar.set_label(_quantity(pen, output, plain), **pen.style(fontsize=9))
    bar.ax.tick_params(labelsize=8, labelfontfamily=list(pen.families))


def _cell_figures(ax: Axes, pen: Pen, grid: Floats, digits: int) -> None:
    """Write each cell's figure into it, where there is room."""
    if grid.size > _LABELLED:
        return
    middle = (np.nanmin(grid) + np.nanmax(grid)) / 2
    for (row, column), value in np.ndenumerate(grid):
        colour = "white" if value < middle else "black"
        ax.text(column, row, f"{value:,.{digits}f}", ha="center", va="center",
                **pen.style(fontsize=8, color=colour))  # fmt: skip


def _numbers(values: Any) -> Floats:
    """Return a factor's values as numbers; words are numbered in their order."""
    column = pd.Series(values)
    if pd.api.types.is_numeric_dtype(column):
        return np.asarray(column, dtype=float)
    return np.asarray(pd.Categorical(column).codes, dtype=float)


def _ticks(ax: Axes, values: pd.Series) -> None:
    """Label a factor's values where they are few or words."""
    every = sorted(values.unique())
    if len(every) <= 2 * _FEW or not pd.api.types.is_numeric_dtype(values):
        ax.set_xticks(_numbers(every), [_figure(v) for v in every])


def _figure(value: Any) -> str:
    return f"{value:g}" if isinstance(value, int | float | np.number) else str(value)


def _quantity(pen: Pen, output: str, plain: Scale) -> str:
    return pen.metric(output) + bracketed(plain.unit, pen.lang)


def _caption(pen: Pen, results: pd.DataFrame, known: pd.DataFrame, notes: list[str]) -> str:
    """Say what was run: title, seed, points, replications; and what was averaged or left out."""
    first = []
    if title := results.attrs.get("title"):
        first.append(pen.users(str(title), 40))
    if (seed := results.attrs.get("seed")) is not None:
        first.append(pen.word("picture.seed", seed=seed))
    runs = known.groupby("point").size()
    first.append(pen.word("sweep.points", points=len(runs)))
    first.append(pen.word("sweep.per_point", runs=int(runs.max())))
    if failed := int((results["error"].fillna("") != "").sum()):
        notes = [*notes, pen.word("sweep.failed", count=failed)]
    return "\n".join([" · ".join(first), *([" · ".join(notes)] if notes else [])])
