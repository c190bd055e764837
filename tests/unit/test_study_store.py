"""The store: whole parts or none, one driver at a time, rows found again by their content."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from zibo_sim.errors import Refused
from zibo_sim.study.store import Store, durable_file, locked, write_table
from zibo_sim.study.work import Rows

METRICS = ("a", "b")


def rows(point: list[int], replication: list[int], errors: dict[int, str] | None = None) -> Rows:
    values = np.array([(p + 0.5, r * 10.0) for p, r in zip(point, replication, strict=True)])
    for i in errors or {}:
        values[i] = np.nan
    return Rows(np.array(point), np.array(replication), values, errors or {}, 0.1)


def filled(folder: Path) -> Store:
    store = Store(folder, ["x", "y"], 2, METRICS)
    store.add(rows([0, 1], [0, 1]))
    store.flush()
    return store


def test_rows_come_back_by_content_whatever_the_order_of_points(tmp_path: Path) -> None:
    filled(tmp_path)
    again = Store(tmp_path, ["y", "new", "x"], 3, METRICS)
    assert np.argwhere(again.done).tolist() == [[0, 1], [2, 0]]
    values, errors = again.gather(np.array([2, 0]), np.array([0, 1]), ("b", "a"))
    assert values.tolist() == [[0.0, 0.5], [10.0, 1.5]]
    assert errors == ["", ""]


def test_a_metric_that_a_part_lacks_is_unknown(tmp_path: Path) -> None:
    filled(tmp_path)
    values, _ = Store(tmp_path, ["x"], 1, (*METRICS, "c")).gather(
        np.array([0]), np.array([0]), ("c", "a")
    )
    assert np.isnan(values[0, 0])
    assert values[0, 1] == 0.5


def test_a_failed_run_is_not_done_and_a_later_row_takes_its_place(tmp_path: Path) -> None:
    store = Store(tmp_path, ["x"], 1, METRICS)
    store.add(rows([0], [0], {0: "ValueError: no"}))
    store.flush()
    again = Store(tmp_path, ["x"], 1, METRICS)
    assert (again.failed.sum(), again.done.sum()) == (1, 0)
    assert again.gather(np.array([0]), np.array([0]), ())[1] == ["ValueError: no"]
    again.add(rows([0], [0]))
    again.flush()
    assert Store(tmp_path, ["x"], 1, METRICS).done.all()


def test_many_small_additions_wait_for_one_part(tmp_path: Path) -> None:
    store = Store(tmp_path, [f"c{i}" for i in range(100)], 1, METRICS)
    for i in range(100):
        store.add(rows([i], [0]))
    store.flush()
    store.flush()
    assert store.done.all()
    assert len(store.files) < 20


def test_what_a_killed_driver_left_behind_is_cleared(tmp_path: Path) -> None:
    filled(tmp_path)
    left = [tmp_path / ".abc.tmp", tmp_path / "parts" / ".def.tmp"]
    for file in left:
        file.write_bytes(b"half")
    Store(tmp_path, ["x"], 1, METRICS)
    assert not any(file.exists() for file in left)


def test_a_damaged_part_is_named_kept_and_its_runs_done_anew(tmp_path: Path) -> None:
    (file,) = filled(tmp_path).files
    file.write_bytes(file.read_bytes()[:100])
    store = Store(tmp_path, ["x", "y"], 2, METRICS)
    assert store.unreadable == [file]
    assert not store.done.any()
    store.add(rows([0], [0]))
    store.flush()
    assert file.read_bytes()[:4] == b"PAR1"
    assert store.files[0].name == "000002.parquet"


@pytest.mark.parametrize("column", METRICS)
def test_a_number_that_rotted_in_a_part_is_found_and_its_run_done_anew(
    tmp_path: Path, column: str
) -> None:
    (file,) = filled(tmp_path).files
    chunk = pq.ParquetFile(file).metadata.row_group(0)
    places = {chunk.column(i).path_in_schema: chunk.column(i) for i in range(chunk.num_columns)}
    start = places[column].dictionary_page_offset or places[column].data_page_offset
    content = bytearray(file.read_bytes())
    content[start + places[column].total_compressed_size - 1] ^= 1
    file.write_bytes(content)
    store = Store(tmp_path, ["x", "y"], 2, METRICS)
    assert store.unreadable == [file]
    assert not store.done.any()


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(KeyboardInterrupt), durable_file(target) as temporary:
        temporary.write_text("half of the n")
        raise KeyboardInterrupt
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]
    assert target.read_text() == "old"
    with durable_file(target) as temporary:
        temporary.write_text("new")
    assert target.read_text() == "new"


def test_a_file_that_cannot_be_written_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="cannot be written"), durable_file(tmp_path / "no" / "a"):
        pass


def test_rows_not_yet_written_survive_a_flush_that_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path, ["x"], 1, METRICS)
    sync: Callable[[int], None] = os.fsync

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    store._waiting.append(rows([0], [0]))
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Refused, match="No space left"):
        store.flush()
    monkeypatch.setattr(os, "fsync", sync)
    assert not list(store.folder.iterdir())
    store.flush()
    assert store.done.all()


def test_one_driver_holds_a_folder_at_a_time_and_frees_it(tmp_path: Path) -> None:
    with locked(tmp_path):
        with pytest.raises(Refused, match="another sweep is writing"), locked(tmp_path):
            pass
        code = (
            "import sys; from pathlib import Path; from zibo_sim.study.store import locked\n"
            f"with locked(Path({str(tmp_path)!r})): pass"
        )
        other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert "another sweep is writing" in other.stderr
    with locked(tmp_path):
        pass


def test_equal_tables_are_equal_bytes_without_marks_of_one_library(tmp_path: Path) -> None:
    table = pa.table({"x": [1.0, None], "s": ["", "b"]})
    for name in ("one", "two"):
        write_table(table, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert not pq.read_schema(tmp_path / "one").metadata
