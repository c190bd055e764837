"""Sentences in both languages, and what is said of one cell of a table."""

from __future__ import annotations

from collections.abc import Iterable
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
