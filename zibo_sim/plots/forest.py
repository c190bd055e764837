"""A comparison as a forest of intervals: what rises, what falls, what shows no difference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from zibo_sim.comparison import FALLS, NOTHING_SHOWN, RISES, Comparison
from zibo_sim.plots.pen import Pen, axes_of, finish, headings, legend
from zibo_sim.verdicts import arm_titles, moves, scales, sort_out

#: Marker and colour of each verdict.
VERDICT_MARKS = {RISES: ("^", "#c44e00"), FALLS: ("v", "#00639c"), NOTHING_SHOWN: ("o", "#777777")}
_CLIP_PERCENT = 100.0


def compare(
    comparison: Comparison,
    metrics: Sequence[str] | None = None,
    ax: Axes | None = None,
    lang: str | None = None,
) -> Axes:
    """Draw paired differences with their 95 % intervals, in per cent of the base's value.

    Parameters
    ----------
    comparison : Comparison
    metrics : sequence of str, optional
        Default: every metric that differs in any pair, for each variant that moves it. Where some
        that differ are not drawn, the picture says how many.
    ax : matplotlib Axes, optional
    lang : {"zh", "en"}, optional

    Returns
    -------
    matplotlib Axes

    Examples
    --------
    >>> import zibo_sim as zs
    >>> base = zs.load().replace({"period.end": "2018-10-14"})
    >>> diff = zs.compare(base, base.replace({"cloud.audit.servers": 2}), replications=2)
    >>> zs.plot.compare(diff, ["cloud.audit_utilisation"], lang="en").get_xlabel()
    'change from the base (% of its value)'
    """
    pen, rows = Pen.of(lang), _compared(comparison, metrics)
    ax = axes_of(ax, *_size(rows, len(comparison.variants) > 1))
    notes = _left_out(pen, comparison, rows)
    return _drawn(ax, pen, comparison, rows, [_compared_title(pen, comparison)], notes)


def panel(
    comparison: Comparison, metrics: Sequence[str], ax: Axes, lang: str | None, part: str
) -> Axes:
    """Draw some of the metrics that differ: one of several pictures that show them all.

    Parameters
    ----------
    comparison : Comparison
    metrics : sequence of str
        Lines are drawn for the variants that move them.
    ax : matplotlib Axes
    lang : {"zh", "en"}, optional
    part : str
        What the metrics have in common, for the title.

    Returns
    -------
    matplotlib Axes
    """
    pen = Pen.of(lang)
    rows = [row for row in _compared(comparison, metrics) if moves(row)]
    title = _compared_title(pen, comparison).replace("\n", " · ")
    return _drawn(ax, pen, comparison, rows, [part, title], [])


def _drawn(
    ax: Axes,
    pen: Pen,
    comparison: Comparison,
    rows: list[dict[str, Any]],
    title: list[str],
    notes: list[str],
) -> Axes:
    several, called = len(comparison.variants) > 1, arm_titles(comparison, pen.lang)
    reach = min(_CLIP_PERCENT, max([1.0, *(_reach(row) for row in rows)]) * 1.1)
    clipped_any = [_row(ax, pen, at, row, reach) for at, row in enumerate(rows)]
    ax.axvline(0, color="#444444", lw=0.9, zorder=1)
    labels = [
        pen.metric(row["metric"]) + (f" — {pen.users(called[row['name']], 24)}" if several else "")
        for row in rows
    ]
    ax.set_yticks(range(len(rows)), labels)
    ax.set_ylim(max(len(rows), 1) - 0.4, -0.6)
    ax.set_xlim(-reach * 1.06, reach * 1.06)
    ax.set_xlabel(pen.word("plot.change"), **pen.style(fontsize=9.5))
    ax.grid(axis="x", color="#e5e5e5", lw=0.6, zorder=0)
    if not rows:
        ax.text(0, 0, pen.word("plot.nothing"), ha="center", va="center", **pen.style(fontsize=10))
    below = "\n".join([_compared_caption(pen, comparison, rows), *notes])
    headings(ax, pen, title[0], "\n".join([*title[1:], below]))
    finish(ax, pen)
    _compared_legend(ax, pen, any(clipped_any))
    return ax


def size(comparison: Comparison) -> tuple[float, float]:
    """Return how many inches wide and high the picture of every moved metric is best."""
    return _size(_compared(comparison, None), len(comparison.variants) > 1)


def _size(rows: list[dict[str, Any]], several: bool) -> tuple[float, float]:
    return (12.0 if several else 10.0), 1.9 + 0.3 * max(len(rows), 2)


def _compared(comparison: Comparison, metrics: Sequence[str] | None) -> list[dict[str, Any]]:
    table = comparison.table
    if len(comparison.variants) > 1:
        names, variants = table.index.get_level_values(0), table.index.get_level_values(1)
    else:
        names, variants = table.index, [next(iter(comparison.variants))] * len(table)
    rows = [
        {"metric": name, "name": variant, **row._asdict()}
        for name, variant, row in zip(names, variants, table.itertuples(index=False), strict=True)
    ]
    every = metrics is None
    if metrics is None:
        metrics = sort_out(comparison.tables.values()).moved
    order = {name: i for i, name in enumerate(metrics)}
    kept = [row for row in rows if row["metric"] in order and row["pairs"]]
    if every:
        kept = [row for row in kept if moves(row)]
    return sorted(kept, key=lambda row: order[row["metric"]])


def _left_out(pen: Pen, comparison: Comparison, rows: list[dict[str, Any]]) -> list[str]:
    """Say how many metrics are not drawn, and why."""
    found, drawn = sort_out(comparison.tables.values()), {row["metric"] for row in rows}
    counts = {"unchanged": found.equal, "in_no_pair": found.undefined, "more": found.moved}
    left = {key: len(set(names) - drawn) for key, names in counts.items()}
    said = " · ".join(pen.word(f"plot.{key}", count=n) for key, n in left.items() if n)
    return [said] if said else []


def _percent(row: Mapping[str, Any], key: str) -> float:
    return 100.0 * float(row[key]) / abs(float(row["base"])) if row["base"] else np.nan


def _reach(row: Mapping[str, Any]) -> float:
    ends = [abs(_percent(row, key)) for key in ("low", "high", "difference")]
    return float(np.nanmax([*ends, 0.0]))


def _row(ax: Axes, pen: Pen, at: int, row: Mapping[str, Any], reach: float) -> bool:
    """Draw one difference; say whether it goes on beyond the picture."""
    marker, colour = VERDICT_MARKS[row["verdict"]]
    middle, low, high = (_percent(row, key) for key in ("difference", "low", "high"))
    if np.isfinite(middle):
        ax.plot([max(low, -reach), min(high, reach)], [at, at], color=colour, lw=2, zorder=2,
                solid_capstyle="butt", gid=f"interval-{row['metric']}")  # fmt: skip
        ax.plot(np.clip(middle, -reach, reach), at, marker=marker, color=colour, ms=7.5, zorder=3,
                markerfacecolor=colour if marker != "o" else "white", ls="",
                gid=f"difference-{row['metric']}")  # fmt: skip
    for beyond, edge, sign in ((low < -reach, -reach, "<"), (high > reach, reach, ">")):
        if beyond:
            ax.plot(edge * 1.03, at, marker=sign, color=colour, ms=5, zorder=3, clip_on=False)
    ax.annotate(_printed(pen, row), (1, at), (6, 0), xycoords=ax.get_yaxis_transform(),
                textcoords="offset points", va="center",
                **pen.style(fontsize=8.5, color="#333333"))  # fmt: skip
    return bool(low < -reach or high > reach)


def _printed(pen: Pen, row: Mapping[str, Any]) -> str:
    name, difference = row["metric"], row["difference"]
    plain, fine = scales(name, row, pen.lang)
    note = "" if row["base"] else f"  ({pen.word('plot.no_percent')})"
    return (
        f"{plain.number(row['base'])} → {plain.figure(row['variant'])}:  "
        f"{fine.number(difference, sign=True)} "
        f"{fine.span(row['low'], row['high'], sign=True)}{note}"
    )


def _compared_title(pen: Pen, comparison: Comparison) -> str:
    base = pen.users(comparison.base.scenario.title)
    if len(comparison.variants) > 1:
        return pen.word("plot.several", base=base)
    variant = pen.users(next(iter(arm_titles(comparison, pen.lang).values())))
    return pen.word("plot.compared", variant=variant, base=base)


def _compared_caption(pen: Pen, comparison: Comparison, rows: list[dict[str, Any]]) -> str:
    pairs = max([row["pairs"] for row in rows], default=0)
    parts = [pen.word("picture.seed", seed=comparison.base.seed)]
    parts += [pen.word("plot.pairs", pairs=pairs)] if pairs else []
    parts += [pen.word("picture.together")] if comparison.simultaneous else []
    return " · ".join(parts)


def _compared_legend(ax: Axes, pen: Pen, beyond: bool) -> None:
    handles: list[Any] = [
        Line2D([], [], marker=marker, color=colour, ls="-", lw=2, ms=7,
               markerfacecolor=colour if marker != "o" else "white",
               label=pen.word(f"verdict.{verdict}"))
        for verdict, (marker, colour) in VERDICT_MARKS.items()
    ]  # fmt: skip
    if beyond:
        handles.append(Line2D([], [], marker=">", color="#555555", ls="", ms=5,
                              label=pen.word("plot.beyond")))  # fmt: skip
    legend(ax, pen, handles)
