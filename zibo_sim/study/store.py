"""A store that survives: rows in Parquet parts, each written whole or not at all.

A row is named by its content, the hash of the resolved scenario, the code and the seed, and by its
replication. Parts are only ever added, so a store can be read by anything at any moment, and a
study that grows finds what it already has. One driver writes at a time.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from zibo_sim.errors import Refused
from zibo_sim.study.work import Rows

CONTENT, REPLICATION, ERROR = "content", "replication", "error"
LOCK = ".lock"
#: Rows kept back at most before a part is written, and for how long: longer as a study lasts,
#: so that there are some hundred parts and at most a hundredth of the work is lost.
_ROWS = 20_000
_SOONEST, _LATEST, _SHARE = 0.5, 30.0, 0.01
_OPEN = set[str]()

IntArray = NDArray[np.int64]


@contextmanager
def durable_file(path: Path) -> Iterator[Path]:
    """Give a temporary file beside `path`; once it is safe on the disk it takes its name.

    Raises
    ------
    Refused
        Where the file cannot be written; nothing is left behind.
    """
    temporary: Path | None = None
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
        os.close(handle)
        temporary = Path(name)
        yield temporary
        temporary.chmod(0o644)
        _sync(temporary)
        temporary.replace(path)
        _sync(path.parent)
    except OSError as error:
        raise Refused(f"cannot be written: {error.strerror or error}", where=str(path)) from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    if path.is_dir() and os.name == "nt":  # a folder cannot be opened there
        return
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a folder for this process; it is free again when the process ends, however it ends.

    Raises
    ------
    Refused
        Where another driver holds it, or nothing can be written there.
    """
    name = str(folder.resolve())
    try:
        handle = None if name in _OPEN else os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise Refused(f"cannot be written: {error.strerror}", where=str(folder)) from None
    try:
        if handle is None or not _lock(handle):
            raise Refused("another sweep is writing there; wait for it, or name another folder",
                          where=str(folder))  # fmt: skip
        _OPEN.add(name)
        try:
            yield
        finally:
            _OPEN.discard(name)
    finally:
        if handle is not None:  # closing any handle of the file would free it
            os.close(handle)


def _lock(handle: int) -> bool:
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            # Of the process, not of the open file: workers that outlive their driver hold nothing.
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


class Store:
    """The rows of one study in a folder that is held by this process.

    Parameters
    ----------
    folder : Path
        Where ``parts/`` lies or is made.
    contents : sequence of str
        The names of the study's different points.
    replications : int
    metrics : sequence of str
        What a row holds.

    Attributes
    ----------
    part, row : ndarray of shape (contents, replications)
        Where each run's row stands; part is −1 where there is none.
    failed : ndarray of bool, same shape
    unreadable : list of Path
        Parts that could not be read; their runs count as not done.
    """

    def __init__(
        self, folder: Path, contents: Sequence[str], replications: int, metrics: Sequence[str]
    ) -> None:
        self.folder = folder / "parts"
        try:
            self.folder.mkdir(exist_ok=True)
            for left in [*folder.glob(".*.tmp"), *self.folder.glob(".*.tmp")]:
                left.unlink(missing_ok=True)
        except OSError as error:
            raise Refused(f"cannot be written: {error.strerror}", where=str(folder)) from None
        self.contents, self.metrics = list(contents), tuple(metrics)
        shape = (len(self.contents), replications)
        self.part = np.full(shape, -1, dtype=np.int32)
        self.row = np.zeros(shape, dtype=np.int32)
        self.failed = np.zeros(shape, dtype=bool)
        self.files, self.unreadable = list[Path](), list[Path]()
        self._waiting, self._count = list[Rows](), 0
        self._opened = self._written = time.monotonic()
        self._find()

    def _find(self) -> None:
        index = pd.Index(self.contents)
        for file in sorted(self.folder.glob("*.parquet")):
            try:
                # The whole part, so that each page is held against its checksum.
                table = pq.read_table(file, page_checksum_verification=True)
                table = table.select([CONTENT, REPLICATION, ERROR])
            except (pa.ArrowException, OSError, KeyError, ValueError):
                self.unreadable.append(file)
                continue
            self.files.append(file)
            at = index.get_indexer(pd.Index(table[CONTENT].to_pylist(), dtype=object))
            replication = table[REPLICATION].to_numpy()
            failed = np.array([bool(text) for text in table[ERROR].to_pylist()], dtype=bool)
            self._place(at, replication, failed)

    def _place(self, at: IntArray, replication: IntArray, failed: NDArray[np.bool_]) -> None:
        ours = (at >= 0) & (replication < self.part.shape[1])
        where = at[ours], replication[ours]
        self.part[where] = len(self.files) - 1
        self.row[where] = np.flatnonzero(ours)
        self.failed[where] = failed[ours]

    @property
    def done(self) -> NDArray[np.bool_]:
        """Whether each run's row is there; a failed run is not done."""
        done: NDArray[np.bool_] = (self.part >= 0) & ~self.failed
        return done

    def add(self, rows: Rows) -> None:
        """Take rows in; ``point`` counts `contents`. Now and then they are written."""
        self._waiting.append(rows)
        self._count += len(rows)
        now = time.monotonic()
        pause = min(max(_SHARE * (now - self._opened), _SOONEST), _LATEST)
        if self._count >= _ROWS or now - self._written >= pause:
            self.flush()

    def flush(self) -> None:
        """Write the rows taken in as one part."""
        if not self._waiting:
            return
        waiting = list(self._waiting)
        point = np.concatenate([rows.point for rows in waiting])
        replication = np.concatenate([rows.replication for rows in waiting])
        errors = [rows.errors.get(i, "") for rows in waiting for i in range(len(rows))]
        values = np.vstack([rows.values for rows in waiting])  # noqa: PD011
        table = self._table(point, replication, values, errors)
        file = self._next_file()
        with durable_file(file) as temporary:
            write_table(table, temporary)
        self.files.append(file)
        self._place(point, replication, np.array([bool(text) for text in errors], dtype=bool))
        del self._waiting[: len(waiting)]
        self._count, self._written = 0, time.monotonic()

    def _table(
        self, point: IntArray, replication: IntArray, values: NDArray[Any], errors: list[str]
    ) -> pa.Table:
        columns = {CONTENT: pa.array([self.contents[i] for i in point], pa.string())}
        columns[REPLICATION] = pa.array(replication, pa.int64())
        for i, name in enumerate(self.metrics):
            columns[name] = pa.array(values[:, i], pa.float64(), from_pandas=True)
        return pa.table(columns | {ERROR: pa.array(errors, pa.string())})

    def _next_file(self) -> Path:
        taken = [*self.files, *self.unreadable]
        numbers = [int(file.stem) for file in taken if file.stem.isdecimal()]
        return self.folder / f"{max(numbers, default=0) + 1:06d}.parquet"

    def gather(
        self, at: IntArray, replication: IntArray, names: Sequence[str]
    ) -> tuple[NDArray[np.float64], list[str]]:
        """Return metrics and errors of some runs, read from their parts.

        Returns
        -------
        values : ndarray of shape (n, names)
        errors : list of str
        """
        values, errors = np.full((len(at), len(names)), np.nan), [""] * len(at)
        part, row = self.part[at, replication], self.row[at, replication]
        for number in np.unique(part):
            here = np.flatnonzero(part == number)
            there = [name for name in names if name in self._names(int(number))]
            table = pq.read_table(self.files[number], columns=[*there, ERROR]).take(row[here])
            for name in there:
                values[here, list(names).index(name)] = table[name].to_numpy()
            for i, text in zip(here, table[ERROR].to_pylist(), strict=True):
                errors[i] = text
        return values, errors

    def _names(self, number: int) -> set[str]:
        return set(pq.read_schema(self.files[number]).names)


def write_table(table: pa.Table, path: Path) -> None:
    """Write plain Parquet: equal tables give equal bytes."""
    with plain_writer(path, table.schema) as writer:
        writer.write_table(table)


@contextmanager
def plain_writer(path: Path, schema: pa.Schema) -> Iterator[pq.ParquetWriter]:
    """Open a Parquet file with fixed settings and no metadata of any one library."""
    with pq.ParquetWriter(
        path, schema, compression="zstd", version="2.6", store_schema=False,
        use_dictionary=True, write_statistics=True, write_page_checksum=True,
    ) as writer:  # fmt: skip
        yield writer


def forget(path: Path) -> None:
    """Remove a file that no longer belongs to what lies beside it."""
    with suppress(FileNotFoundError):
        path.unlink()
