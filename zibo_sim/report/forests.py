"""The pictures of a comparison, cut to what a page of paper holds."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from matplotlib.axes import Axes

from zibo_sim.comparison import Comparison
from zibo_sim.errors import Refused
from zibo_sim.experiment import Replications, run
from zibo_sim.metrics import METRICS
from zibo_sim.plots.pen import png
from zibo_sim.report import html
from zibo_sim.report.pictures import BY_NAME
from zibo_sim.report.spoken import moves
from zibo_sim.report.summary import printable
from zibo_sim.report.winter import typical
from zibo_sim.results import Run
from zibo_sim.words import word

#: Rows that a picture of differences holds on one page.
MOST_ROWS = 36
#: Variants that get a picture of differences each, where one for all would not fit a page.
MOST_FORESTS = 6
#: Winters that are drawn, base included.
MOST_WINTERS = 5


def forests(comparison: Comparison, lang: str) -> Iterator[str]:
    """Yield the differences as pictures that fit a page: one of all variants, or one of each."""
    arms = list(comparison.variants)
    rows = sum(len(_moved(comparison, name)) for name in arms)
    shown = [comparison] if rows <= MOST_ROWS else [_alone(comparison, name) for name in arms]
    for number, part in enumerate(shown[:MOST_FORESTS]):
        reading = "" if number else word("page.read_compare", lang)
        yield from _pictures(part, reading, lang)
    if len(shown) > MOST_FORESTS:
        yield html.text(word("page.more_arms", lang, count=MOST_FORESTS), "small")


def _moved(comparison: Comparison, name: str) -> list[str]:
    table = comparison.tables[name]
    return [m for m in METRICS if m in table.index and moves(table.loc[m])]


def _alone(comparison: Comparison, name: str) -> Comparison:
    """Return one variant against the base, its intervals those of the whole comparison."""
    arm = comparison.variants[name]
    part = Comparison(comparison.base, {name: arm}, comparison.simultaneous)
    part.__dict__["tables"] = {name: comparison.tables[name]}
    return part


def _pictures(comparison: Comparison, reading: str, lang: str) -> Iterator[str]:
    picture, alt = BY_NAME["compare"], word("page.alt_compare", lang)
    arms = list(comparison.variants)
    moved = _moved(comparison, arms[0]) if len(arms) == 1 else []
    if len(moved) <= MOST_ROWS:
        yield html.figure(picture.png(comparison, lang, html.DPI), alt, reading)
        return
    parts = [part for group in _by_domain(moved) for part in _even(group, MOST_ROWS)]
    for number, part in enumerate(parts):

        def draw(ax: Axes, part: list[str] = part) -> None:
            picture.draw(comparison, ax, lang, metrics=part)

        drawn = png(draw, 10.0, 1.9 + 0.3 * max(len(part), 2), html.DPI)
        yield html.figure(drawn, alt, "" if number else reading)


def _by_domain(metrics: list[str]) -> list[list[str]]:
    domains = dict.fromkeys(m.partition(".")[0] for m in metrics)
    return [[m for m in metrics if m.startswith(f"{domain}.")] for domain in domains]


def _even(metrics: list[str], most: int) -> Iterator[list[str]]:
    """Cut a list into as few parts as may be, all about as long."""
    count = -(-len(metrics) // most)
    for part in np.array_split(np.array(metrics, dtype=object), count):
        yield [str(m) for m in part]


# ---- the same winter under every scenario ---------------------------------------------------


def seasons(comparison: Comparison, lang: str) -> Iterator[str]:
    """Yield the base's typical winter, and the same one under each variant with other air."""
    number = typical(comparison.base.metrics)
    arms = {word("page.base", lang): comparison.base}
    same = []
    for name, arm in comparison.variants.items():
        if _same_air(comparison, name):
            same.append(printable(name, lang))
        else:
            arms[name] = arm
    shown = 0
    for name, arm in list(arms.items())[:MOST_WINTERS]:
        again = _again(arm, number)
        if again is None:
            continue
        shown += 1
        alt = word("page.alt_season", lang)
        said = {"name": printable(name, lang), "replication": number}
        caption = word("page.read_compared_season", lang, **said)
        yield html.figure(_season(again, lang), alt, caption)
    if not shown:
        yield html.text(word("report.season_missing", lang))
    if len(arms) > MOST_WINTERS:
        yield html.text(word("page.more_arms", lang, count=MOST_WINTERS), "small")
    if same:
        apart = "、" if lang == "zh" else ", "
        yield html.text(word("page.same_air", lang, names=apart.join(same)), "small")


def _season(again: Run, lang: str) -> bytes:
    """Draw a winter low enough that three stand on a page of paper."""
    return png(lambda ax: BY_NAME["season"].draw(again, ax, lang), 11, 4.1, html.DPI)


def _same_air(comparison: Comparison, name: str) -> bool:
    table = comparison.tables[name]
    ours = [m for m in table.index if str(m).startswith("air.")]
    return not any(moves(table.loc[m]) for m in ours)


def _again(arm: Replications, number: int) -> Run | None:
    """Run one winter of an arm again; None where other figures come out."""
    row = arm.metrics[arm.metrics["replication"] == number].iloc[0]
    names = [name for name in METRICS if name in row.index]
    try:
        again = run(arm.scenario, arm.seed, number)
    except Refused:
        return None
    known = row[names].astype(float).to_numpy()
    same = np.allclose(again.metrics.reindex(names), known, equal_nan=True)
    return again if same else None
