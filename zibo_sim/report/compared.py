"""The page of a comparison: base and variants, what they change, what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import pandas as pd

from zibo_sim.audit import IN_STEP, OUT_OF_STEP
from zibo_sim.comparison import YES_NO, Comparison
from zibo_sim.contrasts import LEAST_PAIRS, QUANTILES, RESAMPLES
from zibo_sim.metrics import METRICS, said_metric
from zibo_sim.precision import Precision
from zibo_sim.report import html, pictures
from zibo_sim.report import summary as said
from zibo_sim.report.changes import changed_inputs_of, changed_table
from zibo_sim.report.forests import forests, seasons
from zibo_sim.report.provenance import changes, documents, inputs, versions
from zibo_sim.report.scenario_files import file_names, scenario_files
from zibo_sim.report.spoken import headline_lines, verdicts
from zibo_sim.report.stress import Shown, stress_table
from zibo_sim.scenario import Source
from zibo_sim.verdicts import EQUAL, arm_titles, moves, said_narrowing, scales, sort_out, told
from zibo_sim.words import bracketed, listed, scale, word

_DOMAINS = {"air": "page.air", "cloud": "page.cloud", "heating": "page.heating",
            "valuation": "summary.valuation"}  # fmt: skip


def compared_page(
    comparison: Comparison,
    about: Mapping[str, Any],
    lang: str,
    *,
    drawn: Iterable[tuple[str, bytes]] | None = None,
    frames: Mapping[str, pd.DataFrame] | None = None,
    sources: Iterable[Source] = (),
) -> str:
    """Return the report of a comparison as HTML; equal arguments give equal text.

    Parameters
    ----------
    comparison : Comparison
    about : mapping
        The manifest.
    lang : {"zh", "en"}
    drawn : iterable of (str, bytes), optional
        PNGs to show in place of the winters drawn here, each with what it is called.
    frames : mapping of str to DataFrame, optional
        ``best`` and ``audit``, as the folder of a comparison holds them.
    sources : iterable of Source
        Where the base's values came from.
    """
    base = comparison.base
    name = said.printable(base.scenario.title, lang)
    varied = {key for arm in comparison.variants.values()
              for key in changed_inputs_of(base.scenario, arm.scenario)}  # fmt: skip
    every = [base.scenario, *(arm.scenario for arm in comparison.variants.values())]
    parts = [
        html.brief(_words(comparison, lang)), *_changes(comparison, lang),
        *_pictures(comparison, lang, drawn), *_table(comparison, lang),
        *_extras(frames or {}, lang),
        html.appendix([
            *_metrics(comparison, lang),
            html.title("law", lang), *documents(base.scenario, lang),
            *inputs(base.scenario, sources, lang, varied),
            *stress_table(_shown(comparison), about, lang), *scenario_files(every, lang),
            *versions(about, base.seed, len(base), lang),
        ]),
    ]  # fmt: skip
    title = word("page.compare_title", lang, base=name)
    return html.document(title, _top(comparison, lang), parts, lang)


def _shown(comparison: Comparison) -> Shown:
    base, count = comparison.base, len(comparison.variants)
    options = " --simultaneous" if comparison.simultaneous else ""
    more = {"arms": count, "files": " ".join(file_names(1 + count)), "options": options}
    return Shown(base.scenario, len(base), base.seed, len(base.summary), "compare", more)


def _top(comparison: Comparison, lang: str) -> Iterator[str]:
    base = comparison.base
    period = said.period(base.scenario, lang)
    facts = {"period": period, "pairs": len(base), "seed": base.seed}
    yield html.text(word("page.compare_facts", lang, **facts), "small")
    arms = {word("page.base", lang): base, **comparison.variants}
    rows = [
        (said.printable(name, lang), said.printable(arm.scenario.title, lang),
         said.printable(arm.scenario.question, lang))
        for name, arm in arms.items()
    ]  # fmt: skip
    heads = html.heads(lang, "page.h_variant", "page.h_title", "page.h_question")
    yield html.table(heads, rows, "arms")


def _words(comparison: Comparison, lang: str) -> Iterator[str]:
    yield html.title("page.in_words", lang)
    called = arm_titles(comparison, lang)
    for name, table in comparison.tables.items():
        yield html.heading(said.printable(called[name], lang), 3)
        yield html.text(verdicts(table, lang))
        yield html.listed(headline_lines(table, lang))
    yield from (html.text(note, "small") for note in _notes(comparison, lang))


def _notes(comparison: Comparison, lang: str) -> Iterator[str]:
    count = len(comparison.variants)
    if comparison.simultaneous and count > 1:
        each = f"{100 * comparison.confidence:.4g}%"
        yield word("compare.together", lang, variants=count, each=each)
    elif count > 1:
        yield word("compare.each", lang, variants=count)
    if comparison.precision is not None:
        yield _precision(comparison.precision, lang)
    yield said.how_sure(lang)[:1].upper() + said.how_sure(lang)[1:]


def _precision(told: Precision, lang: str) -> str:
    count, wide = sum(aim.counts for aim in told.aims), told.too_wide
    if not wide:
        return word("page.precise", lang, count=count)
    names = listed(
        (said_metric(aim.metric, lang) + bracketed(aim.variant, lang) for aim in wide),
        lang,
        "clause",
    )
    return word("page.too_wide", lang, count=count, wide=len(wide), names=names)


def _changes(comparison: Comparison, lang: str) -> Iterator[str]:
    yield html.title("page.differs", lang)
    base = comparison.base.scenario
    arms = {word("page.base", lang): base}
    called = arm_titles(comparison, lang)
    arms |= {called[name]: arm.scenario for name, arm in comparison.variants.items()}
    for name, scenario in arms.items():
        if scenario is base and not base.differs_from_law():
            continue
        yield html.heading(said.printable(name, lang), 3)
        if scenario is not base:
            yield html.title("page.from_base", lang, 4)
            yield changed_table(base, scenario, lang)
        yield html.title("page.from_law", lang, 4)
        yield changes(scenario, lang)


def _pictures(
    comparison: Comparison, lang: str, drawn: Iterable[tuple[str, bytes]] | None
) -> Iterator[str]:
    yield html.title("page.forest", lang)
    yield from forests(comparison, lang)
    if drawn is not None:
        given = list(pictures.given(drawn))
        yield from [html.title("page.pictures", lang), *given] if given else []
        return
    yield html.title("page.seasons", lang)
    yield from seasons(comparison, lang)


# ---- tables ------------------------------------------------------------------------------


def _table(comparison: Comparison, lang: str) -> Iterator[str]:
    yield html.title("page.table", lang)
    called = arm_titles(comparison, lang)
    for name, table in comparison.tables.items():
        gained = comparison.pairings[name]["narrowing"]
        heads = html.heads(
            lang, "compare.metric", "compare.base q", "compare.variant q", "compare.difference q",
            "compare.interval q", "compare.verdict v", "compare.pairing n",
        )  # fmt: skip

        def row(metric: str, of: Mapping[str, Any], by: Any = gained) -> tuple[str, ...]:
            return _row(metric, of, float(by[metric]), lang)

        yield html.heading(said.printable(called[name], lang), 3)
        yield html.table(heads, _grouped(table, row, lang), "dense compared seven")
        yield from _still(table, lang)
    yield html.text(word("compare.pairing_note", lang), "small")
    yield from _quantiles(comparison, lang)


def _still(table: pd.DataFrame, lang: str) -> Iterator[str]:
    """Name the metrics that are equal in every pair, and those that no pair defines."""
    found = sort_out([table])
    for key, names in (("same", found.equal), ("never_defined", found.undefined)):
        if names:
            said = listed((said_metric(name, lang) for name in names), lang)
            yield html.text(word(f"page.{key}", lang, count=len(names), metrics=said), "small")


def _grouped(
    table: pd.DataFrame, row: Callable[[str, Any], tuple[str, ...]], lang: str
) -> Iterator[tuple[str, ...] | html.Band]:
    """Yield the rows of what differs, under the name of their domain."""
    shown = {m: table.loc[m] for m in METRICS if m in table.index and moves(table.loc[m])}
    for domain, key in _DOMAINS.items():
        ours = {m: r for m, r in shown.items() if m.startswith(f"{domain}.")}
        if ours:
            yield html.Band(word(key, lang))
            yield from (row(m, r) for m, r in ours.items())


def _row(metric: str, row: Mapping[str, Any], narrowing: float, lang: str) -> tuple[str, ...]:
    plain, fine = scales(metric, row, lang)
    return (
        said_metric(metric, lang), plain.figure(row["base"]), plain.figure(row["variant"]),
        fine.figure(row["difference"], sign=True),
        fine.span(row["low"], row["high"], sign=True) or "—",
        _mark(told(row), lang), "" if told(row) == EQUAL else said_narrowing(narrowing),
    )  # fmt: skip


def _mark(verdict: str, lang: str) -> str:
    marks = {"rises": "▲", "falls": "▼"}
    return f"{marks.get(verdict, '○')} {word(f'verdict.{verdict}', lang)}"


def _quantiles(comparison: Comparison, lang: str) -> Iterator[str]:
    yield html.title("page.quantiles", lang, 3)
    columns = [f"P{100 * share:.0f}" for share in QUANTILES]
    heads = [*html.heads(lang, "compare.metric"), *(html.Column(c, "q") for c in columns)]
    every, called = comparison.tidy_quantiles(), arm_titles(comparison, lang)
    for name, table in comparison.tables.items():
        ours = every[every["variant_name"] == name].set_index(["metric", "quantile"])

        def row(metric: str, _: Any, by: pd.DataFrame = ours) -> tuple[str, ...]:
            cells = (_quantile(metric, dict(by.loc[(metric, q)]), lang) for q in QUANTILES)
            return said_metric(metric, lang), *cells

        kept = table[[not str(m).endswith(YES_NO) for m in table.index]]
        if len(comparison.tables) > 1:
            yield html.heading(said.printable(called[name], lang), 4)
        yield html.table(heads, _grouped(kept, row, lang), "dense compared")
    note = word("compare.quantile_note", lang, resamples=RESAMPLES, least=LEAST_PAIRS)
    yield html.text(note, "small")


def _quantile(metric: str, row: Mapping[str, Any], lang: str) -> str:
    plain, fine = scales(metric, row, lang)
    ends = fine.span(row["low"], row["high"], sign=True)
    there = f"{plain.number(row['base'])} → {plain.figure(row['variant'])}"
    return f"{there}\n{ends}" if ends else there


_ARMS_A_TABLE = 4


def _metrics(comparison: Comparison, lang: str) -> Iterator[str]:
    """Yield every metric of the base and of each variant, and how it is computed."""
    yield html.title("metrics", lang)
    yield html.text(word("page.compared_metrics", lang), "small")
    called = arm_titles(comparison, lang)
    arms = [(called[name], arm.summary) for name, arm in comparison.variants.items()]
    several = _ARMS_A_TABLE - 1
    for first in range(0, len(arms), several):
        held = [(word("page.base", lang), comparison.base.summary), *arms[first : first + several]]
        heads = [
            *html.heads(lang, "metric m"),
            *(html.Column(said.printable(name, lang), "q")
              for name, _ in held),
            *html.heads(lang, "formula"),
        ]  # fmt: skip
        names = [m for m in METRICS if any(m in summary.index for _, summary in held)]
        rows = [
            (f"{said_metric(m, lang)}\n{m}",
             *(_figures(m, summary, len(comparison.base), lang) for _, summary in held),
             METRICS[m].formula_in(lang))
            for m in names
        ]  # fmt: skip
        yield html.table(heads, rows, f"dense armed armed-{len(held)}")


def _figures(metric: str, summary: pd.DataFrame, of: int, lang: str) -> str:
    if metric not in summary.index:
        return "—"
    row = summary.loc[metric]
    plain = scale(metric, METRICS[metric].unit, row["mean"], lang)
    lines = [plain.figure(row["mean"]), plain.interval(row["low"], row["high"])]
    if 0 < row["runs"] < of:
        lines.append(word("page.of_runs", lang, runs=int(row["runs"])))
    return "\n".join(line for line in lines if line)


# ---- what was asked for besides ------------------------------------------------------------


def _extras(frames: Mapping[str, pd.DataFrame], lang: str) -> Iterator[str]:
    best, audit = frames.get("best"), frames.get("audit")
    if best is not None:
        yield html.title("page.best", lang) + html.text(word("page.best_note", lang), "small")
        rows = [
            (r["arm"], r["runs"], f"{r['mean']:.4g}", f"[{r['low']:.4g}, {r['high']:.4g}]",
             word(f"best.{r['verdict']}", lang))
            for r in best.to_dict("records")
        ]  # fmt: skip
        heads = html.heads(
            lang, "best.arm", "best.runs n", "best.mean n", "best.interval n", "best.verdict"
        )
        yield html.table(heads, rows)
    if audit is not None:
        yield from _audited(audit, lang)


def _audited(audit: pd.DataFrame, lang: str) -> Iterator[str]:
    yield html.title("page.audit", lang)
    if not (audit["verdict"] == OUT_OF_STEP).any():
        yield html.text(word("page.audit_clear", lang))
    rows = [
        (r["variant_name"], r["stream"], r["differing"], word(f"audit.{r['verdict']}", lang))
        for r in audit.to_dict("records") if r["verdict"] != IN_STEP
    ]  # fmt: skip
    if rows:
        heads = html.heads(
            lang, "page.h_variant", "audit.stream k", "audit.differing n", "audit.verdict"
        )
        yield html.table(heads, rows, "dense")
