"""Reports as text and as files: of runs, comparisons and sweeps, from folders or from memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from zibo_sim.air.observed import MeasuredAir
from zibo_sim.comparison import Comparison
from zibo_sim.experiment import Replications
from zibo_sim.provenance import manifest
from zibo_sim.report.reading import kind_of, read_comparison, read_folder
from zibo_sim.report.winter import chosen_winter
from zibo_sim.scenario import Source
from zibo_sim.whole import whole_file
from zibo_sim.words import language

REPORT = "report.html"


def report_of(
    result: Comparison | Replications,
    lang: str | None = None,
    *,
    pictures: Iterable[tuple[str, bytes]] | None = None,
    about: Mapping[str, Any] | None = None,
    sources: Iterable[Source] = (),
) -> str:
    """Return the report of a comparison, or of replications, as one HTML text.

    It loads nothing, prints on A4, and equal arguments give equal text. Titles, questions and
    names are escaped.

    Parameters
    ----------
    result : Comparison or Replications
    lang : {"zh", "en"}, optional
        Default: the locale's.
    pictures : iterable of (str, bytes), optional
        Of a comparison: PNGs to show in place of the winters drawn here, each with what it is
        called. The differences are drawn in any case, all of them.
    about : mapping, optional
        The manifest; default: one made now.
    sources : iterable of Source
        Where the (base's) values came from.

    Returns
    -------
    str

    Examples
    --------
    >>> from datetime import date
    >>> from zibo_sim.comparison import compare
    >>> from zibo_sim.scenario import load
    >>> week = load().replace({"period.start": date(2019, 3, 1), "period.end": date(2019, 3, 7)})
    >>> diff = compare(week, week.replace({"cloud.audit.servers": 1}), replications=2)
    >>> report_of(diff, "en", pictures=[])[:15]
    '<!DOCTYPE html>'
    """
    lang = language(lang)
    base = result.base if isinstance(result, Comparison) else result
    if about is None:
        about = manifest(base.scenario, base.seed, len(base), [])
    if isinstance(result, Comparison):
        from zibo_sim.report.compared import compared_page

        return compared_page(result, about, lang, drawn=pictures, sources=sources)
    from zibo_sim.report.page import page  # draws pictures; a summary alone need not load that

    return page(base, chosen_winter(base), about, list(sources), lang)


def write_report(
    path: Path,
    reps: Replications,
    about: Mapping[str, Any],
    sources: Iterable[Source] = (),
    lang: str | None = None,
    *,
    observed: MeasuredAir | None = None,
) -> None:
    """Write the report of many runs; it appears whole or not at all.

    Parameters
    ----------
    path : Path
        The HTML file.
    reps : Replications
        Where their events and series were kept, the picture is drawn from them.
    about : mapping
        The run's manifest.
    sources : iterable of Source
        Where the scenario's values came from.
    lang : {"zh", "en"}, optional
        Default: the locale's.
    observed : MeasuredAir, optional
        The air of the runs, where it was measured.

    Raises
    ------
    Refused
        Where the file cannot be written.
    """
    from zibo_sim.report.page import page  # draws pictures; a summary alone need not load that

    winter = chosen_winter(reps, observed)
    text = page(reps, winter, about, list(sources), language(lang))
    _write(path, text)


def report_folder(folder: Path, lang: str | None = None) -> Path:
    """Write the report of a folder into it.

    Parameters
    ----------
    folder : Path
        Made by ``zibo-sim run --out``, ``compare --out`` or ``sweep --out``.
    lang : {"zh", "en"}, optional
        Default: the locale's.

    Returns
    -------
    Path
        The report.

    Raises
    ------
    Refused
        For a folder that is none of these, naming what it lacks.
    """
    kind, path = kind_of(folder), folder / REPORT
    if kind == "run":
        reps, about, sources = read_folder(folder)
        write_report(path, reps, about, sources, lang)
    elif kind == "comparison":
        _write(path, _of_comparison(folder, language(lang)))
    else:
        _write(path, _of_study(folder, language(lang)))
    return path


def _of_comparison(folder: Path, lang: str) -> str:
    from zibo_sim.report.compared import compared_page

    held = read_comparison(folder)
    return compared_page(
        held.comparison, held.about, lang, frames=held.frames, sources=held.sources
    )


def _of_study(folder: Path, lang: str) -> str:
    from zibo_sim.report.studied import studied_page
    from zibo_sim.sensitivity.indices import read_sweep
    from zibo_sim.study.folder import read_manifest

    frame, study = read_sweep(folder)
    return studied_page(frame, study, read_manifest(folder), lang)


def _write(path: Path, text: str) -> None:
    with whole_file(path) as file:
        file.write_text(text, encoding="utf-8")
