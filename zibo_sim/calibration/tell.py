"""What a validation and a calibration say: tables for a terminal, and the scenario file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tomli_w

from zibo_sim.calibration.fit import LEVEL_KEY, Fit
from zibo_sim.calibration.validation import Row, Validation
from zibo_sim.scenario import known_keys
from zibo_sim.text import clipped, table
from zibo_sim.words import listed, said_date, said_statistic, word

#: Columns of the parent's title that are kept.
_TITLE = 140


def _number(value: float) -> str:
    if not np.isfinite(value):
        return "–"
    return f"{value:.0f}" if value == int(value) and abs(value) < 100 else f"{value:.3f}"


def _row(row: Row, lang: str) -> tuple[str, ...]:
    known = np.isfinite(row.measured) and np.isfinite(row.low)
    verdict = ("within" if row.inside else "without") if known else "undefined"
    return (
        said_statistic(row.name, lang),
        _number(row.measured),
        _number(row.median),
        f"{_number(row.low)} … {_number(row.high)}",
        f"{100 * row.rank:.0f}" if known else "–",
        word(f"validation.{verdict}", lang),
    )


def _table(rows: Iterable[Row], lang: str) -> str:
    names = ("statistic", "measured", "median", "band", "rank", "verdict")
    header = [word(f"validation.{name}", lang) for name in names]
    return table(header, [_row(row, lang) for row in rows], right=(1, 2, 4))


def heading(found: Validation, lang: str) -> list[str]:
    """Return what was compared, in a few lines."""
    record = found.measured
    dates = {"first": said_date(record.first, lang), "last": said_date(record.last, lang)}
    plan = word("validation.plan" if found.measures else "validation.no_plan", lang)
    return [
        word("validation.title", lang, **dates),
        word("validation.below", lang, seasons=len(found.seasons), seed=found.seed, plan=plan,
             factor=f"{found.factor:.3f}"),
        word("validation.holds", lang),
    ]  # fmt: skip


def verdict(found: Validation, lang: str) -> list[str]:
    """Return how many lie inside, and which do not."""
    counts = found.as_json()["inside"]
    names = listed((said_statistic(name, lang) for name in found.outside), lang, "clause")
    return [
        word("validation.inside", lang, inside=counts["statistics"], of=counts["of_statistics"],
             hours=counts["diurnal"], of_hours=counts["of_diurnal"]),
        word("validation.outside", lang, names=names or word("validation.none", lang)),
    ]  # fmt: skip


def validation_text(found: Validation, lang: str) -> str:
    """Return a validation as tables with what lies outside below them."""
    return "\n".join(
        [
            *heading(found, lang),
            "",
            _table(found.statistics, lang),
            "",
            word("validation.beyond", lang),
            _table(found.beyond, lang),
            "",
            word("validation.diurnal", lang),
            _table(found.hours, lang),
            "",
            *verdict(found, lang),
        ]
    )


def fit_text(fit: Fit) -> str:
    """Return before and after of each statistic, by model median and rank."""
    pairs = zip(fit.before.statistics, fit.after.statistics, strict=True)
    rows = [
        (a.name, _number(a.measured), _number(a.median), f"{100 * a.rank:.0f}",
         _number(b.median), f"{100 * b.rank:.0f}", "" if b.inside else "outside")
        for a, b in pairs
    ]  # fmt: skip
    header = ("statistic", "measured", "before", "rank", "after", "rank", "5-95 %")
    return table(header, rows, right=(1, 2, 3, 4, 5))


def scenario_toml(
    fit: Fit,
    source: str,
    parent: str | Path,
    folder: Path,
    settings: Mapping[str, Any] | None = None,
) -> str:
    """Return the scenario file of a calibration: what differs, with the fit as comments.

    Parameters
    ----------
    fit : Fit
    source : str
        Name of the measured file.
    parent : str or Path
        What the file extends; a path is written relative to `folder`.
    folder : Path
        Where the file will lie.
    settings : mapping, optional
        What was changed of the parent before the fit; it is written too.
    """
    record = fit.measured
    above = os.path.relpath(parent, folder) if isinstance(parent, Path) else parent
    lines = [
        f"# Calibrated to {source}: {record.first} to {record.last}, {record.valid_days} valid "
        "days.",
        f"# {fit.seasons} seasons a trial, seed {fit.seed}, the plan in force. Every value below "
        'has the status "calibrated".',
        f"# Mean of the scenario's period: {fit.season_mean[1]:.1f} µg/m³ "
        f"(before: {fit.season_mean[0]:.1f}; --level {fit.level}).",
        "# One season cannot tell eleven inputs apart: each step from the scenario's value had a",
        "# price, and a second season is the only test. Model medians, ranks among seasons in %:",
        "#",
        *[f"# {line}".rstrip() for line in fit_text(fit).splitlines()],
        "",
        _toml("title", clipped(fit.base.title, _TITLE) + _calibrated()),
        _toml("question", fit.base.question),
        _toml("extends", above),
    ]
    groups: dict[str, list[str]] = {}
    fitted = {key for key, _, _ in fit.fitted_values}
    for key, value in (settings or {}).items():
        if key not in fitted:
            group, name = _place(key)
            groups.setdefault(group, []).append(f"{_toml(name, value)}  # --set")
    for key, before, after in fit.fitted_values:
        group, _, name = key.rpartition(".")
        said = known_keys()[key]
        note = f"calibrated; {said['unit']}; {said['en']}; was {_plain(before)}"
        if before != after or key == LEVEL_KEY:
            groups.setdefault(group, []).append(f"{_toml(name, after)}  # {note}")
    for group, entries in groups.items():
        lines += ["", f"[{group}]", *entries]
    return "\n".join(lines) + "\n"


def _place(key: str) -> tuple[str, str]:
    """Return the table and the name of a key; an id of the law book is one name."""
    if key.startswith("law."):
        return "law", key.removeprefix("law.")
    group, _, name = key.rpartition(".")
    return group, name


def _plain(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _toml(key: str, value: Any) -> str:
    if isinstance(value, tuple | list):
        return f"{key} = [{', '.join(_toml('', item).removeprefix(' = ') for item in value)}]"
    text = tomli_w.dumps({key or "x": value}, multiline_strings=False).strip()
    return text if key else text.removeprefix("x")


def _calibrated() -> str:
    return f" · {word('calibration.done', 'zh')} / {word('calibration.done', 'en')}"
