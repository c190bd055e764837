"""The tables and pictures of a study's page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from zibo_sim.law import book
from zibo_sim.law.book import READING_SUFFIX
from zibo_sim.metrics import said_metric
from zibo_sim.plots.pen import png
from zibo_sim.plots.sensitivity import indices as drawn_indices
from zibo_sim.plots.sensitivity import screening, tornado
from zibo_sim.report import html
from zibo_sim.report.changes import described
from zibo_sim.report.pictures import BY_NAME, of_study
from zibo_sim.report.points import (
    MOST_DRAWN,
    drawn_outputs,
    failed,
    level,
    means_of,
    said_level,
    scale_of,
)
from zibo_sim.report.summary import said_value
from zibo_sim.sensitivity.indices import MORRIS, Sensitivity
from zibo_sim.sensitivity.swings import swings
from zibo_sim.study.factor import Factor
from zibo_sim.study.spec import Study
from zibo_sim.words import Scale, bracketed, listed, word

#: Points and failures that are listed.
MOST_POINTS, MOST_FAILURES = 60, 40
_LIST_ENDS = 8
#: Inches of the pictures that name factors.
_WIDE = 10.4


def factors(study: Study, lang: str) -> Iterator[str]:
    """Yield the table of factors: base, levels, status and source; of law its words."""
    yield html.title("page.factors", lang)
    rows = []
    for factor in study.factors:
        name, unit, status, source = described(factor.key, lang)
        base = said_level(factor.key, study.base.get(factor.key))
        rows.append((factor.key, name, base, _varies(factor, lang), unit, status, source))
    heads = html.heads(
        lang, "key k", "what", "page.h_base t", "page.h_varies t", "unit", "page.h_status",
        "source t",
    )  # fmt: skip
    yield html.table(heads, rows, "dense moved")
    laws = [f.key.removeprefix("law.") for f in study.factors if f.key.startswith("law.")]
    for key in laws:
        entry = book().entry(key.removesuffix(READING_SUFFIX))
        yield html.text(f"{entry.clause}:{entry.quote}", "small")


def _varies(factor: Factor, lang: str) -> str:
    if factor.kind == "list":
        shown = [said_level(factor.key, value) for value in factor.as_toml()]
        more = "…" if len(shown) > _LIST_ENDS else ""
        return listed(shown[:_LIST_ENDS], lang) + more
    parts = dict(factor.table)
    log = bracketed(word("page.log_scale", lang) if parts.pop("log", False) else "", lang)
    if set(parts) == {"low", "high"}:
        return f"{said_value(parts['low'])} – {said_value(parts['high'])}{log}"
    return listed((f"{key} {said_value(v)}" for key, v in parts.items()), lang, "clause") + log


def outcomes(frame: pd.DataFrame, study: Study, lang: str) -> Iterator[str]:
    """Yield each output's mean, lowest and highest point, and the means point by point."""
    yield html.title("page.outcomes", lang)
    rows = list[tuple[str, ...]]()
    for name in study.outputs:
        means = means_of(frame, name)
        if means.empty:
            rows.append((name, said_metric(name, lang), "—", "—", "—"))
            continue
        plain = scale_of(name, means, lang)
        ends = [
            plain.figure(float(means[p])) + bracketed(str(p), lang)
            for p in (means.idxmin(), means.idxmax())
        ]
        rows.append((name, said_metric(name, lang), plain.figure(float(means.mean())), *ends))
    heads = html.heads(lang, "metric k", "meaning", "mean n", "page.h_lowest n", "page.h_highest n")
    yield html.table(heads, rows, "dense")
    yield from _points(frame, study, lang)


def _points(frame: pd.DataFrame, study: Study, lang: str) -> Iterator[str]:
    """Yield the means of every point where they fit a page or two."""
    names, keys = drawn_outputs(study), study.keys[:MOST_DRAWN]
    if study.rows > MOST_POINTS:
        yield html.text(word("page.points_left", lang, count=study.rows), "small")
        return
    yield html.title("page.points", lang, 3)
    means = {name: means_of(frame, name) for name in names}
    scales = {name: scale_of(name, m, lang) for name, m in means.items() if len(m)}
    first = frame.groupby("point").first()
    rows = [
        (point, *(level(row[key]) for key in keys),
         *(scales[n].number(float(means[n].get(point, float("nan")))) if n in scales else "—"
           for n in names))
        for point, row in first.iterrows()
    ]  # fmt: skip
    heads = [*html.heads(lang, "page.h_point n"),
             *(html.Column(described(key, lang)[0]) for key in keys),
             *(html.Column(said_metric(n, lang) + _in(scales.get(n), lang), "q")
               for n in names)]  # fmt: skip
    yield html.table(heads, rows, "dense points")


def _in(plain: Scale | None, lang: str) -> str:
    """Return the unit of a column for its head."""
    return "" if plain is None else bracketed(plain.unit, lang)


def failures(frame: pd.DataFrame, study: Study, lang: str) -> Iterator[str]:
    """Yield the runs that failed, each with its reason; nothing where none did."""
    lost = frame[failed(frame)]
    if lost.empty:
        return
    yield html.title("page.failures", lang)
    rows = [
        (row["point"], row["replication"],
         listed((f"{key} = {level(row[key])}" for key in study.keys), lang), row["error"])
        for row in lost.head(MOST_FAILURES).to_dict("records")
    ]  # fmt: skip
    heads = html.heads(
        lang, "page.h_point n", "page.h_replication n", "page.factors t", "page.h_error t"
    )
    yield html.table(heads, rows, "dense")
    if len(lost) > len(rows):
        yield html.text(word("summary.more", lang, count=len(lost) - len(rows)), "small")


# ---- pictures ----------------------------------------------------------------------------


def sweeps(frame: pd.DataFrame, study: Study, outputs: Sequence[str], lang: str) -> Iterator[str]:
    """Yield each output over the factors as a picture, where the design lets it be seen.

    Points of a design that is no grid and has more than two factors are spread over all of them
    at once.
    """
    if study.design != "grid" and len(study.factors) > 2:
        return
    yield html.title("page.sweeps", lang)
    for name in outputs:
        if means_of(frame, name).empty:
            yield html.text(word("page.never", lang, metric=said_metric(name, lang)))
        else:
            drawn = BY_NAME["sweep"].png(frame, lang, html.DPI, output=name)
            yield of_study("sweep", drawn, name, lang)


def matter(
    frame: pd.DataFrame,
    study: Study,
    found: Sensitivity | None,
    outputs: Sequence[str],
    lang: str,
) -> Iterator[str]:
    """Yield which factors matter: both ends of each, and shares or effects."""
    yield html.title("page.matter", lang)
    if len(outputs) < len(study.outputs):
        count = {"count": len(study.outputs), "shown": len(outputs)}
        yield html.text(word("page.shown_outputs", lang, **count), "small")
    high = 2.2 + 0.42 * len(study.factors)
    for name in outputs:
        if means_of(frame, name).empty:
            continue
        yield html.heading(said_metric(name, lang), 3)
        table = swings(frame, study, name)
        ends = png(lambda ax, t=table, n=name: tornado(t, study, n, ax, lang), _WIDE, high)  # type: ignore[misc]
        yield of_study("tornado", ends, name, lang)
        if found is not None:
            key = "screening" if found.method == MORRIS else "indices"
            draw, size = (
                (screening, (8, 6)) if key == "screening" else (drawn_indices, (_WIDE, high))
            )
            shown = png(lambda ax, d=draw, n=name: d(found, n, ax, lang), *size)  # type: ignore[misc]
            yield of_study(key, shown, name, lang)
