"""What the desk commands share: rows written as they come, counted by status."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from zibo_sim.desk.output import writer
from zibo_sim.tables.files import Cell

OK, ERROR = "ok", "error"


class Record(NamedTuple):
    """One row of an output: the command's own columns, and the cells carried through."""

    values: Mapping[str, Any]
    carried: Sequence[Cell] = ()


def deliver(
    records: Iterable[Record],
    columns: Sequence[str],
    carried: Sequence[str],
    out: Path | None,
    source: Path,
    seen: Callable[[Mapping[str, Any]], None] = lambda values: None,
) -> Counter[str]:
    """Write records as they come and count them by their status.

    Parameters
    ----------
    records : iterable of Record
    columns : sequence of str
        The command's own columns, in order.
    carried : sequence of str
        Headers of the cells carried through; one that is taken gets ``(input)`` after it.
    out, source : Path
        As in `zibo_sim.desk.output.writer`.
    seen : callable, optional
        Called with the values of every record.
    """
    counted: Counter[str] = Counter()
    with writer(out, source) as to:
        to.write([*columns, *_free_names(columns, carried)])
        for values, extra in records:
            to.write([*(values.get(name, "") for name in columns), *extra])
            counted[str(values.get("status", OK))] += 1
            seen(values)
    return counted


def _free_names(columns: Sequence[str], carried: Sequence[str]) -> list[str]:
    taken, names = set(columns), []
    for name in carried:
        while name in taken:
            name += " (input)"
        taken.add(name)
        names.append(name)
    return names
