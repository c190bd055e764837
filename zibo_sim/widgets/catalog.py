"""What can be turned: every input and every value of the law as a control, read from the schema."""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from zibo_sim.errors import Refused
from zibo_sim.fields import about, leaves
from zibo_sim.law import Entry, book
from zibo_sim.law.book import READING_SUFFIX
from zibo_sim.law.kinds import WHOLE_UNITS
from zibo_sim.scenario import HEADER, Scenario
from zibo_sim.words import word, words

LAW = "law."
#: The groups of controls, in the order they are shown; ``common`` and ``changed`` are views.
GROUPS = ("common", "air", "cloud", "heating", "law", "general", "changed")
#: What planners reach for first.
COMMON = (
    "law.alert.yellow.days", "law.alert.yellow.days.reading", "law.alert.aqi.start",
    "law.alert.lead.hours", "air.response.compliance", "air.emissions.scale",
    "air.forecast.horizon_h", "air.forecast.bias", "clean_heating.completed_share",
    "cloud.arrivals.new_per_day", "cloud.assessment.servers", "cloud.acceptance.servers",
    "cloud.audit.servers", "cloud.provisioning.servers", "law.cloud.opinion.days",
    "law.heating.price.residential", "law.heating.metered.residential.rate",
    "heating.metered_share", "heating.dwellings", "period.start", "period.end",
)  # fmt: skip
_HIDDEN = (*HEADER, "law", "law_notes")
_PLACES = {"clean_heating": "air", "valuation": "general", "period": "general"}
_NO_UNIT = ("1", "text", "date", "true/false", "duty", "actor", "MM-DD", "path")
_STEPS = 200
_STRETCH = 20.0

Kind = Literal["number", "whole", "yes", "choice", "day", "text", "list"]


@dataclass(frozen=True)
class Choice:
    """One of the values a control offers, and what it means."""

    value: Any
    zh: str
    en: str


@dataclass(frozen=True)
class Control:
    """One input or value of the law as it can be turned.

    Attributes
    ----------
    key : str
        Dotted name, ``law.<id>`` for the law.
    group : str
    kind : str
    zh, en : str
        What it is.
    unit, status, clause : str
        The clause of a value of the law, the source of any other.
    low, high : float
        Infinite where there is no bound.
    open_low, open_high : bool
        Whether the bound itself is refused.
    """

    key: str
    group: str
    kind: Kind
    zh: str
    en: str
    unit: str
    status: str
    clause: str
    default: Any
    low: float = -math.inf
    high: float = math.inf
    open_low: bool = False
    open_high: bool = False
    choices: tuple[Choice, ...] = ()
    quote: str = ""

    @property
    def numeric(self) -> bool:
        """Whether a slider makes sense."""
        return self.kind in ("number", "whole")

    def name(self, lang: str) -> str:
        """Return what it is called."""
        return self.zh if lang == "zh" else self.en

    def unit_in(self, lang: str) -> str:
        """Return its unit as it is shown, empty where it is none."""
        if self.unit in _NO_UNIT:
            return ""
        said = words().get(f"unit.{self.unit}")
        return said[lang != "zh"] if said else self.unit

    def matches(self, query: str) -> bool:
        """Say whether every word of a query stands in its key, names, unit, clause or quote."""
        said = " ".join((self.key, self.zh, self.en, self.clause, self.unit, self.quote)).lower()
        return all(part in said for part in query.lower().split())

    def span(self, *values: float) -> tuple[float, float, float]:
        """Return lowest, highest and step of a slider that holds the default and some values."""
        default = float(self.default)
        reach = abs(default) or (10.0 if self.kind == "whole" else 1.0)
        least = 10.0 if self.kind == "whole" else 0.0
        top = self.high if self.high <= _STRETCH * reach else max(_nice(5 * reach), least)
        bottom = self.low if self.low >= -_STRETCH * reach else -_nice(4 * reach)
        if default < 0 and not math.isfinite(self.high):
            top = 0.0
        low, high = min(bottom, default, *values), max(min(top, self.high), default, *values)
        step = 1.0 if self.kind == "whole" else _nice((high - low) / _STEPS) or 1.0
        low += step if self.open_low and low == self.low else 0.0
        high -= step if self.open_high and high == self.high else 0.0
        if self.kind == "whole":
            low, high = math.ceil(low), math.floor(high)
        return low, high, step

    def read(self, said: Any) -> Any:
        """Return a typed text or a widget's value as the scenario takes it.

        Raises
        ------
        Refused
            Naming the control, the value and what is allowed.
        """
        if self.kind == "whole":
            return self._whole(said)
        if self.kind == "number":
            return self._number(said)
        if self.kind == "list" and isinstance(said, str):
            return self._list(said)
        if self.kind == "day" and not isinstance(said, date):
            raise Refused(f"{self.key}: {said!r} is refused; allowed is a day as YYYY-MM-DD")
        return said

    def _number(self, said: Any) -> Any:
        try:
            value = float(said)
        except (TypeError, ValueError):
            value = math.nan
        if not math.isfinite(value):
            raise Refused(f"{self.key}: {said!r} is refused; allowed is a number")
        whole_law = self.key.startswith(LAW) and isinstance(self.default, int)
        return int(value) if whole_law and value.is_integer() else value

    def _whole(self, said: Any) -> int:
        value = self._number(said)
        if value != int(value):
            raise Refused(f"{self.key}: {said!r} is refused; allowed is a whole number")
        return int(value)

    def _list(self, said: str) -> Any:
        for text in (said, f"[{said}]"):
            try:
                found = tomllib.loads(f"value = {text}")["value"]
            except tomllib.TOMLDecodeError:
                continue
            if isinstance(found, list):
                return found if self.key.startswith(LAW) else _tuples(found)
        raise Refused(f"{self.key}: {said!r} is refused; allowed is a list like {self.shown()}")

    def shown(self, value: Any = None) -> str:
        """Return a value (the default where none is given) as the control's text."""
        value = self.default if value is None else value
        if self.kind == "list":
            return json.dumps(_lists(value), ensure_ascii=False)[1:-1]
        return f"{value:.12g}" if isinstance(value, float) else str(value)

    def range(self, lang: str) -> str:
        """Say which numbers it takes; empty where it takes no number or any."""
        low, high = (f"{v:.6g}" for v in (self.low, self.high))
        if math.isfinite(self.low) and math.isfinite(self.high):
            return word("dash.range", lang, low=low, high=high)
        if math.isfinite(self.low):
            return word("dash.from", lang, low=low)
        return word("dash.upto", lang, high=high) if math.isfinite(self.high) else ""


def _lists(value: Any) -> Any:
    return [_lists(v) for v in value] if isinstance(value, list | tuple) else value


def _tuples(value: Any) -> Any:
    return tuple(_tuples(v) for v in value) if isinstance(value, list) else value


def _nice(value: float) -> float:
    """Return 1, 2 or 5 times a power of ten, at or just below `value`."""
    if value <= 0:
        return 0.0
    power = 10.0 ** math.floor(math.log10(value))
    return float(f"{next(m for m in (5, 2, 1) if m * power <= value * (1 + 1e-9)) * power:.12g}")


@cache
def controls() -> Mapping[str, Control]:
    """Return every control by its key: the inputs of the schema, then the law book."""
    inputs = [_input(name, info) for name, info in leaves(Scenario) if name not in _HIDDEN]
    return {c.key: c for c in [*inputs, *_of_law()]}


def _input(name: str, info: FieldInfo) -> Control:
    said, top = about(info), name.partition(".")[0]
    kind, choices = _kind(info.annotation)
    bounds: dict[str, Any] = {}
    for limit in info.metadata:
        for sign, side, open_ in (("ge", "low", False), ("gt", "low", True),
                                  ("le", "high", False), ("lt", "high", True)):  # fmt: skip
            if (bound := getattr(limit, sign, None)) is not None:
                bounds |= {side: float(bound), f"open_{side}": open_}
    group = _PLACES.get(top, top) if "." in name else "general"
    return Control(
        name, group, kind, said["zh"], said["en"], said["unit"], said["status"], said["source"],
        info.default, choices=choices, **bounds,
    )  # fmt: skip


def _kind(annotation: Any) -> tuple[Kind, tuple[Choice, ...]]:
    if get_origin(annotation) is Literal:
        return "choice", tuple(Choice(v, str(v), str(v)) for v in get_args(annotation))
    kinds: dict[Any, Kind] = {
        bool: "yes", int: "whole", float: "number", date: "day", str: "text"
    }  # fmt: skip
    return kinds.get(annotation, "list"), ()


def _of_law() -> list[Control]:
    found = []
    for entry in book():
        found.append(_entry(entry))
        if entry.reading.options:
            found.append(_reading(entry))
    return sorted(found, key=lambda c: (_rank(c), c.key))


def _rank(control: Control) -> int:
    """Numbers and readings come before duties and names, which no run can turn."""
    return 0 if control.numeric or control.choices else 1 if control.kind == "list" else 2


def _entry(entry: Entry) -> Control:
    value = entry.value
    kind: Kind = "text"
    bounds: dict[str, Any] = {}
    if isinstance(value, bool):
        kind = "yes"
    elif isinstance(value, int | float):
        kind = "whole" if isinstance(value, int) and entry.unit in WHOLE_UNITS else "number"
        bounds = {"high": 0.0} if value < 0 else {"low": 0.0}
        if entry.unit == "1" and 0 <= value <= 1:
            bounds = {"low": 0.0, "high": 1.0}
    elif isinstance(value, list):
        kind = "list"
    return Control(
        LAW + entry.id, "law", kind, entry.name["zh"], entry.name["en"], entry.unit, entry.status,
        entry.clause, value, quote=entry.quote, **bounds,
    )  # fmt: skip


def _reading(entry: Entry) -> Control:
    choices = [Choice(k, said["zh"], said["en"]) for k, said in entry.reading.options.items()]
    return Control(
        LAW + entry.id + READING_SUFFIX, "law", "choice", f"{entry.name['zh']}：解读",
        f"{entry.name['en']}: reading", "text", entry.status, entry.clause, entry.reading.option,
        choices=tuple(choices), quote=entry.quote,
    )  # fmt: skip


def found(group: str, query: str = "", changed: Sequence[str] = ()) -> list[Control]:
    """Return the controls of a group that match a query; a query looks through all groups.

    Parameters
    ----------
    group : str
        One of `GROUPS`.
    query : str
    changed : sequence of str
        The keys of the group ``changed``.
    """
    every = controls()
    if query.strip():
        return [c for c in every.values() if c.matches(query)]
    if group == "common":
        return [every[key] for key in COMMON]
    if group == "changed":
        return [every[key] for key in changed if key in every]
    return [c for c in every.values() if c.group == group]
