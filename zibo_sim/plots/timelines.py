"""Requests against their clocks: who waited where, what was due when, what came late.

The clocks are those of 淄政办字〔2018〕147号 第十一条(三); the papers before them have none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from zibo_sim.clock import HOURS_PER_DAY
from zibo_sim.cloud.ledger import CloudLedger
from zibo_sim.cloud.outcomes import STOPS, step_times
from zibo_sim.cloud.parameters import SYSTEMS
from zibo_sim.cloud.requests import Request
from zibo_sim.plots.boxes import boxes
from zibo_sim.plots.pen import LIMIT, Pen, axes_of, axis_labels, caption, finish, headings, legend
from zibo_sim.results import Run
from zibo_sim.words import quantity

#: Stages of a timeline: the step that begins it, colour and hatch. Each but the first has a clock.
STAGES: dict[str, tuple[str, str, str]] = {
    "papers": ("submitted", "#d5d5d5", ""),
    "accept": ("assessed", "#88ccee", "///"),
    "opinion": ("accepted", "#ddcc77", ""),
    "test": ("opinion", "#44aa99", "\\\\\\"),
}
_ENDS = {
    "papers": ("assessed",),
    **{clock: STOPS[clock] for clock in ("accept", "opinion", "test")},
}
SAMPLE = 24


class Stretch(NamedTuple):
    """One stage of one request, in days since its submission.

    `due` is the end of the last day in time, NaN where no clock runs; `verdict` is ``on_time``,
    ``late``, ``open`` (at the end of the period) or empty.
    """

    row: int
    stage: str
    start: float
    end: float
    due: float
    verdict: str
    refused: bool


def requests(
    run: Run, ax: Axes | None = None, lang: str | None = None, count: int = SAMPLE
) -> Axes:
    """Draw a sample of requests from submission to test environment against their clocks.

    Parameters
    ----------
    run : Run
    ax : matplotlib Axes, optional
    lang : {"zh", "en"}, optional
    count : int
        How many, evenly spaced among those that bring a system onto the cloud.

    Returns
    -------
    matplotlib Axes

    Examples
    --------
    >>> import zibo_sim as zs
    >>> run = zs.run(zs.load().replace({"period.end": "2018-10-14"}), seed=1)
    >>> zs.plot.requests(run, lang="en").get_xlabel()
    'days since submission'
    """
    pen, ledger = Pen.of(lang), run.outcome.cloud
    every = _submitted(ledger)
    chosen = sample(every, count)
    ax = axes_of(ax, 10, 2.0 + 0.22 * max(len(chosen), 3))
    found = list(stretches(ledger, chosen))
    _bars(ax, found)
    _marks(ax, found)
    ax.set_yticks(range(len(chosen)), [_named(ledger, request) for request in chosen])
    ax.set_ylim(max(len(chosen), 1) - 0.4, -0.7)
    ax.set_xlim(0, 1.03 * max([1.0, *(max(s.end, np.nan_to_num(s.due)) for s in found)]))
    ax.grid(axis="x", color="#e5e5e5", lw=0.6)
    ax.set_axisbelow(True)
    axis_labels(ax, pen, pen.word("requests.days"), pen.word("requests.axis"))
    note = pen.word("requests.note", all=len(every), shown=len(chosen))
    if not chosen:
        note = pen.word("requests.none")
    headings(ax, pen, pen.word("picture.requests"), caption(pen, run, note))
    finish(ax, pen)
    ax.tick_params(axis="y", labelsize=7.5)
    legend(ax, pen, _handles(pen, run), 3)
    return ax


def _submitted(ledger: CloudLedger) -> list[Request]:
    """Return the requests for a system that the desk took up in the period."""
    times = step_times(ledger)
    outside = ("out_of_scope", "exempt")
    return [
        r for r in ledger.requests
        if r.kind in SYSTEMS and (r.id, "submitted") in times
        and not any((r.id, step) in times for step in outside)
    ]  # fmt: skip


def sample(every: list[Request], count: int) -> list[Request]:
    """Return so many of the requests at most, evenly spaced in the order of arrival."""
    if len(every) <= count:
        return every
    return [every[i] for i in np.linspace(0, len(every) - 1, count).round().astype(int)]


def stretches(ledger: CloudLedger, chosen: list[Request]) -> Iterator[Stretch]:
    """Yield the stages of requests in order, with when each was due and what became of it."""
    times, last = step_times(ledger), float(ledger.clock.hours)
    due = {(d.request, d.clock): d.due_h for d in ledger.deadlines}
    for row, request in enumerate(chosen):
        zero = times[request.id, "submitted"]
        for stage, (first, _, _) in STAGES.items():
            start = times.get((request.id, first))
            if start is None:
                break
            done = min(times.get((request.id, step), np.inf) for step in _ENDS[stage])
            limit = due.get((request.id, stage), np.nan)
            verdict = _verdict(done, limit, last)
            yield Stretch(
                row, stage, _days(start, zero), _days(min(done, last), zero), _days(limit, zero),
                verdict, stage == "accept" and (request.id, "refused") in times,
            )  # fmt: skip


def _days(hour: float, zero: float) -> float:
    return (hour - zero) / HOURS_PER_DAY


def _verdict(done: float, limit: float, last: float) -> str:
    if np.isinf(done):
        return "late" if limit <= last else "open"
    if np.isnan(limit):
        return ""
    return "on_time" if done < limit else "late"


def _bars(ax: Axes, found: list[Stretch]) -> None:
    for stage, (_, colour, hatch) in STAGES.items():
        its = [s for s in found if s.stage == stage]
        if its:
            rows = np.array([s.row for s in its], dtype=float)
            boxes(ax, [s.start for s in its], [s.end for s in its], rows - 0.32, rows + 0.32,
                  facecolor=colour, hatch=hatch, edgecolor="white", lw=0.3,
                  gid=f"stage-{stage}")  # fmt: skip


#: Marks: marker, size, face, edge.
_MARKS: dict[str, tuple[Any, float, str, str]] = {
    "on_time": ("o", 4.0, "white", "#222222"),
    "late": ("X", 7.0, LIMIT, "white"),
    "open": (">", 5.0, "white", "#222222"),
    "refused": ("s", 5.0, "black", "white"),
    "due": ("|", 9.0, "black", "black"),
}


def _marks(ax: Axes, found: list[Stretch]) -> None:
    """Mark when clocks ran out, and how each stage ended."""
    where: dict[str, list[tuple[float, float]]] = {
        verdict: [(s.end, s.row) for s in found if s.verdict == verdict]
        for verdict in ("on_time", "late", "open")
    }
    where["refused"] = [(s.end, s.row - 0.3) for s in found if s.refused]
    where["due"] = [(s.due, s.row) for s in found if np.isfinite(s.due)]
    for key, points in where.items():
        if points:
            x, y = zip(*points, strict=True)
            ax.plot(x, y, gid=key, zorder=4 if key != "due" else 3, **_look(key))


def _look(key: str) -> dict[str, Any]:
    marker, size, face, edge = _MARKS[key]
    return {"ls": "", "marker": marker, "ms": size, "markerfacecolor": face,
            "markeredgecolor": edge, "markeredgewidth": 1.4 if marker == "|" else 0.8}  # fmt: skip


def _named(ledger: CloudLedger, request: Request) -> str:
    return f"{request.id} · {ledger.clock.date(request.arrival_h):%m-%d}"


def _handles(pen: Pen, run: Run) -> list[Any]:
    law = run.outcome.law
    limits = {
        name: quantity(law(f"cloud.{name}.days"), "working d", pen.lang)
        for name in ("accept", "opinion", "test")
    }
    stages: list[Any] = [
        Patch(facecolor=colour, hatch=hatch, edgecolor="white",
              label=pen.word(f"requests.{stage}", days=limits.get(stage, "")))
        for stage, (_, colour, hatch) in STAGES.items()
    ]  # fmt: skip
    marks = [Line2D([], [], label=pen.word(f"requests.{key}"), **_look(key)) for key in _MARKS]
    return [*stages, *marks]
