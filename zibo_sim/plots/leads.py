"""Forecast against outcome, by how far ahead the forecast looked."""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from zibo_sim.air.forecast import BLOCK, issue_forecasts
from zibo_sim.air.verification import Skill, skill
from zibo_sim.clock import HOURS_PER_DAY
from zibo_sim.errors import Refused
from zibo_sim.experiment import Replications
from zibo_sim.model import run_air
from zibo_sim.plots.pen import (
    INK,
    LIMIT,
    Pen,
    axes_of,
    axis_labels,
    caption,
    finish,
    headings,
    legend,
)
from zibo_sim.results import Run
from zibo_sim.scenario import Scenario
from zibo_sim.streams import Streams

#: So many replications are forecast again; more would only slow the picture down.
MOST_RUNS = 40
_HIT, _FALSE, _WIDE = "#8fb0cf", "#e3b99b", 0.38


def forecast(runs: Run | Replications, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw hits and false alarms of the forecasts, their bias and error, by lead.

    Parameters
    ----------
    runs : Run or Replications
        The forecasts of replications are issued again, of the first 40 at most: they follow from
        the scenario, the seed and the replication.
    ax : matplotlib Axes, optional
    lang : {"zh", "en"}, optional

    Returns
    -------
    matplotlib Axes
        Of the shares; the errors stand on a second one on its right.

    Raises
    ------
    Refused
        For replications on measured air: take one run.

    Examples
    --------
    >>> import zibo_sim as zs
    >>> run = zs.run(zs.load().replace({"period.end": "2018-10-14"}), seed=1)
    >>> zs.plot.forecast(run, lang="en").get_xlabel()
    'lead of the forecast (h)'
    """
    pen, ax = Pen.of(lang), axes_of(ax, 7, 4.2)
    found = skill_of(runs)
    at = np.arange(len(found.pairs), dtype=float)
    bars = _shares(ax, pen, found, at)
    right = ax.twinx()
    lines = _errors(right, pen, found, at)
    ax.set_xticks(at, [f"{BLOCK * i:.0f}–{BLOCK * (i + 1):.0f}" for i in at])
    axis_labels(ax, pen, pen.word("leads.lead"), "")
    _two_storeys(ax, right, pen, found)
    aqi = runs.scenario.law_book()("alert.aqi.heavy")
    headings(ax, pen, pen.word("picture.forecast"),
             caption(pen, runs, pen.word("leads.note", aqi=f"{aqi:g}")))  # fmt: skip
    for each in (ax, right):
        finish(each, pen)
    right.spines["right"].set_visible(True)
    legend(ax, pen, [*bars, *lines], 2)
    return ax


def skill_of(runs: Run | Replications) -> Skill:
    """Return how good the forecasts of a run were, or of replications pooled."""
    if isinstance(runs, Run):
        return skill(runs.outcome.air.vintages, runs.outcome.air.air.truth, runs.outcome.law)
    if runs.metrics["air.pm25_mean_no_measures"].isna().all():
        raise Refused("forecast: replications on measured air hold no forecasts; draw one run")
    numbers = runs.metrics["replication"].tolist()[:MOST_RUNS]
    return reduce(add, (_again(runs.scenario, runs.seed, number) for number in numbers))


def _again(scenario: Scenario, seed: int, replication: int) -> Skill:
    """Issue the forecasts of one replication again."""
    law, air = scenario.law_book(), run_air(scenario, seed, replication, measures=False)
    months = scenario.clock().dates().astype("datetime64[M]").astype(np.int64) % 12 + 1
    hourly, streams = np.repeat(months, HOURS_PER_DAY), Streams(seed, replication)
    return skill(
        issue_forecasts(air.truth, hourly, scenario.air.forecast, law, streams), air.truth, law
    )


def _shares(ax: Axes, pen: Pen, found: Skill, at: NDArray[np.float64]) -> list[Any]:
    """Draw hits and false alarms as bars, each with its count."""
    sides = {
        "hits": (-1, _HIT, "", found.hit_rate, found.hits, found.hits + found.misses),
        "false": (1, _FALSE, "///", found.false_share, found.false, found.hits + found.false),
    }
    drawn: list[Any] = []
    for key, (side, colour, hatch, share, part, whole) in sides.items():
        x, height = at + side * _WIDE / 2, 100 * np.nan_to_num(share)
        drawn.append(
            ax.bar(x, height, _WIDE, color=colour, edgecolor="white", hatch=hatch, gid=key,
                   label=pen.word(f"leads.{key}"))
        )  # fmt: skip
        for place, top, some, of in zip(x, height, part, whole, strict=True):
            ax.annotate(f"{some:.0f}/{of:.0f}", (place, top), (0, 2), ha="center",
                        textcoords="offset points",
                        **pen.style(fontsize=8, color="#333333"))  # fmt: skip
    return drawn


def _errors(ax: Axes, pen: Pen, found: Skill, at: NDArray[np.float64]) -> list[Any]:
    """Draw bias and root mean square error as lines."""
    ax.axhline(0, color="#888888", lw=0.7, ls=":")
    looks = {"rmse": (found.rmse, INK, "o", "-"), "bias": (found.bias, LIMIT, "s", "--")}
    drawn: list[Any] = []
    for key, (values, colour, marker, dashes) in looks.items():
        drawn += ax.plot(at, values, color=colour, marker=marker, ls=dashes, lw=1.8, gid=key,
                         label=pen.word(f"leads.{key}"))  # fmt: skip
    return drawn


def _two_storeys(ax: Axes, right: Axes, pen: Pen, found: Skill) -> None:
    """Give the bars the lower half of the picture and the lines the upper one."""
    ax.set_ylim(0, 225)
    ax.set_yticks(range(0, 101, 25))
    low = min(0.0, float(np.nanmin(found.bias, initial=0.0)))
    high = max(1.0, float(np.nanmax(found.rmse, initial=1.0)))
    span = high - low
    right.set_ylim(low - 1.2 * span, high + 0.1 * span)
    ticks = MaxNLocator(5).tick_values(low, high)
    right.set_yticks([tick for tick in ticks if low <= tick <= high])
    ax.axhline(112, color="#cccccc", lw=0.8)
    ax.set_ylabel(pen.word("leads.share"), loc="bottom", **pen.style(fontsize=9.5))
    right.set_ylabel(pen.word("leads.error"), loc="top", **pen.style(fontsize=9.5))
