"""The page "how the model works" and the glossary, in Chinese and English."""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib import resources

from zibo_sim.errors import Refused, unknown
from zibo_sim.scenario import known_keys
from zibo_sim.words import language, word


@dataclass(frozen=True)
class Term:
    """One word of the field in both languages.

    Attributes
    ----------
    id : str
    name, meaning : mapping of language to str
    see : str
        A clause, a metric or an input it belongs to; empty where it is general.
    """

    id: str
    name: dict[str, str]
    meaning: dict[str, str]
    see: str


def _text(file: str) -> str:
    return resources.files(__package__).joinpath(file).read_text(encoding="utf-8")


@cache
def terms() -> tuple[Term, ...]:
    """Return the glossary in the order of its file."""
    table = tomllib.loads(_text("glossary.toml"))
    return tuple(
        Term(
            id=key,
            name={"zh": entry["zh"], "en": entry["en"]},
            meaning={"zh": entry["meaning_zh"], "en": entry["meaning_en"]},
            see=entry["see"],
        )
        for key, entry in table.items()
    )


def find_terms(query: str = "") -> list[Term]:
    """Return the terms whose id, name or meaning holds `query`; all of them where it is empty.

    Raises
    ------
    Refused
        Where there is none, with the nearest id.

    Examples
    --------
    >>> [term.id for term in find_terms("lead_time")]
    ['lead_time']
    """
    wanted = query.casefold()
    exact = [term for term in terms() if term.id == wanted]
    found = exact or [term for term in terms() if wanted in _all_of(term)]
    if not found:
        raise Refused(unknown("term", query, [term.id for term in terms()]))
    return found


def _all_of(term: Term) -> str:
    return " ".join([term.id, *term.name.values(), *term.meaning.values()]).casefold()


def glossary_text(found: list[Term], lang: str | None = None) -> str:
    """Return terms as a page: both names, the meaning in `lang`, and where it stands."""
    chosen = language(lang)
    other = "en" if chosen == "zh" else "zh"
    paragraphs = []
    for term in found:
        see = f"  [{term.see}]" if term.see else ""
        head = f"{term.name[chosen]} / {term.name[other]} ({term.id})"
        paragraphs.append(f"{head}\n  {term.meaning[chosen]}{see}")
    return "\n".join(paragraphs)


def guide_text(lang: str | None = None) -> str:
    """Return the page "how the model works and what it is not for", its counts filled in.

    Examples
    --------
    >>> guide_text("en").splitlines()[0]
    '# How the model works, and what it is not for'
    """
    chosen = language(lang)
    counts = Counter(about["status"] for about in known_keys().values() if about.get("status"))
    named = ("assumed", "literature", "calibrated")
    rest = {status: n for status, n in counts.items() if status not in named}
    joint, tail = ("、{}{}项", "") if chosen == "zh" else (", {1} `{0}`", "")
    others = "".join(joint.format(word(f"status.{s}", chosen), n) for s, n in rest.items()) + tail
    return _text(f"how-it-works.{chosen}.md").format(
        inputs=sum(counts.values()), standard=others, **{name: counts[name] for name in named}
    )
