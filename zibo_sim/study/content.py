"""What fixes a run: the resolved scenario, the code, the seed. Its hash is the run's name."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from zibo_sim.errors import Refused
from zibo_sim.provenance import file_hash
from zibo_sim.scenario import FILES, HEADER, Scenario, known_keys
from zibo_sim.study.spec import Study

#: Rooms the model cannot reach: they show results, and changing them changes none.
OUTSIDE = (
    "answers", "cli", "desk", "evaluation", "explanation", "guide", "ledger", "plots", "report",
    "show", "show_experiments", "widgets",
)  # fmt: skip
VERSIONS = ("numpy", "scipy", "simpy", "numba", "pandas", "chinesecalendar")
_SHOWN = 5
_LENGTH = 32


@cache
def code_version() -> str:
    """Return a hash of the code a run rests on: the package's own, its law book, its libraries."""
    root = Path(__file__).parents[1]
    digest = hashlib.sha256(f"python {sys.version_info[0]}.{sys.version_info[1]}".encode())
    for name in VERSIONS:
        digest.update(f"{name} {metadata.version(name)}".encode())
    for file in sorted([*root.rglob("*.py"), *root.glob("law/*.toml")]):
        where = file.relative_to(root)
        if where.parts[0].removesuffix(".py") not in OUTSIDE:
            digest.update(where.as_posix().encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()


def inputs(scenario: Scenario) -> dict[str, str]:
    """Return every input that can touch a result, as text; of a file, what it holds."""
    plain = {key: _text(key, scenario.get(key)) for key in known_keys() if key not in HEADER}
    return plain | {"law": _text("law", scenario.law)}


def _text(key: str, value: Any) -> str:
    if key in FILES and value:
        return file_hash(value)
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)


def key_of(said: Mapping[str, str], seed: int) -> str:
    """Return the name of the runs with these `inputs`, this code and seed."""
    text = json.dumps([sorted(said.items()), code_version(), seed], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:_LENGTH]


def keys_of(study: Study, points: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the name of the runs of every point.

    Raises
    ------
    Refused
        For points whose values do not go together, with the first of them.
    """
    same, found, faults = inputs(study.base), list[str](), list[str]()
    for number, values in enumerate(points):
        try:
            scenario = study.base.replace(values)
        except Refused as refusal:
            faults.append(f"point {number} ({_said(values)}): {'; '.join(refusal.faults)}")
            continue
        found.append(key_of(same | _changed(scenario, values), study.seed))
    if len(faults) > _SHOWN:
        faults = [*faults[:_SHOWN], f"… and {len(faults) - _SHOWN} more of {len(points)} points"]
    if faults:
        raise Refused(*faults)
    return found


def _changed(scenario: Scenario, keys: Iterable[str]) -> dict[str, str]:
    plain = {key: _text(key, scenario.get(key)) for key in keys if not key.startswith("law.")}
    return plain | {"law": _text("law", scenario.law)}


def _said(values: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{key} = {value if isinstance(value, date) else repr(value)}"
        for key, value in values.items()
    )
