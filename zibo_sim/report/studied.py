"""The page of a study: its factors, what the outputs come to, and which factors matter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from zibo_sim.errors import Refused
from zibo_sim.metrics import said_metric
from zibo_sim.report import html
from zibo_sim.report import summary as said
from zibo_sim.report.changes import described
from zibo_sim.report.points import drawn_outputs, failed, level, means_of, scale_of
from zibo_sim.report.provenance import changes, documents, inputs, versions
from zibo_sim.report.stress import Shown, stress_table
from zibo_sim.report.study_parts import factors, failures, matter, outcomes, sweeps
from zibo_sim.sensitivity.indices import MORRIS, Sensitivity, indices
from zibo_sim.sensitivity.tell import percent
from zibo_sim.study.spec import Study
from zibo_sim.words import bracketed, labelled, listed, word

#: Factors that are named.
_NAMED = 3


def studied_page(frame: pd.DataFrame, study: Study, about: Mapping[str, Any], lang: str) -> str:
    """Return the report of a finished sweep as HTML; equal arguments give equal text.

    Parameters
    ----------
    frame : DataFrame
        As `zibo_sim.study.sweep.sweep` returns it.
    study : Study
    about : mapping
        The manifest of its folder.
    lang : {"zh", "en"}
    """
    frame = frame.copy()
    frame.attrs = {"title": study.title, "seed": study.seed}
    drawn = drawn_outputs(study)
    found = _found(frame, study, drawn)
    more = {"design": study.design, "points": study.rows, "factors": len(study.factors)}
    shown = Shown(
        study.base, study.replications, study.seed, len(study.outputs), "study", more
    )  # fmt: skip
    parts = [
        *_words(frame, study, found, lang), *factors(study, lang),
        *outcomes(frame, study, lang), *sweeps(frame, study, drawn, lang),
        *matter(frame, study, found, drawn, lang), *failures(frame, study, lang),
        html.title("law", lang), html.title("changed", lang, 3), changes(study.base, lang),
        *documents(study.base, lang), *inputs(study.base, (), lang, study.keys),
        *stress_table(shown, about, lang),
        *versions(about, study.seed, study.replications, lang),
    ]  # fmt: skip
    top = _top(frame, study, lang)
    return html.document(said.printable(study.title, lang), top, parts, lang)


def _found(frame: pd.DataFrame, study: Study, outputs: Sequence[str]) -> Sensitivity | None:
    """Return how much the factors matter; None with one factor, or where the runs do not tell."""
    if len(study.factors) < 2 or study.rows < 2:
        return None
    try:
        return indices(frame, study, outputs)
    except Refused:
        return None


def _top(frame: pd.DataFrame, study: Study, lang: str) -> Iterator[str]:
    facts = word(
        "page.study_facts", lang, design=study.design, points=study.rows, seed=study.seed,
        replications=study.replications, runs=study.runs, period=said.period(study.base, lang),
    )  # fmt: skip
    if lost := int(failed(frame).sum()):
        facts += f" · {word('page.study_failed', lang, count=lost)}"
    name = labelled(word("page.base", lang), said.printable(study.base.title, lang), lang)
    yield html.text(f"{name} — {said.printable(study.base.question, lang)}", "lead")
    yield html.text(facts, "small")


# ---- in words ----------------------------------------------------------------------------


def _words(
    frame: pd.DataFrame, study: Study, found: Sensitivity | None, lang: str
) -> Iterator[str]:
    yield html.title("page.in_words", lang)
    lines = []
    for name in drawn_outputs(study):
        means = means_of(frame, name)
        line = _range(frame, means, study, name, lang)
        line = line[:1].upper() + line[1:]
        leading = "" if found is None else _leading(found, name, lang)
        lines.append(f"{line}{'' if lang == 'zh' else ' '}{leading}".strip())
    yield html.listed(lines)
    yield html.text(word("page.ends_note", lang, replications=study.replications), "small")
    yield html.text(said.how_sure(lang)[:1].upper() + said.how_sure(lang)[1:], "small")


def _range(frame: pd.DataFrame, means: pd.Series, study: Study, name: str, lang: str) -> str:
    metric = said_metric(name, lang)
    if means.empty:
        return word("page.never", lang, metric=metric)
    plain = scale_of(name, means, lang)
    if means.min() == means.max():
        return word("page.steady", lang, metric=metric, mean=plain.figure(float(means.iloc[0])))
    ends = {"low": means.idxmin(), "high": means.idxmax()}
    figures = {key: plain.figure(float(means[point])) for key, point in ends.items()}
    places = {f"at_{key}": _place(frame, study, point, lang) for key, point in ends.items()}
    mean = plain.figure(float(means.mean()))
    return word(
        "page.range", lang, metric=metric, points=len(means), mean=mean, **figures, **places
    )


def _place(frame: pd.DataFrame, study: Study, point: Any, lang: str) -> str:
    """Say which point it is, and its factors where they are few."""
    row = frame[frame["point"] == point].iloc[0]
    number = f"{word('page.h_point', lang)} {point}"
    if len(study.factors) > _NAMED:
        return number
    values = listed((f"{key} = {level(row[key])}" for key in study.keys), lang)
    return labelled(number, values, lang)


def _leading(found: Sensitivity, name: str, lang: str) -> str:
    """Name the factors with the largest share, or effect, of those told from nothing."""
    rows = found.table[found.table["output"] == name]
    by = "mu_star" if found.method == MORRIS else "total" if "total" in rows else "first"
    floor = rows["by_chance"] if by == "mu_star" else 0.01
    rows = rows[rows[by] > floor].sort_values(by, ascending=False).head(_NAMED)
    parts = []
    for row in rows.to_dict("records"):
        share = bracketed(percent(row[by]) if by != "mu_star" else "", lang)
        parts.append(f"{described(row['factor'], lang)[0]}{share}")
    return word("page.leading", lang, factors=listed(parts, lang)) if parts else ""
