"""A study file becomes a frozen `Study`: a base, factors, a design, outputs, replications.

Every fault of a file is reported at once, with the nearest known name.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import prod
from pathlib import Path
from typing import Any

import tomli_w

from zibo_sim.errors import Refused, unknown
from zibo_sim.scenario import DEFAULT, FILES, Scenario, find, load
from zibo_sim.study.checks import (
    DESIGNS,
    MOST_POINTS,
    level_faults,
    outputs_of,
    points_faults,
)
from zibo_sim.study.factor import Factor, factor_keys
from zibo_sim.study.factor_file import PARTS, read_factor

KEYS = ("title", "base", "design", "points", "replications", "seed", "outputs", "factors")
MOST_REPLICATIONS = 1_000_000
MOST_RUNS = 20_000_000
_SEEDS = 2**63


@dataclass(frozen=True)
class Study:
    """A planned set of runs.

    Attributes
    ----------
    title : str
    base : Scenario
        What every point starts from.
    base_name : str
        How the study file names it.
    design : {"grid", "lhs", "sobol", "morris", "saltelli"}
    points : int or None
        As the design counts them: rows, for ``saltelli`` the base number; None for a grid.
    replications, seed : int
        Replication r of every point shares its draws with replication r of all others.
    outputs : tuple of str
        Metrics of the result, in the order of the study file.
    factors : tuple of Factor
    file : str
        The file it was read from, for what is said of it; empty where there is none.

    Examples
    --------
    >>> study = study_of({
    ...     "design": "lhs", "points": 16, "replications": 2, "outputs": ["air.heavy_days"],
    ...     "factors": {"air.response.compliance": {"low": 0.5, "high": 1.0}},
    ... })
    >>> study.keys, study.rows, study.runs
    (('air.response.compliance',), 16, 32)
    """

    title: str
    base: Scenario
    base_name: str
    design: str
    points: int | None
    replications: int
    seed: int
    outputs: tuple[str, ...]
    factors: tuple[Factor, ...]
    file: str = field(default="", compare=False)

    @property
    def keys(self) -> tuple[str, ...]:
        """The factors' keys, in the study's order."""
        return tuple(factor.key for factor in self.factors)

    @property
    def trajectories(self) -> int:
        """How many trajectories a Morris design has."""
        return (self.points or 0) // (len(self.factors) + 1)

    @property
    def rows(self) -> int:
        """How many points the design has."""
        k = len(self.factors)
        if self.design == "grid":
            return prod(len(factor.values) for factor in self.factors)
        if self.design == "morris":
            return self.trajectories * (k + 1)
        return (self.points or 0) * (k + 2 if self.design == "saltelli" else 1)

    @property
    def runs(self) -> int:
        """How many runs the study takes."""
        return self.rows * self.replications

    def to_toml(self, base: str | None = None) -> str:
        """Return the study as a canonical file: every key, in one order.

        Parameters
        ----------
        base : str, optional
            Another name for the base.
        """
        head: dict[str, Any] = {"title": self.title, "base": base or self.base_name}
        head |= {"design": self.design} | ({} if self.points is None else {"points": self.points})
        head |= {"replications": self.replications, "seed": self.seed}
        outputs = "".join(f"  {_toml_value(name)},\n" for name in self.outputs)
        lines = [f"{_toml_key(f.key)} = {_toml_value(f.as_toml())}\n" for f in self.factors]
        return f"{tomli_w.dumps(head)}outputs = [\n{outputs}]\n\n[factors]\n{''.join(lines)}"


def _toml_key(key: str) -> str:
    return tomli_w.dumps({key: True}).removesuffix(" = true\n")


def _toml_value(value: Any) -> str:
    if isinstance(value, Mapping):
        inside = ", ".join(f"{_toml_key(k)} = {_toml_value(v)}" for k, v in value.items())
        return f"{{ {inside} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml_value, value))}]"
    return tomli_w.dumps({"v": value}).removeprefix("v = ").strip()


def load_study(path: str | Path) -> Study:
    """Load a study from a TOML file.

    Parameters
    ----------
    path : str or Path
        The base it names is looked for beside it first, then among the scenarios.

    Returns
    -------
    Study

    Raises
    ------
    Refused
        With the file and all its faults.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> study = study_of({"design": "grid", "factors": {"cloud.audit.servers": [1, 2]}})
    >>> with TemporaryDirectory() as place:
    ...     file = Path(place) / "study.toml"
    ...     written = file.write_text(study.to_toml(), encoding="utf-8")
    ...     load_study(file).keys
    ('cloud.audit.servers',)
    """
    file = Path(path)
    try:
        table = tomllib.loads(file.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Refused(
            "is not UTF-8 text; a study is a TOML file in UTF-8", where=str(path)
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise Refused(f"is not TOML: {error}", where=str(path)) from None
    except OSError as error:
        raise Refused(f"cannot be read: {error.strerror}", where=str(path)) from None
    try:
        return replace(study_of(table, file.stem, beside=file), file=str(path))
    except Refused as refusal:
        raise refusal.at(str(path)) from None


def study_of(table: Mapping[str, Any], name: str = "study", beside: Path | None = None) -> Study:
    """Make a study of a table as a study file has it.

    Parameters
    ----------
    table : mapping
        ``base`` may also be a `Scenario`.
    name : str
        The title where the table has none.
    beside : Path, optional
        The file whose folder is looked in first for the base and for files factors name.

    Returns
    -------
    Study

    Raises
    ------
    Refused
        With every fault at once.

    Examples
    --------
    >>> study = study_of({"design": "grid", "factors": {"cloud.audit.servers": [1, 2, 3]}})
    >>> study.rows, study.replications
    (3, 1)
    """
    faults = [unknown("key", key, KEYS) for key in table if key not in KEYS]
    base, base_name = _base(table.get("base", DEFAULT), beside, faults)
    factors = _factors(table, beside, faults)
    design = table.get("design")
    if design is None:
        faults.append(f"design: missing; allowed: {', '.join(DESIGNS)}")
    elif design not in DESIGNS:
        faults.append(f"design: {unknown('design', str(design), DESIGNS)}")
    title = table.get("title", name)
    if not isinstance(title, str) or not title.strip():
        faults.append(f"title: {title!r} is refused; allowed is a text")
    replications = _whole(table, "replications", 1, 1, MOST_REPLICATIONS, faults)
    seed = _whole(table, "seed", 1, 0, _SEEDS - 1, faults)
    if base is not None:
        faults += [fault for factor in factors for fault in level_faults(base, factor)]
    outputs = outputs_of(table, base, factors, faults)
    points = table.get("points")
    if design in DESIGNS and (factors or not table.get("factors")):
        faults += points_faults(design, points, factors)
    if faults or base is None:
        raise Refused(*dict.fromkeys(faults))
    study = Study(
        title, base, base_name, str(design), points, replications, seed, outputs, factors
    )  # fmt: skip
    if study.rows > MOST_POINTS or study.runs > MOST_RUNS:
        raise Refused(
            f"{study.rows} points × {replications} replications are refused; allowed are "
            f"{MOST_POINTS} points and {MOST_RUNS} runs"
        )
    return study


def notes(study: Study) -> list[str]:
    """Return what is worth knowing of a study that is allowed but not at its best."""
    points, k = study.points or 0, len(study.factors)
    if study.design == "sobol" and points & (points - 1):
        near = 1 << points.bit_length()
        return [f"points: {points} is no power of 2; a Sobol design is balanced with {near}"]
    if study.design == "morris" and points != study.rows:
        return [
            f"points: {study.rows} of {points} are used: {study.trajectories} trajectories of "
            f"{k + 1} points"
        ]
    return []


def _base(given: Any, beside: Path | None, faults: list[str]) -> tuple[Scenario | None, str]:
    if isinstance(given, Scenario):
        return given, given.title
    if not isinstance(given, str | Path):
        faults.append(f"base: {given!r} is refused; allowed is a scenario's name or path")
        return None, ""
    try:
        return load(find(str(given), beside=beside)), str(given)
    except Refused as refusal:
        faults += refusal.at("base").faults
        return None, ""


def _factors(
    table: Mapping[str, Any], beside: Path | None, faults: list[str]
) -> tuple[Factor, ...]:
    given = table.get("factors")
    if not isinstance(given, Mapping) or not given:
        said = "missing" if given is None else f"{given!r} is refused"
        faults.append(f'factors: {said}; [factors] has lines like "cloud.audit.servers" = [1, 2]')
        return ()
    found = []
    for key, said in _flat(given, faults).items():
        try:
            found.append(read_factor(key, _beside(key, said, beside)))
        except Refused as refusal:
            faults += refusal.at("factors").faults
    return tuple(found)


def _flat(given: Mapping[str, Any], faults: list[str], prefix: str = "") -> dict[str, Any]:
    """Unfold nested tables to dotted keys, so that keys may stand without quotes."""
    flat: dict[str, Any] = {}
    known = set(factor_keys())
    for key, said in given.items():
        name = f"{prefix}{key}"
        nested = isinstance(said, Mapping) and name not in known and not set(PARTS) & set(said)
        inner = _flat(said, faults, f"{name}.") if nested and said else {name: said}
        faults += [f"factors: {twice} stands twice" for twice in inner.keys() & flat.keys()]
        flat |= inner
    return flat


def _beside(key: str, said: Any, beside: Path | None) -> Any:
    """Return the levels of an input that names files as they are seen from the study's folder."""
    if key not in FILES or not isinstance(said, list | tuple):
        return said
    folder = beside.parent if beside else Path()
    return [str((folder / v).absolute()) if isinstance(v, str) and v else v for v in said]


def _whole(
    table: Mapping[str, Any], key: str, default: int, low: int, high: int, faults: list[str]
) -> int:
    value = table.get(key, default)
    if type(value) is int and low <= value <= high:
        return value
    faults.append(f"{key}: {value!r} is refused; allowed is a whole number from {low} to {high}")
    return default
