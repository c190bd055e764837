"""Where a result comes from: its scenario written out, its hash, the manifest of its making."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import tomli_w

from zibo_sim.fields import about, leaves
from zibo_sim.scenario import FILES, Scenario, Source
from zibo_sim.words import labelled, listed, said_source, unit_said, word

#: Said of a list's file in a run folder, behind where its name came from.
LIST_HASH = "; sha256 "
#: How a value that no file set is told from one that a file did.
DEFAULT_SAID = {"en": "default, ", "zh": "默认，"}
_DEPENDENCIES = (
    "numpy", "scipy", "simpy", "pandas", "pyarrow", "numba", "pydantic", "chinesecalendar",
)  # fmt: skip


def code_hash() -> str:
    """Return a hash of the package's own code and law book."""
    root = Path(__file__).parent
    digest = hashlib.sha256()
    for file in sorted([*root.rglob("*.py"), *root.glob("law/*.toml")]):
        digest.update(file.relative_to(root).as_posix().encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def content_hash(scenario: Scenario, seed: int, replications: int) -> str:
    """Return a hash of everything that fixes a result: inputs, code, seed, replications."""
    inputs = scenario.model_dump(mode="json")
    for key in FILES:
        if path := scenario.get(key):  # the list counts, not where it lies
            group, name = key.split(".")
            inputs[group][name] = file_hash(path)
    said = json.dumps([inputs, code_hash(), seed, replications], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


def file_hash(path: str) -> str:
    """Return a hash of what a file holds."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def manifest(
    scenario: Scenario, seed: int, replications: int, command: list[str]
) -> dict[str, Any]:
    """Return what a run folder says of its making."""
    return {
        "package": "zibo_sim",
        "version": metadata.version("zibo-sim"),
        "python": platform.python_version(),
        "dependencies": {name: metadata.version(name) for name in _DEPENDENCIES},
        "seed": seed,
        "replications": replications,
        "content": content_hash(scenario, seed, replications),
        "command": command,
    }


def resolved_toml(
    scenario: Scenario,
    sources: Iterable[Source] = (),
    lang: str = "en",
    *,
    with_folders: bool = True,
) -> str:
    """Return a scenario with every value written out, each with where it came from.

    The text is itself a scenario file that loads to the same scenario.

    Parameters
    ----------
    scenario : Scenario
    sources : iterable of Source
    lang : {"en", "zh"}
    with_folders : bool
        Whether the lists it names are given with their folders. Without, a file's name and hash
        say which one is to be laid beside the scenario before it is run.
    """
    origins = {source.key: source.origin for source in sources}
    lines = [_toml("title", scenario.title), _toml("question", scenario.question)]
    top = list[str]()
    groups = dict[str, list[str]]()
    for name, info in leaves(Scenario):
        if name in ("title", "question", "law", "law_notes"):
            continue
        value: Any = scenario
        for part in name.split("."):
            value = getattr(value, part)
        group, _, key = name.rpartition(".")
        said = about(info)
        origin = origins.get(name) or _default_said(said, lang)
        if name in FILES and value and not with_folders:
            origin += f"{LIST_HASH}{file_hash(value)}; not kept here: lay it beside this file"
            value = Path(value).name
        line = f"{_toml(key, value)}{remark_head(said, lang)}{origin}"
        (groups.setdefault(group, []) if group else top).append(line)
    lines += top
    for group, entries in groups.items():
        lines += ["", f"[{group}]", *entries]
    if scenario.law:
        lines += ["", "[law]"]
        lines += [
            f"{_law_toml(scenario, key)}  # {origins.get(f'law.{key}', 'changed')}"
            for key in scenario.law
        ]
    return "\n".join(lines) + "\n"


def remark_head(about: Mapping[str, Any], lang: str) -> str:
    """Return what stands behind an input's value, before where it came from: unit, meaning."""
    unit = unit_said(str(about.get("unit")), lang) or "1"
    return "  # " + listed((unit, str(about.get(lang)), ""), lang, "clause")


def _default_said(about: Mapping[str, Any], lang: str) -> str:
    status = word(f"status.{about['status']}", lang) if lang == "zh" else about["status"]
    return DEFAULT_SAID[lang] + labelled(status, said_source(about["source"], lang), lang)


def _toml(key: str, value: Any) -> str:
    value = list(value) if isinstance(value, tuple) else value
    text = tomli_w.dumps({key: _listed(value)}, multiline_strings=False)
    return " ".join(line.strip() for line in text.strip().split("\n"))


def _law_toml(scenario: Scenario, key: str) -> str:
    """Return one change of the law, as a table where it says its status and source."""
    value, note = scenario.law[key], scenario.law_notes.get(key)
    if note is None:
        return _toml(key, value)
    name = _toml(key, True).removesuffix(" = true")
    parts = [_toml(part, said) for part, said in {"value": value, **note}.items()]
    return f"{name} = {{ {', '.join(parts)} }}"


def _listed(value: Any) -> Any:
    return [_listed(v) for v in value] if isinstance(value, list | tuple) else value
