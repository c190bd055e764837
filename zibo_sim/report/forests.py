"""The pictures of a comparison: all that differs, cut to what a page of paper holds."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from matplotlib.axes import Axes

from zibo_sim.comparison import Comparison
from zibo_sim.errors import Refused
from zibo_sim.experiment import Replications, run
from zibo_sim.metrics import METRICS
from zibo_sim.plots.forest import panel
from zibo_sim.plots.pen import png
from zibo_sim.report import html
from zibo_sim.report.pictures import BY_NAME
from zibo_sim.report.summary import printable
from zibo_sim.report.winter import typical
from zibo_sim.results import Run
from zibo_sim.verdicts import arm_titles, moves, sort_out
from zibo_sim.words import listed, word

#: Rows up to which one picture shows all variants.
MOST_ROWS = 36
#: Rows that a picture of differences holds: more are parted by domain, so that pages fill well.
MOST_A_PANEL = 16
_DOMAINS = {"air": "page.air", "cloud": "page.cloud", "heating": "page.heating",
            "valuation": "summary.valuation"}  # fmt: skip
#: Inches that pictures of differences are wide.
_WIDE = 10.0
#: Variants that get a picture of differences each, where one for all would not fit a page.
MOST_FORESTS = 6
#: Winters that are drawn, base included.
MOST_WINTERS = 5


def forests(comparison: Comparison, lang: str) -> Iterator[str]:
    """Yield the differences as pictures that fit a page: one of all variants, or one of each."""
    arms = list(comparison.variants)
    rows = sum(len(sort_out([table]).moved) for table in comparison.tables.values())
    shown = [comparison] if rows <= MOST_ROWS else [_alone(comparison, name) for name in arms]
    for number, part in enumerate(shown[:MOST_FORESTS]):
        reading = "" if number else word("page.read_compare", lang)
        yield from _pictures(part, reading, lang)
    if len(shown) > MOST_FORESTS:
        yield html.text(word("page.more_arms", lang, count=MOST_FORESTS), "small")


def _alone(comparison: Comparison, name: str) -> Comparison:
    """Return one variant against the base, its intervals those of the whole comparison."""
    arm = comparison.variants[name]
    part = Comparison(comparison.base, {name: arm}, comparison.simultaneous)
    part.__dict__["tables"] = {name: comparison.tables[name]}
    return part


def _pictures(comparison: Comparison, reading: str, lang: str) -> Iterator[str]:
    """Yield one picture of all that differs, or one a domain, and how many are equal."""
    picture, alt = BY_NAME["compare"], word("page.alt_compare", lang)
    found = sort_out(comparison.tables.values())
    count = sum(_rows(comparison, [metric]) for metric in found.moved)
    if count <= MOST_A_PANEL:
        yield html.figure(picture.png(comparison, lang, html.DPI), alt, reading)
        return
    parts = [
        (word(_DOMAINS[domain], lang), part)
        for domain, group in _by_domain(found.moved)
        for part in _even(group, -(-_rows(comparison, group) // MOST_A_PANEL))
    ]
    for number, (said, part) in enumerate(parts):

        def draw(ax: Axes, part: list[str] = part, said: str = said) -> None:
            panel(comparison, part, ax, lang, said)

        height = 1.9 + 0.27 * max(_rows(comparison, part), 2)
        drawn = png(draw, _WIDE, height, html.DPI)
        yield html.figure(drawn, alt, "" if number else reading)
    left = {"plot.unchanged": len(found.equal), "plot.in_no_pair": len(found.undefined)}
    said = " · ".join(word(key, lang, count=n) for key, n in left.items() if n)
    yield html.text(said, "small") if said else ""


def _rows(comparison: Comparison, metrics: list[str]) -> int:
    """Return how many lines metrics take: one for each variant that moves them."""
    tables = comparison.tables.values()
    return sum(m in t.index and moves(t.loc[m]) for t in tables for m in metrics)


def _by_domain(metrics: list[str]) -> Iterator[tuple[str, list[str]]]:
    for domain in dict.fromkeys(m.partition(".")[0] for m in metrics):
        yield domain, [m for m in metrics if m.startswith(f"{domain}.")]


def _even(metrics: list[str], count: int) -> Iterator[list[str]]:
    """Cut a list into so many parts, all about as long."""
    for part in np.array_split(np.array(metrics, dtype=object), min(count, len(metrics))):
        yield [str(m) for m in part]


# ---- the same winter under every scenario ---------------------------------------------------


def seasons(comparison: Comparison, lang: str) -> Iterator[str]:
    """Yield the base's typical winter, and the same one under each variant with other air."""
    number, called = typical(comparison.base.metrics), arm_titles(comparison, lang)
    arms = {word("page.base", lang): comparison.base}
    same = []
    for name, arm in comparison.variants.items():
        if _same_air(comparison, name):
            same.append(printable(called[name], lang))
        else:
            arms[called[name]] = arm
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
        yield html.text(word("page.same_air", lang, names=listed(same, lang)), "small")


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
