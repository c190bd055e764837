"""The folder of a study: its store, what describes it, and the results put together at the end."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from zibo_sim.errors import Refused
from zibo_sim.provenance import resolved_toml
from zibo_sim.scenario import FILES
from zibo_sim.study import describe
from zibo_sim.study.checks import available
from zibo_sim.study.content import code_version, inputs, key_of, keys_of
from zibo_sim.study.design import design_points
from zibo_sim.study.spec import Study
from zibo_sim.study.store import LOCK, Store, durable_file, forget, plain_writer
from zibo_sim.study.work import Group

RESULTS, MANIFEST = "results.parquet", "manifest.json"
_DESCRIBED = ("study.toml", "base.toml", "columns.json", "README.txt")
_OURS = {RESULTS, MANIFEST, *_DESCRIBED, "parts", LOCK}
_BLOCK = 65_536


def check_folder(path: Path, resume: bool) -> None:
    """Refuse a folder that cannot be the study's.

    Raises
    ------
    Refused
        For a file, a folder of something else, and, without `resume`, a study that has begun.
    """
    if path.exists() and not path.is_dir():
        raise Refused(f"{path} is a file; --out names a folder")
    there = (
        {p.name for p in path.iterdir() if not p.name.endswith(".tmp")} if path.exists() else set()
    )
    begun = bool(there - {LOCK})
    if begun and not resume:
        raise Refused(
            f"{path} is not empty; go on with what is there by --resume, or name another folder"
        )
    said = read_manifest(path) if begun else {}
    # Without a manifest that can be read, a folder is a study's if it holds nothing else.
    if said.get("kind") != describe.KIND if said else there - _OURS:
        raise Refused(f"{path} holds something else than a study; name another folder")


def make_folder(path: Path) -> None:
    """Make the folder where it is missing."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refused(f"cannot be written: {error.strerror}", where=str(path)) from None


class Plan(NamedTuple):
    """The points of a study, as plain values, and the name of the runs of each."""

    points: list[dict[str, Any]]
    names: list[str]


def plan_of(study: Study) -> Plan:
    """Work out the points; those whose values do not go together are refused."""
    rows = design_points(study).to_dict("records")
    points = [{str(key): value for key, value in row.items()} for row in rows]
    try:
        return Plan(points, keys_of(study, points))
    except Refused as refusal:
        raise refusal.at(study.file) from None


def read_manifest(path: Path) -> dict[str, Any]:
    """Return what a folder's manifest says, nothing where it has none that can be read."""
    try:
        said = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


class StudyFolder:
    """A study and its rows, in a folder that this process holds.

    Parameters
    ----------
    study : Study
    plan : Plan
        Of the study.
    path : Path

    Attributes
    ----------
    store : Store
    changed : list of str
        What differs from the study the folder held before: names of its parts, ``code``.
    """

    def __init__(self, study: Study, plan: Plan, path: Path) -> None:
        self.study, self.path = study, path
        self.points, names = plan
        contents = list(dict.fromkeys(names))
        where = {name: i for i, name in enumerate(contents)}
        #: Which content each point has: points alike are run once.
        self.at = np.array([where[name] for name in names])
        self.first = {int(i): p for p, i in reversed(list(enumerate(self.at)))}
        self.metrics = tuple(available(study.base, study.factors))
        self.store = Store(path, contents, study.replications, self.metrics)
        before = read_manifest(path)
        self.changed = self._differences(before)
        if self.changed or not before:
            self._describe()

    def _about(self) -> dict[str, Any]:
        study = self.study
        base = key_of(inputs(study.base), study.seed)
        return {**describe.versions(), "study": describe.plan(study), "base": base,
                "code": code_version()}  # fmt: skip

    def _differences(self, before: dict[str, Any]) -> list[str]:
        if not before:
            return []
        now, then = self._about(), before.get("study", {})
        found = [
            p
            for p, said in now["study"].items()
            if p != "rows" and _json(then.get(p)) != _json(said)
        ]
        if now["code"] != before.get("code"):
            return [*found, "code"]
        same_seed = "seed" not in found and "base" not in found
        return [*found, "base"] if same_seed and now["base"] != before.get("base") else found

    def _describe(self) -> None:
        """Say what the folder is now for; results of what it was for go."""
        forget(self.path / RESULTS)
        study = self.study
        texts = {
            "study.toml": f"# base: {study.base_name}\n{study.to_toml('base.toml')}",
            "base.toml": resolved_toml(study.base),
            "columns.json": _json(describe.columns(study)),
            "README.txt": describe.README,
            MANIFEST: _json({**self._about(), "complete": False}),
        }
        for name, text in texts.items():
            with durable_file(self.path / name) as temporary:
                temporary.write_text(text, encoding="utf-8")

    @property
    def runs(self) -> int:
        """How many different runs the study has."""
        return int(self.store.part.size)

    @property
    def missing(self) -> int:
        """How many of them are still to do."""
        return self.runs - int(self.store.done.sum())

    def groups(self) -> Iterator[Group]:
        """Yield what is still to do, point by point."""
        done = self.store.done
        for i in np.flatnonzero(~done.all(axis=1)):
            replications = np.flatnonzero(~done[i]).tolist()
            yield Group(int(i), self.points[self.first[int(i)]], tuple(replications))

    def failures(self) -> tuple[int, str]:
        """Return how many rows failed and the error of the first."""
        failed = np.argwhere(self.store.failed[self.at])
        if not len(failed):
            return 0, ""
        point, replication = failed[0]
        at, number = np.array([self.at[point]]), np.array([replication])
        return len(failed), self.store.gather(at, number, ())[1][0]

    def finish(self) -> Path:
        """Put the results together, a block of rows at a time, and say that they are complete."""
        path = self.path / RESULTS
        with durable_file(path) as temporary, plain_writer(temporary, self._schema()) as writer:
            for table in self.tables():
                writer.write_table(table)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        about = {**self._about(), "complete": True, "failed": self.failures()[0], RESULTS: digest}
        with durable_file(self.path / MANIFEST) as temporary:
            temporary.write_text(_json(about), encoding="utf-8")
        return path

    def _schema(self) -> pa.Schema:
        return pa.schema(
            [
                ("point", pa.int64()),
                ("replication", pa.int64()),
                *((factor.key, self._type(factor.key)) for factor in self.study.factors),
                *((name, pa.float64()) for name in self.study.outputs),
                ("error", pa.string()),
            ]
        )

    def _type(self, key: str) -> pa.DataType:
        kinds = {type(point[key]) for point in self.points}
        known = {
            frozenset({bool}): pa.bool_(), frozenset({int}): pa.int64(),
            frozenset({float}): pa.float64(), frozenset({int, float}): pa.float64(),
        }  # fmt: skip
        return known.get(frozenset(kinds), pa.string())

    def tables(self) -> Iterator[pa.Table]:
        """Yield the results in blocks of rows."""
        schema, each = self._schema(), self.study.replications
        kinds = {factor.key: schema.field(factor.key).type for factor in self.study.factors}
        total = len(self.points) * each
        for start in range(0, total, _BLOCK):
            row = np.arange(start, min(start + _BLOCK, total))
            point, replication = row // each, row % each
            values, errors = self.store.gather(self.at[point], replication, self.study.outputs)
            columns = [pa.array(point, pa.int64()), pa.array(replication, pa.int64())]
            columns += [self._column(key, kind, point) for key, kind in kinds.items()]
            columns += [pa.array(column, pa.float64(), from_pandas=True) for column in values.T]
            yield pa.Table.from_arrays([*columns, pa.array(errors, pa.string())], schema=schema)

    def _column(self, key: str, kind: pa.DataType, point: NDArray[np.int64]) -> pa.Array:
        values = [self.points[i][key] for i in point]
        return pa.array([_cell(key, v) for v in values] if kind == pa.string() else values, kind)

    def frame(self) -> pd.DataFrame:
        """Return the results as a frame."""
        return pd.read_parquet(self.path / RESULTS)


def _cell(key: str, value: Any) -> str:
    """Return a level that is no number as text: of a file its name, of a list its JSON."""
    if isinstance(value, str):
        return Path(value).name if key in FILES else value
    return json.dumps(value, ensure_ascii=False) if isinstance(value, Sequence) else str(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n"
