"""What a desk command hands back: how much was written, and what to say about it, twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from zibo_sim.tables.said import Said


@dataclass(frozen=True)
class Outcome:
    """What became of one file.

    Attributes
    ----------
    written : int
        Rows of the output, its header not counted.
    errors : int
        How many of them have ``status = error``.
    notes : mapping of language to sentences
        For standard error: what was counted, what is missing.
    """

    written: int
    errors: int
    notes: Mapping[str, tuple[str, ...]]


def notes(sentences: Iterable[Said]) -> dict[str, tuple[str, ...]]:
    """Sort sentences by language."""
    found = list(sentences)
    return {"zh": tuple(s.zh for s in found), "en": tuple(s.en for s in found)}
