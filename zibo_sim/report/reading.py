"""What reports read from folders: runs, comparisons and sweeps, each known by its files."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import parquet, types

from zibo_sim.comparison import Comparison
from zibo_sim.errors import Refused
from zibo_sim.experiment import Replications
from zibo_sim.metrics import metric_names
from zibo_sim.precision import Aim, Precision
from zibo_sim.provenance import DEFAULT_SAID, LIST_HASH, remark_head
from zibo_sim.report.winter import BEHIND, typical
from zibo_sim.scenario import Scenario, Source, known_keys, load

SCENARIO, METRICS_FILE, MANIFEST = "scenario.toml", "metrics.parquet", "manifest.json"
STUDY, RESULTS = "study.toml", "results.parquet"
DIFFERENCES, RUNS = "comparison.parquet", "replications.parquet"
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
_MADE_BY = "`zibo-sim run --out`, `compare --out` or `sweep --out`"


@dataclass(frozen=True)
class ComparisonFolder:
    """What the folder of a comparison holds.

    Attributes
    ----------
    comparison : Comparison
    about : mapping
        The manifest.
    sources : list of Source
        Where the base's values came from.
    frames : mapping of str to DataFrame
        ``best`` and ``audit``, where they were asked for.
    """

    comparison: Comparison
    about: Mapping[str, Any]
    sources: list[Source]
    frames: Mapping[str, pd.DataFrame] = field(default_factory=dict)


def kind_of(folder: Path) -> str:
    """Return ``run``, ``comparison`` or ``study``, by the files of a folder.

    Raises
    ------
    Refused
        For what is none of them, naming what it lacks.
    """
    if not folder.is_dir():
        said = "is a file" if folder.exists() else "does not exist"
        raise Refused(f"{said}; report takes a folder made by {_MADE_BY}", where=str(folder))
    if (folder / STUDY).is_file():
        return "study"
    kind = "comparison" if (folder / DIFFERENCES).is_file() else "run"
    needed = {"run": (METRICS_FILE,), "comparison": (RUNS,)}[kind]
    missing = [n for n in (SCENARIO, *needed, MANIFEST) if not (folder / n).is_file()]
    if missing:
        said = f"no {' and no '.join(missing)} in it; report takes a folder made by"
        raise Refused(f"{said} {_MADE_BY}", where=str(folder))
    return kind


def read_folder(folder: Path) -> tuple[Replications, dict[str, Any], list[Source]]:
    """Read a run folder: its runs, manifest, origins.

    Of the hours those of the typical winter are read, and of the first `BEHIND` to stand behind
    it; of the events those of the typical winter.
    """
    kind_of(folder)
    about, scenario = _manifest(folder / MANIFEST), _scenario(folder / SCENARIO)
    metrics = _metrics(folder / METRICS_FILE, scenario)
    chosen = [("replication", "==", typical(metrics))]
    last = int(metrics["replication"].iloc[:BEHIND].max())
    wanted = {"events": [chosen], "series": [chosen, [("replication", "<=", last)]]}
    frames = [_frame(folder / f"{n}.parquet", wanted[n], _READ[n]) for n in _READ]
    return Replications(scenario, about["seed"], metrics, *frames), about, origins(
        scenario, (folder / SCENARIO).read_text(encoding="utf-8")
    )  # fmt: skip


def _scenario(path: Path) -> Scenario:
    return load(path.resolve(), lists=False)


# ---- comparisons -------------------------------------------------------------------------


def read_comparison(folder: Path) -> ComparisonFolder:
    """Read the folder of a comparison: its runs, put together again, and what else it holds.

    Raises
    ------
    Refused
        Where a file is missing or damaged, or the differences are not those of the runs.
    """
    about = _manifest(folder / MANIFEST)
    base = _scenario(folder / SCENARIO)
    arms = {str(said["name"]): _variant(folder, said) for said in _variants(folder, about)}
    every = [base, *arms.values()]
    wanted = {name for scenario in every for name in metric_names(scenario)}
    frame = _frame(folder / RUNS, None, {"arm": _TEXT} | dict.fromkeys(
        ("replication", "seed", *sorted(wanted)), _NUMBER))  # fmt: skip
    pairs, left = divmod(len(frame), len(every))
    if left or not pairs or frame["arm"].tolist()[::pairs] != ["base", *arms]:
        raise Refused("holds other runs than the manifest names", where=str(folder / RUNS))
    parts = [
        _arm(scenario, about["seed"], frame.iloc[i * pairs : (i + 1) * pairs])
        for i, scenario in enumerate(every)
    ]
    called = _called(list(arms))
    made = Comparison(parts[0], dict(zip(called.values(), parts[1:], strict=True)))
    comparison = _as_told(made, folder / DIFFERENCES)
    told = _told(folder / "precision.parquet", pairs, called)
    comparison = Comparison(made.base, made.variants, comparison.simultaneous, told)
    extra = {name: _frame(folder / f"{name}.parquet", None, columns)
             for name, columns in _EXTRAS.items()}  # fmt: skip
    kept = {name: frame.replace(called) for name, frame in extra.items() if not frame.empty}
    sources = origins(base, (folder / SCENARIO).read_text(encoding="utf-8"))
    return ComparisonFolder(comparison, about, sources, kept)


_EXTRAS = {
    "best": {"arm": _TEXT, "runs": _NUMBER, "mean": _NUMBER, "low": _NUMBER, "high": _NUMBER,
             "verdict": _TEXT},
    "audit": {"variant_name": _TEXT, "stream": _TEXT, "differing": _NUMBER, "verdict": _TEXT},
}  # fmt: skip
_AIMS = {"variant": _TEXT, "metric": _TEXT, "half_width": _NUMBER, "wanted": _NUMBER,
         "counts": _NUMBER, "why_not": _TEXT}  # fmt: skip


def _called(names: list[str]) -> dict[str, str]:
    """Return what variants are called: those named by their file, by its stem."""
    short = [PurePath(name).stem if name.endswith(".toml") else name for name in names]
    alone = [s if short.count(s) == 1 else name for s, name in zip(short, names, strict=True)]
    return dict(zip(names, alone, strict=True))


def _variants(folder: Path, about: Mapping[str, Any]) -> list[dict[str, Any]]:
    said = about.get("variants")
    known = isinstance(said, list) and said and all(
        isinstance(v, dict) and {"name", "file"} <= set(v) for v in said)  # fmt: skip
    if not known:
        raise Refused("is no manifest of a comparison", where=str(folder / MANIFEST))
    return list(said or [])


def _variant(folder: Path, said: Mapping[str, Any]) -> Scenario:
    path = folder / Path(str(said["file"])).name
    if not path.is_file():
        raise Refused(f"no {path.name} in it, which the manifest names", where=str(folder))
    return _scenario(path)


def _arm(scenario: Scenario, seed: int, rows: pd.DataFrame) -> Replications:
    kept = rows[["replication", "seed", *metric_names(scenario)]].reset_index(drop=True)
    return Replications(scenario, seed, kept)


def _as_told(made: Comparison, path: Path) -> Comparison:
    """Return the comparison whose intervals are those of the file: each by itself, or together."""
    told = _frame(path, None, {"metric": _TEXT, "low": _NUMBER, "high": _NUMBER})
    for simultaneous in (False, True):
        same = Comparison(made.base, made.variants, simultaneous)
        ours, theirs = (f[["low", "high"]].to_numpy(dtype=float) for f in (same.tidy(), told))
        if ours.shape == theirs.shape and np.allclose(ours, theirs, equal_nan=True):
            return same
    raise Refused(f"holds other differences than {RUNS} gives", where=str(path))


def _told(path: Path, pairs: int, called: Mapping[str, str]) -> Precision | None:
    frame = _frame(path, None, _AIMS).replace(dict(called))
    if frame.empty:
        return None
    rows = frame[list(_AIMS)].itertuples(index=False, name=None)
    aims = tuple(
        Aim(v, m, float(half), float(width), bool(c), w) for v, m, half, width, c, w in rows
    )
    reached = all(aim.reached for aim in aims if aim.counts)
    return Precision(float("nan"), reached, pairs, pairs, (pairs,), aims)


# ---- files -------------------------------------------------------------------------------


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
    path: Path, filters: list[list[tuple[str, str, int]]] | None, columns: Mapping[str, str]
) -> pd.DataFrame:
    """Read a Parquet file; an empty frame where there is none, a refusal without its columns."""
    if not path.exists():
        return pd.DataFrame()
    try:
        schema = parquet.read_schema(path)
        if faults := list(_column_faults(schema, columns)):
            raise Refused(*faults, where=str(path))
        return pd.read_parquet(path, columns=_columns(columns), filters=filters)
    except Refused:
        raise
    except (pa.ArrowException, OSError, ValueError) as error:
        first = str(error).partition("\n")[0]
        raise Refused(f"is no Parquet file of a run: {first}", where=str(path)) from None


def _columns(columns: Mapping[str, str]) -> list[str] | None:
    """Return the columns to read: of hours and events those a page shows, else all."""
    return list(columns) if "time" in columns else None


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
        As `zibo_sim.provenance.resolved_toml` writes it: origin behind unit and meaning.
    """
    found, group = list[Source](), ""
    for line in text.splitlines():
        if line.startswith("["):
            group = line.strip("[]") + "."
        key = group + line.partition(" = ")[0]
        about = known_keys().get(key, {})
        for lang in ("zh", "en"):
            head = remark_head(about, lang)
            origin = line.rpartition(head)[2] if head in line else DEFAULT_SAID[lang]
            origin = origin.partition(LIST_HASH)[0]
            if not origin.startswith(tuple(DEFAULT_SAID.values())):
                found.append(Source(key, scenario.get(key), origin))
    return found
