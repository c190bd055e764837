"""The customer list as the stock of a run: dwellings and premises as columns, nothing personal."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zibo_sim.errors import Refused
from zibo_sim.heating.bills import ANCILLARY, LEVELS, Space, space_faults
from zibo_sim.heating.bulk import MOST_EXCHANGERS
from zibo_sim.heating.customers_file import (
    CHINESE,
    CUSTOMERS,
    OF_A_SPACE,
    OF_THE_CUSTOMER,
    blocks,
    refuse_return,
)
from zibo_sim.heating.portfolio import PER_UNIT, Dwellings
from zibo_sim.heating.scope import district_name
from zibo_sim.tables.blocks import Block, FirstRows, rule_faults, same_on_all
from zibo_sim.tables.files import open_table
from zibo_sim.tables.said import BadRow
from zibo_sim.tables.schema import Layout

FAULTS_SHOWN = 20
_KEPT_FILES = 4
_LARGEST = 10**9
"""Of one customer, 0.01 m²: 10 km²."""
_NEAR = 1e-6
_GAOXIN = "高新区"
_DWELLING = {
    "main": "i", "upper": "i", "main_heated": "b", "upper_heated": "b", "attic": "i",
    "attic_certified": "b", "ancillary": "i", "exchangers": "b", "let": "i", "let_height": "h",
    "metered": "b", "gaoxin": "b",
}  # fmt: skip
_PART = {"customer": "i", "institution": "b", "own": "i", "let": "i", "height": "h", "metered": "b"}
_FLAGS = ("main_heated", "upper_heated", "attic_certified", "metered", "gaoxin", "institution")
_HEIGHT = float(Space.model_fields["height"].default)

Columns = dict[str, NDArray[Any]]
Values = dict[str, Any]


@dataclass(frozen=True)
class Customers:
    """A customer list without its ids: what bills and heat are made from, in the file's order.

    Attributes
    ----------
    dwellings : Dwellings
        One a residential customer.
    metered, gaoxin : ndarray of bool
        Charged by meter; in the High-tech Zone (高新区).
    premises : dict of ndarray
        Parts of the other customers, one a storey height: ``customer`` (counted from 0),
        ``institution``, ``own`` and ``let`` (0.01 m²), ``height`` (cm), ``metered``.
    """

    dwellings: Dwellings
    metered: NDArray[np.bool_]
    gaoxin: NDArray[np.bool_]
    premises: Columns


class _Filling:
    """Columns that grow a customer at a time, a few bytes each."""

    def __init__(self, kinds: dict[str, str]) -> None:
        self._columns = {name: array(kind) for name, kind in kinds.items()}

    def add(self, values: Values) -> None:
        for name, column in self._columns.items():
            column.append(values[name])

    def take(self) -> Columns:
        """Give the columns away as arrays closed to writing."""
        found = Columns()
        for name in list(self._columns):
            column = np.array(self._columns.pop(name))
            found[name] = column.astype(bool) if name in _FLAGS else column
            found[name].flags.writeable = False
        return found


def read_customers(source: Path, scope: Sequence[str]) -> Customers:
    """Read a customer list as the stock of a run; its readings of heat are not used.

    Parameters
    ----------
    source : Path
        ``.csv`` or ``.xlsx``, columns as in `CUSTOMERS`.
    scope : sequence of str
        Full names of the districts the notice covers.

    Raises
    ------
    Refused
        With up to 20 faults, by row: what `zibo-sim bill` refuses, districts out of scope, sizes
        finer than 0.01, and the few customers a stock cannot hold (see `_dwelling_faults`).
    """
    homes, parts, faults, shops = _Filling(_DWELLING), _Filling(_PART), list[str](), 0
    with open_table(source) as table, FirstRows() as seen:
        layout, where = CUSTOMERS.layout(table), table.where
        for block in blocks(table.rows, layout):
            try:
                refuse_return(block, seen, layout)
                shared, spaces = _customer(block, layout, scope)
            except BadRow as bad:
                faults.append(str(bad))
                continue
            if faults:
                continue
            if shared["use"] == "residential":
                homes.add(_dwelling(shared, spaces))
                continue
            for part in _parts(shared, spaces):
                parts.add({**part, "customer": shops})
            shops += 1
    if faults:
        more = len(faults) - FAULTS_SHOWN
        said = [f"and {more} faults more"] if more > 0 else []
        raise Refused(*faults[:FAULTS_SHOWN], *said, where=where)
    return _joined(homes.take(), parts.take(), str(source))


def _joined(homes: Columns, parts: Columns, where: str) -> Customers:
    metered, gaoxin = homes.pop("metered"), homes.pop("gaoxin")
    if not len(metered):
        raise Refused("has no residential customer; a run needs one at least", where=where)
    return Customers(Dwellings(**homes), metered, gaoxin, parts)


def _customer(block: Block, layout: Layout, scope: Sequence[str]) -> tuple[Values, list[Space]]:
    """Return what a customer's rows share, and its spaces.

    Raises
    ------
    BadRow
    """
    shared, faults = Values(), list(block.faults)
    for name in OF_THE_CUSTOMER:
        value, conflicts = same_on_all(block, name, layout)
        faults += conflicts
        if value is not None:
            shared[name] = value
    if faults:
        raise BadRow(*faults)
    spaces = [
        Space.model_construct(**{k: row[k] for k in OF_A_SPACE if k in row}) for row in block.values
    ]
    try:
        if found := [*_faults(shared, spaces, scope), *space_faults(shared["use"], spaces)]:
            raise Refused(*found)
        shared["district"] = district_name(shared["district"])
    except Refused as refusal:
        raise BadRow(*rule_faults(refusal, block.rows, layout, CHINESE)) from None
    return shared, spaces


def _faults(shared: Values, spaces: Sequence[Space], scope: Sequence[str]) -> Iterator[str]:
    if district_name(shared["district"]) not in scope:
        yield f"{shared['district']} is out of the notice's scope: {', '.join(scope)}"
    for i, space in enumerate(spaces):
        for name, size in (("area", space.area), ("height", space.height)):
            if abs(size * PER_UNIT - _hundredths(size)) > _NEAR * max(1.0, size) or size < 0.01:
                yield f"spaces.{i}.{name}: {size} is finer than 0.01; round it"
    if sum(space.area for space in spaces) * PER_UNIT > _LARGEST:
        yield f"the spaces are larger than {_LARGEST // PER_UNIT} m² together"
    if shared["use"] == "residential":
        yield from _dwelling_faults(shared, spaces)


def _dwelling_faults(shared: Values, spaces: Sequence[Space]) -> Iterator[str]:
    """Say what a dwelling of the stock cannot hold: it has one attic and one height of what is let.

    A duplex of which one level is let is no duplex with one level heated, and is left out as well.
    """
    let = [s for s in spaces if s.let and s.heated]
    levels = [s.let for s in spaces if s.kind in LEVELS]
    if sum(s.kind == "attic" and _own(s) for s in spaces) > 1:
        yield "more than one heated attic cannot be simulated"
    if len({s.height for s in let}) > 1:
        yield "let spaces of several storey heights cannot be simulated"
    if any(levels) and not all(levels):
        yield "a duplex of which one level is let cannot be simulated"
    if shared.get("exchangers", 0) > MOST_EXCHANGERS:
        yield f"{shared['exchangers']} exchangers; at most {MOST_EXCHANGERS} can be simulated"


def _own(space: Space) -> bool:
    return space.heated and not space.let


def _hundredths(size: float) -> int:
    return round(size * PER_UNIT)


def _dwelling(shared: Values, spaces: Sequence[Space]) -> Values:
    """Return one dwelling; a let space leaves its place for what is let (139号 一(一)3)."""
    level = {s.kind: s for s in spaces if s.kind in ("flat", *LEVELS)}
    main, upper = level.get("flat") or level["duplex_lower"], level.get("duplex_upper")
    attic = next((s for s in spaces if s.kind == "attic" and _own(s)), None)
    rooms = [s for s in spaces if s.kind in ANCILLARY and _own(s)]
    let = [s for s in spaces if s.let and s.heated]
    return {
        "main": _hundredths(main.area),
        "upper": _hundredths(upper.area) if upper else 0,
        "main_heated": _own(main),
        "upper_heated": upper is not None and _own(upper),
        "attic": _hundredths(attic.area) if attic else 0,
        "attic_certified": attic is None or attic.certificate,
        "ancillary": sum(_hundredths(s.area) for s in rooms),
        "exchangers": shared.get("exchangers", 0),
        "let": sum(_hundredths(s.area) for s in let),
        "let_height": _hundredths(let[0].height if let else _HEIGHT),
        "metered": shared["charging"] == "metered",
        "gaoxin": shared["district"] == _GAOXIN,
    }


def _parts(shared: Values, spaces: Sequence[Space]) -> Iterator[Values]:
    """Yield the parts of an institution or a shop, one a storey height; what is cold counts 0."""
    for height in sorted({s.height for s in spaces}):
        here = [s for s in spaces if s.heated and s.height == height]
        yield {
            "institution": shared["use"] == "institution",
            "own": sum(_hundredths(s.area) for s in here if not s.let),
            "let": sum(_hundredths(s.area) for s in here if s.let),
            "height": _hundredths(height),
            "metered": shared["charging"] == "metered",
        }


def load_customers(path: str, scope: tuple[str, ...]) -> Customers:
    """Read the list a scenario names; a file that has not changed is read once."""
    return _kept(path, scope, *stamp(path))


def stamp(path: str) -> tuple[int, int]:
    """Return when a file was changed and its size; of a file that is not there, zeros."""
    try:
        about = Path(path).stat()
    except (OSError, ValueError):
        return 0, 0  # reading it will say what is wrong
    return about.st_mtime_ns, about.st_size


@lru_cache(_KEPT_FILES)
def _kept(path: str, scope: tuple[str, ...], changed: int, size: int) -> Customers:
    del changed, size  # they are the key
    return read_customers(Path(path), scope)
