"""The picture tabs: the differences, the winters, and every picture of a run, base and variants.

The pictures are those of `zibo_sim.plots.PICTURES`; one that is added there is a tab here. They are
drawn by workers, on figures of their own, so that the interface never waits for them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from io import BytesIO
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from zibo_sim.errors import Refused
from zibo_sim.experiment import run
from zibo_sim.plots import PICTURES as PLOTS
from zibo_sim.plots import compare, replications
from zibo_sim.plots.pen import Pen
from zibo_sim.report.spoken import most_telling
from zibo_sim.verdicts import sort_out
from zibo_sim.widgets.engine import Result
from zibo_sim.words import word, words

COMPARE, WINTERS = "compare", "replications"
#: The pictures of a report; the rest are for the screen.
REPORTED = (COMPARE, "season", "calendar", "requests", "winners", WINTERS)
#: What the picture of the winters shows, where they differ or not.
SPREADS = ("air.pm25_mean", "air.heavy_days", "cloud.opinion_on_time")
DPI = 110
_MOST_ROWS = 26
_BESIDE = 8.0  # inches up to which two pictures stand side by side

#: Draws a result in a language; None where there is nothing to be seen.
Draw = Callable[[Result, str], Figure | None]


@dataclass(frozen=True)
class Tab:
    """One picture of a result: its key, the word that names it, what draws it."""

    key: str
    draw: Draw

    def title(self, lang: str) -> str:
        """Return what the tab is called."""
        short = f"dash.tab_{self.key}"
        return word(short if short in words() else f"picture.{self.key}", lang)


@cache
def tabs() -> dict[str, Tab]:
    """Return every tab by its key, in order; the first is what a run shows."""
    of_a_run = [plot.name for plot in PLOTS if "run" in plot.needs]
    found = [Tab(COMPARE, _differences), *(Tab(name, _arms(name)) for name in of_a_run),
             Tab(WINTERS, _winters)]  # fmt: skip
    return {tab.key: tab for tab in found}


def _figure(width: float, height: float) -> Figure:
    return Figure(figsize=(width, height), layout="constrained")


def _differences(result: Result, lang: str) -> Figure:
    """Draw what rises and falls against the base, each with its interval."""
    tables = result.comparison.tables.values()
    moved, most = sort_out(tables).moved, max(1, _MOST_ROWS // len(result.names))
    metrics = most_telling(tables, most) if len(moved) > most else None
    figure = _figure(10, 1.9 + 0.3 * max(2, min(len(moved), most) * len(result.names)))
    compare(result.comparison, metrics, figure.subplots(), lang)
    return figure


def _arms(name: str) -> Draw:
    """Return what draws a picture of a run for base and variants, in the same winter."""
    plot = next(plot for plot in PLOTS if plot.name == name)

    def draw(result: Result, lang: str) -> Figure | None:
        runs = [run(scenario, result.seed, result.typical) for scenario in result.scenarios]
        shown = [one for one in runs if plot.fits(one)]
        if not shown:
            return None
        sizes = [plot.size(one) for one in shown]
        width, height = max(w for w, _ in sizes), max(h for _, h in sizes) + 0.4
        columns = 2 if width <= _BESIDE and len(shown) > 1 else 1
        rows = -(-len(shown) // columns)
        figure = _figure(width * columns, height * rows)
        places = figure.subfigures(rows, columns, squeeze=False).ravel()
        for place, one in zip(places, shown, strict=False):
            _titled(place, one.scenario.title, lang)
            try:
                plot.draw(one, place.subplots(), lang)
            except Refused as refusal:
                place.clear()
                place.text(0.5, 0.5, str(refusal), ha="center", **Pen.of(lang).style(fontsize=9))
        return figure

    return draw


def _titled(place: Any, title: str, lang: str) -> None:
    pen = Pen.of(lang)
    style = pen.style(fontsize=11.5, fontweight="bold", color="#00558a")
    place.suptitle(f"▎{pen.users(title, 60)}", x=0.005, ha="left", **style)


def _winters(result: Result, lang: str) -> Figure:
    """Draw how the winters differ: a row a metric, base left and variants beside it."""
    arms = result.arms
    figure = _figure(5.4 * len(arms), 3.2 * len(SPREADS) + 0.4)
    for place, arm in zip(figure.subfigures(1, len(arms), squeeze=False)[0], arms, strict=True):
        _titled(place, arm.scenario.title, lang)
        for ax, name in zip(place.subplots(len(SPREADS), 1), SPREADS, strict=True):
            replications(arm, name, ax, lang)
    for row in range(len(SPREADS)):
        axes = [place.axes[row] for place in figure.subfigs]
        ends = [ax.get_xlim() for ax in axes]
        for ax in axes:
            ax.set_xlim(min(low for low, _ in ends), max(high for _, high in ends))
    return figure


def image(figure: Figure, kind: str = "png") -> bytes:
    """Return a figure as a PNG or SVG."""
    held = BytesIO()
    if kind == "png":  # `savefig` would draw it twice
        figure.set_dpi(DPI)
        FigureCanvasAgg(figure).print_png(held, metadata={"Software": None})
    else:
        figure.savefig(held, format=kind, dpi=DPI, metadata={"Date": None})
    return held.getvalue()


def drawn(key: str, result: Result, lang: str, kind: str = "png") -> bytes:
    """Return one picture of a result, empty where there is nothing to be seen.

    What a worker is asked for.
    """
    figure = tabs()[key].draw(readable(result, lang), lang)
    return b"" if figure is None else image(figure, kind)


def readable(result: Result, lang: str) -> Result:
    """Return a result whose titles can be written: numbered where no font has their Chinese."""
    pen = Pen.of(lang)
    titles = [pen.users(scenario.title) for scenario in result.scenarios]
    if pen.chinese or pen.word("font.untitled") not in titles:
        return result
    arms = []
    for number, (arm, title) in enumerate(zip(result.arms, titles, strict=True)):
        said = pen.word(f"dash.untitled{'' if number else '_base'}", number=number)
        known = arm.scenario.title if title != pen.word("font.untitled") else said
        arms.append(replace(arm, scenario=arm.scenario.replace({"title": known})))
    return replace(result, scenarios=tuple(arm.scenario for arm in arms), arms=tuple(arms))
