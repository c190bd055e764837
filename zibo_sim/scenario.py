"""Scenarios: a TOML file of differences becomes one frozen, validated set of inputs.

A scenario extends another (in the end the package's own defaults) and writes only what differs.
Every fault of a file is reported at once, with the nearest known key.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple, Self

import numpy as np
from pydantic import Field, ValidationError, ValidationInfo, field_validator, model_validator

from zibo_sim.air.inventory_file import load_inventory
from zibo_sim.air.parameters import Air, CleanHeating
from zibo_sim.clock import Clock, working_calendar
from zibo_sim.cloud.parameters import Cloud
from zibo_sim.errors import Refused, from_pydantic, unknown
from zibo_sim.fields import FrozenDict, Parameters, about, leaves, parameter
from zibo_sim.heating.customers import load_customers
from zibo_sim.heating.parameters import Heating
from zibo_sim.heating.scope import scope
from zibo_sim.law import Law, book
from zibo_sim.law.notes import SAID, gathered, note_faults, plain
from zibo_sim.scenario_files import DEFAULT, chain, find, folder, names
from zibo_sim.valuation import Valuation

__all__ = [
    "DEFAULT", "FILES", "HEADER", "Period", "Scenario", "Source", "Stated", "find", "flatten",
    "folder", "known_keys", "load", "names", "resolve", "settable_keys", "statutory",
]  # fmt: skip

#: What every scenario file says for itself.
HEADER = ("title", "question")
_OF_THE_LAW = ("law", "law_notes")
#: The inputs that name a file; in a scenario it is looked for beside that.
FILES = ("air.inventory", "heating.customers")
_LISTS_UNREAD = {"lists": False}
_LONGEST_DAYS = 366
_SOURCE_PERIOD = "淄政办字〔2018〕144号 引言：2018年10月1日—2019年3月31日"


class Period(Parameters):
    """First and last day of a run, both inside."""

    start: date = parameter(
        date(2018, 10, 1),
        unit="date",
        status="statutory",
        source=_SOURCE_PERIOD,
        zh="模拟开始日",
        en="first day of the run",
    )
    end: date = parameter(
        date(2019, 3, 31),
        unit="date",
        status="statutory",
        source=_SOURCE_PERIOD,
        zh="模拟结束日",
        en="last day of the run",
    )

    @field_validator("start", "end", mode="before")
    @classmethod
    def _written_out(cls, day: Any) -> Any:
        """Read a date that is written as text, ``2018-12-01``."""
        try:
            return date.fromisoformat(day) if isinstance(day, str) else day
        except ValueError:
            return day

    @model_validator(mode="after")
    def _in_calendar(self) -> Self:
        calendar = working_calendar()
        if not calendar.first <= self.start <= self.end <= calendar.last:
            raise ValueError(
                f"{self.start} to {self.end} is refused; start must not be after end, and both lie "
                f"in the working-day calendar ({calendar.first} to {calendar.last})"
            )
        if (self.end - self.start).days >= _LONGEST_DAYS:
            raise ValueError(f"{self.start} to {self.end} is longer than {_LONGEST_DAYS} days")
        return self


class Scenario(Parameters):
    """Everything one run is made from; frozen.

    Use `load` to get one and `replace` to vary it.

    Attributes
    ----------
    title, question : str
        What it is called, and what it asks.
    law_from : {"throughout", "in_force"}
        Whether the documents apply from the first day, or each from its day in force.
    period : Period
        ``start`` and ``end``, dates, both inside.
    law : dict
        Changes to statutory values, by law-book id.
    law_notes : dict
        Status and source of those changes that say them, by law-book id.
    air, cloud, heating, clean_heating, valuation : Parameters
        Inputs by group; ``zibo-sim show`` prints each with unit, status and source.

    Raises
    ------
    pydantic.ValidationError
        Where it is made directly; `load` and `replace` raise `Refused`.

    Examples
    --------
    >>> base = load("winter-2018-19")
    >>> base.period.start.isoformat(), base.clock().days
    ('2018-10-01', 182)
    >>> base.cloud.audit.servers
    1
    """

    title: str = Field(min_length=1, max_length=200, description="what the scenario is called")
    question: str = Field(min_length=1, max_length=1000, description="what it asks")
    law_from: Literal["throughout", "in_force"] = parameter(
        "throughout",
        unit="text",
        status="assumed",
        source="the winter begins on 1 October, the documents came into force in mid-November 2018",
        zh="各文件自期初适用（throughout）或自施行日起适用（in_force）",
        en="whether the documents apply from the first day, or each from its day in force",
    )
    period: Period = Period()
    law: dict[str, Any] = Field({}, description="changes to statutory values, by law-book id")
    law_notes: dict[str, dict[str, str]] = Field(
        {}, description="status and source of those changes that say them, by law-book id"
    )
    air: Air = Air()
    cloud: Cloud = Cloud()
    heating: Heating = Heating()
    clean_heating: CleanHeating = CleanHeating()
    valuation: Valuation = Valuation()

    @field_validator("law", mode="after")
    @classmethod
    def _law_fits(cls, changes: dict[str, Any]) -> dict[str, Any]:
        book().with_changes(changes)
        return FrozenDict(changes)

    @model_validator(mode="after")
    def _lists_can_be_read(self, info: ValidationInfo) -> Self:
        if info.context == _LISTS_UNREAD:
            return self
        for key, read in zip(FILES, (self._inventory, self._customers), strict=True):
            try:
                read()
            except Refused as refusal:
                raise refusal.at(key) from None
        return self

    def _inventory(self) -> None:
        if self.air.inventory:
            load_inventory(self.air.inventory)

    def _customers(self) -> None:
        if self.heating.customers:
            load_customers(self.heating.customers, scope(self.law_book()))

    def law_book(self) -> Law:
        """Return the law with this scenario's changes.

        Returns
        -------
        Law

        Examples
        --------
        >>> load().replace({"law.alert.yellow.days": 3}).law_book()("alert.yellow.days")
        3
        """
        return book().with_changes(self.law, self.law_notes)

    def clock(self) -> Clock:
        """Return the clock of the period.

        Returns
        -------
        Clock

        Examples
        --------
        >>> load().clock().hours
        4368
        """
        return Clock(self.period.start, self.period.end)

    def replace(self, changes: Mapping[str, Any]) -> Scenario:
        """Return the scenario with some inputs changed.

        Parameters
        ----------
        changes : mapping
            By dotted name: ``cloud.audit.servers``, ``law.alert.yellow.days``. A change of the law
            may be a table of its value, status and source.

        Returns
        -------
        Scenario
            A new one; this one stays as it is.

        Raises
        ------
        Refused
            With every unknown key, its nearest known one, and every value out of range.

        Examples
        --------
        >>> fewer = load().replace({"cloud.audit.servers": 2, "law.alert.yellow.days": 3})
        >>> fewer.cloud.audit.servers
        2
        >>> load().replace({"cloud.audit.server": 2})  # doctest: +ELLIPSIS
        Traceback (most recent call last):
            ...
        zibo_sim.errors.Refused: unknown key ...; did you mean 'cloud.audit.servers'? Allowed: ...
        """
        tree = self.model_dump()
        faults = [fault for key, value in changes.items() for fault in _put(tree, key, value)]
        return _validated(tree, faults, "")

    def get(self, key: str) -> Any:
        """Return the value of a dotted name.

        Parameters
        ----------
        key : str
            ``cloud.audit.servers``; of the law, ``law.<id>`` for a value and ``law.<id>.reading``
            for which reading is taken.

        Returns
        -------
        int, float, str, bool, date, tuple or None
            In the unit that ``zibo-sim show`` names.

        Raises
        ------
        Refused
            For an unknown key, with the nearest.

        Examples
        --------
        >>> base = load()
        >>> base.get("cloud.audit.servers"), base.get("law.alert.yellow.days")
        (1, 2)
        """
        if key.startswith("law."):
            return _law_value(self.law_book(), key.removeprefix("law."))
        if key not in known_keys():
            raise Refused(unknown("key", key, known_keys()))
        value: Any = self
        for part in key.split("."):
            value = getattr(value, part)
        return value

    def differs_from_law(self) -> list[dict[str, Any]]:
        """Return what the scenario changes of the law.

        Returns
        -------
        list of dict
            One a change: ``id``, ``law`` (the printed value), ``scenario`` (its own), ``clause``;
            ``status`` and ``source`` where the scenario says them. Inputs whose value a document
            states come first, by their dotted name. Empty under the law as printed.

        Examples
        --------
        >>> load().differs_from_law()
        []
        >>> (change,) = load().replace({"law.alert.yellow.days": 3}).differs_from_law()
        >>> change["law"], change["scenario"], change["clause"]
        (2, 3, '淄政办字〔2018〕145号 四(一)1')
        """
        printed = book()
        stated = [
            {"id": key, "law": rule.value, "scenario": self.get(key), "clause": rule.clause}
            for key, rule in statutory().items()
            if self.get(key) != rule.value
        ]
        return stated + [
            {
                "id": key,
                "law": _law_value(printed, key),
                "scenario": value,
                "clause": _law_entry(printed, key).clause,
                **self.law_notes.get(key, {}),
            }
            for key, value in self.law.items()
            if value != _law_value(printed, key)
        ]


def _law_entry(law: Law, key: str) -> Any:
    return law.entry(key if key in law.entries else key.removesuffix(".reading"))


def _law_value(law: Law, key: str) -> Any:
    entry = _law_entry(law, key)
    return entry.value if key in law.entries else entry.reading.option


@cache
def known_keys() -> dict[str, dict[str, str]]:
    """Return every dotted name a scenario may set outside ``[law]``, with what is said of it."""
    return {name: about(info) for name, info in leaves(Scenario) if name not in _OF_THE_LAW}


class Stated(NamedTuple):
    """The value of an input as a document states it, with its words."""

    value: Any
    clause: str
    quote: str


@cache
def statutory() -> dict[str, Stated]:
    """Return the inputs outside ``[law]`` whose value a document states, by dotted name.

    Those of the period are not among them: which days are looked at is no rule.
    """
    default, found = Scenario(title="-", question="-"), dict[str, Stated]()
    for key, said in known_keys().items():
        if said.get("status") == "statutory" and not key.startswith("period."):
            clause, _, quote = said["source"].partition(": ")
            found[key] = Stated(default.get(key), clause, quote)
    return found


@cache
def settable_keys() -> tuple[str, ...]:
    """Return every name `Scenario.replace` accepts, law-book ids as ``law.<id>``."""
    return (*known_keys(), *(f"law.{key}" for key in book().keys()))  # noqa: SIM118


@cache
def _groups() -> tuple[str, ...]:
    """Return the name of every table a scenario file may open."""
    parts = [key.split(".")[:-1] for key in settable_keys()]
    return tuple(dict.fromkeys(".".join(p[:n]) for p in parts for n in range(1, len(p) + 1)))


def _put(tree: dict[str, Any], key: str, value: Any) -> list[str]:
    """Set one dotted key in a nested dict; return the faults."""
    if key not in settable_keys():
        return [_no_key(key, value)]
    value = value.item() if isinstance(value, np.generic) else value
    if key.startswith("law."):
        return _put_law(tree, key.removeprefix("law."), value)
    *groups, last = key.split(".")
    for group in groups:
        tree = tree[group]
    tree[last] = _absolute(value, Path()) if key in FILES else value
    return []


def _absolute(value: Any, folder: Path) -> Any:
    """Return the name of a file as seen from `folder` so that it holds from anywhere."""
    return str((folder / value).absolute()) if isinstance(value, str) and value else value


def _put_law(tree: dict[str, Any], key: str, value: Any) -> list[str]:
    """Set one value of the law, plain or as a table that says its status and source."""
    notes = {k: note for k, note in tree["law_notes"].items() if k != key}
    if isinstance(value, Mapping):
        if found := note_faults(key, value):
            return found
        notes[key] = {part: value[part] for part in SAID}
        value = plain(value)
    tree["law"], tree["law_notes"] = {**tree["law"], key: value}, notes
    return []


def _no_key(key: str, value: Any) -> str:
    if key in _groups():
        return f"{key}: {value!r} is refused; [{key}] is a table of keys"
    return unknown("table", key, _groups()) if value == {} else unknown("key", key, settable_keys())


def _validated(
    tree: Mapping[str, Any], faults: list[str], where: str, lists: bool = True
) -> Scenario:
    try:
        context = None if lists else _LISTS_UNREAD
        scenario = Scenario.model_validate(_tuples(tree), context=context)
    except ValidationError as error:
        faults = [*faults, *from_pydantic(error, settable_keys()).faults]
    except Refused as refusal:
        faults = [*faults, *refusal.faults]
    if faults:
        raise Refused(*dict.fromkeys(faults), where=where)
    return scenario


def _tuples(value: Any) -> Any:
    """Turn TOML's arrays into the tuples that frozen inputs hold; ``[law]`` keeps lists."""
    if isinstance(value, Mapping):
        return {k: v if k == "law" else _tuples(v) for k, v in value.items()}
    return tuple(_tuples(v) for v in value) if isinstance(value, list) else value


@dataclass(frozen=True)
class Source:
    """Where a value of a resolved scenario was written."""

    key: str
    value: Any
    origin: str


def _flat(table: Mapping[str, Any], keys: Iterable[str], prefix: str = "") -> dict[str, Any]:
    """Flatten nested tables to dotted names, stopping where a name is known."""
    flat: dict[str, Any] = {}
    for key, value in table.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping) and value and name not in keys:
            flat |= _flat(value, keys, f"{name}.")
        else:
            flat[name] = value
    return flat


def flatten(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return a scenario file's content by dotted name, ``law.<id>`` for changes of the law."""
    flat = _flat(data, known_keys())
    return gathered({k: v for k, v in flat.items() if v != {} or k not in _groups()})


def load(
    name: str | Path = DEFAULT, changes: Mapping[str, Any] | None = None, *, lists: bool = True
) -> Scenario:
    """Load a scenario by name or path.

    Parameters
    ----------
    name : str or Path
        A name in ``scenarios/`` or a TOML file.
    changes : mapping, optional
        Dotted names set on top, as `Scenario.replace` takes them.
    lists : bool
        Whether the lists of customers and enterprises it names are read; to look at a scenario
        they are not needed, to run it they are.

    Returns
    -------
    Scenario

    Raises
    ------
    Refused
        With the file and all its faults: unknown keys, values out of range, loops of ``extends``.

    Examples
    --------
    >>> load().period.end.isoformat()
    '2019-03-31'
    >>> load(changes={"period.end": "2018-10-14"}).clock().days
    14
    """
    return resolve(name, changes, lists=lists)[0]


def resolve(
    name: str | Path = DEFAULT, changes: Mapping[str, Any] | None = None, *, lists: bool = True
) -> tuple[Scenario, list[Source]]:
    """Load a scenario and say of every value that is not a default which file set it."""
    path = find(str(name))
    tree = _defaults()
    origins: dict[str, Source] = {}
    given = dict(changes or {})
    early = lists and not given.keys() & set(FILES)  # a list given in place of it need not be there
    for file, data in chain(path):
        flat = flatten(data)
        flat |= {key: _absolute(flat[key], file.parent) for key in FILES if key in flat}
        faults = [f"{key}: missing; say it in the file" for key in HEADER if key not in flat]
        faults += [fault for key, value in flat.items() for fault in _put(tree, key, value)]
        _validated(tree, faults, str(file) if file != path.resolve() else str(name), early)
        origins |= {key: Source(key, plain(value), file.name) for key, value in flat.items()}
    faults = [fault for key, value in given.items() for fault in _put(tree, key, value)]
    origins |= {key: Source(key, plain(value), "--set") for key, value in given.items()}
    return _validated(tree, faults, "", lists), list(origins.values())


def _defaults() -> dict[str, Any]:
    return Scenario(title="-", question="-").model_dump()
