"""A variant as a scenario file and as Python; a scenario file as a variant."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import tomli_w

from zibo_sim.errors import Refused
from zibo_sim.law.notes import plain
from zibo_sim.report.summary import said_value
from zibo_sim.scenario import DEFAULT, Scenario, load
from zibo_sim.text import clipped, width
from zibo_sim.whole import whole_file
from zibo_sim.widgets.catalog import controls
from zibo_sim.widgets.state import State, differences, name_of, shipped

_LAW = "law."
_UNSAFE = '/\\:*?"<>|'
_LONGEST_NAME = 48


def scenario_toml(scenario: Scenario, base: Scenario, lang: str = "en") -> str:
    """Return a scenario as a file of its differences from its base.

    Where the base is none of the package's own, the file extends the default scenario and holds
    the base's differences too.
    """
    name = name_of(base)
    parent = base if name else shipped()[DEFAULT]
    lines = [
        _line("title", scenario.title), _line("question", scenario.question),
        _line("extends", name or DEFAULT), "",
    ]  # fmt: skip
    for key, value in differences(parent, scenario).items():
        lines.append(f"{_assigned(key, value)}  # {_remark(key, parent, lang)}")
    return "\n".join(lines).rstrip() + "\n"


def _assigned(key: str, value: Any) -> str:
    if key.startswith(_LAW):
        table = _inline(value)
        return f'law."{key.removeprefix(_LAW)}" = {table}'
    return f"{key} = {_inline(value)}"


def _inline(value: Any) -> str:
    """Return a value as TOML on one line."""
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{k} = {_inline(v)}' for k, v in value.items())} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_inline(v) for v in value)}]"
    return _line("v", value).partition(" = ")[2]


def _line(key: str, value: Any) -> str:
    return tomli_w.dumps({key: value}, multiline_strings=False).strip()


def _remark(key: str, parent: Scenario, lang: str) -> str:
    control, was = controls()[key], said_value(parent.get(key)) or "[]"
    name = " ".join(control.name(lang).split())
    clause = f"; {control.clause}" if control.group == "law" else ""
    return f"{control.unit}; {name}; {was}{clause}".replace("\n", " ")


def save(state: State, path: Path, lang: str = "en", keep: bool = False) -> Path:
    """Write the chosen variant as a scenario file, whole or not at all; return where.

    Parameters
    ----------
    state : State
    path : Path
    lang : {"zh", "en"}
    keep : bool
        Leave another file of that name as it is and number the new one.

    Raises
    ------
    Refused
        Where the file cannot be written.
    """
    content = scenario_toml(state.current(), state.base, lang).encode()
    if keep:
        path = free(path, lambda at: at.is_file() and at.read_bytes() == content)
    with whole_file(path) as file:
        file.write_bytes(content)
    return path


def free(path: Path, same: Callable[[Path], bool]) -> Path:
    """Return the path, numbered where something other than `same` has its name: ``x-2.toml``."""
    ending = path.suffix
    stem = path.name.removesuffix(ending)
    for number in count(1):
        tried = path if number == 1 else path.with_name(f"{stem}-{number}{ending}")
        if not (tried.exists() or tried.is_symlink()) or same(tried):
            return tried
    raise AssertionError("numbers do not end")


def restore(state: State, path: Path) -> None:
    """Make the chosen variant what a scenario file says, as one step.

    Where base and file stand on different scenarios of the package, the file's becomes the base.

    Raises
    ------
    Refused
        With the file and all its faults.
    """
    scenario = load(path)
    parent = _parent(path)
    base = shipped().get(parent or "")
    if base is not None and base != state.base and name_of(state.base):
        state.rebase(base)
    state.put(scenario)


def _parent(path: Path) -> str | None:
    said = tomllib.loads(path.read_bytes().decode("utf-8-sig")).get("extends")
    return said if isinstance(said, str) else None


def file_name(said: str, ending: str) -> str:
    """Return a plain file name with its ending; one that leaves the folder is refused."""
    name = said.strip()
    if not name or name.startswith(".") or any(c in _UNSAFE or ord(c) < 32 for c in name):
        raise Refused(
            f"file name: {said!r} is refused; allowed is a name that does not begin with a dot, "
            'without / \\ : * ? " < > |'
        )
    return name if name.endswith(ending) else name + ending


def suggested(title: str) -> str:
    """Return a title as a file name that is safe anywhere, without its ending."""
    kept = "".join(c if c.isalnum() else "-" for c in title)
    words = [word for word in kept.split("-") if word]
    while words and width("-".join(words)) > _LONGEST_NAME:
        words = words[:-1] if len(words) > 1 else [clipped(words[0], _LONGEST_NAME).rstrip("…")]
    return "-".join(words) or "variant"


# ---- the same in Python ------------------------------------------------------------------------


def python(state: State, replications: int, seed: int) -> str:
    """Return the calls that make the same comparison."""
    base, name = state.base, name_of(state.base)
    lines = ["import zibo_sim as zs", ""]
    if any(isinstance(v, date) for s in state.scenarios() for v in _all(base, s).values()):
        lines.insert(0, "from datetime import date")
    if name:
        lines.append(f'base = zs.load("{name}")')
    else:
        given = {**differences(shipped()[DEFAULT], base), **_header(base)}
        lines += [f'base = zs.load("{DEFAULT}").replace({{', *_items(given), "})"]
    called = []
    for number in range(1, len(state) + 1):
        scenario = state.scenario(number)
        changes = {**differences(base, scenario), **_header(scenario)}
        called.append(f"variant{number}")
        lines += [f"{called[-1]} = base.replace({{", *_items(changes), "})"]
    arms = ", ".join(["base", *called])
    asked = f"replications={replications}, seed={seed}"
    lines += [f"diff = zs.compare({arms}, {asked})", "print(diff.table.to_string())"]
    return "\n".join(lines)


def _all(base: Scenario, scenario: Scenario) -> dict[str, Any]:
    return {**differences(shipped()[DEFAULT], base), **differences(base, scenario)}


def _header(scenario: Scenario) -> dict[str, str]:
    return {"title": scenario.title, "question": scenario.question}


def _items(changes: Mapping[str, Any]) -> list[str]:
    return [f"    {key!r}: {_literal(value)}," for key, value in changes.items()]


def _literal(value: Any) -> str:
    if isinstance(value, date):
        return f"date({value.year}, {value.month}, {value.day})"
    return repr(dict(value)) if isinstance(value, Mapping) else repr(plain(value))
