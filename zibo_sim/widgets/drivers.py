"""What drives a metric: each control a step down and a step up, the draws the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from zibo_sim.errors import Refused
from zibo_sim.experiment import interval
from zibo_sim.metrics import METRICS
from zibo_sim.plots.pen import Pen, finish, headings
from zibo_sim.scenario import Scenario
from zibo_sim.text import clipped
from zibo_sim.widgets.catalog import Control
from zibo_sim.widgets.engine import Engine, Job, Told
from zibo_sim.widgets.pictures import image
from zibo_sim.words import bracketed, joined, scale

#: The step to either side, as a share of the value.
STEP = 0.2
REPLICATIONS = 10
MOST_CONTROLS = 12
_DOWN, _UP = "#00639c", "#c44e00"


@dataclass(frozen=True)
class Driver:
    """One bar of the tornado: the control's two ends and what they do to the metric.

    ``effects`` holds the mean paired difference and its 95 % interval, for the lower value first.
    """

    control: Control
    ends: tuple[Any, Any]
    effects: tuple[tuple[float, float, float], tuple[float, float, float]]

    @property
    def reach(self) -> float:
        """How far the bar goes."""
        means = np.array([abs(mean) for mean, _, _ in self.effects])
        return float(np.nan_to_num(means).max())


def ends(control: Control, value: float) -> tuple[Any, Any]:
    """Return a value a step below and a step above, inside the control's range."""
    low, high, step = control.span(value)
    far = max(STEP * abs(value), step if value else (high - low) * STEP / 2)
    if control.kind == "whole":
        far = max(1.0, round(far))
    below, above = max(low, value - far), min(high, value + far)
    return control.read(float(f"{below:.10g}")), control.read(float(f"{above:.10g}"))


def drivers(
    engine: Engine,
    scenario: Scenario,
    controls: Sequence[Control],
    metric: str,
    seed: int,
    job: Job,
    told: Told,
) -> list[Driver]:
    """Turn each control alone, down and up, on few replications with common draws.

    Parameters
    ----------
    engine : Engine
    scenario : Scenario
        What the controls are turned from.
    controls : sequence of Control
        Those that are no number are left out, as are values the scenario refuses.
    metric : str
    seed : int
    job, told
        As `Engine.result` takes them.

    Returns
    -------
    list of Driver
        The longest bar first.
    """
    arms: list[tuple[Control, tuple[Any, Any], tuple[Scenario, Scenario]]] = []
    for control in [c for c in controls if c.numeric][:MOST_CONTROLS]:
        values = ends(control, scenario.get(control.key))
        try:
            low, high = (scenario.replace({control.key: value}) for value in values)
        except Refused:
            continue
        arms.append((control, values, (low, high)))
    numbers = range(REPLICATIONS)
    every = [scenario, *(s for _, _, pair in arms for s in pair)]
    engine.fill(every, numbers, seed, job, told)
    base = engine.metric(scenario, numbers, seed, metric)

    def effect(turned: Scenario) -> tuple[float, float, float]:
        return interval(engine.metric(turned, numbers, seed, metric) - base)[:3]

    found = [Driver(c, values, (effect(a), effect(b))) for c, values, (a, b) in arms]
    return sorted(found, key=lambda driver: -driver.reach)


def tornado(
    found: Sequence[Driver], scenario: Scenario, metric: str, seed: int, lang: str
) -> bytes:
    """Return the tornado as a PNG; what a worker is asked for."""
    pen = Pen.of(lang)
    figure = Figure(figsize=(10, 1.9 + 0.42 * max(len(found), 2)), layout="constrained")
    ax = figure.subplots()
    largest = max([d.reach for d in found], default=0.0)
    plain = scale(metric, METRICS[metric].unit, largest, pen.lang)
    for at, driver in enumerate(found):
        _bars(ax, at, driver, plain.factor)
    names = [_label(pen, driver) for driver in found]
    ax.set_yticks(range(len(found)), names)
    ax.set_ylim(max(len(found), 1) - 0.4, -0.6)
    ax.axvline(0, color="#444444", lw=0.9)
    ax.grid(axis="x", color="#e5e5e5", lw=0.6, zorder=0)
    unit = bracketed(plain.unit, pen.lang)
    ax.set_xlabel(pen.word("dash.tornado_axis", metric=pen.metric(metric)) + unit,
                  **pen.style(fontsize=9.5))  # fmt: skip
    said = pen.word("dash.tornado_caption", percent=f"{100 * STEP:g}", runs=REPLICATIONS, seed=seed)
    title = pen.users(scenario.title, 40)
    named = pen.word("dash.tornado_title", metric=pen.metric(metric), title=title)
    headings(ax, pen, named, said)
    finish(ax, pen)
    return image(figure)


def _bars(ax: Axes, at: int, driver: Driver, factor: float) -> None:
    looks = ((_DOWN, ""), (_UP, "///"))
    for (mean, low, high), (colour, hatch) in zip(driver.effects, looks, strict=True):
        ax.barh(at, mean * factor, 0.62, color=colour, hatch=hatch, edgecolor="white", lw=0.4,
                zorder=2, gid=f"bar-{driver.control.key}")  # fmt: skip
        ax.plot([low * factor, high * factor], [at, at], color="#222222", lw=1, zorder=3)


def _label(pen: Pen, driver: Driver) -> str:
    low, high = (f"{v:.6g}" for v in driver.ends)
    ends = f"{low} … {joined(high, driver.control.unit_in(pen.lang))}"
    return f"{clipped(driver.control.name(pen.lang), 40)}  {ends}"
