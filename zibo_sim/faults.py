"""Refusals in the reader's language.

A refusal is raised in English, since it may be caught far from any reader. Where it is shown to one
who reads Chinese, the sentences people meet are said in Chinese; the others stay as they are. Keys,
values and files are kept to the letter.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

#: A key or a file before what is said of it.
_PLACE = re.compile(r"((?:\S+|.+?\.(?:toml|csv|xlsx|parquet))): ")
_COUNT = re.compile(r" … \((\d+) in all\)")


def said_fault(fault: str, lang: str) -> str:
    """Say one fault of a refusal.

    Parameters
    ----------
    fault : str
        As in `Refused.faults`: where, the value, what is allowed.
    lang : {"zh", "en"}

    Returns
    -------
    str

    Examples
    --------
    >>> said_fault("seed: -1 is refused; allowed is 0 to 9", "zh")
    'seed：不接受 -1，允许：0 至 9'
    """
    if lang != "zh":
        return fault
    places, rest = "", fault
    while found := _PLACE.match(rest):
        places += f"{found[1]}："
        rest = rest[found.end() :]
    said = _said("fault", rest)
    return (
        fault if said is None else places + _COUNT.sub(r" 等 \1 个", said.replace(" and no ", "、"))
    )


def said_faults(text: str, lang: str) -> str:
    """Say the faults of a refusal's text, one a line."""
    return "\n".join(said_fault(line, lang) for line in text.splitlines())


def said_usage(text: str, lang: str) -> str:
    """Say what the command line refuses.

    Examples
    --------
    >>> said_usage("No such option '--foo'.", "zh")
    '没有 --foo 这个选项'
    """
    return (_said("usage", text) if lang == "zh" else None) or text


def said_of_row(fault: str, words: Mapping[str, str] | None = None) -> str:
    """Say in Chinese what a rule refuses of one row of a list.

    Parameters
    ----------
    fault : str
        As in `Refused.faults`, without row and column.
    words : mapping of str to str, optional
        How the list's own words are said in Chinese.
    """
    return _said("row", fault, words) or fault


def _said(kind: str, text: str, words: Mapping[str, str] | None = None) -> str | None:
    for pattern, chinese in _patterns()[kind]:
        if found := pattern.fullmatch(text):
            parts = {
                name: (words or {}).get(part, part) for name, part in found.groupdict().items()
            }
            if "a" in parts:
                parts["a"] = _said("part", parts["a"]) or parts["a"]
            return chinese.format(**parts)
    return None


@cache
def _patterns() -> dict[str, list[tuple[re.Pattern[str], str]]]:
    text = resources.files(__package__).joinpath("faults.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    return {kind: [(re.compile(en), zh) for en, zh in rows] for kind, rows in table.items()}
