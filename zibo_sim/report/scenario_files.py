"""The scenario files of a report, so that its runs can be made again from the page alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import PurePath

from zibo_sim.provenance import resolved_toml
from zibo_sim.report import html
from zibo_sim.scenario import DEFAULT, FILES, Scenario, Source, known_keys, load
from zibo_sim.words import word

#: What the base is called, in folders, exports and reports alike.
BASE = "scenario.toml"
_REMARK = "  # "


def file_names(count: int) -> list[str]:
    """Return what the files of a base and its variants are called.

    Parameters
    ----------
    count : int
        How many scenarios there are, the base included.

    Examples
    --------
    >>> file_names(3)
    ['scenario.toml', 'variant_1.toml', 'variant_2.toml']
    """
    return [BASE, *(f"variant_{number}.toml" for number in range(1, count))]


@cache
def _default() -> Scenario:
    return load(DEFAULT)


def short_toml(scenario: Scenario, lang: str) -> str:
    """Return a scenario as a file of what it has otherwise than the default scenario.

    A list it names is given without its folder.

    Parameters
    ----------
    scenario : Scenario
    lang : {"zh", "en"}
        Of the remarks.

    Examples
    --------
    >>> text = short_toml(load().replace({"cloud.audit.servers": 2}), "en")
    >>> text.splitlines()[2], text.splitlines()[5][:11]
    ('extends = "winter-2018-19"', 'servers = 2')
    """
    default, changed = _default(), word("page.changed_here", lang)
    lists = {key: PurePath(name).name for key in FILES if (name := scenario.get(key))}
    plain = scenario.replace(dict.fromkeys(lists, default.get(FILES[0])))
    keys = [key for key in known_keys() if plain.get(key) != default.get(key)]
    sources = [Source(key, plain.get(key), changed) for key in keys]
    known = set(resolved_toml(default, lang=lang).splitlines())
    head, *rest = _groups(resolved_toml(plain, sources, lang))
    title, question, *top = head[1]
    groups = {name: [n for n in said if name == "law" or n not in known] for name, said in rest}
    for key, name in lists.items():
        group, _, last = key.rpartition(".")
        remark = word("page.lay_beside", lang)
        groups.setdefault(group, []).append(f"{last} = {json.dumps(name)}{_REMARK}{remark}")
    lines = [title, question, f'extends = "{DEFAULT}"', *(n for n in top if n not in known)]
    for name, said in groups.items():
        lines += ["", f"[{name}]", *said] if said else []
    return "\n".join(lines) + "\n"


def _groups(text: str) -> list[tuple[str, list[str]]]:
    """Part a scenario file into its groups, the nameless one first."""
    found: list[tuple[str, list[str]]] = [("", [])]
    for line in filter(None, text.splitlines()):
        if line.startswith("["):
            found.append((line.strip("[]"), []))
        else:
            found[-1][1].append(line)
    return found


def scenario_files(scenarios: Sequence[Scenario], lang: str) -> Iterator[str]:
    """Yield the section that holds the files of a base and its variants."""
    yield html.title("page.files", lang)
    yield html.text(word("page.files_note", lang), "small")
    for name, scenario in zip(file_names(len(scenarios)), scenarios, strict=True):
        yield html.heading(name, 4)
        yield html.block(short_toml(scenario, lang))
