"""An explanation as text for the terminal, and the full trace as a file."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from zibo_sim.explanation.chains import Chain, Explanation
from zibo_sim.explanation.said import Statement, cite, said
from zibo_sim.metrics import METRICS, said_metric
from zibo_sim.results import Run
from zibo_sim.text import wrapped
from zibo_sim.whole import whole_file
from zibo_sim.words import bracketed, labelled, listed, scale

_INDENT = "  "
_SHOWN = 12


def explanation_text(found: Explanation, lang: str, full: bool = False) -> str:
    """Return the chains as lines of at most 96 columns.

    Parameters
    ----------
    found : Explanation
    lang : {"zh", "en"}
    full : bool
        Every part; else of long lists the first, and how many follow.
    """
    lines = [*_head(found, lang)]
    for chain in found.chains:
        lines += ["", *_chain(chain, lang, full)]
    lines += ["", said("page.quotes", lang)]
    cited = {c.clause: c for chain in found.chains for c in chain.cited}
    for citation in cited.values():
        lines += wrapped(labelled(citation.short, citation.quote, lang), _INDENT)
    return "\n".join(line.rstrip() for line in lines)


def _head(found: Explanation, lang: str) -> Iterator[str]:
    about = {"replication": found.replication, "seed": found.run.seed}
    yield from wrapped(said("page.head", lang, **about) + _why_chosen(found, lang))
    again = found.replay
    if again.exact:
        key = "page.exact" if again.same_content else "page.exact_other"
        yield from wrapped(said(key, lang, count=len(again.run.metrics) - len(again.absent)))
    else:
        names = listed(list(again.differs)[:_SHOWN], lang)
        key = "page.differs_same" if again.same_content else "page.differs"
        yield from wrapped(said(key, lang, count=len(again.differs), names=names))
    for name, (then, now) in again.versions.items():
        yield from wrapped(said("page.version", lang, name=name, then=then, now=now), _INDENT)


def _why_chosen(found: Explanation, lang: str) -> str:
    if found.chosen.lstrip("-").isdigit():
        return ""
    name = said_metric(found.by, lang)
    return said(f"page.{found.chosen}", lang, name=name)


def _chain(chain: Chain, lang: str, full: bool) -> Iterator[str]:
    metric = METRICS[chain.metric]
    plain = scale(chain.metric, metric.unit, chain.value, lang)
    name = said_metric(chain.metric, lang)
    yield from wrapped(
        labelled(name + bracketed(chain.metric, lang), plain.figure(chain.value), lang)
    )
    yield from wrapped(said("page.formula", lang, formula=metric.formula_in(lang)), _INDENT)
    hidden = 0
    for statement, shown in _shortened(chain, full):
        if hidden and shown:
            yield from wrapped(said("page.more", lang, count=hidden), _INDENT * 2)
            hidden = 0
        hidden += not shown and statement.depth <= _part_depth(chain)
        if shown:
            yield from wrapped(statement.text(lang), _INDENT * (statement.depth + 1))
    if hidden:
        yield from wrapped(said("page.more", lang, count=hidden), _INDENT * 2)


def _part_depth(chain: Chain) -> int:
    """Return which depth is counted where a list is cut: that of its parts."""
    tops = [s.key for s in chain.statements if s.depth == 0]
    return 0 if len(tops) - len(set(tops)) >= _SHOWN else 1


def _shortened(chain: Chain, full: bool) -> Iterator[tuple[Statement, bool]]:
    """Yield each statement and whether it is shown: of each list the first, with what is below."""
    tops, parts, top_shown, shown = dict[str, int](), 0, True, True
    for statement in chain.statements:
        if statement.depth == 0:
            tops[statement.key] = tops.get(statement.key, 0) + 1
            parts, shown = 0, tops[statement.key] <= _SHOWN
            top_shown = shown
        elif statement.depth == 1:
            parts += 1
            shown = top_shown and parts <= _SHOWN
        yield statement, full or shown


def write_trace(run: Run, path: Path) -> int:
    """Write every event of a run with its clause and the clause's words; return how many.

    Parameters
    ----------
    run : Run
    path : Path
        CSV in UTF-8 with the mark; it appears whole or not at all.

    Raises
    ------
    Refused
        Where it cannot be written.
    """
    events, law = run.events, run.outcome.law
    quotes = {clause: cite(law, clause).quote for clause in events["clause"].unique()}
    rows = events.astype(object).where(events.notna(), "")
    with whole_file(path) as file, file.open("w", encoding="utf-8-sig", newline="") as target:
        writer = csv.writer(target)
        writer.writerow([*rows.columns, "quote"])
        for row in rows.itertuples(index=False):
            writer.writerow([*row, quotes[row.clause]])
    return len(rows)
