"""The files of scenarios: where they lie, how they are read, which of them extends which."""

from __future__ import annotations

import os
import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

from zibo_sim.errors import Refused, unknown

DEFAULT = "winter-2018-19"


def folder() -> Path:
    """Return the folder of the scenarios that come with the package."""
    packaged = Path(str(resources.files("zibo_sim"))) / "scenarios"
    return packaged if packaged.is_dir() else packaged.parent.parent / "scenarios"


def names() -> list[str]:
    """Return the names of the scenarios that come with the package, the default first."""
    found = sorted(p.stem for p in folder().glob("*.toml"))
    return sorted(found, key=lambda name: name != DEFAULT)


def find(name: str, beside: Path | None = None) -> Path:
    """Return the file of a scenario given by name or path.

    Parameters
    ----------
    name : str
        A name in ``scenarios/``, or a path.
    beside : Path, optional
        A file whose folder is looked in first (for ``extends``).
    """
    looked = [] if beside is None else [beside.parent / name, beside.parent / f"{name}.toml"]
    for path in [*looked, folder() / f"{name}.toml", Path(name)]:
        if os.path.isfile(path):  # noqa: PTH113 - a name too long for a file is no file
            return path
    if os.path.isdir(name):  # noqa: PTH112
        raise Refused(
            f"{name} is a directory; a scenario is a .toml file or one of the names: "
            f"{', '.join(names())}"
        )
    raise Refused(unknown("scenario", name, names()))


def _read(path: Path) -> dict[str, Any]:
    try:
        data = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Refused(
            "is not UTF-8 text; a scenario is a TOML file in UTF-8", where=str(path)
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise Refused(f"is not TOML: {error}", where=str(path)) from None
    except OSError as error:
        raise Refused(f"cannot be read: {error.strerror}", where=str(path)) from None
    if not data:
        raise Refused("is empty; a scenario says at least title and question", where=str(path))
    return data


def chain(path: Path, seen: tuple[Path, ...] = ()) -> list[tuple[Path, dict[str, Any]]]:
    """Return the files a scenario rests on, the deepest first, itself last."""
    path = path.resolve()
    if path in seen:
        loop = " → ".join(p.name for p in [*seen[seen.index(path) :], path])
        raise Refused(f"extends itself: {loop}", where=str(path))
    data = _read(path)
    parent = data.pop("extends", None)
    if parent is None:
        return [(path, data)]
    if not isinstance(parent, str):
        raise Refused(
            f"extends: {parent!r} is refused; allowed is a name or a path", where=str(path)
        )
    try:
        above = find(parent, beside=path)
    except Refused as refusal:
        raise refusal.at(f"{path}: extends") from None
    return [*chain(above, (*seen, path)), (path, data)]
