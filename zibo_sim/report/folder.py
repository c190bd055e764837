"""Reports of run folders: what is read from one, and the file that is written into it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
from pyarrow import parquet, types

from zibo_sim.air.observed import MeasuredAir
from zibo_sim.errors import Refused
from zibo_sim.experiment import Replications
from zibo_sim.metrics import metric_names
from zibo_sim.report.winter import chosen_winter, typical
from zibo_sim.results import LIST_HASH, whole_file
from zibo_sim.scenario import Scenario, Source, known_keys, load
from zibo_sim.words import language

SCENARIO, METRICS_FILE, MANIFEST = "scenario.toml", "metrics.parquet", "manifest.json"
REPORT = "report.html"
#: What the columns that a report reads must hold, by file.
_TIME, _TEXT, _NUMBER = "times", "text", "numbers"
_READ: dict[str, dict[str, str]] = {
    "events": {
        "replication": _NUMBER, "time": _TIME, "in_force": _NUMBER, "domain": _TEXT,
        "entity": _TEXT, "event": _TEXT, "stage": _TEXT, "level": _TEXT, "value": _NUMBER,
        "clause": _TEXT,
    },
    "series": {
        "replication": _NUMBER, "time": _TIME, "pm25": _NUMBER, "pm25_no_measures": _NUMBER,
        "aqi": _NUMBER, "alert": _TEXT,
    },
}  # fmt: skip
_HOLDS: dict[str, Callable[[pa.DataType], bool]] = {
    _TIME: types.is_timestamp,
    _TEXT: lambda kind: types.is_string(kind) or types.is_large_string(kind)
    or types.is_dictionary(kind) or types.is_null(kind),
    _NUMBER: lambda kind: types.is_floating(kind) or types.is_integer(kind)
    or types.is_boolean(kind) or types.is_null(kind),
}  # fmt: skip


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
    about, scenario = _manifest(folder / MANIFEST), load((folder / SCENARIO).resolve(), lists=False)
    metrics = _metrics(folder / METRICS_FILE, scenario)
    chosen = [("replication", "==", typical(metrics))]
    frames = [_frame(folder / f"{name}.parquet", chosen, _READ[name]) for name in _READ]
    return Replications(scenario, about["seed"], metrics, *frames), about, origins(
        scenario, (folder / SCENARIO).read_text(encoding="utf-8")
    )  # fmt: skip


def _manifest(path: Path) -> dict[str, Any]:
    try:
        about: Any = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError):
        raise Refused("is no manifest of a run", where=str(path)) from None
    ours = isinstance(about, dict) and about.get("package") == "zibo_sim"
    versions = about.get("dependencies", {}) if ours else None
    if not isinstance(versions, dict) or not isinstance(about.get("seed"), int):
        raise Refused("is no manifest of a zibo_sim run", where=str(path))
    return dict(about)


def _frame(
    path: Path, filters: list[tuple[str, str, int]] | None, columns: Mapping[str, str]
) -> pd.DataFrame:
    """Read a Parquet file; an empty frame where there is none, a refusal without its columns."""
    if not path.exists():
        return pd.DataFrame()
    try:
        schema = parquet.read_schema(path)
        if faults := list(_column_faults(schema, columns)):
            raise Refused(*faults, where=str(path))
        return pd.read_parquet(path, filters=filters)
    except Refused:
        raise
    except (pa.ArrowException, OSError, ValueError) as error:
        first = str(error).partition("\n")[0]
        raise Refused(f"is no Parquet file of a run: {first}", where=str(path)) from None


def _column_faults(schema: pa.Schema, columns: Mapping[str, str]) -> Iterator[str]:
    has = dict(zip(schema.names, schema.types, strict=True))
    if lacking := [name for name in columns if name not in has]:
        yield f"lacks {', '.join(lacking)}; was it made by this version?"
    for name in (name for name in columns if name in has):
        if not _HOLDS[columns[name]](has[name]):
            yield f"column {name} holds {has[name]}; allowed: {columns[name]}"


def _metrics(path: Path, scenario: Scenario) -> pd.DataFrame:
    wanted = dict.fromkeys(("replication", *metric_names(scenario)), _NUMBER)
    frame = _frame(path, None, wanted)
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
            origin = origin.partition(LIST_HASH)[0]
            if not origin.startswith("default, "):
                found.append(Source(key, scenario.get(key), origin))
    return found
