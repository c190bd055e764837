"""What a desk command hands back: how much was written, and what to say about it, twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from zibo_sim.errors import ZiboSimError

Lang = Literal["zh", "en"]


class Said(NamedTuple):
    """One sentence in both languages."""

    zh: str
    en: str

    def of(self, lang: str) -> str:
        """Return the sentence in one language."""
        return self.zh if lang == "zh" else self.en


def at_row(row: int, column: str, said: Said) -> Said:
    """Say it of one cell, named by its row as the file counts them and its header."""
    return Said(f"第{row}行“{column}”列：{said.zh}", f"row {row}, column {column}: {said.en}")


def joined(sentences: Iterable[Said]) -> Said:
    """Put several sentences into one."""
    found = list(sentences)
    return Said("；".join(s.zh for s in found), "; ".join(s.en for s in found))


class BadRow(ZiboSimError):
    """Why one record of a file could not be worked out; the others are."""

    def __init__(self, *said: Said) -> None:
        self.said = joined(said)
        super().__init__(self.said.en)


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
