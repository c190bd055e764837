"""Reports of run folders: what is read from one, and the file that is written into it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from pyarrow import ArrowException

from zibo_sim.air.observed import MeasuredAir
from zibo_sim.errors import Refused
from zibo_sim.experiment import Replications
from zibo_sim.metrics import metric_names
from zibo_sim.report.winter import chosen_winter, typical
from zibo_sim.results import whole_file
from zibo_sim.scenario import Scenario, Source, known_keys, load
from zibo_sim.words import language

SCENARIO, METRICS_FILE, MANIFEST = "scenario.toml", "metrics.parquet", "manifest.json"
REPORT = "report.html"


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
    with whole_file(path) as file:
        file.write_text(text, encoding="utf-8")


def report_folder(folder: Path, lang: str | None = None) -> Path:
    """Write the report of a run folder into it.

    Parameters
    ----------
    folder : Path
        Made by ``zibo-sim run --out``.
    lang : {"zh", "en"}, optional
        Default: the locale's.

    Returns
    -------
    Path
        The report.

    Raises
    ------
    Refused
        For a folder that is no run folder, naming what it lacks.
    """
    reps, about, sources = read_folder(folder)
    path = folder / REPORT
    write_report(path, reps, about, sources, lang)
    return path


def read_folder(folder: Path) -> tuple[Replications, dict[str, Any], list[Source]]:
    """Read a run folder: its runs (events and series of the typical one), manifest, origins."""
    if not folder.is_dir():
        said = "is a file" if folder.exists() else "does not exist"
        raise Refused(
            f"{said}; report takes a folder made by `zibo-sim run --out`", where=str(folder)
        )
    missing = [n for n in (SCENARIO, METRICS_FILE, MANIFEST) if not (folder / n).is_file()]
    if missing:
        said = f"no {' and no '.join(missing)} in it; report takes a folder made by"
        raise Refused(f"{said} `zibo-sim run --out`", where=str(folder))
    about, scenario = _manifest(folder / MANIFEST), load((folder / SCENARIO).resolve())
    metrics = _metrics(folder / METRICS_FILE, scenario)
    chosen = [("replication", "==", typical(metrics))]
    frames = [_frame(folder / f"{name}.parquet", chosen) for name in ("events", "series")]
    return Replications(scenario, about["seed"], metrics, *frames), about, origins(
        scenario, (folder / SCENARIO).read_text(encoding="utf-8")
    )  # fmt: skip


def _manifest(path: Path) -> dict[str, Any]:
    try:
        about: Any = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError):
        raise Refused("is no manifest of a run", where=str(path)) from None
    ours = isinstance(about, dict) and about.get("package") == "zibo_sim"
    if not ours or not isinstance(about.get("seed"), int):
        raise Refused("is no manifest of a zibo_sim run", where=str(path))
    return dict(about)


def _frame(path: Path, filters: list[tuple[str, str, int]] | None = None) -> pd.DataFrame:
    if not path.exists():
        return pd.DataFrame()
    try:
        return pd.read_parquet(path, filters=filters)
    except (ArrowException, OSError, ValueError) as error:
        first = str(error).partition("\n")[0]
        raise Refused(f"is no Parquet file of a run: {first}", where=str(path)) from None


def _metrics(path: Path, scenario: Scenario) -> pd.DataFrame:
    frame = _frame(path)
    lacking = [name for name in ("replication", *metric_names(scenario)) if name not in frame]
    if lacking:
        raise Refused(f"lacks {', '.join(lacking)}; was it made by this version?", where=str(path))
    if frame.empty:
        raise Refused("holds no run", where=str(path))
    return frame


def origins(scenario: Scenario, text: str) -> list[Source]:
    """Read from a resolved scenario where its values came from; defaults are left out.

    Parameters
    ----------
    scenario : Scenario
    text : str
        As `zibo_sim.results.resolved_toml` writes it: origin behind unit and meaning.
    """
    found, group = list[Source](), ""
    for line in text.splitlines():
        if line.startswith("["):
            group = line.strip("[]") + "."
        key = group + line.partition(" = ")[0]
        about = known_keys().get(key, {})
        for lang in ("zh", "en"):
            head = f"  # {about.get('unit')}; {about.get(lang)}; "
            origin = line.rpartition(head)[2] if head in line else "default, "
            if not origin.startswith("default, "):
                found.append(Source(key, scenario.get(key), origin))
    return found
